//! Edges in the order of their lengths.

use rayon::prelude::*;

use super::Lengths;
use crate::error::Result;
use crate::monitor::Monitor;

/// The two ends of an edge, lower vertex first, in as few bytes as they need.
pub trait Ends: Copy + Send + Sync + Default {
    fn new(low: u32, high: u32) -> Self;
    fn get(self) -> (u32, u32);
}

impl Ends for [u16; 2] {
    fn new(low: u32, high: u32) -> Self {
        [low as u16, high as u16]
    }
    #[inline(always)]
    fn get(self) -> (u32, u32) {
        (self[0].into(), self[1].into())
    }
}

impl Ends for [u32; 2] {
    fn new(low: u32, high: u32) -> Self {
        [low, high]
    }
    #[inline(always)]
    fn get(self) -> (u32, u32) {
        (self[0], self[1])
    }
}

/// Edges in a part that is sorted by comparisons: they fit a core's cache.
const PART: usize = 1 << 12;

/// Levels of parts within parts; what is still crowded then is compared.
const LEVELS: usize = 4;

/// Sorts edges that come in the order of their vertices by (length, vertices).
///
/// The range of the lengths is cut into parts of equal width, each edge goes to
/// its part, and the parts are sorted side by side; crowded parts are cut again.
/// Only the ends move: lengths are looked up where they are.
pub fn sort<E: Ends>(edges: &mut [E], lengths: &Lengths<'_>, monitor: &Monitor) -> Result<()> {
    sort_level(edges, lengths, LEVELS, monitor)
}

fn sort_level<E: Ends>(
    edges: &mut [E],
    lengths: &Lengths<'_>,
    levels: usize,
    monitor: &Monitor,
) -> Result<()> {
    if edges.len() <= 2 * PART || levels == 0 {
        monitor.check()?;
        compare(edges, lengths);
        return Ok(());
    }
    let Some(parts) = split(edges, lengths, monitor)? else { return Ok(()) };
    parts.into_par_iter().try_for_each(|part| sort_level(part, lengths, levels - 1, monitor))
}

/// Distributes edges over parts, each in the order in which its edges came;
/// `None` if all lengths are equal, so that nothing is left to do.
fn split<'e, E: Ends>(
    edges: &'e mut [E],
    lengths: &Lengths<'_>,
    monitor: &Monitor,
) -> Result<Option<Vec<&'e mut [E]>>> {
    let (mut least, mut most) = (f64::INFINITY, 0.0);
    for chunk in edges.chunks(PART) {
        monitor.check()?;
        for d in chunk.iter().map(|e| lengths.of(*e)) {
            least = f64::min(least, d);
            most = f64::max(most, d);
        }
    }
    if least == most {
        return Ok(None);
    }
    let count = edges.len().div_ceil(PART).clamp(2, 1 << 14);
    let parts_per_length = count as f64 / (most - least);
    // Monotone in d, even where the width over- or underflows.
    let part_of = |d: f64| (((d - least) * parts_per_length) as usize).min(count - 1);
    let mut ends = vec![0u32; count];
    for chunk in edges.chunks(PART) {
        monitor.check()?;
        chunk.iter().for_each(|e| ends[part_of(lengths.of(*e))] += 1);
    }
    let sizes = ends.clone();
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    let source = edges.to_vec();
    for chunk in source.chunks(PART) {
        monitor.check()?;
        for &e in chunk {
            let end = &mut ends[part_of(lengths.of(e))];
            edges[*end as usize] = e;
            *end += 1;
        }
    }
    let mut rest = edges;
    let mut parts = Vec::with_capacity(count);
    for size in sizes {
        let (part, tail) = rest.split_at_mut(size as usize);
        if size > 1 {
            parts.push(part);
        }
        rest = tail;
    }
    Ok(Some(parts))
}

/// Sorts by comparing; an edge is one number then, its length in the high bits
/// (those of non-negative floats sort as the floats do).
fn compare<E: Ends>(edges: &mut [E], lengths: &Lengths<'_>) {
    let mut keys: Vec<u128> = Vec::with_capacity(edges.len());
    keys.extend(edges.iter().map(|e| {
        let (low, high) = e.get();
        u128::from(lengths.of(*e).to_bits()) << 64 | u128::from(low) << 32 | u128::from(high)
    }));
    keys.sort_unstable();
    for (edge, key) in edges.iter_mut().zip(keys) {
        *edge = E::new((key >> 32) as u32, key as u32);
    }
}
