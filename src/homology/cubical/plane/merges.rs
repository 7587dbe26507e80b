//! The elder rule: which component ends where two meet.

use crate::error::Result;
use crate::homology::cubical::places::sorted_places;
use crate::monitor::Monitor;
use crate::union_find::UnionFind;

/// A voxel with the key of its value.
#[derive(Clone, Copy)]
pub struct Keyed<K> {
    pub key: K,
    pub voxel: u32,
}

/// Two components that meet at a voxel.
#[derive(Clone, Copy)]
pub struct Link<K> {
    pub at: Keyed<K>,
    pub ends: [u32; 2],
}

/// What links do to components.
pub struct Merges<K> {
    /// Where two components meet, and the younger one, in order.
    pub merges: Vec<(Keyed<K>, u32)>,
    /// For each link whether its components had met before.
    pub loops: Vec<bool>,
}

/// Links that are looked up together, and then their ends, so that all wait for memory
/// at once.
const BLOCK: usize = 256;

/// Joins components, numbered from the eldest to the youngest, along links, in their
/// order, ties as they stand, or backwards.
pub fn merge<K>(
    components: usize,
    links: &[Link<K>],
    backwards: bool,
    monitor: &Monitor,
) -> Result<Merges<K>>
where
    K: Copy + Ord + Into<u64>,
{
    let mut elders = UnionFind::of_elders(components);
    let mut merges = Vec::with_capacity(components);
    let mut loops = vec![false; links.len()];
    let mut order = sorted_places(links.iter().map(|link| link.at.key), monitor)?;
    if backwards {
        order.reverse();
    }
    for block in order.chunks(BLOCK) {
        monitor.check()?;
        let mut ends = [[0; 2]; BLOCK];
        for (ends, &link) in ends.iter_mut().zip(block) {
            *ends = links[link as usize].ends;
        }
        for [a, b] in &mut ends[..block.len()] {
            (*a, *b) = (elders.grandparent(*a), elders.grandparent(*b));
        }
        for (&[a, b], &link) in ends.iter().zip(block) {
            match elders.merge(a, b) {
                Some(younger) => merges.push((links[link as usize].at, younger)),
                None => loops[link as usize] = true,
            }
        }
    }
    Ok(Merges { merges, loops })
}
