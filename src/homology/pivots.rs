//! Who owns which pivot, while columns are reduced on several threads.
//!
//! A thread reduces one column until it finds a pivot that nobody owns, or a column that comes
//! later in the order; it then takes the pivot and goes on with the column that it drove out, if
//! any. In the end each pivot belongs to one column, and each column was reduced by such alone
//! that come before it: pairs are those of the reduction in order (Morozov and Nigmetov 2020).
//!
//! A table from pivots to columns and the columns themselves are only ever added to, so readers
//! need no locks. A place in the table holds the number of a column and some bits of the hash of
//! its pivot; it is taken by comparing and swapping, never given up, and changes hands among
//! columns of the same pivot only.

use std::hash::{BuildHasher, Hash};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

/// A column that has been reduced as far as its pivot.
pub trait Column: Send + Sync {
    /// What it is known by.
    type Pivot: Copy + Eq + Hash;

    fn pivot(&self) -> Self::Pivot;

    /// Whether it may be added to `other`, so that it keeps a pivot that both have.
    fn precedes(&self, other: &Self) -> bool;
}

/// The owners of pivots.
#[derive(Debug)]
pub struct Pivots<C> {
    places: Vec<AtomicU64>,
    columns: Shelf<C>,
}

/// A place holds the number of a column plus one in the lower bits.
const NUMBER: u32 = 40;
const FREE: u64 = 0;

impl<C: Column> Pivots<C> {
    /// For so many columns.
    pub fn new(columns: usize) -> Self {
        let places = (0..Self::places(columns)).map(|_| AtomicU64::new(FREE)).collect();
        Self { places, columns: Shelf::new(columns) }
    }

    /// A power of two, of which three quarters are taken at most.
    fn places(columns: usize) -> usize {
        (columns + columns / 3 + 1).next_power_of_two()
    }

    /// Bytes for so many columns, beside what these point to.
    pub fn bytes_for(columns: usize) -> u64 {
        (Self::places(columns) * size_of::<AtomicU64>()) as u64 + Shelf::<C>::bytes_for(columns)
    }

