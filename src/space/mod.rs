//! Finite metric spaces: what arrays become before a kernel sees them.
//!
//! A [`PointCloud`] holds rows and a [`Metric`]; [`Condensed`] holds all
//! pairwise distances; [`Graph`] holds the few that are there. A [`Space`] is
//! any of the three.

mod candidates;
mod cells;
mod centred;
mod condensed;
mod covering;
mod directions;
mod distances;
mod distinct;
mod dtm;
mod eight;
mod few;
mod geodesic;
mod given;
mod graph;
pub(crate) mod kd_tree;
mod landmarks;
mod lists;
mod mean;
mod medoid;
mod metric;
mod mirror;
mod nearest;
mod neighbors;
mod pair_sums;
mod points;
mod rounding;
mod search;
mod separation;
mod singles;
mod sparse;
mod spatial_order;
mod square;
mod sum;
pub(crate) mod tile;
mod within;

pub use condensed::{Condensed, is_distance};
pub use covering::covering_radii;
pub use distances::{check_pairs, pairwise, pairwise_bytes};
pub use distinct::{Number, count_distinct, distinct_rows, first_copies};
pub use dtm::{DistancesToMeasure, distances_to_measure};
pub use geodesic::{Hops, geodesic_distances, geodesic_square};
pub use given::Space;
pub use graph::Graph;
pub(crate) use landmarks::distances_from;
pub use landmarks::{Landmarks, farthest_points};
pub use mean::mean_distance;
pub(crate) use medoid::medoid_among;
pub use medoid::{Covering, covering, medoid};
pub use metric::Metric;
pub use mirror::{mirrored, square_distances};
pub use neighbors::neighbor_graph;
pub use points::PointCloud;
pub use rounding::{Lazily, Rounding};
pub use separation::{Separation, separation};
pub use sparse::{SparseRips, sparse_rips};
pub use square::read_square;
pub use sum::pairwise_sum;
pub use within::{few_are_within, graph_within};
