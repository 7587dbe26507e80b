//! Degree two: the triangles of a new edge, and the tetrahedra of the links of
//! its lune.
//!
//! The new triangles (i, j, v) are the vertices v of the lune, the new
//! tetrahedra (i, j, v, u) its *links* (v, u), the older edges between them. A
//! link asks that the annotations x of its ends differ by what the older
//! triangles say,
//!
//! > x(u) − x(v) = φ(i, v, u) − φ(j, v, u),
//!
//! which is zero for most. So x is known on a connected part of the lune up to
//! a constant: a part in which no triangle kills a class of degree one bears a
//! class. Around a triangle of links the right sides add up to zero, because φ
//! is a cocycle. So once all links at some *centres* hold, only links whose ends
//! have no centre in common are left to be checked; each that does not hold is a
//! relation, of which the youngest class dies.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::entering::Batch;
use super::levels::Levels;
use super::lune::DenseLunes;
use super::search::Search;
use super::triangles::{Row, Triangles};
use super::vectors::{Annotations, Combination, Edge, Generator, Triangle};
use crate::homology::bits::{BITS, Block, vertices};
use crate::homology::field::Field;
use crate::ones::ones;

/// The classes of degree two that are alive, and the triangles they are active
/// on.
pub struct DegreeTwo<F: Field> {
    field: F,
    triangles: Triangles,
    annotations: Annotations<F, Triangle>,
    /// By vertex: one that was joined to all others of a lune there.
    cones: Vec<AtomicU32>,
    search: Search,
    levels: Levels<F>,
}

/// What happens to the classes of degree two.
pub trait Events<F: Field> {
    /// A new triangle bears a class.
    fn birth(&mut self);
    /// A class dies.
    fn death(&mut self, generator: Generator, annotations: &Annotations<F, Triangle>);
}

impl<F: Field> DegreeTwo<F> {
    pub fn new(field: F, len: usize) -> Self {
        Self {
            field,
            triangles: Triangles::new(len),
            annotations: Annotations::new(field),
            cones: std::iter::repeat_with(AtomicU32::default).take(len).collect(),
            search: Search::default(),
            levels: Levels::new(len),
        }
    }

    pub fn annotations(&self) -> &Annotations<F, Triangle> {
        &self.annotations
    }

    /// Bytes taken now.
    pub fn bytes(&self) -> u64 {
        self.triangles.bytes() + self.annotations.bytes()
    }

    /// Whether all links hold with zero on all new triangles, and all hang
    /// together with `start`.
    #[inline(always)]
    pub fn is_quiet(
        &self,
        lunes: &DenseLunes,
        edge: Edge,
        start: u32,
        search: &mut Search,
    ) -> bool {
        search.begin(lunes, edge);
        let dirty = self.any_dirty(edge, search);
        if dirty {
            let hints = edge.map(|v| self.cones[v as usize].load(Relaxed));
            if let Some(cone) = hints.into_iter().find(|&v| search.is_cone(lunes, v)) {
                return self.agree(edge, cone, &search.lune, lunes.neighbors(cone));
            }
        }
        let mut next = Some(start);
        search.discover(start);
        while let Some(centre) = next {
            search.visit(lunes, centre);
            if dirty && !self.agree(edge, centre, &search.lune, lunes.neighbors(centre)) {
                return false;
            }
            next = search.next(lunes);
        }
        if !search.rest_is_empty() {
            return false;
        }
        if let &[cone] = search.centres.as_slice() {
            // Every link has it in common, and perhaps those of other edges have.
            for v in edge {
                self.cones[v as usize].store(cone, Relaxed);
            }
            return true;
        }
        !dirty || self.uncovered_agree(lunes, edge, search)
    }

    /// Whether an edge that was quiet before the block is so at its turn.
    ///
    /// What hung together and agreed still does. Vertices that have come into the
    /// lune must hang together with those that were there, and what is linked to
    /// them agree, as well as links that have entered elsewhere.
    #[inline(always)]
    pub fn stays_quiet(
        &self,
        lunes: &DenseLunes,
        batch: &Batch<'_>,
        place: usize,
        search: &mut Search,
    ) -> bool {
        let edge = batch.edges[place];
        let [i, j] = edge;
        let inside = |v: u32| lunes.are_joined(i, v) && lunes.are_joined(j, v);
        let agree = |&[u, v]: &Edge| {
            let (a, b) = self.rows(edge, u);
            self.triangles.get::<F>(a, v) == self.triangles.get::<F>(b, v)
        };
        let mut within = batch.entered.iter().filter(|&&[u, v]| inside(u) && inside(v));
        if !within.all(agree) {
            return false;
        }
        let came = || {
            let ends = batch.before(place, i).chain(batch.before(place, j));
            ends.map(|(k, _)| k).filter(|&k| inside(k))
        };
        if came().next().is_none() {
            return true;
        }
        search.begin(lunes, edge);
        came().for_each(|k| search.discover(k));
        for k in came() {
            let neighbors = lunes.neighbors(k);
            if !search.meets_rest(lunes, k) || !self.agree(edge, k, &search.lune, neighbors) {
                return false;
            }
        }
        true
    }

