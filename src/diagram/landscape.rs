//! Persistence landscapes (Bubenik, JMLR 16, 2015) and silhouettes (Chazal, Fasy,
//! Lecci, Rinaldo, Wasserman, SoCG 2014).
//!
//! A bar [b, d) has the tent Λ(t) = max(0, min(t − b, d − t)). The k-th landscape
//! λ_k(t) is the k-th largest of the tents at t; the silhouette is their weighted
//! mean, with the powers of the lengths as weights.

use ndarray::{Array2, Array3};

use super::bars::{check_bars, check_finite_bars, check_power, of_each, representable};
use crate::error::Result;
use crate::monitor::Monitor;

/// Bars whose tents are looked at between two checks of the monitor.
const BLOCK: usize = 1 << 16;

fn tent(&[birth, death]: &[f64; 2], t: f64) -> f64 {
    (t - birth).min(death - t).max(0.0)
}

/// λ_1, …, λ_k of each diagram at the points of the grid, exactly; shape
/// (diagrams, k, grid). Bars that never end have tents that never come down.
pub fn landscapes(
    diagrams: &[Vec<[f64; 2]>],
    k: usize,
    grid: &[f64],
    monitor: &Monitor,
) -> Result<Array3<f64>> {
    let each = of_each(diagrams, monitor, |bars| {
        check_bars(bars)?;
        let mut landscape = Array2::zeros((k, grid.len()));
        for (&t, mut column) in grid.iter().zip(landscape.columns_mut()) {
            let highest = highest_tents(bars, k, t, monitor)?;
            column.iter_mut().zip(highest).for_each(|(value, height)| *value = height);
        }
        Ok(landscape.into_raw_vec_and_offset().0)
    })?;
    let shape = (diagrams.len(), k, grid.len());
    Ok(Array3::from_shape_vec(shape, each.concat()).expect("a height for each point"))
}

/// The k highest tents at t, the highest first, without those of height 0.
fn highest_tents(bars: &[[f64; 2]], k: usize, t: f64, monitor: &Monitor) -> Result<Vec<f64>> {
    let mut heights = Vec::new();
    for block in bars.chunks(BLOCK) {
        monitor.check()?;
        heights.extend(block.iter().map(|bar| tent(bar, t)).filter(|&height| height > 0.0));
    }
    let falling = |a: &f64, b: &f64| b.total_cmp(a);
    if heights.len() > k {
        if k > 0 {
            heights.select_nth_unstable_by(k - 1, falling);
        }
        heights.truncate(k);
    }
    heights.sort_unstable_by(falling);
    Ok(heights)
}

/// Σ ℓ^power Λ(t) / Σ ℓ^power over the bars, of length ℓ, of each diagram; 0 where
/// no bar has any length. A row a diagram.
pub fn silhouettes(
    diagrams: &[Vec<[f64; 2]>],
    power: f64,
    grid: &[f64],
    monitor: &Monitor,
) -> Result<Array2<f64>> {
    let each = of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        let weights = relative_powers(bars, power);
        let total: f64 = weights.iter().sum();
        let mut silhouette = vec![0.0; grid.len()];
        if total > 0.0 {
            for (value, &t) in silhouette.iter_mut().zip(grid) {
                monitor.check()?;
                let weighted = bars.iter().zip(&weights).map(|(bar, w)| w * tent(bar, t));
                *value = weighted.sum::<f64>() / total;
            }
        }
        Ok(silhouette)
    })?;
    let shape = (diagrams.len(), grid.len());
    Ok(Array2::from_shape_vec(shape, each.concat()).expect("a number for each point"))
}

/// (ℓ / largest ℓ)^power, which has the same ratios as ℓ^power and no overflow; 0
/// for bars without length, whatever the power.
fn relative_powers(bars: &[[f64; 2]], power: f64) -> Vec<f64> {
    let longest = bars.iter().fold(0.0, |m: f64, [birth, death]| m.max(death - birth));
    let relative = |[birth, death]: &[f64; 2]| {
        if death > birth { ((death - birth) / longest).powf(power) } else { 0.0 }
    };
    bars.iter().map(relative).collect()
}

/// The L^p norm of each landscape, (Σ_k ∫ λ_k(t)^p dt)^{1/p}.
///
/// At every t the landscapes are the tents in another order, so the integral is
/// that of the tents: Σ 2 (ℓ/2)^{p+1} / (p+1).
pub fn landscape_norms(diagrams: &[Vec<[f64; 2]>], p: f64, monitor: &Monitor) -> Result<Vec<f64>> {
    check_power("p", p)?;
    of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        let halves = bars.iter().map(|[birth, death]| (death - birth) / 2.0);
        let highest = halves.clone().fold(0.0, f64::max);
        if p.is_infinite() || highest == 0.0 {
            return Ok(highest);
        }
        let integral: f64 = halves.map(|half| half * (half / highest).powf(p)).sum();
        representable("p", highest * (2.0 * integral / (p + 1.0)).powf(1.0 / p))
    })
}
