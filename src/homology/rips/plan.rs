//! The way to a result, and why. Bars do not depend on it; cocycles may.

use std::fmt;

use super::annotation::annotation_bytes;
use super::cohomology::{cohomology_bytes, ranks_pay};
use super::edge_collapse::edge_collapse_bytes;
use super::filtration::{Entering, Filtration, Ranking, check_memory, ranking_bytes};
use super::{MAX_DIMENSION, RipsOptions, top_degree};
use crate::error::{Error, Result};

/// What computes the diagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A minimum spanning tree straight from the points: degree zero.
    SpanningTree,
    /// Annotations, edge by edge: up to degree two, one with sparse rows.
    Annotations,
    /// Implicit cohomology, degree after degree: any degree.
    Cohomology,
}

/// How the graph of a filtration is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A square table: all pairs.
    Dense,
    /// Sorted lists of neighbours.
    Sparse,
}

/// A way to a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What computes the diagrams.
    pub engine: Engine,
    /// How the graph is held.
    pub rows: Rows,
    /// Whether edges that can wait are delayed or left out before.
    pub collapse: bool,
}

impl Plan {
    /// The way straight from points to degree zero.
    pub(super) const SPANNING_TREE: Self =
        Self { engine: Engine::SpanningTree, rows: Rows::Sparse, collapse: false };

    /// The fastest way for a filtration.
    pub(super) fn new(filtration: &Filtration<'_>, options: &RipsOptions) -> Self {
        let (len, edges) = (filtration.len(), filtration.edge_count());
        let top = top_degree(filtration.len(), options);
        let rows = if dense_pays(len, edges) { Rows::Dense } else { Rows::Sparse };
        let engine = match (top, rows) {
            (0 | 1, _) | (2, Rows::Dense) => Engine::Annotations,
            _ => Engine::Cohomology,
        };
        let rows = if engine == Engine::Cohomology { rows_of_ranks(len, edges) } else { rows };
        // A cocycle of the collapsed complex says nothing about the full one.
        let collapse =
            engine == Engine::Cohomology && !options.cocycles && collapse_pays(len, edges);
        Self { engine, rows, collapse }
    }

    /// Chooses the rows of cohomology anew, for the edges that are left.
    pub(super) fn look_again(&mut self, left: &Ranking<'_>) {
        if self.engine == Engine::Cohomology {
            self.rows = rows_of_ranks(left.len(), left.edge_count());
        }
    }

    /// Fails unless this way leads to what is asked for.
    pub(super) fn validate(
        &self,
        filtration: &Filtration<'_>,
        options: &RipsOptions,
    ) -> Result<()> {
        let degree = match (self.engine, self.rows) {
            (Engine::SpanningTree, _) => 0,
            (Engine::Annotations, Rows::Sparse) => 1,
            (Engine::Annotations, Rows::Dense) => 2,
            (Engine::Cohomology, _) => MAX_DIMENSION,
        };
        let tables = self.rows == Rows::Dense || self.collapse;
        if top_degree(filtration.len(), options) <= degree
            && !(self.collapse && options.cocycles)
            && !(tables && filtration.len() > MOST_DENSE)
        {
            return Ok(());
        }
        Err(Error::invalid("plan", "lead to what is asked for", self))
    }

    /// Refuses a job whose tables alone exceed the limit.
    pub(super) fn check_memory(
        &self,
        filtration: &Filtration<'_>,
        options: &RipsOptions,
    ) -> Result<u64> {
        let (len, edges) = (filtration.len(), filtration.edge_count());
        let tables = match self.engine {
            Engine::SpanningTree => 0,
            Engine::Annotations => {
                annotation_bytes(len, edges, self.rows, top_degree(filtration.len(), options))
            }
            Engine::Cohomology => cohomology_bytes(len, edges, self.rows),
        };
        let collapse = if self.collapse { edge_collapse_bytes(len, edges) } else { 0 };
        let keeps = self.engine == Engine::Cohomology || self.collapse;
        let ranking = if keeps { ranking_bytes(len, edges) } else { 0 };
        let needed = filtration.bytes() + ranking + tables.max(collapse);
        check_memory(filtration, needed, options)?;
        Ok(needed)
    }

    /// Why this way, in words.
    pub(super) fn reasons(&self, len: usize, edges: usize, options: &RipsOptions) -> String {
        let share = 100.0 * edges as f64 / (len as f64 * (len as f64 - 1.0) / 2.0).max(1.0);
        let rows = match self.rows {
            Rows::Dense => "tables, since many pairs are joined",
            Rows::Sparse => "lists of neighbours, since few pairs are joined",
        };
        let engine = match self.engine {
            Engine::SpanningTree => unreachable!("a filtration has been made"),
            Engine::Annotations => "annotations, the fastest way up to degree 2",
            Engine::Cohomology if self.rows == Rows::Sparse && options.maxdim == 2 => {
                "cohomology, since annotations in degree 2 need tables"
            }
            Engine::Cohomology => "cohomology, the way to degrees above 2",
        };
        let collapse = match (self.engine, self.collapse, options.cocycles) {
            (_, true, _) => "; edges that can wait are left out first",
            (Engine::Cohomology, false, true) => "; no edge is left out, for the cocycles' sake",
            _ => "",
        };
        format!(
            "{len} points, {edges} edges ({share:.3} % of the pairs): {rows}; {engine}{collapse}"
        )
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = match self.engine {
            Engine::SpanningTree => return f.write_str("spanning tree"),
            Engine::Annotations => "annotations",
            Engine::Cohomology => "cohomology",
        };
        let rows = if self.rows == Rows::Dense { "dense" } else { "sparse" };
        let collapse = if self.collapse { " after edge collapse" } else { "" };
        write!(f, "{engine}, {rows} rows{collapse}")
    }
}

impl std::str::FromStr for Plan {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let engines = [Engine::Annotations, Engine::Cohomology];
        let plans = engines.into_iter().flat_map(|engine| {
            [Rows::Dense, Rows::Sparse]
                .into_iter()
                .flat_map(move |rows| [false, true].map(|collapse| Self { engine, rows, collapse }))
        });
        let mut named = plans.filter(|plan| plan.to_string() == name);
        named.next().ok_or_else(|| Error::invalid("plan", "be the name of a plan", name))
    }
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
