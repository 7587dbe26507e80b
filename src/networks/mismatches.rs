//! Where the labels of one network differ from those of a few others.

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

/// Numbers of differing samples.
#[inline(always)]
pub fn count<const N: usize, R: Registers>(
    registers: R,
    one: &[Lanes],
    others: [&[Lanes]; N],
    planes: usize,
    chunks: Range<usize>,
) -> [u64; N] {
    let mut counts = [registers.no_bits(); N];
    for chunk in chunks {
        let bits = differ(registers, one, others, planes, chunk);
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

/// Weights of the differing samples, in sixteen sums that are joined at the
/// end, whatever the registers are.
#[inline(always)]
pub fn weigh<const N: usize, R: Registers>(
    registers: R,
    one: &[Lanes],
    others: [&[Lanes]; N],
    planes: usize,
    chunks: Range<usize>,
    weights: &[Weights],
) -> [f64; N] {
    let mut sums = [[registers.no_sums(); 2]; N];
    for chunk in chunks {
        let bits = differ(registers, one, others, planes, chunk);
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
