//! The area under a magnitude function, and the area between two.

use super::checks::check_scale;
use super::convergence::convergence_scale;
use super::options::MagnitudeOptions;
use super::quadrature::{NODES, Panel};
use super::similarities::Similarities;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::Space;

/// The share of the points at which integrals end by default.
const SHARE: f64 = 0.95;

/// Largest error of the rules that is good enough, as a part of the integral, or of
/// the areas under both functions.
const GOAL: f64 = 2.5e-3;
const LEAST: f64 = 1e-8;

/// How often panels may be halved.
const ROUNDS: usize = 8;

/// What solutions lack, in parts, as `solve_values` leaves it.
const SOLVED: f64 = 1e-9;

/// The most that rounding may make of a magnitude, in parts, or it is refused.
const BLUR: f64 = 1e-6;

/// No similarity above exp(−this) matters.
const APART: f64 = 38.0;

/// An integral over the scales from 0 to `t_cut`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The integral.
    pub value: f64,
    /// What it may be off by.
    pub error: f64,
    /// Where it ends.
    pub t_cut: f64,
}

/// ∫ |tX| dt from 0 to `t_cut`, by default the scale at which the magnitude is
/// 0.95 of the number of distinct points.
///
/// Fails where Z is not positive definite at a node: then the magnitude has a pole,
/// over which no integral exists.
pub fn magnitude_area(
    space: &Space<'_>,
    t_cut: Option<f64>,
    options: &MagnitudeOptions,
    monitor: &Monitor,
) -> Result<Area> {
    t_cut.map_or(Ok(()), |t| check_scale("t_cut", t))?;
    let similarities = Similarities::new(space, options, monitor)?;
    let t_cut = match t_cut {
        Some(t_cut) => t_cut,
        None => convergence_scale(&similarities, SHARE, monitor)?.t,
    };
    integrate(&[similarities], t_cut, monitor)
}

/// ∫ ||tX| − |tY|| dt from 0 to `t_cut`, by default the mean of the two scales
/// at which [`magnitude_area`] ends.
pub fn magnitude_difference(
    x: &Space<'_>,
    y: &Space<'_>,
    t_cut: Option<f64>,
    options: &MagnitudeOptions,
    monitor: &Monitor,
) -> Result<Area> {
    t_cut.map_or(Ok(()), |t| check_scale("t_cut", t))?;
    let both = [Similarities::new(x, options, monitor)?, Similarities::new(y, options, monitor)?];
    let t_cut = match t_cut {
        Some(t_cut) => t_cut,
        None => {
            let end_of_x = convergence_scale(&both[0], SHARE, monitor)?.t;
            0.5 * (end_of_x + convergence_scale(&both[1], SHARE, monitor)?.t)
        }
    };
    integrate(&both, t_cut, monitor)
}

/// The integral of the magnitude of one space, or of the distance between those of two.
///
/// Beyond the scale at which no similarity is left nothing changes any more; below it,
/// panels are halved until the rules agree well enough.
fn integrate(spaces: &[Similarities<'_>], t_cut: f64, monitor: &Monitor) -> Result<Area> {
    let count = |space: &Similarities<'_>| space.n_distinct() as f64;
    let apart = spaces.iter().map(count).reduce(|x, y| (x - y).abs()).unwrap_or(0.0);
    let mut reach = None;
    for space in spaces {
        let (low, high) = reach.unwrap_or((f64::INFINITY, 0.0_f64));
        reach = space.reach(monitor)?.map(|own| (own.0.min(low), own.1.max(high))).or(reach);
    }
    let Some((shortest, longest)) = reach.filter(|_| t_cut > 0.0) else {
        return Ok(Area { value: apart * t_cut, error: 0.0, t_cut });
    };
    let most = spaces.iter().map(count).fold(1.0, f64::max);
    let end = t_cut.min((APART + most.ln()) / shortest);
    let rest = apart * (t_cut - end);
    let mut pieces = measure(spaces, Panel::cover(longest, end), monitor)?;
    for _ in 0..ROUNDS {
        let (value, error) = (total(&pieces, |p| p.value), total(&pieces, |p| p.error));
        let size = total(&pieces, |p| p.size);
        let goal = (GOAL * (value + rest)).max(LEAST * size);
        if error <= goal {
            break;
        }
        let share = goal / pieces.len() as f64;
        let (rough, fine) = pieces.into_iter().partition(|piece| piece.error > share);
        pieces = fine;
        let halves = Vec::into_iter(rough).flat_map(|piece: Piece| piece.panel.halves());
        pieces.extend(measure(spaces, halves.collect(), monitor)?);
    }
    let value = total(&pieces, |p| p.value) + rest;
    let error = total(&pieces, |p| p.error + p.noise) + f64::EPSILON * value;
    Ok(Area { value, error, t_cut })
}

fn total(pieces: &[Piece], part: fn(&Piece) -> f64) -> f64 {
    pieces.iter().map(part).sum()
}

/// What an integral is over a panel.
struct Piece {
    panel: Panel,
    value: f64,
    /// By the coarser rules.
    error: f64,
    /// Of the values.
    noise: f64,
    /// The integral of the sum of the magnitudes.
    size: f64,
}

/// Solves at all nodes of some panels, and integrates.
fn measure(
    spaces: &[Similarities<'_>],
    panels: Vec<Panel>,
    monitor: &Monitor,
) -> Result<Vec<Piece>> {
    let ts: Vec<f64> = panels.iter().flat_map(|panel| panel.scales()).collect();
    let (mut values, mut sizes) = (vec![0.0; ts.len()], vec![0.0; ts.len()]);
    let mut noises = vec![0.0; ts.len()];
    for (space, sign) in spaces.iter().zip([1.0, -1.0]) {
        for (k, found) in space.solve_values(&ts, monitor)?.iter().enumerate() {
            if found.negative_eigenvalues > 0 {
                return Err(Error::Numerical(format!(
                    "the similarity matrix at t = {} is not positive definite: there is no integral \
                     over a pole of the magnitude",
                    found.t
                )));
            }
            let weight: f64 = found.weights.iter().map(|w| w.abs()).sum();
            let blur = (f64::EPSILON * weight * weight).min(BLUR * found.magnitude.abs());
            values[k] += sign * found.magnitude;
            sizes[k] += found.magnitude.abs();
            noises[k] += SOLVED * found.magnitude.abs() + blur;
        }
    }
    let pieces = panels.into_iter().enumerate().map(|(k, panel)| {
        let own = k * NODES..(k + 1) * NODES;
        let (value, error) = match spaces.len() {
            1 => panel.integral(&values[own.clone()]),
            _ => panel.absolute_integral(&values[own.clone()]),
        };
        let (noise, size) = (panel.integral(&noises[own.clone()]).0, panel.integral(&sizes[own]).0);
        Piece { panel, value, error, noise, size }
    });
    Ok(pieces.collect())
}
