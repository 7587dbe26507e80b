//! Weightings and magnitudes against closed forms.

mod common;

use common::{dense, matrix};
use topolens::magnitude::{MagnitudeOptions, Similarities, Weighting};
use topolens::space::Space;
use topolens::{Error, Monitor};

fn solve(space: &Space<'_>, ts: &[f64]) -> Result<Vec<Weighting>, Error> {
    let monitor = Monitor::new();
    Similarities::new(space, &MagnitudeOptions::default(), &monitor)?.solve(ts, &monitor)
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
