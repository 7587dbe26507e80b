//! Prim's algorithm: the tree grows by the edge to the nearest point outside.

use rayon::prelude::*;

use super::Edge;
use super::sketch::{Row, Sketch, TILE};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::PointCloud;

/// Tiles that one thread looks after.
const TILES: usize = 16;
const BLOCK: usize = TILES * TILE;

/// Every step compares the newest vertex with all points outside, by their
/// sketches; only those that may have come nearer to the tree are measured.
pub fn spanning_tree(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Vec<Edge>> {
    let mut tree = Vec::with_capacity(points.len() - 1);
    let mut outside = Outside::new(points, monitor)?;
    let mut newest = outside.take(0, 0);
    while tree.len() + 1 < points.len() {
        monitor.advance(1)?;
        let nearest = outside.approach(&newest, monitor)?;
        tree.push(nearest.edge);
        newest = outside.take(nearest.block, nearest.slot);
        outside.compact();
    }
    Ok(tree)
}

/// A vertex that the tree has just reached.
struct Newest {
    vertex: u32,
    sketch: Row,
}

/// A point outside with the shortest edge to the tree.
#[derive(Clone, Copy)]
struct Nearest {
    edge: Edge,
    block: usize,
    slot: usize,
}

impl Nearest {
    fn min(self, other: Self) -> Self {
        if other.edge.is_before(&self.edge) { other } else { self }
    }
}

/// The points outside the tree, with their shortest edges to it.
struct Outside<'a> {
    points: &'a PointCloud<'a>,
    sketch: Sketch,
    blocks: Vec<Block>,
    len: usize,
}

impl<'a> Outside<'a> {
    fn new(points: &'a PointCloud<'a>, monitor: &Monitor) -> Result<Self> {
        let order: Vec<u32> = (0..points.len() as u32).collect();
        let sketch = Sketch::new(points, &order, monitor)?;
        let blocks = order.chunks(BLOCK).map(Block::new).collect();
        Ok(Self { points, sketch, blocks, len: points.len() })
    }

    /// Takes the edges to the newest vertex into account and finds the
    /// shortest of all.
    fn approach(&mut self, newest: &Newest, monitor: &Monitor) -> Result<Nearest> {
        /// Work that is worth waking another thread for.
        const ENOUGH: usize = 1 << 20;
        let (points, sketch) = (self.points, &self.sketch);
        let approach = |(index, block): (usize, &mut Block)| {
            monitor.check()?;
            block.approach(index, newest, points, sketch);
            let (edge, slot) = block.nearest;
            Ok(Nearest { edge, block: index, slot })
        };
        let none = Nearest { edge: NO_EDGE, block: 0, slot: 0 };
        if self.blocks.len() * BLOCK * points.dim() < ENOUGH {
            let mut blocks = self.blocks.iter_mut().enumerate();
            blocks.try_fold(none, |nearest, block| Ok(nearest.min(approach(block)?)))
        } else {
            let blocks = self.blocks.par_iter_mut().enumerate();
            blocks.map(approach).try_reduce(|| none, |a, b| Ok(a.min(b)))
        }
    }

    /// Removes a point.
    fn take(&mut self, block: usize, slot: usize) -> Newest {
        self.len -= 1;
        let vertex = self.blocks[block].remove(slot);
        Newest { vertex, sketch: self.sketch.row(block * BLOCK + slot) }
    }

    /// Closes the gaps once there are many.
    fn compact(&mut self) {
        let needed = self.len.div_ceil(BLOCK);
        if needed + 1 + self.blocks.len() / 8 > self.blocks.len() {
            return;
        }
        let mut to = 0;
        for from in 0..self.blocks.len() * BLOCK {
            if self.blocks[from / BLOCK].limits[from % BLOCK / TILE][from % TILE] == GONE {
                continue;
            }
            if from != to {
                self.sketch.copy(from, to);
                let point = self.blocks[from / BLOCK].point(from % BLOCK);
                self.blocks[to / BLOCK].put(to % BLOCK, point);
                self.blocks[from / BLOCK].clear(from % BLOCK);
            }
            to += 1;
        }
        self.blocks.truncate(needed);
        self.blocks.iter_mut().for_each(Block::find_nearest);
        self.sketch.truncate(needed * TILES);
    }
}

