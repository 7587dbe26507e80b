//! All pairs of networks, block by block.

use std::ops::Range;

use rayon::prelude::*;

use super::BitPlanes;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Which pairs of networks are compared.
#[derive(Debug, Clone, Copy)]
pub enum Pairs<'a> {
    /// Each network with those after it, in the order of scipy's `pdist`.
    Within(&'a BitPlanes),
    /// Each of the first with each of the second, row by row.
    Across(&'a BitPlanes, &'a BitPlanes),
}

impl<'a> Pairs<'a> {
    /// The networks whose rows are taken one by one.
    pub fn left(self) -> &'a BitPlanes {
        match self {
            Pairs::Within(planes) | Pairs::Across(planes, _) => planes,
        }
    }

    /// Those that they are compared with.
    pub fn right(self) -> &'a BitPlanes {
        match self {
            Pairs::Within(planes) | Pairs::Across(_, planes) => planes,
        }
    }

    pub(super) fn grid(self) -> Grid {
        match self {
            Pairs::Within(planes) => Grid::Triangle(planes.len()),
            Pairs::Across(left, right) => Grid::Rectangle(left.len(), right.len()),
        }
    }

    /// Refuses planes that do not hold the same samples in the same way.
    pub(super) fn check(self) -> Result<()> {
        let (left, right) = (self.left(), self.right());
        if left.planes() == right.planes() && left.groups() == right.groups() {
            return Ok(());
        }
        Err(Error::invalid("other", "hold the same samples and classes", "others"))
    }
}

/// The pairs (i, j) with i < j, or all of them.
#[derive(Debug, Clone, Copy)]
pub enum Grid {
    Triangle(usize),
    Rectangle(usize, usize),
}

/// Rows that are looked at by one thread.
const BAND: usize = 16;
/// Bytes of the networks that a band is compared with: they stay in the cache.
const BLOCK_BYTES: usize = 3 << 13;

impl Grid {
    fn rows(self) -> usize {
        match self {
            Grid::Triangle(len) | Grid::Rectangle(len, _) => len,
        }
    }

    fn columns(self, i: usize) -> Range<usize> {
        match self {
            Grid::Triangle(len) => i + 1..len,
            Grid::Rectangle(_, len) => 0..len,
        }
    }

    /// Lets `fill` write `width` numbers for each pair of a row with
    /// consecutive columns, bands of rows in parallel; `row_bytes` is what a
    /// network takes.
    pub fn fill<T: Copy + Default + Send>(
        self,
        width: usize,
        row_bytes: usize,
        monitor: &Monitor,
        fill: impl Fn(usize, usize, &mut [T]) + Sync,
    ) -> Result<Vec<T>> {
        let pairs: usize = (0..self.rows()).map(|i| self.columns(i).len()).sum();
        let mut values = monitor.filled(pairs * width, T::default())?;
        let mut bands = Vec::new();
        let mut rest = values.as_mut_slice();
        for i in 0..self.rows() {
            if i % BAND == 0 {
                bands.push(Vec::with_capacity(BAND));
            }
            let (row, tail) = rest.split_at_mut(self.columns(i).len() * width);
            bands.last_mut().expect("one was pushed").push((i, row));
            rest = tail;
        }
        monitor.expect(pairs as u64);
        let block = (BLOCK_BYTES / row_bytes.max(1)).clamp(4, 256);
        bands.into_par_iter().try_for_each(|mut band| {
            let Some(first) = band.first().map(|(i, _)| self.columns(*i)) else { return Ok(()) };
            for left in first.clone().step_by(block) {
                for (i, row) in &mut band {
                    let own = self.columns(*i);
                    let columns = left.max(own.start)..first.end.min(left + block);
                    if !columns.is_empty() {
                        let out = columns.start - own.start..columns.end - own.start;
                        fill(*i, columns.start, &mut row[out.start * width..out.end * width]);
                        monitor.advance(columns.len() as u64)?;
                    }
                }
            }
            Ok(())
        })?;
        Ok(values)
    }
}
