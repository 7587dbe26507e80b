//! A symmetric matrix becomes a tridiagonal one of the same eigenvalues.
//!
//! Reflections H = I − τvvᵀ clear one column after another below its subdiagonal
//! (Householder 1958). With w = τAv − ½τ²(vᵀAv)v, HAH is A − vwᵀ − wvᵀ; what a panel of
//! columns takes from the rest of the matrix is taken at once, tile by tile, by products
//! of matrices (Dongarra, Sorensen and Hammarling 1989). Until then the products Av know
//! it from the vectors v and w.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::symmetric_product::Workspace;
use super::tiles::{TILE, span};
use crate::error::Result;
use crate::monitor::Monitor;

/// Columns of a panel.
const PANEL: usize = 32;

/// Bytes of what is held beside a matrix of this size.
pub fn tridiagonal_bytes(len: usize) -> u64 {
    8 * len as u64 * (4 * PANEL as u64 + 4) + Workspace::bytes(len)
}

/// The diagonal and the subdiagonal. The matrix is given column by column; of it only the
/// lower triangle is read, and nothing is left.
pub fn tridiagonal(
    mut matrix: Vec<f64>,
    len: usize,
    monitor: &Monitor,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut diagonal, mut below) = (Vec::with_capacity(len), Vec::with_capacity(len));
    let mut panel = Panel::new(len);
    let mut workspace = Workspace::new(len);
    let (mut v, mut w) = (vec![0.0; len], vec![0.0; len]);
    for start in (0..len).step_by(PANEL) {
        panel.count = 0;
        for k in start..len.min(start + PANEL) {
            monitor.check()?;
            let column = &mut matrix[k * len + k..(k + 1) * len];
            panel.take_from_column(k, column);
            let (own, rest) = column.split_first_mut().expect("its diagonal entry");
            diagonal.push(*own);
            if rest.is_empty() {
                continue;
            }
            let (entry, tau) = reflection(rest);
            below.push(entry);
            v[k + 1..].copy_from_slice(rest);
            workspace.multiply(&matrix, k + 1, &v, &mut w, monitor)?;
            panel.take_from_product(&v[k + 1..], &mut w[k + 1..]);
            w[k + 1..].iter_mut().for_each(|w| *w *= tau);
            let along = -0.5 * tau * dot(&v[k + 1..], &w[k + 1..]);
            w[k + 1..].iter_mut().zip(&v[k + 1..]).for_each(|(w, v)| *w += along * v);
            panel.push(k + 1, &v, &w);
        }
        panel.take_from_matrix(&mut matrix, start + PANEL, monitor)?;
    }
    Ok((diagonal, below))
}

/// Makes of x the vector v, of which the first entry is 1, with Hx = (β, 0, …); gives β
/// and τ.
fn reflection(x: &mut [f64]) -> (f64, f64) {
    let (first, rest) = x.split_first_mut().expect("a column is not empty");
    let length = dot(rest, rest).sqrt();
    if length == 0.0 {
        return (std::mem::replace(first, 1.0), 0.0);
    }
    let beta = -f64::hypot(*first, length).copysign(*first);
    let (tau, scale) = ((beta - *first) / beta, *first - beta);
    *first = 1.0;
    rest.iter_mut().for_each(|x| *x /= scale);
    (beta, tau)
}

/// The vectors of a panel, column by column.
struct Panel {
    len: usize,
    /// Numbers of vectors so far.
    count: usize,
    /// v, w, v′, w′, …
    left: Vec<f64>,
    /// w, v, w′, v′, …: the change of the matrix is −`left` · `right`ᵀ.
    right: Vec<f64>,
}

impl Panel {
    fn new(len: usize) -> Self {
        let zeros = || vec![0.0; 2 * PANEL * len];
        Self { len, count: 0, left: zeros(), right: zeros() }
    }

    /// Adds v and w, which begin in a row; above they are zero.
    fn push(&mut self, row: usize, v: &[f64], w: &[f64]) {
        for (to, vectors) in [(&mut self.left, [v, w]), (&mut self.right, [w, v])] {
            let columns = to.chunks_exact_mut(self.len).skip(self.count);
            for (column, vector) in columns.zip(vectors) {
                column[..row].fill(0.0);
                column[row..].copy_from_slice(&vector[row..]);
            }
        }
        self.count += 2;
    }

    fn rows<'a>(&self, of: &'a [f64], first: usize) -> MatRef<'a, f64> {
        let all = MatRef::from_column_major_slice(of, self.len, 2 * PANEL);
        all.subrows(first, self.len - first).subcols(0, self.count)
    }

    /// Brings a column up to date from the diagonal on.
    fn take_from_column(&self, k: usize, column: &mut [f64]) {
        let row = self.rows(&self.right, k).subrows(0, 1).transpose();
        let left = self.rows(&self.left, k);
        matmul(vector_mut(column), Accum::Add, left, row, -1.0, Par::Seq);
    }

    /// Brings the product of the last rows of the matrix with v up to date.
    fn take_from_product(&self, v: &[f64], product: &mut [f64]) {
        let first = self.len - v.len();
        let mut along = [0.0; 2 * PANEL];
        let along = &mut along[..self.count];
        let right = self.rows(&self.right, first).transpose();
        matmul(vector_mut(along), Accum::Replace, right, vector(v), 1.0, Par::Seq);
        let left = self.rows(&self.left, first);
        matmul(vector_mut(product), Accum::Add, left, vector(along), -1.0, Par::Seq);
    }

    /// Brings the lower triangle up to date from a row and column on.
    fn take_from_matrix(&self, matrix: &mut [f64], first: usize, monitor: &Monitor) -> Result<()> {
        let len = self.len;
        if first >= len {
            return Ok(());
        }
        let strips = matrix.par_chunks_mut(TILE * len).enumerate();
        strips.skip(first / TILE).try_for_each(|(j, strip)| {
            let all = span(len, j);
            let columns = all.start.max(first)..all.end;
            let strip = &mut strip[(columns.start - all.start) * len..];
            let mut strip = MatMut::from_column_major_slice_mut(strip, len, columns.len());
            let right = self.rows(&self.right, columns.start).subrows(0, columns.len());
            for i in j..len.div_ceil(TILE) {
                monitor.check()?;
                let all = span(len, i);
                let rows = all.start.max(columns.start)..all.end;
                let tile = strip.as_mut().subrows_mut(rows.start, rows.len());
                let left = self.rows(&self.left, rows.start).subrows(0, rows.len());
                matmul(tile, Accum::Add, left, right.transpose(), -1.0, Par::Seq);
            }
            Ok(())
        })
    }
}

fn vector(values: &[f64]) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(values, values.len(), 1)
}

fn vector_mut(values: &mut [f64]) -> MatMut<'_, f64> {
    let len = values.len();
    MatMut::from_column_major_slice_mut(values, len, 1)
}

/// The product of two vectors, by running sums.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let ((a, rest_of_a), (b, rest_of_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for k in 0..LANES {
            lanes[k] += a[k] * b[k];
        }
    }
    let rest: f64 = rest_of_a.iter().zip(rest_of_b).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}
