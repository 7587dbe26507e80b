//! Distances between rows of many coordinates, a tile of rows against another one.
//!
//! Each pair has the running sums of [`PointCloud::distances_to`], in the same order, so
//! that every bit is the same.

use std::ops::Range;

use super::Metric;
pub use super::pair_sums::SIDE;
use super::pair_sums::{Block, Largest, Sizes, Squares, Sums, Term, Unequal, room};
use super::points::{PointCloud, rooted};
use crate::arch::{arch, dispatch};
use crate::error::Result;
use crate::monitor::Monitor;

/// Coordinates of a tile's columns between two looks at the monitor.
const AT_ONCE: usize = 1 << 21;
/// Coordinates from which on tiles are faster.
const WIDE: usize = 16;

/// Room for a tile.
pub(crate) struct Tile {
    sums: Box<[Block]>,
    values: Box<[f64]>,
}

impl Tile {
    pub fn new() -> Self {
        Self { sums: room(), values: vec![0.0; SIDE * SIDE].into_boxed_slice() }
    }

    /// Distances from the `r`-th row of the tile to all columns, the last ones without meaning
    /// where there were fewer.
    pub fn row(&self, r: usize) -> &[f64] {
        &self.values[r * SIDE..(r + 1) * SIDE]
    }

    /// Takes the distances between at most [`SIDE`] points and as many others.
    pub fn fill(&mut self, points: &PointCloud<'_>, rows: Range<usize>, columns: Range<usize>) {
        let same = rows == columns;
        let [rows, columns]: [Vec<_>; 2] =
            [rows, columns].map(|r| r.map(|i| points.row(i)).collect());
        let (rows, columns) = (&*rows, &*columns);
        match points.metric() {
            Metric::Cityblock => self.sum(Sizes, rows, columns, same),
            Metric::Hamming => self.sum(Unequal, rows, columns, same),
            Metric::Chebyshev => self.sum(Largest, rows, columns, same),
            _ => self.sum(Squares::default(), rows, columns, same),
        }
        let values = &mut *self.values;
        if same {
            for (i, j) in (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                values[i * SIDE + j] = values[j * SIDE + i];
            }
        }
        if points.metric() == Metric::Euclidean && points.is_faint() {
            for (u, values) in rows.iter().zip(values.chunks_exact_mut(SIDE)) {
                columns.iter().zip(values).for_each(|(v, value)| *value = rooted(*value, u, v));
            }
            return;
        }
        let dim = points.dim().max(1) as f64;
        arch().dispatch(|| match points.metric() {
            Metric::Euclidean => values.iter_mut().for_each(|value| *value = value.sqrt()),
            Metric::Cosine | Metric::Correlation => {
                values.iter_mut().for_each(|value| *value *= 0.5);
            }
            Metric::Hamming => values.iter_mut().for_each(|value| *value /= dim),
            Metric::SqEuclidean | Metric::Cityblock | Metric::Chebyshev => {}
        });
    }

    fn sum(&mut self, term: impl Term, rows: &[&[f64]], columns: &[&[f64]], same: bool) {
        let Self { sums, values } = self;
        dispatch(Sums { term, rows, columns, same, sums, values });
    }
}

/// Whether tiles are the way to take the distances between these points.
pub(super) fn pays(points: &PointCloud<'_>) -> bool {
    points.dim() >= WIDE
}

/// Rows that are best taken together, if each thread is to have some.
pub(super) fn height(points: &PointCloud<'_>) -> usize {
    let most = if pays(points) { SIDE } else { 1 };
    points.len().div_ceil(4 * rayon::current_num_threads()).clamp(1, most)
}

/// Distances from some rows, the first ones of a tile's, to all points from `first` on: hands
/// over the tile, and its columns, one after the other.
pub(super) fn along(
    points: &PointCloud<'_>,
    rows: Range<usize>,
    first: usize,
    monitor: &Monitor,
    mut hand: impl FnMut(&Tile, Range<usize>),
) -> Result<()> {
    let mut tile = Tile::new();
    // Narrow ones of very many coordinates, so that nobody waits long for a look at the monitor.
    let width = (AT_ONCE / points.dim().max(1)).clamp(1, SIDE);
    for left in (first..points.len()).step_by(width) {
        monitor.check()?;
        let columns = left..points.len().min(left + width);
        tile.fill(points, rows.clone(), columns.clone());
        hand(&tile, columns);
    }
    Ok(())
}

/// Distances from each of some rows that follow each other to all points after it, row by row
/// where tiles do not pay.
pub(super) fn to_later(
    points: &PointCloud<'_>,
    first: usize,
    out: &mut [&mut [f64]],
    monitor: &Monitor,
) -> Result<()> {
    if !pays(points) {
        for (i, row) in (first..).zip(out) {
            points.distances_to(points.row(i), i + 1, row);
        }
        return Ok(());
    }
    along(points, first..first + out.len(), first, monitor, |tile, columns| {
        for (r, row) in out.iter_mut().enumerate() {
            let later = columns.start.max(first + r + 1);
            if later < columns.end {
                let place = later - (first + r + 1);
                let found = &tile.row(r)[later - columns.start..columns.len()];
                row[place..place + found.len()].copy_from_slice(found);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Space, neighbor_graph, pairwise, square_distances};
    use super::*;

    /// Numbers in [0, 1), many equal if there are few `levels`, times `size`.
    fn cloud(len: usize, dim: usize, levels: u32, size: f64) -> Vec<f64> {
        let mut seed = (len * 1000 + dim) as u32;
        let numbers = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            size * f64::from((seed >> 8) % levels) / f64::from(levels)
        });
        numbers.take(len * dim).collect()
    }

    fn clouds(metric: Metric, mut see: impl FnMut(PointCloud<'_>)) {
        let monitor = Monitor::new();
        for (len, dim) in
            [(1, 70), (2, 64), (5, 65), (31, 127), (32, 128), (33, 129), (70, 71), (67, 300)]
        {
            for (levels, size) in [(1 << 20, 1.0), (3, 1.0), (1 << 20, 1e-160), (5, 1e-300)] {
                let rows = cloud(len, dim, levels, size);
                if let Ok(points) = PointCloud::from_rows(rows, (len, dim), metric, &monitor) {
                    see(points);
                }
            }
        }
    }

    #[test]
    fn tiles_hold_what_single_rows_give_bit_for_bit() {
        let monitor = Monitor::new();
        for (_, metric) in Metric::NAMES {
            let mut seen = 0;
            clouds(metric, |points| {
                assert!(pays(&points));
                seen += 1;
                let len = points.len();
                let mut expected = vec![0.0; len * len];
                for i in 0..len {
                    points.distances_to(points.row(i), 0, &mut expected[i * len..][..len]);
                }
                let all = pairwise(&points, &monitor).unwrap();
                for i in 0..len {
                    assert_eq!(all.row(i), &expected[i * len + i + 1..][..len - i - 1]);
                }
                let square = square_distances(&Space::Points(points.clone()), &monitor).unwrap();
                assert_eq!(square.as_slice().unwrap(), expected);
                let held = Space::Distances(all);
                let points = Space::Points(points);
                for k in [1, 2, len.div_ceil(2), len] {
                    let found = neighbor_graph(&points, k.min(len), &monitor).unwrap();
                    assert!(found == neighbor_graph(&held, k.min(len), &monitor).unwrap());
                }
            });
            assert!(seen >= 8, "{metric:?}: {seen}");
        }
    }
}
