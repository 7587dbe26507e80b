//! The order in which edges enter.
//!
//! * [`lengths`]: edges, and where their lengths are looked up.
//! * [`order`]: sorted by them, a group at a time.
//! * [`entering`]: what those who follow the edges may ask.
//! * [`ranking`]: all edges by rank, for those who need them more than once.

mod entering;
mod lengths;
mod order;
mod ranking;

use std::borrow::Cow;
use std::ops::ControlFlow;

pub use self::entering::{Entering, neighbor_lists};
use self::lengths::enclosing_radius;
pub use self::lengths::{Edge, Lengths};
use self::order::Groups;
use self::ranking::{Edges, NARROW};
pub use self::ranking::{NO_EDGE, Ranking, ranking_bytes, table_bytes};
use super::options::RipsOptions;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph};

/// The edges of a space up to a threshold, in the order (length, vertices), in
/// which no two are equal.
///
/// The place of an edge is its *rank*. Ranks are distinct, so that a simplex
/// has exactly one longest edge; ties in length come back when bars of length
/// zero are dropped. The edges are sorted whenever they are visited, a part at
/// a time, so that they take little room; [`Ranking`] keeps them.
#[derive(Debug)]
pub struct Filtration<'a> {
    lengths: Lengths<'a>,
    threshold: f64,
    /// The enclosing radius, infinite if there is none; unknown for graphs.
    radius: Option<f64>,
    /// Whether a point is joined to all others.
    is_cone: bool,
    count: usize,
    groups: Groups,
}

impl<'a> Filtration<'a> {
    /// All pairs up to `threshold` or the enclosing radius.
    pub fn of_distances(
        distances: Cow<'a, Condensed>,
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let lengths = Lengths::All(distances);
        let radius = enclosing_radius(&lengths, monitor)?;
        let threshold = options.threshold.min(radius);
        let is_cone = radius <= threshold && radius.is_finite();
        Self::new(lengths, threshold, (Some(radius), is_cone), options, monitor)
    }

    /// All edges of a graph up to the threshold.
    pub fn of_graph(graph: &'a Graph, options: &RipsOptions, monitor: &Monitor) -> Result<Self> {
        let threshold = options.threshold;
        let mut is_cone = false;
        for v in 0..graph.len() {
            monitor.check()?;
            let lengths = graph.weights(v);
            let has_all = || lengths.iter().all(|&d| is_kept(d, threshold));
            is_cone = is_cone || lengths.len() + 1 == graph.len() && has_all();
        }
        Self::new(Lengths::Some(graph), threshold, (None, is_cone), options, monitor)
    }

    fn new(
        lengths: Lengths<'a>,
        threshold: f64,
        (radius, is_cone): (Option<f64>, bool),
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let (count, groups) = Groups::new(&lengths, |d| is_kept(d, threshold), monitor)?;
        let filtration = Self { lengths, threshold, radius, is_cone, count, groups };
        filtration.check_memory(options)?;
        Ok(filtration)
    }

    /// Refuses a job whose edges alone exceed the limit.
    fn check_memory(&self, options: &RipsOptions) -> Result<()> {
        const MOST: usize = u32::MAX as usize - 1;
        let edges = self.count;
        if edges > MOST {
            let reason = format!("{edges} edges cannot be numbered, {MOST} can; lower `threshold`");
            return Err(Error::Overflow { argument: "X", reason });
        }
        check_memory(self, self.bytes(), options)
    }

    /// Whether a point is joined to all others: longer edges then change nothing.
    pub fn is_cone(&self) -> bool {
        self.is_cone
    }

    /// Whether a longer edge would join some point to all others.
    pub fn will_be_cone(&self) -> bool {
        self.radius.is_some_and(f64::is_finite) && !self.is_cone
    }

    /// Which points have an edge.
    pub fn joined(&self, monitor: &Monitor) -> Result<Vec<bool>> {
        let mut joined = vec![self.is_cone; self.len()];
        if !self.is_cone {
            self.for_each_unsorted(monitor, |edge| {
                edge.into_iter().for_each(|v| joined[v as usize] = true);
            })?;
        }
        Ok(joined)
    }

    /// All edges by rank, and the points that are `joined` alone.
    pub fn ranking(self, joined: &[bool], monitor: &Monitor) -> Result<Ranking<'a>> {
        let mut edges = Edges::with_capacity(self.len(), self.count);
        self.for_each(monitor, |more, _| {
            more.iter().for_each(|&edge| edges.push(edge));
            Ok(ControlFlow::Continue(()))
        })?;
        Ranking::new(self.lengths, self.threshold, edges, joined, monitor)
    }
}

/// Refuses a job on a filtration that needs more than it may take.
pub fn check_memory(filtration: &Filtration<'_>, needed: u64, options: &RipsOptions) -> Result<()> {
    let allowed = options.max_memory;
    let (len, edges) = (filtration.len(), filtration.edge_count());
    let fits = (len as f64 * (allowed as f64 / needed as f64).sqrt()) as usize;
    Budget { allowed }.ask(
        format_args!("a filtration of {len} points and {edges} edges"),
        needed,
        format_args!(
            "about {fits} points would fit: use `n_landmarks`, `epsilon`, a lower `threshold` or \
             maxdim=0"
        ),
    )?;
    Ok(())
}

fn is_kept(length: f64, threshold: f64) -> bool {
    length <= threshold && length.is_finite()
}

impl<'a> Entering<'a> for Filtration<'a> {
    fn len(&self) -> usize {
        self.lengths.len()
    }

    fn edge_count(&self) -> usize {
        self.count
    }

    fn threshold(&self) -> f64 {
        self.threshold
    }

    fn lengths(&self) -> &Lengths<'a> {
        &self.lengths
    }

    fn bytes(&self) -> u64 {
        let key = if self.len() <= NARROW { size_of::<u64>() } else { size_of::<u128>() };
        // With the half that they are given to grow.
        (self.groups.at_once(self.count) * key) as u64 * 3 / 2 + self.lengths.bytes()
    }

    fn distances(&self) -> Option<&Condensed> {
        match &self.lengths {
            Lengths::All(distances) => Some(distances),
            Lengths::Some(_) => None,
        }
    }

    fn for_each_unsorted(&self, monitor: &Monitor, mut visit: impl FnMut(Edge)) -> Result<()> {
        self.lengths.for_each_row(0..self.len(), monitor, |low, row| {
            row.for_each(|high, d| {
                if is_kept(d, self.threshold) {
                    visit([low, high]);
                }
            });
        })
    }

    fn for_each(
        &self,
        monitor: &Monitor,
        mut visit: impl FnMut(&[Edge], &[Edge]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let kept = |d| is_kept(d, self.threshold);
        let visit = |edges: &[Edge]| visit(edges, edges);
        if self.len() <= NARROW {
            self.groups.for_each::<u64>(&self.lengths, kept, monitor, visit)
        } else {
            self.groups.for_each::<u128>(&self.lengths, kept, monitor, visit)
        }
    }
}
