//! All pairwise distances, each once.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Whether a number can be a distance: not negative, not NaN.
pub fn is_distance(value: f64) -> bool {
    value >= 0.0
}

/// Distances of all pairs i < j, row after row, as scipy's `pdist` orders them.
#[derive(Debug, Clone, PartialEq)]
pub struct Condensed {
    len: usize,
    values: Vec<f64>,
}

impl Condensed {
    /// Takes the n(n−1)/2 distances of `len` points; refuses NaN and negative
    /// values. Infinite values are pairs that never meet.
    pub fn new(len: usize, values: Vec<f64>) -> Result<Self> {
        let pairs = len * len.saturating_sub(1) / 2;
        if values.len() != pairs {
            let rule = format!("have n(n-1)/2 = {pairs} entries for n = {len}");
            return Err(Error::invalid("X", rule, values.len()));
        }
        if let Some((k, value)) = values.iter().enumerate().find(|(_, d)| !is_distance(**d)) {
            return Err(Error::invalid_at("X", "hold non-negative distances", value, [k]));
        }
        Ok(Self { len, values })
    }

    /// Takes the upper triangle of a square matrix, after checking that the
    /// lower one agrees and the diagonal is zero.
    pub fn from_square(matrix: ArrayView2<'_, f64>, monitor: &Monitor) -> Result<Self> {
        let (len, columns) = matrix.dim();
        if len != columns {
            let found = format!("shape ({len}, {columns})");
            return Err(Error::invalid("X", "be square when precomputed", found));
        }
        let mut values = Vec::with_capacity(len * len.saturating_sub(1) / 2);
        for i in 0..len {
            monitor.check()?;
            if matrix[[i, i]] != 0.0 {
                let found = matrix[[i, i]];
                return Err(Error::invalid_at("X", "have a zero diagonal", found, [i, i]));
            }
            for j in i + 1..len {
                let (upper, lower) = (matrix[[i, j]], matrix[[j, i]]);
                if !is_distance(upper) {
                    return Err(Error::invalid_at(
                        "X",
                        "hold non-negative distances",
                        upper,
                        [i, j],
                    ));
                }
                if upper != lower {
                    let found = format!("{upper} and {lower}");
                    return Err(Error::invalid_at("X", "be symmetric", found, [i, j]));
                }
                values.push(upper);
            }
        }
        Ok(Self { len, values })
    }

    /// Lets `fill` write row after row, in parallel: the distances from i to
    /// i+1, …, n−1.
    pub(super) fn from_rows(
        len: usize,
        monitor: &Monitor,
        fill: impl Fn(usize, &mut [f64]) + Sync,
    ) -> Result<Self> {
        let mut values = vec![0.0; len * len.saturating_sub(1) / 2];
        let mut rows = Vec::with_capacity(len);
        let mut rest = values.as_mut_slice();
        for i in 0..len {
            let (row, tail) = rest.split_at_mut(len - i - 1);
            rows.push((i, row));
            rest = tail;
        }
        monitor.expect(len as u64);
        rows.into_par_iter().try_for_each(|(i, row)| {
            fill(i, row);
            monitor.advance(1)
        })?;
        Ok(Self { len, values })
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The distances, pair after pair.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Gives the distances away.
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// Distances from `i` to i+1, …, n−1.
    pub fn row(&self, i: usize) -> &[f64] {
        let start = row_start(self.len, i);
        &self.values[start..start + (self.len - i - 1)]
    }

    /// Distance between two points.
    #[inline]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        match i.cmp(&j) {
            std::cmp::Ordering::Less => self.row(i)[j - i - 1],
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Greater => self.row(j)[i - j - 1],
        }
    }

    /// Distances among some of the points.
    pub fn select(&self, indices: &[usize]) -> Self {
        let pairs = (0..indices.len()).flat_map(|a| (a + 1..indices.len()).map(move |b| (a, b)));
        let values = pairs.map(|(a, b)| self.get(indices[a], indices[b])).collect();
        Self { len: indices.len(), values }
    }
}

/// Where row `i` begins.
pub(super) fn row_start(len: usize, i: usize) -> usize {
    i * (2 * len - i - 1) / 2
}
