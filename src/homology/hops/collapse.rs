//! Making a flag complex smaller without changing its homotopy type.
//!
//! A vertex or an edge may go when its closed common neighbourhood lies within
//! that of one further vertex, which *dominates* it (Barmak and Minian 2012;
//! Boissonnat and Pritam 2020). What is left of a densely sampled shape is
//! about as small as a triangulation of it.

use crate::error::Result;
use crate::monitor::Monitor;
use crate::ones::{ones, ones_of_words};
use crate::space::Graph;

/// A graph as rows of bits; every vertex is its own neighbour.
#[derive(Debug, Clone)]
pub struct BitGraph {
    len: usize,
    words: usize,
    rows: Vec<u64>,
}

impl BitGraph {
    /// `len` vertices without edges.
    pub fn new(len: usize, monitor: &Monitor) -> Result<Self> {
        let words = len.div_ceil(64);
        let mut graph = Self { len, words, rows: monitor.filled(len * words, 0)? };
        (0..len).for_each(|i| graph.insert_one_way(i, i));
        Ok(graph)
    }

    /// Bytes for `len` vertices.
    pub fn bytes(len: usize) -> u64 {
        (len * len.div_ceil(64) * 8) as u64
    }

    /// Marks `j` as a neighbour of `i`; the caller sees to the other way.
    pub fn insert_one_way(&mut self, i: usize, j: usize) {
        self.rows[i * self.words + j / 64] |= 1 << (j % 64);
    }

    fn remove_edge(&mut self, i: usize, j: usize) {
        self.rows[i * self.words + j / 64] &= !(1 << (j % 64));
        self.rows[j * self.words + i / 64] &= !(1 << (i % 64));
    }

    fn row(&self, i: usize) -> &[u64] {
        &self.rows[i * self.words..(i + 1) * self.words]
    }

    /// The vertices that are left: those that are their own neighbours.
    pub fn vertices(&self) -> Vec<usize> {
        (0..self.len).filter(|&i| self.row(i)[i / 64] >> (i % 64) & 1 == 1).collect()
    }

    /// The graph on the vertices that are left, with edges of length 1.
    pub fn to_graph(&self, monitor: &Monitor) -> Result<Graph> {
        let vertices = self.vertices();
        let mut place = vec![0; self.len];
        vertices.iter().zip(0u32..).for_each(|(&v, k)| place[v] = k);
        let mut edges = Vec::new();
        for &i in &vertices {
            let above = ones_of_words(self.row(i)).filter(|&j| j > i);
            edges.extend(above.map(|j| (place[i], place[j], 1.0)));
        }
        Graph::from_edges(vertices.len(), &edges, monitor)
    }
}

/// Removes dominated vertices and edges until none is left.
pub fn collapse(graph: &mut BitGraph, monitor: &Monitor) -> Result<()> {
    loop {
        while remove_dominated_vertices(graph, monitor)? {}
        if !remove_dominated_edges(graph, monitor)? {
            return Ok(());
        }
    }
}

fn remove_dominated_vertices(graph: &mut BitGraph, monitor: &Monitor) -> Result<bool> {
    let mut neighborhood = Neighborhood::default();
    let mut changed = false;
    for v in graph.vertices() {
        monitor.check()?;
        neighborhood.read(graph, v, v);
        if neighborhood.is_dominated(graph, v, v) {
            let neighbors: Vec<usize> = ones_of_words(graph.row(v)).collect();
            neighbors.into_iter().for_each(|w| graph.remove_edge(v, w));
            changed = true;
        }
    }
    Ok(changed)
}

fn remove_dominated_edges(graph: &mut BitGraph, monitor: &Monitor) -> Result<bool> {
    let mut neighborhood = Neighborhood::default();
    let mut changed = false;
    for u in graph.vertices() {
        let later: Vec<usize> = ones_of_words(graph.row(u)).filter(|&v| v > u).collect();
        for v in later {
            monitor.check()?;
            neighborhood.read(graph, u, v);
            if neighborhood.is_dominated(graph, u, v) {
                graph.remove_edge(u, v);
                changed = true;
            }
        }
    }
    Ok(changed)
}

/// The closed common neighbourhood of two vertices: its words that are not 0.
#[derive(Default)]
struct Neighborhood {
    words: Vec<(usize, u64)>,
}

impl Neighborhood {
    fn read(&mut self, graph: &BitGraph, u: usize, v: usize) {
        let both = graph.row(u).iter().zip(graph.row(v)).map(|(a, b)| a & b).enumerate();
        self.words.clear();
        self.words.extend(both.filter(|&(_, word)| word != 0));
    }

    /// Whether one of its vertices, other than u and v, is joined to all.
    fn is_dominated(&self, graph: &BitGraph, u: usize, v: usize) -> bool {
        let members = self.words.iter().flat_map(|&(k, word)| ones(word).map(move |b| 64 * k + b));
        members.filter(|&w| w != u && w != v).any(|w| {
            let row = graph.row(w);
            self.words.iter().all(|&(k, word)| word & !row[k] == 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(len: usize, edges: &[(usize, usize)]) -> BitGraph {
        let mut graph = BitGraph::new(len, &Monitor::new()).unwrap();
        for &(i, j) in edges {
            graph.insert_one_way(i, j);
            graph.insert_one_way(j, i);
        }
        graph
    }

    #[test]
    fn a_tree_and_a_clique_collapse_to_a_point() {
        let clique: Vec<_> = (0..70).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        let tree: Vec<_> = (1..70).map(|i| (i, i / 2)).collect();
        for edges in [clique, tree] {
            let mut graph = graph(70, &edges);
            collapse(&mut graph, &Monitor::new()).unwrap();
            assert_eq!(graph.vertices().len(), 1);
        }
    }

    #[test]
    fn a_cycle_stays_and_a_thick_cycle_becomes_thin() {
        let thick: Vec<_> = (0..90).flat_map(|i| (1..4).map(move |k| (i, (i + k) % 90))).collect();
        let mut graph = graph(90, &thick);
        collapse(&mut graph, &Monitor::new()).unwrap();
        let left = graph.to_graph(&Monitor::new()).unwrap();
        assert!(left.len() >= 4 && left.len() == left.edge_count(), "{left:?}");
    }

    #[test]
    fn can_be_stopped() {
        let mut graph = graph(3, &[(0, 1), (1, 2)]);
        assert!(collapse(&mut graph, &Monitor::cancel_after(1)).is_err());
    }
}
