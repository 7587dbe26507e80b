//! A k-d tree of points in the plane, some of which may be switched off.
//!
//! The tree is a complete one: node k has the children 2k and 2k + 1, and the
//! leaves hold ranges of at most eight points, in the order of the tree.

use std::ops::Range;

use crate::error::Result;
use crate::monitor::Monitor;
use crate::ones::ones;
use crate::sort::select_nth_by;

/// A point of a diagram: birth and death.
pub type Point = [f64; 2];

/// Points in a leaf; the bits of a byte tell which of them are switched on.
const LEAF: usize = 8;

/// The smallest rectangle around the points below a node.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    low: Point,
    high: Point,
}

impl Bounds {
    const EMPTY: Bounds = Bounds { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };

    fn around(points: &[Point]) -> Self {
        points.iter().fold(Self::EMPTY, |bounds, point| bounds.and(Bounds::at(*point)))
    }

    fn at(point: Point) -> Self {
        Self { low: point, high: point }
    }

    fn and(self, other: Self) -> Self {
        let [left, bottom] = self.low;
        let [right, top] = self.high;
        Self {
            low: [left.min(other.low[0]), bottom.min(other.low[1])],
            high: [right.max(other.high[0]), top.max(other.high[1])],
        }
    }

    /// How far a point is from the rectangle along either axis.
    #[inline(always)]
    pub fn gaps(&self, point: Point) -> Point {
        let gap = |axis: usize| {
            (self.low[axis] - point[axis]).max(point[axis] - self.high[axis]).max(0.0)
        };
        [gap(0), gap(1)]
    }
}

/// The larger of the differences of the coordinates.
#[inline(always)]
pub fn chebyshev(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).abs().max((a[1] - b[1]).abs())
}

/// The tree: points in its order, and bounds of its nodes.
#[derive(Debug, Clone)]
pub struct PlaneTree {
    points: Vec<Point>,
    bounds: Vec<Bounds>,
    leaves: usize,
}

impl PlaneTree {
    /// Puts points, with what belongs to them, into the order of the tree.
    pub fn new<T: Copy + Ord>(entries: &mut [(Point, T)], monitor: &Monitor) -> Result<Self> {
        let (len, leaves) = (entries.len(), entries.len().div_ceil(LEAF).next_power_of_two());
        split(entries, &|leaf| len * leaf / leaves, 0..leaves, monitor)?;
        let points: Vec<Point> = entries.iter().map(|(point, _)| *point).collect();
        let mut tree = Self { points, bounds: vec![Bounds::EMPTY; 2 * leaves], leaves };
        for node in (1..2 * leaves).rev() {
            tree.bounds[node] = if node < leaves {
                tree.bounds[2 * node].and(tree.bounds[2 * node + 1])
            } else {
                Bounds::around(&tree.points[tree.range(node - leaves)])
            };
        }
        Ok(tree)
    }

    /// The points, in the order of the tree.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Number of leaves, a power of two.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// Bounds of a node; the root is 1, the leaves begin at their number.
    #[inline(always)]
    pub fn bounds(&self, node: usize) -> &Bounds {
        &self.bounds[node]
    }

    /// Places of the points in a leaf.
    #[inline(always)]
    pub fn range(&self, leaf: usize) -> Range<usize> {
        let len = self.points.len();
        len * leaf / self.leaves..len * (leaf + 1) / self.leaves
    }

    /// The leaf that holds a place.
    #[inline(always)]
    pub fn leaf_of(&self, place: usize) -> usize {
        ((place + 1) * self.leaves - 1) / self.points.len()
    }
}

/// Cuts across the wider axis until a leaf is left; `start` is the first place of
/// a leaf.
fn split<T: Copy + Ord>(
    entries: &mut [(Point, T)],
    start: &impl Fn(usize) -> usize,
    leaves: Range<usize>,
    monitor: &Monitor,
) -> Result<()> {
    if leaves.len() == 1 {
        return Ok(());
    }
    if leaves.len() > 128 {
        monitor.check()?;
    }
    let points = entries.iter().map(|(point, _)| Bounds::at(*point));
    let Bounds { low, high } = points.fold(Bounds::EMPTY, Bounds::and);
    let axis = usize::from(high[1] - low[1] > high[0] - low[0]);
    let middle = leaves.start + leaves.len() / 2;
    let cut = start(middle) - start(leaves.start);
    if cut < entries.len() {
        let before = |(a, x): &(Point, T), (b, y): &(Point, T)| {
            a[axis].total_cmp(&b[axis]).then_with(|| x.cmp(y))
        };
        select_nth_by(entries, cut, before, monitor)?;
    }
    let (left, right) = entries.split_at_mut(cut);
    split(left, start, leaves.start..middle, monitor)?;
    split(right, start, middle..leaves.end, monitor)
}

