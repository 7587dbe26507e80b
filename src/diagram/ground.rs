//! What it costs to move a point of a diagram.

use super::plane_tree::Point;
use crate::error::{Error, Result};

/// The norm of the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Norm {
    Maximum,
    Sum,
    Euclidean,
    Minkowski(f64),
}

impl Norm {
    #[inline(always)]
    fn of(self, [dx, dy]: Point) -> f64 {
        match self {
            Norm::Maximum => dx.max(dy),
            Norm::Sum => dx + dy,
            Norm::Euclidean => (dx * dx + dy * dy).sqrt(),
            Norm::Minkowski(q) => {
                let (long, short) = (dx.max(dy), dx.min(dy));
                let ratio = if long > 0.0 { short / long } else { 0.0 };
                long * (1.0 + ratio.powf(q)).powf(1.0 / q)
            }
        }
    }
}

/// The power of the norm.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Power {
    One,
    Two,
    Other(f64),
}

/// ‖x − y‖_q^p, in units in which no power is too large.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    norm: Norm,
    power: Power,
    /// Length of the unit.
    unit: f64,
}

impl Ground {
    /// The larger of the lengths along the axes.
    pub fn chebyshev() -> Self {
        Self { norm: Norm::Maximum, power: Power::One, unit: 1.0 }
    }

    /// The cost with exponents `p` and `q`.
    pub fn new(p: f64, q: f64) -> Result<Self> {
        if !(p >= 1.0 && p.is_finite()) {
            let rule = "be at least 1 and finite (`bottleneck_distance` is its limit)";
            return Err(Error::invalid("p", rule, p));
        }
        // Written so that NaN is refused too.
        if !matches!(q.partial_cmp(&1.0), Some(order) if order.is_ge()) {
            return Err(Error::invalid("q", "be at least 1", q));
        }
        let norm = match q {
            1.0 => Norm::Sum,
            2.0 => Norm::Euclidean,
            f64::INFINITY => Norm::Maximum,
            _ => Norm::Minkowski(q),
        };
        let power = match p {
            1.0 => Power::One,
            2.0 => Power::Two,
            _ => Power::Other(p),
        };
        Ok(Self { norm, power, unit: 1.0 })
    }

    /// The cost with lengths in units of `length`, or of a power of two near it,
    /// which rounds nothing, where powers are low.
    pub fn in_units_of(self, length: f64) -> Self {
        if matches!(self.power, Power::Other(p) if p > 2.0) && length > 0.0 {
            return Self { unit: length, ..self };
        }
        let exponent = length.max(f64::MIN_POSITIVE).log2().ceil().clamp(-1000.0, 1000.0);
        Self { unit: exponent.exp2(), ..self }
    }

    /// The cost of a move, of which the lengths along the axes are given.
    #[inline(always)]
    pub fn cost(&self, [dx, dy]: Point) -> f64 {
        let length = self.norm.of([dx / self.unit, dy / self.unit]);
        match self.power {
            Power::One => length,
            Power::Two => length * length,
            Power::Other(p) => length.powf(p),
        }
    }

    /// The length of a move.
    pub fn length(&self, [dx, dy]: Point) -> f64 {
        self.unit * self.norm.of([dx / self.unit, dy / self.unit])
    }

    /// The distance that a sum of costs stands for.
    pub fn root(&self, sum: f64) -> f64 {
        self.unit
            * match self.power {
                Power::One => sum,
                Power::Two => sum.sqrt(),
                Power::Other(p) => sum.powf(1.0 / p),
            }
    }
}

/// The move from one point to another: lengths along the axes.
#[inline(always)]
pub fn between(a: Point, b: Point) -> Point {
    [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()]
}

/// The shortest move of a point to the diagonal.
pub fn to_diagonal([birth, death]: Point) -> Point {
    [(death - birth) / 2.0; 2]
}
