//! A persistence diagram, taken apart for comparisons.

use std::fmt::Display;

use ndarray::ArrayView2;

use super::bars::LARGEST;
use super::plane_tree::{PlaneTree, Point};
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// What to do where distances of diagrams do not fit.
pub(super) const SHORTEST: &str = "leave the shortest bars out";
/// Rows that are read between two checks of the monitor.
const BLOCK: usize = 1 << 16;

/// A point with its row, before and after it is put into the tree, and its share of
/// the bounds there.
const ROW_BYTES: u64 = 64;

/// The parts of a persistence diagram that are compared one by one.
#[derive(Debug, Clone)]
pub struct Diagram {
    /// The finite points above the diagonal.
    tree: PlaneTree,
    /// Their rows, in the order of the tree.
    rows: Vec<u32>,
    /// Rows of the points on the diagonal.
    trivial: Vec<u32>,
    essential: [Vec<(f64, u32)>; 3],
}

impl Diagram {
    /// Takes the rows (birth, death) apart; `argument` is what an error calls them.
    pub fn new(
        rows: ArrayView2<'_, f64>,
        argument: &'static str,
        monitor: &Monitor,
    ) -> Result<Self> {
        if rows.ncols() != 2 {
            return Err(Error::invalid(argument, "have two columns", rows.ncols()));
        }
        if u32::try_from(rows.nrows()).is_err() {
            let reason = format!("at most {} points are compared", u32::MAX);
            return Err(Error::Overflow { argument, reason });
        }
        let mut finite = Vec::new();
        let mut trivial = Vec::new();
        let mut essential = [const { Vec::new() }; 3];
        for (row, bar) in rows.outer_iter().enumerate() {
            if row % BLOCK == 0 {
                monitor.check()?;
            }
            let (birth, death) = (bar[0], bar[1]);
            check(argument, row, birth, death)?;
            let row = row as u32;
            match (birth.is_finite(), death.is_finite()) {
                (true, true) if birth == death => trivial.push(row),
                // Minus zero is zero.
                (true, true) => finite.push(([birth + 0.0, death + 0.0], row)),
                (true, false) => essential[0].push((birth, row)),
                (false, true) => essential[1].push((death, row)),
                (false, false) => essential[2].push((0.0, row)),
            }
        }
        for classes in &mut essential {
            classes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        let tree = PlaneTree::new(&mut finite, monitor)?;
        Ok(Self { tree, rows: finite.iter().map(|(_, row)| *row).collect(), trivial, essential })
    }

    /// Bytes that a diagram with `len` rows takes while it is read.
    pub(super) fn bytes(len: usize) -> u64 {
        ROW_BYTES * len as u64
    }

    /// Number of finite points above the diagonal.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no finite point above the diagonal.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn tree(&self) -> &PlaneTree {
        &self.tree
    }

    pub(super) fn points(&self) -> &[Point] {
        self.tree.points()
    }

    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    pub(super) fn trivial(&self) -> &[u32] {
        &self.trivial
    }

    /// Classes that live for ever, that always lived, and both: the end that
    /// each of them has, ascending, and its row.
    pub(super) fn essential(&self) -> &[Vec<(f64, u32)>; 3] {
        &self.essential
    }

    /// Chebyshev distances of the finite points to the diagonal.
    pub(super) fn half_lives(&self) -> Vec<f64> {
        self.points().iter().map(|[birth, death]| (death - birth) / 2.0).collect()
    }
}

fn check(argument: &'static str, row: usize, birth: f64, death: f64) -> Result<()> {
    let found = || format!("({birth}, {death})");
    let broken = if birth.is_nan() || death.is_nan() {
        Some("hold numbers")
    } else if birth > death {
        Some("have birth <= death")
    } else if birth == f64::INFINITY || death == f64::NEG_INFINITY {
        Some("be born before inf and die after -inf")
    } else {
        None
    };
    if let Some(rule) = broken {
        return Err(Error::invalid_at(argument, rule, found(), [row]));
    }
    if [birth, death].iter().any(|end| end.is_finite() && end.abs() > LARGEST) {
        let reason = format!("births and deaths up to {LARGEST:e} are compared; found {}", found());
        return Err(Error::Overflow { argument, reason });
    }
    Ok(())
}

/// Refuses a job that would take more memory than it may.
pub(super) fn check_memory(job: impl Display, needed: u64, allowed: u64) -> Result<()> {
    Budget { allowed }.ask(job, needed, SHORTEST)?;
    Ok(())
}
