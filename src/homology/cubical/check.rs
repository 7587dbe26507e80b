//! Images that can be computed with.

use std::borrow::Cow;

use ndarray::ArrayViewD;
use rayon::prelude::*;

use super::options::{CubicalOptions, MAX_AXES};
use super::voxel::Voxel;
use crate::error::{Error, Result};
use crate::homology::field::check_prime;
use crate::monitor::Monitor;

/// Voxels are numbered by `u32`, and one number stands for none.
pub const NEVER_VOXELS: usize = u32::MAX as usize;

/// Refuses what no path can take; returns the number of degrees to look at.
pub fn check<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<usize> {
    check_prime(options.coeff)?;
    let (axes, shape) = (image.ndim(), image.shape());
    if !(1..=MAX_AXES).contains(&axes) {
        return Err(Error::invalid("image", "have 1 to 4 axes", format!("{axes}")));
    }
    if let Some(axis) = shape.iter().position(|&len| len == 0) {
        let found = format!("no voxels along axis {axis}");
        return Err(Error::invalid("image", "have no empty axis", found));
    }
    let periodic = options.periodic.len();
    if periodic != 0 && periodic != axes {
        let rule = format!("have one entry for each of {axes} axes");
        return Err(Error::invalid("periodic", rule, periodic));
    }
    if image.len() >= NEVER_VOXELS {
        let reason = format!("{} voxels are more than {}", image.len(), NEVER_VOXELS - 1);
        return Err(Error::Overflow { argument: "image", reason });
    }
    if let Some(maxdim) = options.maxdim.filter(|&maxdim| maxdim > axes) {
        return Err(Error::invalid("maxdim", format!("be at most {axes}, the axes"), maxdim));
    }
    if let Some(place) = place_of_nan(image, monitor)? {
        return Err(Error::invalid_at("image", "hold numbers", "NaN", place));
    }
    let torus = periodic > 0 && options.periodic.iter().all(|&wraps| wraps);
    let degrees = axes + usize::from(torus);
    Ok(options.maxdim.map_or(degrees, |maxdim| degrees.min(maxdim + 1)))
}

/// The voxels in the order of their flat indices.
pub fn in_order<'a, V: Voxel>(
    image: &'a ArrayViewD<'_, V>,
    monitor: &Monitor,
) -> Result<Cow<'a, [V]>> {
    if let Some(values) = image.as_slice() {
        return Ok(Cow::Borrowed(values));
    }
    let mut values = Vec::with_capacity(image.len());
    for row in image.rows() {
        monitor.check()?;
        values.extend(row);
    }
    Ok(Cow::Owned(values))
}

/// Index of the first voxel that is no number.
pub fn place_of_nan<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    monitor: &Monitor,
) -> Result<Option<Vec<usize>>> {
    const BLOCK: usize = 65_536;
    if let Some(values) = image.as_slice_memory_order() {
        let blocks = values.par_chunks(BLOCK).map(|block| {
            monitor.check()?;
            Ok(block.iter().fold(false, |found, value| found | value.is_nan()))
        });
        if !blocks.try_reduce(|| false, |some, more| Ok(some | more))? {
            return Ok(None);
        }
    }
    for (count, (index, value)) in image.indexed_iter().enumerate() {
        if count % BLOCK == 0 {
            monitor.check()?;
        }
        if value.is_nan() {
            return Ok(Some(ndarray::Dimension::slice(&index).to_vec()));
        }
    }
    Ok(None)
}
