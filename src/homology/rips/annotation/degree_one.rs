//! Degree one: an edge, and the triangles of its lune.

use rustc_hash::FxHashSet;

use super::entering::Batch;
use super::lune::Lunes;
use super::vectors::{Annotations, Combination, Edge, Generator, Id, negative};
use crate::homology::field::Field;

/// The classes of degree one that are alive, and the edges they are active on.
pub struct DegreeOne<F: Field, L: Lunes> {
    field: F,
    lunes: L,
    annotations: Annotations<F, Edge>,
    room: Room<L>,
}

/// Room to work in.
pub struct Room<L: Lunes> {
    pub lunes: L::Scratch,
    witnesses: Vec<u32>,
    /// Pairs of annotations already found in accord at the present edge.
    seen: FxHashSet<(Id, Id)>,
}

impl<L: Lunes> Default for Room<L> {
    fn default() -> Self {
        let (witnesses, seen) = Default::default();
        Self { lunes: L::Scratch::default(), witnesses, seen }
    }
}

/// What is found out about an edge before it enters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Finding {
    /// Nothing that helps.
    #[default]
    Open,
    /// All triangles ask for the same annotation, as that with `witness` does.
    Follows { witness: u32, id: Id },
}

/// What the triangles of a new edge do, one after the other.
pub trait Events<F: Field> {
    /// The edge bears a class.
    fn birth(&mut self);
    /// A class dies; the edges with its cocycle can be asked for.
    fn death(&mut self, generator: Generator, annotations: &Annotations<F, Edge>);
    /// The triangle with a vertex of the lune kills a class, that of the edge
    /// itself or another one.
    fn negative(&mut self, vertex: u32);
}

impl<F: Field, L: Lunes> DegreeOne<F, L> {
    pub fn new(field: F, lunes: L) -> Self {
        Self { field, lunes, annotations: Annotations::new(field), room: Room::default() }
    }

    pub fn lunes(&self) -> &L {
        &self.lunes
    }

    pub fn annotations(&self) -> &Annotations<F, Edge> {
        &self.annotations
    }

    /// Bytes taken now.
    pub fn bytes(&self) -> u64 {
        self.lunes.bytes() + self.annotations.bytes()
    }

    /// Adds an edge that changes nothing but the lunes to come.
    #[inline(always)]
    pub fn join(&mut self, edge: Edge) {
        self.lunes.join(edge);
    }

    /// Adds an edge within a component.
    ///
    /// Its first triangle fixes its annotation; every further one that asks for
    /// another is a relation among the classes, of which the youngest dies.
    pub fn enter(&mut self, edge: Edge, events: &mut impl Events<F>) {
        let mut witnesses = std::mem::take(&mut self.room.witnesses);
        self.lunes.witnesses(edge, &mut self.room.lunes, &mut witnesses);
        let value = match witnesses.split_first() {
            Some((&first, others)) => {
                events.negative(first);
                let mut value = self.required(edge, first);
                self.room.seen.clear();
                for &k in others {
                    self.impose(edge, k, &mut value, events);
                }
                value
            }
            None => {
                events.birth();
                self.annotations.birth()
            }
        };
        self.room.witnesses = witnesses;
        let id = self.annotations.id_of(&value);
        self.add(edge, id);
    }

    /// Adds an edge all of whose triangles ask for the same, as that with `k` does.
    pub fn adopt(&mut self, edge: Edge, k: u32) {
        let (p, q) = self.sides(edge, k);
        let id = difference::<F>(p, q).unwrap_or_else(|| {
            let value = self.required(edge, k);
            self.annotations.id_of(&value)
        });
        self.add(edge, id);
    }

    fn add(&mut self, edge: Edge, id: Id) {
        self.lunes.join(edge);
        if id != 0 {
            self.annotations.carry(edge, id);
            annotate::<F>(&mut self.lunes, edge, id);
        }
    }

