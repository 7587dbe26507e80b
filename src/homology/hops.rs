//! Betti numbers at one scale of the hop metric.
//!
//! The pipeline of Naitzat, Zhitnikov and Lim (JMLR 21(184), 2020, section 5):
//! a graph of nearest neighbours, the number of hops as distance, and the
//! Vietoris-Rips complex at a small number of hops.

use rayon::prelude::*;

use super::collapse::{BitGraph, collapse};
use super::rips::{RipsOptions, rips};
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Graph, Hops, Space, neighbor_graph};

/// What to compute.
#[derive(Debug, Clone, Copy)]
pub struct HopOptions {
    /// Nearest neighbours of a point, itself included.
    pub k: usize,
    /// Largest number of hops between the vertices of a simplex.
    pub hops: usize,
    /// Highest degree of homology.
    pub maxdim: usize,
    /// Order of the coefficient field.
    pub coeff: u32,
    /// Bytes that the job may take.
    pub max_memory: u64,
}

/// Betti numbers, and what they were computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopBetti {
    /// β₀, …, β_maxdim.
    pub betti: Vec<usize>,
    /// Points given.
    pub points: usize,
    /// Points left after merging duplicates.
    pub distinct: usize,
    /// Connected components of the graph of nearest neighbours.
    pub components: usize,
    /// Pairs within the number of hops.
    pub edges: usize,
    /// Most points within the number of hops of one point.
    pub max_degree: usize,
}

/// Betti numbers of the Vietoris-Rips complex at `hops` hops on the graph of
/// `k` nearest neighbours.
///
/// Duplicates are merged first; where fewer than `k` distinct points are left,
/// all of them are neighbours. The complex is the disjoint union of those over
/// the components of the graph, which are treated in parallel; each is
/// collapsed before its homology is computed.
pub fn hop_betti(space: &Space<'_>, options: &HopOptions, monitor: &Monitor) -> Result<HopBetti> {
    options.validate(space.len())?;
    monitor.allow(options.max_memory, "the hop complex", "pass a subsample or lower `k`");
    let points = space.select(&space.distinct(monitor)?, monitor)?;
    let graph = neighbor_graph(&points, options.k.min(points.len()), monitor)?;
    let components = graph.components(monitor)?;
    options.check_memory(&components)?;
    monitor.expect(points.len() as u64);
    let parts = components
        .par_iter()
        .map_init(|| Hops::new(&graph), |hops, part| of_component(hops, part, options, monitor))
        .collect::<Result<Vec<_>>>()?;
    let mut total = HopBetti {
        betti: vec![0; options.maxdim + 1],
        points: space.len(),
        distinct: points.len(),
        components: components.len(),
        edges: 0,
        max_degree: 0,
    };
    for part in parts {
        total.betti.iter_mut().zip(part.betti).for_each(|(sum, betti)| *sum += betti);
        total.edges += part.edges;
        total.max_degree = total.max_degree.max(part.max_degree);
    }
    Ok(total)
}

impl HopOptions {
    fn validate(&self, len: usize) -> Result<()> {
        if self.k == 0 {
            return Err(Error::invalid("k", "be at least 1 (the point itself counts)", self.k));
        }
        if self.k >= len {
            let rule = format!("be smaller than the number of points ({len})");
            return Err(Error::invalid("k", rule, self.k));
        }
        if self.hops == 0 {
            return Err(Error::invalid("hops", "be at least 1", self.hops));
        }
        RipsOptions { maxdim: self.maxdim, coeff: self.coeff, ..RipsOptions::default() }.validate()
    }

    fn check_memory(&self, components: &[Vec<u32>]) -> Result<()> {
        let needed = components.iter().map(|part| BitGraph::bytes(part.len())).sum();
        let largest = components.iter().map(Vec::len).max().unwrap_or(0);
        let fits = (8.0 * self.max_memory as f64).sqrt() as usize;
        Budget { allowed: self.max_memory }.ask(
            format_args!("the hop complex of a component of {largest} points"),
            needed,
            format_args!("components of about {fits} points would fit: pass a subsample"),
        )?;
        Ok(())
    }
}

struct Part {
    betti: Vec<usize>,
    edges: usize,
    max_degree: usize,
}

fn of_component(
    hops: &mut Hops<'_>,
    component: &[u32],
    options: &HopOptions,
    monitor: &Monitor,
) -> Result<Part> {
    let mut graph = BitGraph::new(component.len());
    let (mut ends, mut max_degree) = (0, 0);
    for (i, &vertex) in component.iter().enumerate() {
        monitor.advance(1)?;
        let reached = hops.within(vertex, options.hops);
        for j in reached {
            let place = component.binary_search(j).expect("hops stay inside a component");
            graph.insert_one_way(i, place);
        }
        ends += reached.len();
        max_degree = max_degree.max(reached.len());
    }
    collapse(&mut graph, monitor)?;
    let betti = flag_betti(graph.to_graph(monitor)?, options, monitor)?;
    Ok(Part { betti, edges: ends / 2, max_degree })
}

/// Betti numbers of a flag complex: the essential classes when all its edges
/// enter at once.
fn flag_betti(graph: Graph, options: &HopOptions, monitor: &Monitor) -> Result<Vec<usize>> {
    let rips_options = RipsOptions {
        maxdim: options.maxdim,
        coeff: options.coeff,
        max_memory: options.max_memory,
        ..RipsOptions::default()
    };
    let persistence = rips(&Space::Graph(graph), &rips_options, monitor)?;
    Ok(persistence
        .bars
        .iter()
        .map(|bars| bars.iter().filter(|bar| bar.death.is_infinite()).count())
        .collect())
}
