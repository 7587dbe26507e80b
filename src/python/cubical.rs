//! Bindings of `homology::cubical`.

use ndarray::Array2;
use numpy::{Element, IntoPyArray, PyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use rayon::prelude::*;

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

/// Bars that a thread writes at a time.
const AT_ONCE: usize = 1 << 14;

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
    let tables = supervise(py, n_threads, progress.as_ref(), |monitor| {
        Ok(Tables::new(&diagrams(image.view(), options, monitor)?, locations))
    })?;
    Ok(tables.into_arrays(py))
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
    let tables = supervise(py, n_threads, progress.as_ref(), |monitor| {
        let views: Vec<_> = images.iter().map(|image| image.view()).collect();
        let results = diagrams_of_batch(&views, options, monitor)?;
        Ok(results.par_iter().map(|result| Tables::new(result, locations)).collect::<Vec<_>>())
    })?;
    Ok(tables.into_iter().map(|tables| tables.into_arrays(py)).collect())
}

/// Diagrams, and the voxels of births and deaths, as tables with two columns.
struct Tables {
    diagrams: Vec<Array2<f64>>,
    voxels: Vec<Array2<i64>>,
}

impl Tables {
    fn new(result: &CubicalPersistence, locations: bool) -> Self {
        let values = |bar: &CubicalBar| [bar.birth, bar.death];
        let voxels =
            |bar: &CubicalBar| [bar.birth_voxel.into(), bar.death_voxel.map_or(-1, i64::from)];
        let degrees = result.bars.iter();
        Self {
            diagrams: degrees.clone().map(|bars| table(bars, values)).collect(),
            voxels: degrees.filter(|_| locations).map(|bars| table(bars, voxels)).collect(),
        }
    }

    fn into_arrays(self, py: Python<'_>) -> Result<'_> {
        let Self { diagrams, voxels } = self;
        (
            diagrams.into_iter().map(|table| table.into_pyarray(py)).collect(),
            voxels.into_iter().map(|table| table.into_pyarray(py)).collect(),
        )
    }
}

/// Two numbers a bar.
fn table<T: Copy + Default + Send>(
    bars: &[CubicalBar],
    numbers: impl Fn(&CubicalBar) -> [T; 2] + Sync,
) -> Array2<T> {
    let mut rows = vec![[T::default(); 2]; bars.len()];
    let filled = rows.par_iter_mut().zip(bars).with_min_len(AT_ONCE);
    filled.for_each(|(row, bar)| *row = numbers(bar));
    Array2::from_shape_vec((bars.len(), 2), rows.into_flattened()).expect("two numbers a bar")
}
