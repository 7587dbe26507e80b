//! Edges in the order of their lengths, a group of like lengths at a time.

use std::ops::{ControlFlow, Range};

use rayon::prelude::*;

use super::lengths::{Lengths, Row};
use crate::arch::arch;
use crate::blocks::{blocks, copy, mapped};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::sort::{sort_by, sorted};

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
    most: f64,
}

/// Edges below which there is a single group.
const FEW: usize = if cfg!(test) { 64 } else { 1 << 15 };

/// The shares of edges at which more of them are cut, unless lengths crowd. The
/// first group is small, since those who visit edges may stop early.
const CUTS: [f64; 4] = [0.125, 0.25, 0.5, 0.75];

impl Groups {
    /// Counts the edges that pass `kept`, and cuts them into groups.
    pub fn new(
        lengths: &Lengths<'_>,
        kept: impl Fn(f64) -> bool + Sync,
        monitor: &Monitor,
    ) -> Result<(usize, Self)> {
        let arch = arch();
        let shares = lengths.in_shares(monitor, |found: &mut Found, _, row| {
            arch.dispatch(|| found.add(row, &kept));
        })?;
        let count = shares.iter().map(|found| found.count as usize).sum();
        let least = shares.iter().map(|found| found.least).fold(f64::INFINITY, f64::min);
        let most = shares.iter().map(|found| found.most).fold(0.0, f64::max);
        let mut bounds = vec![least];
        if count > FEW && least < most {
            let sample = sample(lengths, count / FEW, kept, monitor)?;
            let at = |share: &f64| sample.get((share * sample.len() as f64) as usize).copied();
            bounds.extend(CUTS.iter().filter_map(at).filter(|&cut| cut > least));
            bounds.dedup();
        }
        bounds.push(f64::INFINITY);
        Ok((count, Self { bounds, most }))
    }

    /// About how many edges are held at once.
    pub fn at_once(&self, count: usize) -> usize {
        if self.bounds.len() > CUTS.len() { count / 4 } else { count }
    }

