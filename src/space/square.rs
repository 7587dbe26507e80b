//! Square matrices, read as what takes less room.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::condensed::{Rule, TILE, by_rules, read_band, row_start};
use super::{Condensed, Graph, Space, check_pairs};
use crate::budget::Budget;
use crate::error::Result;
use crate::monitor::Monitor;

/// Points below which all distances take little room.
const FEW: usize = 512;
/// Rows by which the number of short distances is estimated.
const SAMPLE: usize = 64;
/// Pairs for each short one above which a graph of these pays.
const SHARE: usize = 8;

/// Takes the distances in a square matrix, as [`Condensed::from_square`] does: those up to
/// `threshold` alone, as a graph, if they are few and no point has them to all others;
/// otherwise all.
pub fn read_square(
    matrix: ArrayView2<'_, f64>,
    step: f64,
    threshold: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Space<'static>> {
    let (len, columns) = matrix.dim();
    monitor.allow(max_memory, "the distances of a matrix", "use fewer points");
    if len == columns && few_are_short(matrix, threshold) {
        let read = |rule| short_distances(matrix, rule, threshold, max_memory, monitor);
        if let Some(graph) = by_rules(matrix, step, read, monitor)? {
            return Ok(Space::Graph(graph));
        }
    }
    check_pairs("distances", len, 1, max_memory)?;
    Ok(Space::Distances(Condensed::from_square(matrix, step, monitor)?))
}

/// Whether few pairs look to be within the threshold.
fn few_are_short(matrix: ArrayView2<'_, f64>, threshold: f64) -> bool {
    let len = matrix.nrows();
    if len < FEW || threshold == f64::INFINITY {
        return false;
    }
    let rows = (0..len).step_by(len / SAMPLE);
    let short = rows.clone().map(|i| matrix.row(i).iter().filter(|&&d| d <= threshold).count());
    short.sum::<usize>() * SHARE <= rows.len() * len
}

/// The graph of the pairs within the threshold, or none if they are not so few, or if a
/// point has all others within it: all distances then say where nothing happens any more.
/// `None` if an entry breaks the rule.
fn short_distances(
    matrix: ArrayView2<'_, f64>,
    rule: Rule,
    threshold: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Option<Option<Graph>>> {
    let len = matrix.nrows();
    let tops: Vec<_> = (0..len).step_by(TILE).collect();
    let bands = tops.into_par_iter().map_init(Vec::new, |band, top| {
        monitor.check()?;
        let rows = top..len.min(top + TILE);
        let pairs = row_start(len, rows.end) - row_start(len, top);
        band.resize(pairs.max(band.len()), 0.0);
        let Some(asymmetry) = read_band(matrix, rows.clone(), &mut band[..pairs], rule) else {
            return Ok(None);
        };
        let is_cut = band[..pairs].iter().any(|&d| d > threshold && d.is_finite());
        let mut rest = &band[..pairs];
        let short = rows.map(|i| {
            let (row, others) = rest.split_at(len - i - 1);
            rest = others;
            let mut later = Vec::with_capacity(row.iter().filter(|d| **d <= threshold).count());
            let pairs = (i as u32 + 1..).zip(row).filter(|(_, d)| **d <= threshold);
            later.extend(pairs.map(|(j, &d)| (j, d)));
            later
        });
        Ok(Some((short.collect::<Vec<_>>(), asymmetry, is_cut)))
    });
    let bands: Option<Vec<_>> = bands.collect::<Result<Vec<_>>>()?.into_iter().collect();
    let Some(bands) = bands else { return Ok(None) };
    let asymmetry = bands.iter().fold(0.0_f64, |most, band| most.max(band.1));
    let is_cut = bands.iter().any(|band| band.2);
    let rows: Vec<_> = bands.into_iter().flat_map(|band| band.0).collect();
    let edges: usize = rows.iter().map(Vec::len).sum();
    if 2 * edges * SHARE > len * len {
        return Ok(Some(None));
    }
    let reading = (rayon::current_num_threads() * TILE * len * size_of::<f64>()) as u64;
    let needed = reading + Graph::bytes(len, edges);
    Budget { allowed: max_memory }.take(
        format_args!("a graph of {edges} distances within the threshold"),
        needed,
        "lower `threshold`",
    )?;
    let graph = Graph::from_later(rows, asymmetry, monitor)?.cut_if(is_cut);
    let nowhere_full = (0..len).all(|i| graph.neighbors(i).len() + 1 < len);
    Ok(Some(nowhere_full.then_some(graph)))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// Points on a line, as a square matrix.
    fn line(len: usize) -> Array2<f64> {
        Array2::from_shape_fn((len, len), |(i, j)| (i as f64 - j as f64).abs())
    }

    fn read(matrix: &Array2<f64>, threshold: f64) -> Result<Space<'static>> {
        read_square(matrix.view(), f64::EPSILON, threshold, u64::MAX, &Monitor::new())
    }

    #[test]
    fn few_short_distances_become_a_graph() {
        let Space::Graph(graph) = read(&line(600), 2.0).unwrap() else {
            panic!("few distances are short");
        };
        assert_eq!(graph.edges().count(), 599 + 598);
        assert!(graph.edges().all(|(i, j, d)| d == f64::from(j - i) && d <= 2.0));
        assert_eq!(graph.neighbors(300), [298, 299, 301, 302]);
    }

    #[test]
    fn all_distances_are_kept_where_many_are_short_or_one_point_is_near_to_all() {
        let is_full = |matrix: &Array2<f64>, threshold| {
            matches!(read(matrix, threshold).unwrap(), Space::Distances(_))
        };
        assert!(is_full(&line(600), f64::INFINITY));
        assert!(is_full(&line(600), 300.0));
        assert!(is_full(&line(100), 1.0));
        let mut star = line(600);
        for j in 1..600 {
            (star[[0, j]], star[[j, 0]]) = (1.0, 1.0);
        }
        assert!(is_full(&star, 2.0));
    }

    #[test]
    fn rounding_is_averaged_in_a_graph_too() {
        let mut matrix = line(600);
        matrix[[7, 8]] += 1e-14;
        matrix[[500, 7]] += 1e-13;
        let Space::Graph(graph) = read(&matrix, 2.0).unwrap() else {
            panic!("few distances are short");
        };
        assert_eq!(graph.weight(7, 8), Some(1.0_f64.midpoint(1.0 + 1e-14)));
        assert!((graph.asymmetry() - 1e-13).abs() < 6e-14);
        let Space::Distances(all) = read(&matrix, f64::INFINITY).unwrap() else {
            panic!("all distances are kept");
        };
        assert_eq!(
            (all.get(8, 7), all.asymmetry()),
            (1.0_f64.midpoint(1.0 + 1e-14), graph.asymmetry())
        );
    }

    #[test]
    fn faults_are_found_among_long_distances() {
        for (place, value) in [((500, 7), 3.0), ((7, 500), f64::NAN), ((9, 9), 1.0)] {
            let mut matrix = line(600);
            matrix[place] = value;
            let found = read(&matrix, 2.0).unwrap_err().to_string();
            assert_eq!(found, read(&matrix, f64::INFINITY).unwrap_err().to_string());
        }
    }
}
