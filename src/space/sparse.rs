//! Sparse Vietoris-Rips filtrations.
//!
//! After Sheehy (Discrete Comput. Geom. 49, 2013) and Cavanna, Jahanseir and
//! Sheehy (CCCG 2015). Points that have become close to others, as seen at the
//! current scale, are removed, so that each meets few others in its lifetime.
//!
//! **Construction.** Order the points greedily, each the farthest from those
//! before it; λ(p) is the distance of p to those before it, λ = ∞ for the
//! first. Let c = 1 + ε and A = 2c/(c − 1). The ball of p has radius
//! r(p, α) = min(α, f(p))/2: it grows until it *freezes* at f(p) = A·λ(p), and
//! at t(p) = c·f(p) p is *removed*. Two points are joined at the first scale α
//! at which their balls meet, d(p, q) ≤ r(p, α) + r(q, α), if both are still
//! there, α ≤ min(t(p), t(q)). This α is the *modified length* of the edge: it
//! is d while neither ball is frozen and 2d − f once one of them is; after
//! both are frozen they meet no more. Let F(α) be the flag complex of the edges
//! of modified length at most α, a plain flag filtration of a weighted graph.
//!
//! **Guarantee.** In a metric space F and the Vietoris-Rips filtration R are
//! interleaved by F(α) → R(α) and R(α) → F(cα): bars can be matched so that
//! births b′, deaths d′ in F and b, d in R satisfy b ≤ b′ ≤ cb and d ≤ d′ ≤ cd,
//! where bars with d ≤ cb may stay alone.
//!
//! **Proof.** Say that (p, r) is *inside* (q, s) if d(p, q) ≤ s − r. Then all
//! balls that meet the first (distance at most the sum of the radii) meet the
//! second. Write N(μ) for the points with λ ≥ μ. They come first in the order,
//! so every point is nearer than μ to one of them. By choice of A,
//! A(1 − 1/c)/2 = 1.
//!
//! 1. *At the scale t(p) the ball of p is inside one that is not frozen.* Take
//!    μ = t(p)/A and q ∈ N(μ) within μ of p. Then f(q) ≥ t(p), and
//!    r(q) − r(p) = (t(p) − f(p))/2 = t(p)(1 − 1/c)/2 = μ. (Where λ(p) = 0, q is
//!    the first copy of p.)
//! 2. *F(α) retracts to Q(α), the full subcomplex on the points with t > α, by
//!    removal of dominated vertices.* Remove the others in order of t. When it
//!    is p's turn, each remaining neighbour x of p met p by t(p) and is there
//!    until then or longer. So by (1) x has met q by t(p) and so has p: q
//!    dominates p. The composite moves each p into a ball ρ(p) that p's is
//!    inside of, by (1) and because balls grow.
//! 3. *R(α) → Q(cα).* Every ball (p, α/2) is inside that of some q at cα: q = p
//!    if f(p) ≥ cα, else q ∈ N(cα/A) within cα/A of p, as f(q) ≥ cα and
//!    (cα − α)/2 = cα/A. Conversely Q(α) ⊂ R(α), as (p, r(p, α)) is inside
//!    (p, α/2).
//! 4. All of these maps send balls into balls that they are inside of. Two such
//!    maps, g and h, to the same complex are contiguous: if p and q meet, so do
//!    g(p), h(p), g(q) and h(q). So they agree in homology and compositions are
//!    what they should be; with H(F) ≅ H(Q) by (2) this is an interleaving. ∎
//!
//! **When to stop.** Let α be so large that a vertex v has met all whom it ever
//! meets, and the others are removed. Then Q(α) is a cone, with apex v or, if v
//! is removed, the point that dominates it in the end. The least such α takes
//! the place of the enclosing radius.
//!
//! **Squares.** The squared Euclidean, cosine and correlation distances are
//! squares of metrics. They are treated as such, with √c for c.

use rayon::prelude::*;

