//! Sums over coordinates for all pairs of two sets of points, a block of pairs at a time.
//!
//! The running sums of a block stay in registers while coordinates pass by, each of which is
//! read once for several pairs (Goto and van de Geijn 2008, for products of matrices). A sum
//! has its terms in the order of `PointCloud::distances_to`, so that every bit is the same.

use std::hint::black_box;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::points::{LANES, Lanes, total};

/// Most points of a set.
pub const SIDE: usize = 64;
/// Columns of a block, and its rows where there are registers enough.
pub const WIDTH: usize = 4;
/// Coordinates of a slice: those of both sets stay at hand.
pub const SLICE: usize = 512;

/// Running sums of the pairs of a block.
pub type Block = [[Lanes; WIDTH]; WIDTH];

/// Room for the running sums of the pairs of two sets.
pub fn room() -> Box<[Block]> {
    vec![[[[0.0; LANES]; WIDTH]; WIDTH]; (SIDE / WIDTH).pow(2)].into_boxed_slice()
}

/// What a pair of coordinates does to a running sum.
pub trait Term: Copy + Default {
    fn added<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s;

    /// As [`Term::added`], by other parts of the processor if it has some.
    #[inline(always)]
    fn fused<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s {
        self.added(simd, sums, a, b)
    }

    /// Two running sums as one.
    #[inline(always)]
    fn both<S: Simd>(self, simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(a, b)
    }

    #[inline(always)]
    fn whole(self, sums: Lanes) -> f64 {
        total(sums)
    }
}

/// (a - b)².
#[derive(Clone, Copy)]
pub struct Squares {
    one: f64,
}

impl Default for Squares {
    fn default() -> Self {
        // Not to be seen through, or the product with it would be left out.
        Self { one: black_box(1.0) }
    }
}

impl Term for Squares {
    #[inline(always)]
    fn added<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s {
        let apart = simd.sub_f64s(a, b);
        simd.add_f64s(sums, simd.mul_f64s(apart, apart))
    }

    /// Adds one times the square: the same number, from units that multiply.
    #[inline(always)]
    fn fused<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s {
        let apart = simd.sub_f64s(a, b);
        let squares = simd.mul_f64s(apart, apart);
        simd.mul_add_f64s(squares, simd.splat_f64s(self.one), sums)
    }
}

/// |a - b|.
#[derive(Clone, Copy, Default)]
pub struct Sizes;

impl Term for Sizes {
    #[inline(always)]
    fn added<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(sums, simd.abs_f64s(simd.sub_f64s(a, b)))
    }
}

/// The largest |a - b|.
#[derive(Clone, Copy, Default)]
pub struct Largest;

impl Term for Largest {
    #[inline(always)]
    fn added<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.max_f64s(sums, simd.abs_f64s(simd.sub_f64s(a, b)))
    }

    #[inline(always)]
    fn both<S: Simd>(self, simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.max_f64s(a, b)
    }

    #[inline(always)]
    fn whole(self, sums: Lanes) -> f64 {
        sums.into_iter().fold(0.0, f64::max)
    }
}

/// How often a ≠ b.
#[derive(Clone, Copy, Default)]
pub struct Unequal;

impl Term for Unequal {
    #[inline(always)]
    fn added<S: Simd>(self, simd: S, sums: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s {
        let (none, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        simd.add_f64s(sums, simd.select_f64s(simd.equal_f64s(a, b), none, one))
    }
}

/// Takes the sums for one to [`SIDE`] points and as many others, [`SIDE`] values in a row; where
/// they are `same`, for pairs of each and a later one only. Other values mean nothing.
pub struct Sums<'a, T> {
    pub term: T,
    pub rows: &'a [&'a [f64]],
    pub columns: &'a [&'a [f64]],
    pub same: bool,
    pub sums: &'a mut [Block],
    pub values: &'a mut [f64],
}

impl<T: Term> WithSimd for Sums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // As many sums as there are registers for, beside the coordinates.
        if S::F64_LANES == LANES { self.run::<S, 4>(simd) } else { self.run::<S, 2>(simd) }
    }
}

