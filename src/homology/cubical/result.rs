//! Pairs of voxels, and the bars that they bound.

use ndarray::ArrayViewD;

use super::options::MAX_AXES;
use super::voxel::Voxel;
use crate::blocks::mapped;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::sort::sorted;

/// Stands for the death of an essential class.
pub(super) const NEVER: u32 = u32::MAX;

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

/// Reads values at pairs of voxels. Voxels at +∞ never enter: what they bear is
/// no class, and what they kill lives for ever.
pub(super) fn bars_of_pairs<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    degrees: Vec<Pairs>,
    superlevel: bool,
    monitor: &Monitor,
) -> Result<Vec<Vec<CubicalBar>>> {
    let sign = if superlevel { -1.0 } else { 1.0 };
    let values = image.as_slice();
    let value = |voxel: u32| {
        let value = values.map_or_else(|| at(image, voxel), |values| values[voxel as usize]);
        sign * value.to_f64()
    };
    // What bars are sorted by; adding zero makes the two zeros one.
    let row = |&(birth_voxel, death_voxel): &(u32, u32)| {
        let birth = value(birth_voxel);
        let death = if death_voxel == NEVER { f64::INFINITY } else { value(death_voxel) };
        let death_voxel = if death == f64::INFINITY { NEVER } else { death_voxel };
        let ends = || [birth, death].map(|end| (sign * end + 0.0).key());
        (birth < death).then(|| (ends(), birth_voxel, death_voxel))
    };
    let bar = |([birth, death], birth_voxel, death_voxel): ([u64; 2], u32, u32)| CubicalBar {
        birth: f64::of_key(birth),
        death: f64::of_key(death),
        birth_voxel,
        death_voxel: (death_voxel != NEVER).then_some(death_voxel),
    };
    let bars = |pairs: Pairs| {
        let rows = sorted(&[&mapped(&pairs, row, monitor)?], monitor)?;
        mapped(&rows, |&row| Some(bar(row)), monitor)
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
