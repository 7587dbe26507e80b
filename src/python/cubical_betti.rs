//! Bindings of `homology::cubical::betti`.

use numpy::{Element, IntoPyArray, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArrayDyn};
use pyo3::prelude::*;

use super::convert;
use super::supervise::supervise;
use crate::homology::{self, BettiOptions, Voxel};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(cubical_betti, module)?)
}

#[derive(FromPyObject)]
enum Images<'py> {
    Single(PyReadonlyArrayDyn<'py, f32>),
    Double(PyReadonlyArrayDyn<'py, f64>),
}

/// Betti numbers by image, threshold and degree, and their alternating sums.
type Betti<'py> = (Bound<'py, PyArray3<i64>>, Bound<'py, PyArray2<i64>>);

#[pyfunction]
#[pyo3(signature = (images, thresholds, *, construction, superlevel, batch, max_memory, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn cubical_betti<'py>(
    py: Python<'py>,
    images: Images<'py>,
    thresholds: PyReadonlyArray1<'py, f64>,
    construction: &str,
    superlevel: bool,
    batch: bool,
    max_memory: u64,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Betti<'py>> {
    let construction = construction.parse()?;
    let options = BettiOptions { construction, superlevel, batch, max_memory };
    let thresholds = thresholds.as_array().to_vec();
    match images {
        Images::Single(images) => {
            of_images(py, &images, &thresholds, &options, n_threads, progress)
        }
        Images::Double(images) => {
            of_images(py, &images, &thresholds, &options, n_threads, progress)
        }
    }
}

fn of_images<'py, V: Voxel + Element>(
    py: Python<'py>,
    images: &PyReadonlyArrayDyn<'py, V>,
    thresholds: &[f64],
    options: &BettiOptions,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Betti<'py>> {
    let images = convert::owned(py, images.as_array())?;
    let found = supervise(py, n_threads, progress.as_ref(), |monitor| {
        homology::cubical_betti(images.view(), thresholds, options, monitor)
    })?;
    Ok((found.betti.into_pyarray(py), found.euler.into_pyarray(py)))
}
