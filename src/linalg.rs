//! Dense symmetric linear algebra, the one file that names the library for it.
//!
//! Matrices are cut into tiles of fixed size. Each tile is treated by one thread
//! with calls into the library, so that results do not depend on the number of
//! threads and a factorisation can be stopped between tiles.

use faer::diag::{Diag, DiagMut, DiagRef};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::lblt::factor::{LbltParams, PivotingStrategy};
use faer::linalg::cholesky::lblt::{factor as lblt_factor, solve as lblt_solve};
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
use faer::perm::PermRef;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::traits::RealField;
use faer::traits::math_utils::from_f64;
use faer::{Accum, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Rows and columns of a tile.
const TILE: usize = 256;

/// The lower triangle of a symmetric matrix in square tiles, each column by
/// column: tile (i, j), j ≤ i, at i(i+1)/2 + j.
#[derive(Debug, Clone)]
pub struct Symmetric<T = f64> {
    len: usize,
    tiles: Vec<Vec<T>>,
}

/// float64 or float32.
pub trait Scalar: RealField + Copy {}

impl Scalar for f32 {}
impl Scalar for f64 {}

impl<T: Scalar> Symmetric<T> {
    /// Bytes of a matrix of this size.
    pub fn bytes(len: usize) -> u64 {
        let tiles = len.div_ceil(TILE) as u64;
        let side = TILE.min(len) as u64;
        tiles * (tiles + 1) / 2 * side * side * size_of::<T>() as u64
    }

    /// Lets `entry(i, j)`, i ≥ j, write the matrix.
    pub fn from_fn(
        len: usize,
        monitor: &Monitor,
        entry: impl Fn(usize, usize) -> T + Sync,
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
    pub fn solve(&self, columns: &mut [T]) {
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
                let rows = below.rb_mut().subrows_mut((i - k - 1) * TILE, span(*len, i).len());
                matmul(rows, Accum::Add, tile(i, k), own.rb(), less, Par::Seq);
            }
        }
        for k in (0..count).rev() {
            let all = MatMut::from_column_major_slice_mut(columns, *len, width);
            let (above, below) = all.split_at_row_mut(span(*len, k).end);
            let mut own = above.subrows_mut(k * TILE, span(*len, k).len());
            for i in k + 1..count {
                let rows = below.rb().subrows((i - k - 1) * TILE, span(*len, i).len());
                let across = tile(i, k).transpose();
                matmul(own.rb_mut(), Accum::Add, across, rows, less, Par::Seq);
            }
            solve_upper_triangular_in_place(tile(k, k).transpose(), own, Par::Seq);
        }
    }
}

/// L and a block diagonal B with LBLᵀ = A: a block for each tile on the diagonal.
///
/// Pivots are chosen within these tiles only. That is enough unless a leading part
/// of the matrix is nearly singular, which a residual shows.
#[derive(Debug, Clone)]
pub struct Lblt {
    len: usize,
    /// Tiles of L below the diagonal; those on it are empty.
    tiles: Vec<Vec<f64>>,
    blocks: Vec<Block>,
}

impl Lblt {
    /// Factors a matrix; `None` if a block of B is singular.
    pub fn new(matrix: Symmetric, monitor: &Monitor) -> Result<Option<Self>> {
        let Symmetric { len, mut tiles } = matrix;
        let count = len.div_ceil(TILE);
        let mut blocks = Vec::with_capacity(count);
        for k in 0..count {
            monitor.check()?;
            let side = span(len, k).len();
            let block = Block::new(std::mem::take(&mut tiles[place(k, k)]), side);
            if block.is_singular() {
                return Ok(None);
            }
            let below: Vec<_> =
                (k + 1..count).map(|i| std::mem::take(&mut tiles[place(i, k)])).collect();
            let divided = below.par_iter().map(|tile| {
                monitor.check()?;
                let mut divided = tile.clone();
                let rows = tile.len() / side;
                let divided_mut = MatMut::from_column_major_slice_mut(&mut divided, rows, side);
                block.solve(divided_mut.transpose_mut());
                Ok(divided)
            });
            let divided = divided.collect::<Result<Vec<_>>>()?;
            let rest = tiles[place(k + 1, 0)..].par_iter_mut().enumerate();
            rest.try_for_each(|(at, tile)| {
                let (i, j) = row_and_column(at + place(k + 1, 0));
                if j <= k {
                    return Ok(());
                }
                monitor.check()?;
                subtract_product(tile, &divided[i - k - 1], &below[j - k - 1], side);
                Ok(())
            })?;
            blocks.push(block);
            (k + 1..count).zip(divided).for_each(|(i, tile)| tiles[place(i, k)] = tile);
        }
        Ok(Some(Self { len, tiles, blocks }))
    }

