//! The memory that a job may take.

use std::fmt::Display;

use crate::error::{Error, Result};

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
        let more = usize::try_from(bytes + bytes / 4);
        match more.is_ok_and(|more| Vec::<u8>::new().try_reserve_exact(more).is_ok()) {
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
