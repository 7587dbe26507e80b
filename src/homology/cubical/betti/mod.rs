//! Betti numbers of sublevel sets of images, without diagrams.
//!
//! In a box of up to three axes, components, the Euler characteristic and, by
//! Alexander duality, the components of the rest that the set encloses are all there
//! is to know: β₁ = β₀ + β₂ − χ.
//!
//! * [`mask`]: the voxels of a sublevel set, one bit each.
//! * [`components`]: components of such a set, and of the rest.
//! * [`euler`]: the Euler characteristic, by counting runs of voxels.

mod components;
mod euler;
mod mask;

use components::{Neighbours, components, enclosed};
use euler::euler_characteristic;
use mask::Mask;
use ndarray::{Array2, Array3, ArrayViewD, Axis};
use rayon::prelude::*;

use super::check::{NEVER_VOXELS, in_order, place_of_nan};
use super::diagrams::cubical;
use super::options::{Construction, CubicalOptions, MAX_AXES};
use super::result::CubicalBar;
use super::voxel::Voxel;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// What to count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BettiOptions {
    /// What the voxels are.
    pub construction: Construction,
    /// Take voxels at thresholds and above, instead of below.
    pub superlevel: bool,
    /// The first axis counts images.
    pub batch: bool,
    /// Bytes that the job may take.
    pub max_memory: u64,
}

impl Default for BettiOptions {
    fn default() -> Self {
        Self {
            construction: Construction::V,
            superlevel: false,
            batch: false,
            max_memory: u64::MAX,
        }
    }
}

/// Betti numbers of images at thresholds.
#[derive(Debug, Clone, PartialEq)]
pub struct CubicalBetti {
    /// By image, threshold and degree, as many as there are axes.
    pub betti: Array3<i64>,
    /// Alternating sums, by image and threshold.
    pub euler: Array2<i64>,
}

/// The Betti numbers of sublevel sets of an image of one to four axes, or of several.
///
/// They do not depend on the field for up to three axes; for four, diagrams over Z/2
/// are counted. A threshold of +∞ means all voxels that ever enter.
pub fn cubical_betti<V: Voxel>(
    images: ArrayViewD<'_, V>,
    thresholds: &[f64],
    options: &BettiOptions,
    monitor: &Monitor,
) -> Result<CubicalBetti> {
    let images = if options.batch { images } else { images.insert_axis(Axis(0)) };
    let advice = "use fewer or smaller images, or fewer threads";
    monitor.allow(options.max_memory, "counting components", advice);
    check(&images, thresholds, options, monitor)?;
    let (len, axes) = (images.len_of(Axis(0)), images.ndim() - 1);
    let counts = match axes {
        MAX_AXES => of_bars(&images, thresholds, options, monitor)?,
        _ => of_masks(&images, thresholds, options, monitor)?,
    };
    let counts: Vec<i64> =
        counts.into_iter().flat_map(|betti| betti.into_iter().take(axes)).collect();
    let betti = Array3::from_shape_vec((len, thresholds.len(), axes), counts)
        .expect("as many numbers as axes for each image and threshold");
    let sign = |degree: usize| [1, -1][degree % 2];
    let euler = betti.map_axis(Axis(2), |betti| (0..).zip(betti).map(|(k, n)| sign(k) * n).sum());
    Ok(CubicalBetti { betti, euler })
}

type Betti = [i64; MAX_AXES];

/// One set after the other, each as bits.
fn of_masks<V: Voxel>(
    images: &ArrayViewD<'_, V>,
    thresholds: &[f64],
    options: &BettiOptions,
    monitor: &Monitor,
) -> Result<Vec<Betti>> {
    let values = in_order(images, monitor)?;
    let (len, shape) = (images.len_of(Axis(0)), box_of(&images.shape()[1..]));
    let voxels = shape.iter().product::<usize>();
    monitor.expect((len * thresholds.len()) as u64);
    (0..len * thresholds.len())
        .into_par_iter()
        .map(|job| {
            let (image, threshold) = (job / thresholds.len(), thresholds[job % thresholds.len()]);
            let values = &values[image * voxels..][..voxels];
            let mask = Mask::new(values, shape, threshold, options.superlevel, monitor)?;
            let betti = betti_of_mask(&mask, options.construction, monitor)?;
            monitor.advance(1)?;
            Ok(betti)
        })
        .collect()
}

