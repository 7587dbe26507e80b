//! The edges enter one after the other, looked at in advance over threads.

use rayon::prelude::*;

use crate::error::Result;
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
    /// one of its ends to `k` has entered.
    fn is_disturbed(&self, edge: Edge, k: u32) -> bool;

    /// Adds an edge that joins two components, or a quiet one.
    fn join(&mut self, edge: Edge);

    /// Adds an edge within a component.
    fn enter(&mut self, rank: u32, edge: Edge);
}

/// Edges looked at in advance together.
const BLOCK: usize = 2048;

/// Edges that one thread looks at together.
const TASK: usize = 64;

/// Adds all edges in order; `tree` are the ranks of those that join components.
///
/// Over threads, blocks of edges are looked at in advance as if each was the
/// next. Those that are quiet stay so unless an earlier edge of the block meets
/// them; so what is done to the complex is the same on any number of threads.
pub fn enter_all<C: Complex>(
    filtration: &Filtration<'_>,
    tree: &[u32],
    complex: &mut C,
    monitor: &Monitor,
) -> Result<()> {
    let edges = filtration.edge_count();
    monitor.expect(edges as u64);
    let mut tree = tree.iter().copied().peekable();
    let mut recent = Recent::new(filtration.len());
    let in_advance = rayon::current_num_threads() > 1 && edges > BLOCK;
    let arch = pulp::Arch::new();
    let mut scratch = C::Scratch::default();
    for start in (0..edges).step_by(BLOCK) {
        let end = edges.min(start + BLOCK);
        let edge_of = |rank: usize| {
            let (i, j) = filtration.edge(rank as u32);
            [i, j]
        };
        if in_advance {
            let mut quiet = [false; BLOCK];
            let quiet = &mut quiet[..end - start];
            quiet.par_chunks_mut(TASK).zip((start..end).into_par_iter().step_by(TASK)).for_each_init(
                C::Scratch::default,
                |scratch, (quiet, first)| {
                    arch.dispatch(|| {
                        for (quiet, rank) in quiet.iter_mut().zip(first..) {
                            *quiet = complex.is_quiet(edge_of(rank), scratch);
                        }
                    });
                },
            );
            for (rank, &quiet) in (start..end).zip(&*quiet) {
                monitor.check()?;
                let edge = edge_of(rank);
                if tree.next_if_eq(&(rank as u32)).is_some()
                    || quiet && !recent.disturb(&*complex, edge)
                {
                    complex.join(edge);
                } else {
                    complex.enter(rank as u32, edge);
                }
                recent.push(edge);
            }
            recent.clear();
        } else {
            arch.dispatch(|| {
                for rank in start..end {
                    monitor.check()?;
                    let edge = edge_of(rank);
                    if tree.next_if_eq(&(rank as u32)).is_some() || complex.is_quiet(edge, &mut scratch) {
                        complex.join(edge);
                    } else {
                        complex.enter(rank as u32, edge);
                    }
                }
                Ok(())
            })?;
        }
        monitor.advance((end - start) as u64)?;
    }
    Ok(())
}

/// The edges of a block that have entered.
struct Recent {
    neighbors: Vec<Vec<u32>>,
    vertices: Vec<u32>,
}

impl Recent {
    fn new(len: usize) -> Self {
        Self { neighbors: vec![Vec::new(); len], vertices: Vec::new() }
    }

    fn disturb(&self, complex: &impl Complex, edge: Edge) -> bool {
        let at = |i: u32| self.neighbors[i as usize].iter();
        at(edge[0]).chain(at(edge[1])).any(|&k| complex.is_disturbed(edge, k))
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
    }
}
