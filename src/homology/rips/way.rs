//! A way to a result, and its name. Bars do not depend on it; cocycles may.

use std::fmt;

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
    /// Whether the points that have edges are numbered anew, for edges by rank.
    pub(super) fn numbers_points(&self) -> bool {
        self.engine == Engine::Cohomology || self.collapse
    }

    /// The way straight from points to degree zero.
    pub(super) const SPANNING_TREE: Self =
        Self { engine: Engine::SpanningTree, rows: Rows::Sparse, collapse: false };
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
