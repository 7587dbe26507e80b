//! Lunes: the common neighbours of the two ends of an edge that enters.

use super::active::ActiveRows;
use super::vectors::{Edge, Id};
use crate::error::Result;
use crate::homology::bits::{BITS, BitRows, Block, least_vertex, remove, vertices};
use crate::homology::rips::filtration::Entering;
use crate::monitor::Monitor;

/// The edges that are there, with their annotations.
///
/// Vertex k of the lune of (i, j) is a triangle whose other sides are (i, k)
/// and (j, k). It is *free* if both are annotated by zero, and in *accord* if
/// their annotations are equal, so that it asks for zero on (i, j). Vertices of
/// the lune that are joined ask for the same (Koyama, Mémoli, Robins and Turner
/// 2024): with the edge between them, the triangles on (i, k) and (j, k) are
/// there already.
pub trait Lunes: Send + Sync {
    /// Room to work in.
    type Scratch: Default + Send + Sync;

    /// Whether the edge changes nothing: some vertex of its lune is free, and
    /// all are in accord.
    fn is_quiet(&self, edge: Edge, scratch: &mut Self::Scratch) -> bool;

    /// The annotation from `i` to `k`, if there is an edge.
    fn found(&self, i: u32, k: u32) -> Option<Id>;

    /// Lists vertices of the lune, one at least of all that are joined to each
    /// other, a free one first; after a free one, only those not in accord.
    fn witnesses(&self, edge: Edge, scratch: &mut Self::Scratch, witnesses: &mut Vec<u32>);

    /// The neighbours of each vertex, if they are kept as bits.
    fn bit_rows(&self) -> Option<&BitRows>;

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
    len: usize,
    neighbors: BitRows,
    active: ActiveRows,
}

impl DenseLunes {
    pub fn new(len: usize) -> Self {
        Self { len, neighbors: BitRows::new(len, len), active: ActiveRows::new(len, len) }
    }

    /// Bytes for `len` vertices without active edges.
    pub fn bytes_for(len: usize) -> u64 {
        BitRows::bytes(len, len) + ActiveRows::bytes_for(len, len)
    }

    /// The neighbours of a vertex.
    #[inline(always)]
    pub fn neighbors(&self, i: u32) -> &[Block] {
        self.neighbors.row(i)
    }

    /// Whether there is an edge.
    #[inline(always)]
    pub fn are_joined(&self, i: u32, j: u32) -> bool {
        self.neighbors.contains(i, j)
    }

