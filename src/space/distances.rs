//! All pairwise distances of a point cloud.

use rayon::prelude::*;

use super::{Condensed, PointCloud};
use crate::error::Result;
use crate::monitor::Monitor;

/// All pairwise distances, rows in parallel.
pub fn pairwise(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Condensed> {
    let len = points.len();
    let mut values = vec![0.0; len * len.saturating_sub(1) / 2];
    let mut rows = Vec::with_capacity(len);
    let mut rest = values.as_mut_slice();
    for i in 0..len {
        let (row, tail) = rest.split_at_mut(len - i - 1);
        rows.push((i, row));
        rest = tail;
    }
    rows.into_par_iter().try_for_each(|(i, row)| {
        monitor.check()?;
        points.distances_to(points.row(i), i + 1, row);
        Ok(())
    })?;
    Ok(Condensed::from_valid(len, values))
}

/// Bytes that [`pairwise`] takes.
pub fn pairwise_bytes(len: usize) -> u64 {
    let n = len as u64;
    4 * n * n.saturating_sub(1)
}
