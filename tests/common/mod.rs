//! The slow siblings: explicit boundary matrices over F_p, Gaussian elimination
//! and brute force. Nothing here calls the crate's own kernels.
#![allow(dead_code, unreachable_pub)] // every test binary uses its own part

pub mod cells;
pub mod classes;
pub mod matchings;

use std::collections::BTreeMap;

use proptest::prelude::*;
use topolens::homology::{Bar, Persistence, RipsOptions, rips};
use topolens::space::{Condensed, Graph, Space};
use topolens::{Error, Monitor};

/// All distances, infinite where an edge is missing.
pub type Matrix = Vec<Vec<f64>>;
pub type Diagram = Vec<(f64, f64)>;
/// Birth, death, and the edges of both.
pub type Ends = (f64, f64, Option<(u32, u32)>, Option<(u32, u32)>);
type Simplex = Vec<u32>;

// ---------------------------------------------------------------- complexes

/// Largest distance among the vertices.
pub fn diameter(d: &Matrix, simplex: &[u32]) -> f64 {
    let mut largest: f64 = 0.0;
    for &i in simplex {
        for &j in simplex {
            largest = largest.max(d[i as usize][j as usize]);
        }
    }
    largest
}

/// Simplices of one dimension whose diameter passes the test.
pub fn simplices(d: &Matrix, dimension: usize, keep: impl Fn(f64) -> bool) -> Vec<Simplex> {
    let n = d.len() as u32;
    let mut grown: Vec<Simplex> = (0..n).map(|v| vec![v]).collect();
    for _ in 0..dimension {
        let extend = |s: Simplex| {
            (s[s.len() - 1] + 1..n).map(move |v| s.iter().copied().chain([v]).collect::<Simplex>())
        };
        grown = grown.into_iter().flat_map(extend).collect();
    }
    grown.retain(|s| diameter(d, s).is_finite() && keep(diameter(d, s)));
    grown
}

/// The facets of a simplex with their signs modulo p.
fn facets(simplex: &[u32], p: u64) -> Vec<(Simplex, u64)> {
    let drop = |k: usize| {
        let facet = simplex.iter().enumerate().filter(|&(i, _)| i != k).map(|(_, &v)| v).collect();
        (facet, if k.is_multiple_of(2) { 1 } else { p - 1 })
    };
    if simplex.len() == 1 { Vec::new() } else { (0..simplex.len()).map(drop).collect() }
}

// ------------------------------------------------------------ linear algebra

type Sparse = BTreeMap<usize, u64>;

fn inverse(a: u64, p: u64) -> u64 {
    (1..p).find(|b| a * b % p == 1).expect("p is prime and a is not 0")
}

fn add_multiple(target: &mut Sparse, source: &Sparse, factor: u64, p: u64) {
    for (&place, &value) in source {
        let sum = (target.get(&place).unwrap_or(&0) + factor * value) % p;
        if sum == 0 {
            target.remove(&place)
        } else {
            target.insert(place, sum)
        };
    }
}

/// Reduces every column from the left; the lowest entry of each, or `None`.
fn lows(columns: Vec<Sparse>, p: u64) -> Vec<Option<usize>> {
    let mut owner: BTreeMap<usize, Sparse> = BTreeMap::new();
    let reduce = |mut column: Sparse| {
        while let Some((&low, &value)) = column.last_key_value() {
            let Some(other) = owner.get(&low) else {
                owner.insert(low, column);
                return Some(low);
            };
            add_multiple(&mut column, other, (p - value) * inverse(other[&low], p) % p, p);
        }
        None
    };
    columns.into_iter().map(reduce).collect()
}

fn rank(columns: Vec<Sparse>, p: u64) -> usize {
    lows(columns, p).into_iter().flatten().count()
}

/// Boundaries of `simplices` as columns over `faces`.
fn boundary_columns(simplices: &[Simplex], faces: &[Simplex], p: u64) -> Vec<Sparse> {
    let place: BTreeMap<&Simplex, usize> = faces.iter().zip(0..).collect();
    let column =
        |s: &Simplex| facets(s, p).into_iter().map(|(f, sign)| (place[&f], sign)).collect();
    simplices.iter().map(column).collect()
}

// ---------------------------------------------------------------- homology

