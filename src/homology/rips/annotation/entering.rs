//! The edges enter one after the other, looked at in advance over threads.

use std::ops::ControlFlow::{Break, Continue};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::arch::arch;
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::rips::degree_zero::Components;
use crate::homology::rips::filtration::Entering;
use crate::monitor::Monitor;

use super::vectors::Edge;

/// What the edges of a filtration enter, one after the other.
pub trait Complex: Send + Sync {
    /// Room to work in.
    type Scratch: Default + Send + Sync;

    /// What is found out about an edge in advance; by default nothing.
    type Finding: Copy + Default + Send + Sync;

    /// Edges to look at in advance together.
    const AHEAD: usize;

    /// Whether an edge within a component would change no class now.
    fn is_quiet(&self, edge: Edge, scratch: &mut Self::Scratch) -> bool;

    /// What would happen to an edge if it was the next.
    fn look(&self, edge: Edge, scratch: &mut Self::Scratch) -> Self::Finding;

    /// Goes through what was found in a block before any of its edges enters.
    fn look_again(&self, batch: &Batch<'_>, findings: &mut Vec<Self::Finding>);

    /// Adds an edge of a block at its turn if what was found about it is enough
    /// for that; tells whether it was.
    fn follow(
        &mut self,
        batch: &Batch<'_>,
        place: usize,
        finding: Self::Finding,
        scratch: &mut Self::Scratch,
    ) -> bool;

    /// Adds an edge that joins two components, or a quiet one.
    fn join(&mut self, edge: Edge);

    /// Adds an edge within a component; `entry` is the one it enters with.
    fn enter(&mut self, edge: Edge, entry: Edge);

    /// Whether no edge to come can change a class, if there is one component.
    fn is_settled<'e>(&self, filtration: &impl Entering<'e>, monitor: &Monitor) -> Result<bool>;

    /// Bytes taken now.
    fn bytes(&self) -> u64;
}

/// The edges that are to enter, within bounds.
pub struct Run<'r, E> {
    pub filtration: &'r E,
    pub max_memory: u64,
    /// Whether to look ahead, if it is not to be found out: for tests.
    pub ahead: Option<bool>,
    pub monitor: &'r Monitor,
}

impl<'a, E: Entering<'a>> Run<'_, E> {
    /// Only joins components.
    pub fn components(&self) -> Result<Components> {
        let mut components = Components::new(self.filtration.len());
        self.filtration.for_each(self.monitor, |edges, entries| {
            for (&edge, &entry) in edges.iter().zip(entries) {
                self.monitor.check()?;
                components.join(edge, entry);
            }
            Ok(if components.are_joined() { Break(()) } else { Continue(()) })
        })?;
        Ok(components)
    }

    /// Adds all edges in order, until no more can change anything.
    ///
    /// Over threads, blocks of edges are looked at in advance as if each was the
    /// next. What is found holds until its turn unless earlier edges of the block
    /// meet it; so what is done to the complex is the same on any number of
    /// threads.
    pub fn enter_all<C: Complex>(&self, complex: &mut C) -> Result<Components> {
        let Self { filtration, monitor, .. } = *self;
        monitor.expect(filtration.edge_count() as u64);
        let mut components = Components::new(filtration.len());
        let mut places = Places::new(filtration.len());
        let mut scratch = C::Scratch::default();
        let mut look = LookAhead::new(self.ahead);
        let (mut entered, mut next_look) = (0, filtration.edge_count() / 16);
        let arch = arch();
        filtration.for_each(monitor, |edges, entries| {
            for (edges, entries) in edges.chunks(C::AHEAD).zip(entries.chunks(C::AHEAD)) {
                let start = Instant::now();
                let ahead = look.pays(edges.len());
                if ahead {
                    places.open(edges);
                    let batch = Batch { edges, places: &places, entered: Vec::new() };
                    self.enter_batch(complex, batch, entries, &mut components, &mut scratch)?;
                    places.close(edges);
                } else {
                    arch.dispatch(|| -> Result<()> {
                        for (&edge, &entry) in edges.iter().zip(entries) {
                            monitor.check()?;
                            if components.join(edge, entry) || complex.is_quiet(edge, &mut scratch)
                            {
                                complex.join(edge);
                            } else {
                                complex.enter(edge, entry);
                            }
                        }
                        Ok(())
                    })?;
                }
                look.learn(ahead, start.elapsed(), edges.len());
                check_memory(filtration.bytes() + complex.bytes(), self.max_memory)?;
                monitor.advance(edges.len() as u64)?;
                entered += edges.len();
            }
            if entered >= next_look && components.are_joined() {
                if complex.is_settled(filtration, monitor)? {
                    monitor.advance((filtration.edge_count() - entered) as u64)?;
                    return Ok(Break(()));
                }
                next_look = entered + entered / 4;
            }
            Ok(Continue(()))
        })?;
        Ok(components)
    }

    /// Adds the edges of a block, looked at in advance.
    fn enter_batch<C: Complex>(
        &self,
        complex: &mut C,
        mut batch: Batch<'_>,
        entries: &[Edge],
        components: &mut Components,
        scratch: &mut C::Scratch,
    ) -> Result<()> {
        let mut findings = look_ahead(&*complex, batch.edges);
        complex.look_again(&batch, &mut findings);
        arch().dispatch(|| {
            for (place, (&entry, &finding)) in entries.iter().zip(&findings).enumerate() {
                self.monitor.check()?;
                let edge = batch.edges[place];
                if complex.follow(&batch, place, finding, scratch) {
                    continue;
                }
                // One that would not have been quiet before is hardly so now.
                if components.join(edge, entry) {
                    complex.join(edge);
                } else {
                    complex.enter(edge, entry);
                    batch.entered.push(edge);
                }
            }
            Ok(())
        })
    }
}

