//! Rows under a metric, and the distance between two of them.

use std::borrow::Cow;

use ndarray::ArrayView2;
use pulp::{Simd, WithSimd};

use super::Metric;
use super::directions::scale_to_directions;
use crate::arch::{arch, dispatch};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Rows of an array under a metric.
///
/// Distances are taken by direct differences: the dot-product formula loses
/// near-duplicates. Cosine and correlation become half the squared Euclidean
/// distance of rows scaled to length one, which is exact where it matters:
/// 0 for rows of one direction and never negative.
#[derive(Debug, Clone)]
pub struct PointCloud<'a> {
    rows: Cow<'a, [f64]>,
    len: usize,
    dim: usize,
    metric: Metric,
    /// Whether squares of differences may underflow.
    faint: bool,
    /// No coordinate is larger in size.
    largest: f64,
}

/// Numbers that are 0 or at least 2⁻⁴⁵⁸ in size differ, if at all, by 2⁻⁵¹¹ or more, and the
/// square of that is a number of full precision.
const FAINT: f64 = power_of_two(-458);
/// Sums of squares from which on it does not count what has underflowed.
const SAFE: f64 = power_of_two(-900);
/// Differences times this have squares that do not underflow.
const LENS: f64 = power_of_two(600);

pub(super) const fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << (f64::MANTISSA_DIGITS - 1))
}

impl PointCloud<'static> {
    /// As [`PointCloud::new`], from rows one after the other.
    pub fn from_rows(
        rows: Vec<f64>,
        shape: (usize, usize),
        metric: Metric,
        monitor: &Monitor,
    ) -> Result<Self> {
        Self::computed_in(f64::EPSILON, rows, shape, metric, monitor)
    }

    /// As [`PointCloud::from_rows`], of floats with this `step` after 1.
    pub fn computed_in(
        step: f64,
        rows: Vec<f64>,
        shape: (usize, usize),
        metric: Metric,
        monitor: &Monitor,
    ) -> Result<Self> {
        Self::read(Cow::Owned(rows), shape, metric, step, monitor)
    }
}

impl<'a> PointCloud<'a> {
    /// Reads rows; refuses entries that are not finite or so large that
    /// distances overflow, squares of entries so small that all of them vanish
    /// and, for cosine and correlation, rows without a direction.
    pub fn new(array: ArrayView2<'a, f64>, metric: Metric, monitor: &Monitor) -> Result<Self> {
        let rows = match array.to_slice() {
            Some(slice) => Cow::Borrowed(slice),
            None => Cow::Owned(array.iter().copied().collect()),
        };
        Self::read(rows, array.dim(), metric, f64::EPSILON, monitor)
    }

    fn read(
        rows: Cow<'a, [f64]>,
        (len, dim): (usize, usize),
        metric: Metric,
        step: f64,
        monitor: &Monitor,
    ) -> Result<Self> {
        let mut points = Self { rows, len, dim, metric, faint: false, largest: 0.0 };
        let largest = metric.largest_entry(dim);
        let (mut faint, mut found) = (false, 0.0_f64);
        for i in 0..len {
            monitor.check()?;
            let sizes = Sizes::of(points.row(i));
            if !(sizes.finite && sizes.largest <= largest) {
                return Err(points.refuse(i, largest));
            }
            faint |= sizes.least < FAINT;
            found = found.max(sizes.largest);
        }
        points.faint = faint && metric == Metric::Euclidean;
        if metric == Metric::SqEuclidean && is_faint(found) {
            let rule = format!("have an entry of at least {FAINT:.1e} in size, or squares vanish");
            let found = format!("{found:e} at most");
            return Err(Error::invalid("X", rule, found).with_advice("multiply it by a number"));
        }
        if matches!(metric, Metric::Cosine | Metric::Correlation) {
            let centred = metric == Metric::Correlation;
            scale_to_directions(points.rows.to_mut(), (len, dim), centred, step, monitor)?;
            found = 2.0; // the longest rows have a length of 1
        }
        points.largest = found;
        Ok(points)
    }