use super::lists::Lists;
use super::{Condensed, Graph, PointCloud, Space, farthest_points};
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// A weighted graph whose flag complexes stand for those of a metric space.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRips {
    /// The kept edges with their modified lengths.
    pub graph: Graph,
    /// A scale from which on the flag complex has the homology of a point;
    /// infinite if there is none.
    pub radius: f64,
}

/// The sparse filtration of all edges of modified length up to `threshold`.
///
/// The memory is that of the kept edges, never of all pairs; the time is
/// quadratic. No bar is born or dies before its likeness in the full filtration
/// or later than 1 + `epsilon` times its scale, if the triangle inequality holds.
pub fn sparse_rips(
    space: &Space<'_>,
    epsilon: f64,
    threshold: f64,
    max_memory: u64,
    monitor: &Monitor,
) -> Result<SparseRips> {
    if !(epsilon > 0.0 && epsilon.is_finite()) {
        return Err(Error::invalid("epsilon", "be above 0 and finite", epsilon));
    }
    if matches!(space, Space::Graph(_)) {
        let rule = "be None for sparse distances (missing pairs have no distance)";
        return Err(Error::invalid("epsilon", rule, epsilon));
    }
    monitor.allow(max_memory, "a sparse filtration", "raise `epsilon` or lower `threshold`");
    if space.is_empty() {
        let graph = Graph::from_edges(0, &[], monitor)?;
        return Ok(SparseRips { graph, radius: f64::INFINITY });
    }
    let cover = Cover::new(space, epsilon, monitor)?;
    let graph = cover.graph(space, threshold, max_memory, monitor)?;
    let radius = cover.enclosing_radius(&graph, monitor)?;
    Ok(SparseRips { graph, radius })
}

/// Balls around the points, places in the greedy order.
struct Cover {
    /// The point at each place.
    order: Vec<usize>,
    /// Scale at which each ball stops to grow, never increasing.
    frozen: Vec<f64>,
    /// Scale at which each ball is removed, never increasing.
    removed: Vec<f64>,
    /// Whether distances are squares of a metric; the scales are its own.
    squared: bool,
}

impl Cover {
    fn new(space: &Space<'_>, epsilon: f64, monitor: &Monitor) -> Result<Self> {
        let squared = matches!(space, Space::Points(points) if points.metric().is_square());
        // √(1 + ε) − 1, without cancellation.
        let epsilon = if squared { epsilon / (1.0 + (1.0 + epsilon).sqrt()) } else { epsilon };
        let landmarks = farthest_points(space, space.len(), 0, monitor)?;
        // A copy has no extent at any scale, however large the factor.
        let scaled = |factor: f64, x: f64| if x == 0.0 { 0.0 } else { factor * x };
        let radii = landmarks.insertion_radii.iter();
        let radii = radii.map(|&radius| if squared { radius.sqrt() } else { radius });
        let frozen: Vec<_> = radii.map(|radius| scaled(2.0 + 2.0 / epsilon, radius)).collect();
        let removed = frozen.iter().map(|&scale| scaled(1.0 + epsilon, scale)).collect();
        Ok(Self { order: landmarks.indices, frozen, removed, squared })
    }

    /// The edges that are there by `threshold`, and whether these are all.
    fn graph(
        &self,
        space: &Space<'_>,
        threshold: f64,
        max_memory: u64,
        monitor: &Monitor,
    ) -> Result<Graph> {
        const BLOCK: usize = 512;
        let len = self.order.len();
        let distances = GreedyRows::new(space, &self.order, monitor)?;
        let mut rows = vec![Vec::new(); len];
        let (mut edges, mut is_cut) = (0, false);
        monitor.expect(len as u64);
        for start in (0..len).step_by(BLOCK) {
            let end = len.min(start + BLOCK);
            let block = (start..end).into_par_iter().map_init(Vec::new, |buffer, place| {
                monitor.advance(1)?;
                buffer.resize(place, 0.0);
                distances.to_earlier(place, buffer);
                Ok(self.edges(place, buffer, threshold))
            });
            let block = block.collect::<Result<Vec<_>>>()?;
            edges += block.iter().map(|(row, _)| row.len()).sum::<usize>();
            check_memory(len, end, edges, max_memory)?;
            for (place, (row, cut)) in (start..).zip(block) {
                rows[self.order[place]] = row;
                is_cut |= cut;
            }
        }
        let rows = Lists::joined(&rows, monitor)?.symmetric(monitor)?;
        Ok(Graph::from_lists(rows).cut_if(is_cut))
    }

