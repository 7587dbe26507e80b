//! The few directions in which Z is far larger than in all others.
//!
//! At small scales in many dimensions points look alike: Z is large on the constant
//! vector and on vectors that vary slowly, as linear functions do. Neighbours know
//! nothing of these, and conjugate gradients spend most of their steps on them. The
//! columns of Z that belong to a few points nearly span them (Williams and Seeger,
//! Adv. Neural Inf. Process. Syst. 13, 2001), and from scale to scale they hardly
//! change. So they are found once, at the smallest scale; at each scale Z between
//! them is read off at a few points and inverted, and what is orthogonal to them is
//! left to the neighbours.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::preconditioner::{Neighbors, Preconditioner, scatter};
use super::real::Real;
use super::tiles::{Source, padded};
use crate::arch::{arch, dispatch};
use crate::error::Result;
use crate::linalg::{Cholesky, Symmetric, eigenvectors, gram, product};
use crate::monitor::Monitor;

/// Points whose columns are read.
const COLUMNS: usize = 128;
/// Points at which products with the directions are compared.
const ROWS: usize = 64;
/// Directions.
const DIRECTIONS: usize = 20;
/// Least square of a direction before it gets length 1, in parts of the largest.
const LEAST: f64 = 1e-10;
/// Z, with what neighbours know taken out, has to be so many times larger on the
/// directions than elsewhere: otherwise what is not quite orthogonal to them costs
/// more steps than it saves.
const WORTH: f64 = 4.0;
/// Numbers that are treated together: padded vectors are a multiple of it.
const LANES: usize = 32;

/// Bytes for each point.
pub const SMOOTH_BYTES: u64 = 8 * (COLUMNS + ROWS + DIRECTIONS) as u64;

/// Orthonormal vectors near to those of the largest eigenvalues of Z.
#[derive(Debug)]
pub struct Smooth {
    /// Vectors of `len` entries, the constant-like one first.
    basis: Vec<f64>,
    len: usize,
    /// Distances from some points to all, a row each.
    distances: Vec<f64>,
    /// Takes values at these points to coefficients of the directions, by least
    /// squares; column by column.
    fit: Vec<f64>,
}

/// Z⁻¹ between the directions at one scale.
pub struct Coarse(Vec<f64>);

impl Smooth {
    /// `None` where points are few or too far apart at scale `t` to have such directions.
    pub fn new(source: &Source<'_>, t: f64, monitor: &Monitor) -> Result<Option<Self>> {
        let points = source.len();
        if points <= 2 * COLUMNS {
            return Ok(None);
        }
        let mut order: Vec<_> = (0..points).collect();
        order.sort_by_key(|&i| scatter(i as u64));
        let mut columns = rows_of_distances(source, &order[..COLUMNS], monitor)?;
        let distances = columns[..ROWS * points].to_vec();
        let sum: f64 = columns
            .par_chunks_mut(points)
            .map(|row| {
                dispatch(Similarities { t, row });
                row.iter().sum::<f64>()
            })
            .collect::<Vec<_>>()
            .iter()
            .sum();
        if sum < WORTH * COLUMNS as f64 {
            return Ok(None);
        }
        let (values, vectors) =
            eigenvectors(&gram(&columns, (COLUMNS, points), monitor)?, COLUMNS)?;
        let len = padded(points);
        let mut basis = Vec::with_capacity(DIRECTIONS * len);
        let largest = values[COLUMNS - 1];
        for k in (COLUMNS - DIRECTIONS..COLUMNS).rev().filter(|&k| values[k] > LEAST * largest) {
            let combination = &vectors[k * COLUMNS..(k + 1) * COLUMNS];
            let mut direction = product(combination, &columns, (1, COLUMNS, points));
            direction.iter_mut().for_each(|value| *value /= values[k].sqrt());
            direction.resize(len, 0.0);
            basis.extend(direction);
        }
        let Some(fit) = least_squares(&basis, len, &order[..ROWS], monitor)? else {
            return Ok(None);
        };
        Ok(Some(Self { basis, len, distances, fit }))
    }

    fn count(&self) -> usize {
        self.basis.len() / self.len
    }

