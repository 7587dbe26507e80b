//! Predicted labels as planes of bits.

use std::ops::Range;

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::blocks::filled;
use crate::error::Result;
use crate::monitor::Monitor;

/// Words that are looked at together: one register of the widest kind.
pub const LANES: usize = 8;

/// As many words, where a register is read at once.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
pub struct Lanes(pub [u64; LANES]);

/// Samples of a chunk.
pub const CHUNK: usize = 64 * LANES;

/// What the samples of a chunk count.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Weights(pub [f64; CHUNK]);

/// An integer that numbers a class.
pub trait Label: Copy + Send + Sync + Eq + std::hash::Hash + Into<u32> {
    /// Bytes of the number.
    const BYTES: usize;
    /// One of them, the lowest first.
    fn byte(self, place: usize) -> u8;
}

macro_rules! label {
    ($($integer:ty),*) => {$(
        impl Label for $integer {
            const BYTES: usize = size_of::<$integer>();
            #[inline(always)]
            fn byte(self, place: usize) -> u8 {
                self.to_le_bytes()[place]
            }
        }
    )*};
}
label!(u8, u16, u32);

/// The labels of several networks on the same samples, bit by bit.
///
/// A row holds chunk after chunk, and in a chunk the lowest bits of all its
/// labels, then the next. Two labels differ where some of their bits do, so
/// ceil(log2 K) XORs and ORs compare 512 labels at once, whatever K is; that is
/// never more than comparing the numbers themselves.
///
/// Samples are sorted by group, and each group begins with a chunk of its own.
/// Places without a sample hold zero in all networks: they never differ.
#[derive(Debug, Clone)]
pub struct BitPlanes {
    len: usize,
    planes: usize,
    groups: Vec<Range<usize>>,
    /// The sample at each place.
    order: Vec<Option<u32>>,
    words: Vec<Lanes>,
}

impl BitPlanes {
    /// Packs labels, one network a row, that need at most `planes` bits;
    /// `groups` numbers the group of each sample from zero.
    pub fn pack<L: Label>(
        labels: ArrayView2<'_, L>,
        planes: usize,
        groups: Option<&[u32]>,
        monitor: &Monitor,
    ) -> Result<Self> {
        Self::pack_as(labels, |label, _| label, planes, groups, monitor)
    }

    /// Packs what `number` makes of each label and its sample.
    pub(super) fn pack_as<L: Label, M: Label>(
        labels: ArrayView2<'_, L>,
        number: impl Fn(L, usize) -> M + Sync,
        planes: usize,
        groups: Option<&[u32]>,
        monitor: &Monitor,
    ) -> Result<Self> {
        let (len, samples) = labels.dim();
        let (order, chunks) = places(samples, groups);
        let planes = planes.clamp(1, 8 * M::BYTES);
        let row_len = order.len() / CHUNK * planes;
        let mut words = filled(Lanes::default(), len * row_len, monitor)?;
        words.par_chunks_mut(row_len.max(1)).enumerate().try_for_each(|(i, row)| {
            let labels = labels.row(i);
            let as_given = labels.as_slice().filter(|_| groups.is_none());
            for (k, chunk) in row.chunks_exact_mut(planes).enumerate() {
                monitor.check()?;
                let samples = k * CHUNK..order.len().min((k + 1) * CHUNK);
                for place in 0..planes.div_ceil(8) {
                    let mut bytes = [0; CHUNK];
                    match as_given {
                        Some(labels) => {
                            let labels = &labels[samples.start..labels.len().min(samples.end)];
                            let labels = labels.iter().zip(samples.start..);
                            bytes.iter_mut().zip(labels).for_each(|(byte, (&label, sample))| {
                                *byte = number(label, sample).byte(place);
                            });
                        }
                        None => bytes.iter_mut().zip(&order[samples.clone()]).for_each(
                            |(byte, sample)| {
                                let byte_of = |s| number(labels[s], s).byte(place);
                                *byte = sample.map_or(0, |sample| byte_of(sample as usize));
                            },
                        ),
                    }
                    let top = planes.min(8 * place + 8);
                    transpose(&bytes, &mut chunk[8 * place..top]);
                }
            }
            Ok(())
        })?;
        Ok(Self { len, planes, groups: chunks, order, words })
    }

