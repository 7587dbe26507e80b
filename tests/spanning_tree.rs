//! The minimum spanning tree against Kruskal's algorithm on all pairs.

mod common;

use common::{check_cancelling, pairs};
use ndarray::Array2;
use proptest::collection::vec;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use topolens::homology::lifetime_sums;
use topolens::homology::spanning_tree::{
    Edge, Method, spanning_tree, spanning_tree_by, tree_lengths,
};
use topolens::space::{Metric, PointCloud, Space, pairwise};
use topolens::{Error, Monitor};

const METHODS: [Method; 2] = [Method::Prim, Method::Boruvka];

/// All pairs in order, each kept if it joins two components.
fn kruskal(points: &PointCloud<'_>) -> Vec<Edge> {
    let distances = pairwise(points, &Monitor::new()).unwrap();
    let mut edges: Vec<(f64, usize, usize)> =
        pairs(points.len()).map(|(i, j)| (distances.get(i, j), i, j)).collect();
    edges.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut component: Vec<usize> = (0..points.len()).collect();
    edges.retain(|&(_, i, j)| {
        let (old, new) = (component[i], component[j]);
        component.iter_mut().filter(|c| **c == old).for_each(|c| *c = new);
        old != new
    });
    let edge = |(length, i, j)| Edge { length, low: i as u32, high: j as u32 };
    edges.into_iter().map(edge).collect()
}

fn has_direction(metric: Metric, rows: &Array2<f64>) -> bool {
    rows.rows().into_iter().all(|row| match metric {
        Metric::Cosine => row.iter().any(|&x| x != 0.0),
        Metric::Correlation => row.iter().any(|&x| x != row[0]),
        _ => true,
    })
}

fn check(rows: &Array2<f64>) {
    for (name, metric) in Metric::NAMES.into_iter().filter(|m| has_direction(m.1, rows)) {
        let points = match PointCloud::new(rows.view(), metric, &Monitor::new()) {
            Err(Error::Invalid { .. }) if metric == Metric::SqEuclidean => continue, // squares vanish
            points => points.unwrap(),
        };
        let expected = kruskal(&points);
        for method in METHODS {
            let found = spanning_tree_by(method, &points, &Monitor::new()).unwrap();
            assert_eq!(found, expected, "{name} by {method:?}");
        }
        assert_eq!(spanning_tree(&points, &Monitor::new()).unwrap(), expected);
        let distances = pairwise(&points, &Monitor::new()).unwrap();
        let all: Vec<_> = (0..points.len()).collect();
        let lengths = tree_lengths(&distances, &all, &Monitor::new()).unwrap();
        assert_eq!(lengths, expected.iter().map(|edge| edge.length).collect::<Vec<_>>());
    }
}

