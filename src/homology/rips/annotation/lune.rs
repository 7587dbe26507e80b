//! Lunes: the common neighbours of the two ends of an edge that enters.

use super::active::ActiveRows;
use super::vectors::{Edge, Id};
use crate::error::Result;
use crate::homology::bits::{BITS, BitRows, Block};
use crate::homology::rips::filtration::Filtration;
use crate::monitor::Monitor;

/// The edges that are there, with their annotations.
///
/// Vertex k of the lune of (i, j) is a triangle whose other sides are (i, k)
/// and (j, k). It is *free* if both are annotated by zero, and in *accord* if
/// their annotations are equal, so that it asks for zero on (i, j).
pub trait Lunes: Send + Sync {
    /// Whether the edge changes nothing: some vertex of its lune is free, and
    /// all are in accord.
    fn is_quiet(&self, edge: Edge) -> bool;

    /// Whether `k` is not in the lune of the edge, or in accord.
    fn is_in_accord(&self, edge: Edge, k: u32) -> bool;

    /// Lists the vertices of the lune from which something can be learnt, a
    /// free one first: with a free one those that are not in accord; without,
    /// all of them.
    fn witnesses(&self, edge: Edge, witnesses: &mut Vec<u32>);

    /// The annotation of the edge from `i` to `k`.
    fn annotation(&self, i: u32, k: u32) -> Id;

    /// Adds an edge, annotated by zero.
    fn join(&mut self, edge: Edge);

    /// Writes the annotation of an edge that is there, one way.
    fn annotate(&mut self, i: u32, k: u32, id: Id);

    /// Bytes taken now.
    fn bytes(&self) -> u64;
}

/// For graphs with many edges: rows of bits.
#[derive(Debug)]
pub struct DenseLunes {
    neighbors: BitRows,
    active: ActiveRows,
}

impl DenseLunes {
    /// The most vertices there can be.
    pub const MOST: usize = 1 << 16;

    pub fn new(len: usize) -> Self {
        Self { neighbors: BitRows::new(len, len), active: ActiveRows::new(len, len) }
    }

    /// Bytes for `len` vertices without active edges.
    pub fn bytes_for(len: usize) -> u64 {
        BitRows::bytes(len, len) + ActiveRows::bytes(len, len)
    }

    /// Common neighbours, in one block.
    #[inline(always)]
    fn lune(&self, [i, j]: Edge, block: usize) -> Block {
        let (a, b) = (&self.neighbors.row(i)[block], &self.neighbors.row(j)[block]);
        Block::from_words(|k| a.0[k] & b.0[k])
    }

    /// Those with an active side, in one block.
    #[inline(always)]
    fn active(&self, [i, j]: Edge, block: usize) -> Block {
        let (a, b) = (&self.active.bits(i)[block], &self.active.bits(j)[block]);
        Block::from_words(|k| a.0[k] | b.0[k])
    }
}

impl Lunes for DenseLunes {
    #[inline(always)]
    fn is_quiet(&self, edge: Edge) -> bool {
        let blocks = self.neighbors.blocks_per_row();
        if self.active.is_empty(edge[0]) && self.active.is_empty(edge[1]) {
            return (0..blocks).any(|block| !self.lune(edge, block).is_empty());
        }
        let mut any_free = false;
        for block in 0..blocks {
            let lune = self.lune(edge, block);
            let active = self.active(edge, block);
            any_free |= !Block::from_words(|k| lune.0[k] & !active.0[k]).is_empty();
            let suspects = Block::from_words(|k| lune.0[k] & active.0[k]);
            if !suspects.is_empty() && self.active.differ(edge[0], edge[1], block, &suspects) {
                return false;
            }
        }
        any_free
    }

    #[inline(always)]
    fn is_in_accord(&self, [i, j]: Edge, k: u32) -> bool {
        let inside = self.neighbors.contains(i, k) && self.neighbors.contains(j, k);
        !inside || self.active.get(i, k) == self.active.get(j, k)
    }

    #[inline(always)]
    fn witnesses(&self, edge: Edge, witnesses: &mut Vec<u32>) {
        witnesses.clear();
        let blocks = 0..self.neighbors.blocks_per_row();
        let free = blocks.clone().find_map(|block| {
            let (lune, active) = (self.lune(edge, block), self.active(edge, block));
            let free = Block::from_words(|k| lune.0[k] & !active.0[k]);
            free.ones().next().map(|place| (block * BITS + place) as u32)
        });
        witnesses.extend(free);
        for block in blocks {
            let lune = self.lune(edge, block);
            let vertices = lune.ones().map(|place| (block * BITS + place) as u32);
            if free.is_none() {
                witnesses.extend(vertices);
            } else {
                let active = self.active(edge, block);
                let suspects = Block::from_words(|k| lune.0[k] & active.0[k]);
                let vertices = suspects.ones().map(|place| (block * BITS + place) as u32);
                witnesses.extend(vertices.filter(|&k| {
                    self.active.get(edge[0], k) != self.active.get(edge[1], k)
                }));
            }
        }
    }

