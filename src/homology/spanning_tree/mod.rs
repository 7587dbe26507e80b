//! The minimum spanning tree of points, in memory of the size of the points.
//!
//! Edges are ordered by (length, low vertex, high vertex), so that no two are
//! equal and there is only one minimum spanning tree, whatever the method.
//!
//! * `prim`: one point after the other; for many coordinates.
//! * `sketch`: points rounded to small integers, by which Prim's algorithm
//!   passes over nearly all pairs.
//! * `integers`: distances of sketches, many at once.
//! * `boruvka`: all components at once, by nearest neighbours in other
//!   components, which a k-d tree finds; for few coordinates.
//! * `matrix`: the lengths alone, where all distances are given.

mod boruvka;
mod integers;
mod matrix;
mod prim;
mod sketch;

pub use matrix::tree_lengths;

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::PointCloud;

/// An edge between two points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// Distance of the two.
    pub length: f64,
    /// The lesser index.
    pub low: u32,
    /// The greater index.
    pub high: u32,
}

impl Edge {
    fn new(length: f64, u: u32, v: u32) -> Self {
        Self { length, low: u.min(v), high: u.max(v) }
    }

    /// Order by length, then by vertices.
    pub fn order(&self, other: &Self) -> Ordering {
        let vertices = |edge: &Self| (edge.low, edge.high);
        self.length.total_cmp(&other.length).then_with(|| vertices(self).cmp(&vertices(other)))
    }

    fn is_before(&self, other: &Self) -> bool {
        self.order(other).is_lt()
    }
}

/// A way to the minimum spanning tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Prim's algorithm: every pair is looked at once.
    Prim,
    /// Borůvka's algorithm on a k-d tree: most pairs are never looked at,
    /// provided that there are few coordinates.
    Boruvka,
}

impl Method {
    /// The faster way to the tree of `len` points with `dim` coordinates.
    ///
    /// Prim's algorithm takes time in proportion to n². Borůvka's takes little
    /// more than n, but twice as much with every further coordinate: the two
    /// meet at about 1000 · 2ᵈ normally distributed points.
    pub fn faster(len: usize, dim: usize) -> Self {
        let many = (len >> 10).checked_shr(dim as u32).unwrap_or(0) > 0;
        if many { Self::Boruvka } else { Self::Prim }
    }
}

/// The edges of the minimum spanning tree, in order.
pub fn spanning_tree(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Vec<Edge>> {
    spanning_tree_by(Method::faster(points.len(), points.dim()), points, monitor)
}

/// As [`spanning_tree`], by the given method.
pub fn spanning_tree_by(
    method: Method,
    points: &PointCloud<'_>,
    monitor: &Monitor,
) -> Result<Vec<Edge>> {
    monitor.check()?;
    monitor.expect(points.len().saturating_sub(1) as u64);
    let mut tree = match (points.len(), method) {
        (0 | 1, _) => Vec::new(),
        (_, Method::Prim) => prim::spanning_tree(points, monitor)?,
        (_, Method::Boruvka) => boruvka::spanning_tree(points, monitor)?,
    };
    tree.par_sort_unstable_by(Edge::order);
    Ok(tree)
}
