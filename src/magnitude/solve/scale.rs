//! Conjugate gradients at one scale.

use super::preconditioner::Preconditioner;
use super::smooth::Coarse;
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
/// Units of progress of a scale.
pub const UNITS: f64 = 64.0;

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

/// Where a scale is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// About to go on in a direction that has none of the last one.
    Fresh,
    /// Going on from direction to direction.
    Moving,
    /// At the goal, or as near as it gets: its true residual is to be computed.
    Resting,
    /// The same, since Z has looked indefinite or singular, as rounding may make it.
    Stuck,
    /// Within tolerance.
    Done,
    /// Z is not positive definite, or too badly conditioned.
    Failed,
}

impl Phase {
    /// On the way to the goal.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Fresh | Self::Moving)
    }

    /// Waiting for the true residual.
    pub fn is_resting(self) -> bool {
        matches!(self, Self::Resting | Self::Stuck)
    }
}

/// What stands in for Z⁻¹.
pub enum Inverse {
    /// What neighbours tell, and the directions of which they know nothing, where
    /// either is of use.
    Neighbors(Option<Preconditioner>, Option<Coarse>),
    /// Factors at another scale.
    Factors,
}

/// One scale on its way.
pub struct Scale {
    pub x: Vec<f64>,
    pub r: Vec<f64>,
    /// About what x lacks.
    pub z: Vec<f64>,
    pub inverse: Inverse,
    rz: f64,
    pub phase: Phase,
    /// Whether products are in float64.
    pub exact: bool,
    /// How far x was from a solution at the last true residual.
    last: f64,
    /// Largest entry of that residual.
    residual: f64,
    /// What is to be right in the end.
    wanted: Goal,
    /// How far it may be when the next one is computed.
    goal: f64,
    /// True residuals so far.
    cycles: usize,
    /// Products since the last, and how many there may be.
    pub count: usize,
    most: usize,
    /// Logarithm of the distance that is small enough.
    target: f64,
    reported: u64,
}

impl Scale {
    /// x = 0, with `points` entries and zeros up to `len`.
    pub fn new(points: usize, len: usize, inverse: Inverse, wanted: Goal, exact: bool) -> Self {
        let mut ones = vec![1.0; points];
        ones.resize(len, 0.0);
        Self {
            x: vec![0.0; len],
            r: ones,
            z: vec![0.0; len],
            inverse,
            rz: 0.0,
            phase: Phase::Fresh,
            exact,
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
    pub fn turn(&mut self, p: &mut [f64]) {
        let rz = dot(&self.r, &self.z);
        let beta = if self.phase == Phase::Fresh { 0.0 } else { rz / self.rz };
        self.phase = Phase::Moving;
        self.rz = rz;
        for (p, z) in p.iter_mut().zip(&self.z) {
            let direction = z + beta * *p;
            // Products are to be with the direction as it is.
            *p = if self.exact { direction } else { f64::from(direction as f32) };
        }
    }

    /// One step along p, with y = Zp.
    pub fn step(&mut self, p: &mut [f64], y: &[f64]) {
        let (mut pp, mut py, mut pr) = (0.0, 0.0, 0.0);
        for ((&p, y), r) in p.iter().zip(y).zip(&self.r) {
            pp += p * p;
            py += p * y;
            pr += p * r;
        }
        let noise = if self.exact { f64::EPSILON } else { f32::EPSILON.into() };
        if py <= noise * pp || py.is_nan() {
            self.phase = Phase::Stuck;
            return;
        }
        let alpha = pr / py;
        for (((&p, y), r), x) in p.iter().zip(y).zip(&mut self.r).zip(&mut self.x) {
            *x += alpha * p;
            *r -= alpha * y;
        }
        self.count += 1;
    }

    /// Lets factors stand in for Z⁻¹ from here on.
    pub fn take_factors(&mut self) {
        self.inverse = Inverse::Factors;
        if self.phase.is_active() {
            self.phase = Phase::Fresh;
        }
    }

    /// Rests at the goal, or turns p.
    pub fn go_on(&mut self, p: &mut [f64], monitor: &Monitor) -> Result<()> {
        let distance = self.distance();
        if distance <= self.goal || self.count >= self.most {
            self.phase = Phase::Resting;
        } else {
            self.turn(p);
        }
        self.report(distance, monitor)
    }

    /// Takes the true residual, given Zx.
    pub fn correct(&mut self, z: &[f64], slope: f64, points: usize) -> Solution {
        self.r.iter_mut().zip(z).take(points).for_each(|(r, z)| *r = 1.0 - z);
        let solution = Solution::new(&self.x[..points], &self.r[..points], slope);
        self.residual = solution.residual;
        solution
    }

    /// Decides whether the true residual is good enough, or how to go on.
    pub fn judge(&mut self) {
        let distance = self.distance();
        let slow = self.phase == Phase::Stuck || distance > SLOW * self.last;
        self.cycles += 1;
        let spent = slow && self.exact || self.cycles == CYCLES;
        let enough = if spent { distance.min(self.residual) } else { distance };
        self.phase = match enough <= self.wanted.tol() {
            true => Phase::Done,
            false if spent => Phase::Failed,
            // By factors few steps are left, which the last direction would disturb.
            false if slow || matches!(self.inverse, Inverse::Factors) => Phase::Fresh,
            false => Phase::Moving,
        };
        self.exact |= slow;
        self.most = if self.exact { MOST } else { self.count + SPARE };
        self.count = 0;
        self.goal = (GAIN * distance).max(0.5 * self.wanted.tol());
        self.last = distance;
    }

    /// Reports progress by the digits of x.
    pub fn report(&mut self, distance: f64, monitor: &Monitor) -> Result<()> {
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
