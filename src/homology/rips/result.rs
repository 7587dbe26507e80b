//! Bars, cocycles and diagrams.

use super::filtration::Filtration;

/// A cocycle: simplices, vertices ascending, with coefficients in 1..p.
pub type Cocycle = Vec<(Vec<u32>, u32)>;

/// One class: from the scale where it is born to the one where it dies.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Scale of birth.
    pub birth: f64,
    /// Scale of death; infinite for an essential class.
    pub death: f64,
    /// A cocycle that represents the class at every scale in [birth, death).
    pub cocycle: Cocycle,
}

/// Persistence diagrams of a filtration, degree after degree.
#[derive(Debug, Clone, PartialEq)]
pub struct Persistence {
    /// Bars of each degree by (birth, death), none of length zero.
    pub bars: Vec<Vec<Bar>>,
    /// The largest scale that was looked at: the smaller one of the threshold
    /// asked for and the enclosing radius.
    pub threshold: f64,
    /// Whether the bars of positive degree carry their cocycles.
    pub cocycles: bool,
}

impl Persistence {
    pub(super) fn new(filtration: &Filtration, degree_zero: Vec<Bar>, cocycles: bool) -> Self {
        Self { bars: vec![degree_zero], threshold: filtration.threshold(), cocycles }
    }

    /// Appends the next degree.
    pub(super) fn push(&mut self, mut bars: Vec<Bar>) {
        bars.sort_by(|a, b| a.birth.total_cmp(&b.birth).then(a.death.total_cmp(&b.death)));
        self.bars.push(bars);
    }

    /// Fills up with empty diagrams to degree `maxdim`.
    pub(super) fn pad(&mut self, maxdim: usize) {
        self.bars.resize(maxdim + 1, Vec::new());
    }
}

impl Bar {
    pub(super) fn new(birth: f64, death: f64) -> Self {
        Self { birth, death, cocycle: Cocycle::new() }
    }
}
