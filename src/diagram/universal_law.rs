//! Which bars are longer than chance would have them, by the universal law of the
//! ratios death/birth (Bobrowski and Skraba, Sci. Rep. 13, 2023).
//!
//! In Vietoris-Rips filtrations of random points, ln ln(death/birth) of the bars that
//! only the sampling made follows one curve, wherever the points come from: a Gumbel
//! distribution, known up to a shift. The law is a conjecture.

use super::bars::check_bars;
use crate::blocks::{blocks, mapped};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::sort::sort_by;

/// Ratios less than this above 1 may be made of rounding.
pub const LEAST_RATIO: f64 = 1e-6;
/// The shift of the law is a mean, and of fewer bars tells nothing.
pub const FEWEST_BARS: usize = 10;
/// What a bar must be longer than, as a share of the mean distance.
pub const LEAST_LENGTH: f64 = 0.2;
/// The same where bars are too few for the law; then deaths are also beyond the double of births.
pub const LENGTH_OF_FEW: f64 = 0.3;
const RATIO_OF_FEW: f64 = 2.0;
/// −∫ x dF of the law of mean minus this, the left-skewed standard Gumbel distribution.
const EULER: f64 = 0.577_215_664_901_532_9;

/// What the law says of a diagram; rows as those of the diagram.
#[derive(Debug, Clone)]
pub struct UniversalLaw {
    /// ln ln(death/birth), shifted so that chance alone follows the law; NaN for bars
    /// that are not tested.
    pub statistics: Vec<f64>,
    /// After Bonferroni; NaN for bars that are not tested.
    pub p_values: Vec<f64>,
    /// Bars that are neither chance nor small.
    pub supported: Vec<bool>,
    /// Mean of ln ln(death/birth) over the bars that chance explains; NaN where bars are
    /// too few for the law.
    pub shift: f64,
    /// How many bars are tested: those with an end, a positive birth and a length that
    /// rounding cannot have made.
    pub tested: usize,
}

/// Tests the bars of a diagram at level `alpha`, given the mean distance of its points.
pub fn universal_law(
    bars: &[[f64; 2]],
    mean_distance: f64,
    alpha: f64,
    monitor: &Monitor,
) -> Result<UniversalLaw> {
    check_bars(bars)?;
    if !(mean_distance >= 0.0 && mean_distance.is_finite()) {
        let rule = "be a finite number, at least 0";
        return Err(Error::invalid("mean_distance", rule, mean_distance));
    }
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(Error::invalid("alpha", "be between 0 and 1", alpha));
    }
    let logs = mapped(bars, |bar| Some(log_log_ratio(bar)), monitor)?;
    let mut ordered = mapped(&logs, |&log| (!log.is_nan()).then_some(log), monitor)?;
    sort_by(&mut ordered, f64::total_cmp, monitor)?;
    let tested = ordered.len();
    if tested > 0 && mean_distance == 0.0 {
        return Err(Error::invalid("mean_distance", "be above 0 where there are bars", 0.0));
    }
    let by_law = tested >= FEWEST_BARS;
    let shift = if by_law { shift_of_chance(ordered, alpha, monitor)? } else { f64::NAN };
    let statistics = mapped(&logs, |log| Some(log - shift - EULER), monitor)?;
    let p_values = mapped(&statistics, |&x| Some(p_value(x, tested)), monitor)?;
    let least = mean_distance * if by_law { LEAST_LENGTH } else { LENGTH_OF_FEW };
    let is_rare = |i: usize| {
        if by_law { p_values[i] < alpha } else { logs[i] > RATIO_OF_FEW.ln().ln() }
    };
    let is_long = |i: usize| bars[i][1] - bars[i][0] > least;
    let supported = (0..bars.len()).map(|i| is_rare(i) && is_long(i)).collect();
    Ok(UniversalLaw { statistics, p_values, supported, shift, tested })
}

/// ln ln(death/birth), or NaN where it says nothing.
fn log_log_ratio(&[birth, death]: &[f64; 2]) -> f64 {
    let excess = (death - birth) / birth;
    if birth <= 0.0 || death == f64::INFINITY || excess < LEAST_RATIO {
        return f64::NAN;
    }
    // Near 1 the logarithm of a ratio would be rounded away, far from it the ratio overflows.
    if excess < 1.0 { excess.ln_1p().ln() } else { (death.ln() - birth.ln()).ln() }
}

