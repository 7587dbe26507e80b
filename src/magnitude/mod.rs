//! Magnitude and weightings of finite metric spaces.
//!
//! At a scale t > 0 the similarity matrix of n points is Z with
//! Z_ij = exp(−t d_ij). A weighting w solves Zw = 1; the magnitude |tX| = Σ w_i is
//! the effective number of points at that scale (Leinster, Doc. Math. 18, 2013).
//! Its slope is d|tX|/dt = wᵀ(D∘Z)w, where D is the matrix of distances.
//!
//! ```
//! use topolens::Monitor;
//! use topolens::magnitude::{MagnitudeOptions, Similarities};
//! use topolens::ndarray::array;
//! use topolens::space::{Metric, PointCloud, Space};
//!
//! let pair = array![[0.0], [1.0]];
//! let space = Space::Points(PointCloud::new(pair.view(), Metric::Euclidean, &Monitor::new())?);
//! let similarities = Similarities::new(&space, &MagnitudeOptions::default(), &Monitor::new())?;
//! let weightings = similarities.solve(&[0.5, 2.0], &Monitor::new())?;
//! for found in weightings {
//!     // Two points at distance d are 2/(1 + exp(−td)) points.
//!     assert!((found.magnitude - 2.0 / (1.0 + (-found.t).exp())).abs() < 1e-12);
//! }
//! # Ok::<(), topolens::Error>(())
//! ```

mod area;
mod checks;
mod convergence;
mod copies;
mod definite;
mod dimension;
mod diversity;
mod grid;
mod max_diversity;
mod options;
mod outliers;
mod quadrature;
mod similarities;
mod solve;
mod vendi;
mod weighting;

pub use area::{Area, magnitude_area, magnitude_difference};
pub use convergence::{ConvergenceScale, convergence_scale};
pub use dimension::{Dimension, Part, dimensions_of_parts, line_points, magnitude_dimension};
pub use diversity::{diversity, spread};
pub use max_diversity::{MaxDiversity, max_diversity};
pub use options::{MagnitudeOptions, Method};
pub use outliers::{Outliers, Queries, outlier_scores};
pub use similarities::Similarities;
pub use vendi::{vendi_of_directions, vendi_of_kernel, vendi_of_space};
pub use weighting::Weighting;
