//! Distances to the measure of a sample, and how far resampling moves them.
//!
//! With the share m of the mass, d(x)² is the mean of the squared distances from x to
//! the nearest points that hold it (Chazal, Cohen-Steiner, Mérigot, Found. Comput.
//! Math. 11, 2011). Unlike the distance to the nearest point, it moves little when
//! points are added or replaced.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::PointCloud;
use super::points::power_of_two;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Distances to the measure at some places, and their largest changes, one for each
/// resampling: the supremum over the places.
#[derive(Debug, Clone, PartialEq)]
pub struct DistancesToMeasure {
    /// Value at each place.
    pub values: Vec<f64>,
    /// Largest change over all places for each resampling.
    pub largest_changes: Vec<f64>,
}

/// Places between two reductions; fixed, whatever the number of threads.
const BLOCK: usize = 32;

/// Distances to the measure of `sample` at the rows of `places`, and to its
/// resamplings: rows of numbers that say how often each point was drawn.
pub fn distances_to_measure(
    sample: &PointCloud<'_>,
    places: ArrayView2<'_, f64>,
    mass: f64,
    resamplings: ArrayView2<'_, u32>,
    monitor: &Monitor,
) -> Result<DistancesToMeasure> {
    check(sample, places, mass, resamplings)?;
    let sample = sample.facing(places);
    let wanted = mass * sample.len() as f64;
    monitor.expect(places.nrows() as u64);
    let of_block = |block: usize| {
        let rows = block * BLOCK..places.nrows().min((block + 1) * BLOCK);
        let mut values = Vec::with_capacity(rows.len());
        let mut largest = vec![0.0_f64; resamplings.nrows()];
        let mut distances = vec![0.0; sample.len()];
        for place in rows {
            sample.distances_to(&places.row(place).to_vec(), 0, &mut distances);
            let mut nearest = Nearest::new(&distances);
            let value = nearest.root_mean(wanted, |_| 1);
            for (largest, drawn) in largest.iter_mut().zip(resamplings.rows()) {
                let resampled = nearest.root_mean(wanted, |i| drawn[i]);
                *largest = largest.max((resampled - value).abs());
            }
            values.push(value);
            monitor.advance(1)?;
        }
        Ok((values, largest))
    };
    let blocks: Result<Vec<_>> =
        (0..places.nrows().div_ceil(BLOCK)).into_par_iter().map(of_block).collect();
    let mut found = DistancesToMeasure {
        values: Vec::with_capacity(places.nrows()),
        largest_changes: vec![0.0; resamplings.nrows()],
    };
    for (values, largest) in blocks? {
        found.values.extend(values);
        found.largest_changes.iter_mut().zip(largest).for_each(|(a, b)| *a = a.max(b));
    }
    Ok(found)
}

/// Distances to points, of which the least are in order: as many as have been asked for.
struct Nearest {
    distances: Vec<(f64, usize)>,
    sorted: usize,
}

impl Nearest {
    fn new(distances: &[f64]) -> Self {
        let distances = distances.iter().enumerate().map(|(i, &d)| (d, i)).collect();
        Self { distances, sorted: 0 }
    }

    /// The root of the mean of the squares of the least distances that hold the mass wanted.
    fn root_mean(&mut self, wanted: f64, times: impl Fn(usize) -> u32) -> f64 {
        loop {
            let all = self.sorted == self.distances.len();
            match root_mean(&self.distances[..self.sorted], wanted, &times) {
                (mean, left) if left <= 0.0 || all => return mean,
                _ => self.sort_more(wanted as usize),
            }
        }
    }

    /// Puts some more distances in order, by index where they are equal.
    fn sort_more(&mut self, count: usize) {
        /// What resampling asks for beyond what the sample does, mostly.
        const MORE: usize = 32;
        let before = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let rest = &mut self.distances[self.sorted..];
        let count = rest.len().min(count + count / 8 + MORE);
        if count < rest.len() {
            rest.select_nth_unstable_by(count, before);
        }
        rest[..count].sort_unstable_by(before);
        self.sorted += count;
    }
}

/// The root of the mean of the squares of the least distances that hold the mass wanted,
/// the last of them in part, and what is left of the mass; `times` says how often each counts.
fn root_mean(distances: &[(f64, usize)], wanted: f64, times: impl Fn(usize) -> u32) -> (f64, f64) {
    /// Below it squares may have vanished; the unit in which they have not.
    const SAFE: f64 = power_of_two(-900);
    const UNIT: f64 = power_of_two(-600);
    let mean_square = |unit: f64| {
        let (mut sum, mut left) = (0.0, wanted);
        for &(distance, i) in distances {
            let taken = f64::from(times(i)).min(left);
            if taken > 0.0 {
                sum += taken * ((distance / unit) * (distance / unit));
            }
            left -= taken;
            if left <= 0.0 {
                break;
            }
        }
        (sum / wanted, left)
    };
    let (mean, left) = mean_square(1.0);
    (if mean >= SAFE { mean.sqrt() } else { UNIT * mean_square(UNIT).0.sqrt() }, left)
}

fn check(
    sample: &PointCloud<'_>,
    places: ArrayView2<'_, f64>,
    mass: f64,
    resamplings: ArrayView2<'_, u32>,
) -> Result<()> {
    if !(mass > 0.0 && mass <= 1.0) {
        return Err(Error::invalid("mass", "be above 0 and at most 1", mass));
    }
    if sample.is_empty() {
        return Err(Error::invalid("X", "have points", "none"));
    }
    if places.ncols() != sample.dim() {
        let rule = format!("have {} coordinates", sample.dim());
        return Err(Error::invalid("places", rule, places.ncols()));
    }
    if let Some(((i, j), value)) = places.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::invalid_at("places", "be finite", value, [i, j]));
    }
    let largest = sample.metric().largest_entry(sample.dim());
    if let Some(((i, j), value)) = places.indexed_iter().find(|(_, x)| x.abs() > largest) {
        let rule = format!("be at most {largest:.3e} in size, or distances overflow");
        return Err(Error::invalid_at("places", rule, format!("{value:e}"), [i, j]));
    }
    let len = sample.len();
    let right = |drawn: &[u32]| drawn.iter().map(|&c| c as usize).sum::<usize>() == len;
    for (r, drawn) in resamplings.rows().into_iter().enumerate() {
        if drawn.len() != len || !right(&drawn.to_vec()) {
            let rule = format!("draw {len} points");
            return Err(Error::invalid_at("resamplings", rule, drawn.sum(), [r]));
        }
    }
    Ok(())
}
