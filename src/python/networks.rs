//! Bindings of `networks`.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::prelude::*;

use super::supervise::{supervise, supervise_attached};
use crate::budget::Budget;
use crate::networks::{self, BitPlanes, Fold, Pairs, bit_planes_bytes};
use crate::{Error, Result};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(disagreement_counts, module)?)?;
    module.add_function(wrap_pyfunction!(disagreements, module)?)?;
    module.add_function(wrap_pyfunction!(multiplier_suprema, module)?)?;
    module.add_function(wrap_pyfunction!(soft_distances, module)?)?;
    module.add_function(wrap_pyfunction!(classes_of_rows, module)?)?;
    module.add_function(wrap_pyfunction!(votes, module)?)
}

/// Labels, one network a row, in the smallest integers that hold them.
#[derive(FromPyObject)]
enum Labels<'py> {
    Bytes(PyReadonlyArray2<'py, u8>),
    Shorts(PyReadonlyArray2<'py, u16>),
    Words(PyReadonlyArray2<'py, u32>),
}

impl Labels<'_> {
    /// With the GIL held, since another thread may write to the labels, and
    /// without a copy, which would take more room than the planes.
    fn pack(
        &self,
        py: Python<'_>,
        planes: usize,
        groups: Option<&[u32]>,
        n_threads: Option<usize>,
    ) -> PyResult<BitPlanes> {
        match self {
            Labels::Bytes(labels) => {
                let labels = labels.as_array();
                supervise_attached(py, n_threads, |monitor| {
                    BitPlanes::pack(labels, planes, groups, monitor)
                })
            }
            Labels::Shorts(labels) => {
                let labels = labels.as_array();
                supervise_attached(py, n_threads, |monitor| {
                    BitPlanes::pack(labels, planes, groups, monitor)
                })
            }
            Labels::Words(labels) => {
                let labels = labels.as_array();
                supervise_attached(py, n_threads, |monitor| {
                    BitPlanes::pack(labels, planes, groups, monitor)
                })
            }
        }
    }

    fn dim(&self) -> (usize, usize) {
        match self {
            Labels::Bytes(labels) => labels.as_array().dim(),
            Labels::Shorts(labels) => labels.as_array().dim(),
            Labels::Words(labels) => labels.as_array().dim(),
        }
    }
}

/// Labels of networks, or of two sets of networks, packed, where there is room for
/// them and for `bytes_of_pair`: what comes back, and the shares made of it.
struct Packed {
    left: BitPlanes,
    right: Option<BitPlanes>,
}

impl Packed {
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        labels: &Labels<'_>,
        other: Option<&Labels<'_>>,
        planes: usize,
        groups: Option<&[u32]>,
        bytes_of_pair: u64,
        max_memory: u64,
        n_threads: Option<usize>,
    ) -> PyResult<Self> {
        let (len, samples) = labels.dim();
        let count = groups.and_then(|groups| groups.iter().max()).map_or(1, |&g| g as usize + 1);
        let (len, columns) = (len as u64, other.map_or(len, |other| other.dim().0) as u64);
        let pairs = if other.is_some() { len * columns } else { len * len.saturating_sub(1) / 2 };
        let networks = if other.is_some() { len + columns } else { len };
        let packed = bit_planes_bytes(networks as usize, samples, planes, count);
        check_memory(len, packed.saturating_add(bytes_of_pair * pairs), max_memory)?;
        let left = labels.pack(py, planes, groups, n_threads)?;
        let right = other.map(|other| other.pack(py, planes, groups, n_threads)).transpose()?;
        Ok(Self { left, right })
    }

    fn pairs(&self) -> Pairs<'_> {
        match &self.right {
            None => Pairs::Within(&self.left),
            Some(right) => Pairs::Across(&self.left, right),
        }
    }
}

fn check_memory(networks: u64, needed: u64, allowed: u64) -> Result<()> {
    Budget { allowed }.take(
        format_args!("the distances of {networks} networks"),
        needed,
        "use fewer networks, or find their classes by `NetworkSpace.quotient`",
    )?;
    Ok(())
}

/// Numbers of samples on which networks differ: all pairs i < j, or the first
/// with the other ones.
#[pyfunction]
#[pyo3(signature = (labels, *, planes, other=None, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn disagreement_counts<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    planes: usize,
    other: Option<Labels<'py>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<u32>>> {
    let packed = Packed::new(py, &labels, other.as_ref(), planes, None, 12, max_memory, n_threads)?;
    let counts = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::disagreement_counts(packed.pairs(), monitor)
    })?;
    Ok(counts.into_pyarray(py))
}

