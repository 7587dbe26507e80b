//! Sparse symmetric distances.

use super::is_distance;
use super::lists::Lists;
use super::rounding::{AT_ONCE, Lazily, Rounding, asymmetric, non_zero};
use crate::blocks::blocks;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// A finite space in which only some pairs have a distance: compressed rows,
/// neighbours ascending, every edge in both rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    starts: Vec<usize>,
    neighbors: Vec<u32>,
    weights: Vec<f64>,
    /// How far numbers were from the lengths that they were taken for.
    asymmetry: f64,
    /// Whether longer distances that there are have been left out.
    is_cut: bool,
}

impl Graph {
    /// Builds a graph from edges given once or in both directions.
    ///
    /// An edge given more than once must have the same length each time, up to rounding.
    pub fn from_edges(len: usize, edges: &[(u32, u32, f64)], monitor: &Monitor) -> Result<Self> {
        Self::read(len, edges, f64::EPSILON, monitor)
    }

    /// As [`Graph::from_edges`], from floats with this `step` after 1.
    pub fn read(
        len: usize,
        edges: &[(u32, u32, f64)],
        step: f64,
        monitor: &Monitor,
    ) -> Result<Self> {
        let lengths = || edges.chunks(AT_ONCE).map(|part| part.iter().map(|edge| &edge.2));
        let rounding = Lazily::new(|| Rounding::of_parts(lengths(), step, monitor));
        let mut asymmetry = 0.0_f64;
        let mut starts = vec![0; len + 2];
        for (k, &(i, j, weight)) in edges.iter().enumerate() {
            monitor.check()?;
            if i as usize >= len || j as usize >= len {
                let rule = format!("have indices below {len}");
                return Err(Error::invalid_at("X", rule, format!("({i}, {j})"), [k]));
            }
            let place = [i as usize, j as usize];
            let exact = if i == j { weight == 0.0 } else { is_distance(weight) };
            if !exact && !rounding.get()?.is_zero(weight) {
                return Err(match is_distance(weight) {
                    true => non_zero(weight, place[0]),
                    false => Error::invalid_at("X", "hold non-negative distances", weight, place),
                });
            }
            if i == j {
                asymmetry = asymmetry.max(weight.abs());
            } else {
                starts[i.min(j) as usize + 2] += 1;
            }
        }
        running_sums(&mut starts);
        let mut later = monitor.filled(starts[len + 1], (0, 0.0))?;
        for block in blocks(edges, monitor) {
            for &(i, j, weight) in block?.iter().filter(|(i, j, _)| i != j) {
                let end = &mut starts[i.min(j) as usize + 1];
                later[*end] = (i.max(j), weight);
                *end += 1;
            }
        }
        let mut rows = Rows { starts, later, asymmetry };
        let counts = rows.merge_copies(&rounding, monitor)?;
        rows.mirror(&counts, monitor)
    }

    /// Builds a graph from the edges of each vertex to later ones, which are sorted.
    pub(super) fn from_later(
        rows: Vec<Vec<(u32, f64)>>,
        asymmetry: f64,
        monitor: &Monitor,
    ) -> Result<Self> {
        let counts: Vec<_> = rows.iter().map(Vec::len).collect();
        let ends = counts.iter().scan(0, |end, count| {
            *end += count;
            Some(*end)
        });
        let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let mut later = Vec::with_capacity(starts[counts.len()]);
        for row in rows {
            monitor.check()?;
            later.extend(row);
        }
        Rows { starts, later, asymmetry }.mirror(&counts, monitor)
    }

    /// Bytes for a graph of `len` vertices and `edges` edges, while it is made.
    pub fn bytes(len: usize, edges: usize) -> u64 {
        let (n, m) = (len as u64, edges as u64);
        32u64.saturating_mul(n).saturating_add(56u64.saturating_mul(m))
    }

    /// The graph of lists that are symmetric and free of loops.
    pub(super) fn from_lists(Lists { starts, others, distances }: Lists) -> Self {
        Self { starts, neighbors: others, weights: distances, asymmetry: 0.0, is_cut: false }
    }

