//! A sparse approximation of Z⁻¹ from nearest neighbours.
//!
//! Z is the covariance of a process in which a point, given its nearest neighbours,
//! hardly depends on points further away. Put the points into a random order and
//! predict each from the nearest of those before it: with coefficients c and
//! variance v, Z⁻¹ ≈ UᵀV⁻¹U, where the row of U that belongs to a point holds 1 for
//! the point and −c for its neighbours (Vecchia, J. Royal Stat. Soc. B 50, 1988;
//! Schäfer, Katzfuss and Owhadi, SIAM J. Sci. Comput. 43, 2021). On data of few
//! dimensions this leaves conjugate gradients a tenth of the steps.

use rayon::prelude::*;

use super::real::Real;
use super::tiles::Source;
use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;

/// Neighbours of a point.
const NEAR: usize = 12;
/// Pairs among a point and its neighbours.
const PAIRS: usize = NEAR * (NEAR + 1) / 2;
/// Least variance that is told from rounding.
const LEAST: f64 = 1e-10;

/// Bytes for the neighbours of `len` points and their coefficients at `scales` scales.
pub fn preconditioner_bytes(len: usize, scales: usize) -> u64 {
    (len * (4 * (1 + NEAR) + 8 * PAIRS + 4 * (1 + NEAR) * scales)) as u64
}

/// For each point the nearest ones of those before it.
pub struct Neighbors {
    /// Each point and its neighbours, in the random order; the point itself in
    /// the place of neighbours that are not there.
    near: Vec<[u32; 1 + NEAR]>,
    /// Distances from the neighbours to those before them in the list, the point
    /// itself last; infinite in the place of those that are not there.
    distances: Vec<[f64; PAIRS]>,
}

/// Coefficients and inverse variances at one scale.
pub struct Preconditioner {
    rows: Vec<[f32; 1 + NEAR]>,
}

impl Neighbors {
    pub fn new(source: &Source<'_>, monitor: &Monitor) -> Result<Self> {
        let len = source.len();
        let mut order: Vec<_> = (0..len as u32).collect();
        order.sort_by_key(|&i| scatter(i.into()));
        let found = (0..len).into_par_iter().map(|place| {
            monitor.check()?;
            Ok(nearest(source, &order[..place], order[place]))
        });
        let near = found.collect::<Result<Vec<_>>>()?;
        let distances = near.par_iter().map(|near| {
            let mut distances = [f64::INFINITY; PAIRS];
            let present = near[1..].iter().take_while(|&&other| other != near[0]).count();
            let ends = &near[1..=present];
            for (b, &other) in ends.iter().enumerate() {
                distances[pair(NEAR, b)] = source.get(near[0] as usize, other as usize);
                for a in b + 1..present {
                    distances[pair(a, b)] = source.get(ends[a] as usize, other as usize);
                }
            }
            distances
        });
        let distances = distances.collect();
        Ok(Self { near, distances })
    }

    /// The approximation at a scale; `None` where Z is nearly the identity and
    /// none is needed.
    pub fn at(&self, t: f64, monitor: &Monitor) -> Result<Option<Preconditioner>> {
        const BLOCK: usize = 256;
        let blocks = self.distances.par_chunks(BLOCK).map(|block| {
            monitor.check()?;
            let mut rows = vec![[0.0; 1 + NEAR]; block.len()];
            arch().dispatch(|| predict(t, block, &mut rows));
            Ok(rows)
        });
        let rows = blocks.collect::<Result<Vec<_>>>()?.concat();
        let inverse: f64 = rows.iter().map(|row| f64::from(row[0])).sum();
        Ok((inverse > 1.001 * rows.len() as f64).then_some(Preconditioner { rows }))
    }
}

/// A permutation of whole numbers that looks random (splitmix64).
fn scatter(i: u64) -> u64 {
    let x = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn nearest(source: &Source<'_>, earlier: &[u32], point: u32) -> [u32; 1 + NEAR] {
    let mut near = [point; 1 + NEAR];
    let mut lengths = [f64::INFINITY; NEAR];
    for &other in earlier {
        let d = source.get(point as usize, other as usize);
        if d < lengths[NEAR - 1] {
            let place = lengths.partition_point(|&length| length <= d);
            lengths.copy_within(place..NEAR - 1, place + 1);
            near.copy_within(place + 1..NEAR, place + 2);
            lengths[place] = d;
            near[place + 1] = other;
        }
    }
    near
}

/// Where the pair a > b of a list stands.
#[inline(always)]
fn pair(a: usize, b: usize) -> usize {
    a * (a - 1) / 2 + b
}

#[inline(always)]
fn predict(t: f64, distances: &[[f64; PAIRS]], rows: &mut [[f32; 1 + NEAR]]) {
    for i in 0..rows.len() {
        let mut similarities = [0.0; PAIRS];
        for k in 0..PAIRS {
            similarities[k] = (t * distances[i][k]).exp_minus();
        }
        rows[i] = coefficients(similarities);
    }
}

/// The inverse variance of a point given its neighbours, and their coefficients, by
/// Cholesky factors of their similarities.
#[inline(always)]
fn coefficients(mut l: [f64; PAIRS]) -> [f32; 1 + NEAR] {
    let mut inverse = [0.0; NEAR];
    let mut row = [0.0; 1 + NEAR];
    for a in 0..=NEAR {
        let mut variance = 1.0;
        for b in 0..a {
            let mut sum = l[pair(a, b)];
            for k in 0..b {
                sum -= l[pair(a, k)] * l[pair(b, k)];
            }
            l[pair(a, b)] = sum * inverse[b];
            variance -= l[pair(a, b)] * l[pair(a, b)];
        }
        if a == NEAR {
            row[0] = (1.0 / variance.max(LEAST)) as f32;
        } else if variance > LEAST {
            inverse[a] = 1.0 / variance.sqrt();
        } // and otherwise it adds nothing to those before it: it is left out
    }
    for b in (0..NEAR).rev() {
        let mut sum = l[pair(NEAR, b)];
        for a in b + 1..NEAR {
            sum -= l[pair(a, b)] * f64::from(row[1 + a]);
        }
        row[1 + b] = (sum * inverse[b]) as f32;
    }
    row
}

impl Preconditioner {
    /// z = UᵀV⁻¹U r.
    pub fn apply(&self, neighbors: &Neighbors, r: &[f64], z: &mut [f64]) {
        z.fill(0.0);
        for (near, row) in neighbors.near.iter().zip(&self.rows) {
            let mut sum = r[near[0] as usize];
            for k in 1..=NEAR {
                sum -= f64::from(row[k]) * r[near[k] as usize];
            }
            sum *= f64::from(row[0]);
            z[near[0] as usize] += sum;
            for k in 1..=NEAR {
                z[near[k] as usize] -= f64::from(row[k]) * sum;
            }
        }
    }
}
