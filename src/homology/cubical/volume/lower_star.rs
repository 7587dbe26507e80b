//! The cells that a voxel brings, and the discrete gradient among them.
//!
//! A cell with the voxel v as its last vertex is a subcomplex of the octahedron
//! around v: its edges at v are corners of that, its squares sides and its cubes
//! triangles. There are 15 935 such links. In each, a spanning forest pairs
//! edges with squares (a corner with the side towards its parent), and what is
//! left of the sides pairs squares with cubes, along a forest that grows from
//! the octants where there is no cube. What is left over is critical, and as
//! little as the homology of the link allows (Robins, Wood, Sheppard, "Theory
//! and algorithms for constructing discrete Morse complexes from grayscale
//! digital images", IEEE Trans. Pattern Anal. Mach. Intell. 33, 2011).
//!
//! Corners are numbered 2·axis + (1 towards larger indices); sides by their two
//! axes, then the two signs; triangles, or octants, by three signs.

use std::sync::LazyLock;

/// Stands for the direction of the edge that is paired with a minimum.
pub const NOWHERE: u8 = 6;

/// Where the sides and the triangles of a link begin among its bits, after the
/// corners.
pub const SIDES: u32 = 6;
pub const TRIANGLES: u32 = 18;

/// The gradient among the cells that a voxel brings.
#[derive(Debug, Clone, Copy)]
pub struct LowerStar {
    /// The corner next to each corner on the way to the root of its tree.
    pub parent: [u8; 6],
    /// Corners that are no roots.
    pub inner: u8,
    /// These, parents before their children.
    pub order: [u8; 6],
    /// The sides at each corner.
    pub sides_at: [u16; 6],
    /// The root whose edge is paired with the voxel itself.
    pub down: u8,
    /// Roots of the other trees, whose edges are critical.
    pub critical_edges: u8,
    /// Sides whose squares are critical.
    pub critical_squares: u16,
    /// Whether there is a critical cube.
    pub critical_cube: bool,
    /// For each octant with a cube, the first one without on the way out, or that
    /// of the critical cube.
    pub exit: [u8; 8],
}

/// The two corners of a side.
pub const fn ends(side: usize) -> [usize; 2] {
    let [p, q] = [[0, 1], [0, 2], [1, 2]][side / 4];
    [2 * p + side / 2 % 2, 2 * q + side % 2]
}

/// The side between two corners of different axes.
#[inline(always)]
pub const fn side(a: usize, b: usize) -> usize {
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    4 * (a / 2 + b / 2 - 1) + 2 * (a % 2) + b % 2
}

/// The sides of a triangle.
const fn sides(octant: usize) -> [usize; 3] {
    let [x, y, z] = [octant / 4, octant / 2 % 2, octant % 2];
    [2 * x + y, 4 + 2 * x + z, 8 + 2 * y + z]
}

/// The octants on both sides of a side.
pub const fn octants(side: usize) -> [usize; 2] {
    let [p, q] = [side / 2 % 2, side % 2];
    match side / 4 {
        0 => [4 * p + 2 * q, 4 * p + 2 * q + 1],
        1 => [4 * p + q, 4 * p + 2 + q],
        _ => [2 * p + q, 4 + 2 * p + q],
    }
}

/// The gradients of all links.
pub struct LowerStars {
    /// Number of the first link with given corners and sides.
    first: Vec<u16>,
    /// Triangles whose sides are all there.
    closed: Vec<u8>,
    /// Which of the subsets of `closed` the triangles are.
    subset: Vec<u8>,
    stars: Vec<LowerStar>,
    /// Whether anything is critical.
    critical: Vec<bool>,
}

/// All gradients, made once.
pub static LOWER_STARS: LazyLock<LowerStars> = LazyLock::new(LowerStars::new);

