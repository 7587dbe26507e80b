//! Euler characteristics, by counting runs of voxels.

use super::mask::{Mask, WORD, blocks_of_rows};
use crate::arch::arch;
use crate::error::Result;
use crate::homology::cubical::options::Construction;
use crate::monitor::Monitor;

/// The alternating number of cells.
///
/// Of the cells that stretch over the same rows, vertices less edges along the rows are
/// the number of runs: those of voxels that all rows have (V), or that any has (T).
pub fn euler_characteristic(
    mask: &Mask,
    construction: Construction,
    monitor: &Monitor,
) -> Result<i64> {
    let [slices, rows, _] = mask.shape;
    let past = usize::from(construction == Construction::T);
    let mut sum = 0;
    for slice in 0..slices + past {
        for rows in blocks_of_rows(rows + past) {
            monitor.check()?;
            arch().dispatch(
                #[inline(always)]
                || rows.for_each(|row| sum += cells_at(mask, construction, slice, row)),
            );
        }
    }
    Ok(sum)
}

/// Cells between a row and those before it; a step back turns the sign.
#[inline(always)]
fn cells_at(mask: &Mask, construction: Construction, slice: usize, row: usize) -> i64 {
    let [slices, rows, _] = mask.shape;
    let bits = |slice: usize, row: usize, word: usize| {
        if slice < slices && row < rows { mask.row(slice, row)[word] } else { 0 }
    };
    let (mut sum, mut before) = (0, [0; 4]);
    for word in 0..mask.words {
        let (here, back) = (bits(slice, row, word), bits(slice, row.wrapping_sub(1), word));
        let up = bits(slice.wrapping_sub(1), row, word);
        let both = bits(slice.wrapping_sub(1), row.wrapping_sub(1), word);
        let sets = match construction {
            Construction::V => [here, here & back, here & up, here & back & up & both],
            Construction::T => [here, here | back, here | up, here | back | up | both],
        };
        for (k, (set, before)) in sets.iter().zip(&before).enumerate() {
            let starts = set & !(set << 1 | before >> (WORD - 1));
            let runs = i64::from(starts.count_ones());
            sum += if k == 0 || k == 3 { runs } else { -runs };
        }
        before = sets;
    }
    sum
}
