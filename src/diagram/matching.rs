//! Matchings of two diagrams.

use super::Diagram;
use super::ground::{Ground, between, to_diagonal};

/// A row of the first diagram and one of the second that are matched, and how far
/// they are apart; `None` is the diagonal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Row of the first diagram.
    pub first: Option<u32>,
    /// Row of the second diagram.
    pub second: Option<u32>,
    /// Length of the way from one to the other.
    pub length: f64,
}

/// A matching of the rows of two diagrams, and the distance that it realises.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// Cost of the matching; infinite if there is none.
    pub distance: f64,
    /// Each row of either diagram once, in the order of the first. Empty if the
    /// distance is infinite.
    pub pairs: Vec<Pair>,
}

/// Differences of the essential classes of two diagrams, each kind matched in
/// order, which is best for every convex cost; `None` if their numbers differ.
pub fn essential_lengths(a: &Diagram, b: &Diagram) -> Option<Vec<f64>> {
    let mut lengths = Vec::new();
    for (a, b) in a.essential().iter().zip(b.essential()) {
        if a.len() != b.len() {
            return None;
        }
        lengths.extend(a.iter().zip(b).map(|((x, _), (y, _))| (x - y).abs()));
    }
    Some(lengths)
}

impl Matching {
    /// The matching of rows that belongs to one of finite points: `mates` holds the
    /// place in `b` of each point in `a`.
    pub(super) fn of_rows(
        distance: f64,
        ground: Ground,
        a: &Diagram,
        b: &Diagram,
        mates: &[Option<u32>],
    ) -> Self {
        let pair = |first: Option<&u32>, second: Option<&u32>, length: f64| Pair {
            first: first.copied(),
            second: second.copied(),
            length,
        };
        let mut pairs = Vec::new();
        for (a, b) in a.essential().iter().zip(b.essential()) {
            let both = a.iter().zip(b);
            pairs.extend(both.map(|((x, i), (y, j))| pair(Some(i), Some(j), (x - y).abs())));
        }
        let mut taken = vec![false; b.len()];
        for ((row, point), mate) in a.rows().iter().zip(a.points()).zip(mates) {
            pairs.push(match mate.map(|j| j as usize) {
                Some(j) => {
                    taken[j] = true;
                    let length = ground.length(between(*point, b.points()[j]));
                    pair(Some(row), Some(&b.rows()[j]), length)
                }
                None => pair(Some(row), None, ground.length(to_diagonal(*point))),
            });
        }
        for ((row, point), taken) in b.rows().iter().zip(b.points()).zip(taken) {
            if !taken {
                pairs.push(pair(None, Some(row), ground.length(to_diagonal(*point))));
            }
        }
        pairs.extend(a.trivial().iter().map(|row| pair(Some(row), None, 0.0)));
        pairs.extend(b.trivial().iter().map(|row| pair(None, Some(row), 0.0)));
        pairs.sort_unstable_by_key(|pair| (pair.first.is_none(), pair.first, pair.second));
        Self { distance, pairs }
    }

    pub(super) fn impossible() -> Self {
        Self { distance: f64::INFINITY, pairs: Vec::new() }
    }
}
