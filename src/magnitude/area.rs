//! The area under a magnitude function, and the area between two.

use super::checks::check_scale;
use super::convergence::convergence_scale;
use super::definite::check_definite;
use super::options::MagnitudeOptions;
use super::quadrature;
use super::similarities::Similarities;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::Space;

/// The share of the points at which integrals end by default.
const SHARE: f64 = 0.95;

/// An integral over the scales from 0 to `t_cut`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The integral.
    pub value: f64,
    /// Its distance from a coarser rule, far above the error as a rule.
    pub error: f64,
    /// Where it ends.
    pub t_cut: f64,
}

/// ∫ |tX| dt from 0 to `t_cut`, by default the scale at which the magnitude is
/// 0.95 of the number of distinct points.
///
/// Fails where Z is not definite at the first node: then it is not at many scales
/// above, and the magnitude has a pole, over which no integral exists. If it is
/// there, it is at all scales above, up to rounding (Schoenberg 1938).
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
    if t_cut == 0.0 {
        return Ok(Area { value: 0.0, error: 0.0, t_cut });
    }
    check_definite(space, quadrature::scales(t_cut)[0], options, monitor)?;
    let (values, _) = values_and_slopes(&similarities, t_cut, monitor)?;
    let (value, error) = quadrature::integral(t_cut, &values);
    Ok(Area { value, error, t_cut })
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
    let of_x = Similarities::new(x, options, monitor)?;
    let of_y = Similarities::new(y, options, monitor)?;
    let t_cut = match t_cut {
        Some(t_cut) => t_cut,
        None => {
            let end_of_x = convergence_scale(&of_x, SHARE, monitor)?.t;
            0.5 * (end_of_x + convergence_scale(&of_y, SHARE, monitor)?.t)
        }
    };
    if t_cut == 0.0 {
        return Ok(Area { value: 0.0, error: 0.0, t_cut });
    }
    let first = quadrature::scales(t_cut)[0];
    check_definite(x, first, options, monitor)?;
    check_definite(y, first, options, monitor)?;
    let of_x = values_and_slopes(&of_x, t_cut, monitor)?;
    let of_y = values_and_slopes(&of_y, t_cut, monitor)?;
    let minus = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x - y).collect::<Vec<_>>();
    let (values, slopes) = (minus(&of_x.0, &of_y.0), minus(&of_x.1, &of_y.1));
    let (value, error) = quadrature::absolute_integral(t_cut, &values, &slopes);
    Ok(Area { value, error, t_cut })
}

/// The magnitudes at the nodes and their slopes.
fn values_and_slopes(
    similarities: &Similarities<'_>,
    t_cut: f64,
    monitor: &Monitor,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let found = similarities.solve_values(&quadrature::scales(t_cut), monitor)?;
    Ok(found.iter().map(|weighting| (weighting.magnitude, weighting.slope)).unzip())
}
