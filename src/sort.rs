//! Sorting in parts, so that it can be stopped.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::blocks::copy;
use crate::error::Result;
use crate::monitor::Monitor;

/// Values that are sorted at a time: a few milliseconds.
const AT_ONCE: usize = 1 << 15;

/// Samples for each part.
const SAMPLES: usize = 16;

/// All values of some lists in ascending order.
pub fn sorted<T>(lists: &[&[T]], monitor: &Monitor) -> Result<Vec<T>>
where
    T: Copy + Ord + Send + Sync,
{
    sorted_by(lists, T::cmp, monitor)
}

/// Sorts a list. What is equal should be so in all respects: its order is any.
pub fn sort_by<T>(
    list: &mut [T],
    compare: impl Fn(&T, &T) -> Ordering + Sync,
    monitor: &Monitor,
) -> Result<()>
where
    T: Copy + Send + Sync,
{
    if list.len() <= 2 * AT_ONCE {
        list.sort_unstable_by(compare);
        return monitor.check();
    }
    let sorted = sorted_by(&[list], compare, monitor)?;
    copy(&sorted, list, monitor)
}

/// Puts the entry at place `nth` of the sorted list there, what is before it before, and
/// the others behind.
pub fn select_nth_by<T: Copy>(
    mut list: &mut [T],
    mut nth: usize,
    compare: impl Fn(&T, &T) -> Ordering,
    monitor: &Monitor,
) -> Result<()> {
    while list.len() > 4 * AT_ONCE {
        // A pivot that leaves the entry, and little else, on its shorter side.
        const SAMPLE: usize = 1 << 10;
        let mut sample: Vec<T> = list.iter().step_by(list.len() / SAMPLE).copied().collect();
        sample.sort_unstable_by(&compare);
        let (place, margin) = (sample.len() * nth / list.len(), SAMPLE / 32);
        let pivot = match 2 * nth < list.len() {
            true => sample[(place + margin).min(sample.len() - 1)],
            false => sample[place.saturating_sub(margin)],
        };
        let less = partition(list, |entry| compare(entry, &pivot).is_lt(), monitor)?;
        if nth < less {
            list = &mut list[..less];
            continue;
        }
        (list, nth) = (&mut list[less..], nth - less);
        let equal = partition(list, |entry| compare(entry, &pivot).is_le(), monitor)?;
        if nth < equal {
            return Ok(());
        }
        (list, nth) = (&mut list[equal..], nth - equal);
    }
    if nth < list.len() {
        list.select_nth_unstable_by(nth, compare);
    }
    monitor.check()
}

/// Moves the entries that are wanted to the front; their number.
fn partition<T: Copy>(
    list: &mut [T],
    is_wanted: impl Fn(&T) -> bool,
    monitor: &Monitor,
) -> Result<usize> {
    let mut count = 0;
    for start in (0..list.len()).step_by(AT_ONCE) {
        monitor.check()?;
        for k in start..list.len().min(start + AT_ONCE) {
            let wanted = is_wanted(&list[k]);
            list.swap(count, k);
            count += usize::from(wanted);
        }
    }
    Ok(count)
}

/// As [`sorted`], in another order.
fn sorted_by<T>(
    lists: &[&[T]],
    compare: impl Fn(&T, &T) -> Ordering + Sync,
    monitor: &Monitor,
) -> Result<Vec<T>>
where
    T: Copy + Send + Sync,
{
    monitor.check()?;
    let len: usize = lists.iter().map(|list| list.len()).sum();
    if len <= 2 * AT_ONCE {
        let mut all = lists.concat();
        all.sort_unstable_by(compare);
        return Ok(all);
    }
    let splitters = splitters(lists, len, &compare);
    let lists: Vec<&[T]> = lists.iter().flat_map(|list| list.chunks(AT_ONCE)).collect();
    let distributed: Vec<Vec<Vec<T>>> = lists
        .par_iter()
        .map(|list| {
            monitor.check()?;
            let mut parts = vec![Vec::new(); splitters.len() + 1];
            for &value in *list {
                let part = splitters.partition_point(|splitter| compare(splitter, &value).is_le());
                parts[part].push(value);
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
            values.sort_unstable_by(&compare);
            Ok(values)
        })
        .collect::<Result<_>>()?;
    drop(distributed);
    let mut all = Vec::with_capacity(len);
    for part in parts {
        monitor.check()?;
        all.extend(part);
    }
    Ok(all)
}

/// Values between which about [`AT_ONCE`] others lie.
fn splitters<T: Copy>(lists: &[&[T]], len: usize, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let step = AT_ONCE / SAMPLES;
    let mut samples = Vec::with_capacity(len / step + lists.len());
    let mut passed = 0; // since the last sample
    for list in lists {
        samples.extend(list.iter().skip(step - 1 - passed).step_by(step));
        passed = (passed + list.len()) % step;
    }
    samples.sort_unstable_by(compare);
    samples.into_iter().skip(SAMPLES - 1).step_by(SAMPLES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_entry_parts_a_list() {
        let len = 400_000_u32;
        for levels in [u32::MAX, 1000, 3, 1] {
            let list: Vec<_> =
                (0..len).map(|k| (k.wrapping_mul(2_654_435_761) >> 7) % levels).collect();
            let mut expected = list.clone();
            expected.sort_unstable();
            for nth in [0, 1, 5_000, 200_000, 399_999] {
                let mut found = list.clone();
                select_nth_by(&mut found, nth, u32::cmp, &Monitor::new()).unwrap();
                assert_eq!(found[nth], expected[nth]);
                assert!(found[..nth].iter().all(|x| *x <= expected[nth]));
                assert!(found[nth..].iter().all(|x| *x >= expected[nth]));
                found.sort_unstable();
                assert!(found == expected);
            }
        }
    }

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
        let mut falling = values;
        sort_by(&mut falling, |a, b| b.cmp(a), &Monitor::new()).unwrap();
        expected.reverse();
        assert!(falling == expected);
    }
}