    /// What is wrong with the entries of a row.
    fn refuse(&self, i: usize, largest: f64) -> Error {
        let fits = |x: &f64| x.abs() <= largest;
        let j = self.row(i).iter().position(|x| !fits(x)).expect("an entry that is refused");
        let value = self.row(i)[j];
        if !value.is_finite() {
            return Error::invalid_at("X", "be finite", value, [i, j]);
        }
        let rule = format!("be at most {largest:.3e} in size, or distances overflow");
        Error::invalid_at("X", rule, format!("{value:e}"), [i, j])
    }

    /// The same points in the given order, or a selection of them.
    pub fn select(&self, indices: &[usize], monitor: &Monitor) -> Result<PointCloud<'static>> {
        let mut rows = monitor.room(indices.len() * self.dim)?;
        for &i in indices {
            monitor.check()?;
            rows.extend_from_slice(self.row(i));
        }
        Ok(PointCloud {
            rows: Cow::Owned(rows),
            len: indices.len(),
            dim: self.dim,
            metric: self.metric,
            faint: self.faint,
            largest: self.largest,
        })
    }

    /// The same points, ready for distances from rows with entries that they need not have.
    pub(crate) fn facing<'e>(&self, entries: impl IntoIterator<Item = &'e f64>) -> PointCloud<'_> {
        let faint = self.metric == Metric::Euclidean && entries.into_iter().any(|&x| is_faint(x));
        PointCloud { rows: Cow::Borrowed(&self.rows), faint: self.faint || faint, ..*self }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of coordinates.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Whether squares of differences may underflow.
    pub(super) fn is_faint(&self) -> bool {
        self.faint
    }

    /// No coordinate is larger in size.
    pub(super) fn largest(&self) -> f64 {
        self.largest
    }

    /// The coordinates in which distances are taken.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.rows[i * self.dim..(i + 1) * self.dim]
    }

    /// All of them.
    pub fn rows(&self) -> ArrayView2<'_, f64> {
        ArrayView2::from_shape((self.len, self.dim), &self.rows).expect("one row a point")
    }

    /// Distance between two points.
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        let mut out = [0.0];
        self.distances_to(self.row(i), j, &mut out);
        out[0]
    }

    /// Distance between two rows of coordinates, without a choice of
    /// instructions: for few coordinates, where that would take longer.
    #[inline(always)]
    pub(crate) fn between(&self, u: &[f64], v: &[f64]) -> f64 {
        let mut out = [0.0];
        fill(self, u, v, &mut out);
        out[0]
    }

    /// The distance that a sum of terms stands for, but for squares that may underflow.
    #[inline(always)]
    pub(super) fn of_sum(&self, sum: f64) -> f64 {
        match self.metric {
            Metric::Euclidean => sum.sqrt(),
            Metric::Cosine | Metric::Correlation => 0.5 * sum,
            Metric::Hamming => sum / self.dim as f64,
            Metric::SqEuclidean | Metric::Cityblock | Metric::Chebyshev => sum,
        }
    }

    /// Distances from `origin` to the points `first, first + 1, …`, as many as
    /// `out` has room for.
    pub fn distances_to(&self, origin: &[f64], first: usize, out: &mut [f64]) {
        let rows = &self.rows[first * self.dim..(first + out.len()) * self.dim];
        // The lanes are fixed, so every instruction set gives the same bits.
        arch().dispatch(|| fill(self, origin, rows, out));
    }
}

/// Sizes of the entries of a row.
struct Sizes {
    finite: bool,
    /// The least one that is not zero.
    least: f64,
    largest: f64,
}

impl Sizes {
    fn of(row: &[f64]) -> Self {
        dispatch(Look { row })
    }
}

/// Looks at the entries of a row.
struct Look<'a> {
    row: &'a [f64],
}

