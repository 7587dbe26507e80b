//! The link of a new vertex, component by component.

use std::ops::Range;

use super::reach::Reach;

/// The neighbours of a vertex among those before it, and how far they have been seen.
#[derive(Debug, Default)]
pub struct Link {
    /// The words of all rows in which the bits are: all sets below are of these.
    frame: Range<usize>,
    members: Vec<u64>,
    unseen: Vec<u64>,
    /// Those seen, but not what they are joined to.
    front: Vec<u64>,
    fresh: Vec<u64>,
}

impl Link {
    /// Takes the place of the link before.
    pub fn read(&mut self, reach: &Reach, v: usize) {
        let first = reach.first(v);
        self.frame = first..v / 64 + 1;
        self.members.clear();
        self.members.extend_from_slice(&reach.row(v)[..self.frame.len()]);
        let below = (1 << (v % 64)) - 1;
        self.members[v / 64 - first] &= below;
        self.unseen.clone_from(&self.members);
        for set in [&mut self.front, &mut self.fresh] {
            set.clear();
            set.resize(self.frame.len(), 0);
        }
    }

    /// Which words its sets are of.
    #[inline(always)]
    pub fn frame(&self) -> &Range<usize> {
        &self.frame
    }

    /// Its vertices, as bits.
    #[inline(always)]
    pub fn members(&self) -> &[u64] {
        &self.members
    }

    /// Sees all of it; the vertices of all components but the first.
    ///
    /// `carry` is told of each vertex that is gone through, and of those first seen from
    /// there, in the words of its row that are in the frame. The first vertex of a component
    /// is not among them.
    #[inline(always)]
    pub fn other_components(
        &mut self,
        reach: &Reach,
        mut carry: impl FnMut(usize, &[u64]),
    ) -> Vec<Vec<u64>> {
        self.see_component(reach, &mut carry);
        let mut others = Vec::new();
        while self.unseen.iter().any(|&word| word != 0) {
            let mut part = self.unseen.clone();
            self.see_component(reach, &mut carry);
            part.iter_mut().zip(&self.unseen).for_each(|(word, unseen)| *word ^= unseen);
            others.push(part);
        }
        others
    }

    /// Goes from the first vertex not seen yet to all that are connected with it; ends as soon
    /// as all have been seen.
    #[inline(always)]
    fn see_component(&mut self, reach: &Reach, carry: &mut impl FnMut(usize, &[u64])) {
        let mut next = take_first(&mut self.unseen);
        // No word before it is unseen.
        let mut begin = 0;
        while let Some(place) = next {
            let x = 64 * self.frame.start + place;
            let (at, part) = reach.overlap(x, &self.frame);
            let (row, within) = (&reach.row(x)[part.clone()], at..at + part.len());
            let (unseen, front) = (&mut self.unseen[within.clone()], &mut self.front[within]);
            let fresh = &mut self.fresh[..row.len()];
            for k in 0..row.len() {
                fresh[k] = row[k] & unseen[k];
                unseen[k] ^= fresh[k];
                front[k] |= fresh[k];
            }
            carry(x, fresh);
            while self.unseen.get(begin) == Some(&0) {
                begin += 1;
            }
            if begin == self.unseen.len() {
                return;
            }
            next = take_first(&mut self.front);
        }
    }
}

/// Takes the first bit out of a set.
#[inline(always)]
fn take_first(set: &mut [u64]) -> Option<usize> {
    let first = set.iter().position(|&word| word != 0)?;
    let bit = set[first].trailing_zeros() as usize;
    set[first] &= set[first] - 1;
    Some(64 * first + bit)
}
