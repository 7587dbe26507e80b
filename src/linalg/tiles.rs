//! Symmetric matrices in tiles, and what is done to a tile.

use faer::linalg::matmul::matmul;
use faer::traits::RealField;
use faer::traits::math_utils::from_f64;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::error::Result;
use crate::monitor::Monitor;

/// Rows and columns of a tile.
pub const TILE: usize = 256;

/// The lower triangle of a symmetric matrix in square tiles, each column by
/// column: tile (i, j), j ≤ i, at i(i+1)/2 + j.
#[derive(Debug, Clone)]
pub struct Symmetric<T = f64> {
    pub len: usize,
    pub tiles: Vec<Vec<T>>,
}

/// float64 or float32.
pub trait Scalar: RealField + Copy {}

impl Scalar for f32 {}
impl Scalar for f64 {}

impl<T: Scalar> Symmetric<T> {
    /// Bytes of a matrix of this size.
    pub fn bytes(len: usize) -> u64 {
        let tiles = len.div_ceil(TILE) as u64;
        let side = TILE.min(len) as u64;
        tiles * (tiles + 1) / 2 * side * side * size_of::<T>() as u64
    }

    /// Lets `entry(i, j)`, i ≥ j, write the matrix.
    pub fn from_fn(
        len: usize,
        monitor: &Monitor,
        entry: impl Fn(usize, usize) -> T + Sync,
    ) -> Result<Self> {
        let places: Vec<_> =
            (0..len.div_ceil(TILE)).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
        let tiles = places.into_par_iter().map(|(i, j)| {
            monitor.check()?;
            let (rows, columns) = (span(len, i), span(len, j));
            let mut tile = monitor.room(rows.len() * columns.len())?;
            for column in columns {
                tile.extend(rows.clone().map(|row| entry(row.max(column), row.min(column))));
            }
            Ok(tile)
        });
        Ok(Self { len, tiles: tiles.collect::<Result<_>>()? })
    }
}

/// The rows of a row of tiles.
pub fn span(len: usize, tile: usize) -> std::ops::Range<usize> {
    tile * TILE..len.min((tile + 1) * TILE)
}

/// Where tile (i, j) is.
pub fn place(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

/// The tile that is there.
pub fn row_and_column(place_of: usize) -> (usize, usize) {
    let mut row = ((8.0 * place_of as f64 + 1.0).sqrt() as usize).saturating_sub(1) / 2;
    while place(row + 1, 0) <= place_of {
        row += 1;
    }
    while place(row, 0) > place_of {
        row -= 1;
    }
    (row, place_of - place(row, 0))
}

/// C ← C − A Bᵀ, with `inner` columns in A and B.
pub fn subtract_product<T: Scalar>(c: &mut [T], a: &[T], b: &[T], inner: usize) {
    let (rows, columns) = (a.len() / inner, b.len() / inner);
    let a = MatRef::from_column_major_slice(a, rows, inner);
    let b = MatRef::from_column_major_slice(b, columns, inner);
    let c = MatMut::from_column_major_slice_mut(c, rows, columns);
    matmul(c, Accum::Add, a, b.transpose(), from_f64::<T>(-1.0), Par::Seq);
}
