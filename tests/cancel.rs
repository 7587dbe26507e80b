//! Every kernel can be stopped wherever it is: it then says so, and otherwise
//! gives the right answer.

mod common;

use common::check_cancelling;
use ndarray::{Array2, ArrayD, IxDyn};
use topolens::homology::{
    Construction, CubicalOptions, HopOptions, RipsOptions, cubical, hop_betti, pieces_among_others,
    rips,
};
use topolens::magnitude::{
    MagnitudeOptions, Queries, dimensions_of_parts, magnitude_area, magnitude_difference,
    max_diversity, outlier_scores, vendi_of_directions, vendi_of_space,
};
use topolens::networks::{
    BitPlanes, Compared, Fold, Laws, Pairs, SoftDistance, TiedLabels, accuracies,
    chance_disagreement, chance_disagreement_by_pairs, classes_of_rows, conditional_disagreement,
    disagreement_by_pairs, disagreement_counts, disagreement_with_ties, multiplier_suprema,
    samples_with, soft_distances, votes, votes_with_ties, weighted_disagreement,
};
use topolens::space::{
    Metric, PointCloud, Space, farthest_points, geodesic_distances, neighbor_graph, pairwise,
    separation, sparse_rips,
};
use topolens::{Error, Monitor};

const POINTS: u64 = 60;

/// A circle with a rough rim.
fn rows() -> Array2<f64> {
    Array2::from_shape_fn((POINTS as usize, 2), |(i, axis)| {
        let angle = i as f64 * std::f64::consts::TAU / POINTS as f64;
        let radius = 1.0 + 0.01 * ((i * i) % 13) as f64;
        radius * if axis == 0 { angle.cos() } else { angle.sin() }
    })
}

fn with_points(test: impl Fn(&PointCloud<'_>)) {
    test(&PointCloud::new(rows().view(), Metric::Euclidean, &topolens::Monitor::new()).unwrap());
}

#[test]
fn pairwise_stops() {
    with_points(|points| check_cancelling(POINTS, |monitor| pairwise(points, monitor)));
}

/// Points in the plane, their distances, and points of many coordinates: some whose neighbours
/// products tell apart, and some whose neighbours they do not.
fn with_spaces(test: impl Fn(&Space<'_>)) {
    with_points(|points| {
        let distances = Space::Distances(pairwise(points, &Monitor::new()).unwrap());
        [Space::Points(points.clone()), distances].iter().for_each(&test);
    });
    for scale in [1.0, 1e-12] {
        let rows = Array2::from_shape_fn((POINTS as usize, 30), |(i, k)| {
            (i % 2 * k) as f64 + scale * ((i * 7 + k * k * (i + 3)) % 101) as f64
        });
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &Monitor::new()).unwrap();
        test(&Space::Points(points));
    }
}

#[test]
fn comparisons_of_classes_stop() {
    let labels = Array2::from_shape_fn((3, POINTS as usize), |(k, i)| ((k + i) % 4) as u32);
    let classes = labels.row(0).to_vec();
    with_spaces(|space| {
        check_cancelling(2 * POINTS, |monitor| {
            pieces_among_others(space, labels.view(), 4, &[0, 1], u64::MAX, monitor)
        });
        check_cancelling(POINTS, |monitor| separation(space, &classes, 4, u64::MAX, monitor));
    });
}

#[test]
fn neighbor_graph_stops() {
    with_spaces(|space| {
        check_cancelling(POINTS, |monitor| neighbor_graph(space, 5, monitor));
    });
}

#[test]
fn all_neighbours_that_were_announced_are_found_in_the_end() {
    with_spaces(|space| {
        for k in [1, 5, 40] {
            let monitor = Monitor::new();
            neighbor_graph(space, k, &monitor).unwrap();
            let (done, total) = monitor.progress();
            assert!(done == total && total > 0, "{done} of {total} for k = {k}");
        }
    });
}

#[test]
fn geodesic_distances_stop() {
    with_points(|points| {
        let space = Space::Points(points.clone());
        let graph = neighbor_graph(&space, 5, &Monitor::new()).unwrap();
        check_cancelling(POINTS, |monitor| geodesic_distances(&graph, true, monitor));
    });
}

#[test]
fn farthest_points_stop() {
    with_points(|points| {
        let space = Space::Points(points.clone());
        check_cancelling(19, |monitor| farthest_points(&space, 20, 3, monitor));
    });
}

#[test]
fn sparse_rips_stops() {
    with_points(|points| {
        let space = Space::Points(points.clone());
        // A look for each point in the order, for its edges and for its radius.
        check_cancelling(3 * POINTS, |monitor| {
            sparse_rips(&space, 1.0, f64::INFINITY, u64::MAX, monitor)
        });
    });
}

#[test]
fn rips_stops_in_every_phase() {
    with_points(|points| {
        let distances = Space::Distances(pairwise(points, &Monitor::new()).unwrap());
        let points = Space::Points(points.clone());
        let graph = Space::Graph(neighbor_graph(&points, 7, &Monitor::new()).unwrap());
        for (maxdim, coeff) in [(1, 2), (2, 3)] {
            let options = RipsOptions { maxdim, coeff, cocycles: true, ..RipsOptions::default() };
            // At least a look at each row while edges are read, and at each edge later.
            for (space, least) in [(&points, 2 * POINTS), (&distances, POINTS), (&graph, POINTS)] {
                check_cancelling(least, |monitor| rips(space, &options, monitor));
            }
        }
        let components = RipsOptions { maxdim: 0, ..RipsOptions::default() };
        check_cancelling(POINTS - 1, |monitor| rips(&points, &components, monitor));
    });
}

#[test]
fn hop_betti_stops_in_every_phase() {
    with_points(|points| {
        let space = Space::Points(points.clone());
        for (maxdim, coeff) in [(0, 2), (1, 2), (1, 3), (2, 2)] {
            let options = HopOptions { k: 5, hops: 2, maxdim, coeff, max_memory: u64::MAX };
            // Neighbours and at least two rounds of hops look at every point, cones or a
            // collapse once more.
            let least = if maxdim == 0 { 3 * POINTS } else { 4 * POINTS };
            let found = hop_betti(&space, &options, &Monitor::new()).unwrap();
            assert_eq!(found.betti, [1, 1, 0][..=maxdim]);
            check_cancelling(least, |monitor| hop_betti(&space, &options, monitor));
        }
    });
}

#[test]
fn a_kernel_can_be_stopped_from_another_thread() {
    let rows = Array2::from_shape_fn((500, 3), |(i, k)| ((i * (7 + 31 * k)) % 499) as f64);
    let space = Space::Points(
        PointCloud::new(rows.view(), Metric::Euclidean, &topolens::Monitor::new()).unwrap(),
    );
    let options = RipsOptions { maxdim: 4, ..RipsOptions::default() };
    let monitor = Monitor::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while monitor.progress().1 == 0 {
                std::thread::yield_now();
            }
            monitor.cancel();
        });
        assert_eq!(rips(&space, &options, &monitor), Err(Error::Cancelled));
    });
}

