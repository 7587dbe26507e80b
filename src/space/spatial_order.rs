//! Points in an order in which near ones have near places: halved again and again across
//! their widest axis (Bentley 1975).

use rayon::prelude::*;

use super::PointCloud;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::sort::select_nth_by;

/// The points in the order of the leaves of a k-d tree; `cut` says of so many points how
/// many of them come before the cut, unless they are left together.
pub fn spatial_order(
    points: &PointCloud<'_>,
    cut: impl Fn(usize) -> Option<usize> + Sync,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let mut order = monitor.room(points.len())?;
    order.extend(0..points.len() as u32);
    if points.dim() > 0 {
        divide(points, &mut order, &cut, monitor)?;
    }
    Ok(order)
}

/// Orders points so that both parts, parts of parts and so on lie apart.
fn divide(
    points: &PointCloud<'_>,
    order: &mut [u32],
    cut: &(impl Fn(usize) -> Option<usize> + Sync),
    monitor: &Monitor,
) -> Result<()> {
    /// Points that are worth another thread.
    const ENOUGH: usize = 8192;
    monitor.check()?;
    let Some(first) = cut(order.len()) else { return Ok(()) };
    let axis = widest_axis(points, order, monitor)?;
    let along = |i: u32| points.row(i as usize)[axis];
    let before = |&i: &u32, &j: &u32| along(i).total_cmp(&along(j)).then(i.cmp(&j));
    select_nth_by(order, first, before, monitor)?;
    let many = order.len() >= ENOUGH;
    let (left, right) = order.split_at_mut(first);
    if !many {
        divide(points, left, cut, monitor)?;
        return divide(points, right, cut, monitor);
    }
    let (left, right) =
        rayon::join(|| divide(points, left, cut, monitor), || divide(points, right, cut, monitor));
    left.and(right)
}

fn widest_axis(points: &PointCloud<'_>, order: &[u32], monitor: &Monitor) -> Result<usize> {
    const BLOCK: usize = 1 << 14;
    let dim = points.dim();
    let bounds = |block: &[u32]| {
        monitor.check()?;
        let mut bounds = vec![(f64::INFINITY, f64::NEG_INFINITY); dim];
        for &i in block {
            for ((least, largest), &x) in bounds.iter_mut().zip(points.row(i as usize)) {
                *least = least.min(x);
                *largest = largest.max(x);
            }
        }
        Ok(bounds)
    };
    let merged = |mut a: Vec<(f64, f64)>, b: Vec<(f64, f64)>| {
        for (a, b) in a.iter_mut().zip(b) {
            *a = (a.0.min(b.0), a.1.max(b.1));
        }
        Ok(a)
    };
    let all = match order.len() <= BLOCK {
        true => bounds(order),
        false => order.par_chunks(BLOCK).map(bounds).try_reduce_with(merged).unwrap_or(bounds(&[])),
    }?;
    let width = |axis: usize| all[axis].1 - all[axis].0;
    Ok((0..dim).rev().max_by(|&a, &b| width(a).total_cmp(&width(b))).unwrap_or(0))
}
