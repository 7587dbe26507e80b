//! Edges by rank, all of them kept.

use std::ops::ControlFlow;

use super::entering::Entering;
use super::lengths::{Edge, Lengths};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::Condensed;

/// The rank of a missing edge: above every rank that is there.
pub const NO_EDGE: u32 = u32::MAX;

/// All edges of a filtration by rank, or those that a collapse has left.
#[derive(Debug)]
pub struct Ranking<'a> {
    lengths: Lengths<'a>,
    threshold: f64,
    edges: Edges,
    /// Where edges were delayed or their ends renumbered: those of the space with which they
    /// enter, rank by rank.
    entries: Option<Edges>,
    /// Where some points have no edge: those that have one, by their numbers here.
    points: Option<Vec<u32>>,
}

/// Points that can be numbered in 16 bits.
pub const NARROW: usize = 1 << 16;

/// Edges by rank, in as few bytes as they need.
#[derive(Debug)]
pub enum Edges {
    Narrow(Vec<[u16; 2]>),
    Wide(Vec<[u32; 2]>),
}

impl Edges {
    /// Room for edges between vertices below `len`.
    pub fn with_capacity(len: usize, count: usize) -> Self {
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

    fn bytes(&self) -> u64 {
        match self {
            Edges::Narrow(edges) => size_of_val(edges.as_slice()) as u64,
            Edges::Wide(edges) => size_of_val(edges.as_slice()) as u64,
        }
    }

    #[inline(always)]
    fn get(&self, rank: u32) -> Edge {
        match self {
            Edges::Narrow(edges) => edges[rank as usize].map(u32::from),
            Edges::Wide(edges) => edges[rank as usize],
        }
    }

    pub fn push(&mut self, edge: Edge) {
        match self {
            Edges::Narrow(edges) => edges.push(edge.map(|v| v as u16)),
            Edges::Wide(edges) => edges.push(edge),
        }
    }
}

impl<'a> Ranking<'a> {
    /// Those points have an edge that are `joined`; if others have none, they are numbered
    /// without these, in the same order.
    pub fn new(
        lengths: Lengths<'a>,
        threshold: f64,
        edges: Edges,
        joined: &[bool],
        monitor: &Monitor,
    ) -> Result<Self> {
        let points: Vec<u32> = (0..).zip(joined).filter(|(_, is)| **is).map(|(v, _)| v).collect();
        if points.len() == joined.len() {
            return Ok(Self { lengths, threshold, edges, entries: None, points: None });
        }
        let mut numbers = vec![0; joined.len()];
        (0..).zip(&points).for_each(|(number, &v)| numbers[v as usize] = number);
        let mut renumbered = Edges::with_capacity(points.len(), edges.len());
        for rank in 0..edges.len() as u32 {
            monitor.check()?;
            renumbered.push(edges.get(rank).map(|v| numbers[v as usize]));
        }
        let (edges, entries) = (renumbered, Some(edges));
        Ok(Self { lengths, threshold, edges, entries, points: Some(points) })
    }

    /// The point of the space with a number.
    pub fn point(&self, v: u32) -> u32 {
        self.points.as_ref().map_or(v, |points| points[v as usize])
    }

    /// The edge of a rank.
    #[inline(always)]
    pub fn edge(&self, rank: u32) -> (u32, u32) {
        self.edges.get(rank).into()
    }

    /// The edges by rank.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.edge_count() as u32).map(|rank| self.edge(rank))
    }

    /// The edge of the space whose length is the scale at which the edge of a rank enters.
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
    pub fn delayed(self, kept: &[(u32, u32)], monitor: &Monitor) -> Result<Self> {
        let mut edges = Edges::with_capacity(self.len(), kept.len());
        let mut entries = Edges::with_capacity(self.lengths.len(), kept.len());
        for &(rank, entry) in kept {
            monitor.check()?;
            edges.push(self.edges.get(rank));
            entries.push(self.entry(entry));
        }
        Ok(Self { edges, entries: Some(entries), ..self })
    }
}

impl<'a> Entering<'a> for Ranking<'a> {
    fn len(&self) -> usize {
        self.points.as_ref().map_or(self.lengths.len(), Vec::len)
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
        self.edges.bytes() + self.entries.as_ref().map_or(0, Edges::bytes) + self.lengths.bytes()
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

/// Bytes of a table of the ranks of all pairs.
pub fn table_bytes(len: usize) -> u64 {
    (len * len * size_of::<u32>()) as u64
}

/// Bytes of a ranking of so many points, some of which are joined.
pub fn ranking_bytes(len: usize, joined: usize, edges: usize) -> u64 {
    let list = |len: usize| {
        let edge = if len <= NARROW { size_of::<[u16; 2]>() } else { size_of::<Edge>() };
        (edges * edge) as u64
    };
    list(len) + if joined < len { list(joined) } else { 0 }
}
