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