/// Clouds on lattices of many sizes and on none, with copies of points, and
/// clusters of clusters.
fn clouds(most: usize, dims: usize) -> impl Strategy<Value = Array2<f64>> {
    let size = (1..=most, 0..=dims);
    size.prop_flat_map(|(n, d)| {
        let of = |values: BoxedStrategy<f64>| vec(values, n * d);
        let scale = prop_oneof![
            4 => Just(1.0), 1 => Just(1e-3), 1 => Just(1e12),
            1 => Just(1e-200), 1 => Just(1e-160), 1 => Just(1e-310), 1 => Just(1e140),
        ];
        let values = prop_oneof![
            of((-1.0..1.0).boxed()),
            of((0..2u8).prop_map(f64::from).boxed()),
            of((0..5u8).prop_map(f64::from).boxed()),
            of((0..40u8).prop_map(f64::from).boxed()),
            of((0..3u8, -1.0..1.0, 0..3i32)
                .prop_map(|(place, rest, depth)| f64::from(place) + rest * 1e-4f64.powi(depth))
                .boxed()),
            of((-1.0..1.0, 0..20u8)
                .prop_map(|(x, rare)| if rare == 0 { 1e9 * x } else { x })
                .boxed()),
        ];
        (values, scale, vec(0..n, n), 0..4usize).prop_map(move |(values, scale, copies, every)| {
            Array2::from_shape_fn((n, d), |(i, k)| {
                let copied = every > 0 && i % (every + 1) == 0;
                scale * values[if copied { copies[i] } else { i } * d + k]
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_method_finds_the_one_tree(rows in clouds(40, 12)) {
        check(&rows);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn many_coordinates_and_many_points(rows in clouds(300, 80)) {
        check(&rows);
    }
}

/// Points for which both methods share their work among threads.
fn many() -> Array2<f64> {
    let coordinate = |i: usize, k: usize| (i * (1 + 7919 * (k + 1))) % 10_007;
    Array2::from_shape_fn((3000, 400), |(i, k)| (coordinate(i, k) / 7) as f64)
}

#[test]
fn threads_do_not_matter() {
    let rows = many();
    let few_coordinates = rows.slice(ndarray::s![.., ..2]);
    for (method, rows) in [(Method::Prim, rows.view()), (Method::Boruvka, few_coordinates)] {
        let points = PointCloud::new(rows, Metric::Euclidean, &Monitor::new()).unwrap();
        let with_threads = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| spanning_tree_by(method, &points, &Monitor::new()).unwrap())
        };
        let expected = with_threads(1);
        assert_eq!(expected.len(), points.len() - 1);
        for threads in [2, 3] {
            assert_eq!(with_threads(threads), expected, "{method:?} with {threads} threads");
        }
    }
}

#[test]
fn every_step_can_be_stopped() {
    let rows = many();
    for (dim, points) in [(2, 150), (40, 150), (0, 5)] {
        let rows = rows.slice(ndarray::s![..points, ..dim]);
        let points = PointCloud::new(rows, Metric::Euclidean, &Monitor::new()).unwrap();
        for method in METHODS {
            check_cancelling(2 * points.len() as u64 - 1, |monitor| {
                spanning_tree_by(method, &points, monitor)
            });
        }
    }
}

#[test]
fn announced_work_is_done_in_the_end() {
    let rows = many();
    for len in [0_usize, 1, 2, 500] {
        let rows = rows.slice(ndarray::s![..len, ..3]);
        let points = PointCloud::new(rows, Metric::Euclidean, &Monitor::new()).unwrap();
        for method in METHODS {
            let monitor = Monitor::new();
            let tree = spanning_tree_by(method, &points, &monitor).unwrap();
            let edges = len.saturating_sub(1);
            assert_eq!(tree.len(), edges);
            assert_eq!(monitor.progress(), (edges as u64, edges as u64));
        }
    }
}

/// Subsets of many points, from the points and from their distances.
fn sums_of_subsets(space: &Space<'_>, max_memory: u64, monitor: &Monitor) -> Vec<f64> {
    let subsets: Vec<Vec<usize>> =
        (2..40).map(|k| (0..200).filter(|i| i * 7 % 41 < k).collect()).collect();
    lifetime_sums(space, &subsets, 1.5, max_memory, monitor).unwrap()
}

#[test]
fn lifetime_sums_do_not_depend_on_threads_or_on_the_way() {
    let rows = many();
    let rows = rows.slice(ndarray::s![..200, ..5]);
    let points = PointCloud::new(rows, Metric::Euclidean, &Monitor::new()).unwrap();
    let distances = Space::Distances(pairwise(&points, &Monitor::new()).unwrap());
    let expected = sums_of_subsets(&distances, u64::MAX, &Monitor::new());
    for threads in [1, 2, 3] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for space in [&distances, &Space::Points(points.clone())] {
            for max_memory in [0, u64::MAX] {
                let found = pool.install(|| sums_of_subsets(space, max_memory, &Monitor::new()));
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn lifetime_sums_of_many_points_on_a_line_are_those_of_their_distances() {
    let rows = many();
    let rows = rows.slice(ndarray::s![.., ..1]);
    let points = PointCloud::new(rows, Metric::Euclidean, &Monitor::new()).unwrap();
    let distances = Space::Distances(pairwise(&points, &Monitor::new()).unwrap());
    let subsets = [0, 1, 5, 700].map(|first| (first..3000).collect::<Vec<usize>>());
    assert_eq!(Method::faster(subsets[3].len(), 1), Method::Boruvka);
    let [found, expected] = [Space::Points(points), distances]
        .map(|space| lifetime_sums(&space, &subsets, 1.5, u64::MAX, &Monitor::new()).unwrap());
    assert_eq!(found, expected);
}

#[test]
fn lifetime_sums_can_be_stopped() {
    let rows = many();
    let rows = rows.slice(ndarray::s![..60, ..3]);
    let points = PointCloud::new(rows, Metric::Euclidean, &Monitor::new()).unwrap();
    let distances = Space::Distances(pairwise(&points, &Monitor::new()).unwrap());
    let subsets = vec![(0..60).collect(), (10..30).collect::<Vec<_>>()];
    for space in [distances, Space::Points(points)] {
        check_cancelling(80, |monitor| lifetime_sums(&space, &subsets, 1.0, u64::MAX, monitor));
    }
}