    #[inline(always)]
    fn annotation(&self, i: u32, k: u32) -> Id {
        self.active.get(i, k)
    }

    #[inline(always)]
    fn join(&mut self, [i, j]: Edge) {
        self.neighbors.insert(i, j);
        self.neighbors.insert(j, i);
    }

    fn annotate(&mut self, i: u32, k: u32, id: Id) {
        self.active.set(i, k, id);
    }

    fn bytes(&self) -> u64 {
        self.active.entry_bytes()
    }
}

/// For graphs with few edges: sorted lists of all that will ever be there.
#[derive(Debug)]
pub struct SparseLunes {
    starts: Vec<usize>,
    neighbors: Vec<u32>,
    /// Beside each neighbour, [`ABSENT`] until the edge enters.
    ids: Vec<Id>,
}

const ABSENT: Id = Id::MAX;

impl SparseLunes {
    pub fn new(filtration: &Filtration<'_>, monitor: &Monitor) -> Result<Self> {
        let mut starts = vec![0; filtration.len() + 2];
        for (i, j) in filtration.edges() {
            starts[i as usize + 2] += 1;
            starts[j as usize + 2] += 1;
        }
        for i in 2..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut neighbors = vec![0; 2 * filtration.edge_count()];
        for (i, j) in filtration.edges() {
            monitor.check()?;
            for (from, to) in [(i, j), (j, i)] {
                let end = &mut starts[from as usize + 1];
                neighbors[*end] = to;
                *end += 1;
            }
        }
        starts.pop();
        for i in 0..filtration.len() {
            neighbors[starts[i]..starts[i + 1]].sort_unstable();
        }
        let ids = vec![ABSENT; neighbors.len()];
        Ok(Self { starts, neighbors, ids })
    }

    /// Bytes for a graph.
    pub fn bytes_for(len: usize, edges: usize) -> u64 {
        (len * size_of::<usize>() + 2 * edges * (size_of::<u32>() + size_of::<Id>())) as u64
    }

    fn row(&self, i: u32) -> (&[u32], &[Id]) {
        let row = self.starts[i as usize]..self.starts[i as usize + 1];
        (&self.neighbors[row.clone()], &self.ids[row])
    }

    fn place(&self, i: u32, k: u32) -> Option<usize> {
        let place = self.row(i).0.binary_search(&k).ok()?;
        Some(self.starts[i as usize] + place)
    }

    /// Visits the lune with both annotations until told to stop.
    fn visit(&self, [i, j]: Edge, mut visit: impl FnMut(u32, Id, Id) -> bool) {
        let ((a, ids_a), (b, ids_b)) = (self.row(i), self.row(j));
        let (mut x, mut y) = (0, 0);
        while x < a.len() && y < b.len() {
            if a[x] == b[y] {
                let there = ids_a[x] != ABSENT && ids_b[y] != ABSENT;
                if there && !visit(a[x], ids_a[x], ids_b[y]) {
                    return;
                }
            }
            let (left, right) = (a[x], b[y]);
            x += usize::from(left <= right);
            y += usize::from(right <= left);
        }
    }
}

impl Lunes for SparseLunes {
    #[inline(always)]
    fn is_quiet(&self, edge: Edge) -> bool {
        let (mut any_free, mut all_agree) = (false, true);
        self.visit(edge, |_, p, q| {
            any_free |= p == 0 && q == 0;
            all_agree = p == q;
            all_agree
        });
        any_free && all_agree
    }

    fn is_in_accord(&self, [i, j]: Edge, k: u32) -> bool {
        let there = |i| self.place(i, k).map(|place| self.ids[place]).filter(|&id| id != ABSENT);
        there(i).zip(there(j)).is_none_or(|(p, q)| p == q)
    }

    fn witnesses(&self, edge: Edge, witnesses: &mut Vec<u32>) {
        witnesses.clear();
        let mut free = None;
        self.visit(edge, |k, p, q| {
            free = (p == 0 && q == 0).then_some(k);
            free.is_none()
        });
        witnesses.extend(free);
        self.visit(edge, |k, p, q| {
            if free.is_none() || p != q {
                witnesses.push(k);
            }
            true
        });
    }

    fn annotation(&self, i: u32, k: u32) -> Id {
        self.ids[self.place(i, k).expect("the edge is there")]
    }

    fn join(&mut self, [i, j]: Edge) {
        self.annotate(i, j, 0);
        self.annotate(j, i, 0);
    }

    fn annotate(&mut self, i: u32, k: u32, id: Id) {
        let place = self.place(i, k).expect("the edge is there");
        self.ids[place] = id;
    }

    fn bytes(&self) -> u64 {
        0
    }
}
