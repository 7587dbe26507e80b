//! Degree zero: the merging of components.

use super::filtration::Filtration;
use super::plan::Plan;
use super::result::{Bar, Persistence};
use crate::error::Result;
use crate::homology::UnionFind;
use crate::homology::spanning_tree::spanning_tree;
use crate::monitor::Monitor;
use crate::space::PointCloud;

/// The bars of degree zero by Kruskal's algorithm, and the ranks of the edges
/// that join two components.
pub fn of_filtration(
    filtration: &Filtration<'_>,
    monitor: &Monitor,
) -> Result<(Vec<Bar>, Vec<u32>)> {
    let mut components = UnionFind::new(filtration.len());
    let mut tree = Vec::new();
    for ((i, j), rank) in filtration.edges().zip(0..) {
        if components.sets() == 1 {
            break;
        }
        monitor.check()?;
        if components.union(i, j) {
            tree.push(rank);
        }
    }
    let deaths = tree.iter().map(|&rank| (filtration.length(rank), Some(filtration.entry(rank))));
    Ok((bars(deaths, components.sets()), tree))
}

/// The bars of degree zero straight from the points: no distance is kept, so
/// the memory is that of the points.
pub fn of_points(
    points: &PointCloud<'_>,
    threshold: f64,
    monitor: &Monitor,
) -> Result<Persistence> {
    let mut tree = spanning_tree(points, monitor)?;
    tree.retain(|edge| edge.length <= threshold);
    let components = points.len() - tree.len();
    let deaths = tree.iter().map(|edge| (edge.length, Some((edge.low, edge.high))));
    let edges = tree.len();
    Ok(Persistence {
        bars: vec![bars(deaths, components)],
        threshold,
        cocycles: false,
        plan: Plan::SPANNING_TREE,
        reasons: format!(
            "{} points without distances: degree 0 needs their spanning tree only, {edges} edges",
            points.len()
        ),
        estimate: 0,
    })
}

fn bars(
    ascending_deaths: impl Iterator<Item = (f64, Option<(u32, u32)>)>,
    components: usize,
) -> Vec<Bar> {
    let finite = ascending_deaths.filter(|&(death, _)| death > 0.0);
    let essential = std::iter::repeat_n((f64::INFINITY, None), components);
    let bar = |(death, death_edge)| Bar { death, death_edge, ..Bar::new(0.0) };
    finite.chain(essential).map(bar).collect()
}
