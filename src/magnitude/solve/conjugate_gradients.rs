//! Conjugate gradients for all scales at once.
//!
//! Z is positive definite for most metrics, and far better conditioned than a
//! Gaussian kernel, so that a few dozen products with Z solve Zw = 1. Products
//! take nearly all of the time: they are done in float32, for all scales that
//! have not converged in one pass over the distances. In between, the true
//! residual 1 − Zw is computed in float64, and the iteration goes on from there;
//! where float32 gets no further, it goes on in float64.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::factors::Factors;
use super::preconditioner::Neighbors;
use super::scale::{Goal, Inverse, Phase, Scale, Solution, UNITS};
use super::similarity::steps;
use super::smooth::Smooth;
use super::tiles::{Source, Tile32, Tiles, longest};
use crate::error::Result;
use crate::monitor::Monitor;

/// Longer distances count as this one, in the unit.
const FARTHEST: f64 = 1e30;
/// Scales in the unit at which float32 can tell them apart.
const SINGLE: RangeInclusive<f64> = 1e-27..=1e30;
/// After so many products in a row factors may be better.
const LATE: usize = 20;
/// They are, if they serve at least one scale for so many points.
const WORTH: usize = 400;
/// The place of the scale of the factors among those that they serve, from the
/// smallest to the largest.
const MIDDLE: f64 = 0.6;

/// What does not depend on the scale.
#[derive(Debug)]
pub struct Prepared {
    /// A power of two, near the inverse of the largest distance.
    unit: f64,
    /// Distances in float32, if they are to be held.
    single: Vec<Tile32>,
    /// Whether there is room for factors.
    factors: bool,
    neighbors: Neighbors,
}

impl Prepared {
    /// `hold` distances, and take room for `factors`.
    pub fn new(
        source: &Source<'_>,
        (hold, factors): (bool, bool),
        monitor: &Monitor,
    ) -> Result<Self> {
        let unit = source.unit();
        let single = match hold {
            true => Tiles::made(source, unit, FARTHEST).hold(monitor)?,
            false => Vec::new(),
        };
        Ok(Self { unit, single, factors, neighbors: Neighbors::new(source, monitor)? })
    }
}

/// Solves at ascending scales; `None` where Z is not positive definite, or so
/// near to it that the goal is out of reach.
pub fn solve(
    source: &Source<'_>,
    prepared: &Prepared,
    ts: &[f64],
    goal: Goal,
    monitor: &Monitor,
) -> Result<Vec<Option<Solution>>> {
    monitor.expect(ts.len() as u64 * UNITS as u64);
    let Prepared { unit, single, factors, neighbors } = prepared;
    let ts: Vec<_> = ts.iter().map(|t| (t / unit).clamp(f64::MIN_POSITIVE, f64::MAX)).collect();
    let smooth = match ts.first() {
        Some(t) => Smooth::new(source, t * unit, monitor)?,
        None => None,
    };
    let mut similarities = Products {
        source,
        unit: *unit,
        single: Tiles::made(source, *unit, FARTHEST).with(single),
        exact: Tiles::made(source, *unit, longest(&ts)),
        neighbors,
        smooth: smooth.as_ref(),
        factors: if *factors { Help::Possible } else { Help::Refused },
    };
    let len = similarities.exact.padded_len();
    let mut scales = Vec::with_capacity(ts.len());
    for &t in &ts {
        let inverse = neighbors.at(t * unit, monitor)?;
        let coarse = match &smooth {
            Some(smooth) => smooth.at(t * unit, neighbors, inverse.as_ref(), monitor)?,
            None => None,
        };
        let exact = !SINGLE.contains(&t);
        let inverse = Inverse::Neighbors(inverse, coarse);
        scales.push(Scale::new(source.len(), len, inverse, goal, exact));
    }
    let mut directions = vec![0.0; ts.len() * len];
    let mut solutions = vec![None; ts.len()];
    while scales.iter().any(|scale| scale.phase.is_active()) {
        similarities.approach(&ts, &mut scales, &mut directions, monitor)?;
        let resting = select(&scales, |scale| scale.phase.is_resting());
        let mut x = vec![0.0; ts.len() * len];
        resting.iter().for_each(|&k| x[k * len..(k + 1) * len].copy_from_slice(&scales[k].x));
        let steps = steps(&ts, &resting);
        let (products, slopes) = similarities.exact.multiply::<true>(&steps, &x, monitor)?;
        for ((&k, z), slope) in resting.iter().zip(products.chunks_exact(len)).zip(slopes) {
            solutions[k] = Some(scales[k].correct(z, slope, source.len()));
        }
        let mut resting: Vec<_> =
            scales.iter_mut().filter(|scale| scale.phase.is_resting()).collect();
        similarities.invert(&mut resting, monitor)?;
        for scale in resting {
            scale.judge();
        }
    }
    scales.iter_mut().try_for_each(|scale| scale.report(0.0, monitor))?;
    let done = scales.iter().map(|scale| scale.phase == Phase::Done);
    Ok(solutions.into_iter().zip(done).map(|(found, done)| found.filter(|_| done)).collect())
}

