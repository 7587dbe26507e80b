//! Dense symmetric linear algebra, the one file that names the library for it.
//!
//! Matrices are cut into tiles of fixed size. Each tile is treated by one thread
//! with calls into the library, so that results do not depend on the number of
//! threads and a factorisation can be stopped between tiles.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltParams, LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::evd::{
    ComputeEigenvectors, SelfAdjointEvdParams, self_adjoint_evd, self_adjoint_evd_scratch,
};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Rows and columns of a tile.
const TILE: usize = 256;

/// The lower triangle of a symmetric matrix in square tiles, each column by
/// column: tile (i, j), j ≤ i, at i(i+1)/2 + j.
#[derive(Debug, Clone)]
pub struct Symmetric {
    len: usize,
    tiles: Vec<Vec<f64>>,
}

impl Symmetric {
    /// Bytes of a matrix of this size.
    pub fn bytes(len: usize) -> u64 {
        let tiles = len.div_ceil(TILE) as u64;
        let side = TILE.min(len) as u64;
        tiles * (tiles + 1) / 2 * side * side * 8
    }

    /// Lets `entry(i, j)`, i ≥ j, write the matrix.
    pub fn from_fn(
        len: usize,
        monitor: &Monitor,
        entry: impl Fn(usize, usize) -> f64 + Sync,
    ) -> Result<Self> {
        let places: Vec<_> =
            (0..len.div_ceil(TILE)).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
        let tiles = places.into_par_iter().map(|(i, j)| {
            monitor.check()?;
            let (rows, columns) = (span(len, i), span(len, j));
            let mut tile = Vec::with_capacity(rows.len() * columns.len());
            for column in columns {
                tile.extend(rows.clone().map(|row| entry(row.max(column), row.min(column))));
            }
            Ok(tile)
        });
        Ok(Self { len, tiles: tiles.collect::<Result<_>>()? })
    }
}

/// The rows of a row of tiles.
fn span(len: usize, tile: usize) -> std::ops::Range<usize> {
    tile * TILE..len.min((tile + 1) * TILE)
}

fn place(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

/// L with LLᵀ = A.
#[derive(Debug, Clone)]
pub struct Cholesky(Symmetric);

impl Cholesky {
    /// Factors a matrix; `None` if it is not positive definite, up to rounding.
    pub fn new(matrix: Symmetric, monitor: &Monitor) -> Result<Option<Self>> {
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

    /// Puts A⁻¹b in the place of b.
    pub fn solve(&self, b: &mut [f64]) {
        let Symmetric { len, tiles } = &self.0;
        let count = len.div_ceil(TILE);
        let tile = |i: usize, j: usize| {
            let shape = (span(*len, i).len(), span(*len, j).len());
            MatRef::from_column_major_slice(&tiles[place(i, j)], shape.0, shape.1)
        };
        for k in 0..count {
            let (solved, below) = b.split_at_mut(span(*len, k).end);
            let own = &mut solved[k * TILE..];
            solve_lower_triangular_in_place(tile(k, k), column_mut(own), Par::Seq);
            for i in k + 1..count {
                let rows = &mut below[(i - k - 1) * TILE..][..span(*len, i).len()];
                matmul(column_mut(rows), Accum::Add, tile(i, k), column(own), -1.0, Par::Seq);
            }
        }
        for k in (0..count).rev() {
            let (above, below) = b.split_at_mut(span(*len, k).end);
            let own = &mut above[k * TILE..];
            for i in k + 1..count {
                let rows = &below[(i - k - 1) * TILE..][..span(*len, i).len()];
                let across = tile(i, k).transpose();
                matmul(column_mut(own), Accum::Add, across, column(rows), -1.0, Par::Seq);
            }
            solve_upper_triangular_in_place(tile(k, k).transpose(), column_mut(own), Par::Seq);
        }
    }
}

fn row_and_column(place_of: usize) -> (usize, usize) {
    let mut row = ((8.0 * place_of as f64 + 1.0).sqrt() as usize).saturating_sub(1) / 2;
    while place(row + 1, 0) <= place_of {
        row += 1;
    }
    while place(row, 0) > place_of {
        row -= 1;
    }
    (row, place_of - place(row, 0))
}

fn column(values: &[f64]) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(values, values.len(), 1)
}

fn column_mut(values: &mut [f64]) -> MatMut<'_, f64> {
    let len = values.len();
    MatMut::from_column_major_slice_mut(values, len, 1)
}

