//! The order in which edges enter.

mod order;

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use rayon::prelude::*;

use self::order::Groups;
use super::options::RipsOptions;
use crate::arch::arch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph, pairwise_bytes};

/// The rank of a missing edge: above every rank that is there.
pub const NO_EDGE: u32 = u32::MAX;

/// An edge, lower vertex first.
pub type Edge = [u32; 2];

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
    count: usize,
    groups: Groups,
}

/// All edges of a filtration by rank, or those that a collapse has left.
#[derive(Debug)]
pub struct Ranking<'a> {
    lengths: Lengths<'a>,
    threshold: f64,
    edges: Edges,
    /// Where edges were delayed: those with which they enter, rank by rank.
    entries: Option<Edges>,
}

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

/// Where lengths are looked up.
#[derive(Debug)]
pub enum Lengths<'a> {
    All(Cow<'a, Condensed>),
    Some(&'a Graph),
}

/// The edges from a vertex to later ones.
enum Row<'r> {
    All { first: u32, lengths: &'r [f64] },
    Some { vertices: &'r [u32], lengths: &'r [f64] },
}

impl<'r> Row<'r> {
    fn len(&self) -> usize {
        let (Row::All { lengths, .. } | Row::Some { lengths, .. }) = self;
        lengths.len()
    }

    // Adding 0.0 makes −0.0 positive.
    #[inline(always)]
    fn lengths(&self) -> impl Iterator<Item = f64> + use<'r> {
        let (Row::All { lengths, .. } | Row::Some { lengths, .. }) = *self;
        lengths.iter().map(|d| d + 0.0)
    }

    #[inline(always)]
    fn for_each(&self, mut visit: impl FnMut(u32, f64)) {
        match *self {
            Row::All { first, lengths } => {
                (first..).zip(lengths).for_each(|(vertex, d)| visit(vertex, d + 0.0));
            }
            Row::Some { vertices, lengths } => {
                vertices.iter().zip(lengths).for_each(|(&vertex, d)| visit(vertex, d + 0.0));
            }
        }
    }
}

