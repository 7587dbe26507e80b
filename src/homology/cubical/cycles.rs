//! The middle degree of a volume from below: boundaries of critical squares.
//!
//! The boundary of a critical square, a cycle of edges, is pushed down along the
//! gradient, the last edges first: an edge that is paired with a square is
//! replaced by the other edges of that. The first critical edge that remains is
//! the pivot; where another square has it already, its reduced cycle is added
//! (Guillou, Vidal, Tierny, "Discrete Morse sandwich", IEEE Trans. Vis. Comput.
//! Graph. 30, 2024).

use super::columns::Columns;
use super::critical::Cell;
use super::lower_star::{LOWER_STARS, LowerStar, ends};
use super::result::Pairs;
use super::volume::{Place, Volume};
use crate::error::Result;
use crate::monitor::Monitor;

/// Cycles of edges; at each voxel corners of its link.
struct Cycles<'a, K> {
    volume: &'a Volume<K>,
    columns: Columns<Place<K>>,
}

/// Pairs of degree one from the critical squares that begin no cavity; nothing
/// if that takes more than `budget` steps.
pub fn reduce_cycles<K>(
    volume: &Volume<K>,
    squares: &[Cell<K>],
    budget: u64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Option<Pairs>>
where
    K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>,
{
    let mut cycles = Cycles { volume, columns: Columns::new() };
    let mut pairs = Pairs::new();
    for &((_, voxel), side) in squares {
        let birth = cycles.reduce(voxel, side.into(), monitor)?;
        if birth != voxel {
            pairs.push((birth, voxel));
        }
        if cycles.columns.work() > budget {
            return Ok(None);
        }
        cycles.columns.check_memory(max_memory)?;
    }
    Ok(Some(pairs))
}

impl<K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>> Cycles<'_, K> {
    /// Reduces the boundary of a critical square; returns the voxel that brings
    /// its pivot.
    fn reduce(&mut self, voxel: u32, side: usize, monitor: &Monitor) -> Result<u32> {
        let [a, b] = ends(side);
        self.columns.push(self.volume.place(voxel), 1 << a | 1 << b);
        self.push_opposite(voxel, a, b);
        while let Some((voxel, mut edges)) = self.columns.pop(monitor)? {
            let star = LOWER_STARS.star(self.volume.state(voxel));
            loop {
                edges = self.push_down(voxel, edges, star);
                let critical = edges & u16::from(star.critical_edges);
                if critical == 0 {
                    debug_assert_eq!(edges, 0, "a cycle has no single edge at its last voxel");
                    break;
                }
                let pivot = critical.ilog2();
                match self.columns.claimed(voxel, pivot) {
                    Some(other) => edges ^= self.columns.add(other, self.volume),
                    None => {
                        self.columns.keep(voxel, edges, pivot, monitor)?;
                        return Ok(voxel);
                    }
                }
            }
        }
        unreachable!("in a box every critical square that begins no cavity ends a tunnel")
    }

    /// Replaces edges at a voxel until only roots of its link are left.
    fn push_down(&mut self, voxel: u32, mut edges: u16, star: &LowerStar) -> u16 {
        while edges & u16::from(star.inner) != 0 {
            let corner = (edges & u16::from(star.inner)).trailing_zeros() as usize;
            let parent = star.parent[corner] as usize;
            edges ^= 1 << corner | 1 << parent;
            self.push_opposite(voxel, corner, parent);
        }
        edges
    }

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
        let (place, other) = (self.volume.place(voxel), self.volume.place(next));
        let (last, corner) = if place > other { (place, corner) } else { (other, corner ^ 1) };
        if !self.volume.in_margin(last.1) {
            self.columns.push(last, 1 << corner);
        }
    }
}
