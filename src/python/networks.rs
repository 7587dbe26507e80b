//! Bindings of `networks`.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray3};
use pyo3::prelude::*;

use super::convert;
use super::labels::{Labels, with_view};
use super::supervise::{supervise, supervise_attached};
use crate::budget::Budget;
use crate::networks::{self, BitPlanes, Compared, Fold, Laws, Pairs, TiedLabels, Votes};
use crate::{Error, Result};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(disagreement_counts, module)?)?;
    module.add_function(wrap_pyfunction!(disagreements, module)?)?;
    module.add_function(wrap_pyfunction!(disagreements_across, module)?)?;
    module.add_function(wrap_pyfunction!(disagreements_by_pairs, module)?)?;
    module.add_function(wrap_pyfunction!(disagreements_with_ties, module)?)?;
    module.add_function(wrap_pyfunction!(chance_disagreements, module)?)?;
    module.add_function(wrap_pyfunction!(multiplier_suprema, module)?)?;
    module.add_function(wrap_pyfunction!(soft_distances, module)?)?;
    module.add_function(wrap_pyfunction!(classes_of_rows, module)?)?;
    module.add_function(wrap_pyfunction!(accuracies, module)?)?;
    module.add_function(wrap_pyfunction!(votes, module)?)?;
    module.add_function(wrap_pyfunction!(votes_with_ties, module)?)
}

fn pairs_among(len: usize) -> u64 {
    let len = len as u64;
    len * len.saturating_sub(1) / 2
}

/// The labels, or with the true ones whether they are correct.
fn compared(truth: Option<&[u32]>, planes: usize) -> Compared<'_> {
    truth.map_or(Compared::Labels(planes), Compared::Correct)
}

fn owned<T: numpy::Element + Copy>(values: Option<PyReadonlyArray1<'_, T>>) -> Option<Vec<T>> {
    values.map(|values| values.as_array().to_vec())
}

/// Labels of networks, packed where there is room for them and for `bytes_of_pair`:
/// what comes back, and the shares made of it.
fn pack(
    py: Python<'_>,
    labels: &Labels<'_>,
    compared: Compared<'_>,
    groups: Option<&[u32]>,
    bytes_of_pair: u64,
    max_memory: u64,
    n_threads: Option<usize>,
) -> PyResult<BitPlanes> {
    let len = labels.dim().0;
    let count = groups.and_then(|groups| groups.iter().max()).map_or(1, |&g| g as usize + 1);
    let packed = labels.packed_bytes(compared, count);
    let needed = packed.saturating_add(bytes_of_pair * pairs_among(len));
    check_memory(len as u64, needed, max_memory)?;
    labels.pack(py, compared, groups, n_threads)
}

fn check_memory(networks: u64, needed: u64, allowed: u64) -> Result<()> {
    Budget { allowed }.ask(
        format_args!("the distances of {networks} networks"),
        needed,
        "use fewer networks, or find their classes by `NetworkSpace.quotient`",
    )?;
    Ok(())
}

/// Numbers of samples on which networks differ, for all pairs i < j; with the true
/// labels, on which one of them is correct and the other not.
#[pyfunction]
#[pyo3(signature = (labels, *, planes, truth=None, max_memory, n_threads=None, progress=None))]
fn disagreement_counts<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    planes: usize,
    truth: Option<PyReadonlyArray1<'py, u32>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<u32>>> {
    let truth = owned(truth);
    let compared = compared(truth.as_deref(), planes);
    let packed = pack(py, &labels, compared, None, 12, max_memory, n_threads)?;
    let counts = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::disagreement_counts(Pairs::Within(&packed), monitor)
    })?;
    Ok(counts.into_pyarray(py))
}

/// Weights of the samples on which networks differ; with `groups` the shares of
/// each group, folded: "each", "mean" or "worst".
#[pyfunction]
#[pyo3(signature = (labels, *, planes, truth=None, weights=None, groups=None, fold, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn disagreements<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    planes: usize,
    truth: Option<PyReadonlyArray1<'py, u32>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    groups: Option<PyReadonlyArray1<'py, u32>>,
    fold: &str,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (truth, weights, groups) = (owned(truth), owned(weights), owned(groups));
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
    let compared = compared(truth.as_deref(), planes);
    let packed =
        pack(py, &labels, compared, groups.as_deref(), bytes_of_pair, max_memory, n_threads)?;
    let pairs = Pairs::Within(&packed);
    let values =
        supervise(py, n_threads, progress.as_ref(), |monitor| match (&groups, &weights) {
            (None, Some(weights)) => networks::weighted_disagreement(pairs, weights, monitor),
            _ => networks::conditional_disagreement(pairs, weights.as_deref(), fold, monitor),
        })?;
    Ok(values.into_pyarray(py))
}

