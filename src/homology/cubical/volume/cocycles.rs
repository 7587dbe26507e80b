//! The middle degree of a volume from above: coboundaries of critical edges.
//!
//! The mirror image of [`super::cycles`]: critical edges are taken from the last
//! to the first, and their coboundaries, cocycles of squares, are pushed up
//! along the gradient, the first squares first: a square that is paired with an
//! edge is replaced by the other squares at that edge. Where plateaus hold the
//! births of many tunnels this is slower, where they hold the deaths faster.

use super::chains::{Chains, Flow};
use super::lower_star::{LOWER_STARS, LowerStar, side};
use crate::homology::cubical::voxel::Key;

/// Cocycles of squares; at each voxel sides of its link.
pub type Cocycles<'a, K> = Chains<'a, K, true>;

impl<K: Key> Flow for Cocycles<'_, K> {
    /// The coboundary of a critical edge.
    fn begin(&mut self, voxel: u32, corner: usize) {
        let own = LOWER_STARS.star(self.volume.state(voxel)).sides_at[corner];
        if own != 0 {
            self.column.push(self.volume.packed(voxel), own);
        }
        self.push_later(voxel, corner, own);
    }

    /// Replaces squares at a voxel that are paired with edges, from the roots of
    /// the trees in its link outwards.
    fn flow(&mut self, voxel: u32, mut squares: u16, star: &LowerStar) -> u16 {
        for &corner in &star.order[..star.inner.count_ones() as usize] {
            let corner = usize::from(corner);
            if squares >> side(corner, star.parent[corner].into()) & 1 == 1 {
                squares ^= star.sides_at[corner];
                self.push_later(voxel, corner, star.sides_at[corner]);
            }
        }
        squares
    }

    fn critical(star: &LowerStar) -> u16 {
        star.critical_squares
    }

    fn pivot(critical: u16) -> u32 {
        critical.trailing_zeros()
    }
}

impl<K: Key> Cocycles<'_, K> {
    /// Adds the squares at the edge from a voxel to the next one in a direction
    /// that other voxels bring, all but `own`.
    fn push_later(&mut self, voxel: u32, a: usize, own: u16) {
        let next = self.volume.step(voxel, a);
        for b in (0..6).filter(|b| b / 2 != a / 2) {
            if own >> side(a, b) & 1 == 1 {
                continue;
            }
            let near = self.volume.packed(self.volume.step(voxel, b));
            let far = self.volume.packed(self.volume.step(next, b));
            let (last, square) =
                if near > far { (near, side(a, b ^ 1)) } else { (far, side(a ^ 1, b ^ 1)) };
            if !self.volume.in_margin(K::voxel(last)) {
                self.column.push(last, 1 << square);
            }
        }
    }
}
