//! Every way to a result leads to the same one: bars, and the edges with which
//! they come and go.

mod common;

use common::{
    Ends, Matrix, bars, check_cocycle, check_cocycles, dense, ends_of, matrix, pairs, persistence,
    small_space, sparse,
};
use proptest::collection::vec;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use topolens::homology::{Persistence, Plan, RipsOptions, rips, rips_batch};
use topolens::space::{Graph, Space};
use topolens::{Error, Monitor};

const INF: f64 = f64::INFINITY;

fn field() -> impl Strategy<Value = u32> {
    prop_oneof![Just(2), Just(3), Just(5)]
}

fn threshold() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => Just(INF),
        1 => Just(0.0),
        2 => Just(1.0),
        2 => Just(2.0),
        2 => Just(3.0),
        2 => 0.5..2.5,
    ]
}

fn plan(name: &str) -> Plan {
    name.parse().unwrap()
}

/// All ways to bars up to degree `top`, or to cocycles.
fn plans(top: usize, cocycles: bool) -> Vec<Plan> {
    let mut names = vec!["cohomology, dense rows", "cohomology, sparse rows"];
    names.extend((top <= 2).then_some("annotations, dense rows"));
    names.extend((top <= 1).then_some("annotations, sparse rows"));
    let collapsed = names.iter().map(|name| format!("{name} after edge collapse"));
    let collapsed: Vec<String> = collapsed.filter(|_| !cocycles).collect();
    names.into_iter().map(str::to_owned).chain(collapsed).map(|name| plan(&name)).collect()
}

/// The degrees in which `n` points can have homology.
fn top(n: usize, maxdim: usize) -> usize {
    maxdim.min(n.saturating_sub(2))
}

// ------------------------------------------------------------------- spaces

/// Numbers of steps on random graphs, which may fall apart.
fn hop_space(most: usize) -> impl Strategy<Value = Matrix> {
    (2..=most, 1..8u8).prop_flat_map(|(n, joined)| {
        vec(0..16u8, n * n).prop_map(move |dice| {
            steps(matrix(n, |i, j| if dice[i * n + j] < joined { 1.0 } else { INF }))
        })
    })
}

/// Shortest paths.
fn steps(mut d: Matrix) -> Matrix {
    let n = d.len();
    for (k, i) in (0..n).flat_map(|k| (0..n).map(move |i| (k, i))) {
        for j in 0..n {
            d[i][j] = d[i][j].min(d[i][k] + d[k][j]);
        }
    }
    d
}

/// Points with coordinates 0..side under the sum of differences.
fn lattice_space(n: std::ops::RangeInclusive<usize>, side: i8) -> impl Strategy<Value = Matrix> {
    (n, 1..=3usize).prop_flat_map(move |(n, dim)| {
        vec(0..side, n * dim).prop_map(move |v| {
            let row = |i: usize| &v[i * dim..(i + 1) * dim];
            let steps = |i, j| row(i).iter().zip(row(j)).map(|(a, b)| f64::from(a.abs_diff(*b)));
            matrix(n, |i, j| steps(i, j).sum())
        })
    })
}

/// No metric at all: each pair by itself.
fn pairwise_space(
    n: std::ops::RangeInclusive<usize>,
    length: impl Strategy<Value = f64> + Clone + 'static,
) -> impl Strategy<Value = Matrix> {
    n.prop_flat_map(move |n| {
        vec(length.clone(), n * n).prop_map(move |v| matrix(n, |i, j| v[i * n + j]))
    })
}

fn euclidean_space(n: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Matrix> {
    (n, 2..=4usize).prop_flat_map(|(n, dim)| {
        vec(-1.0..1.0f64, n * dim).prop_map(move |v| euclidean(n, |i, k| v[i * dim + k], dim))
    })
}

fn euclidean(n: usize, at: impl Fn(usize, usize) -> f64, dim: usize) -> Matrix {
    let square = |i, j| (0..dim).map(|k| (at(i, k) - at(j, k)).powi(2)).sum::<f64>();
    matrix(n, |i, j| square(i, j).sqrt())
}

/// Evenly spread points on a sphere.
fn sphere(n: usize) -> Matrix {
    let at = |i: usize, k: usize| {
        let height = (2 * i + 1) as f64 / n as f64 - 1.0;
        let (turn, width) = (2.399_963_229_728_653 * i as f64, (1.0 - height * height).sqrt());
        [width * turn.cos(), width * turn.sin(), height][k]
    };
    euclidean(n, at, 3)
}

/// The points of a cubic lattice with sides of given lengths, without some in
/// its interior.
fn holed_lattice(sides: [usize; 3]) -> Matrix {
    let [a, b, c] = sides;
    let all = (0..a * b * c).map(|i| [i % a, i / a % b, i / a / b]);
    let hole = |x: &[usize; 3]| x.iter().zip(sides).all(|(x, side)| x % 4 == 2 && x + 1 < side);
    let rows: Vec<[usize; 3]> = all.filter(|x| !hole(x)).collect();
    euclidean(rows.len(), |i, k| rows[i][k] as f64, 3)
}

/// Distances of two rings that are linked at some places, longer ones missing.
fn ring(n: usize, step: usize) -> Matrix {
    matrix(n, |i, j| {
        let around = (j - i).min(n - (j - i));
        let chord = if (i + j) % step == 0 && around % 5 == 2 { 2.0 } else { INF };
        if around <= 3 { around as f64 } else { chord }
    })
}

fn xorshift(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 11
    }
}

