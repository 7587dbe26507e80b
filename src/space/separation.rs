//! How far the points of classes are from one another, and from all others.

use rayon::prelude::*;

use super::{Space, tile};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Mean distances of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Separation {
    /// Between two of its points; NaN for a class of one.
    pub within: f64,
    /// From its points to those of other classes; NaN where there are none.
    pub to_others: f64,
}

/// The mean distances of each class, within it and to the others, without a matrix of distances.
///
/// Labels are below `classes`.
pub fn separation(
    space: &Space<'_>,
    labels: &[u32],
    classes: usize,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Vec<Separation>> {
    if labels.len() != space.len() || labels.iter().any(|&label| label as usize >= classes) {
        let rule = format!("have {} entries below {classes}", space.len());
        return Err(Error::invalid("labels", rule, format!("{} entries", labels.len())));
    }
    monitor.allow(max_memory, "mean distances of classes", "use fewer points");
    let sums = Sums::of(space, labels, classes, monitor)?;
    if sums.within.iter().chain(&sums.to_others).any(|sum| sum.is_infinite()) {
        let rule = "hold distances with a finite sum";
        return Err(Error::invalid("X", rule, "a sum beyond 1.8e308"));
    }
    let mut sizes = vec![0_usize; classes];
    labels.iter().for_each(|&label| sizes[label as usize] += 1);
    let means = sums.within.iter().zip(&sums.to_others).zip(sizes);
    Ok(means
        .map(|((within, to_others), size)| Separation {
            within: within / (size * size.saturating_sub(1) / 2) as f64,
            to_others: to_others / (size * (labels.len() - size)) as f64,
        })
        .collect())
}

/// Sums of distances, by class.
struct Sums {
    within: Vec<f64>,
    to_others: Vec<f64>,
}

impl Sums {
    fn of(space: &Space<'_>, labels: &[u32], classes: usize, monitor: &Monitor) -> Result<Self> {
        /// Rows that are added one after the other; blocks of them are added in order.
        const ROWS: usize = tile::SIDE;
        let len = labels.len();
        monitor.expect(len as u64);
        let firsts: Vec<usize> = (0..len).step_by(ROWS).collect();
        let of_block = |&first: &usize| {
            let rows = first..len.min(first + ROWS);
            let mut sums = Self::zero(classes, monitor)?;
            match space {
                Space::Points(points) => {
                    let mut distances = monitor.filled(rows.len() * len, 0.0)?;
                    let mut later: Vec<_> = (distances.chunks_mut(len).zip(rows))
                        .map(|(row, i)| &mut row[i + 1..])
                        .collect();
                    tile::to_later(points, first, &mut later, monitor)?;
                    for (i, row) in (first..).zip(later) {
                        sums.add_later(i, row, labels, monitor)?;
                    }
                }
                Space::Distances(distances) => {
                    for i in rows {
                        sums.add_later(i, distances.row(i), labels, monitor)?;
                    }
                }
                Space::Graph(_) => {
                    return Err(Error::invalid("X", "not be sparse", "a sparse matrix"));
                }
            }
            Ok(sums)
        };
        let blocks = firsts.par_iter().map(of_block).collect::<Result<Vec<_>>>()?;
        blocks.iter().try_fold(Self::zero(classes, monitor)?, |mut sums, block| {
            monitor.check()?;
            let add = |sums: &mut [f64], more: &[f64]| {
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            };
            add(&mut sums.within, &block.within);
            add(&mut sums.to_others, &block.to_others);
            Ok(sums)
        })
    }

    fn zero(classes: usize, monitor: &Monitor) -> Result<Self> {
        Ok(Self { within: monitor.filled(classes, 0.0)?, to_others: monitor.filled(classes, 0.0)? })
    }

    /// Adds the distances from a point to all later ones.
    fn add_later(
        &mut self,
        i: usize,
        distances: &[f64],
        labels: &[u32],
        monitor: &Monitor,
    ) -> Result<()> {
        monitor.advance(1)?;
        let own = labels[i] as usize;
        let (mut within, mut to_others) = (0.0, 0.0);
        for (&d, &label) in distances.iter().zip(&labels[i + 1..]) {
            if label as usize == own {
                within += d;
            } else {
                to_others += d;
                self.to_others[label as usize] += d;
            }
        }
        self.within[own] += within;
        self.to_others[own] += to_others;
        Ok(())
    }
}
