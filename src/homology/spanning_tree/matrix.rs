//! Prim's algorithm on given distances.

use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::Condensed;

/// The lengths of the minimum spanning tree of some of the points, ascending.
///
/// Where distances are tied there are several such trees, all with the same
/// lengths.
pub fn tree_lengths(
    distances: &Condensed,
    subset: &[usize],
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let Some((&(mut newest), rest)) = subset.split_first() else { return Ok(Vec::new()) };
    let mut lengths = Vec::with_capacity(rest.len());
    // What is outside the tree, each with its distance to the tree.
    let mut outside: Vec<(usize, f64)> = rest.iter().map(|&v| (v, f64::INFINITY)).collect();
    while !outside.is_empty() {
        monitor.check()?;
        let (mut nearest, mut least) = (0, f64::INFINITY);
        for (place, (vertex, distance)) in outside.iter_mut().enumerate() {
            *distance = distance.min(distances.get(newest, *vertex));
            if *distance < least {
                (nearest, least) = (place, *distance);
            }
        }
        newest = outside.swap_remove(nearest).0;
        lengths.push(least);
    }
    lengths.sort_unstable_by(f64::total_cmp);
    Ok(lengths)
}
