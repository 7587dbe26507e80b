//! Neighbours, pairs within a threshold and what is made of them, against all pairs.

mod common;

use common::{check_cancelling, pairs};
use proptest::collection::vec;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use topolens::homology::{RipsOptions, rips, rips_batch};
use topolens::space::{
    Metric, PointCloud, Space, few_are_within, graph_within, neighbor_graph, pairwise,
};
use topolens::{Error, Monitor};

fn go() -> Monitor {
    Monitor::new()
}

/// The distances of all pairs, each taken alone.
fn square(points: &PointCloud<'_>) -> Vec<Vec<f64>> {
    let distance = |i, j| if i == j { 0.0 } else { points.distance(i, j) };
    (0..points.len()).map(|i| (0..points.len()).map(|j| distance(i, j)).collect()).collect()
}

/// Rows of numbers with what makes searches err: ties, copies, all of one kind, far from zero,
/// huge, faint, and scales that differ from row to row.
fn clouds(most: usize, dims: usize) -> impl Strategy<Value = (Vec<f64>, (usize, usize))> {
    (1..=most, 1..=dims).prop_flat_map(|(n, d)| {
        let values = prop_oneof![
            vec((-1.0..1.0f64).boxed(), n * d),
            vec((0..3u8).prop_map(f64::from).boxed(), n * d),
            vec((0..40u8).prop_map(|x| f64::from(x) + 1e6).boxed(), n * d),
            vec((0..1u8).prop_map(|_| 7.25).boxed(), n * d),
        ];
        let scale = prop_oneof![
            3 => Just(1.0), 1 => Just(1e-150), 1 => Just(1e150), 1 => Just(1e-310), 1 => Just(1e6),
        ];
        (values, scale, any::<bool>(), 0..4usize).prop_map(move |(values, scale, mixed, every)| {
            let entry = |k: usize| {
                let copied = every > 0 && (k / d).is_multiple_of(every + 1);
                let row = if copied { k / d / 5 } else { k / d };
                let size = if mixed { 10f64.powi((row % 17) as i32 - 8) } else { 1.0 };
                values[row * d + k % d] * scale * size
            };
            ((0..n * d).map(entry).collect(), (n, d))
        })
    })
}

/// What can be read under each metric.
fn under_all(rows: &[f64], shape: (usize, usize)) -> impl Iterator<Item = PointCloud<'static>> {
    let read = |metric| PointCloud::from_rows(rows.to_vec(), shape, metric, &go());
    let found: Vec<_> =
        Metric::NAMES.into_iter().filter_map(|(_, metric)| read(metric).ok()).collect();
    assert!(found.len() >= 3);
    found.into_iter()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn neighbours_are_those_among_all_pairs((rows, shape) in clouds(200, 10), k in 1..6usize) {
        for points in under_all(&rows, shape) {
            let (all, k) = (square(&points), k.min(points.len()));
            let mut joined = vec![vec![false; points.len()]; points.len()];
            for i in 0..points.len() {
                let mut others: Vec<usize> = (0..points.len()).filter(|&j| j != i).collect();
                others.sort_by(|&a, &b| all[i][a].total_cmp(&all[i][b]).then(a.cmp(&b)));
                for &j in &others[..k - 1] {
                    (joined[i][j], joined[j][i]) = (true, true);
                }
            }
            let expected = pairs(points.len()).filter(|&(i, j)| joined[i][j]);
            let expected = expected.map(|(i, j)| (i as u32, j as u32, all[i][j]));
            let found = neighbor_graph(&Space::Points(points.clone()), k, &go()).unwrap();
            prop_assert!(found.edges().eq(expected), "{:?}", points.metric());
            for i in 0..points.len() {
                for (&j, &length) in found.neighbors(i).iter().zip(found.weights(i)) {
                    prop_assert_eq!(found.weight(j as usize, i as u32), Some(length));
                }
            }
        }
    }

    #[test]
    fn pairs_within_a_threshold_are_those_among_all_pairs(
        (rows, shape) in clouds(200, 10), share in 0.0..1.0f64, step in -1..=1i8,
    ) {
        for points in under_all(&rows, shape) {
            let all = square(&points);
            let mut lengths: Vec<f64> = pairs(points.len()).map(|(i, j)| all[i][j]).collect();
            lengths.sort_by(f64::total_cmp);
            let length = lengths.get((share * share * lengths.len() as f64) as usize);
            let length = length.copied().unwrap_or(1.0);
            let threshold = match step {
                -1 => length.next_down().max(0.0),
                0 => length,
                _ => length.next_up(),
            };
            let expected = pairs(points.len()).map(|(i, j)| (i as u32, j as u32, all[i][j]));
            let expected: Vec<_> = expected.filter(|edge| edge.2 <= threshold).collect();
            let found = graph_within(&points, threshold, u64::MAX, &go()).unwrap();
            prop_assert_eq!(found.edge_count(), expected.len());
            prop_assert_eq!(found.is_cut(), expected.len() < lengths.len());
            prop_assert!(found.edges().eq(expected), "{:?}", points.metric());
        }
    }
}

