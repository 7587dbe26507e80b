//! The largest diversity of all distributions on a space.

use super::checks::check_scale;
use super::options::MagnitudeOptions;
use super::similarities::Similarities;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::Space;

/// How often all points on the wrong side are exchanged in vain before they
/// are exchanged one by one.
const PATIENCE: usize = 3;

/// The most diverse distribution, with a certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxDiversity {
    /// 1/(pᵀZp), which p attains.
    pub value: f64,
    /// What no distribution can exceed.
    pub upper_bound: f64,
    /// p, one entry for each given point; copies have equal shares.
    pub distribution: Vec<f64>,
}

/// The maximum of 1/(pᵀZp) over all distributions p.
///
/// The maximum is the magnitude of the support of p, on which the weighting is
/// positive, while (Zw)ᵢ ≥ 1 at all other points; by Leinster and Meckes it is
/// the largest diversity of every order. The support is found by block
/// principal pivoting (Portugal, Júdice and Vicente 1994), which ends with the
/// exact one if Z is positive definite: points with negative weights leave,
/// those with (Zw)ᵢ < 1 enter.
pub fn max_diversity(
    space: &Space<'_>,
    t: f64,
    options: &MagnitudeOptions,
    monitor: &Monitor,
) -> Result<MaxDiversity> {
    check_scale("t", t)?;
    let similarities = Similarities::new(space, options, monitor)?;
    let mut inside = vec![true; space.len()];
    let found = similarities.solve(&[t], monitor)?.remove(0);
    // All parts of a positive definite matrix are.
    if found.negative_eigenvalues > 0 {
        let message = format!("the similarity matrix at t = {t} is not positive definite");
        return Err(Error::Numerical(message));
    }
    let mut weights = found.weights;
    let (mut fewest, mut patience) = (usize::MAX, PATIENCE);
    loop {
        monitor.check()?;
        let sums = similarities.apply(t, &weights, monitor)?;
        let is_wrong = |i: usize| match inside[i] {
            true => weights[i] < 0.0,
            false => sums[i] < 1.0 - 10.0 * options.tol,
        };
        let wrong: Vec<usize> = (0..space.len()).filter(|&i| is_wrong(i)).collect();
        if wrong.is_empty() {
            return certified(&similarities, t, &weights, monitor);
        }
        if wrong.len() < fewest {
            (fewest, patience) = (wrong.len(), PATIENCE);
        } else {
            patience = patience.saturating_sub(1);
        }
        // Murty's rule, one at a time and always the last, cannot cycle.
        let exchanged = if patience > 0 { &wrong[..] } else { &wrong[wrong.len() - 1..] };
        exchanged.iter().for_each(|&i| inside[i] = !inside[i]);
        let support: Vec<usize> = (0..space.len()).filter(|&i| inside[i]).collect();
        let part = space.select(&support, monitor)?;
        let part = Similarities::new(&part, options, monitor)?;
        weights.fill(0.0);
        let solved = part.solve(&[t], monitor)?.remove(0).weights;
        support.iter().zip(solved).for_each(|(&i, weight)| weights[i] = weight);
    }
}

/// p = w/Σw, and the bound (pᵀZp)/min (Zp)ᵢ² on the diversity of any other r:
/// min (Zp)ᵢ ≤ rᵀZp ≤ √(rᵀZr pᵀZp).
fn certified(
    similarities: &Similarities<'_>,
    t: f64,
    weights: &[f64],
    monitor: &Monitor,
) -> Result<MaxDiversity> {
    let total: f64 = weights.iter().sum();
    let distribution: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
    let commonness = similarities.apply(t, &distribution, monitor)?;
    let mean: f64 = distribution.iter().zip(&commonness).map(|(p, z)| p * z).sum();
    let least = commonness.iter().fold(f64::INFINITY, |m, &z| m.min(z));
    let value = 1.0 / mean;
    // Not below it by rounding.
    let upper_bound = value.max(mean / (least * least));
    Ok(MaxDiversity { value, upper_bound, distribution })
}
