//! Lower bounds of distances from points rounded to small integers.
//!
//! A sketch takes a quarter of the memory of its points, and a distance between
//! sketches a small part of the time. Rounding moves a point by half a step
//! along each axis at most, and clamping to a box brings no two points farther
//! apart, so points at a small distance have sketches at a small distance.

use super::integers::{Columns, Distance, Row, SUM_MAX, TILE};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Metric, PointCloud};

/// Rounded points, tile after tile.
#[derive(Debug, Clone)]
pub struct Sketch {
    metric: Metric,
    dim: usize,
    step: f64,
    points: Columns,
}

impl Sketch {
    /// Rounds the points.
    pub fn new(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Self> {
        let grid = Grid::around(points, monitor)?;
        let distance = match points.metric() {
            Metric::Cityblock => Distance::Sum,
            Metric::Chebyshev => Distance::Largest,
            Metric::Hamming => Distance::Unequal,
            _ => Distance::Squares,
        };
        let mut columns = Columns::new(distance, points.dim().div_ceil(2), points.len());
        for slot in 0..points.len() {
            monitor.check()?;
            columns.put(slot, &grid.round(points.row(slot)));
        }
        Ok(Self { metric: points.metric(), dim: points.dim(), step: grid.step, points: columns })
    }

    /// The point in a slot.
    pub fn row(&self, slot: usize) -> Row {
        self.points.row(slot)
    }

    /// Copies a point to another slot.
    pub fn copy(&mut self, from: usize, to: usize) {
        self.points.copy(from, to);
    }

    /// The points of a tile that are within their limits of a row, as bits.
    pub fn within(&self, row: &Row, tile: usize, limits: &[i32; TILE]) -> u64 {
        self.points.within(row, tile, limits)
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
}

/// The grid to which points are rounded.
struct Grid {
    center: Vec<f64>,
    step: f64,
    /// Steps from the centre to the sides.
    radius: f64,
    /// Axes by falling spread: the first coordinates tell most.
    axes: Vec<usize>,
}

impl Grid {
    /// Sides far enough for all but outliers, and near enough that no distance
    /// overflows.
    fn around(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Self> {
        /// In mean deviations.
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
        let radius = (f64::from(SUM_MAX) / dim.max(1) as f64).sqrt() / 2.0;
        let radius = radius.floor().min(8000.0);
        let step = (largest.min(FAR * usual) / radius).max(f64::MIN_POSITIVE);
        let mut axes: Vec<usize> = (0..dim).collect();
        axes.sort_by(|&a, &b| spread[b].total_cmp(&spread[a]));
        Ok(Self { center, step, radius, axes })
    }

    fn round(&self, row: &[f64]) -> Row {
        let round = |&axis: &usize| {
            let steps = (row[axis] - self.center[axis]) / self.step;
            steps.clamp(-self.radius, self.radius).round() as i16
        };
        let pair = |axes: &[usize]| [round(&axes[0]), axes.get(1).map_or(0, round)];
        self.axes.chunks(2).map(pair).collect()
    }
}
