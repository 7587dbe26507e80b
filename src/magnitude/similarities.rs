//! A space read once, at all scales.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::checks::{check_scale, check_scale_at};
use super::copies::Copies;
use super::definite;
use super::grid::grid;
use super::options::{MagnitudeOptions, Method};
use super::solve::conjugate_gradients::Prepared;
use super::solve::plan::Plan;
use super::solve::scale::Goal;
use super::solve::tiles::{Source, similarity_products};
use super::solve::{accuracy, conjugate_gradients, dense, sample};
use super::weighting::Weighting;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::{Condensed, Graph, Space, pairwise};

/// Scales are solved together if the largest is no more than this many times the
/// smallest: what float32 can hold.
const SPAN: f64 = 1e30;

/// The similarity matrices of a space: copies of points merged, distances at
/// hand.
///
/// Pairs without a distance count as infinitely far from each other.
#[derive(Debug)]
pub struct Similarities<'a> {
    copies: Copies,
    source: Source<'a>,
    options: MagnitudeOptions,
    plan: Plan,
    prepared: OnceLock<Prepared>,
    /// Whether Z is known to be positive definite at every scale.
    definite: OnceLock<bool>,
}

impl<'a> Similarities<'a> {
    /// Reads a space; refuses one without points.
    pub fn new(
        space: &'a Space<'_>,
        options: &MagnitudeOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let MagnitudeOptions { tol, max_memory, method } = *options;
        if !(tol > 0.0 && tol < 1.0) {
            return Err(Error::invalid("tol", "be above 0 and below 1", tol));
        }
        if space.is_empty() {
            return Err(Error::invalid("X", "have at least one point", 0));
        }
        // What the iteration holds beside distances may be half as much again as a plan says.
        let limit = max_memory.saturating_add(max_memory / 2);
        monitor.allow(limit, "magnitude", "use fewer points");
        let dim = match space {
            Space::Points(points) => Some(points.dim()),
            _ => None,
        };
        let by_name = definite::by_name(space);
        let plan = |len, dim| Plan::new(len, dim, by_name, method, max_memory);
        let held = plan(space.len(), dim)?.distances;
        let (copies, source) = match space {
            Space::Points(points) if !held => {
                let copies = Copies::of_points(points, monitor)?;
                let source = Source::Points(copies.merge_points(points, monitor)?);
                (copies, source)
            }
            _ => {
                let distances = match space {
                    Space::Points(points) => Cow::Owned(pairwise(points, monitor)?),
                    Space::Distances(distances) => Cow::Borrowed(distances),
                    Space::Graph(graph) => Cow::Owned(with_infinite_gaps(graph, monitor)?),
                };
                let copies = Copies::of_distances(&distances, monitor)?;
                let source = Source::Held(copies.merge_distances(distances, monitor)?);
                (copies, source)
            }
        };
        let plan = plan(copies.distinct(), dim.filter(|_| !held))?;
        let definite = OnceLock::new();
        if by_name {
            _ = definite.set(true);
        }
        let prepared = OnceLock::new();
        Ok(Self { copies, source, options: options.clone(), plan, prepared, definite })
    }

    /// Number of given points.
    pub fn len(&self) -> usize {
        self.copies.len()
    }

    /// Whether there are no points, which is never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of points at positive distances from each other.
    pub fn n_distinct(&self) -> usize {
        self.copies.distinct()
    }

    /// Ascending scales from where the space looks like one point to where it
    /// looks like all of them, by the distances of 16 to 256 points to all: the same in
    /// whatever order the points are.
    ///
    /// The ratio is a root of 2, or a power, so that there are at most 32 scales.
    /// The first scale is log(1.1) over the largest distance, where a space with
    /// positive weights has magnitude 1.1 at most; at the last the mean over the
    /// points of their similarities to others is at most 1/19, so that a space
    /// with positive definite Z has at least 0.95 times its number of points.
    pub fn grid(&self, monitor: &Monitor) -> Result<Vec<f64>> {
        grid(&self.sample(monitor)?, monitor)
    }

    /// Distances from 16 to 256 points to all others.
    pub(super) fn sample(&self, monitor: &Monitor) -> Result<Vec<Vec<f64>>> {
        sample::sample(&self.source, monitor)
    }

    /// The shortest and the longest of the distances that are positive and finite.
    pub(super) fn reach(&self, monitor: &Monitor) -> Result<Option<(f64, f64)>> {
        sample::reach(&self.source, monitor)
    }

    /// How weightings are computed, in words.
    pub fn explain(&self) -> String {
        match self.definite.get() {
            Some(false) if self.options.method.is_none() => self.plan.by_factors().to_string(),
            _ => self.plan.to_string(),
        }
    }

    /// The weightings at all of these scales, in this order.
    pub fn solve(&self, ts: &[f64], monitor: &Monitor) -> Result<Vec<Weighting>> {
        self.solve_to(Goal::Weights(self.options.tol), ts, monitor)
    }

    /// The same, sooner: magnitudes are right to about ten digits, slopes to five,
    /// weights to fewer.
    pub fn solve_values(&self, ts: &[f64], monitor: &Monitor) -> Result<Vec<Weighting>> {
        const DIGITS: f64 = 1e-5;
        self.solve_to(Goal::Values(DIGITS), ts, monitor)
    }

