//! The triangles of an edge that enters, by their annotations.

use super::vectors::Combination;
use crate::homology::bits::{Block, insert};
use crate::homology::field::Field;

/// The annotations of the new triangles: few different ones.
pub struct Levels<F: Field> {
    pub values: Vec<Combination<F>>,
    pub members: Vec<Vec<Block>>,
    /// By vertex.
    pub level: Vec<u16>,
    blocks: usize,
}

impl<F: Field> Levels<F> {
    /// For lunes among `len` vertices.
    pub fn new(len: usize) -> Self {
        Self { values: Vec::new(), members: Vec::new(), level: vec![0; len], blocks: 0 }
    }

    pub fn clear(&mut self, blocks: usize) {
        self.values.clear();
        self.members.clear();
        self.blocks = blocks;
    }

    /// The level of a value.
    pub fn of(&mut self, value: Combination<F>) -> u16 {
        if let Some(level) = self.values.iter().position(|known| *known == value) {
            return level as u16;
        }
        self.values.push(value);
        self.members.push(vec![Block::default(); self.blocks]);
        self.values.len() as u16 - 1
    }

    pub fn put(&mut self, v: u32, level: u16) {
        self.level[v as usize] = level;
        insert(&mut self.members[level as usize], v);
    }
}