    /// Visits the edges that pass `kept` by (length, vertices), group by group.
    pub fn for_each<K: Key>(
        &self,
        lengths: &Lengths<'_>,
        kept: impl Fn(f64) -> bool + Sync,
        monitor: &Monitor,
        mut visit: impl FnMut(&[[u32; 2]]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut edges = Vec::new();
        for bounds in self.bounds.windows(2) {
            let range = bounds[0]..bounds[1];
            let mut shares = gather::<K>(lengths, range, self.most, &kept, monitor)?;
            let mut parts = distribute(&mut shares, monitor)?.into_iter().peekable();
            while parts.peek().is_some() {
                let mut batch = Vec::new();
                let mut gathered = 0;
                while let Some(part) = parts.next_if(|_| gathered < AT_ONCE) {
                    gathered += part.len();
                    batch.push(part);
                }
                if edges.len() < gathered {
                    drop(edges);
                    edges = monitor.filled(gathered, [0; 2])?;
                }
                let edges = &mut edges[..gathered];
                let mut rest = &mut *edges;
                let mut sorting = Vec::with_capacity(batch.len());
                for part in batch {
                    let (sorted, tail) = rest.split_at_mut(part.len());
                    sorting.push((part, sorted));
                    rest = tail;
                }
                let sorting = sorting.into_par_iter().with_min_len(16);
                sorting.try_for_each(|(part, sorted)| part.sort(sorted, lengths, monitor))?;
                for edges in edges.chunks(AT_ONCE) {
                    if visit(edges)?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

/// How many lengths pass, and their range.
struct Found {
    count: u64,
    least: f64,
    most: f64,
}

impl Default for Found {
    fn default() -> Self {
        Self { count: 0, least: f64::INFINITY, most: 0.0 }
    }
}

impl Found {
    #[inline(always)]
    fn add(&mut self, row: &Row<'_>, kept: impl Fn(f64) -> bool) {
        for d in row.lengths() {
            let kept = kept(d);
            self.count += u64::from(kept);
            self.least = if kept & (d < self.least) { d } else { self.least };
            self.most = if kept & (d > self.most) { d } else { self.most };
        }
    }
}

/// One in `step` of the lengths, if it passes `kept`, ascending.
fn sample(
    lengths: &Lengths<'_>,
    step: usize,
    kept: impl Fn(f64) -> bool,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let mut sample = Vec::new();
    let mut next = 0;
    lengths.for_each_row(0..lengths.len(), monitor, |_, row| {
        sample.extend(row.some_lengths(next, step).filter(|&d| kept(d)));
        next = (next + step * row.len() - row.len()) % step;
    })?;
    sample.sort_unstable_by(f64::total_cmp);
    Ok(sample)
}

/// Edges visited together.
const AT_ONCE: usize = if cfg!(test) { 16 } else { 1 << 14 };

/// Collects the edges of a group, each task its own. A rough length is the place
/// of a length in the range of the group: monotone, and fine enough that few
/// different lengths share one.
fn gather<K: Key>(
    lengths: &Lengths<'_>,
    range: Range<f64>,
    most: f64,
    kept: impl Fn(f64) -> bool + Sync,
    monitor: &Monitor,
) -> Result<Vec<Vec<K>>> {
    // Where the width over- or underflows, all get one or two places, which is
    // crude, but monotone still.
    let scale = f64::from(u32::MAX) / (range.end.min(most) - range.start);
    let shares =
        lengths.in_shares(monitor, |Gathered { keys, end }: &mut Gathered<K>, low, row| {
            // A little at a time, since new memory takes long to come.
            if keys.len() < *end + row.len() {
                let more = row.len() + (keys.len() / 2).min(SHORT);
                keys.reserve_exact(more.max(keys.len() / 2));
                keys.resize(keys.len() + more, K::default());
            }
            let room = &mut keys[*end..*end + row.len()];
            let mut found = 0;
            row.for_each(|high, d| {
                // Written in any case: a branch would be guessed wrong often.
                room[found] = K::new(((d - range.start) * scale) as u32, low, high);
                found += usize::from((range.start <= d) & (d < range.end) & kept(d));
            });
            *end += found;
        })?;
    let keys = shares.into_iter().map(|Gathered { mut keys, end }| {
        keys.truncate(end);
        keys
    });
    Ok(keys.collect())
}

/// Keys up to an end, and room for more.
#[derive(Default)]
struct Gathered<K> {
    keys: Vec<K>,
    end: usize,
}

/// Edges up to which a sort needs no look at the monitor.
const SHORT: usize = if cfg!(test) { 64 } else { 1 << 14 };

/// Distributes keys by the high bits of their rough lengths, each share in place,
/// over parts that can be sorted one by one.
fn distribute<'k, K: Key>(shares: &'k mut [Vec<K>], monitor: &Monitor) -> Result<Vec<Part<'k, K>>> {
    const PART: usize = 128;
    const BITS: u32 = 13;
    let count: usize = shares.iter().map(Vec::len).sum();
    let bits = (count / PART).checked_ilog2().unwrap_or(0).min(BITS);
    let slices = shares.par_iter_mut().map(|share| distribute_share(share, bits, monitor));
    let mut parts: Vec<_> = (0..1 << bits).map(|_| Part { slices: Vec::new() }).collect();
    for slices in slices.collect::<Result<Vec<_>>>()? {
        let pairs = parts.iter_mut().zip(slices).filter(|(_, slice)| !slice.is_empty());
        pairs.for_each(|(part, slice)| part.slices.push(slice));
    }
    Ok(parts)
}

fn distribute_share<'k, K: Key>(
    keys: &'k mut [K],
    bits: u32,
    monitor: &Monitor,
) -> Result<Vec<&'k mut [K]>> {
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
    // From here on `ends` is how far each part has been filled.
    let (mut start, mut moved) = (0, 0_usize);
    for (part, &size) in sizes.iter().enumerate() {
        while ends[part] < start + size {
            let mut key = keys[ends[part]];
            loop {
                let target = part_of(key);
                let place = &mut ends[target];
                std::mem::swap(&mut keys[*place], &mut key);
                *place += 1;
                moved += 1;
                if moved.is_multiple_of(SHORT) {
                    monitor.check()?;
                }
                if target == part {
                    break;
                }
            }
        }
        start += size;
    }
    let mut parts = Vec::with_capacity(sizes.len());
    let mut rest = keys;
    for size in sizes {
        let (part, tail) = rest.split_at_mut(size);
        parts.push(part);
        rest = tail;
    }
    Ok(parts)
}

/// Keys of like rough lengths, from one share or several.
struct Part<'k, K> {
    slices: Vec<&'k mut [K]>,
}

impl<K: Key> Part<'_, K> {
    fn len(&self) -> usize {
        self.slices.iter().map(|slice| slice.len()).sum()
    }

    /// Writes the edges in order.
    fn sort(
        mut self,
        edges: &mut [[u32; 2]],
        lengths: &Lengths<'_>,
        monitor: &Monitor,
    ) -> Result<()> {
        let mut joined;
        let keys = match self.slices.as_mut_slice() {
            [one] => one,
            several => {
                joined = monitor.room(edges.len())?;
                for slice in several {
                    for block in blocks(slice, monitor) {
                        joined.extend_from_slice(block?);
                    }
                }
                joined.as_mut_slice()
            }
        };
        sort(keys, lengths, monitor)?;
        for (edges, keys) in edges.chunks_mut(SHORT).zip(keys.chunks(SHORT)) {
            monitor.check()?;
            edges.iter_mut().zip(keys).for_each(|(edge, key)| *edge = key.ends());
        }
        Ok(())
    }
}

