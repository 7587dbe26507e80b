//! The one gate through which every long call passes.

use std::any::Any;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::available_parallelism;
use std::time::Duration;

use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use super::crew::Crew;
use crate::{Monitor, Result, memory};

const MAX_THREADS: usize = 1024;
const POLL: Duration = Duration::from_millis(50);

/// Runs a kernel without the GIL on threads of its own, while this thread looks for
/// Ctrl-C and reports progress.
///
/// `progress` is called with the units of work done and in all; what it raises stops the
/// kernel and is raised here.
pub fn supervise<T: Send>(
    py: Python<'_>,
    n_threads: Option<usize>,
    progress: Option<&Py<PyAny>>,
    kernel: impl FnOnce(&Monitor) -> Result<T> + Send,
) -> PyResult<T> {
    let crew = crew(py, n_threads)?;
    let monitor = crew.monitor();
    let result = py.detach(|| {
        watch(&crew, &monitor, kernel, || Python::attach(|py| look(py, &monitor, progress)))
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
    let crew = crew(py, n_threads)?;
    watch(&crew, &crew.monitor(), kernel, || py.check_signals())
}

fn crew(py: Python<'_>, n_threads: Option<usize>) -> PyResult<Crew> {
    let threads = match n_threads {
        Some(count) if (1..=MAX_THREADS).contains(&count) => count,
        Some(count) => {
            let rule = format!("`n_threads` must be between 1 and {MAX_THREADS}; found {count}");
            return Err(PyValueError::new_err(rule));
        }
        None => available_parallelism().map_or(1, NonZero::get),
    };
    // Without it, what grows could not be refused.
    if !memory::keep_reserve() {
        let message = "the system has less than 64 MB to give: raise its limits or free memory";
        return Err(PyMemoryError::new_err(message));
    }
    py.detach(|| Crew::of(threads)).map_err(|error| {
        let message = format!("{threads} threads cannot be started: {error}; lower `n_threads`");
        PyMemoryError::new_err(message)
    })
}

/// Runs a kernel on threads, and calls `poll` now and then from this one.
fn watch<T: Send>(
    crew: &Crew,
    monitor: &Monitor,
    kernel: impl FnOnce(&Monitor) -> Result<T> + Send,
    mut poll: impl FnMut() -> PyResult<()>,
) -> PyResult<T> {
    let (mut kernel, mut answer) = (Some(kernel), None);
    let mut work = || {
        // What the kernel leaves behind when it panics is not looked at again.
        let run = AssertUnwindSafe(|| kernel.take().map(|kernel| kernel(monitor)));
        answer = Some(catch_unwind(run));
    };
    wait_for(crew, monitor, &mut work, &mut poll)?;
    match answer.expect("the work is done") {
        Ok(result) => result.expect("a kernel runs once").map_err(PyErr::from),
        Err(panic) => Err(bug(&*panic)),
    }
}

/// The exception for a kernel that has panicked.
fn bug(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().copied();
    let said = text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words");
    PyRuntimeError::new_err(format!(
        "this is a bug in topolens, please report it with what you called: {said}"
    ))
}

/// Waits for work on other threads; one piece of code for all kernels, which are many.
fn wait_for(
    crew: &Crew,
    monitor: &Monitor,
    work: &mut (dyn FnMut() + Send),
    poll: &mut dyn FnMut() -> PyResult<()>,
) -> PyResult<()> {
    crew.pool().in_place_scope(|scope| {
        let (sender, receiver) = channel();
        scope.spawn(move |_| {
            work();
            // Nobody listens any more once an exception has been raised.
            let _ = sender.send(());
        });
        while let Err(RecvTimeoutError::Timeout) = receiver.recv_timeout(POLL) {
            if let Err(raised) = poll() {
                monitor.cancel();
                return Err(raised);
            }
        }
        Ok(())
    })
}

fn look(py: Python<'_>, monitor: &Monitor, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    if let Some(callback) = progress {
        callback.call1(py, monitor.progress())?;
    }
    Ok(())
}
