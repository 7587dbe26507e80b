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
//! * [`triangles`], [`degree_two`]: and its tetrahedra.
//! * [`search`], [`levels`]: how these are gone through, and what is found there.
//! * [`entering`]: one edge after the other, over threads.
//! * [`settled`]: when the rest of the edges can be left out.
//! * [`record`]: births and deaths, as they happen, to bars.
//!
//! Proofs are in section 3 of `docs/engine.md`, those for threads in section 4.

mod active;
mod degree_one;
mod degree_two;
mod entering;
mod levels;
mod lune;
mod record;
mod search;
mod settled;
mod triangles;
mod vectors;

use rayon::prelude::*;

use self::degree_one::{DegreeOne, Finding, Room};
use self::degree_two::DegreeTwo;
use self::entering::{Batch, Complex, Run};
use self::lune::{DenseLunes, Lunes, SparseLunes};
use self::record::Record;
use self::search::Search;
use self::settled::all_lunes_fill;
use self::triangles::Triangles;
use self::vectors::{Annotations, Edge, Generator, Triangle};
use super::bars::{Bar, Diagrams};
use super::filtration::Entering;
use super::options::RipsOptions;
use super::way::Rows;
use crate::error::Result;
use crate::homology::field::{Field, Modulo2, ModuloP};
use crate::monitor::Monitor;

/// Bytes of the tables for that many vertices and edges, before any class is
/// born.
pub fn annotation_bytes(len: usize, edges: usize, rows: Rows, top: usize) -> u64 {
    match (top, rows) {
        (0, _) => 0,
        (1, Rows::Dense) => DenseLunes::bytes_for(len),
        (1, Rows::Sparse) => SparseLunes::bytes_for(len, edges),
        _ => DenseLunes::bytes_for(len) + Triangles::bytes_for(len),
    }
}

/// Diagrams of degrees zero to two; of degree two only with dense rows.
pub fn annotate<'a>(
    filtration: &impl Entering<'a>,
    rows: Rows,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    if options.coeff == 2 {
        with_field(filtration, rows, Modulo2, None, options, monitor)
    } else {
        with_field(filtration, rows, ModuloP::new(options.coeff)?, None, options, monitor)
    }
}

fn with_field<'a, F: Field>(
    filtration: &impl Entering<'a>,
    rows: Rows,
    field: F,
    ahead: Option<bool>,
    options: &RipsOptions,
    monitor: &Monitor,
) -> Result<Diagrams> {
    let len = filtration.len();
    let record = || Record::new(filtration.lengths(), field, options.cocycles);
    let run = Run { filtration, max_memory: options.max_memory, ahead, monitor };
    let (components, higher) = match (options.top_degree(len), rows) {
        (0, _) => (run.components()?, vec![]),
        (1, Rows::Dense) => {
            let mut complex = ToDegreeOne::new(field, DenseLunes::new(len), record());
            (run.enter_all(&mut complex)?, vec![complex.finish()])
        }
        (1, Rows::Sparse) => {
            let lunes = SparseLunes::new(filtration, monitor)?;
            let mut complex = ToDegreeOne::new(field, lunes, record());
            (run.enter_all(&mut complex)?, vec![complex.finish()])
        }
        _ => {
            let one = ToDegreeOne::new(field, DenseLunes::new(len), record());
            let two = DegreeTwo::new(field, len);
            let mut complex = ToDegreeTwo { one, two, record: record() };
            let components = run.enter_all(&mut complex)?;
            let ToDegreeTwo { one, two, record } = complex;
            (components, vec![one.finish(), record.finish(two.annotations())])
        }
    };
    let bars = components.bars(filtration.lengths());
    let mut diagrams = Diagrams::new(bars, filtration.threshold());
    higher.into_iter().for_each(|bars| diagrams.push(bars));
    diagrams.pad(options.maxdim);
    Ok(diagrams)
}

