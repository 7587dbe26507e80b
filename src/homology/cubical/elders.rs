//! Components that merge: of two, the younger one ends.

/// Disjoint sets of numbers, each known by its smallest one, the eldest.
pub struct Elders {
    /// For each an older one of its set, or itself.
    elder: Vec<u32>,
}

impl Elders {
    pub fn new(len: usize) -> Self {
        Self { elder: (0..len as u32).collect() }
    }

    /// The elder's elder, which is remembered.
    #[inline(always)]
    pub fn elder_of(&mut self, x: u32) -> u32 {
        let elder = self.elder[self.elder[x as usize] as usize];
        self.elder[x as usize] = elder;
        elder
    }

    /// The eldest of the set of `x`.
    #[inline(always)]
    fn eldest(&mut self, mut x: u32) -> u32 {
        while self.elder[x as usize] != x {
            x = self.elder_of(x);
        }
        x
    }

    /// Merges two sets; returns the younger of their eldest, if they were two.
    #[inline(always)]
    pub fn merge(&mut self, x: u32, y: u32) -> Option<u32> {
        let (x, y) = (self.eldest(x), self.eldest(y));
        if x == y {
            return None;
        }
        self.elder[x.max(y) as usize] = x.min(y);
        Some(x.max(y))
    }
}
