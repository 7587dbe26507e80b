//! Searches from every point through the cells around it, beginning with its own: most
//! others are passed over.

use rayon::prelude::*;

use super::cells::Cells;
use super::eight::WIDTH;
use super::lists::Lists;
use crate::error::Result;
use crate::monitor::Monitor;

/// What a search is for.
pub trait Wanted {
    /// Distances above it are not wanted, now and later.
    fn bound(&self) -> f64;

    /// Whether a point at least so far away, with at least this index, may be wanted.
    fn wants(&self, distance: f64, vertex: u32) -> bool;

    /// Takes a point, if it is wanted.
    fn take(&mut self, vertex: u32, distance: f64);

    /// Hands over what has been found, and begins anew.
    fn hand_over(&mut self, found: &mut Vec<(u32, f64)>);
}

/// What is wanted of each point, by its index; `check` hears from time to time how much there
/// is.
pub fn from_all<W: Wanted>(
    cells: &Cells<'_>,
    wanted: impl Fn() -> W + Sync,
    check: impl Fn(usize) -> Result<()>,
    monitor: &Monitor,
) -> Result<Lists> {
    /// Points whose searches are one job.
    const BLOCK: usize = 64;
    /// Jobs between two checks.
    const AT_ONCE: usize = 64;
    let starts: Vec<usize> = (0..cells.len()).step_by(BLOCK).collect();
    let mut blocks = monitor.room(starts.len())?;
    let mut count = 0;
    for starts in starts.chunks(AT_ONCE) {
        let jobs = starts.par_iter().map_init(
            || (wanted(), Vec::new()),
            |(wanted, origin), &start| {
                let places = start..cells.len().min(start + BLOCK);
                let (mut ends, mut found) = (Vec::with_capacity(places.len()), Vec::new());
                for place in places {
                    monitor.check()?;
                    cells.locate(place, origin);
                    let limit = cells.limit(wanted.bound());
                    Search { cells, origin, limit, wanted }.around(place);
                    wanted.hand_over(&mut found);
                    ends.push(found.len());
                }
                monitor.advance(ends.len() as u64)?;
                found.shrink_to_fit();
                Ok((ends, found))
            },
        );
        let jobs = jobs.collect::<Result<Vec<_>>>()?;
        count += jobs.iter().map(|(_, found)| found.len()).sum::<usize>();
        check(count)?;
        blocks.extend(jobs);
    }
    Lists::gathered(&cells.vertices, &blocks, monitor)
}

struct Search<'a, W> {
    cells: &'a Cells<'a>,
    origin: &'a [f64],
    /// Raw numbers above it are of no interest.
    limit: f64,
    wanted: &'a mut W,
}

impl<W: Wanted> Search<'_, W> {
    /// Looks through the cell of a place, and through the boxes around it.
    fn around(&mut self, place: usize) {
        let mut within = place / WIDTH;
        self.points(within, Some(place % WIDTH));
        for level in 0..self.cells.levels.len() {
            self.boxes(level, within / WIDTH, Some(within % WIDTH));
            within /= WIDTH;
        }
    }

    /// Looks through eight boxes of a level but one, near ones first.
    fn boxes(&mut self, level: usize, eight: usize, but: Option<usize>) {
        let mut raw = [0.0; WIDTH];
        let near = self.cells.boxes(level, eight, self.origin, self.limit, &mut raw);
        let mut order = [0; WIDTH];
        let mut count = 0;
        for lane in lanes(near, but) {
            let mut place = count;
            while place > 0 && raw[order[place - 1]] > raw[lane] {
                order[place] = order[place - 1];
                place -= 1;
            }
            order[place] = lane;
            count += 1;
        }
        for &lane in &order[..count] {
            if raw[lane] > self.limit {
                return;
            }
            let within = eight * WIDTH + lane;
            let least = self.cells.levels[level].least_vertices[within];
            if !self.wanted.wants(self.cells.distance(raw[lane]), least) {
                continue;
            }
            match level {
                0 => self.points(within, None),
                _ => self.boxes(level - 1, within, None),
            }
        }
    }

    /// Looks through the points of a cell but one.
    fn points(&mut self, cell: usize, but: Option<usize>) {
        let mut raw = [0.0; WIDTH];
        let near = self.cells.points(cell, self.origin, self.limit, &mut raw);
        for lane in lanes(near, but) {
            let vertex = self.cells.vertices[cell * WIDTH + lane];
            self.wanted.take(vertex, self.cells.distance(raw[lane]));
        }
        if near != 0 {
            self.limit = self.cells.limit(self.wanted.bound());
        }
    }
}

/// The bits that are set, but one.
fn lanes(mut bits: u8, but: Option<usize>) -> impl Iterator<Item = usize> {
    bits &= but.map_or(u8::MAX, |lane| !(1 << lane));
    std::iter::from_fn(move || {
        let lane = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (lane < u8::BITS).then_some(lane as usize)
    })
}
