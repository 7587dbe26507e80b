//! Distances between networks, and their quotients.

use ndarray::Array2;
use topolens::Monitor;
use topolens::networks::{
    BitPlanes, Compared, Fold, Gathering, Induced, Laws, Pairs, SoftDistance, TiedLabels,
    accuracies, chance_disagreement, chance_disagreement_by_pairs, classes_of_rows,
    conditional_disagreement, disagreement_by_pairs, disagreement_counts, disagreement_with_ties,
    distances_of_classes, gather, multiplier_suprema, representatives, samples_with,
    soft_distances, votes, votes_with_ties, weighted_disagreement,
};
use topolens::space::{Condensed, Space};

use super::{Report, random};

const NETWORKS: usize = 100;
const SAMPLES: usize = 50_000;

/// Labels below `kinds`.
fn labels(networks: usize, samples: usize, kinds: f64) -> Array2<u16> {
    Array2::from_shape_fn((networks, samples), |(i, k)| {
        (random(11, (i * samples + k) as u64) * kinds) as u16
    })
}

#[test]
fn distances_of_networks() {
    let mut report = Report::default();
    let labels = labels(NETWORKS, SAMPLES, 1000.0);
    let groups: Vec<u32> = (0..SAMPLES as u32).map(|k| k % 1000).collect();
    let weights: Vec<f64> = (0..SAMPLES).map(|k| random(12, k as u64)).collect();
    let truth: Vec<u32> = (0..SAMPLES as u32).map(|k| k * 7 % 1000).collect();
    let many = self::labels(400, SAMPLES, 1000.0);
    report.case("many planes", |m| BitPlanes::pack(many.view(), 10, Some(&groups), m));
    drop(many);
    let plain = report.case("bit planes", |m| BitPlanes::pack(labels.view(), 10, None, m));
    let grouped =
        report.case("grouped planes", |m| BitPlanes::pack(labels.view(), 10, Some(&groups), m));
    let within = Pairs::Within(&plain);
    report.case("counts", |m| disagreement_counts(within, m));
    report.case("counts across", |m| disagreement_counts(Pairs::Across(&plain, &plain), m));
    report.case("weighted", |m| weighted_disagreement(within, &weights, m));
    for fold in [Fold::Each, Fold::Mean, Fold::Worst] {
        let pairs = Pairs::Within(&grouped);
        report.case(&format!("{fold:?}"), |m| conditional_disagreement(pairs, None, fold, m));
    }
    report.case("weighted worst", |m| {
        conditional_disagreement(Pairs::Within(&grouped), Some(&weights), Fold::Worst, m)
    });
    let draws = self::labels(200, SAMPLES, 2.0);
    let signs = BitPlanes::pack(draws.view(), 1, None, &Monitor::new()).unwrap();
    report.case("multipliers", |m| multiplier_suprema(&plain, &signs, m));
    report.case("classes", |m| classes_of_rows(labels.view(), m));
    let predicted = report
        .case("which are missing", |m| Compared::Predicted(10, 999).pack(labels.view(), None, m));
    for weights in [None, Some(&weights[..])] {
        report.case("by pairs", |m| disagreement_by_pairs(&predicted, weights, m));
        report.case("chance", |m| chance_disagreement(labels.view(), 1000, weights, m));
        report.case("chance by pairs", |m| {
            chance_disagreement_by_pairs(labels.view(), 1000, 999, weights, m)
        });
    }
    let laws = Laws::new(900, (0..100).map(|k| vec![k, k + 1]).collect());
    let tied = report.case("ties", |m| {
        let samples = samples_with(labels.view(), &laws.ties(), m)?;
        TiedLabels::take(labels.view(), samples, m)
    });
    report.case("with ties", |m| disagreement_with_ties(&plain, &tied, &laws, &weights, m));
    report
        .case("accuracies", |m| accuracies(labels.view(), &truth, &laws, None, Some(&weights), m));
    report.case("votes", |m| votes(labels.view(), 1000, m));
    report.case("votes with ties", |m| votes_with_ties(labels.view(), &laws, m));
    report.end();
}

#[test]
fn soft_distances_of_networks() {
    let mut report = Report::default();
    let shape = (3, 5000, 1000);
    let outputs: Vec<f64> =
        (0..shape.0 * shape.1 * shape.2).map(|k| random(13, k as u64) / 500.0).collect();
    let weights = vec![1.0 / shape.1 as f64; shape.1];
    for distance in ["tv", "hellinger", "js", "jsd", "bhattacharyya", "lp"] {
        let distance: SoftDistance = distance.parse().unwrap();
        let name = format!("{distance:?}");
        report.case(&name, |m| soft_distances(&outputs, shape, &weights, distance, 1.5, m));
    }
    report.end();
}

#[test]
fn quotients_of_networks() {
    let mut report = Report::default();
    let len = 4000;
    let values = (0..(len * (len - 1) / 2) as u64).map(|k| 0.5 + 0.5 * random(14, k)).collect();
    let space = Space::Distances(Condensed::new(len, values).unwrap());
    for (gathering, eps) in
        [(Gathering::Exact, 0.0), (Gathering::Net, 0.6), (Gathering::Single, 0.501)]
    {
        report.case(&format!("{gathering:?}"), |m| gather(&space, eps, gathering, m));
    }
    let labels: Vec<u32> = (0..len as u32).map(|k| k % 40).collect();
    let found = report.case("representatives", |m| representatives(&space, &labels, None, m));
    for induced in [Induced::Representative, Induced::Chain, Induced::Hausdorff] {
        report.case("distances of classes", |m| {
            distances_of_classes(&space, &labels, &found.indices, induced, m)
        });
    }
    report.end();
}
