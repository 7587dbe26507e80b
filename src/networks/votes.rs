//! What most networks predict, and how much they agree.

use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::Label;
use crate::error::Result;
use crate::monitor::Monitor;

/// Samples that a thread looks at together: their labels are read row by row.
const BLOCK: usize = 256;

/// The votes of networks on each sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Votes {
    /// The class that most networks predict, the lowest of several; 0 where no network
    /// predicts a class.
    pub majority: Vec<u32>,
    /// Ordered pairs of networks, each with itself too, that have the same label.
    pub agreements: Vec<u64>,
}

/// Counts the labels of each sample; those from `classes` on are none that may win.
///
/// Short labels are counted in a table of all that there can be, long ones are sorted.
pub fn votes<L: Label + Into<u32>>(
    labels: ArrayView2<'_, L>,
    classes: u32,
    monitor: &Monitor,
) -> Result<Votes> {
    let (networks, samples) = labels.dim();
    let (mut majority, mut agreements) = (vec![0; samples], vec![0; samples]);
    monitor.expect(samples.div_ceil(BLOCK) as u64);
    let kinds = if L::BYTES <= 2 { 1 << (8 * L::BYTES) } else { 0 };
    let buffers = || (vec![0; BLOCK * networks], vec![0; kinds]);
    let blocks = majority.par_chunks_mut(BLOCK).zip(agreements.par_chunks_mut(BLOCK));
    blocks.enumerate().try_for_each_init(buffers, |buffers, (block, (majority, agreements))| {
        let (columns, table) = buffers;
        let first = block * BLOCK;
        let rows = labels.slice(s![.., first..first + majority.len()]);
        for (i, row) in rows.outer_iter().enumerate() {
            row.iter().enumerate().for_each(|(k, &label)| columns[k * networks + i] = label.into());
        }
        for (k, (class, pairs)) in majority.iter_mut().zip(agreements).enumerate() {
            let labels = &mut columns[k * networks..(k + 1) * networks];
            (*class, *pairs) = match kinds {
                0 => sort(labels, classes),
                _ => count(labels, table, classes),
            };
        }
        monitor.advance(1)
    })?;
    Ok(Votes { majority, agreements })
}

/// The most frequent of the labels below `classes`, and the pairs of equal labels, from
/// a table of zeros, which it is again afterwards.
fn count(labels: &[u32], table: &mut [u32], classes: u32) -> (u32, u64) {
    labels.iter().for_each(|&label| table[label as usize] += 1);
    let (mut winner, mut most, mut pairs) = (0, 0, 0);
    for &label in labels {
        let found = std::mem::take(&mut table[label as usize]);
        pairs += u64::from(found).pow(2);
        let wins = found > most || (found == most && label < winner);
        if wins && found > 0 && label < classes {
            (winner, most) = (label, found);
        }
    }
    (winner, pairs)
}

/// As [`count`], from the labels in order.
fn sort(labels: &mut [u32], classes: u32) -> (u32, u64) {
    labels.sort_unstable();
    let (mut winner, mut most, mut pairs) = (0, 0, 0);
    for equal in labels.chunk_by(|a, b| a == b) {
        pairs += (equal.len() * equal.len()) as u64;
        if equal.len() > most && equal[0] < classes {
            (winner, most) = (equal[0], equal.len());
        }
    }
    (winner, pairs)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn votes_are_those_of_a_table_of_classes_and_samples() {
        let shapes = [(1, 1, 1, 1), (4, 513, 2, 3), (9, 700, 5, 5), (30, 90, 40, 60)];
        for (networks, samples, classes, kinds) in shapes {
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                ((i + 3) * (k + 1) * (k + i + k / 7) % kinds) as u16
            });
            let mut table = Array2::<u64>::zeros((kinds, samples));
            for ((_, k), &label) in labels.indexed_iter() {
                table[[usize::from(label), k]] += 1;
            }
            let found = votes(labels.view(), classes as u32, &Monitor::new()).unwrap();
            let long = labels.mapv(u32::from);
            assert_eq!(votes(long.view(), classes as u32, &Monitor::new()).unwrap(), found);
            for (k, column) in table.columns().into_iter().enumerate() {
                let first_of_most = (0..classes).rev().max_by_key(|&c| column[c]).unwrap();
                assert_eq!(found.majority[k], first_of_most as u32);
                assert_eq!(found.agreements[k], column.iter().map(|c| c * c).sum::<u64>());
            }
        }
    }

    #[test]
    fn samples_without_networks_or_classes_have_no_winner() {
        let none = votes(Array2::<u8>::zeros((0, 3)).view(), 2, &Monitor::new()).unwrap();
        assert_eq!(none, Votes { majority: vec![0; 3], agreements: vec![0; 3] });
        let missing = Array2::<u32>::from_elem((2, 1), 7);
        let found = votes(missing.view(), 7, &Monitor::new()).unwrap();
        assert_eq!(found, Votes { majority: vec![0], agreements: vec![4] });
    }
}
