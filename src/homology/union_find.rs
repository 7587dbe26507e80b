//! Connected components under growing sets of edges.

/// Disjoint sets, with halved paths and union by size.
#[derive(Debug, Clone)]
pub struct UnionFind {
    parent: Vec<u32>,
    size: Vec<u32>,
    sets: usize,
}

impl UnionFind {
    /// `len` sets of one element each.
    pub fn new(len: usize) -> Self {
        Self { parent: (0..len as u32).collect(), size: vec![1; len], sets: len }
    }

    /// Number of sets.
    pub fn sets(&self) -> usize {
        self.sets
    }

    /// The element that stands for the set of `x`.
    pub fn find(&mut self, mut x: u32) -> u32 {
        while self.parent[x as usize] != x {
            let grandparent = self.parent[self.parent[x as usize] as usize];
            self.parent[x as usize] = grandparent;
            x = grandparent;
        }
        x
    }

    /// Joins two sets; tells whether they were different.
    pub fn union(&mut self, x: u32, y: u32) -> bool {
        let (mut root, mut child) = (self.find(x), self.find(y));
        if root == child {
            return false;
        }
        if self.size[root as usize] < self.size[child as usize] {
            std::mem::swap(&mut root, &mut child);
        }
        self.parent[child as usize] = root;
        self.size[root as usize] += self.size[child as usize];
        self.sets -= 1;
        true
    }
}
