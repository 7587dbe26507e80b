//! How a running kernel is watched and stopped from outside.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::error::{Error, Result};
use crate::memory::Account;

/// Cancel flag, progress counters and account, shared by a kernel and its caller.
///
/// Kernels call [`Monitor::check`] at least every few milliseconds.
#[derive(Debug, Default)]
pub struct Monitor {
    cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    checks_left: Option<AtomicU64>,
    /// What the kernel takes, where that is counted.
    account: Option<&'static Account>,
    limit: OnceLock<Limit>,
    /// How long threads go without a look.
    #[cfg(feature = "gaps")]
    pub gaps: crate::gaps::Gaps,
}

/// What a kernel may take.
#[derive(Debug)]
struct Limit {
    bytes: u64,
    job: &'static str,
    advice: &'static str,
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

    /// A monitor of a kernel whose threads book what they take.
    pub(crate) fn of(account: &'static Account) -> Self {
        Self { account: Some(account), ..Self::default() }
    }

    /// Limits what the kernel takes; a kernel within another one is bound by the limit of
    /// that one.
    ///
    /// An eighth more is let through: estimates that are so near were good ones.
    pub fn allow(&self, bytes: u64, job: &'static str, advice: &'static str) {
        if self.limit.set(Limit { bytes, job, advice }).is_ok()
            && let Some(account) = self.account
        {
            account.allow(bytes.saturating_add(bytes / 8));
        }
    }

    /// Room for so many entries, or a refusal.
    ///
    /// For all that grows with the input: room that is taken in other ways ends the
    /// process where there is none.
    pub fn room<T>(&self, len: usize) -> Result<Vec<T>> {
        let bytes = (len as u64).saturating_mul(size_of::<T>() as u64);
        if self.account.is_some_and(|account| account.left() < bytes) {
            return Err(self.refusal(bytes, false));
        }
        let mut room = Vec::new();
        match room.try_reserve_exact(len) {
            Ok(()) => Ok(room),
            Err(_) => Err(self.refusal(bytes, true)),
        }
    }

    /// So many entries of one value, or a refusal; a look at a time, since new memory takes
    /// long to come.
    pub fn filled<T: Clone>(&self, len: usize, value: T) -> Result<Vec<T>> {
        const BLOCK: usize = 1 << 14;
        let mut entries = self.room(len)?;
        while entries.len() < len {
            self.check()?;
            entries.resize(len.min(entries.len() + BLOCK), value.clone());
        }
        Ok(entries)
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
        if self.cancelled.load(Relaxed) {
            return Err(Error::Cancelled);
        }
        match self.account {
            Some(account) if account.is_overdrawn() => Err(self.refusal(0, account.is_dry())),
            _ => Ok(()),
        }
    }

    /// The error of a kernel that wants so many more bytes than it has.
    #[cold]
    fn refusal(&self, more: u64, dry: bool) -> Error {
        let limit = self.limit.get();
        Error::OutOfMemory {
            job: limit.map_or("this job", |limit| limit.job).to_owned(),
            needed: self.account.map_or(0, Account::taken).saturating_add(more),
            allowed: limit.filter(|_| !dry).map(|limit| limit.bytes),
            advice: limit.map_or("give it less", |limit| limit.advice).to_owned(),
        }
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
