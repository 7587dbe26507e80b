//! Copies of NumPy arrays, and results as such.

use ndarray::{Array, Array2, ArrayView, Dimension};
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use crate::Monitor;
use crate::homology::{Bar, Cocycle};

/// A copy of an array, in C order, for what runs without the GIL: another thread may
/// write to the original. Signals are looked for meanwhile.
pub fn owned<T: Copy, D: Dimension>(
    py: Python<'_>,
    array: ArrayView<'_, T, D>,
) -> PyResult<Array<T, D>> {
    copied(py, array, |x| x)
}

/// The same in double precision.
pub fn widened<D: Dimension>(
    py: Python<'_>,
    array: ArrayView<'_, f32, D>,
) -> PyResult<Array<f64, D>> {
    copied(py, array, f64::from)
}

fn copied<T: Copy, U, D: Dimension>(
    py: Python<'_>,
    array: ArrayView<'_, T, D>,
    each: impl Fn(T) -> U,
) -> PyResult<Array<U, D>> {
    const AT_ONCE: usize = 1 << 20;
    let mut values = Monitor::new().room(array.len())?;
    if let Some(slice) = array.as_slice() {
        for block in slice.chunks(AT_ONCE) {
            py.check_signals()?;
            values.extend(block.iter().map(|&x| each(x)));
        }
    } else {
        for row in array.rows() {
            py.check_signals()?;
            values.extend(row.iter().map(|&x| each(x)));
        }
    }
    Ok(Array::from_shape_vec(array.raw_dim(), values).expect("as many entries"))
}

/// Bars as (birth, death) rows.
pub fn diagram<'py>(py: Python<'py>, bars: &[Bar]) -> Bound<'py, PyArray2<f64>> {
    let rows = bars.iter().flat_map(|bar| [bar.birth, bar.death]).collect();
    let rows = Array2::from_shape_vec((bars.len(), 2), rows).expect("two numbers a bar");
    rows.into_pyarray(py)
}

/// Edges as rows of two vertices, −1 where there is none.
pub fn edges<'py>(
    py: Python<'py>,
    edges: impl Iterator<Item = Option<(u32, u32)>>,
) -> Bound<'py, PyArray2<i64>> {
    let ends = |edge: Option<(u32, u32)>| edge.map_or([-1, -1], |(i, j)| [i.into(), j.into()]);
    let rows: Vec<i64> = edges.flat_map(ends).collect();
    let shape = (rows.len() / 2, 2);
    Array2::from_shape_vec(shape, rows).expect("two vertices an edge").into_pyarray(py)
}

/// A cocycle as rows of vertices with the coefficient at the end.
pub fn cocycle<'py>(
    py: Python<'py>,
    cocycle: &Cocycle,
    dimension: usize,
) -> Bound<'py, PyArray2<i64>> {
    let row = |(vertices, coefficient): &(Vec<u32>, u32)| {
        let entries = vertices.iter().chain([coefficient]).map(|&x| i64::from(x));
        entries.collect::<Vec<_>>()
    };
    let rows = cocycle.iter().flat_map(row).collect();
    let shape = (cocycle.len(), dimension + 2);
    Array2::from_shape_vec(shape, rows).expect("one vertex more than dimensions").into_pyarray(py)
}