/// Weights of the samples on which networks differ; with `groups` the shares of
/// each group, folded: "each", "mean" or "worst".
#[pyfunction]
#[pyo3(signature = (labels, *, planes, other=None, weights=None, groups=None, fold, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn disagreements<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    planes: usize,
    other: Option<Labels<'py>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    groups: Option<PyReadonlyArray1<'py, u32>>,
    fold: &str,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let weights = weights.map(|weights| weights.as_array().to_vec());
    let groups = groups.map(|groups| groups.as_array().to_vec());
    let fold = match fold {
        "each" => Fold::Each,
        "mean" => Fold::Mean,
        "worst" => Fold::Worst,
        _ => return Err(Error::invalid("fold", "be each, mean or worst", fold).into()),
    };
    let count = groups.iter().flatten().max().map_or(1, |&g| u64::from(g) + 1);
    // Those of each group become a square matrix.
    let of_each = if groups.is_some() { 24 * count + 16 } else { 16 };
    let bytes_of_pair = if fold == Fold::Each { of_each } else { 16 };
    let packed = Packed::new(
        py,
        &labels,
        other.as_ref(),
        planes,
        groups.as_deref(),
        bytes_of_pair,
        max_memory,
        n_threads,
    )?;
    let values =
        supervise(py, n_threads, progress.as_ref(), |monitor| match (&groups, &weights) {
            (None, Some(weights)) => {
                networks::weighted_disagreement(packed.pairs(), weights, monitor)
            }
            _ => networks::conditional_disagreement(
                packed.pairs(),
                weights.as_deref(),
                fold,
                monitor,
            ),
        })?;
    Ok(values.into_pyarray(py))
}

/// The largest deviations of all pairs under each row of signs, zeros and ones.
#[pyfunction]
#[pyo3(signature = (labels, signs, *, planes, max_memory, n_threads=None, progress=None))]
fn multiplier_suprema<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    signs: Labels<'py>,
    planes: usize,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let packed = Packed::new(py, &labels, None, planes, None, 0, max_memory, n_threads)?;
    let signs = signs.pack(py, 1, None, n_threads)?;
    let suprema = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::multiplier_suprema(&packed.left, &signs, monitor)
    })?;
    Ok(suprema.into_pyarray(py))
}

/// Distances between outputs of shape (networks, samples, outputs), condensed.
#[pyfunction]
#[pyo3(signature = (outputs, weights, *, measure, power, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn soft_distances<'py>(
    py: Python<'py>,
    outputs: PyReadonlyArray3<'py, f64>,
    weights: PyReadonlyArray1<'py, f64>,
    measure: &str,
    power: f64,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (measure, outputs) = (measure.parse()?, outputs.as_array());
    let (shape, len) = (outputs.dim(), outputs.dim().0 as u64);
    let needed = 8 * (outputs.len() as u64 + len * len.saturating_sub(1));
    check_memory(len, needed, max_memory)?;
    // Copied while the GIL is held: another thread may write to the originals.
    let (outputs, weights): (Vec<_>, _) =
        (outputs.iter().copied().collect(), weights.as_array().to_vec());
    let values = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::soft_distances(outputs, shape, &weights, measure, power, monitor)
    })?;
    Ok(values.into_pyarray(py))
}

/// The class of each row, numbered in the order of first rows.
#[pyfunction]
#[pyo3(signature = (labels, *, progress=None))]
fn classes_of_rows<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<u32>>> {
    let progress = progress.as_ref();
    let classes = match &labels {
        Labels::Bytes(labels) => {
            let labels = labels.as_array().to_owned();
            supervise(py, Some(1), progress, |monitor| {
                networks::classes_of_rows(labels.view(), monitor)
            })
        }
        Labels::Shorts(labels) => {
            let labels = labels.as_array().to_owned();
            supervise(py, Some(1), progress, |monitor| {
                networks::classes_of_rows(labels.view(), monitor)
            })
        }
        Labels::Words(labels) => {
            let labels = labels.as_array().to_owned();
            supervise(py, Some(1), progress, |monitor| {
                networks::classes_of_rows(labels.view(), monitor)
            })
        }
    }?;
    Ok(classes.into_pyarray(py))
}

type Counted<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u64>>);

/// The class that most networks predict for each sample, and the ordered pairs of
/// networks with the same label.
#[pyfunction]
#[pyo3(signature = (labels, *, classes, n_threads=None))]
fn votes<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    classes: u32,
    n_threads: Option<usize>,
) -> PyResult<Counted<'py>> {
    // With the GIL held, since another thread may write to the labels.
    let found = match &labels {
        Labels::Bytes(labels) => {
            let labels = labels.as_array();
            supervise_attached(py, n_threads, |monitor| networks::votes(labels, classes, monitor))
        }
        Labels::Shorts(labels) => {
            let labels = labels.as_array();
            supervise_attached(py, n_threads, |monitor| networks::votes(labels, classes, monitor))
        }
        Labels::Words(labels) => {
            let labels = labels.as_array();
            supervise_attached(py, n_threads, |monitor| networks::votes(labels, classes, monitor))
        }
    }?;
    Ok((found.majority.into_pyarray(py), found.agreements.into_pyarray(py)))
}
