//! Degree zero: the merging of components.

use rayon::prelude::*;

use super::filtration::Filtration;
use super::result::{Bar, Persistence};
use crate::error::Result;
use crate::homology::UnionFind;
use crate::monitor::Monitor;
use crate::space::PointCloud;

/// The bars of degree zero by Kruskal's algorithm, and the ranks of the edges
/// that join two components.
pub fn of_filtration(filtration: &Filtration<'_>, monitor: &Monitor) -> Result<(Vec<Bar>, Vec<u32>)> {
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

/// The bars of degree zero straight from the points, by Prim's algorithm: no
/// distance is kept, so the memory is that of the points.
pub fn of_points(
    points: &PointCloud<'_>,
    threshold: f64,
    monitor: &Monitor,
) -> Result<Persistence> {
    let mut deaths = spanning_tree(points.clone(), monitor)?;
    let len = points.len();
    deaths.retain(|&death| death <= threshold);
    deaths.sort_unstable_by(f64::total_cmp);
    let components = len - deaths.len();
    Ok(Persistence { bars: vec![bars(deaths.into_iter().map(|death| (death, None)), components)], threshold, cocycles: false })
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

/// Lengths of the edges of a minimum spanning tree.
///
/// The points still outside stay packed together, so that each step streams
/// through them once, in blocks over the threads.
fn spanning_tree(mut outside: PointCloud<'_>, monitor: &Monitor) -> Result<Vec<f64>> {
    const BLOCK: usize = 1024;
    let mut nearest = vec![f64::INFINITY; outside.len()];
    let mut lengths = Vec::with_capacity(outside.len());
    let mut next = 0;
    monitor.expect(outside.len().saturating_sub(1) as u64);
    while outside.len() > 1 {
        monitor.advance(1)?;
        let newest = outside.row(next).to_vec();
        outside.swap_remove(next);
        nearest.swap_remove(next);
        let closest_of_block = |(block, near): (usize, &mut [f64])| {
            let mut buffer = [0.0; BLOCK];
            let distances = &mut buffer[..near.len()];
            outside.distances_to(&newest, block * BLOCK, distances);
            let mut closest = (f64::INFINITY, usize::MAX);
            for (k, (near, &d)) in near.iter_mut().zip(distances.iter()).enumerate() {
                *near = near.min(d);
                if *near < closest.0 {
                    closest = (*near, block * BLOCK + k);
                }
            }
            closest
        };
        let closer = |a: (f64, usize), b: (f64, usize)| if b < a { b } else { a };
        let none = (f64::INFINITY, usize::MAX);
        let closest = if outside.len() * outside.dim().max(8) < 16 * BLOCK {
            nearest.chunks_mut(BLOCK).enumerate().map(closest_of_block).fold(none, closer)
        } else {
            let blocks = nearest.par_chunks_mut(BLOCK).enumerate();
            blocks.map(closest_of_block).reduce(|| none, closer)
        };
        lengths.push(closest.0);
        next = closest.1;
    }
    Ok(lengths)
}
