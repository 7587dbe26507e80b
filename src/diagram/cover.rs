//! Matchings that cover the long points of a diagram within a radius.

use super::plane_tree::{PlaneTree, Point, Switches, chebyshev};
use crate::error::Result;
use crate::monitor::Monitor;

/// Stands for no mate.
pub const NONE: u32 = u32::MAX;

/// A matching of points with targets that shall cover all points farther than a
/// radius from the diagonal, by pairs no farther apart than the radius.
///
/// It is kept from one radius to the next: pairs that are still short enough stay.
#[derive(Debug)]
pub struct Cover<'a> {
    points: &'a [Point],
    half_lives: &'a [f64],
    targets: &'a PlaneTree,
    /// Targets of the points, and points of the targets.
    mates: Vec<u32>,
    owners: Vec<u32>,
    all: Switches,
    free: Switches,
    unvisited: Switches,
    path: Vec<Step>,
    seen: Vec<u32>,
}

/// A point on an alternating path, and its mate, over which it was reached.
#[derive(Debug, Clone, Copy)]
struct Step {
    point: u32,
    mate: u32,
}

impl<'a> Cover<'a> {
    /// An empty matching.
    pub fn new(points: &'a [Point], half_lives: &'a [f64], targets: &'a PlaneTree) -> Self {
        let all = Switches::on(targets);
        Self {
            points,
            half_lives,
            targets,
            mates: vec![NONE; points.len()],
            owners: vec![NONE; targets.points().len()],
            free: all.clone(),
            unvisited: all.clone(),
            all,
            path: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Targets of the points.
    pub fn mates(&self) -> &[u32] {
        &self.mates
    }

    /// Points of the targets.
    pub fn owners(&self) -> &[u32] {
        &self.owners
    }

    /// The least radius at which the longest of the shortest ways out, to a target
    /// or to the diagonal, is open: no cover has a smaller one.
    pub fn least_radius(&self, monitor: &Monitor) -> Result<f64> {
        let mut least: f64 = 0.0;
        for (&point, &half_life) in self.points.iter().zip(self.half_lives) {
            if half_life > least {
                monitor.check()?;
                least = least.max(self.all.nearest(self.targets, point, half_life));
            }
        }
        Ok(least)
    }

    /// The radius that the matching needs.
    pub fn radius(&self) -> f64 {
        (0..self.points.len()).map(|i| self.cost(i)).fold(0.0, f64::max)
    }

    fn cost(&self, i: usize) -> f64 {
        match self.mates[i] {
            NONE => self.half_lives[i],
            mate => chebyshev(self.points[i], self.targets.points()[mate as usize]),
        }
    }

    /// Covers the long points within a radius, by augmenting paths in phases that
    /// visit no target twice (Pothen and Fan 1990). Where that cannot be, returns
    /// a larger radius below which it cannot be either.
    pub fn extend(&mut self, radius: f64, monitor: &Monitor) -> Result<Option<f64>> {
        self.loosen(radius);
        let long = |i: &u32| self.half_lives[*i as usize] > radius;
        let mut left: Vec<u32> = (0..self.points.len() as u32).filter(long).collect();
        left.retain(|&i| self.mates[i as usize] == NONE);
        while !left.is_empty() {
            self.unvisited.copy_from(&self.all);
            let before = left.len();
            let mut remaining = Vec::new();
            for (done, &root) in left.iter().enumerate() {
                monitor.check()?;
                if !self.augment(root, radius, monitor)? {
                    // The first search of a phase has seen all that it can reach.
                    if remaining.len() == done {
                        return self.next_radius(monitor).map(Some);
                    }
                    remaining.push(root);
                }
            }
            debug_assert!(remaining.len() < before);
            left = remaining;
        }
        Ok(None)
    }

    /// Gives up the pairs that are too long or no longer needed.
    fn loosen(&mut self, radius: f64) {
        self.free.copy_from(&self.all);
        for i in 0..self.points.len() {
            let mate = self.mates[i];
            if mate == NONE {
                continue;
            }
            if self.half_lives[i] > radius && self.cost(i) <= radius {
                self.free.switch_off(self.targets, mate as usize);
            } else {
                self.mates[i] = NONE;
                self.owners[mate as usize] = NONE;
            }
        }
    }

    /// Looks for an augmenting path from `root`, depth first, and takes it.
    fn augment(&mut self, root: u32, radius: f64, monitor: &Monitor) -> Result<bool> {
        self.path.clear();
        self.seen.clear();
        self.path.push(Step { point: root, mate: NONE });
        self.seen.push(root);
        let mut fresh = true;
        while let Some(&Step { point, .. }) = self.path.last() {
            let at = self.points[point as usize];
            // A target that is free stays so during a search: it is looked for once.
            if fresh && let Some(target) = self.free.any_within(self.targets, at, radius) {
                self.free.switch_off(self.targets, target);
                self.take(target as u32);
                return Ok(true);
            }
            fresh = false;
            match self.unvisited.any_within(self.targets, at, radius) {
                Some(target) => {
                    self.unvisited.switch_off(self.targets, target);
                    let owner = self.owners[target];
                    self.path.push(Step { point: owner, mate: target as u32 });
                    self.seen.push(owner);
                    fresh = true;
                    if self.seen.len().is_multiple_of(256) {
                        monitor.check()?;
                    }
                }
                None => _ = self.path.pop(),
            }
        }
        Ok(false)
    }

    /// Shifts the mates along the path, whose last point gets `target`.
    fn take(&mut self, mut target: u32) {
        while let Some(Step { point, mate }) = self.path.pop() {
            self.mates[point as usize] = target;
            self.owners[target as usize] = point;
            target = mate;
        }
    }

    /// After a search that failed and saw all it can reach, by Hall's theorem: the
    /// points that were seen are too many for their targets until one of them
    /// reaches the diagonal or another target.
    fn next_radius(&self, monitor: &Monitor) -> Result<f64> {
        let mut next = f64::INFINITY;
        for &i in &self.seen {
            monitor.check()?;
            next = next.min(self.half_lives[i as usize]);
            next = self.unvisited.nearest(self.targets, self.points[i as usize], next);
        }
        Ok(next)
    }
}
