//! The Vendi score: the diversity of the eigenvalues of a kernel.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::checks::{check_order, check_scale};
use super::diversity::power_mean;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::linalg;
use crate::monitor::Monitor;
use crate::space::{PointCloud, Rounding, Space};

/// The score of the cosines between the rows of a cloud, which are of length
/// one, as those under the cosine metric are.
pub fn vendi_of_directions(
    points: &PointCloud<'_>,
    order: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<f64> {
    let (n, d) = (points.len(), points.dim());
    check(n, n.min(d), order, max_memory, monitor)?;
    let rows = points.rows();
    let matrix = linalg::gram(rows.as_slice().expect("one row a point"), (n, d), monitor)?;
    // Entries are sums of d products.
    let rounding = n.max(d) as f64 * f64::EPSILON;
    vendi(matrix, n.min(d), rounding, order, monitor)
}

/// The score of exp(−tD), in which copies are points of their own.
pub fn vendi_of_space(
    space: &Space<'_>,
    t: f64,
    order: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<f64> {
    let n = space.len();
    check(n, n, order, max_memory, monitor)?;
    check_scale("t", t)?;
    let mut matrix = monitor.filled(n * n, 0.0)?;
    matrix.par_chunks_exact_mut(n).enumerate().try_for_each(|(j, column)| {
        monitor.check()?;
        match space {
            Space::Points(points) => points.distances_to(points.row(j), 0, column),
            Space::Distances(distances) => distances.distances_to(j, 0, column),
            Space::Graph(graph) => {
                column.fill(f64::INFINITY);
                column[j] = 0.0;
                let edges = graph.neighbors(j).iter().zip(graph.weights(j));
                edges.for_each(|(&i, &d)| column[i as usize] = d);
            }
        }
        column.iter_mut().for_each(|d| *d = (-t * *d).exp());
        Ok(())
    })?;
    let rounding = n as f64 * f64::EPSILON;
    vendi(matrix, n, rounding, order, monitor)
}

/// The score of a given kernel, computed in floats with this `step` after 1; refuses
/// matrices that, but for rounding, are not symmetric with ones on the diagonal.
pub fn vendi_of_kernel(
    kernel: ArrayView2<'_, f64>,
    step: f64,
    order: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<f64> {
    let (n, columns) = kernel.dim();
    if n != columns {
        return Err(Error::invalid("X", "be square", format!("shape ({n}, {columns})")));
    }
    check(n, n, order, max_memory, monitor)?;
    let rounding = Rounding::of_matrix(kernel, step, monitor)?;
    let mut matrix = monitor.room(n * n)?;
    for j in 0..n {
        monitor.check()?;
        let own = kernel[[j, j]];
        if !rounding.is_near(own, 1.0) {
            return Err(Error::invalid_at("X", "have a diagonal of ones", own, [j, j]));
        }
        for i in 0..n {
            let (lower, upper) = (kernel[[i, j]], kernel[[j, i]]);
            if !rounding.is_near(lower, upper) {
                let found = format!("{upper} and {lower}");
                return Err(Error::invalid_at("X", "be symmetric", found, [j, i]));
            }
            matrix.push(0.5 * (lower + upper));
        }
    }
    vendi(matrix, n, n as f64 * rounding.step(), order, monitor)
}

fn check(n: usize, side: usize, order: f64, max_memory: u64, monitor: &Monitor) -> Result<()> {
    check_order(order)?;
    monitor.allow(max_memory, "eigenvalues", "use fewer points");
    if n == 0 {
        return Err(Error::invalid("X", "have at least one point", 0));
    }
    let needed = linalg::eigenvalue_bytes(side);
    let fits = (side as f64 * (max_memory as f64 / needed as f64).sqrt()) as u64;
    Budget { allowed: max_memory }.ask(
        format_args!("the eigenvalues of a matrix of {side} rows"),
        needed,
        format_args!("those of about {fits} rows would fit"),
    )?;
    Ok(())
}

/// exp of the entropy of the eigenvalues, divided by their sum. Those within `rounding`
/// of zero, as a share of the largest, count as zero.
fn vendi(
    matrix: Vec<f64>,
    side: usize,
    rounding: f64,
    order: f64,
    monitor: &Monitor,
) -> Result<f64> {
    let eigenvalues = linalg::eigenvalues(matrix, side, monitor)?;
    let largest = eigenvalues.iter().copied().fold(0.0, f64::max);
    let least = eigenvalues.iter().copied().fold(f64::INFINITY, f64::min);
    if least < -rounding * largest {
        return Err(Error::Numerical(format!(
            "the kernel is not positive semidefinite: it has the eigenvalue {least:.3e}"
        )));
    }
    let positive: Vec<f64> = eigenvalues.into_iter().filter(|x| *x > rounding * largest).collect();
    // n, the trace of the kernel, but for rounding.
    let total: f64 = positive.iter().sum();
    let shares: Vec<f64> = positive.iter().map(|x| x / total).collect();
    Ok(1.0 / power_mean(&shares, &shares, order))
}
