//! A volume with a margin, and the link of every voxel.

use ndarray::{ArrayView3, s};
use rayon::prelude::*;

use super::lower_star::{LOWER_STARS, link};
use crate::error::Result;
use crate::homology::cubical::options::{Construction, CubicalOptions};
use crate::homology::cubical::voxel::{Key, Voxel};
use crate::monitor::Monitor;

/// A voxel by its place in the order: key, then index.
pub type Place<K> = (K, u32);

/// Keys of voxels with a margin of one voxel on all sides.
///
/// In the V-construction the margin comes after all others, which is never. The
/// T-construction is turned into its dual: voxels enter in reverse order, the
/// margin, which stands for the space around, first.
pub struct Volume<K> {
    keys: Vec<K>,
    /// Links of voxels, as numbers of [`LOWER_STARS`].
    states: Vec<u16>,
    /// Voxels along each axis, without the margin.
    shape: [usize; 3],
    /// From one voxel to the next along each axis, with the margin.
    strides: [usize; 3],
    margin: K,
    dual: bool,
}

impl<K: Key> Volume<K> {
    /// Bytes that a volume takes.
    pub fn bytes(shape: [usize; 3]) -> u64 {
        let voxels = shape.iter().fold(1_u64, |bytes, &len| bytes.saturating_mul(len as u64 + 2));
        voxels.saturating_mul(size_of::<K>() as u64 + 2)
    }

    pub fn new<V: Voxel<Key = K>>(
        image: ArrayView3<'_, V>,
        options: &CubicalOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let shape = image.dim().into();
        let [depth, height, width]: [usize; 3] = shape;
        let strides = [(height + 2) * (width + 2), width + 2, 1];
        let dual = options.construction == Construction::T;
        let margin = if dual { V::LEAST } else { !V::LEAST };
        let mut keys = vec![K::default(); (depth + 2) * strides[0]];
        let fill = |(z, slab): (usize, &mut [K])| {
            slab.fill(margin);
            if !(1..=depth).contains(&z) {
                return monitor.check();
            }
            for (y, row) in slab.chunks_exact_mut(strides[1]).enumerate().take(height + 1).skip(1) {
                monitor.check()?;
                let row = &mut row[1..=width];
                let of_row = if dual {
                    image.slice(s![depth - z, height - y, ..;-1])
                } else {
                    image.slice(s![z - 1, y - 1, ..])
                };
                if dual == options.superlevel {
                    row.iter_mut().zip(&of_row).for_each(|(key, value)| *key = value.key());
                } else {
                    row.iter_mut().zip(&of_row).for_each(|(key, value)| *key = !value.key());
                }
            }
            Ok(())
        };
        keys.par_chunks_exact_mut(strides[0]).enumerate().try_for_each(fill)?;
        let mut volume = Self { keys, states: Vec::new(), shape, strides, margin, dual };
        volume.states = volume.links(monitor)?;
        Ok(volume)
    }

    fn links(&self, monitor: &Monitor) -> Result<Vec<u16>> {
        let [depth, height, width] = self.shape;
        let mut states = vec![0; self.keys.len()];
        let fill = |(z, slab): (usize, &mut [u16])| {
            let mut before = vec![0_u32; width];
            for (y, row) in slab.chunks_exact_mut(self.strides[1]).enumerate() {
                if !(1..=height).contains(&y) {
                    continue;
                }
                monitor.check()?;
                self.compare(z * self.strides[0] + y * self.strides[1] + 1, &mut before);
                for (state, &link) in row[1..].iter_mut().zip(&before) {
                    *state = LOWER_STARS.state(link);
                }
            }
            Ok(())
        };
        let slabs = states.par_chunks_exact_mut(self.strides[0]).enumerate();
        slabs.skip(1).take(depth).try_for_each(fill)?;
        Ok(states)
    }

