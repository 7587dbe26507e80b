//! A sparse approximation of Z⁻¹ from nearest neighbours.
//!
//! Z is the covariance of a process in which a point, given its nearest neighbours,
//! hardly depends on points further away. Put the points into a random order and
//! predict each from the nearest of those before it: with coefficients c and
//! variance v, Z⁻¹ ≈ UᵀV⁻¹U, where the row of U that belongs to a point holds 1 for
//! the point and −c for its neighbours (Vecchia, J. Royal Stat. Soc. B 50, 1988;
//! Schäfer, Katzfuss and Owhadi, SIAM J. Sci. Comput. 43, 2021). On data of few
//! dimensions this leaves conjugate gradients a tenth of the steps.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::real::Real;
use super::tiles::Source;
use crate::arch::dispatch;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Condensed, PointCloud};

/// Neighbours of a point.
const NEAR: usize = 12;
/// Pairs among a point and its neighbours.
const PAIRS: usize = NEAR * (NEAR + 1) / 2;
/// Least variance that is told from rounding in float64.
const LEAST: f64 = 1e-8;
/// Largest inverse variance where products with Z are in float32: a longer step in
/// that direction would be lost in the rounding of all others.
const MOST_SINGLE: f32 = 1e5;
/// Points that are treated together.
const LANES: usize = 8;
/// Z is the identity if variances differ from 1 by no more.
const NOTHING: f64 = 1e-3;

/// Bytes for each point: its neighbours and their distances.
pub const NEIGHBOR_BYTES: u64 = (4 * (1 + NEAR) + 8 * PAIRS) as u64;
/// Bytes for each point and scale: the coefficients.
pub const COEFFICIENT_BYTES: u64 = (4 * (1 + NEAR)) as u64;

/// For each point the nearest ones of those before it.
#[derive(Debug)]
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
        let mut order: Vec<_> = (0..len).collect();
        order.sort_by_key(|&i| scatter(i as u64));
        let near = match source {
            Source::Held(distances) => nearest_by_rows(distances, &order, monitor)?,
            Source::Points(points) => {
                nearest_by_points(&points.select(&order, monitor)?, &order, monitor)?
            }
        };
        let distances = near.par_iter().map(|near| {
            monitor.check()?;
            let mut distances = [f64::INFINITY; PAIRS];
            let present = near[1..].iter().take_while(|&&other| other != near[0]).count();
            let ends = &near[1..=present];
            for (b, &other) in ends.iter().enumerate() {
                distances[pair(NEAR, b)] = source.get(near[0] as usize, other as usize);
                for a in b + 1..present {
                    distances[pair(a, b)] = source.get(ends[a] as usize, other as usize);
                }
            }
            Ok(distances)
        });
        let distances = distances.collect::<Result<_>>()?;
        Ok(Self { near, distances })
    }

    /// The approximation at a scale; `None` where Z is nearly the identity and
    /// none is needed.
    pub fn at(&self, t: f64, monitor: &Monitor) -> Result<Option<Preconditioner>> {
        const BLOCK: usize = 256;
        let blocks = self.distances.par_chunks(BLOCK).map(|block| {
            monitor.check()?;
            let mut rows = vec![[0.0; 1 + NEAR]; block.len()];
            dispatch(Predictions { t, distances: block, rows: &mut rows });
            Ok(rows)
        });
        let rows = blocks.collect::<Result<Vec<_>>>()?.concat();
        let inverse: f64 = rows.iter().map(|row| f64::from(row[0])).sum();
        let useful = inverse > (1.0 + NOTHING) * rows.len() as f64;
        Ok(useful.then_some(Preconditioner { rows }))
    }
}

