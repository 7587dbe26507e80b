//! The scales at which a magnitude function is computed when none are given.
//!
//! They run from where the space looks like one point to where it looks like n,
//! in equal ratios. Let D be the largest distance and s(t) the mean over the
//! points of Σ_j exp(−t d_ij), j ≠ i. Where all weights are positive,
//! |tX| ≤ exp(tD). Where Z is positive definite, |tX| is at least the spread
//! Σ_i 1/(1 + s_i), by Jensen's inequality at least n/(1 + s).

/// Upper bound of the magnitude at the first scale.
const ONE: f64 = 1.1;
/// Lower bound of the share of points that the magnitude reaches at the last.
const ALL: f64 = 0.95;
/// Most scales.
const SCALES: i32 = 32;
/// No scale is larger, however near two points are.
const LARGEST: f64 = 1e300;

/// Ascending scales in the ratio 2^(1/m) with the largest whole m, or else 2^m
/// with the smallest, for which there are at most 32.
///
/// `rows` holds distances from some points to all others. The only scale is 1 if
/// none of these is positive and finite.
pub fn grid(rows: &[Vec<f64>]) -> Vec<f64> {
    let finite = rows.iter().flatten().copied().filter(|d| *d > 0.0 && d.is_finite());
    let diameter = finite.fold(0.0, f64::max);
    if diameter == 0.0 {
        return vec![1.0];
    }
    let scale = |octaves: f64| ONE.ln() / diameter * octaves.exp2();
    let reached = |octaves: f64| {
        let t = scale(octaves);
        let sum = rows.iter().flatten().map(|d| (-t * d).exp()).sum::<f64>();
        t > LARGEST || sum <= (1.0 / ALL - 1.0) * rows.len() as f64
    };
    let whole = (0..).find(|&k| reached(k.into())).expect("similarities vanish as scales grow");
    let enough = |step: f64| {
        // The last octave is looked at in parts.
        let least = (f64::from(whole - 1) / step).floor().max(0.0) as i32;
        (least..).find(|&k| reached(f64::from(k) * step)).expect("a whole octave does")
    };
    let steps = (1..SCALES).rev().map(|m| 1.0 / f64::from(m)).chain((2..).map(f64::from));
    let few = steps.map(|step| (step, enough(step))).find(|&(_, last)| last < SCALES);
    let (step, last) = few.expect("long steps are few");
    (0..=last).map(|k| scale(f64::from(k) * step)).collect()
}
