//! Annotations: linear combinations of the classes that are alive.

use rustc_hash::FxHashMap;

use crate::homology::field::Field;
/// The edge from the first vertex to the second.
pub use crate::homology::rips::filtration::Edge;

/// The number of an annotation; 0 is that of zero. Over a field in which −1 is
/// not 1, an annotation and its negative differ in the lowest bit.
pub type Id = u32;

/// A class, numbered in the order of births.
pub type Generator = u32;

/// A linear combination of generators, ascending, without zeros.
pub type Combination<F> = Vec<(Generator, <F as Field>::Element)>;

/// A cell, oriented by the order of its vertices.
pub trait Cell: Copy {
    /// Its vertices in order.
    fn vertices(&self) -> &[u32];

    /// The same cell with the opposite orientation.
    fn reversed(self) -> Self;

    /// Whether the ascending order of the vertices is the other orientation.
    fn is_odd(&self) -> bool {
        let vertices = self.vertices();
        let later = |k: usize| vertices[k + 1..].iter().filter(move |&&v| v < vertices[k]);
        (0..vertices.len()).flat_map(later).count() % 2 == 1
    }
}

impl<const N: usize> Cell for [u32; N] {
    fn vertices(&self) -> &[u32] {
        self
    }

    fn reversed(mut self) -> Self {
        self.swap(0, 1);
        self
    }
}

/// An oriented triangle.
pub type Triangle = [u32; 3];

/// −`id`.
#[inline(always)]
pub fn negative<F: Field>(id: Id) -> Id {
    if F::SIGNED && id != 0 { id ^ 1 } else { id }
}

/// All annotations in use, each stored once, and the cells that carry them.
pub struct Annotations<F: Field, C> {
    field: F,
    /// By half the id: the combination, and the cells that carry it.
    combinations: Vec<Combination<F>>,
    cells: Vec<Vec<C>>,
    unused: Vec<Id>,
    /// From the one of ±combination that is not [`Field::is_negative`] in its
    /// youngest generator.
    ids: FxHashMap<Combination<F>, Id>,
    /// By generator: the ids, positive, of combinations that contain it, and
    /// perhaps some that once did.
    carriers: Vec<Vec<Id>>,
}

impl<F: Field, C: Cell> Annotations<F, C> {
    pub fn new(field: F) -> Self {
        Self {
            field,
            combinations: vec![Vec::new()],
            cells: vec![Vec::new()],
            unused: Vec::new(),
            ids: FxHashMap::default(),
            carriers: Vec::new(),
        }
    }

    /// Whether all annotations are zero: no class is alive.
    pub fn are_zero(&self) -> bool {
        self.ids.is_empty()
    }

    /// A new class; the annotation that is one on it.
    pub fn birth(&mut self) -> Combination<F> {
        self.carriers.push(Vec::new());
        vec![(self.carriers.len() as Generator - 1, self.field.sign(false))]
    }

    /// Bytes taken now, but for the cells.
    pub fn bytes(&self) -> u64 {
        // A combination, twice, its id, its cells and its carriers.
        const EACH: usize = 160;
        (self.combinations.len() * EACH + self.carriers.len() * size_of::<Vec<Id>>()) as u64
    }

    /// `target` + (±1) · the combination of `id`.
    pub fn add(&self, target: &mut Combination<F>, id: Id, minus: bool) {
        let flipped = F::SIGNED && id & 1 == 1;
        let factor = self.field.sign(minus != flipped);
        self.add_multiple(target, factor, &self.combinations[id as usize / 2]);
    }

    /// `target` + factor · other.
    pub fn add_multiple(
        &self,
        target: &mut Combination<F>,
        factor: F::Element,
        other: &Combination<F>,
    ) {
        if other.is_empty() {
            return;
        }
        let scaled = |&(g, c): &(Generator, F::Element)| (g, self.field.multiply(factor, c));
        let mut sum = Vec::with_capacity(target.len() + other.len());
        let (mut left, mut right) = (target.as_slice(), other.as_slice());
        while let (Some(a), Some(b)) = (left.first(), right.first()) {
            if a.0 < b.0 {
                sum.push(*a);
                left = &left[1..];
            } else if b.0 < a.0 {
                sum.push(scaled(b));
                right = &right[1..];
            } else {
                sum.extend(self.field.add(a.1, scaled(b).1).map(|c| (a.0, c)));
                (left, right) = (&left[1..], &right[1..]);
            }
        }
        sum.extend_from_slice(left);
        sum.extend(right.iter().map(scaled));
        *target = sum;
    }

    /// Rewrites `target` by `relation` = 0, solved for its youngest generator.
    pub fn substitute(&self, target: &mut Combination<F>, relation: &Combination<F>) {
        let &(youngest, pivot) = relation.last().expect("a relation is not zero");
        if let Ok(place) = target.binary_search_by_key(&youngest, |&(g, _)| g) {
            let factor = self.field.negative_quotient(target[place].1, pivot);
            self.add_multiple(target, factor, relation);
        }
    }