/// Whether to look ahead: where that is faster, and blocks take so long that waking other
/// threads for each of them may be worth while. The clock decides about the way alone.
///
/// Other threads must fetch what has changed since, which costs more than it saves where edges
/// are told to be quiet at a glance. So now and then a block goes the other way.
struct LookAhead {
    forced: Option<bool>,
    threads: usize,
    /// Nanoseconds that an edge took in the last blocks, trials left out.
    lately: f64,
    /// What it takes when looked at in advance, as a multiple of what it takes alone.
    ratio: f64,
    /// Blocks until the next trial.
    left: u32,
}

impl LookAhead {
    const WORTH_WHILE: f64 = 1e5;
    const OFTEN: u32 = 8;
    const SELDOM: u32 = 32;

    fn new(forced: Option<bool>) -> Self {
        let threads = rayon::current_num_threads();
        Self { forced, threads, lately: 0.0, ratio: 1.0, left: Self::OFTEN }
    }

    fn is_faster(&self) -> bool {
        self.ratio < 1.0
    }

    /// Whether to look at the next `edges` in advance.
    fn pays(&mut self, edges: usize) -> bool {
        let alone = if self.is_faster() { self.lately / self.ratio } else { self.lately };
        let may = self.threads > 1 && alone * edges as f64 > Self::WORTH_WHILE;
        self.left = self.left.saturating_sub(1);
        self.forced.unwrap_or(may && self.is_faster() != (self.left == 0))
    }

    /// Each trial is compared with the blocks before it, since edges take longer as lunes grow.
    /// The clearer the answer so far, the rarer they are.
    fn learn(&mut self, ahead: bool, time: Duration, edges: usize) {
        let each = time.as_nanos().max(1) as f64 / edges as f64;
        if self.lately == 0.0 || ahead == self.is_faster() {
            self.lately = if self.lately == 0.0 { each } else { (3.0 * self.lately + each) / 4.0 };
            return;
        }
        let found = if ahead { each / self.lately } else { self.lately / each };
        self.ratio = (3.0 * self.ratio + found.clamp(0.5, 1.5)) / 4.0;
        self.left = if (0.8..1.2).contains(&self.ratio) { Self::OFTEN } else { Self::SELDOM };
        if ahead == self.is_faster() {
            self.lately = each;
        }
    }
}

/// What is found out over threads about edges, each as if it was the next.
fn look_ahead<C: Complex>(complex: &C, edges: &[Edge]) -> Vec<C::Finding> {
    let arch = arch();
    let mut findings = vec![C::Finding::default(); edges.len()];
    let share = C::AHEAD / 32;
    let tasks = edges.par_chunks(share).zip(findings.par_chunks_mut(share));
    tasks.for_each_init(C::Scratch::default, |scratch, (edges, findings)| {
        arch.dispatch(|| {
            for (&edge, finding) in edges.iter().zip(findings) {
                *finding = complex.look(edge, scratch);
            }
        });
    });
    findings
}

fn check_memory(needed: u64, allowed: u64) -> Result<()> {
    Budget { allowed }.take(
        "following the classes that are alive",
        needed,
        "lower `maxdim`, set a `threshold`, or use `n_landmarks` or `epsilon`",
    )?;
    Ok(())
}

/// Edges that are looked at in advance together.
pub struct Batch<'b> {
    pub edges: &'b [Edge],
    places: &'b Places,
    /// Those that have entered and not joined so far.
    pub entered: Vec<Edge>,
}

impl Batch<'_> {
    /// The edges at `v` that come before a place: their other ends and places.
    #[inline(always)]
    pub fn before(&self, place: usize, v: u32) -> impl Iterator<Item = (u32, usize)> {
        let Places { last, previous } = self.places;
        let end = move |at: u32| (at != NONE).then_some(at);
        let ends =
            std::iter::successors(end(last[v as usize]), move |&at| end(previous[at as usize]));
        ends.map(|at| at as usize)
            .filter(move |at| at / 2 < place)
            .map(|at| (self.edges[at / 2][1 - at % 2], at / 2))
    }
}

/// The ends of the edges of a block, chained by vertex from the last one on.
struct Places {
    /// By vertex: twice the place of its last edge, and one more for a higher end.
    last: Vec<u32>,
    previous: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Places {
    fn new(len: usize) -> Self {
        Self { last: vec![NONE; len], previous: Vec::new() }
    }

    fn open(&mut self, edges: &[Edge]) {
        self.previous.clear();
        for (at, &v) in (0..).zip(edges.as_flattened()) {
            self.previous.push(std::mem::replace(&mut self.last[v as usize], at));
        }
    }

    fn close(&mut self, edges: &[Edge]) {
        edges.as_flattened().iter().for_each(|&v| self.last[v as usize] = NONE);
    }
}
