//! Distances between persistence landscapes.
//!
//! The k-th landscape of a diagram is at t the k-th largest of the numbers
//! max(0, min(t − b, d − t)) of its bars (Bubenik, JMLR 16, 2015). It is linear between
//! corners, which are found bar by bar (Bubenik and Dłotko, J. Symb. Comput. 78,
//! 2017, algorithm 1), so that integrals are those of linear functions.

use super::Diagram;
use super::bars::representable;
use super::matching::essential_lengths;
use super::plane_tree::Point;
use crate::blocks::blocks;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// The first landscapes of a diagram: corners (t, height) from left to right.
#[derive(Debug, Clone)]
pub struct Landscape(Vec<Vec<Point>>);

impl Landscape {
    /// The first `levels` landscapes of the finite points of a diagram.
    pub fn new(diagram: &Diagram, levels: usize, monitor: &Monitor) -> Result<Self> {
        if levels == 0 {
            return Err(Error::invalid("k", "be at least 1", levels));
        }
        let mut bars = diagram.points().to_vec();
        sort_by(&mut bars, by_birth, monitor)?;
        let mut landscapes = Vec::new();
        while landscapes.len() < levels && !bars.is_empty() {
            monitor.check()?;
            landscapes.push(peel(&mut bars, monitor)?);
        }
        Ok(Self(landscapes))
    }

    /// Bytes of the landscapes of a diagram with `len` points, at most.
    pub fn bytes(len: usize, levels: usize) -> u64 {
        // A bar has three corners, two of which it may share; lists grow by doubling.
        96 * len as u64 * levels.min(len).max(1) as u64
    }

    fn level(&self, k: usize) -> &[Point] {
        self.0.get(k).map_or(&[], Vec::as_slice)
    }
}

/// Ascending births; of bars that are born together, the longest first.
fn by_birth(a: &Point, b: &Point) -> std::cmp::Ordering {
    a[0].total_cmp(&b[0]).then(b[1].total_cmp(&a[1]))
}

/// Takes the upper envelope of the bars away, of which what is below it stays.
fn peel(bars: &mut Vec<Point>, monitor: &Monitor) -> Result<Vec<Point>> {
    let peak = |[birth, death]: Point| [birth / 2.0 + death / 2.0, (death - birth) / 2.0];
    let [birth, mut end] = bars.remove(0);
    let mut corners = vec![[birth, 0.0], peak([birth, end])];
    let mut place = 0;
    // The next bar that reaches beyond the one that is highest now.
    while let Some(next) = (place..bars.len()).find(|&next| bars[next][1] > end) {
        monitor.check()?;
        let bar = bars.remove(next);
        place = next;
        if bar[0] >= end {
            corners.extend([[end, 0.0], [bar[0], 0.0]]);
        } else {
            // Below where they cross stays a bar from the later birth to the earlier death.
            let below = [bar[0], end];
            corners.push(peak(below));
            place += bars[place..].partition_point(|other| by_birth(other, &below).is_lt());
            bars.insert(place, below);
            place += 1;
        }
        corners.push(peak(bar));
        end = bar[1];
    }
    corners.push([end, 0.0]);
    Ok(corners)
}

/// (Σ_k ∫ |λ_k − μ_k|^p)^(1/p) over the levels of two landscapes; essential classes,
/// matched in order, add the powers of their differences.
pub fn landscape_distance(
    (a, of_a): (&Diagram, &Landscape),
    (b, of_b): (&Diagram, &Landscape),
    p: f64,
    monitor: &Monitor,
) -> Result<f64> {
    if p.is_nan() || p < 1.0 {
        return Err(Error::invalid("p", "be at least 1", p));
    }
    let Some(essential) = essential_lengths(a, b) else { return Ok(f64::INFINITY) };
    let mut pieces = Vec::new();
    for k in 0..of_a.0.len().max(of_b.0.len()) {
        monitor.check()?;
        difference(of_a.level(k), of_b.level(k), &mut pieces, monitor)?;
    }
    let heights = pieces.iter().flat_map(|piece| [piece.left.abs(), piece.right.abs()]);
    let largest = heights.chain(essential.iter().copied()).fold(0.0, f64::max);
    if p.is_infinite() || largest == 0.0 {
        return Ok(largest);
    }
    let mut area = 0.0;
    for block in blocks(&pieces, monitor) {
        block?.iter().for_each(|piece| area += piece.scaled(largest).power_integral(p));
    }
    let forever: f64 = essential.iter().map(|length| (length / largest).powf(p)).sum();
    representable("p", largest * (area + forever).powf(1.0 / p))
}

/// A linear function on an interval: its length, and the values at both ends.
#[derive(Debug, Clone, Copy)]
struct Piece {
    length: f64,
    left: f64,
    right: f64,
}

impl Piece {
    fn scaled(self, unit: f64) -> Self {
        Self { left: self.left / unit, right: self.right / unit, ..self }
    }

    /// ∫ |f|^p
    fn power_integral(self, p: f64) -> f64 {
        let (low, high) =
            (self.left.abs().min(self.right.abs()), self.left.abs().max(self.right.abs()));
        if high == 0.0 {
            return 0.0;
        }
        let ratio = low / high;
        let mean = if self.left * self.right < 0.0 {
            (1.0 + ratio.powf(p + 1.0)) / (1.0 + ratio)
        } else if low < high {
            // (1 − r^(p+1)) / (1 − r), also where r is nearly 1.
            let rest = (high - low) / high;
            -((p + 1.0) * (-rest).ln_1p()).exp_m1() / rest
        } else {
            p + 1.0
        };
        self.length * high.powf(p) * mean / (p + 1.0)
    }
}

/// Appends the pieces of the difference of two functions given by their corners.
fn difference(a: &[Point], b: &[Point], pieces: &mut Vec<Piece>, monitor: &Monitor) -> Result<()> {
    let mut places: Vec<f64> = a.iter().chain(b).map(|corner| corner[0]).collect();
    sort_by(&mut places, f64::total_cmp, monitor)?;
    places.dedup();
    let (mut a, mut b) = (Walk::along(a), Walk::along(b));
    let mut last: Option<Point> = None;
    for t in places {
        monitor.check()?;
        let height = a.height(t) - b.height(t);
        if let Some([start, left]) = last {
            pieces.push(Piece { length: t - start, left, right: height });
        }
        last = Some([t, height]);
    }
    Ok(())
}

/// Heights of a function at ascending places.
struct Walk<'a> {
    corners: &'a [Point],
    next: usize,
}

impl<'a> Walk<'a> {
    fn along(corners: &'a [Point]) -> Self {
        Self { corners, next: 0 }
    }

    fn height(&mut self, t: f64) -> f64 {
        while self.corners.get(self.next).is_some_and(|corner| corner[0] <= t) {
            self.next += 1;
        }
        let (Some(before), Some(after)) =
            (self.next.checked_sub(1).map(|k| self.corners[k]), self.corners.get(self.next))
        else {
            // Nothing is higher than zero before the first corner and after the last.
            return 0.0;
        };
        let share = (t - before[0]) / (after[0] - before[0]);
        before[1] + share * (after[1] - before[1])
    }
}
