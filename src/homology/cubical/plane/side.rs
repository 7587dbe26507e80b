//! One side of the saddles: the components of sublevel sets, or those of the rest.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::basins::{Basins, OUTSIDE, Way};
use super::merges::{Components, Keyed, Link};
use super::order::Order;
use super::saddles::{Surroundings, for_each_saddle};
use super::strips::Shore;
use crate::arch::arch;
use crate::error::Result;
use crate::homology::cubical::places::Sorter;
use crate::homology::cubical::result::Row;
use crate::homology::cubical::voxel::Key;
use crate::monitor::Monitor;

/// What is looked at.
pub struct Side<'a> {
    pub order: &'a Order,
    pub way: Way,
    pub strips: &'a [Range<usize>],
}

/// What becomes of the components of one side.
pub struct Merged<K> {
    /// Classes that end or begin where two components meet.
    pub rows: Vec<Vec<Row<K>>>,
    /// For each link of each strip whether its components had met before.
    pub loops: Vec<Vec<bool>>,
    /// Where the eldest of all begins.
    pub eldest: Keyed<K>,
}

impl Side<'_> {
    /// Joins components across all saddles, or only across those links whose arcs had
    /// met before: within strips side by side, then across what that leaves over.
    pub fn merge<K: Key>(
        &self,
        only: Option<&[Vec<bool>]>,
        keyed: impl Fn(u32) -> Keyed<K> + Copy + Sync,
        row: impl Fn(Keyed<K>, Keyed<K>) -> Option<Row<K>> + Copy + Sync,
        desks: &Desks<K>,
        monitor: &Monitor,
    ) -> Result<Merged<K>> {
        let of_strip = |k: usize| {
            let only = only.map(|only| &only[k][..]);
            desks.with(|desk| self.part(k, only, keyed, row, desk, monitor))
        };
        let mut parts: Vec<Part<K>> =
            (0..self.strips.len()).into_par_iter().map(of_strip).collect::<Result<_>>()?;
        let mut rows: Vec<_> =
            parts.iter_mut().map(|part| std::mem::take(&mut part.rows)).collect();
        let mut eldest = parts[0].eldest;
        if parts.len() > 1 {
            let merges = across(&mut parts, self.way.up, row, monitor)?;
            rows.push(merges.0);
            eldest = merges.1;
        }
        Ok(Merged { rows, loops: parts.into_iter().map(|part| part.loops).collect(), eldest })
    }

    /// Joins the components of a strip as far as can be known there.
    fn part<K: Key>(
        &self,
        k: usize,
        only: Option<&[bool]>,
        keyed: impl Fn(u32) -> Keyed<K> + Copy,
        row: impl Fn(Keyed<K>, Keyed<K>) -> Option<Row<K>>,
        desk: &mut Desk<K>,
        monitor: &Monitor,
    ) -> Result<Part<K>> {
        let Self { order, way, strips } = *self;
        let strip = &strips[k];
        let Desk { basins, links, sorter } = desk;
        basins.find(order, way, strip, keyed, monitor)?;
        find_links(order, basins, way, strip, only, keyed, links, monitor)?;
        let mut shores = [Shore::default(), Shore::default()];
        if strip.start > 0 {
            shores[0] = Shore::new(basins, strip.start, strip.start - 1);
        }
        if strip.end < order.height {
            shores[1] = Shore::new(basins, strip.end - 1, strip.end);
        }
        let mut open = vec![false; basins.extrema.len()];
        for component in shores.iter_mut().flat_map(Shore::components) {
            open[*component as usize] = true;
        }
        let all = Components { extrema: &basins.extrema, open, up: way.up };
        let merges = all.merge(std::iter::empty(), links, row, sorter, monitor)?;
        // What is left over gets numbers of its own.
        let mut left = Vec::new();
        let mut numbers = vec![u32::MAX; basins.extrema.len()];
        let mut number = |component: u32| {
            let number = &mut numbers[component as usize];
            if *number == u32::MAX {
                *number = left.len() as u32;
                left.push(basins.extrema[component as usize]);
            }
            *number
        };
        for component in shores.iter_mut().flat_map(Shore::components) {
            *component = number(*component);
        }
        let pending = merges.pending.iter().map(|&(link, ends)| {
            let ends = ends.map(&mut number);
            (link, Link { at: links[link as usize].at, ends })
        });
        let pending = pending.collect();
        let (rows, loops, eldest) = (merges.rows, merges.loops, merges.eldest);
        Ok(Part { rows, loops, eldest, pending, left, shores })
    }
}

