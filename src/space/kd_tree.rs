//! A k-d tree: points halved again and again along their widest axis
//! (Bentley 1975).

use std::ops::Range;

use super::PointCloud;
use super::spatial_order::spatial_order;
use crate::error::Result;
use crate::monitor::Monitor;

/// Points that are not divided any further.
const LEAF: usize = 12;

/// A complete binary tree over points, which are moved into the order of its
/// leaves: each node holds the points of a range of slots.
///
/// Nodes are numbered level by level; those below node k are 2k + 1 and 2k + 2.
#[derive(Debug)]
pub struct KdTree {
    /// The points, slot by slot.
    pub points: PointCloud<'static>,
    /// Index of the point in each slot.
    pub vertices: Vec<u32>,
    nodes: Vec<Node>,
    /// Least, then largest coordinates of the points of each node.
    boxes: Vec<f64>,
}

/// A part of the points.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// First slot, and the one after the last.
    slots: (u32, u32),
    /// Least index of a point.
    pub least_vertex: u32,
}

impl Node {
    /// The slots of its points.
    pub fn range(&self) -> Range<usize> {
        self.slots.0 as usize..self.slots.1 as usize
    }
}

impl KdTree {
    /// Divides the points, of which there must be one at least.
    pub fn new(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Self> {
        let len = points.len();
        let levels = levels(len);
        // On each level all parts are of one size, or of two that follow each other.
        let leaf = len.div_ceil(1 << levels);
        let vertices = spatial_order(points, |len| (len > leaf).then_some(len / 2), monitor)?;
        let order: Vec<usize> = vertices.iter().map(|&i| i as usize).collect();
        let mut tree = Self {
            points: points.select(&order, monitor)?,
            vertices,
            nodes: Vec::new(),
            boxes: Vec::new(),
        };
        drop(order);
        tree.add_nodes(levels);
        tree.measure(monitor)?;
        Ok(tree)
    }

    /// The halves of a node, unless it is a leaf.
    pub fn children(&self, node: usize) -> Option<[usize; 2]> {
        let first = 2 * node + 1;
        (first < self.nodes.len()).then_some([first, first + 1])
    }

    /// The node that a node is half of, unless it is the root, and its other half.
    pub fn above(node: usize) -> Option<(usize, usize)> {
        let parent = node.checked_sub(1)? / 2;
        Some((parent, 4 * parent + 3 - node))
    }

    /// The leaf that holds a slot.
    pub fn leaf(&self, slot: usize) -> usize {
        let mut node = 0;
        while let Some([left, right]) = self.children(node) {
            node = if self.nodes[left].range().contains(&slot) { left } else { right };
        }
        node
    }

    /// All nodes, those above before those below.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The point of a node's box that is nearest to `origin` in every
    /// coordinate.
    ///
    /// No point of the node has a lesser distance, and none has one after
    /// rounding either: differences, their sums and so on are rounded in the
    /// same order, and rounding keeps the order of numbers.
    #[inline(always)]
    pub fn nearest_in_box(&self, node: usize, origin: &[f64], out: &mut [f64]) {
        let dim = origin.len();
        let (least, largest) = self.boxes[2 * dim * node..2 * dim * (node + 1)].split_at(dim);
        for (k, out) in out.iter_mut().enumerate() {
            *out = origin[k].max(least[k]).min(largest[k]);
        }
    }

    /// Half of the slots to each side, as they were laid.
    fn add_nodes(&mut self, levels: u32) {
        self.nodes.reserve_exact((2 << levels) - 1);
        self.nodes.push(Node { slots: (0, self.points.len() as u32), least_vertex: u32::MAX });
        for node in 0..(1 << levels) - 1 {
            let (start, end) = self.nodes[node].slots;
            let middle = start + (end - start) / 2;
            for slots in [(start, middle), (middle, end)] {
                self.nodes.push(Node { slots, least_vertex: u32::MAX });
            }
        }
    }

    /// Boxes and least vertices, from the leaves upwards.
    fn measure(&mut self, monitor: &Monitor) -> Result<()> {
        let dim = self.points.dim();
        self.boxes = vec![0.0; self.nodes.len() * 2 * dim];
        for node in (0..self.nodes.len()).rev() {
            monitor.check()?;
            if let Some(children) = self.children(node) {
                let least = children.map(|child| self.nodes[child].least_vertex);
                self.nodes[node].least_vertex = least[0].min(least[1]);
                let [a, b] = children.map(|child| 2 * dim * child);
                for k in 0..dim {
                    self.boxes[2 * dim * node + k] = self.boxes[a + k].min(self.boxes[b + k]);
                }
                for k in dim..2 * dim {
                    self.boxes[2 * dim * node + k] = self.boxes[a + k].max(self.boxes[b + k]);
                }
                continue;
            }
            let (start, end) = self.nodes[node].slots;
            let vertices = &self.vertices[start as usize..end as usize];
            self.nodes[node].least_vertex = vertices.iter().copied().min().unwrap_or(u32::MAX);
            let bounds = &mut self.boxes[2 * dim * node..2 * dim * (node + 1)];
            let (least, largest) = bounds.split_at_mut(dim);
            least.copy_from_slice(self.points.row(start as usize));
            largest.copy_from_slice(self.points.row(start as usize));
            for slot in start as usize + 1..end as usize {
                for (k, &x) in self.points.row(slot).iter().enumerate() {
                    least[k] = least[k].min(x);
                    largest[k] = largest[k].max(x);
                }
            }
        }
        Ok(())
    }
}

/// Levels below the root.
fn levels(len: usize) -> u32 {
    len.div_ceil(LEAF).next_power_of_two().ilog2()
}
