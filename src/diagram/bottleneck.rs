//! The bottleneck distance.
//!
//! The least radius within which a matching of points or with the diagonal
//! exists. By Mendelsohn and Dulmage (1958) there is one as soon as the points
//! of each diagram that are too far from the diagonal can be matched into the other
//! one, for each diagram by itself: so no point of the diagonal is ever looked at.
//! The searches for neighbours are those of Efrat, Itai and Katz (Algorithmica
//! 2001), on a k-d tree from which points are removed once seen.

use super::Diagram;
use super::cover::{Cover, NONE};
use super::ground::Ground;
use super::matching::{Matching, essential_lengths};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// The bottleneck distance, or a number that exceeds it by a factor of at most
/// 1 + `delta` and is the cost of a matching too.
pub fn bottleneck(a: &Diagram, b: &Diagram, delta: f64, monitor: &Monitor) -> Result<f64> {
    check_delta(delta)?;
    if delta > 0.0 {
        // The matching may cost less than the radius at which it was found.
        return Ok(bottleneck_matching(a, b, delta, monitor)?.distance);
    }
    let Some(lengths) = essential_lengths(a, b) else { return Ok(f64::INFINITY) };
    let (of_a, of_b) = (a.half_lives(), b.half_lives());
    let mut covers =
        [Cover::new(a.points(), &of_a, b.tree()), Cover::new(b.points(), &of_b, a.tree())];
    let least = lengths.into_iter().fold(0.0, f64::max);
    least_radius(&mut covers, least, delta, monitor)
}

/// As [`bottleneck`], with a matching of that cost.
pub fn bottleneck_matching(
    a: &Diagram,
    b: &Diagram,
    delta: f64,
    monitor: &Monitor,
) -> Result<Matching> {
    check_delta(delta)?;
    let Some(lengths) = essential_lengths(a, b) else { return Ok(Matching::impossible()) };
    let (of_a, of_b) = (a.half_lives(), b.half_lives());
    let mut covers =
        [Cover::new(a.points(), &of_a, b.tree()), Cover::new(b.points(), &of_b, a.tree())];
    let least = lengths.into_iter().fold(0.0, f64::max);
    let distance = least_radius(&mut covers, least, delta, monitor)?;
    for cover in &mut covers {
        cover.extend(distance, monitor)?;
    }
    let mates = join(&covers, &of_b, distance);
    let mut found = Matching::of_rows(distance, Ground::chebyshev(), a, b, &mates);
    if delta > 0.0 {
        found.distance = found.pairs.iter().fold(0.0, |most, pair| pair.length.max(most));
    }
    Ok(found)
}

pub(super) fn check_delta(delta: f64) -> Result<()> {
    if delta >= 0.0 && delta.is_finite() {
        return Ok(());
    }
    Err(Error::invalid("delta", "be a non-negative number", delta))
}

/// The least radius, `least` or more, at which both covers exist.
fn least_radius(
    covers: &mut [Cover<'_>; 2],
    least: f64,
    delta: f64,
    monitor: &Monitor,
) -> Result<f64> {
    let mut radius = least;
    for cover in covers.iter() {
        radius = radius.max(cover.least_radius(monitor)?);
    }
    // A radius that does for the first diagram is tried first for the second.
    for cover in covers {
        radius = bisect(cover, radius, delta, monitor)?;
    }
    Ok(radius)
}

/// Steps that halve an interval of radii; later ones halve the number of floats
/// in it, so that there are few of them whatever the radii are.
const HALVINGS: usize = 40;

/// The least radius, `low` or more, at which a cover exists.
///
/// Both ends of the interval are always distances that occur: a cover that is
/// found tells the largest distance it needs, one that is not tells the next
/// distance that could help. The interval shrinks to a single one.
fn bisect(cover: &mut Cover<'_>, mut low: f64, delta: f64, monitor: &Monitor) -> Result<f64> {
    match cover.extend(low, monitor)? {
        None => return Ok(low),
        Some(next) => low = next,
    }
    let mut high = f64::INFINITY;
    for step in 0.. {
        if high <= low * (1.0 + delta) {
            return Ok(high.max(low));
        }
        let radius = if high.is_infinite() {
            2.0 * low
        } else if step < HALVINGS {
            low + (high - low) / 2.0
        } else {
            f64::from_bits(low.to_bits() + (high.to_bits() - low.to_bits()) / 2)
        };
        // Rounding may lead to the upper end, at which the cover is known to exist.
        let radius = if radius < high { radius } else { low };
        match cover.extend(radius, monitor)? {
            None => high = cover.radius(),
            Some(next) => low = next,
        }
    }
    unreachable!("the interval shrinks at every step")
}

/// One matching out of two, which covers what each of them covers: the mates of
/// the points of the first diagram.
fn join([first, second]: &[Cover<'_>; 2], of_b: &[f64], radius: f64) -> Vec<Option<u32>> {
    let (mut mates, mut owners) = (first.mates().to_vec(), first.owners().to_vec());
    for start in 0..of_b.len() {
        let mut target = start;
        // Whoever gives up a point takes the one that the second matching has for it.
        while of_b[target] > radius && owners[target] == NONE {
            let point = second.mates()[target] as usize;
            let loser = std::mem::replace(&mut mates[point], target as u32);
            owners[target] = point as u32;
            if loser == NONE {
                break;
            }
            owners[loser as usize] = NONE;
            target = loser as usize;
        }
    }
    mates.into_iter().map(|mate| (mate != NONE).then_some(mate)).collect()
}
