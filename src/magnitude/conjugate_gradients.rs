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
use super::preconditioner::{Neighbors, Preconditioner};
use super::similarity::steps;
use super::tiles::{Source, Tile32, Tiles, longest};
use crate::error::Result;
use crate::monitor::Monitor;

/// By this factor the residual is to shrink before it is computed anew.
const GAIN: f64 = 1e-5;
/// The largest error of a weight counts by this factor, in parts of the largest
/// weight: without it weights of points that lie close together would be vague.
const LACK: f64 = 0.1;
/// Less than this factor between two true residuals is too little for float32.
const SLOW: f64 = 0.02;
/// Most true residuals of a scale.
const CYCLES: usize = 8;
/// Most products between two of them.
const MOST: usize = 300;
/// More products in float32 than between the last two, where these were enough.
const SPARE: usize = 4;
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
/// Units of progress of a scale.
const UNITS: f64 = 64.0;

/// What has been reached at one scale.
#[derive(Debug, Clone)]
pub struct Solution {
    /// The weights.
    pub x: Vec<f64>,
    /// 2·1ᵀx − xᵀZx: for a residual r it is off by rᵀZ⁻¹r.
    pub magnitude: f64,
    /// xᵀ(D∘Z)x.
    pub slope: f64,
    /// Largest entry of |Zx − 1|.
    pub residual: f64,
}

/// What is to be right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// Residuals, up to a tolerance, and weights, up to ten times as much of the
    /// largest one.
    Weights(f64),
    /// Magnitudes: the square of the tolerance bounds what they lack, in parts.
    Values(f64),
}

impl Goal {
    fn tol(self) -> f64 {
        match self {
            Goal::Weights(tol) | Goal::Values(tol) => tol,
        }
    }
}

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
    let ts: Vec<_> = ts.iter().map(|t| t / unit).collect();
    let mut similarities = Products {
        source,
        unit: *unit,
        single: Tiles::made(source, *unit, FARTHEST).with(single),
        exact: Tiles::made(source, *unit, longest(&ts)),
        neighbors,
        factors: if *factors { Inverse::Possible } else { Inverse::Refused },
    };
    let len = similarities.exact.padded_len();
    let mut scales = Vec::with_capacity(ts.len());
    for &t in &ts {
        let inverse = neighbors.at(t * unit, monitor)?;
        let exact = !SINGLE.contains(&t);
        scales.push(Scale::new(source.len(), len, inverse, goal, exact));
    }
    let mut directions = vec![0.0; ts.len() * len];
    let mut solutions = vec![None; ts.len()];
    while scales.iter().any(|scale| scale.state == State::Active) {
        similarities.approach(&ts, &mut scales, &mut directions, monitor)?;
        let resting = select(&scales, |scale| scale.state == State::Resting);
        let mut x = vec![0.0; ts.len() * len];
        resting.iter().for_each(|&k| x[k * len..(k + 1) * len].copy_from_slice(&scales[k].x));
        let steps = steps(&ts, &resting);
        let (products, slopes) = similarities.exact.multiply::<true>(&steps, &x, monitor)?;
        for ((&k, z), slope) in resting.iter().zip(products.chunks_exact(len)).zip(slopes) {
            solutions[k] = Some(scales[k].correct(z, slope, source.len()));
        }
        let mut resting: Vec<_> =
            scales.iter_mut().filter(|scale| scale.state == State::Resting).collect();
        similarities.invert(&mut resting, monitor)?;
        for scale in resting {
            scale.judge();
        }
    }
    scales.iter_mut().try_for_each(|scale| scale.report(0.0, monitor))?;
    let done = scales.iter().map(|scale| scale.state == State::Done);
    Ok(solutions.into_iter().zip(done).map(|(found, done)| found.filter(|_| done)).collect())
}

/// Products with Z in both kinds of numbers, and approximately with its inverse.
struct Products<'a> {
    source: &'a Source<'a>,
    unit: f64,
    single: Tiles<'a, f32>,
    exact: Tiles<'a, f64>,
    neighbors: &'a Neighbors,
    factors: Inverse,
}

