//! What an engine returns: bars, cocycles and diagrams.

use super::filtration::{Edge, Lengths};

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

/// The bars of a filtration, degree after degree, and how far it was followed.
#[derive(Debug)]
pub struct Diagrams {
    pub bars: Vec<Vec<Bar>>,
    /// The largest scale that was looked at.
    pub threshold: f64,
}

impl Diagrams {
    pub fn new(degree_zero: Vec<Bar>, threshold: f64) -> Self {
        Self { bars: vec![degree_zero], threshold }
    }

    /// Appends the next degree.
    pub fn push(&mut self, mut bars: Vec<Bar>) {
        bars.sort_by(|a, b| {
            let scales = a.birth.total_cmp(&b.birth).then(a.death.total_cmp(&b.death));
            scales.then((a.birth_edge, a.death_edge).cmp(&(b.birth_edge, b.death_edge)))
        });
        self.bars.push(bars);
    }

    /// Adds components of one point each.
    pub fn add_points(&mut self, count: usize) {
        self.bars[0].extend(std::iter::repeat_n(Bar::new(0.0), count));
    }

    /// Fills up with empty diagrams to degree `maxdim`.
    pub fn pad(&mut self, maxdim: usize) {
        self.bars.resize(maxdim + 1, Vec::new());
    }
}