    /// Whether some vertex of the lune is on an active triangle with an end.
    #[inline(always)]
    fn any_dirty(&self, edge: Edge, search: &Search) -> bool {
        (0..search.lune.len()).any(|block| !self.dirty(edge, search, block).is_empty())
    }

    #[inline(always)]
    fn dirty(&self, [i, j]: Edge, search: &Search, block: usize) -> Block {
        let (a, b) = (&self.triangles.rows_at(i)[block], &self.triangles.rows_at(j)[block]);
        let lune = &search.lune[block];
        Block::from_words(|k| lune.0[k] & (a.0[k] | b.0[k]))
    }

    #[inline(always)]
    fn rows(&self, [i, j]: Edge, v: u32) -> (Row, Row) {
        (self.triangles.row::<F>(i, v), self.triangles.row::<F>(j, v))
    }

    /// Whether the two triangles on every link from `v` to one of `others` and
    /// `also` have the same annotation.
    #[inline(always)]
    fn agree(&self, edge: Edge, v: u32, others: &[Block], also: &[Block]) -> bool {
        let (a, b) = self.rows(edge, v);
        // A loop, not a closure: it has to be compiled for the widest registers.
        for block in 0..others.len() {
            let (x, y) = (&self.triangles.bits(a)[block], &self.triangles.bits(b)[block]);
            let mask =
                Block::from_words(|k| (x.0[k] | y.0[k]) & others[block].0[k] & also[block].0[k]);
            if !mask.is_empty() && self.triangles.differ(a, b, block, &mask) {
                return false;
            }
        }
        true
    }

    #[inline(always)]
    fn uncovered_agree(&self, lunes: &DenseLunes, edge: Edge, search: &mut Search) -> bool {
        for block in 0..search.lune.len() {
            for place in self.dirty(edge, search, block).ones() {
                let v = (block * BITS + place) as u32;
                if search.uncover(lunes, v) && !self.agree(edge, v, &search.front, &search.front) {
                    return false;
                }
            }
        }
        true
    }

    /// Adds the triangles and tetrahedra of an edge; the triangles with the
    /// vertices in `negative` kill classes of degree one.
    pub fn enter(
        &mut self,
        lunes: &DenseLunes,
        edge: Edge,
        negative: &[u32],
        events: &mut impl Events<F>,
    ) {
        if negative.is_empty() {
            return;
        }
        let mut search = std::mem::take(&mut self.search);
        search.begin(lunes, edge);
        self.levels.clear(search.lune.len());
        let mut roots = negative.iter().copied();
        while let Some(root) = search.next_root(&mut roots) {
            let value = if negative.contains(&root) {
                Combination::<F>::new()
            } else {
                events.birth();
                self.annotations.birth()
            };
            let level = self.levels.of(value);
            self.levels.put(root, level);
            search.discover(root);
            let mut next = Some(root);
            while let Some(centre) = next {
                self.enter_links_of(lunes, edge, centre, &mut search, events);
                next = search.next(lunes);
            }
        }
        self.enter_uncovered(lunes, edge, &mut search, events);
        self.search = search;
        self.settle(edge);
    }

    /// Gives a level to what is first reached from a centre; checks the other
    /// links there.
    fn enter_links_of(
        &mut self,
        lunes: &DenseLunes,
        edge: Edge,
        centre: u32,
        search: &mut Search,
        events: &mut impl Events<F>,
    ) {
        let own = self.levels.level[centre as usize];
        let (a, b) = self.rows(edge, centre);
        let (mut new, mut known) = (Vec::new(), Vec::new());
        for block in 0..search.lune.len() {
            let neighbors = &lunes.neighbors(centre)[block];
            let (x, y) = (&self.triangles.bits(a)[block], &self.triangles.bits(b)[block]);
            let (lune, rest) = (&search.lune[block], &search.rest[block]);
            let member = self.levels.members[own as usize][block];
            for k in 0..neighbors.0.len() {
                let linked = lune.0[k] & neighbors.0[k];
                let dirty = linked & (x.0[k] | y.0[k]);
                let first = rest.0[k] & linked;
                let clean = first & !dirty;
                self.levels.members[own as usize][block].0[k] |= clean;
                let vertex = |bit| (block * BITS + 64 * k + bit) as u32;
                for bit in ones(clean) {
                    self.levels.level[vertex(bit) as usize] = own;
                }
                new.extend(ones(first & dirty).map(vertex));
                // Of what is known, clean links within the level hold.
                let open = linked & !first & (dirty | !member.0[k]);
                known.extend(ones(open).map(vertex));
            }
        }
        search.visit(lunes, centre);
        for v in new {
            let mut value = self.levels.values[own as usize].clone();
            self.add_step(edge, centre, v, &mut value);
            let level = self.levels.of(value);
            self.levels.put(v, level);
        }
        for v in known {
            self.check(edge, centre, v, events);
        }
    }

