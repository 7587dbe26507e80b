//! Networks with the same predictions, found without comparing all pairs.

use std::collections::hash_map::Entry;

use ndarray::ArrayView2;
use rustc_hash::FxHashMap;

use super::Label;
use crate::error::Result;
use crate::monitor::Monitor;

/// The class of each row: rows are in the same one if they are equal, and
/// classes are numbered in the order of their first rows.
pub fn classes_of_rows<L: Label>(rows: ArrayView2<'_, L>, monitor: &Monitor) -> Result<Vec<u32>> {
    let mut numbers = FxHashMap::default();
    let mut classes = Vec::with_capacity(rows.nrows());
    monitor.expect(rows.nrows() as u64);
    for row in rows.outer_iter() {
        let next = numbers.len() as u32;
        classes.push(match numbers.entry(row.to_vec()) {
            Entry::Occupied(number) => *number.get(),
            Entry::Vacant(place) => *place.insert(next),
        });
        monitor.advance(1)?;
    }
    Ok(classes)
}
