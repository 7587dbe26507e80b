//! Whether rounding leaves anything of a magnitude.
//!
//! Entries of Z are known to one rounding of the exponential and of its argument,
//! ε(1 + t d_ij) Z_ij. To first order this changes the magnitude by at most
//! ε |w|ᵀ(Z∘(1 + tD))|w|, however small the residual. Where weights are large and
//! cancel each other, as they do for smooth similarities at small scales and near
//! a pole, that can be all of it.

use super::scale::Solution;
use super::tiles::{Source, similarity_products};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// Largest relative error that rounding may make.
const BLUR: f64 = 1e-6;

/// Fails where the magnitude may be off by more than one part in a million.
pub fn check(source: &Source<'_>, t: f64, solution: &Solution, monitor: &Monitor) -> Result<()> {
    let limit = BLUR * solution.magnitude.abs() / f64::EPSILON;
    let absolute: Vec<_> = solution.x.iter().map(|x| x.abs()).collect();
    // (1 + td) exp(−td) is at most 1, so mostly no look at Z is needed.
    let sum: f64 = absolute.iter().sum();
    if sum * sum <= limit {
        return Ok(());
    }
    let (products, slope) = similarity_products(source, t, &absolute, monitor)?;
    let form: f64 = absolute.iter().zip(&products).map(|(x, y)| x * y).sum();
    if form + t * slope <= limit {
        return Ok(());
    }
    let relative = f64::EPSILON * (form + t * slope) / solution.magnitude.abs();
    Err(Error::Numerical(format!(
        "the similarity matrix at t = {t} is too near to a singular one: rounding alone may change \
         its magnitude by {:.1e} of it",
        relative
    )))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::space::Condensed;

    /// How much rounding may change the magnitude, by its definition: ε |w|ᵀ(Z∘(1 + tD))|w|
    /// over it, without a tile.
    fn blur(places: &[f64], t: f64, x: &[f64]) -> f64 {
        let mut form = 0.0;
        for (i, a) in places.iter().enumerate() {
            for (j, b) in places.iter().enumerate() {
                let d = (a - b).abs();
                form += x[i].abs() * (-t * d).exp() * (1.0 + t * d) * x[j].abs();
            }
        }
        f64::EPSILON * form
    }

    #[test]
    fn weights_that_cancel_are_refused_from_one_in_a_million_on() {
        let monitor = Monitor::new();
        // Distances at which 1 + td counts, over more than one tile, and a far point.
        for (count, step, t) in [(2, 1.0, 1.0), (5, 2.0, 0.7), (150, 0.3, 3.0), (3, 900.0, 1.0)] {
            let places: Vec<f64> = (0..count).map(|i| step * f64::from(i)).collect();
            let after =
                |i: usize| places[i + 1..].iter().map(|x| x - places[i]).collect::<Vec<_>>();
            let rows = (0..places.len()).flat_map(after);
            let distances = Condensed::new(places.len(), rows.collect()).unwrap();
            let source = Source::Held(Cow::Borrowed(&distances));
            let sign = |i: i32| if i % 2 == 0 { 1e3 } else { -1e3 };
            let x: Vec<f64> =
                (0..count).map(|i| sign(i) * (1.0 + 0.1 * f64::from(i % 3))).collect();
            let blur = blur(&places, t, &x);
            let of = |magnitude| {
                let solution = Solution { x: x.clone(), magnitude, slope: 0.0, residual: 0.0 };
                check(&source, t, &solution, &monitor)
            };
            for sign in [1.0, -1.0] {
                assert_eq!(of(sign * 1.0001e6 * blur), Ok(()), "{count} {step}");
                let message = of(sign * 0.9999e6 * blur).unwrap_err().to_string();
                let end = "rounding alone may change its magnitude by 1.0e-6 of it";
                assert!(message.contains(&format!("at t = {t} ")), "{message}");
                assert!(message.ends_with(end), "{message}");
                let message = of(sign * 25.0 * blur).unwrap_err().to_string();
                assert!(message.ends_with("by 4.0e-2 of it"), "{message}");
            }
            assert!(of(0.0).is_err());
        }
    }
}
