//! Medoids, coverings, classes and their distances against brute force on square
//! matrices.

mod common;

use common::check_cancelling;
use common::classes::{first_of_least, slow_classes, slow_covering, slow_distances, sums};
use ndarray::Array2;
use proptest::collection::vec;
use proptest::prelude::*;
use topolens::Monitor;
use topolens::networks::{
    Classes, Gathering, Induced, distances_of_classes, gather, representatives,
};
use topolens::space::{Condensed, Space, covering, medoid};

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
