//! Vietoris-Rips persistence against explicit boundary matrices.

mod common;

use common::{
    betti, check_cocycles, dense, diagrams, matrix, of, pairs, persistence, small_space, sparse,
};
use ndarray::Array2;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use topolens::homology::{MAX_DIMENSION, RipsOptions};
use topolens::space::{Graph, Metric, PointCloud, Space, pairwise};
use topolens::{Error, Monitor};

const INF: f64 = f64::INFINITY;

fn field() -> impl Strategy<Value = u32> {
    prop_oneof![Just(2), Just(3), Just(5)]
}

/// Thresholds on ties, between them and beyond everything.
fn threshold() -> impl Strategy<Value = f64> {
    prop_oneof![Just(INF), Just(0.0), Just(1.0), Just(2.0), Just(3.0), 0.5..2.5]
}

fn options(maxdim: usize, threshold: f64, coeff: u32) -> RipsOptions {
    RipsOptions { maxdim, threshold, coeff, cocycles: true, ..RipsOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn diagrams_equal_those_of_the_boundary_matrix(
        d in small_space(9), maxdim in 0..=3usize, threshold in threshold(), p in field(),
    ) {
        let expected = diagrams(&d, maxdim, threshold, p.into());
        for cocycles in [true, false] {
            let options = RipsOptions { cocycles, ..options(maxdim, threshold, p) };
            prop_assert_eq!(&of(&persistence(&dense(&d), &options)), &expected);
        }
    }

    #[test]
    fn every_form_of_a_space_gives_the_same(
        d in small_space(9), maxdim in 0..=3usize, threshold in threshold(), p in field(),
    ) {
        let options = options(maxdim, threshold, p);
        let expected = persistence(&dense(&d), &options);
        let n = d.len();
        let graph = persistence(&sparse(&d, n, |i| i as u32), &options);
        prop_assert_eq!(&graph.bars, &expected.bars);

        // Among many lonely vertices the same edges are kept in sparse rows.
        let lonely = 200;
        let mut scattered = persistence(&sparse(&d, n + lonely, |i| 19 * i as u32 + 5), &options);
        prop_assert_eq!(scattered.bars[0].split_off(expected.bars[0].len()).len(), lonely);
        let spread = |v: &mut u32| *v = 19 * *v + 5;
        let mut expected = expected.bars;
        for bar in expected.iter_mut().flatten() {
            for (i, j) in [&mut bar.birth_edge, &mut bar.death_edge].into_iter().flatten() {
                spread(i);
                spread(j);
            }
            for (simplex, _) in &mut bar.cocycle {
                simplex.iter_mut().for_each(spread);
            }
        }
        prop_assert_eq!(scattered.bars, expected);
    }

    #[test]
    fn cocycles_are_a_basis_at_every_scale(
        d in small_space(8), maxdim in 1..=3usize, threshold in threshold(), p in field(),
    ) {
        let found = persistence(&dense(&d), &options(maxdim, threshold, p));
        for dimension in 1..=maxdim {
            // Beyond the enclosing radius the complex is a cone that nobody looked at.
            check_cocycles(&d, &found.bars[dimension], dimension, found.threshold, p.into());
        }
    }

    #[test]
    fn bars_are_sorted_and_count_the_betti_numbers(
        d in small_space(7), p in field(), scale in 0.0..4.0,
    ) {
        let found = of(&persistence(&dense(&d), &options(2, INF, p)));
        let alive = |bars: &Vec<(f64, f64)>| bars.iter().filter(|b| b.0 <= scale && scale < b.1).count();
        prop_assert_eq!(found.iter().map(alive).collect::<Vec<_>>(), betti(&d, scale, 2, p.into()));
        prop_assert!(found.iter().all(|bars| bars.is_sorted() && bars.iter().all(|b| b.0 < b.1)));
    }

    #[test]
    fn points_give_what_their_distances_give(
        rows in (0..12usize, 0..4usize).prop_flat_map(|(n, dim)| {
            proptest::collection::vec(prop_oneof![-1.0..1.0, Just(0.0), Just(0.5)], n * dim)
                .prop_map(move |v| Array2::from_shape_vec((n, dim), v).unwrap())
        }),
        threshold in threshold(),
    ) {
        let points = PointCloud::new(rows.view(), Metric::Euclidean, &topolens::Monitor::new()).unwrap();
        let distances = Space::Distances(pairwise(&points, &Monitor::new()).unwrap());
        let space = Space::Points(points);
        for maxdim in 0..3 {
            let options = options(maxdim, threshold, 2);
            let (a, b) = (persistence(&space, &options), persistence(&distances, &options));
            prop_assert_eq!(a.bars, b.bars);
        }
    }
}

#[test]
fn the_answer_is_the_same_on_every_number_of_threads() {
    // A lattice: nearly all lengths are tied.
    let lattice = Array2::from_shape_fn((140, 3), |(i, k)| [i % 5, i / 5 % 5, i / 25][k] as f64);
    let cloud = Array2::from_shape_fn((140, 3), |(i, k)| ((7 * i * i + 31 * i * k) % 101) as f64);
    for rows in [lattice, cloud] {
        for (maxdim, coeff) in [(0, 2), (1, 3), (2, 2)] {
            let answers: Vec<_> = [1, 2, 3]
                .map(|threads| {
                    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    let points =
                        PointCloud::new(rows.view(), Metric::Euclidean, &topolens::Monitor::new())
                            .unwrap();
                    let options = options(maxdim, 40.0, coeff);
                    pool.install(|| persistence(&Space::Points(points), &options))
                })
                .into();
            assert_eq!(answers[0], answers[1]);
            assert_eq!(answers[0], answers[2]);
            assert!(answers[0].bars.iter().take(2).all(|bars| !bars.is_empty()));
        }
    }
}

/// Antipodal pairs at distance 2, everything else at 1: a sphere of dimension
/// `pairs` − 1.
fn cross_polytope(pairs: usize) -> common::Matrix {
    matrix(2 * pairs, |i, j| if j == i + pairs { 2.0 } else { 1.0 })
}

#[test]
fn keys_of_more_than_64_bits_work() {
    let sphere = cross_polytope(9);
    let expected: Vec<Vec<(f64, f64)>> = (0..=15)
        .map(|k| match k {
            0 => [vec![(0.0, 1.0); 17], vec![(0.0, INF)]].concat(),
            8 => vec![(1.0, 2.0)],
            _ => vec![],
        })
        .collect();
    for coeff in [2, 3] {
        let found = persistence(&dense(&sphere), &options(15, INF, coeff));
        assert_eq!(of(&found), expected);
    }
    // 12 bits for a vertex, six times, and 12 for an edge.
    let found = persistence(&among_pairs(7, |i| 250 * i as u32 + 7), &options(6, INF, 5));
    assert_eq!(of(&found)[6], [(1.0, 2.0)]);
    assert_eq!(of(&found)[0].len(), PAIRED);
    assert!(found.bars[6][0].cocycle.iter().flat_map(|(s, _)| s).all(|v| v % 250 == 7));
}

const PAIRED: usize = 1 << 12;

/// A sphere among points that are joined two by two: all of them take numbers.
fn among_pairs(pairs_of_corners: usize, place: impl Fn(usize) -> u32) -> Space<'static> {
    let sphere = cross_polytope(pairs_of_corners);
    let corners: Vec<u32> = (0..sphere.len()).map(place).collect();
    let mut edges: Vec<_> =
        pairs(sphere.len()).map(|(i, j)| (corners[i], corners[j], sphere[i][j])).collect();
    let others: Vec<u32> = (0..PAIRED as u32).filter(|v| !corners.contains(v)).collect();
    edges.extend(others.chunks_exact(2).map(|pair| (pair[0], pair[1], 3.0)));
    Space::Graph(Graph::from_edges(PAIRED, &edges, &Monitor::new()).unwrap())
}

