//! How often networks disagree.

use std::ops::Range;

use super::Pairs;
use super::bit_planes::{Lanes, Weights};
use super::mismatches::{
    Differing, DifferingOfShared, PairKernel, Row, Samples, Shared, count, weigh,
};
use super::registers::{Registers, with_registers};
use crate::error::Result;
use crate::monitor::Monitor;

/// What becomes of the disagreements of the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// They are kept, group after group for each pair.
    Each,
    /// Their mean.
    Mean,
    /// Their maximum.
    Worst,
}

/// Numbers of samples on which the networks of each pair differ, group after
/// group for each pair.
pub fn disagreement_counts(pairs: Pairs<'_>, monitor: &Monitor) -> Result<Vec<u32>> {
    let planes = pairs.left();
    let samples = Differing(planes.planes());
    fill(pairs, &Counts { samples, groups: planes.groups() }, monitor)
}

/// Weights of the samples on which the networks of each pair differ, group
/// after group for each pair.
pub fn weighted_disagreement(
    pairs: Pairs<'_>,
    weights: &[f64],
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let planes = pairs.left();
    let (samples, weights) = (Differing(planes.planes()), &planes.in_order(weights));
    fill(pairs, &Weighing { samples, groups: planes.groups(), weights }, monitor)
}

/// Numbers of samples that both networks of each pair predict, or of those on which
/// they differ; the last plane says what is predicted.
pub(super) fn shared_counts(
    pairs: Pairs<'_>,
    differing: bool,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let (planes, groups) = (pairs.left().planes(), pairs.left().groups());
    if differing {
        return fill(pairs, &Counts { samples: DifferingOfShared(planes), groups }, monitor);
    }
    fill(pairs, &Counts { samples: Shared(planes), groups }, monitor)
}

/// As [`shared_counts`], of what the samples weigh.
pub(super) fn shared_weights(
    pairs: Pairs<'_>,
    weights: &[f64],
    differing: bool,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let (planes, groups) = (pairs.left().planes(), pairs.left().groups());
    let weights = &pairs.left().in_order(weights);
    if differing {
        let samples = DifferingOfShared(planes);
        return fill(pairs, &Weighing { samples, groups, weights }, monitor);
    }
    fill(pairs, &Weighing { samples: Shared(planes), groups, weights }, monitor)
}

/// Shares of the samples, or of weights with the sum 1, on which the networks of
/// each pair differ.
pub fn disagreement(
    pairs: Pairs<'_>,
    weights: Option<&[f64]>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let Some(weights) = weights else {
        let samples = f64::from(pairs.left().group_sizes().iter().sum::<u32>());
        let counts = disagreement_counts(pairs, monitor)?;
        return Ok(counts.into_iter().map(|count| f64::from(count) / samples).collect());
    };
    let mut sums = weighted_disagreement(pairs, weights, monitor)?;
    sums.iter_mut().for_each(|sum| *sum = sum.min(1.0));
    Ok(sums)
}

/// Disagreements within each group, as shares of its samples or of their
/// weights, then folded.
pub fn conditional_disagreement(
    pairs: Pairs<'_>,
    weights: Option<&[f64]>,
    fold: Fold,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let (samples, groups) = (Differing(pairs.left().planes()), pairs.left().groups());
    match weights {
        None => {
            let totals = pairs.left().group_sizes().into_iter().map(f64::from).collect();
            let kernel = Counts { samples, groups };
            fill(
                pairs,
                &Conditional { kernel, totals, fold, number: |count| f64::from(count) },
                monitor,
            )
        }
        Some(weights) => {
            let weights = &pairs.left().in_order(weights);
            let total =
                |chunks: &Range<usize>| weights[chunks.clone()].iter().flat_map(|w| w.0).sum();
            let totals = groups.iter().map(total).collect();
            let kernel = Weighing { samples, groups, weights };
            fill(pairs, &Conditional { kernel, totals, fold, number: |weight| weight }, monitor)
        }
    }
}

fn fill<T: Copy + Default + Send>(
    pairs: Pairs<'_>,
    kernel: &impl PairKernel<T>,
    monitor: &Monitor,
) -> Result<Vec<T>> {
    pairs.check()?;
    let (left, others) = (pairs.left(), pairs.right());
    pairs.grid().fill(kernel.width(), others.row_bytes(), monitor, |i, first, out| {
        with_registers(Row { kernel, one: left.row(i), others, first, out });
    })
}

struct Counts<'a, S> {
    samples: S,
    groups: &'a [Range<usize>],
}

