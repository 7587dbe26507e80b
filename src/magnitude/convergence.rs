//! The scale at which the magnitude has come close to the number of points.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::similarities::Similarities;
use super::solve::real::Real;
use crate::arch::arch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// How close the spread has to come to its goal: Newton doubles the digits.
const CLOSE: f64 = 1e-3;

/// The last relative step; its square is the error that is left.
const LAST_STEP: f64 = 3e-5;

/// Most evaluations of a function in a search; the searches need about ten.
const PATIENCE: usize = 200;

/// A scale, and what it has taken to find it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConvergenceScale {
    /// The scale.
    pub t: f64,
    /// How often a weighting has been computed.
    pub solves: usize,
}

/// The scale t at which |tX| is a share of the number n of distinct points; 0
/// if one point is that share already.
///
/// Newton's method on log(1 − |tX|/n), which is nearly straight where few
/// neighbours overlap, with the exact slope. It starts where the spread, which
/// needs no weighting and is a little smaller than the magnitude, has that
/// value for some of the points, so that two or three weightings are enough.
pub fn convergence_scale(
    similarities: &Similarities<'_>,
    share: f64,
    monitor: &Monitor,
) -> Result<ConvergenceScale> {
    if !(share > 0.0 && share < 1.0) {
        return Err(Error::invalid("share", "be above 0 and below 1", share));
    }
    let n = similarities.n_distinct() as f64;
    if share * n <= 1.0 {
        return Ok(ConvergenceScale { t: 0.0, solves: 0 });
    }
    // log(1 − v/n), less where it has to be.
    let gap = |value: f64| if value < n { ((1.0 - value / n) / (1.0 - share)).ln() } else { NEVER };
    let start = scale_of_spread(similarities, gap, monitor)?;
    let (mut t, mut below, mut above) = (start, 0.0, f64::INFINITY);
    for solves in 1..=PATIENCE {
        let found = &similarities.solve_values(&[t], monitor)?[0];
        let missing = gap(found.magnitude);
        // Where Z is not definite the magnitude says nothing: only above all
        // such scales does it rise to n.
        let definite = found.negative_eigenvalues.unwrap_or(0) == 0;
        if !definite || missing > 0.0 {
            below = t;
        } else {
            above = t;
        }
        let step = missing * (n - found.magnitude) / found.slope;
        if definite && step.abs() <= LAST_STEP * t {
            return Ok(ConvergenceScale { t: t + step, solves });
        }
        let newton = if definite { t + step } else { NEVER };
        t = if below < newton && newton < above { newton } else { middle(below, above) };
    }
    Err(lost("magnitude"))
}

/// Less than any logarithm of a share.
const NEVER: f64 = f64::NEG_INFINITY;

fn lost(what: &str) -> Error {
    Error::Numerical(format!("the {what} does not come close to the number of points"))
}

fn middle(below: f64, above: f64) -> f64 {
    if above.is_finite() { 0.5 * (below + above) } else { 2.0 * below }
}

/// About the scale at which the gap of the spread is zero, by the Illinois method.
///
/// The spread is Σ 1/(1 + s_i), where s_i sums the similarities of a point to all
/// others; here over a sample.
fn scale_of_spread(
    similarities: &Similarities<'_>,
    gap: impl Fn(f64) -> f64,
    monitor: &Monitor,
) -> Result<f64> {
    let rows = similarities.sample(monitor)?;
    let n = similarities.n_distinct() as f64;
    let mut t = 1.0 / nearest_distance(&rows);
    // At scale 0 all points are one.
    let (mut below, mut above) = ((0.0, gap(1.0)), (f64::INFINITY, NEVER));
    let mut last_side = 0;
    for _ in 0..PATIENCE {
        let missing = gap(n * mean_diversity(&rows, t, monitor)?);
        if missing.abs() <= CLOSE || above.0 - below.0 <= CLOSE * t {
            return Ok(t);
        }
        let side = if missing > 0.0 { -1 } else { 1 };
        if side < 0 {
            below = (t, missing);
        } else {
            above = (t, missing);
        }
        if side == last_side {
            // The other end has stayed: half its weight draws the next one there.
            let other = if side < 0 { &mut above.1 } else { &mut below.1 };
            *other *= 0.5;
        }
        last_side = side;
        let secant = below.0 + (above.0 - below.0) * below.1 / (below.1 - above.1);
        let inside = below.0 < secant && secant < above.0;
        t = if inside { secant } else { middle(below.0, above.0) };
    }
    Err(lost("spread"))
}

/// The mean of 1/(1 + s_i) over some points, given by their distances to others.
fn mean_diversity(rows: &[Vec<f64>], t: f64, monitor: &Monitor) -> Result<f64> {
    let each = rows.par_iter().map(|row| {
        monitor.check()?;
        Ok(1.0 / (1.0 + arch().dispatch(SimilaritySum { t, distances: row })))
    });
    let each = each.collect::<Result<Vec<_>>>()?;
    Ok(each.iter().sum::<f64>() / each.len() as f64)
}

/// Σ exp(−t d).
struct SimilaritySum<'a> {
    t: f64,
    distances: &'a [f64],
}

impl WithSimd for SimilaritySum<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        const LANES: usize = 16;
        let mut sums = [0.0; LANES];
        let (whole, rest) = self.distances.as_chunks::<LANES>();
        for distances in whole {
            for lane in 0..LANES {
                sums[lane] += (self.t * distances[lane]).exp_minus();
            }
        }
        let mut sum = 0.0;
        for &d in rest {
            sum += (self.t * d).exp_minus();
        }
        for part in sums {
            sum += part;
        }
        sum
    }
}

/// The median distance from some points, given by their distances to others, to
/// their nearest neighbours.
fn nearest_distance(rows: &[Vec<f64>]) -> f64 {
    let nearest = rows.iter().map(|row| row.iter().copied().fold(f64::INFINITY, f64::min));
    let mut nearest: Vec<f64> = nearest.filter(|d| d.is_finite()).collect();
    nearest.sort_by(f64::total_cmp);
    nearest.get(nearest.len() / 2).copied().unwrap_or(1.0)
}
