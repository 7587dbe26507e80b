//! The graph of nearest neighbours.

use rayon::prelude::*;

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
    Graph::from_rows(symmetrized(chosen, monitor)?, monitor)
}

/// Adds to each row those who chose it.
pub(super) fn symmetrized(
    mut rows: Vec<Vec<(u32, f64)>>,
    monitor: &Monitor,
) -> Result<Vec<Vec<(u32, f64)>>> {
    let mut choosers = vec![Vec::new(); rows.len()];
    for (i, row) in rows.iter().enumerate() {
        monitor.check()?;
        row.iter().for_each(|&(j, distance)| choosers[j as usize].push((i as u32, distance)));
    }
    rows.par_iter_mut().zip(choosers).try_for_each(|(row, choosers)| {
        monitor.check()?;
        row.extend(choosers);
        row.sort_unstable_by_key(|&(j, _)| j);
        row.dedup_by_key(|&mut (j, _)| j);
        Ok(())
    })?;
    Ok(rows)
}
