//! What a table of layers tells of a diagram.

use super::bars::of_each;
use super::statistics::{entropy, lifetimes, total_persistence};
use crate::error::Result;
use crate::monitor::Monitor;

/// A diagram in four numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Bars that have a length and an end.
    pub bars: usize,
    /// The sum of their lengths.
    pub total: f64,
    /// The largest of their lengths, 0 where there are none.
    pub longest: f64,
    /// The entropy of their lengths.
    pub entropy: f64,
}

/// Sums up the bars of each diagram; those without an end, or without a length, count
/// for nothing.
pub fn summaries(diagrams: &[Vec<[f64; 2]>], monitor: &Monitor) -> Result<Vec<Summary>> {
    of_each(diagrams, monitor, |bars| {
        let counts =
            |[birth, death]: &[f64; 2]| death - birth > 0.0 && death - birth < f64::INFINITY;
        let bars: Vec<_> = bars.iter().copied().filter(counts).collect();
        // Sums of nothing are minus zero.
        Ok(Summary {
            bars: bars.len(),
            total: total_persistence(&bars, 1.0) + 0.0,
            longest: lifetimes(&bars).fold(0.0, f64::max),
            entropy: entropy(&bars, false) + 0.0,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn bars_without_end_or_length_count_for_nothing() {
        let diagrams = [
            vec![[0.0, INF], [-INF, 1.0], [2.0, 2.0], [f64::NAN, 1.0]],
            vec![[0.0, INF], [1.0, 2.0], [5.0, 5.0], [3.0, 4.0]],
            vec![[1.0, 4.0]],
        ];
        let found = summaries(&diagrams, &Monitor::new()).unwrap();
        assert_eq!(found[0], Summary { bars: 0, total: 0.0, longest: 0.0, entropy: 0.0 });
        let of_two = Summary { bars: 2, total: 2.0, longest: 1.0, entropy: 2.0_f64.ln() };
        assert_eq!(found[1], of_two);
        assert_eq!(found[2], Summary { bars: 1, total: 3.0, longest: 3.0, entropy: 0.0 });
    }
}
