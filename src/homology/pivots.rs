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

    /// Bytes for so many columns, beside what these point to; each that is claimed once more
    /// takes that of a column in addition.
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

/// Things that are put down once and stay where they are, in pieces; those of more things than
/// were expected double in size.
#[derive(Debug)]
struct Shelf<C> {
    pieces: Vec<OnceLock<Box<[OnceLock<C>]>>>,
    expected: usize,
    count: AtomicUsize,
}

/// Places of a piece, as long as no more things come than were expected.
const PIECE: usize = 1 << 12;

/// Pieces for those that were not expected; the first of them has so many places.
const FURTHER: usize = 40;
const LEAST: usize = 1 << 8;

impl<C> Shelf<C> {
    fn new(expected: usize) -> Self {
        let pieces = expected.div_ceil(PIECE) + FURTHER;
        let pieces = (0..pieces).map(|_| OnceLock::new()).collect();
        Self { pieces, expected, count: AtomicUsize::new(0) }
    }

    fn bytes_for(expected: usize) -> u64 {
        (expected * size_of::<OnceLock<C>>()) as u64
    }

    /// The places of a piece, made when they are first needed.
    fn piece(&self, number: usize) -> &[OnceLock<C>] {
        self.pieces[number].get_or_init(|| {
            let places = match number.checked_sub(self.expected.div_ceil(PIECE)) {
                None => PIECE.min(self.expected - number * PIECE),
                Some(further) => LEAST << further,
            };
            (0..places).map(|_| OnceLock::new()).collect()
        })
    }

    /// The piece of a number, and the place within it.
    fn place(&self, number: usize) -> (usize, usize) {
        match number.checked_sub(self.expected) {
            None => (number / PIECE, number % PIECE),
            Some(further) => {
                let piece = (further / LEAST + 1).ilog2();
                let before = (LEAST << piece) - LEAST;
                (self.expected.div_ceil(PIECE) + piece as usize, further - before)
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
        for expected in [0, 1, 300, PIECE, 2 * PIECE + 1] {
            let shelf = Shelf::new(expected);
            for number in 0..3 * PIECE {
                assert_eq!(shelf.push(number), (number, &number));
            }
            assert!((0..3 * PIECE).all(|number| *shelf.get(number) == number));
        }
    }
}
