//! Betti numbers at one scale of the hop metric, against ranks of boundary
//! matrices on the explicit matrix of hops.

#![allow(clippy::needless_range_loop)] // matrices are read by index, as in formulas

mod common;

use common::{Matrix, betti, matrix, pairs};
use ndarray::Array2;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use topolens::Monitor;
use topolens::homology::{HopBetti, HopOptions, hop_betti};
use topolens::space::{Metric, PointCloud, Space, pairwise};

fn options(k: usize, hops: usize, maxdim: usize, coeff: u32) -> HopOptions {
    HopOptions { k, hops, maxdim, coeff, max_memory: u64::MAX }
}

fn points(rows: &Array2<f64>, metric: Metric) -> PointCloud<'_> {
    PointCloud::new(rows.view(), metric, &Monitor::new()).unwrap()
}

/// Rows without their copies, in order of appearance.
fn merged(rows: &Array2<f64>) -> Vec<Vec<f64>> {
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for row in rows.rows() {
        if !kept.contains(&row.to_vec()) {
            kept.push(row.to_vec());
        }
    }
    kept
}

/// Hops on the graph in which every point chose its k nearest, itself included.
fn hop_matrix(rows: &[Vec<f64>], k: usize) -> Matrix {
    let n = rows.len();
    let d = |i: usize, j: usize| -> f64 {
        rows[i].iter().zip(&rows[j]).map(|(a, b)| (a - b).abs()).sum()
    };
    let mut hops = matrix(n, |_, _| f64::INFINITY);
    for i in 0..n {
        let mut others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
        others.sort_by(|&a, &b| d(i, a).total_cmp(&d(i, b)).then(a.cmp(&b)));
        for &j in &others[..k.min(n) - 1] {
            hops[i][j] = 1.0;
            hops[j][i] = 1.0;
        }
    }
    for via in 0..n {
        for i in 0..n {
            for j in 0..n {
                hops[i][j] = hops[i][j].min(hops[i][via] + hops[via][j]);
            }
        }
    }
    hops
}

fn expected(rows: &Array2<f64>, options: &HopOptions) -> HopBetti {
    let points = merged(rows);
    let hops = hop_matrix(&points, options.k);
    let n = points.len();
    let near = |i: usize, j: usize| i != j && hops[i][j] <= options.hops as f64;
    let betti = betti(&hops, options.hops as f64, options.maxdim, options.coeff.into());
    let first = |&i: &usize| (0..i).all(|j| hops[i][j].is_infinite());
    HopBetti {
        betti,
        points: rows.nrows(),
        distinct: n,
        components: (0..n).filter(first).count(),
        edges: pairs(n).filter(|&(i, j)| near(i, j)).count(),
        max_degree: (0..n).map(|i| (0..n).filter(|&j| near(i, j)).count()).max().unwrap_or(0),
    }
}

fn lattice(most: usize) -> impl Strategy<Value = Array2<f64>> {
    (2..=most).prop_flat_map(|n| {
        proptest::collection::vec((0..5u8).prop_map(f64::from), 2 * n)
            .prop_map(move |v| Array2::from_shape_vec((n, 2), v).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn betti_numbers_and_facts_are_those_of_the_hop_matrix(
        rows in lattice(14), k in 1..6usize, hops in 1..4usize, maxdim in 0..=2usize,
        coeff in prop_oneof![Just(2), Just(3), Just(5)],
    ) {
        let options = options(k.min(rows.nrows() - 1), hops, maxdim, coeff);
        let points = points(&rows, Metric::Cityblock);
        let distances = Space::Distances(pairwise(&points, &Monitor::new()).unwrap());
        for space in [Space::Points(points), distances] {
            let found = hop_betti(&space, &options, &Monitor::new()).unwrap();
            prop_assert_eq!(found, expected(&rows, &options));
        }
    }
}

/// `count` points on each of three circles, far from each other.
fn circles(count: usize) -> Array2<f64> {
    Array2::from_shape_fn((3 * count, 2), |(i, axis)| {
        let angle = (i % count) as f64 / count as f64 * std::f64::consts::TAU;
        let offset = 10.0 * (i / count) as f64;
        if axis == 0 { offset + angle.cos() } else { angle.sin() }
    })
}

#[test]
fn three_circles_are_three_circles_on_every_number_of_threads() {
    let rows = circles(200);
    for threads in [1, 2, 3] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let space = Space::Points(points(&rows, Metric::Euclidean));
        let options = options(9, 3, 2, 2);
        for maxdim in 0..=2 {
            let options = HopOptions { maxdim, ..options };
            let found = pool.install(|| hop_betti(&space, &options, &Monitor::new())).unwrap();
            // The four nearest on either side, three times over: 24 points within reach.
            assert_eq!(found.betti, [3, 3, 0][..=maxdim]);
            assert_eq!((found.components, found.max_degree, found.edges), (3, 24, 600 * 12));
        }
    }
}
