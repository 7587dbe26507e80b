//! How well parts of a space cover it.

use rayon::prelude::*;

use super::{Condensed, PointCloud, Space, pairwise, pairwise_bytes};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// The Hausdorff distance of each subset from the whole space: the largest distance
/// of a point from the nearest one of the subset.
///
/// All distances are taken once if the subsets together look at more pairs, and if
/// they fit `max_memory`.
pub fn covering_radii(
    space: &Space<'_>,
    subsets: &[Vec<usize>],
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    check_subsets(space.len(), subsets)?;
    let looks: usize = subsets.iter().map(Vec::len).sum();
    match space {
        Space::Distances(distances) => among_distances(distances, subsets, monitor),
        Space::Points(points)
            if looks > points.len() / 2 && pairwise_bytes(points.len()) <= max_memory =>
        {
            among_distances(&pairwise(points, monitor)?, subsets, monitor)
        }
        Space::Points(points) => among_points(points, subsets, monitor),
        Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    }
}

fn check_subsets(len: usize, subsets: &[Vec<usize>]) -> Result<()> {
    for (s, subset) in subsets.iter().enumerate() {
        if subset.is_empty() {
            return Err(Error::invalid_at("subsets", "have points", "none", [s]));
        }
        if let Some(&i) = subset.iter().find(|&&i| i >= len) {
            return Err(Error::invalid_at("subsets", format!("be below {len}"), i, [s]));
        }
    }
    Ok(())
}

/// Each row of the condensed distances is read once a subset, from left to right.
fn among_distances(
    distances: &Condensed,
    subsets: &[Vec<usize>],
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let len = distances.len();
    monitor.expect(subsets.len() as u64);
    let of_subset = |subset: &Vec<usize>| {
        let mut ordered = subset.clone();
        ordered.sort_unstable();
        ordered.dedup();
        let (mut nearest, mut passed) = (vec![f64::INFINITY; len], 0);
        for i in 0..len {
            monitor.check()?;
            let row = distances.row(i);
            if ordered.get(passed) == Some(&i) {
                passed += 1;
                nearest[i] = 0.0;
                let later = nearest[i + 1..].iter_mut().zip(row);
                later.for_each(|(near, &d)| *near = near.min(d));
            } else {
                let to_later = ordered[passed..].iter().map(|&j| row[j - i - 1]);
                nearest[i] = to_later.fold(nearest[i], f64::min);
            }
        }
        monitor.advance(1)?;
        Ok(nearest.into_iter().fold(0.0, f64::max))
    };
    subsets.par_iter().map(of_subset).collect()
}

fn among_points(
    points: &PointCloud<'_>,
    subsets: &[Vec<usize>],
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    monitor.expect(subsets.len() as u64);
    let of_subset = |subset: &Vec<usize>| {
        let mut nearest = vec![f64::INFINITY; points.len()];
        let mut distances = vec![0.0; points.len()];
        for &i in subset {
            monitor.check()?;
            points.distances_to(points.row(i), 0, &mut distances);
            nearest.iter_mut().zip(&distances).for_each(|(near, &d)| *near = near.min(d));
        }
        monitor.advance(1)?;
        Ok(nearest.into_iter().fold(0.0, f64::max))
    };
    subsets.par_iter().map(of_subset).collect()
}
