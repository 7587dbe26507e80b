//! The order of keys, by counting their digits.

use crate::error::Result;
use crate::monitor::Monitor;

const DIGIT: u32 = 11;
const DIGITS: usize = 1 << DIGIT;

/// Keys of which fewer are compared, since there are more digits to count.
const FEW: usize = 512;

/// Places of the keys in ascending order; where they tie, as they stand.
///
/// Digits of the leading 32 bits, in which the keys differ, are sorted from the last
/// to the first; what ties then is compared.
pub fn sorted_places<K: Into<u64>>(
    keys: impl Iterator<Item = K> + Clone,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let mut range = (u64::MAX, 0);
    for key in keys.clone().map(K::into) {
        range = (range.0.min(key), range.1.max(key));
    }
    let (least, largest) = (range.0.min(range.1), range.1);
    let bits = u64::BITS - (largest - least).leading_zeros();
    let rest = bits.saturating_sub(32);
    let lead = |key: u64| (key - least) >> rest;
    let mut items: Vec<u64> =
        keys.clone().zip(0_u64..).map(|(key, place)| lead(key.into()) << 32 | place).collect();
    if items.len() < FEW {
        items.sort_unstable();
    } else {
        let mut spare = vec![0; items.len()];
        for shift in (0..bits - rest).step_by(DIGIT as usize) {
            sort_by_digit(&items, &mut spare, 32 + shift, monitor)?;
            std::mem::swap(&mut items, &mut spare);
        }
    }
    if rest > 0 {
        let keys: Vec<u64> = keys.map(K::into).collect();
        let key = |item: u64| (keys[item as u32 as usize], item);
        for ties in items.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|ties| ties.len() > 1) {
            monitor.check()?;
            ties.sort_unstable_by_key(|&item| key(item));
        }
    }
    Ok(items.into_iter().map(|item| item as u32).collect())
}

fn sort_by_digit(items: &[u64], sorted: &mut [u64], shift: u32, monitor: &Monitor) -> Result<()> {
    let digit = |item: u64| (item >> shift) as usize % DIGITS;
    let mut ends = [0; DIGITS];
    items.iter().for_each(|&item| ends[digit(item)] += 1);
    let mut end = 0;
    for count in &mut ends {
        end += std::mem::replace(count, end);
    }
    for block in items.chunks(1 << 16) {
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
