//! Persistent cohomology of any grid, with clearing.
//!
//! Degree zero by joining components; in each further degree the coboundaries
//! of cells, from the last to the first, are reduced until the first cells that
//! they hold, their pivots, are distinct. A pivot ends the class of its column,
//! and has itself no class to begin (de Silva, Morozov, Vejdemo-Johansson,
//! "Dualities in persistent (co)homology", Inverse Problems 27, 2011).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::grid::Grid;
use crate::budget::Budget;
use crate::error::Result;
use crate::homology::cubical::result::{NEVER, Pairs};
use crate::homology::field::Field;
use crate::monitor::Monitor;
use crate::union_find::UnionFind;

const NONE: u32 = u32::MAX;

/// Pairs of voxels of the degrees 0, 1, ….
pub fn pairs<F: Field>(
    grid: &Grid,
    degrees: usize,
    field: F,
    budget: Budget,
    monitor: &Monitor,
) -> Result<Vec<Pairs>> {
    let (first, mut deaths) = components(grid, monitor)?;
    let mut all = vec![first];
    for dimension in 1..degrees {
        let mut reduction = Reduction::new(grid, dimension, field, budget);
        for place in (0..grid.cells[dimension].len() as u32).rev() {
            monitor.check()?;
            if !deaths[place as usize] {
                reduction.reduce(place, monitor)?;
            }
        }
        deaths = reduction.claimed.iter().map(|&column| column != NONE).collect();
        all.push(reduction.pairs);
    }
    Ok(all)
}

/// Degree zero, and which edges end a class of it: of two components that an
/// edge joins, the younger one dies.
fn components(grid: &Grid, monitor: &Monitor) -> Result<(Pairs, Vec<bool>)> {
    let (vertices, edges) = (&grid.cells[0], &grid.cells[1]);
    let mut elders = UnionFind::of_elders(vertices.len());
    let mut pairs = Pairs::new();
    let mut deaths = vec![false; edges.len()];
    for (place, &edge) in edges.iter().enumerate() {
        if place % 4096 == 0 {
            monitor.check()?;
        }
        let [x, y] = grid.ends(edge).map(|end| grid.places[end as usize]);
        if let Some(younger) = elders.merge(x, y) {
            deaths[place] = true;
            push(&mut pairs, grid, vertices[younger as usize], Some(edge));
        }
    }
    for vertex in 0..vertices.len() as u32 {
        if elders.find(vertex) == vertex {
            push(&mut pairs, grid, vertices[vertex as usize], None);
        }
    }
    Ok((pairs, deaths))
}

/// Notes the voxels of a birth and a death, unless they are one.
fn push(pairs: &mut Pairs, grid: &Grid, birth: u32, death: Option<u32>) {
    let (birth, death) = (grid.rank(birth), death.map(|cell| grid.rank(cell)));
    if death != Some(birth) {
        pairs.push((grid.voxel(birth), death.map_or(NEVER, |rank| grid.voxel(rank))));
    }
}

/// A cell of a column by its place, first ones on top of the heap.
type Entry<E> = (Reverse<u32>, ByPlace<E>);

/// A coefficient, which has no say in the order.
#[derive(Clone, Copy)]
struct ByPlace<E>(E);

impl<E> PartialEq for ByPlace<E> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl<E> Eq for ByPlace<E> {}
impl<E> PartialOrd for ByPlace<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for ByPlace<E> {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// The columns of one dimension.
struct Reduction<'a, F: Field> {
    grid: &'a Grid,
    dimension: usize,
    field: F,
    /// For each cell, one dimension up, the column whose pivot it is.
    claimed: Vec<u32>,
    /// Reduced columns; those that are plain coboundaries are not kept.
    reduced: FxHashMap<u32, Vec<(u32, F::Element)>>,
    pairs: Pairs,
    budget: Budget,
    stored: u64,
}

impl<'a, F: Field> Reduction<'a, F> {
    fn new(grid: &'a Grid, dimension: usize, field: F, budget: Budget) -> Self {
        let pivots = grid.cells.get(dimension + 1).map_or(0, Vec::len);
        Self {
            grid,
            dimension,
            field,
            claimed: vec![NONE; pivots],
            reduced: FxHashMap::default(),
            pairs: Pairs::new(),
            budget,
            stored: 0,
        }
    }

