//! Which vertices are within some hops of each other, as rows of bits.
//!
//! One hop more joins the rows of all neighbours. As neighbours have near numbers
//! (`order`), a row holds only the words from its first bit to its last: its band.

use std::ops::Range;

use rayon::prelude::*;

use super::order::Component;
use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::ones::ones_of_words;

/// For each vertex of a component a row of bits, those within some hops: itself, too.
#[derive(Debug, PartialEq)]
pub struct Reach {
    bands: Bands,
    words: Vec<u64>,
}

impl Reach {
    /// Those within at least one hop.
    pub fn within(component: &Component, hops: usize, monitor: &Monitor) -> Result<Self> {
        let mut reach = Self::neighbors(component, monitor)?;
        for _ in 1..hops {
            let wider = reach.wider(component, monitor)?;
            if wider == reach {
                break;
            }
            reach = wider;
        }
        Ok(reach)
    }

    /// Bytes of the rows of a component, before they are made.
    pub fn bytes_for(component: &Component, hops: usize, monitor: &Monitor) -> Result<u64> {
        let mut bands = Bands::narrow(component.len());
        for _ in 0..hops {
            let wider = bands.wider(component, monitor)?;
            if wider == bands {
                break;
            }
            bands = wider;
        }
        Ok(bands.bytes())
    }

    fn neighbors(component: &Component, monitor: &Monitor) -> Result<Self> {
        let bands = Bands::narrow(component.len()).wider(component, monitor)?;
        let mut words = monitor.filled(bands.words(), 0)?;
        for v in 0..component.len() {
            monitor.check()?;
            let (start, first) = (bands.starts[v], bands.first[v] as usize);
            let mut insert = |w: usize| words[start + w / 64 - first] |= 1 << (w % 64);
            insert(v);
            component.neighbors(v).iter().for_each(|&w| insert(w as usize));
        }
        Ok(Self { bands, words })
    }

    /// Those within one hop more.
    fn wider(&self, component: &Component, monitor: &Monitor) -> Result<Self> {
        let bands = self.bands.wider(component, monitor)?;
        let mut words = monitor.filled(bands.words(), 0)?;
        let arch = arch();
        let rows = bands.rows_of(&mut words).into_par_iter().enumerate().with_min_len(AT_ONCE);
        rows.try_for_each(|(v, row)| {
            monitor.check()?;
            let first = bands.first[v] as usize;
            arch.dispatch(
                #[inline(always)]
                || {
                    for w in component.neighbors(v).iter().map(|&w| w as usize).chain([v]) {
                        let near = self.row(w);
                        let at = self.first(w) - first;
                        let both = row[at..at + near.len()].iter_mut().zip(near);
                        both.for_each(|(word, &bits)| *word |= bits);
                    }
                },
            );
            Ok(())
        })?;
        Ok(Self { bands, words })
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.bands.first.len()
    }

    /// The words of a row, from [`Reach::first`] on.
    #[inline(always)]
    pub fn row(&self, v: usize) -> &[u64] {
        &self.words[self.bands.starts[v]..self.bands.starts[v + 1]]
    }

    /// Which word is the first of a row.
    #[inline(always)]
    pub fn first(&self, v: usize) -> usize {
        self.bands.first[v] as usize
    }

    /// The part of a row that is among some words, one of which it has: where it begins there,
    /// and its words in the row.
    #[inline(always)]
    pub fn overlap(&self, v: usize, words: &Range<usize>) -> (usize, Range<usize>) {
        let first = self.first(v);
        let start = first.max(words.start);
        let end = (first + self.row(v).len()).min(words.end);
        (start - words.start, start - first..end - first)
    }

    /// The other vertices in a row.
    pub fn others(&self, v: usize) -> impl Iterator<Item = usize> {
        let first = 64 * self.first(v);
        ones_of_words(self.row(v)).map(move |w| first + w).filter(move |&w| w != v)
    }

    /// How many other vertices are in a row.
    pub fn degree(&self, v: usize) -> usize {
        self.row(v).iter().map(|word| word.count_ones() as usize).sum::<usize>() - 1
    }
}

/// Rows that one thread takes at a time.
const AT_ONCE: usize = 64;

/// For each row its first word, and where its words are among those of all.
#[derive(Debug, PartialEq)]
struct Bands {
    first: Vec<u32>,
    starts: Vec<usize>,
}

impl Bands {
    /// A word for the bit of the vertex itself.
    fn narrow(len: usize) -> Self {
        Self { first: (0..len as u32).map(|v| v / 64).collect(), starts: (0..=len).collect() }
    }

    /// Words of all rows.
    fn words(&self) -> usize {
        self.starts[self.first.len()]
    }

    /// With where they are.
    fn bytes(&self) -> u64 {
        (self.words() * size_of::<u64>()
            + self.first.len() * (size_of::<u32>() + size_of::<usize>())) as u64
    }

    /// From the first to the last word of those of the neighbours.
    fn wider(&self, component: &Component, monitor: &Monitor) -> Result<Self> {
        let len = self.first.len();
        let (mut first, mut starts) = (monitor.room(len)?, monitor.room(len + 1)?);
        starts.push(0);
        for v in 0..len {
            monitor.check()?;
            let (mut low, mut high) = self.band(v);
            for &w in component.neighbors(v) {
                let (start, end) = self.band(w as usize);
                (low, high) = (low.min(start), high.max(end));
            }
            first.push(low as u32);
            starts.push(starts[v] + high - low);
        }
        Ok(Self { first, starts })
    }

    fn band(&self, v: usize) -> (usize, usize) {
        let first = self.first[v] as usize;
        (first, first + self.starts[v + 1] - self.starts[v])
    }

    fn rows_of<'a>(&self, mut words: &'a mut [u64]) -> Vec<&'a mut [u64]> {
        let row = |ends: &[usize]| words.split_off_mut(..ends[1] - ends[0]).expect("words of rows");
        self.starts.windows(2).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::components;
    use super::*;
    use crate::space::{Graph, Hops};

    #[test]
    fn rows_are_what_a_search_reaches() {
        // A grid with a long tail, whose numbers are their own order from the hub on.
        let grid = (0..400u32).flat_map(|i| [(i, i + 20), (i, i + 1)]);
        let tail = (400..700).map(|i| (i, i + 1));
        let edges: Vec<_> = grid.chain(tail).map(|(i, j)| (i, j, 1.0)).collect();
        let graph = Graph::from_edges(701, &edges, &Monitor::new()).unwrap();
        let [component] = &components(&graph, &Monitor::new()).unwrap()[..] else { panic!() };
        let ends = |v: usize| component.neighbors(v).iter().map(move |&w| (v as u32, w, 1.0));
        let edges: Vec<_> = (0..component.len()).flat_map(ends).collect();
        let graph = Graph::from_edges(701, &edges, &Monitor::new()).unwrap();
        let mut search = Hops::new(&graph);
        for hops in [1, 2, 3, 4, 7, 100, 1_000_000] {
            let reach = Reach::within(component, hops, &Monitor::new()).unwrap();
            let bytes = Reach::bytes_for(component, hops, &Monitor::new()).unwrap();
            assert_eq!(bytes, reach.bands.bytes());
            assert!(hops > 2 || bytes < 8 * 701 * 11 / 2, "{bytes}");
            for v in 0..reach.len() {
                let expected = search.within(v as u32, hops);
                assert!(reach.others(v).eq(expected.iter().map(|&w| w as usize)));
                assert_eq!(reach.degree(v), expected.len());
            }
        }
    }
}