/// What a thread works with, one strip after the other.
#[derive(Default)]
struct Desk<K> {
    basins: Basins<K>,
    links: Vec<Link<K>>,
    sorter: Sorter,
}

/// Desks that no thread works at, of one image after the other.
pub struct Desks<K>(Mutex<Vec<Desk<K>>>);

impl<K: Key> Desks<K> {
    pub fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Works at a desk.
    fn with<T>(&self, work: impl FnOnce(&mut Desk<K>) -> T) -> T {
        let desks = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut desk = desks().pop().unwrap_or_default();
        let done = work(&mut desk);
        desks().push(desk);
        done
    }
}

/// What is known of a strip.
struct Part<K> {
    rows: Vec<Row<K>>,
    loops: Vec<bool>,
    eldest: Keyed<K>,
    /// Links that have still to be looked at, with their numbers.
    pending: Vec<(u32, Link<K>)>,
    /// Components that they join, and those at the shores.
    left: Vec<Keyed<K>>,
    /// Above and below.
    shores: [Shore; 2],
}

/// Joins what the strips leave over; returns classes, and where the eldest component
/// begins.
fn across<K: Key>(
    parts: &mut [Part<K>],
    up: bool,
    row: impl Fn(Keyed<K>, Keyed<K>) -> Option<Row<K>>,
    monitor: &Monitor,
) -> Result<(Vec<Row<K>>, Keyed<K>)> {
    let (mut extrema, mut links, mut firsts) = (Vec::new(), Vec::new(), Vec::new());
    for part in &*parts {
        monitor.check()?;
        let first = extrema.len() as u32;
        firsts.push(first);
        extrema.extend_from_slice(&part.left);
        links.extend(part.pending.iter().map(|&(number, link)| {
            // Links of a strip come in the order of the strip again.
            (number, Link { at: link.at, ends: link.ends.map(|end| end + first) })
        }));
        let from = links.len() - part.pending.len();
        links[from..].sort_unstable_by_key(|&(number, _)| number);
    }
    let same = parts.windows(2).zip(firsts.windows(2)).flat_map(|(pair, firsts)| {
        let same = pair[0].shores[1].same(&pair[1].shores[0]);
        same.map(|(x, y)| (firsts[0] + x, firsts[1] + y))
    });
    let (numbers, links): (Vec<u32>, Vec<_>) = links.into_iter().unzip();
    let open = vec![false; extrema.len()];
    let all = Components { extrema: &extrema, open, up };
    let merges = all.merge(same, &links, row, &mut Sorter::default(), monitor)?;
    let mut found = numbers.into_iter().zip(merges.loops);
    for part in parts {
        for (number, is_loop) in found.by_ref().take(part.pending.len()) {
            part.loops[number as usize] = is_loop;
        }
    }
    Ok((merges.rows, merges.eldest))
}

/// Links between the components of one side.
///
/// All arcs of a saddle are linked with the first one. This separates the gaps before
/// and after each of the others; where it does not, because the arcs had met already,
/// these two gaps are linked.
#[allow(clippy::too_many_arguments)]
fn find_links<K: Key>(
    order: &Order,
    basins: &Basins<K>,
    way: Way,
    strip: &Range<usize>,
    only: Option<&[bool]>,
    keyed: impl Fn(u32) -> Keyed<K>,
    links: &mut Vec<Link<K>>,
    monitor: &Monitor,
) -> Result<()> {
    let arcs_are_higher = way.up != way.corners;
    links.clear();
    let mut count = 0;
    for (y, words) in strip.clone().flat_map(|y| order.stretches().map(move |words| (y, words))) {
        monitor.check()?;
        arch().dispatch(
            #[inline(always)]
            || {
                let visit = |x: usize, around: &Surroundings| {
                    let basin = |(dy, dx): (isize, isize)| {
                        let (y, x) = (y.wrapping_add_signed(dy), x.wrapping_add_signed(dx));
                        if y < order.height && x < order.width { basins.of(y, x) } else { OUTSIDE }
                    };
                    let at = keyed((y * order.width + x) as u32);
                    for arc in 1..around.arcs as usize {
                        count += 1;
                        if only.is_some_and(|only| !only[count - 1]) {
                            continue;
                        }
                        let ends = if way.corners {
                            [basin(around.gap(arc - 1)), basin(around.gap(arc))]
                        } else {
                            [basin(around.arc(0)), basin(around.arc(arc))]
                        };
                        links.push(Link { at, ends });
                    }
                };
                for_each_saddle(order, arcs_are_higher, y, words, visit);
            },
        );
    }
    Ok(())
}
