//! The middle degree of a volume, from below or from above.

use super::chains::{Limits, reduce};
use super::critical::Cell;
use super::links::Volume;
use crate::error::Result;
use crate::homology::cubical::result::Pairs;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// Pairs of degree one, from the critical edges that end no component and the
/// critical squares that begin no cavity.
///
/// Both ways find the same pairs of voxels. Cycles are short on plateaus where
/// tunnels begin, cocycles where they end, so the way that looks better goes
/// first; if it takes long they take turns, each with twice the steps of the one
/// before, until one gets to its end.
pub fn tunnels<K: Key>(
    volume: &Volume<K>,
    edges: &[Cell<K>],
    squares: &[Cell<K>],
    max_memory: u64,
    monitor: &Monitor,
) -> Result<Pairs> {
    let cells = edges.len().max(squares.len()) as u64;
    let mut limits = Limits { steps: 8 * volume.len() as u64 + 64 * cells, max_memory };
    let mut from_below = ties(squares) <= ties(edges);
    loop {
        let pairs = if from_below {
            from_squares(volume, edges, squares, limits, monitor)?
        } else {
            reduce::<K, true>(volume, edges, squares, limits, monitor)?
        };
        match pairs {
            Some(pairs) => return Ok(pairs),
            None => {
                from_below = !from_below;
                limits.steps *= 2;
            }
        }
    }
}

/// Births and deaths by the cycles of the squares that are deaths.
fn from_squares<K: Key>(
    volume: &Volume<K>,
    edges: &[Cell<K>],
    squares: &[Cell<K>],
    limits: Limits,
    monitor: &Monitor,
) -> Result<Option<Pairs>> {
    let pairs = reduce::<K, false>(volume, squares, edges, limits, monitor)?;
    Ok(pairs.map(|pairs| pairs.into_iter().map(|(death, birth)| (birth, death)).collect()))
}

/// Cells that come at the same value as the one before.
fn ties<K: PartialEq>(cells: &[Cell<K>]) -> usize {
    cells.windows(2).filter(|pair| pair[0].0.0 == pair[1].0.0).count()
}

#[cfg(test)]
mod tests {
    use super::super::chains::reduce_by_turns;
    use super::super::critical::Critical;
    use super::super::examples::volumes;
    use super::super::extrema::{cavities, components};
    use super::*;
    use crate::homology::cubical::options::{Construction, CubicalOptions};

    /// The same by threads that take columns in an order of their own, so that many
    /// find their pivots with later ones.
    fn by_turns(
        volume: &Volume<u32>,
        edges: &[Cell<u32>],
        squares: &[Cell<u32>],
        threads: usize,
    ) -> [Pairs; 2] {
        let (limits, monitor) = (Limits { steps: u64::MAX, max_memory: u64::MAX }, Monitor::new());
        let scrambled = |len: usize| move |turn: usize| (7919 * turn + 5) % len;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (down, up) = pool.install(|| {
            let (of_square, of_edge) = (scrambled(squares.len()), scrambled(edges.len()));
            (
                reduce_by_turns::<_, false>(volume, squares, edges, of_square, limits, &monitor),
                reduce_by_turns::<_, true>(volume, edges, squares, of_edge, limits, &monitor),
            )
        });
        let (mut down, mut up) = (down.unwrap().unwrap(), up.unwrap().unwrap());
        down.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
        down.sort();
        up.sort();
        [down, up]
    }

    #[test]
    fn both_ways_find_the_same_tunnels() {
        let (all, monitor) = (u64::MAX, Monitor::new());
        let limits = Limits { steps: all, max_memory: all };
        let mut count = 0;
        for image in volumes() {
            for construction in [Construction::V, Construction::T] {
                let options = CubicalOptions { construction, ..CubicalOptions::default() };
                let volume = Volume::new(image.view(), &options, &monitor).unwrap();
                let critical = Critical::new(&volume, all, &monitor).unwrap();
                let (_, edges) = components(&volume, &critical, &monitor).unwrap();
                let (_, squares) = cavities(&volume, &critical, &monitor).unwrap();
                let below = from_squares(&volume, &edges, &squares, limits, &monitor).unwrap();
                let above = reduce::<_, true>(&volume, &edges, &squares, limits, &monitor).unwrap();
                let [below, above] = [below, above].map(|pairs| {
                    let mut pairs = pairs.expect("there is no end to the budget");
                    pairs.sort();
                    pairs
                });
                assert_eq!(below, above);
                for threads in [1, 2, 3, 7] {
                    let all = by_turns(&volume, &edges, &squares, threads);
                    assert!(all.iter().all(|pairs| *pairs == below));
                }
                let few = Limits { steps: 0, ..limits };
                let stopped = from_squares(&volume, &edges, &squares, few, &monitor).unwrap();
                assert_eq!(stopped.is_none(), !squares.is_empty());
                count += below.len();
            }
        }
        assert!(count > 1000, "{count}");
    }
}
