//! Arguments that several measures have.

use crate::error::{Error, Result};

/// Refuses scales that are not positive and finite.
pub fn check_scale(argument: &'static str, t: f64) -> Result<()> {
    check_scale_at(argument, t, &[])
}

/// The same for one of several.
pub fn check_scale_at(argument: &'static str, t: f64, index: &[usize]) -> Result<()> {
    if t > 0.0 && t.is_finite() {
        return Ok(());
    }
    Err(Error::invalid_at(argument, "be positive and finite", t, index))
}

/// Refuses orders below 0 and NaN.
pub fn check_order(order: f64) -> Result<()> {
    if order >= 0.0 {
        return Ok(());
    }
    Err(Error::invalid("order", "be at least 0", order))
}
