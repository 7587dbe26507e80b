//! What all functions of diagrams ask of their bars, and how they go through
//! many diagrams.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Applies a function to each diagram, side by side.
pub fn of_each<D: Sync, T: Send>(
    diagrams: &[D],
    monitor: &Monitor,
    function: impl Fn(&D) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    monitor.expect(diagrams.len() as u64);
    let of_one = |diagram: &D| {
        let value = function(diagram)?;
        monitor.advance(1)?;
        Ok(value)
    };
    diagrams.par_iter().map(of_one).collect()
}

/// Refuses NaN and births after deaths.
pub fn check_bars(bars: &[[f64; 2]]) -> Result<()> {
    // NaN is not in order with anything.
    let in_order = |[birth, death]: &[f64; 2]| birth <= death;
    match bars.iter().position(|bar| !in_order(bar)) {
        None => Ok(()),
        Some(i) => Err(broken("have birth <= death", bars, i)),
    }
}

/// Refuses essential classes too, and bars whose lengths are beyond the largest number.
pub fn check_finite_bars(bars: &[[f64; 2]]) -> Result<()> {
    check_bars(bars)?;
    match bars.iter().position(|[birth, death]| !(death - birth).is_finite()) {
        None => Ok(()),
        Some(i) if bars[i].iter().all(|end| end.is_finite()) => {
            Err(broken("have lengths below 1.8e308", bars, i))
        }
        Some(i) => Err(broken("have finite bars here", bars, i)),
    }
}

fn broken(rule: &str, bars: &[[f64; 2]], i: usize) -> Error {
    Error::invalid_at("dgm", rule, format!("{:?}", bars[i]), [i])
}

/// Refuses an exponent that is not positive; infinity is one.
pub fn check_power(argument: &'static str, power: f64) -> Result<()> {
    if power > 0.0 { Ok(()) } else { Err(Error::invalid(argument, "be above 0", power)) }
}

/// Refuses a number beyond the largest for what has been computed from bars.
pub fn in_range(value: f64, argument: &'static str, bars: &[[f64; 2]]) -> Result<f64> {
    if value.is_finite() {
        return Ok(value);
    }
    let longest = bars.iter().fold(0.0, |most: f64, [birth, death]| most.max(death - birth));
    let reason = format!("lengths up to {longest:e} give a value beyond the largest number");
    Err(Error::Overflow { argument, reason })
}

/// (Σ xᵢ^p)^{1/p} of non-negative numbers, the largest for p = ∞.
///
/// The largest goes first, so that no power over- or underflows.
pub fn norm(values: impl Iterator<Item = f64> + Clone, p: f64) -> f64 {
    let largest = values.clone().fold(0.0, f64::max);
    if largest == 0.0 || p.is_infinite() {
        return largest;
    }
    largest * values.map(|x| (x / largest).powf(p)).sum::<f64>().powf(1.0 / p)
}
