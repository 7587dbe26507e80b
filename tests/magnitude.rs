//! Weightings and magnitudes against closed forms.

mod common;

use common::{check_cancelling, dense, matrix};
use ndarray::Array2;
use topolens::magnitude::{MagnitudeOptions, Method, Similarities, Weighting};
use topolens::space::{Metric, PointCloud, Space};
use topolens::{Error, Monitor};

const METHODS: [Option<Method>; 4] =
    [None, Some(Method::ConjugateGradients), Some(Method::Cholesky), Some(Method::Lblt)];

fn solve(space: &Space<'_>, ts: &[f64]) -> Result<Vec<Weighting>, Error> {
    let monitor = Monitor::new();
    Similarities::new(space, &MagnitudeOptions::default(), &monitor)?.solve(ts, &monitor)
}

fn solve_by(space: &Space<'_>, ts: &[f64], options: &MagnitudeOptions) -> Vec<Weighting> {
    let monitor = Monitor::new();
    Similarities::new(space, options, &monitor).unwrap().solve(ts, &monitor).unwrap()
}

/// Points spread over a box by irrational steps.
fn rows(len: usize, dim: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, dim), |(i, k)| {
        let (i, k) = (i as f64, k as f64);
        (0.31 * k + (1.0 + i).sqrt() * (1.0 + 3.7 * k)).fract()
    })
}

fn points(rows: &Array2<f64>, metric: Metric) -> Space<'_> {
    Space::Points(PointCloud::new(rows.view(), metric, &Monitor::new()).unwrap())
}

fn check_close(found: f64, right: f64) {
    assert!((found - right).abs() <= 1e-10 * right.abs(), "{found} for {right}");
}

#[test]
fn points_on_a_line() {
    let places = [0.0, 0.3, 1.0, 1.1, 4.0];
    let space = dense(&matrix(5, |i, j| f64::abs(places[i] - places[j])));
    let ts = [0.1, 1.0, 10.0];
    for (t, found) in ts.into_iter().zip(solve(&space, &ts).unwrap()) {
        let gaps = places.windows(2).map(|pair| pair[1] - pair[0]);
        check_close(found.magnitude, 1.0 + gaps.clone().map(|g| (0.5 * t * g).tanh()).sum::<f64>());
        let slope = |g: f64| 0.5 * g / (0.5 * t * g).cosh().powi(2);
        check_close(found.slope, gaps.map(slope).sum());
    }
}

#[test]
fn equidistant_points_over_several_tiles() {
    for n in [1, 2, 255, 256, 257, 700] {
        let space = dense(&matrix(n, |_, _| 1.5));
        let found = &solve(&space, &[0.7]).unwrap()[0];
        let n = n as f64;
        check_close(found.magnitude, n / (1.0 + (n - 1.0) * (-1.5_f64 * 0.7).exp()));
    }
}

#[test]
fn copies_share_a_weight() {
    let places = [0.0, 1.0, 0.0, 3.0, 0.0];
    let space = dense(&matrix(5, |i, j| f64::abs(places[i] - places[j])));
    let found = &solve(&space, &[1.0]).unwrap()[0];
    let alone = dense(&matrix(3, |i, j| [0.0_f64, 1.0, 3.0][j] - [0.0, 1.0, 3.0][i]));
    let right = &solve(&alone, &[1.0]).unwrap()[0];
    check_close(found.magnitude, right.magnitude);
    check_close(found.slope, right.slope);
    for i in [0, 2, 4] {
        check_close(found.weights[i], right.weights[0] / 3.0);
    }
}

/// Sum of the weights by Gaussian elimination with full pivoting.
fn eliminate(d: &[Vec<f64>], t: f64) -> f64 {
    let n = d.len();
    let mut rows: Vec<Vec<f64>> =
        d.iter().map(|row| row.iter().map(|d| (-t * d).exp()).chain([1.0]).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).max_by(|&a, &b| rows[a][k].abs().total_cmp(&rows[b][k].abs())).unwrap();
        rows.swap(k, pivot);
        for i in 0..n {
            if i != k {
                let factor = rows[i][k] / rows[k][k];
                (k..=n).for_each(|j| rows[i][j] -= factor * rows[k][j]);
            }
        }
    }
    (0..n).map(|i| rows[i][n] / rows[i][i]).sum()
}

