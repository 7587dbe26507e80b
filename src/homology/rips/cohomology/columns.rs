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
use rustc_hash::FxHashSet;

use super::adjacency::Adjacency;
use super::cofacet::RipsComplex;
use super::simplex::Key;
use crate::error::Result;
use crate::homology::rips::filtration::Entering;
use crate::monitor::Monitor;

/// Calls `reduce` with the remaining simplices of a dimension in descending
/// order, except those that are cleared.
pub fn remaining_columns<K: Key, A: Adjacency>(
    complex: &RipsComplex<'_, K, A>,
    dimension: usize,
    cleared: &FxHashSet<K>,
    monitor: &Monitor,
    mut reduce: impl FnMut(K) -> Result<()>,
) -> Result<()> {
    const BLOCK: usize = 4096;
    const TASK: usize = 32;
    let count = complex.ranking().edge_count();
    for end in (0..=count).rev().step_by(BLOCK).take_while(|&end| end > 0) {
        let block: Vec<u32> = (end.saturating_sub(BLOCK) as u32..end as u32).rev().collect();
        let found = block
            .par_chunks(TASK)
            .map(|ranks| {
                let mut columns = Columns { complex, cleared, found: Vec::new() };
                for &rank in ranks {
                    monitor.check()?;
                    columns.with_longest_edge(rank, dimension);
                }
                Ok(columns.found)
            })
            .collect::<Result<Vec<_>>>()?;
        for column in found.into_iter().flatten() {
            reduce(column)?;
        }
        monitor.advance(block.len() as u64)?;
    }
    Ok(())
}

struct Columns<'a, 'c, K, A> {
    complex: &'a RipsComplex<'c, K, A>,
    cleared: &'a FxHashSet<K>,
    found: Vec<K>,
}

impl<K: Key, A: Adjacency> Columns<'_, '_, K, A> {
    fn with_longest_edge(&mut self, rank: u32, dimension: usize) {
        let (i, j) = self.complex.ranking().edge(rank);
        let key = K::from_rank(rank);
        let mut lune = Vec::new();
        self.complex.adjacency().common_neighbors(&[i, j], rank, |vertex, _| {
            lune.push(vertex);
            if dimension == 1 { Break(()) } else { Continue(()) }
        });
        if dimension > 1 {
            self.extend(key, rank, &lune, dimension - 2);
        } else if lune.is_empty() {
            self.push(key);
        }
    }

    /// Adds `further` vertices of `candidates` to `key`, then the last one.
    fn extend(&mut self, key: K, rank: u32, candidates: &[u32], further: usize) {
        let bits = self.complex.vertex_bits();
        if further == 0 {
            for (k, &b) in candidates.iter().enumerate().skip(1).rev() {
                if !self.any_joined(b, &candidates[..k], rank) {
                    self.push(key.append(b, bits));
                }
            }
            return;
        }
        for (k, &vertex) in candidates.iter().enumerate().rev() {
            let mut joined = Vec::new();
            self.complex.adjacency().joined(vertex, &candidates[..k], rank, |v| {
                joined.push(v);
                Continue(())
            });
            if joined.len() > further {
                self.extend(key.append(vertex, bits), rank, &joined, further - 1);
            }
        }
    }

    fn any_joined(&self, b: u32, candidates: &[u32], rank: u32) -> bool {
        let mut any = false;
        self.complex.adjacency().joined(b, candidates, rank, |_| {
            any = true;
            Break(())
        });
        any
    }

    fn push(&mut self, key: K) {
        if !self.cleared.contains(&key) {
            self.found.push(key);
        }
    }
}
