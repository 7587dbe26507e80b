//! Edges in the order in which they enter.

use std::ops::ControlFlow;

use super::lengths::{Edge, Lengths};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::Condensed;

/// Edges in the order in which they enter.
pub trait Entering<'a>: Sync {
    /// Number of vertices.
    fn len(&self) -> usize;

    /// Number of edges.
    fn edge_count(&self) -> usize;

    /// The largest scale that matters.
    fn threshold(&self) -> f64;

    /// Where lengths are looked up.
    fn lengths(&self) -> &Lengths<'a>;

    /// Bytes of the edges, and of the distances unless they are the input.
    fn bytes(&self) -> u64;

    /// The distances of all pairs, if edges enter by them alone.
    fn distances(&self) -> Option<&Condensed>;

    /// Visits the edges in a fixed order that is cheap: by rank, if ranks are known.
    fn for_each_unsorted(&self, monitor: &Monitor, visit: impl FnMut(Edge)) -> Result<()>;

    /// Visits the edges in order, several at a time, each with the one whose
    /// length is the scale at which it enters.
    fn for_each(
        &self,
        monitor: &Monitor,
        visit: impl FnMut(&[Edge], &[Edge]) -> Result<ControlFlow<()>>,
    ) -> Result<()>;
}

/// For each vertex what `entry` makes of a neighbour and the number of the edge
/// to it, ascending, one vertex after the other, and where each begins; edges
/// are numbered as [`Entering::for_each_unsorted`] visits them.
pub fn neighbor_lists<'a, T: Copy + Default + Ord>(
    filtration: &impl Entering<'a>,
    entry: impl Fn(u32, u32) -> T,
    monitor: &Monitor,
) -> Result<(Vec<usize>, Vec<T>)> {
    let mut starts = vec![0; filtration.len() + 2];
    filtration.for_each_unsorted(monitor, |edge| {
        edge.into_iter().for_each(|v| starts[v as usize + 2] += 1);
    })?;
    for i in 2..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut lists = monitor.filled(2 * filtration.edge_count(), T::default())?;
    let mut number = 0;
    filtration.for_each_unsorted(monitor, |[i, j]| {
        for (from, to) in [(i, j), (j, i)] {
            let end = &mut starts[from as usize + 1];
            lists[*end] = entry(to, number);
            *end += 1;
        }
        number += 1;
    })?;
    starts.pop();
    for i in 0..filtration.len() {
        monitor.check()?;
        lists[starts[i]..starts[i + 1]].sort_unstable();
    }
    Ok((starts, lists))
}
