//! Threads that are kept from one call to the next.
//!
//! To start a thread takes as long as a small call does, and all cores are the default.

use std::mem;
use std::ops::Deref;
use std::process;
use std::sync::{Mutex, TryLockError};

use rayon::ThreadPoolBuildError;

use crate::memory;
use crate::workers::Workers;

/// The workers that wait for a call, each with the process that has started them.
static IDLE: Mutex<Vec<(u32, Workers)>> = Mutex::new(Vec::new());

/// The most that wait: more are there if threads of Python call side by side.
const MOST_IDLE: usize = 2;

/// Bytes from which what a call has taken goes back to the system.
const MUCH: u64 = 1 << 20;

/// Workers for one call.
pub struct Crew(Option<Workers>);

impl Crew {
    /// Takes workers that wait, or starts them.
    pub fn of(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        let mine = process::id();
        let found = idle(|idle| {
            // A fork copies the workers, but not their threads: nobody would end them.
            for k in (0..idle.len()).rev().filter(|&k| idle[k].0 != mine).collect::<Vec<_>>() {
                mem::forget(idle.swap_remove(k));
            }
            let place = idle.iter().position(|(_, workers)| workers.threads() == threads)?;
            Some(idle.swap_remove(place).1)
        });
        match found.flatten() {
            Some(workers) => Ok(Self(Some(workers))),
            None => Workers::new(threads).map(|workers| Self(Some(workers))),
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        let workers = self.0.take().expect("workers leave once");
        let took_much = workers.account().peak() >= MUCH;
        let surplus = idle(|idle| {
            idle.push((process::id(), workers));
            // The one that has waited longest.
            (idle.len() > MOST_IDLE).then(|| idle.remove(0))
        });
        drop(surplus);
        if took_much {
            memory::trim();
        }
    }
}

impl Deref for Crew {
    type Target = Workers;

    fn deref(&self) -> &Workers {
        self.0.as_ref().expect("workers are here until they leave")
    }
}

/// What is done to the workers that wait; nothing if another thread is about it, which in a
/// child of a fork may be for ever.
fn idle<T>(change: impl FnOnce(&mut Vec<(u32, Workers)>) -> T) -> Option<T> {
    match IDLE.try_lock() {
        Ok(mut idle) => Some(change(&mut idle)),
        // Nothing that is done to them can leave them half done.
        Err(TryLockError::Poisoned(idle)) => Some(change(&mut idle.into_inner())),
        Err(TryLockError::WouldBlock) => None,
    }
}