/// A complex whose classes are followed up to degree one.
struct ToDegreeOne<'a, F: Field, L: Lunes> {
    degree_one: DegreeOne<F, L>,
    record: Record<'a, F>,
    /// The vertices of the last lune whose triangles killed a class.
    negative: Vec<u32>,
}

impl<'a, F: Field, L: Lunes> ToDegreeOne<'a, F, L> {
    fn new(field: F, lunes: L, record: Record<'a, F>) -> Self {
        Self { degree_one: DegreeOne::new(field, lunes), record, negative: Vec::new() }
    }

    fn finish(self) -> Vec<Bar> {
        self.record.finish(self.degree_one.annotations())
    }
}

impl<F: Field, L: Lunes> Complex for ToDegreeOne<'_, F, L> {
    type Scratch = Room<L>;

    type Finding = Finding;

    const AHEAD: usize = 2048;

    #[inline(always)]
    fn is_quiet(&self, edge: Edge, room: &mut Room<L>) -> bool {
        self.degree_one.lunes().is_quiet(edge, &mut room.lunes)
    }

    #[inline(always)]
    fn look(&self, edge: Edge, room: &mut Room<L>) -> Finding {
        self.degree_one.look(edge, room)
    }

    fn look_again(&self, batch: &Batch<'_>, findings: &mut Vec<Finding>) {
        let each = (0..findings.len()).into_par_iter().with_min_len(Self::AHEAD / 16);
        let holds = |place| self.degree_one.holds(batch, place, findings);
        let confirmed =
            each.map(|place| if holds(place) { findings[place] } else { Finding::Open });
        *findings = confirmed.collect();
    }

    #[inline(always)]
    fn follow(
        &mut self,
        batch: &Batch<'_>,
        place: usize,
        finding: Finding,
        _: &mut Room<L>,
    ) -> bool {
        match finding {
            Finding::Open => return false,
            Finding::Follows { id: 0, .. } => self.join(batch.edges[place]),
            Finding::Follows { witness, .. } => self.degree_one.adopt(batch.edges[place], witness),
        }
        true
    }

    fn is_settled<'e>(&self, filtration: &impl Entering<'e>, monitor: &Monitor) -> Result<bool> {
        match (self.degree_one.lunes().bit_rows(), filtration.distances()) {
            (Some(neighbors), Some(distances)) if self.degree_one.annotations().are_zero() => {
                all_lunes_fill(neighbors, distances, filtration.threshold(), monitor)
            }
            _ => Ok(false),
        }
    }

    fn bytes(&self) -> u64 {
        self.degree_one.bytes()
    }

    #[inline(always)]
    fn join(&mut self, edge: Edge) {
        self.degree_one.join(edge);
    }

    fn enter(&mut self, edge: Edge, entry: Edge) {
        self.negative.clear();
        let (record, negative) = (&mut self.record, &mut self.negative);
        self.degree_one.enter(edge, &mut InDegreeOne { entry, record, negative });
    }
}

struct InDegreeOne<'r, 'a, F> {
    entry: Edge,
    record: &'r mut Record<'a, F>,
    negative: &'r mut Vec<u32>,
}

impl<F: Field> degree_one::Events<F> for InDegreeOne<'_, '_, F> {
    fn birth(&mut self) {
        self.record.birth(self.entry);
    }

    fn death(&mut self, class: Generator, annotations: &Annotations<F, Edge>) {
        self.record.death(class, self.entry, annotations);
    }

    fn negative(&mut self, vertex: u32) {
        self.negative.push(vertex);
    }
}

/// A complex whose classes are followed up to degree two.
struct ToDegreeTwo<'a, F: Field> {
    one: ToDegreeOne<'a, F, DenseLunes>,
    two: DegreeTwo<F>,
    record: Record<'a, F>,
}

