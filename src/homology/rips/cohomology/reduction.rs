//! Implicit reduction of the coboundary matrix, on several threads.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::adjacency::Adjacency;
use super::cofacet::{RipsComplex, Simplex};
use super::memory::Memory;
use super::simplex::Key;
use super::working::{Entry, WorkingColumn};
use crate::error::Result;
use crate::homology::field::Field;
use crate::homology::pivots::{Column, Pivots};
use crate::homology::rips::bars::{Bar, Cocycle};
use crate::homology::rips::filtration::Entering;
use crate::monitor::Monitor;

/// The reduction of the columns of one dimension, greatest simplex first.
///
/// Only the operations are kept (the matrix V of R = DV); coboundaries are
/// enumerated anew whenever a column is added.
#[derive(Debug)]
pub struct Reduction<'a, 'c, K, A, F: Field> {
    complex: &'a RipsComplex<'c, K, A>,
    field: F,
    dimension: usize,
    pivots: Pivots<Reduced<K, F::Element>>,
    memory: &'a Memory,
}

/// A simplex, whose coefficient is 1, and what was added to its column: greater ones.
#[derive(Debug)]
pub struct Operations<K, E> {
    key: K,
    added: Box<[Entry<K, E>]>,
}

/// A column with its pivot.
#[derive(Debug)]
struct Reduced<K, E> {
    pivot: Entry<K, E>,
    operations: Operations<K, E>,
}

impl<K: Key, E: Send + Sync> Column for Reduced<K, E> {
    type Pivot = K;

    #[inline]
    fn pivot(&self) -> K {
        self.pivot.key
    }

    #[inline]
    fn precedes(&self, other: &Self) -> bool {
        self.operations.key > other.operations.key
    }
}

impl<'a, 'c, K: Key, A: Adjacency, F: Field> Reduction<'a, 'c, K, A, F> {
    /// For so many columns.
    pub fn new(
        complex: &'a RipsComplex<'c, K, A>,
        field: F,
        dimension: usize,
        columns: usize,
        memory: &'a Memory,
    ) -> Result<Self> {
        memory.take(Pivots::<Reduced<K, F::Element>>::bytes_for(columns))?;
        Ok(Self { complex, field, dimension, pivots: Pivots::new(columns), memory })
    }

    /// Reduces the columns of simplices that descend; returns those that vanish.
    pub fn reduce(
        &self,
        columns: &[K],
        workers: usize,
        monitor: &Monitor,
    ) -> Result<Vec<Operations<K, F::Element>>> {
        let next = AtomicUsize::new(0);
        let work = |_| {
            let mut worker = Worker::new(self, monitor);
            while let Some(&key) = columns.get(next.fetch_add(1, Ordering::Relaxed)) {
                worker.reduce(key)?;
                monitor.advance(1)?;
            }
            Ok(worker.vanished)
        };
        let vanished = (0..workers).into_par_iter().with_max_len(1).map(work);
        Ok(vanished.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// The bars, and the pivots: the deaths, one dimension up, ascending.
    pub fn finish(
        self,
        vanished: &[Operations<K, F::Element>],
        cocycles: bool,
    ) -> (Vec<Bar>, Vec<K>) {
        let bar = |operations: &Operations<K, F::Element>, death: Option<K>| {
            let rank = self.complex.rank(operations.key, self.dimension);
            let death = death.map(|key| self.complex.rank(key, self.dimension + 1));
            let ranking = self.complex.ranking();
            let (birth, death) = (ranking.entry(rank), death.map(|rank| ranking.entry(rank)));
            let mut bar = Bar::between(ranking.lengths(), birth, death)?;
            if cocycles {
                bar.cocycle = self.spell(operations, bar.death);
            }
            Some((Reverse(operations.key), bar))
        };
        let finite = self.pivots.owners();
        let finite = finite.filter_map(|owner| bar(&owner.operations, Some(owner.pivot.key)));
        let endless = vanished.par_iter().filter_map(|operations| bar(operations, None));
        let mut bars: Vec<_> = finite.chain(endless).collect();
        bars.par_sort_unstable_by_key(|&(key, _)| key);
        let mut pivots: Vec<K> = self.pivots.owners().map(|owner| owner.pivot.key).collect();
        pivots.par_sort_unstable();
        (bars.into_iter().map(|(_, bar)| bar).collect(), pivots)
    }

    /// The cocycle on the simplices that are there before the death.
    fn spell(&self, operations: &Operations<K, F::Element>, death: f64) -> Cocycle {
        let alive =
            |entry: &Entry<K, F::Element>| self.complex.diameter(entry.key, self.dimension) < death;
        let spell = |entry: Entry<K, F::Element>| {
            let simplex = self.complex.simplex(entry.key, self.dimension);
            let points = simplex.vertices().iter().map(|&v| self.complex.ranking().point(v));
            (points.collect(), self.field.value(entry.coefficient))
        };
        let first = Entry { key: operations.key, coefficient: self.field.sign(false) };
        let entries = std::iter::once(first).chain(operations.added.iter().copied());
        entries.filter(alive).map(spell).collect()
    }
}

/// What one thread needs to reduce columns.
struct Worker<'r, 'a, 'c, K, A, F: Field> {
    all: &'r Reduction<'a, 'c, K, A, F>,
    monitor: &'r Monitor,
    /// The column at work, and which it is.
    column: WorkingColumn<K, F>,
    operation: WorkingColumn<K, F>,
    key: K,
    /// Bytes of both that are counted.
    taken: u64,
    vanished: Vec<Operations<K, F::Element>>,
}

impl<'r, 'a, 'c, K: Key, A: Adjacency, F: Field> Worker<'r, 'a, 'c, K, A, F> {
    fn new(all: &'r Reduction<'a, 'c, K, A, F>, monitor: &'r Monitor) -> Self {
        let [column, operation] = [(); 2].map(|()| WorkingColumn::new(all.field));
        let (key, taken, vanished) = (K::from_rank(0), 0, Vec::new());
        Self { all, monitor, column, operation, key, taken, vanished }
    }

