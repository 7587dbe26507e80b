//! Strips of rows, which are looked at side by side, and how they meet.

use std::ops::Range;

use super::basins::Basins;
use crate::homology::cubical::voxel::Key;

/// How an image is divided, whatever the number of threads.
#[derive(Clone, Copy)]
pub struct Strips {
    /// Pixels of a strip, about: what is known of them stays in the cache of a core.
    pub pixels: usize,
    /// Rows of a strip at least, since what is near its ends is looked at again.
    pub rows: usize,
}

impl Default for Strips {
    fn default() -> Self {
        Self { pixels: 1 << 17, rows: 32 }
    }
}

impl Strips {
    /// The rows of each strip; what would be left over is shared by all.
    pub fn of(self, height: usize, width: usize) -> Vec<Range<usize>> {
        let rows = (self.pixels / width).max(self.rows);
        let count = (height / rows).max(1);
        (0..count).map(|k| k * height / count..(k + 1) * height / count).collect()
    }
}

/// One side of a seam between two strips: the components of the two rows that meet
/// there, segment after segment.
#[derive(Default)]
pub struct Shore {
    /// Of the strip's own row.
    pub own: Vec<u32>,
    /// Of the row beyond the seam.
    pub beyond: Vec<u32>,
}

impl Shore {
    /// That between two rows of a strip.
    pub fn new<K: Key>(basins: &Basins<K>, own: usize, beyond: usize) -> Self {
        let [own, beyond] = [own, beyond].map(|y| basins.of_row(y).to_vec());
        Self { own, beyond }
    }

    /// All components.
    pub fn components(&mut self) -> impl Iterator<Item = &mut u32> {
        self.own.iter_mut().chain(&mut self.beyond)
    }

    /// Pairs of components of this strip and the next one that are the same.
    pub fn same<'a>(&'a self, next: &'a Self) -> impl Iterator<Item = (u32, u32)> + 'a {
        let here = self.own.iter().chain(&self.beyond);
        here.copied().zip(next.beyond.iter().chain(&next.own).copied())
    }
}
