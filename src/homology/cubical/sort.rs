//! Sorting in parts, side by side, so that it can be stopped.

use rayon::prelude::*;

use super::places::sorted_places;
use crate::error::Result;
use crate::monitor::Monitor;

/// Values that are sorted at a time: a few milliseconds.
const AT_ONCE: usize = 1 << 16;

/// Samples for each part.
const SAMPLES: usize = 16;

/// What is sorted by a number first, and compared where that ties.
pub trait Ranked: Copy + Default + Ord + Send + Sync {
    /// A number in the same order.
    fn rank(&self) -> u64;
}

/// All values of some lists in ascending order. There should be few equal ones.
pub fn sorted<T: Ranked>(lists: &[&[T]], monitor: &Monitor) -> Result<Vec<T>> {
    monitor.check()?;
    let len: usize = lists.iter().map(|list| list.len()).sum();
    if len <= 2 * AT_ONCE {
        return sorted_part(&lists.concat(), monitor);
    }
    let splitters = splitters(lists, len);
    let lists: Vec<&[T]> = lists.iter().flat_map(|list| list.chunks(AT_ONCE)).collect();
    let distributed: Vec<Vec<Vec<T>>> = lists
        .par_iter()
        .map(|list| {
            monitor.check()?;
            let mut parts = vec![Vec::new(); splitters.len() + 1];
            for &value in *list {
                parts[splitters.partition_point(|splitter| *splitter <= value)].push(value);
            }
            Ok(parts)
        })
        .collect::<Result<_>>()?;
    let parts: Vec<Vec<T>> = (0..=splitters.len())
        .into_par_iter()
        .map(|part| {
            let mut values = Vec::new();
            distributed.iter().for_each(|parts| values.extend_from_slice(&parts[part]));
            sorted_part(&values, monitor)
        })
        .collect::<Result<_>>()?;
    drop(distributed);
    joined(&parts, len, monitor)
}

fn sorted_part<T: Ranked>(values: &[T], monitor: &Monitor) -> Result<Vec<T>> {
    monitor.check()?;
    let places = sorted_places(values.iter().map(T::rank), monitor)?;
    let mut sorted: Vec<T> = places.into_iter().map(|place| values[place as usize]).collect();
    for ties in sorted.chunk_by_mut(|a, b| a.rank() == b.rank()).filter(|ties| ties.len() > 1) {
        ties.sort_unstable();
    }
    Ok(sorted)
}

/// One list of all parts, which are copied side by side.
fn joined<T: Ranked>(parts: &[Vec<T>], len: usize, monitor: &Monitor) -> Result<Vec<T>> {
    let mut all = vec![T::default(); len];
    let mut left = &mut all[..];
    let mut places = Vec::with_capacity(parts.len());
    for part in parts {
        let (place, rest) = left.split_at_mut(part.len());
        places.push((place, part));
        left = rest;
    }
    places.into_par_iter().try_for_each(|(place, part)| {
        monitor.check()?;
        place.copy_from_slice(part);
        Ok(())
    })?;
    Ok(all)
}

/// Values between which about [`AT_ONCE`] others lie.
fn splitters<T: Copy + Ord>(lists: &[&[T]], len: usize) -> Vec<T> {
    let step = AT_ONCE / SAMPLES;
    let mut samples = Vec::with_capacity(len / step + lists.len());
    let mut passed = 0; // since the last sample
    for list in lists {
        samples.extend(list.iter().skip(step - 1 - passed).step_by(step));
        passed = (passed + list.len()) % step;
    }
    samples.sort_unstable();
    samples.into_iter().skip(SAMPLES - 1).step_by(SAMPLES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_lengths_are_sorted() {
        for shift in [12, 26, 32] {
            let rank = |k: u32| k.wrapping_mul(2_654_435_761).checked_shr(shift).unwrap_or(7);
            let values: Vec<(u32, u32)> = (0..300_000).rev().map(|k| (rank(k), k)).collect();
            let mut expected = values.clone();
            expected.sort_unstable();
            for length in [1_000, 4_095, 4_096, 70_000, 300_000] {
                let lists: Vec<_> = values.chunks(length).collect();
                assert!(sorted(&lists, &Monitor::new()).unwrap() == expected);
            }
            let few = sorted(&[&values[..300], &values[300..500]], &Monitor::new()).unwrap();
            assert!(few.len() == 500 && few.is_sorted());
        }
        let equal = vec![(7_u32, 7_u32); 200_000];
        assert!(sorted(&[&equal], &Monitor::new()).unwrap() == equal);
    }
}
