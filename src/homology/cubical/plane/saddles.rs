//! Pixels at which components meet.

use std::ops::Range;

use super::order::{AROUND, Order, WORD};
use crate::ones::ones;

/// What surrounds a pixel, as seen from the side that is joined by edges only.
///
/// The neighbours on that side form arcs: runs of neighbours each of which shares an
/// edge with the next, through the one at the corner, and one with the pixel. Between
/// two arcs is a gap, where neighbours of the other side are joined across corners.
#[derive(Clone, Copy)]
pub struct Surroundings {
    /// Number of arcs, and of gaps.
    pub arcs: u8,
    /// A neighbour of each arc, as its place in [`AROUND`].
    arc: [u8; 4],
    /// A neighbour of the gap that follows each arc.
    gap: [u8; 4],
}

impl Surroundings {
    /// The step to a neighbour of an arc.
    pub fn arc(&self, arc: usize) -> (isize, isize) {
        AROUND[self.arc[arc] as usize]
    }

    /// The step to a neighbour of the gap that follows an arc.
    pub fn gap(&self, arc: usize) -> (isize, isize) {
        AROUND[self.gap[arc] as usize]
    }
}

/// The surroundings for each set of neighbours on one side.
pub const SURROUNDINGS: [Surroundings; 256] = {
    let mut all = [Surroundings { arcs: 0, arc: [0; 4], gap: [0; 4] }; 256];
    let mut side = 0;
    while side < 256 {
        let mut place = 0;
        while place < 8 {
            let (corner, next) = ((place + 1) % 8, (place + 2) % 8);
            let (this, joined) = (side >> place & 1, side >> corner & side >> next & 1);
            if this == 1 && joined == 0 {
                let known = &mut all[side];
                known.arc[known.arcs as usize] = place as u8;
                // A neighbour at an edge stands for the gap, unless that is a mere corner.
                let other = if side >> next & 1 == 0 { next } else { corner };
                known.gap[known.arcs as usize] = other as u8;
                known.arcs += 1;
            }
            place += 2;
        }
        side += 1;
    }
    all
};

/// Calls `visit` with each pixel in some words of a row that has two arcs or more of neighbours that are
/// lower, or higher, and with what surrounds it.
#[inline(always)]
pub fn for_each_saddle(
    order: &Order,
    higher: bool,
    y: usize,
    words: Range<usize>,
    mut visit: impl FnMut(usize, &Surroundings),
) {
    for word in words {
        let mut side = order.lower(y, word);
        let inside = order.inside(word);
        if higher {
            for bits in &mut side {
                *bits = !*bits & inside;
            }
        }
        let a = side[0] & !(side[1] & side[2]);
        let b = side[2] & !(side[3] & side[4]);
        let c = side[4] & !(side[5] & side[6]);
        let d = side[6] & !(side[7] & side[0]);
        let saddles = a & b | c & d | (a | b) & (c | d);
        for bit in ones(saddles) {
            let mut around = 0;
            for (k, bits) in side.iter().enumerate() {
                around |= (bits >> bit & 1) << k;
            }
            visit(word * WORD + bit, &SURROUNDINGS[around as usize]);
        }
    }
}
