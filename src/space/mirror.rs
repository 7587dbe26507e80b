//! Square matrices, made of what is known of the pairs i < j.

use ndarray::Array2;
use rayon::prelude::*;

use super::condensed::in_bands;
use super::{Space, tile};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Rows and columns that are mirrored together.
const TILE: usize = 64;

/// All distances, as a symmetric matrix with a zero diagonal.
pub fn square_distances(space: &Space<'_>, monitor: &Monitor) -> Result<Array2<f64>> {
    match space {
        Space::Points(points) => {
            square_from_bands(points.len(), tile::height(points), monitor, |first, rows| {
                tile::to_later(points, first, rows, monitor)
            })
        }
        Space::Distances(distances) => mirrored(distances.len(), distances.values(), monitor),
        Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    }
}

/// The symmetric matrix of `len` points with a zero diagonal; `values` holds its
/// entries i < j, row after row.
pub fn mirrored<S, T>(len: usize, values: &[S], monitor: &Monitor) -> Result<Array2<T>>
where
    S: Copy + Sync,
    T: From<S> + Copy + Default + Send + Sync,
{
    let pairs = len * len.saturating_sub(1) / 2;
    if values.len() != pairs {
        let rule = format!("have n(n-1)/2 = {pairs} entries for n = {len}");
        return Err(Error::invalid("values", rule, values.len()));
    }
    square_from_rows(len, monitor, |i, row| {
        let start = super::condensed::row_start(len, i);
        row.iter_mut().zip(&values[start..]).for_each(|(entry, &value)| *entry = value.into());
    })
}

/// Lets `fill` write the entries right of the diagonal, row after row, in parallel,
/// and mirrors them.
pub(super) fn square_from_rows<T: Copy + Default + Send + Sync>(
    len: usize,
    monitor: &Monitor,
    fill: impl Fn(usize, &mut [T]) + Sync,
) -> Result<Array2<T>> {
    square_from_bands(len, 1, monitor, |i, rows| {
        rows.iter_mut().zip(i..).for_each(|(row, i)| fill(i, row));
        Ok(())
    })
}

/// As [`square_from_rows`], so many rows at once, of which `fill` gets the first one's i.
pub(super) fn square_from_bands<T: Copy + Default + Send + Sync>(
    len: usize,
    height: usize,
    monitor: &Monitor,
    fill: impl Fn(usize, &mut [&mut [T]]) -> Result<()> + Sync,
) -> Result<Array2<T>> {
    let mut values = monitor.filled(len.saturating_mul(len), T::default())?;
    let rows = values.chunks_exact_mut(len.max(1)).enumerate();
    let (mut left, mut right): (Vec<_>, Vec<_>) = rows
        .map(|(i, row)| {
            let (left, right) = row.split_at_mut(i);
            (left, &mut right[1..])
        })
        .unzip();
    in_bands(&mut right, height, monitor, fill)?;
    // Tile by tile, so that the columns that are read stay at hand.
    left.par_chunks_mut(TILE).enumerate().try_for_each(|(band, rows)| {
        for first in (0..=band).map(|tile| tile * TILE) {
            monitor.check()?;
            for (k, row) in rows.iter_mut().enumerate() {
                let i = band * TILE + k;
                let upper = right[first..i.min(first + TILE)].iter();
                let columns = row[first..].iter_mut();
                columns
                    .zip(upper)
                    .zip(first..)
                    .for_each(|((entry, row), j)| *entry = row[i - j - 1]);
            }
        }
        Ok(())
    })?;
    Ok(Array2::from_shape_vec((len, len), values).expect("as many entries"))
}
