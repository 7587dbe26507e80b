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

    /// Whether an edge within a component would change no class now.
    fn is_quiet(&self, edge: Edge, scratch: &mut Self::Scratch) -> bool;

    /// Whether an edge that was quiet may be so no longer since the edge from
    /// one of its ends to `k` is there.
    fn is_disturbed(&self, edge: Edge, k: u32) -> bool;

    /// Whether an edge that was quiet may be so no longer since another one,
    /// that was not, has entered elsewhere.
    fn is_disturbed_by(&self, edge: Edge, other: Edge) -> bool;

    /// Edges to look at in advance together, at most [`LONGEST`].
    const AHEAD: usize;

    /// Adds an edge that joins two components, or a quiet one.
    fn join(&mut self, edge: Edge);

    /// Adds an edge within a component; `entry` is the one it enters with.
    fn enter(&mut self, edge: Edge, entry: Edge);

    /// Whether no edge to come can change a class, if there is one component.
    fn is_settled<'e>(&self, filtration: &impl Entering<'e>, monitor: &Monitor) -> Result<bool>;

    /// Bytes taken now.
    fn bytes(&self) -> u64;
}

/// The most edges looked at in advance together.
const LONGEST: usize = 2048;

/// The edges that are to enter, within bounds.
pub struct Run<'r, E> {
    pub filtration: &'r E,
    pub max_memory: u64,
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
    /// next. Those that are quiet stay so unless an earlier edge of the block
    /// meets them; so what is done to the complex is the same on any number of
    /// threads.
    pub fn enter_all<C: Complex>(&self, complex: &mut C) -> Result<Components> {
        let Self { filtration, monitor, .. } = *self;
        monitor.expect(filtration.edge_count() as u64);
        let mut components = Components::new(filtration.len());
        let mut recent = Recent::new(filtration.len());
        let mut scratch = C::Scratch::default();
        let mut look = LookAhead::new();
        let (mut entered, mut next_look) = (0, filtration.edge_count() / 16);
        let arch = arch();
        filtration.for_each(monitor, |edges, entries| {
            for (edges, entries) in edges.chunks(C::AHEAD).zip(entries.chunks(C::AHEAD)) {
                let mut quiet = [false; LONGEST];
                let quiet = &mut quiet[..edges.len()];
                let ahead = look.pays();
                let start = Instant::now();
                if ahead {
                    look_ahead(&*complex, edges, quiet);
                }
                arch.dispatch(|| -> Result<()> {
                    for ((&edge, &entry), &quiet) in edges.iter().zip(entries).zip(&*quiet) {
                        monitor.check()?;
                        // One that would not have been quiet before is hardly so now.
                        let joins = if quiet {
                            !recent.disturb(&*complex, edge) || complex.is_quiet(edge, &mut scratch)
                        } else {
                            components.join(edge, entry)
                                || !ahead && complex.is_quiet(edge, &mut scratch)
                        };
                        if joins {
                            complex.join(edge);
                        } else {
                            complex.enter(edge, entry);
                            recent.entered.push(edge);
                        }
                        if ahead {
                            recent.push(edge);
                        }
                    }
                    Ok(())
                })?;
                recent.clear();
                look.learn(ahead, start.elapsed());
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
}

/// Whether to look ahead: where blocks take so long that waking other threads
/// for each of them is worth while. The clock decides about the way alone.
struct LookAhead {
    threads: usize,
    last_alone: Duration,
    blocks: u32,
}

impl LookAhead {
    const WORTH_WHILE: Duration = Duration::from_micros(100);

    fn new() -> Self {
        let threads = rayon::current_num_threads();
        Self { threads, last_alone: Duration::ZERO, blocks: 0 }
    }

    /// Now and then a block is taken alone, to see how long that takes by now.
    fn pays(&mut self) -> bool {
        self.blocks += 1;
        self.threads > 1 && self.last_alone > Self::WORTH_WHILE && !self.blocks.is_multiple_of(32)
    }

    fn learn(&mut self, ahead: bool, time: Duration) {
        if !ahead {
            self.last_alone = time;
        }
    }
}

/// Tells over threads which edges would be quiet if they were the next.
fn look_ahead<C: Complex>(complex: &C, edges: &[Edge], quiet: &mut [bool]) {
    let arch = arch();
    let tasks = edges.par_chunks(C::AHEAD / 32).zip(quiet.par_chunks_mut(C::AHEAD / 32));
    tasks.for_each_init(C::Scratch::default, |scratch, (edges, quiet)| {
        arch.dispatch(|| {
            for (&edge, quiet) in edges.iter().zip(quiet) {
                *quiet = complex.is_quiet(edge, scratch);
            }
        });
    });
}

fn check_memory(needed: u64, allowed: u64) -> Result<()> {
    Budget { allowed }.take(
        "following the classes that are alive",
        needed,
        "lower `maxdim`, set a `threshold`, or use `n_landmarks` or `epsilon`",
    )?;
    Ok(())
}

/// The edges of a block that have entered.
struct Recent {
    neighbors: Vec<Vec<u32>>,
    vertices: Vec<u32>,
    /// Those that were not quiet.
    entered: Vec<Edge>,
}

impl Recent {
    fn new(len: usize) -> Self {
        Self { neighbors: vec![Vec::new(); len], vertices: Vec::new(), entered: Vec::new() }
    }

    fn disturb(&self, complex: &impl Complex, edge: Edge) -> bool {
        let at = |i: u32| self.neighbors[i as usize].iter();
        at(edge[0]).chain(at(edge[1])).any(|&k| complex.is_disturbed(edge, k))
            || self.entered.iter().any(|&other| complex.is_disturbed_by(edge, other))
    }

    fn push(&mut self, [i, j]: Edge) {
        for (from, to) in [(i, j), (j, i)] {
            if self.neighbors[from as usize].is_empty() {
                self.vertices.push(from);
            }
            self.neighbors[from as usize].push(to);
        }
    }

    fn clear(&mut self) {
        for i in self.vertices.drain(..) {
            self.neighbors[i as usize].clear();
        }
        self.entered.clear();
    }
}
