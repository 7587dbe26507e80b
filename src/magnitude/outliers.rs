//! Weights as scores of outliers, for the points of a space and for new ones.

use std::borrow::Cow;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::checks::check_scale;
use super::copies::Copies;
use super::options::MagnitudeOptions;
use super::similarities::Similarities;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::linalg::{COLUMNS, Cholesky, Symmetric};
use crate::monitor::Monitor;
use crate::space::{Condensed, PointCloud, Space, is_distance, pairwise};

/// Below this, 1 − kᵀZ⁻¹k is mostly rounding.
const LEAST_VARIANCE: f64 = 1e-10;

/// New points.
#[derive(Debug, Clone)]
pub enum Queries<'a> {
    /// Points under the metric of the space.
    Points(&'a PointCloud<'a>),
    /// Distances, a row to all points of the space each.
    Distances(ArrayView2<'a, f64>),
}

/// Scores of points, each measured against all other points of a space.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outliers {
    /// The weight of the point once it is there.
    pub weights: Vec<f64>,
    /// 1 − kᵀZ⁻¹k with the similarities k to the others: how much of it they
    /// leave open, from 0 to 1.
    pub variances: Vec<f64>,
    /// What it adds to the magnitude: weight² · variance.
    pub gains: Vec<f64>,
}

/// Scores of the points of a space, each left out once, or of new points.
///
/// For a point i of the space the weight is wᵢ and the variance 1/(Z⁻¹)ᵢᵢ: the
/// block inverse of Z shows that these are what (1 − kᵀw)/(1 − kᵀZ⁻¹k) and its
/// denominator give for i as a new point of the space without it (Bunch et al.
/// 2021). Copies are one point here, of which each has a share of the weight.
pub fn outlier_scores(
    space: &Space<'_>,
    t: f64,
    queries: Option<&Queries<'_>>,
    options: &MagnitudeOptions,
    monitor: &Monitor,
) -> Result<Outliers> {
    check_scale("t", t)?;
    let advice = "use fewer points; `weighting` needs less";
    monitor.allow(options.max_memory, "the scores of outliers", advice);
    check_memory(space.len(), options.max_memory)?;
    let weighting = Similarities::new(space, options, monitor)?.solve(&[t], monitor)?.remove(0);
    let (copies, factors) = factor(space, t, monitor)?;
    let weights = copies.gather(&weighting.weights);
    let Some(queries) = queries else {
        let inverse = factors.inverse_diagonal(monitor)?;
        let variances: Vec<f64> = inverse.iter().map(|x| 1.0 / x).collect();
        let gains: Vec<f64> = weights.iter().zip(&inverse).map(|(w, x)| w * w / x).collect();
        return Ok(Outliers {
            weights: weighting.weights,
            variances: copies.spread(&variances),
            gains: copies.spread(&gains),
        });
    };
    let count = queries.len();
    let blocks = (0..count.div_ceil(COLUMNS)).into_par_iter().map(|block| {
        let block = block * COLUMNS..count.min((block + 1) * COLUMNS);
        score_block(space, t, queries, block, (&copies, &factors, &weights), monitor)
    });
    let mut scores = Outliers::default();
    for block in blocks.collect::<Result<Vec<_>>>()? {
        scores.weights.extend(block.weights);
        scores.variances.extend(block.variances);
        scores.gains.extend(block.gains);
    }
    Ok(scores)
}

