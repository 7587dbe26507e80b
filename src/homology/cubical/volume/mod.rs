//! Boxes of three axes over Z/2.
//!
//! Cells that a voxel brings are paired with each other ([`lower_star`], [`links`]);
//! what is left over is [`critical`]. Gradients lead from that to [`extrema`], and
//! [`tunnels`] come from [`chains`] that are reduced from below ([`cycles`]) or from
//! above ([`cocycles`]).

mod chains;
mod cocycles;
mod columns;
mod critical;
mod cycles;
#[cfg(test)]
mod examples;
mod extrema;
mod links;
mod lower_star;
mod pivots;
mod shelf;
mod tunnels;

use critical::Critical;
use extrema::{cavities, components};
use links::Volume;
use ndarray::ArrayView3;
use rayon::prelude::*;
use tunnels::tunnels;

use super::options::CubicalOptions;
use super::result::{NEVER, Pairs};
use super::voxel::Voxel;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Pairs that a thread takes at a time.
const AT_ONCE: usize = 1 << 13;

/// Pairs of voxels of the degrees 0, 1, ….
pub fn pairs<V: Voxel>(
    image: ArrayView3<'_, V>,
    degrees: usize,
    options: &CubicalOptions,
    monitor: &Monitor,
) -> Result<Vec<Pairs>> {
    let left = check_memory::<V>(image.dim().into(), options.max_memory)?;
    let work = image.len() as u64;
    let volume = Volume::new(image, options, monitor)?;
    monitor.advance(work)?;
    let critical = Critical::new(&volume, left, monitor)?;
    // By duality the highest degree of what is around is the lowest of what is inside.
    let (lowest, highest) = (degrees > 1 || !volume.is_dual(), degrees > 1 || volume.is_dual());
    let (below, above) = rayon::join(
        || lowest.then(|| components(&volume, &critical, monitor)).transpose(),
        || highest.then(|| cavities(&volume, &critical, monitor)).transpose(),
    );
    let (below, above) = (below?, above?);
    monitor.advance(work)?;
    let left = left - critical.bytes();
    drop(critical);
    let between = match (&below, &above) {
        (Some((_, edges)), Some((_, squares))) if degrees > 1 => {
            tunnels(&volume, edges, squares, left, monitor)?
        }
        _ => Pairs::new(),
    };
    monitor.advance(work)?;
    let of = |merges: Option<(Pairs, _)>| merges.map_or_else(Pairs::new, |(pairs, _)| pairs);
    let mut all = [of(below), between, of(above)];
    if volume.is_dual() {
        all.reverse();
    }
    let flat = |voxel: u32| if voxel == NEVER { voxel } else { volume.flat(voxel) };
    let place = |(birth, death): (u32, u32)| match volume.is_dual() {
        false => (flat(birth), flat(death)),
        true => (flat(death), flat(birth)),
    };
    for pairs in all.iter_mut().take(degrees) {
        pairs.par_chunks_mut(AT_ONCE).try_for_each(|pairs| {
            pairs.iter_mut().for_each(|pair| *pair = place(*pair));
            monitor.check()
        })?;
    }
    Ok(all.into_iter().take(degrees).collect())
}

/// Refuses volumes that do not fit; returns the bytes that are left.
fn check_memory<V: Voxel>(shape: [usize; 3], allowed: u64) -> Result<u64> {
    // Keys and links; labels of voxels and cubes; some room for critical cells.
    let voxels = shape.iter().fold(1_u64, |bytes, &len| bytes.saturating_mul(len as u64 + 2));
    let needed = Volume::<V::Key>::bytes(shape).saturating_add(voxels.saturating_mul(12));
    let each = (needed / voxels).max(1);
    let side = ((allowed / each) as f64).cbrt() as u64;
    let left = Budget { allowed }.ask(
        format_args!("the volume of {} × {} × {} voxels", shape[0], shape[1], shape[2]),
        needed,
        format_args!("a cube of {} voxels a side would fit", side.saturating_sub(2)),
    )?;
    if voxels >= u64::from(u32::MAX) {
        let reason = format!("{voxels} voxels with a margin are more than {}", u32::MAX - 1);
        return Err(Error::Overflow { argument: "image", reason });
    }
    Ok(left.allowed)
}

#[cfg(test)]
mod tests {
    use super::examples::volumes;
    use super::*;
    use crate::homology::cubical::any_grid;
    use crate::homology::cubical::options::Construction;

    #[test]
    fn pairs_are_those_of_the_reduction() {
        let monitor = Monitor::new();
        for image in volumes() {
            for construction in [Construction::V, Construction::T] {
                for superlevel in [false, true] {
                    let options =
                        CubicalOptions { construction, superlevel, ..CubicalOptions::default() };
                    let mut found = pairs(image.view(), 3, &options, &monitor).unwrap();
                    let view = image.view().into_dyn();
                    let mut expected = any_grid::pairs(&view, 3, &options, &monitor).unwrap();
                    found.iter_mut().chain(&mut expected).for_each(|pairs| pairs.sort());
                    assert_eq!(found, expected);
                }
            }
        }
    }
}
