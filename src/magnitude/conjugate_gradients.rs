//! Conjugate gradients for all scales at once.
//!
//! Z is positive definite for most metrics, and far better conditioned than a
//! Gaussian kernel, so that a few dozen products with Z solve Zw = 1. Products
//! take nearly all of the time: they are done in float32, for all scales that
//! have not converged in one pass over the distances. In between, the true
//! residual 1 − Zw is computed in float64, and the iteration goes on from there.

use rayon::prelude::*;

use super::similarity::steps;
use super::tiles::{Source, Tiles, longest, scaled};
use crate::error::Result;
use crate::monitor::Monitor;

/// By this factor the residual is to shrink before it is computed anew.
const GAIN: f64 = 1e-5;
/// Most residuals in float64.
const CYCLES: usize = 8;
/// Most products between two of them.
const PRODUCTS: usize = 2000;

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
    /// Largest entry of the last true residual.
    last: f64,
    /// What it is to be before the next one is computed.
    goal: f64,
    /// The direction is to have none of the last one.
    fresh: bool,
    rr: f64,
    dbg: usize,
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
    let mut scales: Vec<_> = ts.iter().map(|_| Scale::new(&ones, points, tol)).collect();
    let mut directions = vec![0.0_f32; ts.len() * len];
    let mut solutions = vec![None; ts.len()];
    for _ in 0..CYCLES {
        approach(&tiles, &ts, &mut scales, &mut directions, monitor)?;
        let left: Vec<_> = (0..ts.len()).filter(|&k| scales[k].state == State::Resting).collect();
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

/// Iterates until every scale is at its goal.
fn approach(
    tiles: &Tiles<'_, f32>,
    ts: &[f64],
    scales: &mut [Scale],
    directions: &mut [f32],
    monitor: &Monitor,
) -> Result<()> {
    let len = tiles.padded_len();
    scales.par_iter_mut().zip(directions.par_chunks_exact_mut(len)).for_each(|(scale, p)| {
        if scale.state == State::Active {
            scale.redirect(p);
        }
    });
    for _ in 0..PRODUCTS {
        let active: Vec<_> = (0..ts.len()).filter(|&k| scales[k].state == State::Active).collect();
        if active.is_empty() {
            break;
        }
        let (products, _) = tiles.multiply::<false>(&steps(ts, &active), directions, monitor)?;
        let moving = scales.iter_mut().zip(directions.chunks_exact_mut(len));
        let moving: Vec<_> = moving.filter(|(scale, _)| scale.state == State::Active).collect();
        let moves = moving.into_par_iter().zip(products.par_chunks_exact(len));
        moves.for_each(|((scale, p), y)| scale.advance(p, y));
    }
    scales
        .iter_mut()
        .filter(|scale| scale.state == State::Active)
        .for_each(|scale| scale.state = State::Resting);
    Ok(())
}

impl Scale {
    fn new(ones: &[f64], points: usize, tol: f64) -> Self {
        Self {
            x: vec![0.0; ones.len()],
            r: ones.to_vec(),
            last: 1.0,
            goal: GAIN.max(0.5 * tol),
            fresh: true,
            rr: points as f64,
            dbg: 0,
            state: State::Active,
        }
    }

    /// Turns p towards the residual.
    fn redirect(&mut self, p: &mut [f32]) {
        let rr: f64 = dot(&self.r, &self.r);
        let beta = if self.fresh { 0.0 } else { rr / self.rr };
        self.fresh = false;
        self.rr = rr;
        for (p, r) in p.iter_mut().zip(&self.r) {
            *p = (r + beta * f64::from(*p)) as f32;
        }
    }

    /// One step along p, with y = Zp.
    fn advance(&mut self, p: &mut [f32], y: &[f64]) {
        self.dbg += 1;
        let (mut py, mut pr) = (0.0, 0.0);
        for ((&p, y), r) in p.iter().zip(y).zip(&self.r) {
            py += f64::from(p) * y;
            pr += f64::from(p) * r;
        }
        if !(py > 0.0) {
            self.state = State::Failed;
            return;
        }
        let alpha = pr / py;
        let mut largest = 0.0_f64;
        for (((&p, y), r), x) in p.iter().zip(y).zip(&mut self.r).zip(&mut self.x) {
            *x += alpha * f64::from(p);
            *r -= alpha * y;
            largest = largest.max(r.abs());
        }
        if largest <= self.goal {
            self.state = State::Resting;
        } else {
            self.redirect(p);
        }
    }

    /// Looks at the true residual, given Zx.
    fn look(&mut self, z: &[f64], slope: f64, points: usize, tol: f64) -> Solution {
        self.r.iter_mut().zip(z).take(points).for_each(|(r, z)| *r = 1.0 - z);
        let solution = Solution::new(&self.x[..points], &self.r[..points], slope);
        eprint!(" [{} {:.0e}->{:.0e}]", self.dbg, self.goal, solution.residual);
        self.state = if solution.residual <= tol {
            State::Done
        } else if solution.residual < 0.1 * self.last {
            self.goal = (GAIN * solution.residual).max(0.5 * tol);
            self.last = solution.residual;
            State::Active
        } else {
            State::Failed
        };
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
