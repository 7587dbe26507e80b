//! Coordinates from a centre in single precision, and what can be told of squared distances.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::points::{LANES, Lanes, PointCloud, power_of_two, total};
use super::singles::{Beside, PANEL, SLICE, products};
use crate::arch::dispatch;
use crate::error::Result;
use crate::monitor::Monitor;

/// Points of which a centre is made.
const SAMPLE: usize = 128;
/// Points of which one is in the sample.
const SHARE: usize = 8;
/// Coordinates that are written at once.
const AT_ONCE: usize = 64;

/// Coordinates from a centre, times a power of two that makes them less than 1.
///
/// For two points a and b of true squared distance d², and g from [`Centred::products`],
///
/// | |a|² + |b|² - 2 g - d² | ≤ `off` |a| |b| + `tiny`,
///
/// but for a part of d² that [`Centred::above`] makes up for, as it does for how distances are
/// rounded themselves:
///
/// * Rounding coordinates, g and terms of sums changes ab by at most (3u + γ) |a| |b|, with
///   u = 2⁻²⁴ and γ of [`products`], by Cauchy and Schwarz.
/// * Double precision changes coordinates by 2⁻⁵³ of themselves, and |a|² + |b|² by less than
///   (d/8 + 8) 2⁻⁵³ of itself. If neither length is twice the other, both are a part of
///   |a| |b|, else of d², which then is a quarter of the larger square at least.
/// * What is below the least normal number of single precision changes ab by less than
///   d 2⁻¹⁴⁸, since no coordinate is above 1.
pub struct Centred {
    dim: usize,
    coordinates: Vec<Beside>,
    /// |a|² and |a| of each point.
    pub squares: Vec<f64>,
    pub lengths: Vec<f64>,
    /// How far squares are off, by |a| |b|.
    pub off: f64,
    tiny: f64,
    part: f64,
    #[cfg(test)]
    pub scale: f64,
}

