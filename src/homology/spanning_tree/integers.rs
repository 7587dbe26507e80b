//! Distances from one row of small integers to many.

use crate::arch::arch;

/// Rows that are compared with another row at once.
pub const TILE: usize = 64;

/// Coordinates come in pairs, which one instruction multiplies and adds.
pub type Pair = [i16; 2];

/// A row of integers, with a zero at the end if their number is odd.
pub type Row = Vec<Pair>;

/// No distance may exceed this.
pub const SUM_MAX: i32 = i32::MAX;

/// A distance of two rows of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Σ (u−v)²
    Squares,
    /// Σ |u−v|
    Sum,
    /// max |u−v|
    Largest,
    /// number of coordinates that differ
    Unequal,
}

fn add_square(sum: i32, a: i16, b: i16) -> i32 {
    sum + i32::from(a - b) * i32::from(a - b)
}

fn add_difference(sum: i32, a: i16, b: i16) -> i32 {
    sum + i32::from(a - b).abs()
}

fn max_difference(largest: i32, a: i16, b: i16) -> i32 {
    largest.max(i32::from(a - b).abs())
}

fn add_unequal(count: i32, a: i16, b: i16) -> i32 {
    count + i32::from(a != b)
}

/// Rows in tiles, pair of coordinates after pair of coordinates.
#[derive(Debug, Clone)]
pub struct Columns {
    distance: Distance,
    /// Pairs of coordinates in a row.
    depth: usize,
    columns: Vec<[Pair; TILE]>,
    #[cfg(target_arch = "x86_64")]
    simd: Option<pulp::x86::V3>,
}

impl Columns {
    /// Room for `len` rows of zeros.
    pub fn new(distance: Distance, depth: usize, len: usize) -> Self {
        Self {
            distance,
            depth,
            columns: vec![[[0; 2]; TILE]; len.div_ceil(TILE) * depth],
            #[cfg(target_arch = "x86_64")]
            simd: pulp::x86::V3::try_new(),
        }
    }

    /// One row.
    pub fn row(&self, slot: usize) -> Row {
        self.tile(slot / TILE).iter().map(|column| column[slot % TILE]).collect()
    }

    /// Sets a row.
    pub fn put(&mut self, slot: usize, row: &[Pair]) {
        let first = slot / TILE * self.depth;
        for (column, &pair) in self.columns[first..first + self.depth].iter_mut().zip(row) {
            column[slot % TILE] = pair;
        }
    }

    /// Copies a row to another slot.
    pub fn copy(&mut self, from: usize, to: usize) {
        for k in 0..self.depth {
            let pair = self.columns[from / TILE * self.depth + k][from % TILE];
            self.columns[to / TILE * self.depth + k][to % TILE] = pair;
        }
    }

    /// The rows of a tile that are within their limits of the given row, as
    /// bits.
    pub fn within(&self, row: &[Pair], tile: usize, limits: &[i32; TILE]) -> u64 {
        let tile = self.tile(tile);
        match self.distance {
            #[cfg(target_arch = "x86_64")]
            Distance::Squares if self.simd.is_some() => {
                self.simd.map_or(0, |simd| x86::within(simd, row, tile, limits))
            }
            Distance::Squares => within(row, tile, limits, add_square),
            Distance::Sum => within(row, tile, limits, add_difference),
            Distance::Largest => within(row, tile, limits, max_difference),
            Distance::Unequal => within(row, tile, limits, add_unequal),
        }
    }

    fn tile(&self, tile: usize) -> &[[Pair; TILE]] {
        &self.columns[tile * self.depth..(tile + 1) * self.depth]
    }
}

/// Pairs of coordinates after which a tile may be given up.
const CHUNK: usize = 16;

fn within(
    row: &[Pair],
    tile: &[[Pair; TILE]],
    limits: &[i32; TILE],
    add: impl Fn(i32, i16, i16) -> i32,
) -> u64 {
    arch().dispatch(
        #[inline(always)]
        || {
            let mut sums = [0; TILE];
            for (row, columns) in row.chunks(CHUNK).zip(tile.chunks(CHUNK)) {
                for (&[a, b], column) in row.iter().zip(columns) {
                    for (sum, &[u, v]) in sums.iter_mut().zip(column) {
                        *sum = add(add(*sum, a, u), b, v);
                    }
                }
                if sums.iter().zip(limits).all(|(sum, limit)| sum > limit) {
                    return 0;
                }
            }
            let bit = |k: usize| u64::from(sums[k] <= limits[k]) << k;
            (0..TILE).fold(0, |bits, k| bits | bit(k))
        },
    )
}

