//! Components that merge: of two, the younger one ends.

/// Disjoint sets of numbers, each known by its smallest one, the eldest.
pub struct Elders {
    eldest: Vec<u32>,
}

impl Elders {
    pub fn new(len: usize) -> Self {
        Self { eldest: (0..len as u32).collect() }
    }

    /// The eldest of the set of `x`.
    #[inline]
    pub fn find(&mut self, mut x: u32) -> u32 {
        while self.eldest[x as usize] != x {
            let next = self.eldest[self.eldest[x as usize] as usize];
            self.eldest[x as usize] = next;
            x = next;
        }
        x
    }

    /// Merges two sets; returns the younger of their eldest, if they were two.
    #[inline]
    pub fn merge(&mut self, x: u32, y: u32) -> Option<u32> {
        let (x, y) = (self.find(x), self.find(y));
        if x == y {
            return None;
        }
        self.eldest[x.max(y) as usize] = x.min(y);
        Some(x.max(y))
    }
}
