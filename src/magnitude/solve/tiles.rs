//! Symmetric tiles of distances, held or made anew each time they are needed.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::real::Real;
use super::similarity::{Products, SIDE, Step, Sums, Tile, steps};
use crate::arch::{arch, dispatch};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Condensed, PointCloud};

/// Where distances in float64 come from.
#[derive(Debug, Clone)]
pub enum Source<'a> {
    Held(Cow<'a, Condensed>),
    Points(PointCloud<'a>),
}

impl Source<'_> {
    pub fn len(&self) -> usize {
        match self {
            Source::Held(distances) => distances.len(),
            Source::Points(points) => points.len(),
        }
    }

    /// Distance between two points.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        match self {
            Source::Held(distances) => distances.get(i, j),
            Source::Points(points) => points.distance(i, j),
        }
    }

    /// Distances from a point to all.
    pub fn row(&self, i: usize, out: &mut [f64]) {
        match self {
            Source::Held(distances) => {
                out.iter_mut().enumerate().for_each(|(j, d)| *d = distances.get(i, j));
            }
            Source::Points(points) => points.distances_to(points.row(i), 0, out),
        }
    }

    /// Distances from a point to those after it; written to `out` unless they are held so.
    pub fn after<'s>(&'s self, i: usize, out: &'s mut [f64]) -> &'s [f64] {
        match self {
            Source::Held(distances) => distances.row(i),
            Source::Points(points) => {
                let out = &mut out[i + 1..];
                points.distances_to(points.row(i), i + 1, out);
                out
            }
        }
    }

    /// A power of two that makes distances from the first point at most 1.
    pub fn unit(&self) -> f64 {
        let distances = (1..self.len()).map(|j| self.get(0, j)).filter(|d| d.is_finite());
        let largest = distances.fold(0.0, f64::max);
        if largest > 0.0 { (-largest.log2().ceil()).clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
    }

    /// Distances from point `i` to those from `left` on, at most `SIDE`, in order; written
    /// to `out` unless they are held so.
    fn part<'s>(&'s self, i: usize, left: usize, out: &'s mut [f64]) -> &'s [f64] {
        let width = SIDE.min(self.len() - left);
        let out = &mut out[..width];
        match self {
            _ if i >= self.len() => return &[],
            Source::Points(points) => points.distances_to(points.row(i), left, out),
            Source::Held(distances) if left > i => {
                return &distances.row(i)[left - i - 1..][..width];
            }
            Source::Held(distances) => {
                out.iter_mut().enumerate().for_each(|(c, d)| *d = distances.get(i, left + c));
            }
        }
        out
    }
}

/// Entries of a vector that has one for each row of the tiles of `len` points.
pub fn padded(len: usize) -> usize {
    len.div_ceil(SIDE) * SIDE
}

/// Groups of tiles that are summed up apart: as many, whatever the number of
/// threads, but not so many that adding their sums takes long.
pub fn groups(len: usize) -> usize {
    (len / 512 + 1).min(32)
}

/// Z x and xᵀ(D∘Z)x at one scale, in float64.
pub fn similarity_products(
    source: &Source<'_>,
    t: f64,
    x: &[f64],
    monitor: &Monitor,
) -> Result<(Vec<f64>, f64)> {
    // A power of two, so that neither the scale nor a distance that matters overflows.
    let unit = t.log2().ceil().clamp(-1000.0, 1000.0).exp2();
    let ts = [t / unit];
    let tiles = Tiles::<f64>::made(source, unit, longest(&ts));
    let mut padded = x.to_vec();
    padded.resize(tiles.padded_len(), 0.0);
    let (mut products, slopes) = tiles.multiply::<true>(&steps(&ts, &[0]), &padded, monitor)?;
    products.truncate(x.len());
    Ok((products, slopes[0]))
}

/// From this distance on all similarities are at the floor.
pub fn longest(ts: &[f64]) -> f64 {
    400.0 / ts[0]
}

/// All tiles, in numbers of one kind and in one unit.
pub struct Tiles<'a, T> {
    source: &'a Source<'a>,
    /// Distances are multiplied by it.
    unit: f64,
    /// No distance is longer, in this unit: all similarities are at the floor.
    longest: f64,
    held: &'a [Tile<T>],
}

/// A tile in float32.
pub type Tile32 = Tile<f32>;

