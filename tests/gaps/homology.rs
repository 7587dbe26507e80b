//! Persistence of points, matrices, graphs and images.

use ndarray::{Array2, ArrayD, Axis, IxDyn};
use topolens::homology::spanning_tree::spanning_tree;
use topolens::homology::{
    BettiOptions, Construction, CubicalOptions, HopOptions, RipsOptions, cubical, cubical_batch,
    cubical_betti, hop_betti, lifetime_sums, pieces_among_others, rips, rips_batch,
};
use topolens::space::{Condensed, Metric, Space, neighbor_graph, pairwise};
use topolens::{Error, Monitor};

use super::{Report, points, random, space};

const MEMORY: u64 = 2 << 30;

fn options(maxdim: usize) -> RipsOptions {
    RipsOptions { maxdim, max_memory: MEMORY, ..RipsOptions::default() }
}

#[test]
fn persistence_of_spaces() {
    let mut report = Report::default();
    let distances = |len, dim| {
        let points = points(len, dim, Metric::Euclidean);
        Space::Distances(pairwise(&points, &Monitor::new()).unwrap())
    };
    report.case("components of many points", |m| rips(&space(300_000, 2), &options(0), m));
    report.case("components of wide rows", |m| rips(&space(4000, 200), &options(0), m));
    report.case("components of distances", |m| rips(&distances(4000, 3), &options(0), m));
    report.case("degree 1", |m| rips(&space(4000, 3), &options(1), m));
    let given = distances(4000, 3);
    for threads in [2, 1] {
        report.threads = threads;
        report.case("degree 1 of distances", |m| rips(&given, &options(1), m));
    }
    let far = distances(700, 8);
    for plan in [
        "annotations, dense rows",
        "annotations, sparse rows",
        "annotations, dense rows after edge collapse",
        "cohomology, dense rows",
        "cohomology, sparse rows",
        "cohomology, sparse rows after edge collapse",
    ] {
        for coeff in [2, 3] {
            let name = format!("degree 2 modulo {coeff} by {plan}");
            let plan = Some(plan.parse().unwrap());
            let options = RipsOptions { coeff, cocycles: coeff == 3, plan, ..options(2) };
            let options = RipsOptions { threshold: 0.9, ..options };
            // Not every plan leads to cocycles.
            let found = report.outcome(&name, |m| rips(&far, &options, m));
            assert!(matches!(found, Ok(_) | Err(Error::Invalid { argument: "plan", .. })));
        }
    }
    let graph = Space::Graph(neighbor_graph(&space(20_000, 3), 20, &Monitor::new()).unwrap());
    report.case("a graph", |m| rips(&graph, &options(1), m));
    let sparse = RipsOptions { epsilon: Some(1.0), ..options(1) };
    report.case("a sparse filtration", |m| rips(&space(2000, 2), &sparse, m));
    let short = RipsOptions { threshold: 0.1, ..options(1) };
    report.case("short edges", |m| rips(&space(6000, 2), &short, m));
    // Lengths of which most are nearly the same: estimates by a sample put them together.
    let count = 4000 * 3999 / 2;
    for (name, spread) in [("crowded lengths", 1e-6), ("equal lengths", 0.0)] {
        let length = |k| if k % 1000 == 0 { random(2, k) } else { 0.5 + spread * random(3, k) };
        let crowded = Condensed::new(4000, (0..count).map(length).collect()).unwrap();
        report.case(name, |m| rips(&Space::Distances(crowded), &options(0), m));
    }
    let spaces: Vec<_> = (0..6).map(|k| space(300 + k, 3)).collect();
    let spaces: Vec<_> = spaces.iter().collect();
    report.case("a batch", |m| rips_batch(&spaces, &options(1), m));
    let subsets: Vec<Vec<usize>> = (0..20).map(|k| (0..1000 + 50 * k).collect()).collect();
    report.case("lifetime_sums", |m| lifetime_sums(&given, &subsets, 1.0, MEMORY, m));
    let labels = Array2::from_shape_fn((40, 4000), |(k, i)| ((k + i) % 5) as u32);
    for (name, space) in [("points", space(4000, 3)), ("wide rows", space(4000, 200))] {
        let case = format!("pieces_among_others of {name}");
        report
            .case(&case, |m| pieces_among_others(&space, labels.view(), 5, &[0, 1, 2], MEMORY, m));
    }
    // All of whose pairs are edges of spanning trees.
    let equal = Space::Distances(Condensed::new(4000, vec![1.0; 4000 * 3999 / 2]).unwrap());
    report.case("pieces_among_others of equal distances", |m| {
        pieces_among_others(&equal, labels.view(), 5, &[0, 1, 2], MEMORY, m)
    });
    report.case("spanning_tree", |m| spanning_tree(&points(100_000, 3, Metric::Euclidean), m));
    for (name, space) in [("points", &space(4000, 3)), ("distances", &given)] {
        for (k, hops, maxdim) in [(30, 1, 2), (30, 2, 0), (30, 2, 1), (4, 1, 1)] {
            let options = HopOptions { k, hops, maxdim, coeff: 2, max_memory: MEMORY };
            let case = format!("hop_betti to degree {maxdim} of {name}, {hops} hops, k = {k}");
            report.case(&case, |m| hop_betti(space, &options, m));
        }
    }
    report.end();
}

