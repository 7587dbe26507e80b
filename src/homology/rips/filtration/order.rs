//! Edges in the order of their lengths, a group of like lengths at a time.

use std::ops::{ControlFlow, Range};

use rayon::prelude::*;

use super::Lengths;
use crate::error::Result;
use crate::monitor::Monitor;

/// The two ends of an edge in a key, lower vertex first.
pub trait Key: Copy + Default + Ord + Send + Sync {
    /// A number that holds a rough length in its high 32 bits, then the ends.
    fn new(rough: u32, low: u32, high: u32) -> Self;
    fn rough(self) -> u32;
    fn ends(self) -> [u32; 2];
}

macro_rules! key {
    ($key:ty, $bits:expr) => {
        impl Key for $key {
            #[inline(always)]
            fn new(rough: u32, low: u32, high: u32) -> Self {
                let ends = <$key>::from(low) << $bits | <$key>::from(high);
                <$key>::from(rough) << (2 * $bits) | ends
            }
            #[inline(always)]
            fn rough(self) -> u32 {
                (self >> (2 * $bits)) as u32
            }
            #[inline(always)]
            fn ends(self) -> [u32; 2] {
                let mask = ((1u64 << $bits) - 1) as u32;
                [(self >> $bits) as u32 & mask, self as u32 & mask]
            }
        }
    };
}

key!(u64, 16);
key!(u128, 32);

/// The lengths of the edges, cut into groups that are sorted one by one.
#[derive(Debug)]
pub struct Groups {
    /// The least length of each group, and of none behind the last.
    bounds: Vec<f64>,
    least: f64,
    most: f64,
}

/// Edges below which there is a single group.
const FEW: usize = 1 << 17;

/// Into how many groups more edges are cut, unless lengths crowd.
const GROUPS: usize = 8;

/// Widths of the range of lengths that are counted to find the groups.
const CELLS: usize = 1 << 10;

impl Groups {
    /// Counts the edges that pass `kept`, and cuts them into groups.
    pub fn new(
        lengths: &Lengths<'_>,
        kept: impl Fn(f64) -> bool,
        monitor: &Monitor,
    ) -> Result<(usize, Self)> {
        let (mut count, mut least, mut most) = (0, f64::INFINITY, 0.0);
        lengths.for_each_row(0..lengths.len(), monitor, |_, row| {
            for d in row.lengths() {
                let kept = kept(d);
                count += usize::from(kept);
                least = if kept && d < least { d } else { least };
                most = if kept && d > most { d } else { most };
            }
        })?;
        let mut groups = Self { bounds: vec![least, f64::INFINITY], least, most };
        if count > FEW && least < most {
            groups.bounds = groups.cut(lengths, count, kept, monitor)?;
        }
        Ok((count, groups))
    }

    fn cut(
        &self,
        lengths: &Lengths<'_>,
        count: usize,
        kept: impl Fn(f64) -> bool,
        monitor: &Monitor,
    ) -> Result<Vec<f64>> {
        let width = (self.most - self.least) / CELLS as f64;
        let per_length = 1.0 / width;
        let mut cells = vec![0; CELLS];
        lengths.for_each_row(0..lengths.len(), monitor, |_, row| {
            for d in row.lengths().filter(|&d| kept(d)) {
                let cell = ((d - self.least) * per_length) as u32 as usize;
                cells[cell.min(CELLS - 1)] += 1;
            }
        })?;
        let mut bounds = vec![self.least];
        let mut gathered = 0;
        for (cell, cells) in cells.into_iter().enumerate() {
            let bound = self.least + cell as f64 * width;
            if gathered >= count / GROUPS && bound > bounds[bounds.len() - 1] {
                bounds.push(bound);
                gathered = 0;
            }
            gathered += cells;
        }
        bounds.push(f64::INFINITY);
        Ok(bounds)
    }

    /// About how many edges are held at once.
    pub fn at_once(&self, count: usize) -> usize {
        count / (self.bounds.len() - 1)
    }

