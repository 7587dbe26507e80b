//! Whether rounding leaves anything of a magnitude.
//!
//! Entries of Z are known to one rounding of the exponential and of its argument,
//! ε(1 + t d_ij) Z_ij. To first order this changes the magnitude by at most
//! ε |w|ᵀ(Z∘(1 + tD))|w|, however small the residual. Where weights are large and
//! cancel each other, as they do for smooth similarities at small scales and near
//! a pole, that can be all of it.

use super::scale::Solution;
use super::tiles::{Source, similarity_products};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Largest relative error that rounding may make.
const BLUR: f64 = 1e-6;

/// Fails where the magnitude may be off by more than one part in a million.
pub fn check(source: &Source<'_>, t: f64, solution: &Solution, monitor: &Monitor) -> Result<()> {
    let limit = BLUR * solution.magnitude.abs() / f64::EPSILON;
    let absolute: Vec<_> = solution.x.iter().map(|x| x.abs()).collect();
    // (1 + td) exp(−td) is at most 1, so mostly no look at Z is needed.
    let sum: f64 = absolute.iter().sum();
    if sum * sum <= limit {
        return Ok(());
    }
    let (products, slope) = similarity_products(source, t, &absolute, monitor)?;
    let form: f64 = absolute.iter().zip(&products).map(|(x, y)| x * y).sum();
    if form + t * slope <= limit {
        return Ok(());
    }
    let relative = f64::EPSILON * (form + t * slope) / solution.magnitude.abs();
    Err(Error::Numerical(format!(
        "the similarity matrix at t = {t} is too near to a singular one: rounding alone may change \
         its magnitude by {:.1e} of it",
        relative
    )))
}
