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

use basins::{Basins, OUTSIDE, Way};
use merges::{Keyed, Link, Merges, merge};
use order::Order;
use saddles::{Surroundings, for_each_saddle};

use ndarray::{ArrayViewD, Axis};

use super::check::in_order;
use super::options::{Construction, CubicalOptions};
use super::result::CubicalBar;
use super::voxel::Voxel;
use crate::arch::arch;
use crate::blocks::{blocks, mapped};
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// Bars of degrees 0 and 1, or of degree 0 only, over any field.
///
/// If pixels are vertices, sublevel sets are joined by edges and the rest across
/// corners too; if they are squares, the other way round. Where a link between arcs
/// of the side that is joined by edges joins nothing there, its gaps are joined.
pub fn bars<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<Vec<Vec<CubicalBar>>> {
    let shape = (image.len_of(Axis(0)), image.len_of(Axis(1)));
    let values = &*in_order(image, monitor)?;
    let superlevel = options.superlevel;
    let keyed = |voxel: u32| Keyed { key: values[voxel as usize].entry_key(superlevel), voxel };
    let order = Order::new(values, shape, superlevel, monitor)?;
    check_memory(&order, options.max_memory, monitor)?;
    let up = options.construction == Construction::T;
    let arcs = Side::new(&order, Way { up, corners: false }, None, keyed, monitor)?;
    if !up && degrees < 2 {
        return Ok(vec![sorted_bars::<V>(&arcs.components(monitor)?, superlevel, monitor)?]);
    }
    let loops = Some(&arcs.merges.loops[..]);
    let gaps = Side::new(&order, Way { up: !up, corners: true }, loops, keyed, monitor)?;
    let (below, above) = if up { (gaps, arcs) } else { (arcs, gaps) };
    let pairs = [below.components(monitor)?, above.loops(monitor)?];
    let of_degrees = pairs.iter().take(degrees);
    of_degrees.map(|pairs| sorted_bars::<V>(pairs, superlevel, monitor)).collect()
}

/// Birth and death.
type Pair<K> = (Keyed<K>, Option<Keyed<K>>);

/// Bars by their values, from pairs in the order of their births.
fn sorted_bars<V: Voxel>(
    pairs: &[Pair<V::Key>],
    superlevel: bool,
    monitor: &Monitor,
) -> Result<Vec<CubicalBar>> {
    let value = |key: V::Key| V::of_key(if superlevel { !key } else { key }).to_f64();
    let infinity = if superlevel { f64::NEG_INFINITY } else { f64::INFINITY };
    let bar = |&(birth, death): &Pair<V::Key>| {
        // Voxels at infinity never enter.
        let death = death.filter(|death| value(death.key) != infinity);
        let lives = value(birth.key) != infinity && death.is_none_or(|death| birth.key < death.key);
        lives.then(|| CubicalBar {
            birth: value(birth.key),
            death: death.map_or(infinity, |death| value(death.key)),
            birth_voxel: birth.voxel,
            death_voxel: death.map(|death| death.voxel),
        })
    };
    let mut bars = mapped(pairs, bar, monitor)?;
    if superlevel {
        bars.reverse();
    }
    for ties in bars.chunk_by_mut(|a, b| a.birth == b.birth) {
        let voxels = |bar: &CubicalBar| (bar.birth_voxel, bar.death_voxel);
        let by_death = |a: &CubicalBar, b: &CubicalBar| {
            a.death.total_cmp(&b.death).then_with(|| voxels(a).cmp(&voxels(b)))
        };
        sort_by(ties, by_death, monitor)?;
    }
    Ok(bars)
}

/// Refuses images with more extrema than there is room for.
fn check_memory(order: &Order, allowed: u64, monitor: &Monitor) -> Result<()> {
    // For each extremum of a row: up to two links with what sorts them, and two bars.
    const BYTES: u64 = 176;
    let extrema = order.extrema_of_rows(monitor)?;
    if extrema >= u64::from(basins::KNOWN) {
        let reason = format!("{extrema} extrema of rows are more than {}", basins::KNOWN - 1);
        return Err(Error::Overflow { argument: "image", reason });
    }
    let needed = order.bytes() + BYTES * extrema;
    let pixels = (order.height * order.width) as f64;
    let fits = (pixels * allowed as f64 / needed as f64) as u64;
    Budget { allowed }.ask(
        format_args!("an image of {} × {} pixels", order.height, order.width),
        needed,
        format_args!("an image of about {fits} pixels like it would fit"),
    )?;
    Ok(())
}

/// One side of the saddles: the components of sublevel sets, or those of the rest.
struct Side<K> {
    /// Where they begin, from the eldest to the youngest.
    extrema: Vec<Keyed<K>>,
    merges: Merges<K>,
}

impl<K: Copy + Ord + Into<u64>> Side<K> {
    /// Joins components across all saddles, or only across those links whose arcs had
    /// met before.
    fn new(
        order: &Order,
        way: Way,
        only: Option<&[bool]>,
        keyed: impl Fn(u32) -> Keyed<K> + Copy,
        monitor: &Monitor,
    ) -> Result<Self> {
        let basins = Basins::new(order, way, keyed, monitor)?;
        let links = links(order, &basins, way, only, keyed, monitor)?;
        let merges = merge(basins.extrema.len(), &links, way.up, monitor)?;
        Ok(Self { extrema: basins.extrema, merges })
    }

    /// Components are born at their lowest voxel.
    fn components(&self, monitor: &Monitor) -> Result<Vec<Pair<K>>> {
        let mut pairs = mapped(&self.extrema, |&birth| Some((birth, None)), monitor)?;
        for block in blocks(&self.merges.merges, monitor) {
            block?.iter().for_each(|&(at, younger)| pairs[younger as usize].1 = Some(at));
        }
        Ok(pairs)
    }

    /// Loops are born where components of the rest meet, seen backwards.
    fn loops(&self, monitor: &Monitor) -> Result<Vec<Pair<K>>> {
        let pair = |&(at, younger): &(_, u32)| Some((at, Some(self.extrema[younger as usize])));
        let mut pairs = mapped(&self.merges.merges, pair, monitor)?;
        pairs.reverse();
        Ok(pairs)
    }
}

/// Links between the components of one side.
///
/// All arcs of a saddle are linked with the first one. This separates the gaps before
/// and after each of the others; where it does not, because the arcs had met already,
/// these two gaps are linked.
fn links<K: Copy + Into<u64>>(
    order: &Order,
    basins: &Basins<K>,
    way: Way,
    only: Option<&[bool]>,
    keyed: impl Fn(u32) -> Keyed<K>,
    monitor: &Monitor,
) -> Result<Vec<Link<K>>> {
    let arcs_are_higher = way.up != way.corners;
    let (mut links, mut count) = (Vec::new(), 0);
    for y in 0..order.height {
        monitor.check()?;
        arch().dispatch(
            #[inline(always)]
            || {
                let visit = |x: usize, around: &Surroundings| {
                    let basin = |(dy, dx): (isize, isize)| {
                        let (y, x) = (y.wrapping_add_signed(dy), x.wrapping_add_signed(dx));
                        if y < order.height && x < order.width { basins.of(y, x) } else { OUTSIDE }
                    };
                    let at = keyed((y * order.width + x) as u32);
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
                        links.push(Link { at, ends });
                    }
                };
                for_each_saddle(order, arcs_are_higher, y, visit);
            },
        );
    }
    Ok(links)
}
