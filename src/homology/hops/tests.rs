//! Links coned one by one against what a collapse leaves, which shares no code with them
//! beyond the rows of bits.

use std::f64::consts::TAU;

use ndarray::Array2;

use super::*;
use crate::space::{Graph, Metric, PointCloud};

/// Steele, Lea and Flood's splitmix64, as numbers between 0 and 1.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, most: usize) -> usize {
        (self.uniform() * most as f64) as usize
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (TAU * self.uniform()).cos()
    }

    fn vector(&mut self, dim: usize) -> Vec<f64> {
        (0..dim).map(|_| self.normal()).collect()
    }

    fn vectors(&mut self, len: usize, dim: usize) -> Vec<Vec<f64>> {
        (0..len).map(|_| self.vector(dim)).collect()
    }

    fn angle(&mut self) -> (f64, f64) {
        (TAU * self.uniform()).sin_cos()
    }
}

const KINDS: usize = 18;

/// Points of one of many kinds.
fn cloud(kind: usize, len: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let scaled = |rows: Vec<Vec<f64>>, by: f64| -> Vec<Vec<f64>> {
        rows.into_iter().map(|row| row.into_iter().map(|x| x * by).collect()).collect()
    };
    match kind {
        0 => (0..len).map(|_| vec![random.uniform(), random.uniform()]).collect(),
        1 => (0..len).map(|_| (0..3).map(|_| random.uniform()).collect()).collect(),
        2 => random.vectors(len, 8),
        3 => random.vectors(len, 40),
        4 => (0..len).map(|_| random.angle()).map(|(s, c)| vec![s, c]).collect(),
        5 => {
            let point = |_| {
                let ((s, c), (sin, cos)) = (random.angle(), random.angle());
                vec![(2.0 + c) * cos, (2.0 + c) * sin, s]
            };
            (0..len).map(point).collect()
        }
        6 => {
            // A projective plane in four dimensions.
            let point = |v: Vec<f64>| {
                let r = v.iter().map(|x| x * x).sum::<f64>();
                let [x, y, z] = [v[0], v[1], v[2]];
                vec![(x * x - y * y) / r, x * y / r, x * z / r, y * z / r]
            };
            random.vectors(len, 3).into_iter().map(point).collect()
        }
        7 => (0..len).map(|_| vec![random.below(9) as f64, random.below(9) as f64]).collect(),
        8 => (0..len).map(|_| (0..4).map(|_| random.below(3) as f64).collect()).collect(),
        9 => {
            let axes: Vec<_> = (0..5).map(|_| random.vector(30)).collect();
            let relu = |w: Vec<f64>| {
                let sum = |k| w.iter().zip(&axes).map(|(a, axis): (_, &Vec<_>)| a * axis[k]).sum();
                (0..30).map(|k| f64::max(0.0, sum(k))).collect()
            };
            (0..len).map(|_| random.vector(5)).map(relu).collect()
        }
        10 => {
            // Three clusters, far from each other.
            let moved = |(i, mut row): (usize, Vec<f64>)| {
                row[0] += 100.0 * (i % 3) as f64;
                row
            };
            random.vectors(len, 2).into_iter().enumerate().map(moved).collect()
        }
        11 => {
            let rows = random.vectors(len, 3);
            (0..len).map(|i| rows[i / 3].clone()).collect()
        }
        12 => (0..len).map(|i| (0..len).map(|k| f64::from(i == k)).collect()).collect(),
        13 => scaled(random.vectors(len, 2), 1e-150),
        14 => scaled(random.vectors(len, 3), 1e150),
        15 => random
            .vectors(len, 3)
            .into_iter()
            .map(|v| v.into_iter().map(|x| x + 1e6).collect())
            .collect(),
        16 => {
            let size = |i: usize| 10.0_f64.powi((i % 17) as i32 - 8);
            let row = |(i, v): (usize, Vec<f64>)| v.into_iter().map(|x| x * size(i)).collect();
            random.vectors(len, 4).into_iter().enumerate().map(row).collect()
        }
        _ => (0..len).map(|i| vec![i as f64]).collect(),
    }
}

/// The graph of nearest neighbours of points, which may be copies of each other.
fn graph(rows: &[Vec<f64>], k: usize) -> Graph {
    let rows = Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, axis)| rows[i][axis]);
    let points = PointCloud::new(rows.view(), Metric::Euclidean, &Monitor::new()).unwrap();
    neighbor_graph(&Space::Points(points), k, &Monitor::new()).unwrap()
}

fn options(hops: usize, coeff: u32) -> HopOptions {
    HopOptions { k: 1, hops, maxdim: 1, coeff, max_memory: u64::MAX }
}

