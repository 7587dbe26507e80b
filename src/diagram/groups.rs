//! Resampling: losses of groups of diagrams under many labellings, and deviations of
//! means under many multipliers.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::Condensed;

/// Σ_g 1/(n_g (n_g − 1)) Σ_{i<j in g} d(i, j)^q for each labelling, a row of zeros
/// and ones: the joint loss of two groups (Robinson, Turner, J. Appl. Comput. Topol.
/// 1, 2017, equation 5).
pub fn joint_losses(
    distances: &Condensed,
    labellings: ArrayView2<'_, u8>,
    q: f64,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    if !(q > 0.0 && q.is_finite()) {
        return Err(Error::invalid("exponent", "be a positive number", q));
    }
    let len = distances.len();
    if labellings.ncols() != len {
        let rule = format!("label each of {len} diagrams");
        return Err(Error::invalid("labellings", rule, labellings.ncols()));
    }
    // Distances to a power once, not once a labelling.
    let powers: Vec<f64> = distances.values().iter().map(|d| d.powf(q)).collect();
    let longest = distances.values().iter().copied().fold(0.0, f64::max);
    if longest == f64::INFINITY {
        return Err(Error::invalid("distance", "be finite", longest));
    }
    // Losses of which nothing is left would be equal.
    if longest > 0.0 && !longest.powf(q).is_normal() {
        let rule = format!("leave powers of distances up to {longest:e} in the range of numbers");
        let advice = "use a smaller one, or another unit of length";
        return Err(Error::invalid("exponent", rule, q).with_advice(advice));
    }
    monitor.expect(labellings.nrows() as u64);
    let loss_of = |r: usize| {
        let labels = labellings.row(r);
        let (mut sums, mut sizes, mut start) = ([0.0; 2], [0_usize; 2], 0);
        for i in 0..len {
            let group = usize::from(labels[i] != 0);
            sizes[group] += 1;
            let row = &powers[start..start + len - i - 1];
            let same = row.iter().zip(labels.iter().skip(i + 1));
            sums[group] +=
                same.map(|(d, &label)| if label == labels[i] { *d } else { 0.0 }).sum::<f64>();
            start += len - i - 1;
        }
        monitor.advance(1)?;
        let loss = |g: usize| sums[g] / (sizes[g] * sizes[g].saturating_sub(1)).max(1) as f64;
        Ok(loss(0) + loss(1))
    };
    (0..labellings.nrows()).into_par_iter().map(loss_of).collect()
}

/// sup_t |Σ_i ξ_i (f_i(t) − f̄(t))| / n for each row ξ of multipliers, where f̄ is the
/// mean of the n curves f_i, the rows of `curves`.
pub fn multiplier_suprema(
    curves: ArrayView2<'_, f64>,
    multipliers: ArrayView2<'_, f64>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let (count, width) = curves.dim();
    if multipliers.ncols() != count {
        let rule = format!("have one number for each of {count} curves");
        return Err(Error::invalid("multipliers", rule, multipliers.ncols()));
    }
    let mut centred: Array2<f64> = curves.to_owned();
    let mut mean = vec![0.0; width];
    for curve in centred.rows() {
        mean.iter_mut().zip(curve).for_each(|(sum, value)| *sum += value);
    }
    for mut curve in centred.rows_mut() {
        curve.iter_mut().zip(&mean).for_each(|(value, sum)| *value -= sum / count as f64);
    }
    monitor.expect(multipliers.nrows() as u64);
    let supremum_of = |r: usize| {
        let mut deviation = vec![0.0; width];
        for (curve, multiplier) in centred.rows().into_iter().zip(multipliers.row(r)) {
            deviation.iter_mut().zip(curve).for_each(|(sum, value)| *sum += multiplier * value);
        }
        monitor.advance(1)?;
        Ok(deviation.iter().fold(0.0, |m: f64, d| m.max(d.abs())) / count as f64)
    };
    (0..multipliers.nrows()).into_par_iter().map(supremum_of).collect()
}
