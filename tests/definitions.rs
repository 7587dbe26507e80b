//! Values of networks, of measures and of outliers against their definitions.

use ndarray::{Array2, ArrayView2};
use topolens::Monitor;
use topolens::networks::{BitPlanes, multiplier_suprema};
use topolens::space::{Metric, PointCloud, distances_to_measure};

/// Whole numbers below `most` that look random.
fn drawn(shape: (usize, usize), most: u64, seed: u64) -> Array2<u8> {
    let mut state = seed;
    Array2::from_shape_simple_fn(shape, || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % most) as u8
    })
}

fn pack(labels: &Array2<u8>, classes: usize) -> BitPlanes {
    BitPlanes::pack(labels.view(), classes, None, &Monitor::new()).unwrap()
}

/// The largest |Σ ξ_i (z_i − z̄)| / n over all pairs, for one row of signs.
fn largest_deviation(labels: ArrayView2<u8>, signs: &[f64]) -> f64 {
    let n = labels.ncols();
    let mut largest = 0.0_f64;
    for i in 0..labels.nrows() {
        for j in 0..i {
            let z: Vec<_> =
                (0..n).map(|k| f64::from(u8::from(labels[[i, k]] != labels[[j, k]]))).collect();
            let mean = z.iter().sum::<f64>() / n as f64;
            let sum: f64 = z.iter().zip(signs).map(|(z, sign)| sign * (z - mean)).sum();
            largest = largest.max(sum.abs() / n as f64);
        }
    }
    largest
}

#[test]
fn multiplier_suprema_are_largest_deviations() {
    // Pairs by four and alone, words and blocks of them begun or full.
    for (networks, samples, classes) in [(2, 5, 2), (5, 64, 3), (7, 300, 9), (10, 1100, 4)] {
        let labels = drawn((networks, samples), classes as u64, 7);
        let signs = drawn((13, samples), 2, 5);
        let planes = pack(&labels, (classes as f64).log2().ceil() as usize);
        let found = multiplier_suprema(&planes, &pack(&signs, 1), &Monitor::new()).unwrap();
        assert_eq!(found.len(), 13);
        for (found, signs) in found.iter().zip(signs.rows()) {
            let signs: Vec<_> = signs.iter().map(|&bit| 2.0 * f64::from(bit) - 1.0).collect();
            let right = largest_deviation(labels.view(), &signs);
            assert!((found - right).abs() < 1e-12, "{networks} {samples}: {found} {right}");
        }
    }
}

/// √ of the mean of the least squares that hold a mass, where that is a whole number of
/// copies of 1/16 of a point: each point is put down 16 times as often as it counts.
fn to_measure(squares: &[(f64, u32)], sixteenths: usize) -> f64 {
    let mut copies: Vec<f64> = Vec::new();
    for &(square, times) in squares {
        copies.extend(std::iter::repeat_n(square, 16 * times as usize));
    }
    copies.sort_by(f64::total_cmp);
    (copies[..sixteenths].iter().sum::<f64>() / sixteenths as f64).sqrt()
}

#[test]
fn distances_to_measures_are_means_of_least_squares() {
    let monitor = Monitor::new();
    let number = |(i, k): (usize, usize)| (0.7 * i as f64 + 0.3 + k as f64).sin();
    for (len, dim) in [(1, 1), (8, 2), (40, 3)] {
        let rows = Array2::from_shape_fn((len, dim), number);
        // More than one block of places.
        let places = Array2::from_shape_fn((70, dim), |(i, k)| number((i + 100, k)));
        let times = |r: usize, i: usize| match r {
            0 => 1,
            1 => {
                if i.is_multiple_of(2) {
                    2 - u32::from(i + 1 == len)
                } else {
                    0
                }
            }
            _ => {
                if i == 0 {
                    len as u32
                } else {
                    0
                }
            }
        };
        let resamplings = Array2::from_shape_fn((3, len), |(r, i)| times(r, i));
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &monitor).unwrap();
        for sixteenths in [1, 7, 16 * len / 3 + 1, 16 * len] {
            let mass = sixteenths as f64 / (16 * len) as f64;
            let found =
                distances_to_measure(&points, places.view(), mass, resamplings.view(), &monitor);
            let found = found.unwrap();
            let mut largest = [0.0_f64; 3];
            for (place, found) in places.rows().into_iter().zip(&found.values) {
                let squares = |r: usize| {
                    let square = |i| (&rows.row(i) - &place).mapv(|x| x * x).sum();
                    (0..len).map(|i| (square(i), times(r, i))).collect::<Vec<_>>()
                };
                let right = [0, 1, 2].map(|r| to_measure(&squares(r), sixteenths));
                assert!((found - right[0]).abs() < 1e-13, "{len} {mass}: {found} {right:?}");
                for (largest, value) in largest.iter_mut().zip(right) {
                    *largest = largest.max((value - right[0]).abs());
                }
            }
            for (found, right) in found.largest_changes.iter().zip(largest) {
                assert!((found - right).abs() < 1e-13, "{len} {mass}: {found} {right}");
            }
        }
    }
}
