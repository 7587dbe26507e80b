//! Whether similarities are positive definite at every scale.

use super::solve::sample::reach;
use super::solve::tiles::Source;
use crate::error::Result;
use crate::linalg::{Cholesky, Symmetric};
use crate::monitor::Monitor;
use crate::space::{Metric, Space};

/// Under all metrics by name but one Z is positive definite at every scale: they, or
/// their squares, are sums of absolute values or of squares (Schoenberg 1938).
pub fn by_name(space: &Space<'_>) -> bool {
    let metric = match space {
        Space::Points(points) => Some(points.metric()),
        Space::Distances(distances) => distances.metric(),
        Space::Graph(_) => None,
    };
    metric.is_some_and(|metric| metric != Metric::Chebyshev)
}

/// Whether Cholesky factors prove it of distances: Z is positive definite at every scale
/// if d_0i + d_0j − d_ij is, i, j > 0 (Schoenberg 1938).
pub fn by_factors(source: &Source<'_>, monitor: &Monitor) -> Result<bool> {
    let len = source.len().saturating_sub(1);
    let Some((_, longest)) = reach(source, monitor)? else { return Ok(false) };
    let first: Vec<f64> = (1..=len).map(|i| source.get(0, i) / longest).collect();
    if !first.iter().all(|d| d.is_finite()) {
        return Ok(false);
    }
    // What rounding may hide is taken off the diagonal.
    let rounding = 8.0 * len as f64 * f64::EPSILON;
    let entry = |i: usize, j: usize| match i == j {
        true => 2.0 * first[i] - rounding,
        // Infinite distances leave no factors.
        false => first[i] + first[j] - source.get(j + 1, i + 1) / longest,
    };
    Ok(Cholesky::new(Symmetric::from_fn(len, monitor, entry)?, monitor)?.is_some())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use ndarray::Array2;

    use super::*;
    use crate::space::{Condensed, PointCloud, pairwise};

    fn proves(distances: Condensed) -> bool {
        by_factors(&Source::Held(Cow::Owned(distances)), &Monitor::new()).unwrap()
    }

    #[test]
    fn distances_are_known_by_the_metric_of_their_points() {
        let rows = Array2::from_shape_fn((3, 2), |(i, k)| (1 + k + i * (k + 2)) as f64);
        let distances = |metric| {
            let points = PointCloud::new(rows.view(), metric, &Monitor::new()).unwrap();
            Space::Points(points).by_distances(&Monitor::new()).unwrap()
        };
        for (_, metric) in Metric::NAMES {
            assert_eq!(by_name(&distances(metric)), metric != Metric::Chebyshev, "{metric:?}");
        }
        let Space::Distances(held) = distances(Metric::Euclidean) else { unreachable!() };
        let of_nobody = Condensed::new(3, held.values().to_vec()).unwrap();
        assert!(!by_name(&Space::Distances(of_nobody)));
    }

    #[test]
    fn distances_of_points_are_proven_and_hops_are_not() {
        let monitor = Monitor::new();
        let rows =
            Array2::from_shape_fn((400, 3), |(i, k)| ((i * i * (k + 2) + 13 * i) as f64).sin());
        let cloud = |metric| PointCloud::new(rows.view(), metric, &monitor).unwrap();
        for metric in [Metric::Euclidean, Metric::Cityblock] {
            assert!(proves(pairwise(&cloud(metric), &monitor).unwrap()), "{metric:?}");
        }
        assert!(!proves(pairwise(&cloud(Metric::Chebyshev), &monitor).unwrap()));
        let pairs = |far: f64| {
            let pair = |i: usize, j: usize| if (i < 3) == (j < 3) { far } else { 1.0 };
            (0..5).flat_map(|i| (i + 1..5).map(move |j| pair(i, j))).collect()
        };
        // The complete bipartite graph on 3 + 2 vertices, and without edges within.
        assert!(!proves(Condensed::new(5, pairs(2.0)).unwrap()));
        assert!(!proves(Condensed::new(5, pairs(f64::INFINITY)).unwrap()));
        assert!(proves(Condensed::new(5, pairs(1.0)).unwrap()));
    }
}
