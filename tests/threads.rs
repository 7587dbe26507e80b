//! Bars of cohomology on several threads: those of boundary matrices, the same on any number of
//! threads, and the memory that all threads take together.

mod common;

use std::sync::LazyLock;

use common::{Matrix, bars, check_cocycles, dense, ends_of, matrix, small_space, sparse};
use proptest::collection::vec;
use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use topolens::homology::{Persistence, RipsOptions, rips};
use topolens::space::Space;
use topolens::{Error, Monitor, Result};

const INF: f64 = f64::INFINITY;

static POOLS: LazyLock<[ThreadPool; 4]> = LazyLock::new(|| {
    [1, 2, 5, 8].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
});

/// What each number of threads finds; that of one comes first.
fn on_threads(space: &Space<'_>, options: &RipsOptions) -> [Result<Persistence>; 4] {
    POOLS.each_ref().map(|pool| pool.install(|| rips(space, options, &Monitor::new())))
}

/// Pairs drawn one by one, so that no triangle inequality holds.
fn drawn(
    n: std::ops::RangeInclusive<usize>,
    length: impl Strategy<Value = f64> + Clone + 'static,
) -> impl Strategy<Value = Matrix> {
    n.prop_flat_map(move |n| {
        vec(length.clone(), n * n).prop_map(move |v| matrix(n, |i, j| v[i * n + j]))
    })
}

fn threshold() -> impl Strategy<Value = f64> {
    prop_oneof![3 => Just(INF), 1 => Just(1.0), 1 => Just(2.0), 1 => 0.5..2.5]
}

fn options(maxdim: usize, threshold: f64, coeff: u32, name: &str) -> RipsOptions {
    let plan = Some(name.parse().unwrap());
    RipsOptions { maxdim, threshold, coeff, plan, ..RipsOptions::default() }
}

const WAYS: [&str; 4] = [
    "cohomology, dense rows",
    "cohomology, sparse rows",
    "cohomology, dense rows after edge collapse",
    "cohomology, sparse rows after edge collapse",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn bars_are_those_of_the_boundary_matrix_on_any_number_of_threads(
        d in prop_oneof![
            small_space(9),
            drawn(6..=9, 0.5..2.0f64),
            drawn(7..=9, (1..=3u8).prop_map(f64::from)),
            drawn(7..=9, prop_oneof![(1..=9u8).prop_map(f64::from), Just(INF)]),
        ],
        limit in threshold(), p in prop_oneof![Just(2), Just(3), Just(11)], graph: bool,
    ) {
        let expected = bars(&d, 3, limit, p.into());
        let space = if graph { sparse(&d, d.len(), |i| i as u32) } else { dense(&d) };
        for way in WAYS {
            for found in on_threads(&space, &options(3, limit, p, way)) {
                prop_assert_eq!(ends_of(&found.unwrap()), expected.clone(), "{}", way);
            }
        }
        for way in &WAYS[..2] {
            let options = RipsOptions { cocycles: true, ..options(3, limit, p, way) };
            let [alone, others @ ..] = on_threads(&space, &options).map(|found| found.unwrap());
            for degree in 1..=3 {
                check_cocycles(&d, &alone.bars[degree], degree, alone.threshold, p.into());
            }
            prop_assert!(others.iter().all(|found| *found == alone), "{}", way);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 100, ..ProptestConfig::with_cases(12) })]

    /// Columns long enough for threads to meet.
    #[test]
    fn larger_spaces_have_the_same_bars_on_any_number_of_threads(
        d in prop_oneof![
            drawn(34..=40, 0.5..2.0f64),
            drawn(30..=36, (1..=4u8).prop_map(f64::from)),
            drawn(34..=40, (1..=40u8).prop_map(f64::from)),
        ],
        p in prop_oneof![Just(2), Just(3), Just(11)],
    ) {
        for way in WAYS {
            let [alone, others @ ..] =
                on_threads(&dense(&d), &options(3, INF, p, way)).map(|found| found.unwrap());
            prop_assert!(alone.bars[2].len() + alone.bars[3].len() > 0, "{}", way);
            prop_assert!(others.iter().all(|found| *found == alone), "{}", way);
        }
    }
}

/// Columns without the triangle inequality are long: what is added up counts.
#[test]
fn columns_at_work_are_counted() {
    let mut state = 1_u64;
    let d = matrix(75, |_, _| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64
    });
    for (maxdim, least) in [(2, 1_500_000), (3, 6_000_000)] {
        let way = options(maxdim, INF, 2, WAYS[0]);
        let refused = on_threads(&dense(&d), &RipsOptions { max_memory: least, ..way });
        for found in refused {
            let Err(Error::TooLarge { job, needed, allowed, .. }) = found else {
                panic!("{least} bytes are enough in degree {maxdim}")
            };
            assert!(job.starts_with("the reduction in degree "), "{job}");
            assert!(needed > least && allowed == least);
        }
        let enough = on_threads(&dense(&d), &RipsOptions { max_memory: 50 * least, ..way });
        assert!(enough.iter().all(|found| found.is_ok()), "degree {maxdim}");
    }
}
