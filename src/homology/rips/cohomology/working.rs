//! A column at work: entries in a heap, in which several may belong to one simplex.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::error::Result;
use crate::homology::field::Field;
use crate::monitor::Monitor;

/// A simplex with a coefficient; the heap gives the first one out first.
#[derive(Debug, Clone, Copy)]
pub struct Entry<K, E> {
    pub key: K,
    pub coefficient: E,
}

/// A sum of entries.
#[derive(Debug)]
pub struct WorkingColumn<K, F: Field> {
    field: F,
    entries: BinaryHeap<Entry<K, F::Element>>,
}

impl<K: Copy + Ord, F: Field> WorkingColumn<K, F> {
    pub fn new(field: F) -> Self {
        Self { field, entries: BinaryHeap::new() }
    }

    pub fn bytes(&self) -> u64 {
        (self.entries.capacity() * size_of::<Entry<K, F::Element>>()) as u64
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    #[inline]
    pub fn push(&mut self, key: K, coefficient: F::Element) {
        self.entries.push(Entry { key, coefficient });
    }

    /// The first entry that does not cancel, left in its place.
    #[inline]
    pub fn pivot(&mut self, monitor: &Monitor) -> Result<Option<Entry<K, F::Element>>> {
        let pivot = self.pop(monitor)?;
        self.entries.extend(pivot);
        Ok(pivot)
    }

    /// Takes the first entry that does not cancel.
    #[inline]
    pub fn pop(&mut self, monitor: &Monitor) -> Result<Option<Entry<K, F::Element>>> {
        while let Some(Entry { key, coefficient }) = self.entries.pop() {
            monitor.check()?;
            let mut sum = Some(coefficient);
            while let Some(next) = self.entries.peek().filter(|next| next.key == key) {
                sum = match sum {
                    Some(sum) => self.field.add(sum, next.coefficient),
                    None => Some(next.coefficient),
                };
                self.entries.pop();
            }
            if let Some(coefficient) = sum {
                return Ok(Some(Entry { key, coefficient }));
            }
        }
        Ok(None)
    }
}

impl<K: Ord, E> Ord for Entry<K, E> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl<K: Ord, E> PartialOrd for Entry<K, E> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    #[inline]
    fn lt(&self, other: &Self) -> bool {
        other.key < self.key
    }

    #[inline]
    fn le(&self, other: &Self) -> bool {
        other.key <= self.key
    }
}

impl<K: Eq, E> PartialEq for Entry<K, E> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Eq, E> Eq for Entry<K, E> {}
