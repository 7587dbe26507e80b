//! Sets of voxels, one bit each.

use std::ops::Range;

use crate::arch::arch;
use crate::error::Result;
use crate::homology::cubical::voxel::Voxel;
use crate::monitor::Monitor;

/// Voxels of a word.
pub const WORD: usize = 64;

/// A set of voxels of a box, row after row.
pub struct Mask {
    /// Slices, rows of a slice, and voxels of a row.
    pub shape: [usize; 3],
    /// Words of a row.
    pub words: usize,
    bits: Vec<u64>,
}

impl Mask {
    /// The voxels that have entered at a threshold.
    pub fn new<V: Voxel>(
        values: &[V],
        shape: [usize; 3],
        threshold: f64,
        superlevel: bool,
        monitor: &Monitor,
    ) -> Result<Self> {
        let words = shape[2].div_ceil(WORD);
        let mut bits = vec![0; shape[0] * shape[1] * words];
        let level = level::<V>(threshold, superlevel);
        for (row, bits) in values.chunks_exact(shape[2]).zip(bits.chunks_exact_mut(words)) {
            monitor.check()?;
            if superlevel {
                collect(row, bits, |value| value >= level);
            } else {
                collect(row, bits, |value| value <= level);
            }
        }
        Ok(Self { shape, words, bits })
    }

    /// The bits of a row.
    #[inline(always)]
    pub fn row(&self, slice: usize, row: usize) -> &[u64] {
        &self.bits[(slice * self.shape[1] + row) * self.words..][..self.words]
    }

    /// The bits of a word that are voxels.
    #[inline(always)]
    pub fn inside(&self, word: usize) -> u64 {
        let left = self.shape[2] - word * WORD;
        if left < WORD { (1 << left) - 1 } else { u64::MAX }
    }
}

/// The rows of a slice, so many of them at a time that they do not take long.
pub fn blocks_of_rows(rows: usize) -> impl Iterator<Item = Range<usize>> {
    const BLOCK: usize = 64;
    (0..rows).step_by(BLOCK).map(move |first| first..rows.min(first + BLOCK))
}

/// The last value that has entered at a threshold; infinite voxels never do.
fn level<V: Voxel>(threshold: f64, superlevel: bool) -> V {
    if superlevel { V::at_least(threshold) } else { V::at_most(threshold) }
}

#[inline(always)]
fn collect<V: Copy>(row: &[V], bits: &mut [u64], has_entered: impl Fn(V) -> bool + Copy) {
    arch().dispatch(
        #[inline(always)]
        || {
            let (words, rest) = row.as_chunks::<WORD>();
            for (word, bits) in words.iter().zip(bits.iter_mut()) {
                *bits = 0;
                for (k, &value) in word.iter().enumerate() {
                    *bits |= u64::from(has_entered(value)) << k;
                }
            }
            if let (Some(bits), false) = (bits.get_mut(words.len()), rest.is_empty()) {
                *bits = (0..)
                    .zip(rest)
                    .fold(0, |bits, (k, &value)| bits | u64::from(has_entered(value)) << k);
            }
        },
    );
}
