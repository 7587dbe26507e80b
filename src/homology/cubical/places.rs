//! The order of keys, by counting their digits.

use crate::error::Result;
use crate::monitor::Monitor;

const DIGIT: u32 = 11;
const DIGITS: usize = 1 << DIGIT;

/// Keys that are looked at between two looks at the monitor.
const BLOCK: usize = 1 << 16;

/// Keys of which fewer are compared, since there are more digits to count.
const FEW: usize = 512;

/// Sorts one list after the other in the same memory.
#[derive(Default)]
pub struct Sorter {
    /// A key, or the leading part of it, and below that its place.
    items: Vec<u64>,
    spare: Vec<u64>,
}

/// Places of the keys in ascending order; where they tie, as they stand.
pub fn sorted_places<K: Into<u64>>(
    keys: impl Iterator<Item = K> + Clone,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let mut sorter = Sorter::default();
    Ok(sorter.sort(keys, monitor)?.iter().map(|&item| item as u32).collect())
}

impl Sorter {
    /// The same, as the lower halves of integers.
    ///
    /// Digits of the leading 32 bits, in which the keys differ, are sorted from the last
    /// to the first; what ties then is compared.
    pub fn sort<K: Into<u64>>(
        &mut self,
        keys: impl Iterator<Item = K> + Clone,
        monitor: &Monitor,
    ) -> Result<&mut [u64]> {
        let Self { items, spare } = self;
        let (mut least, mut largest, mut len) = (u64::MAX, 0, 0);
        for key in keys.clone().map(K::into) {
            if len % BLOCK == 0 {
                monitor.check()?;
            }
            (least, largest, len) = (least.min(key), largest.max(key), len + 1);
        }
        let least = least.min(largest);
        let bits = u64::BITS - (largest - least).leading_zeros();
        let rest = bits.saturating_sub(32);
        let lead = |key: u64| (key - least) >> rest;
        items.clear();
        items.resize(len, 0);
        let mut placed = keys.clone().zip(0_u64..);
        for block in items.chunks_mut(BLOCK) {
            monitor.check()?;
            for (item, (key, place)) in block.iter_mut().zip(placed.by_ref()) {
                *item = lead(key.into()) << 32 | place;
            }
        }
        if items.len() < FEW {
            items.sort_unstable();
        } else {
            spare.resize(len, 0);
            for shift in (0..bits - rest).step_by(DIGIT as usize) {
                sort_by_digit(items, spare, 32 + shift, monitor)?;
                std::mem::swap(items, spare);
            }
        }
        if rest > 0 {
            let keys: Vec<u64> = keys.map(K::into).collect();
            let key = |item: u64| (keys[item as u32 as usize], item);
            for ties in items.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|ties| ties.len() > 1)
            {
                monitor.check()?;
                ties.sort_unstable_by_key(|&item| key(item));
            }
        }
        Ok(items)
    }
}

fn sort_by_digit(items: &[u64], sorted: &mut [u64], shift: u32, monitor: &Monitor) -> Result<()> {
    let digit = |item: u64| (item >> shift) as usize % DIGITS;
    let mut ends = [0; DIGITS];
    for block in items.chunks(BLOCK) {
        monitor.check()?;
        block.iter().for_each(|&item| ends[digit(item)] += 1);
    }
    let mut end = 0;
    for count in &mut ends {
        end += std::mem::replace(count, end);
    }
    for block in items.chunks(BLOCK) {
        monitor.check()?;
        for &item in block {
            let at = &mut ends[digit(item)];
            sorted[*at as usize] = item;
            *at += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    #[test]
    fn every_pass_looks_at_the_monitor() {
        // Keys are read twice, and each of three digits is counted and sorted by.
        let blocks = 10;
        let keys = (0..blocks * BLOCK as u64).map(|k| k.wrapping_mul(0x9e37_79b9) as u32);
        let looks = 8 * blocks;
        assert!(sorted_places(keys.clone(), &Monitor::cancel_after(looks)).is_ok());
        assert!(sorted_places(keys, &Monitor::cancel_after(looks - 1)).is_err());
    }

    #[test]
    fn keys_of_any_range_are_sorted_and_ties_keep_their_order() {
        let monitor = Monitor::new();
        let random = (0..5000_u64).map(|k| (k + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for shift in [0, 7, 31, 32, 33, 50, 55, 63] {
            for offset in [0, 1 << 63] {
                let keys: Vec<u64> = random.clone().map(|key| key >> shift | offset).collect();
                let mut expected: Vec<u32> = (0..5000).collect();
                expected.sort_by_key(|&place| keys[place as usize]);
                assert_eq!(
                    sorted_places(keys.iter().copied(), &monitor).unwrap(),
                    expected,
                    "{shift}"
                );
                let keys: Vec<u32> = keys.iter().map(|&key| key as u32).collect();
                expected.sort_by_key(|&place| (keys[place as usize], place));
                assert_eq!(
                    sorted_places(keys.iter().copied(), &monitor).unwrap(),
                    expected,
                    "{shift}"
                );
            }
        }
        let few: Vec<u64> = random.map(|key| key >> 50).take(FEW - 1).collect();
        let mut expected: Vec<u32> = (0..few.len() as u32).collect();
        expected.sort_by_key(|&place| few[place as usize]);
        assert_eq!(sorted_places(few.into_iter(), &monitor).unwrap(), expected);
        assert!(sorted_places(iter::empty::<u32>(), &monitor).unwrap().is_empty());
        assert_eq!(sorted_places([7_u32; 3].into_iter(), &monitor).unwrap(), [0, 1, 2]);
    }
}
