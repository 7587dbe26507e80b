//! The point in the middle of a space, and how few points cover the others.

use rayon::prelude::*;

use super::landmarks::{distances_from, farthest_points};
use super::sum::pairwise_sum;
use super::{Condensed, Space};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Points whose distances are read together.
const BAND: usize = 16;
/// Distances of each that are read at once.
const TILE: usize = 512;

/// The point with the smallest sum of distances to all points, the first of several.
pub fn medoid(space: &Space<'_>, monitor: &Monitor) -> Result<usize> {
    let len = space.len();
    if len == 0 || matches!(space, Space::Graph(_)) {
        return Err(Error::invalid("X", "have distances of all pairs", "none of some"));
    }
    let mut sums = vec![0.0; len];
    monitor.expect(len as u64);
    let bands = sums.par_chunks_mut(BAND).enumerate();
    bands.try_for_each_init(Vec::new, |rows, (band, sums)| {
        rows.resize(BAND * len, 0.0);
        // Tile by tile, so that what the rows of a band share stays at hand.
        for first in (0..len).step_by(TILE) {
            monitor.check()?;
            for (k, row) in rows.chunks_exact_mut(len).take(sums.len()).enumerate() {
                let tile = &mut row[first..len.min(first + TILE)];
                distances_from(space, band * BAND + k, first, tile);
            }
        }
        for (k, (sum, row)) in sums.iter_mut().zip(rows.chunks_exact_mut(len)).enumerate() {
            row[band * BAND + k] = 0.0;
            *sum = pairwise_sum(row);
            monitor.advance(1)?;
        }
        Ok(())
    })?;
    Ok(first_of_least(&sums))
}

/// The medoid of some of the points, by its place among them.
pub(crate) fn medoid_among(
    distances: &Condensed,
    members: &[usize],
    monitor: &Monitor,
) -> Result<usize> {
    let mut row = vec![0.0; members.len()];
    let sum_from = |&i: &usize| {
        monitor.check()?;
        row.iter_mut().zip(members).for_each(|(d, &j)| *d = distances.get(i, j));
        Ok(pairwise_sum(&row))
    };
    Ok(first_of_least(&members.iter().map(sum_from).collect::<Result<Vec<_>>>()?))
}

fn first_of_least(sums: &[f64]) -> usize {
    (1..sums.len()).fold(0, |least, i| if sums[i] < sums[least] { i } else { least })
}

/// Points that cover a space, and how well they do.
#[derive(Debug, Clone, PartialEq)]
pub struct Covering {
    /// All points, each the farthest from those before it; the medoid first.
    pub order: Vec<usize>,
    /// Largest distance of a point to the nearest of those up to each.
    pub radii: Vec<f64>,
}

impl Covering {
    /// How many of the points cover all within `eps`.
    pub fn number(&self, eps: f64) -> usize {
        1 + self.radii.partition_point(|&radius| radius > eps)
    }
}

/// Goes from the medoid to the farthest point, and on to the farthest from those
/// before, as [`farthest_points`] does.
pub fn covering(space: &Space<'_>, monitor: &Monitor) -> Result<Covering> {
    let start = medoid(space, monitor)?;
    let all = farthest_points(space, space.len(), start, monitor)?;
    let mut radii = all.insertion_radii;
    radii.remove(0);
    radii.push(all.covering_radius);
    Ok(Covering { order: all.indices, radii })
}