/// Shares of the samples, or of their weights, on which networks differ from other
/// ones, a row each; `classes` and `tie_sets` say how either labels are numbered.
#[pyfunction]
#[pyo3(signature = (labels, other, *, classes, tie_sets, weights=None, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn disagreements_across<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    other: Labels<'py>,
    classes: [u32; 2],
    tie_sets: [Vec<Vec<u32>>; 2],
    weights: Option<PyReadonlyArray1<'py, f64>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let weights = owned(weights);
    let numbers = networks::common_numbers(classes, [&tie_sets[0], &tie_sets[1]]);
    let [left, right] = [0, 1].map(|side| Compared::Renumbered(&numbers[side]));
    let shape @ (rows, columns) = (labels.dim().0, other.dim().0);
    let packed = labels.packed_bytes(left, 1).saturating_add(other.packed_bytes(right, 1));
    let needed = packed.saturating_add(12 * rows as u64 * columns as u64);
    check_memory(rows as u64, needed, max_memory)?;
    let left = labels.pack(py, left, None, n_threads)?;
    let right = other.pack(py, right, None, n_threads)?;
    let shares = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::disagreement(Pairs::Across(&left, &right), weights.as_deref(), monitor)
    })?;
    let shares = Array2::from_shape_vec(shape, shares).expect("a share a pair");
    Ok(shares.into_pyarray(py))
}

/// Shares of what both networks of each pair predict on which they differ, the
/// effective numbers of samples, and the first pair without any; `missing` stands
/// for a missing label.
#[pyfunction]
#[pyo3(signature = (labels, *, planes, missing, truth=None, weights=None, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
fn disagreements_by_pairs<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    planes: usize,
    missing: u32,
    truth: Option<PyReadonlyArray1<'py, u32>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Option<(usize, usize)>)> {
    let (truth, weights) = (owned(truth), owned(weights));
    let compared = truth.as_deref().map_or(Compared::Predicted(planes, missing), |truth| {
        Compared::PredictedCorrect(truth, missing)
    });
    let packed = pack(py, &labels, compared, None, 40, max_memory, n_threads)?;
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::disagreement_by_pairs(&packed, weights.as_deref(), monitor)
    })?;
    Ok((found.values.into_pyarray(py), found.sizes.into_pyarray(py), found.apart))
}

/// Mean total variation of what networks predict, where labels from `classes` on
/// stand for the sets of tied classes, and the last for none.
#[pyfunction]
#[pyo3(signature = (labels, *, planes, classes, tie_sets, weights=None, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn disagreements_with_ties<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    planes: usize,
    classes: u32,
    tie_sets: Vec<Vec<u32>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (len, samples) = labels.dim();
    let weights = owned(weights).unwrap_or_else(|| vec![1.0 / samples as f64; samples]);
    let laws = Laws::new(classes, tie_sets);
    let tied = with_view!(&labels, |labels| supervise_attached(py, n_threads, |monitor| {
        networks::samples_with(labels, &laws.ties(), monitor)
    }))?;
    let bytes = 4 * len as u64 * tied.len() as u64 + 16 * pairs_among(len);
    let needed = labels.packed_bytes(Compared::Labels(planes), 1).saturating_add(bytes);
    check_memory(len as u64, needed, max_memory)?;
    let packed = labels.pack(py, Compared::Labels(planes), None, n_threads)?;
    let tied = with_view!(&labels, |labels| supervise_attached(py, n_threads, |monitor| {
        TiedLabels::take(labels, tied, monitor)
    }))?;
    let values = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::disagreement_with_ties(&packed, &tied, &laws, &weights, monitor)
    })?;
    Ok(values.into_pyarray(py))
}

