//! Births and deaths, as they happen, to bars.

use super::vectors::{Annotations, Cell, Generator};
use crate::homology::field::Field;
use crate::homology::rips::bars::{Bar, Cocycle};
use crate::homology::rips::filtration::{Edge, Lengths};

/// The bars of one degree.
pub struct Record<'a, F> {
    lengths: &'a Lengths<'a>,
    field: F,
    cocycles: bool,
    /// By generator: the edge with whose length it is born, until it dies.
    births: Vec<Option<Edge>>,
    bars: Vec<Bar>,
}

impl<'a, F: Field> Record<'a, F> {
    pub fn new(lengths: &'a Lengths<'a>, field: F, cocycles: bool) -> Self {
        Self { lengths, field, cocycles, births: Vec::new(), bars: Vec::new() }
    }

    /// The next class is born with the length of an edge.
    pub fn birth(&mut self, entry: Edge) {
        self.births.push(Some(entry));
    }

    /// A class dies with the length of an edge.
    pub fn death<C: Cell>(
        &mut self,
        class: Generator,
        entry: Edge,
        annotations: &Annotations<F, C>,
    ) {
        self.end(class, Some(entry), annotations);
    }

    /// The bars, with those of all classes still alive.
    pub fn finish<C: Cell>(mut self, annotations: &Annotations<F, C>) -> Vec<Bar> {
        for class in 0..self.births.len() as Generator {
            if self.births[class as usize].is_some() {
                self.end(class, None, annotations);
            }
        }
        self.bars
    }

    fn end<C: Cell>(
        &mut self,
        class: Generator,
        death: Option<Edge>,
        annotations: &Annotations<F, C>,
    ) {
        let birth = self.births[class as usize].take().expect("a class dies once");
        if let Some(mut bar) = Bar::between(self.lengths, birth, death) {
            if self.cocycles {
                bar.cocycle = self.cocycle(class, bar.death, annotations);
            }
            self.bars.push(bar);
        }
    }

    /// The cocycle on the cells that are there before the death.
    fn cocycle<C: Cell>(
        &self,
        class: Generator,
        death: f64,
        annotations: &Annotations<F, C>,
    ) -> Cocycle {
        let diameter = |vertices: &[u32]| {
            let later = |k: usize| vertices[k + 1..].iter().map(move |&v| (vertices[k], v));
            let edges = (0..vertices.len()).flat_map(later);
            edges.map(|(i, j)| self.lengths.of([i.min(j), i.max(j)])).fold(0.0, f64::max)
        };
        let cochain = annotations.cochain(class).into_iter();
        let mut cocycle: Cocycle = cochain
            .filter(|(cell, _)| diameter(cell.vertices()) < death)
            .map(|(cell, c)| {
                let sign = self.field.sign(cell.is_odd());
                let mut vertices = cell.vertices().to_vec();
                vertices.sort_unstable();
                (vertices, self.field.value(self.field.multiply(sign, c)))
            })
            .collect();
        cocycle.sort_unstable();
        cocycle
    }
}
