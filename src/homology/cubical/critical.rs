//! The critical cells of a volume.

use rayon::prelude::*;

use super::lower_star::{LOWER_STARS, NOWHERE};
use super::sort::sorted;
use super::volume::{Place, Volume};
use crate::error::Result;
use crate::monitor::Monitor;

/// A critical edge or square: the voxel that brings it, and the corner or the
/// side of the link of that voxel.
pub type Cell<K> = (Place<K>, u8);

/// Critical cells in the order in which they enter.
pub struct Critical<K> {
    pub minima: Vec<Place<K>>,
    pub edges: Vec<Cell<K>>,
    pub squares: Vec<Cell<K>>,
    pub maxima: Vec<Place<K>>,
}

impl<K: Copy + Ord + Send + Sync + std::ops::Not<Output = K>> Critical<K> {
    /// Critical cells of all voxels.
    pub fn new(volume: &Volume<K>, monitor: &Monitor) -> Result<Self> {
        let slabs: Vec<Self> = volume
            .slabs()
            .into_par_iter()
            .map(|slab| {
                monitor.check()?;
                Ok(Self::of_slab(volume, slab))
            })
            .collect::<Result<_>>()?;
        macro_rules! all {
            ($cells:ident) => {
                sorted(
                    &slabs.iter().map(|slab| slab.$cells.as_slice()).collect::<Vec<_>>(),
                    monitor,
                )?
            };
        }
        Ok(Self {
            minima: all!(minima),
            edges: all!(edges),
            squares: all!(squares),
            maxima: all!(maxima),
        })
    }

    fn of_slab(volume: &Volume<K>, slab: std::ops::Range<usize>) -> Self {
        let mut found = Self { minima: vec![], edges: vec![], squares: vec![], maxima: vec![] };
        for (voxel, &state) in slab.clone().zip(volume.states(slab)) {
            let voxel = voxel as u32;
            if !LOWER_STARS.is_critical(state) || volume.in_margin(voxel) {
                continue;
            }
            let (star, place) = (LOWER_STARS.star(state), volume.place(voxel));
            if star.down == NOWHERE {
                found.minima.push(place);
            }
            let edges = (0..6).filter(|corner| star.critical_edges >> corner & 1 == 1);
            found.edges.extend(edges.map(|corner| (place, corner)));
            let squares = (0..12).filter(|side| star.critical_squares >> side & 1 == 1);
            found.squares.extend(squares.map(|side| (place, side)));
            if star.critical_cube {
                found.maxima.push(place);
            }
        }
        found
    }
}
