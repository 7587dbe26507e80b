//! Bindings of `diagram`: curves, landscapes, images, summaries, resampling.

use ndarray::ArrayView1;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::convert;
use super::space::PySpace;
use super::supervise::supervise;
use crate::Error;
use crate::budget::Budget;
use crate::diagram::{self, ImageOptions};
use crate::space::distances_to_measure as to_measure;
use crate::space::{Condensed, Metric, PointCloud, covering_radii as radii_of};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(betti_curves, module)?)?;
    module.add_function(wrap_pyfunction!(betti_numbers, module)?)?;
    module.add_function(wrap_pyfunction!(bar_summaries, module)?)?;
    module.add_function(wrap_pyfunction!(landscapes, module)?)?;
    module.add_function(wrap_pyfunction!(silhouettes, module)?)?;
    module.add_function(wrap_pyfunction!(persistence_images, module)?)?;
    module.add_function(wrap_pyfunction!(persistence_entropies, module)?)?;
    module.add_function(wrap_pyfunction!(total_persistences, module)?)?;
    module.add_function(wrap_pyfunction!(amplitudes, module)?)?;
    module.add_function(wrap_pyfunction!(persistence_statistics, module)?)?;
    module.add_function(wrap_pyfunction!(universal_law, module)?)?;
    module.add_function(wrap_pyfunction!(covering_radii, module)?)?;
    module.add_function(wrap_pyfunction!(distances_to_measure, module)?)?;
    module.add_function(wrap_pyfunction!(joint_losses, module)?)?;
    module.add_function(wrap_pyfunction!(suprema_of_means, module)?)?;
    module.add("SUMMARY_NAMES", diagram::SUMMARY_NAMES)
}

type Diagrams<'py> = Vec<PyReadonlyArray2<'py, f64>>;
type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Copies, since another thread may write to the originals.
fn bars(py: Python<'_>, diagrams: &Diagrams<'_>) -> PyResult<Vec<Vec<[f64; 2]>>> {
    let bars_of = |diagram: &PyReadonlyArray2<'_, f64>| {
        let diagram = diagram.as_array();
        let mut bars = Vec::with_capacity(diagram.nrows());
        for bar in diagram.rows() {
            py.check_signals()?;
            bars.push([bar[0], bar[1]]);
        }
        Ok(bars)
    };
    diagrams.iter().map(bars_of).collect()
}

fn check_memory(job: &str, needed: u64, allowed: u64, advice: &str) -> PyResult<()> {
    Budget { allowed }.ask(job, needed, advice)?;
    Ok(())
}

/// Numbers of bars alive, shape (diagrams, grid).
#[pyfunction]
#[pyo3(signature = (dgms, grid, *, n_threads=None))]
fn betti_curves<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    grid: PyReadonlyArray1<'py, f64>,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let (dgms, grid) = (bars(py, &dgms)?, grid.as_array().to_vec());
    let curves =
        supervise(py, n_threads, None, |monitor| diagram::betti_curves(&dgms, &grid, monitor))?;
    Ok(curves.into_pyarray(py))
}

/// Numbers of bars alive at scales, essential ones at infinity too, shape (scales,
/// diagrams).
#[pyfunction]
#[pyo3(signature = (dgms, scales, *, superlevel, n_threads=None))]
fn betti_numbers<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    scales: PyReadonlyArray1<'py, f64>,
    superlevel: bool,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let (dgms, scales) = (bars(py, &dgms)?, scales.as_array().to_vec());
    let numbers = supervise(py, n_threads, None, |monitor| {
        diagram::betti_numbers(&dgms, &scales, superlevel, monitor)
    })?;
    Ok(numbers.into_pyarray(py))
}

/// Number, sum, largest and entropy of the finite positive lengths of each diagram.
#[pyfunction]
#[pyo3(signature = (dgms, *, n_threads=None))]
fn bar_summaries(
    py: Python<'_>,
    dgms: Diagrams<'_>,
    n_threads: Option<usize>,
) -> PyResult<Vec<(usize, f64, f64, f64)>> {
    let dgms = bars(py, &dgms)?;
    let found = supervise(py, n_threads, None, |monitor| diagram::summaries(&dgms, monitor))?;
    Ok(found.iter().map(|s| (s.bars, s.total, s.longest, s.entropy)).collect())
}