/// A permutation of whole numbers that looks random (splitmix64).
pub fn scatter(i: u64) -> u64 {
    let x = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A point and the nearest ones so far, with their distances.
#[derive(Clone)]
struct Nearest {
    near: [u32; 1 + NEAR],
    distances: [f64; NEAR],
}

impl Nearest {
    fn new(point: usize) -> Self {
        Self { near: [point as u32; 1 + NEAR], distances: [f64::INFINITY; NEAR] }
    }

    /// Distance below which another point is taken in.
    fn reach(&self) -> f64 {
        self.distances[NEAR - 1]
    }

    fn take(&mut self, other: usize, d: f64) {
        let place = self.distances.partition_point(|&length| length <= d);
        self.distances.copy_within(place..NEAR - 1, place + 1);
        self.near.copy_within(place + 1..NEAR, place + 2);
        self.distances[place] = d;
        self.near[place + 1] = other as u32;
    }
}

/// The points in this order, each with the nearest of those before it, from held
/// distances: row by row, as they lie in memory.
fn nearest_by_rows(
    distances: &Condensed,
    order: &[usize],
    monitor: &Monitor,
) -> Result<Vec<[u32; 1 + NEAR]>> {
    let len = order.len();
    let mut rank = vec![0; len];
    order.iter().enumerate().for_each(|(place, &i)| rank[i] = place);
    let mut found: Vec<_> = (0..len).map(Nearest::new).collect();
    let mut reach = vec![f64::INFINITY; len];
    for i in 0..len {
        monitor.check()?;
        let mut own = reach[i];
        for (&d, j) in distances.row(i).iter().zip(i + 1..) {
            // Most pairs are too long for both.
            if d >= own && d >= reach[j] {
                continue;
            }
            let (later, earlier) = if rank[j] < rank[i] { (i, j) } else { (j, i) };
            if d < found[later].reach() {
                found[later].take(earlier, d);
                reach[later] = found[later].reach();
                own = reach[i];
            }
        }
    }
    Ok(order.iter().map(|&i| found[i].near).collect())
}

/// The same from points that are already in this order.
fn nearest_by_points(
    ordered: &PointCloud<'_>,
    order: &[usize],
    monitor: &Monitor,
) -> Result<Vec<[u32; 1 + NEAR]>> {
    let each = (0..order.len()).into_par_iter().map_init(Vec::new, |distances, place| {
        monitor.check()?;
        distances.resize(place, 0.0);
        ordered.distances_to(ordered.row(place), 0, distances);
        let mut found = Nearest::new(order[place]);
        for (&d, &other) in distances.iter().zip(order) {
            if d < found.reach() {
                found.take(other, d);
            }
        }
        Ok(found.near)
    });
    each.collect()
}

/// Where the pair a > b of a list stands.
#[inline(always)]
fn pair(a: usize, b: usize) -> usize {
    a * (a - 1) / 2 + b
}

/// The coefficients of some points at scale `t`.
struct Predictions<'a> {
    t: f64,
    distances: &'a [[f64; PAIRS]],
    rows: &'a mut [[f32; 1 + NEAR]],
}

impl WithSimd for Predictions<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (rows, distances) in self.rows.chunks_mut(LANES).zip(self.distances.chunks(LANES)) {
            let mut similarities = [[0.0; LANES]; PAIRS];
            for (lane, distances) in distances.iter().enumerate() {
                for k in 0..PAIRS {
                    similarities[k][lane] = distances[k];
                }
            }
            for similarity in &mut similarities {
                for lane in similarity {
                    *lane = (self.t * *lane).exp_minus::<S>();
                }
            }
            let coefficients = coefficients(similarities);
            for (lane, row) in rows.iter_mut().enumerate() {
                for k in 0..=NEAR {
                    row[k] = coefficients[k][lane] as f32;
                }
            }
        }
    }
}

/// The inverse variances of some points given their neighbours, and their
/// coefficients, by Cholesky factors of their similarities.
#[inline(always)]
fn coefficients(mut l: [[f64; LANES]; PAIRS]) -> [[f64; LANES]; 1 + NEAR] {
    let mut inverse = [[0.0; LANES]; NEAR];
    let mut row = [[0.0; LANES]; 1 + NEAR];
    for a in 0..=NEAR {
        let mut variance = [1.0; LANES];
        for b in 0..a {
            let mut sum = l[pair(a, b)];
            for k in 0..b {
                for lane in 0..LANES {
                    sum[lane] -= l[pair(a, k)][lane] * l[pair(b, k)][lane];
                }
            }
            for lane in 0..LANES {
                let entry = sum[lane] * inverse[b][lane];
                l[pair(a, b)][lane] = entry;
                variance[lane] -= entry * entry;
            }
        }
        for lane in 0..LANES {
            if a == NEAR {
                row[0][lane] = 1.0 / variance[lane].max(LEAST);
            } else if variance[lane] > LEAST {
                inverse[a][lane] = 1.0 / variance[lane].sqrt();
            } // and otherwise it adds nothing to those before it: it is left out
        }
    }
    for b in (0..NEAR).rev() {
        let mut sum = l[pair(NEAR, b)];
        for a in b + 1..NEAR {
            for lane in 0..LANES {
                sum[lane] -= l[pair(a, b)][lane] * row[1 + a][lane];
            }
        }
        for lane in 0..LANES {
            row[1 + b][lane] = sum[lane] * inverse[b][lane];
        }
    }
    row
}