    fn solve_to(&self, goal: Goal, ts: &[f64], monitor: &Monitor) -> Result<Vec<Weighting>> {
        ts.iter().enumerate().try_for_each(|(k, &t)| check_scale_at("ts", t, &[k]))?;
        let mut order: Vec<_> = (0..ts.len()).collect();
        order.sort_by(|&a, &b| ts[a].total_cmp(&ts[b]));
        let mut found = vec![None; ts.len()];
        let mut rest = order.as_slice();
        while let Some(&first) = rest.first() {
            let close =
                rest.iter().take(self.plan.scales).take_while(|&&k| ts[k] <= SPAN * ts[first]);
            let (batch, later) = rest.split_at(close.count());
            let scales: Vec<_> = batch.iter().map(|&k| ts[k]).collect();
            let weightings = self.solve_ascending(goal, &scales, monitor)?;
            batch.iter().zip(weightings).for_each(|(&k, weighting)| found[k] = Some(weighting));
            rest = later;
        }
        Ok(found.into_iter().flatten().collect())
    }

    fn solve_ascending(&self, goal: Goal, ts: &[f64], monitor: &Monitor) -> Result<Vec<Weighting>> {
        let MagnitudeOptions { tol, method, .. } = self.options;
        let forced = method == Some(Method::ConjugateGradients);
        // The iteration need not notice a negative eigenvalue.
        let iterates = self.plan.method == Method::ConjugateGradients;
        let definite = iterates && self.is_definite(monitor)?;
        let iterated = match iterates && (definite || forced) {
            true => {
                let prepared = self.prepare(monitor)?;
                conjugate_gradients::solve(&self.source, prepared, ts, goal, monitor)?
            }
            false => vec![None; ts.len()],
        };
        let weightings = ts.iter().zip(iterated).map(|(&t, solution)| {
            let (solution, method, negative) = match solution {
                Some(solution) if definite || dense::is_definite(&self.source, t, monitor)? => {
                    (solution, Method::ConjugateGradients, 0)
                }
                _ if forced => {
                    let reason = "indefinite, or too near to a singular one";
                    let message = format!("the similarity matrix at t = {t} is {reason}");
                    return Err(Error::Numerical(message));
                }
                _ => {
                    self.check_dense_memory()?;
                    dense::solve(&self.source, t, tol, method, monitor)?
                }
            };
            accuracy::check(&self.source, t, &solution, monitor)?;
            Ok(Weighting {
                t,
                weights: self.copies.share(&solution.x),
                magnitude: solution.magnitude,
                slope: solution.slope,
                residual: solution.residual,
                method,
                negative_eigenvalues: negative,
            })
        });
        weightings.collect()
    }

    /// Whether Z is known to be positive definite at every scale, by its metric or by
    /// factors of its distances.
    fn is_definite(&self, monitor: &Monitor) -> Result<bool> {
        if self.definite.get().is_none() {
            self.check_dense_memory()?;
            _ = self.definite.set(definite::by_factors(&self.source, monitor)?);
        }
        Ok(self.definite.get().copied() == Some(true))
    }

    fn prepare(&self, monitor: &Monitor) -> Result<&Prepared> {
        if self.prepared.get().is_none() {
            let prepared =
                Prepared::new(&self.source, (self.plan.tiles, self.plan.factors), monitor)?;
            _ = self.prepared.set(prepared);
        }
        Ok(self.prepared.get().expect("set above, or by another thread"))
    }

    /// Refuses factors that do not fit where conjugate gradients fail or prove nothing.
    fn check_dense_memory(&self) -> Result<()> {
        let plan = self.plan.by_factors();
        Budget { allowed: self.options.max_memory }.ask(
            format_args!(
                "the magnitude of {} points, where similarities may not be positive definite,",
                self.n_distinct()
            ),
            plan.bytes(),
            "use fewer points or larger scales",
        )?;
        Ok(())
    }

    /// Z x, by the float64 distances.
    pub fn apply(&self, t: f64, x: &[f64], monitor: &Monitor) -> Result<Vec<f64>> {
        check_scale("t", t)?;
        if x.len() != self.len() {
            return Err(Error::invalid("x", format!("have {} entries", self.len()), x.len()));
        }
        let x = self.copies.gather(x);
        let products = match far_apart(&x) {
            true => dense::products(&self.source, t, &x, monitor)?,
            false => similarity_products(&self.source, t, &x, monitor)?.0,
        };
        Ok(self.copies.spread(&products))
    }
}

/// Whether the floor of similarities would drown the least of some numbers.
fn far_apart(x: &[f64]) -> bool {
    const APART: f64 = 1e-100;
    let sizes = || x.iter().map(|x| x.abs()).filter(|x| *x > 0.0);
    sizes().fold(f64::INFINITY, f64::min) < APART * sizes().fold(0.0, f64::max)
}

fn with_infinite_gaps(graph: &Graph, monitor: &Monitor) -> Result<Condensed> {
    let len = graph.len();
    let mut values = monitor.room(len * len.saturating_sub(1) / 2)?;
    for i in 0..len {
        monitor.check()?;
        let start = values.len();
        values.resize(start + len - i - 1, f64::INFINITY);
        for (&j, &d) in graph.neighbors(i).iter().zip(graph.weights(i)) {
            if j as usize > i {
                values[start + j as usize - i - 1] = d;
            }
        }
    }
    Condensed::read(len, values, f64::EPSILON, monitor)
}
