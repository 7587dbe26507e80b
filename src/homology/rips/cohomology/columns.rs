//! The simplices whose columns have to be reduced.
//!
//! Nearly all simplices belong to apparent pairs, and which they are can be
//! seen inside the *lune* of their longest edge: its common neighbours at that
//! moment. Write a simplex as its longest edge, further vertices, and a last
//! one, `b`, the smallest of these; let M be the lune vertices below the
//! further ones and joined to them all. Then
//!
//! * if b is the least of M, the simplex is the first cofacet of what is left
//!   without b: it is a death already;
//! * if some v < b of M is joined to b, the least such v makes its first
//!   cofacet, of which it is the greatest facet: it is a birth that dies at
//!   once.
//!
//! What remains is about one simplex for each component of M but one.

use std::ops::ControlFlow::{Break, Continue};

use rayon::prelude::*;

use super::adjacency::Adjacency;
use super::cofacet::RipsComplex;
use super::memory::Memory;
use super::simplex::Key;
use crate::error::Result;
use crate::homology::rips::filtration::Entering;
use crate::monitor::Monitor;
use crate::ones::{ones, ones_of_words};

/// The remaining simplices of a dimension in descending order, except those that
/// are cleared, which ascend.
pub fn remaining_columns<K: Key, A: Adjacency>(
    complex: &RipsComplex<'_, K, A>,
    dimension: usize,
    cleared: &[K],
    memory: &Memory,
    monitor: &Monitor,
) -> Result<Vec<K>> {
    const TASK: usize = 32;
    let count = complex.ranking().edge_count();
    let tasks = count.div_ceil(TASK);
    let found = (0..tasks).into_par_iter().rev().with_max_len(1).map(|task| {
        let (first, end) = (task * TASK, count.min((task + 1) * TASK));
        let place = |rank: usize| {
            cleared.partition_point(|&key| (complex.rank(key, dimension) as usize) < rank)
        };
        let cleared = &cleared[place(first)..place(end)];
        let mut columns = Columns { complex, cleared, lune: Lune::default(), found: Vec::new() };
        for rank in (first..end).rev() {
            monitor.check()?;
            columns.with_longest_edge(rank as u32, dimension);
        }
        monitor.advance((end - first) as u64)?;
        let found = columns.found.into_boxed_slice();
        // As much again while all are put in one row, and for the pivots in the end.
        memory.take(2 * size_of_val(&*found) as u64)?;
        Ok(found)
    });
    let found = found.collect::<Result<Vec<_>>>()?;
    let mut columns = monitor.room(found.iter().map(|part| part.len()).sum())?;
    for part in found {
        monitor.check()?;
        columns.extend(part);
    }
    Ok(columns)
}

struct Columns<'a, 'c, K, A> {
    complex: &'a RipsComplex<'c, K, A>,
    cleared: &'a [K],
    lune: Lune,
    found: Vec<K>,
}

/// The lune of an edge: its vertices, ascending, and for each a row of bits for
/// the lesser ones that it is joined to.
#[derive(Default)]
struct Lune {
    vertices: Vec<u32>,
    words: usize,
    below: Vec<u64>,
}

impl Lune {
    fn read<A: Adjacency>(&mut self, adjacency: &A, [i, j]: [u32; 2], rank: u32) {
        let Self { vertices, words, below } = self;
        vertices.clear();
        adjacency.common_neighbors(&[i, j], rank, |vertex, _| {
            vertices.push(vertex);
            Continue(())
        });
        *words = vertices.len().div_ceil(64);
        below.clear();
        below.resize(vertices.len() * *words, 0);
        for (k, &vertex) in vertices.iter().enumerate() {
            let row = &mut below[k * *words..(k + 1) * *words];
            adjacency.joined(vertex, &vertices[..k], rank, |place| {
                row[place / 64] |= 1 << (place % 64);
                Continue(())
            });
        }
    }

    fn below(&self, k: usize) -> &[u64] {
        &self.below[k * self.words..(k + 1) * self.words]
    }
}

impl<K: Key, A: Adjacency> Columns<'_, '_, K, A> {
    fn with_longest_edge(&mut self, rank: u32, dimension: usize) {
        let (i, j) = self.complex.ranking().edge(rank);
        let key = K::from_rank(rank);
        if dimension == 1 {
            let mut is_empty = true;
            self.complex.adjacency().common_neighbors(&[i, j], rank, |_, _| {
                is_empty = false;
                Break(())
            });
            if is_empty {
                self.push(key);
            }
            return;
        }
        let mut lune = std::mem::take(&mut self.lune);
        lune.read(self.complex.adjacency(), [i, j], rank);
        let mut all = vec![u64::MAX; lune.words];
        if let Some(last) = all.last_mut() {
            *last >>= (64 - lune.vertices.len() % 64) % 64;
        }
        self.extend(&lune, key, &all, dimension - 2);
        self.lune = lune;
    }

    /// Adds `further` vertices of `candidates` to `key`, then the last one.
    fn extend(&mut self, lune: &Lune, key: K, candidates: &[u64], further: usize) {
        let bits = self.complex.vertex_bits();
        let Some(least) = ones_of_words(candidates).next() else { return };
        for k in ones_descending(candidates) {
            let joined = candidates.iter().zip(lune.below(k)).map(|(a, b)| a & b);
            let key = key.append(lune.vertices[k], bits);
            if further == 0 {
                if k > least && joined.fold(0, |any, word| any | word) == 0 {
                    self.push(key);
                }
            } else {
                let joined: Vec<u64> = joined.collect();
                if ones_of_words(&joined).nth(further).is_some() {
                    self.extend(lune, key, &joined, further - 1);
                }
            }
        }
    }

    fn push(&mut self, key: K) {
        if self.cleared.binary_search(&key).is_err() {
            self.found.push(key);
        }
    }
}

fn ones_descending(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().rev().flat_map(|(k, &word)| {
        let reversed = ones(word.reverse_bits());
        reversed.map(move |bit| 64 * k + 63 - bit)
    })
}
