//! What is refused, and in which words: argument, rule, value and place.

mod common;

use common::{dense, matrix};
use ndarray::{Array2, array};
use topolens::homology::{HopOptions, ModuloP, RipsOptions, check_prime, hop_betti, rips};
use topolens::space::{
    Condensed, Graph, Metric, PointCloud, Space, farthest_points, neighbor_graph, pairwise,
    pairwise_bytes,
};
use topolens::{Error, Monitor, Result};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T>, message: &str) {
    assert_eq!(result.unwrap_err().to_string(), message);
}

fn line(n: usize) -> Array2<f64> {
    Array2::from_shape_fn((n, 1), |(i, _)| i as f64)
}

fn points(rows: &Array2<f64>) -> PointCloud<'_> {
    PointCloud::new(rows.view(), Metric::Euclidean, &topolens::Monitor::new()).unwrap()
}

#[test]
fn every_variant_speaks_for_itself() {
    assert_eq!(Error::Cancelled.to_string(), "cancelled");
    assert_eq!(
        Error::invalid("k", "be at least 1", 0).to_string(),
        "`k` must be at least 1; found 0"
    );
    let error = Error::invalid_at("X", "be finite", INF, [1, 2]);
    assert_eq!(error.to_string(), "`X` must be finite; found inf at [1, 2]");
    let error = Error::Overflow { argument: "maxdim", reason: "at most 3".into() };
    assert_eq!(error.to_string(), "`maxdim` is too large here: at most 3");
    let too_large = |needed, allowed| {
        Error::TooLarge { job: "it".into(), needed, allowed, advice: "less".into() }.to_string()
    };
    assert_eq!(too_large(0, 999), "it needs about 0 B of memory, 999 B are allowed; less");
    assert_eq!(
        too_large(1_000, 999_499),
        "it needs about 1.00 kB of memory, 999 kB are allowed; less"
    );
    assert_eq!(
        too_large(999_500, u64::MAX),
        "it needs about 1.00 MB of memory, 18446744 TB are allowed; less"
    );
}

#[test]
fn rows_and_metrics() {
    let of = |rows: Array2<f64>| {
        PointCloud::new(rows.view(), Metric::Euclidean, &topolens::Monitor::new()).map(|p| p.len())
    };
    says(of(array![[0.0, 1.0], [0.0, NAN]]), "`X` must be finite; found NaN at [1, 1]");
    says(of(array![[0.0, 1.0], [-INF, NAN]]), "`X` must be finite; found -inf at [1, 0]");
    says(
        of(array![[0.0, 1.0], [0.0, -1e200]]),
        "`X` must be at most 2.370e153 in size, or distances overflow; found -1e200 at [1, 1]",
    );
    assert_eq!(of(Array2::zeros((0, 0))), Ok(0));
    assert_eq!(of(Array2::zeros((4, 0))), Ok(4));
    says(
        "minkowski".parse::<Metric>(),
        "`metric` must be one of euclidean, sqeuclidean, cityblock, chebyshev, cosine, \
         correlation, hamming; found \"minkowski\"",
    );
    for (name, metric) in Metric::NAMES {
        assert_eq!(name.parse(), Ok(metric));
    }
}

#[test]
fn condensed_distances() {
    let rule = "`X` must have n(n-1)/2 = 3 entries for n = 3; found 2";
    says(Condensed::new(3, vec![1.0, 1.0]), rule);
    let rule = "`X` must hold non-negative distances; found";
    says(Condensed::new(3, vec![1.0, NAN, 1.0]), &format!("{rule} NaN at [1]"));
    says(Condensed::new(3, vec![1.0, 1.0, -0.5]), &format!("{rule} -0.5 at [2]"));
    assert!(Condensed::new(3, vec![1.0, INF, 0.0]).is_ok());
    for n in [0, 1] {
        assert_eq!(Condensed::new(n, vec![]).unwrap().len(), n);
    }
}

fn asymmetric(found: &str) -> String {
    format!(
        "`X` must be symmetric; found {found}: they differ by more than rounding; average both \
         sides, or pass points and `metric`"
    )
}

fn zero(found: &str) -> String {
    format!(
        "`X` must have a zero diagonal; found {found}: this is more than rounding; set it to 0, \
         or pass points and `metric`"
    )
}

#[test]
fn square_distances() {
    let of =
        |matrix: Array2<f64>| Condensed::from_square(matrix.view(), f64::EPSILON, &Monitor::new());
    let square = |upper: f64, lower: f64, diagonal: f64| {
        of(array![[0.0, 1.0, upper], [1.0, 0.0, 2.0], [lower, 2.0, diagonal]])
    };
    assert!(square(INF, INF, 0.0).is_ok());
    assert!(square(-0.0, 0.0, -0.0).is_ok());
    says(of(Array2::zeros((2, 3))), "`X` must be square when precomputed; found shape (2, 3)");
    says(square(1.0, 1.0, 0.5), &zero("0.5 at [2, 2]"));
    says(square(1.0, 1.0, NAN), &zero("NaN at [2, 2]"));
    let rule = "`X` must hold non-negative distances; found";
    says(square(-1.0, -1.0, 0.0), &format!("{rule} -1 at [0, 2]"));
    says(square(NAN, 1.0, 0.0), &format!("{rule} NaN at [0, 2]"));
    says(square(1.0, 1.5, 0.0), &asymmetric("1 and 1.5 at [0, 2]"));
    says(square(1.0, NAN, 0.0), &asymmetric("1 and NaN at [0, 2]"));
}

