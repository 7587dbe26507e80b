//! Functions of diagrams, on their public interface.

use ndarray::array;
use topolens::diagram::*;
use topolens::space::{Condensed, Metric, PointCloud, Space, covering_radii, distances_to_measure};
use topolens::{Error, Monitor};

fn diagrams() -> Vec<Vec<[f64; 2]>> {
    vec![vec![[0.0, 4.0], [1.0, 3.0], [2.0, 2.0]], vec![]]
}

fn options() -> ImageOptions {
    ImageOptions {
        sigma: 0.5,
        resolution: (4, 3),
        births: (0.0, 4.0),
        lengths: (0.0, 3.0),
        pixels: Pixels::Integral,
    }
}

#[test]
fn curves_and_landscapes_of_nested_bars() {
    let (dgms, monitor) = (diagrams(), Monitor::new());
    let curves = betti_curves(&dgms, &[0.0, 1.0, 2.0, 3.0, 4.0], &monitor).unwrap();
    assert_eq!(curves, array![[1, 2, 2, 1, 0], [0, 0, 0, 0, 0]]);
    let heights = landscapes(&dgms, 2, &[1.0, 2.0], &monitor).unwrap();
    assert_eq!(heights, array![[[1.0, 2.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]]);
    assert_eq!(landscape_norms(&dgms, f64::INFINITY, &monitor).unwrap(), [2.0, 0.0]);
    assert_eq!(betti_norms(&dgms, 1.0, &monitor).unwrap(), [6.0, 0.0]);
    assert_eq!(bottleneck_norms(&dgms, &monitor).unwrap(), [2.0, 0.0]);
}

#[test]
fn essential_classes_are_refused_where_they_have_no_meaning() {
    let (dgms, monitor) = (vec![vec![[0.0, f64::INFINITY]]], Monitor::new());
    assert_eq!(betti_curves(&dgms, &[1.0], &monitor).unwrap(), array![[1]]);
    assert_eq!(landscapes(&dgms, 1, &[3.0], &monitor).unwrap(), array![[[3.0]]]);
    let results = [
        entropies(&dgms, false, &monitor).err(),
        total_persistences(&dgms, 1.0, &monitor).err(),
        wasserstein_norms(&dgms, 2.0, 2.0, &monitor).err(),
        betti_norms(&dgms, 1.0, &monitor).err(),
        landscape_norms(&dgms, 1.0, &monitor).err(),
        silhouettes(&dgms, 1.0, &[0.0], &monitor).err(),
        statistics(&dgms, &monitor).err(),
        persistence_images(&dgms, &[vec![1.0]], &options(), &monitor).err(),
    ];
    for error in results {
        let message = error.expect("an error").to_string();
        assert_eq!(message, "`dgm` must have finite bars here; found [0.0, inf] at [0]");
    }
}

#[test]
fn broken_bars_are_refused() {
    let monitor = Monitor::new();
    for bar in [[f64::NAN, 1.0], [0.0, f64::NAN], [2.0, 1.0]] {
        let error = betti_curves(&[vec![bar]], &[1.0], &monitor).unwrap_err();
        assert!(matches!(error, Error::Invalid { argument: "dgm", .. }), "{error}");
    }
}

#[test]
fn every_function_can_be_stopped() {
    let dgms = diagrams();
    let stopped = || Monitor::cancel_after(0);
    assert_eq!(betti_curves(&dgms, &[0.0], &stopped()), Err(Error::Cancelled));
    assert_eq!(landscapes(&dgms, 1, &[0.0], &stopped()), Err(Error::Cancelled));
    assert_eq!(entropies(&dgms, true, &stopped()), Err(Error::Cancelled));
    let weights = [vec![1.0; 3], vec![]];
    assert_eq!(persistence_images(&dgms, &weights, &options(), &stopped()), Err(Error::Cancelled));
    let points = array![[0.0], [1.0], [3.0]];
    let cloud = PointCloud::new(points.view(), Metric::Euclidean, &Monitor::new()).unwrap();
    let space = Space::Points(cloud.clone());
    assert_eq!(covering_radii(&space, &[vec![0]], 0, &stopped()), Err(Error::Cancelled));
    let drawn = array![[1, 1, 1]];
    let found = distances_to_measure(&cloud, points.view(), 0.5, drawn.view(), &stopped());
    assert_eq!(found, Err(Error::Cancelled));
}

#[test]
fn losses_of_two_groups() {
    let distances = Condensed::new(4, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    let labellings = array![[0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0]];
    let losses = joint_losses(&distances, labellings.view(), 1.0, &Monitor::new()).unwrap();
    assert_eq!(losses, [3.5, 3.5, 3.5]);
    let squares = joint_losses(&distances, labellings.view(), 2.0, &Monitor::new()).unwrap();
    assert_eq!(squares, [18.5, 14.5, 18.5]);
    let far = Condensed::new(2, vec![f64::INFINITY]).unwrap();
    assert!(joint_losses(&far, array![[0, 0]].view(), 1.0, &Monitor::new()).is_err());
}

#[test]
fn hostile_subsets_and_resamplings_are_refused() {
    let points = array![[0.0], [1.0], [3.0]];
    let cloud = PointCloud::new(points.view(), Metric::Euclidean, &Monitor::new()).unwrap();
    let space = Space::Points(cloud.clone());
    for subsets in [vec![vec![]], vec![vec![3]]] {
        assert!(covering_radii(&space, &subsets, 0, &Monitor::new()).is_err());
    }
    for drawn in [array![[1, 1, 2]], array![[0, 0, 0]]] {
        let found = distances_to_measure(&cloud, points.view(), 0.5, drawn.view(), &Monitor::new());
        assert!(found.is_err());
    }
}

#[test]
fn powers_do_not_leave_the_range_of_numbers() {
    let monitor = Monitor::new();
    // Ten bars on [0, 1), three of them on to 3.
    let bars: Vec<_> = (0..10).map(|i| [0.0, if i < 3 { 3.0 } else { 1.0 }]).collect();
    for (p, right) in [(1.0, 16.0), (2.0, 118.0_f64.sqrt()), (309.0, 10.0), (1e4, 10.0)] {
        let found = betti_norms(std::slice::from_ref(&bars), p, &monitor).unwrap()[0];
        assert!((found / right - 1.0).abs() < 1e-14, "{p}: {found}");
    }
    assert_eq!(betti_norms(std::slice::from_ref(&bars), f64::INFINITY, &monitor).unwrap(), [10.0]);
    assert_eq!(betti_norms(&[vec![], vec![[1.0, 1.0]]], 309.0, &monitor).unwrap(), [0.0, 0.0]);

    // Two bars of length ℓ: 2^(1/p) ℓ/2, and (2 · 2 (ℓ/2)^(p+1) / (p+1))^(1/p).
    for length in [1e-300, 1e-3, 1.0, 1e5, 1e300] {
        let dgms = [vec![[0.0, length], [length, 2.0 * length]]];
        for p in [1.0, 2.0, 309.0, 1e4] {
            let half = length / 2.0;
            let found = wasserstein_norms(&dgms, p, f64::INFINITY, &monitor).unwrap()[0];
            assert!((found / (2.0_f64.powf(1.0 / p) * half) - 1.0).abs() < 1e-14);
            let right = half * ((4.0 * half).ln() / p - (p + 1.0).ln() / p).exp();
            match landscape_norms(&dgms, p, &monitor) {
                Ok(found) if right == 0.0 => assert_eq!(found, [0.0]),
                Ok(found) => assert!((found[0] / right - 1.0).abs() < 1e-12, "{length:e} {p}"),
                Err(error) => {
                    assert!(matches!(error, Error::Overflow { .. }), "{error}");
                    assert_eq!(right, f64::INFINITY);
                }
            }
            let found = silhouettes(&dgms, p, &[half], &monitor).unwrap()[[0, 0]];
            assert!((found / (half / 2.0) - 1.0).abs() < 1e-14);
        }
    }
    let dgms = [vec![[0.0, 10.0]]];
    assert_eq!(total_persistences(&dgms, 300.0, &monitor).unwrap(), [1e300]);
    let error = total_persistences(&dgms, 309.0, &monitor).unwrap_err();
    assert!(matches!(error, Error::Overflow { argument: "p", .. }), "{error}");
    let far = [vec![[0.0, 1.0], [-1e308, 1e308]]];
    let error = total_persistences(&far, 1.0, &monitor).unwrap_err().to_string();
    assert!(error.starts_with("`dgm` is too large here: births and deaths go up to"), "{error}");
    assert!(error.ends_with("found [-1e308, 1e308] at [1]"), "{error}");

    let distances = Condensed::new(4, vec![1e-3, 2e-3, 2e-3, 2e-3, 2e-3, 1e-3]).unwrap();
    let labels = array![[0_u8, 0, 1, 1], [0, 1, 0, 1]];
    let losses = joint_losses(&distances, labels.view(), 2.0, &monitor).unwrap();
    assert!((losses[0] - 1e-6).abs() < 1e-18 && (losses[1] - 4e-6).abs() < 1e-18, "{losses:?}");
    for exponent in [120.0, 1e4] {
        let error = joint_losses(&distances, labels.view(), exponent, &monitor).unwrap_err();
        assert!(matches!(error, Error::Invalid { argument: "exponent", .. }), "{error}");
    }
}

#[test]
fn statistics_are_those_of_definitions() {
    // Births 1, 2, 4, 8 and deaths 3, 5, 9, 16, in units that no square fits.
    for unit in [1e-170, 1.0, 1e170] {
        let bars =
            [[1.0, 3.0], [2.0, 5.0], [4.0, 9.0], [8.0, 16.0]].map(|bar| bar.map(|x| x * unit));
        let found = statistics(&[bars.to_vec()], &Monitor::new()).unwrap();
        let right = [
            // mean, sd, min, q10, q25, median, q75, q90, max, iqr
            [3.75, (115.0_f64 / 16.0).sqrt(), 1.0, 1.3, 1.75, 3.0, 5.0, 6.8, 8.0, 3.25],
            [8.25, (395.0_f64 / 16.0).sqrt(), 3.0, 3.6, 4.5, 7.0, 10.75, 13.9, 16.0, 6.25],
            [6.0, 14.625_f64.sqrt(), 2.0, 2.45, 3.125, 5.0, 7.875, 10.35, 12.0, 4.75],
            [4.5, 5.25_f64.sqrt(), 2.0, 2.3, 2.75, 4.0, 5.75, 7.1, 8.0, 3.0],
        ];
        for (kind, right) in right.iter().enumerate() {
            for (place, right) in right.iter().enumerate() {
                let found = found[[0, kind, place]] / unit;
                assert!((found - right).abs() < 1e-13, "{unit:e} {kind} {place}: {found} {right}");
            }
        }
    }
    let far =
        statistics(&[vec![[1e-300, 1e300]; 2], vec![[3e-300, 1e300]]], &Monitor::new()).unwrap();
    assert_eq!(far[[0, 0, 0]], 1e-300);
    assert_eq!([far[[0, 1, 1]], far[[1, 0, 2]], far[[1, 3, 8]]], [0.0, 3e-300, 1e300]);
    assert!(statistics(&[vec![]], &Monitor::new()).unwrap().iter().all(|x| x.is_nan()));
}

#[test]
fn entropies_and_totals_are_those_of_definitions() {
    let monitor = Monitor::new();
    // Shares 1/2, 1/4, 1/8, 1/8: 7/4 bits; the fifth bar has no length.
    for unit in [1e-300, 1.0, 1e300] {
        let bars = [4.0, 2.0, 1.0, 1.0, 0.0].map(|length| [unit, unit * (1.0 + length)]).to_vec();
        let found = entropies(&[bars.clone(), vec![[1.0, 1.0]]], false, &monitor).unwrap();
        assert!((found[0] - 1.75 * 2.0_f64.ln()).abs() < 1e-14, "{found:?}");
        assert_eq!(found[1], 0.0);
        let found = entropies(&[bars, vec![[0.0, unit]]], true, &monitor).unwrap();
        assert!((found[0] - 0.875).abs() < 1e-14 && found[1] == 0.0, "{found:?}");
    }
    let bars = vec![vec![[0.0, 3.0], [1.0, 5.0]]];
    for (p, right) in [(1.0, 7.0), (2.0, 25.0), (0.5, 3.0_f64.sqrt() + 2.0)] {
        assert!((total_persistences(&bars, p, &monitor).unwrap()[0] - right).abs() < 1e-14);
    }
    // The diagonal is 3/2 and 2 away in the sup norm, √2 and 2 times that in those below.
    for (p, q, right) in [
        (1.0, f64::INFINITY, 3.5),
        (2.0, f64::INFINITY, 2.5),
        (2.0, 2.0, 2.5 * 2.0_f64.sqrt()),
        (f64::INFINITY, 1.0, 4.0),
    ] {
        assert!((wasserstein_norms(&bars, p, q, &monitor).unwrap()[0] - right).abs() < 1e-14);
    }
    for (p, q, argument) in [(0.5, 1.0, "p"), (1.0, 0.5, "q"), (f64::NAN, 1.0, "p")] {
        let error = wasserstein_norms(&bars, p, q, &monitor).unwrap_err();
        assert!(matches!(error, Error::Invalid { argument: a, .. } if a == argument), "{error}");
    }
}
