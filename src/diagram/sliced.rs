//! The sliced Wasserstein distance (Carrière, Cuturi, Oudot, ICML 2017).
//!
//! Both diagrams are projected onto lines through the origin; to each of them the
//! projections of the other one to the diagonal are added. The distance is the mean
//! over the lines of the Wasserstein distances there, which are sums over sorted
//! numbers.

use std::f64::consts::PI;

use super::Diagram;
use super::bars::representable;
use super::matching::essential_lengths;
use super::plane_tree::Point;
use crate::blocks::mapped;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// Sorted coordinates of a diagram on a line.
#[derive(Debug, Clone)]
struct Shadow {
    points: Vec<f64>,
    /// Of the nearest points of the diagonal.
    diagonal: Vec<f64>,
}

/// A diagram on all lines, ready to be compared.
#[derive(Debug, Clone)]
pub struct Shadows(Vec<Shadow>);

impl Shadows {
    /// Projects a diagram onto `directions` lines at equal angles, beginning with
    /// the axis of deaths.
    pub fn new(diagram: &Diagram, directions: usize, monitor: &Monitor) -> Result<Self> {
        if directions == 0 {
            return Err(Error::invalid("n_directions", "be at least 1", directions));
        }
        let shadow = |line: usize| {
            let (sin, cos) = (PI * (0.5 + line as f64 / directions as f64)).sin_cos();
            let sorted = |coordinate: &dyn Fn(&Point) -> f64| {
                let mut shadow = mapped(diagram.points(), |p| Some(coordinate(p)), monitor)?;
                sort_by(&mut shadow, f64::total_cmp, monitor)?;
                Ok(shadow)
            };
            Ok(Shadow {
                points: sorted(&|[birth, death]| cos * birth + sin * death)?,
                diagonal: sorted(&|[birth, death]| (cos + sin) * (birth / 2.0 + death / 2.0))?,
            })
        };
        Ok(Self((0..directions).map(shadow).collect::<Result<_>>()?))
    }

    /// Bytes of the shadows of a diagram with `len` points.
    pub fn bytes(len: usize, directions: usize) -> u64 {
        (16 * len as u64 + 48) * directions as u64
    }
}

/// The sliced Wasserstein distance of two diagrams on the same lines, with the sum
/// of the differences of essential classes on top.
pub fn sliced_wasserstein(
    (a, of_a): (&Diagram, &Shadows),
    (b, of_b): (&Diagram, &Shadows),
    monitor: &Monitor,
) -> Result<f64> {
    let Some(essential) = essential_lengths(a, b) else { return Ok(f64::INFINITY) };
    let mut sum = 0.0;
    for (a, b) in of_a.0.iter().zip(&of_b.0) {
        monitor.check()?;
        let left = merged(&a.points, &b.diagonal);
        let right = merged(&b.points, &a.diagonal);
        sum += left.zip(right).map(|(x, y)| (x - y).abs()).sum::<f64>();
    }
    representable("diagrams", essential.into_iter().sum::<f64>() + sum / of_a.0.len() as f64)
}

/// Two ascending lists as one.
fn merged<'a>(a: &'a [f64], b: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(x), Some(y)) if x <= y => a.next(),
        (Some(_), None) => a.next(),
        _ => b.next(),
    })
}
