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
mod cofacet;
mod columns;
mod degree_zero;
mod filtration;
mod reduction;
mod result;
mod simplex;

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use self::adjacency::{Adjacency, DenseAdjacency, SparseAdjacency, dense_pays};
use self::cofacet::RipsComplex;
use self::columns::remaining_columns;
use self::filtration::Filtration;
use self::reduction::Reduction;
pub use self::result::{Bar, Cocycle, Persistence};
use self::simplex::{Key, Layout};
use super::field::{Field, Modulo2, ModuloP, check_prime};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Space, SparseRips, is_distance, pairwise, pairwise_bytes, sparse_rips};

/// Highest degree of homology on offer.
pub const MAX_DIMENSION: usize = 15;

/// What to compute.
#[derive(Debug, Clone, Copy)]
pub struct RipsOptions {
    /// Highest degree of homology.
    pub maxdim: usize,
    /// Longest edge that is looked at.
    pub threshold: f64,
    /// If given, the sparse filtration takes the place of the full one: births
    /// and deaths may be late by factors up to 1 + ε.
    pub epsilon: Option<f64>,
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
            epsilon: None,
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
    if let Some(epsilon) = options.epsilon {
        let RipsOptions { threshold, max_memory, .. } = *options;
        let SparseRips { graph, radius } =
            sparse_rips(space, epsilon, threshold, max_memory, monitor)?;
        let options = RipsOptions { threshold: threshold.min(radius), epsilon: None, ..*options };
        return rips(&Space::Graph(graph), &options, monitor);
    }
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
    of_filtration(&filtration, options, monitor)
}

/// Chooses adjacency, key and field; the result does not depend on the first
/// two.
fn of_filtration(
    filtration: &Filtration,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    if dense_pays(filtration.len(), filtration.edge_count()) {
        with_adjacency(filtration, &DenseAdjacency::new(filtration, monitor)?, options, monitor)
    } else {
        with_adjacency(filtration, &SparseAdjacency::new(filtration, monitor)?, options, monitor)
    }
}

fn with_adjacency<A: Adjacency>(
    filtration: &Filtration,
    adjacency: &A,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let layout = Layout::new(filtration, top_degree(filtration, options));
    match layout.bits() {
        0..=64 => with_key::<u64, A>(filtration, adjacency, layout, options, monitor),
        65..=128 => with_key::<u128, A>(filtration, adjacency, layout, options, monitor),
        _ => Err(Error::Overflow {
            argument: "maxdim",
            reason: format!(
                "simplices of {} points and {} edges do not fit 128 bits; `maxdim` can be at most {}",
                filtration.len(),
                filtration.edge_count(),
                layout.largest_maxdim(128),
            ),
        }),
    }
}

fn with_key<K: Key, A: Adjacency>(
    filtration: &Filtration,
    adjacency: &A,
    layout: Layout,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let complex = RipsComplex::<K, A>::new(filtration, adjacency, layout);
    if options.coeff == 2 {
        cohomology(&complex, Modulo2, options, monitor)
    } else {
        cohomology(&complex, ModuloP::new(options.coeff)?, options, monitor)
    }
}

/// Degree after degree: what the last one paired is cleared from the next.
fn cohomology<K: Key, A: Adjacency, F: Field>(
    complex: &RipsComplex<'_, K, A>,
    field: F,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let filtration = complex.filtration();
    let (bars, tree) = degree_zero::of_filtration(filtration, monitor)?;
    let mut persistence = Persistence::new(filtration, bars, options.cocycles);
    let mut cleared: FxHashSet<K> = tree.into_iter().map(K::from_rank).collect();
    let top = top_degree(filtration, options);
    monitor.expect((top * filtration.edge_count()) as u64);
    for dimension in 1..=top {
        let mut reduction = Reduction::new(complex, field, dimension, options);
        remaining_columns(complex, dimension, &cleared, monitor, |column| {
            reduction.reduce(column, monitor)
        })?;
        let (bars, pivots) = reduction.finish();
        persistence.push(bars);
        cleared = pivots;
    }
    persistence.pad(options.maxdim);
    Ok(persistence)
}

/// Above degree n − 2 there is nothing to find among n points.
fn top_degree(filtration: &Filtration, options: &RipsOptions) -> usize {
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
            "those of {fits} points would fit: use `n_landmarks`, `epsilon`, a sparse matrix of the \
             short distances, or maxdim=0"
        ),
    })
}
