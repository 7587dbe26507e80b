//! Eigenvalues, and the products of which they are wanted.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{
    ComputeEigenvectors, SelfAdjointEvdParams, self_adjoint_evd, self_adjoint_evd_scratch,
};
use faer::linalg::matmul::matmul;
use faer::prelude::ReborrowMut;
use faer::{Accum, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;

use super::tiles::{TILE, span};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// The smaller one of XXᵀ and XᵀX, of which the positive eigenvalues are the
/// same, from the rows of X; column by column.
pub fn gram(rows: &[f64], shape: (usize, usize), monitor: &Monitor) -> Result<Vec<f64>> {
    let rows = MatRef::from_row_major_slice(rows, shape.0, shape.1);
    let across = if shape.1 < shape.0 { rows.transpose() } else { rows };
    let side = across.nrows();
    let mut matrix = monitor.filled(side * side, 0.0)?;
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