impl<F: Field> Complex for ToDegreeTwo<'_, F> {
    type Scratch = Search;

    /// Whether it is quiet.
    type Finding = bool;

    const AHEAD: usize = 512;

    #[inline(always)]
    fn is_quiet(&self, edge: Edge, search: &mut Search) -> bool {
        let lunes = self.one.degree_one.lunes();
        // A lune that hangs together asks for the same everywhere.
        let free = lunes.free_vertex(edge);
        free.is_some_and(|start| self.two.is_quiet(lunes, edge, start, search))
    }

    #[inline(always)]
    fn look(&self, edge: Edge, search: &mut Search) -> bool {
        self.is_quiet(edge, search)
    }

    /// What may have become of it is looked at when its turn comes.
    fn look_again(&self, _: &Batch<'_>, _: &mut Vec<bool>) {}

    #[inline(always)]
    fn follow(
        &mut self,
        batch: &Batch<'_>,
        place: usize,
        quiet: bool,
        search: &mut Search,
    ) -> bool {
        let lunes = self.one.degree_one.lunes();
        let stays = quiet && self.two.stays_quiet(lunes, batch, place, search);
        if stays {
            self.join(batch.edges[place]);
        }
        stays
    }

    /// Lunes that hang together now may get a vertex apart later.
    fn is_settled<'e>(&self, _: &impl Entering<'e>, _: &Monitor) -> Result<bool> {
        Ok(false)
    }

    fn bytes(&self) -> u64 {
        self.one.bytes() + self.two.bytes()
    }

    #[inline(always)]
    fn join(&mut self, edge: Edge) {
        self.one.join(edge);
    }

    fn enter(&mut self, edge: Edge, entry: Edge) {
        self.one.enter(edge, entry);
        let mut events = InDegreeTwo { entry, record: &mut self.record };
        self.two.enter(self.one.degree_one.lunes(), edge, &self.one.negative, &mut events);
    }
}

struct InDegreeTwo<'r, 'a, F> {
    entry: Edge,
    record: &'r mut Record<'a, F>,
}

impl<F: Field> degree_two::Events<F> for InDegreeTwo<'_, '_, F> {
    fn birth(&mut self) {
        self.record.birth(self.entry);
    }

    fn death(&mut self, class: Generator, annotations: &Annotations<F, Triangle>) {
        self.record.death(class, self.entry, annotations);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::homology::rips::filtration::Filtration;
    use crate::homology::{Cocycle, rips};
    use crate::space::{Condensed, Space};

    const INF: f64 = f64::INFINITY;

    /// Tied lengths, lengths that are no metric, sums of differences.
    fn spaces(points: std::ops::Range<usize>) -> impl Strategy<Value = Condensed> {
        let most = points.end;
        let points = points.prop_flat_map(|n| {
            let length = prop_oneof![(1..5u8).prop_map(f64::from), 1.0..2.0f64];
            (Just(n), proptest::collection::vec(length, n * (n - 1) / 2))
        });
        let places = proptest::collection::vec((0..9u8, 0..9u8, 0.0..1.0f64), most);
        (points, places, any::<bool>()).prop_map(|((n, lengths), places, metric)| {
            let at = |i: usize| [places[i].0.into(), places[i].1.into(), places[i].2];
            let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (at(i), at(j))));
            let apart = |(a, b): ([f64; 3], [f64; 3])| (0..3).map(|k| (a[k] - b[k]).abs()).sum();
            let lengths = if metric { pairs.map(apart).collect() } else { lengths };
            Condensed::new(n, lengths).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Cohomology looks at every edge; here edges come sixteen at a time.
        #[test]
        fn edges_left_out_change_no_bar(space in spaces(8..48)) {
            let space = Space::Distances(space);
            let bars = |plan: &str| {
                let plan = Some(plan.parse().unwrap());
                let options = RipsOptions { maxdim: 1, plan, ..RipsOptions::default() };
                rips(&space, &options, &Monitor::new()).unwrap().bars
            };
            prop_assert_eq!(bars("annotations, dense rows"), bars("cohomology, dense rows"));
        }
    }

    /// The bars if all edges are looked at in advance, or none.
    fn annotated<'a>(
        edges: &impl Entering<'a>,
        rows: Rows,
        ahead: bool,
        options: &RipsOptions,
    ) -> Vec<Vec<Bar>> {
        let (ahead, monitor) = (Some(ahead), Monitor::new());
        let found = match options.coeff {
            2 => with_field(edges, rows, Modulo2, ahead, options, &monitor),
            p => with_field(edges, rows, ModuloP::new(p).unwrap(), ahead, options, &monitor),
        };
        found.unwrap().bars
    }

