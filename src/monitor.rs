//! How a running kernel is watched and stopped from outside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::error::{Error, Result};

/// Cancel flag and progress counters, shared by a kernel and its caller.
///
/// Kernels call [`Monitor::check`] at least every few milliseconds.
#[derive(Debug, Default)]
pub struct Monitor {
    cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    checks_left: Option<AtomicU64>,
    /// How long threads go without a look.
    #[cfg(feature = "gaps")]
    pub gaps: crate::gaps::Gaps,
}

impl Monitor {
    /// A monitor that never stops the kernel by itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// A monitor that cancels at the `k`-th check: for tests that a kernel can
    /// be stopped wherever it is.
    pub fn cancel_after(k: u64) -> Self {
        Self { checks_left: Some(AtomicU64::new(k)), ..Self::default() }
    }

    /// Asks the kernel to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Fails with [`Error::Cancelled`] once the kernel has to stop.
    #[inline]
    #[cfg_attr(feature = "gaps", track_caller)]
    pub fn check(&self) -> Result<()> {
        #[cfg(feature = "gaps")]
        self.gaps.look(std::panic::Location::caller());
        if let Some(left) = &self.checks_left
            && left.fetch_update(Relaxed, Relaxed, |k| k.checked_sub(1)).is_err()
        {
            self.cancel();
        }
        if self.cancelled.load(Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Announces `work` further units of work.
    pub fn expect(&self, work: u64) {
        self.total.fetch_add(work, Relaxed);
    }

    /// Reports `work` units of work as done, then checks.
    #[inline]
    #[cfg_attr(feature = "gaps", track_caller)]
    pub fn advance(&self, work: u64) -> Result<()> {
        self.done.fetch_add(work, Relaxed);
        self.check()
    }

    /// Units of work done, and announced.
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Relaxed), self.total.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancels_at_the_stated_check() {
        let monitor = Monitor::cancel_after(2);
        assert_eq!(monitor.check(), Ok(()));
        assert_eq!(monitor.check(), Ok(()));
        assert_eq!(monitor.check(), Err(Error::Cancelled));
        assert_eq!(monitor.check(), Err(Error::Cancelled));
    }
}
