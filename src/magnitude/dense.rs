//! Weightings by factors of the whole similarity matrix.

use rayon::prelude::*;

use super::{Method, Weighting};
use crate::error::{Error, Result};
use crate::linalg::{Cholesky, Symmetric};
use crate::monitor::Monitor;
use crate::space::Condensed;

/// Most corrections of a solution by its own residual.
const REFINEMENTS: usize = 4;

/// Solves scale after scale.
pub struct Dense<'a> {
    distances: &'a Condensed,
    tol: f64,
}

/// What a vector x is turned into by two matrices.
pub struct Products {
    /// Z x.
    pub similarity: Vec<f64>,
    /// (D∘Z) x.
    pub slope: Vec<f64>,
}

impl<'a> Dense<'a> {
    pub fn new(distances: &'a Condensed, tol: f64) -> Self {
        Self { distances, tol }
    }

    pub fn solve(&self, t: f64, monitor: &Monitor) -> Result<Weighting> {
        let len = self.distances.len();
        let z = Symmetric::from_fn(len, monitor, |i, j| (-t * self.distances.get(j, i)).exp())?;
        let Some(factors) = Cholesky::new(z, monitor)? else {
            return Err(Error::Numerical(format!(
                "the similarity matrix at t = {t} is not positive definite"
            )));
        };
        let mut weights = vec![1.0; len];
        factors.solve(&mut weights);
        for _ in 0..REFINEMENTS {
            let products = self.apply(t, &weights, monitor)?;
            let mut rest: Vec<_> = products.similarity.iter().map(|y| 1.0 - y).collect();
            let residual = rest.iter().fold(0.0, |m: f64, r| m.max(r.abs()));
            if residual <= self.tol {
                let slope = weights.iter().zip(&products.slope).map(|(w, y)| w * y).sum();
                return Ok(Weighting {
                    t,
                    magnitude: weights.iter().sum(),
                    weights,
                    slope,
                    residual,
                    method: Method::Cholesky,
                    negative_eigenvalues: Some(0),
                });
            }
            factors.solve(&mut rest);
            weights.iter_mut().zip(rest).for_each(|(w, r)| *w += r);
        }
        Err(Error::Numerical(format!(
            "the similarity matrix at t = {t} is singular, up to rounding"
        )))
    }

    /// Z x and (D∘Z) x, row by row.
    pub fn apply(&self, t: f64, x: &[f64], monitor: &Monitor) -> Result<Products> {
        let rows = (0..x.len()).into_par_iter().map(|i| {
            monitor.check()?;
            let (mut similarity, mut slope) = (x[i], 0.0);
            for (j, &x) in x.iter().enumerate() {
                let d = self.distances.get(i, j);
                if j != i && d < f64::INFINITY {
                    let y = (-t * d).exp() * x;
                    similarity += y;
                    slope += d * y;
                }
            }
            Ok((similarity, slope))
        });
        let (similarity, slope) = rows.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok(Products { similarity, slope })
    }
}
