//! The threads of a job, and the account of what they take.

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::memory::{self, Account};
use crate::monitor::Monitor;

/// Threads that do one job at a time.
///
/// Where [`Counting`](crate::memory::Counting) is the global allocator, what they take is
/// counted.
#[derive(Debug)]
pub struct Workers {
    pool: ThreadPool,
    account: &'static Account,
}

impl Workers {
    /// Starts so many threads.
    pub fn new(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        // Threads may end after their pool is gone, and book until then.
        let account: &'static Account = Box::leak(Box::default());
        let builder = ThreadPoolBuilder::new().num_threads(threads);
        let pool = builder.start_handler(move |_| memory::book_on(account)).build()?;
        Ok(Self { pool, account })
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Clears the account for the next job, which is watched by this monitor.
    pub fn monitor(&self) -> Monitor {
        self.account.clear();
        Monitor::of(self.account)
    }

    /// The threads.
    pub fn pool(&self) -> &ThreadPool {
        &self.pool
    }

    /// The account of the present job, or of the last one.
    pub fn account(&self) -> &Account {
        self.account
    }
}
