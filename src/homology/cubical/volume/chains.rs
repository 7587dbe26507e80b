//! The middle degree of a volume: chains that flow along the gradient.
//!
//! Cycles of edges flow down, cocycles of squares up. The first critical cell that
//! remains of a chain is its pivot; where another chain has it already, that one is
//! added (Guillou, Vidal, Tierny, "Discrete Morse sandwich", IEEE Trans. Vis. Comput.
//! Graph. 30, 2024).

use super::columns::{Columns, Order};
use super::critical::Cell;
use super::links::Volume;
use super::lower_star::{LOWER_STARS, LowerStar};
use crate::error::Result;
use crate::homology::cubical::result::Pairs;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// Chains of cells, each at the voxel that brings it, in the order `O` of voxels.
pub struct Chains<'a, K, O> {
    pub volume: &'a Volume<K>,
    pub columns: Columns<O>,
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

impl<'a, K: Key, O: Order<K>> Chains<'a, K, O>
where
    Self: Flow,
{
    /// Voxels of the critical cells with those of their pivots, where they are not the
    /// same; nothing if that takes more than `budget` steps.
    pub fn reduce<'c>(
        volume: &'a Volume<K>,
        cells: impl Iterator<Item = &'c Cell<K>>,
        budget: u64,
        max_memory: u64,
        monitor: &Monitor,
    ) -> Result<Option<Pairs>> {
        let mut chains = Self { volume, columns: Columns::new() };
        let mut pairs = Pairs::new();
        for &((_, voxel), cell) in cells {
            let pivot = chains.reduce_cell(voxel, cell.into(), monitor)?;
            if pivot != voxel {
                pairs.push((voxel, pivot));
            }
            if chains.columns.work() > budget {
                return Ok(None);
            }
            chains.columns.check_memory(max_memory)?;
        }
        Ok(Some(pairs))
    }

    /// Reduces the chain of a critical cell; returns the voxel of its pivot.
    fn reduce_cell(&mut self, voxel: u32, cell: usize, monitor: &Monitor) -> Result<u32> {
        self.begin(voxel, cell);
        while let Some((voxel, mut cells)) = self.columns.pop(monitor)? {
            let star = LOWER_STARS.star(self.volume.state(voxel));
            loop {
                cells = self.flow(voxel, cells, star);
                let critical = cells & Self::critical(star);
                if critical == 0 {
                    debug_assert_eq!(cells, 0, "a chain without critical cells at a voxel goes on");
                    break;
                }
                let pivot = Self::pivot(critical);
                match self.columns.claimed(voxel, pivot) {
                    Some(other) => cells ^= self.columns.add(other, self.volume),
                    None => {
                        self.columns.keep(voxel, cells, pivot, monitor)?;
                        return Ok(voxel);
                    }
                }
            }
        }
        unreachable!("in a box every critical cell without a part in other degrees has a partner")
    }
}
