//! Labels of networks, and spaces of them, against plain loops.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use arbitrary::{Result, Unstructured};
use common::classes::{first_of_least, slow_classes, slow_covering, slow_distances, sums};
use libfuzzer_sys::fuzz_target;
use ndarray::Array2;
use topolens::Monitor;
use topolens::networks::{
    BitPlanes, Classes, Compared, Fold, Gathering, Induced, Label, Laws, Pairs, TiedLabels,
    accuracies, chance_disagreement, chance_disagreement_by_pairs, classes_of_rows,
    conditional_disagreement, disagreement, disagreement_by_pairs, disagreement_counts,
    disagreement_with_ties, distances_of_classes, gather, multiplier_suprema, representatives,
    samples_with, votes, votes_with_ties, weighted_disagreement,
};
use topolens::space::{Condensed, Space, covering, medoid};

const INF: f64 = f64::INFINITY;

/// Labels below `kinds`, the last of which may stand for none.
struct Predictions {
    labels: Array2<u32>,
    kinds: u32,
    groups: Vec<u32>,
    /// Whole numbers, so that sums are exact.
    weights: Vec<f64>,
    truth: Vec<u32>,
}

fn predictions(u: &mut Unstructured) -> Result<Predictions> {
    let networks = u.int_in_range(1..=11)?;
    let samples = match u.int_in_range(0..=3_u8)? {
        0..=1 => u.int_in_range(1..=40)?,
        2 => *u.choose(&[63, 64, 65, 511, 512, 513])?,
        _ => u.int_in_range(500..=1100)?,
    };
    let kinds = *u.choose(&[2, 3, 4, 7, 200, 256, 300, 65_536, 70_000])?;
    // A few labels by bytes, repeated with a twist where there are many samples.
    let seed: Vec<u32> =
        (0..61).map(|_| Ok(u.arbitrary::<u32>()? % kinds)).collect::<Result<_>>()?;
    let (step, twist) = (u.int_in_range(0..=60)?, u.int_in_range(0..=5)?);
    let own: Vec<u8> = (0..networks).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    let label = |(i, k): (usize, usize)| {
        let turned = if k % 8 < twist { usize::from(own[i]) } else { 0 };
        seed[(k * (step + 1) + k / 61 + turned) % 61]
    };
    let groups = u.int_in_range(1..=4)?;
    Ok(Predictions {
        labels: Array2::from_shape_fn((networks, samples), label),
        kinds,
        groups: (0..samples).map(|k| (seed[k % 61].wrapping_add(k as u32 / 3)) % groups).collect(),
        weights: (0..samples).map(|k| f64::from(1 + seed[(k + 7) % 61] % 9)).collect(),
        truth: (0..samples).map(|k| seed[(k * 3 + 1) % 61]).collect(),
    })
}

fn pairs(len: usize) -> impl Iterator<Item = (usize, usize)> {
    common::pairs(len)
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (x, y) in found.iter().zip(expected) {
        let equal = x == y || (x.is_nan() && y.is_nan());
        assert!(equal || (x - y).abs() <= 1e-12 * (1.0 + y.abs()), "{found:?} {expected:?}");
    }
}

