//! Distances, neighbours, paths and landmarks against brute force.

#![allow(clippy::needless_range_loop)] // matrices are read by index, as in formulas

mod common;

use common::pairs;
use ndarray::{Array2, ArrayView1, ShapeBuilder, array, s};
use proptest::collection::vec;
use proptest::prelude::*;
use topolens::Monitor;
use topolens::homology::UnionFind;
use topolens::space::{
    Condensed, Graph, Hops, Metric, PointCloud, Space, distinct_rows, farthest_points,
    geodesic_distances, neighbor_graph, pairwise,
};

const INF: f64 = f64::INFINITY;

fn go() -> Monitor {
    Monitor::new()
}

/// `rows` rows of `dim` numbers, drawn from `values`.
fn rows(
    count: impl Strategy<Value = usize>,
    dim: impl Strategy<Value = usize>,
    values: impl Strategy<Value = f64> + Clone,
) -> impl Strategy<Value = Array2<f64>> {
    (count, dim).prop_flat_map(move |(n, d)| {
        vec(values.clone(), n * d).prop_map(move |v| Array2::from_shape_vec((n, d), v).unwrap())
    })
}

/// Whole coordinates: sums of differences are exact and many are tied.
fn lattice(count: impl Strategy<Value = usize>) -> impl Strategy<Value = Array2<f64>> {
    rows(count, 1..3usize, (0..5u8).prop_map(f64::from))
}

// ---------------------------------------------------------------- distances

/// The textbook formulas, one coordinate after the other.
fn formula(metric: Metric, u: ArrayView1<f64>, v: ArrayView1<f64>) -> f64 {
    let sum = |term: fn(f64, f64) -> f64| -> f64 {
        let mut total = 0.0;
        for k in 0..u.len() {
            total += term(u[k], v[k]);
        }
        total
    };
    let squares = |w: ArrayView1<f64>| w.iter().map(|x| x * x).sum::<f64>();
    match metric {
        Metric::Euclidean => sum(|a, b| (a - b).powi(2)).sqrt(),
        Metric::SqEuclidean => sum(|a, b| (a - b).powi(2)),
        Metric::Cityblock => sum(|a, b| (a - b).abs()),
        Metric::Chebyshev => u.iter().zip(&v).fold(0.0, |m, (a, b)| f64::max(m, (a - b).abs())),
        Metric::Cosine => 1.0 - sum(|a, b| a * b) / (squares(u) * squares(v)).sqrt(),
        Metric::Correlation => {
            let centred = |w: ArrayView1<f64>| w.mapv(|x| x - w.sum() / w.len() as f64);
            formula(Metric::Cosine, centred(u).view(), centred(v).view())
        }
        Metric::Hamming if u.is_empty() => 0.0,
        Metric::Hamming => sum(|a, b| f64::from(a != b)) / u.len() as f64,
    }
}