#[test]
fn every_method_gives_the_same() {
    let ts = [0.05, 0.1, 0.4, 1.0, 1.1, 6.0, 50.0];
    for (len, dim) in [(1, 2), (2, 1), (130, 3), (300, 5)] {
        let rows = rows(len, dim);
        let space = points(&rows, Metric::Euclidean);
        let Space::Points(cloud) = &space else { unreachable!() };
        let d = matrix(len, |i, j| cloud.distance(i, j));
        for method in METHODS {
            let options = MagnitudeOptions { method, ..MagnitudeOptions::default() };
            for found in solve_by(&space, &ts, &options) {
                let right = eliminate(&d, found.t);
                let wrong = (found.magnitude / right - 1.0).abs();
                assert!(wrong < 1e-10, "{method:?}, {len} points, t = {}: {wrong:e}", found.t);
                assert!(found.residual <= 1e-8);
                assert!(method.is_none_or(|method| found.method == method));
                let sum: f64 = found.weights.iter().sum();
                assert!((sum / right - 1.0).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn memory_and_unit_do_not_matter() {
    let rows = rows(500, 4);
    let ts = [0.2, 1.0, 5.0];
    let options = MagnitudeOptions::default();
    let right = solve_by(&points(&rows, Metric::Euclidean), &ts, &options);
    // Too little for distances: they are computed whenever they are needed.
    let tight = MagnitudeOptions { max_memory: 4_900_000, ..MagnitudeOptions::default() };
    let space = points(&rows, Metric::Euclidean);
    let plan = Similarities::new(&space, &tight, &Monitor::new()).unwrap().explain();
    assert!(plan.ends_with("computed whenever they are needed, to save memory"), "{plan}");
    let tight = solve_by(&space, &ts, &tight);
    for unit in [1e-6, 1e6, 1e150] {
        let scaled = &rows * unit;
        let ts = ts.map(|t| t / unit);
        let found = solve_by(&points(&scaled, Metric::Euclidean), &ts, &options);
        for (found, right) in found.iter().chain(&tight).zip(right.iter().cycle()) {
            check_close(found.magnitude, right.magnitude);
        }
        for (found, right) in found.iter().zip(&right) {
            assert!((found.slope / right.slope * unit.recip() - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn indefinite_similarities_have_inertia_and_poles() {
    // The complete bipartite graph on 3 + 2 vertices, by hops.
    let hops = |i: usize, j: usize| if (i < 3) == (j < 3) { 2.0 } else { 1.0 };
    let pole = 0.5 * std::f64::consts::LN_2;
    for (from_pole, negative) in [(-1e-3, 1), (1e-3, 0)] {
        let t: f64 = pole + from_pole;
        let z = (-t).exp();
        let right = (5.0 - 7.0 * z) / ((1.0 + z) * (1.0 - 2.0 * z * z));
        let found = &solve(&dense(&matrix(5, hops)), &[t]).unwrap()[0];
        check_close(found.magnitude, right);
        assert_eq!(found.negative_eigenvalues, negative);
    }
    // 200 + 180 vertices: over tiles, far from the pole.
    let hops = |i: usize, j: usize| if (i < 200) == (j < 200) { 2.0 } else { 1.0 };
    let (m, n) = (200.0, 180.0);
    for t in [0.5_f64, 2.0, 8.0] {
        let z = (-t).exp();
        let right = (m + n - (2.0 * m * n - m - n) * z)
            / ((1.0 + z) * (1.0 - (m - 1.0) * (n - 1.0) * z * z));
        let found = &solve(&dense(&matrix(380, hops)), &[t]).unwrap()[0];
        check_close(found.magnitude, right);
        let negative = if t > 7.0 { 0 } else { 1 };
        assert_eq!(found.negative_eigenvalues, negative, "{t}");
    }
}

#[test]
fn solving_stops() {
    let rows = rows(300, 3);
    let space = points(&rows, Metric::Euclidean);
    for method in METHODS {
        let options = MagnitudeOptions { method, ..MagnitudeOptions::default() };
        check_cancelling(10, |monitor| {
            Similarities::new(&space, &options, monitor)?.solve(&[0.5, 1.0], monitor)
        });
    }
}

#[test]
fn threads_do_not_matter() {
    let rows = rows(700, 3);
    let space = points(&rows, Metric::Euclidean);
    for method in METHODS {
        let options = MagnitudeOptions { method, ..MagnitudeOptions::default() };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| solve_by(&space, &[0.3, 1.0, 2.0, 3.0], &options))
        };
        let right = on(1);
        assert_eq!(on(2), right, "{method:?}");
        assert_eq!(on(3), right, "{method:?}");
    }
}