impl LowerStars {
    fn new() -> Self {
        let bit = |set: usize, k: usize| set >> k & 1 == 1;
        let corners_of = |sides: usize| {
            let corners = (0..12).filter(|&side| bit(sides, side)).flat_map(ends);
            corners.fold(0, |set, corner| set | 1 << corner)
        };
        let closed_by = |edges: usize| -> u8 {
            let closed = (0..8).filter(|&t| sides(t).iter().all(|&side| bit(edges, side)));
            closed.fold(0, |set, octant| set | 1 << octant)
        };
        let closed: Vec<u8> = (0..1 << 12).map(closed_by).collect();
        let subset = (0..1 << 16)
            .map(|at: usize| {
                let (closed, triangles) = (at >> 8, at & 0xff);
                let places = (0..8).filter(|&t| bit(closed, t)).enumerate();
                places.fold(0, |set, (place, t)| set | u8::from(bit(triangles, t)) << place)
            })
            .collect();
        let mut first = vec![0; 1 << 18];
        let mut stars = Vec::new();
        for sides in 0..1 << 12 {
            for corners in (0..1 << 6).filter(|corners| corners_of(sides) & !corners == 0) {
                first[sides << SIDES | corners] = stars.len() as u16;
                let of_closed = closed[sides];
                let triangles = (0..=of_closed).filter(|t| t & !of_closed == 0);
                stars.extend(triangles.map(|t| LowerStar::new(corners, sides, t.into())));
            }
        }
        let critical = stars.iter().map(LowerStar::is_critical).collect();
        Self { first, closed, subset, stars, critical }
    }

    /// The number of a link: corners, sides and triangles as bits.
    #[inline(always)]
    pub fn state(&self, link: u32) -> u16 {
        let (skeleton, triangles) = (link & ((1 << TRIANGLES) - 1), link >> TRIANGLES);
        let closed = u32::from(self.closed[(skeleton >> SIDES) as usize]);
        let subset = self.subset[(closed << 8 | triangles) as usize];
        self.first[skeleton as usize] + u16::from(subset)
    }

    /// The gradient of a link.
    #[inline(always)]
    pub fn star(&self, state: u16) -> &LowerStar {
        &self.stars[state as usize]
    }

    /// Whether a voxel with that link has critical cells.
    #[inline(always)]
    pub fn is_critical(&self, state: u16) -> bool {
        self.critical[state as usize]
    }
}

impl LowerStar {
    fn new(corners: usize, sides: usize, triangles: usize) -> Self {
        let mut star = Self {
            parent: [0, 1, 2, 3, 4, 5],
            inner: 0,
            order: [NOWHERE; 6],
            sides_at: [0; 6],
            down: NOWHERE,
            critical_edges: 0,
            critical_squares: 0,
            critical_cube: false,
            exit: [0, 1, 2, 3, 4, 5, 6, 7],
        };
        for side in (0..12).filter(|side| sides >> side & 1 == 1) {
            ends(side).iter().for_each(|&corner| star.sides_at[corner] |= 1 << side);
        }
        let forest = star.grow_forest(corners, sides);
        let used = star.grow_coforest(sides & !forest, triangles);
        star.critical_squares = (sides & !forest & !used) as u16;
        star
    }

    /// Spans every component of corners and sides by a tree; returns the sides
    /// that are taken.
    fn grow_forest(&mut self, corners: usize, sides: usize) -> usize {
        let (mut seen, mut forest) = (0, 0);
        for root in (0..6).filter(|corner| corners >> corner & 1 == 1) {
            if seen >> root & 1 == 1 {
                continue;
            }
            if self.down == NOWHERE {
                self.down = root as u8;
            } else {
                self.critical_edges |= 1 << root;
            }
            seen |= 1 << root;
            let mut queue = vec![root];
            while let Some(corner) = queue.pop() {
                for side in (0..12).filter(|side| sides >> side & 1 == 1) {
                    let [a, b] = ends(side);
                    let next = if a == corner { b } else { a };
                    if (a == corner || b == corner) && seen >> next & 1 == 0 {
                        self.parent[next] = corner as u8;
                        self.order[self.inner.count_ones() as usize] = next as u8;
                        self.inner |= 1 << next;
                        seen |= 1 << next;
                        forest |= 1 << side;
                        queue.push(next);
                    }
                }
            }
        }
        forest
    }

