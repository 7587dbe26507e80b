//! What kernels take, counted by the allocator: they keep what they have promised, and a
//! promise that they could not keep is refused.

use ndarray::{ArrayD, IxDyn};
use topolens::homology::{
    Construction, CubicalOptions, HopOptions, RipsOptions, cubical, hop_betti, rips, rips_batch,
};
use topolens::space::{Condensed, Metric, PointCloud, Space};
use topolens::{Error, Monitor, Result, Workers};

// The Python module has one of its own.
#[cfg(not(feature = "python"))]
#[global_allocator]
static ALLOCATOR: topolens::memory::Counting = topolens::memory::Counting;

/// Tables of one size for all inputs, and what threads take before they book it.
const SLACK: u64 = 1 << 18;

/// Steele, Lea and Flood's splitmix64, as numbers between 0 and 1.
struct Random(u64);

impl Iterator for Random {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// Runs a job under falling limits: what is done took no more than a fifth above what was
/// allowed, and so did what was refused.
fn check<T: Send>(name: &str, job: impl Fn(u64, &Monitor) -> Result<T> + Sync) {
    check_up_to(1.2, name, job);
}

/// The same for up to so many times what was allowed.
fn check_up_to<T: Send>(most: f64, name: &str, job: impl Fn(u64, &Monitor) -> Result<T> + Sync) {
    for threads in [1, 3] {
        let workers = Workers::new(threads).unwrap();
        let run = |limit: u64| {
            let monitor = workers.monitor();
            let result = workers.pool().install(|| job(limit, &monitor).map(drop));
            (result, workers.account().peak())
        };
        let (free, needed) = run(u64::MAX);
        free.unwrap();
        assert!(needed > 8 * SLACK, "{name}: {needed} bytes are too few to be compared");
        let (mut refused, mut broken) = (0, Vec::new());
        for percent in [10, 30, 60, 85, 99, 200] {
            let limit = needed * percent / 100;
            let (result, peak) = run(limit);
            match result {
                Ok(()) => {}
                Err(Error::TooLarge { .. } | Error::OutOfMemory { .. }) => refused += 1,
                Err(other) => panic!("{name}: {other}"),
            }
            if peak > (most * limit as f64) as u64 + 2 * SLACK {
                broken.push(format!("{peak} bytes taken of {limit}"));
            }
        }
        assert!(refused > 0, "{name}: nothing was refused");
        assert!(broken.is_empty(), "{name}, {threads} threads, of {needed} in all: {broken:?}");
        let (again, _) = run(u64::MAX);
        again.unwrap();
    }
}

fn cloud(len: usize, dim: usize) -> Space<'static> {
    let rows = Random(1).take(len * dim).collect();
    let metric = Metric::Euclidean;
    Space::Points(PointCloud::from_rows(rows, (len, dim), metric, &Monitor::new()).unwrap())
}

/// Distances without a metric, of `steps` values.
fn dissimilarities(len: usize, steps: f64) -> Space<'static> {
    let values = Random(2).take(len * (len - 1) / 2).map(|x| (x * steps).ceil() / steps);
    Space::Distances(Condensed::new(len, values.collect()).unwrap())
}

fn check_rips(name: &str, space: &Space<'_>, maxdim: usize, plan: Option<&str>) {
    let plan = plan.map(|plan| plan.parse().unwrap());
    // With many ties pivots and bars of cohomology are put in rows that double.
    let most = if name == "cohomology, ties" { 1.6 } else { 1.2 };
    check_up_to(most, name, |max_memory, monitor| {
        rips(space, &RipsOptions { maxdim, max_memory, plan, ..RipsOptions::default() }, monitor)
    });
}

#[test]
fn rips_of_clouds() {
    check_rips("degree one", &cloud(1100, 8), 1, None);
    check_rips("degree two", &cloud(500, 6), 2, None);
    check_rips("sparse rows", &cloud(900, 4), 1, Some("annotations, sparse rows"));
}

#[test]
fn rips_of_few_short_pairs() {
    for (name, len, dim, threshold) in [("in cells", 5000, 2, 0.05), ("in tiles", 2500, 70, 3.0)] {
        let space = cloud(len, dim);
        check(name, |max_memory, monitor| {
            rips(&space, &RipsOptions { threshold, max_memory, ..RipsOptions::default() }, monitor)
        });
    }
}

#[test]
fn rips_without_a_metric() {
    check_rips("degree one", &dissimilarities(250, 1e9), 1, None);
    check_rips("degree two", &dissimilarities(120, 1e9), 2, None);
    check_rips("cohomology", &dissimilarities(80, 1e9), 2, Some("cohomology, dense rows"));
    check_rips("degree three", &dissimilarities(50, 1e9), 3, None);
}

#[test]
fn rips_with_ties() {
    check_rips("degree one", &dissimilarities(800, 4.0), 1, None);
    check_rips("cohomology, ties", &dissimilarities(130, 3.0), 2, Some("cohomology, sparse rows"));
}

#[test]
fn rips_side_by_side() {
    let spaces: Vec<_> = (0..4).map(|k| dissimilarities(300 + k, 1e9)).collect();
    let spaces: Vec<_> = spaces.iter().collect();
    check("batch", |max_memory, monitor| {
        rips_batch(&spaces, &RipsOptions { max_memory, ..RipsOptions::default() }, monitor)
    });
}

#[test]
fn images() {
    let image = |shape: &[usize]| {
        let values = Random(3).take(shape.iter().product()).collect();
        ArrayD::from_shape_vec(IxDyn(shape), values).unwrap()
    };
    for (name, shape) in [
        ("plane", &[500, 500][..]),
        ("volume", &[40, 40, 40]),
        ("four axes", &[11, 11, 11, 11]),
        ("line", &[300_000]),
    ] {
        let image = image(shape);
        for construction in [Construction::V, Construction::T] {
            check(name, |max_memory, monitor| {
                let options =
                    CubicalOptions { construction, max_memory, ..CubicalOptions::default() };
                cubical(image.view(), &options, monitor)
            });
        }
    }
}

#[test]
fn hops() {
    let space = cloud(8000, 3);
    check("hops", |max_memory, monitor| {
        let options = HopOptions { k: 14, hops: 2, maxdim: 1, coeff: 2, max_memory };
        hop_betti(&space, &options, monitor)
    });
    let space = cloud(4000, 8);
    check("hops with many loops", |max_memory, monitor| {
        let options = HopOptions { k: 5, hops: 2, maxdim: 1, coeff: 2, max_memory };
        hop_betti(&space, &options, monitor)
    });
}
