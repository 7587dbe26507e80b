//! The one gate through which every long call passes.

use std::num::NonZero;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::available_parallelism;
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::{Monitor, Result};

const MAX_THREADS: usize = 1024;
const POLL: Duration = Duration::from_millis(50);

/// Runs a kernel without the GIL on a pool of its own, while this thread looks
/// for Ctrl-C and reports progress.
///
/// The pool lives as long as the call, so nothing is left behind that a fork
/// could break. `progress` is called with the units of work done and in all;
/// what it raises stops the kernel and is raised here.
pub fn supervise<T: Send>(
    py: Python<'_>,
    n_threads: Option<usize>,
    progress: Option<&Py<PyAny>>,
    kernel: impl FnOnce(&Monitor) -> Result<T> + Send,
) -> PyResult<T> {
    let threads = match n_threads {
        Some(count) if (1..=MAX_THREADS).contains(&count) => count,
        Some(count) => {
            let rule = format!("`n_threads` must be between 1 and {MAX_THREADS}; found {count}");
            return Err(PyValueError::new_err(rule));
        }
        None => available_parallelism().map_or(1, NonZero::get),
    };
    let monitor = Monitor::new();
    let result = py.detach(|| {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        pool.in_place_scope(|scope| {
            let (sender, receiver) = channel();
            let watched = &monitor;
            scope.spawn(move |_| {
                // Nobody listens any more once an exception has been raised.
                let _ = sender.send(kernel(watched));
            });
            loop {
                match receiver.recv_timeout(POLL) {
                    Ok(result) => return result.map_err(PyErr::from),
                    Err(RecvTimeoutError::Timeout) => {
                        if let Err(raised) = Python::attach(|py| look(py, &monitor, progress)) {
                            monitor.cancel();
                            return Err(raised);
                        }
                    }
                    // The kernel has panicked; the scope hands its panic on.
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(PyRuntimeError::new_err("the kernel failed"));
                    }
                }
            }
        })
    })?;
    look(py, &monitor, progress)?;
    Ok(result)
}

fn look(py: Python<'_>, monitor: &Monitor, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    if let Some(callback) = progress {
        callback.call1(py, monitor.progress())?;
    }
    Ok(())
}
