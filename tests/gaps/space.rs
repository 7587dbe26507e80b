//! Distances, graphs, landmarks, matrices that are read.

use ndarray::Array2;
use topolens::Monitor;
use topolens::space::{
    Condensed, Graph, Metric, PointCloud, Space, count_distinct, covering, covering_radii,
    distances_to_measure, farthest_points, geodesic_distances, geodesic_square, graph_within,
    mean_distance, medoid, mirrored, neighbor_graph, pairwise, read_square, separation,
    sparse_rips, square_distances,
};

use super::{Report, points, random, rows, space};

#[test]
fn distances_and_graphs() {
    let mut report = Report::default();
    let (plane, cloud) = (space(4000, 3), points(4000, 300, Metric::Cityblock));
    let all = report.case("pairwise", |m| pairwise(&cloud, m));
    report.case("square_distances", |m| square_distances(&plane, m));
    report.case("mirrored", |m| mirrored::<_, f64>(4000, all.values(), m));
    report.case("mean_distance", |m| mean_distance(&plane, m));
    let classes: Vec<u32> = (0..4000).map(|i| i % 4000).collect();
    report.case("separation of points", |m| separation(&plane, &classes, 4000, 1 << 30, m));
    let wide = space(4000, 300);
    report.case("separation of wide rows", |m| separation(&wide, &classes, 4000, 1 << 30, m));
    let many = space(100_000, 3);
    let graph = report.case("neighbor_graph of points", |m| neighbor_graph(&many, 10, m));
    let far = space(10_000, 50);
    report.case("neighbor_graph of many coordinates", |m| neighbor_graph(&far, 10, m));
    for (name, cloud) in [
        ("few", points(200_000, 3, Metric::Euclidean)),
        ("many", points(6000, 300, Metric::Euclidean)),
    ] {
        report.case(&format!("graph_within, {name} coordinates"), |m| {
            graph_within(&cloud, 0.02, 1 << 32, m)
        });
    }
    report.case("components", |m| graph.components(m));
    let all = Space::Distances(all);
    let near = report.case("neighbor_graph of distances", |m| neighbor_graph(&all, 10, m));
    report.case("geodesic_distances", |m| geodesic_distances(&near, true, m));
    report.case("geodesic_square in hops", |m| geodesic_square(&near, false, m));
    report.case("medoid", |m| medoid(&all, m));
    report.case("covering", |m| covering(&all, m));
    let subsets: Vec<Vec<usize>> = (0..20).map(|k| (k..4000).step_by(7 + k).collect()).collect();
    report.case("covering_radii", |m| covering_radii(&all, &subsets, 1 << 30, m));
    report.case("farthest_points", |m| farthest_points(&many, 100, 0, m));
    report.case("sparse_rips", |m| sparse_rips(&space(3000, 3), 0.5, f64::INFINITY, 1 << 30, m));
    let sample = points(3000, 2, Metric::Euclidean);
    // How often each point is drawn.
    let draws = Array2::from_shape_fn((40, 3000), |(k, i)| ((k + i) % 3) as u32);
    report.case("distances_to_measure", |m| {
        distances_to_measure(&sample, rows(500, 2).view(), 0.1, draws.view(), m)
    });
    report.end();
}

#[test]
fn what_is_given() {
    let mut report = Report::default();
    let monitor = Monitor::new();
    for metric in [Metric::Euclidean, Metric::Cosine, Metric::Correlation] {
        let rows = rows(100_000, 100).into_raw_vec_and_offset().0;
        let name = format!("rows under {metric:?}");
        report.case(&name, |m| PointCloud::from_rows(rows, (100_000, 100), metric, m));
    }
    let wide = rows(100_000, 30);
    report.case("count_distinct", |m| count_distinct(wide.view(), m));
    let few = Array2::from_shape_fn((1_000_000, 2), |(i, k)| {
        (random(k as u64, i as u64) * 900.0).floor()
    });
    report.case("count_distinct of many", |m| count_distinct(few.view(), m));
    let cloud = Space::Points(PointCloud::new(few.view(), Metric::Euclidean, &monitor).unwrap());
    report.case("distinct points", |m| cloud.distinct(m));
    let parts: Vec<usize> = (0..1_000_000).rev().step_by(2).collect();
    report.case("some points", |m| cloud.select(&parts, m));

    let len = 5000;
    let square = square_distances(&space(len, 3), &monitor).unwrap();
    let read = |matrix: &Array2<f64>, threshold: f64, report: &mut Report, name: &str| {
        report.outcome(name, |m| read_square(matrix.view(), f64::EPSILON, threshold, 1 << 30, m))
    };
    let all = read(&square, f64::INFINITY, &mut report, "a square matrix").unwrap();
    read(&square, 0.05, &mut report, "few short distances").unwrap();
    let flipped = square.t().to_owned();
    read(&flipped, f64::INFINITY, &mut report, "its transpose").unwrap();
    let mut rounded = square.clone();
    rounded[[len - 2, len - 1]] *= 1.0 + 1e-15;
    for (threshold, name) in [(f64::INFINITY, "sides averaged"), (0.05, "few of them short")] {
        read(&rounded, threshold, &mut report, name).unwrap();
    }
    let mut faulty = square.clone();
    faulty[[len - 2, len - 1]] += 1.0;
    for (threshold, name) in [(f64::INFINITY, "a faulty matrix"), (0.05, "few of it short")] {
        assert!(read(&faulty, threshold, &mut report, name).is_err());
    }
    let whole = square.mapv(|d| (d * 1000.0).round());
    read(&whole, f64::INFINITY, &mut report, "whole numbers").unwrap();
    let mut broken = whole.clone();
    broken[[len - 2, len - 1]] += 1.0;
    assert!(read(&broken, f64::INFINITY, &mut report, "faulty whole numbers").is_err());

    let Space::Distances(condensed) = &all else { panic!("all distances are kept") };
    let mut values = condensed.values().to_vec();
    values[10_000] = -1e-17;
    report.case("condensed distances", |m| Condensed::read(len, values, f64::EPSILON, m));
    let parts: Vec<usize> = (0..len).rev().step_by(2).collect();
    report.case("some distances", |m| all.select(&parts, m));
    report.case("distinct among distances", |m| all.distinct(m));
    let edges: Vec<_> = (0..len as u32)
        .flat_map(|i| (0..len as u32).step_by(8).map(move |j| (i, j)))
        .filter(|(i, j)| i != j)
        .map(|(i, j)| (i, j, square[[i as usize, j as usize]]))
        .collect();
    let graph = report.case("a graph of edges", |m| Graph::from_edges(len, &edges, m));
    report.case("a part of a graph", |m| graph.select(&parts, m));
    let mut edges = edges;
    edges.last_mut().unwrap().2 = -1e-17;
    report.case("a graph up to rounding", |m| Graph::from_edges(len, &edges, m));
    report.end();
}
