//! Points that may be among the nearest of each, by inner products in single precision.
//!
//! d² = |a|² + |b|² - 2 ab is off by no more than ε |a| |b|, with an ε that is known beforehand
//! and lengths from any centre; so whoever is too far by more than that is left out. True
//! distances tell of the few others. This is exact.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::Metric;
use super::centred::Centred;
use super::mirror::square_from_bands;
use super::points::{LANES, Lanes, PointCloud};
use super::singles::PANEL;
use crate::arch::dispatch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Points of which all products are kept, so that each is taken once for both ends.
const KEPT: usize = 1 << 12;
/// Coordinates from which on products are faster than distances.
const WIDE: usize = 16;
/// Points, for each neighbour that is wanted, of which most can be left out.
const PER_NEIGHBOR: usize = 8;

/// Whether this is a way to the `count` nearest of each of these points.
pub fn pay(points: &PointCloud<'_>, count: usize) -> bool {
    let of_squares = match points.metric() {
        Metric::Euclidean | Metric::SqEuclidean | Metric::Cosine | Metric::Correlation => true,
        Metric::Cityblock | Metric::Hamming | Metric::Chebyshev => false,
    };
    of_squares && count > 0 && points.dim() >= WIDE && points.len() >= PER_NEIGHBOR * (count + 1)
}

/// For each point, in order, others among which are the `count` nearest by (distance, index).
///
/// Nothing if there is no memory for it, or if they are so many that looking for them was in
/// vain.
pub fn candidates(
    points: &PointCloud<'_>,
    count: usize,
    monitor: &Monitor,
) -> Result<Option<Vec<Vec<u32>>>> {
    let len = points.len();
    let (most, found) = (3 * count * len + len * len / 16, AtomicUsize::new(0));
    let choose = |centred: &Centred, i: usize, products: &[f32], room: &mut Room| {
        if found.load(Relaxed) > most {
            return Vec::new();
        }
        dispatch(Near { centred, i, products, count, room });
        let chosen = room.chosen.clone();
        found.fetch_add(chosen.len(), Relaxed);
        chosen
    };
    match all(points, choose, monitor) {
        Err(Error::OutOfMemory { .. }) => Ok(None),
        Err(error) => Err(error),
        Ok(_) if found.into_inner() > most => Ok(None),
        Ok(chosen) => Ok(Some(chosen)),
    }
}

/// Chooses for each point, given its products with all.
fn all(
    points: &PointCloud<'_>,
    choose: impl Fn(&Centred, usize, &[f32], &mut Room) -> Vec<u32> + Sync,
    monitor: &Monitor,
) -> Result<Vec<Vec<u32>>> {
    let (len, centred) = (points.len(), Centred::new(points, monitor)?);
    if len <= KEPT {
        let products = square_from_bands(len, PANEL, monitor, |first, rows| {
            centred.products(first, rows, monitor)
        })?;
        let rows = products.as_slice().expect("rows one after the other").par_chunks_exact(len);
        let chosen = rows.enumerate().map_init(Room::default, |room, (i, row)| {
            monitor.check()?;
            Ok(choose(&centred, i, row, room))
        });
        return chosen.collect();
    }
    monitor.expect(len as u64);
    let bands = (0..len.div_ceil(PANEL)).into_par_iter().map(|panel| {
        let first = panel * PANEL;
        let mut band = monitor.filled(len * PANEL.min(len - first), 0.0)?;
        let mut rows: Vec<&mut [f32]> = band.chunks_exact_mut(len).collect();
        centred.products(first, &mut rows, monitor)?;
        monitor.advance(rows.len() as u64)?;
        let mut room = Room::default();
        let rows = rows.iter().zip(first..);
        Ok(rows.map(|(row, i)| choose(&centred, i, row, &mut room)).collect())
    });
    let bands: Vec<Vec<_>> = bands.collect::<Result<_>>()?;
    Ok(bands.into_iter().flatten().collect())
}

/// What the choice for one point after the other needs.
#[derive(Default)]
struct Room {
    upper: Vec<f64>,
    least: Vec<f64>,
    chosen: Vec<u32>,
}

