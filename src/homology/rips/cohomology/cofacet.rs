//! Coboundaries, and the pairs that can be read off without a reduction.

use std::marker::PhantomData;
use std::ops::ControlFlow::{Break, Continue};

use super::adjacency::Adjacency;
use super::simplex::{Key, Layout};
use crate::homology::rips::filtration::{NO_EDGE, Ranking};
use crate::homology::rips::options::MAX_DIMENSION;

/// The Vietoris-Rips complex of a filtration, none of whose simplices of
/// positive dimension are stored.
#[derive(Debug)]
pub struct RipsComplex<'a, K, A> {
    ranking: &'a Ranking<'a>,
    adjacency: &'a A,
    vertex_bits: u32,
    key: PhantomData<K>,
}

/// A simplex with its vertices spelled out, ascending.
#[derive(Debug, Clone, Copy)]
pub struct Simplex<K> {
    pub key: K,
    pub rank: u32,
    vertices: [u32; MAX_DIMENSION + 3],
    len: usize,
}

impl<K> Simplex<K> {
    pub fn vertices(&self) -> &[u32] {
        &self.vertices[..self.len]
    }
}

impl<'a, K: Key, A: Adjacency> RipsComplex<'a, K, A> {
    pub fn new(ranking: &'a Ranking<'a>, adjacency: &'a A, layout: Layout) -> Self {
        let vertex_bits = layout.vertex_bits();
        Self { ranking, adjacency, vertex_bits, key: PhantomData }
    }

    pub fn ranking(&self) -> &'a Ranking<'a> {
        self.ranking
    }

    pub fn adjacency(&self) -> &'a A {
        self.adjacency
    }

    pub fn vertex_bits(&self) -> u32 {
        self.vertex_bits
    }

    /// Diameter of a simplex.
    pub fn diameter(&self, key: K, dimension: usize) -> f64 {
        self.ranking.length(self.rank(key, dimension))
    }

    /// Rank of the longest edge of a simplex.
    pub fn rank(&self, key: K, dimension: usize) -> u32 {
        key.drop(dimension - 1, self.vertex_bits).rank()
    }

    /// Spells a key out.
    pub fn simplex(&self, key: K, dimension: usize) -> Simplex<K> {
        let rank = self.rank(key, dimension);
        let (low, high) = self.ranking.edge(rank);
        let mut vertices = [0; MAX_DIMENSION + 3];
        // The others come out smallest first; the two ends slot in between.
        let mut len = 0;
        let mut ends = [low, high].into_iter().peekable();
        for k in 0..dimension - 1 {
            let other = key.drop(k, self.vertex_bits).last(self.vertex_bits);
            while let Some(end) = ends.next_if(|&end| end < other) {
                vertices[len] = end;
                len += 1;
            }
            vertices[len] = other;
            len += 1;
        }
        for end in ends {
            vertices[len] = end;
            len += 1;
        }
        Simplex { key, rank, vertices, len }
    }

    /// Visits the cofacets with their signs: (−1)^(place of the new vertex).
    #[inline]
    pub fn coboundary(&self, simplex: &Simplex<K>, mut visit: impl FnMut(K, bool)) {
        let mut place = 0;
        self.adjacency.common_neighbors(simplex.vertices(), NO_EDGE, |vertex, highest| {
            let later = &simplex.vertices()[place..];
            place += later.iter().take_while(|&&v| v < vertex).count();
            let rank = highest.max(simplex.rank);
            visit(self.cofacet(simplex, (vertex, place), rank), place % 2 == 1);
            Continue(())
        });
    }

    /// The cofacet with a vertex at its place among those of the simplex.
    #[inline]
    fn cofacet(&self, simplex: &Simplex<K>, (vertex, place): (u32, usize), rank: u32) -> K {
        let (low, high) = self.ranking.edge(rank);
        let mut key = K::from_rank(rank);
        let mut append = |v: u32| {
            if v != low && v != high {
                key = key.append(v, self.vertex_bits);
            }
        };
        let (below, above) = simplex.vertices().split_at(place);
        above.iter().rev().for_each(|&v| append(v));
        append(vertex);
        below.iter().rev().for_each(|&v| append(v));
        key
    }

    /// The first cofacet of the same diameter, with its sign: the smallest
    /// cofacet of all, if there is one.
    pub fn first_cofacet_of_same_rank(&self, simplex: &Simplex<K>) -> Option<(K, bool)> {
        let vertex = self.least_lune_vertex(simplex.vertices(), simplex.rank)?;
        let place = place(simplex, vertex);
        Some((self.cofacet(simplex, (vertex, place), simplex.rank), place % 2 == 1))
    }

    /// If `key` is the first cofacet of its greatest facet, that facet and the
    /// sign between them: an apparent pair.
    pub fn apparent_facet(&self, key: K, dimension: usize) -> Option<(Simplex<K>, bool)> {
        let dropped = key.last(self.vertex_bits);
        let facet = self.simplex(key.drop(1, self.vertex_bits), dimension - 1);
        let least = self.least_lune_vertex(facet.vertices(), facet.rank)?;
        (least == dropped).then(|| (facet, place(&facet, dropped) % 2 == 1))
    }

    fn least_lune_vertex(&self, vertices: &[u32], rank: u32) -> Option<u32> {
        let mut least = None;
        self.adjacency.common_neighbors(vertices, rank, |vertex, _| {
            least = Some(vertex);
            Break(())
        });
        least
    }
}

/// Where a vertex belongs among those of a simplex.
fn place<K>(simplex: &Simplex<K>, vertex: u32) -> usize {
    simplex.vertices().partition_point(|&v| v < vertex)
}
