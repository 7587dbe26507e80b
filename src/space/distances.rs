//! All pairwise distances of a point cloud.

use super::{Condensed, PointCloud, tile};
use crate::budget::Budget;
use crate::error::Result;
use crate::monitor::Monitor;

/// All pairwise distances, in parallel.
pub fn pairwise(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Condensed> {
    Condensed::from_bands(points.len(), tile::height(points), monitor, |first, rows| {
        tile::to_later(points, first, rows, monitor)
    })
}

/// Bytes of the pairwise distances of `len` points.
pub fn pairwise_bytes(len: usize) -> u64 {
    let n = len as u64;
    4u64.saturating_mul(n).saturating_mul(n.saturating_sub(1))
}

/// Refuses so many points that `arrays` condensed arrays of their pairs exceed the limit.
pub fn check_pairs(what: &str, len: usize, arrays: u64, allowed: u64) -> Result<()> {
    let needed = pairwise_bytes(len).saturating_mul(arrays);
    let fits = (allowed as f64 / (4 * arrays) as f64).sqrt() as u64;
    Budget { allowed }.ask(
        format_args!("the matrix of {what} of {len} points"),
        needed,
        format_args!("that of {fits} points would fit"),
    )?;
    Ok(())
}
