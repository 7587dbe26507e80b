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

/// The diversity of order q of a distribution p, scaled to sum 1: the power mean of
/// order 1 − q of 1/(Zp)ᵢ, weighted by p.
pub fn diversity(
    similarities: &Similarities<'_>,
    t: f64,
    order: f64,
    p: &[f64],
    monitor: &Monitor,
) -> Result<f64> {
    check_order(order)?;
    let p = distribution(p)?;
    let commonness = similarities.apply(t, &p, monitor)?;
    Ok(1.0 / power_mean(&p, &commonness, order))
}

/// Non-negative numbers, divided by their sum.
fn distribution(p: &[f64]) -> Result<Vec<f64>> {
    let is_bad = |x: f64| !(x >= 0.0 && x.is_finite());
    if let Some((i, value)) = p.iter().enumerate().find(|(_, value)| is_bad(**value)) {
        return Err(Error::invalid_at("p", "be non-negative and finite", value, [i]));
    }
    let largest = p.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(Error::invalid("p", "have a positive sum", largest));
    }
    // The largest goes first, so that the sum neither over- nor underflows.
    let parts: Vec<f64> = p.iter().map(|x| x / largest).collect();
    let total: f64 = parts.iter().sum();
    Ok(parts.iter().map(|x| x / total).collect())
}

/// (Σ pᵢ xᵢ^(q−1))^(1/(q−1)) over the i with pᵢ > 0; its limits at q = 1, ∞.
pub fn power_mean(p: &[f64], x: &[f64], order: f64) -> f64 {
    let present = || p.iter().zip(x).filter(|(p, _)| **p > 0.0);
    if order.is_infinite() {
        return present().map(|(_, x)| *x).fold(0.0, f64::max);
    }
    let power = order - 1.0;
    let middle: f64 = present().map(|(p, x)| p * x.ln()).sum();
    let exponents = || present().map(|(p, x)| (p, power * (x.ln() - middle)));
    if exponents().all(|(_, y)| y.abs() <= 1.0) {
        // Next to order 1 the sum of p exp(y) is 1 and little more, which rounding would take.
        let excess: f64 = exponents().map(|(p, y)| p * y.exp_m1()).sum();
        let above = if power == 0.0 { 0.0 } else { excess.ln_1p() / power };
        return (middle + above).exp();
    }
    // The largest power goes first, so that none overflows.
    let logs = || present().map(|(p, x)| (p, x.ln()));
    let sign = power.signum();
    let most = sign * logs().fold(f64::NEG_INFINITY, |most, (_, log)| most.max(sign * log));
    let terms = || logs().map(|(p, log)| p.ln() + power * (log - most));
    let largest = terms().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = terms().map(|term| (term - largest).exp()).sum();
    (most + (largest + sum.ln()) / power).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_means_are_continuous_in_the_order() {
        let p = distribution(&[3.0, 1e-3, 7.0, 0.0, 1e-200]).unwrap();
        let x = [0.3, 1e-3, 0.9, 0.2, 0.5];
        let right = power_mean(&p, &x, 1.0);
        for exponent in 1..16 {
            let step = 10.0_f64.powi(-exponent);
            for order in [1.0 - step, 1.0 + step] {
                let found = power_mean(&p, &x, order);
                assert!((found / right - 1.0).abs() <= 10.0 * step, "{order}: {found} {right}");
                let direct = p.iter().zip(&x).map(|(p, x)| p * x.powf(order - 1.0)).sum::<f64>();
                let direct = direct.powf(1.0 / (order - 1.0));
                assert!((found / direct - 1.0).abs() <= 1e-15 / step, "{order}: {found} {direct}");
            }
        }
        for order in [1e6, 1e300, f64::MAX, f64::INFINITY] {
            assert!((power_mean(&p, &x, order) - 0.9).abs() < 1e-5, "{order}");
        }
    }

    #[test]
    fn weights_of_any_size_make_a_distribution() {
        for size in [1e-320, 1e-300, 1.0, 1e308] {
            assert_eq!(distribution(&[size, 0.0, size]).unwrap(), [0.5, 0.0, 0.5]);
        }
        for bad in [&[0.0, 0.0][..], &[], &[1.0, -1.0], &[f64::NAN], &[f64::INFINITY]] {
            assert!(distribution(bad).is_err(), "{bad:?}");
        }
    }
}
