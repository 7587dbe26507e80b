//! Implicit reduction of the coboundary matrix.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::adjacency::Adjacency;
use super::cofacet::{RipsComplex, Simplex};
use super::simplex::Key;
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::field::Field;
use crate::homology::rips::bars::{Bar, Cocycle};
use crate::homology::rips::filtration::Entering;
use crate::homology::rips::options::RipsOptions;
use crate::monitor::Monitor;

/// The reduction of the columns of one dimension, in descending order.
///
/// Only the operations are kept (the matrix V of R = DV); coboundaries are
/// enumerated anew whenever a column is added.
pub struct Reduction<'a, 'c, K, A, F: Field> {
    complex: &'a RipsComplex<'c, K, A>,
    field: F,
    dimension: usize,
    /// The column that a pivot belongs to, and the pivot's coefficient in it.
    pivots: FxHashMap<K, (u32, F::Element)>,
    operations: Vec<Vec<Entry<K, F::Element>>>,
    bars: Vec<Bar>,
    cocycles: bool,
    max_memory: u64,
    stored: usize,
}

impl<'a, 'c, K: Key, A: Adjacency, F: Field> Reduction<'a, 'c, K, A, F> {
    pub fn new(
        complex: &'a RipsComplex<'c, K, A>,
        field: F,
        dimension: usize,
        options: &RipsOptions,
    ) -> Self {
        Self {
            complex,
            field,
            dimension,
            pivots: FxHashMap::default(),
            operations: Vec::new(),
            bars: Vec::new(),
            cocycles: options.cocycles,
            max_memory: options.max_memory,
            stored: 0,
        }
    }

    /// The bars, and the pivots: the deaths, one dimension up.
    pub fn finish(self) -> (Vec<Bar>, FxHashSet<K>) {
        (self.bars, self.pivots.into_keys().collect())
    }

    /// Reduces the column of a simplex; records its bar.
    pub fn reduce(&mut self, key: K, monitor: &Monitor) -> Result<()> {
        let simplex = self.complex.simplex(key, self.dimension);
        let one = self.field.sign(false);
        if let Some((pivot, negative)) = self.emergent_cofacet(&simplex) {
            let coefficient = self.field.sign(negative);
            return self.pair(pivot, coefficient, vec![Entry { key, coefficient: one }]);
        }
        let mut column = BinaryHeap::new();
        let mut operation = BinaryHeap::new();
        self.add(&simplex, one, &mut column, &mut operation);
        while let Some(pivot) = self.pivot(&mut column) {
            monitor.check()?;
            if let Some(&(index, coefficient)) = self.pivots.get(&pivot.key) {
                let factor = self.field.negative_quotient(pivot.coefficient, coefficient);
                for k in 0..self.operations[index as usize].len() {
                    let entry = self.operations[index as usize][k];
                    let added = self.complex.simplex(entry.key, self.dimension);
                    let coefficient = self.field.multiply(factor, entry.coefficient);
                    self.add(&added, coefficient, &mut column, &mut operation);
                    monitor.check()?;
                }
            } else if let Some((facet, negative)) =
                self.complex.apparent_facet(pivot.key, self.dimension + 1)
            {
                let sign = self.field.sign(negative);
                let factor = self.field.negative_quotient(pivot.coefficient, sign);
                self.add(&facet, factor, &mut column, &mut operation);
            } else {
                let operation = self.collect(operation, monitor)?;
                let death = self.complex.rank(pivot.key, self.dimension + 1);
                self.record(key, Some(death), &operation);
                return self.pair(pivot.key, pivot.coefficient, operation);
            }
        }
        let operation = self.collect(operation, monitor)?;
        self.record(key, None, &operation);
        Ok(())
    }

    /// The first cofacet, if it has the same diameter and is nobody's pivot.
    fn emergent_cofacet(&self, simplex: &Simplex<K>) -> Option<(K, bool)> {
        self.complex.first_cofacet_of_same_rank(simplex).filter(|&(cofacet, _)| {
            !self.pivots.contains_key(&cofacet)
                && self.complex.apparent_facet(cofacet, self.dimension + 1).is_none()
        })
    }

