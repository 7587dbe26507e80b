//! Bindings of `magnitude`.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::space::PySpace;
use super::supervise::supervise;
use crate::magnitude::{MagnitudeOptions, Similarities, Weighting};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(magnitude, module)?)
}

/// Scales, magnitudes, slopes, residuals.
type Curve<'py> = [Bound<'py, PyArray1<f64>>; 4];
/// Methods and numbers of negative eigenvalues.
type Ways = (Vec<String>, Vec<usize>);
/// Weights as rows, the number of distinct points, how it was done.
type Rest<'py> = (Option<Bound<'py, PyArray2<f64>>>, usize, String);

/// Weightings at the scales `ts`, or at scales chosen by the space. `method`
/// forces the way.
#[pyfunction]
#[pyo3(signature = (space, ts, *, tol, weights, max_memory, method=None, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn magnitude<'py>(
    py: Python<'py>,
    space: &PySpace,
    ts: Option<PyReadonlyArray1<'_, f64>>,
    tol: f64,
    weights: bool,
    max_memory: u64,
    method: Option<&str>,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Curve<'py>, Ways, Rest<'py>)> {
    let space = &space.0;
    let ts = ts.map(|ts| ts.as_array().to_vec());
    let method = method.map(str::parse).transpose()?;
    let options = MagnitudeOptions { tol, max_memory, method };
    let (found, distinct, plan) = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let similarities = Similarities::new(space, &options, monitor)?;
        let ts = ts.map_or_else(|| similarities.grid(monitor), Ok)?;
        let found = similarities.solve(&ts, monitor)?;
        Ok((found, similarities.n_distinct(), similarities.explain()))
    })?;
    let curve = |number: fn(&Weighting) -> f64| {
        found.iter().map(number).collect::<Vec<_>>().into_pyarray(py)
    };
    let curves =
        [curve(|w| w.t), curve(|w| w.magnitude), curve(|w| w.slope), curve(|w| w.residual)];
    let methods = found.iter().map(|w| w.method.to_string()).collect();
    let negative = found.iter().map(|w| w.negative_eigenvalues).collect();
    let rows = weights.then(|| {
        let rows = found.iter().flat_map(|w| w.weights.iter().copied()).collect();
        let shape = (found.len(), space.len());
        Array2::from_shape_vec(shape, rows).expect("a weight for each point").into_pyarray(py)
    });
    Ok((curves, (methods, negative), (rows, distinct, plan)))
}
