//! Bindings of what gathers networks and covers them.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::space::PySpace;
use super::supervise::supervise;
use crate::networks;
use crate::space;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(medoid, module)?)?;
    module.add_function(wrap_pyfunction!(covering, module)?)?;
    module.add_function(wrap_pyfunction!(gather, module)?)?;
    module.add_function(wrap_pyfunction!(representatives, module)?)?;
    module.add_function(wrap_pyfunction!(distances_of_classes, module)?)
}

type Indices<'py> = Bound<'py, PyArray1<i64>>;

fn indices<'py>(py: Python<'py>, found: &[usize]) -> Indices<'py> {
    found.iter().map(|&i| i as i64).collect::<Vec<_>>().into_pyarray(py)
}

/// The point with the smallest sum of distances, the first of several.
#[pyfunction]
#[pyo3(signature = (space, *, n_threads=None))]
fn medoid(py: Python<'_>, space: &PySpace, n_threads: Option<usize>) -> PyResult<usize> {
    supervise(py, n_threads, None, |monitor| space::medoid(&space.0, monitor))
}

/// Farthest points from the medoid on, and the radius that is left after each.
#[pyfunction]
#[pyo3(signature = (space, *, n_threads=None))]
fn covering<'py>(
    py: Python<'py>,
    space: &PySpace,
    n_threads: Option<usize>,
) -> PyResult<(Indices<'py>, Bound<'py, PyArray1<f64>>)> {
    let found = supervise(py, n_threads, None, |monitor| space::covering(&space.0, monitor))?;
    Ok((indices(py, &found.order), found.radii.into_pyarray(py)))
}

/// The class of each point; for a net the centres too.
#[pyfunction]
#[pyo3(signature = (space, eps, method, *, n_threads=None))]
fn gather<'py>(
    py: Python<'py>,
    space: &PySpace,
    eps: f64,
    method: &str,
    n_threads: Option<usize>,
) -> PyResult<(Bound<'py, PyArray1<u32>>, Option<Indices<'py>>)> {
    let gathering = method.parse()?;
    let found = supervise(py, n_threads, None, |monitor| {
        networks::gather(&space.0, eps, gathering, monitor)
    })?;
    let centres = found.centres.map(|centres| indices(py, &centres));
    Ok((found.labels.into_pyarray(py), centres))
}

/// A point of each class, how far others are from it, and from each other.
#[pyfunction]
#[pyo3(signature = (space, labels, centres=None, *, n_threads=None))]
fn representatives<'py>(
    py: Python<'py>,
    space: &PySpace,
    labels: PyReadonlyArray1<'py, u32>,
    centres: Option<Vec<usize>>,
    n_threads: Option<usize>,
) -> PyResult<(Indices<'py>, f64, f64)> {
    let labels = labels.as_array().to_vec();
    let found = supervise(py, n_threads, None, |monitor| {
        networks::representatives(&space.0, &labels, centres, monitor)
    })?;
    Ok((indices(py, &found.indices), found.radius, found.diameter))
}

/// Distances between classes, a square matrix.
#[pyfunction]
#[pyo3(signature = (space, labels, representatives, induced, *, n_threads=None))]
fn distances_of_classes<'py>(
    py: Python<'py>,
    space: &PySpace,
    labels: PyReadonlyArray1<'py, u32>,
    representatives: Vec<usize>,
    induced: &str,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (labels, induced) = (labels.as_array().to_vec(), induced.parse()?);
    let matrix = supervise(py, n_threads, None, |monitor| {
        networks::distances_of_classes(&space.0, &labels, &representatives, induced, monitor)
    })?;
    Ok(matrix.into_pyarray(py))
}
