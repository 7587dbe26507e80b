//! The scales at which a magnitude function is computed when none are given.
//!
//! They run from where the space looks like one point to where it looks like n,
//! in equal ratios. Let D be the largest distance and s(t) the mean over the
//! points of Σ_j exp(−t d_ij), j ≠ i. Where all weights are positive,
//! |tX| ≤ exp(tD). Where Z is positive definite, |tX| is at least the spread
//! Σ_i 1/(1 + s_i), by Jensen's inequality at least n/(1 + s).

use rayon::prelude::*;

use crate::error::Result;
use crate::monitor::Monitor;

/// Upper bound of the magnitude at the first scale.
const ONE: f64 = 1.1;
/// Lower bound of the share of points that the magnitude reaches at the last.
const ALL: f64 = 0.95;
/// Most scales.
const SCALES: i32 = 32;
/// No scale is larger, however near two points are.
const LARGEST: f64 = 1e300;
/// Most of Newton's steps to the last scale, of which about ten are needed.
const STEPS: usize = 100;
/// Relative step that ends them.
const CLOSE: f64 = 1e-9;

/// Ascending scales in the ratio 2^(1/m) with the largest whole m, or else 2^m
/// with the smallest, for which there are at most 32.
///
/// `rows` holds distances from some points to all others. The only scale is 1 if
/// none of these is positive and finite.
pub fn grid(rows: &[Vec<f64>], monitor: &Monitor) -> Result<Vec<f64>> {
    let finite = rows.iter().flatten().copied().filter(|d| *d > 0.0 && d.is_finite());
    let diameter = finite.fold(0.0, f64::max);
    if diameter == 0.0 {
        return Ok(vec![1.0]);
    }
    let first = ONE.ln() / diameter;
    let octaves = (last_scale(rows, first, monitor)? / first).log2();
    let steps = (1..SCALES).rev().map(|m| 1.0 / f64::from(m)).chain((2..).map(f64::from));
    let last = |step: f64| (octaves / step).ceil() as i32;
    let (step, last) = steps
        .map(|step| (step, last(step)))
        .find(|&(_, last)| last < SCALES)
        .expect("long steps are few");
    Ok((0..=last).map(|k| first * (f64::from(k) * step).exp2()).collect())
}

/// Where s(t) is small enough: Newton's method on log s, which is convex, so that
/// no step goes too far.
fn last_scale(rows: &[Vec<f64>], first: f64, monitor: &Monitor) -> Result<f64> {
    let limit = (1.0 / ALL - 1.0) * rows.len() as f64;
    let mut t = first;
    for _ in 0..STEPS {
        let sums = rows.par_iter().map(|row| {
            monitor.check()?;
            Ok(row.iter().fold((0.0, 0.0), |(sum, moment), &d| {
                let z = (-t * d).exp();
                (sum + z, if z > 0.0 { moment + d * z } else { moment })
            }))
        });
        let sums = sums.collect::<Result<Vec<_>>>()?;
        let (sum, moment) = sums.iter().fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
        if sum <= limit {
            break;
        }
        let step = (sum / limit).ln() * sum / moment;
        t = (t + step).min(LARGEST);
        if step <= CLOSE * t {
            break;
        }
    }
    Ok(t)
}
