//! Reduced columns of critical cells: cells in order, cancelled in pairs.

use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::volume::{Place, Volume};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Bytes that a kept entry takes.
const BYTES: u64 = 6;

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

/// The present column, and those before it.
pub struct Columns<O> {
    heap: BinaryHeap<Entry<O>>,
    /// The column whose pivot is a cell of a voxel.
    claimed: FxHashMap<(u32, u8), u32>,
    /// Where each column begins among the entries.
    starts: Vec<usize>,
    voxels: Vec<u32>,
    cells: Vec<u16>,
    /// Entries that were taken from the heap.
    work: u64,
}

impl<O: Copy + Ord> Columns<O> {
    pub fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            claimed: FxHashMap::default(),
            starts: vec![0],
            voxels: Vec::new(),
            cells: Vec::new(),
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
    pub fn claimed(&self, voxel: u32, cell: u32) -> Option<u32> {
        self.claimed.get(&(voxel, cell as u8)).copied()
    }

    /// Adds a column; returns its cells at its first voxel.
    pub fn add<K>(&mut self, column: u32, volume: &Volume<K>) -> u16
    where
        O: Order<K>,
        K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>,
    {
        let range = self.starts[column as usize]..self.starts[column as usize + 1];
        for k in range.clone().skip(1) {
            self.heap.push((O::new(volume.place(self.voxels[k])), self.cells[k]));
        }
        self.cells[range.start]
    }

    /// Keeps the present column, whose pivot is a cell of the voxel taken last,
    /// which has `cells` in it.
    pub fn keep<K>(&mut self, voxel: u32, cells: u16, pivot: u32, monitor: &Monitor) -> Result<()>
    where
        O: Order<K>,
    {
        self.claimed.insert((voxel, pivot as u8), self.starts.len() as u32 - 1);
        self.voxels.push(voxel);
        self.cells.push(cells);
        while let Some((voxel, cells)) = self.pop(monitor)? {
            self.voxels.push(voxel);
            self.cells.push(cells);
        }
        self.starts.push(self.voxels.len());
        Ok(())
    }

    /// Fails if more is kept than allowed.
    pub fn check_memory(&self, allowed: u64) -> Result<()> {
        let needed = BYTES * self.voxels.capacity() as u64;
        if needed <= allowed {
            return Ok(());
        }
        Err(Error::TooLarge {
            job: "the reduction in degree 1".into(),
            needed,
            allowed,
            advice: "use `maxdim=0`, a smaller or smoother image, or `cubical_betti`".into(),
        })
    }
}