/// Chooses those whose square is not known to be above the `count`-th smallest one of others.
struct Near<'a> {
    centred: &'a Centred,
    i: usize,
    products: &'a [f32],
    count: usize,
    room: &'a mut Room,
}

impl WithSimd for Near<'_> {
    type Output = ();

    // Loops in place of closures, which need not be compiled for the same instructions.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { centred, i, products, count, room } = self;
        let Room { upper, least, chosen } = room;
        let len = products.len();
        let (squares, lengths) = (&centred.squares[..len], &centred.lengths[..len]);
        let (own, off) = (squares[i], centred.off * lengths[i]);
        upper.resize(len, 0.0);
        let upper = &mut upper[..len];
        for j in 0..len {
            upper[j] = own + squares[j] - 2.0 * f64::from(products[j]) + off * lengths[j];
        }
        upper[i] = f64::INFINITY;
        let twice = 2.0 * off * (1.0 + f64::EPSILON);
        // A bound that is found fast; then, of all below it, the least one there is.
        let bound = centred.above(bound_of_nearest(upper, count, least));
        chosen.clear();
        let (octets, rest) = upper.as_chunks::<LANES>();
        for (k, octet) in octets.iter().enumerate() {
            let lengths = &lengths[k * LANES..][..LANES];
            let mut below = 0_u8;
            for lane in 0..LANES {
                below |= u8::from(octet[lane] - twice * lengths[lane] <= bound) << lane;
            }
            while below != 0 {
                chosen.push((k * LANES) as u32 + below.trailing_zeros());
                below &= below - 1;
            }
        }
        for j in len - rest.len()..len {
            if upper[j] - twice * lengths[j] <= bound {
                chosen.push(j as u32);
            }
        }
        least.clear();
        for &j in &*chosen {
            least.push(upper[j as usize]);
        }
        let bound = centred.above(*least.select_nth_unstable_by(count - 1, f64::total_cmp).1);
        chosen.retain(|&j| upper[j as usize] - twice * lengths[j as usize] <= bound);
    }
}