    /// The inverse at a scale; `None` where it would not help.
    pub fn at(
        &self,
        t: f64,
        neighbors: &Neighbors,
        inverse: Option<&Preconditioner>,
        monitor: &Monitor,
    ) -> Result<Option<Coarse>> {
        let (count, points) = (self.count(), self.distances.len() / ROWS);
        // What Z makes of the directions at the points, then as directions again.
        let products = self.distances.par_chunks(points).map(|distances| {
            monitor.check()?;
            let mut row = distances.to_vec();
            dispatch(Similarities { t, row: &mut row });
            row.resize(self.len, 0.0);
            let mut sums = vec![0.0; count];
            arch().dispatch(|| project(&self.basis, &row, &mut sums));
            Ok(sums)
        });
        let products = products.collect::<Result<Vec<_>>>()?.concat();
        let matrix = product(&self.fit, &products, (count, ROWS, count));
        let entry = |i: usize, j: usize| 0.5 * (matrix[i * count + j] + matrix[j * count + i]);
        let rest = (1..count).map(|k| entry(k, k)).sum::<f64>() / (count - 1) as f64;
        if rest * self.by_neighbors(neighbors, inverse) < WORTH {
            return Ok(None);
        }
        let symmetric = Symmetric::from_fn(count, monitor, entry)?;
        let mut inverse = vec![0.0; count * count];
        (0..count).for_each(|k| inverse[k * count + k] = 1.0);
        let Some(factors) = Cholesky::new(symmetric, monitor)? else { return Ok(None) };
        factors.solve(&mut inverse, monitor)?;
        Ok(Some(Coarse(inverse)))
    }

    /// About what the inverse by neighbours is on the directions but the first.
    fn by_neighbors(&self, neighbors: &Neighbors, inverse: Option<&Preconditioner>) -> f64 {
        let Some(inverse) = inverse else { return 1.0 };
        let mut sum = vec![0.0; self.len];
        for direction in self.basis.chunks_exact(self.len).skip(1) {
            sum.iter_mut().zip(direction).for_each(|(sum, value)| *sum += value);
        }
        let mut inverted = vec![0.0; self.len];
        inverse.apply(neighbors, true, &sum, &mut inverted);
        sum.iter().zip(&inverted).map(|(a, b)| a * b).sum::<f64>() / (self.count() - 1) as f64
    }

    /// z ≈ Z⁻¹r: by `coarse` along the directions, and by `fine` across them.
    pub fn apply(
        &self,
        coarse: &Coarse,
        r: &[f64],
        z: &mut [f64],
        fine: impl FnOnce(&[f64], &mut [f64]),
    ) {
        let count = self.count();
        let mut along = vec![0.0; count];
        arch().dispatch(|| project(&self.basis, r, &mut along));
        let mut across = r.to_vec();
        let less: Vec<_> = along.iter().map(|c| -c).collect();
        arch().dispatch(|| combine(&self.basis, &less, &mut across));
        fine(&across, z);
        let mut stray = vec![0.0; count];
        arch().dispatch(|| project(&self.basis, z, &mut stray));
        let inverted = coarse.0.chunks_exact(count).zip(&stray).map(|(row, stray)| {
            row.iter().zip(&along).map(|(entry, c)| entry * c).sum::<f64>() - stray
        });
        let inverted: Vec<_> = inverted.collect();
        arch().dispatch(|| combine(&self.basis, &inverted, z));
    }
}

/// Distances from these points to all, a row each.
fn rows_of_distances(source: &Source<'_>, from: &[usize], monitor: &Monitor) -> Result<Vec<f64>> {
    let mut rows = vec![0.0; from.len() * source.len()];
    rows.par_chunks_mut(source.len()).zip(from).try_for_each(|(row, &i)| {
        monitor.check()?;
        source.row(i, row);
        Ok(())
    })?;
    Ok(rows)
}

/// (QᵀQ)⁻¹Qᵀ, where Q holds the entries of the vectors at these points; `None` where they
/// look dependent there.
fn least_squares(
    basis: &[f64],
    len: usize,
    points: &[usize],
    monitor: &Monitor,
) -> Result<Option<Vec<f64>>> {
    let vectors: Vec<_> = basis.chunks_exact(len).collect();
    let dot = |i: usize, j: usize| points.iter().map(|&k| vectors[i][k] * vectors[j][k]).sum();
    let factors = Cholesky::new(Symmetric::from_fn(vectors.len(), monitor, dot)?, monitor)?;
    let Some(factors) = factors.filter(|_| vectors.len() > 1) else { return Ok(None) };
    let columns = points.iter().flat_map(|&k| vectors.iter().map(move |vector| vector[k]));
    let mut columns: Vec<_> = columns.collect();
    factors.solve(&mut columns, monitor)?;
    let rows = (0..vectors.len()).flat_map(|i| (i..columns.len()).step_by(vectors.len()));
    Ok(Some(rows.map(|place| columns[place]).collect()))
}

/// exp(−td) in the place of distances.
struct Similarities<'a> {
    t: f64,
    row: &'a mut [f64],
}

impl WithSimd for Similarities<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for value in self.row {
            *value = (self.t * *value).exp_minus::<S>();
        }
    }
}

