//! A space read once, at all scales.

use std::borrow::Cow;

use super::copies::Copies;
use super::dense::Dense;
use super::grid::grid;
use super::{MagnitudeOptions, Weighting};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph, Space, pairwise, pairwise_bytes};

/// The similarity matrices of a space: copies of points merged, distances at
/// hand.
///
/// Pairs without a distance count as infinitely far from each other.
#[derive(Debug, Clone)]
pub struct Similarities<'a> {
    copies: Copies,
    distances: Cow<'a, Condensed>,
    options: MagnitudeOptions,
}

impl<'a> Similarities<'a> {
    /// Reads a space; refuses one without points.
    pub fn new(
        space: &'a Space<'_>,
        options: &MagnitudeOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        if !(options.tol > 0.0 && options.tol < 1.0) {
            return Err(Error::invalid("tol", "be above 0 and below 1", options.tol));
        }
        if space.is_empty() {
            return Err(Error::invalid("X", "have at least one point", 0));
        }
        check_memory(space.len(), options.max_memory)?;
        let distances = match space {
            Space::Points(points) => Cow::Owned(pairwise(points, monitor)?),
            Space::Distances(distances) => Cow::Borrowed(distances),
            Space::Graph(graph) => Cow::Owned(with_infinite_gaps(graph)?),
        };
        let copies = Copies::of_distances(&distances, monitor)?;
        let distances = copies.merge_distances(distances);
        Ok(Self { copies, distances, options: options.clone() })
    }

    /// Number of given points.
    pub fn len(&self) -> usize {
        self.copies.len()
    }

    /// Whether there are no points, which is never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of points at positive distances from each other.
    pub fn n_distinct(&self) -> usize {
        self.copies.distinct()
    }

    /// Ascending scales from where the space looks like one point to where it
    /// looks like all of them, by the distances of at most 256 points, evenly
    /// spread over the distinct ones, to all.
    ///
    /// The ratio is a root of 2, or a power, so that there are at most 32 scales.
    /// The first scale is log(1.1) over the largest distance, where a space with
    /// positive weights has magnitude 1.1 at most; at the last the mean over the
    /// points of their similarities to others is at most 1/19, so that a space
    /// with positive definite Z has at least 0.95 times its number of points.
    pub fn grid(&self, monitor: &Monitor) -> Result<Vec<f64>> {
        const ROWS: usize = 256;
        let len = self.n_distinct();
        let count = len.min(ROWS);
        let rows = (0..count).map(|k| {
            monitor.check()?;
            let i = k * len / count;
            Ok((0..len).filter(|&j| j != i).map(|j| self.distances.get(i, j)).collect())
        });
        Ok(grid(&rows.collect::<Result<Vec<_>>>()?))
    }

    /// How weightings at so many scales will be computed, in words.
    pub fn explain(&self, scales: usize) -> String {
        format!("{} distinct points, {scales} scales: Cholesky factors", self.n_distinct())
    }

    /// The weightings at all of these scales, in this order.
    pub fn solve(&self, ts: &[f64], monitor: &Monitor) -> Result<Vec<Weighting>> {
        ts.iter().enumerate().try_for_each(|(k, &t)| check_scale("ts", t, &[k]))?;
        monitor.expect(ts.len() as u64);
        let dense = Dense::new(&self.distances, self.options.tol);
        let solve = |&t: &f64| {
            let mut weighting = dense.solve(t, monitor)?;
            weighting.weights = self.copies.share(&weighting.weights);
            monitor.advance(1)?;
            Ok(weighting)
        };
        ts.iter().map(solve).collect()
    }

    /// Z x, by the float64 distances.
    pub fn apply(&self, t: f64, x: &[f64], monitor: &Monitor) -> Result<Vec<f64>> {
        check_scale("t", t, &[])?;
        if x.len() != self.len() {
            return Err(Error::invalid("x", format!("have {} entries", self.len()), x.len()));
        }
        let dense = Dense::new(&self.distances, self.options.tol);
        let products = dense.apply(t, &self.copies.gather(x), monitor)?;
        Ok(self.copies.spread(&products.similarity))
    }
}

fn check_scale(name: &'static str, t: f64, index: &[usize]) -> Result<()> {
    if t > 0.0 && t.is_finite() {
        return Ok(());
    }
    Err(Error::invalid_at(name, "be positive and finite", t, index))
}

fn with_infinite_gaps(graph: &Graph) -> Result<Condensed> {
    let len = graph.len();
    let mut values = Vec::with_capacity(len * len.saturating_sub(1) / 2);
    for i in 0..len {
        let start = values.len();
        values.resize(start + len - i - 1, f64::INFINITY);
        for (&j, &d) in graph.neighbors(i).iter().zip(graph.weights(i)) {
            if j as usize > i {
                values[start + j as usize - i - 1] = d;
            }
        }
    }
    Condensed::new(len, values)
}

/// Refuses points whose distances and matrices exceed the limit.
fn check_memory(len: usize, max_memory: u64) -> Result<()> {
    let needed = pairwise_bytes(len) + crate::linalg::Symmetric::bytes(len);
    if needed <= max_memory {
        return Ok(());
    }
    let fits = (max_memory as f64 / 8.0).sqrt() as usize;
    Err(Error::TooLarge {
        job: format!("the magnitude of {len} points"),
        needed,
        allowed: max_memory,
        advice: format!("that of {fits} points would fit"),
    })
}