    /// Reduces a column, then those that it drives out, until one finds a pivot of its own or
    /// vanishes.
    fn reduce(&mut self, key: K) -> Result<()> {
        let Reduction { complex, field, dimension, ref pivots, .. } = *self.all;
        let simplex = complex.simplex(key, dimension);
        let alone = Operations { key, added: Box::default() };
        if let Some(pivot) = self.emergent_cofacet(&simplex) {
            match self.claim(Reduced { pivot, operations: alone })? {
                None => return Ok(()),
                Some(left) => self.start(left)?,
            }
        } else {
            self.start(&alone)?;
        }
        while let Some(pivot) = self.column.pivot(self.monitor)? {
            let owner = pivots.owner(pivot.key);
            if let Some(owner) = owner.filter(|owner| owner.operations.key > self.key) {
                let coefficient = owner.pivot.coefficient;
                let factor = field.negative_quotient(pivot.coefficient, coefficient);
                self.add_column(&owner.operations, factor)?;
                continue;
            }
            if owner.is_none()
                && let Some((facet, negative)) = complex.apparent_facet(pivot.key, dimension + 1)
            {
                let sign = field.sign(negative);
                self.add(&facet, field.negative_quotient(pivot.coefficient, sign))?;
                continue;
            }
            let operations = self.collect()?;
            match self.claim(Reduced { pivot, operations })? {
                None => return Ok(()),
                Some(left) => self.start(left)?,
            }
        }
        let operations = self.collect()?;
        self.vanished.push(operations);
        Ok(())
    }

    /// The first cofacet, if it has the same diameter and may become the pivot.
    fn emergent_cofacet(&self, simplex: &Simplex<K>) -> Option<Entry<K, F::Element>> {
        let Reduction { complex, field, dimension, pivots, .. } = self.all;
        let (key, negative) = complex.first_cofacet_of_same_rank(simplex)?;
        let is_free = match pivots.owner(key) {
            Some(owner) => owner.operations.key < simplex.key,
            None => complex.apparent_facet(key, dimension + 1).is_none(),
        };
        is_free.then(|| Entry { key, coefficient: field.sign(negative) })
    }

    /// Gives a column its pivot; returns what has to be reduced further.
    fn claim(
        &self,
        column: Reduced<K, F::Element>,
    ) -> Result<Option<&'r Operations<K, F::Element>>> {
        let Some(left) = self.all.pivots.claim(column) else { return Ok(None) };
        self.all.memory.take(size_of::<Reduced<K, F::Element>>() as u64)?;
        Ok(Some(&left.operations))
    }

    /// Sets a column to work, with what was added to it before.
    fn start(&mut self, operations: &Operations<K, F::Element>) -> Result<()> {
        self.column.clear();
        self.operation.clear();
        self.key = operations.key;
        self.add_column(operations, self.all.field.sign(false))
    }

    fn add_column(
        &mut self,
        operations: &Operations<K, F::Element>,
        factor: F::Element,
    ) -> Result<()> {
        let Reduction { complex, field, dimension, .. } = self.all;
        self.add(&complex.simplex(operations.key, *dimension), factor)?;
        for entry in &operations.added {
            let coefficient = field.multiply(factor, entry.coefficient);
            self.add(&complex.simplex(entry.key, *dimension), coefficient)?;
        }
        Ok(())
    }

    fn add(&mut self, simplex: &Simplex<K>, factor: F::Element) -> Result<()> {
        let Reduction { complex, field, .. } = self.all;
        self.monitor.check()?;
        self.operation.push(simplex.key, factor);
        complex.coboundary(simplex, |key, negative| {
            self.column.push(key, field.multiply(factor, field.sign(negative)));
        });
        let taken = self.column.bytes() + self.operation.bytes();
        if taken > self.taken {
            self.all.memory.take(taken - self.taken)?;
            self.taken = taken;
        }
        Ok(())
    }

    /// What was added, once it is all.
    fn collect(&mut self) -> Result<Operations<K, F::Element>> {
        self.operation.pop(self.monitor)?;
        let mut added = Vec::new();
        while let Some(entry) = self.operation.pop(self.monitor)? {
            added.push(entry);
        }
        let added = added.into_boxed_slice();
        self.all.memory.take(size_of_val(&*added) as u64)?;
        Ok(Operations { key: self.key, added })
    }
}
