//! Bindings of `space`.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::convert;
use super::supervise::{supervise, supervise_attached};
use crate::blocks::mapped;
use crate::budget::Budget;
use crate::space::{
    Condensed, Graph, Metric, PointCloud, Rounding, Space, check_pairs, farthest_points,
    geodesic_square, neighbor_graph, pairwise, read_square,
};
use crate::space::{
    count_distinct as count_distinct_rows, mean_distance as mean_of_distances, mirrored,
    separation as separation_of, square_distances as square_of_distances,
};
use crate::{Error, Monitor, Result};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PySpace>()?;
    module.add_function(wrap_pyfunction!(distances, module)?)?;
    module.add_function(wrap_pyfunction!(check_distances, module)?)?;
    module.add_function(wrap_pyfunction!(first_asymmetry, module)?)?;
    module.add_function(wrap_pyfunction!(square_distances, module)?)?;
    module.add_function(wrap_pyfunction!(square, module)?)?;
    module.add_function(wrap_pyfunction!(square_counts, module)?)?;
    module.add_function(wrap_pyfunction!(mean_distance, module)?)?;
    module.add_function(wrap_pyfunction!(separation, module)?)?;
    module.add_function(wrap_pyfunction!(count_distinct, module)?)?;
    module.add_function(wrap_pyfunction!(neighbors, module)?)?;
    module.add_function(wrap_pyfunction!(geodesics, module)?)?;
    module.add_function(wrap_pyfunction!(landmarks, module)?)?;
    module.add("METRICS", Metric::NAMES.map(|(name, _)| name))
}

