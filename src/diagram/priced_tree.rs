//! Targets with prices, of which those that are cheap to reach are found quickly.

use super::ground::{Ground, between};
use super::plane_tree::{PlaneTree, Point};

/// Stands for a target that is not looked for.
const HIDDEN: f64 = f64::NEG_INFINITY;

/// The points of a tree with their prices; each node knows the highest price below
/// it, so that the cost of what is below it, less its price, has a bound.
#[derive(Debug)]
pub struct PricedTree<'a> {
    tree: &'a PlaneTree,
    ground: Ground,
    prices: Vec<f64>,
    highest: Vec<f64>,
    /// Nodes that are still to be visited, and their bounds.
    stack: Vec<(f64, usize)>,
}

impl<'a> PricedTree<'a> {
    /// The targets in the order of the tree at some prices.
    pub fn new(tree: &'a PlaneTree, ground: Ground, prices: &[f64]) -> Self {
        let highest = vec![HIDDEN; 2 * tree.leaves()];
        let stack = Vec::with_capacity(64);
        let mut priced = Self { tree, ground, prices: prices.to_vec(), highest, stack };
        for node in (1..2 * tree.leaves()).rev() {
            priced.highest[node] = priced.highest_below(node);
        }
        priced
    }

    /// Gives a target a price.
    #[inline]
    pub fn set(&mut self, target: usize, price: f64) {
        self.prices[target] = price;
        let mut node = self.tree.leaves() + self.tree.leaf_of(target);
        while node > 0 {
            let highest = self.highest_below(node);
            if highest == self.highest[node] {
                break;
            }
            self.highest[node] = highest;
            node /= 2;
        }
    }

    /// Leaves a target out until it gets a price again.
    #[inline]
    pub fn hide(&mut self, target: usize) {
        self.set(target, HIDDEN);
    }

    #[inline]
    fn highest_below(&self, node: usize) -> f64 {
        let leaves = self.tree.leaves();
        if node < leaves {
            return self.highest[2 * node].max(self.highest[2 * node + 1]);
        }
        self.prices[self.tree.range(node - leaves)].iter().copied().fold(HIDDEN, f64::max)
    }

    /// Calls `found` with the targets whose cost from a point, less their price, is
    /// below a limit, the near ones first; it returns the limit from then on.
    #[inline]
    pub fn below(
        &mut self,
        point: Point,
        mut limit: f64,
        mut found: impl FnMut(usize, f64) -> f64,
    ) {
        let leaves = self.tree.leaves();
        self.stack.clear();
        self.stack.push((self.bound(1, point), 1));
        while let Some((bound, node)) = self.stack.pop() {
            if bound >= limit {
                continue;
            }
            if node < leaves {
                let (left, right) = (2 * node, 2 * node + 1);
                let left = (self.bound(left, point), left);
                let right = (self.bound(right, point), right);
                let (near, far) = if right.0 < left.0 { (right, left) } else { (left, right) };
                self.stack.extend([far, near]);
                continue;
            }
            for target in self.tree.range(node - leaves) {
                let cost = self.ground.cost(between(point, self.tree.points()[target]));
                let net = cost - self.prices[target];
                if net < limit {
                    limit = found(target, net);
                }
            }
        }
    }

    #[inline(always)]
    fn bound(&self, node: usize, point: Point) -> f64 {
        self.ground.cost(self.tree.bounds(node).gaps(point)) - self.highest[node]
    }
}
