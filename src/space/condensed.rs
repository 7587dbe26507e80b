//! All pairwise distances, each once.

use std::ops::Range;

use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::Metric;
use super::rounding::{AT_ONCE, Rounding, asymmetric, non_zero};
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
    /// What comes after 1 in the floats in which they were computed, less 1.
    step: f64,
    /// How far numbers were from the distances that they were taken for.
    asymmetry: f64,
    /// The metric of the points that they were computed from, where that is known.
    metric: Option<Metric>,
}

impl Condensed {
    /// Takes the n(n−1)/2 distances of `len` points; refuses NaN and values that are
    /// negative by more than rounding. Infinite values are pairs that never meet.
    pub fn new(len: usize, values: Vec<f64>) -> Result<Self> {
        Self::read(len, values, f64::EPSILON, &Monitor::new())
    }

    /// As [`Condensed::new`], from floats with this `step` after 1.
    pub fn read(len: usize, mut values: Vec<f64>, step: f64, monitor: &Monitor) -> Result<Self> {
        let pairs = len * len.saturating_sub(1) / 2;
        if values.len() != pairs {
            let rule = format!("have n(n-1)/2 = {pairs} entries for n = {len}");
            return Err(Error::invalid("X", rule, values.len()));
        }
        let mut asymmetry = 0.0_f64;
        let mut are_distances = true;
        for part in values.chunks(AT_ONCE) {
            monitor.check()?;
            are_distances &= part.iter().all(|d| is_distance(*d));
        }
        if !are_distances {
            let rounding = Rounding::new(&values, step, monitor)?;
            for (k, value) in values.iter_mut().enumerate() {
                if k % AT_ONCE == 0 {
                    monitor.check()?;
                }
                let (distance, apart) = rounding.distance(*value, *value);
                if distance.is_nan() {
                    return Err(Error::invalid_at("X", "hold non-negative distances", value, [k]));
                }
                (*value, asymmetry) = (distance, asymmetry.max(apart));
            }
        }
        Ok(Self { len, values, step, asymmetry, metric: None })
    }

    /// Takes a square matrix, after checking that it is symmetric with a zero diagonal,
    /// in floats with this `step` after 1; sides that differ by rounding are averaged.
    pub fn from_square(matrix: ArrayView2<'_, f64>, step: f64, monitor: &Monitor) -> Result<Self> {
        let (len, columns) = matrix.dim();
        if len != columns {
            let found = format!("shape ({len}, {columns})");
            return Err(Error::invalid("X", "be square when precomputed", found));
        }
        by_rules(matrix, step, |rule| Self::by_rule(matrix, rule, step, monitor), monitor)
    }

    /// Reads a square matrix; `None` if an entry breaks the rule.
    fn by_rule(
        matrix: ArrayView2<'_, f64>,
        rule: Rule,
        step: f64,
        monitor: &Monitor,
    ) -> Result<Option<Self>> {
        let len = matrix.nrows();
        let mut values = monitor.filled(len * len.saturating_sub(1) / 2, 0.0)?;
        let mut bands = Vec::with_capacity(len / TILE + 1);
        let mut rest = values.as_mut_slice();
        for top in (0..len).step_by(TILE) {
            let rows = top..len.min(top + TILE);
            let (band, tail) = rest.split_at_mut(row_start(len, rows.end) - row_start(len, top));
            bands.push((rows, band));
            rest = tail;
        }
        let read = |(rows, band)| {
            monitor.check()?;
            Ok(read_band(matrix, rows, band, rule))
        };
        // Of two bands the larger asymmetry, if both keep the rule.
        let both = |a: Option<f64>, b: Option<f64>| Some(a?.max(b?));
        let asymmetry = if len <= Self::SMALL {
            bands.into_iter().map(read).try_fold(Some(0.0), |a, b| Ok(both(a, b?)))
        } else {
            bands.into_par_iter().map(read).try_reduce(|| Some(0.0), |a, b| Ok(both(a, b)))
        };
        Ok(asymmetry?.map(|asymmetry| Self { len, values, step, asymmetry, metric: None }))
    }

