//! Distances whose squares would underflow, in all that takes points.

use ndarray::{Array2, array};
use topolens::homology::{HopOptions, RipsOptions, hop_betti, lifetime_sums, rips};
use topolens::magnitude::{MagnitudeOptions, Similarities};
use topolens::space::{
    Metric, PointCloud, Space, distances_to_measure, farthest_points, geodesic_distances,
    neighbor_graph, pairwise,
};
use topolens::{Error, Monitor};

/// A power of two, times which numbers and distances keep all their bits.
const TINY: f64 = f64::from_bits((1023 - 565) << 52);

fn cloud(rows: &Array2<f64>, metric: Metric) -> Space<'_> {
    Space::Points(PointCloud::new(rows.view(), metric, &Monitor::new()).unwrap())
}

/// Points, some of them equal, in few dimensions or many.
fn rows(len: usize, dim: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, dim), |(i, k)| {
        let (i, k) = ((i % (len - 2)) as f64, k as f64);
        (0.31 * k + (1.0 + i).sqrt() * (1.0 + 3.7 * k)).fract() - 0.4
    })
}

fn matrix(space: &Space<'_>) -> Vec<f64> {
    let Space::Points(points) = space else { unreachable!() };
    pairwise(points, &Monitor::new()).unwrap().values().to_vec()
}

#[test]
fn three_points_stay_three() {
    let monitor = Monitor::new();
    let line = array![[0.0], [1e-170], [3e-170]];
    for metric in [Metric::Euclidean, Metric::Cityblock, Metric::Chebyshev] {
        assert_eq!(matrix(&cloud(&line, metric)), [1e-170, 3e-170, 3e-170 - 1e-170]);
    }
    // Beside large numbers, and down to the least there is.
    let mixed = array![[0.0, 1.0], [1e-170, 1.0], [3e-170, 1.0], [0.0, 2.0]];
    let found = matrix(&cloud(&mixed, Metric::Euclidean));
    assert_eq!(found, [1e-170, 3e-170, 1.0, 3e-170 - 1e-170, 1.0, 1.0]);
    let least = array![[0.0, 0.0], [3.0 * 5e-324, 4.0 * 5e-324], [1e150, 0.0]];
    let found = matrix(&cloud(&least, Metric::Euclidean));
    assert_eq!(found, [5.0 * 5e-324, 1e150, 1e150]);
    let error = PointCloud::new(line.view(), Metric::SqEuclidean, &monitor).unwrap_err();
    assert!(matches!(&error, Error::Invalid { argument: "X", .. }), "{error}");
    assert!(error.to_string().contains("found 3e-170 at most"), "{error}");
    let zeros = Array2::zeros((3, 2));
    assert_eq!(matrix(&cloud(&zeros, Metric::SqEuclidean)), [0.0; 3]);
    assert_eq!(matrix(&cloud(&zeros, Metric::Euclidean)), [0.0; 3]);
}

#[test]
fn smaller_units_change_nothing_but_the_unit() {
    let monitor = Monitor::new();
    for (len, dim) in [(40, 1), (400, 2), (60, 11)] {
        let usual = rows(len, dim);
        let small = &usual * TINY;
        for (name, metric) in Metric::NAMES {
            if metric == Metric::SqEuclidean || (dim < 3 && metric == Metric::Correlation) {
                continue; // refused
            }
            let unit = match metric {
                Metric::Euclidean | Metric::Cityblock | Metric::Chebyshev => TINY,
                _ => 1.0,
            };
            let (a, b) = (cloud(&usual, metric), cloud(&small, metric));
            let scaled = |values: &[f64]| values.iter().map(|d| d * unit).collect::<Vec<_>>();
            assert_eq!(matrix(&b), scaled(&matrix(&a)), "{name}");
            for maxdim in [0, 1] {
                let options = RipsOptions { maxdim, ..RipsOptions::default() };
                let found = [&a, &b].map(|space| rips(space, &options, &monitor).unwrap().bars);
                let [a, b] = found.map(|bars| bars.concat());
                assert_eq!(a.len(), b.len(), "{name}");
                for (a, b) in a.iter().zip(&b) {
                    assert_eq!([a.birth * unit, a.death * unit], [b.birth, b.death], "{name}");
                }
            }
            let far = [&a, &b].map(|space| farthest_points(space, 9, 2, &monitor).unwrap());
            assert_eq!(far[0].indices, far[1].indices, "{name}");
            assert_eq!(scaled(&far[0].insertion_radii[1..]), far[1].insertion_radii[1..]);
            let options = HopOptions { k: 3, hops: 2, maxdim: 1, coeff: 2, max_memory: u64::MAX };
            let found = [&a, &b].map(|space| hop_betti(space, &options, &monitor).unwrap());
            assert_eq!(found[0], found[1], "{name}");
            let graphs = [&a, &b].map(|space| neighbor_graph(space, 3, &monitor).unwrap());
            let paths = graphs.map(|graph| geodesic_distances(&graph, true, &monitor).unwrap());
            assert_eq!(scaled(paths[0].values()), paths[1].values(), "{name}");
            let all = [(0..len).collect::<Vec<_>>()];
            let sums = [&a, &b].map(|x| lifetime_sums(x, &all, 1.0, u64::MAX, &monitor).unwrap());
            assert_eq!(scaled(&sums[0]), sums[1], "{name}");
            if matches!(metric, Metric::Euclidean | Metric::Cityblock) {
                let magnitude = |space: &Space<'_>, t: f64| {
                    let options = MagnitudeOptions::default();
                    let similarities = Similarities::new(space, &options, &monitor).unwrap();
                    similarities.solve(&[t], &monitor).unwrap()[0].magnitude
                };
                let (a, b) = (magnitude(&a, 3.0), magnitude(&b, 3.0 / unit));
                assert!((a / b - 1.0).abs() < 1e-12, "{name}: {a} {b}");
            }
        }
    }
}

#[test]
fn distances_to_measures_of_small_samples() {
    let monitor = Monitor::new();
    let (sample, places) = (rows(30, 2), rows(7, 2) * 1.5);
    let every = |r: usize| [1, 2, 3, 30][r];
    let drawn = Array2::from_shape_fn((4, 30), |(r, i)| {
        if i.is_multiple_of(every(r)) { every(r) as u32 } else { 0 }
    });
    let measured = |unit: f64, mass: f64| {
        let rows = &sample * unit;
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &monitor).unwrap();
        let places = &places * unit;
        distances_to_measure(&points, places.view(), mass, drawn.view(), &monitor).unwrap()
    };
    for mass in [0.01, 0.25, 1.0] {
        let (usual, small) = (measured(1.0, mass), measured(TINY, mass));
        let scaled = |values: &[f64]| values.iter().map(|d| d * TINY).collect::<Vec<_>>();
        assert_eq!(scaled(&usual.values), small.values);
        assert_eq!(scaled(&usual.largest_changes), small.largest_changes);
    }
    // A place near a sample whose own entries are of any size.
    let (at, sample) = (array![[1e-170]], array![[0.0], [1.0]]);
    let points = PointCloud::new(sample.view(), Metric::Euclidean, &monitor).unwrap();
    let none = Array2::zeros((0, 2));
    let found = distances_to_measure(&points, at.view(), 0.5, none.view(), &monitor).unwrap();
    assert_eq!(found.values, [1e-170]);
    let far = array![[1e300]];
    let error = distances_to_measure(&points, far.view(), 0.5, none.view(), &monitor).unwrap_err();
    assert!(matches!(&error, Error::Invalid { argument: "places", .. }), "{error}");
}