/// How many classes are found on each component, with all room for cocycles that they want,
/// with as much as they may have, and by a collapse; the last two modulo 3, too.
fn check(graph: &Graph, hops: usize, told: &str) -> Vec<usize> {
    let monitor = Monitor::new();
    let on_component = |component: &Component| {
        let reach = || Reach::within(component, hops, &monitor).unwrap();
        let coned = first_betti_number(&reach(), u64::MAX, &monitor).unwrap().unwrap();
        for coeff in [2, 3] {
            let options = options(hops, coeff);
            let collapsed = after_collapse(reach(), &options, &monitor).unwrap();
            let found = betti_numbers(reach(), &options, &monitor).unwrap();
            assert_eq!(found, collapsed, "modulo {coeff}: {told}");
            assert!(coeff == 3 || collapsed == [1, coned], "{coned}, not {collapsed:?}: {told}");
        }
        coned
    };
    components(graph, &monitor).unwrap().iter().map(on_component).collect()
}

/// Checks so many clouds; how many classes there were at most.
fn check_clouds(seed: u64, count: usize, longest: usize) -> usize {
    let mut random = Random(seed);
    let mut most = 0;
    for case in 0..count {
        let kind = case % KINDS;
        let len = 2 + (random.uniform().powi(3) * (longest - 1) as f64) as usize;
        let rows = cloud(kind, len, &mut random);
        let (k, hops) = (1 + random.below(len.min(15)), 1 + case / KINDS % 3);
        let told = format!("case {case} of {seed}: kind {kind}, {len} points, k={k}, hops={hops}");
        most = most.max(check(&graph(&rows, k), hops, &told).into_iter().sum());
    }
    most
}

#[test]
fn clouds_of_all_kinds_have_the_classes_that_a_collapse_leaves() {
    assert!(check_clouds(1, 1296, 150) > 50);
}

#[test]
fn large_clouds_have_the_classes_that_a_collapse_leaves() {
    assert!(check_clouds(2, 3 * KINDS, 400) > 50);
}

#[test]
#[ignore = "takes minutes"]
fn many_more_clouds() {
    for seed in 3..8 {
        println!("seed {seed}: {} classes at most", check_clouds(seed, 1000, 400));
    }
}

fn graph_of(len: usize, edges: impl Iterator<Item = (usize, usize)>) -> Graph {
    let edges: Vec<_> = edges.map(|(i, j)| (i as u32, j as u32, 1.0)).collect();
    Graph::from_edges(len, &edges, &Monitor::new()).unwrap()
}

fn pairs(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).flat_map(|i| (0..i).map(move |j| (i, j)))
}

#[test]
fn graphs_with_known_classes() {
    for len in [2, 3, 64, 65, 130] {
        let complete = graph_of(len, pairs(len));
        let path = graph_of(len, (1..len).map(|i| (i - 1, i)));
        for hops in [1, 2, 200] {
            assert_eq!(check(&complete, hops, "complete"), [0]);
            assert_eq!(check(&path, hops, "a path"), [0]);
        }
        // Two points beside each of which lie all others, none beside another.
        let suspension = graph_of(len + 2, (0..len).flat_map(|i| [(i, len), (i, len + 1)]));
        assert_eq!(check(&suspension, 1, "a suspension"), [len - 1]);
        assert_eq!(check(&suspension, 2, "a suspension"), [0]);
    }
    for len in 4..80 {
        let cycle = graph_of(len, (0..len).map(|i| (i, (i + 1) % len)));
        for hops in [1, 2, 3, 7] {
            // A third of the way round is filled.
            let expected = usize::from(len > 3 * hops);
            assert_eq!(check(&cycle, hops, "a cycle"), [expected], "{len} points, {hops} hops");
        }
    }
}

#[test]
fn graphs_of_random_edges() {
    let mut random = Random(9);
    for case in 0..400 {
        let len = 2 + random.below(60);
        let share = random.uniform().powi(2);
        let edges: Vec<_> = pairs(len).filter(|_| random.uniform() < share).collect();
        let graph = graph_of(len, edges.into_iter());
        check(&graph, 1 + case % 3, &format!("case {case}"));
    }
}

#[test]
fn many_classes_are_left_to_a_collapse() {
    // Complete bipartite, with (len - 1)² classes.
    let len = 120;
    let graph = graph_of(2 * len, (0..len * len).map(|k| (k / len, len + k % len)));
    let [component] = &components(&graph, &Monitor::new()).unwrap()[..] else { panic!() };
    let reach = Reach::within(component, 1, &Monitor::new()).unwrap();
    let most = room_for_cocycles(2 * len);
    assert_eq!(first_betti_number(&reach, most, &Monitor::new()), Ok(None));
    assert_eq!(check(&graph, 1, "bipartite"), [(len - 1).pow(2)]);
}

#[test]
fn a_projective_plane_has_a_class_modulo_2_alone() {
    let mut random = Random(5);
    let rows = cloud(6, 400, &mut random);
    let graph = graph(&rows, 12);
    assert_eq!(check(&graph, 2, "a projective plane"), [1]);
    let [component] = &components(&graph, &Monitor::new()).unwrap()[..] else { panic!() };
    let reach = Reach::within(component, 2, &Monitor::new()).unwrap();
    assert_eq!(betti_numbers(reach, &options(2, 3), &Monitor::new()), Ok(vec![1, 0]));
}
