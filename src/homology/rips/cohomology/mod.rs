//! Persistent cohomology, for every degree: with clearing (de Silva, Morozov and
//! Vejdemo-Johansson 2011), implicit and with apparent pairs (Bauer 2021).
//!
//! * [`adjacency`]: common neighbours of several vertices.
//! * [`simplex`]: a simplex as one integer, its longest edge first.
//! * [`cofacet`]: coboundaries, and the pairs that can be read off.
//! * [`columns`]: the simplices that have to be reduced at all.
//! * [`reduction`]: implicit reduction, several columns at once.
//! * [`working`]: a column while it is reduced.
//! * [`memory`]: what all of that takes.

mod adjacency;
mod cofacet;
mod columns;
mod memory;
mod reduction;
mod simplex;
mod working;

pub use self::adjacency::ranks_pay;
use self::adjacency::{Adjacency, DenseAdjacency, SparseAdjacency};
use self::cofacet::RipsComplex;
use self::columns::remaining_columns;
use self::memory::Memory;
use self::reduction::Reduction;
use self::simplex::{Key, Layout};
use super::bars::Diagrams;
use super::degree_zero;
use super::filtration::{Entering, Ranking};
use super::options::RipsOptions;
use super::way::Rows;
use crate::error::{Error, Result};
use crate::homology::field::{Field, Modulo2, ModuloP};
use crate::monitor::Monitor;

/// Bytes of the tables for that many vertices and edges.
pub fn cohomology_bytes(len: usize, edges: usize, rows: Rows) -> u64 {
    match rows {
        Rows::Dense => DenseAdjacency::bytes_for(len),
        Rows::Sparse => SparseAdjacency::bytes_for(edges),
    }
}

/// Diagrams of degrees zero to `maxdim`.
pub fn cohomology(
    ranking: &Ranking<'_>,
    rows: Rows,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    if rows == Rows::Dense {
        with_adjacency(ranking, &DenseAdjacency::new(ranking, monitor)?, options, monitor)
    } else {
        with_adjacency(ranking, &SparseAdjacency::new(ranking, monitor)?, options, monitor)
    }
}

fn with_adjacency<A: Adjacency>(
    ranking: &Ranking<'_>,
    adjacency: &A,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    let layout = Layout::new(ranking, options.top_degree(ranking.len()));
    match layout.bits() {
        0..=64 => with_key::<u64, A>(ranking, adjacency, layout, options, monitor),
        65..=128 => with_key::<u128, A>(ranking, adjacency, layout, options, monitor),
        _ => Err(Error::Overflow {
            argument: "maxdim",
            reason: format!(
                "simplices of {} points that have edges, {} of them, do not fit 128 bits; `maxdim` \
                 can be at most {}",
                ranking.len(),
                ranking.edge_count(),
                layout.largest_maxdim(128),
            ),
        }),
    }
}

fn with_key<K: Key, A: Adjacency>(
    ranking: &Ranking<'_>,
    adjacency: &A,
    layout: Layout,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    let complex = RipsComplex::<K, A>::new(ranking, adjacency, layout);
    if options.coeff == 2 {
        with_field(&complex, Modulo2, options, monitor)
    } else {
        with_field(&complex, ModuloP::new(options.coeff)?, options, monitor)
    }
}

/// Degree after degree: what the last one paired is cleared from the next.
fn with_field<K: Key, A: Adjacency, F: Field>(
    complex: &RipsComplex<'_, K, A>,
    field: F,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    let ranking = complex.ranking();
    let (bars, tree) = degree_zero::of_ranking(ranking, monitor)?;
    let mut diagrams = Diagrams::new(bars, ranking.threshold());
    let mut cleared: Vec<K> = tree.into_iter().map(K::from_rank).collect();
    let top = options.top_degree(ranking.len());
    monitor.expect((top * ranking.edge_count()) as u64);
    let tables = ranking.bytes() + complex.adjacency().bytes();
    // Which cocycle is found depends on the order in which columns are reduced.
    let workers = if options.cocycles { 1 } else { rayon::current_num_threads() };
    for dimension in 1..=top {
        let before = tables + size_of_val(cleared.as_slice()) as u64;
        let memory = Memory::new(dimension, options.max_memory, before);
        let columns = remaining_columns(complex, dimension, &cleared, &memory, monitor)?;
        monitor.expect(columns.len() as u64);
        let reduction = Reduction::new(complex, field, dimension, columns.len(), &memory)?;
        let vanished = reduction.reduce(&columns, workers, monitor)?;
        let (bars, pivots) = reduction.finish(&vanished, options.cocycles);
        diagrams.push(bars);
        cleared = pivots;
    }
    diagrams.pad(options.maxdim);
    Ok(diagrams)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::homology::rips::filtration::Filtration;
    use crate::space::Condensed;

    /// Pairs drawn one by one: columns are long, and many want the same pivot.
    fn drawn(len: usize, lengths: u64, seed: u64) -> Condensed {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (1 + (state >> 33) % lengths) as f64
        };
        Condensed::new(len, (0..len * (len - 1) / 2).map(|_| next()).collect()).unwrap()
    }

    /// Reduces the columns of each degree in other orders too: the more of them find their
    /// pivots owned by later ones, which they drive out.
    fn check<F: Field>(distances: Condensed, field: F) {
        let (monitor, options) = (Monitor::new(), RipsOptions::default());
        let len = distances.len();
        let filtration =
            Filtration::of_distances(Cow::Owned(distances), &options, &monitor).unwrap();
        let ranking = filtration.ranking(&vec![true; len], &monitor).unwrap();
        let adjacency = DenseAdjacency::new(&ranking, &monitor).unwrap();
        let complex = RipsComplex::<u64, _>::new(&ranking, &adjacency, Layout::new(&ranking, 3));
        let (_, tree) = degree_zero::of_ranking(&ranking, &monitor).unwrap();
        let mut cleared: Vec<u64> = tree.into_iter().map(u64::from_rank).collect();
        for dimension in 1..=3 {
            let memory = Memory::new(dimension, u64::MAX, 0);
            let columns =
                remaining_columns(&complex, dimension, &cleared, &memory, &monitor).unwrap();
            assert!(columns.is_sorted_by(|a, b| a > b));
            let reduced = |columns: &[u64], workers| {
                let all =
                    Reduction::new(&complex, field, dimension, columns.len(), &memory).unwrap();
                let vanished = all.reduce(columns, workers, &monitor).unwrap();
                all.finish(&vanished, false)
            };
            let (bars, pivots) = reduced(&columns, 1);
            assert!(pivots.is_sorted_by(|a, b| a < b));
            assert!(!pivots.is_empty());
            let mut ascending = columns.clone();
            ascending.reverse();
            let mut mixed = columns.clone();
            mixed.sort_unstable_by_key(|key| key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            for order in [&columns, &ascending, &mixed] {
                for workers in [1, 2, 5] {
                    assert_eq!(reduced(order, workers), (bars.clone(), pivots.clone()));
                }
            }
            cleared = pivots;
        }
    }

    #[test]
    fn pairs_do_not_depend_on_the_order_of_the_columns() {
        for seed in 1..=4 {
            for lengths in [3, 40, 1 << 30] {
                check(drawn(20, lengths, seed), Modulo2);
                check(drawn(18, lengths, seed), ModuloP::new(3).unwrap());
            }
        }
    }
}
