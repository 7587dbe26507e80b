//! Points gathered into classes of those that are near each other.

use std::str::FromStr;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Space, covering};

/// Which points come into one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gathering {
    /// A point and the first one at distance 0.
    Exact,
    /// Those with the same nearest centre; the centres are farthest points.
    Net,
    /// The connected components of the pairs within the radius.
    Single,
}

impl FromStr for Gathering {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "exact" => Ok(Self::Exact),
            "net" => Ok(Self::Net),
            "single" => Ok(Self::Single),
            _ => Err(Error::invalid("method", "be exact, net or single", name)),
        }
    }
}

/// Points in classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes {
    /// The class of each point, numbered in the order of their first points.
    pub labels: Vec<u32>,
    /// Of a net, the centre of each class.
    pub centres: Option<Vec<usize>>,
}

/// Gathers the points of a space with distances of all pairs.
pub fn gather(
    space: &Space<'_>,
    eps: f64,
    gathering: Gathering,
    monitor: &Monitor,
) -> Result<Classes> {
    let distances = all_pairs(space)?;
    match gathering {
        Gathering::Exact => copies(distances, monitor),
        Gathering::Net => net(space, distances, eps, monitor),
        Gathering::Single => components(distances, eps, monitor),
    }
}

/// The distances of a space that was given by them.
pub(super) fn all_pairs<'a>(space: &'a Space<'_>) -> Result<&'a Condensed> {
    match space {
        Space::Distances(distances) => Ok(distances),
        _ => Err(Error::invalid("X", "be distances of all pairs", "another space")),
    }
}

fn copies(distances: &Condensed, monitor: &Monitor) -> Result<Classes> {
    monitor.expect(distances.len() as u64);
    let first_copy = |i: usize| {
        monitor.advance(1)?;
        Ok((0..i).find(|&j| distances.get(i, j) == 0.0).unwrap_or(i))
    };
    let firsts = (0..distances.len()).into_par_iter().map(first_copy);
    Ok(Classes { labels: in_order_of_first(&firsts.collect::<Result<Vec<_>>>()?), centres: None })
}

fn net(space: &Space<'_>, distances: &Condensed, eps: f64, monitor: &Monitor) -> Result<Classes> {
    let covering = covering(space, monitor)?;
    // Ascending, so that of several nearest centres the first is taken.
    let mut found = covering.order[..covering.number(eps)].to_vec();
    found.sort_unstable();
    let nearest = |i: usize| {
        monitor.check()?;
        let nearer = |best: (f64, usize), &centre: &usize| {
            let distance = distances.get(i, centre);
            if distance < best.0 { (distance, centre) } else { best }
        };
        Ok(found.iter().fold((f64::INFINITY, found[0]), nearer).1)
    };
    let nearest = (0..distances.len()).into_par_iter().map(nearest).collect::<Result<Vec<_>>>()?;
    let labels = in_order_of_first(&nearest);
    let mut centres = found.clone();
    found.iter().for_each(|&centre| centres[labels[centre] as usize] = centre);
    Ok(Classes { labels, centres: Some(centres) })
}

fn components(distances: &Condensed, eps: f64, monitor: &Monitor) -> Result<Classes> {
    let mut labels = vec![0; distances.len()];
    let mut rest: Vec<usize> = (0..distances.len()).collect();
    let mut count = 0;
    monitor.expect(distances.len() as u64);
    while !rest.is_empty() {
        let mut reached = vec![rest.remove(0)];
        while let Some(i) = reached.pop() {
            monitor.advance(1)?;
            labels[i] = count;
            rest.retain(|&j| {
                let near = distances.get(i, j) <= eps;
                if near {
                    reached.push(j);
                }
                !near
            });
        }
        count += 1;
    }
    Ok(Classes { labels, centres: None })
}

/// Numbers values, which are below their count, in the order in which they come.
fn in_order_of_first(values: &[usize]) -> Vec<u32> {
    let mut numbers = vec![None; values.len()];
    let mut next = 0..;
    let mut number = |&value: &usize| {
        *numbers[value].get_or_insert_with(|| next.next().expect("fewer values than numbers"))
    };
    values.iter().map(&mut number).collect()
}
