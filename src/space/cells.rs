//! Points in cells of eight, in a box each, and boxes of eight boxes, up to all points.
//!
//! Both lie coordinate by coordinate, so that a point is compared with eight at a time. The
//! order is that of a k-d tree of which only the leaves are kept, and every third level of
//! boxes. A point has no lesser distance to a point than to its box, and none after rounding
//! either: differences, their sums and so on are rounded in the same order, and rounding
//! keeps the order of numbers.

use pulp::Arch;

use super::eight::{Eight, Kernels, WIDTH, padded};
use super::points::power_of_two;
use super::spatial_order::spatial_order;
use super::{Metric, PointCloud, tile};
use crate::arch::arch;
use crate::error::Result;
use crate::monitor::Monitor;

/// Points in the order of their cells, and boxes around them.
pub struct Cells<'a> {
    points: &'a PointCloud<'a>,
    /// The point at each place.
    pub vertices: Vec<u32>,
    /// Coordinates in which they are compared, of which the last ones may all be zero.
    dim: usize,
    /// A column of each coordinate of each cell.
    columns: Vec<Eight>,
    /// Boxes of cells, of eight such boxes each, and so on.
    pub levels: Vec<Boxes>,
    kernels: Kernels,
    arch: Arch,
}

/// The boxes of a level, eight of which come together.
pub struct Boxes {
    /// Least, then largest coordinates of eight boxes.
    columns: Vec<Eight>,
    /// Least index of a point in each.
    pub least_vertices: Vec<u32>,
}

impl<'a> Cells<'a> {
    /// Whether points are found faster in cells than among all of them.
    pub fn pay(points: &PointCloud<'_>) -> bool {
        points.dim() > 0 && !tile::pays(points)
    }

    /// Bytes of the cells of some points.
    pub fn bytes(points: &PointCloud<'_>) -> u64 {
        // An order, coordinates, and of boxes a seventh as many with twice the coordinates.
        let numbers = 9 * padded(points.dim()) as u64 / 7 + 1;
        points.len() as u64 * (8 + size_of::<f64>() as u64 * numbers)
    }

    /// Puts points into cells; they have coordinates.
    pub fn new(points: &'a PointCloud<'a>, monitor: &Monitor) -> Result<Self> {
        let kernels = Kernels::of(points);
        let dim = padded(points.dim());
        let vertices = spatial_order(points, cut, monitor)?;
        let count = vertices.len().div_ceil(WIDTH);
        let mut cells = Self {
            points,
            columns: monitor.filled(count * dim, [0.0; WIDTH])?,
            vertices,
            dim,
            levels: Vec::new(),
            kernels,
            arch: arch(),
        };
        for (cell, vertices) in
            cells.columns.chunks_exact_mut(dim).zip(cells.vertices.chunks(WIDTH))
        {
            monitor.check()?;
            for lane in 0..WIDTH {
                // The last point again where there are no more.
                let vertex = vertices[lane.min(vertices.len() - 1)];
                let row = points.row(vertex as usize);
                cell.iter_mut().zip(row).for_each(|(column, &x)| column[lane] = x);
            }
        }
        cells.add_boxes(monitor)?;
        Ok(cells)
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.vertices.len()
    }

    /// Writes down the coordinates of the point at a place.
    pub fn locate(&self, place: usize, origin: &mut Vec<f64>) {
        let cell = &self.columns[place / WIDTH * self.dim..][..self.dim];
        origin.clear();
        origin.extend(cell.iter().map(|column| column[place % WIDTH]));
    }

    /// Compares a point with those of a cell; a bit of each that may be within the limit.
    #[inline]
    pub fn points(&self, cell: usize, origin: &[f64], limit: f64, raw: &mut Eight) -> u8 {
        let columns = &self.columns[cell * self.dim..(cell + 1) * self.dim];
        let near = (self.kernels.points)(self.arch, origin, columns, limit, raw);
        near & there(self.len() - cell * WIDTH)
    }

