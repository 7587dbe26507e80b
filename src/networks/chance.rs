//! How often networks would disagree if their predictions were independent.

use ndarray::ArrayView2;

use super::Label;
use super::frequencies::label_frequencies;
use super::pairs::Grid;
use crate::error::Result;
use crate::monitor::Monitor;

/// For each pair of networks, in the order of scipy's `pdist`, how often two labels
/// differ that are drawn independently, each as often as its network predicts it:
/// the disagreement by chance of Cohen's kappa. Labels are below `kinds`.
///
/// It is Σ p(1 − q) over the labels, and 1 − q the sum of the others, so that nothing
/// cancels of networks that mostly predict one class.
pub fn chance_disagreement<L: Label>(
    labels: ArrayView2<'_, L>,
    kinds: usize,
    weights: Option<&[f64]>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let laws = label_frequencies(labels, kinds, weights, monitor)?;
    let mut others = laws.clone();
    let totals: Vec<f64> = others.chunks_exact_mut(kinds).map(sums_of_the_others).collect();
    let row = |numbers: &[f64], i: usize| i * kinds..numbers.len().min((i + 1) * kinds);
    Grid::Triangle(labels.nrows()).fill(1, 8 * kinds, monitor, |i, first, out| {
        let law = &laws[row(&laws, i)];
        for (j, out) in (first..).zip(out) {
            let products = law.iter().zip(&others[row(&others, j)]).map(|(p, other)| p * other);
            *out = products.sum::<f64>() / (totals[i] * totals[j]);
        }
    })
}

/// The same of the samples that both networks predict: `missing` stands for no label, and
/// labels are below `kinds`.
pub fn chance_disagreement_by_pairs<L: Label>(
    labels: ArrayView2<'_, L>,
    kinds: usize,
    missing: u32,
    weights: Option<&[f64]>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let row_bytes = labels.ncols() * L::BYTES;
    Grid::Triangle(labels.nrows()).fill(1, row_bytes, monitor, |i, first, out| {
        // The labels of this network by places from 1 on, and place 0 for those that only
        // others predict.
        let mut places = vec![0; kinds];
        let mut met = 1;
        let row: Vec<(usize, usize)> = (labels.row(i).into_iter().enumerate())
            .filter(|(_, label)| (**label).into() != missing)
            .map(|(sample, &label)| {
                let place = &mut places[label.into() as usize];
                if *place == 0 {
                    *place = met;
                    met += 1;
                }
                (sample, *place)
            })
            .collect();
        let (mut law, mut others) = (vec![0.0; met], vec![0.0; met]);
        for (j, out) in (first..).zip(out) {
            // Whoever is to stop finds out after this block.
            if monitor.check().is_err() {
                return;
            }
            let other = labels.row(j);
            for &(sample, place) in &row {
                let label = other[sample].into();
                if label != missing {
                    let weight = weights.map_or(1.0, |weights| weights[sample]);
                    law[place] += weight;
                    others[places[label as usize]] += weight;
                }
            }
            let totals = law.iter().sum::<f64>() * sums_of_the_others(&mut others);
            *out = law.iter().zip(&others).map(|(p, other)| p * other).sum::<f64>() / totals;
            law.fill(0.0);
            others.fill(0.0);
        }
    })
}

/// Puts the sum of all others in the place of each number, without differences, and
/// returns that of all.
fn sums_of_the_others(numbers: &mut [f64]) -> f64 {
    let mut before = Vec::with_capacity(numbers.len());
    let mut sum = 0.0;
    for number in &*numbers {
        before.push(sum);
        sum += number;
    }
    let total = sum;
    let mut after = 0.0;
    for (number, before) in numbers.iter_mut().zip(before).rev() {
        let own = std::mem::replace(number, before + after);
        after += own;
    }
    total
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    const KINDS: u32 = 6;

    /// Over all pairs of samples that the pair shares.
    fn counted(labels: &Array2<u16>, weights: &[f64], missing: u32) -> Vec<f64> {
        let mut chances = Vec::new();
        for i in 0..labels.nrows() {
            for j in i + 1..labels.nrows() {
                let shared =
                    |k: &usize| [i, j].iter().all(|&row| u32::from(labels[[row, *k]]) != missing);
                let (mut differ, mut total) = (0.0, 0.0);
                for k in (0..labels.ncols()).filter(shared) {
                    for l in (0..labels.ncols()).filter(shared) {
                        let both = weights[k] * weights[l];
                        differ += if labels[[i, k]] == labels[[j, l]] { 0.0 } else { both };
                        total += both;
                    }
                }
                chances.push(differ / total);
            }
        }
        chances
    }

    #[test]
    fn chance_is_that_of_all_pairs_of_samples() {
        let monitor = Monitor::new();
        for (networks, samples) in [(1, 3), (2, 7), (9, 150)] {
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                ((i + 3) * (k + 1) * (k + i) % KINDS as usize) as u16
            });
            // Whole numbers, so that all sums are exact.
            let weights: Vec<f64> = (0..samples).map(|k| f64::from(1 + k as u32 % 9)).collect();
            for given in [None, Some(&weights[..])] {
                let ones = vec![1.0; samples];
                let each = given.unwrap_or(&ones);
                let found = chance_disagreement(labels.view(), KINDS as usize, given, &monitor);
                assert_eq!(found.unwrap(), counted(&labels, each, KINDS));
                let found = chance_disagreement_by_pairs(
                    labels.view(),
                    KINDS as usize,
                    KINDS - 1,
                    given,
                    &monitor,
                );
                assert_eq!(found.unwrap(), counted(&labels, each, KINDS - 1));
            }
        }
    }

    #[test]
    fn rare_labels_keep_their_digits() {
        let labels = array![[0_u8, 0, 1], [0, 0, 0]];
        let weights = [0.5, 0.5, 1e-30];
        for found in [
            chance_disagreement(labels.view(), 2, Some(&weights), &Monitor::new()),
            chance_disagreement_by_pairs(labels.view(), 3, 2, Some(&weights), &Monitor::new()),
        ] {
            assert_eq!(found.unwrap(), [1e-30]);
        }
    }
}
