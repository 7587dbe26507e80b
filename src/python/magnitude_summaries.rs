//! Bindings of what is drawn from magnitudes: dimensions, areas, diversities,
//! outliers.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::convert;
use super::space::PySpace;
use super::supervise::supervise;
use crate::Error;
use crate::magnitude::{self, MagnitudeOptions, Outliers, Part, Queries, Similarities};
use crate::space::Space;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(magnitude_dimension, module)?)?;
    module.add_function(wrap_pyfunction!(line_points, module)?)?;
    module.add_function(wrap_pyfunction!(dimensions_of_parts, module)?)?;
    module.add_function(wrap_pyfunction!(convergence_scale, module)?)?;
    module.add_function(wrap_pyfunction!(magnitude_area, module)?)?;
    module.add_function(wrap_pyfunction!(magnitude_difference, module)?)?;
    module.add_function(wrap_pyfunction!(diversity, module)?)?;
    module.add_function(wrap_pyfunction!(max_diversity, module)?)?;
    module.add_function(wrap_pyfunction!(vendi_of_directions, module)?)?;
    module.add_function(wrap_pyfunction!(vendi_of_space, module)?)?;
    module.add_function(wrap_pyfunction!(vendi_of_kernel, module)?)?;
    module.add_function(wrap_pyfunction!(outlier_scores, module)?)
}

type Floats<'py> = Bound<'py, PyArray1<f64>>;

fn options(tol: f64, max_memory: u64) -> MagnitudeOptions {
    MagnitudeOptions { tol, max_memory, ..MagnitudeOptions::default() }
}

/// The slope, the scales it is taken between, and the error of the fit.
#[pyfunction]
fn magnitude_dimension(
    ts: PyReadonlyArray1<'_, f64>,
    values: PyReadonlyArray1<'_, f64>,
    slopes: PyReadonlyArray1<'_, f64>,
    part: &str,
    ends: (f64, f64),
) -> PyResult<(f64, (f64, f64), Option<f64>)> {
    let part = match part {
        "straightest" => Part::Straightest,
        "profile_max" => Part::ProfileMax,
        _ => Part::Between(ends.0, ends.1),
    };
    let (ts, values, slopes) = (ts.as_array(), values.as_array(), slopes.as_array());
    let (ts, values, slopes) = (ts.to_vec(), values.to_vec(), slopes.to_vec());
    let found = magnitude::magnitude_dimension(&ts, &values, &slopes, part)?;
    Ok((found.value, found.interval, found.fit_error))
}

/// Even log t over an interval, and log|tX| there.
#[pyfunction]
fn line_points<'py>(
    py: Python<'py>,
    ts: PyReadonlyArray1<'_, f64>,
    values: PyReadonlyArray1<'_, f64>,
    slopes: PyReadonlyArray1<'_, f64>,
    interval: (f64, f64),
    count: usize,
) -> PyResult<(Floats<'py>, Floats<'py>)> {
    let (ts, values, slopes) = (ts.as_array(), values.as_array(), slopes.as_array());
    let (ts, values, slopes) = (ts.to_vec(), values.to_vec(), slopes.to_vec());
    let (x, y) = magnitude::line_points(&ts, &values, &slopes, interval, count)?;
    Ok((x.into_pyarray(py), y.into_pyarray(py)))
}

/// The slope between the first and the last scale for parts of a space.
#[pyfunction]
#[pyo3(signature = (space, parts, ts, *, tol, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn dimensions_of_parts<'py>(
    py: Python<'py>,
    space: &PySpace,
    parts: Vec<Vec<usize>>,
    ts: PyReadonlyArray1<'_, f64>,
    tol: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Floats<'py>> {
    let (space, ts, options) = (&space.0, ts.as_array().to_vec(), options(tol, max_memory));
    let slopes = supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::dimensions_of_parts(space, &parts, &ts, &options, monitor)
    })?;
    Ok(slopes.into_pyarray(py))
}

/// The scale, and how many weightings it has taken.
#[pyfunction]
#[pyo3(signature = (space, *, share, tol, max_memory, n_threads=None, progress=None))]
fn convergence_scale(
    py: Python<'_>,
    space: &PySpace,
    share: f64,
    tol: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(f64, usize)> {
    let (space, options) = (&space.0, options(tol, max_memory));
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let similarities = Similarities::new(space, &options, monitor)?;
        magnitude::convergence_scale(&similarities, share, monitor)
    })?;
    Ok((found.t, found.solves))
}

