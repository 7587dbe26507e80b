//! Persistence diagrams as results: curves, landscapes, images, summaries and
//! distances.
//!
//! A diagram is a slice of bars `[birth, death)`. Functions of many diagrams work
//! on them side by side, with the same options for all. Distances take rows (birth,
//! death), and put the points above the diagonal into a [`Diagram`].

mod assignment;
mod bars;
mod betti;
mod betti_numbers;
mod bottleneck;
mod cover;
mod ground;
mod groups;
mod image;
mod landscape;
mod landscape_distance;
mod matching;
mod matrix;
mod parts;
mod plane_tree;
mod priced_tree;
mod sliced;
mod statistics;
mod summaries;
mod universal_law;
mod wasserstein;

pub use betti::{betti_curves, betti_norms};
pub use betti_numbers::betti_numbers;
pub use bottleneck::{bottleneck, bottleneck_matching};
pub use groups::{joint_losses, multiplier_suprema};
pub use image::{ImageOptions, Pixels, image_bytes, persistence_images};
pub use landscape::{landscape_norms, landscapes, silhouettes};
pub use landscape_distance::{Landscape, landscape_distance};
pub use matching::{Matching, Pair};
pub use matrix::{DiagramMetric, distance, distance_matrix, matching};
pub use parts::Diagram;
pub use sliced::{Shadows, sliced_wasserstein};
pub use statistics::{
    SUMMARY_NAMES, bottleneck_norms, entropies, statistics, total_persistences, wasserstein_norms,
};
pub use summaries::{Summary, summaries};
pub use universal_law::{UniversalLaw, universal_law};
pub use wasserstein::{WassersteinOptions, wasserstein, wasserstein_matching};
