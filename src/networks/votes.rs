//! What most networks predict, and how much they disagree.

use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::{Label, Laws};
use crate::error::Result;
use crate::monitor::Monitor;

/// Samples that a thread looks at together: their labels are read row by row.
const BLOCK: usize = 256;

/// The votes of networks on each sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Votes {
    /// The label that most networks predict, the lowest of several.
    pub majority: Vec<u32>,
    /// Share of the pairs of networks that disagree; 0 where there is no pair.
    pub disputes: Vec<f64>,
}

/// Counts the labels of each sample. Only those below `valid` may win and have a say;
/// where there are none, `valid` is the majority.
///
/// Short labels are counted in a table of all that there can be, long ones are sorted.
pub fn votes<L: Label>(labels: ArrayView2<'_, L>, valid: u32, monitor: &Monitor) -> Result<Votes> {
    let kinds = if L::BYTES <= 2 { 1 << (8 * L::BYTES) } else { 0 };
    sample_by_sample(
        labels,
        monitor,
        || vec![0; kinds],
        |labels, table| {
            let (winner, voters, pairs) = match kinds {
                0 => sort(labels, valid),
                _ => count(labels, table, valid),
            };
            let all = voters * voters.saturating_sub(1);
            (winner, (voters * voters - pairs) as f64 / all.max(1) as f64)
        },
    )
}

/// As [`votes`], where a set of tied classes gives each of them the same part of a vote,
/// and pairs disagree as much as the total variation of their labels says. Votes that
/// are equal but for rounding are equal.
pub fn votes_with_ties<L: Label>(
    labels: ArrayView2<'_, L>,
    laws: &Laws,
    monitor: &Monitor,
) -> Result<Votes> {
    const ROUNDING: f64 = 1e-9;
    sample_by_sample(labels, monitor, Vec::<(u32, f64)>::new, |labels, votes| {
        labels.sort_unstable();
        let kinds: Vec<(u32, f64)> =
            labels.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as f64)).collect();
        votes.clear();
        for (label, voters) in &kinds {
            let members = laws.members(label);
            votes.extend(members.iter().map(|&class| (class, voters / members.len() as f64)));
        }
        votes.sort_by_key(|vote| vote.0);
        let (mut winner, mut most) = (0, 0.0);
        for class in votes.chunk_by(|a, b| a.0 == b.0) {
            let sum: f64 = class.iter().map(|vote| vote.1).sum();
            if sum > most + ROUNDING {
                (winner, most) = (class[0].0, sum);
            }
        }
        let mut apart = 0.0;
        for (k, (one, voters)) in kinds.iter().enumerate() {
            for (other, others) in &kinds[..k] {
                apart += voters * others * laws.between(*one, *other);
            }
        }
        let pairs = labels.len() * labels.len().saturating_sub(1) / 2;
        (winner, apart / pairs.max(1) as f64)
    })
}

/// Finds the majority and the disputes of each sample from its labels, one a network.
fn sample_by_sample<L: Label, B>(
    labels: ArrayView2<'_, L>,
    monitor: &Monitor,
    buffer: impl Fn() -> B + Sync + Send,
    votes_of: impl Fn(&mut [u32], &mut B) -> (u32, f64) + Sync + Send,
) -> Result<Votes> {
    let (networks, samples) = labels.dim();
    let (mut majority, mut disputes) = (vec![0; samples], vec![0.0; samples]);
    monitor.expect(samples.div_ceil(BLOCK) as u64);
    let buffers = || (vec![0; BLOCK * networks], buffer());
    let blocks = majority.par_chunks_mut(BLOCK).zip(disputes.par_chunks_mut(BLOCK));
    blocks.enumerate().try_for_each_init(buffers, |buffers, (block, (majority, disputes))| {
        let (columns, buffer) = buffers;
        let first = block * BLOCK;
        let rows = labels.slice(s![.., first..first + majority.len()]);
        for (i, row) in rows.outer_iter().enumerate() {
            row.iter().enumerate().for_each(|(k, &label)| columns[k * networks + i] = label.into());
        }
        for (k, (winner, dispute)) in majority.iter_mut().zip(disputes).enumerate() {
            monitor.check()?;
            let labels = &mut columns[k * networks..(k + 1) * networks];
            (*winner, *dispute) = votes_of(labels, buffer);
        }
        monitor.advance(1)
    })?;
    Ok(Votes { majority, disputes })
}

