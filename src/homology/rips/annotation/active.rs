//! The cells whose annotation is not zero, in compressed rows.

use super::vectors::Id;
use crate::homology::bits::{BITS, BitRows, Block};

/// Rows of annotations, most of them zero: bits tell which are not, and only
/// these are stored, ascending.
#[derive(Debug)]
pub struct ActiveRows {
    bits: BitRows,
    /// By row and block: how many entries come before the block.
    before: Vec<u16>,
    ids: Vec<Vec<Id>>,
    entries: usize,
}

impl ActiveRows {
    /// `rows` rows of `columns` zeros; at most 2¹⁶ columns.
    pub fn new(rows: usize, columns: usize) -> Self {
        let bits = BitRows::new(rows, columns);
        let before = vec![0; rows * bits.blocks_per_row()];
        Self { bits, before, ids: vec![Vec::new(); rows], entries: 0 }
    }

    /// Bytes of as many rows without entries.
    pub fn bytes_for(rows: usize, columns: usize) -> u64 {
        let counts = rows * columns.div_ceil(BITS) * size_of::<u16>();
        BitRows::bytes(rows, columns) + (counts + rows * size_of::<Vec<Id>>()) as u64
    }

    /// Which entries of a row are not zero.
    #[inline(always)]
    pub fn bits(&self, row: u32) -> &[Block] {
        self.bits.row(row)
    }

    /// Whether all entries of a row are zero.
    #[inline(always)]
    pub fn is_empty(&self, row: u32) -> bool {
        self.ids[row as usize].is_empty()
    }

    #[inline(always)]
    fn before(&self, row: u32, block: usize) -> usize {
        self.before[row as usize * self.bits.blocks_per_row() + block].into()
    }

    #[inline(always)]
    fn place(&self, row: u32, column: u32) -> usize {
        let (block, place) = (column as usize / BITS, column as usize % BITS);
        self.before(row, block) + self.bits.row(row)[block].count_below(place)
    }

    /// The entry at a place.
    #[inline(always)]
    pub fn get(&self, row: u32, column: u32) -> Id {
        if self.bits.contains(row, column) {
            self.ids[row as usize][self.place(row, column)]
        } else {
            0
        }
    }

    /// Whether two rows differ at one of the places of a block that are set in
    /// `mask`; with `turn` set, whether one is not the other with its ids turned
    /// to their negatives.
    #[inline(always)]
    pub fn differ(&self, i: u32, j: u32, block: usize, mask: &Block, turn: bool) -> bool {
        let (a, b) = (&self.bits.row(i)[block], &self.bits.row(j)[block]);
        if !Block::from_words(|k| (a.0[k] ^ b.0[k]) & mask.0[k]).is_empty() {
            return true;
        }
        // What is set in the mask is set in both or in neither now.
        let (ids_i, ids_j) = (&self.ids[i as usize], &self.ids[j as usize]);
        let (mut from_i, mut from_j) = (self.before(i, block), self.before(j, block));
        for k in 0..mask.0.len() {
            let mut both = a.0[k] & b.0[k] & mask.0[k];
            while both != 0 {
                let below = (both & both.wrapping_neg()) - 1;
                let at_i = from_i + (a.0[k] & below).count_ones() as usize;
                let at_j = from_j + (b.0[k] & below).count_ones() as usize;
                if ids_i[at_i] != ids_j[at_j] ^ Id::from(turn) {
                    return true;
                }
                both &= both - 1;
            }
            from_i += a.0[k].count_ones() as usize;
            from_j += b.0[k].count_ones() as usize;
        }
        false
    }

    /// Writes an entry.
    pub fn set(&mut self, row: u32, column: u32, id: Id) {
        let place = self.place(row, column);
        let entries = &mut self.ids[row as usize];
        match (self.bits.contains(row, column), id) {
            (true, 0) => {
                entries.remove(place);
                self.entries -= 1;
                self.bits.remove(row, column);
                self.later_blocks(row, column).for_each(|count| *count -= 1);
            }
            (true, _) => entries[place] = id,
            (false, 0) => {}
            (false, _) => {
                entries.insert(place, id);
                self.entries += 1;
                self.bits.insert(row, column);
                self.later_blocks(row, column).for_each(|count| *count += 1);
            }
        }
    }

    /// Bytes of the table, with as many again for the cells behind the entries.
    pub fn bytes(&self) -> u64 {
        let rows = self.ids.len();
        Self::bytes_for(rows, self.bits.blocks_per_row() * BITS)
            + (2 * self.entries * size_of::<Id>()) as u64
    }

    /// Appends an empty row; returns its number.
    pub fn push_row(&mut self) -> u32 {
        self.bits.push_row();
        self.before.resize(self.before.len() + self.bits.blocks_per_row(), 0);
        self.ids.push(Vec::new());
        self.ids.len() as u32 - 1
    }

    fn later_blocks(&mut self, row: u32, column: u32) -> impl Iterator<Item = &mut u16> {
        let blocks = self.bits.blocks_per_row();
        let start = row as usize * blocks;
        self.before[start + column as usize / BITS + 1..start + blocks].iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 1 would be −0.
    fn ids() -> impl Strategy<Value = Id> {
        prop_oneof![Just(0), 2..7u32]
    }

    proptest! {
        #[test]
        fn compressed_rows_hold_what_plain_ones_do(
            columns in prop_oneof![1..70u32, Just(512), Just(513), 1000..1600u32],
            writes in proptest::collection::vec((0..4u32, any::<u32>(), ids()), 0..400),
            masks in any::<[u64; 8]>(),
        ) {
            let mut rows = ActiveRows::new(3, columns as usize);
            prop_assert_eq!(rows.push_row(), 3);
            let mut plain = vec![vec![0; columns as usize]; 4];
            for (row, column, id) in writes {
                // Near the first column and near the ends of blocks.
                let column = (column % 9 + column / 9 % 4 * 509) % columns;
                rows.set(row, column, id);
                plain[row as usize][column as usize] = id;
            }
            for (row, ids) in (0..).zip(&plain) {
                let found: Vec<Id> = (0..columns).map(|column| rows.get(row, column)).collect();
                prop_assert_eq!(&found, ids);
                prop_assert_eq!(rows.is_empty(row), ids.iter().all(|&id| id == 0));
            }
            for (i, j) in (0..16).map(|k| (k / 4, k % 4)) {
                for block in 0..(columns as usize).div_ceil(BITS) {
                    for mask in [Block([u64::MAX; 8]), Block(masks)] {
                        for turn in [false, true] {
                            let ids = |row: u32| plain[row as usize].iter().skip(block * BITS);
                            let turned = |id: Id| if turn && id != 0 { id ^ 1 } else { id };
                            let mut pairs = ids(i).zip(ids(j)).take(BITS).enumerate();
                            let expected = pairs.any(|(place, (&a, &b))| {
                                mask.0[place / 64] >> (place % 64) & 1 == 1 && a != turned(b)
                            });
                            prop_assert_eq!(rows.differ(i, j, block, &mask, turn), expected);
                        }
                    }
                }
            }
        }
    }
}
