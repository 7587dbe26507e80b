//! Degree zero: the merging of components.

use super::bars::Bar;
use super::filtration::{Edge, Entering, Lengths, Ranking};
use crate::error::Result;
use crate::homology::spanning_tree::spanning_tree;
use crate::monitor::Monitor;
use crate::space::PointCloud;
use crate::union_find::UnionFind;

/// Kruskal's algorithm: components, and the edges that joined two of them.
#[derive(Debug)]
pub struct Components {
    sets: UnionFind,
    tree: Vec<Edge>,
}

impl Components {
    pub fn new(len: usize) -> Self {
        Self { sets: UnionFind::new(len), tree: Vec::new() }
    }

    /// Whether there is only one.
    pub fn are_joined(&self) -> bool {
        self.sets.sets() <= 1
    }

    /// Whether an edge joins two of them; `entry` is the one it enters with.
    #[inline(always)]
    pub fn join(&mut self, [i, j]: Edge, entry: Edge) -> bool {
        let joins = !self.are_joined() && self.sets.union(i, j);
        if joins {
            self.tree.push(entry);
        }
        joins
    }

    /// The bars of degree zero.
    pub fn bars(&self, lengths: &Lengths<'_>) -> Vec<Bar> {
        bars(self.tree.iter().map(|&edge| (lengths.of(edge), edge)), self.sets.sets())
    }
}

/// The bars of degree zero, and the ranks of the edges that join components.
pub fn of_ranking(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<(Vec<Bar>, Vec<u32>)> {
    let mut components = Components::new(ranking.len());
    let mut ranks = Vec::new();
    for ((i, j), rank) in ranking.edges().zip(0..) {
        if components.are_joined() {
            break;
        }
        monitor.check()?;
        if components.join([i, j], ranking.entry(rank)) {
            ranks.push(rank);
        }
    }
    Ok((components.bars(ranking.lengths()), ranks))
}

/// The bars of degree zero straight from the points, and the number of edges of
/// the spanning forest: no distance is kept, so the memory is that of the points.
pub fn of_points(
    points: &PointCloud<'_>,
    threshold: f64,
    monitor: &Monitor,
) -> Result<(Vec<Bar>, usize)> {
    let mut tree = spanning_tree(points, monitor)?;
    tree.retain(|edge| edge.length <= threshold);
    let deaths = tree.iter().map(|edge| (edge.length, [edge.low, edge.high]));
    Ok((bars(deaths, points.len() - tree.len()), tree.len()))
}

fn bars(ascending_deaths: impl Iterator<Item = (f64, Edge)>, components: usize) -> Vec<Bar> {
    let finite = ascending_deaths.filter(|&(death, _)| death > 0.0).map(|(death, edge)| Bar {
        death,
        death_edge: Some(edge.into()),
        ..Bar::new(0.0)
    });
    let essential = std::iter::repeat_n(Bar::new(0.0), components);
    finite.chain(essential).collect()
}
