//! Few points that stand for many.

use super::Space;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// A selection of points, and how far the others are from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmarks {
    /// Indices of the chosen points, in the order in which they were chosen.
    pub indices: Vec<usize>,
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
    let mut indices = vec![start];
    let mut nearest = distances_from(space, start)?;
    // Copies of a landmark are never farther than 0; below that it is taken.
    nearest[start] = f64::NEG_INFINITY;
    monitor.expect(count as u64);
    while indices.len() < count {
        monitor.advance(1)?;
        let next = farthest(&nearest);
        indices.push(next);
        for (near, d) in nearest.iter_mut().zip(distances_from(space, next)?) {
            *near = near.min(d);
        }
        nearest[next] = f64::NEG_INFINITY;
    }
    monitor.advance(1)?;
    indices.iter().for_each(|&i| nearest[i] = 0.0);
    let covering_radius = nearest.iter().copied().fold(0.0, f64::max);
    Ok(Landmarks { indices, covering_radius })
}

fn farthest(nearest: &[f64]) -> usize {
    (0..nearest.len()).rev().max_by(|&i, &j| nearest[i].total_cmp(&nearest[j])).unwrap_or(0)
}

fn distances_from(space: &Space<'_>, i: usize) -> Result<Vec<f64>> {
    let mut row = vec![0.0; space.len()];
    match space {
        Space::Points(points) => points.distances_to(points.row(i), 0, &mut row),
        Space::Distances(distances) => {
            row.iter_mut().enumerate().for_each(|(j, d)| *d = distances.get(i, j));
        }
        Space::Graph(_) => {
            return Err(Error::invalid(
                "n_landmarks",
                "be None for sparse distances (missing pairs have no distance)",
                "a number",
            ));
        }
    }
    Ok(row)
}