/// Pairs at small whole distances, drawn one by one.
fn tied(n: usize, values: u64, seed: u64) -> Matrix {
    let mut next = xorshift(seed);
    matrix(n, |_, _| (1 + next() % values) as f64)
}

// ------------------------------------------------------ against the textbook

fn check_edges(d: &Matrix, bars: &[Vec<Ends>]) -> Result<(), TestCaseError> {
    let length = |(i, j): (u32, u32)| d[i as usize][j as usize];
    for (degree, bars) in bars.iter().enumerate() {
        for &(birth, death, birth_edge, death_edge) in bars {
            prop_assert_eq!(birth_edge.map_or(0.0, length), birth);
            prop_assert_eq!(death_edge.map_or(INF, length), death);
            prop_assert_eq!(birth_edge.is_some(), degree > 0);
            prop_assert_eq!(death_edge.is_some(), death < INF);
        }
    }
    Ok(())
}

/// Runs every way, with and without cocycles, from a matrix or a graph.
fn check_all(
    d: &Matrix,
    maxdim: usize,
    limit: f64,
    p: u32,
    graph: bool,
) -> Result<(), TestCaseError> {
    let expected = bars(d, maxdim, limit, p.into());
    check_edges(d, &expected)?;
    let space = if graph { sparse(d, d.len(), |i| i as u32) } else { dense(d) };
    for cocycles in [false, true] {
        for plan in plans(top(d.len(), maxdim), cocycles) {
            let options = RipsOptions {
                maxdim,
                threshold: limit,
                coeff: p,
                cocycles,
                plan: Some(plan),
                ..RipsOptions::default()
            };
            let found = persistence(&space, &options);
            prop_assert_eq!(found.plan, plan);
            prop_assert_eq!(ends_of(&found), expected.clone(), "{}", plan);
            for degree in (1..=maxdim).filter(|_| cocycles) {
                check_cocycles(d, &found.bars[degree], degree, found.threshold, p.into());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn all_ways_agree_with_the_boundary_matrix_in_every_degree(
        d in prop_oneof![3 => small_space(8), 1 => hop_space(8)],
        maxdim in 0..=3usize, limit in threshold(), p in field(), graph: bool,
    ) {
        check_all(&d, maxdim, limit, p, graph)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn all_ways_agree_with_the_boundary_matrix_up_to_degree_two(
        d in prop_oneof![
            small_space(12),
            hop_space(12),
            lattice_space(6..=12, 3),
            pairwise_space(10..=12, (1..=2u8).prop_map(f64::from)),
            pairwise_space(10..=12, (1..=6u8).prop_map(f64::from)),
        ],
        limit in threshold(), p in field(), graph: bool,
    ) {
        check_all(&d, 2, limit, p, graph)?;
    }

    #[test]
    fn all_ways_agree_with_the_boundary_matrix_up_to_degree_one(
        d in prop_oneof![
            small_space(18),
            hop_space(18),
            lattice_space(10..=18, 4),
            euclidean_space(10..=18),
            pairwise_space(12..=18, (1..=3u8).prop_map(f64::from)),
        ],
        limit in threshold(), p in field(), graph: bool,
    ) {
        check_all(&d, 1, limit, p, graph)?;
    }
}

// --------------------------------------------------------- against each other

/// All ways but the collapsed ones that need all degrees, against cohomology
/// with dense rows.
fn check_ways(d: &Matrix, maxdim: usize, limit: f64, p: u32) -> Persistence {
    let space = sparse(d, d.len(), |i| i as u32);
    let go = |plan| {
        let options = RipsOptions {
            maxdim,
            threshold: limit,
            coeff: p,
            plan: Some(plan),
            ..RipsOptions::default()
        };
        persistence(&space, &options)
    };
    let expected = go(plan("cohomology, dense rows"));
    let ends = ends_of(&expected);
    check_edges(d, &ends).unwrap();
    for plan in plans(maxdim, false) {
        assert!(ends_of(&go(plan)) == ends, "{plan}");
    }
    expected
}

fn large_space() -> impl Strategy<Value = Matrix> {
    prop_oneof![
        euclidean_space(60..=150),
        lattice_space(60..=150, 5),
        lattice_space(60..=150, 12),
        hop_space(90),
        pairwise_space(60..=90, 0.5..2.0f64),
        pairwise_space(60..=90, (1..=3u8).prop_map(f64::from)),
        pairwise_space(60..=90, (1..=40u8).prop_map(f64::from)),
        pairwise_space(
            60..=150,
            prop_oneof![
                1 => (1..=9u8).prop_map(f64::from),
                4 => Just(INF),
            ]
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn all_ways_agree_on_larger_spaces(
        d in large_space(), p in field(), share in prop_oneof![Just(1.0), 0.1..1.0f64],
    ) {
        let mut lengths: Vec<f64> =
            pairs(d.len()).map(|(i, j)| d[i][j]).filter(|d| d.is_finite()).collect();
        lengths.sort_by(f64::total_cmp);
        let limit = lengths.get((lengths.len() as f64 * share) as usize).copied().unwrap_or(INF);
        check_ways(&d, 1, limit, p);
        check_ways(&d, 2, limit, p);
    }

    #[test]
    fn cocycles_of_larger_spaces_are_cocycles(
        d in prop_oneof![
            euclidean_space(30..=45),
            lattice_space(30..=45, 4),
            hop_space(45),
            pairwise_space(30..=40, (1..=4u8).prop_map(f64::from)),
        ],
        p in field(),
    ) {
        let mut order: Vec<_> = pairs(d.len()).map(|(i, j)| vec![i as u32, j as u32]).collect();
        order.sort_by(|a, b| {
            let length = |e: &[u32]| d[e[0] as usize][e[1] as usize];
            length(a).total_cmp(&length(b)).then(a.cmp(b))
        });
        let rank = |e: &[u32]| order.iter().position(|o| o == e).unwrap();
        for plan in plans(1, true) {
            let options =
                RipsOptions { coeff: p, cocycles: true, plan: Some(plan), ..RipsOptions::default() };
            let found = persistence(&dense(&d), &options);
            for bar in &found.bars[1] {
                check_cocycle(&d, bar, 1, found.threshold, p.into());
                // It is not zero on the cycle that the edge of birth closes.
                let (i, j) = bar.birth_edge.unwrap();
                prop_assert!(bar.cocycle.iter().any(|(e, _)| *e == [i, j]), "{plan}: {bar:?}");
                let first = rank(&[i, j]);
                prop_assert!(bar.cocycle.iter().all(|(e, _)| rank(e) >= first), "{plan}: {bar:?}");
            }
        }
    }
}

/// Rows longer than a block of 512 bits.
#[test]
fn all_ways_agree_on_rows_of_several_blocks() {
    for p in [2, 3] {
        let found = check_ways(&sphere(600), 2, 0.4, p);
        assert_eq!(found.bars[2].iter().filter(|bar| bar.death == INF).count(), 1);
        let found = check_ways(&holed_lattice([12, 10, 6]), 2, 1.8, p);
        assert!(found.bars[2].len() >= 6, "{}", found.bars[2].len());
        let found = check_ways(&ring(1100, 7), 2, INF, p);
        assert!(found.bars[1].len() > 100, "{}", found.bars[1].len());
    }
    // All pairs, most of them tied.
    check_ways(&holed_lattice([10, 9, 7]), 1, INF, 2);
}

// ------------------------------------------------------------------- threads

/// More edges than are looked at in advance together.
#[test]
fn every_number_of_threads_gives_the_same_bars_and_cocycles() {
    let cube = holed_lattice([6, 6, 4]);
    let hops = steps(matrix(cube.len(), |i, j| if cube[i][j] <= 1.0 { 1.0 } else { INF }));
    let two = tied(110, 12, 5);
    let two = matrix(110, |i, j| two[i][j].min(2.0));
    // In the last two, loops come and go over several blocks of edges.
    let cases: [(&str, Matrix, f64); 6] = [
        ("cube", cube, INF),
        ("hops", hops, INF),
        ("sphere", sphere(170), 1.2),
        ("two lengths", two, INF),
        ("few lengths", tied(220, 50, 6), 11.0),
        ("many lengths", tied(220, 1 << 40, 7), 0.22 * (1u64 << 40) as f64),
    ];
    for (name, d, limit) in cases {
        let (dense, graph) = (dense(&d), sparse(&d, d.len(), |i| i as u32));
        let within = pairs(d.len()).filter(|&(i, j)| d[i][j] <= limit).count();
        assert!(within > 4096, "{name}: {within} edges");
        for (maxdim, coeff, way) in [
            (1, 2, "annotations, dense rows"),
            (1, 3, "annotations, dense rows"),
            (1, 2, "annotations, sparse rows"),
            (1, 5, "annotations, sparse rows"),
            (2, 2, "annotations, dense rows"),
            (2, 3, "annotations, dense rows"),
        ] {
            let space = if way.contains("dense") { &dense } else { &graph };
            let options = RipsOptions {
                maxdim,
                threshold: limit,
                coeff,
                cocycles: true,
                plan: Some(plan(way)),
                ..RipsOptions::default()
            };
            let on = |threads| {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| persistence(space, &options))
            };
            let alone = on(1);
            for threads in [2, 3] {
                let found = on(threads);
                assert!(found == alone, "{name}, {way}, degree {maxdim}, {threads} threads");
            }
            assert!(!alone.bars[1].is_empty(), "{name}: {way}");
        }
    }
}

#[test]
fn a_batch_gives_what_its_members_give() {
    let spaces: Vec<_> = (0..20).map(|k| dense(&tied(3 * k, 5, k as u64 + 1))).collect();
    let borrowed: Vec<&Space<'_>> = spaces.iter().collect();
    let options = RipsOptions { maxdim: 2, cocycles: true, ..RipsOptions::default() };
    let expected: Vec<_> = spaces.iter().map(|space| persistence(space, &options)).collect();
    for threads in [1, 3] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| rips_batch(&borrowed, &options, &Monitor::new())).unwrap();
        assert_eq!(found, expected);
    }
    assert_eq!(rips_batch(&[], &options, &Monitor::new()), Ok(vec![]));
}

// ------------------------------------------------------------------ refusals

#[test]
fn names_of_plans_are_read_as_they_are_written() {
    for plan in plans(1, false) {
        assert_eq!(plan.to_string().parse(), Ok(plan));
    }
    for name in ["", "spanning tree", "annotations", "annotations, dense", "Cohomology, dense rows"]
    {
        let message = format!("`plan` must be the name of a plan; found {name}");
        assert_eq!(name.parse::<Plan>().unwrap_err().to_string(), message);
    }
}

#[test]
fn a_plan_that_leads_elsewhere_is_refused() {
    let space = dense(&tied(12, 4, 3));
    for maxdim in 0..=4 {
        for cocycles in [false, true] {
            let valid = plans(maxdim, cocycles);
            for plan in plans(0, false) {
                let options =
                    RipsOptions { maxdim, cocycles, plan: Some(plan), ..RipsOptions::default() };
                let found = rips(&space, &options, &Monitor::new());
                if valid.contains(&plan) {
                    assert!(found.is_ok(), "{plan} for degree {maxdim}");
                } else {
                    let message = format!("`plan` must lead to what is asked for; found {plan}");
                    assert_eq!(found.unwrap_err().to_string(), message);
                }
            }
        }
    }
}

#[test]
fn a_table_of_too_many_points_is_refused() {
    let path: Vec<_> = (0..70_000).map(|i| (i, i + 1, 1.0)).collect();
    let space = Space::Graph(Graph::from_edges(70_001, &path, &Monitor::new()).unwrap());
    for name in ["annotations, dense rows", "cohomology, sparse rows after edge collapse"] {
        let options = RipsOptions { plan: Some(plan(name)), ..RipsOptions::default() };
        let found = rips(&space, &options, &Monitor::new());
        assert!(matches!(found, Err(Error::Invalid { argument: "plan", .. })), "{found:?}");
    }
}

#[test]
fn few_points_with_edges_among_many_are_found_again() {
    // A square far apart in the numbering, where 16 bits are not enough.
    let square = [0, 66_000, 3, 70_000];
    let side = |k: usize| (square[k], square[(k + 1) % 4], 1.0 + k as f64);
    let edges: Vec<_> = (0..4).map(side).chain([(0, 3, 5.0)]).collect();
    let space = Space::Graph(Graph::from_edges(70_001, &edges, &Monitor::new()).unwrap());
    let ways = ["cohomology, dense rows", "cohomology, sparse rows"];
    let ways = ways.into_iter().flat_map(|way| [way.into(), format!("{way} after edge collapse")]);
    let ways = ways.chain(["annotations, sparse rows".into()]);
    for name in ways {
        let options = RipsOptions { plan: Some(plan(&name)), ..RipsOptions::default() };
        let found = rips(&space, &options, &Monitor::new()).unwrap();
        let deaths: Vec<_> = found.bars[0].iter().map(|bar| bar.death).collect();
        assert_eq!(deaths[..3], [1.0, 2.0, 3.0], "{name}");
        assert_eq!(deaths.len(), 70_001, "{name}");
        let loops: Vec<_> =
            found.bars[1].iter().map(|bar| (bar.birth, bar.death, bar.birth_edge)).collect();
        assert_eq!(loops, [(4.0, 5.0, Some((0, 70_000)))], "{name}");
    }
}
