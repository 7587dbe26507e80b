//! Finite metric spaces: what arrays become before a kernel sees them.
//!
//! A [`PointCloud`] holds rows and a [`Metric`]; [`Condensed`] holds all
//! pairwise distances; [`Graph`] holds the few that are there. A [`Space`] is
//! any of the three.

mod condensed;
mod covering;
mod distances;
mod distinct;
mod dtm;
mod geodesic;
mod graph;
mod landmarks;
mod mean;
mod medoid;
mod metric;
mod mirror;
mod neighbors;
mod points;
mod sparse;
mod square;
mod sum;

pub use condensed::{Condensed, is_distance};
pub use covering::covering_radii;
pub use distances::{check_pairs, pairwise, pairwise_bytes};
pub use distinct::{Number, count_distinct, distinct_rows};
pub use dtm::{DistancesToMeasure, distances_to_measure};
pub use geodesic::{Hops, geodesic_distances, geodesic_square};
pub use graph::Graph;
pub use landmarks::{Landmarks, farthest_points};
pub use mean::mean_distance;
pub(crate) use medoid::medoid_among;
pub use medoid::{Covering, covering, medoid};
pub use metric::Metric;
pub use mirror::{mirrored, square_distances};
pub use neighbors::neighbor_graph;
pub use points::PointCloud;
pub use sparse::{SparseRips, sparse_rips};
pub use square::read_square;
pub use sum::pairwise_sum;

use crate::error::Result;
use crate::monitor::Monitor;

/// A finite metric space in the form in which it was given.
#[derive(Debug, Clone)]
pub enum Space<'a> {
    /// Rows of an array under a metric.
    Points(PointCloud<'a>),
    /// All pairwise distances.
    Distances(Condensed),
    /// Some pairwise distances; a missing one is a missing edge.
    Graph(Graph),
}

impl Space<'_> {
    /// Number of points.
    pub fn len(&self) -> usize {
        match self {
            Space::Points(points) => points.len(),
            Space::Distances(distances) => distances.len(),
            Space::Graph(graph) => graph.len(),
        }
    }

    /// Whether there are no points at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The space on some of the points, which are distinct.
    pub fn select(&self, indices: &[usize], monitor: &Monitor) -> Result<Space<'static>> {
        Ok(match self {
            Space::Points(points) => Space::Points(points.select(indices)),
            Space::Distances(distances) => Space::Distances(distances.select(indices)),
            Space::Graph(graph) => Space::Graph(graph.select(indices, monitor)?),
        })
    }
}
