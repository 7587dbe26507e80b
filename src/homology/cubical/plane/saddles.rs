//! Pixels at which components meet.

use super::order::{AROUND, Order, WORD};

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

/// Calls `visit` with each pixel that has two arcs or more of neighbours that are
/// lower, or higher, and with what surrounds it.
#[inline(always)]
pub fn for_each_saddle(
    order: &Order,
    higher: bool,
    y: usize,
    mut visit: impl FnMut(usize, &Surroundings),
) {
    for word in 0..order.words {
        let mut side = order.lower(y, word);
        let inside = order.inside(word);
        if higher {
            side.iter_mut().for_each(|bits| *bits = !*bits & inside);
        }
        let arc_ends = |place: usize| side[place] & !(side[place + 1] & side[(place + 2) % 8]);
        let [a, b, c, d] = [arc_ends(0), arc_ends(2), arc_ends(4), arc_ends(6)];
        let mut saddles = a & b | c & d | (a | b) & (c | d);
        while saddles != 0 {
            let bit = saddles.trailing_zeros();
            saddles &= saddles - 1;
            let around = (0..8).fold(0, |around, k| around | (side[k] >> bit & 1) << k);
            visit(word * WORD + bit as usize, &SURROUNDINGS[around as usize]);
        }
    }
}
