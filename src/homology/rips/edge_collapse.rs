//! Fewer edges, the same persistence: edge collapse of a filtration.
//!
//! An edge is *dominated* in a graph if one vertex, its dominator, is joined to
//! all others of its lune; without such an edge the flag complex has the same
//! homotopy type (Boissonnat and Pritam 2020). So an edge may wait until it is
//! no longer dominated, and need not come at all if it always is (Glisse and
//! Pritam 2022). Edges are taken from the last to the first: an edge finds the
//! earlier ones as they were given, and the later ones as they were delayed.
//! Scales and bars stay those of the ranks before.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::filtration::{Entering, NO_EDGE, Ranking};
use crate::arch::arch;
use crate::error::Result;
use crate::homology::bits::{BITS, BitRows, Block, WORDS, contains, insert, place, vertices};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// Bytes for so many vertices and edges.
pub fn edge_collapse_bytes(len: usize, edges: usize) -> u64 {
    let ahead = (len * (size_of::<Vec<u32>>() + size_of::<AtomicU32>())) as u64;
    2 * BitRows::bytes(len, len) + Entries::bytes(len, edges) + ahead
}

/// Edges that are kept, as (rank, rank at which it enters), sorted by entry;
/// `None` if the collapse was given up because it removes little.
pub fn edge_collapse(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Option<Vec<(u32, u32)>>> {
    let edges = ranking.edge_count() as u32;
    let mut graph = Graph::new(ranking, monitor)?;
    let mut kept = Vec::new();
    let mut end = edges;
    let mut ahead = Ahead::new(ranking.len());
    monitor.expect(edges.into());
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        let mut first = end;
        while first > start {
            let block = first.saturating_sub(ahead.block).max(start)..first;
            first = block.start;
            let guesses = ahead.look(&graph, ranking, block.clone(), monitor)?;
            arch().dispatch(|| -> Result<()> {
                for (rank, guess) in block.rev().zip(guesses) {
                    monitor.check()?;
                    let edge = ranking.edge(rank);
                    let known = ahead.check(&graph, edge, guess);
                    let entry = graph.delay(edge, rank, known);
                    if entry != NO_EDGE {
                        kept.push((rank, entry));
                    }
                }
                Ok(())
            })?;
        }
        monitor.advance((end - start).into())?;
        end = start;
        let seen = (edges - end) as usize;
        if seen >= TRIAL.max(edges as usize / 16) && 4 * kept.len() > 3 * seen {
            return Ok(None);
        }
    }
    sort_by(&mut kept, |a, b| (a.1, a.0).cmp(&(b.1, b.0)), monitor)?;
    Ok(Some(kept))
}

/// Edges between two looks at how much is removed.
const CHUNK: u32 = 1 << 10;

/// Edges that are tried at least.
const TRIAL: usize = 1 << 14;

/// Points from which on edges are looked at ahead.
const MANY: usize = 1 << 10;

/// What is to be said of an edge at the moment at which it enters.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// This vertex dominates it for ever.
    Never(u32),
    /// Nothing dominates it.
    Now,
    /// This vertex dominates it until then.
    Until(u32, u32),
}

/// Looks at the edges of a block on all threads, before their turns come.
///
/// They are seen as if the whole block had been joined and no edge of it delayed. What is found
/// holds at the turn of an edge e unless it hangs on an edge f of the block that is later than e,
/// has had its turn, and so is not there yet:
///
/// * `w` dominates e for ever: only if f joins `w` to an end of e or to a vertex of its lune, then
///   or later. Other vertices that come later, or not at all, ask less of `w`.
/// * Nothing dominates e: only if f joins an end of e to a vertex of its lune. Fewer edges within
///   the lune dominate less.
///
/// Such an edge is looked at anew, as is one that is delayed.
struct Ahead {
    block: u32,
    /// For each vertex the other ends of those edges of the block that had their turns.
    later: Vec<Vec<u32>>,
    touched: Vec<u32>,
}

impl Ahead {
    fn new(len: usize) -> Self {
        // So that a vertex seldom has two edges of a block.
        let block = (len / 8).clamp(1, CHUNK as usize) as u32;
        Self { block, later: vec![Vec::new(); len], touched: Vec::new() }
    }

