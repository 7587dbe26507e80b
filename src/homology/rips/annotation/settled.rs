//! When nothing can happen any more: the rest of the edges need no order.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::arch::arch;
use crate::error::Result;
use crate::homology::bits::{BitRows, contains, vertices};
use crate::monitor::Monitor;
use crate::space::Condensed;

/// Whether all pairs up to `threshold` have a common neighbour, or will have
/// one when they become edges themselves.
///
/// If no class is alive, none of these edges bears or kills one: its first
/// triangle fixes its annotation to zero, and all others agree.
pub fn all_lunes_fill(
    neighbors: &BitRows,
    distances: &Condensed,
    threshold: f64,
    monitor: &Monitor,
) -> Result<bool> {
    let graph = Graph { neighbors, distances, threshold };
    let hubs = Hubs::new(&graph);
    let arch = arch();
    let each = (0..distances.len() as u32).into_par_iter().with_min_len(16);
    let fill = |room: &mut Room, i: u32| {
        arch.dispatch(|| hubs.doubtful(&graph, i, room));
        room.doubtful.iter().all(|&j| graph.lune_fills(i, j))
    };
    let all = each.map_init(Room::default, |room, i| monitor.check().is_ok() && fill(room, i));
    let all = all.all(|fill| fill);
    monitor.check()?;
    Ok(all)
}

/// The edges so far, and the distances of all pairs.
struct Graph<'g> {
    neighbors: &'g BitRows,
    distances: &'g Condensed,
    threshold: f64,
}

impl Graph<'_> {
    fn degree(&self, i: u32) -> u32 {
        let words = self.neighbors.row(i).iter().flat_map(|block| block.0);
        words.map(u64::count_ones).sum()
    }

    /// Whether the pair is joined, will never be, or has a common neighbour by
    /// then: one that is there, or a neighbour of one end that meets the other
    /// before.
    fn lune_fills(&self, i: u32, j: u32) -> bool {
        let distance = self.distances.get(i as usize, j as usize);
        let enters = distance <= self.threshold && distance.is_finite();
        let pairs = self.neighbors.row(i).iter().zip(self.neighbors.row(j));
        !enters
            || contains(self.neighbors.row(i), j)
            || pairs.into_iter().any(|(a, b)| (0..a.0.len()).any(|k| a.0[k] & b.0[k] != 0))
            || self.is_met(i, j)
            || self.is_met(j, i)
    }

    /// Whether a neighbour of `from` meets `to` before `from` does.
    fn is_met(&self, from: u32, to: u32) -> bool {
        let place = |k: u32| (self.distances.get(k as usize, to as usize), [k.min(to), k.max(to)]);
        let limit = place(from);
        vertices(self.neighbors.row(from).iter().copied()).any(|k| place(k) < limit)
    }
}

/// Vertices, half of them with many neighbours, half spread over all, and their
/// distances to all vertices.
struct Hubs {
    vertices: Vec<u32>,
    distances: Vec<Vec<f64>>,
}

/// Room to work in.
#[derive(Default)]
struct Room {
    nearest: Vec<f64>,
    doubtful: Vec<u32>,
}

impl Hubs {
    const MOST: usize = 128;

    /// How many of the hubs beside a vertex are tried.
    const TRIED: usize = 6;

    fn new(graph: &Graph<'_>) -> Self {
        let len = graph.distances.len();
        let mut vertices: Vec<u32> = (0..len as u32).collect();
        vertices.sort_by_cached_key(|&i| Reverse(graph.degree(i)));
        let others = vertices.split_off(len.min(Self::MOST / 2));
        let step = (2 * others.len() / Self::MOST).max(1);
        vertices.extend(others.into_iter().step_by(step));
        let to_all = |&hub: &u32| (0..len).map(|j| graph.distances.get(hub as usize, j)).collect();
        let distances = vertices.par_iter().map(to_all).collect();
        Self { vertices, distances }
    }

