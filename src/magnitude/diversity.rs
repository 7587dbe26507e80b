//! Diversity of similar points: that of Leinster and Cobbold for a
//! distribution, and the spread.

use super::checks::check_order;
use super::similarities::Similarities;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// The spread Σᵢ 1/Σⱼ Zᵢⱼ over all given points: the diversity of order 0 of
/// the uniform distribution.
///
/// Copies of a point are points of their own here, as near ones are.
pub fn spread(similarities: &Similarities<'_>, t: f64, monitor: &Monitor) -> Result<f64> {
    let sums = similarities.apply(t, &vec![1.0; similarities.len()], monitor)?;
    Ok(sums.iter().map(|sum| 1.0 / sum).sum())
}

/// The diversity of order q of a distribution p: the power mean of order 1 − q
/// of 1/(Zp)ᵢ, weighted by p.
pub fn diversity(
    similarities: &Similarities<'_>,
    t: f64,
    order: f64,
    p: &[f64],
    monitor: &Monitor,
) -> Result<f64> {
    check_order(order)?;
    check_distribution(p)?;
    let commonness = similarities.apply(t, p, monitor)?;
    Ok(1.0 / power_mean(p, &commonness, order))
}

fn check_distribution(p: &[f64]) -> Result<()> {
    if let Some((i, value)) =
        p.iter().enumerate().find(|(_, value)| value.is_nan() || **value < 0.0)
    {
        return Err(Error::invalid_at("p", "be non-negative", value, [i]));
    }
    let total: f64 = p.iter().sum();
    // As far off as single precision leaves it.
    if (total - 1.0).abs() > 1e-5 {
        return Err(Error::invalid("p", "sum to 1", total));
    }
    Ok(())
}

/// (Σ pᵢ xᵢ^(q−1))^(1/(q−1)) over the i with pᵢ > 0; its limits at q = 1, ∞.
pub fn power_mean(p: &[f64], x: &[f64], order: f64) -> f64 {
    let present = || p.iter().zip(x).filter(|(p, _)| **p > 0.0);
    if order == 1.0 {
        return present().map(|(p, x)| p * x.ln()).sum::<f64>().exp();
    }
    // The largest goes first, so that no power of a large order underflows.
    let largest = present().map(|(_, x)| *x).fold(0.0, f64::max);
    if order.is_infinite() {
        return largest;
    }
    let sum: f64 = present().map(|(p, x)| p * (x / largest).powf(order - 1.0)).sum();
    largest * sum.powf(1.0 / (order - 1.0))
}
