//! Lower bounds of distances from points rounded to small integers.
//!
//! A sketch takes a quarter of the memory of its points, and a distance between
//! sketches a small part of the time. Rounding moves a point by half a step
//! along each axis at most, and clamping to a box brings no two points farther
//! apart, so points at a small distance have sketches at a small distance.

use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Metric, PointCloud};

/// Points that are compared with another point at once.
pub const TILE: usize = 64;

/// Coordinates come in pairs, which one instruction multiplies and adds.
type Pair = [i16; 2];

/// Rounded points, in tiles, coordinate after coordinate.
#[derive(Debug, Clone)]
pub struct Sketch {
    metric: Metric,
    dim: usize,
    step: f64,
    tiles: usize,
    /// Pairs of coordinates of a point.
    depth: usize,
    columns: Vec<[Pair; TILE]>,
    squares: Squares,
}

/// A point as it is compared with others.
pub type Row = Vec<Pair>;

impl Sketch {
    /// Rounds the points in the given order.
    pub fn new(points: &PointCloud<'_>, order: &[u32], monitor: &Monitor) -> Result<Self> {
        let frame = Frame::around(points, monitor)?;
        let depth = points.dim().div_ceil(2);
        let tiles = order.len().div_ceil(TILE);
        let mut columns = vec![[[0; 2]; TILE]; tiles * depth];
        for (slot, &vertex) in order.iter().enumerate() {
            monitor.check()?;
            let row = points.row(vertex as usize);
            for (k, &axis) in frame.axes.iter().enumerate() {
                let column = &mut columns[slot / TILE * depth + k / 2];
                column[slot % TILE][k % 2] = frame.round(axis, row[axis]);
            }
        }
        Ok(Self {
            metric: points.metric(),
            dim: points.dim(),
            step: frame.step,
            tiles,
            depth,
            columns,
            squares: Squares::new(),
        })
    }

    /// The point in a slot.
    pub fn row(&self, slot: usize) -> Row {
        let tile = &self.columns[slot / TILE * self.depth..][..self.depth];
        tile.iter().map(|column| column[slot % TILE]).collect()
    }

    /// Moves a point to a slot nobody needs any more.
    pub fn copy(&mut self, from: usize, to: usize) {
        for k in 0..self.depth {
            let pair = self.columns[from / TILE * self.depth + k][from % TILE];
            self.columns[to / TILE * self.depth + k][to % TILE] = pair;
        }
    }

    /// Forgets all but the first tiles.
    pub fn truncate(&mut self, tiles: usize) {
        self.tiles = self.tiles.min(tiles);
        self.columns.truncate(tiles * self.depth);
        self.columns.shrink_to_fit();
    }

    /// The largest distance of sketches of points no farther apart than
    /// `length`.
    ///
    /// The length was rounded, with a relative error far below `SLACK`; its
    /// squares may have vanished below `TINY`.
    pub fn limit(&self, length: f64) -> i32 {
        const SLACK: f64 = 1.0 + 1e-6;
        const TINY: f64 = 1e-160;
        let dim = self.dim as f64;
        let reach =
            |length: f64, width: f64| (length * SLACK + TINY * width) / self.step + width * SLACK;
        let limit = match self.metric {
            Metric::Euclidean => reach(length, dim.sqrt()).powi(2),
            Metric::SqEuclidean => reach(length.sqrt(), dim.sqrt()).powi(2),
            Metric::Cosine | Metric::Correlation => {
                reach((2.0 * length).sqrt(), dim.sqrt()).powi(2)
            }
            Metric::Cityblock => reach(length, dim),
            Metric::Chebyshev => reach(length, 1.0),
            Metric::Hamming => length * dim * SLACK,
        };
        // Saturates where the sketch tells nothing.
        (limit + 1.0) as i32
    }

    /// For tiles from `first` on, the points within their limits of the given
    /// row, as bits.
    pub fn within(&self, row: &[Pair], first: usize, limits: &[[i32; TILE]], found: &mut [u64]) {
        let tiles = limits.len().min(self.tiles - first);
        let (limits, found) = (&limits[..tiles], &mut found[..tiles]);
        let columns = &self.columns[first * self.depth..][..tiles * self.depth];
        let difference = |a: i16, b: i16| i32::from(a - b);
        match self.metric {
            Metric::Euclidean | Metric::SqEuclidean | Metric::Cosine | Metric::Correlation => {
                self.squares.within(row, columns, limits, found);
            }
            Metric::Cityblock => {
                compare(row, columns, limits, found, |sum, a, b| sum + difference(a, b).abs())
            }
            Metric::Chebyshev => compare(row, columns, limits, found, |largest, a, b| {
                largest.max(difference(a, b).abs())
            }),
            Metric::Hamming => {
                compare(row, columns, limits, found, |count, a, b| count + i32::from(a != b));
            }
        }
    }
}

/// Coordinates after which a tile may be given up.
const CHUNK: usize = 16;

/// Runs the widest instructions there are over tiles.
fn compare(
    row: &[Pair],
    columns: &[[Pair; TILE]],
    limits: &[[i32; TILE]],
    found: &mut [u64],
    add: impl Fn(i32, i16, i16) -> i32,
) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            for (k, (limits, found)) in limits.iter().zip(found).enumerate() {
                let tile = &columns[k * row.len()..(k + 1) * row.len()];
                *found = compare_tile(row, tile, limits, &add);
            }
        },
    );
}