    /// Leads from every triangle across sides to an octant without one, or to
    /// the first triangle where there is no such octant; returns the sides that
    /// are crossed.
    fn grow_coforest(&mut self, sides: usize, triangles: usize) -> usize {
        self.critical_cube = triangles == 0xff;
        let outside = if self.critical_cube { 1 } else { !triangles & 0xff };
        let mut queue: Vec<usize> = (0..8).filter(|octant| outside >> octant & 1 == 1).collect();
        let (mut seen, mut used) = (outside, 0);
        while let Some(octant) = queue.pop() {
            for side in (0..12).filter(|side| sides >> side & 1 == 1) {
                let [a, b] = octants(side);
                let next = if a == octant { b } else { a };
                if (a == octant || b == octant) && seen >> next & 1 == 0 {
                    self.exit[next] = self.exit[octant];
                    seen |= 1 << next;
                    used |= 1 << side;
                    queue.push(next);
                }
            }
        }
        used
    }

    fn is_critical(&self) -> bool {
        self.down == NOWHERE
            || self.critical_edges != 0
            || self.critical_squares != 0
            || self.critical_cube
    }
}

/// Of neighbours that come before a voxel those that bring cells together: a
/// side needs both of its corners, a triangle all of its sides.
#[inline(always)]
pub fn link(before: u32) -> u32 {
    let corners = before & 0x3f;
    let [x, y, z] = [corners & 3, corners >> 2 & 3, corners >> 4];
    let major = |a: u32| ((a & 1) * 0b0011) | ((a >> 1) * 0b1100);
    let minor = |a: u32| a * 0b0101;
    let sides = before >> SIDES;
    let xy = sides & 0xf & major(x) & minor(y);
    let xz = sides >> 4 & 0xf & major(x) & minor(z);
    let yz = sides >> 8 & 0xf & major(y) & minor(z);
    let of_xy = ((xy & 1) * 3) | ((xy & 2) * 6) | ((xy & 4) * 12) | ((xy & 8) * 24);
    let of_xz = ((xz & 3) * 0b0101) | ((xz >> 2) * 0b0101_0000);
    let of_yz = yz * 0x11;
    let triangles = before >> TRIANGLES & of_xy & of_xz & of_yz;
    corners | (xy | xz << 4 | yz << 8) << SIDES | triangles << TRIANGLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_closed_and_all_there() {
        assert_eq!(LOWER_STARS.stars.len(), 15_935);
        for before in (0..1 << 26).step_by(97) {
            let found = link(before);
            for side in 0..12 {
                let there = ends(side).iter().all(|corner| before >> corner & 1 == 1);
                let expected = there && before >> (6 + side) & 1 == 1;
                assert_eq!(found >> (6 + side) & 1 == 1, expected);
            }
            for octant in 0..8 {
                let there = sides(octant).iter().all(|side| found >> (6 + side) & 1 == 1);
                let expected = there && before >> (18 + octant) & 1 == 1;
                assert_eq!(found >> (18 + octant) & 1 == 1, expected);
            }
        }
    }

    /// Critical cells are as many as the reduced Betti numbers of the link, and
    /// their alternating sum is that of all cells.
    #[test]
    fn nothing_is_critical_in_vain() {
        for corners in 0..1_u32 << 6 {
            for seed in 0..2000_u32 {
                let found = link(corners | seed.wrapping_mul(2_654_435_761) >> 6 << 6 & 0x3ff_ffff);
                let star = LOWER_STARS.star(LOWER_STARS.state(found));
                let euler = 1 - (found & 0x3f).count_ones() as i32
                    + (found >> 6 & 0xfff).count_ones() as i32
                    - (found >> 18).count_ones() as i32;
                let [edges, squares] =
                    [star.critical_edges.count_ones(), star.critical_squares.count_ones()];
                let minimum = i32::from(star.down == NOWHERE);
                let cube = i32::from(star.critical_cube);
                assert_eq!(minimum - edges as i32 + squares as i32 - cube, euler);
                assert_eq!(star.critical_cube, found == 0x3ff_ffff);
                assert_eq!(star.down == NOWHERE, corners == 0);
                assert!(edges <= 5 && squares <= 7 && (edges == 0 || !star.critical_cube));
            }
        }
    }
}
