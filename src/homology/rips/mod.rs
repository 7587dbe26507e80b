//! Persistent homology of Vietoris-Rips filtrations.
//!
//! The way of an input, one idea a file:
//!
//! * [`options`]: what to compute.
//! * [`filtration`]: edges in the order in which they enter, and their ranks;
//!   from here on every comparison is between integers.
//! * [`way`], [`plan`]: the ways that follow by their names, and which of them to go.
//! * [`degree_zero`]: components, from the edges or straight from the points.
//! * [`annotation`]: edge by edge, up to degree two.
//! * [`mod@edge_collapse`]: fewer edges, for what follows.
//! * [`mod@cohomology`]: degree after degree, for any of them.
//! * [`bars`]: what all of them return, bars with the edges they come and go with.
//! * [`outlook`]: whether longer edges could change anything.
//!
//! The theory, with proofs and references, is in `docs/engine.md`.

mod annotation;
mod bars;
mod cohomology;
mod degree_zero;
mod edge_collapse;
mod filtration;
mod options;
mod outlook;
mod plan;
mod way;

use std::borrow::Cow;

use rayon::prelude::*;

use self::annotation::annotate;
use self::bars::Diagrams;
pub use self::bars::{Bar, Cocycle};
use self::cohomology::cohomology;
use self::edge_collapse::edge_collapse;
use self::filtration::{Entering, Filtration, Ranking};
pub use self::options::{MAX_DIMENSION, RipsOptions};
use self::outlook::Outlook;
pub use self::way::{Engine, Plan, Rows};
use crate::budget::Budget;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{
    PointCloud, Space, SparseRips, few_are_within, graph_within, pairwise, pairwise_bytes,
    sparse_rips,
};

/// Persistence diagrams of a filtration, degree after degree.
#[derive(Debug, Clone, PartialEq)]
pub struct Persistence {
    /// Bars of each degree by (birth, death, edges), none of length zero.
    pub bars: Vec<Vec<Bar>>,
    /// The largest scale that was looked at: the smaller one of the threshold
    /// asked for and, where it is known, the enclosing radius.
    pub threshold: f64,
    /// Whether longer edges can change nothing.
    pub complete: bool,
    /// Whether the bars of positive degree carry their cocycles.
    pub cocycles: bool,
    /// The way that was gone.
    pub plan: Plan,
    /// Why that way.
    pub reasons: String,
    /// Bytes that were estimated to be needed.
    pub estimate: u64,
}

