//! Disagreement where a network may predict several classes, each of them with
//! the same probability.

use std::ops::Range;

use ndarray::ArrayView2;

use super::bit_planes::{BitPlanes, Label};
use super::distances::weighted_disagreement;
use super::pairs::{Grid, Pairs};
use crate::error::Result;
use crate::monitor::Monitor;

/// What labels stand for: classes, then sets of tied classes, then none, which is a class
/// of its own.
#[derive(Debug, Clone)]
pub struct Laws {
    classes: u32,
    /// The classes of each set in ascending order.
    sets: Vec<Vec<u32>>,
}

impl Laws {
    /// Those of labels with so many classes and these sets of tied classes.
    pub fn new(classes: u32, mut tie_sets: Vec<Vec<u32>>) -> Self {
        tie_sets.iter_mut().for_each(|set| set.sort_unstable());
        Self { classes, sets: tie_sets }
    }

    /// The labels that stand for several classes.
    pub fn ties(&self) -> Range<u32> {
        self.classes..self.classes + self.sets.len() as u32
    }

    /// The classes that a label stands for, each with the same probability.
    #[inline]
    pub(super) fn members<'a>(&'a self, label: &'a u32) -> &'a [u32] {
        let set = label.checked_sub(self.classes).and_then(|set| self.sets.get(set as usize));
        set.map_or(std::slice::from_ref(label), |set| set)
    }

    /// The probability that a label gives a class.
    #[inline]
    pub(super) fn share_of(&self, label: u32, class: u32) -> f64 {
        let members = self.members(&label);
        if members.contains(&class) { 1.0 / members.len() as f64 } else { 0.0 }
    }

    /// The total variation of what two labels stand for.
    #[inline]
    pub(super) fn between(&self, one: u32, other: u32) -> f64 {
        if one == other {
            return 0.0;
        }
        if one.max(other) < self.classes {
            return 1.0;
        }
        let (mut p, mut q) = (self.members(&one), self.members(&other));
        let shares = [p, q].map(|members| 1.0 / members.len() as f64);
        let mut sum = 0.0_f64;
        // In the order of the classes, so that the sum is that of two full rows.
        while let Some(&class) = p.first().into_iter().chain(q.first()).min() {
            let (in_p, in_q) = (p.first() == Some(&class), q.first() == Some(&class));
            let [share_p, share_q] = [(in_p, shares[0]), (in_q, shares[1])]
                .map(|(is_in, share)| if is_in { share } else { 0.0 });
            sum += (share_p - share_q).abs();
            p = &p[usize::from(in_p)..];
            q = &q[usize::from(in_q)..];
        }
        0.5 * sum
    }
}

/// The samples on which any network has one of some labels.
pub fn samples_with<L: Label>(
    labels: ArrayView2<'_, L>,
    wanted: &Range<u32>,
    monitor: &Monitor,
) -> Result<Vec<usize>> {
    let mut found = vec![false; labels.ncols()];
    for row in labels.outer_iter() {
        monitor.check()?;
        found
            .iter_mut()
            .zip(row)
            .for_each(|(found, &label)| *found |= wanted.contains(&label.into()));
    }
    Ok((0..found.len()).filter(|&sample| found[sample]).collect())
}

/// Labels on the samples on which any network has tied classes.
#[derive(Debug, Clone)]
pub struct TiedLabels {
    samples: Vec<usize>,
    /// Row by row.
    labels: Vec<u32>,
}

impl TiedLabels {
    /// Takes them from all labels.
    pub fn take<L: Label>(
        labels: ArrayView2<'_, L>,
        samples: Vec<usize>,
        monitor: &Monitor,
    ) -> Result<Self> {
        let mut taken = monitor.room(labels.nrows() * samples.len())?;
        for row in labels.outer_iter() {
            monitor.check()?;
            taken.extend(samples.iter().map(|&sample| -> u32 { row[sample].into() }));
        }
        Ok(Self { samples, labels: taken })
    }

    fn row(&self, i: usize) -> &[u32] {
        &self.labels[i * self.samples.len()..][..self.samples.len()]
    }
}

