//! Distances of small diagrams against all their matchings, one by one.

mod common;

use common::check_cancelling;
use common::matchings::every_matching;
use ndarray::Array2;
use proptest::prelude::*;
use topolens::diagram::{
    Diagram, DiagramMetric, WassersteinOptions, bottleneck, bottleneck_matching, distance,
    distance_matrix, wasserstein, wasserstein_matching,
};
use topolens::{Error, Monitor};

type Bars = Vec<(f64, f64)>;

const METRICS: [DiagramMetric; 4] = [
    DiagramMetric::Bottleneck { delta: 0.0 },
    DiagramMetric::Wasserstein(WassersteinOptions { p: 2.0, q: f64::INFINITY, delta: 0.0 }),
    DiagramMetric::Sliced { directions: 12 },
    DiagramMetric::Landscape { levels: 6, p: 2.0 },
];

fn rows(bars: &[(f64, f64)]) -> Array2<f64> {
    Array2::from_shape_fn((bars.len(), 2), |(i, k)| if k == 0 { bars[i].0 } else { bars[i].1 })
}

fn diagram(bars: &[(f64, f64)]) -> Diagram {
    Diagram::new(rows(bars).view(), "a", &Monitor::new()).unwrap()
}

fn bars(most: usize) -> impl Strategy<Value = Bars> {
    let any = prop_oneof![
        (0.0..1.0, 0.0..1.0),
        (0..4u8, 0..4u8).prop_map(|(x, y)| (f64::from(x), f64::from(y))),
    ];
    proptest::collection::vec(any.prop_map(|(x, y): (f64, f64)| (x.min(y), x.max(y))), 0..=most)
}

proptest! {
    #[test]
    fn no_matching_is_better(a in bars(5), b in bars(5), p in 1.0..4.0) {
        let all = every_matching(&a, &b);
        let (a, b, monitor) = (diagram(&a), diagram(&b), Monitor::new());
        let longest = |lengths: &Vec<f64>| lengths.iter().copied().fold(0.0, f64::max);
        let expected = all.iter().map(longest).fold(f64::INFINITY, f64::min);
        prop_assert_eq!(bottleneck(&a, &b, 0.0, &monitor).unwrap(), expected);
        let found = bottleneck_matching(&a, &b, 0.0, &monitor).unwrap();
        prop_assert_eq!(found.pairs.iter().map(|pair| pair.length).fold(0.0, f64::max), expected);

        let sum = |lengths: &Vec<f64>| lengths.iter().map(|length| length.powf(p)).sum::<f64>();
        let expected = all.iter().map(sum).fold(f64::INFINITY, f64::min).powf(1.0 / p);
        let options = WassersteinOptions { p, q: f64::INFINITY, delta: 0.0 };
        let found = wasserstein_matching(&a, &b, options, &monitor).unwrap();
        prop_assert!((found.distance - expected).abs() <= 1e-12);
        prop_assert_eq!(wasserstein(&a, &b, options, &monitor).unwrap(), found.distance);
    }
}

/// Points of no order, some of them equal.
fn scattered(len: usize, step: usize) -> Bars {
    let bar = |i: usize| {
        let birth = (i * step % 101) as f64;
        (birth, birth + 1.0 + (i * i % 53) as f64)
    };
    (0..len).map(bar).collect()
}

#[test]
fn distances_stop() {
    let (a, b) = (rows(&scattered(300, 37)), rows(&scattered(280, 61)));
    for metric in METRICS {
        check_cancelling(9, |monitor| distance(a.view(), b.view(), metric, u64::MAX, monitor));
        let all = [a.view(), b.view(), a.view()];
        check_cancelling(9, |monitor| distance_matrix(&all, metric, u64::MAX, monitor));
    }
}

#[test]
fn large_jobs_are_refused() {
    let a = rows(&scattered(1000, 37));
    for metric in METRICS {
        let refused = distance(a.view(), a.view(), metric, 10_000, &Monitor::new());
        assert!(matches!(refused, Err(Error::TooLarge { .. })), "{metric:?}: {refused:?}");
        assert_eq!(distance(a.view(), a.view(), metric, 1 << 30, &Monitor::new()), Ok(0.0));
    }
}
