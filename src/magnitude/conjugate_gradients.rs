//! Conjugate gradients for all scales at once.
//!
//! Z is positive definite for most metrics, and far better conditioned than a
//! Gaussian kernel, so that a few dozen products with Z solve Zw = 1. Products
//! take nearly all of the time: they are done in float32, for all scales that
//! have not converged in one pass over the distances. In between, the true
//! residual 1 − Zw is computed in float64, and the iteration goes on from there.

use rayon::prelude::*;

use super::preconditioner::{Neighbors, Preconditioner};
use super::similarity::steps;
use super::tiles::{Source, Tiles, longest, scaled};
use crate::error::Result;
use crate::monitor::Monitor;

/// By this factor the residual is to shrink before it is computed anew.
const GAIN: f64 = 1e-5;
/// Most residuals in float64.
const CYCLES: usize = 8;
/// Most products between two of them.
const MOST: usize = 300;
/// Less than this factor between two of them is too little for float32.
const SLOW: f64 = 0.02;

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

/// One scale on its way.
struct Scale {
    x: Vec<f64>,
    r: Vec<f64>,
    /// Residuals times the approximate inverse.
    z: Vec<f64>,
    inverse: Option<Preconditioner>,
    /// Largest entry of the last true residual.
    last: f64,
    /// What it is to be before the next one is computed.
    goal: f64,
    /// The direction is to have none of the last one.
    fresh: bool,
    rz: f64,
    /// Whether products are in float64.
    exact: bool,
    /// Products since the last true residual, and how many there may be.
    count: usize,
    most: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// On its way to the goal.
    Active,
    /// At the goal, or as near as float32 gets.
    Resting,
    /// Within tolerance.
    Done,
    /// Z has shown not to be positive definite, or is too badly conditioned.
    Failed,
}

/// Solves at ascending scales; `None` where Z is not positive definite, or so
/// near to it that `tol` is out of reach.
pub fn solve(
    source: &Source<'_>,
    ts: &[f64],
    tol: f64,
    hold: bool,
    monitor: &Monitor,
) -> Result<Vec<Option<Solution>>> {
    let (unit, ts) = scaled(ts);
    let longest = longest(&ts);
    let tiles = if hold {
        Tiles::<f32>::held(source, unit, longest, monitor)?
    } else {
        Tiles::<f32>::made(source, unit, longest)
    };
    let exact = Tiles::<f64>::made(source, unit, longest);
    let (points, len) = (source.len(), tiles.padded_len());
    let mut ones = vec![1.0; points];
    ones.resize(len, 0.0);
    let neighbors = Neighbors::new(source, monitor)?;
    let scales = ts.iter().map(|t| Ok(Scale::new(&ones, neighbors.at(t * unit, monitor)?, tol)));
    let mut scales = scales.collect::<Result<Vec<_>>>()?;
    let mut directions = vec![0.0; ts.len() * len];
    let mut solutions = vec![None; ts.len()];
    for _ in 0..CYCLES {
        approach(&tiles, &exact, &neighbors, &ts, &mut scales, &mut directions, monitor)?;
        let left = select(&scales, |scale| scale.state == State::Resting);
        if left.is_empty() {
            break;
        }
        let mut x = vec![0.0; ts.len() * len];
        left.iter().for_each(|&k| x[k * len..(k + 1) * len].copy_from_slice(&scales[k].x));
        let (products, slopes) = exact.multiply::<true>(&steps(&ts, &left), &x, monitor)?;
        eprintln!();
        for ((&k, z), slope) in left.iter().zip(products.chunks_exact(len)).zip(slopes) {
            let solution = scales[k].look(z, slope, points, tol);
            if scales[k].state == State::Done {
                solutions[k] = Some(solution);
            }
        }
    }
    Ok(solutions)
}

fn select(scales: &[Scale], which: impl Fn(&Scale) -> bool) -> Vec<usize> {
    (0..scales.len()).filter(|&k| which(&scales[k])).collect()
}

