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
