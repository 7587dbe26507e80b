//! Distances between the outputs of networks, sample by sample.

use std::f64::consts::LOG2_E;
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

    #[inline(always)]
    fn between(self, p: &[f64], q: &[f64]) -> f64 {
        match self {
            SoftDistance::TotalVariation => 0.5 * sum(p, q, |p, q| (p - q).abs()),
            SoftDistance::Hellinger => apart(p, q).sqrt(),
            SoftDistance::JensenShannon => divergence(p, q).sqrt(),
            SoftDistance::JensenShannonDivergence => divergence(p, q),
            SoftDistance::Bhattacharyya => bhattacharyya(p, q),
            SoftDistance::Euclidean => length(p, q),
        }
    }
}

#[inline(always)]
fn sum(p: &[f64], q: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    p.iter().zip(q).map(|(&p, &q)| term(p, q)).sum()
}

/// ½ Σ (√p − √q)², where √p − √q is (p − q) / (√p + √q): the difference of near
/// numbers is exact, that of their roots is not.
#[inline(always)]
fn apart(p: &[f64], q: &[f64]) -> f64 {
    0.5 * sum(p, q, |p, q| {
        let root = if p == q { 0.0 } else { (p - q) / (p.sqrt() + q.sqrt()) };
        root * root
    })
}

/// −log Σ √(pq), and Σ √(pq) is 1 − ½ Σ (√p − √q)²: of both the one that is rounded less.
#[inline(always)]
fn bhattacharyya(p: &[f64], q: &[f64]) -> f64 {
    let apart = apart(p, q);
    if apart < 0.5 { -(-apart).ln_1p() } else { -sum(p, q, |p, q| p.sqrt() * q.sqrt()).ln() }
}

/// The Jensen-Shannon divergence in bits.
#[inline(always)]
fn divergence(p: &[f64], q: &[f64]) -> f64 {
    0.5 * sum(p, q, divergence_of_one)
}

/// p log₂(p/m) + q log₂(q/m) for the mean m of p and q, which is never negative.
///
/// With p = m(1 + x) and q = m(1 − x) it is m((1 + x) log(1 + x) + (1 − x) log(1 − x)) =
/// m(log(1 − x²) + 2x artanh x), which for small x is the difference of 2x² and x²;
/// the two terms of the first form cancel there, those of the second for large x.
#[inline(always)]
fn divergence_of_one(p: f64, q: f64) -> f64 {
    if p == q {
        return 0.0;
    }
    let (both, x) = (p + q, (p - q).abs() / (p + q));
    if x < 0.5 {
        return 0.5 * both * LOG2_E * ((-x * x).ln_1p() + 2.0 * x * x.atanh());
    }
    let part = |p: f64| if p > 0.0 { p * (2.0 * p / both).log2() } else { 0.0 };
    part(p) + part(q)
}

/// The Euclidean length of the difference, also where squares leave the range of numbers.
#[inline(always)]
fn length(p: &[f64], q: &[f64]) -> f64 {
    let squares = sum(p, q, |p, q| (p - q) * (p - q));
    if (SAFE_SQUARES..f64::INFINITY).contains(&squares) {
        return squares.sqrt();
    }
    let largest = p.iter().zip(q).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
    if largest == 0.0 {
        return 0.0;
    }
    largest * sum(p, q, |p, q| ((p - q) / largest) * ((p - q) / largest)).sqrt()
}

/// Sums of squares from which on what underflows does not count.
const SAFE_SQUARES: f64 = 1e-280;

/// (Σ v δ^power)^(1/power) of numbers δ with weights v; powers are taken of shares of the
/// largest, so that none leaves the range of numbers.
struct Mean {
    power: f64,
    largest: f64,
    sum: f64,
}

impl Mean {
    fn new(power: f64) -> Self {
        Self { power, largest: 0.0, sum: 0.0 }
    }

    #[inline(always)]
    fn add(&mut self, weight: f64, between: f64) {
        if self.power == 1.0 {
            self.sum += weight * between;
        } else if between > self.largest {
            self.sum = self.sum * f64::powf(self.largest / between, self.power) + weight;
            self.largest = between;
        } else if self.largest > 0.0 {
            self.sum += weight * f64::powf(between / self.largest, self.power);
        }
    }

    fn value(&self) -> f64 {
        match self.power == 1.0 {
            true => self.sum,
            false => self.largest * self.sum.powf(1.0 / self.power),
        }
    }
}

/// Numbers that are compared between two looks at the monitor.
const AT_ONCE: usize = 1 << 14;

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
    outputs: &[f64],
    (networks, samples, width): (usize, usize, usize),
    weights: &[f64],
    distance: SoftDistance,
    power: f64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let row_len = samples * width;
    let block = (AT_ONCE / width.max(1)).max(1);
    let row = |i: usize| &outputs[i * row_len..(i + 1) * row_len];
    Grid::Triangle(networks).fill(1, 8 * row_len, monitor, |i, first, out| {
        for (j, out) in out.iter_mut().enumerate() {
            let mut mean = Mean::new(power);
            let rows = row(i).chunks(block * width).zip(row(first + j).chunks(block * width));
            for ((p, q), weights) in rows.zip(weights.chunks(block)) {
                // Whoever is to stop finds out after this block of pairs.
                if monitor.check().is_err() {
                    return;
                }
                arch().dispatch(|| {
                    let pairs = p.chunks_exact(width).zip(q.chunks_exact(width));
                    // What counts nothing may be infinite.
                    for ((p, q), &weight) in pairs.zip(weights).filter(|(_, w)| **w > 0.0) {
                        mean.add(weight, distance.between(p, q));
                    }
                });
            }
            *out = mean.value();
        }
    })
}
