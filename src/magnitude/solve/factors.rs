//! Factors of Z at one scale as an approximate inverse at smaller ones.
//!
//! As t → 0, Z(t) is nearly −tD on vectors that sum to zero, so that Z(u)⁻¹Z(t) is
//! nearly t/u there: one factorisation, in float32, leaves conjugate gradients a few
//! steps at all scales t < u where distances are short. In many dimensions
//! neighbours say less about a point, and this is what small scales need. The same
//! holds, less well, for somewhat larger scales.

use rayon::prelude::*;

use super::tiles::Source;
use crate::error::Result;
use crate::linalg::{Cholesky, Symmetric};
use crate::monitor::Monitor;

/// Vectors that are treated together.
const TOGETHER: usize = 8;

/// Bytes of the factors for `len` points.
pub fn factor_bytes(len: usize) -> u64 {
    Symmetric::<f32>::bytes(len)
}

/// Z(t) = LLᵀ in float32.
pub struct Factors {
    len: usize,
    l: Cholesky<f32>,
}

impl Factors {
    /// `None` where Z is not positive definite, up to rounding in float32.
    pub fn new(source: &Source<'_>, t: f64, monitor: &Monitor) -> Result<Option<Self>> {
        let len = source.len();
        let similarity = |i, j| (-t * source.get(j, i)).exp() as f32;
        let matrix = Symmetric::from_fn(len, monitor, similarity)?;
        Ok(Cholesky::new(matrix, monitor)?.map(|l| Self { len, l }))
    }

    /// z = Z⁻¹r for each pair of vectors.
    pub fn apply(&self, pairs: &mut [(&[f64], &mut [f64])], monitor: &Monitor) -> Result<()> {
        pairs.par_chunks_mut(TOGETHER).try_for_each(|pairs| {
            monitor.check()?;
            let vectors = pairs.iter().flat_map(|(r, _)| &r[..self.len]);
            let mut columns: Vec<_> = vectors.map(|&r| r as f32).collect();
            self.l.solve(&mut columns, monitor)?;
            for ((_, z), column) in pairs.iter_mut().zip(columns.chunks_exact(self.len)) {
                z.iter_mut().zip(column).for_each(|(z, &value)| *z = value.into());
            }
            Ok(())
        })
    }
}