    fn add(
        &self,
        simplex: &Simplex<K>,
        factor: F::Element,
        column: &mut WorkingColumn<K, F::Element>,
        operation: &mut WorkingColumn<K, F::Element>,
    ) {
        operation.push(Entry { key: simplex.key, coefficient: factor });
        self.complex.coboundary(simplex, |key, negative| {
            let coefficient = self.field.multiply(factor, self.field.sign(negative));
            column.push(Entry { key, coefficient });
        });
    }

    /// The first entry that does not cancel, left in its place.
    fn pivot(&self, column: &mut WorkingColumn<K, F::Element>) -> Option<Entry<K, F::Element>> {
        let pivot = self.pop(column)?;
        column.push(pivot);
        Some(pivot)
    }

    fn pop(&self, column: &mut WorkingColumn<K, F::Element>) -> Option<Entry<K, F::Element>> {
        while let Some(Entry { key, coefficient }) = column.pop() {
            let mut sum = Some(coefficient);
            while let Some(next) = column.peek().filter(|next| next.key == key) {
                sum = match sum {
                    Some(sum) => self.field.add(sum, next.coefficient),
                    None => Some(next.coefficient),
                };
                column.pop();
            }
            if let Some(coefficient) = sum {
                return Some(Entry { key, coefficient });
            }
        }
        None
    }

    fn collect(
        &self,
        mut column: WorkingColumn<K, F::Element>,
        monitor: &Monitor,
    ) -> Result<Vec<Entry<K, F::Element>>> {
        let mut entries = Vec::new();
        while let Some(entry) = self.pop(&mut column) {
            monitor.check()?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn pair(
        &mut self,
        pivot: K,
        coefficient: F::Element,
        operation: Vec<Entry<K, F::Element>>,
    ) -> Result<()> {
        self.stored += operation.len();
        self.pivots.insert(pivot, (self.operations.len() as u32, coefficient));
        self.operations.push(operation);
        self.check_memory()
    }

    fn record(&mut self, key: K, death: Option<u32>, operation: &[Entry<K, F::Element>]) {
        let birth = self.complex.rank(key, self.dimension);
        let ranking = self.complex.ranking();
        let (birth, death) = (ranking.entry(birth), death.map(|rank| ranking.entry(rank)));
        if let Some(mut bar) = Bar::between(ranking.lengths(), birth, death) {
            if self.cocycles {
                bar.cocycle = self.spell(operation, bar.death);
            }
            self.bars.push(bar);
        }
    }

    /// The cocycle on the simplices that are there before the death.
    fn spell(&self, operation: &[Entry<K, F::Element>], death: f64) -> Cocycle {
        let alive = |entry: &&Entry<K, F::Element>| {
            self.complex.diameter(entry.key, self.dimension) < death
        };
        let spell = |entry: &Entry<K, F::Element>| {
            let simplex = self.complex.simplex(entry.key, self.dimension);
            let points = simplex.vertices().iter().map(|&v| self.complex.ranking().point(v));
            (points.collect(), self.field.value(entry.coefficient))
        };
        operation.iter().filter(alive).map(spell).collect()
    }

    fn check_memory(&self) -> Result<()> {
        let per_pivot = size_of::<K>() + size_of::<(u32, F::Element)>() + 1;
        let before = self.complex.ranking().bytes() + self.complex.adjacency().bytes();
        let needed = before as usize
            + self.pivots.capacity() * per_pivot
            + self.operations.capacity() * size_of::<Vec<Entry<K, F::Element>>>()
            + self.stored * size_of::<Entry<K, F::Element>>();
        Budget { allowed: self.max_memory }.take(
            format_args!("the reduction in degree {}", self.dimension),
            needed as u64,
            "lower `maxdim`, set a `threshold`, or use `n_landmarks`",
        )?;
        Ok(())
    }
}

type WorkingColumn<K, E> = BinaryHeap<Entry<K, E>>;

/// A simplex with a coefficient; the heap gives the first one out first.
#[derive(Debug, Clone, Copy)]
struct Entry<K, E> {
    key: K,
    coefficient: E,
}

impl<K: Ord, E> Ord for Entry<K, E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl<K: Ord, E> PartialOrd for Entry<K, E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Eq, E> PartialEq for Entry<K, E> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Eq, E> Eq for Entry<K, E> {}