    /// Number of networks.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no networks.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bits of a label.
    pub fn planes(&self) -> usize {
        self.planes
    }

    /// The chunks of each group.
    pub fn groups(&self) -> &[Range<usize>] {
        &self.groups
    }

    /// Chunks of a row.
    pub fn chunks(&self) -> usize {
        self.order.len() / CHUNK
    }

    /// The labels of a network.
    pub(super) fn row(&self, i: usize) -> &[Lanes] {
        let row_len = self.chunks() * self.planes;
        &self.words[i * row_len..(i + 1) * row_len]
    }

    /// What the labels of a network take.
    pub(super) fn row_bytes(&self) -> usize {
        self.chunks() * self.planes * size_of::<Lanes>()
    }

    /// Numbers that belong to samples, in the order of the places; none where
    /// there is no sample.
    pub(super) fn in_order(&self, values: &[f64]) -> Vec<Weights> {
        let chunks = self.order.chunks_exact(CHUNK);
        let value = |sample: &Option<u32>| sample.map_or(0.0, |sample| values[sample as usize]);
        chunks.map(|order| Weights(std::array::from_fn(|k| value(&order[k])))).collect()
    }

    /// Samples of each group.
    pub(super) fn group_sizes(&self) -> Vec<u32> {
        let size = |chunks: &Range<usize>| {
            let places = &self.order[chunks.start * CHUNK..chunks.end * CHUNK];
            places.iter().flatten().count() as u32
        };
        self.groups.iter().map(size).collect()
    }
}

/// Bytes of the planes of so many networks.
pub fn bit_planes_bytes(len: usize, samples: usize, planes: usize, groups: usize) -> u64 {
    let chunks = samples as u64 / CHUNK as u64 + groups as u64;
    (len as u64).saturating_mul(chunks).saturating_mul(planes as u64 * CHUNK as u64 / 8)
}

type Places = (Vec<Option<u32>>, Vec<Range<usize>>);

/// The sample at each place, and the chunks of each group.
fn places(samples: usize, groups: Option<&[u32]>) -> Places {
    let count = groups.map_or(1, |groups| groups.iter().max().map_or(0, |&g| g as usize + 1));
    let mut members = vec![Vec::new(); count];
    for sample in 0..samples {
        members[groups.map_or(0, |groups| groups[sample] as usize)].push(Some(sample as u32));
    }
    let (mut order, mut chunks) = (Vec::new(), Vec::with_capacity(count));
    for members in members {
        let start = order.len() / CHUNK;
        order.extend(members);
        order.resize(order.len().next_multiple_of(CHUNK), None);
        chunks.push(start..order.len() / CHUNK);
    }
    (order, chunks)
}

/// Collects the bits of 512 bytes, plane by plane.
fn transpose(bytes: &[u8; CHUNK], planes: &mut [Lanes]) {
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    // Moves the lowest bit of byte i to bit 56 + i.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    for (lane, word) in bytes.chunks_exact(64).enumerate() {
        let (eights, _) = word.as_chunks::<8>();
        for (p, plane) in planes.iter_mut().enumerate() {
            plane.0[lane] = eights.iter().enumerate().fold(0, |bits, (place, eight)| {
                let lowest = (u64::from_le_bytes(*eight) >> p) & LOWEST;
                bits | ((lowest.wrapping_mul(GATHER) >> 56) << (8 * place))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn every_bit_of_every_label_is_at_its_place() {
        let samples = 1100;
        let labels =
            Array2::from_shape_fn((3, samples), |(i, k)| (7919 * (i + 1) * k) as u32 % 99_991);
        let groups: Vec<u32> = (0..samples).map(|k| (k * k % 3) as u32).collect();
        for groups in [None, Some(&groups[..])] {
            let packed = BitPlanes::pack(labels.view(), 17, groups, &Monitor::new()).unwrap();
            for i in 0..3 {
                for (place, sample) in packed.order.iter().enumerate() {
                    let bit = |p: usize| {
                        let word = packed.row(i)[place / CHUNK * 17 + p].0[place % CHUNK / 64];
                        ((word >> (place % 64)) & 1) << p
                    };
                    let label = (0..17).map(bit).sum::<u64>();
                    let expected = sample.map_or(0, |sample| labels[[i, sample as usize]]);
                    assert_eq!(label, u64::from(expected));
                }
            }
        }
    }
}