/// The highest tents, shape (diagrams, k, grid).
#[pyfunction]
#[pyo3(signature = (dgms, grid, *, k, max_memory, n_threads=None))]
fn landscapes<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    grid: PyReadonlyArray1<'py, f64>,
    k: usize,
    max_memory: u64,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let (dgms, grid) = (bars(py, &dgms)?, grid.as_array().to_vec());
    let needed =
        (16 * dgms.len() as u64).saturating_mul(k as u64).saturating_mul(grid.len() as u64);
    check_memory("the landscapes", needed, max_memory, "take a smaller `k` or a coarser `grid`")?;
    let heights =
        supervise(py, n_threads, None, |monitor| diagram::landscapes(&dgms, k, &grid, monitor))?;
    Ok(heights.into_pyarray(py))
}

/// Weighted means of the tents, shape (diagrams, grid).
#[pyfunction]
#[pyo3(signature = (dgms, grid, *, power, n_threads=None))]
fn silhouettes<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    grid: PyReadonlyArray1<'py, f64>,
    power: f64,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (dgms, grid) = (bars(py, &dgms)?, grid.as_array().to_vec());
    let means = supervise(py, n_threads, None, |monitor| {
        diagram::silhouettes(&dgms, power, &grid, monitor)
    })?;
    Ok(means.into_pyarray(py))
}

/// Pixels, shape (diagrams, lengths, births).
#[pyfunction]
#[pyo3(signature = (dgms, weights, *, sigma, resolution, births, lengths, pixels, max_memory, n_threads=None))]
#[allow(clippy::too_many_arguments)]
fn persistence_images<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    weights: Vec<PyReadonlyArray1<'py, f64>>,
    sigma: f64,
    resolution: (usize, usize),
    births: (f64, f64),
    lengths: (f64, f64),
    pixels: &str,
    max_memory: u64,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let options = ImageOptions { sigma, resolution, births, lengths, pixels: pixels.parse()? };
    let needed = diagram::image_bytes(dgms.len(), &options);
    check_memory("the persistence images", needed, max_memory, "lower the `resolution`")?;
    let dgms = bars(py, &dgms)?;
    let weights: Vec<_> = weights.iter().map(|weights| weights.as_array().to_vec()).collect();
    let images = supervise(py, n_threads, None, |monitor| {
        diagram::persistence_images(&dgms, &weights, &options, monitor)
    })?;
    Ok(images.into_pyarray(py))
}

/// Entropies of the lengths, in nats.
#[pyfunction]
#[pyo3(signature = (dgms, *, normalized, n_threads=None))]
fn persistence_entropies<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    normalized: bool,
    n_threads: Option<usize>,
) -> PyResult<Floats<'py>> {
    let dgms = bars(py, &dgms)?;
    let values =
        supervise(py, n_threads, None, |monitor| diagram::entropies(&dgms, normalized, monitor))?;
    Ok(values.into_pyarray(py))
}

/// Sums of powers of the lengths.
#[pyfunction]
#[pyo3(signature = (dgms, *, p, n_threads=None))]
fn total_persistences<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    p: f64,
    n_threads: Option<usize>,
) -> PyResult<Floats<'py>> {
    let dgms = bars(py, &dgms)?;
    let values =
        supervise(py, n_threads, None, |monitor| diagram::total_persistences(&dgms, p, monitor))?;
    Ok(values.into_pyarray(py))
}

/// Distances from the empty diagram.
#[pyfunction]
#[pyo3(signature = (dgms, *, metric, p, q, n_threads=None))]
fn amplitudes<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    metric: &str,
    p: f64,
    q: f64,
    n_threads: Option<usize>,
) -> PyResult<Floats<'py>> {
    let dgms = bars(py, &dgms)?;
    let values = supervise(py, n_threads, None, |monitor| match metric {
        "bottleneck" => diagram::bottleneck_norms(&dgms, monitor),
        "wasserstein" => diagram::wasserstein_norms(&dgms, p, q, monitor),
        "landscape" => diagram::landscape_norms(&dgms, p, monitor),
        "betti" => diagram::betti_norms(&dgms, p, monitor),
        _ => {
            let rule = "be bottleneck, wasserstein, landscape or betti";
            Err(Error::invalid("metric", rule, metric))
        }
    })?;
    Ok(values.into_pyarray(py))
}

/// Statistics of births, deaths, midpoints and lifetimes, shape (diagrams, 4, names).
#[pyfunction]
#[pyo3(signature = (dgms, *, n_threads=None))]
fn persistence_statistics<'py>(
    py: Python<'py>,
    dgms: Diagrams<'py>,
    n_threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let dgms = bars(py, &dgms)?;
    let values = supervise(py, n_threads, None, |monitor| diagram::statistics(&dgms, monitor))?;
    Ok(values.into_pyarray(py))
}