/// Which points of a tree are switched on.
///
/// The byte of a leaf has a bit for each point, that of an inner node one for
/// each child below which a point is on.
#[derive(Debug, Clone)]
pub struct Switches {
    bytes: Vec<u8>,
}

impl Switches {
    /// All points on.
    pub fn on(tree: &PlaneTree) -> Self {
        let mut switches = Self { bytes: vec![0; 2 * tree.leaves] };
        for node in (1..2 * tree.leaves).rev() {
            switches.bytes[node] = if node >= tree.leaves {
                // At most eight: the shift leaves as many ones.
                ((1_u16 << tree.range(node - tree.leaves).len()) - 1) as u8
            } else {
                let child = |side: usize| u8::from(switches.bytes[2 * node + side] != 0);
                child(0) | child(1) << 1
            };
        }
        switches
    }

    /// Takes over what is on from others of the same tree.
    pub fn copy_from(&mut self, other: &Switches) {
        self.bytes.copy_from_slice(&other.bytes);
    }

    /// Switches the point at a place off.
    #[inline]
    pub fn switch_off(&mut self, tree: &PlaneTree, place: usize) {
        let leaf = tree.leaf_of(place);
        let mut node = tree.leaves + leaf;
        self.bytes[node] &= !(1 << (place - tree.range(leaf).start));
        while self.bytes[node] == 0 && node > 1 {
            self.bytes[node / 2] &= !(1 << (node % 2));
            node /= 2;
        }
    }

    /// A point within `radius` of another that is on, in the Chebyshev metric.
    #[inline]
    pub fn any_within(&self, tree: &PlaneTree, point: Point, radius: f64) -> Option<usize> {
        let mut node = 1;
        loop {
            let [x, y] = tree.bounds[node].gaps(point);
            if self.bytes[node] != 0 && x.max(y) <= radius {
                if node < tree.leaves {
                    node *= 2;
                    continue;
                }
                let near = |place: &usize| chebyshev(tree.points[*place], point) <= radius;
                if let Some(place) = self.places(tree, node - tree.leaves).find(near) {
                    return Some(place);
                }
            }
            // On to the right sibling of the first ancestor that is a left child.
            node >>= node.trailing_ones();
            if node == 0 {
                return None;
            }
            node += 1;
        }
    }

    /// The least distance below `bound` to a point that is on, or `bound`.
    pub fn nearest(&self, tree: &PlaneTree, point: Point, bound: f64) -> f64 {
        self.nearest_below(tree, 1, point, bound)
    }

    fn nearest_below(&self, tree: &PlaneTree, node: usize, point: Point, bound: f64) -> f64 {
        if self.bytes[node] == 0 {
            return bound;
        }
        if node >= tree.leaves {
            let distances = self.places(tree, node - tree.leaves);
            return distances.map(|p| chebyshev(tree.points[p], point)).fold(bound, f64::min);
        }
        let gap = |child: usize| {
            let [x, y] = tree.bounds[child].gaps(point);
            (x.max(y), child)
        };
        let (left, right) = (gap(2 * node), gap(2 * node + 1));
        let (near, far) = if right.0 < left.0 { (right, left) } else { (left, right) };
        [near, far].into_iter().fold(bound, |bound, (gap, child)| {
            if gap < bound { self.nearest_below(tree, child, point, bound) } else { bound }
        })
    }

    /// Places of the points in a leaf that are on.
    #[inline(always)]
    fn places(&self, tree: &PlaneTree, leaf: usize) -> impl Iterator<Item = usize> {
        let start = tree.range(leaf).start;
        ones(self.bytes[tree.leaves + leaf].into()).map(move |bit| start + bit)
    }
}
