//! A symmetric matrix, of which the lower triangle is there, times a vector.
//!
//! Each entry is read once, for its row and for its column: the matrix does not fit into
//! the cache, and reading it is all that takes time.

use std::ops::Range;

use rayon::prelude::*;

use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;

/// Columns that one thread reads. Each strip has sums of its own, which are added up in
/// their order.
const STRIP: usize = 128;
/// Columns that are read together.
const TOGETHER: usize = 4;
/// Rows that are read together.
const LANES: usize = 8;
/// Rows up to which no other threads are woken.
const FEW: usize = 256;

/// Room for the sums of all strips.
pub struct Workspace {
    len: usize,
    sums: Vec<f64>,
}

impl Workspace {
    /// For matrices of `len` rows.
    pub fn new(len: usize) -> Self {
        Self { len, sums: vec![0.0; len * len.div_ceil(STRIP)] }
    }

    /// Bytes of it.
    pub fn bytes(len: usize) -> u64 {
        8 * len as u64 * len.div_ceil(STRIP) as u64
    }

    /// y = Ax for the rows and columns from `first` on of a matrix that is given column
    /// by column; only those entries of x and y count.
    pub fn multiply(
        &mut self,
        matrix: &[f64],
        first: usize,
        x: &[f64],
        y: &mut [f64],
        monitor: &Monitor,
    ) -> Result<()> {
        let len = self.len;
        let strips = first / STRIP..len.div_ceil(STRIP);
        let columns = |strip: usize| first.max(strip * STRIP)..len.min((strip + 1) * STRIP);
        let add_strip = |(sums, strip): (&mut [f64], usize)| {
            monitor.check()?;
            let columns = columns(strip);
            sums[columns.start..].fill(0.0);
            for start in columns.clone().step_by(TOGETHER) {
                let columns = start..columns.end.min(start + TOGETHER);
                arch().dispatch(|| add_columns(matrix, len, columns, x, sums));
            }
            Ok(())
        };
        let sums = &mut self.sums[strips.start * len..];
        if len - first <= FEW {
            sums.chunks_exact_mut(len).zip(strips.clone()).try_for_each(add_strip)?;
        } else {
            sums.par_chunks_exact_mut(len).zip(strips.clone()).try_for_each(add_strip)?;
        }
        y[first..].fill(0.0);
        for (sums, strip) in sums.chunks_exact(len).zip(strips) {
            let first = columns(strip).start;
            y[first..].iter_mut().zip(&sums[first..]).for_each(|(y, sum)| *y += sum);
        }
        Ok(())
    }
}

/// Adds to y = Ax what some neighbouring columns hold from the diagonal on.
#[inline(always)]
fn add_columns(matrix: &[f64], len: usize, columns: Range<usize>, x: &[f64], y: &mut [f64]) {
    let column = |j: usize| &matrix[j * len..(j + 1) * len];
    for j in columns.clone() {
        y[j] += column(j)[j] * x[j];
        for i in j + 1..columns.end {
            y[i] += column(j)[i] * x[j];
            y[j] += column(j)[i] * x[i];
        }
    }
    // The rows below all of them.
    let (own, below) = y.split_at_mut(columns.end);
    let (own, of_x) = (&mut own[columns.start..], &x[columns.start..]);
    let (x, end) = (&x[columns.end..], columns.end);
    if own.len() == TOGETHER {
        let block = std::array::from_fn(|k| &column(columns.start + k)[end..]);
        let sums = add_rows::<TOGETHER>(block, std::array::from_fn(|k| of_x[k]), x, below);
        own.iter_mut().zip(sums).for_each(|(y, sum)| *y += sum);
    } else {
        for (k, y) in own.iter_mut().enumerate() {
            let [sum] = add_rows([&column(columns.start + k)[end..]], [of_x[k]], x, below);
            *y += sum;
        }
    }
}

/// Adds the combination of some columns with factors to y; gives their products with x.
#[inline(always)]
fn add_rows<const COLUMNS: usize>(
    columns: [&[f64]; COLUMNS],
    factors: [f64; COLUMNS],
    x: &[f64],
    y: &mut [f64],
) -> [f64; COLUMNS] {
    let blocks = columns.map(|column| column[..x.len()].as_chunks::<LANES>().0);
    let (of_x, of_y) = (x.as_chunks::<LANES>().0, y.as_chunks_mut::<LANES>().0);
    let mut lanes = [[0.0; LANES]; COLUMNS];
    for (row, (x, y)) in of_x.iter().zip(of_y).enumerate() {
        for (k, block) in blocks.iter().enumerate() {
            for lane in 0..LANES {
                let entry = block[row][lane];
                y[lane] += entry * factors[k];
                lanes[k][lane] += entry * x[lane];
            }
        }
    }
    let mut sums = lanes.map(|lanes| lanes.iter().sum());
    for row in x.len() / LANES * LANES..x.len() {
        for (k, column) in columns.iter().enumerate() {
            y[row] += column[row] * factors[k];
            sums[k] += column[row] * x[row];
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_triangle_stands_for_all() {
        for len in [1, 2, 3, 7, 128, 131, 300] {
            let entry = |i: usize, j: usize| ((i * i + 3 * j * j + i * j) % 17) as f64 - 8.0;
            let symmetric = |i: usize, j: usize| entry(i.max(j), i.min(j));
            // Whole numbers, so that sums are exact; nothing is read above the diagonal.
            let matrix: Vec<f64> = (0..len * len)
                .map(|at| (at % len, at / len))
                .map(|(i, j)| if i < j { f64::NAN } else { entry(i, j) })
                .collect();
            let x: Vec<f64> = (0..len).map(|i| (i % 5) as f64 - 2.0).collect();
            for first in [0, 1, len / 2, len - 1] {
                let mut y = vec![f64::NAN; len];
                let mut workspace = Workspace::new(len);
                workspace.multiply(&matrix, first, &x, &mut y, &Monitor::new()).unwrap();
                for (i, found) in y.into_iter().enumerate().skip(first) {
                    let sum: f64 = (first..len).map(|j| symmetric(i, j) * x[j]).sum();
                    assert_eq!(found, sum, "{len} {first} {i}");
                }
            }
        }
    }
}
