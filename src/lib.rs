//! Kernels of topolens: what a trained network does to the topology of its data.
//!
//! The way of the data: rows under a metric become a finite metric space
//! ([`space`]), which a kernel turns into persistence diagrams or Betti numbers
//! ([`homology`]) or into weightings and magnitudes ([`magnitude`]). Diagrams become
//! curves, images and summaries ([`diagram`]). Predictions of many networks become a
//! metric space too ([`networks`]). Every long call takes a [`Monitor`] and can be
//! stopped.
//!
//! Kernels run on the current rayon pool: the global one, or the one in which the
//! caller has installed them. What they return is the same, bit for bit, at every
//! number of threads. On [`Workers`] what they take is counted and kept within a limit,
//! where [`memory::Counting`] is the global allocator. Arrays are those of [`ndarray`], which is exported here.
//!
//! ```
//! use topolens::ndarray::array;
//! use topolens::homology::{RipsOptions, rips};
//! use topolens::space::{Metric, PointCloud, Space};
//! use topolens::Monitor;
//!
//! let square = array![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
//! let space = Space::Points(PointCloud::new(square.view(), Metric::Euclidean, &Monitor::new())?);
//! let persistence = rips(&space, &RipsOptions::default(), &Monitor::new())?;
//! let hole = &persistence.bars[1][0];
//! assert_eq!((hole.birth, hole.death), (1.0, 2.0_f64.sqrt()));
//! # Ok::<(), topolens::Error>(())
//! ```

mod arch;
mod blocks;
mod budget;
pub mod diagram;
pub mod error;
#[cfg(feature = "gaps")]
pub mod gaps;
pub mod homology;
mod linalg;
pub mod magnitude;
pub mod memory;
pub mod monitor;
pub mod networks;
mod ones;
#[cfg(feature = "python")]
mod python;
mod sort;
pub mod space;
mod union_find;
pub mod workers;

pub use error::{Error, Result};
pub use monitor::Monitor;
pub use ndarray;
pub use workers::Workers;
