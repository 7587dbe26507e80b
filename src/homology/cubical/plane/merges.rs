//! The elder rule: which component ends where two meet.

use crate::error::Result;
use crate::homology::cubical::places::Sorter;
use crate::homology::cubical::result::Row;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;
use crate::union_find::{Policy, UnionFind};

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

/// Components with the voxels at which they begin.
pub struct Components<'a, K> {
    pub extrema: &'a [Keyed<K>],
    /// Those that reach beyond what is looked at: they may begin and meet others
    /// earlier than is known.
    pub open: Vec<bool>,
    /// Whether the highest are the eldest, and links come from the last to the first.
    pub up: bool,
}

/// What links do to components.
pub struct Merges<K> {
    /// Classes that end or begin where two components meet.
    pub rows: Vec<Row<K>>,
    /// Numbers of links at which an open component would end, and the components by
    /// such as are left.
    pub pending: Vec<(u32, [u32; 2])>,
    /// For each link whether its components had met before.
    pub loops: Vec<bool>,
    /// Where the eldest of all begins.
    pub eldest: Keyed<K>,
}

/// Links that are looked up together, and then their ends, so that all wait for memory
/// at once.
const BLOCK: usize = 256;

impl<K: Key> Components<'_, K> {
    /// Joins those that are the `same`, then all along links in the order of voxels, ties
    /// as they stand. `row` is told where a component begins and ends.
    ///
    /// A component that is not open ends where it meets an elder one: if that is open,
    /// what lies beyond may only make it older. An open one may turn out to be the elder
    /// one, so that this link is left over.
    pub fn merge(
        self,
        same: impl Iterator<Item = (u32, u32)>,
        links: &[Link<K>],
        row: impl Fn(Keyed<K>, Keyed<K>) -> Option<Row<K>>,
        sorter: &mut Sorter,
        monitor: &Monitor,
    ) -> Result<Merges<K>> {
        let Self { extrema, mut open, up } = self;
        let mut sets = UnionFind::by(ByAge { extrema, up }, extrema.len());
        same.for_each(|(x, y)| {
            sets.union(x, y);
        });
        let (mut rows, mut pending, mut loops) = (vec![], vec![], vec![false; links.len()]);
        let order = sorter.sort(links.iter().map(|link| link.at.key), monitor)?;
        if up {
            order.reverse();
        }
        for block in order.chunks(BLOCK) {
            monitor.check()?;
            let mut ends = [[0; 2]; BLOCK];
            for (ends, &link) in ends.iter_mut().zip(block) {
                *ends = links[link as u32 as usize].ends;
            }
            for [a, b] in &mut ends[..block.len()] {
                (*a, *b) = (sets.grandparent(*a), sets.grandparent(*b));
            }
            for (&[a, b], &link) in ends.iter().zip(block) {
                let link = link as u32;
                match sets.merge(a, b) {
                    None => loops[link as usize] = true,
                    Some(younger) if open[younger as usize] => {
                        let elder = sets.find(younger);
                        open[elder as usize] = true;
                        pending.push((link, [younger, elder]));
                    }
                    Some(younger) => {
                        rows.extend(row(extrema[younger as usize], links[link as usize].at));
                    }
                }
            }
        }
        Ok(Merges { rows, pending, loops, eldest: extrema[sets.find(0) as usize] })
    }
}

/// The component stands for the union that begins first.
struct ByAge<'a, K> {
    extrema: &'a [Keyed<K>],
    up: bool,
}

impl<K: Key> Policy for ByAge<'_, K> {
    #[inline(always)]
    fn choose(&mut self, x: u32, y: u32) -> (u32, u32) {
        let place = |x: u32| {
            let extremum = self.extrema[x as usize];
            (extremum.key, extremum.voxel)
        };
        if (place(x) < place(y)) != self.up { (x, y) } else { (y, x) }
    }
}
