//! Square tables of bits, a row a vertex.

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

/// The places of the bits that are set in a word, ascending.
#[inline(always)]
pub fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
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
    fn word(&self, i: u32, j: u32) -> (usize, usize) {
        (i as usize * self.blocks_per_row + j as usize / BITS, j as usize % BITS / 64)
    }

    /// Whether bit `j` of row `i` is set.
    #[inline(always)]
    pub fn contains(&self, i: u32, j: u32) -> bool {
        let (block, word) = self.word(i, j);
        self.blocks[block].0[word] >> (j % 64) & 1 == 1
    }

    /// Sets bit `j` of row `i`.
    #[inline(always)]
    pub fn insert(&mut self, i: u32, j: u32) {
        let (block, word) = self.word(i, j);
        self.blocks[block].0[word] |= 1 << (j % 64);
    }

    /// Clears bit `j` of row `i`.
    #[inline(always)]
    pub fn remove(&mut self, i: u32, j: u32) {
        let (block, word) = self.word(i, j);
        self.blocks[block].0[word] &= !(1 << (j % 64));
    }

    /// Appends an empty row.
    pub fn push_row(&mut self) {
        self.blocks.resize(self.blocks.len() + self.blocks_per_row, Block::default());
    }
}
