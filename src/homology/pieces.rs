//! Classes in pieces: minimum spanning trees of all points, cut between classes.
//!
//! What such a tree keeps of a class tells whether its points lie together among the
//! others (Friedman and Rafsky 1979). Where distances tie there are several minimum
//! spanning trees, and some are drawn. A choice that looked at labels would find classes
//! together where all points are equal; one by index would depend on the order of the points.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::spanning_tree::Method;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Space, distances_from, pairwise, pairwise_bytes};
use crate::union_find::UnionFind;

/// What is left of classes when minimum spanning trees are cut between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pieces {
    /// Points of each piece, the largest first, of each class in each tree.
    pub sizes: Vec<Vec<Vec<usize>>>,
    /// Pieces of each class in all trees together, a row for each further labeling.
    pub counts: Array2<u32>,
    /// Edges of all minimum spanning trees: one less than points if there is only one tree.
    pub edges: usize,
}

/// Cuts spanning trees of `space` by the first row of `labels`, and counts the pieces by
/// the others.
///
/// Labels are below `classes`. A tree is drawn for each seed; the first is the only one where
/// no distances tie.
pub fn pieces_among_others(
    space: &Space<'_>,
    labels: ArrayView2<'_, u32>,
    classes: usize,
    seeds: &[u64],
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Pieces> {
    check_labels(space.len(), labels, classes)?;
    let advice = "use fewer resamples or points";
    let bytes = 4 * labels.len() as u64;
    let left = Budget { allowed: max_memory }.ask("pieces of classes", bytes, advice)?;
    monitor.allow(max_memory, "pieces of classes", advice);
    match space {
        // Each pair is looked at twice; distances of few coordinates need not be kept for that.
        Space::Points(points)
            if Method::faster(points.len(), points.dim()) == Method::Prim
                && pairwise_bytes(points.len()) <= left.allowed =>
        {
            let distances = Space::Distances(pairwise(points, monitor)?);
            cut(&distances, labels, classes, seeds, monitor)
        }
        Space::Points(_) | Space::Distances(_) => cut(space, labels, classes, seeds, monitor),
        Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    }
}

fn check_labels(len: usize, labels: ArrayView2<'_, u32>, classes: usize) -> Result<()> {
    let rule = || format!("have a row, or several, of {len} entries below {classes}");
    if labels.ncols() != len || labels.is_empty() {
        let found = format!("shape ({}, {})", labels.nrows(), labels.ncols());
        return Err(Error::invalid("labels", rule(), found));
    }
    match labels.iter().find(|&&label| label as usize >= classes) {
        Some(label) => Err(Error::invalid("labels", rule(), label)),
        None => Ok(()),
    }
}

fn cut(
    space: &Space<'_>,
    labels: ArrayView2<'_, u32>,
    classes: usize,
    seeds: &[u64],
    monitor: &Monitor,
) -> Result<Pieces> {
    let Some((&first, others)) = seeds.split_first() else {
        return Err(Error::invalid("seeds", "have at least one entry", "none"));
    };
    let mut trees = vec![Tree::drawn(first, space, monitor)?];
    let edges = Bottlenecks::of(&trees[0], monitor)?.edges(space, monitor)?;
    if edges + 1 > space.len() {
        for &seed in others {
            trees.push(Tree::drawn(seed, space, monitor)?);
        }
    }
    let labels = labels.as_standard_layout();
    let (own, further) = labels.as_slice().expect("in order").split_at(space.len());
    let mut sizes = Vec::with_capacity(trees.len());
    for tree in &trees {
        monitor.check()?;
        let mut of_tree = vec![Vec::new(); classes];
        tree.for_each_piece(own, |class, size| of_tree[class].push(size));
        of_tree.iter_mut().for_each(|sizes| sizes.sort_unstable_by(|a, b| b.cmp(a)));
        sizes.push(of_tree);
    }
    let mut counts = monitor.filled((labels.nrows() - 1) * classes, 0)?;
    let rows = counts.par_chunks_mut(classes).zip(further.par_chunks(space.len()));
    rows.try_for_each(|(counts, labels)| {
        for tree in &trees {
            monitor.check()?;
            tree.for_each_piece(labels, |class, _| counts[class] += 1);
        }
        Ok(())
    })?;
    let counts = Array2::from_shape_vec((labels.nrows() - 1, classes), counts).expect("as many");
    Ok(Pieces { sizes, counts, edges })
}

/// A minimum spanning tree, in the order in which Prim's algorithm reaches the points.
struct Tree {
    order: Vec<u32>,
    /// The edge by which each point of the order was reached, but for the first.
    edges: Vec<Reach>,
}

/// How a point is reached from the tree: edges are ordered by length, then by what was
/// drawn for them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reach {
    length: f64,
    drawn: u64,
    end: u32,
}

impl Reach {
    const NEVER: Self = Self { length: f64::INFINITY, drawn: u64::MAX, end: u32::MAX };
    /// Of a point that is part of the tree: before nothing, and nothing is before it.
    const DONE: Self = Self { length: f64::NAN, drawn: 0, end: 0 };

    fn is_before(&self, other: &Self) -> bool {
        self.length < other.length || self.length == other.length && self.drawn < other.drawn
    }
}

impl Tree {
    fn drawn(seed: u64, space: &Space<'_>, monitor: &Monitor) -> Result<Self> {
        let len = space.len();
        monitor.expect(len as u64);
        let mut tree = Self { order: monitor.room(len)?, edges: monitor.room(len)? };
        let mut outside = monitor.filled(len, Reach::NEVER)?;
        let mut newest = 0;
        while tree.order.len() < len {
            monitor.advance(1)?;
            tree.order.push(newest as u32);
            outside[newest] = Reach::DONE;
            let (next, reach) = approach(space, newest, seed, &mut outside, monitor)?;
            if tree.order.len() < len {
                if reach.length.is_infinite() {
                    let found = "points infinitely far apart";
                    return Err(Error::invalid("X", "hold finite distances", found));
                }
                tree.edges.push(reach);
            }
            newest = next;
        }
        Ok(tree)
    }

