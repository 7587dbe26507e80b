//! The pairs of points within a threshold, without the others: found in cells where there are
//! few coordinates, and otherwise among all pairs, tile by tile.

use rayon::prelude::*;

use super::cells::Cells;
use super::search::{Wanted, from_all};
use super::tile::{self, SIDE};
use super::{Graph, PointCloud, pairwise};
use crate::budget::Budget;
use crate::error::Result;
use crate::monitor::Monitor;

/// Points below which all distances take little room.
const FEW: usize = 512;
/// Points by which the number of short distances is estimated.
const SAMPLE: usize = 256;
/// Pairs for each short one above which a graph of these takes less room.
const SHARE: usize = 8;

/// Whether there are many points, few pairs of which look to be within the threshold.
pub fn few_are_within(points: &PointCloud<'_>, threshold: f64, monitor: &Monitor) -> Result<bool> {
    let len = points.len();
    if len < FEW || threshold == f64::INFINITY {
        return Ok(false);
    }
    let sample: Vec<_> = (0..SAMPLE).map(|k| k * len / SAMPLE).collect();
    let sample = pairwise(&points.select(&sample, monitor)?, monitor)?;
    let short = sample.values().iter().filter(|&&d| d <= threshold).count();
    Ok(short * SHARE <= sample.values().len())
}

/// The graph of the pairs within a threshold, with their distances.
pub fn graph_within(
    points: &PointCloud<'_>,
    threshold: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Graph> {
    let len = points.len();
    let cells = if Cells::pay(points) { Cells::bytes(points) } else { 0 };
    let check = |edges: usize| {
        let job = format_args!("a graph of {len} points with {edges} edges up to the threshold");
        let advice = "use a lower `threshold`, `n_landmarks` or `epsilon`";
        Budget { allowed: max_memory }.ask(job, cells + Graph::bytes(len, edges), advice)?;
        Ok(())
    };
    check(0)?;
    monitor.expect(len as u64);
    let graph = match Cells::pay(points) {
        true => {
            let cells = Cells::new(points, monitor)?;
            let wanted = || Within { threshold, found: Vec::new() };
            Graph::from_lists(from_all(&cells, wanted, |ends| check(ends / 2), monitor)?)
        }
        false => Graph::from_later(in_tiles(points, threshold, check, monitor)?, 0.0, monitor)?,
    };
    let is_cut = graph.edge_count() < len * len.saturating_sub(1) / 2;
    Ok(graph.cut_if(is_cut))
}

/// The points within a threshold.
struct Within {
    threshold: f64,
    found: Vec<(u32, f64)>,
}

impl Wanted for Within {
    fn bound(&self) -> f64 {
        self.threshold
    }

    fn wants(&self, distance: f64, _: u32) -> bool {
        distance <= self.threshold
    }

    fn take(&mut self, vertex: u32, distance: f64) {
        if distance <= self.threshold {
            self.found.push((vertex, distance));
        }
    }

    fn hand_over(&mut self, found: &mut Vec<(u32, f64)>) {
        self.found.sort_unstable_by_key(|&(vertex, _)| vertex);
        found.append(&mut self.found);
    }
}

/// For each point the later ones within the threshold; `check` hears from time to time how
/// many pairs there are.
fn in_tiles(
    points: &PointCloud<'_>,
    threshold: f64,
    check: impl Fn(usize) -> Result<()>,
    monitor: &Monitor,
) -> Result<Vec<Vec<(u32, f64)>>> {
    /// Bands of tiles between two checks.
    const AT_ONCE: usize = 64;
    let len = points.len();
    let mut found = monitor.room(len)?;
    let mut edges = 0;
    let firsts: Vec<usize> = (0..len).step_by(SIDE).collect();
    for firsts in firsts.chunks(AT_ONCE) {
        let bands = firsts.par_iter().map(|&first| {
            let band = first..len.min(first + SIDE);
            let mut rows = vec![Vec::new(); band.len()];
            tile::along(points, band, first, monitor, |tile, columns| {
                for (r, row) in rows.iter_mut().enumerate() {
                    let lengths = columns.clone().zip(tile.row(r));
                    let near = lengths.filter(|&(j, d)| j > first + r && *d <= threshold);
                    row.extend(near.map(|(j, &d)| (j as u32, d)));
                }
            })?;
            rows.iter_mut().for_each(Vec::shrink_to_fit);
            monitor.advance(rows.len() as u64)?;
            Ok(rows)
        });
        for rows in bands.collect::<Result<Vec<_>>>()? {
            edges += rows.iter().map(Vec::len).sum::<usize>();
            found.extend(rows);
        }
        check(edges)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;

    /// Whole numbers below `levels` times `size`, and a few copies.
    fn cloud(len: usize, dim: usize, levels: u32, size: f64) -> Vec<f64> {
        let mut seed = (len * 1000 + dim) as u32;
        let numbers = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            size * (0.5 + f64::from((seed >> 8) % levels))
        });
        let mut rows: Vec<f64> = numbers.take(len * dim).collect();
        if len > 20 {
            rows.copy_within(0..7 * dim, 11 * dim);
        }
        rows
    }

    #[test]
    fn pairs_within_are_those_among_all_pairs_bit_for_bit() {
        let monitor = Monitor::new();
        for (_, metric) in Metric::NAMES {
            let mut compared = 0;
            for (len, dim) in
                [(0, 2), (1, 3), (9, 2), (65, 1), (600, 2), (517, 3), (300, 5), (150, 8)]
                    .into_iter()
                    .chain([(130, 9), (140, 16), (100, 23), (90, 63), (70, 64), (45, 100)])
            {
                for (levels, size) in [(1 << 20, 1.0), (4, 1.0), (1 << 20, 1e-160), (3, 1e-310)] {
                    let rows = cloud(len, dim, levels, size);
                    let points = PointCloud::from_rows(rows, (len, dim), metric, &monitor);
                    let Ok(points) = points else { continue };
                    let all = pairwise(&points, &monitor).unwrap();
                    let mut lengths = all.values().to_vec();
                    lengths.sort_by(f64::total_cmp);
                    for share in [0.0, 0.01, 0.1, 0.7, 1.0] {
                        let place = (share * (lengths.len().max(1) - 1) as f64) as usize;
                        let threshold = lengths.get(place).copied().unwrap_or(1.0);
                        let found = graph_within(&points, threshold, u64::MAX, &monitor).unwrap();
                        let pairs = (0..len).flat_map(|i| (i + 1..len).map(move |j| (i, j)));
                        let expected: Vec<_> = pairs
                            .map(|(i, j)| (i as u32, j as u32, all.get(i, j)))
                            .filter(|pair| pair.2 <= threshold)
                            .collect();
                        assert_eq!(found.is_cut(), expected.len() < lengths.len());
                        assert_eq!(found.edge_count(), expected.len());
                        assert!(found.edges().eq(expected), "{metric:?} {len} {dim} {threshold:e}");
                        compared += 1;
                    }
                }
            }
            assert!(compared > 100, "{metric:?}: {compared}");
        }
    }
}
