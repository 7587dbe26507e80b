//! Persistent homology of images in the plane, by joining components only.
//!
//! Loops around what has not entered yet are, by Alexander duality, the components
//! of the rest, with the outside as the eldest, seen backwards: a loop is born where
//! two of them meet and dies where the younger one of them began. Both kinds of
//! components meet at saddles:
//!
//! * [`order`]: which neighbours of a pixel come first, 64 pixels at a time.
//! * [`basins`]: pixels from which one descends, or climbs, to the same extremum.
//! * [`saddles`]: pixels at which components meet, by a table of surroundings.
//!
//! This is discrete Morse theory in the plane: all cells but extrema and saddles
//! are paired without looking further than to neighbours.

mod basins;
mod merges;
mod order;
mod saddles;
mod sort;

use basins::{Basins, OUTSIDE, Way};
use merges::{Link, Links, Merges, merge};
use order::Order;
use saddles::for_each_saddle;

use ndarray::ArrayViewD;

use super::result::{NEVER, Pairs};
use super::voxel::Voxel;
use super::{Construction, CubicalOptions};
use crate::arch::arch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Pairs of voxels in degrees 0 and 1, or only 0, by the order of births, over any field.
///
/// If pixels are vertices, sublevel sets are joined by edges and the rest across
/// corners too; if they are squares, the other way round. Where a link between arcs
/// of the side that is joined by edges joins nothing there, its gaps are joined.
pub fn pairs<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<Vec<Pairs>> {
    let image = image.as_standard_layout();
    let values = image.as_slice().expect("the layout is that of slices");
    let key = |voxel: u32| {
        let key = values[voxel as usize].key();
        if options.superlevel { !key } else { key }
    };
    let order = Order::new(values, shape(image.shape()), options.superlevel, monitor)?;
    check_memory(&order, options.max_memory)?;
    let up = options.construction == Construction::T;
    let arcs = Side::new(&order, Way { up, corners: false }, None, key, monitor)?;
    if !up && degrees < 2 {
        return Ok(vec![arcs.components()]);
    }
    let loops = Some(&arcs.merges.loops[..]);
    let gaps = Side::new(&order, Way { up: !up, corners: true }, loops, key, monitor)?;
    let (below, above) = if up { (gaps, arcs) } else { (arcs, gaps) };
    Ok([below.components(), above.loops()].into_iter().take(degrees).collect())
}

/// Height and width; a line is one row.
fn shape(shape: &[usize]) -> (usize, usize) {
    match *shape {
        [height, width] => (height, width),
        _ => (1, shape[0]),
    }
}

/// Refuses images with more extrema than there is room for.
fn check_memory(order: &Order, allowed: u64) -> Result<()> {
    // For each extremum of a row: up to two links with what sorts them, and two bars.
    const BYTES: u64 = 176;
    let extrema = order.extrema_of_rows();
    if extrema >= u64::from(basins::KNOWN) {
        let reason = format!("{extrema} extrema of rows are more than {}", basins::KNOWN - 1);
        return Err(Error::Overflow { argument: "image", reason });
    }
    let needed = order.bytes() + BYTES * extrema;
    if needed <= allowed {
        return Ok(());
    }
    Err(Error::TooLarge {
        job: format!("an image of {} × {} pixels", order.height, order.width),
        needed,
        allowed,
        advice: format!("an image of about {} pixels like it would fit", {
            let pixels = (order.height * order.width) as f64;
            (pixels * allowed as f64 / needed as f64) as u64
        }),
    })
}

/// One side of the saddles: the components of sublevel sets, or those of the rest.
struct Side {
    /// Voxels at which they begin, from the eldest to the youngest.
    extrema: Vec<u32>,
    merges: Merges,
}

impl Side {
    /// Joins components across all saddles, or only across those links whose arcs had
    /// met before.
    fn new<K: Copy + Ord + Into<u64>>(
        order: &Order,
        way: Way,
        only: Option<&[bool]>,
        key: impl Fn(u32) -> K + Copy,
        monitor: &Monitor,
    ) -> Result<Self> {
        let basins = Basins::new(order, way, key, monitor)?;
        let links = links(order, &basins, way, only, key, monitor)?;
        let merges = merge(basins.extrema.len(), &links, way.up, monitor)?;
        Ok(Self { extrema: basins.extrema, merges })
    }

    /// Components are born at their lowest voxel.
    fn components(self) -> Pairs {
        let mut pairs: Pairs = self.extrema.iter().map(|&voxel| (voxel, NEVER)).collect();
        for (voxel, younger) in self.merges.merges {
            pairs[younger as usize].1 = voxel;
        }
        pairs
    }

    /// Loops are born where components of the rest meet, seen backwards.
    fn loops(self) -> Pairs {
        let merges = self.merges.merges.iter().rev();
        merges.map(|&(voxel, younger)| (voxel, self.extrema[younger as usize])).collect()
    }
}

/// Links between the components of one side.
///
/// All arcs of a saddle are linked with the first one. This separates the gaps before
/// and after each of the others; where it does not, because the arcs had met already,
/// these two gaps are linked.
fn links<K>(
    order: &Order,
    basins: &Basins,
    way: Way,
    only: Option<&[bool]>,
    key: impl Fn(u32) -> K,
    monitor: &Monitor,
) -> Result<Links<K>> {
    let mut links = Links { keys: Vec::new(), links: Vec::new() };
    let arcs_are_higher = way.up != way.corners;
    let mut count = 0;
    for y in 0..order.height {
        monitor.check()?;
        arch().dispatch(
            #[inline(always)]
            || {
                for_each_saddle(order, arcs_are_higher, y, |x, around| {
                    let basin = |(dy, dx): (isize, isize)| {
                        let (y, x) = (y.wrapping_add_signed(dy), x.wrapping_add_signed(dx));
                        if y < order.height && x < order.width { basins.of(y, x) } else { OUTSIDE }
                    };
                    let voxel = (y * order.width + x) as u32;
                    for arc in 1..around.arcs as usize {
                        count += 1;
                        if only.is_some_and(|only| !only[count - 1]) {
                            continue;
                        }
                        let ends = if way.corners {
                            [basin(around.gap(arc - 1)), basin(around.gap(arc))]
                        } else {
                            [basin(around.arc(0)), basin(around.arc(arc))]
                        };
                        links.links.push(Link { voxel, ends });
                        links.keys.push(key(voxel));
                    }
                });
            },
        );
    }
    Ok(links)
}