/// Numbers that look drawn, in [0, 1); many tied if there are few `levels`.
fn drawn(count: usize, levels: u32, mut seed: u32) -> Vec<f64> {
    let numbers = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((seed >> 8) % levels) / f64::from(levels)
    });
    numbers.take(count).collect()
}

fn cloud(len: usize, dim: usize, levels: u32) -> PointCloud<'static> {
    let rows = drawn(len * dim, levels, (len + dim) as u32);
    PointCloud::from_rows(rows, (len, dim), Metric::Euclidean, &go()).unwrap()
}

/// Points around a centre, which alone is near to all of them.
fn hub(len: usize, dim: usize) -> PointCloud<'static> {
    let mut rows = drawn(len * dim, 1 << 20, 5);
    for row in rows.chunks_exact_mut(dim) {
        row.iter_mut().for_each(|x| *x -= 0.5);
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter_mut().for_each(|x| *x /= length);
    }
    rows[dim * 3..dim * 4].fill(0.0);
    PointCloud::from_rows(rows, (len, dim), Metric::Euclidean, &go()).unwrap()
}

#[test]
fn bars_of_points_are_those_of_their_distances() {
    let mut clouds = vec![(hub(600, 40), vec![0.9, 1.05]), (hub(600, 70), vec![0.9, 1.05])];
    for (dim, levels) in [(1, 1 << 20), (2, 1 << 20), (2, 12), (3, 1 << 20), (8, 3), (70, 1 << 20)]
    {
        let points = cloud(600, dim, levels);
        let mut lengths = pairwise(&points, &go()).unwrap().into_values();
        lengths.sort_by(f64::total_cmp);
        let at = |share: f64| lengths[(share * (lengths.len() - 1) as f64) as usize];
        clouds.push((points, [0.0, 0.002, 0.02, 0.06].map(at).to_vec()));
    }
    let mut short = 0;
    for (points, thresholds) in clouds {
        let held = Space::Distances(pairwise(&points, &go()).unwrap());
        for threshold in thresholds {
            short += usize::from(few_are_within(&points, threshold, &go()).unwrap());
            let points = Space::Points(points.clone());
            for (maxdim, cocycles, coeff) in
                [(0, false, 2), (1, false, 2), (1, true, 3), (2, true, 2)]
            {
                let options =
                    RipsOptions { maxdim, cocycles, coeff, threshold, ..RipsOptions::default() };
                let found = rips(&points, &options, &go()).unwrap();
                let right = rips(&held, &options, &go()).unwrap();
                assert_eq!(found.bars, right.bars);
                assert_eq!(found.complete, right.complete, "{threshold} {maxdim}");
                let radius_known = maxdim > 0;
                assert!(!radius_known || found.threshold == right.threshold);
                let batch = rips_batch(&[&points, &points], &options, &go()).unwrap();
                assert!(batch == [found.clone(), found]);
            }
        }
    }
    assert!(short > 20, "{short} go without the other distances");
}

#[test]
fn a_hub_ends_the_filtration_though_few_pairs_are_short() {
    for dim in [40, 70] {
        let points = Space::Points(hub(600, dim));
        let of = |threshold| {
            let options = RipsOptions { threshold, ..RipsOptions::default() };
            rips(&points, &options, &go()).unwrap()
        };
        let (long, short) = (of(1.05), of(0.9));
        assert!(long.complete && (long.threshold - 1.0).abs() < 1e-12);
        assert!(!short.complete && short.threshold == 0.9);
    }
}

#[test]
fn threads_do_not_matter() {
    for (points, k, threshold) in
        [(cloud(3000, 2, 50), 14, 0.04), (cloud(700, 70, 1 << 20), 5, 3.0)]
    {
        let space = Space::Points(points.clone());
        let on = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let near = neighbor_graph(&space, k, &go()).unwrap();
                (near, graph_within(&points, threshold, u64::MAX, &go()).unwrap())
            })
        };
        let one = on(1);
        assert!(one.1.edge_count() > 1000);
        assert!([2, 3, 5].into_iter().all(|threads| on(threads) == one));
    }
}

#[test]
fn what_is_asked_for_is_refused_before_it_is_taken_and_stops() {
    for (points, threshold) in [(cloud(2000, 2, 1 << 20), 0.05), (cloud(700, 70, 1 << 20), 3.3)] {
        let refused = graph_within(&points, threshold, 100_000, &go()).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { .. }), "{refused}");
        assert!(refused.to_string().contains("edges up to the threshold"), "{refused}");
        let options = RipsOptions { threshold, max_memory: 100_000, ..RipsOptions::default() };
        let refused = rips(&Space::Points(points), &options, &go()).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { .. }), "{refused}");
    }
    for points in [cloud(60, 2, 1 << 20), cloud(60, 70, 1 << 20)] {
        check_cancelling(2, |monitor| graph_within(&points, 0.3, u64::MAX, monitor));
    }
    // A hundred thousand points, of which no matrix could be made.
    let options =
        RipsOptions { threshold: 0.002, max_memory: 200_000_000, ..RipsOptions::default() };
    let found = rips(&Space::Points(cloud(100_000, 2, 1 << 23)), &options, &go()).unwrap();
    assert!(!found.bars[1].is_empty() && !found.complete);
}
