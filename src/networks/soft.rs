//! Distances between the outputs of networks, sample by sample.

use std::str::FromStr;

use super::pairs::Grid;
use crate::arch::arch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// How two outputs for one sample are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoftDistance {
    /// Half the sum of the differences of probabilities.
    TotalVariation,
    /// √(½ Σ (√p − √q)²)
    Hellinger,
    /// The root of the Jensen-Shannon divergence, in bits.
    JensenShannon,
    /// The Jensen-Shannon divergence itself, which is no metric.
    JensenShannonDivergence,
    /// −log Σ √(pq), which is no metric.
    Bhattacharyya,
    /// The Euclidean length of the difference, for outputs of any kind.
    Euclidean,
}

impl SoftDistance {
    const NAMES: [(&'static str, SoftDistance); 6] = [
        ("tv", SoftDistance::TotalVariation),
        ("hellinger", SoftDistance::Hellinger),
        ("js", SoftDistance::JensenShannon),
        ("jsd", SoftDistance::JensenShannonDivergence),
        ("bhattacharyya", SoftDistance::Bhattacharyya),
        ("lp", SoftDistance::Euclidean),
    ];

    /// Whether square roots of the outputs are compared.
    fn takes_roots(self) -> bool {
        matches!(self, SoftDistance::Hellinger | SoftDistance::Bhattacharyya)
    }

    #[inline(always)]
    fn between(self, p: &[f64], q: &[f64]) -> f64 {
        let squares = || p.iter().zip(q).map(|(p, q)| (p - q) * (p - q)).sum::<f64>();
        match self {
            SoftDistance::TotalVariation => {
                0.5 * p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>()
            }
            SoftDistance::Hellinger => (0.5 * squares()).sqrt(),
            SoftDistance::JensenShannon => divergence(p, q).sqrt(),
            SoftDistance::JensenShannonDivergence => divergence(p, q),
            // 1 − ½ Σ (√p − √q)² is Σ √(pq), and 1 exactly where p = q.
            SoftDistance::Bhattacharyya => -(-0.5 * squares()).max(-1.0).ln_1p(),
            SoftDistance::Euclidean => squares().sqrt(),
        }
    }
}

/// The Jensen-Shannon divergence in bits.
fn divergence(p: &[f64], q: &[f64]) -> f64 {
    let part = |p: f64, q: f64| if p > 0.0 { p * (2.0 * p / (p + q)).log2() } else { 0.0 };
    let sum: f64 = p.iter().zip(q).map(|(&p, &q)| part(p, q) + part(q, p)).sum();
    (0.5 * sum).max(0.0)
}

impl FromStr for SoftDistance {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, distance)| *distance).ok_or_else(|| {
            let names = Self::NAMES.map(|(name, _)| name).join(", ");
            Error::invalid("measure", format!("be one of {names}"), format!("{name:?}"))
        })
    }
}

/// (Σ v_i δ(p_i, q_i)^power)^(1/power) for all pairs of networks, in the order of
/// scipy's `pdist`. `outputs` holds networks, samples and outputs, as `shape` says.
pub fn soft_distances(
    mut outputs: Vec<f64>,
    (networks, samples, width): (usize, usize, usize),
    weights: &[f64],
    distance: SoftDistance,
    power: f64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    if distance.takes_roots() {
        outputs.iter_mut().for_each(|p| *p = p.sqrt());
    }
    let row_len = samples * width;
    let row = |i: usize| &outputs[i * row_len..(i + 1) * row_len];
    Grid::Triangle(networks).fill(1, 8 * row_len, monitor, |i, first, out| {
        for (j, out) in out.iter_mut().enumerate() {
            // Whoever is to stop finds out after this block.
            if monitor.check().is_err() {
                return;
            }
            let sum = arch().dispatch(|| {
                let pairs = row(i).chunks_exact(width).zip(row(first + j).chunks_exact(width));
                // What counts nothing may be infinite.
                let terms = pairs.zip(weights).filter(|(_, weight)| **weight > 0.0);
                let terms = terms.map(|((p, q), weight)| {
                    let between = distance.between(p, q);
                    weight * if power == 1.0 { between } else { between.powf(power) }
                });
                terms.sum::<f64>()
            });
            *out = if power == 1.0 { sum } else { sum.powf(1.0 / power) };
        }
    })
}
