//! Diagrams of images with one axis: hills of a line and the basins between them.

use ndarray::ArrayViewD;

use super::check::in_order;
use super::result::{NEVER, Pairs};
use super::voxel::Voxel;
use crate::blocks::mapped;
use crate::error::Result;
use crate::monitor::Monitor;

/// Pairs of voxels in degree zero.
///
/// Ridges wait on a stack, falling, each with the lowest place of the basin before
/// it. A ridge above the last one makes the basins beside that one meet.
pub fn pairs<V: Voxel>(
    line: &ArrayViewD<'_, V>,
    superlevel: bool,
    monitor: &Monitor,
) -> Result<Pairs> {
    let keys =
        mapped(&in_order(line, monitor)?, |value| Some(value.entry_key(superlevel)), monitor)?;
    let place = |at: usize| (keys[at], at as u32);
    let (mut pairs, mut ridges) = (Pairs::new(), Vec::<[(V::Key, u32); 2]>::new());
    let mut at = 0;
    loop {
        while at + 1 < keys.len() && place(at + 1) < place(at) {
            at += 1;
        }
        monitor.check()?;
        let mut basin = place(at);
        while at + 1 < keys.len() && place(at + 1) > place(at) {
            at += 1;
        }
        let (ridge, end) = (place(at), at + 1 == keys.len());
        while let Some([before, last]) = ridges.pop_if(|[_, last]| end || *last < ridge) {
            pairs.push((basin.max(before).1, last.1));
            basin = basin.min(before);
        }
        if end {
            pairs.push((basin.1, NEVER));
            return Ok(pairs);
        }
        ridges.push([basin, ridge]);
    }
}
