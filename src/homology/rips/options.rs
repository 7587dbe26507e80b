//! What to compute.

use super::way::Plan;
use crate::error::{Error, Result};
use crate::homology::field::check_prime;
use crate::space::is_distance;

/// Highest degree of homology on offer.
pub const MAX_DIMENSION: usize = 15;

/// What to compute.
#[derive(Debug, Clone, Copy)]
pub struct RipsOptions {
    /// Highest degree of homology.
    pub maxdim: usize,
    /// Longest edge that is looked at.
    pub threshold: f64,
    /// If given, the sparse filtration takes the place of the full one: births
    /// and deaths may be late by factors up to 1 + ε.
    pub epsilon: Option<f64>,
    /// Order of the coefficient field, a prime below 2¹⁶.
    pub coeff: u32,
    /// Whether to return representative cocycles.
    pub cocycles: bool,
    /// Bytes that the job may take.
    pub max_memory: u64,
    /// The way to go instead of the one that looks fastest.
    pub plan: Option<Plan>,
}

impl Default for RipsOptions {
    fn default() -> Self {
        Self {
            maxdim: 1,
            threshold: f64::INFINITY,
            epsilon: None,
            coeff: 2,
            cocycles: false,
            max_memory: u64::MAX,
            plan: None,
        }
    }
}

impl RipsOptions {
    pub(crate) fn validate(&self) -> Result<()> {
        check_prime(self.coeff)?;
        if self.maxdim > MAX_DIMENSION {
            let rule = format!("be between 0 and {MAX_DIMENSION}");
            return Err(Error::invalid("maxdim", rule, self.maxdim));
        }
        if !is_distance(self.threshold) {
            return Err(Error::invalid("threshold", "be non-negative", self.threshold));
        }
        Ok(())
    }

    /// The highest degree asked for in which `len` points can have a class:
    /// above n − 2 there is nothing to find.
    pub(super) fn top_degree(&self, len: usize) -> usize {
        self.maxdim.min(len.saturating_sub(2))
    }
}
