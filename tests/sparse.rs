//! Sparse filtrations against their definition and against the full ones.

mod common;

use common::{Diagram, Matrix, dense, diagrams, matrix, of, pairs, persistence};
use ndarray::Array2;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use topolens::homology::RipsOptions;
use topolens::space::{Metric, PointCloud, Space, SparseRips, pairwise, sparse_rips};
use topolens::{Error, Monitor};

const INF: f64 = f64::INFINITY;
/// What rounding may add to a factor.
const ROUNDING: f64 = 1.0 + 1e-9;

// ------------------------------------------------------------------- spaces

/// Clouds whose scales span many orders, with ties and copies.
fn cloud(most: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    let coordinate = prop_oneof![
        (0..4u8).prop_map(f64::from),
        -1.0..1.0f64,
        (0..4u8, 0..3u8).prop_map(|(far, near)| f64::from(5 * far + near)),
        (-6..6i32, 0..2u8).prop_map(|(k, digit)| f64::from(digit) * 2f64.powi(k)),
    ];
    proptest::collection::vec((coordinate.clone(), coordinate), 1..=most)
}

fn euclidean(rows: &[(f64, f64)]) -> Matrix {
    matrix(rows.len(), |i, j| (rows[i].0 - rows[j].0).hypot(rows[i].1 - rows[j].1))
}

/// Shortest paths on a random graph: metrics that no plane holds, some in
/// several pieces.
fn path_metric(most: usize) -> impl Strategy<Value = Matrix> {
    let length =
        prop_oneof![(0..5u8).prop_map(f64::from), (-8..4i32).prop_map(|k| 2f64.powi(k)), Just(INF)];
    (1..=most).prop_flat_map(move |n| {
        proptest::collection::vec(length.clone(), n * n).prop_map(move |lengths| {
            let mut d = matrix(n, |i, j| lengths[i * n + j]);
            for k in 0..n {
                for i in 0..n {
                    for j in 0..n {
                        d[i][j] = d[i][j].min(d[i][k] + d[k][j]);
                    }
                }
            }
            // The two triangles add up in different orders.
            matrix(n, |i, j| d[i][j].min(d[j][i]))
        })
    })
}

fn metric_space(most: usize) -> impl Strategy<Value = Matrix> {
    prop_oneof![cloud(most).prop_map(|rows| euclidean(&rows)), path_metric(most)]
}

fn epsilon() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.1), Just(0.5), Just(1.0), Just(2.0), Just(9.0), 0.05..3.0f64]
}

fn threshold() -> impl Strategy<Value = f64> {
    prop_oneof![Just(INF), Just(0.0), Just(1.0), Just(2.0), 0.01..4.0f64]
}

fn go(space: &Space<'_>, epsilon: f64, threshold: f64) -> SparseRips {
    sparse_rips(space, epsilon, threshold, u64::MAX, &Monitor::new()).unwrap()
}

/// Whether numbers are the same up to rounding; infinite ones must be the same.
fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.min(b)
}

/// The graph as a matrix, infinite where there is no edge.
fn lengths(sparse: &SparseRips) -> Matrix {
    let n = sparse.graph.len();
    let mut d = matrix(n, |_, _| INF);
    for (i, j, length) in sparse.graph.edges() {
        d[i as usize][j as usize] = length;
        d[j as usize][i as usize] = length;
    }
    d
}

// --------------------------------------------------------------- definition