    /// Points whose distances are read at once, without other threads.
    pub const SMALL: usize = 512;

    /// Lets `fill` write row after row, in parallel: the distances from i to
    /// i+1, …, n−1.
    pub(super) fn from_rows(
        len: usize,
        monitor: &Monitor,
        fill: impl Fn(usize, &mut [f64]) + Sync,
    ) -> Result<Self> {
        Self::from_bands(len, 1, monitor, |i, rows| {
            rows.iter_mut().zip(i..).for_each(|(row, i)| fill(i, row));
            Ok(())
        })
    }

    /// As [`Condensed::from_rows`], so many rows at once, of which `fill` gets the first one's i.
    pub(super) fn from_bands(
        len: usize,
        height: usize,
        monitor: &Monitor,
        fill: impl Fn(usize, &mut [&mut [f64]]) -> Result<()> + Sync,
    ) -> Result<Self> {
        let mut values = monitor.filled(len * len.saturating_sub(1) / 2, 0.0)?;
        let mut rows = Vec::with_capacity(len);
        let mut rest = values.as_mut_slice();
        for i in 0..len {
            let (row, tail) = rest.split_at_mut(len - i - 1);
            rows.push(row);
            rest = tail;
        }
        in_bands(&mut rows, height, monitor, fill)?;
        Ok(Self { len, values, step: f64::EPSILON, asymmetry: 0.0, metric: None })
    }

    /// The same, known to be those of points under a metric.
    pub fn under(self, metric: Metric) -> Self {
        Self { metric: Some(metric), ..self }
    }

