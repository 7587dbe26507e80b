//! Borůvka's algorithm: every component takes its shortest edge to another one,
//! which joins the components, and so on (Borůvka 1926).
//!
//! The edges come from searches for nearest neighbours in a k-d tree that pass
//! over the own component (March, Ram and Gray 2010). What a search has found
//! stays true until the component swallows it, and a lower bound afterwards, so
//! only points near the border of their component search again.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use super::edge::Edge;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::PointCloud;
use crate::space::kd_tree::KdTree;
use crate::union_find::UnionFind;

/// Searches that a thread does in a row.
const BLOCK: usize = 512;

/// Rounds of shortest edges until all points are joined.
pub fn spanning_tree(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Vec<Edge>> {
    let tree = KdTree::new(points, monitor)?;
    let mut forest = Forest::new(&tree);
    let mut nearest = vec![Nearest::beyond(0.0); points.len()];
    loop {
        forest.label(&tree, monitor)?;
        find_nearest(&tree, &forest, &mut nearest, monitor)?;
        let joined = forest.join(&nearest, monitor)?;
        monitor.advance(joined as u64)?;
        if forest.components.sets() == 1 {
            return Ok(forest.edges);
        }
    }
}

/// What a point knows of its shortest edge to another component.
#[derive(Debug, Clone, Copy)]
struct Nearest {
    /// The edge, or no more than a lower bound of its length.
    edge: Edge,
    /// Slot of the other end, or `NOBODY`.
    end: u32,
}

const NOBODY: u32 = u32::MAX;

impl Nearest {
    const fn beyond(length: f64) -> Self {
        Self { edge: Edge { length, low: u32::MAX, high: u32::MAX }, end: NOBODY }
    }
}

/// The components, and the edges that have joined them.
struct Forest {
    components: UnionFind,
    /// Component of the point in each slot.
    labels: Vec<u32>,
    /// Component of all points of a node, or `MIXED`.
    node_labels: Vec<u32>,
    edges: Vec<Edge>,
}

const MIXED: u32 = u32::MAX;

impl Forest {
    fn new(tree: &KdTree) -> Self {
        let len = tree.vertices.len();
        Self {
            components: UnionFind::new(len),
            labels: vec![0; len],
            node_labels: vec![MIXED; tree.nodes().len()],
            edges: Vec::with_capacity(len - 1),
        }
    }

    /// Writes down the component of each slot and of each node.
    fn label(&mut self, tree: &KdTree, monitor: &Monitor) -> Result<()> {
        for (slot, label) in self.labels.iter_mut().enumerate() {
            *label = self.components.find(slot as u32);
        }
        for node in (0..self.node_labels.len()).rev() {
            monitor.check()?;
            let same = |labels: &[u32]| {
                if labels.iter().all(|label| *label == labels[0]) { labels[0] } else { MIXED }
            };
            self.node_labels[node] = match tree.children(node) {
                Some([left, _]) => same(&self.node_labels[left..left + 2]),
                None => same(&self.labels[tree.nodes()[node].range()]),
            };
        }
        Ok(())
    }

    /// Joins components by the shortest edge of each; how many edges that took.
    fn join(&mut self, nearest: &[Nearest], monitor: &Monitor) -> Result<usize> {
        let mut shortest = vec![Nearest::beyond(f64::INFINITY); nearest.len()];
        for (near, &label) in nearest.iter().zip(&self.labels) {
            let shortest = &mut shortest[label as usize];
            if near.end != NOBODY && near.edge.is_before(&shortest.edge) {
                *shortest = *near;
            }
        }
        let before = self.edges.len();
        for (slot, near) in shortest.iter().enumerate() {
            monitor.check()?;
            if near.end != NOBODY && self.components.union(slot as u32, near.end) {
                self.edges.push(near.edge);
            }
        }
        Ok(self.edges.len() - before)
    }
}

/// Compiles the searches for each small number of coordinates, which takes a
/// quarter of their time away.
fn find_nearest(
    tree: &KdTree,
    forest: &Forest,
    nearest: &mut [Nearest],
    monitor: &Monitor,
) -> Result<()> {
    match tree.points.dim() {
        1 => find_nearest_in::<1>(tree, forest, nearest, monitor),
        2 => find_nearest_in::<2>(tree, forest, nearest, monitor),
        3 => find_nearest_in::<3>(tree, forest, nearest, monitor),
        4 => find_nearest_in::<4>(tree, forest, nearest, monitor),
        5 => find_nearest_in::<5>(tree, forest, nearest, monitor),
        6 => find_nearest_in::<6>(tree, forest, nearest, monitor),
        7 => find_nearest_in::<7>(tree, forest, nearest, monitor),
        8 => find_nearest_in::<8>(tree, forest, nearest, monitor),
        9 => find_nearest_in::<9>(tree, forest, nearest, monitor),
        10 => find_nearest_in::<10>(tree, forest, nearest, monitor),
        _ => find_nearest_in::<ANY>(tree, forest, nearest, monitor),
    }
}

/// As a number of coordinates: not known before the program runs.
const ANY: usize = usize::MAX;

/// Lets points search that may hold the shortest edge of their component.
///
/// How many these are depends on the order in which the threads come by; what
/// the shortest edges are does not.
fn find_nearest_in<const DIM: usize>(
    tree: &KdTree,
    forest: &Forest,
    nearest: &mut [Nearest],
    monitor: &Monitor,
) -> Result<()> {
    // The bits of numbers that are not negative have the order of the numbers.
    let infinity = || AtomicU64::new(f64::INFINITY.to_bits());
    let bounds: Vec<AtomicU64> = forest.labels.iter().map(|_| infinity()).collect();
    let labels = &forest.labels;
    let blocks = nearest.par_chunks_mut(BLOCK).zip(labels.par_chunks(BLOCK));
    blocks.try_for_each(|(nearest, labels)| {
        monitor.check()?;
        for (near, &label) in nearest.iter_mut().zip(labels) {
            if near.end != NOBODY && forest.labels[near.end as usize] == label {
                near.end = NOBODY;
            } else if near.end != NOBODY {
                bounds[label as usize].fetch_min(near.edge.length.to_bits(), Relaxed);
            }
        }
        Ok(())
    })?;
    let blocks = nearest.par_chunks_mut(BLOCK).zip(labels.par_chunks(BLOCK)).enumerate();
    blocks.try_for_each_init(
        || vec![0.0; tree.points.dim()],
        |scratch, (block, (nearest, labels))| {
            for (k, (near, &label)) in nearest.iter_mut().zip(labels).enumerate() {
                monitor.check()?;
                let bound = &bounds[label as usize];
                let known = near.end != NOBODY;
                if known || near.edge.length > f64::from_bits(bound.load(Relaxed)) {
                    continue;
                }
                *near = search::<DIM>(tree, forest, block * BLOCK + k, bound, scratch, monitor)?;
                if near.end != NOBODY {
                    bound.fetch_min(near.edge.length.to_bits(), Relaxed);
                }
            }
            Ok(())
        },
    )
}

/// The shortest edge of a point to another component, if it is within the
/// bound, which others lower meanwhile.
fn search<const DIM: usize>(
    tree: &KdTree,
    forest: &Forest,
    slot: usize,
    bound: &AtomicU64,
    scratch: &mut [f64],
    monitor: &Monitor,
) -> Result<Nearest> {
    let mut search = Search::<DIM> {
        tree,
        forest,
        origin: tree.points.row(slot),
        vertex: tree.vertices[slot],
        label: forest.labels[slot],
        bound,
        scratch,
        monitor,
        nearest: Nearest::beyond(f64::INFINITY),
    };
    search.climb(tree.leaf(slot))?;
    let bound = search.bound();
    // Beyond the bound, something nearer may have been passed over.
    let found = search.nearest;
    Ok(if found.edge.length <= bound { found } else { Nearest::beyond(bound) })
}

struct Search<'a, const DIM: usize> {
    tree: &'a KdTree,
    forest: &'a Forest,
    origin: &'a [f64],
    vertex: u32,
    label: u32,
    bound: &'a AtomicU64,
    scratch: &'a mut [f64],
    monitor: &'a Monitor,
    nearest: Nearest,
}

