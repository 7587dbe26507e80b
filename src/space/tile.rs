//! Distances between rows of many coordinates, a tile of rows against another one.
//!
//! Each pair has the running sums of [`PointCloud::distances_to`], in the same order, so
//! that every bit is the same. A block of pairs is summed up at once, so that coordinates
//! that were read are used several times; they are taken in slices that stay at hand while
//! a tile uses them.

use std::array::from_fn;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::Metric;
use super::points::{LANES, Lanes, PointCloud, rooted, square, total};
use crate::arch::dispatch;
use crate::error::Result;
use crate::monitor::Monitor;

/// Rows and columns of a tile.
pub(crate) const SIDE: usize = 32;
/// Coordinates of a slice: those of two tiles' rows fit the fastest cache.
const SLICE: usize = 128;
/// Coordinates of a tile's columns between two looks at the monitor.
const AT_ONCE: usize = 1 << 20;
/// Coordinates from which on tiles are faster.
const WIDE: usize = 64;

/// Room for a tile.
pub(crate) struct Tile {
    sums: Box<[Lanes]>,
    values: Box<[f64]>,
}

impl Tile {
    pub fn new() -> Self {
        Self {
            sums: vec![[0.0; LANES]; SIDE * SIDE].into_boxed_slice(),
            values: vec![0.0; SIDE * SIDE].into_boxed_slice(),
        }
    }

    /// Distances from the `r`-th row of the tile to all columns, the last ones without meaning
    /// where there were fewer.
    pub fn row(&self, r: usize) -> &[f64] {
        &self.values[r * SIDE..(r + 1) * SIDE]
    }

    /// Takes the distances between at most [`SIDE`] points and as many others.
    pub fn fill(&mut self, points: &PointCloud<'_>, rows: Range<usize>, columns: Range<usize>) {
        let places = (&rows, &columns);
        match points.metric() {
            Metric::Cityblock => self.gather(Sizes, points, places, total),
            Metric::Hamming => self.gather(Unequal, points, places, total),
            Metric::Chebyshev => {
                self.gather(Largest, points, places, |lanes| lanes.into_iter().fold(0.0, f64::max))
            }
            _ => self.gather(Squares, points, places, total),
        }
        let dim = points.dim().max(1) as f64;
        let values = &mut *self.values;
        match points.metric() {
            Metric::Euclidean if points.is_faint() => {
                for (i, values) in rows.zip(values.chunks_exact_mut(SIDE)) {
                    for (j, value) in columns.clone().zip(values) {
                        *value = rooted(*value, points.row(i), points.row(j));
                    }
                }
            }
            Metric::Euclidean => values.iter_mut().for_each(|value| *value = value.sqrt()),
            Metric::Cosine | Metric::Correlation => {
                values.iter_mut().for_each(|value| *value *= 0.5);
            }
            Metric::Hamming => values.iter_mut().for_each(|value| *value /= dim),
            Metric::SqEuclidean | Metric::Cityblock | Metric::Chebyshev => {}
        }
    }

    /// Sums up terms of all pairs, and makes a number of the running sums of each.
    fn gather<T: Term>(
        &mut self,
        term: T,
        points: &PointCloud<'_>,
        (rows, columns): (&Range<usize>, &Range<usize>),
        number: impl Fn(Lanes) -> f64,
    ) {
        self.sums.fill([0.0; LANES]);
        let sums = &mut *self.sums;
        dispatch(Terms { term, points, rows, columns, sums });
        let whole = points.dim() / LANES * LANES;
        if whole < points.dim() {
            for (i, sums) in rows.clone().zip(self.sums.chunks_exact_mut(SIDE)) {
                let u = &points.row(i)[whole..];
                for (j, sums) in columns.clone().zip(sums) {
                    let pairs = u.iter().zip(&points.row(j)[whole..]);
                    sums.iter_mut().zip(pairs).for_each(|(s, (&a, &b))| *s = term.added(*s, a, b));
                }
            }
        }
        self.values.iter_mut().zip(&self.sums).for_each(|(value, sums)| *value = number(*sums));
    }
}

/// What a pair of coordinates does to a running sum.
pub(super) trait Term: Copy + Default {
    fn added(self, sum: f64, a: f64, b: f64) -> f64;
    fn all<S: Simd>(self, simd: S, sum: S::f64s, a: S::f64s, b: S::f64s) -> S::f64s;
    /// Two running sums as one.
    #[inline(always)]
    fn both<S: Simd>(self, simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(a, b)
    }
}

macro_rules! term {
    ($name:ident, $added:expr, |$simd:ident, $sum:ident, $a:ident, $b:ident| $all:expr$(, $both:item)?) => {
        #[derive(Clone, Copy, Default)]
        pub(super) struct $name;

        impl Term for $name {
            #[inline(always)]
            fn added(self, sum: f64, a: f64, b: f64) -> f64 {
                $added(sum, a, b)
            }
            #[inline(always)]
            fn all<S: Simd>(self, $simd: S, $sum: S::f64s, $a: S::f64s, $b: S::f64s) -> S::f64s {
                $all
            }
            $($both)?
        }
    };
}

