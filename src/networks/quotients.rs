//! Classes of points as the points of a space.

use std::str::FromStr;

use ndarray::Array2;
use rayon::prelude::*;

use super::gathering::all_pairs;
use crate::arch::arch;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Space, medoid_among};

/// Points that stand for classes, and how far the others are.
#[derive(Debug, Clone, PartialEq)]
pub struct Representatives {
    /// A point of each class.
    pub indices: Vec<usize>,
    /// Largest distance of a point to that of its class.
    pub radius: f64,
    /// Largest distance between points of a class.
    pub diameter: f64,
}

/// The medoid of each class, or the given centres.
pub fn representatives(
    space: &Space<'_>,
    labels: &[u32],
    centres: Option<Vec<usize>>,
    monitor: &Monitor,
) -> Result<Representatives> {
    let distances = all_pairs(space)?;
    let classes = members(labels, distances.len(), centres.as_deref())?;
    monitor.expect(distances.len() as u64);
    let medoid_of = |class: &Vec<usize>| Ok(class[medoid_among(distances, class, monitor)?]);
    let indices = match centres {
        Some(centres) => centres,
        None => classes.par_iter().map(medoid_of).collect::<Result<Vec<_>>>()?,
    };
    let largest = |i: usize| {
        monitor.advance(1)?;
        let to_representative = distances.get(i, indices[labels[i] as usize]);
        let later = labels[i + 1..].iter().zip(distances.row(i));
        let within = later.filter(|(label, _)| **label == labels[i]).map(|(_, &d)| d);
        Ok((to_representative, within.fold(0.0, f64::max)))
    };
    let larger = |a: (f64, f64), b: (f64, f64)| Ok((a.0.max(b.0), a.1.max(b.1)));
    let points = (0..distances.len()).into_par_iter().map(largest);
    let (radius, diameter) = points.try_reduce(|| (0.0, 0.0), larger)?;
    Ok(Representatives { indices, radius, diameter })
}

/// How distances of points become distances of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Induced {
    /// Those of the representatives.
    Representative,
    /// The shortest chain that changes place within classes for free.
    Chain,
    /// The Hausdorff distance.
    Hausdorff,
}

impl FromStr for Induced {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "representative" => Ok(Self::Representative),
            "chain" => Ok(Self::Chain),
            "hausdorff" => Ok(Self::Hausdorff),
            _ => Err(Error::invalid("induced", "be representative, chain or hausdorff", name)),
        }
    }
}

/// Distances between classes, a square matrix.
pub fn distances_of_classes(
    space: &Space<'_>,
    labels: &[u32],
    representatives: &[usize],
    induced: Induced,
    monitor: &Monitor,
) -> Result<Array2<f64>> {
    let distances = all_pairs(space)?;
    let classes = members(labels, distances.len(), Some(representatives))?;
    let between = |a: usize, b: usize| distances.get(representatives[a], representatives[b]);
    let count = classes.len();
    match induced {
        Induced::Representative => {
            Ok(Array2::from_shape_fn((count, count), |(a, b)| between(a, b)))
        }
        Induced::Chain => {
            let nearest = to_classes(distances, labels, &classes, f64::INFINITY, f64::min, monitor);
            shortest_chains(nearest?, monitor)
        }
        Induced::Hausdorff => {
            let farthest = to_classes(distances, labels, &classes, 0.0, f64::max, monitor)?;
            let larger = |(a, b): (usize, usize)| farthest[[a, b]].max(farthest[[b, a]]);
            Ok(Array2::from_shape_fn((count, count), larger))
        }
    }
}

/// The distances of the points of each class, the rows, to the nearest point of each
/// class, folded into one.
fn to_classes(
    distances: &Condensed,
    labels: &[u32],
    classes: &[Vec<usize>],
    start: f64,
    fold: impl Fn(f64, f64) -> f64 + Sync,
    monitor: &Monitor,
) -> Result<Array2<f64>> {
    let count = classes.len();
    let mut folded = vec![start; count * count];
    monitor.expect(labels.len() as u64);
    let rows = folded.par_chunks_mut(count.max(1)).zip(classes);
    let buffers = || (vec![0.0; labels.len()], Vec::new());
    rows.try_for_each_init(buffers, |(to_all, nearest), (row, members)| {
        for &i in members {
            nearest.clear();
            nearest.resize(count, f64::INFINITY);
            distances.distances_to(i, 0, to_all);
            for (&label, &d) in labels.iter().zip(to_all.iter()) {
                let nearest: &mut f64 = &mut nearest[label as usize];
                *nearest = nearest.min(d);
            }
            row.iter_mut().zip(nearest.iter()).for_each(|(x, &d)| *x = fold(*x, d));
            monitor.advance(1)?;
        }
        Ok(())
    })?;
    Ok(Array2::from_shape_vec((count, count), folded).expect("a number for each pair"))
}

/// Shortest paths between all classes (Floyd and Warshall, 1962).
fn shortest_chains(mut chains: Array2<f64>, monitor: &Monitor) -> Result<Array2<f64>> {
    let count = chains.nrows();
    let values = chains.as_slice_mut().expect("rows follow each other");
    monitor.expect(count as u64);
    for through in 0..count {
        let onwards = values[through * count..][..count].to_vec();
        values.par_chunks_mut(count).for_each(|row| {
            let there = row[through];
            arch().dispatch(|| {
                for (d, onward) in row.iter_mut().zip(&onwards) {
                    let detour = there + onward;
                    *d = if detour < *d { detour } else { *d };
                }
            });
        });
        monitor.advance(1)?;
    }
    Ok(chains)
}

/// The points of each class, all of which must have some; as many as representatives.
fn members(
    labels: &[u32],
    len: usize,
    representatives: Option<&[usize]>,
) -> Result<Vec<Vec<usize>>> {
    if labels.len() != len {
        return Err(Error::invalid("labels", format!("have {len} entries"), labels.len()));
    }
    let count = labels.iter().max().map_or(0, |&most| most as usize + 1);
    if count > len {
        return Err(Error::invalid("labels", format!("be below {len}"), count - 1));
    }
    let mut classes = vec![Vec::new(); count];
    labels.iter().enumerate().for_each(|(i, &label)| classes[label as usize].push(i));
    if let Some(empty) = classes.iter().position(Vec::is_empty) {
        return Err(Error::invalid("labels", "leave no class without points", empty));
    }
    if let Some(found) = representatives
        && (found.len() != count || found.iter().any(|&i| i >= len))
    {
        let rule = format!("be {count} of {len} points");
        return Err(Error::invalid("representatives", rule, format!("{found:?}")));
    }
    Ok(classes)
}