    /// The edges from a place to earlier ones, by the point at the other end, and whether
    /// some are longer than the threshold.
    fn edges(&self, place: usize, distances: &[f64], threshold: f64) -> (Vec<(u32, f64)>, bool) {
        let (mut edges, mut is_cut) = (Vec::new(), false);
        for (earlier, &d) in distances.iter().enumerate() {
            match self.modified_length(place, earlier, d).filter(|length| length.is_finite()) {
                Some(length) if length <= threshold => {
                    edges.push((self.order[earlier] as u32, length));
                }
                length => is_cut |= length.is_some(),
            }
        }
        edges.shrink_to_fit();
        edges.sort_unstable_by_key(|&(j, _)| j);
        (edges, is_cut)
    }

    /// The scale at which two balls meet, if they ever do; the later one
    /// freezes first.
    fn modified_length(&self, later: usize, earlier: usize, distance: f64) -> Option<f64> {
        let frozen = self.frozen[later];
        let d = if self.squared { distance.sqrt() } else { distance };
        if d <= frozen {
            return Some(distance);
        }
        let scale = d + (d - frozen);
        let meet = scale <= self.removed[later] && scale <= self.frozen[earlier];
        meet.then(|| self.in_distances(scale).max(distance))
    }

    /// The least scale at which some point has met all that are left.
    fn enclosing_radius(&self, graph: &Graph, monitor: &Monitor) -> Result<f64> {
        let mut radius = f64::INFINITY;
        let mut met = vec![usize::MAX; graph.len()];
        for v in 0..graph.len() {
            monitor.check()?;
            met[v] = v;
            graph.neighbors(v).iter().for_each(|&u| met[u as usize] = v);
            let last_met = graph.weights(v).iter().copied().fold(0.0, f64::max);
            // Of those that v never meets the first is the last to be removed.
            let stranger = self.order.iter().position(|&u| met[u] != v);
            let last_gone = stranger.map_or(0.0, |place| self.in_distances(self.removed[place]));
            radius = radius.min(last_met.max(last_gone));
        }
        Ok(radius)
    }

    fn in_distances(&self, scale: f64) -> f64 {
        if self.squared { scale * scale } else { scale }
    }
}

/// Distances by place in the greedy order; points are copied into it.
enum GreedyRows<'a> {
    Points(PointCloud<'static>),
    Distances(&'a Condensed, &'a [usize]),
}

impl<'a> GreedyRows<'a> {
    fn new(space: &'a Space<'_>, order: &'a [usize], monitor: &Monitor) -> Result<Self> {
        Ok(match space {
            Space::Points(points) => Self::Points(points.select(order, monitor)?),
            Space::Distances(distances) => Self::Distances(distances, order),
            Space::Graph(_) => unreachable!("sparse distances are refused"),
        })
    }

    /// Distances from the point at a place to all before it.
    fn to_earlier(&self, place: usize, out: &mut [f64]) {
        match self {
            Self::Points(points) => points.distances_to(points.row(place), 0, out),
            Self::Distances(distances, order) => {
                let earlier = out.iter_mut().zip(*order);
                earlier.for_each(|(d, &i)| *d = distances.get(i, order[place]));
            }
        }
    }
}

/// Refuses more edges than fit as soon as so many have been found.
fn check_memory(len: usize, places: usize, edges: usize, max_memory: u64) -> Result<()> {
    // A row of each point, and of each edge 16 bytes in the row of one end, then
    // twice in those of both while these grow.
    let needed = (64 * len + 80 * edges) as u64;
    Budget { allowed: max_memory }.take(
        format_args!(
            "a sparse filtration of {len} points with {edges} edges among the first {places}"
        ),
        needed,
        "use a larger `epsilon`, a lower `threshold` or `n_landmarks`",
    )?;
    Ok(())
}