#[test]
fn points_without_edges_take_no_numbers() {
    // A sphere of eight corners among two million points, in the highest degree.
    let (len, sphere) = (1 << 21, cross_polytope(4));
    let space = sparse(&sphere, len, |i| 250_000 * i as u32 + 7);
    let found = persistence(&space, &options(MAX_DIMENSION, INF, 5));
    assert_eq!(of(&found)[3], [(1.0, 2.0)]);
    assert_eq!(of(&found)[0].len(), len);
    assert!(found.bars[3][0].cocycle.iter().flat_map(|(s, _)| s).all(|v| v % 250_000 == 7));
}

#[test]
fn what_cannot_be_numbered_is_refused_with_the_largest_degree() {
    let space = among_pairs(9, |i| i as u32);
    let refused =
        |maxdim| topolens::homology::rips(&space, &options(maxdim, INF, 2), &Monitor::new());
    // 12 bits for an edge and for a vertex: nine vertices fit 128 bits.
    assert_eq!(refused(9).unwrap().bars[8].len(), 1);
    match refused(10) {
        Err(Error::Overflow { argument: "maxdim", reason }) => {
            assert!(reason.ends_with("`maxdim` can be at most 9"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn torsion_is_seen_by_the_field_that_has_it() {
    // The projective plane on six vertices, at scale 1 of its subdivision.
    let faces = [
        [0, 1, 2],
        [0, 2, 3],
        [0, 3, 4],
        [0, 4, 5],
        [0, 1, 5],
        [1, 2, 4],
        [2, 3, 5],
        [1, 3, 4],
        [2, 4, 5],
        [1, 3, 5],
    ];
    let mut cells: Vec<Vec<u32>> = Vec::new();
    for face in faces {
        for subset in 1..8u32 {
            cells.push((0..3).filter(|k| subset >> k & 1 == 1).map(|k| face[k as usize]).collect());
        }
    }
    cells.sort();
    cells.dedup();
    assert_eq!(cells.len(), 31);
    let within = |a: &[u32], b: &[u32]| a.iter().all(|v| b.contains(v));
    let nested = |i: usize, j: usize| within(&cells[i], &cells[j]) || within(&cells[j], &cells[i]);
    let plane = matrix(31, |i, j| if nested(i, j) { 1.0 } else { 2.0 });
    for (coeff, expected) in [(2, [1, 1, 1]), (3, [1, 0, 0]), (65521, [1, 0, 0])] {
        let found = of(&persistence(&dense(&plane), &options(2, 1.0, coeff)));
        assert_eq!(
            found.iter().map(|bars| bars.iter().filter(|b| b.1 == INF).count()).collect::<Vec<_>>(),
            expected
        );
    }
}

#[test]
fn what_longer_edges_can_do_is_known() {
    // A path of four points: the ends of its middle edge see all at length two.
    let path = matrix(4, |i, j| (j - i) as f64);
    let complete = |space: &Space<'_>, maxdim, threshold| {
        persistence(space, &options(maxdim, threshold, 2)).complete
    };
    for (maxdim, threshold, expected) in
        [(1, 0.5, false), (1, 1.0, false), (1, 2.0, true), (0, 0.5, false), (0, 1.0, true)]
    {
        for space in [dense(&path), sparse(&path, 4, |i| i as u32)] {
            assert_eq!(complete(&space, maxdim, threshold), expected);
        }
    }
    // With a fifth point that is never joined no point sees all.
    let apart = sparse(&path, 5, |i| i as u32);
    assert!(!complete(&apart, 1, 2.0));
    assert!(complete(&apart, 1, 3.0));
    assert!(complete(&apart, 0, 1.0));
}
