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
//! * [`merges`]: the elder rule, for what is known of a part of the image.
//! * [`side`]: one kind of components, in [`strips`] of rows and then across them.
//!
//! This is discrete Morse theory in the plane: all cells but extrema and saddles
//! are paired without looking further than to neighbours.

mod basins;
mod merges;
mod order;
mod saddles;
mod side;
mod strips;

use basins::Way;
use merges::Keyed;
use order::Order;
pub use side::Desks;
use side::Side;
use strips::Strips;

use ndarray::{ArrayViewD, Axis};

use super::check::in_order;
use super::options::{Construction, CubicalOptions};
use super::result::{CubicalBar, bars_of_rows, row};
use super::voxel::Voxel;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Bars of degrees 0 and 1, or of degree 0 only, over any field.
pub fn bars<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    desks: &Desks<V::Key>,
    monitor: &Monitor,
) -> Result<Vec<Vec<CubicalBar>>> {
    bars_by_strips(image, degrees, Strips::default(), options, desks, monitor)
}

/// If pixels are vertices, sublevel sets are joined by edges and the rest across
/// corners too; if they are squares, the other way round. Where a link between arcs
/// of the side that is joined by edges joins nothing there, its gaps are joined.
fn bars_by_strips<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    strips: Strips,
    options: &CubicalOptions,
    desks: &Desks<V::Key>,
    monitor: &Monitor,
) -> Result<Vec<Vec<CubicalBar>>> {
    let (height, width) = (image.len_of(Axis(0)), image.len_of(Axis(1)));
    let values = &*in_order(image, monitor)?;
    let superlevel = options.superlevel;
    let keyed = |voxel: u32| Keyed { key: values[voxel as usize].entry_key(superlevel), voxel };
    let place = |voxel: Keyed<V::Key>| (voxel.key, voxel.voxel);
    let component = |extremum, end| row::<V>(place(extremum), Some(place(end)), superlevel);
    let hole = |extremum, end| row::<V>(place(end), Some(place(extremum)), superlevel);
    let order = Order::new(values, (height, width), superlevel, monitor)?;
    let strips = strips.of(height, width);
    check_memory(&order, strips.len(), options.max_memory, monitor)?;
    let side = |up, corners| Side { order: &order, way: Way { up, corners }, strips: &strips };
    let (mut below, above);
    if options.construction == Construction::V {
        below = side(false, false).merge(None, keyed, component, desks, monitor)?;
        above = match degrees {
            1 => None,
            _ => Some(side(true, true).merge(Some(&below.loops), keyed, hole, desks, monitor)?),
        };
    } else {
        let arcs = side(true, false).merge(None, keyed, hole, desks, monitor)?;
        below = side(false, true).merge(Some(&arcs.loops), keyed, component, desks, monitor)?;
        above = Some(arcs);
    }
    below.rows.push(row::<V>(place(below.eldest), None, superlevel).into_iter().collect());
    let above = above.filter(|_| degrees > 1);
    let sides = [Some(below), above].into_iter().flatten();
    sides.map(|side| bars_of_rows::<V>(&side.rows, monitor)).collect()
}

/// Refuses images with more extrema than there is room for.
fn check_memory(order: &Order, strips: usize, allowed: u64, monitor: &Monitor) -> Result<()> {
    // For each extremum of a row: two classes while they are sorted, and their bars; or the
    // classes of the strips, and at most two links with what joins them for each thread.
    const OF_CLASSES: f64 = 176.0;
    const OF_ROWS: f64 = 48.0;
    const OF_LINKS: f64 = 160.0;
    let extrema = order.extrema_of_rows(monitor)?;
    if extrema >= u64::from(basins::KNOWN) {
        let reason = format!("{extrema} extrema of rows are more than {}", basins::KNOWN - 1);
        return Err(Error::Overflow { argument: "image", reason });
    }
    let share = (rayon::current_num_threads() as f64 / strips as f64).min(1.0);
    let each = OF_CLASSES.max(OF_ROWS + share * OF_LINKS);
    let needed = order.bytes() + (each * extrema as f64) as u64;
    let pixels = (order.height * order.width) as f64;
    let fits = (pixels * allowed as f64 / needed as f64) as u64;
    Budget { allowed }.ask(
        format_args!("an image of {} × {} pixels", order.height, order.width),
        needed,
        format_args!("an image of about {fits} pixels like it would fit"),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::homology::cubical::any_grid;
    use crate::homology::cubical::result::bars_of_pairs;

    /// Images of few and of many values, with plateaus and without, and with pixels
    /// that never enter.
    fn image() -> impl Strategy<Value = Array2<f32>> {
        let shape = prop_oneof![
            (Just(1), 1..80_usize),
            (1..80_usize, Just(1)),
            (Just(2), Just(2)),
            (1..30_usize, 1..30_usize),
            (2..9_usize, 60..140_usize),
        ];
        (shape, 0..4_u32).prop_flat_map(|((height, width), kind)| {
            let value = match kind {
                0 => (-1.0..1.0_f32).boxed(),
                1 => (0..4_i8).prop_map(f32::from).boxed(),
                2 => (-1.0..1.0_f32).prop_map(|x| x.max(0.0)).boxed(),
                _ => prop_oneof![
                    4 => (0..9_i8).prop_map(f32::from),
                    1 => Just(f32::INFINITY),
                    1 => Just(f32::NEG_INFINITY),
                ]
                .boxed(),
            };
            prop::collection::vec(value, height * width)
                .prop_map(move |values| Array2::from_shape_vec((height, width), values).unwrap())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn strips_and_threads_change_nothing(image in image()) {
            let monitor = Monitor::new();
            let image = image.into_dyn();
            let image = image.view();
            let pools = [1, 2, 3, 7].map(|threads| {
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
            });
            for (construction, superlevel) in [
                (Construction::V, false),
                (Construction::V, true),
                (Construction::T, false),
                (Construction::T, true),
            ] {
                let options =
                    CubicalOptions { construction, superlevel, ..CubicalOptions::default() };
                let pairs = any_grid::pairs(&image, 2, &options, &monitor).unwrap();
                let expected = bars_of_pairs(&image, pairs, superlevel, &monitor).unwrap();
                for (pool, (pixels, rows)) in pools.iter().cycle().zip([
                    (1, 1),
                    (1, 2),
                    (1, 3),
                    (100, 1),
                    (500, 5),
                    (1 << 17, 32),
                ]) {
                    let (strips, desks) = (Strips { pixels, rows }, Desks::new());
                    for degrees in [1, 2] {
                        let found = pool.install(|| {
                            bars_by_strips(&image, degrees, strips, &options, &desks, &monitor).unwrap()
                        });
                        prop_assert_eq!(&found[..], &expected[..degrees]);
                    }
                }
            }
        }
    }

    #[test]
    fn strips_have_all_rows_once() {
        for (height, width) in [(1, 1), (1, 500), (500, 1), (7, 3), (32, 10), (33, 10), (100, 4)] {
            for (pixels, rows) in [(1, 1), (1, 4), (20, 1), (1 << 17, 32)] {
                let strips = Strips { pixels, rows }.of(height, width);
                let rows_in_order: Vec<usize> = strips.iter().cloned().flatten().collect();
                assert!(rows_in_order.into_iter().eq(0..height));
                assert!(strips.iter().all(|strip| strip.len() >= rows.min(height)));
            }
        }
    }
}