/// Products of a vector with those of a basis.
#[inline(always)]
fn project(basis: &[f64], vector: &[f64], sums: &mut [f64]) {
    for (direction, out) in basis.chunks_exact(vector.len()).zip(sums) {
        let mut lanes = [0.0; LANES];
        for (q, v) in direction.chunks_exact(LANES).zip(vector.chunks_exact(LANES)) {
            for k in 0..LANES {
                lanes[k] += q[k] * v[k];
            }
        }
        *out = lanes.iter().sum();
    }
}

/// Adds a combination of the vectors of a basis.
#[inline(always)]
fn combine(basis: &[f64], coefficients: &[f64], vector: &mut [f64]) {
    let len = vector.len();
    for (block, out) in vector.chunks_exact_mut(LANES).enumerate() {
        let mut lanes = [0.0; LANES];
        lanes.copy_from_slice(out);
        for (place, &c) in coefficients.iter().enumerate() {
            let q = &basis[place * len + block * LANES..][..LANES];
            for k in 0..LANES {
                lanes[k] += c * q[k];
            }
        }
        out.copy_from_slice(&lanes);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use ndarray::Array2;

    use super::*;
    use crate::space::{Condensed, Metric, PointCloud, pairwise};

    const POINTS: usize = 400;

    /// Points in a cube of many dimensions.
    fn distances() -> Condensed {
        let coordinate = |(i, k)| (scatter((12 * i + k) as u64) >> 11) as f64;
        let rows = Array2::from_shape_fn((POINTS, 12), coordinate) / (1_u64 << 53) as f64;
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &Monitor::new()).unwrap();
        pairwise(&points, &Monitor::new()).unwrap()
    }

    /// A scale at which they look alike.
    const SMALL: f64 = 0.3;

    fn directions(distances: &Condensed) -> (Smooth, Coarse) {
        let monitor = Monitor::new();
        let source = Source::Held(Cow::Borrowed(distances));
        let neighbors = Neighbors::new(&source, &monitor).unwrap();
        let smooth = Smooth::new(&source, SMALL, &monitor).unwrap().expect("points look alike");
        let inverse = neighbors.at(SMALL, &monitor).unwrap();
        let coarse = smooth.at(SMALL, &neighbors, inverse.as_ref(), &monitor).unwrap();
        (smooth, coarse.expect("neighbours know little in twelve dimensions"))
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn along_the_directions_it_inverts_similarities() {
        let distances = distances();
        let (smooth, coarse) = directions(&distances);
        let directions: Vec<_> = smooth.basis.chunks_exact(smooth.len).collect();
        for (k, direction) in directions.iter().enumerate() {
            let product = |i: usize| {
                (0..POINTS)
                    .map(|j| (-SMALL * distances.get(i, j)).exp() * direction[j])
                    .sum::<f64>()
            };
            let mut r: Vec<_> = (0..POINTS).map(product).collect();
            r.resize(smooth.len, 0.0);
            let mut z = vec![0.0; smooth.len];
            smooth.apply(&coarse, &r, &mut z, |r, z| z.copy_from_slice(r));
            for (i, other) in directions.iter().enumerate() {
                let unit = f64::from(i == k);
                assert!((dot(direction, other) - unit).abs() < 1e-6);
                // Z between the directions is known from a sixth of the points.
                assert!((dot(&z, other) - unit).abs() < 0.25, "{k} {i}: {}", dot(&z, other));
            }
        }
    }

    #[test]
    fn it_is_symmetric_and_leaves_the_rest_to_neighbours() {
        let (smooth, coarse) = directions(&distances());
        let random = |seed: usize| {
            let entry = |i| scatter((seed * POINTS + i) as u64) as f64 / u64::MAX as f64 - 0.5;
            let mut vector: Vec<_> = (0..POINTS).map(entry).collect();
            vector.resize(smooth.len, 0.0);
            vector
        };
        let (a, b) = (random(1), random(2));
        let apply = |r: &[f64]| {
            let mut z = vec![0.0; smooth.len];
            let twice =
                |r: &[f64], z: &mut [f64]| z.iter_mut().zip(r).for_each(|(z, r)| *z = 2.0 * r);
            smooth.apply(&coarse, r, &mut z, twice);
            z
        };
        assert!((dot(&apply(&a), &b) - dot(&a, &apply(&b))).abs() < 1e-10);
        let mut across = a.clone();
        for direction in smooth.basis.chunks_exact(smooth.len) {
            let along = dot(direction, &across);
            across.iter_mut().zip(direction).for_each(|(value, q)| *value -= along * q);
        }
        let inverted = apply(&across);
        assert!(inverted.iter().zip(&across).all(|(z, r)| (z - 2.0 * r).abs() < 1e-6));
    }

    #[test]
    fn points_far_apart_have_none() {
        let distances = distances();
        let source = Source::Held(Cow::Borrowed(&distances));
        assert!(Smooth::new(&source, 50.0, &Monitor::new()).unwrap().is_none());
    }
}