/// Scores of some of the new points.
fn score_block(
    space: &Space<'_>,
    t: f64,
    queries: &Queries<'_>,
    block: std::ops::Range<usize>,
    (copies, factors, weights): (&Copies, &Cholesky, &[f64]),
    monitor: &Monitor,
) -> Result<Outliers> {
    let counts = copies.gather(&vec![1.0; space.len()]);
    let mut columns = Vec::with_capacity(counts.len() * block.len());
    let mut row = vec![0.0; space.len()];
    // What is left of 1, and the point of the space that a query is, if any.
    let (mut rests, mut same) = (Vec::new(), Vec::new());
    for query in block.clone() {
        monitor.check()?;
        queries.distances(space, query, &mut row)?;
        same.push(row.iter().position(|&d| d == 0.0));
        row.iter_mut().for_each(|d| *d = (-t * *d).exp());
        let column = copies.gather(&row).into_iter().zip(&counts).map(|(sum, count)| sum / count);
        let start = columns.len();
        columns.extend(column);
        let covered: f64 = columns[start..].iter().zip(weights).map(|(k, w)| k * w).sum();
        rests.push(1.0 - covered);
    }
    let known = factors.inverse_forms(&mut columns, 0, monitor)?;
    let mut scores = Outliers::default();
    let of_points = copies.spread(weights);
    for (query, ((rest, same), known)) in block.zip(rests.into_iter().zip(same).zip(known)) {
        let (weight, variance) = match same {
            Some(point) => (of_points[point], 0.0),
            None if 1.0 - known < LEAST_VARIANCE => {
                return Err(Error::Numerical(format!(
                    "`query` {query} is too close to the points of the space at t = {t} to have \
                     a weight of its own"
                )));
            }
            None => (rest / (1.0 - known), 1.0 - known),
        };
        scores.weights.push(weight);
        scores.variances.push(variance);
        scores.gains.push(weight * weight * variance);
    }
    Ok(scores)
}

impl Queries<'_> {
    fn len(&self) -> usize {
        match self {
            Queries::Points(points) => points.len(),
            Queries::Distances(rows) => rows.nrows(),
        }
    }

    fn distances(&self, space: &Space<'_>, query: usize, out: &mut [f64]) -> Result<()> {
        match (self, space) {
            (Queries::Points(rows), Space::Points(points)) => {
                if rows.dim() != points.dim() {
                    let rule = format!("have {} coordinates, as `X` has", points.dim());
                    return Err(Error::invalid("query", rule, rows.dim()));
                }
                let row = rows.row(query);
                points.facing(row).distances_to(row, 0, out);
            }
            (Queries::Points(_), _) => {
                return Err(Error::invalid("query", "be distances, as `X` is", "points"));
            }
            (Queries::Distances(rows), _) => {
                let row = rows.row(query);
                if row.len() != out.len() {
                    let rule = format!("have {} columns, one for each point of `X`", out.len());
                    return Err(Error::invalid("query", rule, row.len()));
                }
                for (j, (out, &d)) in out.iter_mut().zip(row).enumerate() {
                    if !is_distance(d) {
                        let rule = "hold non-negative distances";
                        return Err(Error::invalid_at("query", rule, d, [query, j]));
                    }
                    *out = d;
                }
            }
        }
        Ok(())
    }
}

/// The distinct points and the factors of their similarities.
fn factor(space: &Space<'_>, t: f64, monitor: &Monitor) -> Result<(Copies, Cholesky)> {
    let distances = match space {
        Space::Points(points) => Cow::Owned(pairwise(points, monitor)?),
        Space::Distances(distances) => Cow::Borrowed(distances),
        Space::Graph(_) => {
            return Err(Error::invalid("X", "have all distances", "a sparse matrix"));
        }
    };
    let copies = Copies::of_distances(&distances, monitor)?;
    let distances: Cow<'_, Condensed> = copies.merge_distances(distances, monitor)?;
    let z =
        Symmetric::from_fn(copies.distinct(), monitor, |i, j| (-t * distances.get(i, j)).exp())?;
    match Cholesky::new(z, monitor)? {
        Some(factors) => Ok((copies, factors)),
        None => Err(Error::Numerical(format!(
            "the similarity matrix at t = {t} is not positive definite: there are no variances"
        ))),
    }
}

fn check_memory(len: usize, max_memory: u64) -> Result<()> {
    let pairs = (len as u64).saturating_mul(len as u64);
    // Distances, factors, and some columns.
    let needed = 12u64.saturating_mul(pairs).saturating_add((len * COLUMNS * 16) as u64);
    let fits = (max_memory as f64 / 12.0).sqrt() as u64;
    Budget { allowed: max_memory }.ask(
        format_args!("the variances of {len} points"),
        needed,
        format_args!("those of about {fits} points would fit; `weighting` needs less"),
    )?;
    Ok(())
}
