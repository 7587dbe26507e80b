//! Distances from each of many points to a few others.
//!
//! A slice of the coordinates after the other, for all pairs: what has been read of a point is
//! at hand for the others that it is compared with. The sums are those of
//! [`PointCloud::distances_to`], bit for bit.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::Metric;
use super::pair_sums::{SLICE, Squares, WIDTH, add};
use super::points::{LANES, Lanes, PointCloud, rooted, total};
use crate::arch::dispatch;
use crate::error::Result;
use crate::monitor::Monitor;

/// Most fans whose sums one thread keeps.
const MOST: usize = 1 << 12;

/// A point and some others, of which the last may be there more than once.
struct Fan {
    origin: u32,
    ends: [u32; WIDTH],
}

/// Distances from each point to the others that it is given, under a metric that is made of
/// squares.
pub fn to_few(
    points: &PointCloud<'_>,
    others: &[Vec<u32>],
    monitor: &Monitor,
) -> Result<Vec<Vec<f64>>> {
    let fans: Vec<Fan> = (0..).zip(others).flat_map(|(i, row)| fans(i, row)).collect();
    let share = fans.len().div_ceil(rayon::current_num_threads()).clamp(1, MOST);
    let parts = fans.par_chunks(share).map(|fans| of_fans(points, fans, monitor));
    let mut found = parts.collect::<Result<Vec<_>>>()?.into_iter().flatten();
    let rows = others.iter().map(|row| {
        let parts = found.by_ref().take(row.len().div_ceil(WIDTH));
        let mut distances: Vec<f64> = parts.flatten().collect();
        distances.truncate(row.len());
        distances
    });
    Ok(rows.collect())
}

fn fans(origin: u32, others: &[u32]) -> impl Iterator<Item = Fan> {
    others.chunks(WIDTH).map(move |part| {
        let ends = std::array::from_fn(|k| part[k.min(part.len() - 1)]);
        Fan { origin, ends }
    })
}

fn of_fans(points: &PointCloud<'_>, fans: &[Fan], monitor: &Monitor) -> Result<Vec<[f64; WIDTH]>> {
    let mut sums = monitor.filled(fans.len(), [[0.0; LANES]; WIDTH])?;
    for start in (0..points.dim()).step_by(SLICE) {
        monitor.check()?;
        let end = points.dim().min(start + SLICE);
        dispatch(Slice { points, fans, start, end, sums: &mut sums });
    }
    let faint = points.metric() == Metric::Euclidean && points.is_faint();
    let row = |i: u32| points.row(i as usize);
    let distances = fans.iter().zip(sums).map(|(fan, sums)| {
        std::array::from_fn(|k| match total(sums[k]) {
            sum if faint => rooted(sum, row(fan.origin), row(fan.ends[k])),
            sum => points.of_sum(sum),
        })
    });
    Ok(distances.collect())
}

/// Adds the squares of a slice to the sums of all fans.
struct Slice<'a> {
    points: &'a PointCloud<'a>,
    fans: &'a [Fan],
    start: usize,
    end: usize,
    sums: &'a mut [[Lanes; WIDTH]],
}

impl WithSimd for Slice<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { points, fans, start, end, sums } = self;
        let term = Squares::default();
        for (fan, sums) in fans.iter().zip(sums.chunks_exact_mut(1)) {
            let (u, u_rest) = points.row(fan.origin as usize)[start..end].as_chunks();
            let mut vs: [&[Lanes]; WIDTH] = [&[]; WIDTH];
            let mut v_rests = [[[0.0; LANES]; 1]; WIDTH];
            for k in 0..WIDTH {
                let (v, v_rest) = points.row(fan.ends[k] as usize)[start..end].as_chunks();
                vs[k] = v;
                v_rests[k][0][..v_rest.len()].copy_from_slice(v_rest);
            }
            add::<S, Squares, 1>(simd, term, &[u], &vs, sums, false);
            if !u_rest.is_empty() {
                let mut rest = [[0.0; LANES]; 1];
                rest[0][..u_rest.len()].copy_from_slice(u_rest);
                let mut vs: [&[Lanes]; WIDTH] = [&[]; WIDTH];
                for k in 0..WIDTH {
                    vs[k] = &v_rests[k];
                }
                add::<S, Squares, 1>(simd, term, &[&rest], &vs, sums, false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_single_rows_bit_for_bit() {
        let (monitor, len) = (Monitor::new(), 23);
        let squares = [Metric::Euclidean, Metric::SqEuclidean, Metric::Cosine, Metric::Correlation];
        let mut compared = 0;
        for dim in [1, 7, 8, 9, 64, 511, 512, 513, 1030] {
            let mut seed = dim as u32;
            let numbers = std::iter::repeat_with(|| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(seed >> 8)
            });
            let rows: Vec<f64> = numbers.take(len * dim).collect();
            // None, one, and as many as fill some fans and a part of one.
            let others: Vec<Vec<u32>> = (0..len as u32).map(|i| (0..i).rev().collect()).collect();
            for (metric, size) in squares.into_iter().flat_map(|m| [(m, 1.0), (m, 1e-170)]) {
                let rows = rows.iter().map(|x| x * size).collect();
                let points = PointCloud::from_rows(rows, (len, dim), metric, &monitor);
                let Ok(points) = points else { continue };
                let found = to_few(&points, &others, &monitor).unwrap();
                for (i, (others, found)) in others.iter().zip(found).enumerate() {
                    let expected = others.iter().map(|&j| points.distance(i, j as usize));
                    assert!(found.iter().copied().eq(expected), "{metric:?} {dim} {size}");
                }
                compared += 1;
            }
        }
        assert!(compared > 50, "{compared}");
    }
}