    /// Number of negative eigenvalues, which B has in common with A.
    pub fn negative(&self) -> usize {
        self.blocks.iter().map(Block::negative).sum()
    }

    /// Puts A⁻¹b in the place of b.
    pub fn solve(&self, b: &mut [f64]) {
        let count = self.blocks.len();
        let tile = |i: usize, j: usize| {
            let shape = (span(self.len, i).len(), span(self.len, j).len());
            MatRef::from_column_major_slice(&self.tiles[place(i, j)], shape.0, shape.1)
        };
        for k in 0..count {
            let (solved, below) = b.split_at_mut(span(self.len, k).end);
            let own = &solved[k * TILE..];
            for i in k + 1..count {
                let rows = &mut below[(i - k - 1) * TILE..][..span(self.len, i).len()];
                matmul(column_mut(rows), Accum::Add, tile(i, k), column(own), -1.0, Par::Seq);
            }
        }
        for (k, block) in self.blocks.iter().enumerate() {
            block.solve(column_mut(&mut b[span(self.len, k)]));
        }
        for k in (0..count).rev() {
            let (above, below) = b.split_at_mut(span(self.len, k).end);
            let own = &mut above[k * TILE..];
            for i in k + 1..count {
                let rows = &below[(i - k - 1) * TILE..][..span(self.len, i).len()];
                let across = tile(i, k).transpose();
                matmul(column_mut(own), Accum::Add, across, column(rows), -1.0, Par::Seq);
            }
        }
    }
}

/// The factors of one tile on the diagonal, with symmetric pivoting.
#[derive(Debug, Clone)]
struct Block {
    side: usize,
    /// L below the diagonal; B on it.
    factors: Vec<f64>,
    /// B below its diagonal.
    subdiagonal: Vec<f64>,
    permutation: (Vec<usize>, Vec<usize>),
}

impl Block {
    fn new(mut factors: Vec<f64>, side: usize) -> Self {
        let mut params = Spec::<LbltParams, f64>::default();
        params.config.pivoting = PivotingStrategy::Rook;
        let scratch = lblt_factor::cholesky_in_place_scratch::<usize, f64>(side, Par::Seq, params);
        let mut buffer = MemBuffer::new(scratch);
        let mut subdiagonal = vec![0.0; side];
        let mut permutation = (vec![0; side], vec![0; side]);
        lblt_factor::cholesky_in_place(
            MatMut::from_column_major_slice_mut(&mut factors, side, side),
            DiagMut::from_slice_mut(&mut subdiagonal),
            &mut permutation.0,
            &mut permutation.1,
            Par::Seq,
            MemStack::new(&mut buffer),
            params,
        );
        Self { side, factors, subdiagonal, permutation }
    }

