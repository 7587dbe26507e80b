//! The diagrams of an image, by the shortest way.

use ndarray::{ArrayViewD, Axis, Ix3};
use rayon::prelude::*;

use super::check::check;
use super::options::CubicalOptions;
use super::plane::Desks;
use super::result::{CubicalBar, CubicalPersistence, bars_of_pairs};
use super::voxel::Voxel;
use super::{any_grid, line, plane, volume};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Parts of the work that are reported as done, for every voxel.
const STAGES: u64 = 4;

/// The persistence diagrams of an image of one to four axes.
pub fn cubical<V: Voxel>(
    image: ArrayViewD<'_, V>,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<CubicalPersistence> {
    allow(options, monitor);
    of_image(image, options, &Desks::new(), monitor)
}

fn of_image<V: Voxel>(
    image: ArrayViewD<'_, V>,
    options: &CubicalOptions,
    desks: &Desks<V::Key>,
    monitor: &Monitor,
) -> Result<CubicalPersistence> {
    let degrees = check(&image, options, monitor)?;
    monitor.expect(STAGES * image.len() as u64);
    let (core, periodic) = without_flat_axes(&image, &options.periodic);
    let of_core = CubicalOptions { periodic, ..options.clone() };
    let mut bars = bars(&core, degrees.min(core.ndim() + 1), &of_core, desks, monitor)?;
    bars.resize(options.maxdim.map_or(degrees, |maxdim| maxdim + 1), Vec::new());
    Ok(CubicalPersistence { bars })
}

fn allow(options: &CubicalOptions, monitor: &Monitor) {
    let advice = "use fewer or smaller images, or lower `maxdim`";
    monitor.allow(options.max_memory, "cubical homology", advice);
}

/// Bars of the degrees 0, 1, … by the shortest way.
fn bars<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    desks: &Desks<V::Key>,
    monitor: &Monitor,
) -> Result<Vec<Vec<CubicalBar>>> {
    let is_box = !options.periodic.contains(&true);
    let work = image.len() as u64;
    let pairs = match image.ndim() {
        1 if is_box => {
            let pairs = line::pairs(image, options.superlevel, monitor)?;
            monitor.advance((STAGES - 1) * work)?;
            vec![pairs]
        }
        2 if is_box => {
            let bars = plane::bars(image, degrees.min(2), options, desks, monitor)?;
            monitor.advance(STAGES * work)?;
            return Ok(bars);
        }
        // Torsion is possible from degree 1 in space.
        3 if is_box && (options.coeff == 2 || degrees == 1) => {
            let boxed = image.view().into_dimensionality::<Ix3>().expect("it has three axes");
            volume::pairs(boxed, degrees, options, monitor)?
        }
        _ => {
            let pairs = any_grid::pairs(image, degrees, options, monitor)?;
            monitor.advance((STAGES - 2) * work)?;
            pairs
        }
    };
    let bars = bars_of_pairs(image, pairs, options.superlevel, monitor)?;
    monitor.advance(work)?;
    Ok(bars)
}

/// Without axes of one voxel, which change neither bars nor flat indices, unless
/// they are loops.
fn without_flat_axes<'a, V: Voxel>(
    image: &'a ArrayViewD<'_, V>,
    periodic: &[bool],
) -> (ArrayViewD<'a, V>, Vec<bool>) {
    let (mut core, mut periodic) = (image.view(), periodic.to_vec());
    for axis in (0..image.ndim()).rev() {
        let wraps = periodic.get(axis) == Some(&true);
        if core.ndim() > 1 && core.len_of(Axis(axis)) == 1 && !wraps {
            core = core.index_axis_move(Axis(axis), 0);
            if !periodic.is_empty() {
                periodic.remove(axis);
            }
        }
    }
    (core, periodic)
}

/// As [`cubical`], for several images side by side, which share the memory that is
/// left beside all of them.
pub fn cubical_batch<V: Voxel>(
    images: &[ArrayViewD<'_, V>],
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<Vec<CubicalPersistence>> {
    allow(options, monitor);
    let at_once = rayon::current_num_threads().min(images.len()).max(1) as u64;
    let inputs: usize = images.iter().map(|image| image.len() * size_of::<V>()).sum();
    let max_memory = options.max_memory.saturating_sub(inputs as u64) / at_once;
    let options = CubicalOptions { max_memory, ..options.clone() };
    let desks = Desks::new();
    let of_one = |(number, image): (usize, &ArrayViewD<'_, V>)| {
        of_image(image.view(), &options, &desks, monitor).map_err(|error| of_batch(number, error))
    };
    let all: Vec<_> = images.par_iter().enumerate().map(of_one).collect();
    all.into_iter().collect()
}

/// Says in which image a voxel breaks its rule.
fn of_batch(number: usize, error: Error) -> Error {
    match error {
        Error::Invalid { argument: "image", expected, found, mut index, advice } => {
            if !index.is_empty() {
                index.insert(0, number);
            }
            Error::Invalid { argument: "images", expected, found, index, advice }
        }
        error => error,
    }
}