/// Counts what is connected, and what is enclosed; the rest is the Euler characteristic.
fn betti_of_mask(mask: &Mask, construction: Construction, monitor: &Monitor) -> Result<Betti> {
    let (inside, outside) = match construction {
        Construction::V => (Neighbours::Faces, Neighbours::Corners),
        Construction::T => (Neighbours::Corners, Neighbours::Faces),
    };
    let parts = components(mask, inside, monitor)?;
    let cavities = enclosed(mask, outside, monitor)?;
    let tunnels = parts + cavities - euler_characteristic(mask, construction, monitor)?;
    Ok([parts, tunnels, cavities, 0])
}

/// The shape of a box of three axes: those of one voxel change nothing.
fn box_of(shape: &[usize]) -> [usize; 3] {
    let mut lengths = [1; 3];
    let long = shape.iter().rev().filter(|&&len| len > 1);
    lengths.iter_mut().rev().zip(long).for_each(|(length, &len)| *length = len);
    lengths
}

/// Counts bars at each threshold.
fn of_bars<V: Voxel>(
    images: &ArrayViewD<'_, V>,
    thresholds: &[f64],
    options: &BettiOptions,
    monitor: &Monitor,
) -> Result<Vec<Betti>> {
    let sign = if options.superlevel { -1.0 } else { 1.0 };
    let options = CubicalOptions {
        construction: options.construction,
        superlevel: options.superlevel,
        max_memory: options.max_memory,
        ..CubicalOptions::default()
    };
    let mut counts = Vec::with_capacity(images.len_of(Axis(0)) * thresholds.len());
    for image in images.outer_iter() {
        let bars = cubical(image, &options, monitor)?.bars;
        for threshold in thresholds {
            let alive = |bar: &&CubicalBar| {
                let [birth, at, death] = [bar.birth, *threshold, bar.death].map(|x| sign * x);
                birth <= at && (at < death || bar.death_voxel.is_none())
            };
            counts.push(std::array::from_fn(|k| bars[k].iter().filter(alive).count() as i64));
        }
    }
    Ok(counts)
}

/// Refuses what cannot be counted.
fn check<V: Voxel>(
    images: &ArrayViewD<'_, V>,
    thresholds: &[f64],
    options: &BettiOptions,
    monitor: &Monitor,
) -> Result<()> {
    let axes = images.ndim() - 1;
    if !(1..=MAX_AXES).contains(&axes) {
        let of = if options.batch { " after the one that counts images" } else { "" };
        return Err(Error::invalid("X", format!("have 1 to {MAX_AXES} axes{of}"), axes));
    }
    let skipped = usize::from(!options.batch);
    if let Some(axis) = images.shape()[1..].iter().position(|&len| len == 0) {
        let found = format!("no voxels along axis {}", axis + 1 - skipped);
        return Err(Error::invalid("X", "have no empty axis", found));
    }
    if let Some(place) = thresholds.iter().position(|threshold| threshold.is_nan()) {
        return Err(Error::invalid_at("thresholds", "be numbers", "NaN", [place]));
    }
    let voxels = images.shape()[1..].iter().product::<usize>();
    if voxels >= NEVER_VOXELS {
        let reason = format!("{voxels} voxels are more than {}", NEVER_VOXELS - 1);
        return Err(Error::Overflow { argument: "X", reason });
    }
    check_memory(images, voxels, options.max_memory)?;
    if let Some(place) = place_of_nan(images, monitor)? {
        return Err(Error::invalid_at("X", "hold numbers", "NaN", &place[skipped..]));
    }
    Ok(())
}

fn check_memory<V>(images: &ArrayViewD<'_, V>, voxels: usize, allowed: u64) -> Result<()> {
    // A bit and, where every other voxel is a component, a number of four bytes twice.
    const BYTES: u64 = 5;
    let at_once = rayon::current_num_threads() as u64;
    // Whoever calls from Python has a copy of the images made; others do if rows are not in order.
    let copy = (images.len() * size_of::<V>()) as u64;
    let needed = copy + at_once * BYTES * voxels as u64;
    Budget { allowed }.ask(
        format_args!("counting components of {voxels} voxels with {at_once} threads"),
        needed,
        format_args!("images of {} voxels would fit with one", allowed / BYTES),
    )?;
    Ok(())
}
