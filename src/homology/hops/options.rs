//! What to compute, and what is found.

use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::homology::rips::RipsOptions;

/// What to compute.
#[derive(Debug, Clone, Copy)]
pub struct HopOptions {
    /// Nearest neighbours of a point, itself included.
    pub k: usize,
    /// Largest number of hops between the vertices of a simplex.
    pub hops: usize,
    /// Highest degree of homology.
    pub maxdim: usize,
    /// Order of the coefficient field.
    pub coeff: u32,
    /// Bytes that the job may take.
    pub max_memory: u64,
}

impl HopOptions {
    pub(super) fn validate(&self, len: usize) -> Result<()> {
        if self.k == 0 {
            return Err(Error::invalid("k", "be at least 1 (the point itself counts)", self.k));
        }
        if self.k >= len {
            let rule = format!("be smaller than the number of points ({len})");
            return Err(Error::invalid("k", rule, self.k));
        }
        if self.hops == 0 {
            return Err(Error::invalid("hops", "be at least 1", self.hops));
        }
        self.rips().validate()
    }

    /// Refuses bytes that are not to be had, for components of which the largest has so many
    /// points.
    pub(super) fn ask(&self, largest: usize, needed: u64) -> Result<()> {
        let fits = (4.0 * self.max_memory as f64).sqrt() as usize;
        let budget = Budget { allowed: self.max_memory };
        budget.ask(
            format_args!("the hop complex of a component of {largest} points"),
            needed,
            format_args!("components of about {fits} points would fit: pass a subsample"),
        )?;
        Ok(())
    }

    /// The same for a complex whose edges are given.
    pub(super) fn rips(&self) -> RipsOptions {
        RipsOptions {
            maxdim: self.maxdim,
            coeff: self.coeff,
            max_memory: self.max_memory,
            ..RipsOptions::default()
        }
    }
}

/// Betti numbers, and what they were computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopBetti {
    /// β₀, …, β_maxdim.
    pub betti: Vec<usize>,
    /// Points given.
    pub points: usize,
    /// Points left after merging duplicates.
    pub distinct: usize,
    /// Connected components of the graph of nearest neighbours.
    pub components: usize,
    /// Pairs within the number of hops.
    pub edges: usize,
    /// Most points within the number of hops of one point.
    pub max_degree: usize,
}