/// The modified lengths by their definition, each found by bisection, with balls
/// larger by a factor.
fn by_definition(d: &Matrix, epsilon: f64, larger: f64) -> Matrix {
    let n = d.len();
    let mut lambda = vec![INF; n];
    let mut order = vec![0];
    while order.len() < n {
        let gap = |i: usize| order.iter().map(|&j| d[i][j]).fold(INF, f64::min);
        let rest = (0..n).filter(|i| !order.contains(i));
        let next = rest.max_by(|&a, &b| gap(a).total_cmp(&gap(b)).then(b.cmp(&a))).unwrap();
        lambda[next] = gap(next);
        order.push(next);
    }
    let factor = 2.0 * (1.0 + epsilon) / epsilon;
    let radius = |i: usize, scale: f64| scale.min(factor * lambda[i]) / 2.0;
    let meet =
        |i: usize, j: usize, scale: f64| d[i][j] <= (radius(i, scale) + radius(j, scale)) * larger;
    matrix(n, |i, j| {
        let mut high = lambda[i].min(lambda[j]) * factor * (1.0 + epsilon);
        if high.is_infinite() {
            high = 4.0 * d[i][j];
        }
        if !high.is_finite() || !meet(i, j, high) {
            return INF;
        }
        let mut low = 0.0;
        while low < high && high > 1e-12 {
            let middle = f64::midpoint(low, high);
            if middle == low || middle == high {
                break;
            }
            if meet(i, j, middle) { high = middle } else { low = middle }
        }
        high
    })
}

// ----------------------------------------------------------------- matching

/// Whether bars can be matched so that births and deaths in `late` are those of
/// `exact` or later by at most `factor`; only bars whose own ends are no
/// further apart than that may be left alone.
fn matches(exact: &Diagram, late: &Diagram, factor: f64) -> bool {
    let factor = factor * ROUNDING;
    let near = |x: f64, y: f64| x <= y * ROUNDING && (y <= factor * x || x == y);
    let like = |a: &(f64, f64), b: &(f64, f64)| near(a.0, b.0) && near(a.1, b.1);
    let long = |bar: &&(f64, f64)| bar.1 > factor * bar.0;
    // A matching of the long ones of each side yields one of both
    // (Mendelsohn and Dulmage 1958).
    saturates(exact.iter().filter(long), late, like)
        && saturates(late.iter().filter(long), exact, |b, a| like(a, b))
}

/// Whether all of `these` can be matched at once, by augmenting paths.
fn saturates<'a>(
    these: impl Iterator<Item = &'a (f64, f64)>,
    others: &Diagram,
    like: impl Fn(&(f64, f64), &(f64, f64)) -> bool,
) -> bool {
    fn augment(i: usize, edges: &[Vec<usize>], seen: &mut [bool], mate: &mut [usize]) -> bool {
        edges[i].iter().any(|&j| {
            if std::mem::replace(&mut seen[j], true) {
                return false;
            }
            if mate[j] == usize::MAX || augment(mate[j], edges, seen, mate) {
                mate[j] = i;
                return true;
            }
            false
        })
    }
    let edges: Vec<Vec<usize>> =
        these.map(|a| (0..others.len()).filter(|&j| like(a, &others[j])).collect()).collect();
    let mut mate = vec![usize::MAX; others.len()];
    (0..edges.len()).all(|i| augment(i, &edges, &mut vec![false; others.len()], &mut mate))
}

#[test]
fn the_matching_test_can_fail() {
    let exact = vec![(0.0, 2.0), (1.0, 3.0), (1.0, INF)];
    assert!(matches(&exact, &exact, 1.0));
    assert!(matches(&exact, &vec![(0.0, 2.2), (1.0, INF), (1.1, 3.0)], 1.1));
    assert!(!matches(&exact, &vec![(0.0, 2.2), (1.0, INF), (1.2, 3.0)], 1.1), "born too late");
    assert!(!matches(&exact, &vec![(0.0, 2.0), (1.0, INF), (0.99, 3.0)], 1.1), "born early");
    assert!(!matches(&exact, &vec![(0.0, 2.0), (1.0, INF)], 1.1), "missing");
    assert!(!matches(&vec![(1.0, INF)], &vec![(1.0, INF), (1.0, 1.2)], 1.1), "in vain");
    assert!(!matches(&vec![(1.0, INF)], &vec![(1.0, INF), (1.0, INF)], 9.0), "twice");
    assert!(matches(&vec![(1.0, INF)], &vec![(1.0, INF), (1.0, 1.1)], 1.1));
}

