//! The lowest and the highest degree of a volume, by following the gradient.
//!
//! From both ends of a critical edge gradients lead down to minima, and the
//! edge joins what has grown around them. From both sides of a critical square
//! they lead up to maxima or to the outside, and the square, taken from the last
//! to the first, joins these (Delgado-Friedrichs, Robins, Sheppard, "Skeletonization
//! and partitioning of digital images using discrete Morse theory", IEEE Trans.
//! Pattern Anal. Mach. Intell. 37, 2015).

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

/// What a gradient leads to: for voxels, or for cubes by their first voxels.
struct Ends {
    /// Number of the end plus one.
    labels: Vec<u32>,
    way: Vec<u32>,
}

impl Ends {
    /// Extrema, the eldest first, are numbered from 1; 0 is the space around.
    fn new(len: usize, extrema: impl Iterator<Item = u32>) -> Self {
        let mut labels = vec![UNKNOWN; len];
        extrema.zip(2..).for_each(|(at, label)| labels[at as usize] = label);
        Self { labels, way: Vec::new() }
    }

    /// Follows `next` from `at` to its end, of which there is none outside.
    fn find(
        &mut self,
        mut at: u32,
        next: impl Fn(u32) -> Option<u32>,
        monitor: &Monitor,
    ) -> Result<u32> {
        let end = loop {
            match self.labels[at as usize] {
                UNKNOWN => self.way.push(at),
                label => break label,
            }
            if self.way.len().is_multiple_of(1 << 16) {
                monitor.check()?;
            }
            match next(at) {
                Some(then) => at = then,
                None => break 1,
            }
        };
        self.way.drain(..).for_each(|passed| self.labels[passed as usize] = end);
        Ok(end - 1)
    }
}

/// Components, which begin with minima and end with critical edges.
pub fn components<K: Key>(
    volume: &Volume<K>,
    critical: &Critical<K>,
    monitor: &Monitor,
) -> Result<Merges<K>> {
    let minima = &critical.minima;
    let mut ends = Ends::new(volume.len(), minima.iter().map(|&(_, voxel)| voxel));
    let mut elders = UnionFind::of_elders(minima.len() + 1);
    let down = |voxel: u32| {
        let star = LOWER_STARS.star(volume.state(voxel));
        (!volume.in_margin(voxel)).then(|| volume.step(voxel, star.down.into()))
    };
    let (mut pairs, mut rest) = (Pairs::new(), Vec::new());
    for &edge in &critical.edges {
        monitor.check()?;
        let ((_, voxel), corner) = edge;
        let here = ends.find(voxel, down, monitor)?;
        let there = ends.find(volume.step(voxel, corner.into()), down, monitor)?;
        match elders.merge(here, there) {
            Some(younger) => pairs.push((minima[younger as usize - 1].1, voxel)),
            None => rest.push(edge),
        }
    }
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
    let mut ends = Ends::new(volume.len(), maxima.iter().map(first_of_cube));
    let mut elders = UnionFind::of_elders(maxima.len() + 1);
    let up = |cube: u32| {
        let voxels = volume.cube(cube);
        let last = (0..8).max_by_key(|&at| volume.place(voxels[at])).expect("a cube has voxels");
        let voxel = voxels[last];
        let star = LOWER_STARS.star(volume.state(voxel));
        (!volume.in_margin(voxel)).then(|| volume.first_of_cube(voxel, star.exit[7 ^ last].into()))
    };
    let (mut pairs, mut rest) = (Pairs::new(), Vec::new());
    for &square in critical.squares.iter().rev() {
        monitor.check()?;
        let ((_, voxel), side) = square;
        let [here, there] = octants(side.into()).map(|octant| volume.first_of_cube(voxel, octant));
        let (here, there) = (ends.find(here, up, monitor)?, ends.find(there, up, monitor)?);
        match elders.merge(here, there) {
            Some(younger) => pairs.push((voxel, maxima[younger as usize - 1].1)),
            None => rest.push(square),
        }
    }
    if volume.is_dual() {
        pairs.extend(maxima.first().map(|&(_, voxel)| (NEVER, voxel)));
    }
    rest.reverse();
    Ok((pairs, rest))
}