    /// Adds φ(i, v, u) − φ(j, v, u).
    fn add_step(&self, edge: Edge, v: u32, u: u32, value: &mut Combination<F>) {
        let (a, b) = self.rows(edge, v);
        self.annotations.add(value, self.triangles.get::<F>(a, u), false);
        self.annotations.add(value, self.triangles.get::<F>(b, u), true);
    }

    /// Imposes what the link from `v` to `u` asks for.
    fn check(&mut self, edge: Edge, v: u32, u: u32, events: &mut impl Events<F>) {
        let [from, to] = [v, u].map(|v| self.levels.level[v as usize]);
        let (a, b) = self.rows(edge, v);
        let agree = self.triangles.get::<F>(a, u) == self.triangles.get::<F>(b, u);
        if agree && from == to {
            return;
        }
        let mut relation = Combination::<F>::new();
        if !agree {
            self.add_step(edge, v, u, &mut relation);
        }
        if from != to {
            let (plus, minus) = (self.field.sign(false), self.field.sign(true));
            let values = &self.levels.values;
            self.annotations.add_multiple(&mut relation, plus, &values[from as usize]);
            self.annotations.add_multiple(&mut relation, minus, &values[to as usize]);
        }
        let Some(&(youngest, _)) = relation.last() else { return };
        events.death(youngest, &self.annotations);
        let triangles = &mut self.triangles;
        self.annotations.eliminate(&relation, |cell, id| triangles.annotate::<F>(cell, id));
        for value in &mut self.levels.values {
            self.annotations.substitute(value, &relation);
        }
    }

    /// Checks the links that have no centre in common: the dirty ones, and
    /// those between levels.
    fn enter_uncovered(
        &mut self,
        lunes: &DenseLunes,
        edge: Edge,
        search: &mut Search,
        events: &mut impl Events<F>,
    ) {
        let several = self.levels.values.len() > 1;
        let mut open = Vec::new();
        for block in 0..search.lune.len() {
            let sources =
                if several { search.lune[block] } else { self.dirty(edge, search, block) };
            for place in sources.ones() {
                let v = (block * BITS + place) as u32;
                if !search.uncover(lunes, v) {
                    continue;
                }
                let (a, b) = self.rows(edge, v);
                let own = &self.levels.members[self.levels.level[v as usize] as usize];
                let (x, y) = (self.triangles.bits(a), self.triangles.bits(b));
                for (later, own) in own.iter().enumerate() {
                    let links = Block::from_words(|k| {
                        let dirty = x[later].0[k] | y[later].0[k];
                        search.front[later].0[k] & (dirty | !own.0[k])
                    });
                    open.extend(links.ones().map(|place| (v, (later * BITS + place) as u32)));
                }
            }
        }
        for (v, u) in open.into_iter().filter(|(v, u)| v < u) {
            self.check(edge, v, u, events);
        }
    }

    /// Writes the annotations down. The edge itself is in no older triangle, so
    /// a constant may be taken from all: the most frequent value.
    fn settle(&mut self, [i, j]: Edge) {
        let Levels { values, members, .. } = &self.levels;
        let size = |level: &usize| -> u32 {
            members[*level].iter().flat_map(|b| b.0).map(|word| word.count_ones()).sum()
        };
        // Equal values may stand at several levels after an elimination.
        let total = |level: &usize| -> u32 {
            (0..values.len()).filter(|l| values[*l] == values[*level]).map(|l| size(&l)).sum()
        };
        let most = if values.len() == 1 {
            0
        } else {
            (0..values.len()).rev().max_by_key(total).expect("a lune has a vertex")
        };
        let constant = values[most].clone();
        for level in 0..self.levels.values.len() {
            let mut value = self.levels.values[level].clone();
            self.annotations.add_multiple(&mut value, self.field.sign(true), &constant);
            let id = self.annotations.id_of(&value);
            if id == 0 {
                continue;
            }
            for v in vertices(self.levels.members[level].iter().copied()) {
                let triangle = [i, j, v];
                self.annotations.carry(triangle, id);
                self.triangles.annotate::<F>(triangle, id);
            }
        }
    }
}