impl Centred {
    pub fn new(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Self> {
        let (len, dim) = (points.len(), points.dim());
        let centre = centre(points, monitor)?;
        let scale = scale(points.largest());
        let panels = len.div_ceil(PANEL);
        let mut coordinates = monitor.filled(panels * dim, [0.0; PANEL])?;
        let parts = coordinates.par_chunks_exact_mut(dim).enumerate().map(|(panel, part)| {
            let rows = panel * PANEL..len.min((panel + 1) * PANEL);
            let mut sums = [[0.0; LANES]; PANEL];
            for (k, part) in part.chunks_mut(AT_ONCE).enumerate() {
                monitor.check()?;
                for (beside, i) in rows.clone().enumerate() {
                    let row = &points.row(i)[k * AT_ONCE..][..part.len()];
                    let centre = &centre[k * AT_ONCE..][..part.len()];
                    let sums = &mut sums[beside];
                    dispatch(Write { row, centre, scale, beside, part, sums });
                }
            }
            Ok(sums[..rows.len()].iter().map(|&lanes| total(lanes)).collect::<Vec<_>>())
        });
        let squares: Vec<f64> = parts.collect::<Result<Vec<_>>>()?.concat();
        let lengths = squares.iter().map(|square| square.sqrt()).collect();
        let (u, d, terms) = (power_of_two(-24), dim as f64, SLICE.min(dim) as f64);
        let gamma = terms * u / (1.0 - terms * u);
        let off = 2.0 * (gamma + 3.0 * u) * (1.0 + 8.0 * u) + (d / 4.0 + 64.0) * f64::EPSILON;
        let part = 16.0 * (d / 8.0 + 16.0) * f64::EPSILON;
        let tiny = d * power_of_two(-140);
        Ok(Self {
            dim,
            coordinates,
            squares,
            lengths,
            off,
            tiny,
            part,
            #[cfg(test)]
            scale,
        })
    }

    /// A little more than a bound of squared distances: so much that no point whose distance is
    /// rounded to less than one below the bound is left out.
    pub fn above(&self, bound: f64) -> f64 {
        (bound + self.tiny) * (1.0 + self.part) + self.tiny
    }

    /// Inner products of the points of a panel, from its `first` on, with the last ones of all,
    /// as many as each row has room for.
    pub fn products(&self, first: usize, rows: &mut [&mut [f32]], monitor: &Monitor) -> Result<()> {
        let len = self.squares.len();
        let panel = |k: usize| &self.coordinates[k * self.dim..(k + 1) * self.dim];
        let from = rows.iter().map(|row| len - row.len()).min().unwrap_or(len);
        let mut sums = [[0.0; PANEL]; PANEL];
        for other in from / PANEL..len.div_ceil(PANEL) {
            monitor.check()?;
            products(panel(first / PANEL), panel(other), &mut sums);
            let columns = other * PANEL..len.min((other + 1) * PANEL);
            for (row, sums) in rows.iter_mut().zip(&sums) {
                let before = len - row.len();
                let start = columns.start.max(before).min(columns.end);
                let own = &sums[start - columns.start..][..columns.end - start];
                let entries = row[start - before..].iter_mut().zip(own);
                entries.for_each(|(entry, &sum)| *entry = sum as f32);
            }
        }
        Ok(())
    }
}

/// The mean of some points, then of the half of them that is nearest to it: one far point must
/// not pull it away.
fn centre(points: &PointCloud<'_>, monitor: &Monitor) -> Result<Vec<f64>> {
    let count = points.len().div_ceil(SHARE).min(SAMPLE);
    let mut sample: Vec<usize> = (0..count).map(|k| k * points.len() / count).collect();
    let mut centre = vec![0.0; points.dim()];
    for half in [false, true] {
        if half {
            let mut apart = vec![0.0; sample.len()];
            for (apart, &i) in apart.iter_mut().zip(&sample) {
                monitor.check()?;
                let pairs = points.row(i).iter().zip(&centre);
                *apart = pairs.map(|(x, c)| (x - c) * (x - c)).sum();
            }
            let mut order: Vec<usize> = (0..sample.len()).collect();
            order.sort_by(|&a, &b| apart[a].total_cmp(&apart[b]));
            order.truncate(sample.len().div_ceil(2));
            sample = order.into_iter().map(|k| sample[k]).collect();
        }
        centre.fill(0.0);
        for &i in &sample {
            monitor.check()?;
            let share = 1.0 / sample.len() as f64;
            centre.iter_mut().zip(points.row(i)).for_each(|(c, x)| *c += share * x);
        }
    }
    Ok(centre)
}

/// A power of two by which twice a number up to the `largest` becomes less than 1.
fn scale(largest: f64) -> f64 {
    let exponent = (largest.to_bits() >> (f64::MANTISSA_DIGITS - 1)) as i64 - 1023;
    power_of_two((-exponent - 2).clamp(-1022, 1000))
}

/// Writes coordinates of one of a panel's points, and adds their squares.
struct Write<'a> {
    row: &'a [f64],
    centre: &'a [f64],
    scale: f64,
    beside: usize,
    part: &'a mut [Beside],
    sums: &'a mut Lanes,
}

impl WithSimd for Write<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { row, centre, scale, beside, part, sums } = self;
        let (whole, rest) = row.as_chunks::<LANES>();
        for (k, group) in whole.iter().enumerate() {
            let centre = &centre[k * LANES..][..LANES];
            let part = &mut part[k * LANES..][..LANES];
            let mut own = [0.0; LANES];
            for lane in 0..LANES {
                own[lane] = (group[lane] - centre[lane]) * scale;
                sums[lane] += own[lane] * own[lane];
            }
            for lane in 0..LANES {
                part[lane][beside] = own[lane] as f32;
            }
        }
        for (lane, x) in rest.iter().enumerate() {
            let k = whole.len() * LANES + lane;
            let own = (x - centre[k]) * scale;
            sums[lane] += own * own;
            part[k][beside] = own as f32;
        }
    }
}