/// A finite metric space: a copy of the data, checked once.
#[pyclass(name = "Space", module = "topolens._core", frozen)]
pub struct PySpace(pub Space<'static>);

#[pymethods]
impl PySpace {
    #[staticmethod]
    #[pyo3(signature = (array, metric, *, step=f64::EPSILON))]
    fn points(py: Python<'_>, array: Rows<'_>, metric: &str, step: f64) -> PyResult<Self> {
        let metric = metric.parse()?;
        let rows = match &array {
            Rows::Single(rows) => convert::widened(py, rows.as_array())?,
            Rows::Double(rows) => convert::owned(py, rows.as_array())?,
        };
        let (shape, rows) = (rows.dim(), rows.into_raw_vec_and_offset().0);
        Self::read(py, |monitor| {
            Ok(Space::Points(PointCloud::computed_in(step, rows, shape, metric, monitor)?))
        })
    }

    #[staticmethod]
    #[pyo3(signature = (matrix, max_memory, n_threads=None, threshold=f64::INFINITY, *, step))]
    fn square(
        py: Python<'_>,
        matrix: PyReadonlyArray2<'_, f64>,
        max_memory: u64,
        n_threads: Option<usize>,
        threshold: f64,
        step: f64,
    ) -> PyResult<Self> {
        let matrix = matrix.as_array();
        // With the GIL held, since another thread may write to the matrix, and
        // without a copy, which would take twice the room of the distances.
        let space = if matrix.nrows() <= Condensed::SMALL {
            read_square(matrix, step, threshold, max_memory, &Monitor::new())?
        } else {
            supervise_attached(py, n_threads, |monitor| {
                read_square(matrix, step, threshold, max_memory, monitor)
            })?
        };
        Ok(Self(space))
    }

    #[staticmethod]
    #[pyo3(signature = (len, values, max_memory, *, step, metric=None))]
    fn condensed(
        py: Python<'_>,
        len: usize,
        values: PyReadonlyArray1<'_, f64>,
        max_memory: u64,
        step: f64,
        metric: Option<&str>,
    ) -> PyResult<Self> {
        check_pairs("distances", len, 1, max_memory)?;
        let metric = metric.map(str::parse).transpose()?;
        let values = convert::owned(py, values.as_array())?.into_raw_vec_and_offset().0;
        Self::read(py, |monitor| {
            let distances = Condensed::read(len, values, step, monitor)?;
            Ok(Space::Distances(match metric {
                Some(metric) => distances.under(metric),
                None => distances,
            }))
        })
    }

    #[staticmethod]
    #[pyo3(signature = (len, rows, columns, values, max_memory, *, step))]
    fn sparse(
        py: Python<'_>,
        len: usize,
        rows: PyReadonlyArray1<'_, u32>,
        columns: PyReadonlyArray1<'_, u32>,
        values: PyReadonlyArray1<'_, f64>,
        max_memory: u64,
        step: f64,
    ) -> PyResult<Self> {
        let (rows, columns, values) = (rows.as_array(), columns.as_array(), values.as_array());
        Budget { allowed: max_memory }.ask(
            format_args!("a sparse matrix of {len} points"),
            Graph::bytes(len, values.len()),
            "use fewer points or edges",
        )?;
        let mut edges = Vec::with_capacity(values.len());
        for ((&i, &j), &d) in rows.iter().zip(columns).zip(values) {
            py.check_signals()?;
            edges.push((i, j, d));
        }
        Self::read(py, |monitor| Ok(Space::Graph(Graph::read(len, &edges, step, monitor)?)))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// By how much given numbers were off the distances that they were taken for.
    #[getter]
    fn asymmetry(&self) -> f64 {
        self.0.asymmetry()
    }

    /// How many points there are, those at distance zero as one.
    fn count_distinct(&self, py: Python<'_>) -> PyResult<usize> {
        supervise(py, Some(1), None, |monitor| Ok(self.0.distinct(monitor)?.len()))
    }

    /// The same space by the distances of all pairs, which are computed here.
    #[pyo3(signature = (*, max_memory, n_threads=None, progress=None))]
    fn by_distances(
        &self,
        py: Python<'_>,
        max_memory: u64,
        n_threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        check_pairs("distances", self.0.len(), 1, max_memory)?;
        let kernel = |monitor: &Monitor| self.0.by_distances(monitor);
        Ok(Self(supervise(py, n_threads, progress.as_ref(), kernel)?))
    }

    /// The space on some of the points; not for sparse distances.
    fn select(&self, py: Python<'_>, indices: Vec<usize>) -> PyResult<Self> {
        if matches!(self.0, Space::Graph(_)) {
            return Err(Error::invalid("X", "not be sparse", "a sparse matrix").into());
        }
        Self::read(py, |monitor| self.0.select(&indices, monitor))
    }
}

impl PySpace {
    /// Checks what has been copied while the GIL was held: another thread may
    /// write to the original.
    fn read(
        py: Python<'_>,
        kernel: impl FnOnce(&Monitor) -> Result<Space<'static>> + Send,
    ) -> PyResult<Self> {
        Ok(Self(supervise(py, Some(1), None, kernel)?))
    }
}

/// A square matrix is as large as so many condensed arrays.
const SQUARE: u64 = 2;

/// Refuses more points than have all their distances in memory, before any is taken.
#[pyfunction]
#[pyo3(signature = (len, *, max_memory))]
fn check_distances(len: usize, max_memory: u64) -> PyResult<()> {
    Ok(check_pairs("distances", len, 1, max_memory)?)
}

/// Row and column of the first entry that, up to rounding, is no distance.
#[pyfunction]
#[pyo3(signature = (matrix, *, step))]
fn first_asymmetry(
    py: Python<'_>,
    matrix: PyReadonlyArray2<'_, f64>,
    step: f64,
) -> PyResult<Option<(usize, usize)>> {
    let matrix = matrix.as_array();
    supervise_attached(py, few(matrix.nrows()), |monitor| {
        let rounding = Rounding::of_matrix(matrix, step, monitor)?;
        for (i, row) in matrix.rows().into_iter().enumerate() {
            monitor.check()?;
            let fault = |&(j, d): &(usize, &f64)| {
                let other = if i == j { 0.0 } else { matrix[[j, i]] };
                rounding.distance(*d, other).0.is_nan()
            };
            if let Some((j, _)) = row.iter().enumerate().find(fault) {
                return Ok(Some((i, j)));
            }
        }
        Ok(None)
    })
}

/// All pairwise distances, condensed.
#[pyfunction]
#[pyo3(signature = (space, *, max_memory, n_threads=None, progress=None))]
fn distances<'py>(
    py: Python<'py>,
    space: &PySpace,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let space = &space.0;
    check_pairs("distances", space.len(), 1, max_memory)?;
    let values = supervise(py, n_threads, progress.as_ref(), |monitor| match space {
        Space::Points(points) => Ok(pairwise(points, monitor)?.into_values()),
        Space::Distances(distances) => Ok(distances.values().to_vec()),
        Space::Graph(_) => Err(Error::invalid("X", "not be sparse", "a sparse matrix")),
    })?;
    Ok(values.into_pyarray(py))
}

/// All pairwise distances, as a square matrix.
#[pyfunction]
#[pyo3(signature = (space, *, max_memory, n_threads=None, progress=None))]
fn square_distances<'py>(
    py: Python<'py>,
    space: &PySpace,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let space = &space.0;
    check_pairs("distances", space.len(), SQUARE, max_memory)?;
    let matrix =
        supervise(py, n_threads, progress.as_ref(), |monitor| square_of_distances(space, monitor))?;
    Ok(matrix.into_pyarray(py))
}

/// A symmetric matrix with a zero diagonal, made of its entries i < j.
#[pyfunction]
fn square<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    len: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let values = values.as_slice()?;
    let matrix = supervise_attached(py, few(len), |monitor| mirrored(len, values, monitor))?;
    Ok(matrix.into_pyarray(py))
}

