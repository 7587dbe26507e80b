//! Pairs of voxels, and the bars that they bound.

use ndarray::ArrayViewD;

use super::CubicalOptions;
use super::voxel::Voxel;

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

impl CubicalPersistence {
    /// Reads values at pairs of voxels. Voxels at +∞ never enter: what they
    /// bear is no class, and what they kill lives for ever.
    pub(super) fn of_pairs<V: Voxel>(
        image: &ArrayViewD<'_, V>,
        degrees: Vec<Pairs>,
        options: &CubicalOptions,
    ) -> Self {
        let sign = if options.superlevel { -1.0 } else { 1.0 };
        let value = |voxel: u32| sign * at(image, voxel).to_f64();
        let bar = |&(birth_voxel, death_voxel): &(u32, u32)| {
            let birth = value(birth_voxel);
            let death = if death_voxel == NEVER { f64::INFINITY } else { value(death_voxel) };
            (birth < death).then(|| CubicalBar {
                birth: sign * birth,
                death: sign * death,
                birth_voxel,
                death_voxel: (death < f64::INFINITY).then_some(death_voxel),
            })
        };
        let sorted = |pairs: Pairs| {
            let mut bars: Vec<_> = pairs.iter().filter_map(bar).collect();
            bars.sort_unstable_by(|a, b| {
                let values = a.birth.total_cmp(&b.birth).then(a.death.total_cmp(&b.death));
                let voxels = |bar: &CubicalBar| (bar.birth_voxel, bar.death_voxel);
                values.then_with(|| voxels(a).cmp(&voxels(b)))
            });
            bars
        };
        Self { bars: degrees.into_iter().map(sorted).collect() }
    }
}

/// The value at a flat index.
fn at<V: Voxel>(image: &ArrayViewD<'_, V>, voxel: u32) -> V {
    let mut rest = voxel as usize;
    let mut index = [0; super::MAX_AXES];
    for (axis, &len) in image.shape().iter().enumerate().rev() {
        index[axis] = rest % len;
        rest /= len;
    }
    image[&index[..image.ndim()]]
}
