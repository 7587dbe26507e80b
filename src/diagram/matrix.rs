//! Distances of all pairs of diagrams.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::landscape_distance::{Landscape, landscape_distance};
use super::parts::{Diagram, SHORTEST, check_memory};
use super::sliced::{Shadows, sliced_wasserstein};
use super::{
    Matching, WassersteinOptions, bottleneck, bottleneck_matching, wasserstein,
    wasserstein_matching,
};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// How two diagrams are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DiagramMetric {
    /// The bottleneck distance, with a relative error of at most `delta`.
    Bottleneck {
        /// The relative error.
        delta: f64,
    },
    /// The Wasserstein distance.
    Wasserstein(WassersteinOptions),
    /// The sliced Wasserstein distance.
    Sliced {
        /// Number of lines.
        directions: usize,
    },
    /// The L^p distance of the first landscapes.
    Landscape {
        /// Number of landscapes.
        levels: usize,
        /// The exponent, which may be infinite.
        p: f64,
    },
}

/// A diagram, with what is computed of it once.
enum Prepared {
    Points(Diagram),
    Shadows(Diagram, Shadows),
    Landscape(Diagram, Landscape),
}

impl DiagramMetric {
    fn prepare(self, diagram: Diagram, monitor: &Monitor) -> Result<Prepared> {
        Ok(match self {
            DiagramMetric::Bottleneck { .. } | DiagramMetric::Wasserstein(_) => {
                Prepared::Points(diagram)
            }
            DiagramMetric::Sliced { directions } => {
                let shadows = Shadows::new(&diagram, directions, monitor)?;
                Prepared::Shadows(diagram, shadows)
            }
            DiagramMetric::Landscape { levels, .. } => {
                let landscape = Landscape::new(&diagram, levels, monitor)?;
                Prepared::Landscape(diagram, landscape)
            }
        })
    }

    fn between(self, a: &Prepared, b: &Prepared, monitor: &Monitor) -> Result<f64> {
        match (self, a, b) {
            (DiagramMetric::Bottleneck { delta }, Prepared::Points(a), Prepared::Points(b)) => {
                bottleneck(a, b, delta, monitor)
            }
            (DiagramMetric::Wasserstein(options), Prepared::Points(a), Prepared::Points(b)) => {
                wasserstein(a, b, options, monitor)
            }
            (_, Prepared::Shadows(a, of_a), Prepared::Shadows(b, of_b)) => {
                sliced_wasserstein((a, of_a), (b, of_b), monitor)
            }
            (
                DiagramMetric::Landscape { p, .. },
                Prepared::Landscape(a, of_a),
                Prepared::Landscape(b, of_b),
            ) => landscape_distance((a, of_a), (b, of_b), p, monitor),
            _ => unreachable!("all are prepared for the same metric"),
        }
    }

    /// Bytes of a diagram with `len` rows that is ready to be compared.
    fn bytes(self, len: usize) -> u64 {
        let more = match self {
            DiagramMetric::Bottleneck { .. } | DiagramMetric::Wasserstein(_) => 0,
            DiagramMetric::Sliced { directions } => Shadows::bytes(len, directions),
            DiagramMetric::Landscape { levels, .. } => Landscape::bytes(len, levels),
        };
        Diagram::bytes(len) + more
    }
}

/// The distance of two diagrams.
pub fn distance(
    a: ArrayView2<'_, f64>,
    b: ArrayView2<'_, f64>,
    metric: DiagramMetric,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<f64> {
    let needed = metric.bytes(a.nrows()) + metric.bytes(b.nrows()) + pair_bytes(&a, &b);
    check_memory("the distance of two diagrams", needed, max_memory)?;
    monitor.allow(max_memory, "the distance of two diagrams", SHORTEST);
    let a = metric.prepare(Diagram::new(a, "a", monitor)?, monitor)?;
    let b = metric.prepare(Diagram::new(b, "b", monitor)?, monitor)?;
    metric.between(&a, &b, monitor)
}

/// The bottleneck or Wasserstein distance of two diagrams, with a matching.
pub fn matching(
    a: ArrayView2<'_, f64>,
    b: ArrayView2<'_, f64>,
    metric: DiagramMetric,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Matching> {
    let needed = metric.bytes(a.nrows()) + metric.bytes(b.nrows()) + pair_bytes(&a, &b);
    check_memory("the matching of two diagrams", needed, max_memory)?;
    monitor.allow(max_memory, "the matching of two diagrams", SHORTEST);
    let (a, b) = (Diagram::new(a, "a", monitor)?, Diagram::new(b, "b", monitor)?);
    match metric {
        DiagramMetric::Bottleneck { delta } => bottleneck_matching(&a, &b, delta, monitor),
        DiagramMetric::Wasserstein(options) => wasserstein_matching(&a, &b, options, monitor),
        _ => Err(Error::invalid("metric", "be one that matches points", "another one")),
    }
}

/// The symmetric matrix of the distances of all pairs, pairs in parallel.
pub fn distance_matrix(
    diagrams: &[ArrayView2<'_, f64>],
    metric: DiagramMetric,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Array2<f64>> {
    let len = diagrams.len();
    let prepared: u64 = diagrams.iter().map(|rows| metric.bytes(rows.nrows())).sum();
    let most = diagrams.iter().max_by_key(|rows| rows.nrows());
    let working =
        most.map_or(0, |rows| pair_bytes(rows, rows)) * rayon::current_num_threads() as u64;
    let needed = prepared + working + 8 * (len * len) as u64;
    check_memory(format_args!("the distances of {len} diagrams"), needed, max_memory)?;
    monitor.allow(max_memory, "the distances of diagrams", SHORTEST);
    let prepare = |rows: &ArrayView2<'_, f64>| {
        metric.prepare(Diagram::new(rows.view(), "diagrams", monitor)?, monitor)
    };
    let prepared: Vec<_> = diagrams.par_iter().map(prepare).collect::<Result<_>>()?;
    monitor.expect((len * len.saturating_sub(1) / 2) as u64);
    let mut matrix = Array2::zeros((len, len));
    let rows = matrix.as_slice_mut().expect("it is contiguous").par_chunks_mut(len.max(1));
    rows.enumerate().try_for_each(|(i, row)| {
        row[..i].par_iter_mut().enumerate().try_for_each(|(j, distance)| {
            // The earlier one first, as if it were called by itself.
            *distance = metric.between(&prepared[j], &prepared[i], monitor)?;
            monitor.advance(1)
        })
    })?;
    for i in 0..len {
        for j in 0..i {
            matrix[[j, i]] = matrix[[i, j]];
        }
    }
    Ok(matrix)
}

/// Bytes that a comparison takes beside the diagrams.
fn pair_bytes(a: &ArrayView2<'_, f64>, b: &ArrayView2<'_, f64>) -> u64 {
    PAIR_BYTES * (a.nrows() + b.nrows()) as u64
}

/// Mates, prices, labels and heaps, for each point.
const PAIR_BYTES: u64 = 96;
