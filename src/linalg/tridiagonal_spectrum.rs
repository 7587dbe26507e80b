//! The eigenvalues of a tridiagonal matrix, without square roots.
//!
//! The QL iteration in the form of Pal, Walker and Kahan, which works on squares of the
//! entries beside the diagonal (Parlett, The Symmetric Eigenvalue Problem, section 8.15).
//! A sweep with a shift near the eigenvalue at the top makes the entry beside it vanish;
//! then it is left out.

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Sweeps for each eigenvalue; mostly two are enough.
const SWEEPS: usize = 50;

/// The eigenvalues, ascending, of the matrix with this diagonal and these entries beside
/// it, none of which has a square that overflows.
pub fn tridiagonal_spectrum(
    mut diagonal: Vec<f64>,
    below: Vec<f64>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let mut squares: Vec<f64> = below.iter().map(|e| e * e).collect();
    let mut sweeps = SWEEPS * diagonal.len();
    for top in 0..diagonal.len() {
        loop {
            monitor.check()?;
            let end = end_of_block(&diagonal, &mut squares, top);
            if end == top {
                break;
            }
            sweeps = sweeps
                .checked_sub(1)
                .ok_or_else(|| Error::Numerical("the eigenvalues do not converge".into()))?;
            sweep(&mut diagonal[top..=end], &mut squares[top..end]);
        }
    }
    diagonal.sort_unstable_by(f64::total_cmp);
    Ok(diagonal)
}

/// Where the block that begins in a row ends: at the first entry beside the diagonal
/// that is nothing but rounding, which becomes zero.
fn end_of_block(diagonal: &[f64], squares: &mut [f64], top: usize) -> usize {
    let neighbors = diagonal[top..].windows(2).zip(&mut squares[top..]);
    for (k, (pair, square)) in neighbors.enumerate() {
        if *square <= (f64::EPSILON * f64::EPSILON) * (pair[0] * pair[1]).abs() {
            *square = 0.0;
            return top + k;
        }
    }
    diagonal.len() - 1
}

/// One sweep from the end of a block to its top.
fn sweep(diagonal: &mut [f64], squares: &mut [f64]) {
    let last = squares.len();
    // The eigenvalue of the two rows at the top that is nearer to the first of them.
    let root = squares[0].sqrt();
    let half = (diagonal[1] - diagonal[0]) / (2.0 * root);
    let shift = diagonal[0] - root / (half + f64::hypot(half, 1.0).copysign(half));
    let (mut cosine, mut sine) = (1.0, 0.0);
    let mut gamma = diagonal[last] - shift;
    let mut p = gamma * gamma;
    for k in (0..last).rev() {
        let square = squares[k];
        let r = p + square;
        if k + 1 < last {
            squares[k + 1] = sine * r;
        }
        let before = (cosine, gamma);
        (cosine, sine) = (p / r, square / r);
        gamma = cosine * (diagonal[k] - shift) - sine * before.1;
        diagonal[k + 1] = before.1 + (diagonal[k] - gamma);
        p = if cosine == 0.0 { before.0 * square } else { gamma * gamma / cosine };
    }
    squares[0] = sine * p;
    diagonal[0] = shift + gamma;
}
