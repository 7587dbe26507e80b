//! The middle degree of a volume from above: coboundaries of critical edges.
//!
//! The mirror image of [`super::cycles`]: critical edges are taken from the last
//! to the first, and their coboundaries, cocycles of squares, are pushed up
//! along the gradient, the first squares first: a square that is paired with an
//! edge is replaced by the other squares at that edge. Where plateaus hold the
//! births of many tunnels this is slower, where they hold the deaths faster.

use std::cmp::Reverse;

use super::columns::Columns;
use super::critical::Cell;
use super::lower_star::{LOWER_STARS, LowerStar, side};
use super::result::Pairs;
use super::volume::{Place, Volume};
use crate::error::Result;
use crate::monitor::Monitor;

/// Cocycles of squares; at each voxel sides of its link.
struct Cocycles<'a, K> {
    volume: &'a Volume<K>,
    columns: Columns<Reverse<Place<K>>>,
}

/// Pairs of degree one from the critical edges that end no component; nothing
/// if that takes more than `budget` steps.
pub fn reduce_cocycles<K>(
    volume: &Volume<K>,
    edges: &[Cell<K>],
    budget: u64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Option<Pairs>>
where
    K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>,
{
    let mut cocycles = Cocycles { volume, columns: Columns::new() };
    let mut pairs = Pairs::new();
    for &((_, voxel), corner) in edges.iter().rev() {
        let death = cocycles.reduce(voxel, corner.into(), monitor)?;
        if death != voxel {
            pairs.push((voxel, death));
        }
        if cocycles.columns.work() > budget {
            return Ok(None);
        }
        cocycles.columns.check_memory(max_memory)?;
    }
    Ok(Some(pairs))
}

impl<K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>> Cocycles<'_, K> {
    /// Reduces the coboundary of a critical edge; returns the voxel that brings
    /// its pivot.
    fn reduce(&mut self, voxel: u32, corner: usize, monitor: &Monitor) -> Result<u32> {
        let star = LOWER_STARS.star(self.volume.state(voxel));
        let own = star.sides_at[corner];
        if own != 0 {
            self.columns.push(self.volume.place(voxel), own);
        }
        self.push_later(voxel, corner, own);
        while let Some((voxel, mut squares)) = self.columns.pop(monitor)? {
            let star = LOWER_STARS.star(self.volume.state(voxel));
            loop {
                squares = self.push_up(voxel, squares, star);
                let critical = squares & star.critical_squares;
                if critical == 0 {
                    debug_assert_eq!(squares, 0, "a cocycle leaves no cube at its first voxel");
                    break;
                }
                let pivot = critical.trailing_zeros();
                match self.columns.claimed(voxel, pivot) {
                    Some(other) => squares ^= self.columns.add(other, self.volume),
                    None => {
                        self.columns.keep(voxel, squares, pivot, monitor)?;
                        return Ok(voxel);
                    }
                }
            }
        }
        unreachable!("in a box every critical edge that ends no component begins a tunnel")
    }

    /// Replaces squares at a voxel that are paired with edges, from the roots of
    /// the trees in its link outwards.
    fn push_up(&mut self, voxel: u32, mut squares: u16, star: &LowerStar) -> u16 {
        for &corner in &star.order[..star.inner.count_ones() as usize] {
            let corner = usize::from(corner);
            if squares >> side(corner, star.parent[corner].into()) & 1 == 1 {
                squares ^= star.sides_at[corner];
                self.push_later(voxel, corner, star.sides_at[corner]);
            }
        }
        squares
    }

    /// Adds the squares at the edge from a voxel to the next one in a direction
    /// that other voxels bring, all but `own`.
    fn push_later(&mut self, voxel: u32, a: usize, own: u16) {
        let next = self.volume.step(voxel, a);
        for b in (0..6).filter(|b| b / 2 != a / 2) {
            if own >> side(a, b) & 1 == 1 {
                continue;
            }
            let near = self.volume.place(self.volume.step(voxel, b));
            let far = self.volume.place(self.volume.step(next, b));
            let (last, square) =
                if near > far { (near, side(a, b ^ 1)) } else { (far, side(a ^ 1, b ^ 1)) };
            if !self.volume.in_margin(last.1) {
                self.columns.push(last, 1 << square);
            }
        }
    }
}