/// Limit of a slot without a point: no distance is that small.
const GONE: i32 = -1;

const NO_EDGE: Edge = Edge { length: f64::INFINITY, low: u32::MAX, high: u32::MAX };

/// Points outside the tree.
struct Block {
    vertices: [u32; BLOCK],
    /// Lengths of the shortest edges to the tree, and where they end.
    lengths: [f64; BLOCK],
    ends: [u32; BLOCK],
    /// What the sketches of shorter edges cannot exceed.
    limits: [[i32; TILE]; TILES],
    nearest: (Edge, usize),
}

impl Block {
    fn new(vertices: &[u32]) -> Self {
        let mut block = Self {
            vertices: [u32::MAX; BLOCK],
            lengths: [f64::INFINITY; BLOCK],
            ends: [u32::MAX; BLOCK],
            limits: [[GONE; TILE]; TILES],
            nearest: (NO_EDGE, 0),
        };
        block.vertices[..vertices.len()].copy_from_slice(vertices);
        block.limits.as_flattened_mut()[..vertices.len()].fill(i32::MAX);
        block
    }

    fn approach(
        &mut self,
        index: usize,
        newest: &Newest,
        points: &PointCloud<'_>,
        sketch: &Sketch,
    ) {
        let mut found = [0; TILES];
        sketch.within(&newest.sketch, index * TILES, &self.limits, &mut found);
        for (tile, mut bits) in found.into_iter().enumerate() {
            while bits != 0 {
                let slot = tile * TILE + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                self.measure(slot, newest.vertex, points, sketch);
            }
        }
    }

    fn measure(&mut self, slot: usize, newest: u32, points: &PointCloud<'_>, sketch: &Sketch) {
        let vertex = self.vertices[slot];
        let length = points.distance(vertex as usize, newest as usize);
        // Among edges of one length from one vertex, the lesser end goes first.
        if (length, newest) < (self.lengths[slot], self.ends[slot]) {
            self.lengths[slot] = length;
            self.ends[slot] = newest;
            self.limits.as_flattened_mut()[slot] = sketch.limit(length);
            let edge = Edge::new(length, vertex, newest);
            if edge.is_before(&self.nearest.0) {
                self.nearest = (edge, slot);
            }
        }
    }

    fn remove(&mut self, slot: usize) -> u32 {
        self.clear(slot);
        if slot == self.nearest.1 {
            self.find_nearest();
        }
        self.vertices[slot]
    }

    fn find_nearest(&mut self) {
        self.nearest = (NO_EDGE, 0);
        for (slot, (&length, &limit)) in
            self.lengths.iter().zip(self.limits.as_flattened()).enumerate()
        {
            if limit != GONE && length <= self.nearest.0.length {
                let edge = Edge::new(length, self.vertices[slot], self.ends[slot]);
                if edge.is_before(&self.nearest.0) {
                    self.nearest = (edge, slot);
                }
            }
        }
    }

    fn clear(&mut self, slot: usize) {
        self.limits.as_flattened_mut()[slot] = GONE;
    }

    fn point(&self, slot: usize) -> (u32, f64, u32, i32) {
        let limit = self.limits.as_flattened()[slot];
        (self.vertices[slot], self.lengths[slot], self.ends[slot], limit)
    }

    fn put(&mut self, slot: usize, (vertex, length, end, limit): (u32, f64, u32, i32)) {
        self.vertices[slot] = vertex;
        self.lengths[slot] = length;
        self.ends[slot] = end;
        self.limits.as_flattened_mut()[slot] = limit;
    }
}
