//! The critical cells of a volume.

use rayon::prelude::*;

use super::links::{Place, Volume};
use super::lower_star::{LOWER_STARS, NOWHERE};
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::cubical::sort::{Ranked, sorted};
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// Bytes for a critical cell while it is sorted and paired, and for its bar.
const BYTES_OF_CELL: u64 = 80;

/// A critical edge or square: the voxel that brings it, and the corner or the
/// side of the link of that voxel.
pub type Cell<K> = (Place<K>, u8);

impl<K: Key> Ranked for Place<K> {
    fn rank(&self) -> u64 {
        self.0.into()
    }
}

impl<K: Key> Ranked for Cell<K> {
    fn rank(&self) -> u64 {
        self.0.rank()
    }
}

/// Critical cells in the order in which they enter.
pub struct Critical<K> {
    pub minima: Vec<Place<K>>,
    pub edges: Vec<Cell<K>>,
    pub squares: Vec<Cell<K>>,
    pub maxima: Vec<Place<K>>,
}

impl<K: Key> Critical<K> {
    /// Critical cells of all voxels.
    pub fn new(volume: &Volume<K>, max_memory: u64, monitor: &Monitor) -> Result<Self> {
        let slabs: Vec<Self> = volume
            .slabs()
            .into_par_iter()
            .map(|slab| {
                monitor.check()?;
                Ok(Self::of_slab(volume, slab))
            })
            .collect::<Result<_>>()?;
        check_memory(slabs.iter().map(Self::bytes).sum(), max_memory)?;
        Ok(Self {
            minima: all(&slabs, |slab| &slab.minima, monitor)?,
            edges: all(&slabs, |slab| &slab.edges, monitor)?,
            squares: all(&slabs, |slab| &slab.squares, monitor)?,
            maxima: all(&slabs, |slab| &slab.maxima, monitor)?,
        })
    }

    /// Bytes that are needed for these cells, their pairs and bars.
    pub fn bytes(&self) -> u64 {
        let extrema = self.minima.len() + self.maxima.len();
        let cells = extrema + self.edges.len() + self.squares.len();
        BYTES_OF_CELL * cells as u64
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

/// Cells of one kind in the order in which they enter.
fn all<K, T: Ranked>(
    slabs: &[Critical<K>],
    of_slab: impl Fn(&Critical<K>) -> &[T],
    monitor: &Monitor,
) -> Result<Vec<T>> {
    sorted(&slabs.iter().map(of_slab).collect::<Vec<_>>(), monitor)
}

fn check_memory(needed: u64, allowed: u64) -> Result<()> {
    Budget { allowed }.take(
        format_args!("the pairing of {} critical cells", needed / BYTES_OF_CELL),
        needed,
        "use a smaller or smoother image, or `cubical_betti`",
    )?;
    Ok(())
}
