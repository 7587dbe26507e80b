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
use super::tridiagonal::{tridiagonal, tridiagonal_bytes};
use super::tridiagonal_spectrum::tridiagonal_spectrum;
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
    8u64.saturating_mul((len as u64).saturating_mul(len as u64))
        .saturating_add(tridiagonal_bytes(len))
}

/// The eigenvalues of a symmetric matrix given column by column, of which only
/// the lower triangle is read; ascending.
pub fn eigenvalues(mut matrix: Vec<f64>, len: usize, monitor: &Monitor) -> Result<Vec<f64>> {
    // A power of two, so that neither squares of entries nor of the largest overflow.
    let scale = power_below(largest(&matrix, len, monitor)?);
    if scale == 0.0 {
        return Ok(vec![0.0; len]);
    }
    if scale.is_infinite() {
        return Err(Error::Numerical("an infinite matrix has no eigenvalues".into()));
    }
    matrix.par_chunks_exact_mut(len).try_for_each(|column| {
        column.iter_mut().for_each(|entry| *entry /= scale);
        monitor.check()
    })?;
    let (diagonal, below) = tridiagonal(matrix, len, monitor)?;
    let mut eigenvalues = tridiagonal_spectrum(diagonal, below, monitor)?;
    eigenvalues.iter_mut().for_each(|value| *value *= scale);
    Ok(eigenvalues)
}

/// The largest size of an entry of the lower triangle.
fn largest(matrix: &[f64], len: usize, monitor: &Monitor) -> Result<f64> {
    let columns = matrix.par_chunks_exact(len.max(1)).enumerate().map(|(j, column)| {
        monitor.check()?;
        Ok(column[j..].iter().fold(0.0, |most: f64, entry| most.max(entry.abs())))
    });
    columns.try_reduce(|| 0.0, |a, b| Ok(a.max(b)))
}

/// The power of two at or below a positive number; zero for zero.
fn power_below(number: f64) -> f64 {
    let fraction = (1 << (f64::MANTISSA_DIGITS - 1)) - 1;
    f64::from_bits(number.to_bits() & !fraction)
}

/// The same of a small matrix, and eigenvectors of length 1 in the same order, one after
/// the other. Cannot be stopped.
pub fn eigenvectors(matrix: &[f64], len: usize) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut vectors = vec![0.0; len * len];
    let params = Spec::<SelfAdjointEvdParams, f64>::default();
    let scratch = self_adjoint_evd_scratch::<f64>(len, ComputeEigenvectors::Yes, Par::Seq, params);
    let mut buffer = MemBuffer::new(scratch);
    let mut eigenvalues = Diag::zeros(len);
    self_adjoint_evd(
        MatRef::from_column_major_slice(matrix, len, len),
        eigenvalues.as_mut(),
        Some(MatMut::from_column_major_slice_mut(&mut vectors, len, len)),
        Par::Seq,
        MemStack::new(&mut buffer),
        params,
    )
    .map_err(|_| Error::Numerical("the eigenvalues do not converge".into()))?;
    Ok((eigenvalues.column_vector().iter().copied().collect(), vectors))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(k: usize) -> f64 {
        let x = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let x = (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// A matrix of its lower triangle; nothing is to be read above it.
    fn lower(len: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let places = (0..len * len).map(|at| (at % len, at / len));
        places.map(|(i, j)| if i < j { f64::NAN } else { entry(i, j) }).collect()
    }

    /// X Xᵀ of rows with so many random coordinates.
    fn product_of_rows(len: usize, dim: usize) -> Vec<f64> {
        let x = |i: usize, k: usize| random(i * dim + k);
        lower(len, |i, j| (0..dim).map(|k| x(i, k) * x(j, k)).sum())
    }

    /// Matrices of all kinds, each with a name.
    fn matrices() -> Vec<(String, Vec<f64>, usize)> {
        let mut all = Vec::new();
        let mut add = |name: &str, len, matrix| all.push((format!("{name} {len}"), matrix, len));
        for len in [0, 1, 2, 3, 5, 31, 32, 33, 64, 130, 257, 300] {
            add("random", len, lower(len, |i, j| random(i * len + j)));
            add("zero", len, lower(len, |_, _| 0.0));
            add("unit", len, lower(len, |i, j| f64::from(i == j)));
            add("ones", len, lower(len, |_, _| 1.0));
            add("diagonal", len, lower(len, |i, j| if i == j { random(i) } else { 0.0 }));
            add("of few dimensions", len, product_of_rows(len, 3));
            add("of many dimensions", len, product_of_rows(len, len + 5));
            let near = |i: usize, j: usize| (i as f64 - j as f64) / len as f64;
            add("similarities", len, lower(len, |i, j| (-near(i, j).abs()).exp()));
            add("smooth", len, lower(len, |i, j| (-near(i, j).powi(2)).exp()));
            let split = |i: usize, j: usize| f64::from(i / 7 == j / 7);
            add("blocks", len, lower(len, split));
            let graded = |i: usize, j: usize| 10.0_f64.powi(-((i + j) as i32) / 8) * random(i + j);
            add("graded", len, lower(len, graded));
            add("graded upwards", len, lower(len, |i, j| graded(len - 1 - i, len - 1 - j)));
            add("chain", len, lower(len, |i, j| f64::from(i - j == 1)));
            add("clustered", len, lower(len, |i, j| f64::from(i == j) + 1e-9 * random(i * j)));
        }
        all
    }

    #[test]
    fn eigenvalues_are_those_of_the_library() {
        for (name, matrix, len) in matrices() {
            let expected = if len > 0 { eigenvectors(&matrix, len).unwrap().0 } else { Vec::new() };
            let found = eigenvalues(matrix, len, &Monitor::new()).unwrap();
            let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            assert_eq!(found.len(), len);
            for (a, b) in found.iter().zip(&expected) {
                assert!((a - b).abs() <= 1e-13 * largest, "{name}: {a} and {b}");
            }
        }
    }

    #[test]
    fn eigenvalues_are_the_same_at_every_number_of_threads() {
        let matrix = product_of_rows(700, 30);
        let [alone, two, five] = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| eigenvalues(matrix.clone(), 700, &Monitor::new())).unwrap()
        });
        assert!(alone == two && alone == five);
    }

    #[test]
    fn numbers_of_any_size_keep_their_digits() {
        let values = |unit: f64| {
            let matrix = lower(70, |i, j| unit * random(70 * i + j));
            eigenvalues(matrix, 70, &Monitor::new()).unwrap()
        };
        for unit in [2.0_f64.powi(900), 2.0_f64.powi(-900)] {
            let scaled: Vec<_> = values(1.0).iter().map(|x| unit * x).collect();
            assert_eq!(values(unit), scaled);
        }
    }

    #[test]
    fn eigenvalues_can_be_stopped() {
        let matrix = product_of_rows(200, 30);
        for k in [0, 3, 100, 300, 500] {
            let stopped = eigenvalues(matrix.clone(), 200, &Monitor::cancel_after(k));
            assert_eq!(stopped, Err(Error::Cancelled), "{k}");
        }
    }

    #[test]
    fn what_is_infinite_is_refused() {
        let matrix = lower(3, |i, j| if i == j { 1.0 } else { f64::INFINITY });
        assert!(matches!(eigenvalues(matrix, 3, &Monitor::new()), Err(Error::Numerical(_))));
    }
}
