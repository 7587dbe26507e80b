//! Diagrams as curves and numbers, and distances between them.

use ndarray::Array2;
use topolens::diagram::{
    DiagramMetric, ImageOptions, Pixels, WassersteinOptions, betti_curves, betti_norms,
    betti_numbers, distance, distance_matrix, entropies, joint_losses, landscape_norms, landscapes,
    matching, multiplier_suprema, persistence_images, silhouettes, statistics, summaries,
    total_persistences, universal_law, wasserstein_norms,
};
use topolens::space::Condensed;

use super::{Report, random};

const MEMORY: u64 = 2 << 30;

/// Bars that are born and die anywhere.
fn bars(seed: u64, count: usize) -> Vec<[f64; 2]> {
    let end = |k: usize| random(seed, k as u64);
    let bar = |k| [end(2 * k).min(end(2 * k + 1)), end(2 * k).max(end(2 * k + 1))];
    (0..count).map(bar).collect()
}

fn array(seed: u64, count: usize) -> Array2<f64> {
    bars(seed, count).into()
}

#[test]
fn distances_of_diagrams() {
    let mut report = Report::default();
    let wasserstein = |p, q, delta| DiagramMetric::Wasserstein(WassersteinOptions { p, q, delta });
    for (name, count, metric) in [
        ("bottleneck", 100_000, DiagramMetric::Bottleneck { delta: 0.0 }),
        ("rough bottleneck", 200_000, DiagramMetric::Bottleneck { delta: 0.1 }),
        ("wasserstein", 2000, wasserstein(1.0, f64::INFINITY, 0.01)),
        ("wasserstein of squares", 2000, wasserstein(2.0, 2.0, 0.0)),
        ("sliced", 200_000, DiagramMetric::Sliced { directions: 10 }),
        ("landscape", 20_000, DiagramMetric::Landscape { levels: 5, p: 2.0 }),
        ("landscape of many", 1_000_000, DiagramMetric::Landscape { levels: 1, p: 1.0 }),
    ] {
        let (a, b) = (array(1, count), array(2, count));
        report.case(name, |m| distance(a.view(), b.view(), metric, MEMORY, m));
    }
    let (a, b) = (array(1, 20_000), array(2, 20_000));
    let bottleneck = DiagramMetric::Bottleneck { delta: 0.0 };
    report.case("a bottleneck matching", |m| matching(a.view(), b.view(), bottleneck, MEMORY, m));
    let (a, b) = (array(1, 1000), array(2, 1000));
    let metric = wasserstein(1.0, 1.0, 0.01);
    report.case("a wasserstein matching", |m| matching(a.view(), b.view(), metric, MEMORY, m));
    let many: Vec<Array2<f64>> = (0..30).map(|k| array(k, 500)).collect();
    let views: Vec<_> = many.iter().map(|rows| rows.view()).collect();
    report.case("a matrix", |m| distance_matrix(&views, bottleneck, MEMORY, m));
    report.end();
}

#[test]
fn numbers_of_diagrams() {
    let mut report = Report::default();
    let one = [bars(3, 500_000)];
    let many: Vec<_> = (0..100).map(|k| bars(k, 5000)).collect();
    for (name, diagrams) in [("one", &one[..]), ("many", &many[..])] {
        let grid: Vec<f64> = (0..200).map(|k| f64::from(k) / 200.0).collect();
        let mut case =
            |what: &str, run: &(dyn Fn(&topolens::Monitor) -> topolens::Result<()> + Sync)| {
                report.case(&format!("{what} of {name}"), run);
            };
        case("betti_curves", &|m| betti_curves(diagrams, &grid, m).map(drop));
        case("betti_norms", &|m| betti_norms(diagrams, 2.0, m).map(drop));
        case("betti_numbers", &|m| betti_numbers(diagrams, &grid, false, m).map(drop));
        case("landscapes", &|m| landscapes(diagrams, 5, &grid[..20], m).map(drop));
        case("silhouettes", &|m| silhouettes(diagrams, 1.0, &grid[..20], m).map(drop));
        case("landscape_norms", &|m| landscape_norms(diagrams, 2.0, m).map(drop));
        case("entropies", &|m| entropies(diagrams, false, m).map(drop));
        case("total_persistences", &|m| total_persistences(diagrams, 1.5, m).map(drop));
        case("wasserstein_norms", &|m| wasserstein_norms(diagrams, 1.5, 2.0, m).map(drop));
        case("statistics", &|m| statistics(diagrams, m).map(drop));
        case("summaries", &|m| summaries(diagrams, m).map(drop));
        case("universal_law", &|m| universal_law(&diagrams[0], 0.1, 0.05, m).map(drop));
        let options = ImageOptions {
            sigma: 0.1,
            resolution: (20, 20),
            births: (0.0, 1.0),
            lengths: (0.0, 1.0),
            pixels: Pixels::Integral,
        };
        let weights: Vec<_> = diagrams.iter().map(|bars| vec![1.0; bars.len()]).collect();
        case("persistence_images", &|m| {
            persistence_images(diagrams, &weights, &options, m).map(drop)
        });
    }
    let len = 400;
    let values = (0..(len * (len - 1) / 2) as u64).map(|k| random(8, k)).collect();
    let distances = Condensed::new(len, values).unwrap();
    let labellings =
        Array2::from_shape_fn((300, len), |(k, i)| (random(9, (k * len + i) as u64) > 0.5) as u8);
    report.case("joint_losses", |m| joint_losses(&distances, labellings.view(), 1.0, m));
    let curves = Array2::from_shape_fn((100, 5000), |(k, i)| random(10, (5000 * k + i) as u64));
    let multipliers = Array2::from_shape_fn((200, 100), |(k, i)| random(6, (100 * k + i) as u64));
    report.case("suprema of curves", |m| multiplier_suprema(curves.view(), multipliers.view(), m));
    report.end();
}