/// An upper bound of the `count`-th smallest value: the one of the least values of parts, of
/// which there are some four for each that is wanted.
#[inline(always)]
fn bound_of_nearest(values: &[f64], count: usize, least: &mut Vec<f64>) -> f64 {
    let (octets, rest) = values.as_chunks::<LANES>();
    let deep = (2 * octets.len() / count).max(1);
    least.clear();
    for part in octets.chunks(deep) {
        let mut low: Lanes = [f64::INFINITY; LANES];
        for octet in part {
            for lane in 0..LANES {
                low[lane] = if octet[lane] < low[lane] { octet[lane] } else { low[lane] };
            }
        }
        least.extend(low);
    }
    least.extend(rest);
    *least.select_nth_unstable_by(count - 1, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::pairwise;

    /// Points that are hard to tell apart in single precision, and some that are not.
    fn kinds(len: usize, dim: usize) -> Vec<Vec<f64>> {
        let mut seed = (len * 1000 + dim) as u32;
        let mut next = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 8) / f64::from(1 << 24)
        };
        let plain: Vec<f64> = (0..len * dim).map(|_| next()).collect();
        let with = |change: &dyn Fn(usize, f64) -> f64| {
            let changed = plain.iter().enumerate().map(|(at, &x)| change(at / dim, x));
            changed.collect::<Vec<_>>()
        };
        vec![
            plain.clone(),
            with(&|_, x| x + 1e6),
            with(&|_, x| (3.0 * x).floor()),
            with(&|i, _| (i / 3) as f64),
            with(&|i, x| x * 10_f64.powi((i % 17) as i32 - 8)),
            with(&|i, x| 1e-7 * x + (2 * i / len) as f64),
            with(&|_, _| 3.7),
            with(&|_, x| x * 1e150),
            with(&|_, x| x * 1e-150),
            with(&|_, x| x * 1e-300),
            with(&|i, x| if i == 0 { 1e6 * x } else { x }),
            with(&|i, x| (i % 7) as f64 + 1e-4 * x),
        ]
    }

    #[test]
    fn the_nearest_are_among_the_candidates() {
        let monitor = Monitor::new();
        let (mut few, mut too_many) = (0, 0);
        for (len, dim) in [(40, 16), (65, 17), (97, 64), (130, 300)] {
            for rows in kinds(len, dim) {
                for (_, metric) in Metric::NAMES {
                    let rows = rows.clone();
                    let Ok(points) = PointCloud::from_rows(rows, (len, dim), metric, &monitor)
                    else {
                        continue; // some row has no direction
                    };
                    let all = pairwise(&points, &monitor).unwrap();
                    for count in [1, 4, len / PER_NEIGHBOR - 1] {
                        if !pay(&points, count) {
                            continue;
                        }
                        let Some(found) = candidates(&points, count, &monitor).unwrap() else {
                            too_many += 1;
                            continue;
                        };
                        few += 1;
                        for (i, found) in found.iter().enumerate() {
                            let mut others: Vec<_> =
                                (0..len).filter(|&j| j != i).map(|j| (all.get(i, j), j)).collect();
                            others.sort_by(|a, b| a.partial_cmp(b).unwrap());
                            for (_, j) in &others[..count] {
                                assert!(found.contains(&(*j as u32)), "{len} {dim} {metric:?}");
                            }
                            assert!(found.is_sorted());
                        }
                    }
                }
            }
        }
        assert!(few > 200 && too_many > 20, "{few} {too_many}");
    }

    #[test]
    fn squares_are_off_by_no_more_than_is_told() {
        let monitor = Monitor::new();
        let mut largest = 0.0_f64;
        for (len, dim) in [(40, 16), (33, 130), (20, 700)] {
            for rows in kinds(len, dim) {
                let points =
                    PointCloud::from_rows(rows, (len, dim), Metric::Euclidean, &monitor).unwrap();
                let centred = Centred::new(&points, &monitor).unwrap();
                let scale = centred.scale;
                for first in (0..len).step_by(PANEL) {
                    let mut products = vec![vec![0.0; len]; PANEL.min(len - first)];
                    let mut rows: Vec<_> = products.iter_mut().map(|row| &mut row[..]).collect();
                    centred.products(first, &mut rows, &monitor).unwrap();
                    for (i, row) in (first..).zip(products) {
                        for (j, product) in row.into_iter().enumerate().filter(|&(j, _)| j != i) {
                            let apart = points.row(i).iter().zip(points.row(j));
                            let d: f64 = apart.map(|(a, b)| ((a - b) * scale).powi(2)).sum();
                            let found =
                                centred.squares[i] + centred.squares[j] - 2.0 * f64::from(product);
                            let off = centred.off * centred.lengths[i] * centred.lengths[j];
                            let told = centred.above(d + off) - d;
                            assert!((found - d).abs() <= told, "{found} {d} {told}");
                            largest = largest.max((found - d).abs() / told);
                        }
                    }
                }
            }
        }
        // Less would be a bound for something else.
        assert!(largest > 0.01, "{largest}");
    }

    #[test]
    fn bands_choose_what_all_products_do() {
        let monitor = Monitor::new();
        let (len, dim) = (KEPT + 40, 16);
        let rows = kinds(len, dim).swap_remove(0);
        let points = PointCloud::from_rows(rows, (len, dim), Metric::Euclidean, &monitor).unwrap();
        let found = candidates(&points, 3, &monitor).unwrap().unwrap();
        let mut distances = vec![0.0; len];
        for (i, found) in found.iter().enumerate().step_by(37) {
            points.distances_to(points.row(i), 0, &mut distances);
            let mut others: Vec<_> = (0..len as u32).filter(|&j| j != i as u32).collect();
            others.sort_by(|&a, &b| distances[a as usize].total_cmp(&distances[b as usize]));
            assert!(others[..3].iter().all(|j| found.contains(j)));
        }
        assert!(found.iter().map(Vec::len).sum::<usize>() < 4 * len);
    }
}
