//! Common neighbours of several vertices, with the rank of the last edge.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::homology::rips::filtration::{Entering, NO_EDGE, Ranking, neighbor_lists, table_bytes};
use crate::homology::rips::options::MAX_DIMENSION;
use crate::monitor::Monitor;

/// Who is joined to whom, and since when.
pub trait Adjacency: Sync {
    /// Visits the vertices joined to all of `vertices` by edges of rank below
    /// `limit`, ascending, each with the highest rank among those edges.
    fn common_neighbors(
        &self,
        vertices: &[u32],
        limit: u32,
        visit: impl FnMut(u32, u32) -> ControlFlow<()>,
    );

    /// Visits the places of those of the ascending `candidates` that are joined
    /// to `vertex` by an edge of rank below `limit`.
    fn joined(
        &self,
        vertex: u32,
        candidates: &[u32],
        limit: u32,
        visit: impl FnMut(usize) -> ControlFlow<()>,
    );

    /// Bytes taken.
    fn bytes(&self) -> u64;
}

/// Whether a matrix is the better choice: where rows are so full that looking
/// at all vertices costs less than merging lists.
pub fn ranks_pay(len: usize, edges: usize) -> bool {
    const SHARE: usize = 16;
    edges * 2 * SHARE >= len * len
}

/// All ranks in a square matrix.
#[derive(Debug)]
pub struct DenseAdjacency {
    len: usize,
    ranks: Vec<u32>,
}

impl DenseAdjacency {
    /// Bytes for that many vertices.
    pub fn bytes_for(len: usize) -> u64 {
        table_bytes(len)
    }

    pub fn new(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Self> {
        Ok(Self { len: ranking.len(), ranks: ranking.table(monitor)? })
    }

    fn row(&self, i: u32) -> &[u32] {
        &self.ranks[i as usize * self.len..(i as usize + 1) * self.len]
    }
}

impl Adjacency for DenseAdjacency {
    fn bytes(&self) -> u64 {
        size_of_val(self.ranks.as_slice()) as u64
    }

    fn common_neighbors(
        &self,
        vertices: &[u32],
        limit: u32,
        mut visit: impl FnMut(u32, u32) -> ControlFlow<()>,
    ) {
        const BLOCK: usize = 64;
        let mut highest = [NO_EDGE; BLOCK];
        for start in (0..self.len).step_by(BLOCK) {
            let end = self.len.min(start + BLOCK);
            let block = &mut highest[..end - start];
            block.copy_from_slice(&self.row(vertices[0])[start..end]);
            for &vertex in &vertices[1..] {
                let row = &self.row(vertex)[start..end];
                block.iter_mut().zip(row).for_each(|(high, &rank)| *high = rank.max(*high));
            }
            for (v, &rank) in (start as u32..).zip(block.iter()) {
                if rank < limit && visit(v, rank).is_break() {
                    return;
                }
            }
        }
    }

    fn joined(
        &self,
        vertex: u32,
        candidates: &[u32],
        limit: u32,
        mut visit: impl FnMut(usize) -> ControlFlow<()>,
    ) {
        let row = self.row(vertex);
        for (place, &v) in candidates.iter().enumerate() {
            if row[v as usize] < limit && visit(place).is_break() {
                return;
            }
        }
    }
}

/// For each vertex its neighbours, ascending, with ranks.
#[derive(Debug)]
pub struct SparseAdjacency {
    starts: Vec<usize>,
    neighbors: Vec<(u32, u32)>,
}

impl SparseAdjacency {
    /// Bytes for that many edges.
    pub fn bytes_for(edges: usize) -> u64 {
        (2 * edges * size_of::<(u32, u32)>()) as u64
    }

    pub fn new(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Self> {
        let (starts, neighbors) = neighbor_lists(ranking, |vertex, rank| (vertex, rank), monitor)?;
        Ok(Self { starts, neighbors })
    }

    fn row(&self, i: u32) -> &[(u32, u32)] {
        &self.neighbors[self.starts[i as usize]..self.starts[i as usize + 1]]
    }
}

impl Adjacency for SparseAdjacency {
    fn bytes(&self) -> u64 {
        size_of_val(self.neighbors.as_slice()) as u64
    }

    fn common_neighbors(
        &self,
        vertices: &[u32],
        limit: u32,
        mut visit: impl FnMut(u32, u32) -> ControlFlow<()>,
    ) {
        const MOST: usize = MAX_DIMENSION + 3;
        let mut rows: [&[(u32, u32)]; MOST] = [&[]; MOST];
        let rows = &mut rows[..vertices.len()];
        rows.iter_mut().zip(vertices).for_each(|(row, &v)| *row = self.row(v));
        rows.sort_unstable_by_key(|row| row.len());
        let (shortest, others) = rows.split_first_mut().expect("a simplex has vertices");
        'candidates: for &(v, mut highest) in shortest.iter() {
            for row in others.iter_mut() {
                while row.first().is_some_and(|&(w, _)| w < v) {
                    *row = &row[1..];
                }
                match row.first() {
                    None => return,
                    Some(&(w, rank)) if w == v => highest = highest.max(rank),
                    Some(_) => continue 'candidates,
                }
            }
            if highest < limit && visit(v, highest).is_break() {
                return;
            }
        }
    }

    fn joined(
        &self,
        vertex: u32,
        candidates: &[u32],
        limit: u32,
        mut visit: impl FnMut(usize) -> ControlFlow<()>,
    ) {
        let row = self.row(vertex);
        let mut next = 0;
        for (place, &v) in candidates.iter().enumerate() {
            while next < row.len() && row[next].0 < v {
                next += 1;
            }
            match row.get(next) {
                None => return,
                Some(&(w, rank)) => {
                    if w == v && rank < limit && visit(place).is_break() {
                        return;
                    }
                }
            }
        }
    }
}
