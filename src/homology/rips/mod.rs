//! Persistent homology of Vietoris-Rips filtrations.
//!
//! The way of an input, one idea a file:
//!
//! * [`filtration`]: edges in the order in which they enter, and their ranks;
//!   from here on every comparison is between integers.
//! * [`adjacency`]: who is joined to whom, dense or sparse, and the common
//!   neighbours of several vertices.
//! * [`simplex`]: a simplex as one integer, its longest edge first.
//! * [`cofacet`]: coboundaries, and the pairs that can be read off.
//! * [`columns`]: the simplices that have to be reduced at all.
//! * [`reduction`]: implicit cohomology with clearing.
//! * [`degree_zero`]: components, from the edges or straight from the points.

mod adjacency;
mod annotation;
mod cohomology;
mod degree_zero;
mod edge_collapse;
mod filtration;
mod result;

use std::borrow::Cow;

use self::filtration::Filtration;
pub use self::result::{Bar, Cocycle, Persistence};
use super::field::check_prime;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Space, is_distance, pairwise, pairwise_bytes};

/// Highest degree of homology on offer.
pub const MAX_DIMENSION: usize = 15;

/// What to compute.
#[derive(Debug, Clone, Copy)]
pub struct RipsOptions {
    /// Highest degree of homology.
    pub maxdim: usize,
    /// Longest edge that is looked at.
    pub threshold: f64,
    /// Order of the coefficient field, a prime below 2¹⁶.
    pub coeff: u32,
    /// Whether to return representative cocycles.
    pub cocycles: bool,
    /// Bytes that the job may take.
    pub max_memory: u64,
}

impl Default for RipsOptions {
    fn default() -> Self {
        Self {
            maxdim: 1,
            threshold: f64::INFINITY,
            coeff: 2,
            cocycles: false,
            max_memory: u64::MAX,
        }
    }
}

impl RipsOptions {
    pub(super) fn validate(&self) -> Result<()> {
        check_prime(self.coeff)?;
        if self.maxdim > MAX_DIMENSION {
            let rule = format!("be between 0 and {MAX_DIMENSION}");
            return Err(Error::invalid("maxdim", rule, self.maxdim));
        }
        if !is_distance(self.threshold) {
            return Err(Error::invalid("threshold", "be non-negative", self.threshold));
        }
        Ok(())
    }
}

/// Persistence diagrams of the Vietoris-Rips filtration of a finite space.
///
/// A simplex enters with its longest edge. Beyond the enclosing radius, where
/// one point is joined to all others, nothing can happen, so edges longer than
/// that are left out. Computation: cohomology with clearing (de Silva, Morozov
/// and Vejdemo-Johansson 2011), implicit and with apparent pairs (Bauer 2021).
pub fn rips(space: &Space<'_>, options: &RipsOptions, monitor: &Monitor) -> Result<Persistence> {
    options.validate()?;
    if let (Space::Points(points), 0) = (space, options.maxdim) {
        return degree_zero::of_points(points, options.threshold, monitor);
    }
    let filtration = match space {
        Space::Points(points) => {
            check_distances(points.len(), options.max_memory)?;
            let distances = Cow::Owned(pairwise(points, monitor)?);
            Filtration::of_distances(distances, options, monitor)?
        }
        Space::Distances(distances) => {
            Filtration::of_distances(Cow::Borrowed(distances), options, monitor)?
        }
        Space::Graph(graph) => Filtration::of_graph(graph, options, monitor)?,
    };
    of_filtration(filtration, options, monitor)
}

fn of_filtration(
    filtration: Filtration<'_>,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let dense = filtration.len() <= 20000;
    let env = |k| std::env::var(k).is_ok();
    if options.maxdim <= 1 {
        annotation::annotate(&filtration, dense, options, monitor)
    } else {
        let t0 = std::time::Instant::now();
        let all = filtration.edge_count();
        let mut filtration = filtration;
        if !(options.cocycles || filtration.len() > 8192 || env("TL_NOCOLLAPSE")) {
            if let Some(kept) = edge_collapse::edge_collapse(&filtration, monitor)? {
                filtration = filtration.delayed(&kept);
            }
        }
        if env("TL_DEBUG") {
            eprintln!("collapse {:?} {} -> {}", t0.elapsed(), all, filtration.edge_count());
        }
        if options.maxdim == 2 && dense && !env("TL_COHO") {
            annotation::annotate(&filtration, dense, options, monitor)
        } else {
            cohomology::cohomology(&filtration, options, monitor)
        }
    }
}

/// Above degree n − 2 there is nothing to find among n points.
fn top_degree(filtration: &Filtration<'_>, options: &RipsOptions) -> usize {
    options.maxdim.min(filtration.len().saturating_sub(2))
}

/// Refuses points whose distances alone exceed the limit.
fn check_distances(len: usize, max_memory: u64) -> Result<()> {
    let needed = pairwise_bytes(len);
    if needed <= max_memory {
        return Ok(());
    }
    let fits = (max_memory as f64 / 4.0).sqrt() as usize;
    Err(Error::TooLarge {
        job: format!("the matrix of distances of {len} points"),
        needed,
        allowed: max_memory,
        advice: format!(
            "those of {fits} points would fit: use `n_landmarks`, a sparse matrix of the short \
             distances, or maxdim=0"
        ),
    })
}
