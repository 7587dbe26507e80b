//! Betti curves: the number of bars alive at each scale.

use ndarray::Array2;

use super::bars::{check_bars, check_finite_bars, check_power, of_each, representable};
use crate::blocks::mapped;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// β(t), the number of bars with birth <= t < death, at each point of the grid;
/// a row a diagram.
pub fn betti_curves(
    diagrams: &[Vec<[f64; 2]>],
    grid: &[f64],
    monitor: &Monitor,
) -> Result<Array2<i64>> {
    let curves = of_each(diagrams, monitor, |bars| {
        check_bars(bars)?;
        let (births, deaths) = sorted_ends(bars, monitor)?;
        let up_to = |ends: &[f64], t: f64| ends.partition_point(|&end| end <= t) as i64;
        Ok(grid.iter().map(|&t| up_to(&births, t) - up_to(&deaths, t)).collect::<Vec<_>>())
    })?;
    let shape = (diagrams.len(), grid.len());
    Ok(Array2::from_shape_vec(shape, curves.concat()).expect("a number for each point"))
}

/// The L^p norm of each Betti curve, (∫ β(t)^p dt)^{1/p}, exactly.
pub fn betti_norms(diagrams: &[Vec<[f64; 2]>], p: f64, monitor: &Monitor) -> Result<Vec<f64>> {
    check_power("p", p)?;
    of_each(diagrams, monitor, |bars| {
        check_finite_bars(bars)?;
        let (births, deaths) = sorted_ends(bars, monitor)?;
        let (mut born, mut dead, mut start) = (0, 0, f64::NEG_INFINITY);
        // How long so many are alive.
        let mut steps = Vec::new();
        while dead < deaths.len() {
            monitor.check()?;
            let birth = births.get(born).copied().unwrap_or(f64::INFINITY);
            let end = birth.min(deaths[dead]);
            let alive = born - dead;
            if alive > 0 && end > start {
                steps.push((alive as f64, end - start));
            }
            start = end;
            if birth <= deaths[dead] { born += 1 } else { dead += 1 }
        }
        let highest = steps.iter().fold(0.0, |most: f64, (alive, _)| most.max(*alive));
        if p.is_infinite() || highest == 0.0 {
            return Ok(highest);
        }
        // Of shares of the largest, so that no power overflows.
        let parts = steps.iter().map(|(alive, length)| (alive / highest).powf(p) * length);
        representable("p", highest * parts.sum::<f64>().powf(1.0 / p))
    })
}

fn sorted_ends(bars: &[[f64; 2]], monitor: &Monitor) -> Result<(Vec<f64>, Vec<f64>)> {
    let ends = |which: usize| {
        let mut ends = mapped(bars, |bar| Some(bar[which]), monitor)?;
        sort_by(&mut ends, f64::total_cmp, monitor)?;
        Ok(ends)
    };
    Ok((ends(0)?, ends(1)?))
}