#[test]
fn all_announced_work_is_done_in_the_end() {
    let options = |maxdim| RipsOptions { maxdim, ..RipsOptions::default() };
    with_points(|points| {
        for maxdim in 0..3 {
            let monitor = Monitor::new();
            rips(&Space::Points(points.clone()), &options(maxdim), &monitor).unwrap();
            let (done, total) = monitor.progress();
            assert!(done == total && total > 0, "{done} of {total} for maxdim = {maxdim}");

            let monitor = Monitor::new();
            let options = RipsOptions { epsilon: Some(0.5), ..options(maxdim) };
            rips(&Space::Points(points.clone()), &options, &monitor).unwrap();
            let (done, total) = monitor.progress();
            assert!(done == total && total > 0, "{done} of {total} for maxdim = {maxdim}");
        }
    });
}

#[test]
fn what_is_drawn_from_magnitudes_stops() {
    with_points(|points| {
        let options = MagnitudeOptions::default();
        let cloud = points;
        let space = &Space::Points(points.clone());
        let graph = &Space::Graph(neighbor_graph(space, 7, &Monitor::new()).unwrap());
        check_cancelling(POINTS, |monitor| magnitude_area(space, None, &options, monitor));
        check_cancelling(2 * POINTS, |monitor| {
            magnitude_difference(space, space, None, &options, monitor)
        });
        for space in [space, graph] {
            check_cancelling(POINTS, |monitor| max_diversity(space, 20.0, &options, monitor));
            check_cancelling(POINTS, |monitor| vendi_of_space(space, 40.0, 1.0, u64::MAX, monitor));
        }
        check_cancelling(1, |monitor| vendi_of_directions(cloud, 1.0, u64::MAX, monitor));
        for query in [None, Some(&Queries::Points(cloud))] {
            check_cancelling(POINTS, |monitor| {
                outlier_scores(space, 2.0, query, &options, monitor)
            });
        }
        let halves = vec![(0..30).collect(), (30..60).collect()];
        check_cancelling(POINTS, |monitor| {
            dimensions_of_parts(space, &halves, &[1.0, 2.0, 4.0], &options, monitor)
        });
    });
}