// ---------------------------------------------------------------- the tests

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn diagrams_are_late_by_the_claimed_factor_at_most(
        d in metric_space(9), epsilon in epsilon(), p in prop_oneof![Just(2), Just(3)],
    ) {
        let options =
            RipsOptions { maxdim: 2, coeff: p, epsilon: Some(epsilon), ..RipsOptions::default() };
        let found = of(&persistence(&dense(&d), &options));
        for (exact, late) in diagrams(&d, 2, INF, p.into()).iter().zip(&found) {
            prop_assert!(matches(exact, late, 1.0 + epsilon), "{exact:?} and {late:?}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_definition(d in metric_space(12), epsilon in epsilon()) {
        let found = lengths(&go(&dense(&d), epsilon, INF));
        // Where balls just touch before they are removed, rounding decides.
        let [most, least] = [1.0 + 1e-12, 1.0 - 1e-12].map(|f| by_definition(&d, epsilon, f));
        for (i, j) in pairs(d.len()) {
            let (found, most, least) = (found[i][j], most[i][j], least[i][j]);
            prop_assert!(close(found, most) || close(found, least), "{found} for {most}: {i}, {j}");
            prop_assert!(found >= d[i][j]);
        }
    }

    #[test]
    fn beyond_the_radius_nothing_happens(d in metric_space(9), epsilon in epsilon()) {
        let sparse = go(&dense(&d), epsilon, INF);
        let all = lengths(&sparse);
        prop_assert_eq!(diagrams(&all, 2, INF, 2), diagrams(&all, 2, sparse.radius, 2));
    }

    #[test]
    fn a_threshold_applies_to_the_lengths(
        d in metric_space(9), epsilon in epsilon(), threshold in threshold(),
    ) {
        let all = lengths(&go(&dense(&d), epsilon, INF));
        let kept = matrix(d.len(), |i, j| if all[i][j] <= threshold { all[i][j] } else { INF });
        prop_assert_eq!(lengths(&go(&dense(&d), epsilon, threshold)), kept);
        let options = RipsOptions {
            maxdim: 2, threshold, epsilon: Some(epsilon), ..RipsOptions::default()
        };
        let found = persistence(&dense(&d), &options);
        prop_assert_eq!(of(&found), diagrams(&all, 2, threshold, 2));
        prop_assert!(found.threshold <= threshold);
    }

    #[test]
    fn points_and_squares_give_what_their_distances_give(
        rows in cloud(20), epsilon in prop_oneof![Just(0.25), Just(0.5), Just(1.0), Just(2.0)],
        threshold in threshold(),
    ) {
        let rows = Array2::from_shape_fn((rows.len(), 2), |(i, k)| [rows[i].0, rows[i].1][k]);
        let of = |metric| PointCloud::new(rows.view(), metric, &Monitor::new()).unwrap();
        let distances = pairwise(&of(Metric::Euclidean), &Monitor::new()).unwrap();
        let distances = Space::Distances(distances);
        let points = Space::Points(of(Metric::Euclidean));
        prop_assert_eq!(go(&points, epsilon, threshold), go(&distances, epsilon, threshold));

        // (1 + ε)² is the factor for the squares.
        let squares = Space::Points(of(Metric::SqEuclidean));
        let squares = lengths(&go(&squares, epsilon * (2.0 + epsilon), INF));
        let expected = lengths(&go(&points, epsilon, INF));
        for (i, j) in pairs(rows.nrows()) {
            let (square, length) = (squares[i][j], expected[i][j]);
            prop_assert!(close(square, length * length), "{square} for the square of {length}");
        }
    }
}

/// A circle with a rough rim and many scales.
fn circle(n: usize) -> Vec<(f64, f64)> {
    let point = |i: usize| {
        let angle = (i * i) as f64 * 0.618;
        let radius = 1.0 + 0.01 * ((i * i) % 13) as f64;
        (radius * angle.cos(), radius * angle.sin())
    };
    (0..n).map(point).collect()
}

#[test]
fn the_claim_is_not_an_empty_one() {
    for epsilon in [0.1, 0.25, 0.5] {
        // The middle point freezes at A, just before it meets the last one.
        let a = 2.0 * (1.0 + epsilon) / epsilon;
        let rows = [(0.0, 0.0), (1.0, 0.0), (a + 2.0, 0.0)];
        let options = RipsOptions { epsilon: Some(epsilon), ..RipsOptions::default() };
        let late = of(&persistence(&dense(&euclidean(&rows)), &options)).remove(0);
        let exact = vec![(0.0, 1.0), (0.0, a + 1.0), (0.0, INF)];
        assert!((late[1].1 - (a + 2.0)).abs() < 1e-9, "{late:?}");
        assert!(matches(&exact, &late, 1.0 + epsilon));
        assert!(!matches(&exact, &late, 1.0 + epsilon / 4.0));
    }
}

#[test]
fn few_edges_are_kept_and_the_smaller_epsilon_the_more() {
    let count = |n, epsilon| go(&dense(&euclidean(&circle(n))), epsilon, INF).graph.edge_count();
    assert_eq!(count(60, 1e-9), 60 * 59 / 2);
    assert_eq!(count(60, 1e-320), 60 * 59 / 2);
    assert!(count(600, 0.2) < 600 * 599 / 2 / 4);
    assert!(count(600, 1.0) < count(600, 0.2) / 2);
    // On a curve the number of edges is linear in that of the points.
    assert!(count(1200, 1.0) < 3 * count(600, 1.0));
    for epsilon in [1e3, 1e200, f64::MAX] {
        assert!(count(60, epsilon) >= 59);
    }
}

#[test]
fn degenerate_spaces() {
    let options = RipsOptions { epsilon: Some(0.5), maxdim: 2, ..RipsOptions::default() };
    let empty = of(&persistence(&dense(&matrix(0, |_, _| 0.0)), &options));
    assert_eq!(empty, vec![vec![]; 3]);
    for n in [1, 5] {
        let copies = persistence(&dense(&matrix(n, |_, _| 0.0)), &options);
        assert_eq!(of(&copies), vec![vec![(0.0, INF)], vec![], vec![]]);
        assert_eq!(copies.threshold, 0.0);
    }
    let apart = persistence(&dense(&matrix(3, |_, _| INF)), &options);
    assert_eq!(of(&apart)[0], [(0.0, INF); 3]);
    let huge = persistence(&dense(&matrix(3, |_, _| f64::MAX)), &options);
    assert_eq!(of(&huge)[0], [(0.0, f64::MAX), (0.0, f64::MAX), (0.0, INF)]);
    // No metric, no guarantee, but an answer.
    let skew = matrix(3, |i, j| [0.0, 1.0, 100.0, 1.0][i + j]);
    assert_eq!(of(&persistence(&dense(&skew), &options))[0].len(), 3);
}

#[test]
fn threads_do_not_matter() {
    let rows = circle(2500);
    let rows = Array2::from_shape_fn((rows.len(), 2), |(i, k)| [rows[i].0, rows[i].1][k]);
    let points = PointCloud::new(rows.view(), Metric::Euclidean, &Monitor::new()).unwrap();
    let space = Space::Points(points);
    let on = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| go(&space, 0.5, INF))
    };
    let one = on(1);
    assert_eq!(on(2), one);
    assert_eq!(on(3), one);
}

#[test]
fn too_many_edges_are_refused_before_all_are_found() {
    let distances = dense(&euclidean(&circle(1200)));
    let run = |max_memory| sparse_rips(&distances, 0.01, INF, max_memory, &Monitor::new());
    match run(1 << 22).unwrap_err() {
        Error::TooLarge { job, needed, allowed, advice } => {
            assert!(needed > allowed && allowed == 1 << 22, "{needed} of {allowed}");
            assert!(job.ends_with("among the first 512"), "{job}");
            assert!(advice.contains("`epsilon`"), "{advice}");
        }
        other => panic!("{other}"),
    }
    assert!(run(1 << 30).is_ok());
}
