//! What is known of distances before anything is solved, the same to the last bit in
//! whatever order the points are.

use rayon::prelude::*;

use super::preconditioner::scatter;
use super::tiles::Source;
use crate::error::Result;
use crate::monitor::Monitor;

/// Most rows of a sample, and fewest.
const ROWS: usize = 256;
const FEWEST: usize = 16;
/// Most distances of a sample, unless that leaves too few rows.
const ENTRIES: usize = 1 << 20;

/// Distances from 16 to 256 points to all others, from those with the least keys: each
/// row sorted, and the rows too, so that sums of them are the same as well.
pub fn sample(source: &Source<'_>, monitor: &Monitor) -> Result<Vec<Vec<f64>>> {
    let len = source.len();
    let count = (ENTRIES / len).clamp(FEWEST, ROWS).min(len);
    let mut chosen: Vec<_> = (0..len).collect();
    if count < len {
        let keys = keys(source, monitor)?;
        chosen.select_nth_unstable_by_key(count, |&i| (keys[i], i));
        chosen.truncate(count);
    }
    let rows = chosen.into_par_iter().map(|i| {
        monitor.check()?;
        let others = (0..len).filter(|&j| j != i);
        let mut row: Vec<_> = others.map(|j| source.get(i, j)).collect();
        row.sort_unstable_by(f64::total_cmp);
        Ok(row)
    });
    let mut rows = rows.collect::<Result<Vec<_>>>()?;
    rows.sort_unstable_by(|a, b| a.iter().map(|&d| bits(d)).cmp(b.iter().map(|&d| bits(d))));
    Ok(rows)
}

/// A number for each point by its coordinates, or by its distances to the others.
fn keys(source: &Source<'_>, monitor: &Monitor) -> Result<Vec<u64>> {
    match source {
        Source::Points(points) => {
            let key = |i| points.row(i).iter().fold(0, |key, x| scatter(key ^ bits(*x)));
            Ok((0..points.len()).into_par_iter().map(key).collect())
        }
        Source::Held(distances) => {
            let mut keys = vec![0_u64; distances.len()];
            for i in 0..distances.len() {
                monitor.check()?;
                let (own, later) = keys[i..].split_first_mut().expect("i is a point");
                for (key, &d) in later.iter_mut().zip(distances.row(i)) {
                    // Sums do not depend on the order of the others.
                    let part = scatter(bits(d));
                    *own = own.wrapping_add(part);
                    *key = key.wrapping_add(part);
                }
            }
            Ok(keys)
        }
    }
}

/// Adding 0.0 turns −0.0 into 0.0 and leaves every other number alone.
fn bits(x: f64) -> u64 {
    (x + 0.0).to_bits()
}

/// The shortest and the longest of the distances that are positive and finite.
pub fn reach(source: &Source<'_>, monitor: &Monitor) -> Result<Option<(f64, f64)>> {
    const NONE: (f64, f64) = (f64::INFINITY, 0.0);
    let both = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
    let len = source.len();
    let rows = (0..len).into_par_iter().map_init(
        || vec![0.0; len],
        |buffer, i| {
            monitor.check()?;
            let row = source.after(i, buffer).iter().filter(|d| **d > 0.0 && d.is_finite());
            Ok(row.fold(NONE, |found, &d| both(found, (d, d))))
        },
    );
    let found = rows.try_reduce(|| NONE, |a, b| Ok(both(a, b)))?;
    Ok((found.1 > 0.0).then_some(found))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use ndarray::Array2;

    use super::*;
    use crate::space::{Metric, PointCloud, pairwise};

    #[test]
    fn the_order_of_points_does_not_matter() {
        let monitor = Monitor::new();
        let rows =
            Array2::from_shape_fn((700, 3), |(i, k)| (scatter((3 * i + k) as u64) >> 11) as f64);
        let turned = rows.slice(ndarray::s![..;-1, ..]);
        let cloud = |rows| PointCloud::new(rows, Metric::Euclidean, &monitor).unwrap();
        let (cloud, turned) = (cloud(rows.view()), cloud(turned));
        let held = |cloud| Source::Held(Cow::Owned(pairwise(cloud, &monitor).unwrap()));
        let (one, other) = (held(&cloud), held(&turned));
        for (one, other) in [(one, other), (Source::Points(cloud), Source::Points(turned))] {
            assert_eq!(sample(&one, &monitor).unwrap(), sample(&other, &monitor).unwrap());
            assert_eq!(reach(&one, &monitor).unwrap(), reach(&other, &monitor).unwrap());
        }
    }
}