#[test]
fn distances_of_networks_stop() {
    let (networks, samples) = (40, 700);
    let labels = Array2::from_shape_fn((networks, samples), |(i, k)| (i * k % 5) as u8);
    let groups: Vec<u32> = (0..samples as u32).map(|k| k % 3).collect();
    let weights: Vec<f64> = (0..samples).map(|k| (k % 7) as f64).collect();
    let pack = |groups| BitPlanes::pack(labels.view(), 3, groups, &Monitor::new()).unwrap();
    let (plain, grouped) = (pack(None), pack(Some(&groups)));
    check_cancelling(networks as u64, |monitor| {
        let packed = BitPlanes::pack(labels.view(), 3, None, monitor)?;
        disagreement_counts(Pairs::Within(&packed), monitor)
    });
    for pairs in [Pairs::Within(&plain), Pairs::Across(&plain, &plain)] {
        check_cancelling(10, |monitor| disagreement_counts(pairs, monitor));
        check_cancelling(10, |monitor| weighted_disagreement(pairs, &weights, monitor));
    }
    for fold in [Fold::Each, Fold::Mean, Fold::Worst] {
        for weights in [None, Some(&weights[..])] {
            check_cancelling(10, |monitor| {
                conditional_disagreement(Pairs::Within(&grouped), weights, fold, monitor)
            });
        }
    }
    check_cancelling(10, |monitor| multiplier_suprema(&plain, &plain, monitor));
    check_cancelling(10, |monitor| classes_of_rows(labels.view(), monitor));
    let outputs: Vec<f64> = (0..20 * 30).map(|k| (k % 11) as f64).collect();
    let thirds = vec![0.1; 10];
    check_cancelling(10, |monitor| {
        let shape = (20, 10, 3);
        soft_distances(&outputs, shape, &thirds, SoftDistance::Euclidean, 2.0, monitor)
    });
}

#[test]
fn distances_of_networks_with_missing_and_tied_labels_stop() {
    let (networks, samples) = (40, 700);
    let labels = Array2::from_shape_fn((networks, samples), |(i, k)| (i * k % 5) as u8);
    let weights: Vec<f64> = (0..samples).map(|k| (k % 7) as f64).collect();
    for weights in [None, Some(&weights[..])] {
        check_cancelling(10, |monitor| {
            let compared = Compared::Predicted(3, 4).pack(labels.view(), None, monitor)?;
            disagreement_by_pairs(&compared, weights, monitor)
        });
        check_cancelling(10, |monitor| chance_disagreement(labels.view(), 5, weights, monitor));
        check_cancelling(10, |monitor| {
            chance_disagreement_by_pairs(labels.view(), 5, 4, weights, monitor)
        });
    }
    let laws = Laws::new(2, vec![vec![0, 1], vec![1]]);
    check_cancelling(10, |monitor| {
        let compared = Compared::Labels(3).pack(labels.view(), None, monitor)?;
        let samples = samples_with(labels.view(), &laws.ties(), monitor)?;
        let tied = TiedLabels::take(labels.view(), samples, monitor)?;
        disagreement_with_ties(&compared, &tied, &laws, &weights, monitor)
    });
    let truth: Vec<u32> = (0..samples as u32).map(|k| k % 2).collect();
    check_cancelling(10, |monitor| {
        accuracies(labels.view(), &truth, &laws, Some(4), Some(&weights), monitor)
    });
    check_cancelling(3, |monitor| votes(labels.view(), 5, monitor));
    check_cancelling(3, |monitor| votes_with_ties(labels.view(), &laws, monitor));
}

#[test]
fn cubical_stops() {
    for (shape, periodic) in [
        (vec![60], vec![]),
        (vec![8, 9], vec![]),
        (vec![6, 7, 8], vec![]),
        (vec![5, 6, 7], vec![true, false, true]),
        (vec![3, 3, 4, 4], vec![]),
    ] {
        let image = ArrayD::from_shape_fn(IxDyn(&shape), |at| {
            let at = (0..shape.len()).fold(1, |sum, axis| sum * 31 + at[axis] * at[axis] * 17);
            (at % 101) as f32
        });
        for construction in [Construction::V, Construction::T] {
            let periodic = periodic.clone();
            let options = CubicalOptions { construction, periodic, ..CubicalOptions::default() };
            check_cancelling(3, |monitor| cubical(image.view(), &options, monitor));
        }
    }
}
