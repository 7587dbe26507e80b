//! A search through a lune, from centre to centre.

use super::lune::DenseLunes;
use super::vectors::Edge;
use crate::homology::bits::{Block, contains, least_vertex, place, remove};

/// A search through a lune.
#[derive(Debug, Default)]
pub struct Search {
    pub lune: Vec<Block>,
    /// What it has not reached.
    pub rest: Vec<Block>,
    /// What it has reached and not been to.
    pub front: Vec<Block>,
    /// Where it has been.
    pub centres: Vec<u32>,
}

impl Search {
    #[inline(always)]
    pub fn begin(&mut self, lunes: &DenseLunes, [i, j]: Edge) {
        self.lune.clear();
        for (a, b) in lunes.neighbors(i).iter().zip(lunes.neighbors(j)) {
            self.lune.push(Block::from_words(|k| a.0[k] & b.0[k]));
        }
        self.rest.clone_from(&self.lune);
        self.front.clear();
        self.front.resize(self.lune.len(), Block::default());
        self.centres.clear();
    }

    /// Whether a vertex is in the lune and joined to all others of it.
    #[inline(always)]
    pub fn is_cone(&self, lunes: &DenseLunes, v: u32) -> bool {
        let (own, word, bit) = place(v);
        if !contains(&self.lune, v) {
            return false;
        }
        for (block, neighbors) in lunes.neighbors(v).iter().enumerate() {
            let mut missed = Block::from_words(|k| self.lune[block].0[k] & !neighbors.0[k]);
            if block == own {
                missed.0[word] &= !(1 << bit);
            }
            if !missed.is_empty() {
                return false;
            }
        }
        true
    }

    /// Takes a vertex from the rest.
    #[inline(always)]
    pub fn discover(&mut self, v: u32) {
        remove(&mut self.rest, v);
    }

    /// Reaches what is linked to a vertex, which becomes a centre.
    #[inline(always)]
    pub fn visit(&mut self, lunes: &DenseLunes, centre: u32) {
        self.centres.push(centre);
        let both = self.rest.iter_mut().zip(&mut self.front);
        for ((rest, front), neighbors) in both.zip(lunes.neighbors(centre)) {
            for k in 0..rest.0.len() {
                let reached = rest.0[k] & neighbors.0[k];
                rest.0[k] ^= reached;
                front.0[k] |= reached;
            }
        }
    }

    #[inline(always)]
    pub fn rest_is_empty(&self) -> bool {
        self.rest.iter().all(Block::is_empty)
    }

    /// Whether a vertex is linked to some of the rest.
    #[inline(always)]
    pub fn meets_rest(&self, lunes: &DenseLunes, v: u32) -> bool {
        let mut ahead = self.rest.iter().zip(lunes.neighbors(v));
        ahead.any(|(a, b)| !Block::from_words(|k| a.0[k] & b.0[k]).is_empty())
    }

    /// A vertex that was reached, and from which something is to be reached.
    #[inline(always)]
    pub fn next(&mut self, lunes: &DenseLunes) -> Option<u32> {
        if self.rest_is_empty() {
            return None;
        }
        loop {
            let v = least_vertex(&self.front)?;
            remove(&mut self.front, v);
            if self.meets_rest(lunes, v) {
                return Some(v);
            }
        }
    }

    /// A vertex of a part not reached yet, if there is one among `preferred`
    /// then that.
    pub fn next_root(&self, preferred: &mut impl Iterator<Item = u32>) -> Option<u32> {
        preferred.find(|&v| contains(&self.rest, v)).or_else(|| least_vertex(&self.rest))
    }

    /// Leaves in `front` the neighbours of `v` in the lune with which it has no
    /// centre in common; tells whether there are any.
    #[inline(always)]
    pub fn uncover(&mut self, lunes: &DenseLunes, v: u32) -> bool {
        for (block, neighbors) in lunes.neighbors(v).iter().enumerate() {
            let lune = &self.lune[block];
            self.front[block] = Block::from_words(|k| lune.0[k] & neighbors.0[k]);
        }
        for &centre in &self.centres {
            if centre == v {
                return false;
            }
            if lunes.are_joined(centre, v) {
                // The centre itself is not among its neighbours.
                remove(&mut self.front, centre);
                let mut left = 0;
                for (front, neighbors) in self.front.iter_mut().zip(lunes.neighbors(centre)) {
                    for k in 0..front.0.len() {
                        front.0[k] &= !neighbors.0[k];
                        left |= front.0[k];
                    }
                }
                if left == 0 {
                    return false;
                }
            }
        }
        true
    }
}
