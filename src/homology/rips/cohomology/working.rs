//! A column at work: a sum of entries, of which several may belong to one simplex.
//!
//! Pivots ascend while a column is reduced: what is added begins at the pivot. So entries lie in
//! a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990), by the highest bit in which they differ
//! from the one that was last taken out. To find the next, the lowest entries are spread over
//! lower buckets; each entry moves a few times, from one row of memory to another.
//!
//! A column is added as the coboundaries of its operations, of which some entries come before
//! the pivot. These cancel each other, and would spoil the order of the buckets: they are left
//! out.

use super::simplex::Key;
use crate::error::Result;
use crate::homology::field::Field;
use crate::monitor::Monitor;

/// A simplex with a coefficient.
#[derive(Debug, Clone, Copy)]
pub struct Entry<K, E> {
    pub key: K,
    pub coefficient: E,
}

/// A sum of entries.
#[derive(Debug)]
pub struct WorkingColumn<K, F: Field> {
    field: F,
    /// The simplex that was last taken out; none before it is left.
    last: K,
    buckets: Vec<Vec<Entry<K, F::Element>>>,
    /// Bits for the buckets that are not empty.
    full: [u64; 3],
    /// Bytes of all buckets.
    bytes: u64,
}

/// Entries between two looks at the monitor.
const AT_ONCE: usize = 1 << 14;

impl<K: Key, F: Field> WorkingColumn<K, F> {
    pub fn new(field: F) -> Self {
        let buckets = (0..=8 * size_of::<K>()).map(|_| Vec::new()).collect();
        Self { field, last: K::from_rank(0), buckets, full: [0; 3], bytes: 0 }
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Empties it.
    pub fn clear(&mut self) {
        while let Some(lowest) = self.lowest() {
            self.empty(lowest);
        }
        self.last = K::from_rank(0);
    }

    #[inline]
    pub fn push(&mut self, key: K, coefficient: F::Element) {
        if key < self.last {
            return;
        }
        let place = key.height_over(self.last);
        let bucket = &mut self.buckets[place];
        if bucket.len() == bucket.capacity() {
            let before = bucket.capacity();
            bucket.reserve(1);
            self.bytes += ((bucket.capacity() - before) * size_of::<Entry<K, F::Element>>()) as u64;
        }
        bucket.push(Entry { key, coefficient });
        self.full[place / 64] |= 1 << (place % 64);
    }

    /// The first entry that does not cancel, left in its place.
    #[inline]
    pub fn pivot(&mut self, monitor: &Monitor) -> Result<Option<Entry<K, F::Element>>> {
        let pivot = self.pop(monitor)?;
        if let Some(Entry { key, coefficient }) = pivot {
            self.push(key, coefficient);
        }
        Ok(pivot)
    }

    /// Takes the first entry that does not cancel.
    pub fn pop(&mut self, monitor: &Monitor) -> Result<Option<Entry<K, F::Element>>> {
        while let Some(lowest) = self.lowest() {
            monitor.check()?;
            if lowest > 0 {
                self.spread(lowest, monitor)?;
            }
            let mut sum = None;
            for entry in &self.buckets[0] {
                sum = match sum {
                    Some(sum) => self.field.add(sum, entry.coefficient),
                    None => Some(entry.coefficient),
                };
            }
            self.empty(0);
            if let Some(coefficient) = sum {
                return Ok(Some(Entry { key: self.last, coefficient }));
            }
        }
        Ok(None)
    }

    /// Moves the entries of a bucket to lower ones, the first of them to the lowest.
    fn spread(&mut self, lowest: usize, monitor: &Monitor) -> Result<()> {
        let mut bucket = std::mem::take(&mut self.buckets[lowest]);
        let mut first = bucket[0].key;
        for entries in bucket.chunks(AT_ONCE) {
            monitor.check()?;
            first = entries.iter().map(|entry| entry.key).fold(first, K::min);
        }
        self.last = first;
        for entries in bucket.chunks(AT_ONCE) {
            monitor.check()?;
            entries.iter().for_each(|entry| self.push(entry.key, entry.coefficient));
        }
        bucket.clear();
        self.buckets[lowest] = bucket;
        self.empty(lowest);
        Ok(())
    }

    fn lowest(&self) -> Option<usize> {
        let word = self.full.iter().position(|&word| word != 0)?;
        Some(64 * word + self.full[word].trailing_zeros() as usize)
    }

    /// Empties a bucket; much room is given back.
    fn empty(&mut self, place: usize) {
        let bucket = &mut self.buckets[place];
        bucket.clear();
        if bucket.capacity() > AT_ONCE {
            self.bytes -= (bucket.capacity() * size_of::<Entry<K, F::Element>>()) as u64;
            *bucket = Vec::new();
        }
        self.full[place / 64] &= !(1 << (place % 64));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::homology::field::ModuloP;

    /// Entries come out in order and cancel; what goes back behind the last one is left out.
    fn check<K: Key + From<u64>>(shift: u32) {
        let (field, monitor) = (ModuloP::new(5).unwrap(), Monitor::new());
        let mut column = WorkingColumn::<K, _>::new(field);
        let mut state = 1_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..20 {
            let mut expected = BTreeMap::<u64, u64>::new();
            let mut last = 0;
            for _ in 0..60 {
                for _ in 0..next(30) {
                    let (number, coefficient) = (last + next(50), 1 + next(4));
                    *expected.entry(number).or_default() += coefficient;
                    column.push(K::from(number).append(7, shift), coefficient as u16);
                }
                for back in (1..=last.min(3)).filter(|_| last > 0) {
                    column.push(K::from(last - back).append(7, shift), 1);
                }
                expected.retain(|_, sum| *sum % 5 != 0);
                let first = expected.first_key_value().map(|(&number, &sum)| (number, sum % 5));
                let taken = if next(2) == 0 {
                    column.pivot(&monitor).unwrap()
                } else {
                    let taken = column.pop(&monitor).unwrap();
                    expected.pop_first();
                    taken
                };
                let found = taken.map(|entry| (entry.key, u64::from(entry.coefficient)));
                let spelled = first.map(|(number, sum)| (K::from(number).append(7, shift), sum));
                assert_eq!(found, spelled);
                last = first.map_or(0, |(number, _)| number);
                if first.is_none() {
                    column.clear();
                }
            }
            assert!(column.bytes() > 0);
            column.clear();
            assert!(column.pop(&monitor).unwrap().is_none());
            column.clear();
        }
    }

    #[test]
    fn entries_come_out_in_order_and_cancel() {
        check::<u64>(40);
        check::<u128>(40);
        check::<u128>(100);
    }
}
