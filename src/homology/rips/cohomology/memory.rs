//! What the threads of a reduction have taken together.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::budget::Budget;
use crate::error::Result;

/// Bytes that are taken in one degree.
#[derive(Debug)]
pub struct Memory {
    degree: usize,
    budget: Budget,
    taken: AtomicU64,
}

impl Memory {
    /// So many bytes are allowed, `before` are in use.
    pub fn new(degree: usize, allowed: u64, before: u64) -> Self {
        Self { degree, budget: Budget { allowed }, taken: before.into() }
    }

    /// Takes more, unless that is too much.
    pub fn take(&self, bytes: u64) -> Result<()> {
        let taken = self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.budget.take(
            format_args!("the reduction in degree {}", self.degree),
            taken,
            "lower `maxdim`, set a `threshold`, or use `n_landmarks`",
        )?;
        Ok(())
    }
}
