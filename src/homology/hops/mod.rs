//! Betti numbers at one scale of the hop metric.
//!
//! The pipeline of Naitzat, Zhitnikov and Lim (JMLR 21(184), 2020, section 5):
//! a graph of nearest neighbours, the number of hops as distance, and the
//! Vietoris-Rips complex at a small number of hops.

mod cocycles;
mod collapse;
mod cone;
mod link;
mod options;
mod order;
mod reach;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use self::options::{HopBetti, HopOptions};

use self::collapse::{BitGraph, collapse};
use self::cone::first_betti_number;
use self::order::{Component, components};
use self::reach::Reach;
use super::rips::{Bar, rips};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Space, neighbor_graph};

/// Betti numbers of the Vietoris-Rips complex at `hops` hops on the graph of
/// `k` nearest neighbours.
///
/// Duplicates are merged first; where fewer than `k` distinct points are left,
/// all of them are neighbours. The complex is the disjoint union of those over
/// the components of the graph, which are treated in parallel.
pub fn hop_betti(space: &Space<'_>, options: &HopOptions, monitor: &Monitor) -> Result<HopBetti> {
    options.validate(space.len())?;
    monitor.allow(options.max_memory, "the hop complex", "pass a subsample or lower `k`");
    let distinct = space.distinct(monitor)?;
    let graph = match distinct.len() == space.len() {
        true => neighbor_graph(space, options.k, monitor)?,
        false => {
            let points = space.select(&distinct, monitor)?;
            neighbor_graph(&points, options.k.min(points.len()), monitor)?
        }
    };
    let components = components(&graph, monitor)?;
    check_memory(&components, options, monitor)?;
    monitor.expect(distinct.len() as u64);
    let parts = components
        .par_iter()
        .map(|component| of_component(component, options, monitor))
        .collect::<Result<Vec<_>>>()?;
    let mut total = HopBetti {
        betti: vec![0; options.maxdim + 1],
        points: space.len(),
        distinct: distinct.len(),
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

/// Refuses what would not fit: rows of bits beside those for one hop less, or beside the
/// table of a collapse. Cocycles are watched while they grow.
fn check_memory(components: &[Component], options: &HopOptions, monitor: &Monitor) -> Result<()> {
    let mut needed = 0;
    for component in components {
        let rows = Reach::bytes_for(component, options.hops, monitor)?;
        needed += match options.maxdim {
            0 | 1 => 2 * rows,
            _ => rows + BitGraph::bytes(component.len()),
        };
    }
    let largest = components.iter().map(Component::len).max().unwrap_or(0);
    options.ask(largest, needed)
}

struct Part {
    betti: Vec<usize>,
    edges: usize,
    max_degree: usize,
}

fn of_component(component: &Component, options: &HopOptions, monitor: &Monitor) -> Result<Part> {
    let reach = Reach::within(component, options.hops, monitor)?;
    let (mut ends, mut max_degree) = (0, 0);
    for v in 0..reach.len() {
        monitor.advance(1)?;
        let degree = reach.degree(v);
        ends += degree;
        max_degree = max_degree.max(degree);
    }
    Ok(Part { betti: betti_numbers(reach, options, monitor)?, edges: ends / 2, max_degree })
}

/// By the cheapest way that there is.
fn betti_numbers(reach: Reach, options: &HopOptions, monitor: &Monitor) -> Result<Vec<usize>> {
    let most = if options.coeff == 2 { room_for_cocycles(reach.len()) } else { 0 };
    match options.maxdim {
        0 => Ok(vec![1]),
        1 => match first_betti_number(&reach, most, monitor)? {
            Some(loops) => Ok(vec![1, loops]),
            None => after_collapse(reach, options, monitor),
        },
        _ => after_collapse(reach, options, monitor),
    }
}

/// Bytes that cocycles may take: where they take more than tables of a collapse, there are so
/// many that adding them up takes longer than a collapse.
fn room_for_cocycles(len: usize) -> u64 {
    const SMALL: u64 = 1 << 16;
    SMALL.max(2 * BitGraph::bytes(len))
}

/// The essential classes when all edges that a collapse leaves enter at once.
fn after_collapse(reach: Reach, options: &HopOptions, monitor: &Monitor) -> Result<Vec<usize>> {
    options.ask(reach.len(), BitGraph::bytes(reach.len()))?;
    let mut graph = BitGraph::new(reach.len(), monitor)?;
    for v in 0..reach.len() {
        monitor.check()?;
        reach.others(v).for_each(|w| graph.insert_one_way(v, w));
    }
    drop(reach);
    collapse(&mut graph, monitor)?;
    let space = Space::Graph(graph.to_graph(monitor)?);
    let found = rips(&space, &options.rips(), monitor)?;
    let essential = |bars: &Vec<Bar>| bars.iter().filter(|bar| bar.death.is_infinite()).count();
    Ok(found.bars.iter().map(essential).collect())
}