fn check_labels<L: Label>(given: &Predictions, labels: Array2<L>) {
    let (go, view) = (Monitor::new(), labels.view());
    let (networks, samples) = labels.dim();
    let Predictions { kinds, groups, weights, truth, .. } = given;
    let at = |i: usize, k: usize| given.labels[[i, k]];
    let bits = (u32::BITS - (kinds - 1).leading_zeros()).max(1) as usize;
    let sum = |of: &dyn Fn(usize) -> bool| {
        (0..samples).filter(|&k| of(k)).map(|k| weights[k]).sum::<f64>()
    };
    let total: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|weight| weight / total).collect();

    let plain = BitPlanes::pack(view, bits, None, &go).unwrap();
    let grouped = BitPlanes::pack(view, bits, Some(groups), &go).unwrap();
    let width = grouped.groups().len();
    assert_eq!(width, *groups.iter().max().unwrap() as usize + 1);
    let counts = disagreement_counts(Pairs::Within(&plain), &go).unwrap();
    let across = disagreement_counts(Pairs::Across(&plain, &plain), &go).unwrap();
    let heavy = weighted_disagreement(Pairs::Within(&plain), weights, &go).unwrap();
    let by_group = disagreement_counts(Pairs::Within(&grouped), &go).unwrap();
    let each = conditional_disagreement(Pairs::Within(&grouped), None, Fold::Each, &go).unwrap();
    let worst = conditional_disagreement(Pairs::Within(&grouped), None, Fold::Worst, &go).unwrap();
    for (pair, (i, j)) in pairs(networks).enumerate() {
        let differ = |k: usize| at(i, k) != at(j, k);
        let count = (0..samples).filter(|&k| differ(k)).count() as u32;
        assert_eq!(counts[pair], count);
        assert_eq!([across[i * networks + j], across[j * networks + i]], [count; 2]);
        assert_eq!(heavy[pair], sum(&differ));
        let mut most = f64::NEG_INFINITY;
        for g in 0..width {
            let own: Vec<usize> = (0..samples).filter(|&k| groups[k] as usize == g).collect();
            let count = own.iter().filter(|&&k| differ(k)).count();
            assert_eq!(by_group[pair * width + g], count as u32);
            if !own.is_empty() {
                let share = count as f64 / own.len() as f64;
                assert_eq!(each[pair * width + g], share);
                most = most.max(share);
            }
        }
        if (0..width).all(|g| groups.contains(&(g as u32))) {
            assert_eq!(worst[pair], most);
        }
    }
    let found = disagreement(Pairs::Within(&plain), Some(&shares), &go).unwrap();
    close(&found, &heavy.iter().map(|sum| sum / total).collect::<Vec<_>>());

    // Classes of rows, and what is right.
    let classes = classes_of_rows(view, &go).unwrap();
    let rows: Vec<_> = given.labels.outer_iter().collect();
    for (i, j) in pairs(networks) {
        assert_eq!(classes[i] == classes[j], rows[i] == rows[j]);
    }
    let firsts = (0..networks).filter(|&i| rows[..i].iter().all(|row| *row != rows[i]));
    assert!(firsts.map(|i| classes[i]).eq(0..classes.iter().max().unwrap() + 1));
    let laws = Laws::new(*kinds, Vec::new());
    let right = accuracies(view, truth, &laws, None, Some(weights), &go).unwrap();
    for (i, right) in right.iter().enumerate() {
        assert_eq!(*right, sum(&|k| at(i, k) == truth[k]) / total);
    }
    check_missing(given, view, bits);
    check_votes(given, view);
    if *kinds >= 4 && *kinds <= 7 {
        check_ties(given, view, &shares);
    }
    if *kinds <= 300 {
        let chance = chance_disagreement(view, *kinds as usize, Some(weights), &go).unwrap();
        let expected = pairs(networks).map(|(i, j)| {
            let of = |row: usize, c: u32| sum(&|k| at(row, k) == c) / total;
            (0..*kinds).map(|c| of(i, c) * (1.0 - of(j, c))).sum()
        });
        close(&chance, &expected.collect::<Vec<f64>>());
    }
    // Signs of the bootstrap: parity of the truth.
    let signs = Array2::from_shape_fn((2, samples), |(b, k)| ((truth[k] >> b) & 1) as u8);
    let packed = BitPlanes::pack(signs.view(), 1, None, &go).unwrap();
    let found = multiplier_suprema(&plain, &packed, &go).unwrap();
    for (b, found) in found.iter().enumerate() {
        let mut largest: f64 = 0.0;
        for (i, j) in pairs(networks) {
            let z: Vec<f64> =
                (0..samples).map(|k| f64::from(u8::from(at(i, k) != at(j, k)))).collect();
            let mean = z.iter().sum::<f64>() / samples as f64;
            let sign = |k: usize| 2.0 * f64::from(signs[[b, k]]) - 1.0;
            let sum: f64 = (0..samples).map(|k| sign(k) * (z[k] - mean)).sum();
            largest = largest.max((sum / samples as f64).abs());
        }
        close(&[*found], &[largest]);
    }
}

