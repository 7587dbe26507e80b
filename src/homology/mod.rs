//! Persistent homology of spaces and of images, Betti numbers at one scale,
//! minimum spanning trees, what they keep of classes, and sums over the bars of
//! degree zero.
//!
//! Vietoris-Rips complexes, here of six points around a circle:
//!
//! ```
//! use topolens::Monitor;
//! use topolens::homology::{RipsOptions, rips};
//! use topolens::ndarray::Array2;
//! use topolens::space::{Metric, PointCloud, Space};
//!
//! let corners = Array2::from_shape_fn((6, 2), |(i, axis)| {
//!     let angle = std::f64::consts::TAU * i as f64 / 6.0;
//!     [angle.cos(), angle.sin()][axis]
//! });
//! let points = PointCloud::new(corners.view(), Metric::Euclidean, &Monitor::new())?;
//! let found = rips(&Space::Points(points), &RipsOptions::default(), &Monitor::new())?;
//! assert_eq!((found.bars[0].len(), found.bars[1].len()), (6, 1));
//! assert!((found.bars[1][0].death - 3.0_f64.sqrt()).abs() < 1e-12);
//! # Ok::<(), topolens::Error>(())
//! ```
//!
//! Cubical complexes, here of a ring of low pixels around a high one:
//!
//! ```
//! use topolens::Monitor;
//! use topolens::homology::{CubicalOptions, cubical};
//! use topolens::ndarray::array;
//!
//! let image = array![[0.0, 1.0, 0.0], [1.0, 5.0, 1.0], [0.0, 1.0, 0.0]];
//! let found = cubical(image.view().into_dyn(), &CubicalOptions::default(), &Monitor::new())?;
//! assert_eq!(found.bars[0].len(), 4);
//! assert_eq!((found.bars[1][0].birth, found.bars[1][0].death), (1.0, 5.0));
//! # Ok::<(), topolens::Error>(())
//! ```

mod bits;
mod cubical;
mod field;
mod hops;
mod lifetimes;
mod pieces;
mod pivots;
mod rips;
pub mod spanning_tree;

pub use crate::union_find::UnionFind;
pub use cubical::{
    BettiOptions, Construction, CubicalBar, CubicalBetti, CubicalOptions, CubicalPersistence,
    MAX_AXES, Voxel, cubical, cubical_batch, cubical_betti,
};
pub use field::{Field, Modulo2, ModuloP, check_prime};
pub use hops::{HopBetti, HopOptions, hop_betti};
pub use lifetimes::lifetime_sums;
pub use pieces::{Pieces, pieces_among_others};
pub use rips::{
    Bar, Cocycle, Engine, MAX_DIMENSION, Persistence, Plan, RipsOptions, Rows, rips, rips_batch,
};
