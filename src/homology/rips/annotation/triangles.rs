//! The triangles whose annotation is not zero.

use super::active::ActiveRows;
use super::vectors::{Edge, Id, Triangle, negative};
use crate::homology::bits::Block;
use crate::homology::field::Field;

/// Annotations of triangles: a row an edge that is a side of an active one.
#[derive(Debug)]
pub struct Triangles {
    /// From an edge to its row, 0 where it has none.
    rows: ActiveRows,
    /// By row and third vertex, with the edge from its lower to its higher end.
    /// Row 0 stays empty.
    active: ActiveRows,
}

/// The row of an edge, and whether its annotations are to be turned.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    row: u32,
    turn: bool,
}

impl Triangles {
    pub fn new(len: usize) -> Self {
        Self { rows: ActiveRows::new(len, len), active: ActiveRows::new(1, len) }
    }

    /// Bytes for `len` vertices without active triangles.
    pub fn bytes_for(len: usize) -> u64 {
        ActiveRows::bytes_for(len, len)
    }

    /// Bytes taken now.
    pub fn bytes(&self) -> u64 {
        self.rows.bytes() + self.active.bytes()
    }

    /// Which vertices share an edge with `i` that has a row.
    #[inline(always)]
    pub fn rows_at(&self, i: u32) -> &[Block] {
        self.rows.bits(i)
    }

    /// The row of the edge from `i` to `j`.
    #[inline(always)]
    pub fn row<F: Field>(&self, i: u32, j: u32) -> Row {
        Row { row: self.rows.get(i, j), turn: F::SIGNED && i > j }
    }

    /// The third vertices of the active triangles of a row.
    #[inline(always)]
    pub fn bits(&self, row: Row) -> &[Block] {
        self.active.bits(row.row)
    }

    /// Whether two rows differ at one of the places that are set in `mask`.
    #[inline(always)]
    pub fn differ(&self, a: Row, b: Row, block: usize, mask: &Block) -> bool {
        self.active.differ(a.row, b.row, block, mask, a.turn != b.turn)
    }

    /// The annotation of the triangle of a row with `k`.
    #[inline(always)]
    pub fn get<F: Field>(&self, row: Row, k: u32) -> Id {
        let id = self.active.get(row.row, k);
        if row.turn { negative::<F>(id) } else { id }
    }

    /// Writes the annotation of a triangle.
    pub fn annotate<F: Field>(&mut self, [a, b, c]: Triangle, id: Id) {
        // The triangle begins as well with (b, c) and with (c, a).
        for (side, third) in [([a, b], c), ([b, c], a), ([c, a], b)] {
            let row = self.row_of(side);
            let turned = side[0] > side[1];
            self.active.set(row, third, if turned { negative::<F>(id) } else { id });
        }
    }

    fn row_of(&mut self, [i, j]: Edge) -> u32 {
        match self.rows.get(i, j) {
            0 => {
                let row = self.active.push_row();
                self.rows.set(i, j, row);
                self.rows.set(j, i, row);
                row
            }
            row => row,
        }
    }
}