/// The last label stands for none.
fn check_missing<L: Label>(given: &Predictions, view: ndarray::ArrayView2<L>, bits: usize) {
    let (go, missing) = (Monitor::new(), given.kinds - 1);
    let (networks, samples) = view.dim();
    let (weights, truth) = (&given.weights, &given.truth);
    let at = |i: usize, k: usize| given.labels[[i, k]];
    let of_labels = Compared::Predicted(bits, missing).pack(view, None, &go).unwrap();
    let of_truth = Compared::PredictedCorrect(truth, missing).pack(view, None, &go).unwrap();
    let chances =
        chance_disagreement_by_pairs(view, given.kinds as usize, missing, Some(weights), &go)
            .unwrap();
    for correct in [false, true] {
        let planes = if correct { &of_truth } else { &of_labels };
        let found = disagreement_by_pairs(planes, Some(weights), &go).unwrap();
        let mut apart = None;
        for (pair, (i, j)) in pairs(networks).enumerate() {
            let both = |k: &usize| at(i, *k) != missing && at(j, *k) != missing;
            let both: Vec<usize> = (0..samples).filter(both).collect();
            let number = |i: usize, k: usize| {
                if correct { u32::from(at(i, k) == truth[k]) } else { at(i, k) }
            };
            let of = |k: &usize| if number(i, *k) == number(j, *k) { 0.0 } else { weights[*k] };
            let differ: f64 = both.iter().map(of).sum();
            let total: f64 = both.iter().map(|&k| weights[k]).sum();
            if both.is_empty() {
                apart = apart.or(Some((i, j)));
                continue;
            }
            assert_eq!(found.values[pair], differ / total);
            let squares: f64 = both.iter().map(|&k| weights[k] * weights[k]).sum();
            assert_eq!(found.sizes[pair], total * total / squares);
            if both.len() <= 60 {
                let mut chance = 0.0;
                for &k in &both {
                    for &l in both.iter().filter(|&&l| at(i, k) != at(j, l)) {
                        chance += weights[k] * weights[l];
                    }
                }
                close(&[chances[pair]], &[chance / (total * total)]);
            }
        }
        assert_eq!(found.apart, apart);
    }
}

fn check_votes<L: Label>(given: &Predictions, view: ndarray::ArrayView2<L>) {
    let (networks, samples) = view.dim();
    let valid = given.kinds - 1;
    let found = votes(view, valid, &Monitor::new()).unwrap();
    for k in 0..samples {
        let labels: Vec<u32> =
            (0..networks).map(|i| given.labels[[i, k]]).filter(|&label| label < valid).collect();
        let count = |label: u32| labels.iter().filter(|&&other| other == label).count();
        let most = labels.iter().map(|&label| count(label)).max().unwrap_or(0);
        let winner = labels.iter().copied().filter(|&label| count(label) == most).min();
        assert_eq!(found.majority[k], winner.unwrap_or(valid));
        let differ = pairs(labels.len()).filter(|&(i, j)| labels[i] != labels[j]).count();
        let all = pairs(labels.len()).count().max(1);
        assert_eq!(found.disputes[k], differ as f64 / all as f64);
    }
}