/// As `square`, of numbers of samples.
#[pyfunction]
fn square_counts<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, u32>,
    len: usize,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let values = values.as_slice()?;
    let matrix = supervise_attached(py, few(len), |monitor| mirrored(len, values, monitor))?;
    Ok(matrix.into_pyarray(py))
}

/// One thread for what is done before others have been started.
fn few(len: usize) -> Option<usize> {
    (len <= Condensed::SMALL).then_some(1)
}

/// The mean of all pairwise distances.
#[pyfunction]
#[pyo3(signature = (space, *, n_threads=None, progress=None))]
fn mean_distance(
    py: Python<'_>,
    space: &PySpace,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<f64> {
    let space = &space.0;
    supervise(py, n_threads, progress.as_ref(), |monitor| mean_of_distances(space, monitor))
}

type Means<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Mean distances of each class: within it, and to all others.
#[pyfunction]
#[pyo3(signature = (space, labels, *, classes, max_memory, n_threads=None, progress=None))]
fn separation<'py>(
    py: Python<'py>,
    space: &PySpace,
    labels: PyReadonlyArray1<'py, u32>,
    classes: usize,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Means<'py>> {
    let (space, labels) = (&space.0, labels.as_array().to_vec());
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        separation_of(space, &labels, classes, max_memory, monitor)
    })?;
    let (within, to_others): (Vec<_>, Vec<_>) =
        found.iter().map(|class| (class.within, class.to_others)).unzip();
    Ok((within.into_pyarray(py), to_others.into_pyarray(py)))
}

/// Rows of single or double precision.
#[derive(FromPyObject)]
enum Rows<'py> {
    Single(PyReadonlyArray2<'py, f32>),
    Double(PyReadonlyArray2<'py, f64>),
}

/// How many distinct rows there are; 0.0 equals −0.0.
#[pyfunction]
#[pyo3(signature = (rows, *, n_threads=None))]
fn count_distinct(py: Python<'_>, rows: Rows<'_>, n_threads: Option<usize>) -> PyResult<usize> {
    // With the GIL held, since another thread may write to the rows.
    match &rows {
        Rows::Single(rows) => {
            let rows = rows.as_array();
            supervise_attached(py, n_threads, |monitor| count_distinct_rows(rows, monitor))
        }
        Rows::Double(rows) => {
            let rows = rows.as_array();
            supervise_attached(py, n_threads, |monitor| count_distinct_rows(rows, monitor))
        }
    }
}

/// The rows of a sparse matrix: where each begins and the last one ends, columns, entries.
type Sparse<'py> =
    (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<f64>>);

/// The graph of nearest neighbours, as the rows of a matrix of lengths.
#[pyfunction]
#[pyo3(signature = (space, k, *, n_threads=None, progress=None))]
fn neighbors<'py>(
    py: Python<'py>,
    space: &PySpace,
    k: usize,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Sparse<'py>> {
    let space = &space.0;
    let (starts, columns, lengths) = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let (starts, neighbors, lengths) = neighbor_graph(space, k, monitor)?.into_rows();
        let starts = mapped(&starts, |&start| Some(start as i64), monitor)?;
        let columns = mapped(&neighbors, |&j| Some(j.into()), monitor)?;
        Ok((starts, columns, lengths))
    })?;
    Ok((starts.into_pyarray(py), columns.into_pyarray(py), lengths.into_pyarray(py)))
}

/// Shortest paths on the graph of nearest neighbours, as a square matrix.
#[pyfunction]
#[pyo3(signature = (space, k, *, weighted, max_memory, n_threads=None, progress=None))]
fn geodesics<'py>(
    py: Python<'py>,
    space: &PySpace,
    k: usize,
    weighted: bool,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let space = &space.0;
    check_pairs("geodesics", space.len(), SQUARE, max_memory)?;
    let matrix = supervise(py, n_threads, progress.as_ref(), |monitor| {
        geodesic_square(&neighbor_graph(space, k, monitor)?, weighted, monitor)
    })?;
    Ok(matrix.into_pyarray(py))
}

/// Farthest-point landmarks: their indices and the covering radius.
#[pyfunction]
#[pyo3(signature = (space, count, start, *, n_threads=None, progress=None))]
fn landmarks(
    py: Python<'_>,
    space: &PySpace,
    count: usize,
    start: usize,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Vec<usize>, f64)> {
    let space = &space.0;
    let chosen = supervise(py, n_threads, progress.as_ref(), |monitor| {
        farthest_points(space, count, start, monitor)
    })?;
    Ok((chosen.indices, chosen.covering_radius))
}