/// The integral, its error, and where it ends.
#[pyfunction]
#[pyo3(signature = (space, *, t_cut, tol, max_memory, n_threads=None, progress=None))]
fn magnitude_area(
    py: Python<'_>,
    space: &PySpace,
    t_cut: Option<f64>,
    tol: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(f64, f64, f64)> {
    let (space, options) = (&space.0, options(tol, max_memory));
    let area = supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::magnitude_area(space, t_cut, &options, monitor)
    })?;
    Ok((area.value, area.error, area.t_cut))
}

/// The integral, its error, and where it ends.
#[pyfunction]
#[pyo3(signature = (x, y, *, t_cut, tol, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn magnitude_difference(
    py: Python<'_>,
    x: &PySpace,
    y: &PySpace,
    t_cut: Option<f64>,
    tol: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(f64, f64, f64)> {
    let (x, y, options) = (&x.0, &y.0, options(tol, max_memory));
    let area = supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::magnitude_difference(x, y, t_cut, &options, monitor)
    })?;
    Ok((area.value, area.error, area.t_cut))
}

#[pyfunction]
#[pyo3(signature = (space, t, *, order, p, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn diversity(
    py: Python<'_>,
    space: &PySpace,
    t: f64,
    order: f64,
    p: PyReadonlyArray1<'_, f64>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<f64> {
    let (space, p) = (&space.0, p.as_array().to_vec());
    let options = MagnitudeOptions { max_memory, ..MagnitudeOptions::default() };
    supervise(py, n_threads, progress.as_ref(), |monitor| {
        let similarities = Similarities::new(space, &options, monitor)?;
        magnitude::diversity(&similarities, t, order, &p, monitor)
    })
}

/// The diversity, its bound, and the distribution.
#[pyfunction]
#[pyo3(signature = (space, t, *, tol, max_memory, n_threads=None, progress=None))]
fn max_diversity<'py>(
    py: Python<'py>,
    space: &PySpace,
    t: f64,
    tol: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(f64, f64, Floats<'py>)> {
    let (space, options) = (&space.0, options(tol, max_memory));
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::max_diversity(space, t, &options, monitor)
    })?;
    Ok((found.value, found.upper_bound, found.distribution.into_pyarray(py)))
}

#[pyfunction]
#[pyo3(signature = (space, *, order, max_memory, n_threads=None, progress=None))]
fn vendi_of_directions(
    py: Python<'_>,
    space: &PySpace,
    order: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<f64> {
    let space = &space.0;
    supervise(py, n_threads, progress.as_ref(), |monitor| match space {
        Space::Points(points) => magnitude::vendi_of_directions(points, order, max_memory, monitor),
        _ => Err(Error::invalid("X", "be points", "distances")),
    })
}

#[pyfunction]
#[pyo3(signature = (space, t, *, order, max_memory, n_threads=None, progress=None))]
fn vendi_of_space(
    py: Python<'_>,
    space: &PySpace,
    t: f64,
    order: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<f64> {
    let space = &space.0;
    supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::vendi_of_space(space, t, order, max_memory, monitor)
    })
}

#[pyfunction]
#[pyo3(signature = (kernel, *, step, order, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn vendi_of_kernel(
    py: Python<'_>,
    kernel: PyReadonlyArray2<'_, f64>,
    step: f64,
    order: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<f64> {
    let kernel = convert::owned(py, kernel.as_array())?;
    supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::vendi_of_kernel(kernel.view(), step, order, max_memory, monitor)
    })
}

type Scores<'py> = (Floats<'py>, Floats<'py>, Floats<'py>);

/// Weights, variances and gains of the points of a space, or of `query`: points
/// under the same metric, or distances to the points of the space.
#[pyfunction]
#[pyo3(signature = (space, t, *, points, distances, tol, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn outlier_scores<'py>(
    py: Python<'py>,
    space: &PySpace,
    t: f64,
    points: Option<PyRef<'py, PySpace>>,
    distances: Option<PyReadonlyArray2<'_, f64>>,
    tol: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Scores<'py>> {
    let (space, options) = (&space.0, options(tol, max_memory));
    let distances = distances.map(|distances| convert::owned(py, distances.as_array()));
    let distances = distances.transpose()?;
    let query = match (&points, &distances) {
        (Some(points), _) => match &points.0 {
            Space::Points(points) => Some(Queries::Points(points)),
            _ => return Err(Error::invalid("query", "be points", "distances").into()),
        },
        (None, Some(distances)) => Some(Queries::Distances(distances.view())),
        (None, None) => None,
    };
    let scores = supervise(py, n_threads, progress.as_ref(), |monitor| {
        magnitude::outlier_scores(space, t, query.as_ref(), &options, monitor)
    })?;
    let Outliers { weights, variances, gains } = scores;
    Ok((weights.into_pyarray(py), variances.into_pyarray(py), gains.into_pyarray(py)))
}
