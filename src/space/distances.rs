//! All pairwise distances of a point cloud.

use super::{Condensed, PointCloud};
use crate::error::Result;
use crate::monitor::Monitor;

/// All pairwise distances, rows in parallel.
pub fn pairwise(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Condensed> {
    Condensed::from_rows(points.len(), monitor, |i, row| {
        points.distances_to(points.row(i), i + 1, row);
    })
}

/// Bytes of the pairwise distances of `len` points.
pub fn pairwise_bytes(len: usize) -> u64 {
    let n = len as u64;
    4u64.saturating_mul(n).saturating_mul(n.saturating_sub(1))
}
