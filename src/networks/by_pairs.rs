//! Disagreement of networks that do not all predict all samples.

use super::bit_planes::BitPlanes;
use super::distances::{shared_counts, shared_weights};
use super::pairs::Pairs;
use crate::error::Result;
use crate::monitor::Monitor;

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

/// Leaves out, for each pair, the samples that either does not predict, as packed by
/// [`Predicted`](super::Compared::Predicted) or
/// [`PredictedCorrect`](super::Compared::PredictedCorrect).
pub fn disagreement_by_pairs(
    planes: &BitPlanes,
    weights: Option<&[f64]>,
    monitor: &Monitor,
) -> Result<ByPairs> {
    let pairs = Pairs::Within(planes);
    let (differ, both, sizes) = match weights {
        None => {
            let differ = floats(shared_counts(pairs, true, monitor)?);
            let both = floats(shared_counts(pairs, false, monitor)?);
            (differ, both.clone(), both)
        }
        Some(weights) => {
            let differ = shared_weights(pairs, weights, true, monitor)?;
            let both = shared_weights(pairs, weights, false, monitor)?;
            let squares: Vec<f64> = weights.iter().map(|weight| weight * weight).collect();
            let mut sizes = shared_weights(pairs, &squares, false, monitor)?;
            sizes.iter_mut().zip(&both).for_each(|(size, both)| *size = both * both / *size);
            (differ, both, sizes)
        }
    };
    let apart = numbered(planes.len()).zip(&both).find(|(_, both)| **both == 0.0);
    // The sums of a share are rounded each in its way.
    let values = differ.iter().zip(&both).map(|(differ, both)| (differ / both).min(1.0)).collect();
    Ok(ByPairs { values, sizes, apart: apart.map(|(pair, _)| pair) })
}

fn floats(counts: Vec<u32>) -> Vec<f64> {
    counts.into_iter().map(f64::from).collect()
}

fn numbered(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).flat_map(move |i| (i + 1..len).map(move |j| (i, j)))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::networks::Compared;

    const MISSING: u16 = 5;

    fn planes(labels: &Array2<u16>) -> BitPlanes {
        let compared = Compared::Predicted(3, u32::from(MISSING));
        compared.pack(labels.view(), None, &Monitor::new()).unwrap()
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
        numbered(labels.nrows()).map(of_pair).unzip()
    }

    #[test]
    fn shares_are_those_of_the_samples_that_both_predict() {
        let monitor = Monitor::new();
        for (networks, samples) in [(2, 6), (9, 513), (21, 1200)] {
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                ((i + 3) * (k + 1) * (k + i) % 6) as u16
            });
            let planes = planes(&labels);
            let found = disagreement_by_pairs(&planes, None, &monitor).unwrap();
            let (values, sizes) = counted(&labels, &vec![1.0; samples]);
            assert_eq!(found, ByPairs { values, sizes, apart: None });

            // Whole numbers, so that all sums are exact.
            let weights: Vec<f64> = (0..samples).map(|k| f64::from(1 + k as u32 % 9)).collect();
            let found = disagreement_by_pairs(&planes, Some(&weights), &monitor);
            let (values, sizes) = counted(&labels, &weights);
            assert_eq!(found.unwrap(), ByPairs { values, sizes, apart: None });
        }
    }

    #[test]
    fn a_light_sample_that_is_shared_is_not_lost_among_heavy_ones() {
        let labels = ndarray::array![[0, 1, 2, MISSING], [0, 2, MISSING, 3]];
        let weights = [1e-20, 3e-20, 0.5, 0.5];
        let found = disagreement_by_pairs(&planes(&labels), Some(&weights), &Monitor::new());
        let found = found.unwrap();
        assert_eq!((&found.values[..], found.apart), (&[0.75][..], None));
        assert!((found.sizes[0] - 1.6).abs() < 1e-15);
    }

    #[test]
    fn the_first_pair_without_a_common_sample_is_named() {
        let mut labels = Array2::from_elem((4, 10), MISSING);
        for (row, own) in [(0, 0..10), (1, 0..5), (2, 4..8), (3, 5..10)] {
            own.for_each(|k| labels[[row, k]] = 1);
        }
        let found = disagreement_by_pairs(&planes(&labels), None, &Monitor::new()).unwrap();
        assert_eq!(found.apart, Some((1, 3)));
    }
}