/// Mean total variation of what the networks of each pair predict, in the order of
/// scipy's `pdist`; `weights` have the sum 1.
///
/// Samples without ties in any network need no probabilities: their total variation
/// is 0 or 1.
pub fn disagreement_with_ties(
    planes: &BitPlanes,
    tied: &TiedLabels,
    laws: &Laws,
    weights: &[f64],
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let mut certain = weights.to_vec();
    tied.samples.iter().for_each(|&sample| certain[sample] = 0.0);
    let mut values = weighted_disagreement(Pairs::Within(planes), &certain, monitor)?;
    let weights: Vec<f64> = tied.samples.iter().map(|&sample| weights[sample]).collect();
    let row_bytes = weights.len() * size_of::<u32>();
    let grid = Grid::Triangle(planes.len());
    let parts = grid.fill(1, row_bytes, monitor, |i, first, out| {
        for (j, out) in out.iter_mut().enumerate() {
            // Whoever is to stop finds out after this block.
            if monitor.check().is_err() {
                return;
            }
            let pairs = tied.row(i).iter().zip(tied.row(first + j)).zip(&weights);
            let terms = pairs.map(|((&p, &q), weight)| weight * laws.between(p, q));
            *out = terms.sum::<f64>();
        }
    })?;
    values.iter_mut().zip(parts).for_each(|(value, part)| *value = (*value + part).min(1.0));
    Ok(values)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Array3};

    use super::*;
    use crate::networks::{Compared, SoftDistance, soft_distances};

    #[test]
    fn ties_count_as_probabilities_do() {
        let monitor = Monitor::new();
        let (networks, classes) = (9, 4);
        let sets = vec![vec![0, 2], vec![1, 2, 3], vec![0, 1, 2, 3], vec![1, 3]];
        let laws = Laws::new(classes, sets.clone());
        for samples in [1, 60, 700] {
            // Half of the samples have no ties.
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                let label = (i + 3) * (k + 1) * (k + i) % 9;
                if k % 2 == 0 { label as u8 } else { [0, 1, 2, 3, 8][label % 5] }
            });
            let weights: Vec<f64> = (0..samples).map(|k| (k % 7) as f64 / 64.0).collect();
            let planes = Compared::Labels(4).pack(labels.view(), None, &monitor).unwrap();
            let tied = samples_with(labels.view(), &laws.ties(), &monitor).unwrap();
            assert!(tied.iter().all(|sample| sample % 2 == 0));
            let tied = TiedLabels::take(labels.view(), tied, &monitor).unwrap();
            let found = disagreement_with_ties(&planes, &tied, &laws, &weights, &monitor).unwrap();

            let shape = (networks, samples, 5);
            let full = Array3::from_shape_fn(shape, |(i, k, class)| match labels[[i, k]] {
                label @ (0..4 | 8) => f64::from(u8::from(class == (label as usize).min(4))),
                label => {
                    let set = &sets[label as usize - 4];
                    if set.contains(&(class as u32)) { 1.0 / set.len() as f64 } else { 0.0 }
                }
            });
            let full = full.into_raw_vec_and_offset().0;
            let tv = SoftDistance::TotalVariation;
            let expected = soft_distances(&full, shape, &weights, tv, 1.0, &monitor).unwrap();
            for (found, expected) in found.into_iter().zip(expected) {
                assert!((found - expected.min(1.0)).abs() < 1e-12, "{found} {expected}");
            }
        }
    }

    #[test]
    fn laws_are_as_far_apart_as_full_rows_to_the_last_bit() {
        let sets = vec![vec![0, 3, 5], vec![5, 1], vec![0, 1, 2, 3, 4, 5, 6], vec![2, 3, 4]];
        let laws = Laws::new(7, sets);
        let row = |label: u32| -> Vec<f64> {
            let members = laws.members(&label);
            let share = 1.0 / members.len() as f64;
            (0..12).map(|class| if members.contains(&class) { share } else { 0.0 }).collect()
        };
        for one in 0..12 {
            for other in 0..12 {
                let differences = row(one).into_iter().zip(row(other)).map(|(p, q)| (p - q).abs());
                let expected = 0.5 * differences.sum::<f64>();
                let found = laws.between(one, other);
                assert_eq!(found.to_bits(), expected.abs().to_bits(), "{one} {other}");
            }
        }
    }
}
