//! Exact duplicates among the rows of an array.

use std::hash::Hasher;

use ndarray::{ArrayView1, ArrayView2, s};
use rayon::prelude::*;
use rustc_hash::FxHasher;

use crate::error::Result;
use crate::monitor::Monitor;
use crate::sort::sorted;

/// Index of the first copy of every distinct row, in order of appearance.
///
/// Rows are equal when all entries are: 0.0 equals −0.0.
pub fn distinct_rows<T: Number>(rows: ArrayView2<'_, T>, monitor: &Monitor) -> Result<Vec<usize>> {
    let copies = first_copies(rows, monitor)?;
    Ok(copies.iter().enumerate().filter(|(i, first)| i == *first).map(|(i, _)| i).collect())
}

/// How many distinct rows there are.
pub fn count_distinct<T: Number>(rows: ArrayView2<'_, T>, monitor: &Monitor) -> Result<usize> {
    Ok(distinct_rows(rows, monitor)?.len())
}

/// A floating-point number of either size.
pub trait Number: Copy + Send + Sync {
    /// The same for equal numbers, 0.0 and −0.0 among them.
    fn key(self) -> u64;
}

impl Number for f32 {
    fn key(self) -> u64 {
        // Adding 0.0 turns −0.0 into 0.0 and leaves every other number alone.
        (self + 0.0).to_bits().into()
    }
}

impl Number for f64 {
    fn key(self) -> u64 {
        (self + 0.0).to_bits()
    }
}

/// For every row the first that equals it: 0.0 equals −0.0, and NaN itself.
///
/// Rows are not copied: those that share a hash of some entries are sorted by one of all, and
/// those that share that are compared.
pub fn first_copies<T: Number>(rows: ArrayView2<'_, T>, monitor: &Monitor) -> Result<Vec<usize>> {
    let sorted_hashes = |indices: Vec<usize>, step: usize| {
        let hash = |i: usize| {
            monitor.check()?;
            Ok((hash_of(rows.slice(s![i, ..;step])), i))
        };
        let hashed = indices.into_par_iter().map(hash).collect::<Result<Vec<_>>>()?;
        sorted(&[&hashed], monitor)
    };
    let equal =
        |i: usize, j: usize| rows.row(i).iter().zip(rows.row(j)).all(|(x, y)| x.key() == y.key());
    let mut copies: Vec<usize> = (0..rows.nrows()).collect();
    let glances = sorted_hashes(copies.clone(), rows.ncols().div_ceil(ENTRIES).max(1))?;
    let shared = glances.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1);
    let shared = shared.flatten().map(|&(_, i)| i).collect();
    for alike in sorted_hashes(shared, 1)?.chunk_by(|a, b| a.0 == b.0) {
        // In order of appearance.
        let mut firsts: Vec<usize> = Vec::new();
        for &(_, i) in alike {
            monitor.check()?;
            let first = firsts.iter().copied().find(|&first| equal(first, i));
            copies[i] = first.unwrap_or(i);
            if first.is_none() {
                firsts.push(i);
            }
        }
    }
    Ok(copies)
}

/// Entries that are looked at first: they tell most rows apart.
const ENTRIES: usize = 64;

fn hash_of<T: Number>(row: ArrayView1<'_, T>) -> u64 {
    let mut hasher = FxHasher::default();
    for x in row {
        // What tells whole numbers apart is in their high bits, which the hash moves out.
        let key = x.key();
        hasher.write_u64(key ^ key >> 32);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn counts_the_first_of_each() {
        let count = |rows: &Array2<f64>| count_distinct(rows.view(), &Monitor::new()).unwrap();
        assert_eq!(count(&array![[1.0, 0.0], [2.0, 0.0], [1.0, -0.0], [2.0, 1.0]]), 3);
        assert_eq!(count(&array![[f64::NAN], [f64::NAN], [0.0]]), 2);
        assert_eq!(count(&Array2::zeros((0, 3))), 0);
        assert_eq!(count(&Array2::zeros((5, 0))), 1);
        let rows = Array2::from_shape_fn((700, 3), |(i, k)| ((i * i + k) % 41) as f64 - 20.0);
        let seen: HashSet<_> = rows.rows().into_iter().map(|row| format!("{row:?}")).collect();
        assert_eq!(count(&rows), seen.len());
        let single = rows.mapv(|x| x as f32);
        let found = count_distinct(single.t(), &Monitor::new());
        assert_eq!(found, count_distinct(rows.t(), &Monitor::new()));
    }

    #[test]
    fn wide_rows_may_differ_anywhere() {
        // Copies in triples, one entry of each last one changed.
        let value = |i: usize, k: usize| ((i / 3 * 7 + k * k) % 101) as f64;
        for width in [63, 64, 65, 200, 1000] {
            let rows = Array2::from_shape_fn((60, width), |(i, k)| {
                value(i, k) + f64::from(u8::from(i % 3 == 2 && k == i * 37 % width))
            });
            let expected: Vec<_> = (0..60).filter(|i| i % 3 != 1).collect();
            assert_eq!(distinct_rows(rows.view(), &Monitor::new()).unwrap(), expected);
        }
    }

    #[test]
    fn keeps_the_first_of_each() {
        let rows = array![[1.0, 0.0], [2.0, 0.0], [1.0, -0.0], [2.0, 0.0], [3.0, 1.0]];
        assert_eq!(distinct_rows(rows.view(), &Monitor::new()).unwrap(), [0, 1, 4]);
        assert_eq!(first_copies(rows.view(), &Monitor::new()).unwrap(), [0, 1, 0, 1, 4]);
    }
}
