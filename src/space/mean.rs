//! The mean distance of a space, without its matrix.

use super::condensed::row_start;
use super::sum::{half, pairwise_sum};
use super::{PointCloud, Space};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Pairs that are added at once.
const BLOCK: usize = 1 << 13;

/// The mean distance of the pairs; 0 where there are none.
///
/// The sum is that of [`pairwise_sum`] over the condensed array, of which only
/// blocks are held.
pub fn mean_distance(space: &Space<'_>, monitor: &Monitor) -> Result<f64> {
    let len = space.len();
    let pairs = len * len.saturating_sub(1) / 2;
    if pairs == 0 {
        return Ok(0.0);
    }
    monitor.expect(pairs as u64);
    let sum = match space {
        Space::Points(points) => sum_of_blocks(0, pairs, monitor, &|first, count| {
            let mut buffer = [0.0; BLOCK];
            distances_of_pairs(points, first, &mut buffer[..count]);
            pairwise_sum(&buffer[..count])
        }),
        Space::Distances(distances) => sum_of_blocks(0, pairs, monitor, &|first, count| {
            pairwise_sum(&distances.values()[first..first + count])
        }),
        Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    };
    Ok(sum? / pairs as f64)
}

fn sum_of_blocks(
    first: usize,
    count: usize,
    monitor: &Monitor,
    sum_of: &(impl Fn(usize, usize) -> f64 + Sync),
) -> Result<f64> {
    if count <= BLOCK {
        monitor.advance(count as u64)?;
        return Ok(sum_of(first, count));
    }
    let before = half(count);
    let (a, b) = rayon::join(
        || sum_of_blocks(first, before, monitor, sum_of),
        || sum_of_blocks(first + before, count - before, monitor, sum_of),
    );
    Ok(a? + b?)
}

/// Distances of the pairs from the given place of the condensed array on.
fn distances_of_pairs(points: &PointCloud<'_>, first: usize, mut out: &mut [f64]) {
    let len = points.len();
    // The last row that begins at the place or before it.
    let (mut i, mut end) = (0, len);
    while end - i > 1 {
        let middle = i.midpoint(end);
        if row_start(len, middle) <= first { i = middle } else { end = middle }
    }
    let mut j = i + 1 + first - row_start(len, i);
    while !out.is_empty() {
        let (row, rest) = out.split_at_mut(out.len().min(len - j));
        points.distances_to(points.row(i), j, row);
        (i, j, out) = (i + 1, i + 2, rest);
    }
}