impl Preconditioner {
    /// z = UᵀV⁻¹U r, for products with Z in float64 or not.
    pub fn apply(&self, neighbors: &Neighbors, exact: bool, r: &[f64], z: &mut [f64]) {
        let most = if exact { f32::INFINITY } else { MOST_SINGLE };
        z.fill(0.0);
        for (near, row) in neighbors.near.iter().zip(&self.rows) {
            let mut sum = r[near[0] as usize];
            for k in 1..=NEAR {
                sum -= f64::from(row[k]) * r[near[k] as usize];
            }
            sum *= f64::from(row[0].min(most));
            z[near[0] as usize] += sum;
            for k in 1..=NEAR {
                z[near[k] as usize] -= f64::from(row[k]) * sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use ndarray::Array2;

    use super::*;
    use crate::linalg::{Cholesky, Symmetric};
    use crate::space::{Condensed, Metric, pairwise};

    /// Irregular distances of a metric: between 1 and 2.
    fn distances(len: usize) -> Condensed {
        let pairs = 0..(len * (len - 1) / 2) as u64;
        let value = |k| 1.0 + (scatter(k) >> 11) as f64 / (1_u64 << 53) as f64;
        Condensed::new(len, pairs.map(value).collect()).unwrap()
    }

    #[test]
    fn with_all_others_as_neighbours_it_is_the_inverse() {
        let monitor = Monitor::new();
        for len in 2..=NEAR + 1 {
            let distances = distances(len);
            let z = |i, j| if i == j { 1.0 } else { (-distances.get(i, j)).exp() };
            let matrix = Symmetric::from_fn(len, &monitor, z).unwrap();
            let mut right: Vec<_> = (0..len).map(|i| 1.0 + i as f64).collect();
            let r = right.clone();
            let factors = Cholesky::new(matrix, &monitor).unwrap().expect("dominant");
            factors.solve(&mut right, &monitor).unwrap();
            let source = Source::Held(Cow::Borrowed(&distances));
            let neighbors = Neighbors::new(&source, &monitor).unwrap();
            let inverse = neighbors.at(1.0, &monitor).unwrap().expect("far from the identity");
            let mut found = vec![0.0; len];
            inverse.apply(&neighbors, true, &r, &mut found);
            for (found, right) in found.iter().zip(&right) {
                assert!((found - right).abs() < 1e-5 * len as f64, "{found} for {right}");
            }
        }
    }

    #[test]
    fn neighbours_are_the_nearest_of_those_before() {
        let monitor = Monitor::new();
        let rows =
            Array2::from_shape_fn((60, 2), |(i, k)| (scatter((2 * i + k) as u64) % 97) as f64);
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &monitor).unwrap();
        let held = pairwise(&points, &monitor).unwrap();
        let order: Vec<_> = (0..60).map(|i| (i * 7) % 60).collect();
        let by_points =
            nearest_by_points(&points.select(&order, &monitor).unwrap(), &order, &monitor).unwrap();
        let by_rows = nearest_by_rows(&held, &order, &monitor).unwrap();
        for (place, &i) in order.iter().enumerate() {
            let mut right: Vec<_> = order[..place].iter().map(|&j| points.distance(i, j)).collect();
            right.sort_by(f64::total_cmp);
            right.truncate(NEAR);
            for near in [by_points[place], by_rows[place]] {
                assert_eq!(near[0] as usize, i);
                let count = right.len();
                let found = near[1..=count].iter().map(|&j| points.distance(i, j as usize));
                assert_eq!(found.collect::<Vec<_>>(), right);
                assert!(near[count + 1..].iter().all(|&j| j as usize == i));
            }
        }
    }
}