/// Factors at one scale.
enum Inverse {
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
            scales.iter_mut().filter(|scale| scale.state == State::Active).collect();
        self.invert(&mut starting, monitor)?;
        active(scales, directions, len).into_par_iter().for_each(|(scale, p)| scale.turn(p));
        loop {
            let going = |exact| {
                select(scales, |scale| scale.state == State::Active && scale.exact == exact)
            };
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
                scales.iter_mut().filter(|scale| scale.state == State::Active).collect();
            self.invert(&mut moved, monitor)?;
            active(scales, directions, len)
                .into_par_iter()
                .try_for_each(|(scale, p)| scale.go_on(p, monitor))?;
        }
    }

    /// Makes factors once enough scales have taken long without getting there: at one
    /// of these scales, for all of them.
    fn factor(&mut self, ts: &[f64], scales: &mut [Scale], monitor: &Monitor) -> Result<()> {
        let late = select(scales, |scale| scale.state == State::Active && scale.count >= LATE);
        if !matches!(self.factors, Inverse::Possible) || late.len() * WORTH < self.source.len() {
            return Ok(());
        }
        let middle = late[(MIDDLE * (late.len() - 1) as f64).round() as usize];
        let factors = Factors::new(self.source, ts[middle] * self.unit, monitor)?;
        self.factors = factors.map_or(Inverse::Refused, Inverse::Made);
        if matches!(self.factors, Inverse::Made(_)) {
            for scale in &mut scales[..=late[late.len() - 1]] {
                scale.factored = true;
                scale.fresh = true;
            }
        }
        Ok(())
    }

    /// z ≈ Z⁻¹r at these scales.
    fn invert(&self, scales: &mut [&mut Scale], monitor: &Monitor) -> Result<()> {
        scales.par_iter_mut().filter(|scale| !scale.factored).for_each(|scale| {
            let Scale { inverse, exact, r, z, .. } = &mut **scale;
            match inverse {
                Some(inverse) => inverse.apply(self.neighbors, *exact, r, z),
                None => z.copy_from_slice(r),
            }
        });
        let Inverse::Made(factors) = &self.factors else { return Ok(()) };
        let factored = scales.iter_mut().filter(|scale| scale.factored);
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
    all.filter(|(scale, _)| scale.state == State::Active).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// On its way to the goal.
    Active,
    /// At the goal, or as near as it gets: its true residual is to be computed.
    Resting,
    /// Within tolerance.
    Done,
    /// Z is not positive definite, or too badly conditioned.
    Failed,
}

/// One scale on its way.
struct Scale {
    x: Vec<f64>,
    r: Vec<f64>,
    /// About what x lacks.
    z: Vec<f64>,
    inverse: Option<Preconditioner>,
    /// Whether factors at another scale stand in for it.
    factored: bool,
    rz: f64,
    state: State,
    /// Whether products are in float64.
    exact: bool,
    /// Z has looked indefinite or singular, as rounding may make it.
    stuck: bool,
    /// The next direction is to have none of the last one.
    fresh: bool,
    /// How far x was from a solution at the last true residual.
    last: f64,
    /// Its largest entry.
    residual: f64,
    /// What is to be right in the end.
    wanted: Goal,
    /// How far it may be when the next one is computed.
    goal: f64,
    /// True residuals so far.
    cycles: usize,
    /// Products since the last, and how many there may be.
    count: usize,
    most: usize,
    /// Logarithm of the distance that is small enough.
    target: f64,
    reported: u64,
}

impl Scale {
    /// x = 0, with `points` entries and zeros up to `len`.
    fn new(
        points: usize,
        len: usize,
        inverse: Option<Preconditioner>,
        wanted: Goal,
        exact: bool,
    ) -> Self {
        let mut ones = vec![1.0; points];
        ones.resize(len, 0.0);
        Self {
            x: vec![0.0; len],
            r: ones,
            z: vec![0.0; len],
            inverse,
            factored: false,
            rz: 0.0,
            state: State::Active,
            exact,
            stuck: false,
            fresh: true,
            last: 1.0,
            residual: 1.0,
            wanted,
            goal: GAIN.max(0.5 * wanted.tol()),
            cycles: 0,
            count: 0,
            most: MOST,
            target: (0.5 * wanted.tol()).ln(),
            reported: 0,
        }
    }

