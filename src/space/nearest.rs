//! The nearest neighbours of all points, exactly.
//!
//! In the cells of a k-d tree (Friedman, Bentley and Finkel 1977) where points have few
//! coordinates, among candidates of inner products where they have many, and otherwise among
//! all pairs. All find the same ones, since all take distances in the same way and tell equal
//! ones apart by index.

use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::candidates::{self, candidates};
use super::cells::Cells;
use super::few::to_few;
use super::lists::Lists;
use super::search::{Wanted, from_all};
use super::tile;
use super::{PointCloud, Space};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// For each point the `count` nearest others, by (distance, index). Points at an infinite
/// distance are no neighbours.
pub fn nearest_others(space: &Space<'_>, count: usize, monitor: &Monitor) -> Result<Lists> {
    let rows = match space {
        Space::Points(points) if Cells::pay(points) && pays(points.len(), count) => {
            return in_cells(points, count, monitor);
        }
        Space::Points(points) if candidates::pay(points, count) => {
            match candidates(points, count, monitor)? {
                Some(candidates) => nearest_among(points, candidates, count, monitor)?,
                None => in_tiles(points, count, monitor)?,
            }
        }
        Space::Points(points) if tile::pays(points) => in_tiles(points, count, monitor)?,
        Space::Points(points) => each(points.len(), monitor, |i, buffer| {
            points.distances_to(points.row(i), 0, buffer);
            nearest(buffer, i, count)
        })?,
        Space::Distances(distances) => each(distances.len(), monitor, |i, buffer| {
            distances.distances_to(i, 0, buffer);
            nearest(buffer, i, count)
        })?,
        Space::Graph(_) => {
            let rule = "not be sparse here (missing pairs have no distance)";
            return Err(Error::invalid("X", rule, "a sparse matrix"));
        }
    };
    Lists::joined(&rows, monitor)
}

/// Looks at all distances from each point, in parallel.
fn each<T: Send>(
    len: usize,
    monitor: &Monitor,
    look: impl Fn(usize, &mut [f64]) -> T + Sync,
) -> Result<Vec<T>> {
    let rows = (0..len).into_par_iter().map_init(Vec::new, |buffer, i| {
        monitor.advance(1)?;
        buffer.resize(len, 0.0);
        Ok(look(i, buffer))
    });
    rows.collect()
}

/// Looks at all distances from a tile's rows at once.
fn in_tiles(
    points: &PointCloud<'_>,
    count: usize,
    monitor: &Monitor,
) -> Result<Vec<Vec<(u32, f64)>>> {
    let len = points.len();
    let height = tile::height(points);
    let bands = (0..len.div_ceil(height)).into_par_iter().map_init(Vec::new, |buffer, band| {
        let rows = band * height..len.min((band + 1) * height);
        buffer.resize(len * rows.len(), 0.0);
        tile::along(points, rows.clone(), 0, monitor, |tile, columns| {
            for (r, row) in buffer.chunks_exact_mut(len).enumerate() {
                row[columns.clone()].copy_from_slice(&tile.row(r)[..columns.len()]);
            }
        })?;
        monitor.advance(rows.len() as u64)?;
        Ok(buffer.chunks_exact(len).zip(rows).map(|(row, i)| nearest(row, i, count)).collect())
    });
    let bands: Vec<Vec<_>> = bands.collect::<Result<_>>()?;
    Ok(bands.into_iter().flatten().collect())
}

/// Those of given ones, of which each pair is compared once.
fn nearest_among(
    points: &PointCloud<'_>,
    candidates: Vec<Vec<u32>>,
    count: usize,
    monitor: &Monitor,
) -> Result<Vec<Vec<(u32, f64)>>> {
    let wanted = |i: u32, j: u32| candidates[i as usize].binary_search(&j).is_ok();
    let compared = candidates.par_iter().enumerate().map(|(i, row)| {
        monitor.check()?;
        // The first of two that want each other is compared.
        let i = i as u32;
        Ok(row.iter().copied().filter(|&j| i < j || !wanted(j, i)).collect())
    });
    let compared: Vec<Vec<u32>> = compared.collect::<Result<_>>()?;
    let distances = to_few(points, &compared, monitor)?;
    let nearest = candidates.par_iter().enumerate().map(|(i, candidates)| {
        monitor.advance(1)?;
        let i = i as u32;
        let distance = |&j: &u32| {
            let by = |of: u32, other: u32| {
                let place = compared[of as usize].binary_search(&other).ok()?;
                Some(distances[of as usize][place])
            };
            (j, by(i, j).or_else(|| by(j, i)).expect("one of both was compared"))
        };
        Ok(first(candidates.iter().map(distance).collect(), count))
    });
    nearest.collect()
}