    /// A free vertex of the lune of an edge.
    #[inline(always)]
    pub fn free_vertex(&self, edge: Edge) -> Option<u32> {
        (0..self.neighbors.blocks_per_row()).find_map(|block| {
            let (lune, active) = (self.lune(edge, block), self.active(edge, block));
            first(&Block::from_words(|k| lune.0[k] & !active.0[k]), block)
        })
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

/// A lune, and which of its vertices a search has not reached.
#[derive(Debug, Default)]
pub struct Search {
    rest: Vec<Block>,
    /// Those whose neighbours have not been looked at.
    front: Vec<Block>,
}

impl DenseLunes {
    /// Reads a lune; finds a free vertex, or else any, and how many vertices
    /// have an active side.
    #[inline(always)]
    fn survey(&self, edge: Edge, search: &mut Search) -> Survey {
        let (mut any, mut free, mut suspects) = (None, None, 0);
        search.rest.clear();
        for block in 0..self.neighbors.blocks_per_row() {
            let (lune, active) = (self.lune(edge, block), self.active(edge, block));
            search.rest.push(lune);
            if free.is_none() {
                free = first(&Block::from_words(|k| lune.0[k] & !active.0[k]), block);
            }
            if free.is_none() && any.is_none() {
                any = first(&lune, block);
            }
            let counts = (0..lune.0.len()).map(|k| (lune.0[k] & active.0[k]).count_ones());
            suspects += counts.sum::<u32>();
        }
        Survey { start: free.or(any), is_free: free.is_some(), suspects }
    }

    /// Takes from the rest of a lune what is joined to `start`, or most of it.
    #[inline(always)]
    fn search(&self, start: u32, search: &mut Search) {
        const STEPS: usize = 12;
        let Search { rest, front } = search;
        front.clear();
        front.resize(rest.len(), Block::default());
        remove(rest, start);
        let mut next = start;
        for _ in 0..STEPS {
            let mut left = 0;
            let neighbors = self.neighbors.row(next);
            for ((rest, front), neighbors) in rest.iter_mut().zip(&mut *front).zip(neighbors) {
                for k in 0..rest.0.len() {
                    let reached = rest.0[k] & neighbors.0[k];
                    rest.0[k] ^= reached;
                    front.0[k] |= reached;
                    left |= rest.0[k];
                }
            }
            let Some(vertex) = least_vertex(front).filter(|_| left != 0) else { return };
            remove(front, vertex);
            next = vertex;
        }
    }

    /// With how many suspects a search pays.
    const CROWD: u32 = 12;
}

struct Survey {
    start: Option<u32>,
    is_free: bool,
    suspects: u32,
}

/// The vertex of the lowest bit of a block.
#[inline(always)]
fn first(bits: &Block, block: usize) -> Option<u32> {
    if bits.is_empty() {
        return None;
    }
    bits.ones().next().map(|place| (block * BITS + place) as u32)
}

impl Lunes for DenseLunes {
    type Scratch = Search;

    #[inline(always)]
    fn is_quiet(&self, edge: Edge, search: &mut Search) -> bool {
        let blocks = self.neighbors.blocks_per_row();
        if self.active.is_empty(edge[0]) && self.active.is_empty(edge[1]) {
            return (0..blocks).any(|block| !self.lune(edge, block).is_empty());
        }
        let survey = self.survey(edge, search);
        let Some(start) = survey.start.filter(|_| survey.is_free) else { return false };
        if survey.suspects > Self::CROWD {
            self.search(start, search);
        }
        if survey.suspects == 0 {
            return true;
        }
        for block in 0..blocks {
            let active = self.active(edge, block);
            let suspects = Block::from_words(|k| search.rest[block].0[k] & active.0[k]);
            if !suspects.is_empty() && self.active.differ(edge[0], edge[1], block, &suspects, false)
            {
                return false;
            }
        }
        true
    }

    #[inline(always)]
    fn found(&self, i: u32, k: u32) -> Option<Id> {
        self.neighbors.contains(i, k).then(|| self.active.get(i, k))
    }

    fn witnesses(&self, edge: Edge, search: &mut Search, witnesses: &mut Vec<u32>) {
        witnesses.clear();
        let survey = self.survey(edge, search);
        let Some(start) = survey.start else { return };
        witnesses.push(start);
        if survey.suspects > Self::CROWD {
            self.search(start, search);
        }
        let [i, j] = edge;
        let may_tell = |k: u32| {
            if survey.is_free { self.active.get(i, k) != self.active.get(j, k) } else { k != start }
        };
        witnesses.extend(vertices(search.rest.iter().copied()).filter(|&k| may_tell(k)));
    }

    fn bit_rows(&self) -> Option<&BitRows> {
        Some(&self.neighbors)
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
        BitRows::bytes(self.len, self.len) + self.active.bytes()
    }
}

/// For graphs with few edges: sorted lists of those that are there.
#[derive(Debug)]
pub struct SparseLunes {
    /// Where lists begin; each has room for all edges that will ever be there.
    starts: Vec<usize>,
    counts: Vec<u32>,
    neighbors: Vec<u32>,
    /// Beside each neighbour.
    ids: Vec<Id>,
}

impl SparseLunes {
    pub fn new<'a>(filtration: &impl Entering<'a>, monitor: &Monitor) -> Result<Self> {
        let mut starts = vec![0; filtration.len() + 1];
        filtration.for_each_unsorted(monitor, |edge| {
            edge.into_iter().for_each(|v| starts[v as usize + 1] += 1);
        })?;
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let room = 2 * filtration.edge_count();
        let counts = vec![0; filtration.len()];
        Ok(Self { starts, counts, neighbors: vec![0; room], ids: vec![0; room] })
    }

    /// Bytes for a graph.
    pub fn bytes_for(len: usize, edges: usize) -> u64 {
        let vertex = size_of::<usize>() + size_of::<u32>();
        (len * vertex + 2 * edges * (size_of::<u32>() + size_of::<Id>())) as u64
    }

    #[inline(always)]
    fn row(&self, i: u32) -> (&[u32], &[Id]) {
        let start = self.starts[i as usize];
        let row = start..start + self.counts[i as usize] as usize;
        (&self.neighbors[row.clone()], &self.ids[row])
    }

    /// Visits the lune with both annotations until told to stop.
    #[inline(always)]
    fn visit(&self, [i, j]: Edge, mut visit: impl FnMut(u32, Id, Id) -> bool) {
        let ((a, ids_a), (b, ids_b)) = (self.row(i), self.row(j));
        let (mut x, mut y) = (0, 0);
        while x < a.len() && y < b.len() {
            let (left, right) = (a[x], b[y]);
            if left == right && !visit(left, ids_a[x], ids_b[y]) {
                return;
            }
            x += usize::from(left <= right);
            y += usize::from(right <= left);
        }
    }

    fn insert(&mut self, i: u32, k: u32) {
        let place = self.row(i).0.partition_point(|&neighbor| neighbor < k);
        let start = self.starts[i as usize];
        let (place, end) = (start + place, start + self.counts[i as usize] as usize);
        self.neighbors.copy_within(place..end, place + 1);
        self.ids.copy_within(place..end, place + 1);
        (self.neighbors[place], self.ids[place]) = (k, 0);
        self.counts[i as usize] += 1;
    }
}

impl Lunes for SparseLunes {
    type Scratch = ();

    #[inline(always)]
    fn is_quiet(&self, edge: Edge, (): &mut ()) -> bool {
        let (mut any_free, mut all_agree) = (false, true);
        self.visit(edge, |_, p, q| {
            any_free |= p == 0 && q == 0;
            all_agree = p == q;
            all_agree
        });
        any_free && all_agree
    }

    fn found(&self, i: u32, k: u32) -> Option<Id> {
        let (neighbors, ids) = self.row(i);
        neighbors.binary_search(&k).ok().map(|place| ids[place])
    }

    fn witnesses(&self, edge: Edge, (): &mut (), witnesses: &mut Vec<u32>) {
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

    fn bit_rows(&self) -> Option<&BitRows> {
        None
    }

    fn annotation(&self, i: u32, k: u32) -> Id {
        self.found(i, k).expect("the edge is there")
    }

    fn join(&mut self, [i, j]: Edge) {
        self.insert(i, j);
        self.insert(j, i);
    }

    fn annotate(&mut self, i: u32, k: u32, id: Id) {
        let place = self.row(i).0.binary_search(&k).expect("the edge is there");
        self.ids[self.starts[i as usize] + place] = id;
    }

    fn bytes(&self) -> u64 {
        Self::bytes_for(self.counts.len(), self.neighbors.len() / 2)
    }
}