impl WithSimd for Look<'_> {
    type Output = Sizes;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Sizes {
        let mut lanes = [[0.0; LANES], [f64::INFINITY; LANES], [0.0; LANES]];
        let (whole, rest) = self.row.as_chunks::<LANES>();
        for entries in whole {
            look(entries, &mut lanes);
        }
        look(rest, &mut lanes);
        let [zeros, least, largest] = lanes;
        Sizes {
            finite: zeros == [0.0; LANES],
            least: least.into_iter().fold(f64::INFINITY, f64::min),
            largest: largest.into_iter().fold(0.0, f64::max),
        }
    }
}

/// Adds entries to zeros (NaN from infinity and NaN), least and largest sizes.
#[inline(always)]
fn look(entries: &[f64], [zeros, least, largest]: &mut [Lanes; 3]) {
    for (lane, x) in entries.iter().enumerate() {
        let size = x.abs();
        zeros[lane] += size * 0.0;
        largest[lane] = if size > largest[lane] { size } else { largest[lane] };
        let size = if size == 0.0 { f64::INFINITY } else { size };
        least[lane] = if size < least[lane] { size } else { least[lane] };
    }
}

fn is_faint(x: f64) -> bool {
    x != 0.0 && x.abs() < FAINT
}

#[inline(always)]
pub(super) fn square(a: f64, b: f64) -> f64 {
    (a - b) * (a - b)
}

/// √Σ (u−v)², also where squares underflow. Never larger for smaller differences, as
/// searches in trees need it.
#[inline(always)]
pub(super) fn length(u: &[f64], v: &[f64]) -> f64 {
    rooted(lanes(u, v, square), u, v)
}

/// The same of a sum of squares.
#[inline(always)]
pub(super) fn rooted(sum: f64, u: &[f64], v: &[f64]) -> f64 {
    if sum >= SAFE {
        return sum.sqrt();
    }
    let sum = lanes(u, v, |a, b| ((a - b) * LENS) * ((a - b) * LENS));
    sum.min(SAFE * LENS * LENS).sqrt() / LENS
}

#[inline(always)]
fn fill(points: &PointCloud<'_>, origin: &[f64], rows: &[f64], out: &mut [f64]) {
    match points.metric {
        Metric::Euclidean if points.faint => each_row(origin, rows, out, length),
        Metric::Euclidean => each_row(origin, rows, out, |u, v| lanes(u, v, square).sqrt()),
        Metric::SqEuclidean => each_row(origin, rows, out, |u, v| lanes(u, v, square)),
        Metric::Cosine | Metric::Correlation => {
            each_row(origin, rows, out, |u, v| 0.5 * lanes(u, v, square))
        }
        Metric::Cityblock => each_row(origin, rows, out, |u, v| lanes(u, v, |a, b| (a - b).abs())),
        Metric::Hamming => each_row(origin, rows, out, |u, v| {
            let differ = lanes(u, v, |a, b| if a == b { 0.0 } else { 1.0 });
            differ / u.len().max(1) as f64
        }),
        Metric::Chebyshev => each_row(origin, rows, out, |u, v| {
            u.iter().zip(v).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()))
        }),
    }
}

#[inline(always)]
fn each_row(origin: &[f64], rows: &[f64], out: &mut [f64], d: impl Fn(&[f64], &[f64]) -> f64) {
    let dim = origin.len();
    for (i, value) in out.iter_mut().enumerate() {
        *value = d(origin, &rows[i * dim..(i + 1) * dim]);
    }
}

/// Running sums of a distance.
pub(super) const LANES: usize = 8;
pub(super) type Lanes = [f64; LANES];

/// Σ term(uᵢ, vᵢ) over the running sums.
#[inline(always)]
fn lanes(u: &[f64], v: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (us, u_rest) = u.as_chunks::<LANES>();
    let (vs, v_rest) = v.as_chunks::<LANES>();
    for (a, b) in us.iter().zip(vs) {
        for lane in 0..LANES {
            sums[lane] += term(a[lane], b[lane]);
        }
    }
    for (lane, (&a, &b)) in u_rest.iter().zip(v_rest).enumerate() {
        sums[lane] += term(a, b);
    }
    total(sums)
}

#[inline(always)]
pub(super) fn total([a, b, c, d, e, f, g, h]: Lanes) -> f64 {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