    /// The links of a row of voxels that begins at `start`.
    fn compare(&self, start: usize, links: &mut [u32]) {
        links.fill(0);
        let row = &self.keys[start..][..links.len()];
        for (bit, offset) in neighbours(self.strides) {
            let beside = &self.keys[start.wrapping_add_signed(offset)..][..links.len()];
            // Of equal voxels the one with the smaller index comes first.
            if offset < 0 {
                for ((link, key), other) in links.iter_mut().zip(row).zip(beside) {
                    *link |= u32::from(other <= key) << bit;
                }
            } else {
                for ((link, key), other) in links.iter_mut().zip(row).zip(beside) {
                    *link |= u32::from(other < key) << bit;
                }
            }
        }
        links.iter_mut().for_each(|before| *before = link(*before));
    }

    /// Voxels, and those of the margin.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_dual(&self) -> bool {
        self.dual
    }

    #[inline(always)]
    pub fn state(&self, voxel: u32) -> u16 {
        self.states[voxel as usize]
    }

    #[inline(always)]
    pub fn place(&self, voxel: u32) -> Place<K> {
        (self.keys[voxel as usize], voxel)
    }

    /// The same as one integer.
    #[inline(always)]
    pub fn packed(&self, voxel: u32) -> K::Packed {
        self.keys[voxel as usize].pack(voxel)
    }

    #[inline(always)]
    pub fn in_margin(&self, voxel: u32) -> bool {
        self.keys[voxel as usize] == self.margin
    }

    /// The next voxel in the direction of a corner of the link.
    #[inline(always)]
    pub fn step(&self, voxel: u32, corner: usize) -> u32 {
        let stride = self.strides[corner / 2] as u32;
        if corner % 2 == 1 { voxel + stride } else { voxel - stride }
    }

    /// The voxels of a cube, given by its first one.
    #[inline(always)]
    pub fn cube(&self, first: u32) -> [u32; 8] {
        let [z, y, x] = self.strides.map(|stride| stride as u32);
        [0, x, y, y + x, z, z + x, z + y, z + y + x].map(|offset| first + offset)
    }

    /// The first voxel of the cube that reaches from a voxel into an octant.
    #[inline(always)]
    pub fn first_of_cube(&self, voxel: u32, octant: usize) -> u32 {
        let [z, y, x] = self.strides.map(|stride| stride as u32);
        let back = |bit: usize, stride: u32| if octant & bit == 0 { stride } else { 0 };
        voxel - back(4, z) - back(2, y) - back(1, x)
    }

    /// Slabs of voxels, as ranges, each with the margins at the ends of its rows.
    pub fn slabs(&self) -> Vec<std::ops::Range<usize>> {
        (1..=self.shape[0]).map(|z| z * self.strides[0]..(z + 1) * self.strides[0]).collect()
    }

    /// The states of a range of voxels.
    pub fn states(&self, range: std::ops::Range<usize>) -> &[u16] {
        &self.states[range]
    }

    /// The flat index of a voxel in the image.
    pub fn flat(&self, voxel: u32) -> u32 {
        let voxel = voxel as usize;
        let index = [
            voxel / self.strides[0],
            voxel % self.strides[0] / self.strides[1],
            voxel % self.strides[1],
        ];
        let flat = index
            .iter()
            .zip(&self.shape)
            .fold(0, |flat, (&at, &len)| flat * len + if self.dual { len - at } else { at - 1 });
        flat as u32
    }
}

/// Where the 26 neighbours are, with their bits in a link.
fn neighbours(strides: [usize; 3]) -> impl Iterator<Item = (u32, isize)> {
    use super::lower_star::{SIDES, TRIANGLES, ends};
    let strides = strides.map(|stride| stride as isize);
    let step = move |corner: usize| {
        if corner % 2 == 1 { strides[corner / 2] } else { -strides[corner / 2] }
    };
    let corners = (0..6).map(move |corner| (corner as u32, step(corner)));
    let sides = (0..12).map(move |side| (SIDES + side as u32, ends(side).map(step).iter().sum()));
    let triangles = (0..8).map(move |octant| {
        let offset = step(octant / 4) + step(2 + octant / 2 % 2) + step(4 + octant % 2);
        (TRIANGLES + octant as u32, offset)
    });
    corners.chain(sides).chain(triangles)
}