    /// The id of a combination.
    pub fn id_of(&mut self, combination: &Combination<F>) -> Id {
        let Some(&(_, youngest)) = combination.last() else { return 0 };
        let flipped = self.field.is_negative(youngest);
        let canonical = if flipped { self.negated(combination) } else { combination.clone() };
        let id = match self.ids.get(&canonical) {
            Some(&id) => id,
            None => {
                let id = self.unused.pop().unwrap_or_else(|| {
                    self.combinations.push(Vec::new());
                    self.cells.push(Vec::new());
                    2 * (self.combinations.len() as Id - 1)
                });
                for &(g, _) in &canonical {
                    self.carriers[g as usize].push(id);
                }
                self.combinations[id as usize / 2] = canonical.clone();
                self.ids.insert(canonical, id);
                id
            }
        };
        if flipped { negative::<F>(id) } else { id }
    }

    /// The id of a combination, if it is in use.
    pub fn find(&self, combination: &Combination<F>) -> Option<Id> {
        let Some(&(_, youngest)) = combination.last() else { return Some(0) };
        if self.field.is_negative(youngest) {
            self.ids.get(&self.negated(combination)).map(|&id| negative::<F>(id))
        } else {
            self.ids.get(combination).copied()
        }
    }

    fn negated(&self, combination: &Combination<F>) -> Combination<F> {
        let minus = self.field.sign(true);
        combination.iter().map(|&(g, c)| (g, self.field.multiply(minus, c))).collect()
    }

    /// Notes that `cell` carries the annotation of `id`, which is not 0.
    pub fn carry(&mut self, cell: C, id: Id) {
        let cell = if F::SIGNED && id & 1 == 1 { cell.reversed() } else { cell };
        self.cells[id as usize / 2].push(cell);
    }

    /// The cells whose annotation contains a generator, with its coefficients.
    pub fn cochain(&self, generator: Generator) -> Vec<(C, F::Element)> {
        let mut ids = self.carriers[generator as usize].clone();
        ids.sort_unstable();
        ids.dedup();
        let coefficient_in = |id: &Id| {
            let combination = &self.combinations[*id as usize / 2];
            let place = combination.binary_search_by_key(&generator, |&(g, _)| g).ok()?;
            Some((*id, combination[place].1))
        };
        let carried = ids.iter().filter_map(coefficient_in);
        carried
            .flat_map(|(id, c)| self.cells[id as usize / 2].iter().map(move |&x| (x, c)))
            .collect()
    }

    /// Imposes `relation` = 0: its youngest class dies and is replaced by the
    /// others everywhere. `set` rewrites the annotation of a cell.
    pub fn eliminate(
        &mut self,
        relation: &Combination<F>,
        mut set: impl FnMut(C, Id),
    ) -> Generator {
        let youngest = relation.last().expect("a relation is not zero").0;
        for id in std::mem::take(&mut self.carriers[youngest as usize]) {
            let slot = id as usize / 2;
            let mut combination = std::mem::take(&mut self.combinations[slot]);
            if combination.binary_search_by_key(&youngest, |&(g, _)| g).is_err() {
                self.combinations[slot] = combination;
                continue;
            }
            self.forget(&combination);
            let before = combination.clone();
            self.substitute(&mut combination, relation);
            self.replace(id, &before, combination, &mut set);
        }
        youngest
    }

    fn forget(&mut self, combination: &Combination<F>) {
        let flipped = self.field.is_negative(combination[combination.len() - 1].1);
        if flipped {
            self.ids.remove(&self.negated(combination));
        } else {
            self.ids.remove(combination);
        }
    }

    /// Gives `id` another combination; where that has an id already, the cells
    /// of the one with fewer go over to the other.
    fn replace(
        &mut self,
        id: Id,
        before: &Combination<F>,
        after: Combination<F>,
        set: &mut impl FnMut(C, Id),
    ) {
        let slot = id as usize / 2;
        let Some(&(_, youngest)) = after.last() else {
            std::mem::take(&mut self.cells[slot]).into_iter().for_each(|cell| set(cell, 0));
            self.unused.push(id);
            return;
        };
        let flipped = self.field.is_negative(youngest);
        let canonical = if flipped { self.negated(&after) } else { after.clone() };
        // What stands for the canonical combination, so that `after` is ± it.
        let own = if flipped { negative::<F>(id) } else { id };
        let Some(&other) = self.ids.get(&canonical) else {
            for &(g, _) in
                after.iter().filter(|(g, _)| before.binary_search_by_key(g, |b| b.0).is_err())
            {
                self.carriers[g as usize].push(id);
            }
            self.combinations[slot] = after;
            self.ids.insert(canonical, own);
            return;
        };
        // The cells of `own` and of `other`, as they carry the canonical one.
        let (kept, dropped) = if self.cells[slot].len() > self.cells[other as usize / 2].len() {
            (own, other)
        } else {
            (other, own)
        };
        let moved = std::mem::take(&mut self.cells[dropped as usize / 2]);
        let turned = F::SIGNED && dropped & 1 == 1;
        let moved = moved.into_iter().map(|cell| if turned { cell.reversed() } else { cell });
        let moved: Vec<C> = moved.inspect(|&cell| set(cell, kept)).collect();
        let turned = F::SIGNED && kept & 1 == 1;
        let moved = moved.into_iter().map(|cell| if turned { cell.reversed() } else { cell });
        self.cells[kept as usize / 2].extend(moved);
        if kept == own {
            self.combinations[other as usize / 2].clear();
            for &(g, _) in &after {
                self.carriers[g as usize].push(id);
            }
            self.combinations[slot] = after;
            self.ids.insert(canonical, own);
        }
        self.unused.push(dropped & !1);
    }
}
