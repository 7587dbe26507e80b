//! Points at distance zero, merged.
//!
//! Equal points have equal rows in the similarity matrix, which is singular
//! then. The magnitude is that of the distinct points, and any weighting of these
//! gives one of all points: here every copy gets an equal share.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Lazily, PointCloud, Rounding, first_copies};
use crate::union_find::UnionFind;

/// Which points are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    /// For each given point the number of its distinct point.
    class: Vec<usize>,
    /// For each distinct point its first copy.
    first: Vec<usize>,
    /// For each distinct point the number of its copies.
    count: Vec<usize>,
}

impl Copies {
    /// Merges equal rows.
    pub fn of_points(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Self> {
        Ok(Self::of_roots(&first_copies(points.rows(), monitor)?))
    }

    /// Merges points at distance zero; refuses those that are at different
    /// distances from a third one.
    pub fn of_distances(distances: &Condensed, monitor: &Monitor) -> Result<Self> {
        let len = distances.len();
        let mut sets = UnionFind::new(len);
        for i in 0..len {
            monitor.check()?;
            let row = distances.row(i);
            // Mostly there is none: one look at the row without a branch for each entry.
            if row.iter().fold(false, |found, &d| found | (d == 0.0)) {
                let zeros = row.iter().enumerate().filter(|(_, d)| **d == 0.0);
                zeros.for_each(|(k, _)| _ = sets.union(i as u32, (i + 1 + k) as u32));
            }
        }
        let roots: Vec<_> = (0..len).map(|i| sets.find(i as u32) as usize).collect();
        let copies = Self::of_roots(&roots);
        let rounding = Lazily::new(|| distances.rounding(monitor));
        for i in 0..len {
            let first = copies.first[copies.class[i]];
            if first != i {
                monitor.check()?;
                check_equal(distances, &rounding, first, i)?;
            }
        }
        Ok(copies)
    }

    fn of_roots(roots: &[usize]) -> Self {
        let mut number = FxHashMap::default();
        let (mut class, mut first, mut count) = (Vec::new(), Vec::new(), Vec::new());
        for (i, &root) in roots.iter().enumerate() {
            let own = *number.entry(root).or_insert_with(|| {
                first.push(i);
                count.push(0);
                first.len() - 1
            });
            class.push(own);
            count[own] += 1;
        }
        Self { class, first, count }
    }

    /// Number of given points.
    pub fn len(&self) -> usize {
        self.class.len()
    }

    /// Number of distinct points.
    pub fn distinct(&self) -> usize {
        self.first.len()
    }

    /// The distances of the distinct points.
    pub fn merge_distances<'a>(
        &self,
        distances: Cow<'a, Condensed>,
        monitor: &Monitor,
    ) -> Result<Cow<'a, Condensed>> {
        if self.distinct() == self.len() {
            return Ok(distances);
        }
        Ok(Cow::Owned(distances.select(&self.first, monitor)?))
    }

    /// The distinct points.
    pub fn merge_points<'a>(
        &self,
        points: &PointCloud<'a>,
        monitor: &Monitor,
    ) -> Result<PointCloud<'a>> {
        if self.distinct() == self.len() {
            return Ok(points.clone());
        }
        points.select(&self.first, monitor)
    }

    /// Shares a value of each distinct point among its copies.
    pub fn share(&self, values: &[f64]) -> Vec<f64> {
        self.class.iter().map(|&own| values[own] / self.count[own] as f64).collect()
    }

    /// Sums values of all points over the copies of each distinct one.
    pub fn gather(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.distinct()];
        self.class.iter().zip(values).for_each(|(&own, value)| sums[own] += value);
        sums
    }

    /// Gives each point the value of its distinct point.
    pub fn spread(&self, values: &[f64]) -> Vec<f64> {
        self.class.iter().map(|&own| values[own]).collect()
    }
}

/// Fails unless two points are at the same distances from all others, but for
/// rounding: where distances come from dot products, they are right to half the
/// digits.
fn check_equal(
    distances: &Condensed,
    rounding: &Lazily<impl Fn() -> Result<Rounding>>,
    i: usize,
    j: usize,
) -> Result<()> {
    for k in (0..distances.len()).filter(|&k| k != i && k != j) {
        let (u, v) = (distances.get(i, k), distances.get(j, k));
        if u != v && !rounding.get()?.is_zero(u - v) {
            let rule = "have equal rows for points at distance zero";
            return Err(Error::invalid_at("X", rule, format!("{u} and {v}"), [i, j, k]));
        }
    }
    Ok(())
}
