//! The order in which edges enter.

mod order;

use std::borrow::Cow;
use std::ops::Range;

use self::order::{Ends, sorted};
use super::RipsOptions;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph};

/// The edges of a space up to a threshold, sorted by (length, vertices).
///
/// The place of an edge is its *rank*. Ranks are distinct, so that a simplex
/// has exactly one longest edge; ties in length come back when bars of length
/// zero are dropped.
#[derive(Debug)]
pub struct Filtration<'a> {
    lengths: Lengths<'a>,
    edges: Edges,
    /// Where edges were delayed: those with which they enter, rank by rank.
    entries: Option<Edges>,
    threshold: f64,
}

/// Where lengths are looked up.
#[derive(Debug)]
pub enum Lengths<'a> {
    All(Cow<'a, Condensed>),
    Some(&'a Graph),
}

impl Lengths<'_> {
    fn len(&self) -> usize {
        match self {
            Lengths::All(distances) => distances.len(),
            Lengths::Some(graph) => graph.len(),
        }
    }

    #[inline(always)]
    fn of<E: Ends>(&self, edge: E) -> f64 {
        let (i, j) = edge.get();
        let length = match self {
            Lengths::All(distances) => distances.get(i as usize, j as usize),
            Lengths::Some(graph) => graph.weight(i as usize, j).expect("an edge of the graph"),
        };
        // Adding 0.0 makes −0.0 positive.
        length + 0.0
    }

    /// Visits the edges whose lower vertex is among some, by their vertices.
    fn for_each(
        &self,
        vertices: Range<usize>,
        monitor: &Monitor,
        mut visit: impl FnMut(u32, u32, f64),
    ) -> Result<()> {
        for i in vertices {
            monitor.check()?;
            let low = i as u32;
            match self {
                Lengths::All(distances) => {
                    let row = (low + 1..).zip(distances.row(i));
                    row.for_each(|(high, &d)| visit(low, high, d + 0.0));
                }
                Lengths::Some(graph) => {
                    let row = graph.neighbors(i).iter().zip(graph.weights(i));
                    let later = row.filter(|&(&high, _)| high > low);
                    later.for_each(|(&high, &d)| visit(low, high, d + 0.0));
                }
            }
        }
        Ok(())
    }

    /// One of several ranges of vertices with about as many edges each.
    fn share(&self, k: usize, of: usize) -> Range<usize> {
        // A vertex of all pairs has the fewer later ones, the later it is.
        let bound = |k: usize| match self {
            Lengths::All(_) => {
                let left = 1.0 - k as f64 / of as f64;
                self.len() - (left.sqrt() * self.len() as f64) as usize
            }
            Lengths::Some(_) => self.len() * k / of,
        };
        bound(k)..bound(k + 1)
    }
}

/// Edges by rank.
#[derive(Debug)]
enum Edges {
    Narrow(Vec<[u16; 2]>),
    Wide(Vec<[u32; 2]>),
}

impl Edges {
    fn len(&self) -> usize {
        match self {
            Edges::Narrow(edges) => edges.len(),
            Edges::Wide(edges) => edges.len(),
        }
    }

    #[inline(always)]
    fn get(&self, rank: u32) -> (u32, u32) {
        match self {
            Edges::Narrow(edges) => edges[rank as usize].get(),
            Edges::Wide(edges) => edges[rank as usize].get(),
        }
    }

    /// Of vertices below `len`.
    fn collect(len: usize, edges: impl Iterator<Item = (u32, u32)>) -> Self {
        if len <= NARROW {
            Edges::Narrow(edges.map(|(i, j)| Ends::new(i, j)).collect())
        } else {
            Edges::Wide(edges.map(|(i, j)| Ends::new(i, j)).collect())
        }
    }
}

/// Points that can be numbered in 16 bits.
const NARROW: usize = 1 << 16;

impl<'a> Filtration<'a> {
    /// All pairs up to `threshold` or the enclosing radius.
    pub fn of_distances(
        distances: Cow<'a, Condensed>,
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let threshold = options.threshold.min(enclosing_radius(&distances, monitor)?);
        Self::new(Lengths::All(distances), threshold, options, monitor)
    }

    /// All edges of a graph up to the threshold.
    pub fn of_graph(graph: &'a Graph, options: &RipsOptions, monitor: &Monitor) -> Result<Self> {
        Self::new(Lengths::Some(graph), options.threshold, options, monitor)
    }

    fn new(
        lengths: Lengths<'a>,
        threshold: f64,
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let kept = |d: f64| d <= threshold && d.is_finite();
        let mut count = 0;
        lengths.for_each(0..lengths.len(), monitor, |_, _, d| count += usize::from(kept(d)))?;
        check_memory(lengths.len(), count, options)?;
        let edges = if lengths.len() <= NARROW {
            Edges::Narrow(sorted(&lengths, count, kept, monitor)?)
        } else {
            Edges::Wide(sorted(&lengths, count, kept, monitor)?)
        };
        Ok(Self { lengths, edges, entries: None, threshold })
    }

    /// Bytes of the edges; distances belong to the input.
    pub fn bytes(&self) -> u64 {
        (self.edges.len() * ends_bytes(self.len())) as u64
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// The edge of a rank, lower vertex first.
    #[inline(always)]
    pub fn edge(&self, rank: u32) -> (u32, u32) {
        self.edges.get(rank)
    }

    /// The edges by rank.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.edge_count() as u32).map(|rank| self.edge(rank))
    }

    /// The edge whose length is the scale at which the edge of a rank enters.
    pub fn entry(&self, rank: u32) -> (u32, u32) {
        self.entries.as_ref().unwrap_or(&self.edges).get(rank)
    }

    /// The scale at which the edge of a rank enters.
    pub fn length(&self, rank: u32) -> f64 {
        let (i, j) = self.entry(rank);
        self.lengths.of([i, j])
    }

    /// Distance between two vertices that are joined.
    pub fn distance(&self, i: u32, j: u32) -> f64 {
        self.lengths.of([i.min(j), i.max(j)])
    }

    /// The largest scale that matters.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The same lengths with fewer edges, each with the rank at which it enters
    /// now, sorted by that rank.
    pub fn delayed(self, kept: &[(u32, u32)]) -> Self {
        let edges = Edges::collect(self.len(), kept.iter().map(|&(rank, _)| self.edge(rank)));
        let entries = Edges::collect(self.len(), kept.iter().map(|&(_, at)| self.entry(at)));
        Self { edges, entries: Some(entries), ..self }
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

fn ends_bytes(len: usize) -> usize {
    if len <= NARROW { size_of::<[u16; 2]>() } else { size_of::<[u32; 2]>() }
}

/// Refuses a job whose edges alone exceed the limit.
fn check_memory(len: usize, edges: usize, options: &RipsOptions) -> Result<()> {
    const MOST: usize = u32::MAX as usize - 1;
    if edges > MOST {
        let reason = format!("{edges} edges cannot be numbered, {MOST} can; lower `threshold`");
        return Err(Error::Overflow { argument: "X", reason });
    }
    let needed = 3 * (edges * ends_bytes(len)) as u64;
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