    /// How far x is from what is wanted, by z ≈ Z⁻¹r, which x still lacks.
    fn distance(&self) -> f64 {
        match self.wanted {
            Goal::Weights(_) => largest(&self.r).max(LACK * largest(&self.z) / largest(&self.x)),
            // rᵀZ⁻¹r is what the magnitude lacks.
            Goal::Values(_) => (dot(&self.r, &self.z) / self.x.iter().sum::<f64>()).abs().sqrt(),
        }
    }

    /// Turns p towards what x lacks.
    fn turn(&mut self, p: &mut [f64]) {
        let rz = dot(&self.r, &self.z);
        let beta = if self.fresh { 0.0 } else { rz / self.rz };
        self.fresh = false;
        self.rz = rz;
        for (p, z) in p.iter_mut().zip(&self.z) {
            let direction = z + beta * *p;
            // Products are to be with the direction as it is.
            *p = if self.exact { direction } else { f64::from(direction as f32) };
        }
    }

    /// One step along p, with y = Zp.
    fn step(&mut self, p: &mut [f64], y: &[f64]) {
        let (mut pp, mut py, mut pr) = (0.0, 0.0, 0.0);
        for ((&p, y), r) in p.iter().zip(y).zip(&self.r) {
            pp += p * p;
            py += p * y;
            pr += p * r;
        }
        let noise = if self.exact { f64::EPSILON } else { f32::EPSILON.into() };
        if py <= noise * pp || py.is_nan() {
            self.stuck = true;
            self.state = State::Resting;
            return;
        }
        let alpha = pr / py;
        for (((&p, y), r), x) in p.iter().zip(y).zip(&mut self.r).zip(&mut self.x) {
            *x += alpha * p;
            *r -= alpha * y;
        }
        self.count += 1;
    }

    /// Rests at the goal, or turns p.
    fn go_on(&mut self, p: &mut [f64], monitor: &Monitor) -> Result<()> {
        let distance = self.distance();
        if distance <= self.goal || self.count >= self.most {
            self.state = State::Resting;
        } else {
            self.turn(p);
        }
        self.report(distance, monitor)
    }

    /// Takes the true residual, given Zx.
    fn correct(&mut self, z: &[f64], slope: f64, points: usize) -> Solution {
        self.r.iter_mut().zip(z).take(points).for_each(|(r, z)| *r = 1.0 - z);
        let solution = Solution::new(&self.x[..points], &self.r[..points], slope);
        self.residual = solution.residual;
        solution
    }

    /// Decides whether the true residual is good enough, or how to go on.
    fn judge(&mut self) {
        let distance = self.distance();
        let slow = self.stuck || distance > SLOW * self.last;
        self.cycles += 1;
        let spent = slow && self.exact || self.cycles == CYCLES;
        let enough = if spent { distance.min(self.residual) } else { distance };
        self.state = match enough <= self.wanted.tol() {
            true => State::Done,
            false if spent => State::Failed,
            false => State::Active,
        };
        self.exact |= slow;
        // By factors few steps are left, which the last direction would disturb.
        self.fresh = slow || self.factored;
        self.stuck = false;
        self.most = if self.exact { MOST } else { self.count + SPARE };
        self.count = 0;
        self.goal = (GAIN * distance).max(0.5 * self.wanted.tol());
        self.last = distance;
    }

    /// Reports progress by the digits of x.
    fn report(&mut self, distance: f64, monitor: &Monitor) -> Result<()> {
        let units = (UNITS * distance.ln() / self.target).clamp(0.0, UNITS) as u64;
        let news = units.saturating_sub(self.reported);
        self.reported += news;
        monitor.advance(news)
    }
}

impl Solution {
    /// For weights x with residual r = 1 − Zx and xᵀ(D∘Z)x.
    pub fn new(x: &[f64], r: &[f64], slope: f64) -> Self {
        let (mut sum, mut correction, mut residual) = (0.0, 0.0, 0.0_f64);
        for (x, r) in x.iter().zip(r) {
            sum += x;
            correction += x * r;
            // Not `max`, which would lose NaN.
            residual = if r.abs() <= residual { residual } else { r.abs() };
        }
        Self { x: x.to_vec(), magnitude: sum + correction, slope, residual }
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
