//! Persistent homology of Vietoris-Rips filtrations.
//!
//! The way of an input, one idea a file:
//!
//! * [`filtration`]: edges in the order in which they enter, and their ranks;
//!   from here on every comparison is between integers.
//! * [`plan`]: which of the following ways to go.
//! * [`degree_zero`]: components, from the edges or straight from the points.
//! * [`annotation`]: edge by edge, up to degree two.
//! * [`mod@edge_collapse`]: fewer edges, for what follows.
//! * [`mod@cohomology`]: degree after degree, for any of them.
//! * [`result`]: bars, cocycles, and the edges they come and go with.
//!
//! The theory, with proofs and references, is in `docs/engine.md`.

mod annotation;
mod cohomology;
mod degree_zero;
mod edge_collapse;
mod filtration;
mod plan;
mod result;

use std::borrow::Cow;

use rayon::prelude::*;

use self::annotation::annotate;
use self::cohomology::cohomology;
use self::edge_collapse::edge_collapse;
use self::filtration::{Entering, Filtration};
pub use self::plan::{Engine, Plan, Rows};
pub use self::result::{Bar, Cocycle, Persistence};
use super::field::check_prime;
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
    /// The way to go instead of the one that looks fastest.
    pub plan: Option<Plan>,
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
            plan: None,
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
/// that are left out. The bars and their edges do not depend on the [`Plan`].
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
    of_filtration(filtration, options, monitor)
}

/// As [`rips`], for several spaces side by side, which share the memory.
pub fn rips_batch(
    spaces: &[&Space<'_>],
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Vec<Persistence>> {
    let at_once = rayon::current_num_threads().min(spaces.len()).max(1) as u64;
    let options = RipsOptions { max_memory: options.max_memory / at_once, ..*options };
    spaces.par_iter().map(|space| rips(space, &options, monitor)).collect()
}

/// Plans, and goes the way of the plan.
fn of_filtration(
    filtration: Filtration<'_>,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let mut plan = options.plan.unwrap_or_else(|| Plan::new(&filtration, options));
    plan.validate(&filtration, options)?;
    let estimate = plan.check_memory(&filtration, options)?;
    let (len, edges) = (filtration.len(), filtration.edge_count());
    let persistence = if plan.engine == Engine::Annotations && !plan.collapse {
        annotate(&filtration, plan.rows, options, monitor)?
    } else {
        let mut ranking = filtration.ranking(monitor)?;
        if plan.collapse {
            match edge_collapse(&ranking, monitor)? {
                Some(kept) => ranking = ranking.delayed(&kept),
                None => plan.collapse = false,
            }
        }
        if options.plan.is_none() {
            plan.look_again(&ranking);
        }
        match plan.engine {
            Engine::Annotations => annotate(&ranking, plan.rows, options, monitor)?,
            _ => cohomology(&ranking, plan.rows, options, monitor)?,
        }
    };
    let reasons = plan.reasons(len, edges, options);
    Ok(Persistence { plan, reasons, estimate, ..persistence })
}

/// Above degree n − 2 there is nothing to find among n points.
fn top_degree(len: usize, options: &RipsOptions) -> usize {
    options.maxdim.min(len.saturating_sub(2))
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
