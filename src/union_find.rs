//! Connected components under growing sets of edges.

/// Which element stands for the union of two sets.
pub trait Policy {
    /// Of the elements that stand for two sets, the one that stands for both from now
    /// on, and the other.
    fn choose(&mut self, x: u32, y: u32) -> (u32, u32);
}

/// That of the larger set: paths stay short.
#[derive(Debug, Clone)]
pub struct Largest {
    size: Vec<u32>,
}

impl Policy for Largest {
    #[inline(always)]
    fn choose(&mut self, x: u32, y: u32) -> (u32, u32) {
        let smaller = self.size[x as usize] < self.size[y as usize];
        let (root, child) = if smaller { (y, x) } else { (x, y) };
        self.size[root as usize] += self.size[child as usize];
        (root, child)
    }
}

/// The least number: where elements are numbered by age, the younger set ends.
#[derive(Debug, Clone)]
pub struct Eldest;

impl Policy for Eldest {
    #[inline(always)]
    fn choose(&mut self, x: u32, y: u32) -> (u32, u32) {
        (x.min(y), x.max(y))
    }
}

/// Disjoint sets, with halved paths.
#[derive(Debug, Clone)]
pub struct UnionFind<P = Largest> {
    /// For each element another one of its set on the way to the one that stands for
    /// it, which is its own parent.
    parent: Vec<u32>,
    sets: usize,
    policy: P,
}

impl UnionFind {
    /// `len` sets of one element each.
    pub fn new(len: usize) -> Self {
        Self::by(Largest { size: vec![1; len] }, len)
    }
}

impl UnionFind<Eldest> {
    /// `len` sets of one element each, known by their least ones.
    pub fn of_elders(len: usize) -> Self {
        Self::by(Eldest, len)
    }

    /// Adds sets of one element each.
    #[inline(always)]
    pub fn extend(&mut self, count: u32) {
        let len = self.parent.len() as u32;
        self.parent.extend(len..len + count);
        self.sets += count as usize;
    }
}

impl<P: Policy> UnionFind<P> {
    /// `len` sets of one element each, by that rule.
    pub(crate) fn by(policy: P, len: usize) -> Self {
        Self { parent: (0..len as u32).collect(), sets: len, policy }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// Number of sets.
    pub fn sets(&self) -> usize {
        self.sets
    }

    /// The parent's parent, which is the parent from then on.
    #[inline(always)]
    pub fn grandparent(&mut self, x: u32) -> u32 {
        let grandparent = self.parent[self.parent[x as usize] as usize];
        self.parent[x as usize] = grandparent;
        grandparent
    }

    /// The element that stands for the set of `x`.
    #[inline(always)]
    pub fn find(&mut self, mut x: u32) -> u32 {
        while self.parent[x as usize] != x {
            x = self.grandparent(x);
        }
        x
    }

    /// Joins two sets; returns the element that stands for none any more, if they
    /// were two.
    #[inline(always)]
    pub fn merge(&mut self, x: u32, y: u32) -> Option<u32> {
        let (x, y) = (self.find(x), self.find(y));
        if x == y {
            return None;
        }
        let (root, child) = self.policy.choose(x, y);
        self.parent[child as usize] = root;
        self.sets -= 1;
        Some(child)
    }

    /// Joins two sets; tells whether they were different.
    #[inline(always)]
    pub fn union(&mut self, x: u32, y: u32) -> bool {
        self.merge(x, y).is_some()
    }
}
