//! Degree one: an edge, and the triangles of its lune.

use rustc_hash::FxHashSet;

use super::lune::Lunes;
use super::vectors::{Annotations, Combination, Edge, Generator, Id, negative};
use crate::homology::field::Field;

/// The classes of degree one that are alive, and the edges they are active on.
pub struct DegreeOne<F: Field, L: Lunes> {
    field: F,
    lunes: L,
    annotations: Annotations<F, Edge>,
    scratch: L::Scratch,
    witnesses: Vec<u32>,
    /// Pairs of annotations already found in accord at the present edge.
    seen: FxHashSet<(Id, Id)>,
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
        Self {
            field,
            lunes,
            annotations: Annotations::new(field),
            scratch: L::Scratch::default(),
            witnesses: Vec::new(),
            seen: FxHashSet::default(),
        }
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
        let mut witnesses = std::mem::take(&mut self.witnesses);
        self.lunes.witnesses(edge, &mut self.scratch, &mut witnesses);
        let value = match witnesses.split_first() {
            Some((&first, others)) => {
                events.negative(first);
                let mut value = self.required(edge, first);
                self.seen.clear();
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
        self.witnesses = witnesses;
        self.lunes.join(edge);
        let id = self.annotations.id_of(&value);
        if id != 0 {
            self.annotations.carry(edge, id);
            annotate::<F>(&mut self.lunes, edge, id);
        }
    }

    /// What the triangle with `k` asks the annotation of (i, j) to be.
    fn required(&self, [i, j]: Edge, k: u32) -> Combination<F> {
        let mut required = Combination::<F>::new();
        self.annotations.add(&mut required, self.lunes.annotation(i, k), false);
        self.annotations.add(&mut required, self.lunes.annotation(j, k), true);
        required
    }

    fn impose(
        &mut self,
        edge: Edge,
        k: u32,
        value: &mut Combination<F>,
        events: &mut impl Events<F>,
    ) {
        let sides = (self.lunes.annotation(edge[0], k), self.lunes.annotation(edge[1], k));
        if !self.seen.insert(sides) {
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
        self.seen.clear();
    }
}

fn annotate<F: Field>(lunes: &mut impl Lunes, [i, j]: Edge, id: Id) {
    lunes.annotate(i, j, id);
    lunes.annotate(j, i, negative::<F>(id));
}
