//! Matchings of least cost by shortest augmenting paths.
//!
//! Each point of two diagrams gets a mate or pays the way to the diagonal. The
//! dual of this linear programme gives every point a price u_i ≤ d_i, v_j ≤ d_j
//! with u_i + v_j ≤ c_ij. Prices begin at zero, so that they stay of the size of
//! the costs that are paid, and nothing is lost where diagrams are close. One point
//! after the other is given what its price asks for, along a path of least reduced
//! cost c_ij − u_i − v_j (Dijkstra), first those of one side, then what is left of
//! the other. Where a path may end, at a point without a mate or at the
//! diagonal, bounds how far it needs to be followed: so only the nearest neighbours are
//! looked at, and no pair is left out that could matter.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Diagram;
use super::cover::NONE;
use super::ground::{Ground, to_diagonal};
use super::plane_tree::Point;
use super::priced_tree::PricedTree;
use crate::error::Result;
use crate::monitor::Monitor;

/// The points of one diagram: what they pay for the diagonal, their prices and
/// mates.
#[derive(Debug)]
pub struct Side<'a> {
    diagram: &'a Diagram,
    diagonal: Vec<f64>,
    prices: Vec<f64>,
    mates: Vec<u32>,
}

impl<'a> Side<'a> {
    /// Points without mates, at price zero.
    pub fn new(diagram: &'a Diagram, ground: Ground) -> Self {
        let diagonal = |point: &Point| ground.cost(to_diagonal(*point));
        Self {
            diagram,
            diagonal: diagram.points().iter().map(diagonal).collect(),
            prices: vec![0.0; diagram.len()],
            mates: vec![NONE; diagram.len()],
        }
    }

    /// Costs of the ways to the diagonal.
    pub fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// Places of the mates in the other diagram.
    pub fn mates(&self) -> &[u32] {
        &self.mates
    }

    /// What all points without mates pay for the diagonal beyond their prices.
    fn open(&self) -> f64 {
        let free = (0..self.mates.len() as u32).filter(|&i| self.mates[i as usize] == NONE);
        free.map(|i| self.slack(i)).sum()
    }

    /// How far the price of a point is below its way to the diagonal.
    fn slack(&self, i: u32) -> f64 {
        self.diagonal[i as usize] - self.prices[i as usize]
    }
}

/// What the prices say that a matching must cost, and how much more it costs as
/// long as points without mates go to the diagonal.
#[derive(Debug)]
pub struct Gap {
    least: f64,
    more: f64,
    /// How much more it may cost, as a share of the least.
    tolerated: f64,
}

impl Gap {
    /// The gap of sides at price zero, where `paid` has to be paid anyway.
    pub fn new(paid: f64, tolerated: f64, sides: [&Side<'_>; 2]) -> Self {
        let more = sides.iter().map(|side| side.open()).sum();
        Self { least: paid, more, tolerated }
    }

    /// Whether the matching is good enough. What it costs beyond the prices is
    /// summed up anew then: little is left of a difference of large numbers.
    fn is_tolerated(&mut self, sources: &Side<'_>, targets: &Side<'_>) -> bool {
        if self.tolerated == 0.0 || self.more > self.tolerated * self.least {
            return false;
        }
        self.more = sources.open() + targets.open();
        self.more <= self.tolerated * self.least
    }
}

/// Gives every source without a mate a target, or sends it or another one to the
/// diagonal; until the gap is closed or small enough.
pub fn serve<'d>(
    sources: &mut Side<'d>,
    targets: &mut Side<'d>,
    ground: Ground,
    gap: &mut Gap,
    monitor: &Monitor,
) -> Result<()> {
    // The longest first: what is left is worth least if the gap closes early.
    let mut roots: Vec<u32> = (0..sources.mates.len() as u32).collect();
    let length = |i: &u32| sources.diagonal[*i as usize];
    roots.sort_unstable_by(|i, j| length(j).total_cmp(&length(i)).then(i.cmp(j)));
    let mut search = Search {
        labels: vec![f64::INFINITY; targets.prices.len()],
        previous: vec![NONE; targets.prices.len()],
        touched: Vec::new(),
        settled: Vec::new(),
        heap: BinaryHeap::new(),
        exit: Exit { distance: f64::INFINITY, end: End::Target(NONE) },
        priced: PricedTree::new(targets.diagram.tree(), ground, &targets.prices),
        sources,
        targets,
    };
    for root in roots {
        monitor.check()?;
        if gap.is_tolerated(search.sources, search.targets) {
            break;
        }
        if search.sources.mates[root as usize] == NONE {
            gap.more -= search.sources.slack(root);
            search.run(root, monitor)?;
            gap.least += search.exit.distance;
            if let End::Target(target) = search.exit.end {
                gap.more -= search.targets.slack(target);
            }
        }
    }
    Ok(())
}

