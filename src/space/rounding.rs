//! What counts as rounding in distances that were computed elsewhere.
//!
//! The dot-product formula d² = ‖x‖² + ‖y‖² − 2⟨x, y⟩ leaves an error of some ε‖x‖² in
//! the *square* of a distance: little in a long one, √ε of the largest in that of a
//! point from itself. So two numbers stand for one distance if their squares differ by
//! a few ε of the largest square. Sums and cosines, whose errors are some ε of the
//! distance itself, are within that.

use std::cell::Cell;

use ndarray::ArrayView2;

use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Steps ε of the largest square that two squares may differ by: distances of up to ten
/// √ε of the largest are zero. Measured: below 8 for centred clouds, 50 to 100 for rows
/// whose norm is many times their distance, such as those of 2048 sigmoids.
const SHARE: f64 = 100.0;

/// The rule by which numbers are taken for one distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounding {
    largest: f64,
    step: f64,
}

impl Rounding {
    /// The rule for distances in floats of which the one after 1 is 1 + `step`.
    pub fn new(values: &[f64], step: f64, monitor: &Monitor) -> Result<Self> {
        Self::of_parts(values.chunks(AT_ONCE).map(<[f64]>::iter), step, monitor)
    }

    /// The rule for the entries of a matrix.
    pub fn of_matrix(matrix: ArrayView2<'_, f64>, step: f64, monitor: &Monitor) -> Result<Self> {
        Self::of_parts(matrix.rows().into_iter().map(IntoIterator::into_iter), step, monitor)
    }

    /// The same, of numbers in parts that do not take long.
    pub(super) fn of_parts<'a>(
        parts: impl Iterator<Item = impl Iterator<Item = &'a f64> + Clone>,
        step: f64,
        monitor: &Monitor,
    ) -> Result<Self> {
        let (mut largest, mut steps) = (0.0_f64, Steps::new(step));
        for part in parts {
            monitor.check()?;
            let finite = part.clone().filter(|d| d.is_finite());
            largest = finite.fold(largest, |most, d| most.max(d.abs()));
            steps.see(part.copied());
        }
        Ok(Self { largest, step: steps.step() })
    }

    /// What comes after 1 in the floats in which the numbers were computed, less 1.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Whether two numbers stand for one distance.
    pub fn agree(&self, u: f64, v: f64) -> bool {
        let (a, b) = (u / self.largest, v / self.largest);
        let (apart, sum) = ((a - b).abs(), a.abs() + b.abs());
        // Products are added up in single precision or better, whatever becomes of the sum.
        let squares = SHARE * self.step.min(SINGLE);
        u == v || sum.is_finite() && (apart * sum <= squares || apart <= self.step * sum)
    }

    /// Whether a number stands for the distance of a point from itself.
    pub fn is_zero(&self, d: f64) -> bool {
        self.agree(d, 0.0)
    }

    /// Whether two numbers are one that is computed without roots, such as a similarity.
    pub fn is_near(&self, u: f64, v: f64) -> bool {
        u == v || (u - v).abs() <= SHARE * self.step * self.largest
    }

    /// The distance that two numbers stand for, and how far they are from it; NaN for
    /// none.
    pub fn distance(&self, u: f64, v: f64) -> (f64, f64) {
        let mean = if u == v { u } else { u.midpoint(v) };
        let distance = if mean < 0.0 && self.is_zero(mean) { 0.0 } else { mean };
        let apart = if u == v { distance - u } else { (u - v).abs() };
        if self.agree(u, v) && distance >= 0.0 { (distance, apart) } else { (f64::NAN, 0.0) }
    }
}

/// The rule for some numbers, which takes a look at all of them when it is first needed.
pub struct Lazily<F> {
    read: F,
    known: Cell<Option<Rounding>>,
}

impl<F: Fn() -> Result<Rounding>> Lazily<F> {
    /// What is read by a function.
    pub fn new(read: F) -> Self {
        Self { read, known: Cell::new(None) }
    }

    /// The rule.
    pub fn get(&self) -> Result<Rounding> {
        if let Some(rule) = self.known.get() {
            return Ok(rule);
        }
        let rule = (self.read)()?;
        self.known.set(Some(rule));
        Ok(rule)
    }
}

/// Steps of single precision.
pub(super) const SINGLE: f64 = f32::EPSILON as f64;

/// Bits with which numbers that are not rounded can do: counts, halves, levels.
const FEW_BITS: u32 = 16;

/// Numbers that are looked through in a few milliseconds.
pub(super) const AT_ONCE: usize = 1 << 20;

/// The step of the floats in which numbers were computed, which may be finer than those
/// they are handed over in: single precision if its bits are enough for all, and that of
/// what is exact, if they are whole numbers or need but a few bits.
pub(super) struct Steps {
    given: f64,
    are_whole: bool,
    bits: u32,
}

