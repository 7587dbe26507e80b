//! Reduced columns of critical cells: cells in order, cancelled in pairs.

use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::links::{Place, Volume};
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// Bytes that a kept entry takes.
const BYTES: u64 = 6;

/// Bytes that it takes to find a column by its pivot.
const BYTES_OF_CLAIM: u64 = 21;

/// Some of the cells that a voxel brings, as bits, at their place in the order
/// of the column.
type Entry<O> = (O, u16);

/// Places as they come off a heap: the last ones first, or the first ones.
pub trait Order<K>: Copy + Ord {
    fn new(place: Place<K>) -> Self;
    fn voxel(self) -> u32;
}

impl<K: Copy + Ord> Order<K> for Place<K> {
    fn new(place: Place<K>) -> Self {
        place
    }
    fn voxel(self) -> u32 {
        self.1
    }
}

impl<K: Copy + Ord> Order<K> for std::cmp::Reverse<Place<K>> {
    fn new(place: Place<K>) -> Self {
        Self(place)
    }
    fn voxel(self) -> u32 {
        self.0.1
    }
}

/// Where the entries of a reduced column are.
#[derive(Clone, Copy)]
pub struct Kept {
    chunk: u32,
    start: u32,
    len: u32,
}

/// Entries of columns: voxels, and cells that they bring.
#[derive(Default)]
struct Chunk {
    voxels: Vec<u32>,
    cells: Vec<u16>,
}

impl Chunk {
    fn push(&mut self, voxel: u32, cells: u16) {
        self.voxels.push(voxel);
        self.cells.push(cells);
    }
}

/// Entries for which memory is taken at a time, so that none is ever moved.
const AT_ONCE: usize = 1 << 16;

/// The present column, and those before it.
pub struct Columns<O> {
    heap: BinaryHeap<Entry<O>>,
    /// The entries of the column whose pivot is a cell of a voxel.
    claimed: FxHashMap<(u32, u8), Kept>,
    chunks: Vec<Chunk>,
    /// The column that is being kept.
    keeping: Chunk,
    stored: usize,
    /// Entries on their way to the heap.
    added: Vec<Entry<O>>,
    /// Entries that were taken from the heap.
    work: u64,
}

impl<O: Copy + Ord> Columns<O> {
    pub fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            claimed: FxHashMap::default(),
            chunks: Vec::new(),
            keeping: Chunk::default(),
            stored: 0,
            added: Vec::new(),
            work: 0,
        }
    }

    /// Entries that were taken so far.
    pub fn work(&self) -> u64 {
        self.work
    }

    #[inline]
    pub fn push<K>(&mut self, place: Place<K>, cells: u16)
    where
        O: Order<K>,
    {
        self.heap.push((O::new(place), cells));
    }

    /// Takes the first voxel of the column that has cells in it.
    #[inline]
    pub fn pop<K>(&mut self, monitor: &Monitor) -> Result<Option<(u32, u16)>>
    where
        O: Order<K>,
    {
        while let Some((place, mut cells)) = self.heap.pop() {
            monitor.check()?;
            self.work += 1;
            while let Some(&(next, more)) = self.heap.peek()
                && next == place
            {
                self.heap.pop();
                cells ^= more;
            }
            if cells != 0 {
                return Ok(Some((place.voxel(), cells)));
            }
        }
        Ok(None)
    }

    /// The column whose pivot is that cell of a voxel.
    pub fn claimed(&self, voxel: u32, cell: u32) -> Option<Kept> {
        self.claimed.get(&(voxel, cell as u8)).copied()
    }

    /// Adds a column; returns its cells at its first voxel.
    pub fn add<K>(&mut self, column: Kept, volume: &Volume<K>) -> u16
    where
        O: Order<K>,
        K: Key,
    {
        let chunk = &self.chunks[column.chunk as usize];
        let (start, end) = (column.start as usize, (column.start + column.len) as usize);
        let (voxels, cells) = (&chunk.voxels[start + 1..end], &chunk.cells[start + 1..end]);
        // Read at once, since voxels are all over memory.
        let places = voxels.iter().map(|&voxel| O::new(volume.place(voxel)));
        self.added.extend(places.zip(cells.iter().copied()));
        self.heap.extend(self.added.drain(..));
        chunk.cells[start]
    }

    /// Keeps the present column, whose pivot is a cell of the voxel taken last,
    /// which has `cells` in it.
    pub fn keep<K>(&mut self, first: u32, cells: u16, pivot: u32, monitor: &Monitor) -> Result<()>
    where
        O: Order<K>,
    {
        let mut keeping = std::mem::take(&mut self.keeping);
        keeping.push(first, cells);
        while let Some((voxel, cells)) = self.pop(monitor)? {
            keeping.push(voxel, cells);
        }
        let kept = self.store(&keeping);
        self.claimed.insert((first, pivot as u8), kept);
        keeping.voxels.clear();
        keeping.cells.clear();
        self.keeping = keeping;
        Ok(())
    }

    fn store(&mut self, column: &Chunk) -> Kept {
        let len = column.voxels.len();
        self.stored += len;
        let fits = |chunk: &Chunk| chunk.voxels.len() + len <= chunk.voxels.capacity();
        if !self.chunks.last().is_some_and(fits) {
            let room = len.max(AT_ONCE);
            let (voxels, cells) = (Vec::with_capacity(room), Vec::with_capacity(room));
            self.chunks.push(Chunk { voxels, cells });
        }
        let number = self.chunks.len() as u32 - 1;
        let chunk = self.chunks.last_mut().expect("one was made");
        let start = chunk.voxels.len() as u32;
        chunk.voxels.extend_from_slice(&column.voxels);
        chunk.cells.extend_from_slice(&column.cells);
        Kept { chunk: number, start, len: len as u32 }
    }

    /// Fails if more is kept than allowed.
    pub fn check_memory(&self, allowed: u64) -> Result<()> {
        let claims = BYTES_OF_CLAIM * self.claimed.capacity() as u64;
        let needed = BYTES * self.stored as u64 + claims;
        Budget { allowed }.take(
            "the reduction in degree 1",
            needed,
            "use `maxdim=0`, a smaller or smoother image, or `cubical_betti`",
        )?;
        Ok(())
    }
}