    /// The owner of a pivot, at this moment.
    pub fn owner(&self, pivot: C::Pivot) -> Option<&C> {
        let (mut place, tag) = self.first_place(pivot);
        loop {
            match self.places[place].load(Ordering::Acquire) {
                FREE => return None,
                taken if taken >> NUMBER == tag => {
                    let owner = self.column(taken);
                    if owner.pivot() == pivot {
                        return Some(owner);
                    }
                }
                _ => {}
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }

    /// Gives a column its pivot, unless a preceding one owns it. Returns the column that has to
    /// be reduced further: the owner before, or the column itself.
    pub fn claim(&self, column: C) -> Option<&C> {
        let (number, column) = self.columns.push(column);
        let (mut place, tag) = self.first_place(column.pivot());
        let ours = tag << NUMBER | (number as u64 + 1);
        let swap = |place: usize, seen| {
            let place = &self.places[place];
            place.compare_exchange(seen, ours, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        loop {
            let seen = self.places[place].load(Ordering::Acquire);
            if seen == FREE {
                if swap(place, seen) {
                    return None;
                }
                continue;
            }
            if seen >> NUMBER == tag {
                let owner = self.column(seen);
                if owner.pivot() == column.pivot() {
                    if owner.precedes(column) {
                        return Some(column);
                    }
                    if swap(place, seen) {
                        return Some(owner);
                    }
                    continue;
                }
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }

    /// All owners, in no order that means anything.
    pub fn owners(&self) -> impl ParallelIterator<Item = &C> {
        let taken = self.places.par_iter().map(|place| place.load(Ordering::Acquire));
        taken.filter(|&taken| taken != FREE).map(|taken| self.column(taken))
    }

    fn first_place(&self, pivot: C::Pivot) -> (usize, u64) {
        let hash = FxBuildHasher.hash_one(pivot);
        (hash as usize & (self.places.len() - 1), hash >> NUMBER)
    }

    fn column(&self, taken: u64) -> &C {
        self.columns.get((taken & ((1 << NUMBER) - 1)) as usize - 1)
    }
}

const PIECES: usize = 32;

/// Places of the second piece.
const SECOND: usize = 1 << 8;

/// Things that are put down once and stay where they are: so many in the first piece, further
/// ones in pieces of double size each.
#[derive(Debug)]
struct Shelf<C> {
    pieces: [OnceLock<Box<[OnceLock<C>]>>; PIECES],
    first: usize,
    count: AtomicUsize,
}

impl<C> Shelf<C> {
    fn new(first: usize) -> Self {
        let shelf =
            Self { pieces: [const { OnceLock::new() }; PIECES], first, count: AtomicUsize::new(0) };
        shelf.piece(0);
        shelf
    }

    fn bytes_for(first: usize) -> u64 {
        (first * size_of::<OnceLock<C>>()) as u64
    }

    /// The places of a piece; those after the first are made when they are needed.
    fn piece(&self, number: usize) -> &[OnceLock<C>] {
        self.pieces[number].get_or_init(|| {
            let places = if number == 0 { self.first } else { SECOND << (number - 1) };
            (0..places).map(|_| OnceLock::new()).collect()
        })
    }

    /// The piece of a number, and the place within it.
    fn place(&self, number: usize) -> (usize, usize) {
        match number.checked_sub(self.first) {
            None => (0, number),
            Some(further) => {
                let piece = (further / SECOND + 1).ilog2();
                (piece as usize + 1, further + SECOND - (SECOND << piece))
            }
        }
    }

    fn push(&self, thing: C) -> (usize, &C) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let (piece, place) = self.place(number);
        (number, self.piece(piece)[place].get_or_init(|| thing))
    }

    fn get(&self, number: usize) -> &C {
        let (piece, place) = self.place(number);
        self.piece(piece)[place].get().expect("a number is told when the thing is there")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    struct Numbered {
        number: u32,
        pivot: u64,
    }

    impl Column for Numbered {
        type Pivot = u64;

        fn pivot(&self) -> u64 {
            self.pivot
        }

        fn precedes(&self, other: &Self) -> bool {
            self.number < other.number
        }
    }

    /// Columns that are driven out go on to the next pivot: whoever comes first, pivot by pivot
    /// the owners are those of the columns in order.
    fn check(columns: &[Numbered], threads: usize) {
        let mut expected = BTreeMap::new();
        let mut in_order = columns.to_vec();
        in_order.sort_unstable();
        for column in in_order {
            let pivot = (column.pivot..).find(|pivot| !expected.contains_key(pivot)).unwrap();
            expected.insert(pivot, column.number);
        }
        let pivots = Pivots::new(columns.len());
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(&column) = columns.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut left = pivots.claim(column);
                        while let Some(&column) = left {
                            left = pivots.claim(Numbered { pivot: column.pivot + 1, ..column });
                        }
                    }
                });
            }
        });
        let found: BTreeMap<u64, u32> = pivots.owners().map(|o| (o.pivot, o.number)).collect();
        assert_eq!(found, expected);
        for (&pivot, &number) in &expected {
            assert_eq!(pivots.owner(pivot), Some(&Numbered { number, pivot }));
        }
        assert_eq!(pivots.owner(u64::MAX), None);
    }

    #[test]
    fn each_pivot_belongs_to_the_column_that_is_first_in_order() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        };
        let rounds = if cfg!(miri) { 2 } else { 60 };
        for round in 0..rounds {
            let (count, pivots) = (1 + next() % (1 + 4 * round), 1 + next() % 40);
            let mut columns: Vec<_> = (0..count)
                .map(|number| Numbered { number: number as u32, pivot: next() % pivots })
                .collect();
            for threads in [1, 2, 5] {
                check(&columns, threads);
                columns.reverse();
            }
            columns.sort_unstable_by_key(|column| column.number.reverse_bits());
            check(&columns, 3);
        }
        check(&[], 2);
    }

    #[test]
    fn things_stay_where_they_were_put() {
        for first in [0, 1, 300] {
            let shelf = Shelf::new(first);
            for number in 0..3000 {
                assert_eq!(shelf.push(number), (number, &number));
            }
            assert!((0..3000).all(|number| *shelf.get(number) == number));
        }
    }
}