/// Persistence by the textbook: one boundary matrix of all simplices, sorted by
/// their longest edges and these by (length, vertices), so that a bar has one
/// edge to be born with and one to die with.
pub fn bars(d: &Matrix, maxdim: usize, threshold: f64, p: u64) -> Vec<Vec<Ends>> {
    let mut ranks = matrix(d.len(), |_, _| f64::INFINITY);
    let mut edges: Vec<_> = pairs(d.len()).filter(|&(i, j)| d[i][j] <= threshold).collect();
    edges.sort_by(|&(i, j), &(k, l)| d[i][j].total_cmp(&d[k][l]).then((i, j).cmp(&(k, l))));
    for (rank, &(i, j)) in edges.iter().enumerate().filter(|&(_, &(i, j))| d[i][j].is_finite()) {
        ranks[i][j] = rank as f64 + 1.0;
        ranks[j][i] = rank as f64 + 1.0;
    }
    let mut all: Vec<(f64, Simplex)> = (0..=maxdim + 1)
        .flat_map(|k| simplices(&ranks, k, |_| true))
        .map(|s| (diameter(&ranks, &s), s))
        .collect();
    all.sort_by(|(r, a), (s, b)| r.total_cmp(s).then(a.len().cmp(&b.len())).then(a.cmp(b)));
    let (entries, all): (Vec<f64>, Vec<Simplex>) = all.into_iter().unzip();
    let lows = lows(boundary_columns(&all, &all, p), p);
    let mut killers = vec![None; all.len()];
    for (column, low) in lows.iter().enumerate() {
        if let &Some(low) = low {
            killers[low] = Some(column);
        }
    }
    let edge_of = |k: usize| -> Option<(u32, u32)> {
        let (i, j) = *edges.get((entries[k] as usize).checked_sub(1)?)?;
        Some((i as u32, j as u32))
    };
    let mut result = vec![Vec::new(); maxdim + 1];
    for (k, simplex) in all.iter().enumerate() {
        let dimension = simplex.len() - 1;
        let birth = diameter(d, simplex);
        let death = killers[k].map_or(f64::INFINITY, |killer| diameter(d, &all[killer]));
        if lows[k].is_none() && dimension <= maxdim && birth < death {
            result[dimension].push((birth, death, edge_of(k), killers[k].and_then(edge_of)));
        }
    }
    result.iter_mut().for_each(|bars| sort_ends(bars));
    result
}

/// Persistence diagrams by the textbook.
pub fn diagrams(d: &Matrix, maxdim: usize, threshold: f64, p: u64) -> Vec<Diagram> {
    let scales = |bars: Vec<Ends>| bars.into_iter().map(|(b, d, ..)| (b, d)).collect();
    bars(d, maxdim, threshold, p).into_iter().map(scales).collect()
}

/// Betti numbers of the complex at one scale, by ranks.
pub fn betti(d: &Matrix, scale: f64, maxdim: usize, p: u64) -> Vec<usize> {
    let layers: Vec<_> = (0..=maxdim + 1).map(|k| simplices(d, k, |diam| diam <= scale)).collect();
    let boundary_rank = |k: usize| match k {
        0 => 0,
        _ => rank(boundary_columns(&layers[k], &layers[k - 1], p), p),
    };
    let betti = |k: usize| layers[k].len() - boundary_rank(k) - boundary_rank(k + 1);
    (0..=maxdim).map(betti).collect()
}

fn sort_ends(bars: &mut [Ends]) {
    bars.sort_by(|a, b| {
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3)))
    });
}

/// The diagrams that the crate returned.
pub fn of(persistence: &Persistence) -> Vec<Diagram> {
    let pairs = |bars: &Vec<Bar>| bars.iter().map(|bar| (bar.birth, bar.death)).collect();
    persistence.bars.iter().map(pairs).collect()
}

/// The bars that the crate returned, without cocycles; in degree zero in any
/// order of those that are alike, since only their deaths tell them apart.
pub fn ends_of(persistence: &Persistence) -> Vec<Vec<Ends>> {
    let ends = |bar: &Bar| (bar.birth, bar.death, bar.birth_edge, bar.death_edge);
    let mut all: Vec<Vec<Ends>> =
        persistence.bars.iter().map(|bars| bars.iter().map(ends).collect()).collect();
    all.iter_mut().take(1).for_each(|bars| sort_ends(bars));
    all
}

/// Checks that the cocycles of one degree are cocycles up to their deaths, and
/// at every scale a basis of the cohomology there.
pub fn check_cocycles(d: &Matrix, bars: &[Bar], dimension: usize, threshold: f64, p: u64) {
    for bar in bars {
        check_cocycle(d, bar, dimension, threshold, p);
    }
    for scale in bars.iter().map(|bar| bar.birth) {
        let alive: Vec<&Bar> =
            bars.iter().filter(|bar| bar.birth <= scale && scale < bar.death).collect();
        let here = simplices(d, dimension, |diam| diam <= scale);
        let below = simplices(d, dimension - 1, |diam| diam <= scale);
        let place: BTreeMap<&Simplex, usize> = here.iter().zip(0..).collect();
        let restricted = |bar: &&Bar| -> Sparse {
            let entry = |(s, c): &(Simplex, u32)| Some((*place.get(s)?, u64::from(*c)));
            bar.cocycle.iter().filter_map(entry).collect()
        };
        let mut coboundaries = vec![Sparse::new(); below.len()];
        for (k, column) in boundary_columns(&here, &below, p).into_iter().enumerate() {
            column.into_iter().for_each(|(face, sign)| _ = coboundaries[face].insert(k, sign));
        }
        let trivial = rank(coboundaries.clone(), p);
        let all = coboundaries.into_iter().chain(alive.iter().map(restricted)).collect();
        assert_eq!(rank(all, p), trivial + alive.len(), "cocycles depend on each other at {scale}");
    }
}

