//! Which neighbours of a pixel come before it, as bits.

use std::ops::Range;

use rayon::prelude::*;

use crate::arch::arch;
use crate::error::Result;
use crate::homology::cubical::voxel::Voxel;
use crate::monitor::Monitor;

/// Pixels of a word.
pub const WORD: usize = 64;

/// Pixels that are compared at a time at least.
const AT_ONCE: usize = 1 << 16;

/// Words of a stretch.
const STRETCH: usize = 2048;

/// The eight neighbours, as steps along rows and columns, in the order in which they
/// stand round a pixel. Even ones share an edge with it, odd ones a corner.
pub const AROUND: [(isize, isize); 8] =
    [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)];

/// Comparisons of each pixel with those that follow it in the image.
///
/// Pixels are ordered by value, then flat index, so that a later neighbour is lower
/// only if its value is. What lies outside is higher than all.
pub struct Order {
    pub height: usize,
    pub width: usize,
    /// Words of a row.
    pub words: usize,
    rows: Vec<Comparisons>,
}

/// One word of comparisons.
#[derive(Clone, Copy, Default)]
struct Comparisons {
    /// Right is lower.
    right: u64,
    /// Below is lower.
    below: u64,
    /// Below and to the right is lower.
    falling: u64,
    /// The pixel below this one is lower than the one to the right of it.
    rising: u64,
}

impl Order {
    /// Compares; `superlevel` turns the order of values round.
    pub fn new<V: Voxel>(
        image: &[V],
        (height, width): (usize, usize),
        superlevel: bool,
        monitor: &Monitor,
    ) -> Result<Self> {
        let words = width.div_ceil(WORD);
        let mut rows = vec![Comparisons::default(); height * words];
        rows.par_chunks_mut(words).enumerate().with_min_len(1 + AT_ONCE / width).try_for_each(
            |(y, bits)| {
                monitor.check()?;
                let row = &image[y * width..][..width];
                let next = image.get((y + 1) * width..).and_then(|rest| rest.get(..width));
                if superlevel {
                    compare_rows(row, next, bits, |next, this| next > this);
                } else {
                    compare_rows(row, next, bits, |next, this| next < this);
                }
                Ok(())
            },
        )?;
        Ok(Self { height, width, words, rows })
    }

    /// For 64 pixels of a row, which of them have a lower neighbour in each
    /// direction of [`AROUND`].
    #[inline(always)]
    pub fn lower(&self, y: usize, word: usize) -> [u64; 8] {
        let (inside, last) = (self.inside(word), self.last(word));
        let here = y * self.words + word;
        let this = self.rows[here];
        let before = if word > 0 { self.rows[here - 1] } else { Comparisons::default() };
        let first = u64::from(word == 0);
        let left = this.right << 1 | before.right >> (WORD - 1);
        let falling = this.rising << 1 | before.rising >> (WORD - 1);
        let mut lower = [0; 8];
        lower[0] = this.right;
        lower[1] = this.falling;
        lower[2] = this.below;
        lower[3] = falling;
        lower[4] = !left & inside & !first;
        if y > 0 {
            let above = self.rows[here - self.words];
            let before =
                if word > 0 { self.rows[here - self.words - 1] } else { Comparisons::default() };
            let corner = above.falling << 1 | before.falling >> (WORD - 1);
            lower[5] = !corner & inside & !first;
            lower[6] = !above.below & inside;
            lower[7] = !above.rising & inside & !last;
        }
        lower
    }

    /// Pixels that are lower than both neighbours in the row, or higher, whichever are more.
    pub fn extrema_of_rows(&self, monitor: &Monitor) -> Result<u64> {
        let count = |y: usize| {
            monitor.check()?;
            let lowest = |word: usize| {
                let [right, _, _, _, left, ..] = self.lower(y, word);
                u64::from((!(left | right) & self.inside(word)).count_ones())
            };
            Ok((0..self.words).map(lowest).sum::<u64>())
        };
        // There is one highest less in each row.
        (0..self.height).into_par_iter().with_min_len(1 + AT_ONCE / self.width).map(count).sum()
    }

    /// The words of a row, some thousands at a time: between them is time to look at the
    /// monitor.
    pub fn stretches(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let words = self.words;
        (0..words).step_by(STRETCH).map(move |first| first..(first + STRETCH).min(words))
    }

    /// What the comparisons take, and numbers of the segments of rows with them.
    pub fn bytes(&self) -> u64 {
        self.rows.len() as u64 * (size_of::<Comparisons>() as u64 + 32)
    }

    /// The bits of a word that are pixels.
    #[inline(always)]
    pub fn inside(&self, word: usize) -> u64 {
        let left = self.width - word * WORD;
        if left < WORD { (1 << left) - 1 } else { u64::MAX }
    }

    /// The last pixel of a row, where it is in this word.
    #[inline(always)]
    fn last(&self, word: usize) -> u64 {
        if word + 1 == self.words { 1 << ((self.width - 1) % WORD) } else { 0 }
    }
}

fn compare_rows<V: Voxel>(
    row: &[V],
    next: Option<&[V]>,
    bits: &mut [Comparisons],
    lower: impl Fn(V, V) -> bool + Copy,
) {
    arch().dispatch(
        #[inline(always)]
        || {
            let ahead = row.len() - 1;
            for (word, bits) in bits.iter_mut().enumerate() {
                let at = word * WORD;
                bits.right = compare(&row[..ahead], &row[1..], at, lower);
                if let Some(next) = next {
                    bits.below = compare(row, next, at, lower);
                    bits.falling = compare(&row[..ahead], &next[1..], at, lower);
                    bits.rising = compare(&row[1..], &next[..ahead], at, lower);
                }
            }
        },
    );
}

/// Bits of the 64 places from `at` where the other is lower.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // iterators are not put into registers here
fn compare<V: Voxel>(
    these: &[V],
    others: &[V],
    at: usize,
    lower: impl Fn(V, V) -> bool + Copy,
) -> u64 {
    let (these, others) = (&these[at.min(these.len())..], &others[at.min(others.len())..]);
    match (these.first_chunk::<WORD>(), others.first_chunk::<WORD>()) {
        (Some(these), Some(others)) => {
            let mut bits = 0;
            for k in 0..WORD {
                bits |= u64::from(lower(others[k], these[k])) << k;
            }
            bits
        }
        _ => {
            let bit = |k: usize| u64::from(lower(others[k], these[k])) << k;
            (0..these.len().min(WORD)).fold(0, |bits, k| bits | bit(k))
        }
    }
}