/// A ← L with LLᵀ = A; false if there is none.
fn factor_tile(a: &mut [f64], side: usize) -> bool {
    let params = Spec::<LltParams, f64>::default();
    let scratch = cholesky_in_place_scratch::<f64>(side, Par::Seq, params);
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
fn divide_tile(a: &mut [f64], l: &[f64], side: usize) {
    let rows = a.len() / side;
    let l = MatRef::from_column_major_slice(l, side, side);
    let a = MatMut::from_column_major_slice_mut(a, rows, side);
    solve_lower_triangular_in_place(l, a.transpose_mut(), Par::Seq);
}

/// C ← C − A Bᵀ, with `inner` columns in A and B.
fn subtract_product(c: &mut [f64], a: &[f64], b: &[f64], inner: usize) {
    let (rows, columns) = (a.len() / inner, b.len() / inner);
    let a = MatRef::from_column_major_slice(a, rows, inner);
    let b = MatRef::from_column_major_slice(b, columns, inner);
    let c = MatMut::from_column_major_slice_mut(c, rows, columns);
    matmul(c, Accum::Add, a, b.transpose(), -1.0, Par::Seq);
}

/// Columns that are treated together.
pub const COLUMNS: usize = TILE;

impl Cholesky {
    /// ‖L⁻¹b‖² = bᵀA⁻¹b for each of the columns b, which are overwritten;
    /// `zeros` rows at their top are zero.
    pub fn inverse_forms(&self, columns: &mut [f64], zeros: usize) -> Vec<f64> {
        let Symmetric { len, tiles } = &self.0;
        let count = columns.len() / len;
        let first = zeros / TILE;
        for k in first..len.div_ceil(TILE) {
            let all = MatMut::from_column_major_slice_mut(columns, *len, count);
            let (mut above, own) = all.split_at_row_mut(span(*len, k).start);
            let mut own = own.subrows_mut(0, span(*len, k).len());
            for j in first..k {
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
        columns.chunks_exact(*len).map(|b| b.iter().map(|x| x * x).sum()).collect()
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
            Ok(self.inverse_forms(&mut columns, units.start))
        });
        Ok(blocks.collect::<Result<Vec<_>>>()?.concat())
    }
}

/// The smaller one of XXᵀ and XᵀX, of which the positive eigenvalues are the
/// same, from the rows of X; column by column.
pub fn gram(rows: &[f64], shape: (usize, usize), monitor: &Monitor) -> Result<Vec<f64>> {
    let rows = MatRef::from_row_major_slice(rows, shape.0, shape.1);
    let across = if shape.1 < shape.0 { rows.transpose() } else { rows };
    let side = across.nrows();
    let mut matrix = vec![0.0; side * side];
    let strips = matrix.par_chunks_mut(TILE * side.max(1)).enumerate();
    strips.try_for_each(|(k, strip)| {
        let columns = span(side, k);
        let mut strip = MatMut::from_column_major_slice_mut(strip, side, columns.len());
        let right = across.subrows(columns.start, columns.len()).transpose();
        // Below the diagonal, a tile of sums at a time.
        for i in k..side.div_ceil(TILE) {
            let rows = span(side, i);
            let mut tile = strip.rb_mut().subrows_mut(rows.start, rows.len());
            let left = across.subrows(rows.start, rows.len());
            for j in 0..across.ncols().div_ceil(TILE) {
                monitor.check()?;
                let inner = span(across.ncols(), j);
                let left = left.subcols(inner.start, inner.len());
                let right = right.subrows(inner.start, inner.len());
                matmul(tile.rb_mut(), Accum::Add, left, right, 1.0, Par::Seq);
            }
        }
        Ok(())
    })?;
    Ok(matrix)
}

/// Bytes of a matrix and what [`eigenvalues`] takes beside it.
pub fn eigenvalue_bytes(len: usize) -> u64 {
    16u64.saturating_mul((len as u64).saturating_mul(len as u64))
}

/// The eigenvalues of a symmetric matrix given column by column, of which only
/// the lower triangle is read; ascending. Cannot be stopped.
pub fn eigenvalues(matrix: &[f64], len: usize) -> Result<Vec<f64>> {
    let params = Spec::<SelfAdjointEvdParams, f64>::default();
    let scratch = self_adjoint_evd_scratch::<f64>(len, ComputeEigenvectors::No, Par::Seq, params);
    let mut buffer = MemBuffer::new(scratch);
    let mut eigenvalues = Diag::zeros(len);
    self_adjoint_evd(
        MatRef::from_column_major_slice(matrix, len, len),
        eigenvalues.as_mut(),
        None,
        Par::Seq,
        MemStack::new(&mut buffer),
        params,
    )
    .map_err(|_| Error::Numerical("the eigenvalues do not converge".into()))?;
    Ok(eigenvalues.column_vector().iter().copied().collect())
}