#[inline(always)]
fn compare_tile(
    row: &[Pair],
    tile: &[[Pair; TILE]],
    limits: &[i32; TILE],
    add: impl Fn(i32, i16, i16) -> i32,
) -> u64 {
    let mut sums = [0; TILE];
    for (row, columns) in row.chunks(CHUNK).zip(tile.chunks(CHUNK)) {
        for (&[a, b], column) in row.iter().zip(columns) {
            for (sum, &[u, v]) in sums.iter_mut().zip(column) {
                *sum = add(add(*sum, a, u), b, v);
            }
        }
        if sums.iter().zip(limits).all(|(sum, limit)| sum > limit) {
            return 0;
        }
    }
    let bit = |k: usize| u64::from(sums[k] <= limits[k]) << k;
    (0..TILE).fold(0, |bits, k| bits | bit(k))
}

/// Sums of squares, with the instruction that squares and adds pairs where
/// there is one.
#[derive(Debug, Clone, Copy)]
struct Squares {
    #[cfg(target_arch = "x86_64")]
    simd: Option<pulp::x86::V3>,
}

impl Squares {
    fn new() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            simd: pulp::x86::V3::try_new(),
        }
    }

    fn within(
        self,
        row: &[Pair],
        columns: &[[Pair; TILE]],
        limits: &[[i32; TILE]],
        found: &mut [u64],
    ) {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = self.simd {
            return x86::sums_of_squares(simd, row, columns, limits, found);
        }
        let square = |a: i16, b: i16| i32::from(a - b) * i32::from(a - b);
        compare(row, columns, limits, found, |sum, a, b| sum + square(a, b));
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;

    use super::{CHUNK, Pair, TILE};

    const WIDTH: usize = 8;
    const VECTORS: usize = TILE / WIDTH;

    pub fn sums_of_squares(
        simd: V3,
        row: &[Pair],
        columns: &[[Pair; TILE]],
        limits: &[[i32; TILE]],
        found: &mut [u64],
    ) {
        struct Tiles<'a>(V3, &'a [Pair], &'a [[Pair; TILE]], &'a [[i32; TILE]], &'a mut [u64]);
        impl pulp::NullaryFnOnce for Tiles<'_> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                let Self(simd, row, columns, limits, found) = self;
                for (k, (limits, found)) in limits.iter().zip(found).enumerate() {
                    let tile = &columns[k * row.len()..(k + 1) * row.len()];
                    *found = tile_within(simd, row, tile, limits);
                }
            }
        }
        simd.vectorize(Tiles(simd, row, columns, limits, found));
    }

    #[inline(always)]
    fn tile_within(simd: V3, row: &[Pair], tile: &[[Pair; TILE]], limits: &[i32; TILE]) -> u64 {
        let (avx, avx2) = (simd.avx, simd.avx2);
        let limits: [__m256i; VECTORS] = pulp::cast(*limits);
        let mut sums = [avx._mm256_setzero_si256(); VECTORS];
        let beyond = |sums: &[__m256i; VECTORS]| {
            (0..VECTORS).fold(0, |bits, k| {
                let larger = avx2._mm256_cmpgt_epi32(sums[k], limits[k]);
                let larger = avx._mm256_movemask_ps(avx._mm256_castsi256_ps(larger));
                bits | u64::from(larger as u8) << (WIDTH * k)
            })
        };
        for (row, columns) in row.chunks(CHUNK).zip(tile.chunks(CHUNK)) {
            for (&pair, column) in row.iter().zip(columns) {
                let pair = avx._mm256_set1_epi32(pulp::cast(pair));
                let column: &[[Pair; WIDTH]; VECTORS] = pulp::bytemuck::cast_ref(column);
                for (sum, &points) in sums.iter_mut().zip(column) {
                    let difference = avx2._mm256_sub_epi16(pulp::cast(points), pair);
                    let squares = avx2._mm256_madd_epi16(difference, difference);
                    *sum = avx2._mm256_add_epi32(*sum, squares);
                }
            }
            if beyond(&sums) == u64::MAX {
                return 0;
            }
        }
        !beyond(&sums)
    }
}

/// The grid to which points are rounded.
struct Frame {
    center: Vec<f64>,
    step: f64,
    /// Steps from the centre to the sides.
    radius: f64,
    /// Axes by falling spread: early coordinates tell most.
    axes: Vec<usize>,
}

impl Frame {
    /// Sides far enough for all but outliers, and near enough that no sum of
    /// squares overflows.
    fn around(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Self> {
        const FAR: f64 = 8.0;
        let dim = points.dim();
        let mut center = vec![0.0; dim];
        let mut spread = vec![0.0; dim];
        let mut largest: f64 = 0.0;
        // Running means, since sums might overflow.
        for i in 0..points.len() {
            monitor.check()?;
            let share = 1.0 / (i + 1) as f64;
            for (mean, x) in center.iter_mut().zip(points.row(i)) {
                *mean += (x - *mean) * share;
            }
        }
        for i in 0..points.len() {
            monitor.check()?;
            let share = 1.0 / (i + 1) as f64;
            for ((mean, x), center) in spread.iter_mut().zip(points.row(i)).zip(&center) {
                let deviation = (x - center).abs();
                largest = largest.max(deviation);
                *mean += (deviation - *mean) * share;
            }
        }
        let usual = spread.iter().fold(0.0, |m: f64, s| m.max(*s));
        let radius = (f64::from(i32::MAX) / dim.max(1) as f64).sqrt() / 2.0;
        let radius = radius.floor().min(8000.0);
        let step = (largest.min(FAR * usual) / radius).max(f64::MIN_POSITIVE);
        let mut axes: Vec<usize> = (0..dim).collect();
        axes.sort_by(|&a, &b| spread[b].total_cmp(&spread[a]));
        Ok(Self { center, step, radius, axes })
    }

    fn round(&self, axis: usize, x: f64) -> i16 {
        ((x - self.center[axis]) / self.step).clamp(-self.radius, self.radius).round() as i16
    }
}
