//! Basins: the pixels from which one descends, or climbs, to the same extremum.

use std::ops::Range;

use super::merges::Keyed;
use super::order::{AROUND, Order, WORD};
use crate::arch::arch;
use crate::error::Result;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;
use crate::ones::ones;

/// The basin of all that lies outside, where one climbs.
pub const OUTSIDE: u32 = 0;

/// Marks the number of a basin among those of segments that lead on.
pub const KNOWN: u32 = 1 << 31;

/// Which way is followed, and to which neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Climb, and leave the image where that leads outside; otherwise descend.
    pub up: bool,
    /// Step across corners too.
    pub corners: bool,
}

/// The basins of a strip of rows.
///
/// In each row the pixels between two that lead either way make up a segment,
/// from which one comes to the same pixel of the row, and from there to a
/// neighbouring row. A segment is found by counting bits, so that pixels need no
/// numbers of their own. Of the rows beside the strip each segment counts as a
/// basin: where it leads is known there.
#[derive(Default)]
pub struct Basins<K> {
    /// The extremum of each basin, or what is known of it; first the outside, if one
    /// climbs.
    pub extrema: Vec<Keyed<K>>,
    /// Basin of each segment.
    basins: Vec<u32>,
    segments: Segments,
}

impl<K: Key> Basins<K> {
    /// Finds the extrema and the basins of all segments, in place of those of another
    /// strip.
    pub fn find(
        &mut self,
        order: &Order,
        way: Way,
        strip: &Range<usize>,
        keyed: impl Fn(u32) -> Keyed<K> + Copy,
        monitor: &Monitor,
    ) -> Result<()> {
        let shown = strip.start.saturating_sub(1)..(strip.end + 1).min(order.height);
        self.segments.find(order, way, shown.clone(), monitor)?;
        self.extrema.clear();
        self.basins.clear();
        self.basins.reserve(self.segments.count());
        if way.up {
            let eldest = !K::default();
            self.extrema.push(Keyed { key: eldest, voxel: u32::MAX });
        }
        for y in shown {
            let outside = way.up && (y == 0 || y + 1 == order.height);
            if outside {
                self.basins.resize(self.segments.of_row(y).end, KNOWN | OUTSIDE);
                continue;
            }
            // Where one climbs, a segment leads out at each end of a row.
            self.basins.extend(way.up.then_some(KNOWN | OUTSIDE));
            for words in order.stretches() {
                monitor.check()?;
                arch().dispatch(
                    #[inline(always)]
                    || self.add_words(order, way, y, words, strip.contains(&y), keyed),
                );
            }
            self.basins.extend(way.up.then_some(KNOWN | OUTSIDE));
        }
        self.resolve(monitor)
    }

    /// The basin of a pixel.
    #[inline(always)]
    pub fn of(&self, y: usize, x: usize) -> u32 {
        self.basins[self.segments.of(y, x)]
    }

    /// The basins of the segments of a row.
    pub fn of_row(&self, y: usize) -> &[u32] {
        &self.basins[self.segments.of_row(y)]
    }

    /// Where each segment of some words leads: to a segment of another row, or to a basin
    /// of its own, as always if the row is not one of the strip's `own`.
    #[inline(always)]
    fn add_words(
        &mut self,
        order: &Order,
        way: Way,
        y: usize,
        words: Range<usize>,
        own: bool,
        keyed: impl Fn(u32) -> Keyed<K>,
    ) {
        let Self { extrema, basins, segments } = self;
        let steps = match (own, way.corners) {
            (false, _) => 0,
            (true, false) => 0b0100_0100,
            (true, true) => 0b1110_1110,
        };
        for word in words {
            let toward = toward(order, way, y, word);
            let ends = !(toward[0] | toward[4]) & order.inside(word);
            for bit in ones(ends) {
                let x = word * WORD + bit;
                let mut places = 0;
                for (step, bits) in toward.iter().enumerate() {
                    places |= (bits >> bit & 1) << step;
                }
                let places = places & steps;
                if places == 0 {
                    basins.push(KNOWN | extrema.len() as u32);
                    extrema.push(keyed((y * order.width + x) as u32));
                } else {
                    let (dy, dx) = AROUND[places.trailing_zeros() as usize];
                    let next = segments.of(y.wrapping_add_signed(dy), x.wrapping_add_signed(dx));
                    basins.push(next as u32);
                }
            }
        }
    }

    /// Follows each segment to its basin.
    fn resolve(&mut self, monitor: &Monitor) -> Result<()> {
        for segment in 0..self.basins.len() {
            if segment % 65_536 == 0 {
                monitor.check()?;
            }
            let mut end = segment;
            while self.basins[end] & KNOWN == 0 {
                end = self.basins[end] as usize;
            }
            let (basin, mut at) = (self.basins[end], segment);
            while self.basins[at] & KNOWN == 0 {
                at = std::mem::replace(&mut self.basins[at], basin) as usize;
            }
        }
        for basins in self.basins.chunks_mut(65_536) {
            monitor.check()?;
            basins.iter_mut().for_each(|basin| *basin &= !KNOWN);
        }
        Ok(())
    }
}

/// Segments of some rows, numbered one after the other.
#[derive(Default)]
struct Segments {
    words: usize,
    first_row: usize,
    /// For each word: pixels with which a segment begins, and the number of the one
    /// that was under way before.
    starts: Vec<(u64, u32)>,
}

impl Segments {
    fn find(
        &mut self,
        order: &Order,
        way: Way,
        rows: Range<usize>,
        monitor: &Monitor,
    ) -> Result<()> {
        (self.words, self.first_row) = (order.words, rows.start);
        self.starts.clear();
        let mut count = 0;
        for y in rows {
            for words in order.stretches() {
                monitor.check()?;
                arch().dispatch(
                    #[inline(always)]
                    || {
                        let is_last = words.end == order.words;
                        for word in words {
                            let toward = toward(order, way, y, word);
                            let forks = toward[0] & toward[4];
                            self.starts.push((forks, count));
                            count += forks.count_ones();
                        }
                        count += u32::from(is_last); // the segment of the next row
                    },
                );
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn of(&self, y: usize, x: usize) -> usize {
        let (forks, number) = self.starts[(y - self.first_row) * self.words + x / WORD];
        let up_to_here = u64::MAX >> (WORD - 1 - x % WORD);
        number as usize + (forks & up_to_here).count_ones() as usize
    }

    fn of_row(&self, y: usize) -> Range<usize> {
        let first = (y - self.first_row) * self.words;
        let (forks, number) = self.starts[first + self.words - 1];
        self.starts[first].1 as usize..(number + forks.count_ones()) as usize + 1
    }

    fn count(&self) -> usize {
        self.starts.last().map_or(0, |(forks, number)| (number + forks.count_ones()) as usize + 1)
    }
}

/// Directions that a way may take from the pixels of a word.
#[inline(always)]
fn toward(order: &Order, way: Way, y: usize, word: usize) -> [u64; 8] {
    let mut toward = order.lower(y, word);
    if way.up {
        let inside = order.inside(word);
        for bits in &mut toward {
            *bits = !*bits & inside;
        }
    }
    toward
}