    /// Calls a function with the class of each piece and its number of points.
    fn for_each_piece(&self, labels: &[u32], mut function: impl FnMut(usize, usize)) {
        let mut pieces = UnionFind::new(labels.len());
        for (&i, edge) in self.order[1.min(labels.len())..].iter().zip(&self.edges) {
            if labels[i as usize] == labels[edge.end as usize] {
                pieces.union(i, edge.end);
            }
        }
        let mut sizes = vec![0; labels.len()];
        (0..labels.len()).for_each(|i| sizes[pieces.find(i as u32) as usize] += 1);
        let pieces = sizes.into_iter().zip(labels).filter(|&(size, _)| size > 0);
        pieces.for_each(|(size, &class)| function(class as usize, size));
    }
}

/// How long the longest step must be on the best way between two points.
///
/// In the order of Prim's algorithm that is the longest of the edges by which it reached
/// those after the first of the two up to the second. A pair is an edge of some minimum
/// spanning tree if and only if it is no longer.
struct Bottlenecks<'a> {
    tree: &'a Tree,
    /// Where each point stands in the order.
    places: Vec<u32>,
}

impl<'a> Bottlenecks<'a> {
    fn of(tree: &'a Tree, monitor: &Monitor) -> Result<Self> {
        let mut places = monitor.filled(tree.order.len(), 0)?;
        for (place, &i) in (0..).zip(&tree.order) {
            places[i as usize] = place;
        }
        Ok(Self { tree, places })
    }

    /// How many edges all minimum spanning trees have together.
    fn edges(&self, space: &Space<'_>, monitor: &Monitor) -> Result<usize> {
        monitor.expect(space.len() as u64);
        let of_point = |i| {
            let edges = self.edges_from(i, space, monitor)?;
            monitor.advance(1)?;
            Ok(edges)
        };
        (0..space.len()).into_par_iter().map(of_point).try_reduce(|| 0, |a, b| Ok(a + b))
    }

    /// As many as lead from a point to later ones.
    fn edges_from(&self, i: usize, space: &Space<'_>, monitor: &Monitor) -> Result<usize> {
        let (order, edges) = (&self.tree.order, &self.tree.edges);
        let mut bottlenecks = vec![0.0; order.len()];
        let place = self.places[i] as usize;
        let mut longest: f64 = 0.0;
        for after in place + 1..order.len() {
            longest = longest.max(edges[after - 1].length);
            bottlenecks[order[after] as usize] = longest;
        }
        longest = 0.0;
        for before in (0..place).rev() {
            longest = longest.max(edges[before].length);
            bottlenecks[order[before] as usize] = longest;
        }
        let mut count = 0;
        for first in (i + 1..order.len()).step_by(BLOCK) {
            monitor.check()?;
            let mut buffer = [0.0; BLOCK];
            let distances = &mut buffer[..BLOCK.min(order.len() - first)];
            distances_from(space, i, first, distances);
            let pairs = distances.iter().zip(&bottlenecks[first..]);
            count += pairs.filter(|(d, bottleneck)| d <= bottleneck).count();
        }
        Ok(count)
    }
}

/// Distances that are computed at once.
const BLOCK: usize = 1024;

/// Lets the points outside look at the newest of the tree; the one that is nearest to the
/// tree, and how.
fn approach(
    space: &Space<'_>,
    newest: usize,
    seed: u64,
    outside: &mut [Reach],
    monitor: &Monitor,
) -> Result<(usize, Reach)> {
    let of_block = |(block, outside): (usize, &mut [Reach])| {
        monitor.check()?;
        let mut buffer = [0.0; BLOCK];
        let distances = &mut buffer[..outside.len()];
        let first = block * BLOCK;
        distances_from(space, newest, first, distances);
        let mut nearest = (usize::MAX, Reach::NEVER);
        for (k, (own, &length)) in outside.iter_mut().zip(distances.iter()).enumerate() {
            if length <= own.length {
                let drawn = draw(seed, newest, first + k);
                let reach = Reach { length, drawn, end: newest as u32 };
                if reach.is_before(own) {
                    *own = reach;
                }
            }
            if own.is_before(&nearest.1) {
                nearest = (first + k, *own);
            }
        }
        Ok(nearest)
    };
    let nearer = |a: (usize, Reach), b: (usize, Reach)| Ok(if b.1.is_before(&a.1) { b } else { a });
    let nobody = (usize::MAX, Reach::NEVER);
    let dim = if let Space::Points(points) = space { points.dim() } else { 1 };
    if outside.len() * dim.max(8) < 16 * BLOCK {
        let blocks = outside.chunks_mut(BLOCK).enumerate();
        blocks.map(of_block).try_fold(nobody, |a, b| nearer(a, b?))
    } else {
        let blocks = outside.par_chunks_mut(BLOCK).enumerate();
        blocks.map(of_block).try_reduce(|| nobody, nearer)
    }
}

/// A number for an edge: SplitMix64 of both ends, so that no two edges have the same.
fn draw(seed: u64, i: usize, j: usize) -> u64 {
    let ends = (i.min(j) as u64) << 32 | i.max(j) as u64;
    let mut z = ends ^ seed;
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 31)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(factor);
    }
    z ^ (z >> 31)
}
