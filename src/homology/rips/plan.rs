//! Which way to go, what it takes, and why.

use super::annotation::annotation_bytes;
use super::cohomology::{cohomology_bytes, ranks_pay};
use super::edge_collapse::edge_collapse_bytes;
use super::filtration::{self, Entering, Filtration, Ranking, ranking_bytes};
use super::options::{MAX_DIMENSION, RipsOptions};
use super::way::{Engine, Plan, Rows};
use crate::error::{Error, Result};

/// The fastest way for a filtration with edges at so many points.
pub fn choose(filtration: &Filtration<'_>, joined: usize, options: &RipsOptions) -> Plan {
    let (len, edges) = (filtration.len(), filtration.edge_count());
    let top = options.top_degree(filtration.len());
    let rows = if dense_pays(len, edges) { Rows::Dense } else { Rows::Sparse };
    let engine = match (top, rows) {
        (0 | 1, _) | (2, Rows::Dense) => Engine::Annotations,
        _ => Engine::Cohomology,
    };
    let rows = if engine == Engine::Cohomology { rows_of_ranks(joined, edges) } else { rows };
    // A cocycle of the collapsed complex says nothing about the full one.
    let collapse =
        engine == Engine::Cohomology && !options.cocycles && collapse_pays(joined, edges);
    Plan { engine, rows, collapse }
}

/// Chooses the rows of cohomology anew, for the edges that are left.
pub fn look_again(plan: &mut Plan, left: &Ranking<'_>) {
    if plan.engine == Engine::Cohomology {
        plan.rows = rows_of_ranks(left.len(), left.edge_count());
    }
}

/// Fails unless a way leads to what is asked for.
pub fn validate(
    plan: &Plan,
    filtration: &Filtration<'_>,
    joined: usize,
    options: &RipsOptions,
) -> Result<()> {
    let degree = match (plan.engine, plan.rows) {
        (Engine::SpanningTree, _) => 0,
        (Engine::Annotations, Rows::Sparse) => 1,
        (Engine::Annotations, Rows::Dense) => 2,
        (Engine::Cohomology, _) => MAX_DIMENSION,
    };
    let tables = plan.rows == Rows::Dense || plan.collapse;
    let numbered = if plan.numbers_points() { joined } else { filtration.len() };
    if options.top_degree(filtration.len()) <= degree
        && !(plan.collapse && options.cocycles)
        && !(tables && numbered > MOST_DENSE)
    {
        return Ok(());
    }
    Err(Error::invalid("plan", "lead to what is asked for", plan))
}

/// Refuses a job whose tables alone exceed the limit.
pub fn check_memory(
    plan: &Plan,
    filtration: &Filtration<'_>,
    joined: usize,
    options: &RipsOptions,
) -> Result<u64> {
    let (len, edges) = (filtration.len(), filtration.edge_count());
    let tables = match plan.engine {
        Engine::SpanningTree => 0,
        Engine::Annotations => {
            annotation_bytes(len, edges, plan.rows, options.top_degree(filtration.len()))
        }
        Engine::Cohomology => cohomology_bytes(joined, edges, plan.rows),
    };
    let collapse = if plan.collapse { edge_collapse_bytes(joined, edges) } else { 0 };
    let ranking = if plan.numbers_points() { ranking_bytes(len, joined, edges) } else { 0 };
    let needed = filtration.bytes() + ranking + tables.max(collapse);
    filtration::check_memory(filtration, needed, options)?;
    Ok(needed)
}

/// Why a way, in words.
pub fn reasons(plan: &Plan, [len, joined, edges]: [usize; 3], options: &RipsOptions) -> String {
    let share = 100.0 * edges as f64 / (joined as f64 * (joined as f64 - 1.0) / 2.0).max(1.0);
    let with_edges = if joined < len { format!(", {joined} with edges") } else { String::new() };
    let rows = match plan.rows {
        Rows::Dense => "tables, since many pairs are joined",
        Rows::Sparse => "lists of neighbours, since few pairs are joined",
    };
    let engine = match plan.engine {
        Engine::SpanningTree => unreachable!("a filtration has been made"),
        Engine::Annotations => "annotations, the fastest way up to degree 2",
        Engine::Cohomology if plan.rows == Rows::Sparse && options.maxdim == 2 => {
            "cohomology, since annotations in degree 2 need tables"
        }
        Engine::Cohomology => "cohomology, the way to degrees above 2",
    };
    let collapse = match (plan.engine, plan.collapse, options.cocycles) {
        (_, true, _) => "; edges that can wait are left out first",
        (Engine::Cohomology, false, true) => "; no edge is left out, for the cocycles' sake",
        _ => "",
    };
    format!(
        "{len} points{with_edges}, {edges} edges ({share:.3} % of the pairs): {rows}; \
         {engine}{collapse}"
    )
}

/// The most vertices of a dense table.
const MOST_DENSE: usize = 1 << 16;

/// Whether rows of bits beat lists of neighbours: one common neighbour there
/// costs about as much as 256 bits here.
fn dense_pays(len: usize, edges: usize) -> bool {
    len <= 1024 || len <= MOST_DENSE && edges * 1024 >= len * len
}

/// How cohomology holds the graph.
fn rows_of_ranks(len: usize, edges: usize) -> Rows {
    if ranks_pay(len, edges) { Rows::Dense } else { Rows::Sparse }
}

/// Whether rows of bits are worth their memory.
fn collapse_pays(len: usize, edges: usize) -> bool {
    len <= 1024 || len <= MOST_DENSE && edges * 256 >= len * len
}
