//! Numbers that sum up a diagram: entropy, total persistence, norms, and the
//! statistics of births, deaths, midpoints and lifetimes.

use ndarray::Array3;

use super::bars::{check_finite_bars, norm, of_each, representable};
use crate::blocks::mapped;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// −Σ p log p in nats, with p the share of a bar in the sum of all lengths; 0 where
/// no bar has any length (Atienza, González-Díaz, Rucco, 2019).
///
/// `normalised` divides by the logarithm of the number of bars that have a length,
/// the largest value; one such bar has 0.
pub fn entropies(
    diagrams: &[Vec<[f64; 2]>],
    normalised: bool,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        Ok(entropy(bars, normalised))
    })
}

/// The entropy of one diagram of finite bars.
pub(super) fn entropy(bars: &[[f64; 2]], normalised: bool) -> f64 {
    let longest = lifetimes(bars).fold(0.0, f64::max);
    let shares = lifetimes(bars).filter(|&length| length > 0.0).map(|length| length / longest);
    let total: f64 = shares.clone().sum();
    let count = shares.clone().count();
    let entropy: f64 = shares.map(|s| s / total).map(|p| -p * p.ln()).sum();
    let most = if normalised && count > 1 { (count as f64).ln() } else { 1.0 };
    // Rounding may leave less than nothing, or more than all, of it.
    (entropy / most).clamp(0.0, (count.max(1) as f64).ln() / most)
}

/// Σ (death − birth)^p of each diagram (Cohen-Steiner, Edelsbrunner, Harer, Mileyko,
/// 2010).
pub fn total_persistences(
    diagrams: &[Vec<[f64; 2]>],
    p: f64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    if !(p > 0.0 && p.is_finite()) {
        return Err(Error::invalid("p", "be a positive number", p));
    }
    of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        representable("p", total_persistence(bars, p))
    })
}

/// The total persistence of one diagram of finite bars.
pub(super) fn total_persistence(bars: &[[f64; 2]], p: f64) -> f64 {
    lifetimes(bars).map(|length| length.powf(p)).sum()
}

/// Bottleneck distance of each diagram from the empty one: half the longest bar.
pub fn bottleneck_norms(diagrams: &[Vec<[f64; 2]>], monitor: &Monitor) -> Result<Vec<f64>> {
    wasserstein_norms(diagrams, f64::INFINITY, f64::INFINITY, monitor)
}

/// p-Wasserstein distance of each diagram from the empty one, with the L^q norm in
/// the plane.
///
/// The nearest point of the diagonal is the midpoint of the bar for every q, at
/// distance 2^{1/q} ℓ/2.
pub fn wasserstein_norms(
    diagrams: &[Vec<[f64; 2]>],
    p: f64,
    q: f64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    for (argument, exponent) in [("p", p), ("q", q)] {
        if exponent.is_nan() || exponent < 1.0 {
            return Err(Error::invalid(argument, "be at least 1", exponent));
        }
    }
    let factor = if q.is_infinite() { 0.5 } else { 0.5 * 2.0_f64.powf(1.0 / q) };
    of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        representable("p", factor * norm(lifetimes(bars), p))
    })
}

/// What [`statistics`] gives of each kind of number.
pub const SUMMARY_NAMES: [&str; 10] =
    ["mean", "sd", "min", "q10", "q25", "median", "q75", "q90", "max", "iqr"];

/// Statistics of births, deaths, midpoints and lifetimes of each diagram (Ali,
/// Asaad, Jimenez, Nanda, Paluzo-Hidalgo, Soriano-Trigueros, IEEE TPAMI 45, 2023);
/// shape (diagrams, 4, names). NaN for diagrams without bars.
///
/// The standard deviation has the number of bars as its divisor; quantiles are
/// linear between the ordered values.
pub fn statistics(diagrams: &[Vec<[f64; 2]>], monitor: &Monitor) -> Result<Array3<f64>> {
    let each = of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        let kinds: [fn(&[f64; 2]) -> f64; 4] = [
            |[birth, _]| *birth,
            |[_, death]| *death,
            |[birth, death]| birth + (death - birth) / 2.0,
            |[birth, death]| death - birth,
        ];
        let mut summaries = Vec::new();
        for kind in kinds {
            summaries.extend(summary(mapped(bars, |bar| Some(kind(bar)), monitor)?, monitor)?);
        }
        Ok(summaries)
    })?;
    let shape = (diagrams.len(), 4, SUMMARY_NAMES.len());
    Ok(Array3::from_shape_vec(shape, each.concat()).expect("ten numbers for each kind"))
}

fn summary(mut values: Vec<f64>, monitor: &Monitor) -> Result<[f64; 10]> {
    if values.is_empty() {
        return Ok([f64::NAN; 10]);
    }
    sort_by(&mut values, f64::total_cmp, monitor)?;
    let count = values.len() as f64;
    // In units of a power of two near the largest no square of weight over- or underflows.
    let largest = values.iter().fold(f64::MIN_POSITIVE, |most, x| x.abs().max(most));
    let unit = largest.log2().ceil().clamp(-1000.0, 1000.0).exp2();
    let mean = values.iter().map(|x| x / unit).sum::<f64>() / count;
    let square = |x: &f64| (x / unit - mean) * (x / unit - mean);
    let sd = (values.iter().map(square).sum::<f64>() / count).sqrt() * unit;
    let at = |share: f64| quantile(&values, share);
    let (low, high) = (values[0], values[values.len() - 1]);
    let (q25, q75) = (at(0.25), at(0.75));
    // The mean of equal numbers may be rounded away from them.
    let mean = (mean * unit).clamp(low, high);
    Ok([mean, sd, low, at(0.1), q25, at(0.5), q75, at(0.9), high, q75 - q25])
}

/// Linear between ordered values.
fn quantile(ordered: &[f64], share: f64) -> f64 {
    let place = share * (ordered.len() - 1) as f64;
    let (below, rest) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(ordered.len() - 1);
    ordered[below] + rest * (ordered[above] - ordered[below])
}

pub(super) fn lifetimes(bars: &[[f64; 2]]) -> impl Iterator<Item = f64> + Clone {
    bars.iter().map(|[birth, death]| death - birth)
}
