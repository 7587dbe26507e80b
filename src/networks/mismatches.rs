//! Which samples count when one network is compared with a few others.

use std::ops::Range;

use super::bit_planes::{BitPlanes, LANES, Lanes, Weights};
use super::registers::{BitKernel, Registers};

/// Networks that are compared with one at a time: what has been read of that
/// one is used for all of them.
const TOGETHER: usize = 4;

/// The samples of a chunk on which networks differ, as bits.
#[inline(always)]
pub fn differ<const N: usize, R: Registers>(
    registers: R,
    one: &[Lanes],
    others: [&[Lanes]; N],
    planes: usize,
    chunk: usize,
) -> [R::Bits; N] {
    let at = chunk * planes;
    let one = &one[at..][..planes];
    let mut rows = [one; N];
    for k in 0..N {
        rows[k] = &others[k][at..][..planes];
    }
    let mut bits = [registers.no_bits(); N];
    for p in 0..planes {
        for k in 0..N {
            bits[k] = registers.or_differ(bits[k], &one[p], &rows[k][p]);
        }
    }
    bits
}

/// Which samples of a chunk are counted, as bits.
pub trait Samples: Copy + Sync {
    fn of<const N: usize, R: Registers>(
        self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        chunk: usize,
    ) -> [R::Bits; N];
}

/// Those on which labels of so many planes differ.
#[derive(Clone, Copy)]
pub struct Differing(pub usize);

/// Those that both predict: the last of so many planes has a bit for each.
#[derive(Clone, Copy)]
pub struct Shared(pub usize);

/// Those of them on which the labels in the planes before differ.
#[derive(Clone, Copy)]
pub struct DifferingOfShared(pub usize);

impl Samples for Differing {
    #[inline(always)]
    fn of<const N: usize, R: Registers>(
        self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        chunk: usize,
    ) -> [R::Bits; N] {
        differ(registers, one, others, self.0, chunk)
    }
}

impl Samples for Shared {
    #[inline(always)]
    fn of<const N: usize, R: Registers>(
        self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        chunk: usize,
    ) -> [R::Bits; N] {
        let last = (chunk + 1) * self.0 - 1;
        let mut bits = [registers.read(&one[last]); N];
        for k in 0..N {
            bits[k] = registers.and(bits[k], &others[k][last]);
        }
        bits
    }
}

impl Samples for DifferingOfShared {
    #[inline(always)]
    fn of<const N: usize, R: Registers>(
        self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        chunk: usize,
    ) -> [R::Bits; N] {
        // Of samples that both predict the last bits are alike.
        let (last, mut bits) =
            ((chunk + 1) * self.0 - 1, differ(registers, one, others, self.0, chunk));
        for k in 0..N {
            bits[k] = registers.and(registers.and(bits[k], &one[last]), &others[k][last]);
        }
        bits
    }
}

/// How many samples there are.
#[inline(always)]
pub fn count<const N: usize, R: Registers>(
    registers: R,
    one: &[Lanes],
    others: [&[Lanes]; N],
    samples: impl Samples,
    chunks: Range<usize>,
) -> [u64; N] {
    let mut counts = [registers.no_bits(); N];
    for chunk in chunks {
        let bits = samples.of(registers, one, others, chunk);
        for k in 0..N {
            counts[k] = registers.count(counts[k], bits[k]);
        }
    }
    let mut totals = [0; N];
    for k in 0..N {
        totals[k] = registers.sum(counts[k]);
    }
    totals
}

/// What the samples weigh, in sixteen sums that are joined at the end, whatever the
/// registers are.
#[inline(always)]
pub fn weigh<const N: usize, R: Registers>(
    registers: R,
    one: &[Lanes],
    others: [&[Lanes]; N],
    samples: impl Samples,
    chunks: Range<usize>,
    weights: &[Weights],
) -> [f64; N] {
    let mut sums = [[registers.no_sums(); 2]; N];
    for chunk in chunks {
        let bits = samples.of(registers, one, others, chunk);
        let mut words = [[0; LANES]; N];
        for k in 0..N {
            words[k] = registers.words(bits[k]);
        }
        let (eights, _) = weights[chunk].0.as_chunks::<LANES>();
        for (word, eights) in eights.chunks_exact(LANES).enumerate() {
            for (place, eight) in eights.iter().enumerate() {
                for k in 0..N {
                    let bits = (words[k][word] >> (LANES * place)) as u8;
                    let sum = &mut sums[k][place % 2];
                    *sum = registers.add_where(*sum, bits, eight);
                }
            }
        }
    }
    let mut totals = [0.0; N];
    for k in 0..N {
        let [a, b] = sums[k];
        let (a, b) = (registers.values(a), registers.values(b));
        let mut s = a;
        for lane in 0..LANES {
            s[lane] += b[lane];
        }
        totals[k] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
    totals
}

/// What is computed for a pair of networks.
pub trait PairKernel<T>: Sync {
    /// Numbers that there are for a pair.
    fn width(&self) -> usize;

    /// Compares one network with N others.
    fn compare<const N: usize, R: Registers>(
        &self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        out: &mut [T],
    );
}

/// One network beside the next ones from `first` on, as many as `out` has room
/// for.
pub struct Row<'a, K, T> {
    pub kernel: &'a K,
    pub one: &'a [Lanes],
    pub others: &'a BitPlanes,
    pub first: usize,
    pub out: &'a mut [T],
}

impl<T, K: PairKernel<T>> BitKernel for Row<'_, K, T> {
    type Output = ();

    #[inline(always)]
    fn run<R: Registers>(self, registers: R) {
        let Self { kernel, one, others, first, out } = self;
        let (width, mut j) = (kernel.width(), first);
        let mut fours = out.chunks_exact_mut(width * TOGETHER);
        for four in &mut fours {
            let mut rows = [one; TOGETHER];
            for (k, row) in rows.iter_mut().enumerate() {
                *row = others.row(j + k);
            }
            kernel.compare(registers, one, rows, four);
            j += TOGETHER;
        }
        for single in fours.into_remainder().chunks_exact_mut(width) {
            kernel.compare(registers, one, [others.row(j)], single);
            j += 1;
        }
    }
}
