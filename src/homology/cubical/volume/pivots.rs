//! Which reduced column has which critical cell as its pivot.
//!
//! A column may be added to those after it. Where it finds that its pivot belongs to
//! a later one, it takes its place, and the later one goes on: whatever the order in
//! which threads come, each cell is left to the same column (Morozov, Nigmetov,
//! "Towards lockfree persistent homology", SPAA 2020).

use std::sync::atomic::{
    AtomicU32, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed,
};

use super::critical::Cell;
use super::links::Volume;
use super::lower_star::{LOWER_STARS, LowerStar};
use super::shelf::Shelf;
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// A reduced column, as it was when it got its pivot.
pub struct Kept {
    /// Its number among all columns, in their order.
    pub column: u32,
    /// Voxels, in two halves, each with those of its cells that are in the column; the
    /// pivot first.
    entries: Box<[u16]>,
}

impl Kept {
    /// Voxels, and cells that they bring.
    #[inline]
    pub fn entries(&self) -> impl Iterator<Item = (u32, u16)> {
        let halves = |low: u16, high: u16| u32::from(low) | u32::from(high) << 16;
        self.entries.chunks_exact(3).map(move |at| (halves(at[0], at[1]), at[2]))
    }
}

/// Stands for no voxel, and for no column.
const NONE: u32 = 0;

/// Bytes of a kept column beside its entries, where memory comes in pieces.
const BYTES_OF_KEPT: u64 = 24;

/// Pivots and their columns.
pub struct Pivots {
    /// Number of the first critical cell of those voxels that may have pivots.
    first: Vec<u32>,
    /// One more than the number of the column that has a critical cell.
    columns: Vec<AtomicU32>,
    kept: Shelf<Kept>,
    /// Entries of kept columns, in halves of voxels.
    stored: AtomicU64,
    /// Those of the cells that a voxel brings that may be pivots.
    critical: fn(&LowerStar) -> u16,
}

impl Pivots {
    /// No column has any of these cells yet, which are in order.
    pub fn new<K: Key>(
        volume: &Volume<K>,
        cells: &[Cell<K>],
        critical: fn(&LowerStar) -> u16,
        monitor: &Monitor,
    ) -> Result<Self> {
        let (mut first, mut count) = (vec![NONE; volume.len()], 1);
        for &((_, voxel), _) in cells {
            monitor.check()?;
            let first = &mut first[voxel as usize];
            if *first == NONE {
                *first = count;
                count += critical(LOWER_STARS.star(volume.state(voxel))).count_ones();
            }
        }
        let columns = (0..count).map(|_| AtomicU32::new(NONE)).collect();
        Ok(Self { first, columns, kept: Shelf::new(), stored: AtomicU64::new(0), critical })
    }

    /// The number of a critical cell of a voxel.
    #[inline]
    pub fn number(&self, voxel: u32, star: &LowerStar, cell: u32) -> usize {
        let first = self.first[voxel as usize];
        assert_ne!(first, NONE, "pivots have no part in other degrees");
        let before = (self.critical)(star) & ((1 << cell) - 1);
        (first + before.count_ones()) as usize
    }

    /// The column that has a critical cell, by a number.
    #[inline]
    pub fn of(&self, cell: usize) -> Option<u32> {
        self.columns[cell].load(Acquire).checked_sub(1)
    }

    #[inline]
    pub fn get(&self, kept: u32) -> &Kept {
        self.kept.get(kept)
    }

    /// Keeps a column.
    pub fn keep(&self, column: u32, entries: &[u16]) -> u32 {
        self.stored.fetch_add(entries.len() as u64, Relaxed);
        self.kept.push(Kept { column, entries: entries.into() })
    }

    /// Gives a cell to a column if the one that has it is still `present`; returns
    /// the one that has got it otherwise.
    pub fn claim(
        &self,
        cell: usize,
        present: Option<u32>,
        kept: u32,
    ) -> std::result::Result<(), u32> {
        let present = present.map_or(NONE, |present| present + 1);
        match self.columns[cell].compare_exchange(present, kept + 1, AcqRel, Acquire) {
            Ok(_) => Ok(()),
            Err(other) => Err(other - 1),
        }
    }

    /// Fails if more is kept, and in the hands of threads, than allowed.
    pub fn check_memory(&self, in_hand: u64, allowed: u64) -> Result<()> {
        let entries = size_of::<u16>() as u64 * self.stored.load(Relaxed);
        // The numbers of voxels are where the labels of their ends have been.
        let cells = size_of::<u32>() * self.columns.len();
        let needed = entries + self.kept.bytes(BYTES_OF_KEPT) + cells as u64 + in_hand;
        Budget { allowed }.take(
            "the reduction in degree 1",
            needed,
            "use `maxdim=0`, a smaller or smoother image, or `cubical_betti`",
        )?;
        Ok(())
    }
}
