//! Weightings by factors of the whole similarity matrix.

use rayon::prelude::*;

use super::scale::Solution;
use super::tiles::{Source, similarity_products};
use crate::error::{Error, Result};
use crate::linalg::{Cholesky, Lblt, Symmetric};
use crate::magnitude::options::Method;
use crate::monitor::Monitor;

/// Most corrections of a solution by its own residual.
const REFINEMENTS: usize = 6;

/// Solves at one scale: by Cholesky factors where Z is positive definite, otherwise
/// by LBLᵀ factors. Gives the method and the number of negative eigenvalues too.
pub fn solve(
    source: &Source<'_>,
    t: f64,
    tol: f64,
    method: Option<Method>,
    monitor: &Monitor,
) -> Result<(Solution, Method, usize)> {
    let matrix = || similarities(source, t, monitor);
    if method != Some(Method::Lblt)
        && let Some(factors) = Cholesky::new(matrix()?, monitor)?
    {
        let solution = refine(source, t, tol, |b| factors.solve(b, monitor), monitor)?;
        return Ok((solution, Method::Cholesky, 0));
    }
    if method == Some(Method::Cholesky) {
        let message = format!("the similarity matrix at t = {t} is not positive definite");
        return Err(Error::Numerical(message));
    }
    let factors = Lblt::new(matrix()?, monitor)?.ok_or_else(|| singular(t))?;
    let solution = refine(source, t, tol, |b| factors.solve(b, monitor), monitor)?;
    Ok((solution, Method::Lblt, factors.negative()))
}

/// Whether Z has Cholesky factors.
pub fn is_definite(source: &Source<'_>, t: f64, monitor: &Monitor) -> Result<bool> {
    Ok(Cholesky::new(similarities(source, t, monitor)?, monitor)?.is_some())
}

fn similarities(source: &Source<'_>, t: f64, monitor: &Monitor) -> Result<Symmetric> {
    Symmetric::from_fn(source.len(), monitor, |i, j| (-t * source.get(j, i)).exp())
}

/// Z x without a floor of similarities, which are zero where they underflow.
pub fn products(source: &Source<'_>, t: f64, x: &[f64], monitor: &Monitor) -> Result<Vec<f64>> {
    let row = |i| {
        monitor.check()?;
        let part = |(j, x): (usize, &f64)| match i == j {
            true => *x,
            false => x * (-t * source.get(i, j)).exp(),
        };
        Ok(x.iter().enumerate().map(part).sum())
    };
    (0..source.len()).into_par_iter().map(row).collect()
}

/// Corrects a solution by its true residual until that is within tolerance, and as
/// long as that makes it smaller.
fn refine(
    source: &Source<'_>,
    t: f64,
    tol: f64,
    divide: impl Fn(&mut [f64]) -> Result<()>,
    monitor: &Monitor,
) -> Result<Solution> {
    let mut x = vec![0.0; source.len()];
    let mut r = vec![1.0; source.len()];
    let mut best: Option<Solution> = None;
    for _ in 0..=REFINEMENTS {
        divide(&mut r)?;
        x.iter_mut().zip(&r).for_each(|(x, r)| *x += r);
        let (products, slope) = similarity_products(source, t, &x, monitor)?;
        r.iter_mut().zip(products).for_each(|(r, y)| *r = 1.0 - y);
        let solution = Solution::new(&x, &r, slope);
        let enough = solution.residual <= 1e-3 * tol;
        let better = best.as_ref().is_none_or(|best| solution.residual < 0.5 * best.residual);
        if better {
            best = Some(solution);
        }
        if enough || !better {
            break;
        }
    }
    best.filter(|best| best.residual <= tol).ok_or_else(|| singular(t))
}

fn singular(t: f64) -> Error {
    Error::Numerical(format!("the similarity matrix at t = {t} is singular, up to rounding"))
}