    /// Whether the coboundary of a cochain on edges is zero before its death.
    fn is_cocycle(distances: &Condensed, bar: &Bar, threshold: f64, p: u32) -> bool {
        let value = |i: usize, j: usize| {
            let same = |(cell, _): &&(Vec<u32>, u32)| cell[..] == [i as u32, j as u32];
            bar.cocycle.iter().find(same).map_or(0, |&(_, c)| c)
        };
        let n = distances.len();
        let length = |i, j| distances.get(i, j);
        let there = |i, j| length(i, j) < bar.death && length(i, j) <= threshold;
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        pairs.filter(|&(i, j)| there(i, j)).all(|(i, j)| {
            let mut corners = (j + 1..n).filter(|&k| there(i, k) && there(j, k));
            corners.all(|k| (value(i, j) + value(j, k) + p - value(i, k)).is_multiple_of(p))
        })
    }

    /// Looks at all edges in advance and at none, in one block and in small ones, on several
    /// numbers of threads.
    fn check(
        distances: &Condensed,
        threshold: f64,
        coeff: u32,
        maxdim: usize,
    ) -> std::result::Result<(), TestCaseError> {
        let monitor = Monitor::new();
        let options =
            RipsOptions { maxdim, threshold, coeff, cocycles: true, ..RipsOptions::default() };
        let filtration =
            || Filtration::of_distances(Cow::Borrowed(distances), &options, &monitor).unwrap();
        let small = filtration();
        let large = filtration().ranking(&vec![true; distances.len()], &monitor).unwrap();
        let plan = Some("cohomology, dense rows".parse().unwrap());
        let options_there = RipsOptions { plan, cocycles: false, ..options };
        let there = rips(&Space::Distances(distances.clone()), &options_there, &monitor).unwrap();
        for rows in [Rows::Dense, Rows::Sparse].into_iter().take(3 - maxdim) {
            let alone = annotated(&large, rows, false, &options);
            for bar in alone[1].iter().take(8) {
                prop_assert!(
                    !bar.cocycle.is_empty() && is_cocycle(distances, bar, large.threshold(), coeff)
                );
            }
            for threads in [1, 2, 5] {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    prop_assert_eq!(&annotated(&large, rows, true, &options), &alone);
                    prop_assert_eq!(&annotated(&small, rows, true, &options), &alone);
                    Ok(())
                })?;
            }
            let mut bars = alone;
            bars.iter_mut().flatten().for_each(|bar| bar.cocycle = Cocycle::default());
            prop_assert_eq!(&bars, &there.bars);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn looking_ahead_changes_nothing_in_degree_one(
            space in spaces(8..48),
            threshold in prop_oneof![Just(INF), 1.0..4.0f64],
            coeff in prop_oneof![Just(2), Just(3)],
        ) {
            check(&space, threshold, coeff, 1)?;
        }

        #[test]
        fn looking_ahead_changes_nothing_in_degree_two(
            space in spaces(8..32),
            threshold in prop_oneof![Just(INF), 1.0..4.0f64],
            coeff in prop_oneof![Just(2), Just(3)],
        ) {
            check(&space, threshold, coeff, 2)?;
        }
    }
}
