//! Components of a set of voxels, or of the rest, by joining runs of voxels.

use super::mask::{Mask, WORD, blocks_of_rows};
use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::union_find::{Eldest, UnionFind};

/// Which voxels are neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    /// Those that share a face.
    Faces,
    /// Those that share at least a corner.
    Corners,
}

impl Neighbours {
    /// The rows before a row that hold neighbours, as steps back over slices and rows.
    fn rows(self) -> &'static [(usize, isize)] {
        match self {
            Self::Faces => &[(0, -1), (1, 0)],
            Self::Corners => &[(0, -1), (1, 0), (1, -1), (1, 1)],
        }
    }
}

/// Number of components of a set.
pub fn components(mask: &Mask, neighbours: Neighbours, monitor: &Monitor) -> Result<i64> {
    let runs = Runs { mask, rest: false, neighbours };
    Ok(runs.join(monitor)?.count())
}

/// Number of components of the rest from which no path leads outside.
pub fn enclosed(mask: &Mask, neighbours: Neighbours, monitor: &Monitor) -> Result<i64> {
    if mask.shape.iter().any(|&len| len < 3) {
        return Ok(0);
    }
    let runs = Runs { mask, rest: true, neighbours };
    let mut joined = runs.join(monitor)?;
    runs.join_outside(&mut joined, monitor)?;
    Ok(joined.count())
}

/// Runs of voxels along rows, of a set or of the rest.
struct Runs<'a> {
    mask: &'a Mask,
    rest: bool,
    neighbours: Neighbours,
}

/// Runs that are joined, and the number of the first one of each word.
struct Joined {
    sets: UnionFind<Eldest>,
    first: Vec<u32>,
}

/// What stands for all that is outside, before all runs.
const OUTSIDE: u32 = 0;

impl Runs<'_> {
    /// Joins each row with those before it.
    fn join(&self, monitor: &Monitor) -> Result<Joined> {
        let [slices, rows, _] = self.mask.shape;
        let mut joined = Joined { sets: UnionFind::of_elders(1), first: Vec::new() };
        joined.first.reserve(slices * rows * self.mask.words);
        for (slice, block) in (0..slices).flat_map(|s| blocks_of_rows(rows).map(move |b| (s, b))) {
            monitor.check()?;
            arch().dispatch(
                #[inline(always)]
                || {
                    for row in block {
                        self.add(slice, row, &mut joined);
                        for &(back, step) in self.neighbours.rows() {
                            let other = row.wrapping_add_signed(step);
                            if slice >= back && other < rows {
                                self.join_rows((slice, row), (slice - back, other), &mut joined);
                            }
                        }
                    }
                },
            );
        }
        Ok(joined)
    }

    /// Numbers the runs of a row.
    #[inline(always)]
    fn add(&self, slice: usize, row: usize, joined: &mut Joined) {
        let mut before = 0;
        for word in 0..self.mask.words {
            let bits = self.bits(slice, row, word);
            let starts = bits & !(bits << 1 | before >> (WORD - 1));
            joined.first.push(joined.sets.len() as u32);
            joined.sets.extend(starts.count_ones());
            before = bits;
        }
    }

    /// Joins the runs of two rows that are neighbours.
    ///
    /// Two runs have neighbours where one of them starts within the other, or, for
    /// neighbours across corners, just after its end.
    #[inline(always)]
    fn join_rows(&self, this: (usize, usize), other: (usize, usize), joined: &mut Joined) {
        let (mut before, mut other_before) = (0, 0);
        let place =
            |(slice, row): (usize, usize)| (slice * self.mask.shape[1] + row) * self.mask.words;
        let (place, other_place) = (place(this), place(other));
        for word in 0..self.mask.words {
            let (bits, other_bits) =
                (self.bits(this.0, this.1, word), self.bits(other.0, other.1, word));
            let after = bits << 1 | before >> (WORD - 1);
            let other_after = other_bits << 1 | other_before >> (WORD - 1);
            let (starts, other_starts) = (bits & !after, other_bits & !other_after);
            let across = if self.neighbours == Neighbours::Corners { u64::MAX } else { 0 };
            let (reach, other_reach) = (bits | after & across, other_bits | other_after & across);
            let mut meet = starts & other_reach | other_starts & reach;
            let (first, other_first) =
                (joined.first[place + word], joined.first[other_place + word]);
            while meet != 0 {
                let up_to_here = meet ^ (meet - 1);
                meet &= meet - 1;
                // The last runs that started.
                let run = first + (starts & up_to_here).count_ones() - 1;
                let other_run = other_first + (other_starts & up_to_here).count_ones() - 1;
                joined.sets.union(run, other_run);
            }
            (before, other_before) = (bits, other_bits);
        }
    }

    /// Joins the runs on the surface of the box with the outside.
    fn join_outside(&self, joined: &mut Joined, monitor: &Monitor) -> Result<()> {
        let [slices, rows, _] = self.mask.shape;
        let last = self.mask.words - 1;
        for slice in 0..slices {
            for row in 0..rows {
                monitor.check()?;
                let place = (slice * rows + row) * self.mask.words;
                let first = joined.first[place];
                let next = joined.first.get(place + last + 1).copied();
                let end = next.unwrap_or(joined.sets.len() as u32);
                let on_surface = [slice + 1, slices - slice, row + 1, rows - row].contains(&1);
                if on_surface {
                    (first..end).for_each(|run| _ = joined.sets.union(run, OUTSIDE));
                    continue;
                }
                if self.bits(slice, row, 0) & 1 == 1 {
                    joined.sets.union(first, OUTSIDE);
                }
                let top = self.mask.inside(last).ilog2();
                if self.bits(slice, row, last) >> top & 1 == 1 {
                    joined.sets.union(end - 1, OUTSIDE);
                }
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn bits(&self, slice: usize, row: usize, word: usize) -> u64 {
        let bits = self.mask.row(slice, row)[word];
        if self.rest { !bits & self.mask.inside(word) } else { bits }
    }
}

impl Joined {
    /// Number of sets apart from the outside and what is joined with it.
    fn count(&self) -> i64 {
        self.sets.sets() as i64 - 1
    }
}
