//! Distances along the edges of a graph: hops, and lengths of shortest paths.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ndarray::Array2;

use super::mirror::square_from_rows;
use super::{Condensed, Graph};
use crate::error::Result;
use crate::monitor::Monitor;

/// Breadth-first search up to a number of hops, reusable from many vertices.
#[derive(Debug)]
pub struct Hops<'a> {
    graph: &'a Graph,
    reached: Vec<u32>,
    seen: Vec<bool>,
}

impl<'a> Hops<'a> {
    /// Prepares for searches in a graph.
    pub fn new(graph: &'a Graph) -> Self {
        Self { graph, reached: Vec::new(), seen: vec![false; graph.len()] }
    }

    /// The other vertices within `hops` edges of `source`, ascending.
    pub fn within(&mut self, source: u32, hops: usize) -> &[u32] {
        self.reached.drain(..).for_each(|j| self.seen[j as usize] = false);
        self.reached.push(source);
        self.seen[source as usize] = true;
        let mut frontier = 0;
        for _ in 0..hops {
            let end = self.reached.len();
            if frontier == end {
                break;
            }
            for k in frontier..end {
                for &j in self.graph.neighbors(self.reached[k] as usize) {
                    if !std::mem::replace(&mut self.seen[j as usize], true) {
                        self.reached.push(j);
                    }
                }
            }
            frontier = end;
        }
        self.reached.swap_remove(0);
        self.seen[source as usize] = false;
        self.reached.sort_unstable();
        &self.reached
    }
}

/// Lengths of shortest paths between all pairs, by Dijkstra's algorithm from
/// every vertex; infinite between components.
///
/// With `weighted = false` every edge has length 1 and the result counts hops.
pub fn geodesic_distances(graph: &Graph, weighted: bool, monitor: &Monitor) -> Result<Condensed> {
    Condensed::from_rows(graph.len(), monitor, later_paths(graph, weighted))
}

/// As [`geodesic_distances`], in a square matrix.
pub fn geodesic_square(graph: &Graph, weighted: bool, monitor: &Monitor) -> Result<Array2<f64>> {
    square_from_rows(graph.len(), monitor, later_paths(graph, weighted))
}

/// Writes the lengths of the paths to all later vertices.
fn later_paths(graph: &Graph, weighted: bool) -> impl Fn(usize, &mut [f64]) + Sync {
    move |source, row| {
        row.copy_from_slice(&shortest_paths(graph, source, weighted)[source + 1..]);
    }
}

fn shortest_paths(graph: &Graph, source: usize, weighted: bool) -> Vec<f64> {
    let mut distances = vec![f64::INFINITY; graph.len()];
    distances[source] = 0.0;
    // Distances are non-negative, so their bits sort as they do.
    let mut queue = BinaryHeap::from([Reverse((0u64, source as u32))]);
    while let Some(Reverse((bits, i))) = queue.pop() {
        let distance = f64::from_bits(bits);
        if distance > distances[i as usize] {
            continue;
        }
        let row = graph.neighbors(i as usize).iter().zip(graph.weights(i as usize));
        for (&j, &weight) in row {
            let through = distance + if weighted { weight } else { 1.0 };
            if through < distances[j as usize] {
                distances[j as usize] = through;
                queue.push(Reverse((through.to_bits(), j)));
            }
        }
    }
    distances
}
