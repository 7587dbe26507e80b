//! Few points that stand for many.

use rayon::prelude::*;

use super::Space;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// A selection of points, and how far the others are from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmarks {
    /// Indices of the chosen points, in the order in which they were chosen.
    pub indices: Vec<usize>,
    /// Distance of each to the nearest of those chosen before it, never
    /// increasing; infinite for the first.
    pub insertion_radii: Vec<f64>,
    /// Largest distance of any point to its nearest landmark.
    ///
    /// The Vietoris-Rips diagrams of a metric space and of its landmarks are
    /// at most twice this far apart in bottleneck distance.
    pub covering_radius: f64,
}

/// Chooses `count` points, each the farthest from those before it (Gonzalez
/// 1985), beginning with `start`. Ties go to the least index.
pub fn farthest_points(
    space: &Space<'_>,
    count: usize,
    start: usize,
    monitor: &Monitor,
) -> Result<Landmarks> {
    let len = space.len();
    if count == 0 || count > len {
        let rule = format!("be between 1 and the number of points ({len})");
        return Err(Error::invalid("n_landmarks", rule, count));
    }
    if start >= len {
        let rule = format!("be below the number of points ({len})");
        return Err(Error::invalid("start", rule, start));
    }
    if matches!(space, Space::Graph(_)) {
        return Err(Error::invalid(
            "n_landmarks",
            "be None for sparse distances (missing pairs have no distance)",
            "a number",
        ));
    }
    let (mut indices, mut insertion_radii) = (Vec::new(), Vec::new());
    let mut nearest = vec![f64::INFINITY; len];
    let mut farthest = (f64::INFINITY, start);
    monitor.expect(count as u64);
    while indices.len() < count {
        monitor.advance(1)?;
        let (radius, newest) = farthest;
        insertion_radii.push(radius);
        indices.push(newest);
        // Copies of a landmark are never farther than 0; below that it is taken.
        nearest[newest] = f64::NEG_INFINITY;
        farthest = approach(space, newest, &mut nearest);
    }
    Ok(Landmarks { indices, insertion_radii, covering_radius: farthest.0.max(0.0) })
}

/// Lowers the distances to the nearest landmark after `newest` has become one;
/// the largest that is left, and the point where it is found.
fn approach(space: &Space<'_>, newest: usize, nearest: &mut [f64]) -> (f64, usize) {
    const BLOCK: usize = 1024;
    let farthest_of_block = |(block, near): (usize, &mut [f64])| {
        let mut buffer = [0.0; BLOCK];
        let distances = &mut buffer[..near.len()];
        distances_from(space, newest, block * BLOCK, distances);
        let mut farthest = NOWHERE;
        for (k, (near, &d)) in near.iter_mut().zip(distances.iter()).enumerate() {
            *near = near.min(d);
            if *near > farthest.0 {
                farthest = (*near, block * BLOCK + k);
            }
        }
        farthest
    };
    let dim = if let Space::Points(points) = space { points.dim() } else { 1 };
    if nearest.len() * dim.max(8) < 16 * BLOCK {
        nearest.chunks_mut(BLOCK).enumerate().map(farthest_of_block).fold(NOWHERE, farther)
    } else {
        let blocks = nearest.par_chunks_mut(BLOCK).enumerate();
        blocks.map(farthest_of_block).reduce(|| NOWHERE, farther)
    }
}

const NOWHERE: (f64, usize) = (f64::NEG_INFINITY, usize::MAX);

fn farther(a: (f64, usize), b: (f64, usize)) -> (f64, usize) {
    if b.0 > a.0 || (b.0 == a.0 && b.1 < a.1) { b } else { a }
}

/// Distances from a point to `first, first + 1, …`, where all pairs have one.
pub(crate) fn distances_from(space: &Space<'_>, i: usize, first: usize, out: &mut [f64]) {
    match space {
        Space::Points(points) => points.distances_to(points.row(i), first, out),
        Space::Distances(distances) => distances.distances_to(i, first, out),
        Space::Graph(_) => unreachable!("sparse distances are refused"),
    }
}