    /// Visits the edges that pass `kept` by (length, vertices), group by group.
    pub fn for_each<K: Key>(
        &self,
        lengths: &Lengths<'_>,
        kept: impl Fn(f64) -> bool + Sync,
        monitor: &Monitor,
        mut visit: impl FnMut(&[[u32; 2]]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let (mut keys, mut spare, mut edges) = (Vec::new(), Vec::new(), Vec::new());
        for bounds in self.bounds.windows(2) {
            let range = bounds[0]..bounds[1];
            gather::<K>(lengths, range, self.most, &kept, &mut keys, monitor)?;
            sort(&mut keys, &mut spare, &mut edges, lengths, monitor)?;
            if visit(&edges)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Collects the edges of a group by their vertices. A rough length is the place
/// of a length in the range of the group: monotone, and fine enough that few
/// different lengths share one.
fn gather<K: Key>(
    lengths: &Lengths<'_>,
    range: Range<f64>,
    most: f64,
    kept: impl Fn(f64) -> bool + Sync,
    keys: &mut Vec<K>,
    monitor: &Monitor,
) -> Result<()> {
    // Where the width over- or underflows, all get one or two places, which is
    // crude, but monotone still.
    let scale = f64::from(u32::MAX) / (range.end.min(most) - range.start);
    let tasks = rayon::current_num_threads().min(8);
    let gather_share = |task: usize, mut keys: Vec<K>| -> Result<Vec<K>> {
        keys.clear();
        lengths.for_each_row(lengths.share(task, tasks), monitor, |low, row| {
            let start = keys.len();
            keys.resize(start + row.len(), K::default());
            let mut end = start;
            for (high, d) in row.iter() {
                // Written in any case: a branch would be guessed wrong often.
                keys[end] = K::new(((d - range.start) * scale) as u32, low, high);
                end += usize::from(range.start <= d && d < range.end && kept(d));
            }
            keys.truncate(end);
        })?;
        Ok(keys)
    };
    if tasks == 1 {
        *keys = gather_share(0, std::mem::take(keys))?;
    } else {
        let shares = (0..tasks).into_par_iter().map(|task| gather_share(task, Vec::new()));
        let shares: Vec<_> = shares.collect::<Result<_>>()?;
        keys.clear();
        shares.iter().for_each(|share| keys.extend_from_slice(share));
    }
    Ok(())
}

/// Edges up to which a sort needs no look at the monitor.
const SHORT: usize = 1 << 17;

/// Sorts by rough lengths, distributing by their high bits first; where rough
/// lengths agree, lengths decide.
fn sort<K: Key>(
    keys: &mut [K],
    spare: &mut Vec<K>,
    edges: &mut Vec<[u32; 2]>,
    lengths: &Lengths<'_>,
    monitor: &Monitor,
) -> Result<()> {
    const PART: usize = 128;
    const BITS: u32 = 13;
    let bits = (keys.len() / PART).checked_ilog2().unwrap_or(0).min(BITS);
    // A shift by all 32 bits is none of an u32.
    let part_of = |key: K| (u64::from(key.rough()) >> (32 - bits)) as usize;
    let mut ends = vec![0; 1 << bits];
    for chunk in keys.chunks(SHORT) {
        monitor.check()?;
        chunk.iter().for_each(|&key| ends[part_of(key)] += 1);
    }
    let sizes = ends.clone();
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    spare.clear();
    spare.resize(keys.len(), K::default());
    for chunk in keys.chunks(SHORT) {
        monitor.check()?;
        for &key in chunk {
            let end = &mut ends[part_of(key)];
            spare[*end] = key;
            *end += 1;
        }
    }
    edges.clear();
    edges.resize(spare.len(), [0; 2]);
    let mut parts = Vec::with_capacity(sizes.len());
    let (mut rest, mut targets) = (spare.as_mut_slice(), edges.as_mut_slice());
    for size in sizes {
        let (part, tail) = rest.split_at_mut(size);
        let (target, later) = targets.split_at_mut(size);
        parts.push((part, target));
        (rest, targets) = (tail, later);
    }
    parts.into_par_iter().with_min_len(16).try_for_each(|(part, target)| {
        sort_part(part, lengths, monitor)?;
        target.iter_mut().zip(part).for_each(|(edge, key)| *edge = key.ends());
        Ok(())
    })
}

fn sort_part<K: Key>(keys: &mut [K], lengths: &Lengths<'_>, monitor: &Monitor) -> Result<()> {
    monitor.check()?;
    if keys.len() <= SHORT {
        keys.sort_unstable();
    } else {
        // A crowded part: runs that are sorted one by one, then merged.
        for run in keys.chunks_mut(SHORT) {
            monitor.check()?;
            run.sort_unstable();
        }
        keys.sort();
    }
    let length = |key: &K| lengths.of(key.ends());
    for run in keys.chunk_by_mut(|a, b| a.rough() == b.rough()) {
        // In the order of vertices already, and this sort is stable.
        if run.len() > 1 && !run.is_sorted_by_key(length) {
            run.sort_by(|a, b| length(a).total_cmp(&length(b)));
        }
    }
    Ok(())
}