// Loops in place of closures, which need not be compiled for the same instructions.
impl<T: Term> Sums<'_, T> {
    /// Takes slice after slice, then what is left of a group of coordinates.
    #[inline(always)]
    fn run<S: Simd, const R: usize>(&mut self, simd: S) {
        let dim = self.rows[0].len();
        let whole = dim / LANES * LANES;
        let [mut rows, mut columns]: [[&[Lanes]; SIDE]; 2] = [[&[]; SIDE]; 2];
        for start in (0..whole).step_by(SLICE) {
            let end = whole.min(start + SLICE);
            cut(self.rows, start..end, &mut rows);
            cut(self.columns, start..end, &mut columns);
            self.add::<S, R>(simd, &rows, &columns, (start == 0, end == dim));
        }
        if whole < dim || dim == 0 {
            let [mut row_ends, mut column_ends] = [[[0.0; LANES]; SIDE]; 2];
            cut_end(self.rows, whole, &mut row_ends, &mut rows);
            cut_end(self.columns, whole, &mut column_ends, &mut columns);
            self.add::<S, R>(simd, &rows, &columns, (whole == 0, true));
        }
    }

    /// Adds the terms of a slice of the coordinates, block after block.
    #[inline(always)]
    fn add<S: Simd, const R: usize>(
        &mut self,
        simd: S,
        rows: &[&[Lanes]; SIDE],
        columns: &[&[Lanes]; SIDE],
        ends: (bool, bool),
    ) {
        for r in (0..self.rows.len()).step_by(R) {
            let us = rows[r..].first_chunk().expect("R rows");
            let from = if self.same { r / WIDTH * WIDTH } else { 0 };
            for c in (from..self.columns.len()).step_by(WIDTH) {
                let vs = columns[c..].first_chunk().expect("a block's columns");
                self.add_block::<S, R>(simd, us, vs, (r, c), ends);
            }
        }
    }

    /// Adds the terms of a slice to the sums of the pairs at a place, which are zero before
    /// the first one and are made values after the last one.
    #[inline(always)]
    fn add_block<S: Simd, const R: usize>(
        &mut self,
        simd: S,
        us: &[&[Lanes]; R],
        vs: &[&[Lanes]; WIDTH],
        (r, c): (usize, usize),
        (first, last): (bool, bool),
    ) {
        // One slice alone leaves nothing for later.
        let place = if first && last { 0 } else { r / WIDTH * (SIDE / WIDTH) + c / WIDTH };
        let sums = &mut self.sums[place][r % WIDTH..][..R];
        add::<S, T, R>(simd, self.term, us, vs, sums, first);
        if last {
            for (i, sums) in sums.iter().enumerate() {
                let values = &mut self.values[(r + i) * SIDE + c..][..WIDTH];
                for (value, sums) in values.iter_mut().zip(sums) {
                    *value = self.term.whole(*sums);
                }
            }
        }
    }
}

/// Adds the terms of a slice to the sums of `R` points' pairs with the same others, or begins
/// with them.
#[inline(always)]
pub fn add<S: Simd, T: Term, const R: usize>(
    simd: S,
    term: T,
    us: &[&[Lanes]; R],
    vs: &[&[Lanes]; WIDTH],
    sums: &mut [[Lanes; WIDTH]],
    begin: bool,
) {
    let len = us[0].len();
    let (mut us, mut vs) = (*us, *vs);
    for u in &mut us {
        *u = &u[..len];
    }
    for v in &mut vs {
        *v = &v[..len];
    }
    let sums = &mut sums[..R];
    for register in 0..LANES / S::F64_LANES {
        let mut own = [[simd.splat_f64s(0.0); WIDTH]; R];
        if !begin {
            for i in 0..R {
                for j in 0..WIDTH {
                    own[i][j] = S::as_simd_f64s(&sums[i][j]).0[register];
                }
            }
        }
        for k in 0..len {
            let mut others = [simd.splat_f64s(0.0); WIDTH];
            for j in 0..WIDTH {
                others[j] = S::as_simd_f64s(&vs[j][k]).0[register];
            }
            for i in 0..R {
                let point = S::as_simd_f64s(&us[i][k]).0[register];
                for j in 0..WIDTH {
                    own[i][j] = if j % 2 == 0 && S::F64_LANES == LANES {
                        term.fused(simd, own[i][j], point, others[j])
                    } else {
                        term.added(simd, own[i][j], point, others[j])
                    };
                }
            }
        }
        for i in 0..R {
            for j in 0..WIDTH {
                S::as_mut_simd_f64s(&mut sums[i][j]).0[register] = own[i][j];
            }
        }
    }
}

/// A slice of the coordinates of each row, and of the last one again where there are no more.
#[inline(always)]
fn cut<'a>(rows: &[&'a [f64]], slice: Range<usize>, parts: &mut [&'a [Lanes]; SIDE]) {
    for (k, part) in parts.iter_mut().enumerate() {
        *part = rows[k.min(rows.len() - 1)][slice.start..slice.end].as_chunks().0;
    }
}

/// The coordinates of each row from a place on, with zeros after them.
#[inline(always)]
fn cut_end<'a>(
    rows: &[&[f64]],
    start: usize,
    ends: &'a mut [Lanes; SIDE],
    parts: &mut [&'a [Lanes]; SIDE],
) {
    for (k, (end, part)) in ends.iter_mut().zip(parts).enumerate() {
        let left = &rows[k.min(rows.len() - 1)][start..];
        end[..left.len()].copy_from_slice(left);
        *part = std::slice::from_ref(end);
    }
}