    /// The graph on some of the vertices, which are distinct.
    pub fn select(&self, vertices: &[usize], monitor: &Monitor) -> Result<Self> {
        let mut places = vec![None; self.len()];
        for (place, &i) in vertices.iter().enumerate() {
            places[i] = Some(place as u32);
        }
        let row = |&i: &usize| {
            monitor.check()?;
            let edges = self.neighbors(i).iter().zip(self.weights(i));
            let kept = edges.filter_map(|(&j, &weight)| Some((places[j as usize]?, weight)));
            let mut row: Vec<_> = kept.collect();
            row.sort_unstable_by_key(|&(j, _)| j);
            Ok(row)
        };
        let rows = vertices.iter().map(row).collect::<Result<Vec<_>>>()?;
        let part = Self::from_lists(Lists::joined(&rows, monitor)?);
        Ok(Self { asymmetry: self.asymmetry, is_cut: self.is_cut, ..part })
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are no vertices.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.neighbors.len() / 2
    }

    /// Bytes of the graph once it is made.
    pub fn own_bytes(&self) -> u64 {
        (size_of_val(self.starts.as_slice())
            + size_of_val(self.neighbors.as_slice())
            + size_of_val(self.weights.as_slice())) as u64
    }

    /// The least length up to which a vertex has edges to all others; infinite if none ever has.
    pub fn enclosing_radius(&self, monitor: &Monitor) -> Result<f64> {
        let mut radius = f64::INFINITY;
        for i in 0..self.len() {
            monitor.check()?;
            if self.neighbors(i).len() + 1 == self.len() {
                radius = radius.min(self.weights(i).iter().copied().fold(0.0, f64::max));
            }
        }
        Ok(radius)
    }

    /// Where the row of each vertex begins, and the last one ends; neighbours; lengths.
    pub fn into_rows(self) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
        (self.starts, self.neighbors, self.weights)
    }

    /// By how much numbers were off the lengths that they were taken for.
    pub fn asymmetry(&self) -> f64 {
        self.asymmetry
    }

    /// The same graph, of which it is known whether longer distances were left out.
    pub(super) fn cut_if(self, is_cut: bool) -> Self {
        Self { is_cut, ..self }
    }

    /// Whether longer distances that there are have been left out.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Neighbours of a vertex, ascending.
    pub fn neighbors(&self, i: usize) -> &[u32] {
        &self.neighbors[self.starts[i]..self.starts[i + 1]]
    }

    /// Lengths of the edges to [`Self::neighbors`].
    pub fn weights(&self, i: usize) -> &[f64] {
        &self.weights[self.starts[i]..self.starts[i + 1]]
    }

    /// Length of the edge between two vertices, if there is one.
    pub fn weight(&self, i: usize, j: u32) -> Option<f64> {
        let place = self.neighbors(i).binary_search(&j).ok()?;
        Some(self.weights(i)[place])
    }

    /// Every edge (i, j, length) with i < j, by i, then j.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        (0..self.len()).flat_map(move |i| {
            let row = self.neighbors(i).iter().zip(self.weights(i));
            row.filter(move |(j, _)| **j as usize > i).map(move |(&j, &w)| (i as u32, j, w))
        })
    }

    /// The connected components, each ascending, by their least vertex.
    pub fn components(&self, monitor: &Monitor) -> Result<Vec<Vec<u32>>> {
        let mut seen = vec![false; self.len()];
        let mut components = Vec::new();
        for start in 0..self.len() {
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            let mut component = vec![start as u32];
            let mut next = 0;
            while let Some(&i) = component.get(next) {
                next += 1;
                monitor.check()?;
                for &j in self.neighbors(i as usize) {
                    if !std::mem::replace(&mut seen[j as usize], true) {
                        component.push(j);
                    }
                }
            }
            sort_by(&mut component, u32::cmp, monitor)?;
            components.push(component);
        }
        Ok(components)
    }
}

/// For each vertex the edges to later ones, and room for as many as were given.
struct Rows {
    starts: Vec<usize>,
    later: Vec<(u32, f64)>,
    asymmetry: f64,
}

impl Rows {
    /// Sorts the rows and makes one edge of its copies; how many are left.
    fn merge_copies(
        &mut self,
        rounding: &Lazily<impl Fn() -> Result<Rounding>>,
        monitor: &Monitor,
    ) -> Result<Vec<usize>> {
        let mut counts = Vec::with_capacity(self.starts.len() - 2);
        for (i, row) in self.starts.windows(2).take(self.starts.len() - 2).enumerate() {
            monitor.check()?;
            let row = &mut self.later[row[0]..row[1]];
            row.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let (mut count, mut first) = (0, 0);
            while first < row.len() {
                let (j, least) = row[first];
                let copies = row[first..].iter().take_while(|edge| edge.0 == j).count();
                let largest = row[first + copies - 1].1;
                let mut weight = least;
                if least != largest || !is_distance(least) {
                    let (mean, apart) = rounding.get()?.distance(least, largest);
                    if mean.is_nan() {
                        return Err(asymmetric(least, largest, [i, j as usize]));
                    }
                    (weight, self.asymmetry) = (mean, self.asymmetry.max(apart));
                }
                row[count] = (j, weight);
                (count, first) = (count + 1, first + copies);
            }
            counts.push(count);
        }
        Ok(counts)
    }