    /// Compares a point with eight boxes of a level; a bit of each that may have points within
    /// the limit.
    #[inline]
    pub fn boxes(
        &self,
        level: usize,
        eight: usize,
        origin: &[f64],
        limit: f64,
        raw: &mut Eight,
    ) -> u8 {
        let boxes = &self.levels[level];
        let columns = &boxes.columns[2 * eight * self.dim..2 * (eight + 1) * self.dim];
        let near = (self.kernels.boxes)(self.arch, origin, columns, limit, raw);
        near & there(boxes.least_vertices.len() - eight * WIDTH)
    }

    /// The distance that a raw number stands for.
    #[inline]
    pub fn distance(&self, raw: f64) -> f64 {
        match self.points.metric() {
            Metric::Euclidean if self.points.is_faint() => raw,
            _ => self.points.of_sum(raw),
        }
    }

    /// A raw number above which all distances are above a bound.
    #[inline]
    pub fn limit(&self, bound: f64) -> f64 {
        /// More than rounding takes away.
        const MORE: f64 = 1.0 + power_of_two(-50);
        match self.points.metric() {
            Metric::Euclidean if self.points.is_faint() => bound,
            Metric::Euclidean => bound * bound * MORE + power_of_two(-1000),
            Metric::Cosine | Metric::Correlation => 2.0 * bound,
            Metric::Hamming => bound * self.points.dim() as f64 * MORE,
            Metric::SqEuclidean | Metric::Cityblock | Metric::Chebyshev => bound,
        }
    }

    /// Level after level, until there are eight boxes at most.
    fn add_boxes(&mut self, monitor: &Monitor) -> Result<()> {
        let mut cells = self.len().div_ceil(WIDTH);
        loop {
            let mut columns = monitor.filled(cells.div_ceil(WIDTH) * 2 * self.dim, [0.0; WIDTH])?;
            let mut least_vertices = monitor.room(cells)?;
            for cell in 0..cells {
                monitor.check()?;
                let (eight, lane) = (cell / WIDTH, cell % WIDTH);
                let own = &mut columns[2 * eight * self.dim..2 * (eight + 1) * self.dim];
                let (least, largest) = own.split_at_mut(self.dim);
                let (lows, highs, count) = self.parts(cell);
                for k in 0..self.dim {
                    least[k][lane] = lows[k][..count].iter().copied().fold(f64::INFINITY, f64::min);
                    largest[k][lane] =
                        highs[k][..count].iter().copied().fold(f64::NEG_INFINITY, f64::max);
                }
                let vertices = match self.levels.last() {
                    Some(below) => &below.least_vertices,
                    None => &self.vertices,
                };
                let own = &vertices[cell * WIDTH..vertices.len().min((cell + 1) * WIDTH)];
                least_vertices.extend(own.iter().min());
            }
            self.levels.push(Boxes { columns, least_vertices });
            if cells <= WIDTH {
                return Ok(());
            }
            cells = cells.div_ceil(WIDTH);
        }
    }

    /// Columns of the least and the largest coordinates of what a new box holds, and how many
    /// things that are.
    fn parts(&self, cell: usize) -> (&[Eight], &[Eight], usize) {
        let dim = self.dim;
        match self.levels.last() {
            None => {
                let columns = &self.columns[cell * dim..(cell + 1) * dim];
                (columns, columns, WIDTH.min(self.len() - cell * WIDTH))
            }
            Some(below) => {
                let columns = &below.columns[2 * cell * dim..2 * (cell + 1) * dim];
                let (least, largest) = columns.split_at(dim);
                (least, largest, WIDTH.min(below.least_vertices.len() - cell * WIDTH))
            }
        }
    }
}

/// About half of the points, so that whole boxes of each size lie together.
fn cut(len: usize) -> Option<usize> {
    if len <= WIDTH {
        return None;
    }
    let mut whole = WIDTH;
    while whole * WIDTH < len {
        whole *= WIDTH;
    }
    // Never all of them, as half is rounded.
    Some(((len / 2 + whole / 2) / whole).max(1) * whole)
}

/// A bit of each of the eight that are there.
fn there(count: usize) -> u8 {
    if count < WIDTH { (1 << count) - 1 } else { u8::MAX }
}
