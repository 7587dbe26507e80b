//! Prim's algorithm: the tree grows by the edge to the nearest point outside.

use rayon::prelude::*;

use super::edge::Edge;
use super::integers::{Row, TILE};
use super::sketch::Sketch;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::ones::ones;
use crate::space::PointCloud;

/// Every step compares the newest vertex with all points outside, by their
/// sketches; only those that may have come nearer to the tree are measured.
pub fn spanning_tree(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Vec<Edge>> {
    let mut tree = Vec::with_capacity(points.len() - 1);
    let mut outside = Outside::new(points, monitor)?;
    let mut newest = outside.swap_remove(0);
    while outside.len > 0 {
        monitor.advance(1)?;
        let nearest = outside.approach(&newest, monitor)?;
        tree.push(nearest.edge);
        newest = outside.swap_remove(nearest.slot);
    }
    Ok(tree)
}

/// The vertex that the tree reached last.
struct Newest {
    vertex: u32,
    sketch: Row,
}

/// A shortest edge, and the slot of its end outside.
#[derive(Debug, Clone, Copy)]
struct Nearest {
    edge: Edge,
    slot: usize,
}

impl Nearest {
    const NONE: Self =
        Self { edge: Edge { length: f64::INFINITY, low: u32::MAX, high: u32::MAX }, slot: 0 };

    fn or(self, other: Self) -> Self {
        if other.edge.is_before(&self.edge) { other } else { self }
    }
}

/// The points outside the tree, in slots without gaps.
struct Outside<'a> {
    points: &'a PointCloud<'a>,
    sketch: Sketch,
    blocks: Vec<Block>,
    len: usize,
}

impl<'a> Outside<'a> {
    fn new(points: &'a PointCloud<'a>, monitor: &Monitor) -> Result<Self> {
        let sketch = Sketch::new(points, monitor)?;
        let vertices: Vec<u32> = (0..points.len() as u32).collect();
        let first = (0..).step_by(BLOCK);
        let blocks = vertices.chunks(BLOCK).zip(first).map(|(v, first)| Block::new(first, v));
        Ok(Self { points, sketch, blocks: blocks.collect(), len: points.len() })
    }

    /// Takes the edges to the newest vertex into account and finds the
    /// shortest of all.
    fn approach(&mut self, newest: &Newest, monitor: &Monitor) -> Result<Nearest> {
        /// Coordinates that are worth another thread.
        const ENOUGH: usize = 1 << 20;
        let (points, sketch) = (self.points, &self.sketch);
        let approach = |block: &mut Block| {
            monitor.check()?;
            block.approach(newest, points, sketch);
            Ok(block.nearest)
        };
        if self.len * points.dim() < ENOUGH {
            let mut found = self.blocks.iter_mut().map(approach);
            found.try_fold(Nearest::NONE, |nearest, next| Ok(nearest.or(next?)))
        } else {
            let found = self.blocks.par_iter_mut().map(approach);
            found.try_reduce(|| Nearest::NONE, |a, b| Ok(a.or(b)))
        }
    }

    /// Takes a point out of its slot, and moves the last one there.
    fn swap_remove(&mut self, slot: usize) -> Newest {
        let vertex = self.blocks[slot / BLOCK].points[slot % BLOCK].vertex;
        let newest = Newest { vertex, sketch: self.sketch.row(slot) };
        self.len -= 1;
        let last = self.len;
        let (point, limit) = self.blocks[last / BLOCK].pop(last);
        if slot != last {
            self.sketch.copy(last, slot);
            self.blocks[slot / BLOCK].replace(slot, point, limit);
        }
        self.blocks.truncate(last.div_ceil(BLOCK));
        newest
    }
}

/// Tiles that one thread looks at in a row.
const TILES: usize = 16;
const BLOCK: usize = TILES * TILE;

/// A point outside, and its shortest edge to the tree.
#[derive(Debug, Clone, Copy)]
struct Point {
    vertex: u32,
    end: u32,
    length: f64,
}

/// Points in successive slots.
struct Block {
    first: usize,
    points: Vec<Point>,
    /// What the sketches of shorter edges cannot exceed.
    limits: [[i32; TILE]; TILES],
    nearest: Nearest,
}

/// Limit of a slot without a point: no distance is that small.
const GONE: i32 = -1;

impl Block {
    fn new(first: usize, vertices: &[u32]) -> Self {
        let point = |&vertex: &u32| Point { vertex, end: u32::MAX, length: f64::INFINITY };
        let mut limits = [[GONE; TILE]; TILES];
        limits.as_flattened_mut()[..vertices.len()].fill(i32::MAX);
        let points = vertices.iter().map(point).collect();
        Self { first, points, limits, nearest: Nearest::NONE }
    }

    fn approach(&mut self, newest: &Newest, points: &PointCloud<'_>, sketch: &Sketch) {
        for tile in 0..self.points.len().div_ceil(TILE) {
            let index = self.first / TILE + tile;
            for place in ones(sketch.within(&newest.sketch, index, &self.limits[tile])) {
                self.measure(tile * TILE + place, newest.vertex, points, sketch);
            }
        }
    }

    fn measure(&mut self, place: usize, newest: u32, points: &PointCloud<'_>, sketch: &Sketch) {
        let Point { vertex, end, length } = self.points[place];
        if length == 0.0 && end < newest {
            return;
        }
        let distance = points.distance(vertex as usize, newest as usize);
        // Among edges of one length from one vertex, the lesser end goes first.
        if (distance, newest) < (length, end) {
            self.points[place] = Point { vertex, end: newest, length: distance };
            self.limits.as_flattened_mut()[place] = sketch.limit(distance);
            self.nearest = self.nearest.or(self.edge(place));
        }
    }

    fn edge(&self, place: usize) -> Nearest {
        let Point { vertex, end, length } = self.points[place];
        Nearest { edge: Edge::new(length, vertex, end), slot: self.first + place }
    }

    fn pop(&mut self, slot: usize) -> (Point, i32) {
        let place = slot - self.first;
        let limit = std::mem::replace(&mut self.limits.as_flattened_mut()[place], GONE);
        let point = self.points.remove(place);
        if self.nearest.slot == slot {
            self.find_nearest();
        }
        (point, limit)
    }

    fn replace(&mut self, slot: usize, point: Point, limit: i32) {
        self.points[slot - self.first] = point;
        self.limits.as_flattened_mut()[slot - self.first] = limit;
        self.find_nearest();
    }

    fn find_nearest(&mut self) {
        let mut nearest = Nearest::NONE;
        for place in 0..self.points.len() {
            // Most points need no more than a look at their lengths.
            if self.points[place].length <= nearest.edge.length {
                nearest = nearest.or(self.edge(place));
            }
        }
        self.nearest = nearest;
    }
}
