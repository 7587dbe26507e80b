//! The minimum spanning tree of points, in memory of the size of the points.
//!
//! Edges are ordered by (length, low vertex, high vertex), so that no two are
//! equal and there is only one minimum spanning tree, whatever the method.
//!
//! * `edge`: that order.
//! * `prim`: one point after the other; for many coordinates.
//! * `sketch`: points rounded to small integers, by which Prim's algorithm
//!   passes over nearly all pairs.
//! * `integers`: distances of sketches, many at once.
//! * `boruvka`: all components at once, by nearest neighbours in other
//!   components, which a k-d tree finds; for few coordinates.
//! * `matrix`: the lengths alone, where all distances are given.

mod boruvka;
mod edge;
mod integers;
mod matrix;
mod prim;
mod sketch;

pub use edge::Edge;
pub use matrix::tree_lengths;

use crate::error::Result;
use crate::monitor::Monitor;
use crate::sort::sort_by;
use crate::space::PointCloud;

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
    sort_by(&mut tree, Edge::order, monitor)?;
    Ok(tree)
}