/// Sums of squares by the instruction that squares and adds pairs.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;

    use super::{CHUNK, Pair, TILE};

    const WIDTH: usize = 8;
    const VECTORS: usize = TILE / WIDTH;

    pub fn within(simd: V3, row: &[Pair], tile: &[[Pair; TILE]], limits: &[i32; TILE]) -> u64 {
        simd.vectorize(
            #[inline(always)]
            || within_inlined(simd, row, tile, limits),
        )
    }

    #[inline(always)]
    fn within_inlined(simd: V3, row: &[Pair], tile: &[[Pair; TILE]], limits: &[i32; TILE]) -> u64 {
        let (avx, avx2) = (simd.avx, simd.avx2);
        let limits: [__m256i; VECTORS] = pulp::cast(*limits);
        let mut sums = [avx._mm256_setzero_si256(); VECTORS];
        let beyond = |sums: &[__m256i; VECTORS]| {
            (0..VECTORS).fold(0, |bits, k| {
                let larger = avx2._mm256_cmpgt_epi32(sums[k], limits[k]);
                let larger = avx._mm256_movemask_ps(avx._mm256_castsi256_ps(larger));
                bits | u64::from(larger as u8) << (WIDTH * k)
            })
        };
        for (row, columns) in row.chunks(CHUNK).zip(tile.chunks(CHUNK)) {
            for (&pair, column) in row.iter().zip(columns) {
                let pair = avx._mm256_set1_epi32(pulp::cast(pair));
                let column: &[[Pair; WIDTH]; VECTORS] = pulp::bytemuck::cast_ref(column);
                for (sum, &points) in sums.iter_mut().zip(column) {
                    let difference = avx2._mm256_sub_epi16(pulp::cast(points), pair);
                    let squares = avx2._mm256_madd_epi16(difference, difference);
                    *sum = avx2._mm256_add_epi32(*sum, squares);
                }
            }
            if beyond(&sums) == u64::MAX {
                return 0;
            }
        }
        !beyond(&sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row after row by the formulas, which the tiles must follow whatever
    /// instructions they use.
    #[test]
    fn tiles_agree_with_single_rows() {
        type Formula = fn(i32, i16, i16) -> i32;
        let entry = |slot: usize, k: usize| ((slot * 37 + k * k * 101) % 91) as i16 - 45;
        let formulas: [(Distance, Formula); 4] = [
            (Distance::Squares, |sum, a, b| sum + (i32::from(a) - i32::from(b)).pow(2)),
            (Distance::Sum, |sum, a, b| sum + i32::from(a.abs_diff(b))),
            (Distance::Largest, |most, a, b| most.max(i32::from(a.abs_diff(b)))),
            (Distance::Unequal, |count, a, b| if a == b { count } else { count + 1 }),
        ];
        for depth in [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 2] {
            let row = |slot| (0..depth).map(move |k| [entry(slot, 2 * k), entry(slot, 2 * k + 1)]);
            let origin: Row = row(1000).collect();
            for (distance, formula) in formulas {
                let mut columns = Columns::new(distance, depth, 2 * TILE);
                (0..2 * TILE).for_each(|slot| columns.put(slot, &row(slot).collect::<Row>()));
                let far = |slot: usize| {
                    let pairs =
                        origin.as_flattened().iter().zip(columns.row(slot).into_flattened());
                    pairs.fold(0, |sum, (&a, b)| formula(sum, a, b))
                };
                for around in [-1, 0, 1] {
                    let limits: [i32; TILE] = std::array::from_fn(|k| match k % 3 {
                        0 => far(TILE + k) + around,
                        1 => far(TILE + (k + 1) % TILE),
                        _ => around,
                    });
                    let bit = |k: usize| u64::from(far(TILE + k) <= limits[k]) << k;
                    let expected: u64 = (0..TILE).map(bit).sum();
                    assert_eq!(columns.within(&origin, 1, &limits), expected, "{distance:?}");
                    if distance == Distance::Squares {
                        let plain = within(&origin, columns.tile(1), &limits, add_square);
                        assert_eq!(plain, expected);
                    }
                }
            }
        }
    }
}
