//! Basins: the pixels from which one descends, or climbs, to the same extremum.

use super::merges::Keyed;
use super::order::{AROUND, Order, WORD};
use crate::arch::arch;
use crate::blocks::{blocks, mapped};
use crate::error::Result;
use crate::homology::cubical::places::sorted_places;
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

/// The basins of an image.
///
/// In each row the pixels between two that lead either way make up a segment,
/// from which one comes to the same pixel of the row, and from there to a
/// neighbouring row. A segment is found by counting bits, so that pixels need no
/// numbers of their own.
pub struct Basins<K> {
    /// The extremum of each basin; first the outside, if one climbs.
    pub extrema: Vec<Keyed<K>>,
    /// Basin of each segment.
    basins: Vec<u32>,
    segments: Segments,
}

impl<K: Copy + Into<u64>> Basins<K> {
    /// Finds the extrema and the basins of all segments, numbered in the order in which
    /// the extrema enter.
    pub fn new(
        order: &Order,
        way: Way,
        keyed: impl Fn(u32) -> Keyed<K> + Copy,
        monitor: &Monitor,
    ) -> Result<Self> {
        let segments = Segments::new(order, way, monitor)?;
        let (mut basins, mut extrema) = (Vec::with_capacity(segments.count()), Vec::new());
        if way.up {
            extrema.push(keyed(0)); // never looked at, since the outside is the eldest
        }
        for y in 0..order.height {
            monitor.check()?;
            arch().dispatch(
                #[inline(always)]
                || add_row(order, way, &segments, y, &mut basins, &mut extrema, keyed),
            );
        }
        let mut sorted = Self { extrema, basins, segments };
        sorted.resolve(monitor)?;
        sorted.sort(way, monitor)?;
        Ok(sorted)
    }

    /// The basin of a pixel.
    #[inline(always)]
    pub fn of(&self, y: usize, x: usize) -> u32 {
        self.basins[self.segments.of(y, x)]
    }

    /// Follows each segment to its basin.
    fn resolve(&mut self, monitor: &Monitor) -> Result<()> {
        for segment in 0..self.basins.len() {
            if segment % (1 << 14) == 0 {
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
        Ok(())
    }

    /// Numbers the basins from the eldest to the youngest.
    fn sort(&mut self, way: Way, monitor: &Monitor) -> Result<()> {
        let outside = usize::from(way.up);
        let keys = self.extrema[outside..].iter().map(|extremum| extremum.key);
        let mut places = sorted_places(keys, monitor)?;
        if way.up {
            places.reverse();
        }
        let mut numbers = vec![OUTSIDE; self.extrema.len()];
        let mut extrema = Vec::with_capacity(self.extrema.len());
        extrema.extend_from_slice(&self.extrema[..outside]);
        for block in blocks(&places, monitor) {
            for &place in block? {
                let basin = place as usize + outside;
                numbers[basin] = extrema.len() as u32;
                extrema.push(self.extrema[basin]);
            }
        }
        self.extrema = extrema;
        self.basins =
            mapped(&self.basins, |&basin| Some(numbers[(basin & !KNOWN) as usize]), monitor)?;
        Ok(())
    }
}

/// Segments of rows, numbered one after the other.
struct Segments {
    words: usize,
    /// For each word: pixels with which a segment begins, and the number of the one
    /// that was under way before.
    starts: Vec<(u64, u32)>,
}

impl Segments {
    fn new(order: &Order, way: Way, monitor: &Monitor) -> Result<Self> {
        let mut starts = Vec::with_capacity(order.height * order.words);
        let mut count = 0;
        for y in 0..order.height {
            monitor.check()?;
            arch().dispatch(
                #[inline(always)]
                || {
                    for word in 0..order.words {
                        let toward = toward(order, way, y, word);
                        let forks = toward[0] & toward[4];
                        starts.push((forks, count));
                        count += forks.count_ones();
                    }
                    count += 1; // the segment of the next row
                },
            );
        }
        Ok(Self { words: order.words, starts })
    }

    #[inline(always)]
    fn of(&self, y: usize, x: usize) -> usize {
        let (forks, number) = self.starts[y * self.words + x / WORD];
        let up_to_here = u64::MAX >> (WORD - 1 - x % WORD);
        number as usize + (forks & up_to_here).count_ones() as usize
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

/// Where each segment of a row leads: to a segment of another row, or to a basin.
#[inline(always)]
fn add_row<K>(
    order: &Order,
    way: Way,
    segments: &Segments,
    y: usize,
    basins: &mut Vec<u32>,
    extrema: &mut Vec<Keyed<K>>,
    keyed: impl Fn(u32) -> Keyed<K>,
) {
    if way.up && (y == 0 || y + 1 == order.height) {
        let end = segments.of(y, order.width - 1) + 1;
        basins.resize(end, KNOWN | OUTSIDE);
        return;
    }
    let steps = if way.corners { 0b1110_1110 } else { 0b0100_0100 };
    if way.up {
        basins.push(KNOWN | OUTSIDE); // the segment that leads out on the left
    }
    for word in 0..order.words {
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
    if way.up {
        basins.push(KNOWN | OUTSIDE);
    }
}