impl<'a, T: Real> Tiles<'a, T> {
    /// Tiles that are made whenever they are needed.
    pub fn made(source: &'a Source<'a>, unit: f64, longest: f64) -> Self {
        Self { source, unit, longest, held: &[] }
    }

    /// With tiles that have been made before, or none.
    pub fn with(self, held: &'a [Tile<T>]) -> Self {
        Self { held, ..self }
    }

    /// All tiles, to be held.
    pub fn hold(&self, monitor: &Monitor) -> Result<Vec<Tile<T>>> {
        let held = (0..self.count()).into_par_iter().map_init(Vec::new, |buffer, place| {
            monitor.check()?;
            let mut tile = Tile::new();
            self.make(place, buffer, &mut tile);
            Ok(tile)
        });
        held.collect()
    }

    fn make(&self, place: usize, buffer: &mut Vec<f64>, tile: &mut Tile<T>) {
        let (top, left) = self.corner(place);
        buffer.resize(SIDE * SIDE, 0.0);
        let buffers = buffer.chunks_exact_mut(SIDE);
        let rows = buffers.zip(top..).map(|(buffer, i)| self.source.part(i, left, buffer));
        let rows: Vec<_> = rows.collect();
        arch().dispatch(|| tile.set(|r| rows[r], self.unit, self.longest));
    }

    fn side(&self) -> usize {
        self.source.len().div_ceil(SIDE)
    }

    fn count(&self) -> usize {
        self.side() * (self.side() + 1) / 2
    }

    /// Entries of a vector.
    pub fn padded_len(&self) -> usize {
        padded(self.source.len())
    }

    /// Tiles are numbered row by row, from the diagonal on.
    fn corner(&self, place: usize) -> (usize, usize) {
        let side = self.side();
        let start = |i: usize| i * (2 * side + 1 - i) / 2;
        let row = (0..side).rev().find(|&i| start(i) <= place).unwrap_or(0);
        (row * SIDE, (row + place - start(row)) * SIDE)
    }

    /// Groups of tiles, each summed up by one thread.
    fn groups(&self) -> Vec<Range<usize>> {
        let (count, groups) = (self.count(), groups(self.source.len()));
        (0..groups).map(|g| g * count / groups..(g + 1) * count / groups).collect()
    }

    /// Z x for one vector of `x` for each step, and xᵀ(D∘Z)x if `SLOPES`.
    pub fn multiply<const SLOPES: bool>(
        &self,
        steps: &[Step<T>],
        x: &[T],
        monitor: &Monitor,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let len = self.padded_len();
        let parts = self.groups().into_par_iter().map(|group| {
            let mut y = vec![0.0; steps.len() * len];
            let mut slopes = vec![0.0; steps.len()];
            let (mut sums, mut buffer, mut made) =
                (Sums::new(steps.len()), Vec::new(), Tile::new());
            for place in group {
                monitor.check()?;
                let tile = match self.held.get(place) {
                    Some(tile) => tile,
                    None => {
                        self.make(place, &mut buffer, &mut made);
                        &made
                    }
                };
                let corner = self.corner(place);
                let sums = &mut sums;
                dispatch(Products::<T, SLOPES> { tile, steps, x, len, corner, sums });
                add(&mut y, &sums.rows, len, corner.0);
                add(&mut y, &sums.columns, len, corner.1);
                slopes.iter_mut().zip(&sums.slopes).for_each(|(sum, part)| *sum += part);
            }
            Ok((y, slopes))
        });
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let mut parts = parts.into_iter();
        let (mut y, mut slopes) = parts.next().expect("at least one group");
        for (part, part_slopes) in parts {
            y.par_chunks_mut(1 << 14).zip(part.par_chunks(1 << 14)).for_each(|(y, part)| {
                y.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            });
            slopes.iter_mut().zip(part_slopes).for_each(|(sum, part)| *sum += part);
        }
        slopes.iter_mut().for_each(|slope| *slope /= self.unit);
        Ok((y, slopes))
    }
}

/// Adds the sums of a tile to vectors of `len` entries, from `first` on.
fn add<T: Real>(y: &mut [f64], sums: &[T], len: usize, first: usize) {
    for (y, sums) in y.chunks_exact_mut(len).zip(sums.chunks_exact(SIDE)) {
        let y = &mut y[first..first + SIDE];
        y.iter_mut().zip(sums).for_each(|(y, sum)| *y += sum.to_f64());
    }
}
