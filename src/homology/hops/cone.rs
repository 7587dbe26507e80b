//! The first Betti number of a flag complex, a vertex at a time.
//!
//! With a vertex v comes a cone on its link, the flag complex L of its neighbours among the
//! vertices before. If these make a connected complex X and L has c components, then by the
//! exact sequence of Mayer and Vietoris (Hatcher 2002, section 3.1) the classes of degree one on
//! X + v are those on X that vanish on L, and c - 1 more. So classes are kept as cocycles
//! modulo 2. On the link each must be the coboundary of a potential, which is found along a
//! search and extends the cocycle to v; sums that are, of those that are not, stay, too. Where L
//! is connected and no class is alive, there is nothing to do. `docs/engine.md` has the proof.

use std::ops::Range;

use super::cocycles::Cocycles;
use super::link::Link;
use super::reach::Reach;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::ones::ones;

/// The number of classes of degree one of the complex whose edges join vertices within reach,
/// of which those before each other one are connected; none if cocycles took more than `most`
/// bytes.
///
/// Coefficients are those modulo 2. Where `most` is 0, no link came apart, and the number is
/// 0 over every field.
pub fn first_betti_number(reach: &Reach, most: u64, monitor: &Monitor) -> Result<Option<usize>> {
    let mut cocycles = Cocycles::new(reach.len(), monitor)?;
    let mut link = Link::default();
    monitor.expect(reach.len() as u64 - 1);
    for v in 1..reach.len() {
        monitor.advance(1)?;
        link.read(reach, v);
        let mut classes = restrictions(&mut cocycles, &link);
        let others = link.other_components(reach, |x, fresh| {
            classes.iter_mut().for_each(|class| class.carry(&cocycles, reach, x, fresh));
        });
        classes.iter_mut().for_each(|class| class.make_small(&link));
        keep_coboundaries(&mut classes, &mut cocycles, reach, &link, monitor)?;
        for class in &classes {
            cocycles.join(class.number, v, &class.potential, link.frame());
        }
        for component in &others {
            let number = cocycles.create();
            cocycles.join(number, v, component, link.frame());
        }
        if cocycles.bytes() > most {
            monitor.advance((reach.len() - 1 - v) as u64)?;
            return Ok(None);
        }
    }
    Ok(Some(cocycles.alive()))
}

/// A cocycle on a link, and the set of vertices of which it would be the coboundary.
struct Restriction {
    number: u32,
    frame: Range<usize>,
    potential: Vec<u64>,
}

/// The cocycles that are not zero on all edges of a link; the others are those of the empty set.
fn restrictions(cocycles: &mut Cocycles, link: &Link) -> Vec<Restriction> {
    let frame = link.frame();
    let numbers = cocycles.between(link.members(), frame).into_iter();
    let empty =
        |number| Restriction { number, frame: frame.clone(), potential: vec![0; frame.len()] };
    numbers.map(empty).collect()
}

/// Leaves a basis of the sums that are coboundaries on the link, by elimination of the edges
/// on which potentials fail; the other classes are no more.
fn keep_coboundaries(
    classes: &mut Vec<Restriction>,
    cocycles: &mut Cocycles,
    reach: &Reach,
    link: &Link,
    monitor: &Monitor,
) -> Result<()> {
    let mut kept = 0;
    while kept < classes.len() {
        monitor.check()?;
        let Some((x, y)) = classes[kept].failure(cocycles, reach, link) else {
            kept += 1;
            continue;
        };
        let failing = |class: &Restriction| class.fails(cocycles, x, y);
        let size = |&k: &usize| cocycles.size(classes[k].number);
        let pivot = (kept..classes.len()).filter(|&k| failing(&classes[k])).min_by_key(size);
        let pivot = classes.remove(pivot.expect("an edge on which a class fails"));
        for class in &mut classes[kept..] {
            if class.fails(cocycles, x, y) {
                cocycles.add(pivot.number, class.number);
                class.potential.iter_mut().zip(&pivot.potential).for_each(|(p, q)| *p ^= q);
            }
        }
        cocycles.remove(pivot.number);
    }
    Ok(())
}

impl Restriction {
    /// Whether a vertex is in the set.
    #[inline(always)]
    fn at(&self, x: usize) -> bool {
        self.potential[x / 64 - self.frame.start] >> (x % 64) & 1 == 1
    }

    /// Follows the edges from x to vertices first seen from there.
    #[inline(always)]
    fn carry(&mut self, cocycles: &Cocycles, reach: &Reach, x: usize, fresh: &[u64]) {
        let (at, _) = reach.overlap(x, &self.frame);
        let here = if self.at(x) { u64::MAX } else { 0 };
        let potential = &mut self.potential[at..at + fresh.len()];
        potential.iter_mut().zip(fresh).for_each(|(set, new)| *set |= new & here);
        for word in cocycles.row(self.number, x).unwrap_or_default() {
            let k = word.place.wrapping_sub(self.frame.start + at);
            if let Some(set) = potential.get_mut(k) {
                *set ^= fresh[k] & word.bits;
            }
        }
    }

    /// Takes the other vertices of the link if these are fewer.
    fn make_small(&mut self, link: &Link) {
        let count = |set: &[u64]| set.iter().map(|word| word.count_ones()).sum::<u32>();
        if 2 * count(&self.potential) > count(link.members()) {
            self.potential.iter_mut().zip(link.members()).for_each(|(p, all)| *p ^= all);
        }
    }

    /// An edge of the link on which the cocycle is not the coboundary of the set, if there is one.
    fn failure(&self, cocycles: &Cocycles, reach: &Reach, link: &Link) -> Option<(usize, usize)> {
        let occupied = cocycles.occupied(&self.frame);
        let sets = link.members().iter().zip(&self.potential).zip(occupied);
        // Each such edge has an end in the set or in the cocycle.
        let ends = sets.map(|((members, set), occupied)| members & (set | occupied));
        let places = (self.frame.start..).zip(ends);
        let mut ends = places.flat_map(|(k, word)| ones(word).map(move |bit| 64 * k + bit));
        ends.find_map(|x| {
            let edges = cocycles.row(self.number, x).unwrap_or_default();
            if !self.at(x) && edges.is_empty() {
                return None;
            }
            let here = if self.at(x) { u64::MAX } else { 0 };
            let (at, part) = reach.overlap(x, &self.frame);
            let mut edges = edges.iter().peekable();
            (at..).zip(&reach.row(x)[part]).find_map(|(k, row)| {
                let place = self.frame.start + k;
                while edges.next_if(|edge| edge.place < place).is_some() {}
                let edge = edges.next_if(|edge| edge.place == place).map_or(0, |edge| edge.bits);
                let failures = row & link.members()[k] & (self.potential[k] ^ edge ^ here);
                let bit = failures.trailing_zeros() as usize;
                (failures != 0).then_some((x, 64 * place + bit))
            })
        })
    }

    /// Whether the cocycle is not the coboundary of the set on an edge of the link.
    fn fails(&self, cocycles: &Cocycles, x: usize, y: usize) -> bool {
        self.at(x) ^ self.at(y) ^ cocycles.contains(self.number, x, y)
    }
}
