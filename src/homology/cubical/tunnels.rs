//! The middle degree of a volume, from below or from above.

use super::cocycles::reduce_cocycles;
use super::critical::Cell;
use super::cycles::reduce_cycles;
use super::result::Pairs;
use super::volume::Volume;
use crate::error::Result;
use crate::monitor::Monitor;

/// Pairs of degree one, from the critical edges that end no component and the
/// critical squares that begin no cavity.
///
/// Both ways find the same pairs of voxels. Cycles are short on plateaus where
/// tunnels begin, cocycles where they end, so the way that looks better goes
/// first; if it takes long they take turns, each with twice the steps of the one
/// before, until one gets to its end.
pub fn tunnels<K>(
    volume: &Volume<K>,
    edges: &[Cell<K>],
    squares: &[Cell<K>],
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Pairs>
where
    K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>,
{
    let cells = edges.len().max(squares.len()) as u64;
    let mut budget = 8 * volume.len() as u64 + 64 * cells;
    let mut from_below = ties(squares) <= ties(edges);
    loop {
        let pairs = if from_below {
            reduce_cycles(volume, squares, budget, max_memory, monitor)?
        } else {
            reduce_cocycles(volume, edges, budget, max_memory, monitor)?
        };
        match pairs {
            Some(pairs) => return Ok(pairs),
            None => (from_below, budget) = (!from_below, 2 * budget),
        }
    }
}

/// Cells that come at the same value as the one before.
fn ties<K: PartialEq>(cells: &[Cell<K>]) -> usize {
    cells.windows(2).filter(|pair| pair[0].0.0 == pair[1].0.0).count()
}
