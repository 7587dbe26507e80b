//! Rows scaled to length one, in which rows of one direction are one point.
//!
//! Scaled rows that had one direction differ by rounding, so that their distance would
//! be 10⁻³² rather than 0: twins for a similarity matrix, which is singular then. Rows
//! that are nearer to each other than their rounding become equal to the first of them.

use super::rounding::{SINGLE, Steps};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// Rounding of a coordinate and of what is done with it, in steps.
const STEPS: f64 = 4.0;

/// Scales every row to length one, if it is `centred` after taking its mean; `step` is
/// what comes after 1 in the floats that the rows were computed in, less 1.
pub(super) fn scale_to_directions(
    rows: &mut [f64],
    (len, dim): (usize, usize),
    centred: bool,
    step: f64,
    monitor: &Monitor,
) -> Result<()> {
    // Directions that are apart in half precision are told apart.
    let mut steps = Steps::new(step);
    for row in rows.chunks_exact(dim.max(1)) {
        monitor.check()?;
        steps.see(row.iter().copied());
    }
    let step = steps.step().min(SINGLE);
    let coordinates = STEPS * step;
    let sums = f64::EPSILON * dim as f64 / 2.0;
    let mut slacks = Vec::with_capacity(len);
    for i in 0..len {
        monitor.check()?;
        let row = &mut rows[i * dim..(i + 1) * dim];
        let growth = if centred { center(row) } else { Some(1.0) };
        let scaled = growth.filter(|_| scale_to_length_one(row));
        // Of a constant row the mean leaves nothing but rounding.
        let slack = scaled.map(|growth| (coordinates + sums) * growth).filter(|s| *s < 0.5);
        slacks.push(slack.ok_or_else(|| {
            let (rule, found) = match centred {
                true => ("rows that are not constant", "a constant row"),
                false => ("non-zero rows", "a zero row"),
            };
            Error::invalid_at("X", format!("have {rule} for this metric"), found, [i])
        })?);
    }
    merge(rows, dim, &slacks, monitor)
}

/// Takes its mean from a row; by how much rounding grew, as a share of the row, or
/// `None` for a constant row.
fn center(row: &mut [f64]) -> Option<f64> {
    let first = *row.first()?;
    if row.iter().all(|&x| x == first) {
        return None;
    }
    let before = norm(row);
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    row.iter_mut().for_each(|x| *x -= mean);
    Some(before / norm(row))
}

fn largest(row: &[f64]) -> f64 {
    row.iter().fold(0.0, |m: f64, x| m.max(x.abs()))
}

fn norm(row: &[f64]) -> f64 {
    // The largest entry goes first, so that no square over- or underflows.
    let largest = largest(row);
    largest * row.iter().map(|x| (x / largest) * (x / largest)).sum::<f64>().sqrt()
}

/// Whether there was a length to scale.
fn scale_to_length_one(row: &mut [f64]) -> bool {
    let largest = largest(row);
    if largest == 0.0 {
        return false;
    }
    row.iter_mut().for_each(|x| *x /= largest);
    let norm = norm(row);
    row.iter_mut().for_each(|x| *x /= norm);
    true
}

/// Makes rows equal that are apart by less than their slacks.
///
/// Rows that are near have near shadows on any line, so only those are compared.
fn merge(rows: &mut [f64], dim: usize, slacks: &[f64], monitor: &Monitor) -> Result<()> {
    let row = |i: usize| &rows[i * dim..(i + 1) * dim];
    // A line that is along no axis and no diagonal, of length at most one.
    let line: Vec<_> = (0..dim).map(|k| (k as f64 + 1.0).sin() / (dim as f64).sqrt()).collect();
    let dot = |u: &[f64]| u.iter().zip(&line).map(|(a, b)| a * b).sum::<f64>();
    let mut shadows = Vec::with_capacity(slacks.len());
    for i in 0..slacks.len() {
        monitor.check()?;
        shadows.push((dot(row(i)), i));
    }
    sort_by(&mut shadows, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)), monitor)?;
    let reach = 4.0 * slacks.iter().fold(0.0, |m: f64, s| m.max(*s));
    let mut first: Vec<usize> = (0..slacks.len()).collect();
    // Of each direction near the last shadow, one row: those behind it equal it or differ.
    let mut near: Vec<(f64, usize)> = Vec::new();
    for &(shadow, i) in &shadows {
        monitor.check()?;
        near.retain(|(other, _)| shadow - other <= reach);
        let same = near.iter().find(|(_, j)| {
            let apart = row(i).iter().zip(row(*j)).map(|(a, b)| (a - b) * (a - b));
            apart.sum::<f64>().sqrt() <= slacks[i] + slacks[*j]
        });
        match same {
            Some(&(_, j)) => first[i] = j,
            None => near.push((shadow, i)),
        }
    }
    for i in (0..first.len()).filter(|&i| first[i] != i) {
        monitor.check()?;
        rows.copy_within(first[i] * dim..(first[i] + 1) * dim, i * dim);
    }
    Ok(())
}
