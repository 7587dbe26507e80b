//! Edges in the order of their lengths.

use rayon::prelude::*;

use super::Lengths;
use crate::error::Result;
use crate::monitor::Monitor;

/// The two ends of an edge, lower vertex first, in as few bytes as they need.
pub trait Ends: Copy + Send + Sync {
    /// A number that holds a rough length in its high 32 bits, then the ends.
    type Key: Copy + Ord + Send + Sync;

    fn new(low: u32, high: u32) -> Self;
    fn get(self) -> (u32, u32);
    fn key(self, rough: u32) -> Self::Key;
    fn of_key(key: Self::Key) -> Self;
    fn rough(key: Self::Key) -> u32;
}

macro_rules! ends {
    ($vertex:ty, $key:ty) => {
        impl Ends for [$vertex; 2] {
            type Key = $key;

            #[inline(always)]
            fn new(low: u32, high: u32) -> Self {
                [low as $vertex, high as $vertex]
            }
            #[inline(always)]
            fn get(self) -> (u32, u32) {
                (self[0].into(), self[1].into())
            }
            #[inline(always)]
            fn key(self, rough: u32) -> $key {
                let ends = <$key>::from(self[0]) << <$vertex>::BITS | <$key>::from(self[1]);
                <$key>::from(rough) << (2 * <$vertex>::BITS) | ends
            }
            #[inline(always)]
            fn of_key(key: $key) -> Self {
                [(key >> <$vertex>::BITS) as $vertex, key as $vertex]
            }
            #[inline(always)]
            fn rough(key: $key) -> u32 {
                (key >> (2 * <$vertex>::BITS)) as u32
            }
        }
    };
}

ends!(u16, u64);
ends!(u32, u128);

/// Edges that are sorted together: few enough for the cache of a core.
const PART: usize = 1 << 11;

/// Edges up to which a sort needs no look at the monitor.
const SHORT: usize = 1 << 17;

/// All edges that pass `kept`, sorted by (length, vertices).
///
/// The range of the lengths is cut into parts of equal width, numbered by the
/// high bits of the place of a length in the range; the next 32 bits are its
/// rough length within the part. Edges go to their parts with these, and the
/// parts are sorted side by side. Where rough lengths agree, lengths decide.
pub fn sorted<E: Ends>(
    lengths: &Lengths<'_>,
    count: usize,
    kept: impl Fn(f64) -> bool + Sync,
    monitor: &Monitor,
) -> Result<Vec<E>> {
    let scale = Scale::new(lengths, count, &kept, monitor)?;
    let tasks = rayon::current_num_threads().min(8).min(count.div_ceil(SHORT)).max(1);
    let spread: Vec<Spread<E>> = (0..tasks)
        .into_par_iter()
        .map(|task| Spread::new(lengths, lengths.share(task, tasks), &kept, &scale, monitor))
        .collect::<Result<_>>()?;
    let mut edges = vec![E::new(0, 0); count];
    let mut parts = Vec::with_capacity(scale.parts);
    let mut rest = edges.as_mut_slice();
    for part in 0..scale.parts {
        let len = spread.iter().map(|spread| spread.part(part).len()).sum();
        let (target, tail) = rest.split_at_mut(len);
        parts.push((part, target));
        rest = tail;
    }
    parts.into_par_iter().try_for_each_init(Vec::new, |keys, (part, target)| {
        keys.clear();
        spread.iter().for_each(|spread| keys.extend_from_slice(spread.part(part)));
        sort_part::<E>(keys, lengths, monitor)?;
        target.iter_mut().zip(&*keys).for_each(|(edge, &key)| *edge = E::of_key(key));
        Ok(())
    })?;
    Ok(edges)
}

/// From a length to its part and its rough length in it; monotone.
struct Scale {
    parts: usize,
    least: f64,
    steps_per_length: f64,
}

