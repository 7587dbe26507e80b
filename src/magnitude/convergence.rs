//! The scale at which the magnitude has come close to the number of points.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::similarities::Similarities;
use super::solve::real::Real;
use crate::arch::dispatch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// How close the spread has to come to its goal: Newton doubles the digits.
const CLOSE: f64 = 1e-3;

/// The last relative step; its square is the error that is left.
const LAST_STEP: f64 = 3e-5;

/// Scales that differ by no more, in parts, are the same.
const SAME: f64 = 1e-9;

/// The first scale that is looked at, in the inverse of the longest distance; by the
/// shortest one, no similarity is left at the last.
const SMALL: f64 = 1e-6;
const APART: f64 = 40.0;

/// Up to so many times the first scale a magnitude function is straight enough to be
/// told from one that is below the share before the first scale.
const STRAIGHT: f64 = 1000.0;

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

/// The scale t at which |tX| is a share of the number n of distinct points; 0 if
/// no scale is below that share.
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
    let reach = similarities.reach(monitor)?;
    let Some((shortest, longest)) = reach.filter(|_| share * n > 1.0) else {
        // One point is the share, or all pairs are infinitely far at every scale.
        return Ok(ConvergenceScale { t: 0.0, solves: 0 });
    };
    let start = SMALL / longest;
    let ends = (start, ((APART + n.ln()) / shortest).min(f64::MAX));
    // log(1 − v/n), less where it has to be.
    let gap = |value: f64| if value < n { ((1.0 - value / n) / (1.0 - share)).ln() } else { NEVER };
    let mut t = scale_of_spread(similarities, ends, gap, monitor)?;
    let (mut below, mut above) = (0.0, f64::INFINITY);
    for solves in 1..=PATIENCE {
        let found = &similarities.solve_values(&[t], monitor)?[0];
        let missing = gap(found.magnitude);
        // Where Z is not definite the magnitude says nothing: only above all
        // such scales does it rise to n.
        let definite = found.negative_eigenvalues == 0;
        if !definite || missing > 0.0 {
            below = t;
        } else {
            above = t;
        }
        let step = missing * (n - found.magnitude) / found.slope;
        if definite && step.abs() <= LAST_STEP * t {
            return Ok(ConvergenceScale { t: t + step, solves });
        }
        if above <= below * (1.0 + SAME) {
            return Ok(ConvergenceScale { t: above, solves });
        }
        let newton = if definite { t + step } else { NEVER };
        if above <= STRAIGHT * start && newton <= 0.0 {
            // The line that the function is there reaches scale 0 above the share.
            return Ok(ConvergenceScale { t: 0.0, solves });
        }
        let inside = below < newton && newton < above;
        t = if inside { newton } else { middle(below.max(ends.0), above.min(ends.1)) };
    }
    Err(lost("magnitude"))
}

/// Less than any logarithm of a share.
const NEVER: f64 = f64::NEG_INFINITY;

fn lost(what: &str) -> Error {
    Error::Numerical(format!("the {what} does not come close to the number of points"))
}

fn middle(below: f64, above: f64) -> f64 {
    below.sqrt() * above.sqrt()
}

/// About the scale between two `ends` at which the gap of the spread is zero, by the
/// Illinois method; the first end if it is there already.
///
/// The spread is Σ 1/(1 + s_i), where s_i sums the similarities of a point to all
/// others; here over a sample.
fn scale_of_spread(
    similarities: &Similarities<'_>,
    ends: (f64, f64),
    gap: impl Fn(f64) -> f64,
    monitor: &Monitor,
) -> Result<f64> {
    let rows = similarities.sample(monitor)?;
    let n = similarities.n_distinct() as f64;
    let missing_at = |t| Ok(gap(n * mean_diversity(&rows, t, monitor)?));
    let (mut below, mut above) = ((ends.0, missing_at(ends.0)?), (ends.1, NEVER));
    if below.1 <= 0.0 {
        return Ok(ends.0);
    }
    let mut t = (1.0 / nearest_distance(&rows)).clamp(ends.0, ends.1);
    let mut last_side = 0;
    for _ in 0..PATIENCE {
        let missing = missing_at(t)?;
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
        Ok(1.0 / (1.0 + dispatch(SimilaritySum { t, distances: row })))
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
                sums[lane] += (self.t * distances[lane]).exp_minus::<S>();
            }
        }
        let mut sum = 0.0;
        for &d in rest {
            sum += (self.t * d).exp_minus::<S>();
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
    let nearest = rows.iter().filter_map(|row| row.first()).filter(|d| d.is_finite());
    let nearest: Vec<f64> = nearest.copied().collect();
    nearest.get(nearest.len() / 2).copied().unwrap_or(1.0)
}
