//! Bindings of `homology`.

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use super::convert;
use super::space::PySpace;
use super::supervise::supervise;
use crate::homology::{self, HopOptions, RipsOptions};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(rips, module)?)?;
    module.add_function(wrap_pyfunction!(hop_betti, module)?)
}

type Diagrams<'py> = Vec<Bound<'py, PyArray2<f64>>>;
type Cocycles<'py> = Vec<Vec<Bound<'py, PyArray2<i64>>>>;

/// Diagrams, the largest scale looked at, and cocycles if asked for.
#[pyfunction]
#[pyo3(signature = (space, *, maxdim, threshold, epsilon, coeff, cocycles, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn rips<'py>(
    py: Python<'py>,
    space: &PySpace,
    maxdim: usize,
    threshold: f64,
    epsilon: Option<f64>,
    coeff: u32,
    cocycles: bool,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Diagrams<'py>, f64, Option<Cocycles<'py>>)> {
    let space = &space.0;
    let options = RipsOptions { maxdim, threshold, epsilon, coeff, cocycles, max_memory };
    let result = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::rips(space, &options, monitor)
    })?;
    let diagrams = result.bars.iter().map(|bars| convert::diagram(py, bars)).collect();
    let spelled = cocycles.then(|| {
        let degrees = result.bars.iter().enumerate().map(|(dimension, bars)| {
            let bars = if dimension == 0 { &[] } else { bars.as_slice() };
            bars.iter().map(|bar| convert::cocycle(py, &bar.cocycle, dimension)).collect()
        });
        degrees.collect()
    });
    Ok((diagrams, result.threshold, spelled))
}

/// Betti numbers, then points, distinct points, components, edges, largest
/// degree.
#[pyfunction]
#[pyo3(signature = (array, *, k, hops, maxdim, metric, coeff, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn hop_betti(
    py: Python<'_>,
    array: PyReadonlyArray2<'_, f64>,
    k: usize,
    hops: usize,
    maxdim: usize,
    metric: &str,
    coeff: u32,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Vec<usize>, [usize; 5])> {
    let options = HopOptions { k, hops, maxdim, metric: metric.parse()?, coeff, max_memory };
    // Copied while the GIL is held: another thread may write to the original.
    let rows = array.as_array().to_owned();
    let result = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::hop_betti(rows.view(), &options, monitor)
    })?;
    let facts =
        [result.points, result.distinct, result.components, result.edges, result.max_degree];
    Ok((result.betti, facts))
}