/// The most frequent of the labels below `valid`, how many there are, and the ordered pairs
/// of equal ones, each with itself too, from a table of zeros, which it is again afterwards.
fn count(labels: &[u32], table: &mut [u32], valid: u32) -> (u32, u64, u64) {
    labels.iter().for_each(|&label| table[label as usize] += 1);
    let (mut winner, mut most, mut voters, mut pairs) = (valid, 0, 0, 0);
    for &label in labels {
        let found = std::mem::take(&mut table[label as usize]);
        if label < valid && found > 0 {
            voters += u64::from(found);
            pairs += u64::from(found).pow(2);
            if found > most || (found == most && label < winner) {
                (winner, most) = (label, found);
            }
        }
    }
    (winner, voters, pairs)
}

/// As [`count`], from the labels in order.
fn sort(labels: &mut [u32], valid: u32) -> (u32, u64, u64) {
    labels.sort_unstable();
    let (mut winner, mut most, mut voters, mut pairs) = (valid, 0, 0, 0);
    for equal in labels.chunk_by(|a, b| a == b).filter(|equal| equal[0] < valid) {
        let found = equal.len() as u64;
        voters += found;
        pairs += found.pow(2);
        if found > most {
            (winner, most) = (equal[0], found);
        }
    }
    (winner, voters, pairs)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn votes_are_those_of_a_table_of_classes_and_samples() {
        let shapes = [(1, 1, 1, 1), (4, 513, 2, 3), (9, 700, 5, 5), (30, 90, 40, 60)];
        for (networks, samples, valid, kinds) in shapes {
            let labels = Array2::from_shape_fn((networks, samples), |(i, k)| {
                ((i + 3) * (k + 1) * (k + i + k / 7) % kinds) as u16
            });
            let mut table = Array2::<u64>::zeros((kinds, samples));
            for ((_, k), &label) in labels.indexed_iter() {
                table[[usize::from(label), k]] += 1;
            }
            let found = votes(labels.view(), valid as u32, &Monitor::new()).unwrap();
            let long = labels.mapv(u32::from);
            assert_eq!(votes(long.view(), valid as u32, &Monitor::new()).unwrap(), found);
            for (k, column) in table.columns().into_iter().enumerate() {
                let counts = &column.to_vec()[..valid];
                let voters: u64 = counts.iter().sum();
                let first_of_most = (0..valid).rev().max_by_key(|&c| counts[c]).unwrap();
                let winner = if voters == 0 { valid } else { first_of_most };
                assert_eq!(found.majority[k], winner as u32);
                let differ = voters * voters - counts.iter().map(|c| c * c).sum::<u64>();
                let pairs = (voters * voters - voters).max(1);
                assert_eq!(found.disputes[k], differ as f64 / pairs as f64);
            }
        }
    }

    #[test]
    fn samples_without_networks_or_labels_have_no_winner() {
        let none = votes(Array2::<u8>::zeros((0, 3)).view(), 2, &Monitor::new()).unwrap();
        assert_eq!(none, Votes { majority: vec![2; 3], disputes: vec![0.0; 3] });
        let missing = Array2::<u32>::from_elem((2, 1), 7);
        let found = votes(missing.view(), 7, &Monitor::new()).unwrap();
        assert_eq!(found, Votes { majority: vec![7], disputes: vec![0.0] });
    }

    #[test]
    fn ties_share_their_votes() {
        // Classes 0 to 2, then {1, 2} and {0, 1, 2}.
        let laws = Laws::new(3, vec![vec![1, 2], vec![0, 1, 2]]);
        let labels = array![[0_u8, 0, 4, 2], [3, 3, 4, 2], [2, 4, 4, 2]];
        let found = votes_with_ties(labels.view(), &laws, &Monitor::new()).unwrap();
        assert_eq!(found.majority, [2, 0, 0, 2]);
        let third = 1.0 / 3.0;
        let expected = [(1.0 + 0.5 + 1.0) / 3.0, (1.0 + 2.0 * third + third) / 3.0, 0.0, 0.0];
        for (found, expected) in found.disputes.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
        let without = array![[0_u8, 1, 2], [2, 1, 1], [2, 0, 0]];
        assert_eq!(
            votes_with_ties(without.view(), &laws, &Monitor::new()),
            votes(without.view(), 3, &Monitor::new())
        );
    }
}
