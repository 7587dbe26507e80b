//! How often networks predict each class.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::Label;
use crate::error::Result;
use crate::monitor::Monitor;

/// Numbers of samples, or what these weigh, for which each network predicts each
/// of so many labels, row by row.
pub fn label_frequencies<L: Label>(
    labels: ArrayView2<'_, L>,
    kinds: usize,
    weights: Option<&[f64]>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let mut sums = vec![0.0; labels.nrows() * kinds];
    monitor.expect(labels.nrows() as u64);
    sums.par_chunks_mut(kinds.max(1)).enumerate().try_for_each(|(i, sums)| {
        for (sample, &label) in labels.row(i).iter().enumerate() {
            sums[label.into() as usize] += weights.map_or(1.0, |weights| weights[sample]);
        }
        monitor.advance(1)
    })?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn frequencies_are_sums_over_the_samples_with_a_label() {
        let labels = Array2::from_shape_fn((5, 200), |(i, k)| ((i + 1) * k * k % 7) as u16);
        let weights: Vec<f64> = (0..200).map(|k| 1.0 / (1 + k) as f64).collect();
        for weights in [None, Some(&weights[..])] {
            let found = label_frequencies(labels.view(), 8, weights, &Monitor::new()).unwrap();
            for (place, found) in found.iter().enumerate() {
                let (i, kind) = (place / 8, place % 8);
                let own = (0..200).filter(|&k| usize::from(labels[[i, k]]) == kind);
                let mut sum = 0.0;
                own.for_each(|k| sum += weights.map_or(1.0, |weights| weights[k]));
                assert_eq!(*found, sum);
            }
        }
    }
}
