//! Square tables of bits, a row a vertex.

use crate::ones::ones;

/// 512 bits: a cache line, and the widest register there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct Block(pub [u64; WORDS]);

/// Words of a block.
pub const WORDS: usize = 8;

/// Bits of a block.
pub const BITS: usize = 64 * WORDS;

impl Block {
    /// Word by word.
    #[inline(always)]
    pub fn from_words(word: impl Fn(usize) -> u64) -> Self {
        Self(std::array::from_fn(word))
    }

    /// Whether no bit is set.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.iter().fold(0, |any, word| any | word) == 0
    }

    /// The places of the bits that are set, ascending.
    #[inline(always)]
    pub fn ones(self) -> impl Iterator<Item = usize> {
        (0..WORDS).flat_map(move |k| ones(self.0[k]).map(move |bit| 64 * k + bit))
    }

    /// How many bits are set below a place.
    #[inline(always)]
    pub fn count_below(&self, place: usize) -> usize {
        let (word, bit) = (place / 64, place % 64);
        let before: u32 = self.0[..word].iter().map(|w| w.count_ones()).sum();
        (before + (self.0[word] & ((1 << bit) - 1)).count_ones()) as usize
    }
}

/// The vertices whose bits are set in a row of blocks, ascending.
#[inline(always)]
pub fn vertices(row: impl IntoIterator<Item = Block>) -> impl Iterator<Item = u32> {
    (0..).zip(row).flat_map(|(block, bits): (usize, Block)| {
        bits.ones().map(move |place| (block * BITS + place) as u32)
    })
}

/// The least vertex whose bit is set in a row of blocks.
#[inline(always)]
pub fn least_vertex(row: &[Block]) -> Option<u32> {
    let block = row.iter().position(|block| !block.is_empty())?;
    row[block].ones().next().map(|place| (block * BITS + place) as u32)
}

/// Where the bit of a vertex is in a row of blocks: block, word and bit.
#[inline(always)]
pub fn place(v: u32) -> (usize, usize, usize) {
    (v as usize / BITS, v as usize % BITS / 64, v as usize % 64)
}

/// Whether the bit of a vertex is set in a row of blocks.
#[inline(always)]
pub fn contains(row: &[Block], v: u32) -> bool {
    let (block, word, bit) = place(v);
    row[block].0[word] >> bit & 1 == 1
}

/// Sets the bit of a vertex in a row of blocks.
#[inline(always)]
pub fn insert(row: &mut [Block], v: u32) {
    let (block, word, bit) = place(v);
    row[block].0[word] |= 1 << bit;
}

/// Clears the bit of a vertex in a row of blocks.
#[inline(always)]
pub fn remove(row: &mut [Block], v: u32) {
    let (block, word, bit) = place(v);
    row[block].0[word] &= !(1 << bit);
}

/// Rows of bits.
#[derive(Debug, Clone)]
pub struct BitRows {
    blocks_per_row: usize,
    blocks: Vec<Block>,
}

impl BitRows {
    /// `rows` empty rows of `columns` bits.
    pub fn new(rows: usize, columns: usize) -> Self {
        let blocks_per_row = columns.div_ceil(BITS);
        Self { blocks_per_row, blocks: vec![Block::default(); rows * blocks_per_row] }
    }

    /// Bytes of as many rows.
    pub fn bytes(rows: usize, columns: usize) -> u64 {
        (rows * columns.div_ceil(BITS) * size_of::<Block>()) as u64
    }

    /// Blocks of a row.
    #[inline(always)]
    pub fn blocks_per_row(&self) -> usize {
        self.blocks_per_row
    }

    /// A row.
    #[inline(always)]
    pub fn row(&self, i: u32) -> &[Block] {
        let start = i as usize * self.blocks_per_row;
        &self.blocks[start..start + self.blocks_per_row]
    }

    #[inline(always)]
    fn row_mut(&mut self, i: u32) -> &mut [Block] {
        let start = i as usize * self.blocks_per_row;
        &mut self.blocks[start..start + self.blocks_per_row]
    }

    /// Whether bit `j` of row `i` is set.
    #[inline(always)]
    pub fn contains(&self, i: u32, j: u32) -> bool {
        contains(self.row(i), j)
    }

    /// Sets bit `j` of row `i`.
    #[inline(always)]
    pub fn insert(&mut self, i: u32, j: u32) {
        insert(self.row_mut(i), j);
    }

    /// Clears bit `j` of row `i`.
    #[inline(always)]
    pub fn remove(&mut self, i: u32, j: u32) {
        remove(self.row_mut(i), j);
    }

    /// Appends an empty row.
    pub fn push_row(&mut self) {
        self.blocks.resize(self.blocks.len() + self.blocks_per_row, Block::default());
    }
}
