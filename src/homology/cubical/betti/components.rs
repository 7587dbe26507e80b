//! Components of a set of voxels, or of the rest, by joining runs of voxels.

use super::mask::{Mask, WORD};
use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;

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
    Ok(runs.join(monitor)?.sets as i64)
}

/// Number of components of the rest from which no path leads outside.
pub fn enclosed(mask: &Mask, neighbours: Neighbours, monitor: &Monitor) -> Result<i64> {
    if mask.shape.iter().any(|&len| len < 3) {
        return Ok(0);
    }
    let runs = Runs { mask, rest: true, neighbours };
    let mut joined = runs.join(monitor)?;
    runs.join_outside(&mut joined);
    Ok(joined.sets as i64 - 1)
}

/// Runs of voxels along rows, of a set or of the rest.
struct Runs<'a> {
    mask: &'a Mask,
    rest: bool,
    neighbours: Neighbours,
}

/// Runs that are joined, and the number of the first one of each word.
struct Joined {
    parent: Vec<u32>,
    first: Vec<u32>,
    sets: usize,
}

/// What stands for all that is outside.
const OUTSIDE: u32 = 0;

impl Runs<'_> {
    /// Joins each row with those before it.
    fn join(&self, monitor: &Monitor) -> Result<Joined> {
        let [slices, rows, _] = self.mask.shape;
        let mut joined = Joined { parent: vec![OUTSIDE], first: Vec::new(), sets: 0 };
        joined.first.reserve(slices * rows * self.mask.words);
        if self.rest {
            joined.sets = 1;
        }
        for slice in 0..slices {
            monitor.check()?;
            arch().dispatch(
                #[inline(always)]
                || {
                    for row in 0..rows {
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
            let first = joined.parent.len() as u32;
            joined.first.push(first);
            joined.parent.extend(first..first + starts.count_ones());
            joined.sets += starts.count_ones() as usize;
            before = bits;
        }
    }

    /// Joins the runs of two rows that are neighbours.
    ///
    /// Two runs have neighbours where one of them starts within the other, or, for
    /// neighbours across corners, just after its end.
    #[inline(always)]
    fn join_rows(&self, this: (usize, usize), other: (usize, usize), joined: &mut Joined) {
        let mut before = [0; 2];
        for word in 0..self.mask.words {
            let bits = [this, other].map(|(slice, row)| self.bits(slice, row, word));
            let after = [0, 1].map(|k: usize| bits[k] << 1 | before[k] >> (WORD - 1));
            let starts = [0, 1].map(|k: usize| bits[k] & !after[k]);
            let reach = match self.neighbours {
                Neighbours::Faces => bits,
                Neighbours::Corners => [bits[0] | after[0], bits[1] | after[1]],
            };
            let mut meet = starts[0] & reach[1] | starts[1] & reach[0];
            let first = [this, other].map(|(slice, row)| {
                joined.first[(slice * self.mask.shape[1] + row) * self.mask.words + word]
            });
            while meet != 0 {
                let up_to_here = meet ^ (meet - 1);
                meet &= meet - 1;
                // The last run that started.
                let run = |k: usize| first[k] + (starts[k] & up_to_here).count_ones() - 1;
                joined.join(run(0), run(1));
            }
            before = bits;
        }
    }

    /// Joins the runs on the surface of the box with the outside.
    fn join_outside(&self, joined: &mut Joined) {
        let [slices, rows, _] = self.mask.shape;
        let last = self.mask.words - 1;
        for slice in 0..slices {
            for row in 0..rows {
                let place = (slice * rows + row) * self.mask.words;
                let first = joined.first[place];
                let next = joined.first.get(place + last + 1).copied();
                let end = next.unwrap_or(joined.parent.len() as u32);
                let on_surface = [slice + 1, slices - slice, row + 1, rows - row].contains(&1);
                if on_surface {
                    (first..end).for_each(|run| joined.join(run, OUTSIDE));
                    continue;
                }
                if self.bits(slice, row, 0) & 1 == 1 {
                    joined.join(first, OUTSIDE);
                }
                let top = self.mask.inside(last).ilog2();
                if self.bits(slice, row, last) >> top & 1 == 1 {
                    joined.join(end - 1, OUTSIDE);
                }
            }
        }
    }

    #[inline(always)]
    fn bits(&self, slice: usize, row: usize, word: usize) -> u64 {
        let bits = self.mask.row(slice, row)[word];
        if self.rest { !bits & self.mask.inside(word) } else { bits }
    }
}

impl Joined {
    #[inline(always)]
    fn find(&mut self, mut run: u32) -> u32 {
        while self.parent[run as usize] != run {
            let next = self.parent[self.parent[run as usize] as usize];
            self.parent[run as usize] = next;
            run = next;
        }
        run
    }

    #[inline(always)]
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        if a != b {
            self.parent[a.max(b) as usize] = a.min(b);
            self.sets -= 1;
        }
    }
}
