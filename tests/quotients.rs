//! Medoids, coverings, classes and their distances against brute force on square
//! matrices.

#![allow(clippy::needless_range_loop)] // matrices are read by index, as in formulas

mod common;

use common::check_cancelling;
use ndarray::Array2;
use proptest::collection::vec;
use proptest::prelude::*;
use topolens::Monitor;
use topolens::networks::{
    Classes, Gathering, Induced, distances_of_classes, gather, representatives,
};
use topolens::space::{Condensed, Covering, Space, covering, medoid};

const INF: f64 = f64::INFINITY;

fn go() -> Monitor {
    Monitor::new()
}

/// Small whole numbers, many of them tied, some zero; they break the triangle
/// inequality too.
fn matrices() -> impl Strategy<Value = Array2<f64>> {
    (1..18usize, 1..6u8).prop_flat_map(|(len, most)| {
        vec(0..=most, len * len).prop_map(move |values| {
            Array2::from_shape_fn((len, len), |(i, j)| match i == j {
                true => 0.0,
                false => f64::from(values[i.min(j) * len + i.max(j)]),
            })
        })
    })
}

fn space(matrix: &Array2<f64>) -> Space<'static> {
    Space::Distances(Condensed::from_square(matrix.view(), f64::EPSILON, &go()).unwrap())
}

fn first_of_least(values: &[f64]) -> usize {
    let least = values.iter().copied().fold(INF, f64::min);
    values.iter().position(|&value| value == least).unwrap()
}

fn sums(matrix: &Array2<f64>, members: &[usize]) -> Vec<f64> {
    members.iter().map(|&i| members.iter().map(|&j| matrix[[i, j]]).sum()).collect()
}

/// Looks at all points for the farthest from those before, again and again.
fn slow_covering(matrix: &Array2<f64>) -> Covering {
    let all: Vec<usize> = (0..matrix.nrows()).collect();
    let mut order = vec![first_of_least(&sums(matrix, &all))];
    let mut radii = Vec::new();
    loop {
        let near = |&i: &usize| order.iter().map(|&j| matrix[[i, j]]).fold(INF, f64::min);
        let rest: Vec<usize> = all.iter().copied().filter(|i| !order.contains(i)).collect();
        radii.push(rest.iter().map(near).fold(0.0, f64::max));
        let farthest = rest.iter().copied().find(|i| near(i) == *radii.last().unwrap());
        match farthest {
            Some(i) => order.push(i),
            None => return Covering { order, radii },
        }
    }
}

/// Joins points until nothing changes, and numbers the classes as they come.
fn slow_components(matrix: &Array2<f64>, eps: f64) -> Vec<u32> {
    let len = matrix.nrows();
    let mut least: Vec<usize> = (0..len).collect();
    for _ in 0..len {
        for i in 0..len {
            for j in 0..len {
                if matrix[[i, j]] <= eps {
                    least[i] = least[i].min(least[j]);
                }
            }
        }
    }
    numbered(&least)
}

fn numbered(values: &[usize]) -> Vec<u32> {
    let mut met: Vec<usize> = Vec::new();
    let mut number = |value: &usize| {
        met.iter().position(|v| v == value).unwrap_or_else(|| {
            met.push(*value);
            met.len() - 1
        }) as u32
    };
    values.iter().map(&mut number).collect()
}

fn slow_classes(matrix: &Array2<f64>, eps: f64, gathering: Gathering) -> Classes {
    let len = matrix.nrows();
    match gathering {
        Gathering::Single => Classes { labels: slow_components(matrix, eps), centres: None },
        Gathering::Exact => {
            let first = |i: usize| (0..len).find(|&j| matrix[[i, j]] == 0.0).unwrap();
            Classes { labels: numbered(&(0..len).map(first).collect::<Vec<_>>()), centres: None }
        }
        Gathering::Net => {
            let Covering { order, radii } = slow_covering(matrix);
            let number = radii.iter().position(|&radius| radius <= eps).unwrap() + 1;
            let mut found = order[..number].to_vec();
            found.sort();
            let nearest = |i: usize| {
                found[first_of_least(&found.iter().map(|&j| matrix[[i, j]]).collect::<Vec<_>>())]
            };
            let nearest: Vec<usize> = (0..len).map(nearest).collect();
            let mut centres = nearest.clone();
            let mut met = Vec::new();
            centres.retain(|&c| {
                !met.contains(&c) && {
                    met.push(c);
                    true
                }
            });
            Classes { labels: numbered(&nearest), centres: Some(centres) }
        }
    }
}

