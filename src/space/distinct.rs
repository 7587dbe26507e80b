//! Exact duplicates among the rows of an array.

use std::hash::Hasher;

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use crate::error::Result;
use crate::monitor::Monitor;

/// Index of the first copy of every distinct row, in order of appearance.
///
/// Rows are equal when all entries are: 0.0 equals −0.0.
pub fn distinct_rows(rows: ArrayView2<'_, f64>) -> Vec<usize> {
    let mut seen = FxHashMap::default();
    rows.axis_iter(Axis(0))
        .enumerate()
        .filter(|(i, row)| seen.insert(bits(*row), *i).is_none())
        .map(|(i, _)| i)
        .collect()
}

fn bits(row: ArrayView1<'_, f64>) -> Box<[u64]> {
    // Adding 0.0 turns −0.0 into 0.0 and leaves every other number alone.
    row.iter().map(|x| (x + 0.0).to_bits()).collect()
}

/// A floating-point number of either size.
pub trait Number: Copy + Send + Sync {
    /// The same for equal numbers, 0.0 and −0.0 among them.
    fn key(self) -> u64;
}

impl Number for f32 {
    fn key(self) -> u64 {
        (self + 0.0).to_bits().into()
    }
}

impl Number for f64 {
    fn key(self) -> u64 {
        (self + 0.0).to_bits()
    }
}

/// How many distinct rows there are: 0.0 equals −0.0, and NaN itself.
///
/// Rows are not copied: they are sorted by a hash, and those that share it are
/// compared.
pub fn count_distinct<T: Number>(rows: ArrayView2<'_, T>, monitor: &Monitor) -> Result<usize> {
    monitor.expect(rows.nrows() as u64);
    let hash = |i: usize| {
        let mut hasher = FxHasher::default();
        rows.row(i).iter().for_each(|x| hasher.write_u64(x.key()));
        monitor.advance(1)?;
        Ok((hasher.finish(), i))
    };
    let hashed = (0..rows.nrows()).into_par_iter().map(hash).collect::<Result<Vec<_>>>();
    let mut hashed = hashed?;
    hashed.par_sort_unstable();
    let equal =
        |i: usize, j: usize| rows.row(i).iter().zip(rows.row(j)).all(|(x, y)| x.key() == y.key());
    let mut count = 0;
    for alike in hashed.chunk_by(|a, b| a.0 == b.0) {
        let mut firsts: Vec<usize> = Vec::new();
        for &(_, i) in alike {
            monitor.check()?;
            if !firsts.iter().any(|&first| equal(first, i)) {
                firsts.push(i);
            }
        }
        count += firsts.len();
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn counts_the_first_of_each() {
        let count = |rows: &Array2<f64>| count_distinct(rows.view(), &Monitor::new()).unwrap();
        assert_eq!(count(&array![[1.0, 0.0], [2.0, 0.0], [1.0, -0.0], [2.0, 1.0]]), 3);
        assert_eq!(count(&array![[f64::NAN], [f64::NAN], [0.0]]), 2);
        assert_eq!(count(&Array2::zeros((0, 3))), 0);
        assert_eq!(count(&Array2::zeros((5, 0))), 1);
        let rows = Array2::from_shape_fn((700, 3), |(i, k)| ((i * i + k) % 41) as f64 - 20.0);
        assert_eq!(count(&rows), distinct_rows(rows.view()).len());
        let single = rows.mapv(|x| x as f32);
        let found = count_distinct(single.t(), &Monitor::new());
        assert_eq!(found, Ok(distinct_rows(rows.t()).len()));
    }

    #[test]
    fn keeps_the_first_of_each() {
        let rows = array![[1.0, 0.0], [2.0, 0.0], [1.0, -0.0], [2.0, 0.0], [3.0, 1.0]];
        assert_eq!(distinct_rows(rows.view()), [0, 1, 4]);
    }
}