    /// Whether all triangles of an edge ask for the same annotation, one in use.
    #[inline(always)]
    pub fn look(&self, edge: Edge, room: &mut Room<L>) -> Finding {
        if self.lunes.is_quiet(edge, &mut room.lunes) {
            return Finding::Follows { witness: u32::MAX, id: 0 };
        }
        self.lunes.witnesses(edge, &mut room.lunes, &mut room.witnesses);
        let Some((&witness, others)) = room.witnesses.split_first() else { return Finding::Open };
        let value = self.required(edge, witness);
        room.seen.clear();
        for &k in others {
            if room.seen.insert(self.sides(edge, k)) && self.required(edge, k) != value {
                return Finding::Open;
            }
        }
        match self.annotations.find(&value) {
            Some(id) => Finding::Follows { witness, id },
            None => Finding::Open,
        }
    }

    /// Whether the vertices that come into a lune with earlier edges of a block
    /// ask for what was found. They bear it with them: an edge whose triangles
    /// all ask for the same takes that, whatever else happens.
    pub fn holds(&self, batch: &Batch<'_>, place: usize, findings: &[Finding]) -> bool {
        let Finding::Follows { id, .. } = findings[place] else { return false };
        let [i, j] = batch.edges[place];
        self.agrees([i, j], id, batch, place, findings)
            && self.agrees([j, i], negative::<F>(id), batch, place, findings)
    }

    /// As far as they came with an edge at `from`.
    fn agrees(
        &self,
        [from, to]: Edge,
        id: Id,
        batch: &Batch<'_>,
        place: usize,
        findings: &[Finding],
    ) -> bool {
        // The annotation of an edge of the block from `v` on.
        let found = |at: usize, v: u32| match findings[at] {
            Finding::Follows { id, .. } if batch.edges[at][0] == v => Some(id),
            Finding::Follows { id, .. } => Some(negative::<F>(id)),
            Finding::Open => None,
        };
        batch.before(place, from).all(|(k, at)| {
            let other = match self.lunes.found(to, k) {
                Some(id) => Some(id),
                None => match batch.before(place, to).find(|&(end, _)| end == k) {
                    Some((_, at)) => found(at, to),
                    None => return true,
                },
            };
            found(at, from).zip(other).is_some_and(|(p, q)| self.is_difference(id, p, q))
        })
    }

    fn is_difference(&self, id: Id, p: Id, q: Id) -> bool {
        difference::<F>(p, q).map_or_else(
            || {
                let mut rest = Combination::<F>::new();
                for (id, minus) in [(p, false), (q, true), (id, true)] {
                    self.annotations.add(&mut rest, id, minus);
                }
                rest.is_empty()
            },
            |known| known == id,
        )
    }

    #[inline(always)]
    fn sides(&self, [i, j]: Edge, k: u32) -> (Id, Id) {
        (self.lunes.annotation(i, k), self.lunes.annotation(j, k))
    }

    /// What the triangle with `k` asks the annotation of (i, j) to be.
    fn required(&self, edge: Edge, k: u32) -> Combination<F> {
        let mut required = Combination::<F>::new();
        let (p, q) = self.sides(edge, k);
        self.annotations.add(&mut required, p, false);
        self.annotations.add(&mut required, q, true);
        required
    }

    fn impose(
        &mut self,
        edge: Edge,
        k: u32,
        value: &mut Combination<F>,
        events: &mut impl Events<F>,
    ) {
        if !self.room.seen.insert(self.sides(edge, k)) {
            return;
        }
        let mut relation = self.required(edge, k);
        self.annotations.add_multiple(&mut relation, self.field.sign(true), value);
        let Some(&(youngest, _)) = relation.last() else { return };
        events.negative(k);
        events.death(youngest, &self.annotations);
        let lunes = &mut self.lunes;
        self.annotations.eliminate(&relation, |cell, id| annotate::<F>(lunes, cell, id));
        self.annotations.substitute(value, &relation);
        self.room.seen.clear();
    }
}

/// The id of `p` − `q` where that needs no sum.
#[inline(always)]
fn difference<F: Field>(p: Id, q: Id) -> Option<Id> {
    match (p, q) {
        (_, 0) => Some(p),
        (0, _) => Some(negative::<F>(q)),
        _ => (p == q).then_some(0),
    }
}

fn annotate<F: Field>(lunes: &mut impl Lunes, [i, j]: Edge, id: Id) {
    lunes.annotate(i, j, id);
    lunes.annotate(j, i, negative::<F>(id));
}
