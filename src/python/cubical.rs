//! Bindings of `homology::cubical`.

use ndarray::Array2;
use numpy::{Element, IntoPyArray, PyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;

use super::convert;
use super::supervise::supervise;
use crate::homology::{
    CubicalBar, CubicalOptions, CubicalPersistence, Voxel, cubical as diagrams,
    cubical_batch as diagrams_of_batch,
};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(cubical, module)?)?;
    module.add_function(wrap_pyfunction!(cubical_batch, module)?)
}

/// Diagrams, and the voxels of births and deaths, −1 for none, if they are asked for.
type Result<'py> = (Vec<Bound<'py, PyArray2<f64>>>, Vec<Bound<'py, PyArray2<i64>>>);

#[derive(FromPyObject)]
enum Image<'py> {
    Single(PyReadonlyArrayDyn<'py, f32>),
    Double(PyReadonlyArrayDyn<'py, f64>),
}

#[derive(FromPyObject)]
enum Images<'py> {
    Single(Vec<PyReadonlyArrayDyn<'py, f32>>),
    Double(Vec<PyReadonlyArrayDyn<'py, f64>>),
}

#[pyfunction]
#[pyo3(signature = (image, *, construction, superlevel, maxdim, coeff, periodic, max_memory, locations, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn cubical<'py>(
    py: Python<'py>,
    image: Image<'py>,
    construction: &str,
    superlevel: bool,
    maxdim: Option<usize>,
    coeff: u32,
    periodic: Vec<bool>,
    max_memory: u64,
    locations: bool,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Result<'py>> {
    let construction = construction.parse()?;
    let options = CubicalOptions { construction, superlevel, maxdim, coeff, periodic, max_memory };
    match image {
        Image::Single(image) => of_image(py, &image, &options, locations, n_threads, progress),
        Image::Double(image) => of_image(py, &image, &options, locations, n_threads, progress),
    }
}

fn of_image<'py, V: Voxel + Element>(
    py: Python<'py>,
    image: &PyReadonlyArrayDyn<'py, V>,
    options: &CubicalOptions,
    locations: bool,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Result<'py>> {
    let image = convert::owned(py, image.as_array())?;
    let result = supervise(py, n_threads, progress.as_ref(), |monitor| {
        diagrams(image.view(), options, monitor)
    })?;
    Ok(spell(py, &result, locations))
}

/// As `cubical`, for several images side by side.
#[pyfunction]
#[pyo3(signature = (images, *, construction, superlevel, maxdim, coeff, periodic, max_memory, locations, n_threads=None, progress=None))]
#[allow(clippy::too_many_arguments)]
fn cubical_batch<'py>(
    py: Python<'py>,
    images: Images<'py>,
    construction: &str,
    superlevel: bool,
    maxdim: Option<usize>,
    coeff: u32,
    periodic: Vec<bool>,
    max_memory: u64,
    locations: bool,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Result<'py>>> {
    let construction = construction.parse()?;
    let options = CubicalOptions { construction, superlevel, maxdim, coeff, periodic, max_memory };
    match images {
        Images::Single(images) => of_batch(py, &images, &options, locations, n_threads, progress),
        Images::Double(images) => of_batch(py, &images, &options, locations, n_threads, progress),
    }
}

fn of_batch<'py, V: Voxel + Element>(
    py: Python<'py>,
    images: &[PyReadonlyArrayDyn<'py, V>],
    options: &CubicalOptions,
    locations: bool,
    n_threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Result<'py>>> {
    let images = images.iter().map(|image| convert::owned(py, image.as_array()));
    let images = images.collect::<PyResult<Vec<_>>>()?;
    let results = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let views: Vec<_> = images.iter().map(|image| image.view()).collect();
        diagrams_of_batch(&views, options, monitor)
    })?;
    Ok(results.iter().map(|result| spell(py, result, locations)).collect())
}

fn spell<'py>(py: Python<'py>, result: &CubicalPersistence, locations: bool) -> Result<'py> {
    let values = |bar: &CubicalBar| [bar.birth, bar.death];
    let voxels = |bar: &CubicalBar| [bar.birth_voxel.into(), bar.death_voxel.map_or(-1, i64::from)];
    let degrees = result.bars.iter();
    (
        degrees.clone().map(|bars| rows(py, bars.iter().flat_map(values))).collect(),
        degrees.filter(|_| locations).map(|bars| rows(py, bars.iter().flat_map(voxels))).collect(),
    )
}

/// Two numbers a row.
fn rows<'py, T: Element>(
    py: Python<'py>,
    numbers: impl Iterator<Item = T>,
) -> Bound<'py, PyArray2<T>> {
    let numbers: Vec<T> = numbers.collect();
    let shape = (numbers.len() / 2, 2);
    Array2::from_shape_vec(shape, numbers).expect("two numbers a bar").into_pyarray(py)
}