impl Scale {
    fn new(
        lengths: &Lengths<'_>,
        count: usize,
        kept: impl Fn(f64) -> bool,
        monitor: &Monitor,
    ) -> Result<Self> {
        let (mut least, mut most) = (f64::INFINITY, 0.0);
        lengths.for_each(0..lengths.len(), monitor, |_, _, d| {
            if kept(d) {
                least = f64::min(least, d);
                most = f64::max(most, d);
            }
        })?;
        let parts = count.div_ceil(PART).clamp(1, 1 << 13);
        let steps = parts as f64 * 2f64.powi(32);
        Ok(Self { parts, least, steps_per_length: steps / (most - least) })
    }

    /// Where the width over- or underflows all lengths get one or two places,
    /// which is crude, but monotone still.
    #[inline(always)]
    fn place(&self, length: f64) -> (usize, u32) {
        let place = ((length - self.least) * self.steps_per_length) as u64;
        let part = (place >> 32) as usize;
        if part < self.parts { (part, place as u32) } else { (self.parts - 1, u32::MAX) }
    }
}

/// Edges distributed over the parts, in each by their vertices.
struct Spread<E: Ends> {
    starts: Vec<usize>,
    keys: Vec<E::Key>,
}

impl<E: Ends> Spread<E> {
    fn new(
        lengths: &Lengths<'_>,
        vertices: std::ops::Range<usize>,
        kept: impl Fn(f64) -> bool,
        scale: &Scale,
        monitor: &Monitor,
    ) -> Result<Self> {
        let mut starts = vec![0; scale.parts + 2];
        lengths.for_each(vertices.clone(), monitor, |_, _, d| {
            if kept(d) {
                starts[scale.place(d).0 + 2] += 1;
            }
        })?;
        for part in 2..starts.len() {
            starts[part] += starts[part - 1];
        }
        let mut keys = vec![E::new(0, 0).key(0); starts[starts.len() - 1]];
        lengths.for_each(vertices, monitor, |low, high, d| {
            if kept(d) {
                let (part, rough) = scale.place(d);
                let end = &mut starts[part + 1];
                keys[*end] = E::new(low, high).key(rough);
                *end += 1;
            }
        })?;
        starts.pop();
        Ok(Self { starts, keys })
    }

    fn part(&self, part: usize) -> &[E::Key] {
        &self.keys[self.starts[part]..self.starts[part + 1]]
    }
}

fn sort_part<E: Ends>(keys: &mut [E::Key], lengths: &Lengths<'_>, monitor: &Monitor) -> Result<()> {
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
    let mut start = 0;
    while start < keys.len() {
        let rough = E::rough(keys[start]);
        let mut end = start + 1;
        while end < keys.len() && E::rough(keys[end]) == rough {
            end += 1;
        }
        if end > start + 1 {
            let length = |key: &E::Key| lengths.of(E::of_key(*key));
            let run = &mut keys[start..end];
            // In the order of vertices already, and this sort is stable.
            if !run.is_sorted_by_key(length) {
                run.sort_by(|a, b| length(a).total_cmp(&length(b)));
            }
        }
        start = end;
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

    fn check<E: Ends>(distances: &Condensed, kept: impl Fn(f64) -> bool + Sync) {
        let lengths = Lengths::All(Cow::Borrowed(distances));
        let n = distances.len() as u32;
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let length = |&(i, j): &(u32, u32)| distances.get(i as usize, j as usize) + 0.0;
        let mut expected: Vec<_> = pairs.filter(|pair| kept(length(pair))).collect();
        expected.sort_by(|a, b| length(a).total_cmp(&length(b)).then(a.cmp(b)));
        let found: Vec<E> = sorted(&lengths, expected.len(), kept, &Monitor::new()).unwrap();
        let found: Vec<_> = found.into_iter().map(Ends::get).collect();
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
            check::<[u16; 2]>(&distances, |d| d <= limit);
            check::<[u32; 2]>(&distances, |d| d <= limit);
        }
    }

    /// So many of the same length that a part is sorted in runs.
    #[test]
    fn a_crowded_part_is_sorted() {
        let n = 800;
        let lengths = (0..n * (n - 1) / 2).map(|k| if k == 7 { 1e9 } else { (k % 5) as f64 });
        let distances = Condensed::new(n, lengths.collect()).unwrap();
        check::<[u16; 2]>(&distances, |_| true);
        check::<[u32; 2]>(&distances, |_| true);
    }
}
