//! Bindings of `homology`.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use super::convert;
use super::space::PySpace;
use super::supervise::supervise;
use crate::homology::{self, Bar, HopOptions, Persistence, RipsOptions};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(rips, module)?)?;
    module.add_function(wrap_pyfunction!(rips_batch, module)?)?;
    module.add_function(wrap_pyfunction!(hop_betti, module)?)?;
    module.add_function(wrap_pyfunction!(lifetime_sums, module)?)?;
    module.add_function(wrap_pyfunction!(pieces_among_others, module)?)
}

type Diagrams<'py> = Vec<Bound<'py, PyArray2<f64>>>;
type Edges<'py> = Vec<Bound<'py, PyArray2<i64>>>;
type Cocycles<'py> = Vec<Vec<Bound<'py, PyArray2<i64>>>>;
/// The name of the plan, the reasons for it, and an estimate of bytes.
type Explanation = (String, String, u64);
/// The largest scale looked at, and what longer edges can do.
type End = (f64, bool);
type Result<'py> = (Diagrams<'py>, Edges<'py>, Edges<'py>, End, Option<Cocycles<'py>>, Explanation);

/// Diagrams, edges of births and of deaths, where the filtration ends, cocycles if asked
/// for, and the way to them. `plan` forces the way.
#[pyfunction]
#[pyo3(signature = (space, *, maxdim, threshold, epsilon, coeff, cocycles, max_memory, plan=None, n_threads=None, progress=None))]
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
    plan: Option<&str>,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Result<'py>> {
    let space = &space.0;
    let plan = plan.map(str::parse).transpose()?;
    let options = RipsOptions { maxdim, threshold, epsilon, coeff, cocycles, max_memory, plan };
    let result = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::rips(space, &options, monitor)
    })?;
    Ok(spell(py, &result, cocycles))
}

/// As `rips`, for several spaces side by side.
#[pyfunction]
#[pyo3(signature = (spaces, *, maxdim, threshold, coeff, cocycles, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn rips_batch<'py>(
    py: Python<'py>,
    spaces: Vec<PyRef<'_, PySpace>>,
    maxdim: usize,
    threshold: f64,
    coeff: u32,
    cocycles: bool,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Result<'py>>> {
    let spaces: Vec<_> = spaces.iter().map(|space| &space.0).collect();
    let options =
        RipsOptions { maxdim, threshold, coeff, cocycles, max_memory, ..RipsOptions::default() };
    let results = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::rips_batch(&spaces, &options, monitor)
    })?;
    Ok(results.iter().map(|result| spell(py, result, cocycles)).collect())
}

fn spell<'py>(py: Python<'py>, result: &Persistence, cocycles: bool) -> Result<'py> {
    let diagrams = result.bars.iter().map(|bars| convert::diagram(py, bars)).collect();
    let edges = |end: fn(&Bar) -> Option<(u32, u32)>| {
        result.bars.iter().map(|bars| convert::edges(py, bars.iter().map(end))).collect()
    };
    let spelled = cocycles.then(|| {
        let degrees = result.bars.iter().enumerate().map(|(dimension, bars)| {
            let bars = if dimension == 0 { &[] } else { bars.as_slice() };
            bars.iter().map(|bar| convert::cocycle(py, &bar.cocycle, dimension)).collect()
        });
        degrees.collect()
    });
    let explanation = (result.plan.to_string(), result.reasons.clone(), result.estimate);
    let (births, deaths) = (edges(|bar| bar.birth_edge), edges(|bar| bar.death_edge));
    let end = (result.threshold, result.complete);
    (diagrams, births, deaths, end, spelled, explanation)
}

/// Betti numbers, then points, distinct points, components, edges, largest
/// degree.
#[pyfunction]
#[pyo3(signature = (space, *, k, hops, maxdim, coeff, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn hop_betti(
    py: Python<'_>,
    space: &PySpace,
    k: usize,
    hops: usize,
    maxdim: usize,
    coeff: u32,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Vec<usize>, [usize; 5])> {
    let (space, options) = (&space.0, HopOptions { k, hops, maxdim, coeff, max_memory });
    let result = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::hop_betti(space, &options, monitor)
    })?;
    let facts =
        [result.points, result.distinct, result.components, result.edges, result.max_degree];
    Ok((result.betti, facts))
}

/// Sums of the lifetimes in degree zero to the power `alpha`, one per subset.
#[pyfunction]
#[pyo3(signature = (space, subsets, *, alpha, max_memory, n_threads=None, progress=None))]
fn lifetime_sums<'py>(
    py: Python<'py>,
    space: &PySpace,
    subsets: Vec<Vec<usize>>,
    alpha: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let space = &space.0;
    let sums = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::lifetime_sums(space, &subsets, alpha, max_memory, monitor)
    })?;
    Ok(sums.into_pyarray(py))
}

/// In each tree the sizes of the pieces of each class by the first row of labels, numbers of
/// pieces in all trees by each other row, and the edges of all minimum spanning trees.
type Cut<'py> = (Vec<Vec<Vec<usize>>>, Bound<'py, PyArray2<u32>>, usize);

/// What minimum spanning trees keep of classes when they are cut between them.
#[pyfunction]
#[pyo3(signature = (space, labels, *, classes, seeds, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn pieces_among_others<'py>(
    py: Python<'py>,
    space: &PySpace,
    labels: PyReadonlyArray2<'py, u32>,
    classes: usize,
    seeds: Vec<u64>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Cut<'py>> {
    let (space, labels) = (&space.0, convert::owned(py, labels.as_array())?);
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::pieces_among_others(space, labels.view(), classes, &seeds, max_memory, monitor)
    })?;
    Ok((found.sizes, found.counts.into_pyarray(py), found.edges))
}