/// Persistence diagrams of the Vietoris-Rips filtration of a finite space.
///
/// A simplex enters with its longest edge. Beyond the enclosing radius, where
/// one point is joined to all others, nothing can happen, so edges longer than
/// that are left out. The bars and their edges do not depend on the [`Plan`].
pub fn rips(space: &Space<'_>, options: &RipsOptions, monitor: &Monitor) -> Result<Persistence> {
    options.validate()?;
    allow(options, monitor);
    if let Some(epsilon) = options.epsilon {
        let RipsOptions { threshold, max_memory, .. } = *options;
        let SparseRips { graph, radius } =
            sparse_rips(space, epsilon, threshold, max_memory, monitor)?;
        let options = RipsOptions { threshold: threshold.min(radius), epsilon: None, ..*options };
        let mut found = rips(&Space::Graph(graph), &options, monitor)?;
        found.complete |= radius <= threshold;
        return Ok(found);
    }
    if let (Space::Points(points), 0) = (space, options.maxdim) {
        return of_points(points, options.threshold, monitor);
    }
    let filtration = match space {
        Space::Points(points) if few_are_within(points, options.threshold, monitor)? => {
            return of_short_pairs(points, options, monitor);
        }
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
    allow(options, monitor);
    let at_once = rayon::current_num_threads().min(spaces.len()).max(1) as u64;
    let options = RipsOptions { max_memory: options.max_memory / at_once, ..*options };
    spaces.par_iter().map(|space| rips(space, &options, monitor)).collect()
}

fn allow(options: &RipsOptions, monitor: &Monitor) {
    let advice = match options.epsilon {
        Some(_) => "use a larger `epsilon`, lower `maxdim`, or set a `threshold`",
        None => "lower `maxdim`, set a `threshold`, or use `n_landmarks` or `epsilon`",
    };
    monitor.allow(options.max_memory, "persistent homology", advice);
}

/// Degree zero straight from the points.
fn of_points(points: &PointCloud<'_>, threshold: f64, monitor: &Monitor) -> Result<Persistence> {
    let (bars, edges) = degree_zero::of_points(points, threshold, monitor)?;
    // All points can be joined, and what joins them is in the tree.
    let connected = edges + 1 >= points.len();
    Ok(Persistence {
        bars: vec![bars],
        threshold,
        complete: connected,
        cocycles: false,
        plan: Plan::SPANNING_TREE,
        reasons: format!(
            "{} points without distances: degree 0 needs their spanning tree only, {edges} edges",
            points.len()
        ),
        estimate: 0,
    })
}

/// Without the distances beyond the threshold.
fn of_short_pairs(
    points: &PointCloud<'_>,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let RipsOptions { threshold, max_memory, .. } = *options;
    let graph = graph_within(points, threshold, max_memory, monitor)?;
    let bytes = graph.own_bytes();
    let options = RipsOptions {
        threshold: threshold.min(graph.enclosing_radius(monitor)?),
        max_memory: max_memory.saturating_sub(bytes),
        ..*options
    };
    let filtration = Filtration::of_graph(&graph, &options, monitor)?;
    let found = of_filtration(filtration, &options, monitor)?;
    Ok(Persistence { estimate: found.estimate + bytes, ..found })
}

/// Plans a way, and goes it.
fn of_filtration(
    filtration: Filtration<'_>,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    // Up to degree one points are numbered as they are.
    let numbered = options.plan.is_some() || options.top_degree(filtration.len()) > 1;
    let joined = if numbered { filtration.joined(monitor)? } else { vec![true; filtration.len()] };
    let with_edges = joined.iter().filter(|&&is| is).count();
    let mut way = options.plan.unwrap_or_else(|| plan::choose(&filtration, with_edges, options));
    plan::validate(&way, &filtration, with_edges, options)?;
    let estimate = plan::check_memory(&way, &filtration, with_edges, options)?;
    let outlook = Outlook::new(&filtration, options, monitor)?;
    let sizes = [filtration.len(), with_edges, filtration.edge_count()];
    let Diagrams { bars, threshold } = if way.numbers_points() {
        of_ranking(filtration.ranking(&joined, monitor)?, &mut way, options, monitor)?
    } else {
        annotate(&filtration, way.rows, options, monitor)?
    };
    Ok(Persistence {
        complete: outlook.is_complete(&bars[0]),
        bars,
        threshold,
        cocycles: options.cocycles,
        plan: way,
        reasons: plan::reasons(&way, sizes, options),
        estimate,
    })
}

/// Goes a way on edges by rank, which may turn out another one; points without edges are
/// components from the start.
fn of_ranking(
    mut ranking: Ranking<'_>,
    way: &mut Plan,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    let alone = ranking.lengths().len() - ranking.len();
    if way.collapse {
        match edge_collapse(&ranking, monitor)? {
            Some(kept) => ranking = ranking.delayed(&kept, monitor)?,
            None => way.collapse = false,
        }
    }
    if options.plan.is_none() {
        plan::look_again(way, &ranking);
    }
    let mut diagrams = match way.engine {
        Engine::Annotations => annotate(&ranking, way.rows, options, monitor)?,
        _ => cohomology(&ranking, way.rows, options, monitor)?,
    };
    diagrams.add_points(alone);
    Ok(diagrams)
}

/// Refuses points whose distances alone exceed the limit.
fn check_distances(len: usize, max_memory: u64) -> Result<()> {
    let fits = (max_memory as f64 / 4.0).sqrt() as usize;
    Budget { allowed: max_memory }.ask(
        format_args!("the matrix of distances of {len} points"),
        pairwise_bytes(len),
        format_args!(
            "those of {fits} points would fit: use `n_landmarks`, `epsilon`, a sparse matrix of the \
             short distances, or maxdim=0"
        ),
    )?;
    Ok(())
}
