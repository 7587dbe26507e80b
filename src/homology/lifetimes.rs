//! Sums of powers of the lifetimes in degree zero.
//!
//! E_α = Σ ℓ^α over the finite bars of degree zero of the Vietoris-Rips
//! filtration, which are the edges of the minimum spanning tree. How the sum
//! grows with the number of points tells the persistent homology dimension
//! (Birdal, Lou, Guibas, Şimşekli, NeurIPS 2021).

use rayon::prelude::*;

use super::spanning_tree::{Method, spanning_tree, tree_lengths};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, PointCloud, Space, pairwise, pairwise_bytes};

/// E_α of each subset, from one matrix of distances.
///
/// Where that matrix has more pairs than the subsets together, or does not fit
/// `max_memory`, or where few coordinates make it needless, the trees are those of points,
/// and no distance is kept.
pub fn lifetime_sums(
    space: &Space<'_>,
    subsets: &[Vec<usize>],
    alpha: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    if !(alpha > 0.0 && alpha.is_finite()) {
        return Err(Error::invalid("alpha", "be a positive number", alpha));
    }
    monitor.allow(max_memory, "sums of lifetimes", "use fewer points or subsets");
    let lengths = match space {
        Space::Distances(distances) => among_distances(distances, subsets, monitor)?,
        Space::Points(points) if pays(points, subsets, max_memory) => {
            among_distances(&pairwise(points, monitor)?, subsets, monitor)?
        }
        Space::Points(points) => among_points(points, subsets, monitor)?,
        Space::Graph(_) => return Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    };
    if lengths.iter().flatten().any(|length| length.is_infinite()) {
        return Err(Error::invalid("X", "hold finite distances", "points infinitely far apart"));
    }
    lengths.iter().map(|lengths| sum_of_powers(lengths, alpha)).collect()
}

/// Σ ℓ^α; refuses what would be infinite, and zero where some length is not.
fn sum_of_powers(lengths: &[f64], alpha: f64) -> Result<f64> {
    let sum = lengths.iter().fold(0.0, |sum, l| sum + l.powf(alpha));
    let longest = lengths.iter().copied().fold(0.0, f64::max);
    if longest == 0.0 || sum.is_finite() && sum > 0.0 {
        return Ok(sum);
    }
    let rule = format!("leave powers of lengths up to {longest:e} in the range of numbers");
    let advice = "use a smaller one, or another unit of length";
    Err(Error::invalid("alpha", rule, alpha).with_advice(advice))
}

/// Whether to take the distances of all points first.
fn pays(points: &PointCloud<'_>, subsets: &[Vec<usize>], max_memory: u64) -> bool {
    let pairs: u64 = subsets.iter().map(|subset| pairwise_bytes(subset.len())).sum();
    let all = pairwise_bytes(points.len());
    let largest = subsets.iter().map(Vec::len).max().unwrap_or(0);
    // The same bytes in one subset as in all points means that it is all.
    all < pairs && all <= max_memory && Method::faster(largest, points.dim()) == Method::Prim
}

fn among_distances(
    distances: &Condensed,
    subsets: &[Vec<usize>],
    monitor: &Monitor,
) -> Result<Vec<Vec<f64>>> {
    monitor.expect(subsets.len() as u64);
    let of_subset = |subset: &Vec<usize>| {
        let lengths = tree_lengths(distances, subset, monitor)?;
        monitor.advance(1)?;
        Ok(lengths)
    };
    subsets.par_iter().map(of_subset).collect()
}

/// One after the other: each tree is made by all threads.
fn among_points(
    points: &PointCloud<'_>,
    subsets: &[Vec<usize>],
    monitor: &Monitor,
) -> Result<Vec<Vec<f64>>> {
    let of_subset = |subset: &Vec<usize>| {
        let tree = spanning_tree(&points.select(subset, monitor)?, monitor)?;
        Ok(tree.iter().map(|edge| edge.length).collect())
    };
    subsets.iter().map(of_subset).collect()
}
