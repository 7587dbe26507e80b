//! Cohomology of images of any number of axes, periodic or not, over any field.
//!
//! * [`grid`]: cells in the order in which they enter, and what they bound.
//! * [`reduction`]: their coboundaries, reduced with clearing.

mod grid;
mod reduction;

use grid::Grid;
use ndarray::ArrayViewD;

use super::options::CubicalOptions;
use super::result::Pairs;
use super::voxel::Voxel;
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::field::{Modulo2, ModuloP};
use crate::monitor::Monitor;

/// Cohomology of all cells: for every grid and field.
pub fn pairs<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<Vec<Pairs>> {
    let grid = Grid::new(image, options, monitor)?;
    monitor.advance(image.len() as u64)?;
    let budget = Budget { allowed: options.max_memory };
    match options.coeff {
        2 => reduction::pairs(&grid, degrees, Modulo2, budget, monitor),
        prime => {
            let field = ModuloP::new(prime)?;
            reduction::pairs(&grid, degrees, field, budget, monitor)
        }
    }
}
