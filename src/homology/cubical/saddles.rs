//! The middle degree of a volume: critical edges against critical squares.
//!
//! The boundary of a critical square, a cycle of edges, is pushed down along the
//! gradient, the last edges first: an edge that is paired with a square is
//! replaced by the other edges of that. The first critical edge that remains is
//! the pivot; where another square has it already, its reduced cycle is added
//! (Guillou, Vidal, Tierny, "Discrete Morse sandwich", IEEE Trans. Vis. Comput.
//! Graph. 30, 2024).

use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::critical::Cell;
use super::lower_star::{LOWER_STARS, ends};
use super::result::Pairs;
use super::volume::{Place, Volume};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Bytes of an edge in a kept cycle.
const BYTES_OF_EDGE: u64 = 5;

/// Some of the edges that a voxel brings, by the corners of its link.
type Edges<K> = (Place<K>, u8);

/// The cycles of critical squares, reduced one after the other.
struct Cycles<'a, K> {
    volume: &'a Volume<K>,
    /// The cycle whose pivot an edge is.
    claimed: FxHashMap<(u32, u8), u32>,
    /// Where the edges of each cycle begin; voxels and corners thereof.
    starts: Vec<usize>,
    voxels: Vec<u32>,
    corners: Vec<u8>,
    /// The present cycle, last edges on top.
    heap: BinaryHeap<Edges<K>>,
}

/// Pairs of degree one, from the critical squares that end no cavity.
pub fn tunnels<K>(
    volume: &Volume<K>,
    squares: &[Cell<K>],
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Pairs>
where
    K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>,
{
    let mut cycles = Cycles {
        volume,
        claimed: FxHashMap::default(),
        starts: vec![0],
        voxels: Vec::new(),
        corners: Vec::new(),
        heap: BinaryHeap::new(),
    };
    let mut pairs = Pairs::new();
    for &((_, voxel), side) in squares {
        let birth = cycles.reduce(voxel, side.into(), monitor)?;
        if birth != voxel {
            pairs.push((birth, voxel));
        }
        cycles.check_memory(max_memory)?;
    }
    Ok(pairs)
}

impl<K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>> Cycles<'_, K> {
    /// Reduces the boundary of a critical square; returns the voxel that brings
    /// its pivot.
    fn reduce(&mut self, voxel: u32, side: usize, monitor: &Monitor) -> Result<u32> {
        let [a, b] = ends(side);
        self.heap.push((self.volume.place(voxel), 1 << a | 1 << b));
        self.push_opposite(voxel, a, b);
        while let Some((place, mut edges)) = self.pop() {
            monitor.check()?;
            let voxel = place.1;
            let star = LOWER_STARS.star(self.volume.state(voxel));
            loop {
                edges = self.push_down(voxel, edges, star.inner, &star.parent);
                let critical = edges & star.critical_edges;
                if critical == 0 {
                    debug_assert_eq!(edges, 0, "a cycle has no single edge at its last voxel");
                    break;
                }
                let pivot = critical.ilog2() as u8;
                match self.claimed.get(&(voxel, pivot)) {
                    Some(&other) => edges ^= self.add(other),
                    None => {
                        self.claimed.insert((voxel, pivot), self.starts.len() as u32 - 1);
                        self.keep(voxel, edges);
                        return Ok(voxel);
                    }
                }
            }
        }
        unreachable!("in a box every critical square without a part in a cavity ends a tunnel")
    }

    /// Takes the last voxel that has edges in the cycle.
    fn pop(&mut self) -> Option<Edges<K>> {
        while let Some((place, mut edges)) = self.heap.pop() {
            while let Some(&(next, more)) = self.heap.peek()
                && next == place
            {
                self.heap.pop();
                edges ^= more;
            }
            if edges != 0 {
                return Some((place, edges));
            }
        }
        None
    }

    /// Replaces edges at a voxel until only roots of its link are left.
    fn push_down(&mut self, voxel: u32, mut edges: u8, inner: u8, parent: &[u8; 6]) -> u8 {
        while edges & inner != 0 {
            let corner = (edges & inner).trailing_zeros() as usize;
            let parent = parent[corner] as usize;
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
        let edge = if place > other { (place, 1 << corner) } else { (other, 1 << (corner ^ 1)) };
        if !self.volume.in_margin(edge.0.1) {
            self.heap.push(edge);
        }
    }

    /// Adds a kept cycle; returns its edges at its last voxel.
    fn add(&mut self, cycle: u32) -> u8 {
        let range = self.starts[cycle as usize]..self.starts[cycle as usize + 1];
        for k in range.clone().skip(1) {
            self.heap.push((self.volume.place(self.voxels[k]), self.corners[k]));
        }
        self.corners[range.start]
    }

    /// Keeps the present cycle, of which `edges` at `voxel` have been taken.
    fn keep(&mut self, voxel: u32, edges: u8) {
        self.voxels.push(voxel);
        self.corners.push(edges);
        while let Some(((_, voxel), edges)) = self.pop() {
            self.voxels.push(voxel);
            self.corners.push(edges);
        }
        self.starts.push(self.voxels.len());
    }

    fn check_memory(&self, allowed: u64) -> Result<()> {
        let needed = BYTES_OF_EDGE * self.voxels.capacity() as u64;
        if needed <= allowed {
            return Ok(());
        }
        Err(Error::TooLarge {
            job: "the reduction in degree 1".into(),
            needed,
            allowed,
            advice: "use `maxdim=0`, a smaller or a smoother image, or `cubical_betti`".into(),
        })
    }
}
