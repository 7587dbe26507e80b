//! LLᵀ: positive definite matrices.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltParams, LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::traits::math_utils::from_f64;
use faer::{Accum, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;

use super::tiles::{Scalar, Symmetric, TILE, place, row_and_column, span, subtract_product};
use crate::error::Result;
use crate::monitor::Monitor;

/// Columns that are treated together.
pub const COLUMNS: usize = TILE;

/// L with LLᵀ = A.
#[derive(Debug, Clone)]
pub struct Cholesky<T = f64>(Symmetric<T>);

impl<T: Scalar> Cholesky<T> {
    /// Factors a matrix; `None` if it is not positive definite, up to rounding.
    pub fn new(matrix: Symmetric<T>, monitor: &Monitor) -> Result<Option<Self>> {
        let Symmetric { len, mut tiles } = matrix;
        let count = len.div_ceil(TILE);
        for k in 0..count {
            monitor.check()?;
            let side = span(len, k).len();
            let mut pivot = std::mem::take(&mut tiles[place(k, k)]);
            if !factor_tile(&mut pivot, side) {
                return Ok(None);
            }
            let mut below: Vec<_> =
                (k + 1..count).map(|i| std::mem::take(&mut tiles[place(i, k)])).collect();
            below.par_iter_mut().try_for_each(|tile| {
                monitor.check()?;
                divide_tile(tile, &pivot, side);
                Ok(())
            })?;
            let rest = tiles[place(k + 1, 0)..].par_iter_mut().enumerate();
            rest.try_for_each(|(at, tile)| {
                // The tiles that are left, numbered on from row k + 1.
                let (i, j) = row_and_column(at + place(k + 1, 0));
                if j <= k {
                    return Ok(());
                }
                monitor.check()?;
                subtract_product(tile, &below[i - k - 1], &below[j - k - 1], side);
                Ok(())
            })?;
            tiles[place(k, k)] = pivot;
            (k + 1..count).zip(below).for_each(|(i, tile)| tiles[place(i, k)] = tile);
        }
        Ok(Some(Self(Symmetric { len, tiles })))
    }

    /// Puts A⁻¹b in the place of each of the columns b.
    pub fn solve(&self, columns: &mut [T], monitor: &Monitor) -> Result<()> {
        let Symmetric { len, tiles } = &self.0;
        let (count, width) = (len.div_ceil(TILE), columns.len() / len);
        let tile = |i: usize, j: usize| {
            let shape = (span(*len, i).len(), span(*len, j).len());
            MatRef::from_column_major_slice(&tiles[place(i, j)], shape.0, shape.1)
        };
        let less = from_f64::<T>(-1.0);
        for k in 0..count {
            let all = MatMut::from_column_major_slice_mut(columns, *len, width);
            let (above, mut below) = all.split_at_row_mut(span(*len, k).end);
            let mut own = above.subrows_mut(k * TILE, span(*len, k).len());
            solve_lower_triangular_in_place(tile(k, k), own.rb_mut(), Par::Seq);
            for i in k + 1..count {
                monitor.check()?;
                let rows = below.rb_mut().subrows_mut((i - k - 1) * TILE, span(*len, i).len());
                matmul(rows, Accum::Add, tile(i, k), own.rb(), less, Par::Seq);
            }
        }
        for k in (0..count).rev() {
            let all = MatMut::from_column_major_slice_mut(columns, *len, width);
            let (above, below) = all.split_at_row_mut(span(*len, k).end);
            let mut own = above.subrows_mut(k * TILE, span(*len, k).len());
            for i in k + 1..count {
                monitor.check()?;
                let rows = below.rb().subrows((i - k - 1) * TILE, span(*len, i).len());
                let across = tile(i, k).transpose();
                matmul(own.rb_mut(), Accum::Add, across, rows, less, Par::Seq);
            }
            solve_upper_triangular_in_place(tile(k, k).transpose(), own, Par::Seq);
        }
        Ok(())
    }
}

impl Cholesky {
    /// ‖L⁻¹b‖² = bᵀA⁻¹b for each of the columns b, which are overwritten;
    /// `zeros` rows at their top are zero.
    pub fn inverse_forms(
        &self,
        columns: &mut [f64],
        zeros: usize,
        monitor: &Monitor,
    ) -> Result<Vec<f64>> {
        let Symmetric { len, tiles } = &self.0;
        let count = columns.len() / len;
        let first = zeros / TILE;
        for k in first..len.div_ceil(TILE) {
            let all = MatMut::from_column_major_slice_mut(columns, *len, count);
            let (mut above, own) = all.split_at_row_mut(span(*len, k).start);
            let mut own = own.subrows_mut(0, span(*len, k).len());
            for j in first..k {
                monitor.check()?;
                let tile = MatRef::from_column_major_slice(
                    &tiles[place(k, j)],
                    span(*len, k).len(),
                    span(*len, j).len(),
                );
                let solved = above.rb_mut().subrows_mut(span(*len, j).start, span(*len, j).len());
                matmul(own.rb_mut(), Accum::Add, tile, solved.rb(), -1.0, Par::Seq);
            }
            let side = span(*len, k).len();
            let pivot = MatRef::from_column_major_slice(&tiles[place(k, k)], side, side);
            solve_lower_triangular_in_place(pivot, own, Par::Seq);
        }
        let form = |b: &[f64]| {
            monitor.check()?;
            Ok(b.iter().map(|x| x * x).sum())
        };
        columns.chunks_exact(*len).map(form).collect()
    }

    /// The diagonal of A⁻¹.
    pub fn inverse_diagonal(&self, monitor: &Monitor) -> Result<Vec<f64>> {
        let len = self.0.len;
        let blocks = (0..len.div_ceil(COLUMNS)).into_par_iter().map(|block| {
            monitor.check()?;
            let units = block * COLUMNS..len.min((block + 1) * COLUMNS);
            let mut columns = vec![0.0; len * units.len()];
            for (column, unit) in columns.chunks_exact_mut(len).zip(units.clone()) {
                column[unit] = 1.0;
            }
            self.inverse_forms(&mut columns, units.start, monitor)
        });
        Ok(blocks.collect::<Result<Vec<_>>>()?.concat())
    }
}

/// A ← L with LLᵀ = A; false if there is none.
fn factor_tile<T: Scalar>(a: &mut [T], side: usize) -> bool {
    let params = Spec::<LltParams, T>::default();
    let scratch = cholesky_in_place_scratch::<T>(side, Par::Seq, params);
    let mut buffer = MemBuffer::new(scratch);
    cholesky_in_place(
        MatMut::from_column_major_slice_mut(a, side, side),
        LltRegularization::default(),
        Par::Seq,
        MemStack::new(&mut buffer),
        params,
    )
    .is_ok()
}

/// A ← A L⁻ᵀ.
fn divide_tile<T: Scalar>(a: &mut [T], l: &[T], side: usize) {
    let rows = a.len() / side;
    let l = MatRef::from_column_major_slice(l, side, side);
    let a = MatMut::from_column_major_slice_mut(a, rows, side);
    solve_lower_triangular_in_place(l, a.transpose_mut(), Par::Seq);
}
