//! A point beside eight points, or eight boxes, at once.
//!
//! The terms of a distance are added up as in [`PointCloud::distances_to`], in the same order,
//! so that every bit is the same.

use pulp::{Arch, Simd, WithSimd};

use super::pair_sums::{Largest, Sizes, Squares, Term, Unequal};
use super::points::{LANES, length};
use super::{Metric, PointCloud};
use crate::arch::dispatch_on;

/// Points or boxes that are compared at once.
pub const WIDTH: usize = 8;
/// One number of each.
pub type Eight = [f64; WIDTH];

/// Writes a raw number of each of the eight: the sum of terms that the distance is made of.
/// A bit of each that is not above the limit.
pub type Kernel = fn(Arch, origin: &[f64], columns: &[Eight], limit: f64, raw: &mut Eight) -> u8;

/// What compares points under a metric.
pub struct Kernels {
    pub points: Kernel,
    /// With the point of a box that is nearest in every coordinate: columns of the least
    /// coordinates come first, then those of the largest.
    pub boxes: Kernel,
}

impl Kernels {
    /// Those for some points.
    pub fn of(points: &PointCloud<'_>) -> Self {
        match points.metric() {
            Metric::Euclidean if points.is_faint() => {
                Self { points: faint::<false>, boxes: faint::<true> }
            }
            Metric::Cityblock => Self::by::<Sizes>(points.dim()),
            Metric::Hamming => Self::by::<Unequal>(points.dim()),
            Metric::Chebyshev => Self::by::<Largest>(points.dim()),
            _ => Self::by::<Squares>(points.dim()),
        }
    }

    fn by<T: Term>(dim: usize) -> Self {
        match padded(dim) {
            2 => Self { points: by::<T, 2, false>, boxes: by::<T, 2, true> },
            4 => Self { points: by::<T, 4, false>, boxes: by::<T, 4, true> },
            8 => Self { points: by::<T, 8, false>, boxes: by::<T, 8, true> },
            _ => Self { points: by::<T, ANY, false>, boxes: by::<T, ANY, true> },
        }
    }
}

/// As a number of coordinates: not known before the program runs.
const ANY: usize = usize::MAX;

/// Coordinates that are compared, those that are not there being zero: kernels are compiled
/// for few numbers of them.
pub fn padded(dim: usize) -> usize {
    if dim <= LANES { dim.next_power_of_two().max(2) } else { dim }
}

fn by<T: Term, const DIM: usize, const BOXES: bool>(
    arch: Arch,
    origin: &[f64],
    columns: &[Eight],
    limit: f64,
    raw: &mut Eight,
) -> u8 {
    let dim = if DIM == ANY { origin.len() } else { DIM };
    let columns = &columns[..if BOXES { 2 * dim } else { dim }];
    let (term, origin) = (T::default(), &origin[..dim]);
    dispatch_on(arch, Beside::<'_, T, DIM, BOXES> { term, origin, columns, limit, raw })
}

struct Beside<'a, T, const DIM: usize, const BOXES: bool> {
    term: T,
    origin: &'a [f64],
    columns: &'a [Eight],
    limit: f64,
    raw: &'a mut Eight,
}

impl<T: Term, const DIM: usize, const BOXES: bool> WithSimd for Beside<'_, T, DIM, BOXES> {
    type Output = u8;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> u8 {
        for register in 0..WIDTH / S::F64_LANES {
            let sum = self.sum(simd, register);
            S::as_mut_simd_f64s(self.raw).0[register] = sum;
        }
        let mut bits = 0;
        for k in 0..WIDTH {
            bits |= u8::from(self.raw[k] <= self.limit) << k;
        }
        bits
    }
}

// Plain loops: closures are not compiled for the instructions at hand.
impl<T: Term, const DIM: usize, const BOXES: bool> Beside<'_, T, DIM, BOXES> {
    /// The sums of the terms of a register's points or boxes.
    #[inline(always)]
    fn sum<S: Simd>(&self, simd: S, register: usize) -> S::f64s {
        let dim = if DIM == ANY { self.origin.len() } else { DIM };
        let whole = dim / LANES * LANES;
        let mut sums = [simd.splat_f64s(0.0); LANES];
        for first in 0..whole / LANES {
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum = self.added(simd, *sum, register, first * LANES + lane);
            }
        }
        for (lane, sum) in sums.iter_mut().enumerate() {
            if lane < dim - whole {
                *sum = self.added(simd, *sum, register, whole + lane);
            }
        }
        // Sums of no terms are zeros, which change nothing.
        if dim > 4 {
            for lane in 0..4 {
                sums[lane] = self.term.both(simd, sums[lane], sums[lane + 4]);
            }
        }
        if dim > 2 {
            for lane in 0..2 {
                sums[lane] = self.term.both(simd, sums[lane], sums[lane + 2]);
            }
        }
        self.term.both(simd, sums[0], sums[1])
    }

    /// A sum and the terms of a coordinate.
    #[inline(always)]
    fn added<S: Simd>(&self, simd: S, sum: S::f64s, register: usize, axis: usize) -> S::f64s {
        let x = simd.splat_f64s(self.origin[axis]);
        let mut other = S::as_simd_f64s(&self.columns[axis]).0[register];
        if BOXES {
            let largest = S::as_simd_f64s(&self.columns[self.origin.len() + axis]).0[register];
            other = simd.min_f64s(simd.max_f64s(x, other), largest);
        }
        self.term.added(simd, sum, x, other)
    }
}

/// Lengths themselves, where squares may underflow.
fn faint<const BOXES: bool>(
    _: Arch,
    origin: &[f64],
    columns: &[Eight],
    limit: f64,
    raw: &mut Eight,
) -> u8 {
    let (least, largest) = columns.split_at(if BOXES { origin.len() } else { 0 });
    (0..WIDTH).fold(0, |bits, k| {
        let other = largest.iter().enumerate().map(|(axis, column)| match BOXES {
            true => origin[axis].max(least[axis][k]).min(column[k]),
            false => column[k],
        });
        raw[k] = length(origin, &other.collect::<Vec<_>>());
        bits | u8::from(raw[k] <= limit) << k
    })
}
