//! The edges enter one after the other, looked at in advance over threads.

use rayon::prelude::*;

use crate::arch::arch;
use crate::error::{Error, Result};
use crate::homology::rips::filtration::Filtration;
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

    /// Adds an edge within a component.
    fn enter(&mut self, rank: u32, edge: Edge);

    /// Bytes taken now.
    fn bytes(&self) -> u64;
}

/// The most edges looked at in advance together.
const LONGEST: usize = 2048;

/// Adds all edges in order; `tree` are the ranks of those that join components.
///
/// Over threads, blocks of edges are looked at in advance as if each was the
/// next. Those that are quiet stay so unless an earlier edge of the block meets
/// them; so what is done to the complex is the same on any number of threads.
pub fn enter_all<C: Complex>(
    filtration: &Filtration<'_>,
    tree: &[u32],
    complex: &mut C,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<()> {
    let edges = filtration.edge_count();
    monitor.expect(edges as u64);
    let mut tree = tree.iter().copied().peekable();
    let mut recent = Recent::new(filtration.len());
    let over_threads = rayon::current_num_threads() > 1 && edges > LONGEST;
    let arch = arch();
    let mut scratch = C::Scratch::default();
    for start in (0..edges).step_by(C::AHEAD) {
        let end = edges.min(start + C::AHEAD);
        let edge_of = |rank: usize| {
            let (i, j) = filtration.edge(rank as u32);
            [i, j]
        };
        let mut quiet = [false; LONGEST];
        let quiet = &mut quiet[..end - start];
        if over_threads {
            let task = C::AHEAD / 32;
            quiet.par_chunks_mut(task).enumerate().for_each_init(
                C::Scratch::default,
                |scratch, (k, quiet)| {
                    arch.dispatch(|| {
                        for (quiet, rank) in quiet.iter_mut().zip(start + k * task..) {
                            *quiet = complex.is_quiet(edge_of(rank), scratch);
                        }
                    });
                },
            );
        }
        arch.dispatch(|| -> Result<()> {
            for (rank, &quiet) in (start..end).zip(&*quiet) {
                monitor.check()?;
                let edge = edge_of(rank);
                let in_advance = quiet && !recent.disturb(&*complex, edge);
                if in_advance
                    || tree.next_if_eq(&(rank as u32)).is_some()
                    || complex.is_quiet(edge, &mut scratch)
                {
                    complex.join(edge);
                } else {
                    complex.enter(rank as u32, edge);
                    recent.entered.push(edge);
                }
                if over_threads {
                    recent.push(edge);
                }
            }
            Ok(())
        })?;
        recent.clear();
        check_memory(filtration.bytes() + complex.bytes(), max_memory)?;
        monitor.advance((end - start) as u64)?;
    }
    Ok(())
}

fn check_memory(needed: u64, allowed: u64) -> Result<()> {
    if needed <= allowed {
        return Ok(());
    }
    Err(Error::TooLarge {
        job: "following the classes that are alive".into(),
        needed,
        allowed,
        advice: "lower `maxdim`, set a `threshold`, or use `n_landmarks` or `epsilon`".into(),
    })
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
