//! Edges between points, in the order that makes the tree unique.

use std::cmp::Ordering;

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
    pub(super) fn new(length: f64, u: u32, v: u32) -> Self {
        Self { length, low: u.min(v), high: u.max(v) }
    }

    /// Order by length, then by vertices.
    pub fn order(&self, other: &Self) -> Ordering {
        let vertices = |edge: &Self| (edge.low, edge.high);
        self.length.total_cmp(&other.length).then_with(|| vertices(self).cmp(&vertices(other)))
    }

    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.order(other).is_lt()
    }
}