impl<S: Samples> PairKernel<u32> for Counts<'_, S> {
    fn width(&self) -> usize {
        self.groups.len()
    }

    #[inline(always)]
    fn compare<const N: usize, R: Registers>(
        &self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        out: &mut [u32],
    ) {
        for (g, chunks) in self.groups.iter().enumerate() {
            let counts = count(registers, one, others, self.samples, chunks.clone());
            let out = out[g..].iter_mut().step_by(self.groups.len());
            out.zip(counts).for_each(|(out, count)| *out = count as u32);
        }
    }
}

struct Weighing<'a, S> {
    samples: S,
    groups: &'a [Range<usize>],
    weights: &'a [Weights],
}

impl<S: Samples> PairKernel<f64> for Weighing<'_, S> {
    fn width(&self) -> usize {
        self.groups.len()
    }

    #[inline(always)]
    fn compare<const N: usize, R: Registers>(
        &self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        out: &mut [f64],
    ) {
        for (g, chunks) in self.groups.iter().enumerate() {
            let sums = weigh(registers, one, others, self.samples, chunks.clone(), self.weights);
            let out = out[g..].iter_mut().step_by(self.groups.len());
            out.zip(sums).for_each(|(out, sum)| *out = sum);
        }
    }
}

/// Numbers of groups as shares of `totals`, folded.
struct Conditional<K, T> {
    kernel: K,
    totals: Vec<f64>,
    fold: Fold,
    number: fn(T) -> f64,
}

impl<T: Copy + Default, K: PairKernel<T>> PairKernel<f64> for Conditional<K, T> {
    fn width(&self) -> usize {
        if self.fold == Fold::Each { self.totals.len() } else { 1 }
    }

    #[inline(always)]
    fn compare<const N: usize, R: Registers>(
        &self,
        registers: R,
        one: &[Lanes],
        others: [&[Lanes]; N],
        out: &mut [f64],
    ) {
        let groups = self.totals.len();
        let mut numbers = vec![T::default(); N * groups];
        self.kernel.compare(registers, one, others, &mut numbers);
        for (numbers, out) in numbers.chunks_exact(groups).zip(out.chunks_exact_mut(self.width())) {
            let shares =
                numbers.iter().zip(&self.totals).map(|(&x, total)| (self.number)(x) / total);
            match self.fold {
                Fold::Each => out.iter_mut().zip(shares).for_each(|(out, share)| *out = share),
                Fold::Mean => out[0] = shares.sum::<f64>() / groups as f64,
                Fold::Worst => out[0] = shares.fold(0.0, f64::max),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::networks::BitPlanes;

    #[test]
    fn distances_are_those_of_a_count_label_by_label() {
        let monitor = Monitor::new();
        for (networks, samples, classes) in [(2, 1, 1), (9, 513, 2), (21, 1200, 300)] {
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                ((i + 3) * (k + 1) * (k + i) % classes) as u16
            });
            let groups: Vec<u32> = (0..samples as u32).map(|k| k * k % 2).collect();
            let weights: Vec<f64> = (0..samples).map(|k| f64::from(1 + k as u32 % 9)).collect();
            let plain = BitPlanes::pack(labels.view(), 9, None, &monitor).unwrap();
            let grouped = BitPlanes::pack(labels.view(), 9, Some(&groups), &monitor).unwrap();
            let counts = disagreement_counts(Pairs::Within(&plain), &monitor).unwrap();
            let across = disagreement_counts(Pairs::Across(&plain, &plain), &monitor).unwrap();
            let sums = weighted_disagreement(Pairs::Within(&plain), &weights, &monitor).unwrap();
            let shares = disagreement(Pairs::Within(&plain), None, &monitor).unwrap();
            let at_most_one =
                disagreement(Pairs::Within(&plain), Some(&weights), &monitor).unwrap();
            let within = disagreement_counts(Pairs::Within(&grouped), &monitor).unwrap();
            let width = grouped.groups().len();
            let mut pair = 0;
            for i in 0..networks {
                for j in 0..networks {
                    let differ = |k: &usize| labels[[i, *k]] != labels[[j, *k]];
                    let count = (0..samples).filter(differ).count() as u32;
                    assert_eq!(across[i * networks + j], count);
                    if i < j {
                        assert_eq!(counts[pair], count);
                        let sum: f64 = (0..samples).filter(differ).map(|k| weights[k]).sum();
                        assert_eq!(sums[pair], sum); // whole numbers: exact
                        assert_eq!(shares[pair], f64::from(count) / samples as f64);
                        assert_eq!(at_most_one[pair], sum.min(1.0));
                        for g in 0..width {
                            let own = (0..samples).filter(|&k| groups[k] as usize == g);
                            let own = own.filter(differ).count() as u32;
                            assert_eq!(within[pair * width + g], own);
                        }
                        pair += 1;
                    }
                }
            }
        }
    }
}