/// Whether so few are asked for that they need not be selected among all.
fn pays(len: usize, count: usize) -> bool {
    count > 0 && len / count >= 16
}

fn in_cells(points: &PointCloud<'_>, count: usize, monitor: &Monitor) -> Result<Lists> {
    let cells = Cells::new(points, monitor)?;
    let wanted = || Nearest { count, best: BinaryHeap::with_capacity(count + 1) };
    from_all(&cells, wanted, |_| Ok(()), monitor)
}

/// The nearest points so far, by (distance, index), the last one on top.
struct Nearest {
    count: usize,
    /// The bits of numbers that are not negative have the order of the numbers.
    best: BinaryHeap<(u64, u32)>,
}

impl Wanted for Nearest {
    fn bound(&self) -> f64 {
        match self.best.peek() {
            Some(&(last, _)) if self.best.len() == self.count => f64::from_bits(last),
            _ => f64::INFINITY,
        }
    }

    fn wants(&self, distance: f64, vertex: u32) -> bool {
        let is_full = self.best.len() == self.count;
        !is_full || self.best.peek().is_some_and(|last| (distance.to_bits(), vertex) < *last)
    }

    fn take(&mut self, vertex: u32, distance: f64) {
        if self.best.len() < self.count {
            self.best.push((distance.to_bits(), vertex));
        } else if let Some(mut last) = self.best.peek_mut()
            && (distance.to_bits(), vertex) < *last
        {
            *last = (distance.to_bits(), vertex);
        }
    }

    fn hand_over(&mut self, found: &mut Vec<(u32, f64)>) {
        let first = found.len();
        found.extend(self.best.drain().map(|(bits, vertex)| (vertex, f64::from_bits(bits))));
        found[first..].sort_unstable_by_key(|&(vertex, _)| vertex);
    }
}

/// The `count` nearest others of a point by (distance, index), in the order of their indices.
fn nearest(distances: &[f64], i: usize, count: usize) -> Vec<(u32, f64)> {
    let others = distances.iter().enumerate().filter(|&(j, d)| j != i && d.is_finite());
    first(others.map(|(j, &d)| (j as u32, d)).collect(), count)
}

/// The first `count` of them by (distance, index), in any order.
fn first(mut row: Vec<(u32, f64)>, count: usize) -> Vec<(u32, f64)> {
    let closer = |a: &(u32, f64), b: &(u32, f64)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
    if count < row.len() {
        row.select_nth_unstable_by(count, closer);
        row.truncate(count);
        row.shrink_to_fit();
        row.sort_unstable_by_key(|&(j, _)| j);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Metric, pairwise};

    #[test]
    fn cells_find_those_among_all_pairs_with_ties() {
        let monitor = Monitor::new();
        for (dim, len, levels) in [(2, 300, 5), (2, 300, 1 << 20), (3, 500, 4), (9, 200, 1 << 20)] {
            let mut seed = 1_u32;
            let rows = std::iter::repeat_with(|| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from((seed >> 8) % levels) + if levels > 9 { 0.0 } else { 0.5 }
            });
            let rows: Vec<f64> = rows.take(len * dim).collect();
            for (_, metric) in Metric::NAMES {
                let Ok(points) = PointCloud::from_rows(rows.clone(), (len, dim), metric, &monitor)
                else {
                    continue; // some row has no direction
                };
                let pairs = Space::Distances(pairwise(&points, &monitor).unwrap());
                for count in [1, 7, len - 1] {
                    let found = in_cells(&points, count, &monitor).unwrap();
                    let expected = nearest_others(&pairs, count, &monitor).unwrap();
                    assert_eq!(found, expected);
                }
            }
        }
    }
}
