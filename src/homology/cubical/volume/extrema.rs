//! The lowest and the highest degree of a volume, by following the gradient.
//!
//! From both ends of a critical edge gradients lead down to minima, and the
//! edge joins what has grown around them. From both sides of a critical square
//! they lead up to maxima or to the outside, and the square, taken from the last
//! to the first, joins these (Delgado-Friedrichs, Robins, Sheppard, "Skeletonization
//! and partitioning of digital images using discrete Morse theory", IEEE Trans.
//! Pattern Anal. Mach. Intell. 37, 2015).

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::critical::{Cell, Critical};
use super::links::{Place, Volume};
use super::lower_star::{LOWER_STARS, octants};
use crate::error::Result;
use crate::homology::cubical::result::{NEVER, Pairs};
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;
use crate::union_find::UnionFind;

/// Pairs of one degree, and the critical edges or squares that have no part in
/// them.
pub type Merges<K> = (Pairs, Vec<Cell<K>>);

/// Numbers the space around, and is no label of a voxel that was not looked at.
const UNKNOWN: u32 = 0;

/// What a gradient leads to: for voxels, or for cubes by their first voxels. Threads
/// that pass the same place write the same label.
struct Ends {
    /// Number of the end plus one.
    labels: Vec<AtomicU32>,
}

/// Cells that a thread takes at a time.
const AT_ONCE: usize = 1 << 10;

impl Ends {
    /// Extrema, the eldest first, are numbered from 1; 0 is the space around.
    fn new(len: usize, extrema: impl Iterator<Item = u32>, monitor: &Monitor) -> Result<Self> {
        let labels: Vec<_> = vec![UNKNOWN; len].into_iter().map(AtomicU32::new).collect();
        for (at, label) in extrema.zip(2..) {
            monitor.check()?;
            labels[at as usize].store(label, Relaxed);
        }
        Ok(Self { labels })
    }

    /// The two ends of each cell, from where gradients begin.
    fn of_cells<K: Key>(
        &self,
        cells: &[Cell<K>],
        begin: impl Fn(&Cell<K>) -> [u32; 2] + Sync,
        next: impl Fn(u32) -> Option<u32> + Sync,
        monitor: &Monitor,
    ) -> Result<Vec<[u32; 2]>> {
        let mut ends = vec![[0; 2]; cells.len()];
        let blocks = ends.par_chunks_mut(AT_ONCE).zip(cells.par_chunks(AT_ONCE));
        blocks.try_for_each_init(Vec::new, |way, (ends, cells)| {
            for (ends, cell) in ends.iter_mut().zip(cells) {
                monitor.check()?;
                let [here, there] = begin(cell);
                *ends =
                    [self.find(here, &next, way, monitor)?, self.find(there, &next, way, monitor)?];
            }
            Ok(())
        })?;
        Ok(ends)
    }

    /// Follows `next` from `at` to its end, of which there is none outside.
    fn find(
        &self,
        mut at: u32,
        next: impl Fn(u32) -> Option<u32>,
        way: &mut Vec<u32>,
        monitor: &Monitor,
    ) -> Result<u32> {
        let end = loop {
            match self.labels[at as usize].load(Relaxed) {
                UNKNOWN => way.push(at),
                label => break label,
            }
            if way.len().is_multiple_of(1 << 16) {
                monitor.check()?;
            }
            match next(at) {
                Some(then) => at = then,
                None => break 1,
            }
        };
        way.drain(..).for_each(|passed| self.labels[passed as usize].store(end, Relaxed));
        Ok(end - 1)
    }
}

/// Joins components along cells in their order; `end` is told the younger one and where
/// it ends. Returns the cells whose components had met before.
fn merge<K: Key>(
    components: usize,
    cells: impl Iterator<Item = (Cell<K>, [u32; 2])>,
    mut end: impl FnMut(usize, u32),
    monitor: &Monitor,
) -> Result<Vec<Cell<K>>> {
    let mut elders = UnionFind::of_elders(components);
    let mut rest = Vec::new();
    for (cell, [here, there]) in cells {
        monitor.check()?;
        match elders.merge(here, there) {
            Some(younger) => end(younger as usize, cell.0.1),
            None => rest.push(cell),
        }
    }
    Ok(rest)
}

/// Components, which begin with minima and end with critical edges.
pub fn components<K: Key>(
    volume: &Volume<K>,
    critical: &Critical<K>,
    monitor: &Monitor,
) -> Result<Merges<K>> {
    let minima = &critical.minima;
    let ends = Ends::new(volume.len(), minima.iter().map(|&(_, voxel)| voxel), monitor)?;
    let down = |voxel: u32| {
        let star = LOWER_STARS.star(volume.state(voxel));
        (!volume.in_margin(voxel)).then(|| volume.step(voxel, star.down.into()))
    };
    let begin = |&((_, voxel), corner): &Cell<K>| [voxel, volume.step(voxel, corner.into())];
    let ends = ends.of_cells(&critical.edges, begin, down, monitor)?;
    let mut pairs = Pairs::new();
    let end = |younger: usize, voxel| pairs.push((minima[younger - 1].1, voxel));
    let edges = critical.edges.iter().copied().zip(ends);
    let rest = merge(minima.len() + 1, edges, end, monitor)?;
    if !volume.is_dual() {
        pairs.extend(minima.first().map(|&(_, voxel)| (voxel, NEVER)));
    }
    Ok((pairs, rest))
}

/// Cavities, which begin with critical squares and end with maxima.
pub fn cavities<K: Key>(
    volume: &Volume<K>,
    critical: &Critical<K>,
    monitor: &Monitor,
) -> Result<Merges<K>> {
    let maxima: Vec<Place<K>> = critical.maxima.iter().rev().copied().collect();
    let first_of_cube = |&(_, voxel): &Place<K>| {
        let star = LOWER_STARS.star(volume.state(voxel));
        volume.first_of_cube(voxel, star.exit[0].into())
    };
    let ends = Ends::new(volume.len(), maxima.iter().map(first_of_cube), monitor)?;
    let up = |cube: u32| {
        let voxels = volume.cube(cube);
        let last = voxels.map(|voxel| volume.packed(voxel)).into_iter().max();
        let voxel = K::voxel(last.expect("a cube has voxels"));
        let last = voxels.iter().position(|&other| other == voxel).expect("it is one of them");
        let star = LOWER_STARS.star(volume.state(voxel));
        (!volume.in_margin(voxel)).then(|| volume.first_of_cube(voxel, star.exit[7 ^ last].into()))
    };
    let begin = |&((_, voxel), side): &Cell<K>| {
        octants(side.into()).map(|octant| volume.first_of_cube(voxel, octant))
    };
    let ends = ends.of_cells(&critical.squares, begin, up, monitor)?;
    let mut pairs = Pairs::new();
    let end = |younger: usize, voxel| pairs.push((voxel, maxima[younger - 1].1));
    let squares = critical.squares.iter().copied().zip(ends).rev();
    let mut rest = merge(maxima.len() + 1, squares, end, monitor)?;
    if volume.is_dual() {
        pairs.extend(maxima.first().map(|&(_, voxel)| (NEVER, voxel)));
    }
    rest.reverse();
    Ok((pairs, rest))
}