    /// Writes every edge into both rows.
    fn mirror(&self, counts: &[usize], monitor: &Monitor) -> Result<Graph> {
        let len = counts.len();
        let row = |i: usize| &self.later[self.starts[i]..self.starts[i] + counts[i]];
        let mut starts = vec![0; len + 2];
        for i in 0..len {
            monitor.check()?;
            starts[i + 2] += counts[i];
            row(i).iter().for_each(|&(j, _)| starts[j as usize + 2] += 1);
        }
        running_sums(&mut starts);
        let ends = starts[len + 1];
        let (mut neighbors, mut weights) = (monitor.filled(ends, 0)?, monitor.filled(ends, 0.0)?);
        let mut push = |end: &mut usize, j: u32, weight: f64| {
            (neighbors[*end], weights[*end]) = (j, weight);
            *end += 1;
        };
        // When a vertex has its turn, its row has all earlier neighbours.
        for i in 0..len {
            monitor.check()?;
            for &(j, weight) in row(i) {
                push(&mut starts[i + 1], j, weight);
                push(&mut starts[j as usize + 1], i as u32, weight);
            }
        }
        starts.pop();
        Ok(Graph { starts, neighbors, weights, asymmetry: self.asymmetry, is_cut: false })
    }
}

/// Where each row begins, from the lengths two places further on, for rows that
/// are to be filled: their ends move to the next place.
fn running_sums(starts: &mut [usize]) {
    for k in 2..starts.len() {
        starts[k] += starts[k - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_symmetric_and_sorted() {
        let graph = Graph::from_edges(4, &[(2, 0, 1.0), (0, 1, 3.0), (0, 2, 1.0)], &Monitor::new())
            .unwrap();
        assert_eq!(graph.neighbors(0), [1, 2]);
        assert_eq!(graph.weights(0), [3.0, 1.0]);
        assert_eq!(graph.weight(0, 2), Some(1.0));
        assert_eq!(graph.weight(1, 2), None);
        assert_eq!(graph.neighbors(2), [0]);
        assert_eq!(graph.edge_count(), 2);
        assert_eq!(graph.components(&Monitor::new()).unwrap(), [vec![0, 1, 2], vec![3]]);
    }

    #[test]
    fn parts_keep_the_edges_within() {
        let edges = [(0, 1, 1.0), (1, 2, 2.0), (2, 3, 3.0), (0, 3, 4.0)];
        let graph = Graph::from_edges(5, &edges, &Monitor::new()).unwrap();
        let part = graph.select(&[3, 0, 4, 2], &Monitor::new()).unwrap();
        assert_eq!(part.edges().collect::<Vec<_>>(), [(0, 1, 4.0), (0, 3, 3.0)]);
        assert_eq!(part.neighbors(0), [1, 3]);
        assert_eq!(part.len(), 4);
    }

    #[test]
    fn contradicting_edges_are_refused() {
        let error = Graph::from_edges(2, &[(0, 1, 1.0), (1, 0, 2.0)], &Monitor::new()).unwrap_err();
        let rule = "`X` must be symmetric; found 1 and 2 at [0, 1]: ";
        assert!(error.to_string().starts_with(rule), "{error}");
    }

    #[test]
    fn edges_that_agree_up_to_rounding_are_averaged() {
        let edges = [(0, 1, 1.0), (1, 0, 1.0 + 4.0 * f64::EPSILON), (0, 2, -1e-17), (1, 1, 1e-9)];
        let graph = Graph::from_edges(3, &edges, &Monitor::new()).unwrap();
        let expected = [(0, 1, 1.0 + 2.0 * f64::EPSILON), (0, 2, 0.0)];
        assert_eq!(graph.edges().collect::<Vec<_>>(), expected);
        assert_eq!(graph.asymmetry(), 1e-9);
    }
}
