//! The graph of nearest neighbours.

use super::nearest::nearest_others;
use super::{Graph, Space};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Graph in which two points are joined if either is among the `k` nearest of
/// the other; a point counts as the nearest to itself.
///
/// Equal distances are told apart by index. Edges carry their length.
pub fn neighbor_graph(space: &Space<'_>, k: usize, monitor: &Monitor) -> Result<Graph> {
    let len = space.len();
    if k == 0 {
        return Err(Error::invalid("k", "be at least 1 (the point itself counts)", k));
    }
    if k > len {
        return Err(Error::invalid("k", format!("be at most the number of points ({len})"), k));
    }
    monitor.expect(len as u64);
    let chosen = nearest_others(space, k - 1, monitor)?;
    Ok(Graph::from_lists(chosen.symmetric(monitor)?))
}