impl<const DIM: usize> Search<'_, DIM> {
    fn bound(&self) -> f64 {
        f64::from_bits(self.bound.load(Relaxed))
    }

    /// Looks through a node, and on the way up through all others: beginning
    /// with near points, most of these are passed over.
    fn climb(&mut self, mut node: usize) -> Result<()> {
        self.visit(node, 0.0)?;
        while let Some((parent, sibling)) = KdTree::above(node) {
            if self.forest.node_labels[sibling] != self.label {
                let distance = self.distance(sibling);
                self.visit(sibling, distance)?;
            }
            node = parent;
        }
        Ok(())
    }

    /// Looks through a node whose points have at least the given distance.
    fn visit(&mut self, node: usize, distance: f64) -> Result<()> {
        // No edge into the node is before the one to its least vertex.
        let least = self.tree.nodes()[node].least_vertex;
        let first = Edge::new(distance, self.vertex, least);
        if self.forest.node_labels[node] == self.label
            || distance > self.bound()
            || !first.is_before(&self.nearest.edge)
        {
            return Ok(());
        }
        let Some([left, right]) = self.tree.children(node) else {
            self.scan(node);
            return self.monitor.check();
        };
        let (a, b) = (self.distance(left), self.distance(right));
        let rank = |node: usize, distance: f64| (distance, self.tree.nodes()[node].least_vertex);
        if rank(left, a) <= rank(right, b) {
            self.visit(left, a)?;
            self.visit(right, b)
        } else {
            self.visit(right, b)?;
            self.visit(left, a)
        }
    }

    fn distance(&mut self, node: usize) -> f64 {
        let origin = coordinates::<DIM>(self.origin);
        self.tree.nearest_in_box(node, origin, self.scratch);
        self.tree.points.between(origin, coordinates::<DIM>(self.scratch))
    }

    fn scan(&mut self, node: usize) {
        for slot in self.tree.nodes()[node].range() {
            if self.forest.labels[slot] == self.label {
                continue;
            }
            let row = coordinates::<DIM>(self.tree.points.row(slot));
            let length = self.tree.points.between(coordinates::<DIM>(self.origin), row);
            let edge = Edge::new(length, self.vertex, self.tree.vertices[slot]);
            if edge.is_before(&self.nearest.edge) {
                self.nearest = Nearest { edge, end: slot as u32 };
            }
        }
    }
}

/// The same row, of a length known to the compiler.
#[inline(always)]
fn coordinates<const DIM: usize>(row: &[f64]) -> &[f64] {
    if DIM == ANY { row } else { &row[..DIM] }
}
