//! The order in which edges enter.

use std::borrow::Cow;

use rayon::prelude::*;

use super::RipsOptions;
use super::adjacency::adjacency_bytes;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph};

/// The edges of a space up to a threshold, sorted by (length, vertices).
///
/// The place of an edge is its *rank*. Ranks are distinct, so that a simplex
/// has exactly one longest edge; ties in length come back when bars of length
/// zero are dropped.
#[derive(Debug)]
pub struct Filtration {
    len: usize,
    edges: Vec<(u32, u32)>,
    lengths: Vec<f64>,
    threshold: f64,
}

impl Filtration {
    /// All pairs up to `threshold` or the enclosing radius.
    pub fn of_distances(
        distances: Cow<'_, Condensed>,
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let len = distances.len();
        let threshold = options.threshold.min(enclosing_radius(&distances, monitor)?);
        let kept = |d: f64| d <= threshold && d.is_finite();
        let mut count = 0;
        for i in 0..len {
            monitor.check()?;
            count += distances.row(i).iter().filter(|&&d| kept(d)).count();
        }
        check_memory(len, count, options)?;
        let mut edges = Vec::with_capacity(count);
        for i in 0..len {
            monitor.check()?;
            let row = distances.row(i).iter().zip(i as u32 + 1..).filter(|&(&d, _)| kept(d));
            edges.extend(row.map(|(&d, j)| edge(d, i as u32, j)));
        }
        drop(distances);
        Self::of_edges(len, &sorted(edges, monitor)?, threshold, monitor)
    }

    /// All edges of a graph up to the threshold.
    pub fn of_graph(graph: &Graph, options: &RipsOptions, monitor: &Monitor) -> Result<Self> {
        let threshold = options.threshold;
        check_memory(graph.len(), graph.edge_count(), options)?;
        let kept = graph.edges().filter(|&(_, _, d)| d <= threshold && d.is_finite());
        let edges = kept.map(|(i, j, d)| edge(d, i, j)).collect();
        Self::of_edges(graph.len(), &sorted(edges, monitor)?, threshold, monitor)
    }

    fn of_edges(len: usize, sorted: &[Edge], threshold: f64, monitor: &Monitor) -> Result<Self> {
        let mut edges = Vec::with_capacity(sorted.len());
        let mut lengths = Vec::with_capacity(sorted.len());
        for chunk in sorted.chunks(BLOCK) {
            monitor.check()?;
            edges.extend(chunk.iter().map(|&e| ((e >> 32) as u32, e as u32)));
            lengths.extend(chunk.iter().map(|&e| length(e)));
        }
        Ok(Self { len, edges, lengths, threshold })
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// The edges by rank, lower vertex first.
    pub fn edges(&self) -> &[(u32, u32)] {
        &self.edges
    }

    /// Length of the edge of a rank.
    pub fn length(&self, rank: u32) -> f64 {
        self.lengths[rank as usize]
    }

    /// The largest scale that matters.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }
}

/// The scale at which the first point has met all others.
fn enclosing_radius(distances: &Condensed, monitor: &Monitor) -> Result<f64> {
    let mut farthest = vec![0.0; distances.len()];
    for i in 0..distances.len() {
        monitor.check()?;
        let (to_i, later) = farthest[i..].split_first_mut().expect("i is a point");
        for (to_j, &d) in later.iter_mut().zip(distances.row(i)) {
            *to_i = f64::max(*to_i, d);
            *to_j = f64::max(*to_j, d);
        }
    }
    Ok(farthest.into_iter().fold(f64::INFINITY, f64::min))
}

/// Refuses a job whose edges and ranks alone exceed the limit.
fn check_memory(len: usize, edges: usize, options: &RipsOptions) -> Result<()> {
    const MOST: usize = u32::MAX as usize - 1;
    if edges > MOST {
        let reason = format!("{edges} edges cannot be numbered, {MOST} can; lower `threshold`");
        return Err(Error::Overflow { argument: "X", reason });
    }
    let needed = 2 * (edges * size_of::<Edge>()) as u64 + adjacency_bytes(len, edges);
    if needed <= options.max_memory {
        return Ok(());
    }
    let fits = (len as f64 * (options.max_memory as f64 / needed as f64).sqrt()) as usize;
    Err(Error::TooLarge {
        job: format!("a filtration of {len} points and {edges} edges"),
        needed,
        allowed: options.max_memory,
        advice: format!(
            "about {fits} points would fit: use `n_landmarks`, a lower `threshold` or maxdim=0"
        ),
    })
}

/// An edge as one number that sorts as it enters: the bits of its length (those
/// of non-negative floats sort as the floats do), then its vertices.
type Edge = u128;

fn edge(length: f64, low: u32, high: u32) -> Edge {
    // Adding 0.0 makes −0.0 positive.
    Edge::from((length + 0.0).to_bits()) << 64 | Edge::from(low) << 32 | Edge::from(high)
}

fn length(edge: Edge) -> f64 {
    f64::from_bits((edge >> 64) as u64)
}

/// Edges between two looks at the monitor, and about as many in a bucket.
const BLOCK: usize = 1 << 15;

/// Sorts edges: first into buckets between sampled ones, then each bucket, so
/// that a long sort can be stopped.
fn sorted(source: Vec<Edge>, monitor: &Monitor) -> Result<Vec<Edge>> {
    let splitters = splitters(&source, source.len() / BLOCK);
    let bucket_of = |e: &Edge| splitters.partition_point(|s| s <= e);
    let mut ends = vec![0; splitters.len() + 1];
    for chunk in source.chunks(BLOCK) {
        monitor.check()?;
        chunk.iter().for_each(|e| ends[bucket_of(e)] += 1);
    }
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    let mut target = vec![0; source.len()];
    for chunk in source.chunks(BLOCK) {
        monitor.check()?;
        for e in chunk {
            let end = &mut ends[bucket_of(e)];
            target[*end] = *e;
            *end += 1;
        }
    }
    drop(source);
    let mut buckets = Vec::with_capacity(ends.len());
    let (mut rest, mut start) = (target.as_mut_slice(), 0);
    for end in ends {
        let (bucket, tail) = rest.split_at_mut(end - start);
        buckets.push(bucket);
        (rest, start) = (tail, end);
    }
    buckets.into_par_iter().try_for_each(|bucket| {
        monitor.check()?;
        bucket.sort_unstable();
        Ok(())
    })?;
    Ok(target)
}

/// About `count` edges that cut all of them into parts of like size.
fn splitters(edges: &[Edge], count: usize) -> Vec<Edge> {
    const OVERSAMPLING: usize = 16;
    if count == 0 {
        return Vec::new();
    }
    // A fixed multiplicative sequence: no seed, no order that it could follow.
    let sample = (0..(count * OVERSAMPLING) as u64)
        .map(|k| edges[k.wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize % edges.len()]);
    let mut sample: Vec<Edge> = sample.collect();
    sample.sort_unstable();
    sample.into_iter().skip(OVERSAMPLING / 2).step_by(OVERSAMPLING).collect()
}
