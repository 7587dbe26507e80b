//! Persistence diagrams as results: curves, landscapes, images and summaries.
//!
//! A diagram is a slice of bars `[birth, death)`. Functions of many diagrams work
//! on them side by side, with the same options for all.

mod bars;
mod betti;
mod groups;
mod image;
mod landscape;
mod statistics;

pub use betti::{betti_curves, betti_norms};
pub use groups::{joint_losses, multiplier_suprema};
pub use image::{ImageOptions, Pixels, image_bytes, persistence_images};
pub use landscape::{landscape_norms, landscapes, silhouettes};
pub use statistics::{
    SUMMARY_NAMES, bottleneck_norms, entropies, statistics, total_persistences, wasserstein_norms,
};
