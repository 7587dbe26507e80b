//! The present column of critical cells: cells in order, cancelled in pairs.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::links::Volume;
use super::pivots::Kept;
use crate::error::Result;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// Some of the cells that a voxel brings, as bits, at their place in the order of the
/// column: the last ones come off a heap first.
#[derive(Clone, Copy)]
struct Entry<P> {
    place: P,
    cells: u16,
}

impl<P: Ord> Ord for Entry<P> {
    #[inline(always)]
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl<P: Ord> PartialOrd for Entry<P> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    // A heap compares in these ways.
    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        self.place < other.place
    }

    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        self.place <= other.place
    }

    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        self.place >= other.place
    }
}

impl<P: PartialEq> PartialEq for Entry<P> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<P: Eq> Eq for Entry<P> {}

/// The present column of a thread, with the last voxels first, or the first ones if it
/// goes `UP`.
pub struct Column<K: Key, const UP: bool> {
    heap: BinaryHeap<Entry<K::Packed>>,
    /// Entries on their way to the heap.
    added: Vec<Entry<K::Packed>>,
    /// Entries on their way from it.
    taken: Vec<u16>,
    /// Entries that were taken from the heap.
    work: u64,
}

impl<K: Key, const UP: bool> Column<K, UP> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), added: Vec::new(), taken: Vec::new(), work: 0 }
    }

    /// Entries that were taken since this was asked for last.
    pub fn work(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        let entries = self.heap.capacity() + self.added.capacity();
        let taken = self.taken.capacity() * size_of::<u16>();
        (entries * size_of::<Entry<K::Packed>>() + taken) as u64
    }

    #[inline(always)]
    fn entry(packed: K::Packed, cells: u16) -> Entry<K::Packed> {
        Entry { place: if UP { !packed } else { packed }, cells }
    }

    #[inline]
    pub fn push(&mut self, packed: K::Packed, cells: u16) {
        self.heap.push(Self::entry(packed, cells));
    }

    /// Takes the first voxel of the column that has cells in it.
    #[inline]
    pub fn pop(&mut self, monitor: &Monitor) -> Result<Option<(u32, u16)>> {
        while let Some(Entry { place, mut cells }) = self.heap.pop() {
            monitor.check()?;
            self.work += 1;
            while let Some(next) = self.heap.peek()
                && next.place == place
            {
                cells ^= next.cells;
                self.heap.pop();
            }
            if cells != 0 {
                return Ok(Some((K::voxel(if UP { !place } else { place }), cells)));
            }
        }
        Ok(None)
    }

    /// Adds a column; returns its cells at its first voxel.
    pub fn add(&mut self, column: &Kept, volume: &Volume<K>) -> u16 {
        let mut entries = column.entries();
        let first = entries.next().map_or(0, |(_, cells)| cells);
        // Read at once, since voxels are all over memory.
        self.added.extend(entries.map(|(voxel, cells)| Self::entry(volume.packed(voxel), cells)));
        self.heap.extend(self.added.drain(..));
        first
    }

    /// Takes all of the column, which has `cells` at the voxel that was taken last, as
    /// entries of a kept one.
    pub fn take(&mut self, first: u32, cells: u16, monitor: &Monitor) -> Result<&[u16]> {
        self.taken.clear();
        let mut next = Some((first, cells));
        while let Some((voxel, cells)) = next {
            self.taken.extend([voxel as u16, (voxel >> 16) as u16, cells]);
            next = self.pop(monitor)?;
        }
        Ok(&self.taken)
    }
}
