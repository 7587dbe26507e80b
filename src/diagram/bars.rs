//! What all functions of diagrams ask of their bars, and how they go through
//! many diagrams.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Larger numbers may have differences that are none.
pub const LARGEST: f64 = f64::MAX / 4.0;

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

/// Refuses essential classes too, and bars that may be longer than the largest number.
pub fn check_finite_bars(bars: &[[f64; 2]]) -> Result<()> {
    check_bars(bars)?;
    if let Some(i) = bars.iter().position(|bar| bar.iter().any(|end| end.is_infinite())) {
        return Err(broken("have finite bars here", bars, i));
    }
    match bars.iter().position(|bar| bar.iter().any(|end| end.abs() > LARGEST)) {
        None => Ok(()),
        Some(i) => {
            let found = format!("{:?} at [{i}]", bars[i]);
            let reason = format!("births and deaths go up to {LARGEST:e}; found {found}");
            Err(Error::Overflow { argument: "dgm", reason })
        }
    }
}

/// A number made of lengths, which is refused if it is too large to be one.
pub fn representable(argument: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() {
        return Ok(value);
    }
    let reason = "the result is beyond the largest number; scale the diagrams down".into();
    Err(Error::Overflow { argument, reason })
}

fn broken(rule: &str, bars: &[[f64; 2]], i: usize) -> Error {
    Error::invalid_at("dgm", rule, format!("{:?}", bars[i]), [i])
}

/// Refuses an exponent that is not positive; infinity is one.
pub fn check_power(argument: &'static str, power: f64) -> Result<()> {
    if power > 0.0 { Ok(()) } else { Err(Error::invalid(argument, "be above 0", power)) }
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