    /// The blocks of B: diagonal entries, and the one between if there are two.
    fn pivots(&self) -> impl Iterator<Item = (f64, Option<(f64, f64)>)> + '_ {
        let diagonal = |i: usize| self.factors[i * self.side + i];
        let mut next = 0;
        std::iter::from_fn(move || {
            let i = next;
            let between = *self.subdiagonal.get(i)?;
            let double = between != 0.0 && i + 1 < self.side;
            next += if double { 2 } else { 1 };
            Some((diagonal(i), double.then(|| (diagonal(i + 1), between))))
        })
    }

    fn is_singular(&self) -> bool {
        let determinant = |(first, second): (f64, Option<(f64, f64)>)| match second {
            None => first,
            Some((second, between)) => first * second - between * between,
        };
        self.pivots().map(determinant).any(|d| d == 0.0 || !d.is_finite())
    }

    fn negative(&self) -> usize {
        let negative = |(first, second): (f64, Option<(f64, f64)>)| match second {
            None => usize::from(first < 0.0),
            Some((second, between)) if first * second < between * between => 1,
            Some(_) => 2 * usize::from(first < 0.0),
        };
        self.pivots().map(negative).sum()
    }

    /// Puts A⁻¹b in the place of each column b.
    fn solve(&self, columns: MatMut<'_, f64>) {
        let factors = MatRef::from_column_major_slice(&self.factors, self.side, self.side);
        let scratch =
            lblt_solve::solve_in_place_scratch::<usize, f64>(self.side, columns.ncols(), Par::Seq);
        lblt_solve::solve_in_place::<usize, f64, f64>(
            factors,
            factors.diagonal(),
            DiagRef::from_slice(&self.subdiagonal),
            PermRef::new_checked(&self.permutation.0, &self.permutation.1, self.side),
            columns,
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
        );
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

/// C ← C − A Bᵀ, with `inner` columns in A and B.
fn subtract_product<T: Scalar>(c: &mut [T], a: &[T], b: &[T], inner: usize) {
    let (rows, columns) = (a.len() / inner, b.len() / inner);
    let a = MatRef::from_column_major_slice(a, rows, inner);
    let b = MatRef::from_column_major_slice(b, columns, inner);
    let c = MatMut::from_column_major_slice_mut(c, rows, columns);
    matmul(c, Accum::Add, a, b.transpose(), from_f64::<T>(-1.0), Par::Seq);
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

/// The product of two matrices given row by row, of `rows` × `inner` and `inner` ×
/// `columns` entries; row by row.
pub fn product(
    left: &[f64],
    right: &[f64],
    (rows, inner, columns): (usize, usize, usize),
) -> Vec<f64> {
    let mut out = vec![0.0; rows * columns];
    matmul(
        MatMut::from_row_major_slice_mut(&mut out, rows, columns),
        Accum::Replace,
        MatRef::from_row_major_slice(left, rows, inner),
        MatRef::from_row_major_slice(right, inner, columns),
        1.0,
        Par::Seq,
    );
    out
}

/// Bytes of a matrix and what [`eigenvalues`] takes beside it.
pub fn eigenvalue_bytes(len: usize) -> u64 {
    16u64.saturating_mul((len as u64).saturating_mul(len as u64))
}

/// The eigenvalues of a symmetric matrix given column by column, of which only
/// the lower triangle is read; ascending. Cannot be stopped.
pub fn eigenvalues(matrix: &[f64], len: usize) -> Result<Vec<f64>> {
    spectrum(matrix, len, None)
}

/// The same, and eigenvectors of length 1 in the same order, one after the other.
pub fn eigenvectors(matrix: &[f64], len: usize) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut vectors = vec![0.0; len * len];
    let values = spectrum(matrix, len, Some(&mut vectors))?;
    Ok((values, vectors))
}

fn spectrum(matrix: &[f64], len: usize, vectors: Option<&mut [f64]>) -> Result<Vec<f64>> {
    let params = Spec::<SelfAdjointEvdParams, f64>::default();
    let wanted = match vectors {
        Some(_) => ComputeEigenvectors::Yes,
        None => ComputeEigenvectors::No,
    };
    let scratch = self_adjoint_evd_scratch::<f64>(len, wanted, Par::Seq, params);
    let mut buffer = MemBuffer::new(scratch);
    let mut eigenvalues = Diag::zeros(len);
    self_adjoint_evd(
        MatRef::from_column_major_slice(matrix, len, len),
        eigenvalues.as_mut(),
        vectors.map(|vectors| MatMut::from_column_major_slice_mut(vectors, len, len)),
        Par::Seq,
        MemStack::new(&mut buffer),
        params,
    )
    .map_err(|_| Error::Numerical("the eigenvalues do not converge".into()))?;
    Ok(eigenvalues.column_vector().iter().copied().collect())
}
