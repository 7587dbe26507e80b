//! Bindings of the distances in `diagram`.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use super::convert;
use super::supervise::supervise;
use crate::diagram::{self, DiagramMetric, Matching, WassersteinOptions};
use crate::{Error, Result};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(diagram_distance, module)?)?;
    module.add_function(wrap_pyfunction!(diagram_matching, module)?)?;
    module.add_function(wrap_pyfunction!(diagram_distances, module)?)
}

type Rows<'py> = PyReadonlyArray2<'py, f64>;
/// A distance; the rows that are matched, −1 for the diagonal, and how far they are apart.
type Matched<'py> = (f64, Bound<'py, PyArray2<i64>>, Bound<'py, PyArray1<f64>>);

/// What a metric needs to know: a name, p, q, delta, and the number of lines or of
/// landscapes.
#[derive(FromPyObject)]
struct Metric(String, f64, f64, f64, usize);

impl Metric {
    fn read(self) -> Result<DiagramMetric> {
        let Metric(name, p, q, delta, count) = self;
        match name.as_str() {
            "bottleneck" => Ok(DiagramMetric::Bottleneck { delta }),
            "wasserstein" => Ok(DiagramMetric::Wasserstein(WassersteinOptions { p, q, delta })),
            "sliced_wasserstein" => Ok(DiagramMetric::Sliced { directions: count }),
            "landscape" => Ok(DiagramMetric::Landscape { levels: count, p }),
            _ => Err(Error::invalid("metric", "be the name of a metric", format!("{name:?}"))),
        }
    }
}

/// The distance of two diagrams.
#[pyfunction]
#[pyo3(signature = (a, b, metric, *, max_memory, progress=None))]
fn diagram_distance(
    py: Python<'_>,
    a: Rows<'_>,
    b: Rows<'_>,
    metric: Metric,
    max_memory: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<f64> {
    let metric = metric.read()?;
    // Copied while the GIL is held: another thread may write to the originals.
    let (a, b) = (convert::owned(py, a.as_array())?, convert::owned(py, b.as_array())?);
    supervise(py, Some(1), progress.as_ref(), |monitor| {
        diagram::distance(a.view(), b.view(), metric, max_memory, monitor)
    })
}

/// The bottleneck or Wasserstein distance of two diagrams with a matching.
#[pyfunction]
#[pyo3(signature = (a, b, metric, *, max_memory, progress=None))]
fn diagram_matching<'py>(
    py: Python<'py>,
    a: Rows<'py>,
    b: Rows<'py>,
    metric: Metric,
    max_memory: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<Matched<'py>> {
    let metric = metric.read()?;
    let (a, b) = (convert::owned(py, a.as_array())?, convert::owned(py, b.as_array())?);
    let matching = supervise(py, Some(1), progress.as_ref(), |monitor| {
        diagram::matching(a.view(), b.view(), metric, max_memory, monitor)
    })?;
    Ok(spell(py, &matching))
}

/// The distances of all pairs of diagrams, as a square matrix.
#[pyfunction]
#[pyo3(signature = (diagrams, metric, *, max_memory, n_threads=None, progress=None))]
fn diagram_distances<'py>(
    py: Python<'py>,
    diagrams: Vec<Rows<'py>>,
    metric: Metric,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let metric = metric.read()?;
    let diagrams = diagrams.iter().map(|rows| convert::owned(py, rows.as_array()));
    let diagrams = diagrams.collect::<PyResult<Vec<_>>>()?;
    let matrix = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let views: Vec<_> = diagrams.iter().map(|rows| rows.view()).collect();
        diagram::distance_matrix(&views, metric, max_memory, monitor)
    })?;
    Ok(matrix.into_pyarray(py))
}

fn spell<'py>(py: Python<'py>, matching: &Matching) -> Matched<'py> {
    let row = |row: Option<u32>| row.map_or(-1, i64::from);
    let rows = matching.pairs.iter().flat_map(|pair| [row(pair.first), row(pair.second)]).collect();
    let shape = (matching.pairs.len(), 2);
    let rows = Array2::from_shape_vec(shape, rows).expect("two rows a pair").into_pyarray(py);
    let lengths: Vec<f64> = matching.pairs.iter().map(|pair| pair.length).collect();
    (matching.distance, rows, lengths.into_pyarray(py))
}