/// Sorts keys by rough lengths; where these agree, lengths decide, then ends.
fn sort<K: Key>(keys: &mut [K], lengths: &Lengths<'_>, monitor: &Monitor) -> Result<()> {
    monitor.check()?;
    sort_by(keys, K::cmp, monitor)?;
    let length = |key: &K| lengths.of(key.ends());
    let mut rest = keys;
    while !rest.is_empty() {
        let (run, others) = rest.split_at_mut(first_run(rest));
        rest = others;
        if run.len() > 1 {
            monitor.check()?;
        }
        if run.len() > SHORT {
            // A crowded part; positive numbers are in the order of their bits.
            let keyed = mapped(run, |key| Some((length(key).to_bits(), *key)), monitor)?;
            let keyed = sorted(&[&keyed], monitor)?;
            copy(&mapped(&keyed, |&(_, key)| Some(key), monitor)?, run, monitor)?;
        } else if run.len() > 1 && !run.is_sorted_by_key(length) {
            // By vertices already, and this sort is stable.
            run.sort_by(|a, b| length(a).total_cmp(&length(b)));
        }
    }
    Ok(())
}

/// How many keys agree with the first in their rough lengths. Most often one does; of a
/// run of millions few are looked at.
fn first_run<K: Key>(keys: &[K]) -> usize {
    let agrees = |key: &K| key.rough() == keys[0].rough();
    let mut beyond = 1;
    while keys.get(beyond).is_some_and(agrees) {
        beyond *= 2;
    }
    let known = beyond / 2;
    known + keys[known..beyond.min(keys.len())].partition_point(agrees)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::space::Condensed;

    fn check<K: Key>(distances: &Condensed, kept: impl Fn(f64) -> bool + Sync) {
        let lengths = Lengths::All(Cow::Borrowed(distances));
        let n = distances.len() as u32;
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| [i, j]));
        let mut expected: Vec<_> = pairs.filter(|&pair| kept(lengths.of(pair))).collect();
        let length = |pair: &[u32; 2]| lengths.of(*pair);
        expected.sort_by(|a, b| length(a).total_cmp(&length(b)).then(a.cmp(b)));
        let (count, groups) = Groups::new(&lengths, &kept, &Monitor::new()).unwrap();
        assert_eq!(count, expected.len());
        let mut found = Vec::new();
        let visit = |edges: &[[u32; 2]]| {
            found.extend_from_slice(edges);
            Ok(ControlFlow::Continue(()))
        };
        groups.for_each::<K>(&lengths, kept, &Monitor::new(), visit).unwrap();
        assert_eq!(found, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn edges_are_sorted_by_length_and_vertices(
            (n, lengths) in (0..120usize).prop_flat_map(|n| {
                let length = prop_oneof![
                    (0.0..1.0f64).boxed(),
                    (0..3u8).prop_map(f64::from).boxed(),
                    (0..9u64).prop_map(|ulps| f64::from_bits(1f64.to_bits() + ulps)).boxed(),
                    (-1074..1024i32).prop_map(|k| 2f64.powi(k)).boxed(),
                    (0..5u64).prop_map(f64::from_bits).boxed(),
                    prop_oneof![Just(0.0), Just(-0.0), Just(f64::MAX), Just(1e-300)].boxed(),
                ];
                let mixed = vec(length, n * (n.max(1) - 1) / 2);
                let skewed = vec((0.0..700.0f64).prop_map(|x| (-x).exp()), n * (n.max(1) - 1) / 2);
                (Just(n), prop_oneof![mixed, skewed])
            }),
            share in prop_oneof![Just(1.0), 0.0..1.0f64],
        ) {
            let mut ascending = lengths.clone();
            ascending.sort_by(f64::total_cmp);
            let place = (share * ascending.len() as f64) as usize;
            let limit = ascending.get(place).copied().unwrap_or(f64::MAX);
            let distances = Condensed::new(n, lengths).unwrap();
            check::<u64>(&distances, |d| d <= limit);
            check::<u128>(&distances, |d| d <= limit);
        }
    }

    /// So many of the same length that a part is sorted in runs.
    #[test]
    fn a_crowded_part_is_sorted() {
        let n = 800;
        let lengths = (0..n * (n - 1) / 2).map(|k| if k == 7 { 1e9 } else { (k % 5) as f64 });
        let distances = Condensed::new(n, lengths.collect()).unwrap();
        check::<u64>(&distances, |_| true);
        check::<u128>(&distances, |_| true);
    }
}
