//! Coverings, classes and their distances by plain loops over a square matrix.

#![allow(clippy::needless_range_loop)] // matrices are read by index, as in formulas

use ndarray::Array2;
use topolens::networks::{Classes, Gathering, Induced};
use topolens::space::Covering;

const INF: f64 = f64::INFINITY;

pub fn first_of_least(values: &[f64]) -> usize {
    let least = values.iter().copied().fold(INF, f64::min);
    values.iter().position(|&value| value == least).unwrap()
}

pub fn sums(matrix: &Array2<f64>, members: &[usize]) -> Vec<f64> {
    members.iter().map(|&i| members.iter().map(|&j| matrix[[i, j]]).sum()).collect()
}

/// Looks at all points for the farthest from those before, again and again.
pub fn slow_covering(matrix: &Array2<f64>) -> Covering {
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

pub fn slow_classes(matrix: &Array2<f64>, eps: f64, gathering: Gathering) -> Classes {
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

pub fn slow_distances(
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