    /// What is seen of each edge of a block, the last first; nothing on one thread, nor of few
    /// points, where it would not pay to wake others.
    fn look(
        &mut self,
        graph: &Graph,
        ranking: &Ranking<'_>,
        block: std::ops::Range<u32>,
        monitor: &Monitor,
    ) -> Result<Vec<Option<Look>>> {
        for v in self.touched.drain(..) {
            self.later[v as usize].clear();
        }
        if rayon::current_num_threads() == 1 || self.later.len() < MANY {
            return Ok(vec![None; block.len()]);
        }
        let arch = arch();
        let look = |sets: &mut Sets, rank: u32| {
            monitor.check()?;
            Ok(Some(arch.dispatch(|| graph.look(ranking.edge(rank), rank, sets))))
        };
        block.into_par_iter().rev().with_min_len(4).map_init(Sets::default, look).collect()
    }

    /// What was seen of an edge, if it holds at its turn.
    #[inline(always)]
    fn check(&mut self, graph: &Graph, (i, j): (u32, u32), guess: Option<Look>) -> Option<Look> {
        let guess = guess?;
        let ever = |a: u32, b: u32| contains(graph.ever.row(a), b);
        let holds = match guess {
            Look::Never(w) => {
                let asks = |&v: &u32| v == i || v == j || ever(i, v) && ever(j, v);
                !self.later[w as usize].iter().any(asks)
            }
            Look::Now => [(i, j), (j, i)].into_iter().all(|(a, b)| {
                let joined = |v: &u32| ever(b, *v) || self.later[b as usize].contains(v);
                !self.later[a as usize].iter().any(joined)
            }),
            Look::Until(..) => false,
        };
        for (a, b) in [(i, j), (j, i)] {
            self.later[a as usize].push(b);
            self.touched.push(a);
        }
        holds.then_some(guess)
    }
}

/// The graph at the moment at which an edge enters, and what comes later.
struct Graph {
    entries: Entries,
    /// Pairs joined before the present edge, and those joined ever.
    now: BitRows,
    ever: BitRows,
    /// Vertices that lately dominated an edge at this one: where to look first.
    dominators: Vec<AtomicU32>,
    sets: Sets,
}

/// Sets of vertices at the present edge.
#[derive(Default)]
struct Sets {
    lune: Vec<Block>,
    candidates: Vec<Block>,
}