    /// Lists the later vertices to which no hub beside `i` is nearer than `i`
    /// is. Where one is, it will be in the lune.
    #[inline(always)]
    fn doubtful(&self, graph: &Graph<'_>, i: u32, room: &mut Room) {
        let Room { nearest, doubtful } = room;
        let row = graph.distances.row(i as usize);
        nearest.clear();
        nearest.resize(row.len(), f64::INFINITY);
        let mut tried = 0;
        for (&hub, distances) in self.vertices.iter().zip(&self.distances) {
            if tried < Self::TRIED && graph.neighbors.contains(i, hub) {
                let later = &distances[i as usize + 1..];
                for (nearest, &d) in nearest.iter_mut().zip(later) {
                    *nearest = if d < *nearest { d } else { *nearest };
                }
                tried += 1;
            }
        }
        doubtful.clear();
        doubtful.resize(row.len() + 1, 0);
        let mut found = 0;
        for (k, (nearest, d)) in nearest.iter().zip(row).enumerate() {
            // Written in any case: a branch would be guessed wrong often.
            doubtful[found] = i + 1 + k as u32;
            found += usize::from(d <= nearest);
        }
        doubtful.truncate(found);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pairs up to a threshold by (length, vertices).
    fn in_order(distances: &Condensed, threshold: f64) -> Vec<(f64, [usize; 2])> {
        let n = distances.len();
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| [i, j]));
        let mut edges: Vec<_> = pairs.map(|[i, j]| (distances.get(i, j), [i, j])).collect();
        edges.retain(|(d, _)| *d <= threshold && d.is_finite());
        edges.sort_by(|a, b| a.partial_cmp(b).unwrap());
        edges
    }

    fn found(distances: &Condensed, threshold: f64, entered: usize) -> bool {
        let n = distances.len();
        let mut neighbors = BitRows::new(n, n);
        for (_, [i, j]) in in_order(distances, threshold).into_iter().take(entered) {
            neighbors.insert(i as u32, j as u32);
            neighbors.insert(j as u32, i as u32);
        }
        all_lunes_fill(&neighbors, distances, threshold, &Monitor::new()).unwrap()
    }

    /// The definition, edge by edge.
    fn expected(distances: &Condensed, threshold: f64, entered: usize) -> bool {
        let n = distances.len();
        let mut joined = vec![vec![false; n]; n];
        for (rank, (_, [i, j])) in in_order(distances, threshold).into_iter().enumerate() {
            if rank >= entered && !(0..n).any(|k| joined[i][k] && joined[j][k]) {
                return false;
            }
            joined[i][j] = true;
            joined[j][i] = true;
        }
        true
    }

    /// Lengths as of a metric, tied, infinite, or anything.
    fn spaces() -> impl Strategy<Value = Condensed> {
        (2..24usize).prop_flat_map(|n| {
            let length = prop_oneof![
                (1..4u8).prop_map(f64::from).boxed(),
                (1.0..2.0f64).boxed(),
                prop_oneof![(0.0..1.0f64), Just(f64::INFINITY)].boxed(),
            ];
            let lengths = length.prop_flat_map(move |l| {
                proptest::collection::vec(
                    prop_oneof![Just(l), 1.0..2.0f64, 0.0..3.0f64],
                    n * (n - 1) / 2,
                )
            });
            lengths.prop_map(move |lengths| Condensed::new(n, lengths).unwrap())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_found_is_so(
            space in spaces(),
            share in 0.0..1.0f64,
            threshold in prop_oneof![Just(f64::INFINITY), 0.5..2.5f64],
        ) {
            let edges = in_order(&space, threshold).len();
            let entered = (share * edges as f64) as usize;
            if found(&space, threshold, entered) {
                prop_assert!(expected(&space, threshold, entered));
            }
        }
    }

    #[test]
    fn it_is_found_early_in_noise_and_not_too_early() {
        let n = 80;
        let at = |i: usize, k: f64| (0.31 * k + (1.0 + i as f64).sqrt() * (1.0 + 3.7 * k)).fract();
        let square = |i, j, k| (at(i, k) - at(j, k)) * (at(i, k) - at(j, k));
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let length = |(i, j)| (0..5).map(|k| square(i, j, f64::from(k))).sum::<f64>().sqrt();
        let space = Condensed::new(n, pairs.map(length).collect()).unwrap();
        let edges = in_order(&space, f64::INFINITY).len();
        let first = |test: fn(&Condensed, f64, usize) -> bool| {
            (0..edges).find(|&entered| test(&space, f64::INFINITY, entered)).unwrap()
        };
        let (earliest, found) = (first(expected), first(found));
        assert!(earliest > n && found >= earliest && found < edges / 2, "{earliest} {found}");
    }
}
