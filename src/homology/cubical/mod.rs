//! Persistent homology of images: cubical complexes on grids of voxels.
//!
//! Voxels are in a total order, by value, then flat index, and enter one by
//! one, with the cells that they complete. The pairs of voxels with which
//! classes come and go are thereby unique, whatever way finds them:
//!
//! * [`voxel`]: values, and integer keys in the same order.
//! * [`line`] and [`plane`]: images of one and two axes, by joining components only.
//! * [`volume`]: boxes of three axes over Z/2, by discrete gradients.
//! * [`any_grid`]: cohomology of any grid over any prime field.
//! * [`result`]: pairs of voxels, and the bars that they bound.
//! * [`diagrams`]: which of these ways is taken.
//! * [`betti`]: Betti numbers at thresholds, without diagrams.

mod any_grid;
mod betti;
mod check;
mod diagrams;
mod line;
mod options;
mod places;
mod plane;
mod result;
mod sort;
mod volume;
mod voxel;

pub use betti::{BettiOptions, CubicalBetti, cubical_betti};
pub use diagrams::{cubical, cubical_batch};
pub use options::{Construction, CubicalOptions, MAX_AXES};
pub use result::{CubicalBar, CubicalPersistence};
pub use voxel::Voxel;
