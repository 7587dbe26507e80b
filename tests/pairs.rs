//! Square matrices and means of distances against the condensed array.

mod common;

use common::check_cancelling;
use ndarray::Array2;
use topolens::Monitor;
use topolens::space::{
    Condensed, Graph, Metric, PointCloud, Space, count_distinct, geodesic_distances,
    geodesic_square, mean_distance, mirrored, neighbor_graph, pairwise, pairwise_sum,
    square_distances,
};

fn go() -> Monitor {
    Monitor::new()
}

/// Numbers of many sizes, so that the order of a sum shows.
fn rows(len: usize) -> Array2<f64> {
    let value = |k: usize| ((k * k * 7919 + 13) % 10_007) as f64 / 97.0 - 50.0;
    Array2::from_shape_fn((len, 3), |(i, axis)| value(3 * i + axis + 1))
}

fn points(rows: &Array2<f64>) -> PointCloud<'_> {
    PointCloud::new(rows.view(), Metric::Euclidean, &go()).unwrap()
}

fn is_square_of(matrix: &Array2<f64>, condensed: &Condensed) -> bool {
    let equal = |((i, j), d): ((usize, usize), &f64)| d.to_bits() == condensed.get(i, j).to_bits();
    matrix.nrows() == condensed.len() && matrix.indexed_iter().all(equal)
}

#[test]
fn square_matrices_are_mirrored_condensed_arrays() {
    for len in [0, 1, 2, 5, 63, 64, 65, 127, 130, 321] {
        let rows = rows(len);
        let points = points(&rows);
        let condensed = pairwise(&points, &go()).unwrap();
        let square = square_distances(&Space::Points(points.clone()), &go()).unwrap();
        assert!(is_square_of(&square, &condensed));
        let again = Space::Distances(condensed.clone());
        assert_eq!(square_distances(&again, &go()).unwrap(), square);
        assert_eq!(mirrored(len, condensed.values(), &go()), Ok(square));
        let counts: Vec<u32> = (0..condensed.values().len() as u32).collect();
        let matrix: Array2<i64> = mirrored(len, &counts, &go()).unwrap();
        assert_eq!(matrix, matrix.t());
        let upper = matrix.indexed_iter().filter(|((i, j), _)| i < j).map(|(_, &count)| count);
        assert!(upper.eq(counts.iter().map(|&count| i64::from(count))));
        if len > 4 {
            let space = Space::Points(points.clone());
            let graph = neighbor_graph(&space, 3, &go()).unwrap();
            for weighted in [false, true] {
                let condensed = geodesic_distances(&graph, weighted, &go()).unwrap();
                let square = geodesic_square(&graph, weighted, &go()).unwrap();
                assert!(is_square_of(&square, &condensed));
            }
        }
    }
}

/// NumPy's sum, as its source has it, but for values that are read one by one.
fn halving(values: &[f64]) -> f64 {
    if values.len() < 8 {
        return values.iter().fold(0.0, |sum, x| sum + x);
    }
    if values.len() <= 128 {
        let whole = values.len() / 8 * 8;
        let lane = |k: usize| values[k..whole].iter().step_by(8).copied().reduce(|a, b| a + b);
        let r: Vec<f64> = (0..8).map(|k| lane(k).unwrap()).collect();
        let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
        return values[whole..].iter().fold(sum, |sum, x| sum + x);
    }
    let half = values.len() / 2 - values.len() / 2 % 8;
    halving(&values[..half]) + halving(&values[half..])
}

#[test]
fn the_mean_is_that_of_the_condensed_array() {
    for len in [0, 1, 2, 5, 17, 100, 129, 200, 331] {
        let rows = rows(len);
        let points = points(&rows);
        let condensed = pairwise(&points, &go()).unwrap();
        let values = condensed.values().to_vec();
        assert_eq!(pairwise_sum(&values).to_bits(), halving(&values).to_bits());
        let expected = if len > 1 { halving(&values) / values.len() as f64 } else { 0.0 };
        for space in [Space::Points(points), Space::Distances(condensed)] {
            assert_eq!(mean_distance(&space, &go()).unwrap().to_bits(), expected.to_bits());
        }
    }
}

#[test]
fn spaces_without_all_pairs_are_refused() {
    let graph = Graph::from_edges(3, &[(0, 1, 1.0)], &go()).unwrap();
    let graph = Space::Graph(graph);
    let rule = "`X` must not be sparse; found a sparse matrix";
    assert_eq!(square_distances(&graph, &go()).unwrap_err().to_string(), rule);
    assert_eq!(mean_distance(&graph, &go()).unwrap_err().to_string(), rule);
    let found = mirrored::<f64, f64>(3, &[1.0, 2.0], &go()).unwrap_err().to_string();
    assert_eq!(found, "`values` must have n(n-1)/2 = 3 entries for n = 3; found 2");
}

#[test]
fn kernels_stop() {
    let rows = rows(200);
    let space = Space::Points(points(&rows));
    check_cancelling(200, |monitor| square_distances(&space, monitor));
    check_cancelling(3, |monitor| mean_distance(&space, monitor));
    check_cancelling(200, |monitor| count_distinct(rows.view(), monitor));
}