/// Of the labels the last ones stand for sets of tied classes and for none.
fn check_ties<L: Label>(given: &Predictions, view: ndarray::ArrayView2<L>, shares: &[f64]) {
    let go = Monitor::new();
    let (networks, samples) = view.dim();
    let sets: Vec<Vec<u32>> = match given.kinds {
        4 => vec![vec![1, 0]],
        _ => vec![vec![2, 0], vec![0, 1, 2], vec![1, 2]],
    };
    let classes = given.kinds - 1 - sets.len() as u32;
    let laws = Laws::new(classes, sets.clone());
    // None is a class of its own.
    let law = |label: u32, class: u32| {
        let set = label.checked_sub(classes).and_then(|set| sets.get(set as usize));
        match set {
            Some(set) if set.contains(&class) => 1.0 / set.len() as f64,
            Some(_) => 0.0,
            None => f64::from(u8::from(label == class)),
        }
    };
    let between = |p: u32, q: u32| {
        (0..given.kinds).map(|class| (law(p, class) - law(q, class)).abs()).sum::<f64>() / 2.0
    };
    let planes = Compared::Labels(3).pack(view, None, &go).unwrap();
    let tied = samples_with(view, &laws.ties(), &go).unwrap();
    let tied = TiedLabels::take(view, tied, &go).unwrap();
    let found = disagreement_with_ties(&planes, &tied, &laws, shares, &go).unwrap();
    let at = |i: usize, k: usize| given.labels[[i, k]];
    let expected = pairs(networks).map(|(i, j)| {
        (0..samples).map(|k| shares[k] * between(at(i, k), at(j, k))).sum::<f64>().min(1.0)
    });
    close(&found, &expected.collect::<Vec<_>>());

    let found = votes_with_ties(view, &laws, &go).unwrap();
    for k in 0..samples {
        let sum = |class: u32| (0..networks).map(|i| law(at(i, k), class)).sum::<f64>();
        let most = (0..given.kinds).map(sum).fold(0.0, f64::max);
        let winner = (0..given.kinds).find(|&class| sum(class) >= most - 1e-9).unwrap();
        assert_eq!(found.majority[k], winner);
        let apart: f64 = pairs(networks).map(|(i, j)| between(at(i, k), at(j, k))).sum();
        close(&[found.disputes[k]], &[apart / pairs(networks).count().max(1) as f64]);
    }
}

/// Small whole numbers, some infinite; they break the triangle inequality too.
fn check_space(u: &mut Unstructured) -> Result<()> {
    let (len, go) = (u.int_in_range(1..=14)?, Monitor::new());
    let (eps, most) = (f64::from(u.int_in_range(0..=5_u8)?), u.int_in_range(1..=9)?);
    let mut matrix = Array2::zeros((len, len));
    for (i, j) in pairs(len) {
        let byte: u8 = u.arbitrary()?;
        let value = if byte > 245 { INF } else { f64::from(byte % (most + 1)) };
        (matrix[[i, j]], matrix[[j, i]]) = (value, value);
    }
    let condensed = Condensed::from_square(matrix.view(), f64::EPSILON, &go).unwrap();
    let space = Space::Distances(condensed);
    let all: Vec<usize> = (0..len).collect();
    assert_eq!(medoid(&space, &go).unwrap(), first_of_least(&sums(&matrix, &all)));
    assert_eq!(covering(&space, &go).unwrap(), slow_covering(&matrix));
    for gathering in [Gathering::Exact, Gathering::Net, Gathering::Single] {
        let Classes { labels, centres } = gather(&space, eps, gathering, &go).unwrap();
        let slow = slow_classes(&matrix, eps, gathering);
        assert_eq!((&labels, &centres), (&slow.labels, &slow.centres), "{gathering:?}");
        let found = representatives(&space, &labels, centres.clone(), &go).unwrap();
        for (class, &chosen) in found.indices.iter().enumerate() {
            let of_class = |i: &usize| labels[*i] as usize == class;
            let members: Vec<usize> = (0..len).filter(of_class).collect();
            let medoid = members[first_of_least(&sums(&matrix, &members))];
            assert_eq!(chosen, centres.as_ref().map_or(medoid, |centres| centres[class]));
        }
        for induced in [Induced::Representative, Induced::Chain, Induced::Hausdorff] {
            let chosen = &found.indices;
            let between = distances_of_classes(&space, &labels, chosen, induced, &go).unwrap();
            let slow = slow_distances(&matrix, &labels, chosen, induced);
            assert_eq!(between, slow, "{gathering:?}, {induced:?}");
        }
    }
    Ok(())
}

fn check(u: &mut Unstructured) -> Result<()> {
    if u.arbitrary()? {
        return check_space(u);
    }
    let given = predictions(u)?;
    let wide: u8 = u.int_in_range(0..=2)?;
    match (given.kinds, wide) {
        (0..=256, 0) => check_labels(&given, given.labels.mapv(|label| label as u8)),
        (0..=65_536, 0 | 1) => check_labels(&given, given.labels.mapv(|label| label as u16)),
        _ => check_labels(&given, given.labels.clone()),
    }
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    let _ = check(&mut Unstructured::new(data));
});
