//! The middle degree of a volume from below: boundaries of critical squares.
//!
//! The boundary of a critical square, a cycle of edges, is pushed down along the
//! gradient, the last edges first: an edge that is paired with a square is
//! replaced by the other edges of that.

use super::chains::{Chains, Flow};
use super::lower_star::{LowerStar, ends};
use crate::homology::cubical::voxel::Key;

/// Cycles of edges; at each voxel corners of its link.
pub type Cycles<'a, K> = Chains<'a, K, false>;

impl<K: Key> Flow for Cycles<'_, K> {
    /// The boundary of a critical square.
    fn begin(&mut self, voxel: u32, side: usize) {
        let [a, b] = ends(side);
        self.column.push(self.volume.packed(voxel), 1 << a | 1 << b);
        self.push_opposite(voxel, a, b);
    }

    /// Replaces edges at a voxel until only roots of its link are left.
    fn flow(&mut self, voxel: u32, mut edges: u16, star: &LowerStar) -> u16 {
        while edges & u16::from(star.inner) != 0 {
            let corner = (edges & u16::from(star.inner)).trailing_zeros() as usize;
            let parent = star.parent[corner] as usize;
            edges ^= 1 << corner | 1 << parent;
            self.push_opposite(voxel, corner, parent);
        }
        edges
    }

    fn critical(star: &LowerStar) -> u16 {
        star.critical_edges.into()
    }

    fn pivot(critical: u16) -> u32 {
        critical.ilog2()
    }
}

impl<K: Key> Cycles<'_, K> {
    /// Adds the two edges of a square that are not at the voxel that brings it.
    fn push_opposite(&mut self, voxel: u32, a: usize, b: usize) {
        let (at_a, at_b) = (self.volume.step(voxel, a), self.volume.step(voxel, b));
        let far = self.volume.step(at_a, b);
        self.push_edge(at_a, far, b);
        self.push_edge(at_b, far, a);
    }

    /// Adds the edge from a voxel to the next one in a direction. What lies in
    /// the margin altogether is nothing, since the space around is one point.
    fn push_edge(&mut self, voxel: u32, next: u32, corner: usize) {
        let (packed, other) = (self.volume.packed(voxel), self.volume.packed(next));
        let (last, corner) = if packed > other { (packed, corner) } else { (other, corner ^ 1) };
        if !self.volume.in_margin(K::voxel(last)) {
            self.column.push(last, 1 << corner);
        }
    }
}