fn slow_distances(
    matrix: &Array2<f64>,
    labels: &[u32],
    representatives: &[usize],
    induced: Induced,
) -> Array2<f64> {
    let count = representatives.len();
    let members = |a: usize| (0..labels.len()).filter(move |&i| labels[i] as usize == a);
    let to_class = |i: usize, b: usize| members(b).map(|j| matrix[[i, j]]).fold(INF, f64::min);
    let one_sided = |a: usize, b: usize| members(a).map(|i| to_class(i, b)).fold(0.0, f64::max);
    let least = |a: usize, b: usize| members(a).map(|i| to_class(i, b)).fold(INF, f64::min);
    Array2::from_shape_fn((count, count), |(a, b)| match induced {
        Induced::Representative => matrix[[representatives[a], representatives[b]]],
        Induced::Hausdorff => one_sided(a, b).max(one_sided(b, a)),
        // Bellman and Ford: one more step each time.
        Induced::Chain => {
            let mut shortest: Vec<f64> =
                (0..count).map(|c| if c == a { 0.0 } else { INF }).collect();
            for _ in 0..count {
                shortest = (0..count)
                    .map(|c| {
                        (0..count).map(|d| shortest[d] + least(d, c)).fold(shortest[c], f64::min)
                    })
                    .collect();
            }
            shortest[b]
        }
    })
}

proptest! {
    #[test]
    fn medoids_and_coverings_are_those_of_brute_force(matrix in matrices()) {
        let all: Vec<usize> = (0..matrix.nrows()).collect();
        let space = space(&matrix);
        prop_assert_eq!(medoid(&space, &go()).unwrap(), first_of_least(&sums(&matrix, &all)));
        prop_assert_eq!(covering(&space, &go()).unwrap(), slow_covering(&matrix));
    }

    #[test]
    fn classes_and_their_distances_are_those_of_brute_force(
        matrix in matrices(),
        eps in 0..5u8,
    ) {
        let (space, eps) = (space(&matrix), f64::from(eps));
        for gathering in [Gathering::Exact, Gathering::Net, Gathering::Single] {
            let Classes { labels, centres } = gather(&space, eps, gathering, &go()).unwrap();
            let slow = slow_classes(&matrix, eps, gathering);
            prop_assert_eq!((&labels, &centres), (&slow.labels, &slow.centres));

            let found = representatives(&space, &labels, centres.clone(), &go()).unwrap();
            let same = |(i, j): &(usize, usize)| labels[*i] == labels[*j];
            let pairs = matrix.indexed_iter().filter(|(pair, _)| same(pair));
            prop_assert_eq!(found.diameter, pairs.map(|(_, &d)| d).fold(0.0, f64::max));
            let to_own = |i: usize| matrix[[i, found.indices[labels[i] as usize]]];
            prop_assert_eq!(found.radius, (0..labels.len()).map(to_own).fold(0.0, f64::max));
            for (class, &chosen) in found.indices.iter().enumerate() {
                let of_class = |i: &usize| labels[*i] as usize == class;
                let members: Vec<usize> = (0..labels.len()).filter(of_class).collect();
                let medoid = members[first_of_least(&sums(&matrix, &members))];
                prop_assert_eq!(chosen, centres.as_ref().map_or(medoid, |centres| centres[class]));
            }
            for induced in [Induced::Representative, Induced::Chain, Induced::Hausdorff] {
                let of_classes =
                    distances_of_classes(&space, &labels, &found.indices, induced, &go()).unwrap();
                prop_assert_eq!(of_classes, slow_distances(&matrix, &labels, &found.indices, induced));
            }
        }
    }
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let matrix = Array2::from_shape_fn((3, 3), |(i, j)| (i as f64 - j as f64).abs());
    let space = space(&matrix);
    let says = |labels: &[u32], chosen: Option<Vec<usize>>| {
        representatives(&space, labels, chosen, &go()).unwrap_err().to_string()
    };
    assert_eq!(says(&[0, 0], None), "`labels` must have 3 entries; found 2");
    assert_eq!(says(&[0, 7, 0], None), "`labels` must be below 3; found 7");
    assert_eq!(says(&[0, 2, 0], None), "`labels` must leave no class without points; found 1");
    let rule = "`representatives` must be 2 of 3 points; found";
    assert_eq!(says(&[0, 1, 0], Some(vec![0])), format!("{rule} [0]"));
    assert_eq!(says(&[0, 1, 0], Some(vec![0, 3])), format!("{rule} [0, 3]"));
    assert!("complete".parse::<Gathering>().is_err() && "mean".parse::<Induced>().is_err());
}

#[test]
fn kernels_stop() {
    const LEN: usize = 40;
    let matrix = Array2::from_shape_fn((LEN, LEN), |(i, j)| (i as f64 - j as f64).abs());
    let space = space(&matrix);
    let labels: Vec<u32> = (0..LEN as u32).map(|i| i / 4).collect();
    let chosen: Vec<usize> = (0..LEN / 4).map(|class| 4 * class).collect();
    let least = LEN as u64;
    check_cancelling(least, |monitor| medoid(&space, monitor));
    check_cancelling(least, |monitor| covering(&space, monitor));
    for gathering in [Gathering::Exact, Gathering::Net, Gathering::Single] {
        check_cancelling(least, |monitor| gather(&space, 2.0, gathering, monitor));
    }
    check_cancelling(least, |monitor| representatives(&space, &labels, None, monitor));
    for induced in [Induced::Chain, Induced::Hausdorff] {
        check_cancelling(least, |monitor| {
            distances_of_classes(&space, &labels, &chosen, induced, monitor)
        });
    }
}
