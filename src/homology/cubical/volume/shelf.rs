//! A list to which many threads add, and which they read, without waiting.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Items that are never moved: each further room has twice the places of the one before.
pub struct Shelf<T> {
    rooms: [OnceLock<Box<[OnceLock<T>]>>; ROOMS],
    len: AtomicU32,
}

/// Places of the first room, as a power of two.
const FIRST: u32 = 8;
const ROOMS: usize = (u32::BITS - FIRST) as usize + 1;

impl<T> Shelf<T> {
    pub fn new() -> Self {
        Self { rooms: [const { OnceLock::new() }; ROOMS], len: AtomicU32::new(0) }
    }

    /// Adds an item; returns its number.
    pub fn push(&self, item: T) -> u32 {
        let number = self.len.fetch_add(1, Relaxed);
        let (room, place) = place(number);
        let empty = || (0..1_usize << (room + FIRST as usize)).map(|_| OnceLock::new()).collect();
        let placed = self.rooms[room].get_or_init(empty)[place].set(item);
        assert!(placed.is_ok(), "every item has a number of its own");
        number
    }

    /// The item of a number that was handed on by the thread that added it.
    #[inline]
    pub fn get(&self, number: u32) -> &T {
        let (room, place) = place(number);
        let item = self.rooms[room].get().and_then(|room| room[place].get());
        item.expect("numbers are handed on when there is an item")
    }

    /// Bytes of all places, and of what each item holds.
    pub fn bytes(&self, each: u64) -> u64 {
        let len = u64::from(self.len.load(Relaxed));
        let places = (len + (1 << FIRST)).next_power_of_two();
        places * size_of::<OnceLock<T>>() as u64 + len * each
    }
}

/// The room of an item, and the place in it.
#[inline]
fn place(number: u32) -> (usize, usize) {
    let number = u64::from(number) + (1 << FIRST);
    let room = number.ilog2();
    ((room - FIRST) as usize, (number - (1 << room)) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_all_threads_keep_their_numbers() {
        let shelf = Shelf::new();
        let numbers = std::thread::scope(|scope| {
            let add = |thread: u32| {
                let items = (0..5000).map(move |k| 10_000 * thread + k);
                let shelf = &shelf;
                move || items.map(|item| (shelf.push(item), item)).collect::<Vec<_>>()
            };
            let threads: Vec<_> = (0..3).map(|thread| scope.spawn(add(thread))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(numbers.iter().all(|&(number, item)| *shelf.get(number) == item));
        let mut numbers: Vec<u32> = numbers.into_iter().map(|(number, _)| number).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..15_000));
    }

    #[test]
    fn rooms_follow_one_another() {
        let mut expected = (0, 0);
        for number in 0..10_000 {
            assert_eq!(place(number), expected);
            expected.1 += 1;
            if expected.1 == 1 << (expected.0 + FIRST as usize) {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(place(u32::MAX).0, ROOMS - 1);
    }
}
