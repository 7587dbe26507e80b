//! Cocycles modulo 2 of degree one, as rows of bits at vertices.
//!
//! A cocycle is a symmetric set of edges. A vertex knows the rows of those cocycles that have
//! edges there; most have none at most vertices, and few elsewhere: only words with bits are
//! kept.

use std::cmp::Ordering;
use std::ops::Range;

use crate::error::Result;
use crate::monitor::Monitor;
use crate::ones::{ones, ones_of_words};

/// The cocycles that are alive, by number.
#[derive(Debug)]
pub struct Cocycles {
    /// At each vertex, by number.
    rows: Vec<Vec<Row>>,
    /// The vertices with rows, as bits.
    occupied: Vec<u64>,
    /// For each number the vertices that have a row.
    vertices: Vec<Vec<u32>>,
    /// For each number whether it has been met lately.
    met: Vec<bool>,
    alive: usize,
    bytes: usize,
}

/// The edges of a cocycle at a vertex.
#[derive(Debug)]
struct Row {
    number: u32,
    words: Vec<Word>,
}

/// Some of 64 vertices.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// Which 64, ascending in a row.
    pub place: usize,
    pub bits: u64,
}

impl Cocycles {
    /// None yet, on so many vertices.
    pub fn new(len: usize, monitor: &Monitor) -> Result<Self> {
        let mut rows = monitor.room(len)?;
        rows.resize_with(len, Vec::new);
        let occupied = monitor.filled(len.div_ceil(64), 0)?;
        Ok(Self { rows, occupied, vertices: Vec::new(), met: Vec::new(), alive: 0, bytes: 0 })
    }

    /// How many there are.
    pub fn alive(&self) -> usize {
        self.alive
    }

    /// What they take.
    pub fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    /// The vertices with rows, as bits.
    #[inline(always)]
    pub fn occupied(&self, frame: &Range<usize>) -> &[u64] {
        &self.occupied[frame.clone()]
    }

    /// The numbers of those with an edge between two vertices of a set.
    pub fn between(&mut self, set: &[u64], frame: &Range<usize>) -> Vec<u32> {
        let mut found = Vec::new();
        if self.alive == 0 {
            return found;
        }
        let within = |word: &Word| {
            frame.contains(&word.place) && set[word.place - frame.start] & word.bits != 0
        };
        for (k, &members) in (frame.start..).zip(set) {
            for x in ones(members & self.occupied[k]).map(|bit| 64 * k + bit) {
                for row in &self.rows[x] {
                    let met = &mut self.met[row.number as usize];
                    if !*met && row.words.iter().any(within) {
                        found.push(row.number);
                        *met = true;
                    }
                }
            }
        }
        found.iter().for_each(|&number| self.met[number as usize] = false);
        found.sort_unstable();
        found
    }

    /// The edges of a cocycle at a vertex, if there are any.
    #[inline(always)]
    pub fn row(&self, number: u32, x: usize) -> Option<&[Word]> {
        let place = self.place(number, x).ok()?;
        Some(&self.rows[x][place].words)
    }

    /// Whether an edge belongs to a cocycle.
    pub fn contains(&self, number: u32, x: usize, y: usize) -> bool {
        let mut words = self.row(number, x).unwrap_or_default().iter();
        words.any(|word| word.place == y / 64 && word.bits >> (y % 64) & 1 == 1)
    }

    /// At how many vertices a cocycle has edges.
    pub fn size(&self, number: u32) -> usize {
        self.vertices[number as usize].len()
    }

    /// A new one, without edges; its number.
    pub fn create(&mut self) -> u32 {
        self.vertices.push(Vec::new());
        self.met.push(false);
        self.alive += 1;
        self.vertices.len() as u32 - 1
    }

    /// Joins a vertex after all others to those of a set in a cocycle.
    pub fn join(&mut self, number: u32, v: usize, set: &[u64], frame: &Range<usize>) {
        let words = (frame.start..).zip(set).filter(|(_, bits)| **bits != 0);
        let words: Vec<_> = words.map(|(place, &bits)| Word { place, bits }).collect();
        if words.is_empty() {
            return;
        }
        self.change(number, v, |row| *row = words);
        for x in ones_of_words(set).map(|place| 64 * frame.start + place) {
            self.change(number, x, |row| match row.last_mut() {
                Some(last) if last.place == v / 64 => last.bits |= 1 << (v % 64),
                _ => row.push(Word { place: v / 64, bits: 1 << (v % 64) }),
            });
        }
    }

    /// Adds one to another.
    pub fn add(&mut self, number: u32, to: u32) {
        for k in 0..self.vertices[number as usize].len() {
            let x = self.vertices[number as usize][k] as usize;
            let place = self.place(number, x).expect("a row");
            let row = std::mem::take(&mut self.rows[x][place].words);
            self.change(to, x, |sum| *sum = added(sum, &row));
            let place = self.place(number, x).expect("a row");
            self.rows[x][place].words = row;
        }
    }

    /// Forgets one.
    pub fn remove(&mut self, number: u32) {
        for x in std::mem::take(&mut self.vertices[number as usize]) {
            let place = self.place(number, x as usize).expect("a row");
            let rows = &mut self.rows[x as usize];
            self.bytes -= rows.remove(place).bytes();
            if rows.is_empty() {
                self.occupied[x as usize / 64] ^= 1 << (x % 64);
            }
        }
        self.alive -= 1;
    }

    #[inline(always)]
    fn place(&self, number: u32, x: usize) -> std::result::Result<usize, usize> {
        self.rows[x].binary_search_by_key(&number, |row| row.number)
    }

    /// Changes the row of a cocycle at a vertex, an empty one if there was none.
    fn change(&mut self, number: u32, x: usize, change: impl FnOnce(&mut Vec<Word>)) {
        let place = self.place(number, x).unwrap_or_else(|place| {
            let row = Row { number, words: Vec::new() };
            self.bytes += row.bytes();
            self.vertices[number as usize].push(x as u32);
            self.rows[x].insert(place, row);
            self.occupied[x / 64] |= 1 << (x % 64);
            place
        });
        let row = &mut self.rows[x][place];
        self.bytes -= row.bytes();
        change(&mut row.words);
        self.bytes += row.bytes();
    }
}

impl Row {
    /// With its place in the lists of its vertex and of its cocycle.
    fn bytes(&self) -> usize {
        size_of::<Self>() + size_of::<u32>() + self.words.capacity() * size_of::<Word>()
    }
}

/// The sum of two rows.
fn added(a: &[Word], b: &[Word]) -> Vec<Word> {
    let mut sum: Vec<Word> = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.place.cmp(&y.place) {
            Ordering::Less => sum.extend(a.next()),
            Ordering::Greater => sum.extend(b.next()),
            Ordering::Equal => {
                let both = a.next().zip(b.next());
                let word = both.map(|(x, y)| Word { place: x.place, bits: x.bits ^ y.bits });
                sum.extend(word.filter(|word| word.bits != 0));
            }
        }
    }
    sum.extend(a.chain(b));
    sum
}