/// What is in a [`diagram::UniversalLaw`], in its order.
type Law<'py> = (Floats<'py>, Floats<'py>, Bound<'py, PyArray1<bool>>, f64, usize);

/// Which bars are longer than chance would have them, in order of the diagram.
#[pyfunction]
#[pyo3(signature = (dgm, *, mean_distance, alpha, n_threads=None))]
fn universal_law<'py>(
    py: Python<'py>,
    dgm: PyReadonlyArray2<'py, f64>,
    mean_distance: f64,
    alpha: f64,
    n_threads: Option<usize>,
) -> PyResult<Law<'py>> {
    let dgm = bars(py, &vec![dgm])?.concat();
    let law = supervise(py, n_threads, None, |monitor| {
        diagram::universal_law(&dgm, mean_distance, alpha, monitor)
    })?;
    let (statistics, p_values) = (law.statistics.into_pyarray(py), law.p_values.into_pyarray(py));
    Ok((statistics, p_values, law.supported.into_pyarray(py), law.shift, law.tested))
}

/// Hausdorff distances of subsets, the rows, from a whole space.
#[pyfunction]
#[pyo3(signature = (space, subsets, *, max_memory, n_threads=None, progress=None))]
fn covering_radii<'py>(
    py: Python<'py>,
    space: &PySpace,
    subsets: PyReadonlyArray2<'py, u32>,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Floats<'py>> {
    let subsets = subsets.as_array();
    let indices = |row: ArrayView1<'_, u32>| row.iter().map(|&i| i as usize).collect();
    let subsets: Vec<Vec<usize>> = subsets.rows().into_iter().map(indices).collect();
    let radii = supervise(py, n_threads, progress.as_ref(), |monitor| {
        radii_of(&space.0, &subsets, max_memory, monitor)
    })?;
    Ok(radii.into_pyarray(py))
}

/// Distances to the measure of a sample, and the largest change of each resampling.
#[pyfunction]
#[pyo3(signature = (sample, places, resamplings, *, mass, n_threads=None, progress=None))]
fn distances_to_measure<'py>(
    py: Python<'py>,
    sample: PyReadonlyArray2<'py, f64>,
    places: PyReadonlyArray2<'py, f64>,
    resamplings: PyReadonlyArray2<'py, u32>,
    mass: f64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Floats<'py>, Floats<'py>)> {
    let (sample, places) = (sample.as_array().to_owned(), places.as_array().to_owned());
    let resamplings = resamplings.as_array().to_owned();
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let sample = PointCloud::new(sample.view(), Metric::Euclidean, monitor)?;
        to_measure(&sample, places.view(), mass, resamplings.view(), monitor)
    })?;
    Ok((found.values.into_pyarray(py), found.largest_changes.into_pyarray(py)))
}

/// Losses of two groups under each labelling, from condensed distances.
#[pyfunction]
#[pyo3(signature = (len, distances, labellings, *, q, n_threads=None, progress=None))]
fn joint_losses<'py>(
    py: Python<'py>,
    len: usize,
    distances: PyReadonlyArray1<'py, f64>,
    labellings: PyReadonlyArray2<'py, u8>,
    q: f64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Floats<'py>> {
    let distances = convert::owned(py, distances.as_array())?.into_raw_vec_and_offset().0;
    let labellings = labellings.as_array().to_owned();
    let losses = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let distances = Condensed::read(len, distances, f64::EPSILON, monitor)?;
        diagram::joint_losses(&distances, labellings.view(), q, monitor)
    })?;
    Ok(losses.into_pyarray(py))
}

/// Largest deviations of the mean of curves under each row of multipliers.
#[pyfunction]
#[pyo3(signature = (curves, multipliers, *, n_threads=None))]
fn suprema_of_means<'py>(
    py: Python<'py>,
    curves: PyReadonlyArray2<'py, f64>,
    multipliers: PyReadonlyArray2<'py, f64>,
    n_threads: Option<usize>,
) -> PyResult<Floats<'py>> {
    let (curves, multipliers) = (curves.as_array().to_owned(), multipliers.as_array().to_owned());
    let suprema = supervise(py, n_threads, None, |monitor| {
        diagram::multiplier_suprema(curves.view(), multipliers.view(), monitor)
    })?;
    Ok(suprema.into_pyarray(py))
}