impl Steps {
    /// Of numbers that are handed over in floats with this step.
    pub fn new(given: f64) -> Self {
        Self { given, are_whole: true, bits: 0 }
    }

    /// Looks at some of the numbers.
    pub fn see(&mut self, values: impl Iterator<Item = f64>) {
        for x in values.filter(|x| x.is_finite()) {
            if self.is_given() {
                break;
            }
            self.are_whole &= x.fract() == 0.0;
            self.bits = self.bits.max(significant_bits(x));
        }
    }

    /// Whether no other number can change the step any more.
    fn is_given(&self) -> bool {
        !self.are_whole && (self.bits > f32::MANTISSA_DIGITS || self.given > SINGLE)
    }

    /// The step of all numbers.
    pub fn step(&self) -> f64 {
        match self.are_whole || self.bits <= FEW_BITS {
            _ if self.is_given() => self.given,
            true => f64::EPSILON,
            false => SINGLE,
        }
    }
}

fn significant_bits(x: f64) -> u32 {
    let fraction = x.to_bits() & ((1 << (f64::MANTISSA_DIGITS - 1)) - 1);
    f64::MANTISSA_DIGITS - fraction.trailing_zeros().min(f64::MANTISSA_DIGITS - 1)
}

/// Refuses two numbers for one pair.
pub(super) fn asymmetric(u: f64, v: f64, place: [usize; 2]) -> Error {
    Error::invalid_at("X", "be symmetric", format!("{u} and {v}"), place).with_advice(
        "they differ by more than rounding; average both sides, or pass points and `metric`",
    )
}

/// Refuses a number for the distance of a point from itself.
pub(super) fn non_zero(d: f64, point: usize) -> Error {
    Error::invalid_at("X", "have a zero diagonal", d, [point, point])
        .with_advice("this is more than rounding; set it to 0, or pass points and `metric`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(values: &[f64]) -> Rounding {
        computed_in(f64::EPSILON, values)
    }

    fn computed_in(step: f64, values: &[f64]) -> Rounding {
        Rounding::new(values, step, &Monitor::new()).unwrap()
    }

    #[test]
    fn squares_agree_to_a_few_steps_of_the_largest() {
        let rule = among(&[1.0, 0.1, 3.7]);
        let step = 3.7 * f64::EPSILON;
        assert!(rule.agree(3.7, 3.7 + 40.0 * step) && !rule.agree(3.7, 3.7 + 60.0 * step));
        let root = 3.7 * f64::EPSILON.sqrt();
        assert!(rule.is_zero(9.9 * root) && !rule.is_zero(10.1 * root));
        assert!(rule.agree(f64::INFINITY, f64::INFINITY) && !rule.agree(f64::INFINITY, 3.7));
        assert!(!rule.is_zero(f64::NAN));
        assert!(among(&[0.0, f64::INFINITY]).is_zero(-0.0));
    }

    #[test]
    fn numbers_of_single_precision_have_its_steps() {
        let single = among(&[1.0, f64::from(0.1_f32)]);
        assert!(single.agree(1.0, 1.0 + 1e-6) && !single.agree(1.0, 1.0 + 1e-4));
        assert!(!among(&[1.0, 0.1]).agree(1.0, 1.0 + 1e-6));
    }

    #[test]
    fn counts_and_levels_are_not_rounded() {
        for step in [f64::EPSILON, SINGLE, 2.0_f64.powi(-10)] {
            let counts = computed_in(step, &[1e6 + 1.0, 2.0, 0.0, f64::INFINITY]);
            assert!(!counts.agree(1.0, 2.0) && !counts.is_zero(1.0));
        }
        let levels = computed_in(SINGLE, &[300.5, 0.5, 0.25]);
        assert!(!levels.agree(0.25, 0.5) && !levels.is_zero(0.25));
    }

    #[test]
    fn half_precision_rounds_what_was_added_up_in_single() {
        let step = 2.0_f64.powi(-10);
        let half = computed_in(step, &[1.0, 0.3330078125]);
        assert!(half.agree(0.333, 0.333 + step * 0.3) && !half.agree(0.3, 0.31));
        assert!(half.is_zero(1e-3) && !half.is_zero(1e-2));
    }

    #[test]
    fn a_distance_is_the_mean_and_not_negative() {
        let rule = among(&[1.0, 0.1]);
        assert_eq!(rule.distance(0.5, 0.5), (0.5, 0.0));
        let (u, v) = (0.5, 0.5 + 4.0 * f64::EPSILON);
        assert_eq!(rule.distance(u, v), (u + 2.0 * f64::EPSILON, v - u));
        assert_eq!(rule.distance(-1e-16, -1e-16), (0.0, 1e-16));
        assert!(rule.distance(-0.1, -0.1).0.is_nan());
        assert!(rule.distance(0.5, 0.6).0.is_nan());
    }
}
