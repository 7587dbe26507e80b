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
const FEW: usize = if cfg!(test) { 64 } else { 1 << 17 };

/// Into how many groups more edges are cut, unless lengths crowd.
const GROUPS: usize = 3;

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
        let (mut keys, mut edges) = (Vec::new(), Vec::new());
        for bounds in self.bounds.windows(2) {
            let range = bounds[0]..bounds[1];
            gather::<K>(lengths, range, self.most, &kept, &mut keys, monitor)?;
            sort(&mut keys, lengths, monitor)?;
            for chunk in keys.chunks(AT_ONCE) {
                edges.clear();
                edges.extend(chunk.iter().map(|key| key.ends()));
                if visit(&edges)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Edges visited together.
const AT_ONCE: usize = 1 << 12;

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
        let mut end = 0;
        lengths.for_each_row(lengths.share(task, tasks), monitor, |low, row| {
            if keys.len() < end + row.len() {
                let more = (keys.len() / 2).max(row.len());
                keys.resize(keys.len() + more, K::default());
            }
            let room = &mut keys[end..end + row.len()];
            let mut found = 0;
            row.for_each(|high, d| {
                // Written in any case: a branch would be guessed wrong often.
                room[found] = K::new(((d - range.start) * scale) as u32, low, high);
                found += usize::from((range.start <= d) & (d < range.end) & kept(d));
            });
            end += found;
        })?;
        keys.truncate(end);
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
fn sort<K: Key>(keys: &mut [K], lengths: &Lengths<'_>, monitor: &Monitor) -> Result<()> {
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
    // From here on `ends` is how far each part has been filled.
    let mut start = 0;
    for (part, &size) in sizes.iter().enumerate() {
        monitor.check()?;
        while ends[part] < start + size {
            let mut key = keys[ends[part]];
            loop {
                let target = part_of(key);
                let place = &mut ends[target];
                std::mem::swap(&mut keys[*place], &mut key);
                *place += 1;
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
    let parts = parts.into_par_iter().with_min_len(16);
    parts.try_for_each(|part| sort_part(part, lengths, monitor))
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
        // By vertices already, and this sort is stable.
        if run.len() > 1 && !run.is_sorted_by_key(length) {
            run.sort_by(|a, b| length(a).total_cmp(&length(b)));
        }
    }
    Ok(())
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