term!(Squares, |sum, a, b| sum + square(a, b), |simd, sum, a, b| {
    let apart = simd.sub_f64s(a, b);
    simd.add_f64s(sum, simd.mul_f64s(apart, apart))
});
term!(Sizes, |sum, a: f64, b: f64| sum + (a - b).abs(), |simd, sum, a, b| {
    simd.add_f64s(sum, simd.abs_f64s(simd.sub_f64s(a, b)))
});
term!(
    Largest,
    |sum: f64, a: f64, b: f64| sum.max((a - b).abs()),
    |simd, sum, a, b| simd.max_f64s(sum, simd.abs_f64s(simd.sub_f64s(a, b))),
    #[inline(always)]
    fn both<S: Simd>(self, simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.max_f64s(a, b)
    }
);
term!(Unequal, |sum, a, b| sum + if a == b { 0.0 } else { 1.0 }, |simd, sum, a, b| {
    let (none, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
    simd.add_f64s(sum, simd.select_f64s(simd.equal_f64s(a, b), none, one))
});

/// The terms of whole groups of coordinates, for all pairs of a tile.
struct Terms<'a, T> {
    term: T,
    points: &'a PointCloud<'a>,
    rows: &'a Range<usize>,
    columns: &'a Range<usize>,
    sums: &'a mut [Lanes],
}

impl<T: Term> WithSimd for Terms<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // As many sums as there are registers for, beside the coordinates.
        if S::F64_LANES == LANES { self.run::<S, 4>(simd) } else { self.run::<S, 2>(simd) }
    }
}

impl<T: Term> Terms<'_, T> {
    /// Takes slice after slice, and in it four points beside `R` others at once.
    #[inline(always)]
    fn run<S: Simd, const R: usize>(&mut self, simd: S) {
        let whole = self.points.dim() / LANES * LANES;
        for start in (0..whole).step_by(SLICE) {
            let slice = start..whole.min(start + SLICE);
            for r in (0..self.rows.len()).step_by(R) {
                let us = parts::<S, R>(self.points, self.rows, r, &slice);
                for c in (0..self.columns.len()).step_by(4) {
                    let vs = parts::<S, 4>(self.points, self.columns, c, &slice);
                    self.block(simd, us, vs, (r, c));
                }
            }
        }
    }

    /// Adds a slice to the sums of the pairs at a place, register after register of them.
    #[inline(always)]
    fn block<S: Simd, const R: usize>(
        &mut self,
        simd: S,
        us: [&[S::f64s]; R],
        vs: [&[S::f64s]; 4],
        (r, c): (usize, usize),
    ) {
        let registers = LANES / S::F64_LANES;
        let len = us[0].len();
        let (us, vs) = (us.map(|u| &u[..len]), vs.map(|v| &v[..len]));
        let sums = S::as_mut_simd_f64s(self.sums.as_flattened_mut()).0;
        for register in 0..registers {
            let place = |i: usize, j: usize| ((r + i) * SIDE + c + j) * registers + register;
            let mut own: [[S::f64s; 4]; R] = from_fn(|i| from_fn(|j| sums[place(i, j)]));
            for k in (register..len).step_by(registers) {
                let others: [S::f64s; 4] = from_fn(|j| vs[j][k]);
                for i in 0..R {
                    let u = us[i][k];
                    for j in 0..4 {
                        own[i][j] = self.term.all(simd, own[i][j], u, others[j]);
                    }
                }
            }
            for (i, row) in own.into_iter().enumerate() {
                row.into_iter().enumerate().for_each(|(j, sum)| sums[place(i, j)] = sum);
            }
        }
    }
}

/// A slice of the coordinates of some points, from the `first` of a range on; of the last
/// one again where there are no more.
#[inline(always)]
fn parts<'p, S: Simd, const B: usize>(
    points: &'p PointCloud<'_>,
    range: &Range<usize>,
    first: usize,
    slice: &Range<usize>,
) -> [&'p [S::f64s]; B] {
    from_fn(|k| {
        let point = range.end.min(range.start + first + k + 1) - 1;
        S::as_simd_f64s(&points.row(point)[slice.clone()]).0
    })
}

/// Whether tiles are the way to take the distances between these points.
pub(super) fn pays(points: &PointCloud<'_>) -> bool {
    points.dim() >= WIDE
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
    let width = (AT_ONCE / points.dim().max(1)).clamp(4, SIDE);
    for left in (first..points.len()).step_by(width) {
        monitor.check()?;
        let columns = left..points.len().min(left + width);
        tile.fill(points, rows.clone(), columns.clone());
        hand(&tile, columns);
    }
    Ok(())
}

/// Distances from each of some rows that follow each other to all points after it.
pub(super) fn to_later(
    points: &PointCloud<'_>,
    first: usize,
    out: &mut [&mut [f64]],
    monitor: &Monitor,
) -> Result<()> {
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