/// Checks that a cocycle is one up to its death, and zero before its birth.
pub fn check_cocycle(d: &Matrix, bar: &Bar, dimension: usize, threshold: f64, p: u64) {
    let mut values = BTreeMap::new();
    for (simplex, coefficient) in &bar.cocycle {
        assert_eq!(simplex.len(), dimension + 1);
        assert!(simplex.is_sorted_by(|a, b| a < b), "vertices must ascend: {simplex:?}");
        assert!((1..p).contains(&u64::from(*coefficient)), "coefficient {coefficient}");
        assert!(diameter(d, simplex) >= bar.birth, "alive before birth: {bar:?}");
        assert!(diameter(d, simplex) < bar.death.min(threshold.next_up()), "{bar:?}");
        let twice = values.insert(simplex.clone(), u64::from(*coefficient));
        assert_eq!(twice, None, "listed twice: {simplex:?}");
    }
    let alive = |diam: f64| diam < bar.death && diam <= threshold;
    for coface in simplices(d, dimension + 1, alive) {
        let value = |(facet, sign): (Simplex, u64)| sign * values.get(&facet).unwrap_or(&0);
        let sum: u64 = facets(&coface, p).into_iter().map(value).sum();
        assert_eq!(sum % p, 0, "not a cocycle on {coface:?}: {bar:?}");
    }
}

// ------------------------------------------------------------------- spaces

/// The pairs i < j, row after row.
pub fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j)))
}

/// A symmetric matrix from a function of the pairs i < j.
pub fn matrix(n: usize, mut d: impl FnMut(usize, usize) -> f64) -> Matrix {
    let mut matrix = vec![vec![0.0; n]; n];
    for (i, j) in pairs(n) {
        let value = d(i, j);
        matrix[i][j] = value;
        matrix[j][i] = value;
    }
    matrix
}

pub fn dense(d: &Matrix) -> Space<'static> {
    let values = pairs(d.len()).map(|(i, j)| d[i][j]).collect();
    Space::Distances(Condensed::new(d.len(), values).unwrap())
}

/// The finite pairs as a graph, scattered over `len` vertices: many more than
/// there are pairs make the kernel keep sparse rows.
pub fn sparse(d: &Matrix, len: usize, place: impl Fn(usize) -> u32) -> Space<'static> {
    let edges: Vec<_> = pairs(d.len())
        .filter(|&(i, j)| d[i][j].is_finite())
        .map(|(i, j)| (place(i), place(j), d[i][j]))
        .collect();
    Space::Graph(Graph::from_edges(len, &edges, &topolens::Monitor::new()).unwrap())
}

pub fn persistence(space: &Space<'_>, options: &RipsOptions) -> Persistence {
    rips(space, options, &Monitor::new()).unwrap()
}

/// Small spaces of every make: continuous, tied, with missing pairs, with
/// duplicated points.
pub fn small_space(most: usize) -> impl Strategy<Value = Matrix> {
    (0..=most).prop_flat_map(|n| {
        let per_pair = |values: BoxedStrategy<f64>| {
            proptest::collection::vec(values, n * n)
                .prop_map(move |v| matrix(n, |i, j| v[i * n + j]))
        };
        prop_oneof![
            per_pair((0.5..2.0).boxed()),
            per_pair((1..=3u8).prop_map(f64::from).boxed()),
            per_pair(prop_oneof![(1..=4u8).prop_map(f64::from), Just(f64::INFINITY)].boxed()),
            proptest::collection::vec((0..3i8, 0..3i8), n).prop_map(move |v| {
                let step = |i: usize, j: usize| v[i].0.abs_diff(v[j].0) + v[i].1.abs_diff(v[j].1);
                matrix(n, |i, j| f64::from(step(i, j)))
            }),
        ]
    })
}

// ------------------------------------------------------------------ stopping

/// Stops a kernel at its first checks and at later ones: it must be stopped
/// before `least` checks, and whenever it is not, its answer must be right.
pub fn check_cancelling<T: PartialEq + std::fmt::Debug>(
    least: u64,
    kernel: impl Fn(&Monitor) -> Result<T, Error>,
) {
    let right = kernel(&Monitor::new()).unwrap();
    let mut finished = 0;
    for k in (0..least).chain((0..).map(|step| least << step).take(24)) {
        match kernel(&Monitor::cancel_after(k)) {
            Err(error) => assert_eq!(error, Error::Cancelled, "at check {k}"),
            Ok(answer) => {
                assert!(k >= least, "not stopped at check {k}");
                assert_eq!(answer, right, "at check {k}");
                finished += 1;
            }
        }
    }
    assert!(finished > 0, "never finishes");
    let stopped = Monitor::new();
    stopped.cancel();
    assert_eq!(kernel(&stopped), Err(Error::Cancelled));
}