    /// The metric of the points that they were computed from, where that is known.
    pub fn metric(&self) -> Option<Metric> {
        self.metric
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// By how much numbers were off the distances that they were taken for.
    pub fn asymmetry(&self) -> f64 {
        self.asymmetry
    }

    /// What counts as rounding in these distances.
    pub fn rounding(&self, monitor: &Monitor) -> Result<Rounding> {
        Rounding::new(&self.values, self.step, monitor)
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

    /// Distances from a point to `first, first + 1, …`, as many as `out` has room for.
    pub(crate) fn distances_to(&self, i: usize, first: usize, out: &mut [f64]) {
        let before = i.saturating_sub(first).min(out.len());
        let (earlier, rest) = out.split_at_mut(before);
        let mut place = if before > 0 { row_start(self.len, first) + i - first - 1 } else { 0 };
        for (j, d) in (first..).zip(earlier) {
            *d = self.values[place];
            // The next row begins one point later.
            place += self.len - j - 2;
        }
        let start = first + before;
        let own = usize::from(start == i && !rest.is_empty());
        rest[..own].fill(0.0);
        let later = &mut rest[own..];
        if !later.is_empty() {
            let skipped = start + own - i - 1;
            later.copy_from_slice(&self.row(i)[skipped..skipped + later.len()]);
        }
    }

    /// Index of the first of every set of points at distance zero, in order of appearance.
    pub fn distinct(&self, monitor: &Monitor) -> Result<Vec<usize>> {
        let mut is_copy = vec![false; self.len];
        for i in 0..self.len {
            monitor.check()?;
            for (copy, _) in
                is_copy[i + 1..].iter_mut().zip(self.row(i)).filter(|(_, d)| **d == 0.0)
            {
                *copy = true;
            }
        }
        Ok((0..self.len).filter(|&i| !is_copy[i]).collect())
    }

    /// Distances among some of the points.
    pub fn select(&self, indices: &[usize], monitor: &Monitor) -> Result<Self> {
        let len = indices.len();
        let mut values = monitor.room(len * len.saturating_sub(1) / 2)?;
        for (a, &i) in indices.iter().enumerate() {
            monitor.check()?;
            values.extend(indices[a + 1..].iter().map(|&j| self.get(i, j)));
        }
        Ok(Self { len, values, ..*self })
    }
}

/// Lets `fill` write so many rows at once, in parallel.
pub(super) fn in_bands<T: Send>(
    rows: &mut [&mut [T]],
    height: usize,
    monitor: &Monitor,
    fill: impl Fn(usize, &mut [&mut [T]]) -> Result<()> + Sync,
) -> Result<()> {
    monitor.expect(rows.len() as u64);
    rows.par_chunks_mut(height).enumerate().try_for_each(|(band, rows)| {
        fill(band * height, rows)?;
        monitor.advance(rows.len() as u64)
    })
}

/// Rows and columns that are read together.
pub(super) const TILE: usize = 64;

/// How two sides of a matrix become one distance.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// They are equal.
    Exact,
    /// They are equal up to rounding, and averaged.
    UpTo(Rounding),
}

/// Reads a square matrix as exact and, if it is not, up to rounding; refuses it then.
pub(super) fn by_rules<T>(
    matrix: ArrayView2<'_, f64>,
    step: f64,
    read: impl Fn(Rule) -> Result<Option<T>>,
    monitor: &Monitor,
) -> Result<T> {
    if let Some(found) = read(Rule::Exact)? {
        return Ok(found);
    }
    let rounding = Rounding::of_matrix(matrix, step, monitor)?;
    match read(Rule::UpTo(rounding))? {
        Some(found) => Ok(found),
        None => Err(first_fault(matrix, &rounding, monitor)),
    }
}

/// Reads some rows of the upper triangle, tile by tile, so that the columns of the lower
/// one stay at hand; the largest asymmetry, or `None` if an entry breaks the rule.
pub(super) fn read_band(
    matrix: ArrayView2<'_, f64>,
    rows: Range<usize>,
    band: &mut [f64],
    rule: Rule,
) -> Option<f64> {
    match rule {
        Rule::Exact => {
            read_tiles(matrix, rows, band, |u, l| (if u == l { u } else { f64::NAN }, 0.0))
        }
        Rule::UpTo(rounding) => read_tiles(matrix, rows, band, |u, l| rounding.distance(u, l)),
    }
}

#[inline(always)]
fn read_tiles(
    matrix: ArrayView2<'_, f64>,
    rows: Range<usize>,
    band: &mut [f64],
    pair: impl Fn(f64, f64) -> (f64, f64),
) -> Option<f64> {
    let len = matrix.nrows();
    let (mut all_well, mut asymmetry) = (true, 0.0_f64);
    for left in (rows.start..len).step_by(TILE) {
        let mut start = 0;
        for i in rows.clone() {
            let columns = left.max(i + 1)..len.min(left + TILE);
            if !columns.is_empty() {
                let values = &mut band[start + columns.start - i - 1..];
                let upper = matrix.slice(s![i, columns.clone()]);
                let lower = matrix.slice(s![columns, i]);
                for ((value, &u), &l) in values.iter_mut().zip(upper).zip(lower) {
                    let (distance, apart) = pair(u, l);
                    all_well &= is_distance(distance);
                    asymmetry = asymmetry.max(apart);
                    *value = distance;
                }
            }
            start += len - i - 1;
        }
    }
    for i in rows {
        let (distance, apart) = pair(matrix[[i, i]], 0.0);
        all_well &= is_distance(distance);
        asymmetry = asymmetry.max(apart);
    }
    all_well.then_some(asymmetry)
}

/// The first entry, row by row, that breaks a rule.
fn first_fault(matrix: ArrayView2<'_, f64>, rounding: &Rounding, monitor: &Monitor) -> Error {
    for i in 0..matrix.nrows() {
        if let Err(cancelled) = monitor.check() {
            return cancelled;
        }
        let own = matrix[[i, i]];
        if !rounding.is_zero(own) {
            return non_zero(own, i);
        }
        for j in i + 1..matrix.nrows() {
            let (upper, lower) = (matrix[[i, j]], matrix[[j, i]]);
            if !(is_distance(upper) || rounding.is_zero(upper)) {
                return Error::invalid_at("X", "hold non-negative distances", upper, [i, j]);
            }
            if !rounding.agree(upper, lower) {
                return asymmetric(upper, lower, [i, j]);
            }
        }
    }
    unreachable!("some entry breaks a rule")
}

/// Where row `i` begins.
pub(super) fn row_start(len: usize, i: usize) -> usize {
    i * (2 * len - i - 1) / 2
}
