//! Exact duplicates among the rows of an array.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rustc_hash::FxHashMap;

/// Index of the first copy of every distinct row, in order of appearance.
///
/// Rows are equal when all entries are: 0.0 equals −0.0.
pub fn distinct_rows(rows: ArrayView2<'_, f64>) -> Vec<usize> {
    let mut seen = FxHashMap::default();
    rows.axis_iter(Axis(0))
        .enumerate()
        .filter(|(i, row)| seen.insert(bits(*row), *i).is_none())
        .map(|(i, _)| i)
        .collect()
}

fn bits(row: ArrayView1<'_, f64>) -> Box<[u64]> {
    // Adding 0.0 turns −0.0 into 0.0 and leaves every other number alone.
    row.iter().map(|x| (x + 0.0).to_bits()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn keeps_the_first_of_each() {
        let rows = array![[1.0, 0.0], [2.0, 0.0], [1.0, -0.0], [2.0, 0.0], [3.0, 1.0]];
        assert_eq!(distinct_rows(rows.view()), [0, 1, 4]);
    }
}