#[test]
fn sparse_distances() {
    let of = |edges: &[(u32, u32, f64)]| Graph::from_edges(3, edges, &topolens::Monitor::new());
    says(of(&[(0, 1, 1.0), (0, 3, 1.0)]), "`X` must have indices below 3; found (0, 3) at [1]");
    let rule = "`X` must hold non-negative distances; found";
    says(of(&[(0, 1, -1.0)]), &format!("{rule} -1 at [0, 1]"));
    says(of(&[(2, 1, NAN)]), &format!("{rule} NaN at [2, 1]"));
    says(of(&[(1, 1, 0.5)]), &zero("0.5 at [1, 1]"));
    let twice = &asymmetric("1 and 2 at [0, 1]");
    says(of(&[(0, 1, 1.0), (1, 0, 2.0)]), twice);
    says(of(&[(0, 1, 2.0), (0, 1, 1.0)]), twice);
    assert_eq!(of(&[(0, 1, 0.0), (1, 0, -0.0), (2, 2, 0.0)]).unwrap().edge_count(), 1);
    assert_eq!(
        Graph::from_edges(0, &[], &topolens::Monitor::new())
            .unwrap()
            .components(&Monitor::new())
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn neighbours_and_landmarks() {
    let rows = line(4);
    let space = Space::Points(points(&rows));
    let neighbors = |k| neighbor_graph(&space, k, &Monitor::new()).map(|g| g.edge_count());
    says(neighbors(0), "`k` must be at least 1 (the point itself counts); found 0");
    says(neighbors(5), "`k` must be at most the number of points (4); found 5");
    assert_eq!((neighbors(1), neighbors(4)), (Ok(0), Ok(6)));

    let landmarks = |space, count, start| farthest_points(space, count, start, &Monitor::new());
    let rule = "`n_landmarks` must be between 1 and the number of points (4); found";
    says(landmarks(&space, 0, 0), &format!("{rule} 0"));
    says(landmarks(&space, 5, 0), &format!("{rule} 5"));
    says(landmarks(&space, 2, 4), "`start` must be below the number of points (4); found 4");
    let graph =
        Space::Graph(Graph::from_edges(2, &[(0, 1, 1.0)], &topolens::Monitor::new()).unwrap());
    says(
        landmarks(&graph, 1, 0),
        "`n_landmarks` must be None for sparse distances (missing pairs have no distance); \
         found a number",
    );
}

#[test]
fn homology_options() {
    let space = dense(&matrix(3, |_, _| 1.0));
    let with = |options: RipsOptions| rips(&space, &options, &Monitor::new()).map(|_| ());
    let default = RipsOptions::default();
    for coeff in [0, 1, 4, 65_535, 65_536, 65_537, u32::MAX] {
        let message = format!("`coeff` must be a prime below 65536; found {coeff}");
        says(with(RipsOptions { coeff, ..default }), &message);
        says(check_prime(coeff), &message);
        says(ModuloP::new(coeff), &message);
    }
    let rule = "`maxdim` must be between 0 and 15; found 16";
    says(with(RipsOptions { maxdim: 16, ..default }), rule);
    let rule = "`threshold` must be non-negative; found";
    says(with(RipsOptions { threshold: -0.5, ..default }), &format!("{rule} -0.5"));
    says(with(RipsOptions { threshold: NAN, ..default }), &format!("{rule} NaN"));
    let rule = "`epsilon` must be above 0 and finite; found";
    for epsilon in [0.0, -0.5, INF, NAN] {
        let options = RipsOptions { epsilon: Some(epsilon), ..default };
        says(with(options), &format!("{rule} {epsilon}"));
    }
    let graph = Space::Graph(Graph::from_edges(2, &[(0, 1, 1.0)], &Monitor::new()).unwrap());
    says(
        rips(&graph, &RipsOptions { epsilon: Some(0.5), ..default }, &Monitor::new()),
        "`epsilon` must be None for sparse distances (missing pairs have no distance); found 0.5",
    );
}

#[test]
fn hop_options() {
    let rows = line(4);
    let good = HopOptions { k: 2, hops: 1, maxdim: 1, coeff: 2, max_memory: u64::MAX };
    let space = Space::Points(points(&rows));
    let with = |options| hop_betti(&space, &options, &Monitor::new()).map(|_| ());
    assert_eq!(with(good), Ok(()));
    let zero = "`k` must be at least 1 (the point itself counts); found 0";
    says(with(HopOptions { k: 0, ..good }), zero);
    let all = "`k` must be smaller than the number of points (4); found 4";
    says(with(HopOptions { k: 4, ..good }), all);
    says(with(HopOptions { hops: 0, ..good }), "`hops` must be at least 1; found 0");
    let rule = "`maxdim` must be between 0 and 15; found 16";
    says(with(HopOptions { maxdim: 16, ..good }), rule);
    let rule = "`coeff` must be a prime below 65536; found 9";
    says(with(HopOptions { coeff: 9, ..good }), rule);
    let graph = Space::Graph(Graph::from_edges(4, &[(0, 1, 1.0)], &Monitor::new()).unwrap());
    let rule =
        "`X` must not be sparse here (missing pairs have no distance); found a sparse matrix";
    says(hop_betti(&graph, &good, &Monitor::new()), rule);
}

/// What a job is refused with: the figure and the limit.
#[track_caller]
fn too_large<T: std::fmt::Debug>(result: Result<T>, limit: u64) -> (u64, String) {
    match result.unwrap_err() {
        Error::TooLarge { needed, allowed, advice, .. } => {
            assert!(allowed == limit && needed > limit, "{needed} of {allowed}");
            (needed, advice)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn memory() {
    let rows = line(1000);
    let cloud = points(&rows);
    assert_eq!(pairwise_bytes(1000), 1000 * 999 / 2 * 8);
    let distances = Space::Distances(pairwise(&cloud, &Monitor::new()).unwrap());
    let space = Space::Points(cloud);
    let run = |space, maxdim, max_memory| {
        let options = RipsOptions { maxdim, max_memory, ..RipsOptions::default() };
        rips(space, &options, &Monitor::new())
    };
    for space in [&space, &distances] {
        let (needed, advice) = too_large(run(space, 1, 100_000), 100_000);
        assert!((500_000..100_000_000).contains(&needed), "{needed}");
        for word in ["n_landmarks", "maxdim=0"] {
            assert!(advice.contains(word), "{advice}");
        }
        assert!(run(space, 1, 100_000_000).is_ok());
    }
    // Components of points need no distances.
    assert!(run(&space, 0, 1).is_ok());
    // A million points are refused before anything is allocated for their pairs.
    let many = line(1_000_000);
    too_large(run(&Space::Points(points(&many)), 1, 1 << 30), 1 << 30);
}

#[test]
fn memory_of_a_reduction_and_of_a_hop_complex() {
    // What is known at the start fits, but not what has to be kept on the way.
    let residues = |(i, k)| ((i * i * (k + 3) + 7 * i * k) % 211) as f64;
    let cloud = Array2::from_shape_fn((200, 3), residues);
    let sphere = Array2::from_shape_fn((300, 3), |(i, k)| {
        let (height, turn) = (i as f64 / 150.0 - 1.0, 2.4 * i as f64);
        let width = (1.0 - height * height).sqrt();
        [width * turn.cos(), width * turn.sin(), height][k]
    });
    for (plan, maxdim, rows) in
        [("cohomology, dense rows", 3, cloud), ("annotations, dense rows", 2, sphere)]
    {
        let edges = rows.nrows() * (rows.nrows() - 1) / 2;
        let space = Space::Points(points(&rows));
        let run = |maxdim, max_memory| {
            let plan = Some(plan.parse().unwrap());
            let options = RipsOptions { maxdim, max_memory, plan, ..RipsOptions::default() };
            rips(&space, &options, &Monitor::new())
        };
        let at_the_start = run(maxdim, u64::MAX).unwrap().estimate.max(12 * edges as u64);
        assert!(run(maxdim, 20 * at_the_start).is_ok());
        let (_, advice) = too_large(run(maxdim, at_the_start), at_the_start);
        assert!(advice.starts_with("lower `maxdim`"), "{plan}: {advice}");
    }

    let options = HopOptions { k: 5, hops: 2, maxdim: 1, coeff: 2, max_memory: 10_000 };
    let rows = line(6400);
    let space = Space::Points(points(&rows));
    let (needed, advice) = too_large(hop_betti(&space, &options, &Monitor::new()), 10_000);
    assert!((6400 * 40..6400 * 80).contains(&needed), "{needed} for rows of a word or two");
    assert_eq!(advice, "components of about 200 points would fit: pass a subsample");
    // A collapse takes a whole table.
    let options = HopOptions { maxdim: 2, ..options };
    let (needed, _) = too_large(hop_betti(&space, &options, &Monitor::new()), 10_000);
    assert!((6400 * 800..6400 * 840).contains(&needed), "{needed}");
    // Rows of a long cycle are short, and a loop needs no more, except over other fields.
    let cycle = Array2::from_shape_fn((12_000, 2), |(i, k)| {
        let angle = i as f64 / 12_000.0 * std::f64::consts::TAU;
        [angle.cos(), angle.sin()][k]
    });
    let space = Space::Points(points(&cycle));
    let options = HopOptions { k: 3, hops: 2, maxdim: 1, coeff: 2, max_memory: 9_000_000 };
    let found = hop_betti(&space, &options, &Monitor::new()).unwrap();
    assert_eq!((found.betti, found.edges), (vec![1, 1], 24_000));
    let options = HopOptions { coeff: 3, ..options };
    let (needed, _) = too_large(hop_betti(&space, &options, &Monitor::new()), 9_000_000);
    assert_eq!(needed, 12_000 * 188 * 8);
}
