//! Persistent homology of images: cubical complexes on grids of voxels.
//!
//! Voxels are in a total order, by value, then flat index, and enter one by
//! one, with the cells that they complete. The pairs of voxels with which
//! classes come and go are thereby unique, whatever way finds them:
//!
//! * [`voxel`]: values, and integer keys in the same order.
//! * [`line`] and [`plane`]: images of one and two axes, by joining components only.
//! * [`volumes`]: boxes of three axes over Z/2. Cells that a voxel brings are paired
//!   with each other ([`lower_star`], [`volume`]), what is left over is [`critical`],
//!   gradients lead from that to [`extrema`], and [`tunnels`] come from [`chains`] that
//!   are reduced from below ([`cycles`]) or from above ([`cocycles`]).
//! * [`grid`] and [`reduction`]: cohomology of any grid over any prime field.
//! * [`result`]: pairs of voxels, and the bars that they bound.
//! * [`betti`]: Betti numbers at thresholds, without diagrams.

mod betti;
mod chains;
mod cocycles;
mod columns;
mod critical;
mod cycles;
mod elders;
mod extrema;
mod grid;
mod line;
mod lower_star;
mod places;
mod plane;
mod reduction;
mod result;
mod sort;
mod tunnels;
mod volume;
mod volumes;
mod voxel;

use ndarray::{ArrayViewD, Axis, Ix3};
use rayon::prelude::*;

pub use self::betti::{BettiOptions, CubicalBetti, cubical_betti};
use self::grid::Grid;
pub use self::result::{CubicalBar, CubicalPersistence};
use self::result::{Pairs, bars_of_pairs};
pub use self::voxel::Voxel;
use super::field::{Modulo2, ModuloP, check_prime};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Most axes of an image.
pub const MAX_AXES: usize = 4;

/// Parts of the work that are reported as done, for every voxel.
const STAGES: u64 = 4;

/// What the voxels are in the cubical complex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Construction {
    /// Vertices; a cell has the largest value of its vertices, and neighbours
    /// share a face (4 neighbours in the plane, 6 in space).
    V,
    /// Top cells; a cell has the least value of the voxels that it bounds, and
    /// neighbours share at least a corner (8 in the plane, 26 in space).
    T,
}

impl std::str::FromStr for Construction {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "V" => Ok(Self::V),
            "T" => Ok(Self::T),
            _ => Err(Error::invalid("construction", "be V or T", name)),
        }
    }
}

/// What to compute.
#[derive(Debug, Clone, PartialEq)]
pub struct CubicalOptions {
    /// What the voxels are.
    pub construction: Construction,
    /// Let voxels enter from the largest value down.
    pub superlevel: bool,
    /// Highest degree of homology; by default that of the last class there can
    /// be, one less than the axes of a box and as many as those of a torus.
    pub maxdim: Option<usize>,
    /// Coefficients are integers modulo this prime.
    pub coeff: u32,
    /// Whether the last voxel of an axis is next to the first: an entry for each
    /// axis, or none at all where no axis is periodic.
    pub periodic: Vec<bool>,
    /// Bytes that the job may take.
    pub max_memory: u64,
}

impl Default for CubicalOptions {
    fn default() -> Self {
        Self {
            construction: Construction::V,
            superlevel: false,
            maxdim: None,
            coeff: 2,
            periodic: Vec::new(),
            max_memory: u64::MAX,
        }
    }
}

/// The persistence diagrams of an image of one to four axes.
pub fn cubical<V: Voxel>(
    image: ArrayViewD<'_, V>,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<CubicalPersistence> {
    let degrees = check(&image, options, monitor)?;
    monitor.expect(STAGES * image.len() as u64);
    let (core, periodic) = without_flat_axes(&image, &options.periodic);
    let of_core = CubicalOptions { periodic, ..options.clone() };
    let mut bars = bars(&core, degrees.min(core.ndim() + 1), &of_core, monitor)?;
    bars.resize(options.maxdim.map_or(degrees, |maxdim| maxdim + 1), Vec::new());
    Ok(CubicalPersistence { bars })
}

/// Bars of the degrees 0, 1, … by the shortest way.
fn bars<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
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
            let bars = plane::bars(image, degrees.min(2), options, monitor)?;
            monitor.advance(STAGES * work)?;
            return Ok(bars);
        }
        // Torsion is possible from degree 1 in space.
        3 if is_box && (options.coeff == 2 || degrees == 1) => {
            let volume = image.view().into_dimensionality::<Ix3>().expect("it has three axes");
            volumes::pairs(volume, degrees, options, monitor)?
        }
        _ => by_reduction(image, degrees, options, monitor)?,
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
    let at_once = rayon::current_num_threads().min(images.len()).max(1) as u64;
    let inputs: usize = images.iter().map(|image| image.len() * size_of::<V>()).sum();
    let max_memory = options.max_memory.saturating_sub(inputs as u64) / at_once;
    let options = CubicalOptions { max_memory, ..options.clone() };
    let of_image = |(number, image): (usize, &ArrayViewD<'_, V>)| {
        cubical(image.view(), &options, monitor).map_err(|error| of_batch(number, error))
    };
    let all: Vec<_> = images.par_iter().enumerate().map(of_image).collect();
    all.into_iter().collect()
}

/// Says in which image a voxel breaks its rule.
fn of_batch(number: usize, error: Error) -> Error {
    match error {
        Error::Invalid { argument: "image", expected, found, mut index } => {
            if !index.is_empty() {
                index.insert(0, number);
            }
            Error::Invalid { argument: "images", expected, found, index }
        }
        error => error,
    }
}

/// Cohomology of all cells: for every grid and field.
fn by_reduction<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<Vec<Pairs>> {
    let grid = Grid::new(image, options, monitor)?;
    monitor.advance(image.len() as u64)?;
    let pairs = match options.coeff {
        2 => reduction::pairs(&grid, degrees, Modulo2, options.max_memory, monitor)?,
        prime => {
            let field = ModuloP::new(prime)?;
            reduction::pairs(&grid, degrees, field, options.max_memory, monitor)?
        }
    };
    monitor.advance((STAGES - 2) * image.len() as u64)?;
    Ok(pairs)
}

/// Refuses what no path can take; returns the number of degrees to look at.
fn check<V: Voxel>(
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

/// Index of the first voxel that is no number.
fn place_of_nan<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    monitor: &Monitor,
) -> Result<Option<Vec<usize>>> {
    const BLOCK: usize = 65_536;
    if let Some(values) = image.as_slice_memory_order() {
        let mut found = false;
        for block in values.chunks(BLOCK) {
            monitor.check()?;
            found |= block.iter().fold(false, |found, value| found | value.is_nan());
        }
        if !found {
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

/// Voxels are numbered by `u32`, and one number stands for none.
const NEVER_VOXELS: usize = u32::MAX as usize;
