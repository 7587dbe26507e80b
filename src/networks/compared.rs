//! What is compared of labels.

use ndarray::ArrayView2;

use super::bit_planes::{BitPlanes, Label};
use crate::error::Result;
use crate::monitor::Monitor;

/// What of the labels of networks is compared.
#[derive(Debug, Clone, Copy)]
pub enum Compared<'a> {
    /// The labels, which need so many bits.
    Labels(usize),
    /// The labels by other numbers, one for each.
    Renumbered(&'a [u32]),
    /// Whether they are the true ones.
    Correct(&'a [u32]),
    /// The labels, which need so many bits, at most 31, and in a bit more whether there is
    /// one: this number stands for a missing label.
    Predicted(usize, u32),
    /// Whether they are the true ones, and in a second bit whether there is one.
    PredictedCorrect(&'a [u32], u32),
}

impl Compared<'_> {
    /// Bits that it takes.
    pub fn planes(self) -> usize {
        match self {
            Compared::Labels(planes) => planes,
            Compared::Renumbered(numbers) => {
                let largest = numbers.iter().max().copied().unwrap_or(0);
                (u32::BITS - largest.leading_zeros()).max(1) as usize
            }
            Compared::Correct(_) => 1,
            Compared::Predicted(planes, _) => planes + 1,
            Compared::PredictedCorrect(..) => 2,
        }
    }

    /// Packs it, one network a row; `groups` numbers the group of each sample
    /// from zero.
    pub fn pack<L: Label>(
        self,
        labels: ArrayView2<'_, L>,
        groups: Option<&[u32]>,
        monitor: &Monitor,
    ) -> Result<BitPlanes> {
        let planes = self.planes();
        match self {
            Compared::Labels(_) => BitPlanes::pack(labels, planes, groups, monitor),
            Compared::Renumbered(numbers) => {
                let number = |label: L, _| numbers[label.into() as usize];
                BitPlanes::pack_as(labels, number, planes, groups, monitor)
            }
            Compared::Correct(truth) => {
                let number = |label: L, sample: usize| u8::from(label.into() == truth[sample]);
                BitPlanes::pack_as(labels, number, planes, groups, monitor)
            }
            Compared::Predicted(planes_of_label, missing) => {
                let number = |label: L, _| match label.into() {
                    label if label == missing => 0,
                    label => label | 1 << planes_of_label,
                };
                BitPlanes::pack_as(labels, number, planes, groups, monitor)
            }
            Compared::PredictedCorrect(truth, missing) => {
                let number = |label: L, sample: usize| match label.into() {
                    label if label == missing => 0,
                    label => 2 | u8::from(label == truth[sample]),
                };
                BitPlanes::pack_as(labels, number, planes, groups, monitor)
            }
        }
    }
}

/// Numbers for the labels of two sets of networks, the same for the same: classes
/// come first, then sets of tied classes, then the missing label, as in each.
pub fn common_numbers(classes: [u32; 2], tie_sets: [&[Vec<u32>]; 2]) -> [Vec<u32>; 2] {
    let most = classes[0].max(classes[1]);
    let mut sets: Vec<&[u32]> = Vec::new();
    let mut seen = rustc_hash::FxHashMap::default();
    for set in tie_sets.into_iter().flatten() {
        seen.entry(set).or_insert_with(|| {
            sets.push(set);
            most + sets.len() as u32 - 1
        });
    }
    let missing = most + sets.len() as u32;
    [0, 1].map(|side| {
        let tied = tie_sets[side].iter().map(|set| seen[set]);
        (0..classes[side]).chain(tied).chain([missing]).collect()
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::networks::{Pairs, disagreement_counts};

    const MISSING: u32 = 6;

    /// Counts of differing numbers, label by label.
    fn counted(labels: &Array2<u16>, number: impl Fn(u32, usize) -> u32) -> Vec<u32> {
        let mut counts = Vec::new();
        for i in 0..labels.nrows() {
            for j in i + 1..labels.nrows() {
                let at = |row: usize, k: usize| number(u32::from(labels[[row, k]]), k);
                counts.push((0..labels.ncols()).filter(|&k| at(i, k) != at(j, k)).count() as u32);
            }
        }
        counts
    }

    #[test]
    fn what_is_packed_differs_where_it_differs_label_by_label() {
        let monitor = Monitor::new();
        let labels = Array2::from_shape_fn((7, 1100), |(i, k)| ((i + 2) * k * (k + i) % 7) as u16);
        let truth: Vec<u32> = (0..1100).map(|k| k * k % 6).collect();
        let numbers = [300, 2, 1, 0, 70_000, 5, 9];
        let groups: Vec<u32> = (0..1100).map(|k| k % 2).collect();
        let correct = |label, k: usize| u32::from(label == truth[k]);
        for (compared, counts) in [
            (Compared::Labels(3), counted(&labels, |label, _| label)),
            (Compared::Renumbered(&numbers), counted(&labels, |label, _| numbers[label as usize])),
            (Compared::Correct(&truth), counted(&labels, correct)),
            (Compared::Predicted(3, MISSING), counted(&labels, |label, _| label)),
            (
                Compared::PredictedCorrect(&truth, MISSING),
                counted(&labels, |label, k| if label == MISSING { 2 } else { correct(label, k) }),
            ),
        ] {
            let plain = compared.pack(labels.view(), None, &monitor).unwrap();
            assert_eq!(disagreement_counts(Pairs::Within(&plain), &monitor).unwrap(), counts);
            let grouped = compared.pack(labels.view(), Some(&groups), &monitor).unwrap();
            let halves = disagreement_counts(Pairs::Within(&grouped), &monitor).unwrap();
            let sums: Vec<u32> = halves.chunks_exact(2).map(|half| half[0] + half[1]).collect();
            assert_eq!(sums, counts);
        }
    }

    #[test]
    fn the_same_labels_of_two_sets_of_networks_have_one_number() {
        let (one, other) = ([vec![0, 1], vec![0, 2]], [vec![1, 2], vec![0, 1]]);
        let numbers = common_numbers([3, 4], [&one, &other]);
        assert_eq!(numbers[0], [0, 1, 2, 4, 5, 7]);
        assert_eq!(numbers[1], [0, 1, 2, 3, 6, 4, 7]);
        assert_eq!(common_numbers([2, 1], [&[], &[]]), [vec![0, 1, 2], vec![0, 2]]);
    }
}
