//! The Python module `topolens._core`: bindings without logic.

mod convert;
mod crew;
mod cubical;
mod cubical_betti;
mod diagram;
mod diagram_distances;
mod error;
mod homology;
mod labels;
mod magnitude;
mod magnitude_summaries;
mod networks;
mod quotients;
mod space;
mod supervise;

use numpy::PyArray1;
use pyo3::prelude::*;

use crate::memory::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[pymodule]
#[pyo3(name = "_core", gil_used = true)]
fn core_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // NumPy's C API is looked up at its first use, which an interrupt would make panic.
    PyArray1::<f64>::zeros(module.py(), 0, false);
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("DEBUG_BUILD", cfg!(debug_assertions))?;
    module.add("NumericalError", module.py().get_type::<error::NumericalError>())?;
    space::register(module)?;
    homology::register(module)?;
    cubical::register(module)?;
    cubical_betti::register(module)?;
    magnitude::register(module)?;
    magnitude_summaries::register(module)?;
    networks::register(module)?;
    quotients::register(module)?;
    diagram::register(module)?;
    diagram_distances::register(module)
}
