//! Classes in pieces: a minimum spanning tree of all points, cut between classes.
//!
//! What such a tree keeps of a class tells whether its points lie together among the
//! others (Friedman and Rafsky 1979). Where distances tie there are several minimum
//! spanning trees: here two points of a class are joined wherever one of these trees
//! joins them, so that the pieces do not depend on the order of the points.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::spanning_tree::Method;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Space, distances_from, pairwise, pairwise_bytes};
use crate::union_find::UnionFind;

/// What is left of classes when all minimum spanning trees are cut between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pieces {
    /// Points of each piece of each class, the largest first.
    pub sizes: Vec<Vec<usize>>,
    /// Pieces of each class under the other labelings, a row a labeling.
    pub counts: Array2<u32>,
    /// Edges of all minimum spanning trees: one less than points if there is only one tree.
    pub edges: usize,
}

/// Cuts the spanning trees of `space` by the first row of `labels`, and counts the pieces
/// by the others.
///
/// Labels are below `classes`; every row has all of them.
pub fn pieces_among_others(
    space: &Space<'_>,
    labels: ArrayView2<'_, u32>,
    classes: usize,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Pieces> {
    check_labels(space.len(), labels, classes)?;
    let bytes = labels.len() as u64 * (4 + UnionFind::BYTES);
    let advice = "use fewer resamples or points";
    let left = Budget { allowed: max_memory }.ask("pieces of classes", bytes, advice)?;
    monitor.allow(max_memory, "pieces of classes", advice);
    match space {
        // Each pair is looked at twice; distances of few coordinates need not be kept for that.
        Space::Points(points)
            if Method::faster(points.len(), points.dim()) == Method::Prim
                && pairwise_bytes(points.len()) <= left.allowed =>
        {
            let distances = Space::Distances(pairwise(points, monitor)?);
            cut(&distances, labels, classes, monitor)
        }
        Space::Points(_) | Space::Distances(_) => cut(space, labels, classes, monitor),
        Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    }
}

fn check_labels(len: usize, labels: ArrayView2<'_, u32>, classes: usize) -> Result<()> {
    let rule = || format!("have a row, or several, of {len} entries below {classes}");
    if labels.ncols() != len || labels.nrows() == 0 {
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
    monitor: &Monitor,
) -> Result<Pieces> {
    monitor.expect(2 * space.len() as u64);
    let bottlenecks = Bottlenecks::of(space, monitor)?;
    let mut labelings = Labeling::of_rows(labels, monitor)?;
    let edges = join_within_classes(space, &bottlenecks, &mut labelings, classes, monitor)?;
    let mut counts = Array2::zeros((labelings.len() - 1, classes));
    for (labeling, mut counts) in labelings[1..].iter_mut().zip(counts.rows_mut()) {
        monitor.check()?;
        labeling.for_each_piece(|class, _| counts[class] += 1);
    }
    let mut sizes = vec![Vec::new(); classes];
    labelings[0].for_each_piece(|class, size| sizes[class].push(size));
    sizes.iter_mut().for_each(|sizes| sizes.sort_unstable_by(|a, b| b.cmp(a)));
    Ok(Pieces { sizes, counts, edges })
}

/// Classes, and their points as far as they are joined.
struct Labeling {
    labels: Vec<u32>,
    pieces: UnionFind,
}

impl Labeling {
    fn of_rows(rows: ArrayView2<'_, u32>, monitor: &Monitor) -> Result<Vec<Self>> {
        let mut labelings = monitor.room(rows.nrows())?;
        for row in rows.rows() {
            monitor.check()?;
            labelings.push(Self { labels: row.to_vec(), pieces: UnionFind::new(row.len()) });
        }
        Ok(labelings)
    }

    fn join(&mut self, i: usize, others: &[u32]) {
        for &j in others {
            if self.labels[i] == self.labels[j as usize] {
                self.pieces.union(i as u32, j);
            }
        }
    }

    /// Calls a function with the class of each piece and its number of points.
    fn for_each_piece(&mut self, mut function: impl FnMut(usize, usize)) {
        let mut sizes = vec![0; self.labels.len()];
        (0..self.labels.len()).for_each(|i| sizes[self.pieces.find(i as u32) as usize] += 1);
        let pieces = sizes.into_iter().zip(&self.labels).filter(|&(size, _)| size > 0);
        pieces.for_each(|(size, &class)| function(class as usize, size));
    }
}

/// Joins the ends of every edge of a minimum spanning tree, under each labeling within
/// classes only; how many such edges there are.
fn join_within_classes(
    space: &Space<'_>,
    bottlenecks: &Bottlenecks,
    labelings: &mut [Labeling],
    classes: usize,
    monitor: &Monitor,
) -> Result<usize> {
    /// Points whose edges are held at once.
    const ROWS: usize = 64;
    let (len, mut edges) = (space.len(), 0);
    for first in (0..len).step_by(ROWS) {
        let rows = (first..len.min(first + ROWS)).into_par_iter();
        let ends = rows.map(|i| bottlenecks.edges_from(i, space, monitor));
        let ends = ends.collect::<Result<Vec<_>>>()?;
        edges += ends.iter().map(Vec::len).sum::<usize>();
        labelings.par_iter_mut().try_for_each(|labeling| {
            for (i, others) in (first..).zip(&ends) {
                monitor.check()?;
                if labeling.pieces.sets() > classes {
                    labeling.join(i, others);
                }
            }
            Ok(())
        })?;
        monitor.advance(ends.len() as u64)?;
    }
    Ok(edges)
}

/// How long the longest step must be on the best way between two points.
///
/// In the order in which Prim's algorithm reaches the points, that is the longest of the
/// edges by which it reached those after the first of the two up to the second. An edge is
/// part of a minimum spanning tree if and only if it is no longer.
struct Bottlenecks {
    order: Vec<u32>,
    lengths: Vec<f64>,
    /// Where each point stands in the order.
    places: Vec<u32>,
}

impl Bottlenecks {
    fn of(space: &Space<'_>, monitor: &Monitor) -> Result<Self> {
        let len = space.len();
        let (mut order, mut lengths) = (monitor.room(len)?, monitor.room(len)?);
        let mut places = monitor.filled(len, 0)?;
        let mut outside = monitor.filled(len, f64::INFINITY)?;
        let mut nearest = (0.0, 0);
        while order.len() < len {
            monitor.advance(1)?;
            let (length, newest) = nearest;
            if newest == NOBODY {
                let found = "points infinitely far apart";
                return Err(Error::invalid("X", "hold finite distances", found));
            }
            places[newest] = order.len() as u32;
            order.push(newest as u32);
            lengths.push(length);
            outside[newest] = REACHED;
            nearest = approach(space, newest, &mut outside, monitor)?;
        }
        Ok(Self { order, lengths, places })
    }

    /// The later ends of all edges of minimum spanning trees from a point.
    fn edges_from(&self, i: usize, space: &Space<'_>, monitor: &Monitor) -> Result<Vec<u32>> {
        let len = self.order.len();
        let mut bottlenecks = vec![0.0; len];
        let place = self.places[i] as usize;
        let mut longest: f64 = 0.0;
        for after in place + 1..len {
            longest = longest.max(self.lengths[after]);
            bottlenecks[self.order[after] as usize] = longest;
        }
        longest = 0.0;
        for before in (0..place).rev() {
            longest = longest.max(self.lengths[before + 1]);
            bottlenecks[self.order[before] as usize] = longest;
        }
        let mut ends = Vec::new();
        for first in (i + 1..len).step_by(BLOCK) {
            monitor.check()?;
            let mut buffer = [0.0; BLOCK];
            let distances = &mut buffer[..BLOCK.min(len - first)];
            distances_from(space, i, first, distances);
            let pairs = distances.iter().zip(&bottlenecks[first..]).zip(first as u32..);
            ends.extend(pairs.filter(|((d, bottleneck), _)| d <= bottleneck).map(|(_, j)| j));
        }
        Ok(ends)
    }
}

/// Distances that are computed at once.
const BLOCK: usize = 1024;
/// In place of the distance to the tree of a point that is part of it.
const REACHED: f64 = f64::NAN;
const NOBODY: usize = usize::MAX;

/// Lowers the distances to the tree, which has reached a point; the least of those outside,
/// and who has it.
fn approach(
    space: &Space<'_>,
    newest: usize,
    outside: &mut [f64],
    monitor: &Monitor,
) -> Result<(f64, usize)> {
    let of_block = |(block, outside): (usize, &mut [f64])| {
        monitor.check()?;
        let mut buffer = [0.0; BLOCK];
        let distances = &mut buffer[..outside.len()];
        distances_from(space, newest, block * BLOCK, distances);
        let mut nearest = (f64::INFINITY, NOBODY);
        for (k, (own, &d)) in outside.iter_mut().zip(distances.iter()).enumerate() {
            if d < *own {
                *own = d;
            }
            if *own < nearest.0 {
                nearest = (*own, block * BLOCK + k);
            }
        }
        Ok(nearest)
    };
    let nearer = |a: (f64, usize), b: (f64, usize)| Ok(if b < a { b } else { a });
    let nobody = (f64::INFINITY, NOBODY);
    let dim = if let Space::Points(points) = space { points.dim() } else { 1 };
    if outside.len() * dim.max(8) < 16 * BLOCK {
        let blocks = outside.chunks_mut(BLOCK).enumerate();
        blocks.map(of_block).try_fold(nobody, |a, b| nearer(a, b?))
    } else {
        let blocks = outside.par_chunks_mut(BLOCK).enumerate();
        blocks.map(of_block).try_reduce(|| nobody, nearer)
    }
}
