//! The memory that a job may take.

use std::fmt::Display;

use crate::error::{Error, Result};
use crate::memory;

/// Bytes that are allowed.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub allowed: u64,
}

impl Budget {
    /// Takes the estimate of a job and returns what is left; refuses a job that does
    /// not fit, with what would. The words are put together only then.
    #[inline]
    pub fn take(self, job: impl Display, bytes: u64, advice: impl Display) -> Result<Self> {
        match self.allowed.checked_sub(bytes) {
            Some(allowed) => Ok(Self { allowed }),
            None => Err(Error::TooLarge {
                job: job.to_string(),
                needed: bytes,
                allowed: self.allowed,
                advice: advice.to_string(),
            }),
        }
    }

    /// As [`Budget::take`], before anything is taken: refuses also what the system would
    /// not give, since what grows later cannot say so.
    pub fn ask(self, job: impl Display, bytes: u64, advice: impl Display) -> Result<Self> {
        let left = self.take(&job, bytes, &advice)?;
        match bytes == 0 || memory::is_to_be_had(bytes.saturating_add(bytes / 4)) {
            true => Ok(left),
            false => Err(Error::OutOfMemory {
                job: job.to_string(),
                needed: bytes,
                allowed: None,
                advice: advice.to_string(),
            }),
        }
    }
}