impl Graph {
    fn new(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Self> {
        let entries = Entries::new(ranking, monitor)?;
        let (now, ever) = (entries.edges.clone(), entries.edges.clone());
        let dominators = (0..ranking.len()).map(|_| AtomicU32::new(u32::MAX)).collect();
        Ok(Self { entries, now, ever, dominators, sets: Sets::default() })
    }

    /// When a vertex enters the lune of an edge.
    #[inline(always)]
    fn meets(&self, (i, j): (u32, u32), v: u32) -> u32 {
        self.entries.of(i, v).max(self.entries.of(j, v))
    }

    /// Decides when an edge enters, from its own rank to never.
    #[inline(always)]
    fn delay(&mut self, edge: (u32, u32), rank: u32, known: Option<Look>) -> u32 {
        let (i, j) = edge;
        for (a, b) in [(i, j), (j, i)] {
            self.now.remove(a, b);
        }
        let mut sets = std::mem::take(&mut self.sets);
        let entry = match known.unwrap_or_else(|| self.look(edge, rank, &mut sets)) {
            Look::Never(_) => NO_EDGE,
            Look::Now => rank,
            Look::Until(w, horizon) => {
                self.dominators[i as usize].store(w, Relaxed);
                self.dominators[j as usize].store(w, Relaxed);
                self.first_undominated(edge, &sets.lune, horizon)
            }
        };
        self.sets = sets;
        if entry != rank {
            for (a, b) in [(i, j), (j, i)] {
                self.entries.set(a, b, entry);
                if entry == NO_EDGE {
                    self.ever.remove(a, b);
                }
            }
        }
        entry
    }

    /// What dominates an edge at its own rank, and for how long.
    #[inline(always)]
    fn look(&self, edge: (u32, u32), rank: u32, sets: &mut Sets) -> Look {
        let (i, j) = edge;
        let Sets { lune, candidates } = sets;
        lune.clear();
        let mut newcomers = false;
        for block in 0..self.now.blocks_per_row() {
            let (a, b) = (&self.now.row(i)[block], &self.now.row(j)[block]);
            let both = Block::from_words(|k| a.0[k] & b.0[k]);
            let (a, b) = (&self.ever.row(i)[block], &self.ever.row(j)[block]);
            newcomers |= !Block::from_words(|k| a.0[k] & b.0[k] & !both.0[k]).is_empty();
            lune.push(both);
        }
        let known = [i, j].map(|v| self.dominators[v as usize].load(Relaxed));
        let known = known.into_iter().find(|&w| w != u32::MAX && self.dominates(lune, w));
        if let Some(w) = known
            && (!newcomers || self.horizon(edge, lune, w, rank) == NO_EDGE)
        {
            return Look::Never(w);
        }
        self.find_dominators(lune, candidates);
        let mut best = Look::Now;
        let mut latest = rank;
        for w in vertices(candidates.iter().copied()) {
            let horizon = self.horizon(edge, lune, w, rank);
            if horizon > latest {
                latest = horizon;
                best = Look::Until(w, horizon);
            }
            if horizon == NO_EDGE {
                self.dominators[i as usize].store(w, Relaxed);
                self.dominators[j as usize].store(w, Relaxed);
                return Look::Never(w);
            }
        }
        best
    }

    /// When nothing dominates an edge any more that is dominated until `now`; `lune` is that of
    /// its own rank.
    #[inline(always)]
    fn first_undominated(&self, edge: (u32, u32), lune: &[Block], mut now: u32) -> u32 {
        while now != NO_EDGE {
            let later = self.best_horizon_at(edge, lune, now);
            if later <= now {
                break;
            }
            now = later;
        }
        now
    }

    /// Whether `w` is in the lune and joined to all others of it now.
    #[inline(always)]
    fn dominates(&self, lune: &[Block], w: u32) -> bool {
        let (block, word, bit) = place(w);
        contains(lune, w) && {
            let row = self.now.row(w);
            (0..row.len()).all(|b| {
                let missed = Block::from_words(|k| {
                    let itself = if (b, k) == (block, word) { 1 << bit } else { 0 };
                    lune[b].0[k] & !row[b].0[k] & !itself
                });
                missed.is_empty()
            })
        }
    }

    /// Leaves the vertices of the lune that are joined to all others of it.
    #[inline(always)]
    fn find_dominators(&self, lune: &[Block], candidates: &mut Vec<Block>) {
        candidates.clear();
        candidates.extend_from_slice(lune);
        for v in vertices(lune.iter().copied()) {
            let (own, word, bit) = place(v);
            let mut left = 0;
            let row = self.now.row(v);
            let itself = candidates[own].0[word] & 1 << bit;
            for (candidates, row) in candidates.iter_mut().zip(row) {
                for k in 0..row.0.len() {
                    candidates.0[k] &= row.0[k];
                    left |= candidates.0[k];
                }
            }
            candidates[own].0[word] |= itself;
            if left | itself == 0 {
                return;
            }
        }
    }

    /// Vertices that enter the lune of an edge later than those in `lune`.
    #[inline(always)]
    fn newcomers(&self, edge: (u32, u32), lune: &[Block]) -> impl Iterator<Item = u32> {
        let rows = self.ever.row(edge.0).iter().zip(self.ever.row(edge.1)).zip(lune);
        vertices(rows.map(|((a, b), lune)| Block::from_words(|k| a.0[k] & b.0[k] & !lune.0[k])))
    }

    /// How long `w`, if it dominates the edge at time `now`, at which `lune` is
    /// the lune, goes on to do so.
    #[inline(always)]
    fn horizon(&self, edge: (u32, u32), lune: &[Block], w: u32, now: u32) -> u32 {
        let mut horizon = NO_EDGE;
        for v in self.newcomers(edge, lune) {
            let met = self.meets(edge, v);
            if v != w && met < horizon && self.entries.of(w, v) > met.max(now) {
                horizon = met;
            }
        }
        horizon
    }

    /// The latest horizon among the dominators at a later time `now`, or `now`.
    fn best_horizon_at(&self, edge: (u32, u32), own: &[Block], now: u32) -> u32 {
        let mut lune = own.to_vec();
        let mut newest = None;
        for v in self.newcomers(edge, own) {
            let met = self.meets(edge, v);
            if met <= now {
                insert(&mut lune, v);
            }
            if met == now {
                newest = Some(v);
            }
        }
        let newest = newest.expect("a horizon is where a vertex enters");
        let dominates = |w: u32| {
            let missed = lune.iter().zip(self.now.row(w));
            let missed = missed.map(|(a, b)| Block::from_words(|k| a.0[k] & !b.0[k]));
            (w == newest || self.entries.of(w, newest) <= now)
                && vertices(missed).all(|v| v == w || self.entries.of(w, v) <= now)
        };
        let dominators = vertices(lune.iter().copied()).filter(|&w| dominates(w));
        dominators.map(|w| self.horizon(edge, &lune, w, now)).fold(now, u32::max)
    }
}

/// From edges to the ranks at which they enter, as known so far: bits tell which pairs
/// are edges, and counting them where the rank of an edge is.
struct Entries {
    edges: BitRows,
    /// The place of the first rank of each word of bits.
    starts: Vec<u32>,
    ranks: Vec<u32>,
}

impl Entries {
    fn bytes(len: usize, edges: usize) -> u64 {
        let starts = len * len.div_ceil(BITS) * WORDS;
        BitRows::bytes(len, len) + ((starts + 2 * edges) * size_of::<u32>()) as u64
    }