/// The mean of ordered numbers without those that chance does not explain.
///
/// Each that is found makes the mean smaller and the next more significant, so that
/// what is found are the largest, and the search ends when nothing is added.
fn shift_of_chance(ordered: Vec<f64>, alpha: f64, monitor: &Monitor) -> Result<f64> {
    let mut sum = 0.0;
    let mut sums = monitor.room(ordered.len())?;
    for block in blocks(&ordered, monitor) {
        sums.extend(block?.iter().map(|x| {
            sum += x;
            sum
        }));
    }
    let mut rest = ordered.len();
    loop {
        let shift = sums[rest - 1] / rest as f64;
        let is_explained = |&log: &f64| p_value(log - shift - EULER, ordered.len()) >= alpha;
        // The least is not above the mean, so that chance explains it.
        let left = ordered[..rest].iter().rposition(is_explained).map_or(1, |last| last + 1);
        if left == rest {
            return Ok(shift);
        }
        rest = left;
    }
}

/// The probability of more under the law, for one of so many bars.
fn p_value(statistic: f64, tested: usize) -> f64 {
    let p = (-statistic.exp()).exp();
    // f64::min would make a number of NaN
    if p * tested as f64 > 1.0 { 1.0 } else { p * tested as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law_of(bars: &[[f64; 2]], mean_distance: f64) -> UniversalLaw {
        universal_law(bars, mean_distance, 0.05, &Monitor::new()).unwrap()
    }

    /// Bars whose ratios are the quantiles of the law itself.
    fn noise(n: usize) -> Vec<[f64; 2]> {
        let quantile = |i: usize| (-((i as f64 + 0.5) / n as f64).ln()).ln();
        (0..n).map(|i| [1.0, (0.1 * quantile(i).exp()).exp()]).collect()
    }

    #[test]
    fn quantiles_of_the_law_have_the_probabilities_of_a_uniform_number() {
        let n = 1000;
        let law = law_of(&noise(n), 1.0);
        assert_eq!(law.tested, n);
        for (i, p) in law.p_values.iter().enumerate() {
            let expected = (i as f64 + 0.5).min(1.0);
            assert!((p - expected).abs() < 0.02 * expected, "{i}: {p} {expected}");
        }
        assert!(!law.supported.iter().any(|&s| s));
    }

    #[test]
    fn long_bars_are_found_and_leave_the_mean_to_the_others() {
        let mut bars = noise(100);
        let alone = law_of(&bars, 1.0);
        bars.extend([[0.1, 1.0], [0.1, 1.1]]);
        let law = law_of(&bars, 1.0);
        assert_eq!(law.shift, alone.shift);
        assert_eq!(law.supported.iter().filter(|&&s| s).count(), 2);
        assert!(law.supported[100] && law.supported[101]);
        // A ratio says nothing of the size.
        assert_eq!(law_of(&bars, 5.0).supported, [false; 102]);
    }

    #[test]
    fn few_bars_are_told_by_their_ratio_and_length() {
        let bars = [[1.0, 2.5], [1.0, 1.9], [0.1, 0.3]];
        let law = law_of(&bars, 1.0);
        assert_eq!(law.supported, [true, false, false]);
        assert_eq!(law_of(&[], 0.0).tested, 0);
        assert!(law.shift.is_nan() && law.p_values.iter().all(|p| p.is_nan()));
    }

    #[test]
    fn what_rounding_or_a_threshold_made_is_not_tested() {
        let mut bars = noise(20);
        let before = law_of(&bars, 1.0);
        bars.extend([[1.0, 1.0 + 1e-9], [0.0, 1.0], [-1.0, 1.0], [2.0, 2.0], [0.1, f64::INFINITY]]);
        let law = law_of(&bars, 1.0);
        assert_eq!((law.tested, law.shift), (20, before.shift));
        assert_eq!(law.p_values[..20], before.p_values);
        assert!(law.p_values[20..].iter().all(|p| p.is_nan()));
        assert!(!law.supported[20..].iter().any(|&s| s));
    }

    #[test]
    fn no_ratio_is_too_large_or_too_near_to_one() {
        let mut bars = vec![[5e-324, 1e300], [1.0, 1.0 + 2e-6]];
        bars.extend(noise(50));
        let law = law_of(&bars, 1.0);
        assert!(law.statistics.iter().all(|x| x.is_finite()));
        assert!(law.supported[0] && !law.supported[1]);
    }

    #[test]
    fn nonsense_is_refused() {
        let monitor = Monitor::new();
        for (bars, mean, alpha) in [
            (vec![[2.0, 1.0]], 1.0, 0.05),
            (vec![[f64::NAN, 1.0]], 1.0, 0.05),
            (noise(3), 0.0, 0.05),
            (vec![], -1.0, 0.05),
            (vec![], f64::NAN, 0.05),
            (vec![], 1.0, 0.0),
            (vec![], 1.0, 1.0),
        ] {
            assert!(universal_law(&bars, mean, alpha, &monitor).is_err());
        }
    }
}
