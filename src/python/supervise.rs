//! The one gate through which every long call passes.

use std::num::NonZero;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::available_parallelism;
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

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
    let (pool, monitor) = (pool(py, n_threads)?, Monitor::new());
    let result = py.detach(|| {
        watch(&pool, &monitor, kernel, || Python::attach(|py| look(py, &monitor, progress)))
    })?;
    look(py, &monitor, progress)?;
    Ok(result)
}

/// As [`supervise`], but with the GIL: for what reads an array that another
/// thread of Python might write to.
pub fn supervise_attached<T: Send>(
    py: Python<'_>,
    n_threads: Option<usize>,
    kernel: impl FnOnce(&Monitor) -> Result<T> + Send,
) -> PyResult<T> {
    let (pool, monitor) = (pool(py, n_threads)?, Monitor::new());
    watch(&pool, &monitor, kernel, || py.check_signals())
}

fn pool(py: Python<'_>, n_threads: Option<usize>) -> PyResult<ThreadPool> {
    let threads = match n_threads {
        Some(count) if (1..=MAX_THREADS).contains(&count) => count,
        Some(count) => {
            let rule = format!("`n_threads` must be between 1 and {MAX_THREADS}; found {count}");
            return Err(PyValueError::new_err(rule));
        }
        None => available_parallelism().map_or(1, NonZero::get),
    };
    let pool = py.detach(|| ThreadPoolBuilder::new().num_threads(threads).build());
    pool.map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Runs a kernel on a pool, and calls `poll` now and then from this thread.
fn watch<T: Send>(
    pool: &ThreadPool,
    monitor: &Monitor,
    kernel: impl FnOnce(&Monitor) -> Result<T> + Send,
    mut poll: impl FnMut() -> PyResult<()>,
) -> PyResult<T> {
    let (mut kernel, mut answer) = (Some(kernel), None);
    let mut work = || answer = kernel.take().map(|kernel| kernel(monitor));
    wait_for(pool, monitor, &mut work, &mut poll)?;
    answer.expect("the work is done").map_err(PyErr::from)
}

/// Waits for work on a pool; one piece of code for all kernels, which are many.
fn wait_for(
    pool: &ThreadPool,
    monitor: &Monitor,
    work: &mut (dyn FnMut() + Send),
    poll: &mut dyn FnMut() -> PyResult<()>,
) -> PyResult<()> {
    pool.in_place_scope(|scope| {
        let (sender, receiver) = channel();
        scope.spawn(move |_| {
            work();
            // Nobody listens any more once an exception has been raised.
            let _ = sender.send(());
        });
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(()) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(raised) = poll() {
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
}

fn look(py: Python<'_>, monitor: &Monitor, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    if let Some(callback) = progress {
        callback.call1(py, monitor.progress())?;
    }
    Ok(())
}