impl Lengths<'_> {
    fn len(&self) -> usize {
        match self {
            Lengths::All(distances) => distances.len(),
            Lengths::Some(graph) => graph.len(),
        }
    }

    /// Bytes of distances that were computed for this.
    fn bytes(&self) -> u64 {
        match self {
            Lengths::All(Cow::Owned(distances)) => pairwise_bytes(distances.len()),
            _ => 0,
        }
    }

    /// The length of an edge.
    #[inline(always)]
    pub fn of(&self, [i, j]: Edge) -> f64 {
        let length = match self {
            Lengths::All(distances) => distances.get(i as usize, j as usize),
            Lengths::Some(graph) => graph.weight(i as usize, j).expect("an edge of the graph"),
        };
        length + 0.0
    }

    /// Visits the edges from some vertices to later ones.
    fn for_each_row(
        &self,
        vertices: Range<usize>,
        monitor: &Monitor,
        mut visit: impl FnMut(u32, &Row<'_>),
    ) -> Result<()> {
        for i in vertices {
            monitor.check()?;
            let low = i as u32;
            let row = match self {
                Lengths::All(distances) => Row::All { first: low + 1, lengths: distances.row(i) },
                Lengths::Some(graph) => {
                    let later = graph.neighbors(i).partition_point(|&high| high < low);
                    let (vertices, lengths) = (graph.neighbors(i), graph.weights(i));
                    Row::Some { vertices: &vertices[later..], lengths: &lengths[later..] }
                }
            };
            visit(low, &row);
        }
        Ok(())
    }

    /// Visits the edges from all vertices to later ones, over threads, each with
    /// what its task has gathered; returns what all tasks have, in order.
    fn in_shares<T: Default + Send>(
        &self,
        monitor: &Monitor,
        visit: impl Fn(&mut T, u32, &Row<'_>) + Sync,
    ) -> Result<Vec<T>> {
        let tasks = if self.len() < ALONE { 1 } else { rayon::current_num_threads().min(8) };
        let visit_share = |task: usize| {
            let mut gathered = T::default();
            let vertices = self.share(task, tasks);
            self.for_each_row(vertices, monitor, |low, row| visit(&mut gathered, low, row))?;
            Ok(gathered)
        };
        match tasks {
            1 => Ok(vec![visit_share(0)?]),
            _ => (0..tasks).into_par_iter().map(visit_share).collect(),
        }
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

/// Edges by rank, in as few bytes as they need.
#[derive(Debug)]
enum Edges {
    Narrow(Vec<[u16; 2]>),
    Wide(Vec<[u32; 2]>),
}

impl Edges {
    /// Room for edges between vertices below `len`.
    fn with_capacity(len: usize, count: usize) -> Self {
        if len <= NARROW {
            Edges::Narrow(Vec::with_capacity(count))
        } else {
            Edges::Wide(Vec::with_capacity(count))
        }
    }

    fn len(&self) -> usize {
        match self {
            Edges::Narrow(edges) => edges.len(),
            Edges::Wide(edges) => edges.len(),
        }
    }

    #[inline(always)]
    fn get(&self, rank: u32) -> Edge {
        match self {
            Edges::Narrow(edges) => edges[rank as usize].map(u32::from),
            Edges::Wide(edges) => edges[rank as usize],
        }
    }

    fn push(&mut self, edge: Edge) {
        match self {
            Edges::Narrow(edges) => edges.push(edge.map(|v| v as u16)),
            Edges::Wide(edges) => edges.push(edge),
        }
    }
}

/// Points below which no other threads are woken.
const ALONE: usize = 256;

/// Points that can be numbered in 16 bits.
const NARROW: usize = 1 << 16;

impl<'a> Filtration<'a> {
    /// All pairs up to `threshold` or the enclosing radius.
    pub fn of_distances(
        distances: Cow<'a, Condensed>,
        options: &RipsOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let lengths = Lengths::All(distances);
        let threshold = options.threshold.min(enclosing_radius(&lengths, monitor)?);
        Self::new(lengths, threshold, options, monitor)
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
        let (count, groups) = Groups::new(&lengths, |d| is_kept(d, threshold), monitor)?;
        let filtration = Self { lengths, threshold, count, groups };
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

    /// All edges by rank.
    pub fn ranking(self, monitor: &Monitor) -> Result<Ranking<'a>> {
        let mut edges = Edges::with_capacity(self.len(), self.count);
        self.for_each(monitor, |more, _| {
            more.iter().for_each(|&edge| edges.push(edge));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Ranking { lengths: self.lengths, threshold: self.threshold, edges, entries: None })
    }
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
    let mut lists = vec![T::default(); 2 * filtration.edge_count()];
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
        lists[starts[i]..starts[i + 1]].sort_unstable();
    }
    Ok((starts, lists))
}

/// Refuses a job on a filtration that needs more than it may take.
pub fn check_memory(filtration: &Filtration<'_>, needed: u64, options: &RipsOptions) -> Result<()> {
    let allowed = options.max_memory;
    if needed <= allowed {
        return Ok(());
    }
    let (len, edges) = (filtration.len(), filtration.edge_count());
    let fits = (len as f64 * (allowed as f64 / needed as f64).sqrt()) as usize;
    Err(Error::TooLarge {
        job: format!("a filtration of {len} points and {edges} edges"),
        needed,
        allowed,
        advice: format!(
            "about {fits} points would fit: use `n_landmarks`, `epsilon`, a lower `threshold` or \
             maxdim=0"
        ),
    })
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
        (self.groups.at_once(self.count) * key) as u64 + self.lengths.bytes()
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

impl Ranking<'_> {
    /// The edge of a rank.
    #[inline(always)]
    pub fn edge(&self, rank: u32) -> (u32, u32) {
        self.edges.get(rank).into()
    }

    /// The edges by rank.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.edge_count() as u32).map(|rank| self.edge(rank))
    }

    /// The edge whose length is the scale at which the edge of a rank enters.
    pub fn entry(&self, rank: u32) -> Edge {
        self.entries.as_ref().unwrap_or(&self.edges).get(rank)
    }

    /// The scale at which the edge of a rank enters.
    pub fn length(&self, rank: u32) -> f64 {
        self.lengths.of(self.entry(rank))
    }

    /// The ranks of all pairs in a square table, row by row.
    pub fn table(&self, monitor: &Monitor) -> Result<Vec<u32>> {
        let len = self.len();
        let mut table = Vec::with_capacity(len * len);
        for _ in 0..len {
            monitor.check()?;
            table.resize(table.len() + len, NO_EDGE);
        }
        for ((i, j), rank) in self.edges().zip(0..) {
            monitor.check()?;
            table[i as usize * len + j as usize] = rank;
            table[j as usize * len + i as usize] = rank;
        }
        Ok(table)
    }

    /// The same lengths with fewer edges, each with the rank at which it enters
    /// now, sorted by that rank.
    pub fn delayed(self, kept: &[(u32, u32)]) -> Self {
        let mut edges = Edges::with_capacity(self.len(), kept.len());
        let mut entries = Edges::with_capacity(self.len(), kept.len());
        for &(rank, entry) in kept {
            edges.push(self.edges.get(rank));
            entries.push(self.entry(entry));
        }
        Self { edges, entries: Some(entries), ..self }
    }
}

impl<'a> Entering<'a> for Ranking<'a> {
    fn len(&self) -> usize {
        self.lengths.len()
    }

    fn edge_count(&self) -> usize {
        self.edges.len()
    }

    fn threshold(&self) -> f64 {
        self.threshold
    }

    fn lengths(&self) -> &Lengths<'a> {
        &self.lengths
    }

    fn bytes(&self) -> u64 {
        let lists = if self.entries.is_some() { 2 } else { 1 };
        lists * ranking_bytes(self.len(), self.edges.len()) + self.lengths.bytes()
    }

    fn distances(&self) -> Option<&Condensed> {
        match (&self.lengths, &self.entries) {
            (Lengths::All(distances), None) => Some(distances),
            _ => None,
        }
    }

    fn for_each_unsorted(&self, monitor: &Monitor, mut visit: impl FnMut(Edge)) -> Result<()> {
        for rank in 0..self.edge_count() as u32 {
            monitor.check()?;
            visit(self.edges.get(rank));
        }
        Ok(())
    }

    fn for_each(
        &self,
        monitor: &Monitor,
        mut visit: impl FnMut(&[Edge], &[Edge]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        const AT_ONCE: u32 = 1 << 12;
        let count = self.edge_count() as u32;
        for start in (0..count).step_by(AT_ONCE as usize) {
            monitor.check()?;
            let ranks = start..count.min(start + AT_ONCE);
            let edges: Vec<Edge> = ranks.clone().map(|rank| self.edges.get(rank)).collect();
            let entries: Vec<Edge> = ranks.map(|rank| self.entry(rank)).collect();
            if visit(&edges, &entries)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The scale at which the first point has met all others.
fn enclosing_radius(lengths: &Lengths<'_>, monitor: &Monitor) -> Result<f64> {
    let (len, arch) = (lengths.len(), arch());
    let mut shares = lengths.in_shares(monitor, |farthest: &mut Vec<f64>, i, row| {
        farthest.resize(len, 0.0);
        let (to_i, later) = farthest[i as usize..].split_first_mut().expect("i is a point");
        arch.dispatch(|| raise(to_i, later, row));
    })?;
    let mut farthest = shares.pop().unwrap_or_default();
    for share in shares {
        farthest.iter_mut().zip(share).for_each(|(a, b)| *a = a.max(b));
    }
    Ok(farthest.into_iter().fold(f64::INFINITY, f64::min))
}

/// Raises the eccentricities of a point and of all later ones.
#[inline(always)]
fn raise(to_i: &mut f64, later: &mut [f64], row: &Row<'_>) {
    for (to_j, d) in later.iter_mut().zip(row.lengths()) {
        *to_i = if d > *to_i { d } else { *to_i };
        *to_j = if d > *to_j { d } else { *to_j };
    }
}

/// Bytes of a table of the ranks of all pairs.
pub fn table_bytes(len: usize) -> u64 {
    (len * len * size_of::<u32>()) as u64
}

/// Bytes of a ranking.
pub fn ranking_bytes(len: usize, edges: usize) -> u64 {
    let edge = if len <= NARROW { size_of::<[u16; 2]>() } else { size_of::<Edge>() };
    (edges * edge) as u64
}
