//! How long threads compute between two looks at their monitor; for tests.
//!
//! What is measured is the time that the processor spends on a thread, so that other
//! jobs do not count. Time before the first look counts from the start of the thread:
//! give each call a pool of its own.

#![allow(unsafe_code, reason = "the clock of a thread is read by a call of the system")]

use std::cell::Cell;
use std::panic::Location;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The longest time that a thread has computed without a look at the monitor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gap {
    /// How long, up to [`ROUGH`] too much.
    pub time: Duration,
    /// The look before it; none at the start of a thread.
    pub from: Option<&'static Location<'static>>,
    /// The look after it.
    pub to: Option<&'static Location<'static>>,
}

/// The clock of the thread is read once in so much time, since that takes longer than
/// a look.
pub const ROUGH: Duration = Duration::from_millis(1);

/// When the clock was read, what it said, and the last look.
type Last = (Option<Instant>, Duration, Option<&'static Location<'static>>);

thread_local! {
    static LAST: Cell<Last> = const { Cell::new((None, Duration::ZERO, None)) };
}

/// Keeps the longest gap.
#[derive(Debug, Default)]
pub struct Gaps(Mutex<Gap>);

impl Gaps {
    /// Measures the gap that a look ends.
    pub fn look(&self, to: &'static Location<'static>) {
        let (read, before, from) = LAST.get();
        let now = Instant::now();
        if read.is_some_and(|read| now - read < ROUGH) {
            return LAST.set((read, before, Some(to)));
        }
        let time = processor_time();
        LAST.set((Some(now), time, Some(to)));
        let mut longest = self.0.lock().expect("no thread panics here");
        if time - before > longest.time {
            *longest = Gap { time: time - before, from, to: Some(to) };
        }
    }

    /// The longest gap so far.
    pub fn longest(&self) -> Gap {
        *self.0.lock().expect("no thread panics here")
    }
}

/// What the processor has spent on this thread.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to `time` alone.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0, "threads have clocks");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