/// How often independent draws from what the networks of each pair predict would differ;
/// labels are below `kinds`. Where there is a number for a missing label, of the samples
/// that both predict.
#[pyfunction]
#[pyo3(signature = (labels, *, kinds, missing=None, weights=None, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn chance_disagreements<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    kinds: usize,
    missing: Option<u32>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let weights = owned(weights);
    let (len, samples) = labels.dim();
    with_view!(&labels, |labels| {
        let of_label = labels.iter().next().map_or(1, size_of_val);
        let of_laws = if missing.is_none() { 16 * kinds } else { 0 };
        let copied = len as u64 * (of_laws as u64 + (of_label * samples) as u64);
        check_memory(len as u64, copied.saturating_add(24 * pairs_among(len)), max_memory)?;
        let labels = convert::owned(py, labels)?;
        let chances = supervise(py, n_threads, progress.as_ref(), |monitor| {
            let (labels, weights) = (labels.view(), weights.as_deref());
            match missing {
                None => networks::chance_disagreement(labels, kinds, weights, monitor),
                Some(missing) => {
                    networks::chance_disagreement_by_pairs(labels, kinds, missing, weights, monitor)
                }
            }
        })?;
        Ok(chances.into_pyarray(py))
    })
}

/// The largest deviations of all pairs under each row of signs, zeros and ones.
#[pyfunction]
#[pyo3(signature = (labels, signs, *, planes, truth=None, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn multiplier_suprema<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    signs: Labels<'py>,
    planes: usize,
    truth: Option<PyReadonlyArray1<'py, u32>>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let truth = owned(truth);
    let compared = compared(truth.as_deref(), planes);
    let packed = pack(py, &labels, compared, None, 0, max_memory, n_threads)?;
    let signs = signs.pack(py, Compared::Labels(1), None, n_threads)?;
    let suprema = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::multiplier_suprema(&packed, &signs, monitor)
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
    let outputs = convert::owned(py, outputs)?.into_raw_vec_and_offset().0;
    let weights = weights.as_array().to_vec();
    let values = supervise(py, n_threads, progress.as_ref(), |monitor| {
        networks::soft_distances(&outputs, shape, &weights, measure, power, monitor)
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
    let classes = with_view!(&labels, |labels| {
        let labels = convert::owned(py, labels)?;
        supervise(py, Some(1), progress, |monitor| {
            networks::classes_of_rows(labels.view(), monitor)
        })
    })?;
    Ok(classes.into_pyarray(py))
}

/// How often each network is right: the mean probability that labels give the true ones.
/// Labels from `classes` on stand for the sets of tied classes; samples with the label to
/// `skip` do not count, and NaN stands for none that does.
#[pyfunction]
#[pyo3(signature = (labels, truth, *, classes, tie_sets, skip=None, weights=None, n_threads=None))]
#[allow(clippy::too_many_arguments)]
fn accuracies<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    truth: PyReadonlyArray1<'py, u32>,
    classes: u32,
    tie_sets: Vec<Vec<u32>>,
    skip: Option<u32>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (truth, weights) = (truth.as_array().to_vec(), owned(weights));
    let laws = Laws::new(classes, tie_sets);
    // With the GIL held, since another thread may write to the labels.
    let shares = with_view!(&labels, |labels| supervise_attached(py, n_threads, |monitor| {
        networks::accuracies(labels, &truth, &laws, skip, weights.as_deref(), monitor)
    }))?;
    Ok(shares.into_pyarray(py))
}

type Counted<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<f64>>);

/// The label that most networks predict for each sample, and the share of their pairs that
/// disagree, among labels below `valid`, which stands for none.
#[pyfunction]
#[pyo3(signature = (labels, *, valid, n_threads=None))]
fn votes<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    valid: u32,
    n_threads: Option<usize>,
) -> PyResult<Counted<'py>> {
    // With the GIL held, since another thread may write to the labels.
    let found = with_view!(&labels, |labels| supervise_attached(py, n_threads, |monitor| {
        networks::votes(labels, valid, monitor)
    }))?;
    Ok(counted(py, found))
}

/// The same where labels from `classes` on stand for the sets of tied classes, which share
/// the vote.
#[pyfunction]
#[pyo3(signature = (labels, *, classes, tie_sets, n_threads=None))]
fn votes_with_ties<'py>(
    py: Python<'py>,
    labels: Labels<'py>,
    classes: u32,
    tie_sets: Vec<Vec<u32>>,
    n_threads: Option<usize>,
) -> PyResult<Counted<'py>> {
    let laws = Laws::new(classes, tie_sets);
    let found = with_view!(&labels, |labels| supervise_attached(py, n_threads, |monitor| {
        networks::votes_with_ties(labels, &laws, monitor)
    }))?;
    Ok(counted(py, found))
}

fn counted(py: Python<'_>, found: Votes) -> Counted<'_> {
    (found.majority.into_pyarray(py), found.disputes.into_pyarray(py))
}
