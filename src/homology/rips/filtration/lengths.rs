//! Edges, and where their lengths are looked up.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph, pairwise_bytes};

/// An edge, lower vertex first.
pub type Edge = [u32; 2];

/// Where lengths are looked up.
#[derive(Debug)]
pub enum Lengths<'a> {
    All(Cow<'a, Condensed>),
    Some(&'a Graph),
}

/// The edges from a vertex to later ones.
pub enum Row<'r> {
    All { first: u32, lengths: &'r [f64] },
    Some { vertices: &'r [u32], lengths: &'r [f64] },
}

impl<'r> Row<'r> {
    pub fn len(&self) -> usize {
        let (Row::All { lengths, .. } | Row::Some { lengths, .. }) = self;
        lengths.len()
    }

    // Adding 0.0 makes −0.0 positive.
    #[inline(always)]
    pub fn lengths(&self) -> impl Iterator<Item = f64> + use<'r> {
        let (Row::All { lengths, .. } | Row::Some { lengths, .. }) = *self;
        lengths.iter().map(|d| d + 0.0)
    }

    /// One in `step` of the lengths, from a place on. Steps are taken before anything is added:
    /// not through all of the others.
    pub fn some_lengths(&self, first: usize, step: usize) -> impl Iterator<Item = f64> + use<'r> {
        let (Row::All { lengths, .. } | Row::Some { lengths, .. }) = *self;
        lengths.iter().skip(first).step_by(step).map(|d| d + 0.0)
    }

    #[inline(always)]
    pub fn for_each(&self, mut visit: impl FnMut(u32, f64)) {
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
    /// Whether longer distances that there are have been left out.
    pub fn is_cut(&self) -> bool {
        matches!(self, Lengths::Some(graph) if graph.is_cut())
    }

    pub fn len(&self) -> usize {
        match self {
            Lengths::All(distances) => distances.len(),
            Lengths::Some(graph) => graph.len(),
        }
    }

    /// Bytes of distances that were computed for this.
    pub fn bytes(&self) -> u64 {
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
    pub fn for_each_row(
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
    pub fn in_shares<T: Default + Send>(
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

/// Points below which no other threads are woken.
const ALONE: usize = 256;

/// The scale at which the first point has met all others.
pub fn enclosing_radius(lengths: &Lengths<'_>, monitor: &Monitor) -> Result<f64> {
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
