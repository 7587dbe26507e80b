//! What is drawn from magnitude, against closed forms for equidistant points and powers.

mod common;

use common::{dense, matrix};
use ndarray::Array2;
use topolens::Monitor;
use topolens::magnitude::{
    MagnitudeOptions, Part, Queries, Similarities, convergence_scale, diversity, line_points,
    magnitude_area, magnitude_difference, magnitude_dimension, max_diversity, outlier_scores,
    spread, vendi_of_kernel, vendi_of_space,
};
use topolens::space::Space;

const D: f64 = 1.5;

fn equidistant(n: usize) -> Space<'static> {
    dense(&matrix(n, |_, _| D))
}

fn check_close(found: f64, right: f64, tolerance: f64) {
    assert!((found - right).abs() <= tolerance * right.abs(), "{found} for {right}");
}

/// |tX| of n points at distance D from each other.
fn magnitude(n: f64, t: f64) -> f64 {
    n / (1.0 + (n - 1.0) * (-t * D).exp())
}

/// Its integral from 0 to t.
fn area(n: f64, t: f64) -> f64 {
    n / D * (((t * D).exp() + n - 1.0) / n).ln()
}

#[test]
fn areas_and_scales_of_convergence() {
    let (monitor, options) = (Monitor::new(), MagnitudeOptions::default());
    for n in [2, 7, 300] {
        let (space, count) = (equidistant(n), n as f64);
        let similarities = Similarities::new(&space, &options, &monitor).unwrap();
        for share in [0.6, 0.95, 0.999] {
            let right = -((1.0 / share - 1.0) / (count - 1.0)).ln() / D;
            let found = convergence_scale(&similarities, share, &monitor).unwrap();
            check_close(found.t, right, 1e-7);
        }
        for t_cut in [0.1, 3.0, 100.0] {
            let found = magnitude_area(&space, Some(t_cut), &options, &monitor).unwrap();
            assert_eq!(found.t_cut, t_cut);
            check_close(found.value, area(count, t_cut), 1e-4);
            assert!((found.value - area(count, t_cut)).abs() <= found.error);
            assert!(found.error <= 2.6e-3 * found.value);
        }
        let usual = magnitude_area(&space, None, &options, &monitor).unwrap();
        check_close(usual.t_cut, -((1.0 / 0.95 - 1.0) / (count - 1.0)).ln() / D, 1e-7);
        check_close(usual.value, area(count, usual.t_cut), 1e-4);
        let other = equidistant(4);
        let found = magnitude_difference(&space, &other, Some(2.0), &options, &monitor).unwrap();
        check_close(found.value, (area(count, 2.0) - area(4.0, 2.0)).abs(), 1e-4);
    }
}

#[test]
fn diversities_of_points_alike() {
    let (monitor, options, t) = (Monitor::new(), MagnitudeOptions::default(), 0.8);
    for n in [2, 5, 40] {
        let (space, count) = (equidistant(n), n as f64);
        let (z, right) = ((-t * D).exp(), magnitude(count, t));
        let similarities = Similarities::new(&space, &options, &monitor).unwrap();
        check_close(spread(&similarities, t, &monitor).unwrap(), right, 1e-13);
        let most = max_diversity(&space, t, &options, &monitor).unwrap();
        check_close(most.value, right, 1e-12);
        assert!(most.value <= most.upper_bound && most.upper_bound <= right * (1.0 + 1e-10));
        most.distribution.iter().for_each(|p| check_close(*p, 1.0 / count, 1e-10));
        // One point has half of the mass, the others share the rest.
        let rest = 0.5 / (count - 1.0);
        let p: Vec<_> = (0..n).map(|i| if i == 0 { 0.5 } else { rest }).collect();
        let (first, other) = (0.5 + 0.5 * z, rest + (1.0 - rest) * z);
        for q in [0.0, 0.5, 2.0, 5.0] {
            let sum = 0.5 * f64::powf(first, q - 1.0) + 0.5 * f64::powf(other, q - 1.0);
            let found = diversity(&similarities, t, q, &p, &monitor).unwrap();
            check_close(found, sum.powf(1.0 / (1.0 - q)), 1e-12);
        }
        let found = diversity(&similarities, t, 1.0, &p, &monitor).unwrap();
        check_close(found, 1.0 / (first * other).sqrt(), 1e-12);
        let found = diversity(&similarities, t, f64::INFINITY, &p, &monitor).unwrap();
        check_close(found, 1.0 / first.max(other), 1e-12);
        // Eigenvalues 1 + (n − 1)z and, n − 1 times, 1 − z, of sum n.
        let shares = [(1.0 + (count - 1.0) * z) / count, (1.0 - z) / count];
        let kernel = Array2::from_shape_fn((n, n), |(i, j)| if i == j { 1.0 } else { z });
        for q in [0.5, 2.0, 3.0] {
            let sum = shares[0].powf(q) + (count - 1.0) * shares[1].powf(q);
            let right = sum.powf(1.0 / (1.0 - q));
            let found = vendi_of_space(&space, t, q, u64::MAX, &monitor).unwrap();
            check_close(found, right, 1e-11);
            let found = vendi_of_kernel(kernel.view(), f64::EPSILON, q, u64::MAX, &monitor);
            check_close(found.unwrap(), right, 1e-11);
        }
    }
    // A star of five: the weight of its centre, (1 − 4z)/(1 + z), is negative, and without it
    // there are five points at distance 2.
    let space = dense(&matrix(6, |i, j| if i == 0 || j == 0 { 1.0 } else { 2.0 }));
    let most = max_diversity(&space, 0.5, &options, &monitor).unwrap();
    check_close(most.value, 5.0 / (1.0 + 4.0 * (-1.0_f64).exp()), 1e-12);
    assert_eq!(most.distribution[0], 0.0);
    most.distribution[1..].iter().for_each(|p| check_close(*p, 0.2, 1e-10));
}