/// A search for the shortest way from a source to an exit.
struct Search<'a, 'd> {
    sources: &'a mut Side<'d>,
    targets: &'a mut Side<'d>,
    /// The targets; those that a search has settled are hidden meanwhile.
    priced: PricedTree<'d>,
    /// Least distances known of the targets, and the sources that they are from.
    labels: Vec<f64>,
    previous: Vec<u32>,
    /// Targets with a label.
    touched: Vec<u32>,
    /// Sources that were reached, and their distances.
    settled: Vec<(u32, f64)>,
    heap: BinaryHeap<Reverse<Label>>,
    exit: Exit,
}

/// Where a way ends, and how far that is.
#[derive(Debug, Clone, Copy)]
struct Exit {
    distance: f64,
    end: End,
}

impl Exit {
    fn offer(&mut self, distance: f64, end: End) {
        if distance < self.distance {
            *self = Exit { distance, end };
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// A target without a mate.
    Target(u32),
    /// A source that goes to the diagonal.
    Source(u32),
}

impl Search<'_, '_> {
    /// Dijkstra's algorithm up to the nearest exit, and the exchange of mates and
    /// prices that it asks for.
    fn run(&mut self, root: u32, monitor: &Monitor) -> Result<()> {
        self.exit = Exit { distance: f64::INFINITY, end: End::Source(root) };
        self.reach(root, 0.0);
        while let Some(Reverse(Label { distance, target })) = self.heap.pop() {
            if distance >= self.exit.distance {
                break;
            }
            // A label that has got smaller since has been popped before.
            if distance == self.labels[target as usize] {
                self.priced.hide(target as usize);
                self.reach(self.targets.mates[target as usize], distance);
                if self.settled.len().is_multiple_of(64) {
                    monitor.check()?;
                }
            }
        }
        self.change_prices();
        self.exchange();
        for target in self.touched.drain(..) {
            self.labels[target as usize] = f64::INFINITY;
        }
        self.settled.clear();
        self.heap.clear();
        Ok(())
    }

    /// Labels the targets next to a source, as far as they may come before the exit.
    fn reach(&mut self, source: u32, distance: f64) {
        let i = source as usize;
        self.settled.push((source, distance));
        let base = distance - self.sources.prices[i];
        self.exit.offer(base + self.sources.diagonal[i], End::Source(source));
        let limit = self.exit.distance - base;
        self.priced.below(self.sources.diagram.points()[i], limit, |j, net| {
            // Rounding must not make a way shorter than its beginning.
            let label = (base + net).max(distance);
            if label < self.labels[j] && label < self.exit.distance {
                let target = j as u32;
                if self.labels[j].is_infinite() {
                    self.touched.push(target);
                }
                self.labels[j] = label;
                self.previous[j] = source;
                if self.targets.mates[j] == NONE {
                    self.exit.offer(label, End::Target(target));
                } else {
                    self.heap.push(Reverse(Label { distance: label, target }));
                }
            }
            self.exit.distance - base
        });
    }

    /// Makes the way to the exit free of charge, and leaves no pair below cost.
    fn change_prices(&mut self) {
        for &(source, distance) in &self.settled {
            let rise = self.exit.distance - distance;
            self.sources.prices[source as usize] += rise;
            let mate = self.sources.mates[source as usize];
            if mate != NONE {
                self.targets.prices[mate as usize] -= rise;
                self.priced.set(mate as usize, self.targets.prices[mate as usize]);
            }
        }
    }

    /// Gives each source on the way to the exit the next target.
    fn exchange(&mut self) {
        let mut target = match self.exit.end {
            End::Target(target) => target,
            End::Source(source) => {
                let i = source as usize;
                self.sources.prices[i] = self.sources.diagonal[i];
                std::mem::replace(&mut self.sources.mates[i], NONE)
            }
        };
        // The root had no mate.
        while target != NONE {
            let source = self.previous[target as usize];
            self.targets.mates[target as usize] = source;
            target = std::mem::replace(&mut self.sources.mates[source as usize], target);
        }
    }
}

/// A distance from the root of a search, and a target there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Label {
    distance: f64,
    target: u32,
}

impl Eq for Label {}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_target = || self.target.cmp(&other.target);
        self.distance.total_cmp(&other.distance).then_with(by_target)
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
