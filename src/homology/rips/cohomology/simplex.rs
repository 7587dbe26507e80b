//! A simplex as one integer.
//!
//! A simplex is written as the rank of its longest edge, in the highest bits,
//! and then its other vertices in descending order. Integers then sort as the
//! simplices enter, and four things cost one instruction each:
//!
//! * the last vertex written is the smallest of the others;
//! * shifting it out gives the greatest facet with the same longest edge;
//! * shifting a vertex below it in gives a cofacet with the same longest edge;
//! * the diameter is a look-up of the rank.

use std::fmt::Debug;
use std::hash::Hash;

use crate::homology::rips::filtration::{Entering, Ranking};

/// An unsigned integer wide enough for the simplices at hand.
pub trait Key: Copy + Ord + Hash + Debug + Send + Sync {
    fn from_rank(rank: u32) -> Self;
    /// Appends `vertex` behind the vertices written so far.
    fn append(self, vertex: u32, bits: u32) -> Self;
    /// Drops the last `count` vertices.
    fn drop(self, count: usize, bits: u32) -> Self;
    /// The last vertex written.
    fn last(self, bits: u32) -> u32;
    /// The number of the highest bit in which it differs from `other`, from one on.
    fn height_over(self, other: Self) -> usize;
    /// What is left as a number: the rank, once all vertices are dropped.
    fn rank(self) -> u32;
}

macro_rules! key {
    ($integer:ty) => {
        impl Key for $integer {
            #[inline(always)]
            fn from_rank(rank: u32) -> Self {
                rank.into()
            }
            #[inline(always)]
            fn append(self, vertex: u32, bits: u32) -> Self {
                self << bits | Self::from(vertex)
            }
            #[inline(always)]
            fn drop(self, count: usize, bits: u32) -> Self {
                // Wider shifts are asked for only where nothing is left.
                self.checked_shr(count as u32 * bits).unwrap_or(0)
            }
            #[inline(always)]
            fn last(self, bits: u32) -> u32 {
                (self & ((1 << bits) - 1)) as u32
            }
            #[inline(always)]
            fn height_over(self, other: Self) -> usize {
                (Self::BITS - (self ^ other).leading_zeros()) as usize
            }
            #[inline(always)]
            fn rank(self) -> u32 {
                self as u32
            }
        }
    };
}

key!(u64);
key!(u128);

/// How many bits the parts of a key take.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    vertex_bits: u32,
    rank_bits: u32,
    maxdim: usize,
}

impl Layout {
    /// For simplices up to dimension `maxdim + 1`, the deaths of the highest
    /// degree.
    pub fn new(ranking: &Ranking<'_>, maxdim: usize) -> Self {
        let bits = |count: usize| usize::BITS - count.saturating_sub(1).max(1).leading_zeros();
        Self { vertex_bits: bits(ranking.len()), rank_bits: bits(ranking.edge_count()), maxdim }
    }

    /// Bits of a vertex.
    pub fn vertex_bits(&self) -> u32 {
        self.vertex_bits
    }

    /// Bits of the largest key.
    pub fn bits(&self) -> u32 {
        self.rank_bits + self.maxdim as u32 * self.vertex_bits
    }

    /// The largest degree whose keys fit `width` bits.
    pub fn largest_maxdim(&self, width: u32) -> u32 {
        (width - self.rank_bits) / self.vertex_bits
    }
}