#[test]
fn scores_of_points_and_of_new_ones() {
    let (monitor, options, t) = (Monitor::new(), MagnitudeOptions::default(), 0.6);
    for n in [2, 9, 270] {
        let (space, count) = (equidistant(n), n as f64);
        let z = (-t * D).exp();
        // 1/(Z⁻¹)ᵢᵢ, since Z⁻¹ = (1 − zJ/(1 + (n − 1)z))/(1 − z).
        let variance = |n: f64| (1.0 - z) * (1.0 + (n - 1.0) * z) / (1.0 + (n - 2.0) * z);
        let weight = magnitude(count, t) / count;
        let found = outlier_scores(&space, t, None, &options, &monitor).unwrap();
        for i in [0, n - 1] {
            check_close(found.weights[i], weight, 1e-7);
            check_close(found.variances[i], variance(count), 1e-12);
            check_close(found.gains[i], weight * weight * variance(count), 1e-7);
        }
        // A new point as far from all, and one that is there already.
        let rows = Array2::from_shape_fn((2, n), |(q, j)| if q == 1 && j == 1 { 0.0 } else { D });
        let queries = Queries::Distances(rows.view());
        let found = outlier_scores(&space, t, Some(&queries), &options, &monitor).unwrap();
        check_close(found.weights[0], magnitude(count + 1.0, t) / (count + 1.0), 1e-7);
        check_close(found.variances[0], variance(count + 1.0), 1e-11);
        let gain = magnitude(count + 1.0, t) - magnitude(count, t);
        check_close(found.gains[0], gain, 1e-6);
        check_close(found.weights[1], weight, 1e-7);
        assert_eq!((found.variances[1], found.gains[1]), (0.0, 0.0));
    }
}

#[test]
fn dimensions_of_powers_and_of_two_powers() {
    let ts: Vec<f64> = (0..60).map(|k| 0.01 * 1.25_f64.powi(k)).collect();
    let power = |m: f64| {
        let values: Vec<f64> = ts.iter().map(|t| 3.0 * t.powf(m)).collect();
        let slopes: Vec<f64> = ts.iter().map(|t| 3.0 * m * t.powf(m - 1.0)).collect();
        (values, slopes)
    };
    for m in [0.3, 1.0, 2.5] {
        let (values, slopes) = power(m);
        for part in [Part::Straightest, Part::ProfileMax, Part::Between(0.05, 20.0)] {
            let found = magnitude_dimension(&ts, &values, &slopes, part).unwrap();
            check_close(found.value, m, 1e-9);
            match part {
                Part::ProfileMax => assert_eq!(found.fit_error, None),
                _ => assert!(found.fit_error.unwrap() < 1e-9),
            }
            if let Part::Between(t0, t1) = part {
                assert_eq!(found.interval, (t0, t1));
            }
        }
        let (x, y) = line_points(&ts, &values, &slopes, (0.05, 20.0), 5).unwrap();
        assert_eq!(x.len(), 5);
        check_close(x[0], 0.05_f64.ln(), 1e-12);
        check_close(x[4], 20.0_f64.ln(), 1e-12);
        x.iter().zip(&y).for_each(|(x, y)| check_close(*y, 3.0_f64.ln() + m * x, 1e-9));
    }
    // t + t², of slope (1 + 2t)/(1 + t): steepest at the end; over one octave by least squares.
    let values: Vec<f64> = ts.iter().map(|t| t + t * t).collect();
    let slopes: Vec<f64> = ts.iter().map(|t| 1.0 + 2.0 * t).collect();
    let found = magnitude_dimension(&ts, &values, &slopes, Part::ProfileMax).unwrap();
    let last = ts[ts.len() - 1];
    check_close(found.value, (1.0 + 2.0 * last) / (1.0 + last), 1e-6);
    check_close(found.interval.0, last, 1e-9);
    let found = magnitude_dimension(&ts, &values, &slopes, Part::Between(1.0, 2.0)).unwrap();
    let xs: Vec<f64> = (0..=2000).map(|k| f64::from(k) / 2000.0 * 2.0_f64.ln()).collect();
    let ys: Vec<f64> = xs.iter().map(|x| (x.exp() + (2.0 * x).exp()).ln()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(&xs), mean(&ys));
    let cross: f64 = xs.iter().zip(&ys).map(|(x, y)| (x - mx) * (y - my)).sum();
    let slope = cross / xs.iter().map(|x| (x - mx).powi(2)).sum::<f64>();
    check_close(found.value, slope, 1e-3);
    let rest = |(x, y): (&f64, &f64)| (y - my - slope * (x - mx)).powi(2);
    let error = mean(&xs.iter().zip(&ys).map(rest).collect::<Vec<_>>()).sqrt();
    check_close(found.fit_error.unwrap(), error, 2e-2);
}