    /// Reduces the column of a cell, and notes its pair.
    fn reduce(&mut self, column: u32, monitor: &Monitor) -> Result<()> {
        let cell = self.grid.cells[self.dimension][column as usize];
        let Some(first) = self.first_cofacet(cell) else {
            push(&mut self.pairs, self.grid, cell, None);
            return Ok(());
        };
        if self.claimed[first as usize] == NONE {
            self.claim(first, column, cell);
            return Ok(());
        }
        let mut entries = BinaryHeap::new();
        self.add(column, self.field.sign(false), &mut entries);
        while let Some((pivot, coefficient)) = self.pop(&mut entries, monitor)? {
            match self.claimed[pivot as usize] {
                NONE => {
                    self.claim(pivot, column, cell);
                    return self.keep(column, (pivot, coefficient), entries, monitor);
                }
                other => {
                    entries.push((Reverse(pivot), ByPlace(coefficient)));
                    let leading = self.leading(other, pivot);
                    let factor = self.field.negative_quotient(coefficient, leading);
                    self.add(other, factor, &mut entries);
                }
            }
        }
        push(&mut self.pairs, self.grid, cell, None);
        Ok(())
    }

    fn claim(&mut self, pivot: u32, column: u32, cell: u32) {
        self.claimed[pivot as usize] = column;
        let death = self.grid.cells[self.dimension + 1][pivot as usize];
        push(&mut self.pairs, self.grid, cell, Some(death));
    }

    fn first_cofacet(&self, cell: u32) -> Option<u32> {
        let mut first = None;
        self.grid.for_each_cofacet(cell, |cofacet, _| {
            let place = self.grid.places[cofacet as usize];
            first = Some(first.map_or(place, |first: u32| first.min(place)));
        });
        first
    }

    /// The coefficient of the pivot in its column.
    fn leading(&self, column: u32, pivot: u32) -> F::Element {
        if let Some(entries) = self.reduced.get(&column) {
            return entries[0].1;
        }
        let mut leading = self.field.sign(false);
        let cell = self.grid.cells[self.dimension][column as usize];
        self.grid.for_each_cofacet(cell, |cofacet, negative| {
            if self.grid.places[cofacet as usize] == pivot {
                leading = self.field.sign(negative);
            }
        });
        leading
    }

    /// Adds a multiple of a reduced column, or of a coboundary.
    fn add(&self, column: u32, factor: F::Element, entries: &mut BinaryHeap<Entry<F::Element>>) {
        if let Some(reduced) = self.reduced.get(&column) {
            entries.extend(reduced.iter().map(|&(place, coefficient)| {
                (Reverse(place), ByPlace(self.field.multiply(factor, coefficient)))
            }));
            return;
        }
        let cell = self.grid.cells[self.dimension][column as usize];
        self.grid.for_each_cofacet(cell, |cofacet, negative| {
            let coefficient = self.field.multiply(factor, self.field.sign(negative));
            entries.push((Reverse(self.grid.places[cofacet as usize]), ByPlace(coefficient)));
        });
    }

    /// Takes the first entry that does not cancel.
    fn pop(
        &self,
        entries: &mut BinaryHeap<Entry<F::Element>>,
        monitor: &Monitor,
    ) -> Result<Option<(u32, F::Element)>> {
        while let Some((Reverse(place), ByPlace(coefficient))) = entries.pop() {
            monitor.check()?;
            let mut sum = Some(coefficient);
            while let Some(&(Reverse(next), ByPlace(coefficient))) = entries.peek()
                && next == place
            {
                entries.pop();
                sum = match sum {
                    Some(sum) => self.field.add(sum, coefficient),
                    None => Some(coefficient),
                };
            }
            if let Some(sum) = sum {
                return Ok(Some((place, sum)));
            }
        }
        Ok(None)
    }

    fn keep(
        &mut self,
        column: u32,
        pivot: (u32, F::Element),
        mut entries: BinaryHeap<Entry<F::Element>>,
        monitor: &Monitor,
    ) -> Result<()> {
        let mut kept = vec![pivot];
        while let Some(entry) = self.pop(&mut entries, monitor)? {
            kept.push(entry);
        }
        self.stored += (size_of_val(kept.as_slice()) + 64) as u64;
        self.budget.take(
            format_args!("the reduction in degree {}", self.dimension),
            self.stored,
            "use a smaller `maxdim` or image",
        )?;
        self.reduced.insert(column, kept);
        Ok(())
    }
}
