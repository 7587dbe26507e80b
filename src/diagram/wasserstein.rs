//! The Wasserstein distance.
//!
//! (min Σ ‖x − m(x)‖_q^p)^(1/p) over all matchings m of points with points or with
//! the diagonal, as an assignment problem that is solved exactly on a k-d tree.

use super::Diagram;
use super::assignment::{Gap, Side, serve};
use super::bottleneck::{bottleneck, check_delta};
use super::cover::NONE;
use super::ground::{Ground, between};
use super::matching::{Matching, essential_lengths};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// How points are matched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WassersteinOptions {
    /// Exponent of the costs, 1 or more.
    pub p: f64,
    /// Norm of the plane, 1 to infinity.
    pub q: f64,
    /// By how much the result may exceed the distance, as a share of it.
    pub delta: f64,
}

/// Powers of 1 + delta beyond this are no longer told from each other.
const MOST: f64 = 1e300;

/// The Wasserstein distance, or a number that exceeds it by a factor of at most
/// 1 + `delta` and is the cost of a matching too.
pub fn wasserstein(
    a: &Diagram,
    b: &Diagram,
    options: WassersteinOptions,
    monitor: &Monitor,
) -> Result<f64> {
    Ok(assign(a, b, options, monitor)?.map_or(f64::INFINITY, |found| found.distance))
}

/// As [`wasserstein`], with a matching of that cost.
pub fn wasserstein_matching(
    a: &Diagram,
    b: &Diagram,
    options: WassersteinOptions,
    monitor: &Monitor,
) -> Result<Matching> {
    let Some(Assignment { distance, ground, mates }) = assign(a, b, options, monitor)? else {
        return Ok(Matching::impossible());
    };
    Ok(Matching::of_rows(distance, ground, a, b, &mates))
}

struct Assignment {
    distance: f64,
    ground: Ground,
    /// Places in the second diagram of the points of the first.
    mates: Vec<Option<u32>>,
}

/// `None` if the numbers of essential classes differ.
fn assign(
    a: &Diagram,
    b: &Diagram,
    WassersteinOptions { p, q, delta }: WassersteinOptions,
    monitor: &Monitor,
) -> Result<Option<Assignment>> {
    check_delta(delta)?;
    let essential = essential_lengths(a, b);
    let ground = Ground::new(p, q)?;
    let Some(essential) = essential else { return Ok(None) };
    let ground = ground.in_units_of(unit(a, b, p, &essential, monitor)?);
    let paid = essential.iter().map(|length| ground.cost([*length, 0.0])).sum();
    let (mut left, mut right) = (Side::new(a, ground), Side::new(b, ground));
    let tolerated = (p * delta.ln_1p()).exp_m1().min(MOST);
    let mut gap = Gap::new(paid, tolerated, [&left, &right]);
    serve(&mut left, &mut right, ground, &mut gap, monitor)?;
    serve(&mut right, &mut left, ground, &mut gap, monitor)?;
    let distance = ground.root(paid + cost(ground, a, b, &left, &right));
    if !distance.is_finite() {
        let reason = "the costs are beyond the largest number; use a smaller `p`".into();
        return Err(Error::Overflow { argument: "p", reason });
    }
    let mates = left.mates().iter().map(|&mate| (mate != NONE).then_some(mate)).collect();
    Ok(Some(Assignment { distance, ground, mates }))
}

/// A length whose powers neither vanish nor get too large: that of the longest moves,
/// or, for higher powers, of the longest of the moves that have to be made.
fn unit(a: &Diagram, b: &Diagram, p: f64, essential: &[f64], monitor: &Monitor) -> Result<f64> {
    let needed = if p > 2.0 { bottleneck(a, b, 0.0, monitor)? } else { 0.0 };
    if needed > 0.0 {
        return Ok(needed);
    }
    let (of_a, of_b) = (a.half_lives(), b.half_lives());
    let lengths = [&of_a[..], &of_b, essential];
    Ok(lengths.into_iter().flatten().copied().fold(0.0, f64::max))
}

/// What a matching costs: the first diagram in order, then what is left of the
/// second.
fn cost(ground: Ground, a: &Diagram, b: &Diagram, left: &Side<'_>, right: &Side<'_>) -> f64 {
    let mut sum = 0.0;
    for (i, mate) in left.mates().iter().enumerate() {
        sum += match *mate {
            NONE => left.diagonal()[i],
            mate => ground.cost(between(a.points()[i], b.points()[mate as usize])),
        };
    }
    let free = right.mates().iter().zip(right.diagonal()).filter(|(mate, _)| **mate == NONE);
    sum + free.map(|(_, diagonal)| diagonal).sum::<f64>()
}
