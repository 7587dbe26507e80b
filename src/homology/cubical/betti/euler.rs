//! Euler characteristics, by counting runs of voxels.

use super::mask::{Mask, WORD};
use crate::arch::arch;
use crate::homology::cubical::Construction;

/// The alternating number of cells.
///
/// Of the cells that stretch over the same rows, vertices less edges along the rows are
/// the number of runs: those of voxels that all rows have (V), or that any has (T).
pub fn euler_characteristic(mask: &Mask, construction: Construction) -> i64 {
    let [slices, rows, _] = mask.shape;
    let past = usize::from(construction == Construction::T);
    let mut sum = 0;
    arch().dispatch(
        #[inline(always)]
        || {
            for slice in 0..slices + past {
                for row in 0..rows + past {
                    sum += cells_at(mask, construction, slice, row);
                }
            }
        },
    );
    sum
}

/// Cells between a row and those before it; a step back turns the sign.
#[inline(always)]
fn cells_at(mask: &Mask, construction: Construction, slice: usize, row: usize) -> i64 {
    let [slices, rows, _] = mask.shape;
    let bits =
        |slice: usize, row: usize| (slice < slices && row < rows).then(|| mask.row(slice, row));
    let here = bits(slice, row);
    let [back, up, both] = [
        bits(slice, row.wrapping_sub(1)),
        bits(slice.wrapping_sub(1), row),
        bits(slice.wrapping_sub(1), row.wrapping_sub(1)),
    ];
    let (mut sum, mut before) = (0, [0; 4]);
    for word in 0..mask.words {
        let [here, back, up, both] =
            [here, back, up, both].map(|row| row.map_or(0, |row| row[word]));
        let sets = match construction {
            Construction::V => [here, here & back, here & up, here & back & up & both],
            Construction::T => [here, here | back, here | up, here | back | up | both],
        };
        for (k, sign) in [1, -1, -1, 1].into_iter().enumerate() {
            let starts = sets[k] & !(sets[k] << 1 | before[k] >> (WORD - 1));
            sum += sign * i64::from(starts.count_ones());
        }
        before = sets;
    }
    sum
}
