//! Pairs of voxels, and the bars that they bound.

use ndarray::ArrayViewD;
use rayon::prelude::*;

use super::options::MAX_AXES;
use super::sort::{Ranked, sorted};
use super::voxel::{Key, Voxel};
use crate::error::Result;
use crate::monitor::Monitor;

/// Stands for the death of an essential class.
pub(super) const NEVER: u32 = u32::MAX;

/// Pairs that a thread reads at a time.
const AT_ONCE: usize = 1 << 14;

/// Bars that are made between two looks at the monitor.
const BLOCK: usize = 1 << 20;

/// The voxels with which the classes of one degree come and go.
///
/// With voxels in a total order (value, then flat index) the pairs are unique:
/// they are those of the filtration into which one voxel enters at a time.
pub(super) type Pairs = Vec<(u32, u32)>;

/// One class, and where it is born and dies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CubicalBar {
    /// Value with which the class is born.
    pub birth: f64,
    /// Value with which it dies; infinite if it never does.
    pub death: f64,
    /// Flat index, in C order, of the voxel whose value is the birth.
    pub birth_voxel: u32,
    /// The same of the death; none where that is infinite.
    pub death_voxel: Option<u32>,
}

/// Persistence diagrams of an image, degree after degree.
#[derive(Debug, Clone, PartialEq)]
pub struct CubicalPersistence {
    /// Bars of each degree by (birth, death, voxels), none of length zero.
    pub bars: Vec<Vec<CubicalBar>>,
}

/// What bars are sorted by: keys of birth and death in the order of values, and the
/// voxels.
pub(super) type Row<K> = ([K; 2], u32, u32);

impl<K: Key> Ranked for Row<K> {
    fn rank(&self) -> u64 {
        self.0[0].into()
    }
}

/// The row of a class that is born and dies with voxels of these keys, in the order in
/// which voxels enter, unless it lives no time. Voxels at infinity never enter: what
/// they bear is no class, and what they kill lives for ever.
#[inline(always)]
pub(super) fn row<V: Voxel>(
    (birth, birth_voxel): (V::Key, u32),
    death: Option<(V::Key, u32)>,
    superlevel: bool,
) -> Option<Row<V::Key>> {
    let never = V::never(superlevel);
    let (death, death_voxel) = death.filter(|death| death.0 < never).unwrap_or((never, NEVER));
    let ends = if superlevel { [!birth, !death] } else { [birth, death] };
    (birth < death).then_some((ends, birth_voxel, death_voxel))
}

/// Bars in their order.
pub(super) fn bars_of_rows<V: Voxel>(
    rows: &[Vec<Row<V::Key>>],
    monitor: &Monitor,
) -> Result<Vec<CubicalBar>> {
    let bar = |&([birth, death], birth_voxel, death_voxel): &Row<V::Key>| CubicalBar {
        birth: V::of_key(birth).to_f64(),
        death: V::of_key(death).to_f64(),
        birth_voxel,
        death_voxel: (death_voxel != NEVER).then_some(death_voxel),
    };
    let rows = sorted(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>(), monitor)?;
    let mut bars = Vec::with_capacity(rows.len());
    for rows in rows.chunks(BLOCK) {
        monitor.check()?;
        bars.par_extend(rows.par_iter().with_min_len(AT_ONCE).map(bar));
    }
    Ok(bars)
}

/// Reads values at pairs of voxels.
pub(super) fn bars_of_pairs<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: Vec<Pairs>,
    superlevel: bool,
    monitor: &Monitor,
) -> Result<Vec<Vec<CubicalBar>>> {
    let values = image.as_slice();
    let keyed = |voxel: u32| {
        let value = values.map_or_else(|| at(image, voxel), |values| values[voxel as usize]);
        (value.entry_key(superlevel), voxel)
    };
    let row_of_pair = |&(birth, death): &(u32, u32)| {
        row::<V>(keyed(birth), (death != NEVER).then(|| keyed(death)), superlevel)
    };
    let bars = |pairs: Pairs| {
        let rows = pairs.par_chunks(AT_ONCE).map(|pairs| {
            monitor.check()?;
            Ok(pairs.iter().filter_map(row_of_pair).collect())
        });
        let rows: Vec<Vec<_>> = rows.collect::<Result<_>>()?;
        bars_of_rows::<V>(&rows, monitor)
    };
    degrees.into_iter().map(bars).collect()
}

/// The value at a flat index.
fn at<V: Voxel>(image: &ArrayViewD<'_, V>, voxel: u32) -> V {
    let mut rest = voxel as usize;
    let mut index = [0; MAX_AXES];
    for (axis, &len) in image.shape().iter().enumerate().rev() {
        index[axis] = rest % len;
        rest /= len;
    }
    image[&index[..image.ndim()]]
}
