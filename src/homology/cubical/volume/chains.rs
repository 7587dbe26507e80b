//! The middle degree of a volume: chains that flow along the gradient.
//!
//! Cycles of edges flow down, cocycles of squares up. The first critical cell that
//! remains of a chain is its pivot; where another chain has it already, that one is
//! added (Guillou, Vidal, Tierny, "Discrete Morse sandwich", IEEE Trans. Vis. Comput.
//! Graph. 30, 2024). Threads take chains in their order, a few at a time.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use rayon::prelude::*;

use super::columns::Column;
use super::critical::Cell;
use super::links::Volume;
use super::lower_star::{LOWER_STARS, LowerStar};
use super::pivots::Pivots;
use crate::error::Result;
use crate::homology::cubical::result::Pairs;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// Chains of cells, each at the voxel that brings it, which flow down or `UP`; those of
/// one thread.
pub struct Chains<'a, K: Key, const UP: bool> {
    pub volume: &'a Volume<K>,
    pub column: Column<K, UP>,
    pivots: &'a Pivots,
}

/// Which way chains flow.
pub trait Flow {
    /// Makes the column the boundary of a critical cell, or its coboundary.
    fn begin(&mut self, voxel: u32, cell: usize);

    /// Replaces cells at a voxel that are paired along the flow; returns the others.
    fn flow(&mut self, voxel: u32, cells: u16, star: &LowerStar) -> u16;

    /// Those at a voxel that are critical.
    fn critical(star: &LowerStar) -> u16;

    /// The first of some critical cells at a voxel.
    fn pivot(critical: u16) -> u32;
}

/// How far a reduction may go.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Entries that may be taken from columns.
    pub steps: u64,
    pub max_memory: u64,
}

/// Pivots that a thread looks up at a time.
const BLOCK: usize = 1 << 13;

/// Chains that a thread takes at a time.
const AT_ONCE: usize = 16;

/// Voxels of critical cells with those of their pivots, where they are not the same;
/// nothing if that takes too many steps. Chains begin with the first cell, or with the
/// last one if they flow `UP`.
pub fn reduce<K: Key, const UP: bool>(
    volume: &Volume<K>,
    cells: &[Cell<K>],
    pivots: &[Cell<K>],
    limits: Limits,
    monitor: &Monitor,
) -> Result<Option<Pairs>>
where
    for<'a> Chains<'a, K, UP>: Flow,
{
    reduce_by_turns::<K, UP>(volume, cells, pivots, |turn| turn, limits, monitor)
}

/// The same, with columns taken by turns in any order.
pub fn reduce_by_turns<K: Key, const UP: bool>(
    volume: &Volume<K>,
    cells: &[Cell<K>],
    pivots: &[Cell<K>],
    of_turn: impl Fn(usize) -> usize + Sync,
    limits: Limits,
    monitor: &Monitor,
) -> Result<Option<Pairs>>
where
    for<'a> Chains<'a, K, UP>: Flow,
{
    let of_column = |column: usize| {
        let ((_, voxel), cell) = cells[if UP { cells.len() - 1 - column } else { column }];
        (voxel, usize::from(cell))
    };
    let found = Pivots::new(volume, pivots, Chains::<K, UP>::critical, monitor)?;
    let (next, steps) = (AtomicUsize::new(0), AtomicU64::new(0));
    let threads = rayon::current_num_threads().min(cells.len().div_ceil(AT_ONCE));
    let reduce_some = || {
        let mut chains = Chains::<K, UP> { volume, column: Column::new(), pivots: &found };
        loop {
            let first = next.fetch_add(AT_ONCE, Relaxed);
            for column in (first..(first + AT_ONCE).min(cells.len())).map(&of_turn) {
                chains.reduce_column(column as u32, of_column(column), monitor)?;
                found.check_memory(threads as u64 * chains.column.bytes(), limits.max_memory)?;
                let work = chains.column.work();
                if steps.fetch_add(work, Relaxed) + work > limits.steps {
                    return Ok(());
                }
            }
            if first >= cells.len() {
                return Ok(());
            }
        }
    };
    (0..threads).into_par_iter().with_max_len(1).try_for_each(|_| reduce_some())?;
    if steps.into_inner() > limits.steps {
        return Ok(None);
    }
    let pair = |&((_, voxel), cell): &Cell<K>| {
        let star = LOWER_STARS.star(volume.state(voxel));
        let kept = found.of(found.number(voxel, star, cell.into()))?;
        let (of_column, _) = of_column(found.get(kept).column as usize);
        (of_column != voxel).then_some((of_column, voxel))
    };
    let blocks = pivots.par_chunks(BLOCK).map(|pivots| {
        monitor.check()?;
        Ok(pivots.iter().filter_map(pair).collect())
    });
    Ok(Some(blocks.collect::<Result<Vec<Pairs>>>()?.concat()))
}

impl<K: Key, const UP: bool> Chains<'_, K, UP>
where
    Self: Flow,
{
    /// Reduces the chain of a critical cell, and then those whose pivots it takes.
    fn reduce_column(
        &mut self,
        mut column: u32,
        (voxel, cell): (u32, usize),
        monitor: &Monitor,
    ) -> Result<()> {
        let pivots = self.pivots;
        self.begin(voxel, cell);
        while let Some((voxel, mut cells)) = self.column.pop(monitor)? {
            let star = LOWER_STARS.star(self.volume.state(voxel));
            loop {
                cells = self.flow(voxel, cells, star);
                let critical = cells & Self::critical(star);
                if critical == 0 {
                    debug_assert_eq!(cells, 0, "a chain without critical cells at a voxel goes on");
                    break;
                }
                let pivot = pivots.number(voxel, star, Self::pivot(critical));
                let mut present = pivots.of(pivot);
                let is_earlier = |kept: u32, column| pivots.get(kept).column < column;
                if let Some(kept) = present.filter(|&kept| is_earlier(kept, column)) {
                    cells ^= self.column.add(pivots.get(kept), self.volume);
                    continue;
                }
                let mine = pivots.keep(column, self.column.take(voxel, cells, monitor)?);
                let other = loop {
                    match (pivots.claim(pivot, present, mine), present) {
                        (Ok(()), None) => return Ok(()),
                        (Ok(()), Some(later)) => {
                            column = pivots.get(later).column;
                            break later;
                        }
                        (Err(other), _) if is_earlier(other, column) => break other,
                        (Err(other), _) => present = Some(other),
                    }
                };
                cells = self.column.add(pivots.get(mine), self.volume)
                    ^ self.column.add(pivots.get(other), self.volume);
            }
        }
        unreachable!("in a box every critical cell without a part in other degrees has a partner")
    }
}