/// Iterates until every scale rests.
fn approach(
    tiles: &Tiles<'_, f32>,
    exact: &Tiles<'_, f64>,
    neighbors: &Neighbors,
    ts: &[f64],
    scales: &mut [Scale],
    directions: &mut [f64],
    monitor: &Monitor,
) -> Result<()> {
    let len = tiles.padded_len();
    let mut moving: Vec<_> = scales.iter_mut().zip(directions.chunks_exact_mut(len)).collect();
    moving.retain(|(scale, _)| scale.state == State::Active);
    moving.into_par_iter().for_each(|(scale, p)| scale.redirect(neighbors, p));
    loop {
        let single = select(scales, |scale| scale.state == State::Active && !scale.exact);
        let double = select(scales, |scale| scale.state == State::Active && scale.exact);
        let mut products = Vec::new();
        if !single.is_empty() {
            let rounded: Vec<_> = directions.iter().map(|&p| p as f32).collect();
            products.push(tiles.multiply::<false>(&steps(ts, &single), &rounded, monitor)?.0);
        }
        if !double.is_empty() {
            products.push(exact.multiply::<false>(&steps(ts, &double), directions, monitor)?.0);
        }
        if products.is_empty() {
            return Ok(());
        }
        let mut moving: Vec<_> = scales.iter_mut().zip(directions.chunks_exact_mut(len)).collect();
        moving.retain(|(scale, _)| scale.state == State::Active);
        moving.sort_by_key(|(scale, _)| scale.exact);
        let products = products.iter().flat_map(|products| products.chunks_exact(len));
        let moves: Vec<_> = moving.into_iter().zip(products).collect();
        moves.into_par_iter().for_each(|((scale, p), y)| scale.advance(neighbors, p, y));
    }
}

impl Scale {
    fn new(ones: &[f64], inverse: Option<Preconditioner>, tol: f64) -> Self {
        Self {
            x: vec![0.0; ones.len()],
            r: ones.to_vec(),
            z: vec![0.0; ones.len()],
            inverse,
            last: 1.0,
            goal: GAIN.max(0.5 * tol),
            fresh: true,
            rz: 0.0,
            exact: false,
            count: 0,
            most: MOST,
            state: State::Active,
        }
    }

    /// Turns p towards the residual.
    fn redirect(&mut self, neighbors: &Neighbors, p: &mut [f64]) {
        match &self.inverse {
            Some(inverse) => inverse.apply(neighbors, &self.r, &mut self.z),
            None => self.z.copy_from_slice(&self.r),
        }
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
    fn advance(&mut self, neighbors: &Neighbors, p: &mut [f64], y: &[f64]) {
        let (mut py, mut pr) = (0.0, 0.0);
        for ((&p, y), r) in p.iter().zip(y).zip(&self.r) {
            py += p * y;
            pr += p * r;
        }
        if py <= 0.0 || py.is_nan() {
            self.state = State::Failed;
            return;
        }
        let alpha = pr / py;
        let mut largest = 0.0_f64;
        for (((&p, y), r), x) in p.iter().zip(y).zip(&mut self.r).zip(&mut self.x) {
            *x += alpha * p;
            *r -= alpha * y;
            largest = largest.max(r.abs());
        }
        self.count += 1;
        if largest <= self.goal || self.count >= self.most {
            self.state = State::Resting;
        } else {
            self.redirect(neighbors, p);
        }
    }

    /// Looks at the true residual, given Zx.
    fn look(&mut self, z: &[f64], slope: f64, points: usize, tol: f64) -> Solution {
        self.r.iter_mut().zip(z).take(points).for_each(|(r, z)| *r = 1.0 - z);
        let solution = Solution::new(&self.x[..points], &self.r[..points], slope);
        eprint!(" [{} {} {:.0e}->{:.0e}]", if self.exact {'E'} else {' '}, self.count, self.goal, solution.residual);
        let gain = solution.residual / self.last;
        self.state = match gain {
            _ if solution.residual <= tol => State::Done,
            gain if gain < SLOW => State::Active,
            _ if self.exact => State::Failed,
            _ => State::Active,
        };
        // Where float32 gets no further, go on in float64, with a direction of its own.
        if gain >= SLOW {
            self.exact = true;
            self.fresh = true;
        }
        self.most = if self.exact { MOST } else { self.count + 4 };
        self.count = 0;
        self.goal = (GAIN * solution.residual).max(0.5 * tol);
        self.last = solution.residual;
        solution
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

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
