//! The elder rule: which component ends where two meet.

use super::sort::sorted_places;
use crate::error::Result;
use crate::monitor::Monitor;

/// Where components meet, in the order of the image.
pub struct Links<K> {
    /// Places in the order of the filtration.
    pub keys: Vec<K>,
    /// The voxel, and the two components.
    pub links: Vec<Link>,
}

/// Two components that meet at a voxel.
#[derive(Clone, Copy)]
pub struct Link {
    pub voxel: u32,
    pub ends: [u32; 2],
}

/// What links do to components.
pub struct Merges {
    /// The voxel at which two components meet, and the younger one, in order.
    pub merges: Vec<(u32, u32)>,
    /// For each link whether its components had met before.
    pub loops: Vec<bool>,
}

/// Links whose ends are looked up together, so that these wait for memory at once.
const BLOCK: usize = 32;

/// Joins components, numbered from the eldest to the youngest, along links, in their
/// order or backwards.
pub fn merge<K>(
    components: usize,
    links: &Links<K>,
    backwards: bool,
    monitor: &Monitor,
) -> Result<Merges>
where
    K: Copy + Ord + Into<u64>,
{
    let mut elders = Elders { elder: (0..components as u32).collect() };
    let mut merges = Vec::with_capacity(components);
    let mut loops = vec![false; links.links.len()];
    let mut order = sorted_places(&links.keys, monitor)?;
    if backwards {
        order.reverse();
    }
    for block in order.chunks(BLOCK) {
        monitor.check()?;
        let mut ends = [[0; 2]; BLOCK];
        for (ends, &link) in ends.iter_mut().zip(block) {
            let [a, b] = links.links[link as usize].ends;
            *ends = [elders.elder_of(a), elders.elder_of(b)];
        }
        for (&[a, b], &link) in ends.iter().zip(block) {
            let (a, b) = (elders.eldest(a), elders.eldest(b));
            if a == b {
                loops[link as usize] = true;
            } else {
                elders.elder[a.max(b) as usize] = a.min(b);
                merges.push((links.links[link as usize].voxel, a.max(b)));
            }
        }
    }
    Ok(Merges { merges, loops })
}

/// For each component an older one that it has met, or itself.
struct Elders {
    elder: Vec<u32>,
}

impl Elders {
    /// The elder's elder, which is remembered.
    #[inline(always)]
    fn elder_of(&mut self, x: u32) -> u32 {
        let elder = self.elder[self.elder[x as usize] as usize];
        self.elder[x as usize] = elder;
        elder
    }

    #[inline(always)]
    fn eldest(&mut self, mut x: u32) -> u32 {
        while self.elder[x as usize] != x {
            x = self.elder_of(x);
        }
        x
    }
}