fn image(shape: &[usize], levels: f64) -> ArrayD<f32> {
    let strides: Vec<usize> = (0..shape.len()).map(|a| shape[a + 1..].iter().product()).collect();
    ArrayD::from_shape_fn(IxDyn(shape), |at| {
        let place = (0..shape.len()).map(|axis| at[axis] * strides[axis]).sum::<usize>();
        (random(5, place as u64) * levels).floor() as f32
    })
}

#[test]
fn persistence_of_images() {
    let mut report = Report::default();
    let plane = image(&[3500, 3500], 1e7);
    report.case("a picture", |m| cubical(plane.view(), &CubicalOptions::default(), m));
    let levels = image(&[2500, 2500], 256.0);
    let other = CubicalOptions {
        construction: Construction::T,
        superlevel: true,
        ..CubicalOptions::default()
    };
    report.case("a picture of few levels", |m| cubical(levels.view(), &other, m));
    let flat = ArrayD::from_elem(IxDyn(&[3000, 3000]), 1.0_f64);
    report.case("a flat picture", |m| cubical(flat.view(), &CubicalOptions::default(), m));
    let fine = image(&[3000, 2000], 1e7).mapv(|x| f64::from(x) * 1e-9 + 1.0);
    report.case("a picture of doubles", |m| cubical(fine.view(), &CubicalOptions::default(), m));
    let turned = fine.t().into_dyn();
    report.case("a picture lying", |m| cubical(turned, &CubicalOptions::default(), m));
    let row = image(&[3_000_000], 1e7);
    report.case("a signal", |m| cubical(row.view(), &CubicalOptions::default(), m));
    for (shape, periodic) in [
        (vec![130, 130, 130], vec![]),
        (vec![70, 70, 70], vec![true, false, true]),
        (vec![13, 13, 13, 13], vec![]),
        (vec![500, 500], vec![true, true]),
    ] {
        for levels in [1e7, 4.0] {
            let image = image(&shape, levels);
            for construction in [Construction::V, Construction::T] {
                let periodic = periodic.clone();
                let options =
                    CubicalOptions { construction, periodic, ..CubicalOptions::default() };
                let name = format!("{shape:?} of {levels} levels, {construction:?}");
                report.case(&name, |m| cubical(image.view(), &options, m));
            }
        }
    }
    let volume = image(&[10, 40, 40, 40], 1e7);
    let images: Vec<_> = volume.axis_iter(Axis(0)).collect();
    report.case("a batch", |m| cubical_batch(&images, &CubicalOptions::default(), m));
    let thresholds: Vec<f64> = (0..5).map(|k| 2e6 * f64::from(k)).collect();
    for (image, batch) in [(&plane, false), (&image(&[100, 100, 100], 1e7), false), (&volume, true)]
    {
        let options = BettiOptions { batch, ..BettiOptions::default() };
        let name = format!("cubical_betti of {:?}", image.shape());
        report.case(&name, |m| cubical_betti(image.view(), &thresholds, &options, m));
    }
    report.end();
}
