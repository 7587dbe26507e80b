//! A space in the form in which it was given.

use super::{Condensed, Graph, PointCloud, distinct_rows, pairwise};
use crate::error::{Error, Result};
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

    /// By how much given numbers were off the distances that they were taken for.
    pub fn asymmetry(&self) -> f64 {
        match self {
            Space::Points(_) => 0.0,
            Space::Distances(distances) => distances.asymmetry(),
            Space::Graph(graph) => graph.asymmetry(),
        }
    }

    /// Index of the first of every set of points at distance zero, in order of
    /// appearance.
    pub fn distinct(&self, monitor: &Monitor) -> Result<Vec<usize>> {
        match self {
            Space::Points(points) => distinct_rows(points.rows(), monitor),
            Space::Distances(distances) => distances.distinct(monitor),
            Space::Graph(_) => Ok((0..self.len()).collect()),
        }
    }

    /// The same space by the distances of all pairs; those of points remember the metric.
    pub fn by_distances(&self, monitor: &Monitor) -> Result<Space<'static>> {
        match self {
            Space::Points(points) => {
                Ok(Space::Distances(pairwise(points, monitor)?.under(points.metric())))
            }
            Space::Distances(distances) => Ok(Space::Distances(distances.clone())),
            Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
        }
    }

    /// The space on some of the points, which are distinct.
    pub fn select(&self, indices: &[usize], monitor: &Monitor) -> Result<Space<'static>> {
        Ok(match self {
            Space::Points(points) => Space::Points(points.select(indices, monitor)?),
            Space::Distances(distances) => Space::Distances(distances.select(indices, monitor)?),
            Space::Graph(graph) => Space::Graph(graph.select(indices, monitor)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::space::Metric;

    #[test]
    fn distances_of_points_remember_their_metric() {
        let (monitor, rows) = (Monitor::new(), array![[0.0, 3.0], [4.0, 0.0], [0.0, 0.0]]);
        for (_, metric) in Metric::NAMES {
            let Ok(points) = PointCloud::new(rows.view(), metric, &monitor) else {
                continue; // a row has no direction
            };
            let given = Space::Points(points.clone());
            let Space::Distances(held) = given.by_distances(&monitor).unwrap() else {
                panic!("all distances are held")
            };
            let pairs = [(0, 1), (0, 2), (1, 2)].map(|(i, j)| points.distance(i, j));
            assert_eq!((held.values(), held.metric()), (&pairs[..], Some(metric)));
            let part = Space::Distances(held).select(&[2, 0], &monitor).unwrap();
            let Space::Distances(part) = part.by_distances(&monitor).unwrap() else {
                panic!("distances stay what they are")
            };
            assert_eq!((part.values(), part.metric()), (&pairs[1..2], Some(metric)));
        }
        let alone = Condensed::new(3, vec![1.0; 3]).unwrap();
        assert_eq!(alone.metric(), None);
        let graph = Graph::from_edges(3, &[(0, 1, 1.0)], &monitor).unwrap();
        let refused = Space::Graph(graph).by_distances(&monitor).unwrap_err().to_string();
        assert_eq!(refused, "`X` must not be sparse; found a sparse matrix");
    }
}