    fn new(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Self> {
        let len = ranking.len();
        let mut edges = BitRows::new(len, len);
        for (i, j) in ranking.edges() {
            monitor.check()?;
            edges.insert(i, j);
            edges.insert(j, i);
        }
        let mut starts = Vec::with_capacity(len * edges.blocks_per_row() * WORDS);
        let mut count = 0;
        for v in 0..len as u32 {
            monitor.check()?;
            for word in edges.row(v).iter().flat_map(|block| block.0) {
                starts.push(count);
                count += word.count_ones();
            }
        }
        let mut entries = Self { edges, starts, ranks: vec![NO_EDGE; count as usize] };
        for ((i, j), rank) in ranking.edges().zip(0..) {
            monitor.check()?;
            entries.set(i, j, rank);
            entries.set(j, i, rank);
        }
        Ok(entries)
    }

    /// Where the rank of a pair is, if it is an edge.
    #[inline(always)]
    fn place(&self, a: u32, b: u32) -> Option<usize> {
        let (block, word, bit) = place(b);
        let bits = self.edges.row(a)[block].0[word];
        let start = self.starts[(a as usize * self.edges.blocks_per_row() + block) * WORDS + word];
        let below = (bits & ((1 << bit) - 1)).count_ones();
        (bits >> bit & 1 == 1).then_some((start + below) as usize)
    }

    /// The rank of a pair.
    #[inline(always)]
    fn of(&self, a: u32, b: u32) -> u32 {
        self.place(a, b).map_or(NO_EDGE, |place| self.ranks[place])
    }

    /// Changes the rank of an edge.
    #[inline(always)]
    fn set(&mut self, a: u32, b: u32, rank: u32) {
        let place = self.place(a, b).expect("an edge");
        self.ranks[place] = rank;
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::homology::rips::filtration::Filtration;
    use crate::homology::rips::options::RipsOptions;
    use crate::space::Condensed;

    /// What is seen ahead is what is seen at its turn, or seen again.
    #[test]
    fn edges_enter_at_the_same_ranks_on_any_number_of_threads() {
        let (monitor, options) = (Monitor::new(), RipsOptions::default());
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        let len = MANY + 80;
        for (dim, ties, share) in [(2, 1e9, 0.1), (2, 40.0, 0.1), (3, 1e9, 0.2), (3, 12.0, 0.2)] {
            let rows: Vec<f64> = (0..len * dim).map(|_| (next() * ties).round()).collect();
            let length = |i: usize, j: usize| {
                let squares = (0..dim).map(|k| (rows[i * dim + k] - rows[j * dim + k]).powi(2));
                squares.sum::<f64>().sqrt()
            };
            let pairs = (0..len).flat_map(|i| (i + 1..len).map(move |j| (i, j)));
            let distances =
                Condensed::new(len, pairs.map(|(i, j)| length(i, j)).collect()).unwrap();
            let limit = RipsOptions { threshold: share * ties, ..options };
            let filtration =
                Filtration::of_distances(Cow::Owned(distances), &limit, &monitor).unwrap();
            let ranking = filtration.ranking(&vec![true; len], &monitor).unwrap();
            let kept = |threads| {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| edge_collapse(&ranking, &monitor)).unwrap().unwrap()
            };
            let alone = kept(1);
            assert!(alone.len() < ranking.edge_count() && alone.iter().any(|(r, e)| r < e));
            for threads in [2, 3, 8] {
                assert_eq!(kept(threads), alone, "{dim} axes, {ties} values, {threads} threads");
            }
        }
    }
}
