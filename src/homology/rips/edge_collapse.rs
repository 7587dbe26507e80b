//! Fewer edges, the same persistence: edge collapse of a filtration.
//!
//! An edge is *dominated* in a graph if one vertex, its dominator, is joined to
//! all others of its lune; without such an edge the flag complex has the same
//! homotopy type (Boissonnat and Pritam 2020). So an edge may wait until it is
//! no longer dominated, and need not come at all if it always is (Glisse and
//! Pritam 2022). Edges are taken from the last to the first: an edge finds the
//! earlier ones as they were given, and the later ones as they were delayed.
//! Scales and bars stay those of the ranks before.

use super::filtration::{Entering, NO_EDGE, Ranking};
use crate::arch::arch;
use crate::error::Result;
use crate::homology::bits::{BITS, BitRows, Block, WORDS, contains, insert, place, vertices};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// Bytes for so many vertices and edges.
pub fn edge_collapse_bytes(len: usize, edges: usize) -> u64 {
    2 * BitRows::bytes(len, len) + Entries::bytes(len, edges)
}

/// Edges that are kept, as (rank, rank at which it enters), sorted by entry;
/// `None` if the collapse was given up because it removes little.
pub fn edge_collapse(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Option<Vec<(u32, u32)>>> {
    let edges = ranking.edge_count() as u32;
    let mut graph = Graph::new(ranking, monitor)?;
    let mut kept = Vec::new();
    let arch = arch();
    let mut end = edges;
    monitor.expect(edges.into());
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        arch.dispatch(|| -> Result<()> {
            for rank in (start..end).rev() {
                monitor.check()?;
                let entry = graph.delay(ranking.edge(rank), rank);
                if entry != NO_EDGE {
                    kept.push((rank, entry));
                }
            }
            Ok(())
        })?;
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

/// The graph at the moment at which an edge enters, and what comes later.
struct Graph {
    entries: Entries,
    /// Pairs joined before the present edge, and those joined ever.
    now: BitRows,
    ever: BitRows,
    dominators: Vec<u32>,
    lune: Vec<Block>,
    candidates: Vec<Block>,
}

impl Graph {
    fn new(ranking: &Ranking<'_>, monitor: &Monitor) -> Result<Self> {
        let entries = Entries::new(ranking, monitor)?;
        let (now, ever) = (entries.edges.clone(), entries.edges.clone());
        let dominators = vec![u32::MAX; ranking.len()];
        Ok(Self { entries, now, ever, dominators, lune: Vec::new(), candidates: Vec::new() })
    }

    /// When a vertex enters the lune of an edge.
    #[inline(always)]
    fn meets(&self, (i, j): (u32, u32), v: u32) -> u32 {
        self.entries.of(i, v).max(self.entries.of(j, v))
    }

    /// Decides when an edge enters, from its own rank to never.
    #[inline(always)]
    fn delay(&mut self, edge: (u32, u32), rank: u32) -> u32 {
        let (i, j) = edge;
        for (a, b) in [(i, j), (j, i)] {
            self.now.remove(a, b);
        }
        let entry = self.first_undominated(edge, rank);
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

    #[inline(always)]
    fn first_undominated(&mut self, edge: (u32, u32), rank: u32) -> u32 {
        let (i, j) = edge;
        let blocks = self.now.blocks_per_row();
        self.lune.clear();
        let mut newcomers = false;
        for block in 0..blocks {
            let (a, b) = (&self.now.row(i)[block], &self.now.row(j)[block]);
            let lune = Block::from_words(|k| a.0[k] & b.0[k]);
            let (a, b) = (&self.ever.row(i)[block], &self.ever.row(j)[block]);
            newcomers |= !Block::from_words(|k| a.0[k] & b.0[k] & !lune.0[k]).is_empty();
            self.lune.push(lune);
        }
        let known = [i, j].map(|v| self.dominators[v as usize]);
        let known = known.into_iter().find(|&w| w != u32::MAX && self.dominates(w));
        if let Some(w) = known
            && (!newcomers || self.horizon(edge, &self.lune, w, rank) == NO_EDGE)
        {
            return NO_EDGE;
        }
        self.find_dominators();
        let mut now = rank;
        let mut best = None;
        for w in vertices(self.candidates.iter().copied()) {
            let horizon = self.horizon(edge, &self.lune, w, rank);
            if horizon > now {
                (now, best) = (horizon, Some(w));
            }
            if horizon == NO_EDGE {
                break;
            }
        }
        let Some(w) = best else { return rank };
        self.dominators[i as usize] = w;
        self.dominators[j as usize] = w;
        while now != NO_EDGE {
            let later = self.best_horizon_at(edge, now);
            if later <= now {
                break;
            }
            now = later;
        }
        now
    }

    /// Whether `w` is in the lune and joined to all others of it now.
    #[inline(always)]
    fn dominates(&self, w: u32) -> bool {
        let (block, word, bit) = place(w);
        contains(&self.lune, w) && {
            let row = self.now.row(w);
            (0..row.len()).all(|b| {
                let missed = Block::from_words(|k| {
                    let itself = if (b, k) == (block, word) { 1 << bit } else { 0 };
                    self.lune[b].0[k] & !row[b].0[k] & !itself
                });
                missed.is_empty()
            })
        }
    }

    /// Leaves the vertices of the lune that are joined to all others of it.
    #[inline(always)]
    fn find_dominators(&mut self) {
        self.candidates.clear();
        self.candidates.extend_from_slice(&self.lune);
        for v in vertices(self.lune.iter().copied()) {
            let (own, word, bit) = place(v);
            let mut left = 0;
            let row = self.now.row(v);
            let itself = self.candidates[own].0[word] & 1 << bit;
            for (candidates, row) in self.candidates.iter_mut().zip(row) {
                for k in 0..row.0.len() {
                    candidates.0[k] &= row.0[k];
                    left |= candidates.0[k];
                }
            }
            self.candidates[own].0[word] |= itself;
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
    fn best_horizon_at(&self, edge: (u32, u32), now: u32) -> u32 {
        let mut lune = self.lune.clone();
        let mut newest = None;
        for v in self.newcomers(edge, &self.lune) {
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
