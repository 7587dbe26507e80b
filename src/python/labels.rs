//! Labels of networks, as NumPy arrays of the smallest integers that hold them.

use numpy::PyReadonlyArray2;
use pyo3::prelude::*;

use super::supervise::supervise_attached;
use crate::networks::{BitPlanes, Compared, bit_planes_bytes};

/// Labels, one network a row, in the smallest integers that hold them.
#[derive(FromPyObject)]
pub enum Labels<'py> {
    Bytes(PyReadonlyArray2<'py, u8>),
    Shorts(PyReadonlyArray2<'py, u16>),
    Words(PyReadonlyArray2<'py, u32>),
}

/// Does the same with labels of each size.
macro_rules! with_view {
    ($labels:expr, |$view:ident| $then:expr) => {
        match $labels {
            Labels::Bytes(labels) => {
                let $view = labels.as_array();
                $then
            }
            Labels::Shorts(labels) => {
                let $view = labels.as_array();
                $then
            }
            Labels::Words(labels) => {
                let $view = labels.as_array();
                $then
            }
        }
    };
}

pub(super) use with_view;

impl Labels<'_> {
    /// With the GIL held, since another thread may write to the labels, and
    /// without a copy, which would take more room than the planes.
    pub fn pack(
        &self,
        py: Python<'_>,
        compared: Compared<'_>,
        groups: Option<&[u32]>,
        n_threads: Option<usize>,
    ) -> PyResult<BitPlanes> {
        with_view!(self, |labels| supervise_attached(py, n_threads, |monitor| {
            compared.pack(labels, groups, monitor)
        }))
    }

    pub fn dim(&self) -> (usize, usize) {
        with_view!(self, |labels| labels.dim())
    }

    /// Bytes of what is compared, packed.
    pub fn packed_bytes(&self, compared: Compared<'_>, groups: usize) -> u64 {
        let (len, samples) = self.dim();
        bit_planes_bytes(len, samples, compared.planes(), groups)
    }
}
