//! Bars, cocycles and diagrams.

use super::filtration::{Edge, Entering, Lengths};
use super::plan::Plan;

/// A cocycle: simplices, vertices ascending, with coefficients in 1..p.
pub type Cocycle = Vec<(Vec<u32>, u32)>;

/// One class: from the scale where it is born to the one where it dies.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Scale of birth.
    pub birth: f64,
    /// Scale of death; infinite for an essential class.
    pub death: f64,
    /// The edge with which the class is born; none in degree zero.
    pub birth_edge: Option<(u32, u32)>,
    /// The edge with which the class dies; none for an essential class.
    pub death_edge: Option<(u32, u32)>,
    /// A cocycle that represents the class at every scale in [birth, death).
    pub cocycle: Cocycle,
}

/// Persistence diagrams of a filtration, degree after degree.
#[derive(Debug, Clone, PartialEq)]
pub struct Persistence {
    /// Bars of each degree by (birth, death, edges), none of length zero.
    pub bars: Vec<Vec<Bar>>,
    /// The largest scale that was looked at: the smaller one of the threshold
    /// asked for and, where it is known, the enclosing radius.
    pub threshold: f64,
    /// Whether the bars of positive degree carry their cocycles.
    pub cocycles: bool,
    /// The way that was gone.
    pub plan: Plan,
    /// Why that way.
    pub reasons: String,
    /// Bytes that were estimated to be needed.
    pub estimate: u64,
}

impl Persistence {
    pub(super) fn new<'a>(
        filtration: &impl Entering<'a>,
        degree_zero: Vec<Bar>,
        cocycles: bool,
    ) -> Self {
        Self {
            bars: vec![degree_zero],
            threshold: filtration.threshold(),
            cocycles,
            plan: Plan::SPANNING_TREE,
            reasons: String::new(),
            estimate: 0,
        }
    }

    /// Appends the next degree.
    pub(super) fn push(&mut self, mut bars: Vec<Bar>) {
        bars.sort_by(|a, b| {
            let scales = a.birth.total_cmp(&b.birth).then(a.death.total_cmp(&b.death));
            scales.then((a.birth_edge, a.death_edge).cmp(&(b.birth_edge, b.death_edge)))
        });
        self.bars.push(bars);
    }

    /// Fills up with empty diagrams to degree `maxdim`.
    pub(super) fn pad(&mut self, maxdim: usize) {
        self.bars.resize(maxdim + 1, Vec::new());
    }
}

impl Bar {
    /// A class without end.
    pub(super) fn new(birth: f64) -> Self {
        let (death, birth_edge, death_edge) = (f64::INFINITY, None, None);
        Self { birth, death, birth_edge, death_edge, cocycle: Cocycle::new() }
    }

    /// The class that is born with the length of one edge and dies with that of
    /// another; `None` if these are equal.
    pub(super) fn between(lengths: &Lengths<'_>, birth: Edge, death: Option<Edge>) -> Option<Self> {
        let bar = Self {
            death: death.map_or(f64::INFINITY, |edge| lengths.of(edge)),
            birth_edge: Some(birth.into()),
            death_edge: death.map(Into::into),
            ..Self::new(lengths.of(birth))
        };
        (bar.birth < bar.death).then_some(bar)
    }
}
