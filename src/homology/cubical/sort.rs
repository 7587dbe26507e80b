//! Sorting in parts, so that it can be stopped.

use rayon::prelude::*;

use crate::error::Result;
use crate::monitor::Monitor;

/// Values that are sorted at a time: a few milliseconds.
const AT_ONCE: usize = 1 << 16;

/// Samples for each part.
const SAMPLES: usize = 16;

/// All values of some lists in ascending order. There should be few equal ones.
pub fn sorted<T>(lists: &[&[T]], monitor: &Monitor) -> Result<Vec<T>>
where
    T: Copy + Ord + Send + Sync,
{
    monitor.check()?;
    let len: usize = lists.iter().map(|list| list.len()).sum();
    if len <= 2 * AT_ONCE {
        let mut all = lists.concat();
        all.sort_unstable();
        return Ok(all);
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
            monitor.check()?;
            let mut values = Vec::new();
            distributed.iter().for_each(|parts| values.extend_from_slice(&parts[part]));
            values.sort_unstable();
            Ok(values)
        })
        .collect::<Result<_>>()?;
    drop(distributed);
    monitor.check()?;
    Ok(parts.concat())
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
        let values: Vec<(u32, u32)> =
            (0..300_000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 12, k)).collect();
        let mut expected = values.clone();
        expected.sort_unstable();
        for length in [1_000, 4_095, 4_096, 70_000, 300_000] {
            let lists: Vec<_> = values.chunks(length).collect();
            assert!(sorted(&lists, &Monitor::new()).unwrap() == expected);
        }
        let equal = vec![7; 200_000];
        assert!(sorted(&[&equal], &Monitor::new()).unwrap() == equal);
    }
}