/// Products with Z in both kinds of numbers, and approximately with its inverse.
struct Products<'a> {
    source: &'a Source<'a>,
    unit: f64,
    single: Tiles<'a, f32>,
    exact: Tiles<'a, f64>,
    neighbors: &'a Neighbors,
    smooth: Option<&'a Smooth>,
    factors: Help,
}

/// Whether factors at one scale help.
enum Help {
    /// Not yet made.
    Possible,
    Made(Factors),
    /// There is no room, or Z is not positive definite.
    Refused,
}

impl Products<'_> {
    /// Iterates until every scale rests, each along its direction.
    fn approach(
        &mut self,
        ts: &[f64],
        scales: &mut [Scale],
        directions: &mut [f64],
        monitor: &Monitor,
    ) -> Result<()> {
        let len = self.exact.padded_len();
        let mut starting: Vec<_> =
            scales.iter_mut().filter(|scale| scale.phase.is_active()).collect();
        self.invert(&mut starting, monitor)?;
        active(scales, directions, len).into_par_iter().for_each(|(scale, p)| scale.turn(p));
        loop {
            let going =
                |exact| select(scales, |scale| scale.phase.is_active() && scale.exact == exact);
            let (single, double) = (going(false), going(true));
            if single.is_empty() && double.is_empty() {
                return Ok(());
            }
            let mut products = Vec::with_capacity(2);
            if !single.is_empty() {
                let rounded: Vec<_> = directions.par_iter().map(|&p| p as f32).collect();
                let steps = steps(ts, &single);
                products.push(self.single.multiply::<false>(&steps, &rounded, monitor)?.0);
            }
            if !double.is_empty() {
                let steps = steps(ts, &double);
                products.push(self.exact.multiply::<false>(&steps, directions, monitor)?.0);
            }
            let mut moving = active(scales, directions, len);
            // The products are in this order.
            moving.sort_by_key(|(scale, _)| scale.exact);
            let products: Vec<_> = products.iter().flat_map(|y| y.chunks_exact(len)).collect();
            moving.into_par_iter().zip(products).for_each(|((scale, p), y)| scale.step(p, y));
            self.factor(ts, scales, monitor)?;
            let mut moved: Vec<_> =
                scales.iter_mut().filter(|scale| scale.phase.is_active()).collect();
            self.invert(&mut moved, monitor)?;
            active(scales, directions, len)
                .into_par_iter()
                .try_for_each(|(scale, p)| scale.go_on(p, monitor))?;
        }
    }

    /// Makes factors once enough scales have taken long without getting there: at one
    /// of these scales, for all of them.
    fn factor(&mut self, ts: &[f64], scales: &mut [Scale], monitor: &Monitor) -> Result<()> {
        let late = select(scales, |scale| scale.phase.is_active() && scale.count >= LATE);
        if !matches!(self.factors, Help::Possible) || late.len() * WORTH < self.source.len() {
            return Ok(());
        }
        let middle = late[(MIDDLE * (late.len() - 1) as f64).round() as usize];
        let factors = Factors::new(self.source, ts[middle] * self.unit, monitor)?;
        self.factors = factors.map_or(Help::Refused, Help::Made);
        if matches!(self.factors, Help::Made(_)) {
            scales[..=late[late.len() - 1]].iter_mut().for_each(Scale::take_factors);
        }
        Ok(())
    }

    /// z ≈ Z⁻¹r at these scales.
    fn invert(&self, scales: &mut [&mut Scale], monitor: &Monitor) -> Result<()> {
        scales.par_iter_mut().for_each(|scale| {
            let Scale { inverse, exact, r, z, .. } = &mut **scale;
            let Inverse::Neighbors(inverse, coarse) = inverse else { return };
            let inverse = inverse.as_ref();
            let fine = |r: &[f64], z: &mut [f64]| match inverse {
                Some(inverse) => inverse.apply(self.neighbors, *exact, r, z),
                None => z.copy_from_slice(r),
            };
            match self.smooth.zip(coarse.as_ref()) {
                Some((smooth, coarse)) => smooth.apply(coarse, r, z, fine),
                None => fine(r, z),
            }
        });
        let Help::Made(factors) = &self.factors else { return Ok(()) };
        let factored = scales.iter_mut().filter(|scale| matches!(scale.inverse, Inverse::Factors));
        let mut pairs: Vec<_> = factored.map(|scale| (&scale.r[..], &mut scale.z[..])).collect();
        factors.apply(&mut pairs, monitor)
    }
}

fn select(scales: &[Scale], which: impl Fn(&Scale) -> bool) -> Vec<usize> {
    (0..scales.len()).filter(|&k| which(&scales[k])).collect()
}

/// The active scales with their directions.
fn active<'a>(
    scales: &'a mut [Scale],
    directions: &'a mut [f64],
    len: usize,
) -> Vec<(&'a mut Scale, &'a mut [f64])> {
    let all = scales.iter_mut().zip(directions.chunks_exact_mut(len));
    all.filter(|(scale, _)| scale.phase.is_active()).collect()
}
