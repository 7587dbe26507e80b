//! Disagreement of networks that do not all predict all samples.

use super::bit_planes::BitPlanes;
use super::distances::{disagreement_counts, weighted_disagreement};
use super::pairs::Pairs;
use crate::error::Result;
use crate::monitor::Monitor;

/// Weights of samples, and what their sums and those of their squares are over
/// the samples that each network predicts.
#[derive(Debug, Clone, Copy)]
pub struct Weighted<'a> {
    /// What each sample counts.
    pub weights: &'a [f64],
    /// What each network predicts of it.
    pub predicted: &'a [f64],
    /// The same of the squares.
    pub predicted_squares: &'a [f64],
}

/// Disagreement of each pair on what both predict, in the order of scipy's
/// `pdist`.
#[derive(Debug, Clone, PartialEq)]
pub struct ByPairs {
    /// Shares of the samples, or of their weights.
    pub values: Vec<f64>,
    /// Effective numbers of samples, (Σv)² / Σv².
    pub sizes: Vec<f64>,
    /// The first pair without a sample that both predict.
    pub apart: Option<(usize, usize)>,
}

/// Leaves out, for each pair, the samples that either does not predict.
///
/// Missing labels must differ from all others in `labels`; `present` holds a bit
/// for each sample, 1 where it is predicted.
pub fn disagreement_by_pairs(
    labels: &BitPlanes,
    present: &BitPlanes,
    weighted: Option<Weighted<'_>>,
    monitor: &Monitor,
) -> Result<ByPairs> {
    let (labels, present) = (Pairs::Within(labels), Pairs::Within(present));
    let Some(Weighted { weights, predicted, predicted_squares }) = weighted else {
        let predicted: Vec<f64> = present.left().ones().map(|ones| ones as f64).collect();
        let differ = floats(disagreement_counts(labels, monitor)?);
        let by_one = floats(disagreement_counts(present, monitor)?);
        let by_both = by_both(&by_one, &predicted, monitor)?;
        let (values, apart) = (shares(differ, &by_one, &by_both), first(&by_both, 0.5, &predicted));
        return Ok(ByPairs { values, sizes: by_both, apart });
    };
    let differ = weighted_disagreement(labels, weights, monitor)?;
    let by_one = weighted_disagreement(present, weights, monitor)?;
    let mut sizes = by_both(&by_one, predicted, monitor)?;
    // Zero but for rounding.
    let (values, apart) = (shares(differ, &by_one, &sizes), first(&sizes, 1e-12, predicted));
    let squares: Vec<f64> = weights.iter().map(|weight| weight * weight).collect();
    let by_one = weighted_disagreement(present, &squares, monitor)?;
    let squares = by_both(&by_one, predicted_squares, monitor)?;
    sizes.iter_mut().zip(squares).for_each(|(size, squares)| *size = *size * *size / squares);
    Ok(ByPairs { values, sizes, apart })
}

fn floats(counts: Vec<u32>) -> Vec<f64> {
    counts.into_iter().map(f64::from).collect()
}

fn pairs(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).flat_map(move |i| (i + 1..len).map(move |j| (i, j)))
}

/// What both networks of each pair predict, from what one of them predicts.
fn by_both(by_one: &[f64], predicted: &[f64], monitor: &Monitor) -> Result<Vec<f64>> {
    let mut both = Vec::with_capacity(by_one.len());
    for (i, one) in predicted.iter().enumerate() {
        monitor.check()?;
        let row = predicted[i + 1..].iter().zip(&by_one[both.len()..]);
        both.extend(row.map(|(other, by_one)| (one + other - by_one) / 2.0));
    }
    Ok(both)
}

/// Where one of two networks misses, their labels differ.
fn shares(mut differ: Vec<f64>, by_one: &[f64], by_both: &[f64]) -> Vec<f64> {
    for ((value, by_one), by_both) in differ.iter_mut().zip(by_one).zip(by_both) {
        *value = ((*value - by_one) / by_both).clamp(0.0, 1.0);
    }
    differ
}

fn first(by_both: &[f64], least: f64, predicted: &[f64]) -> Option<(usize, usize)> {
    pairs(predicted.len()).zip(by_both).find(|(_, both)| **both < least).map(|(pair, _)| pair)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::networks::Compared;

    const MISSING: u16 = 5;

    fn planes(labels: &Array2<u16>) -> [BitPlanes; 2] {
        [Compared::Labels(3), Compared::Present(u32::from(MISSING))]
            .map(|compared| compared.pack(labels.view(), None, &Monitor::new()).unwrap())
    }

    /// Shares and effective sizes, sample by sample.
    fn counted(labels: &Array2<u16>, weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let of_pair = |(i, j)| {
            let (one, other) = (labels.row(i), labels.row(j));
            let both = (0..weights.len()).filter(|&k| one[k] != MISSING && other[k] != MISSING);
            let (mut differ, mut sum, mut squares) = (0.0, 0.0, 0.0);
            for k in both {
                differ += if one[k] == other[k] { 0.0 } else { weights[k] };
                sum += weights[k];
                squares += weights[k] * weights[k];
            }
            (differ / sum, sum * sum / squares)
        };
        pairs(labels.nrows()).map(of_pair).unzip()
    }

    #[test]
    fn shares_are_those_of_the_samples_that_both_predict() {
        let monitor = Monitor::new();
        for (networks, samples) in [(2, 6), (9, 513), (21, 1200)] {
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                ((i + 3) * (k + 1) * (k + i) % 6) as u16
            });
            let [of_labels, present] = planes(&labels);
            let found = disagreement_by_pairs(&of_labels, &present, None, &monitor).unwrap();
            let (values, sizes) = counted(&labels, &vec![1.0; samples]);
            assert_eq!(found, ByPairs { values, sizes, apart: None });

            // Whole numbers, so that all sums are exact.
            let weights: Vec<f64> = (0..samples).map(|k| f64::from(1 + k as u32 % 9)).collect();
            let of_network = |row: usize, power: i32| -> f64 {
                let own = (0..samples).filter(|&k| labels[[row, k]] != MISSING);
                own.map(|k| weights[k].powi(power)).sum()
            };
            let total = |power| (0..networks).map(|row| of_network(row, power)).collect::<Vec<_>>();
            let (predicted, predicted_squares) = (total(1), total(2));
            let weighted = Weighted {
                weights: &weights,
                predicted: &predicted,
                predicted_squares: &predicted_squares,
            };
            let found = disagreement_by_pairs(&of_labels, &present, Some(weighted), &monitor);
            let (values, sizes) = counted(&labels, &weights);
            assert_eq!(found.unwrap(), ByPairs { values, sizes, apart: None });
        }
    }

    #[test]
    fn the_first_pair_without_a_common_sample_is_named() {
        let mut labels = Array2::from_elem((4, 10), MISSING);
        for (row, own) in [(0, 0..10), (1, 0..5), (2, 4..8), (3, 5..10)] {
            own.for_each(|k| labels[[row, k]] = 1);
        }
        let [of_labels, present] = planes(&labels);
        let found = disagreement_by_pairs(&of_labels, &present, None, &Monitor::new()).unwrap();
        assert_eq!(found.apart, Some((1, 3)));
    }
}
