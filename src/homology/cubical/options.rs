//! What to compute of an image, and how its voxels make up a complex.

use crate::error::{Error, Result};

/// Most axes of an image.
pub const MAX_AXES: usize = 4;

/// What the voxels are in the cubical complex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Construction {
    /// Vertices; a cell has the largest value of its vertices, and neighbours
    /// share a face (4 neighbours in the plane, 6 in space).
    V,
    /// Top cells; a cell has the least value of the voxels that it bounds, and
    /// neighbours share at least a corner (8 in the plane, 26 in space).
    T,
}

impl std::str::FromStr for Construction {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "V" => Ok(Self::V),
            "T" => Ok(Self::T),
            _ => Err(Error::invalid("construction", "be V or T", name)),
        }
    }
}

/// What to compute.
#[derive(Debug, Clone, PartialEq)]
pub struct CubicalOptions {
    /// What the voxels are.
    pub construction: Construction,
    /// Let voxels enter from the largest value down.
    pub superlevel: bool,
    /// Highest degree of homology; by default that of the last class there can
    /// be, one less than the axes of a box and as many as those of a torus.
    pub maxdim: Option<usize>,
    /// Coefficients are integers modulo this prime.
    pub coeff: u32,
    /// Whether the last voxel of an axis is next to the first: an entry for each
    /// axis, or none at all where no axis is periodic.
    pub periodic: Vec<bool>,
    /// Bytes that the job may take.
    pub max_memory: u64,
}

impl Default for CubicalOptions {
    fn default() -> Self {
        Self {
            construction: Construction::V,
            superlevel: false,
            maxdim: None,
            coeff: 2,
            periodic: Vec::new(),
            max_memory: u64::MAX,
        }
    }
}
