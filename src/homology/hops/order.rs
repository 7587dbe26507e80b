//! The vertices of a component in the order in which they are added.
//!
//! Breadth first, from a vertex of highest degree. So those before any other one are
//! connected, and the numbers of neighbours are near each other (Cuthill and McKee 1969),
//! which makes rows of bits short.

use std::cmp::Reverse;

use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::Graph;

/// A connected graph whose vertices are numbered in this order.
#[derive(Debug)]
pub struct Component {
    starts: Vec<usize>,
    neighbors: Vec<u32>,
}

impl Component {
    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The neighbours of a vertex, in any order.
    pub fn neighbors(&self, v: usize) -> &[u32] {
        &self.neighbors[self.starts[v]..self.starts[v + 1]]
    }

    /// The component of a graph whose vertices have these places.
    fn renumbered(graph: &Graph, order: &[u32], places: &[u32], monitor: &Monitor) -> Result<Self> {
        let ends = order.iter().map(|&v| graph.neighbors(v as usize).len()).sum();
        let (mut starts, mut neighbors) = (monitor.room(order.len() + 1)?, monitor.room(ends)?);
        starts.push(0);
        for &v in order {
            monitor.check()?;
            neighbors.extend(graph.neighbors(v as usize).iter().map(|&w| places[w as usize]));
            starts.push(neighbors.len());
        }
        Ok(Self { starts, neighbors })
    }
}

/// The components of a graph.
pub fn components(graph: &Graph, monitor: &Monitor) -> Result<Vec<Component>> {
    let mut places = monitor.filled(graph.len(), NONE)?;
    let numbered = |part: Vec<u32>| {
        let order = breadth_first(graph, hub(graph, &part), &mut places, monitor)?;
        Component::renumbered(graph, &order, &places, monitor)
    };
    graph.components(monitor)?.into_iter().map(numbered).collect()
}

const NONE: u32 = u32::MAX;

/// The vertex of highest degree, the first of several.
fn hub(graph: &Graph, part: &[u32]) -> u32 {
    let degree = |&v: &u32| (graph.neighbors(v as usize).len(), Reverse(v));
    part.iter().copied().max_by_key(degree).expect("a component has a vertex")
}

/// The vertices that are connected with a first one, which get their places in this order.
fn breadth_first(
    graph: &Graph,
    first: u32,
    places: &mut [u32],
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    places[first as usize] = 0;
    let mut order = vec![first];
    let mut next = 0;
    while let Some(&v) = order.get(next) {
        monitor.check()?;
        next += 1;
        for &w in graph.neighbors(v as usize) {
            if places[w as usize] == NONE {
                places[w as usize] = order.len() as u32;
                order.push(w);
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vertex_but_the_first_has_a_neighbour_before_it() {
        // A star in a long cycle, a path, and a vertex alone.
        let cycle = (0..50).map(|i| (i, (i + 1) % 50));
        let star = (50..60).map(|i| (17, i));
        let path = (60..69).map(|i| (i, i + 1));
        let edges: Vec<_> = cycle.chain(star).chain(path).map(|(i, j)| (i, j, 1.0)).collect();
        let graph = Graph::from_edges(71, &edges, &Monitor::new()).unwrap();
        let parts = components(&graph, &Monitor::new()).unwrap();
        assert_eq!(parts.iter().map(Component::len).collect::<Vec<_>>(), [60, 10, 1]);
        assert_eq!(parts[0].neighbors(0).len(), 12);
        for part in &parts {
            for v in 0..part.len() {
                let near = part.neighbors(v);
                assert!(v == 0 || near.iter().any(|&w| (w as usize) < v));
                assert!(near.iter().all(|&w| part.neighbors(w as usize).contains(&(v as u32))));
            }
        }
    }
}
