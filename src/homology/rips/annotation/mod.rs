//! Persistent cohomology in low degrees, edge by edge, by annotations.
//!
//! When an edge enters a flag complex, all new simplices contain it, and beyond
//! it they lie in its *lune*, the common neighbours of its ends. What is known
//! about the past is kept as *annotations*: the values of all classes alive on
//! a cell (Busaryev, Cabello, Chen, Dey and Wang 2012). Nearly all annotations
//! are zero; only the *active* cells, those that are not, are stored.
//!
//! * [`vectors`]: annotations, each stored once, and the cells that carry them.
//! * [`active`]: from a cell to its annotation.
//! * [`lune`]: the graph so far, dense or sparse.
//! * [`degree_one`]: what a new edge and its triangles do to the classes.
//! * [`entering`]: one edge after the other, over threads.

mod active;
mod degree_one;
mod entering;
mod lune;
mod vectors;

use self::degree_one::{DegreeOne, Events};
use self::entering::{Complex, enter_all};
use self::lune::{DenseLunes, Lunes, SparseLunes};
use self::vectors::{Annotations, Edge, Generator};
use super::filtration::Filtration;
use super::result::{Bar, Cocycle, Persistence};
use super::{RipsOptions, degree_zero, top_degree};
use crate::error::Result;
use crate::homology::field::{Field, Modulo2, ModuloP};
use crate::monitor::Monitor;

/// Diagrams of degrees zero and one.
pub fn annotate(
    filtration: &Filtration<'_>,
    dense: bool,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    if dense {
        with_lunes(filtration, DenseLunes::new(filtration.len()), options, monitor)
    } else {
        with_lunes(filtration, SparseLunes::new(filtration, monitor)?, options, monitor)
    }
}

fn with_lunes<L: Lunes>(
    filtration: &Filtration<'_>,
    lunes: L,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    if options.coeff == 2 {
        with_field(filtration, Modulo2, lunes, options, monitor)
    } else {
        with_field(filtration, ModuloP::new(options.coeff)?, lunes, options, monitor)
    }
}

fn with_field<F: Field, L: Lunes>(
    filtration: &Filtration<'_>,
    field: F,
    lunes: L,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Persistence> {
    let (bars, tree) = degree_zero::of_filtration(filtration, monitor)?;
    let mut persistence = Persistence::new(filtration, bars, options.cocycles);
    if top_degree(filtration, options) >= 1 {
        let record = Record::new(filtration, field, options.cocycles);
        let mut complex = ToDegreeOne { degree_one: DegreeOne::new(field, lunes), record };
        enter_all(filtration, &tree, &mut complex, monitor)?;
        persistence.push(complex.finish());
    }
    persistence.pad(options.maxdim);
    Ok(persistence)
}

/// A complex whose classes are followed up to degree one.
struct ToDegreeOne<'a, F: Field, L: Lunes> {
    degree_one: DegreeOne<F, L>,
    record: Record<'a, F>,
}

impl<F: Field, L: Lunes> ToDegreeOne<'_, F, L> {
    fn finish(mut self) -> Vec<Bar> {
        self.record.essential(self.degree_one.annotations());
        self.record.bars
    }
}

impl<F: Field, L: Lunes> Complex for ToDegreeOne<'_, F, L> {
    type Scratch = L::Scratch;

    #[inline(always)]
    fn is_quiet(&self, edge: Edge, scratch: &mut L::Scratch) -> bool {
        self.degree_one.lunes().is_quiet(edge, scratch)
    }

    #[inline(always)]
    fn is_disturbed(&self, edge: Edge, k: u32) -> bool {
        !self.degree_one.lunes().is_in_accord(edge, k)
    }

    #[inline(always)]
    fn join(&mut self, edge: Edge) {
        self.degree_one.join(edge);
    }

    fn enter(&mut self, rank: u32, edge: Edge) {
        self.record.rank = rank;
        self.degree_one.enter(edge, &mut self.record);
    }
}

/// Births and deaths, as they happen, to bars.
struct Record<'a, F> {
    filtration: &'a Filtration<'a>,
    field: F,
    cocycles: bool,
    /// The edge that is entering.
    rank: u32,
    births: Vec<Option<u32>>,
    bars: Vec<Bar>,
}

impl<'a, F: Field> Record<'a, F> {
    fn new(filtration: &'a Filtration<'a>, field: F, cocycles: bool) -> Self {
        Self { filtration, field, cocycles, rank: 0, births: Vec::new(), bars: Vec::new() }
    }

    fn end(&mut self, class: Generator, death: Option<u32>, annotations: &Annotations<F, Edge>) {
        let birth = self.births[class as usize].take().expect("a class dies once");
        if let Some(mut bar) = Bar::between(self.filtration, birth, death) {
            if self.cocycles {
                bar.cocycle = self.cocycle(class, bar.death, annotations);
            }
            self.bars.push(bar);
        }
    }

    /// The cocycle on the edges that are there before the death.
    fn cocycle(&self, class: Generator, death: f64, annotations: &Annotations<F, Edge>) -> Cocycle {
        let cochain = annotations.cochain(class).into_iter();
        let alive = cochain.filter(|&([i, j], _)| self.filtration.distance(i, j) < death);
        let mut cocycle: Cocycle = alive
            .map(|([i, j], c)| {
                let minus = self.field.multiply(self.field.sign(true), c);
                let c = if i < j { c } else { minus };
                (vec![i.min(j), i.max(j)], self.field.value(c))
            })
            .collect();
        cocycle.sort_unstable();
        cocycle
    }

    fn essential(&mut self, annotations: &Annotations<F, Edge>) {
        for class in 0..self.births.len() as Generator {
            if self.births[class as usize].is_some() {
                self.end(class, None, annotations);
            }
        }
    }
}

impl<F: Field> Events<F> for Record<'_, F> {
    fn birth(&mut self, _: Generator) {
        self.births.push(Some(self.rank));
    }

    fn death(&mut self, class: Generator, annotations: &Annotations<F, Edge>) {
        self.end(class, Some(self.rank), annotations);
    }

    fn negative(&mut self, _: u32) {}
}