fn has_direction(metric: Metric, rows: &Array2<f64>) -> bool {
    rows.rows().into_iter().all(|row| match metric {
        Metric::Cosine => row.iter().any(|&x| x != 0.0),
        Metric::Correlation => row.iter().any(|&x| x != row[0]),
        _ => true,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Every remainder of the lanes, and whole coordinates so that some agree.
    #[test]
    fn every_metric_follows_its_formula(
        rows in rows(0..7usize, 0..70usize, prop_oneof![-1e3..1e3, (0..3u8).prop_map(f64::from)]),
    ) {
        for (name, metric) in Metric::NAMES {
            if !has_direction(metric, &rows) {
                prop_assert!(PointCloud::new(rows.view(), metric, &topolens::Monitor::new()).is_err());
                continue;
            }
            let points = PointCloud::new(rows.view(), metric, &topolens::Monitor::new()).unwrap();
            let distances = pairwise(&points, &go()).unwrap();
            for (i, j) in pairs(rows.nrows()) {
                let expected = formula(metric, rows.row(i), rows.row(j));
                let found = points.distance(i, j);
                let slack = 1e-13 * expected.abs().max(1.0);
                prop_assert!((found - expected).abs() <= slack, "{name}: {found} {expected}");
                prop_assert_eq!(found, points.distance(j, i));
                prop_assert_eq!(found, distances.get(i, j));
                prop_assert_eq!(found, distances.get(j, i));
            }
            for i in 0..rows.nrows() {
                prop_assert_eq!(points.distance(i, i), 0.0);
            }
        }
    }

    #[test]
    fn the_order_of_memory_does_not_matter(rows in rows(1..6usize, 2..20usize, 1.0..2.0)) {
        let (n, dim) = rows.dim();
        let mut columns = Array2::zeros((n, dim).f());
        columns.assign(&rows);
        let mut wide = Array2::from_elem((2 * n, 2 * dim), f64::NAN);
        wide.slice_mut(s![..;2, ..;2]).assign(&rows);
        for (_, metric) in Metric::NAMES {
            if !has_direction(metric, &rows) {
                continue;
            }
            let of = |view| pairwise(&PointCloud::new(view, metric, &topolens::Monitor::new()).unwrap(), &go()).unwrap();
            let expected = of(rows.view());
            prop_assert_eq!(&of(columns.view()), &expected);
            prop_assert_eq!(&of(wide.slice(s![..;2, ..;2])), &expected);
        }
    }
}

#[test]
fn rows_of_one_direction_are_at_no_cosine_distance() {
    let rows = array![[0.1, 0.7, -0.3], [0.1, 0.7, -0.3], [0.4, 2.8, -1.2], [-0.1, -0.7, 0.3]];
    let points = PointCloud::new(rows.view(), Metric::Cosine, &topolens::Monitor::new()).unwrap();
    assert_eq!(points.distance(0, 1), 0.0);
    assert_eq!(points.distance(0, 2), 0.0);
    assert!((points.distance(0, 3) - 2.0).abs() < 1e-15);
    for scale in [1e-300, 1e300] {
        let scaled = array![[1.0, 2.0], [scale, 2.0 * scale], [-2.0 * scale, scale]];
        let points =
            PointCloud::new(scaled.view(), Metric::Cosine, &topolens::Monitor::new()).unwrap();
        assert_eq!(points.distance(0, 1), 0.0);
        assert!((points.distance(0, 2) - 1.0).abs() < 1e-15);
    }
}

#[test]
fn rows_without_a_direction_are_refused() {
    let message = |rows: Array2<f64>, metric| {
        PointCloud::new(rows.view(), metric, &topolens::Monitor::new()).unwrap_err().to_string()
    };
    assert_eq!(
        message(array![[1.0, 2.0], [0.0, -0.0]], Metric::Cosine),
        "`X` must have non-zero rows for this metric; found a zero row at [1]"
    );
    // The mean of three times 0.1 is not 0.1.
    for x in [2.0, 0.1, 1e16 / 3.0, 1e307] {
        assert_eq!(
            message(array![[1.0, 2.0, 4.0], [x, x, x]], Metric::Correlation),
            "`X` must have rows that are not constant for this metric; \
             found a constant row at [1]"
        );
    }
    assert_eq!(
        message(Array2::zeros((1, 0)), Metric::Cosine),
        "`X` must have non-zero rows for this metric; found a zero row at [0]"
    );
}

#[test]
fn distances_are_finite_or_refused() {
    for (_, metric) in Metric::NAMES {
        for dim in [1, 2, 9, 100] {
            let largest = metric.largest_entry(dim);
            let mut rows =
                Array2::from_shape_fn(
                    (3, dim),
                    |(i, k)| {
                        if (i + k) % 2 == 0 { largest } else { -largest }
                    },
                );
            rows[[2, dim - 1]] = largest / 3.0;
            if has_direction(metric, &rows) {
                let points =
                    PointCloud::new(rows.view(), metric, &topolens::Monitor::new()).unwrap();
                for (i, j) in pairs(3) {
                    assert!(points.distance(i, j).is_finite(), "{metric:?} {dim}");
                }
            }
            if largest < f64::MAX {
                rows[[1, 0]] = largest.next_up();
                let refused = PointCloud::new(rows.view(), metric, &topolens::Monitor::new())
                    .unwrap_err()
                    .to_string();
                let place = "overflow; found ";
                assert!(refused.contains(place) && refused.ends_with(" at [1, 0]"), "{refused}");
            }
        }
    }
}

#[test]
fn the_correlation_of_large_numbers_is_that_of_small_ones() {
    let rows = array![[1e307, 1.4e307, 0.6e307], [2.0, 2.8, 1.2], [1.0, 0.6, 1.4]];
    let points =
        PointCloud::new(rows.view(), Metric::Correlation, &topolens::Monitor::new()).unwrap();
    assert!(points.distance(0, 1) < 1e-15, "{}", points.distance(0, 1));
    assert!((points.distance(0, 2) - 2.0).abs() < 1e-15);
}

/// The formula with dot products would return 0 here, or noise of size 1.
#[test]
fn near_duplicates_far_from_the_origin_are_told_apart() {
    for dim in [1, 3, 8, 9, 64] {
        let mut rows = Array2::from_elem((3, dim), 1e8);
        rows[[1, dim - 1]] += 1e-6;
        let step: f64 = rows[[1, dim - 1]] - 1e8;
        assert!((step - 1e-6).abs() < 2e-8);
        for metric in [Metric::Euclidean, Metric::Cityblock, Metric::Chebyshev] {
            let points = PointCloud::new(rows.view(), metric, &topolens::Monitor::new()).unwrap();
            assert_eq!(points.distance(0, 1), step);
            assert_eq!(points.distance(0, 2), 0.0);
        }
    }
}

// ------------------------------------------------------------------- forms

proptest! {
    #[test]
    fn condensed_and_square_agree(n in 0..8usize, values in vec(0.0..9.0, 28)) {
        let count = n * n.saturating_sub(1) / 2;
        let condensed = Condensed::new(n, values[..count].to_vec()).unwrap();
        let mut square = Array2::zeros((n, n));
        for ((i, j), &d) in pairs(n).zip(&values) {
            square[[i, j]] = d;
            square[[j, i]] = d;
        }
        prop_assert_eq!(&Condensed::from_square(square.view(), f64::EPSILON, &Monitor::new()).unwrap(), &condensed);
        for ((i, j), &d) in square.indexed_iter() {
            prop_assert_eq!(condensed.get(i, j), d);
        }
        for i in 0..n {
            prop_assert_eq!(condensed.row(i), &square.row(i).to_vec()[i + 1..]);
        }
        let chosen: Vec<usize> = (0..n).rev().step_by(2).collect();
        let part = condensed.select(&chosen, &Monitor::new()).unwrap();
        for (a, b) in pairs(chosen.len()) {
            prop_assert_eq!(part.get(a, b), square[[chosen[a], chosen[b]]]);
        }
    }

    #[test]
    fn selected_points_keep_their_distances(rows in lattice(2..9usize), metric in 0..4usize) {
        let points = PointCloud::new(rows.view(), Metric::NAMES[metric].1, &topolens::Monitor::new()).unwrap();
        let chosen: Vec<usize> = (0..rows.nrows()).rev().step_by(2).collect();
        let part = points.select(&chosen, &Monitor::new()).unwrap();
        for (a, b) in pairs(chosen.len()) {
            prop_assert_eq!(part.distance(a, b), points.distance(chosen[a], chosen[b]));
        }
    }

    #[test]
    fn distinct_rows_are_the_first_of_each(rows in lattice(0..30usize)) {
        let first = |i: &usize| (0..*i).all(|j| rows.row(j) != rows.row(*i));
        let expected: Vec<usize> = (0..rows.nrows()).filter(first).collect();
        prop_assert_eq!(distinct_rows(rows.view(), &Monitor::new()).unwrap(), expected);
    }
}

// ------------------------------------------------------------------- graphs

/// Who chose whom among the k nearest, by sorting all others.
fn chosen(points: &PointCloud<'_>, k: usize) -> Vec<Vec<bool>> {
    let n = points.len();
    let mut joined = vec![vec![false; n]; n];
    for i in 0..n {
        let mut others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
        others.sort_by(|&a, &b| {
            points.distance(i, a).total_cmp(&points.distance(i, b)).then(a.cmp(&b))
        });
        for &j in &others[..k - 1] {
            joined[i][j] = true;
            joined[j][i] = true;
        }
    }
    joined
}

fn adjacency(graph: &Graph, weighted: bool) -> Vec<Vec<f64>> {
    let n = graph.len();
    let mut d = vec![vec![INF; n]; n];
    for (i, j, length) in graph.edges() {
        let length = if weighted { length } else { 1.0 };
        d[i as usize][j as usize] = length;
        d[j as usize][i as usize] = length;
    }
    (0..n).for_each(|i| d[i][i] = 0.0);
    d
}

/// Floyd and Warshall.
fn all_paths(mut d: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for via in 0..d.len() {
        for i in 0..d.len() {
            for j in 0..d.len() {
                d[i][j] = d[i][j].min(d[i][via] + d[via][j]);
            }
        }
    }
    d
}

fn edges(len: usize) -> impl Strategy<Value = Graph> {
    vec((0..len as u32, 0..len as u32, 0..4u8), 0..2 * len).prop_map(move |edges| {
        let mut once = std::collections::BTreeMap::new();
        for (i, j, w) in edges.into_iter().filter(|(i, j, _)| i != j) {
            once.insert((i.min(j), i.max(j)), f64::from(w));
        }
        let edges: Vec<_> = once.into_iter().map(|((i, j), w)| (j, i, w)).collect();
        Graph::from_edges(len, &edges, &topolens::Monitor::new()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn neighbours_are_the_nearest_by_distance_then_index(
        rows in lattice(1..25usize), share in 0.0..1.0f64, metric in 0..4usize,
    ) {
        let points = PointCloud::new(rows.view(), Metric::NAMES[metric].1, &topolens::Monitor::new()).unwrap();
        let k = 1 + (share * rows.nrows() as f64) as usize;
        let space = Space::Points(points.clone());
        let graph = neighbor_graph(&space, k, &go()).unwrap();
        let expected = chosen(&points, k);
        for i in 0..rows.nrows() {
            let row: Vec<u32> =
                (0..rows.nrows() as u32).filter(|&j| expected[i][j as usize]).collect();
            prop_assert_eq!(graph.neighbors(i), row);
            for (&j, &length) in graph.neighbors(i).iter().zip(graph.weights(i)) {
                prop_assert_eq!(length, points.distance(i, j as usize));
            }
        }
        prop_assert_eq!(2 * graph.edge_count(), expected.concat().iter().filter(|&&e| e).count());
    }

    #[test]
    fn hops_are_the_levels_of_a_breadth_first_search(graph in edges(14), most in 0..6usize) {
        let steps = all_paths(adjacency(&graph, false));
        let mut search = Hops::new(&graph);
        // Twice in a row from every vertex: nothing may be left of the search before.
        for hops in [most, most + 1] {
            for source in (0..14).flat_map(|v| [v, v]) {
                let near: Vec<u32> = (0..14)
                    .filter(|&j| j != source && steps[source as usize][j as usize] <= hops as f64)
                    .collect();
                prop_assert_eq!(search.within(source, hops), near);
            }
        }
    }

    #[test]
    fn geodesics_are_the_shortest_of_all_paths(graph in edges(14), weighted in any::<bool>()) {
        let found = geodesic_distances(&graph, weighted, &go()).unwrap();
        let expected = all_paths(adjacency(&graph, weighted));
        for (i, j) in pairs(14) {
            prop_assert_eq!(found.get(i, j), expected[i][j]);
        }
    }

    #[test]
    fn components_and_union_find_agree_with_reachability(graph in edges(14)) {
        let reach = all_paths(adjacency(&graph, false));
        let of = |i: usize| (0..14).filter(|&j| reach[i][j] < INF).map(|j| j as u32).collect();
        let mut expected: Vec<Vec<u32>> = (0..14).map(of).collect();
        let mut sets = UnionFind::new(14);
        for (i, j, _) in graph.edges() {
            let apart = sets.find(i) != sets.find(j);
            prop_assert_eq!(sets.union(i, j), apart);
            prop_assert!(!sets.union(j, i));
        }
        for (i, j) in pairs(14) {
            let together = sets.find(i as u32) == sets.find(j as u32);
            prop_assert_eq!(together, reach[i][j] < INF);
        }
        expected.sort();
        expected.dedup();
        prop_assert_eq!(sets.sets(), expected.len());
        prop_assert_eq!(graph.components(&Monitor::new()).unwrap(), expected);
    }

    #[test]
    fn edges_may_come_in_any_order_once_or_twice(graph in edges(9), reversed in any::<bool>()) {
        let mut edges: Vec<_> = graph.edges().collect();
        edges.extend(graph.edges().map(|(i, j, w)| (j, i, w)));
        edges.extend((0..9).map(|i| (i, i, 0.0)));
        if reversed {
            edges.reverse();
        }
        prop_assert_eq!(Graph::from_edges(9, &edges, &topolens::Monitor::new()).unwrap(), graph);
    }
}

// ---------------------------------------------------------------- landmarks

proptest! {
    #[test]
    fn landmarks_are_each_the_farthest_from_those_before(
        rows in lattice(1..20usize), share in 0.0..1.0f64, first in 0.0..1.0f64,
    ) {
        let n = rows.nrows();
        let (count, start) = (1 + (share * n as f64) as usize, (first * n as f64) as usize);
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &topolens::Monitor::new()).unwrap();
        let distances = Space::Distances(pairwise(&points, &go()).unwrap());
        let space = Space::Points(points.clone());
        let found = farthest_points(&space, count, start, &go()).unwrap();
        prop_assert_eq!(&farthest_points(&distances, count, start, &go()).unwrap(), &found);

        let gap = |chosen: &[usize], i: usize| {
            chosen.iter().map(|&c| points.distance(i, c)).fold(INF, f64::min)
        };
        let (mut expected, mut radii) = (vec![start], vec![INF]);
        while expected.len() < count {
            let free = (0..n).filter(|i| !expected.contains(i));
            let best = free.max_by(|&a, &b| {
                gap(&expected, a).total_cmp(&gap(&expected, b)).then(b.cmp(&a))
            });
            radii.push(gap(&expected, best.unwrap()));
            expected.push(best.unwrap());
        }
        prop_assert_eq!(&found.insertion_radii, &radii);
        let radius = (0..n).map(|i| gap(&expected, i)).fold(0.0, f64::max);
        prop_assert_eq!(found.indices, expected);
        prop_assert_eq!(found.covering_radius, radius);
    }
}

#[test]
fn landmarks_of_a_space_in_pieces_reach_every_piece() {
    let apart = Condensed::new(4, vec![1.0, INF, INF, INF, INF, 1.0]).unwrap();
    let space = Space::Distances(apart);
    let one = farthest_points(&space, 1, 1, &go()).unwrap();
    assert_eq!((one.indices, one.covering_radius), (vec![1], INF));
    let two = farthest_points(&space, 2, 1, &go()).unwrap();
    assert_eq!((two.indices, two.covering_radius), (vec![1, 2], 1.0));
}

#[test]
fn landmarks_of_many_points_are_found_block_by_block() {
    // So many that threads share them, on a lattice where most distances are tied.
    let rows = Array2::from_shape_fn((5000, 2), |(i, k)| ((i * (1 + k * i)) % 71) as f64);
    let points = PointCloud::new(rows.view(), Metric::Cityblock, &go()).unwrap();
    let mut nearest = vec![INF; 5000];
    let (mut expected, mut next) = (vec![], 4321);
    while expected.len() < 60 {
        expected.push(next);
        nearest.iter_mut().enumerate().for_each(|(i, d)| *d = d.min(points.distance(i, next)));
        next = (0..5000).fold(0, |best, i| if nearest[i] > nearest[best] { i } else { best });
    }
    let found = farthest_points(&Space::Points(points.clone()), 60, 4321, &go()).unwrap();
    assert_eq!(found.indices, expected);
    assert_eq!(found.covering_radius, nearest[next]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn rows_of_one_direction_are_one_point(
        rows in lattice(2..12usize), scales in proptest::collection::vec(-3.0..9.0f64, 40),
        offsets in proptest::collection::vec(-2.0..2.0f64, 40), single: bool, correlation: bool,
    ) {
        let (n, dim) = rows.dim();
        let of = |offset: f64, i: usize, j: usize| {
            let value = scales[i].exp() * (rows[[i % n, j]] + 0.1) + offset;
            if single { f64::from(value as f32) } else { value }
        };
        let shift = |i: usize| if correlation { offsets[i] } else { 0.0 };
        let values: Vec<f64> =
            (0..40).flat_map(|i| (0..dim).map(move |j| (i, j))).map(|(i, j)| of(shift(i), i, j)).collect();
        let metric = if correlation { Metric::Correlation } else { Metric::Cosine };
        let step = if single { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let Ok(points) = PointCloud::computed_in(step, values, (40, dim), metric, &go()) else {
            return Ok(()); // constant rows
        };
        for i in 0..40 {
            for j in 0..i {
                let (u, v) = (&rows.row(i % n) + 0.1, &rows.row(j % n) + 0.1);
                let (d, expected) = (points.distance(i, j), formula(metric, u.view(), v.view()));
                prop_assert!(i % n != j % n || d == 0.0, "{} {} {}", i, j, d);
                prop_assert!((d - expected).abs() <= 1e-3 * expected + 1e-8, "{} {}", d, expected);
            }
        }
    }
}
