//! How often each network is right.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::{Label, Laws};
use crate::error::Result;
use crate::monitor::Monitor;

/// The probability that each network gives the true labels, as a mean over the samples with
/// these weights: a label stands for its law. Samples whose label is the one to `skip` do
/// not count; NaN if none does.
pub fn accuracies<L: Label>(
    labels: ArrayView2<'_, L>,
    truth: &[u32],
    laws: &Laws,
    skip: Option<u32>,
    weights: Option<&[f64]>,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    monitor.expect(labels.nrows() as u64);
    let mut shares = vec![0.0; labels.nrows()];
    shares.par_iter_mut().enumerate().try_for_each(|(i, share)| {
        let (mut right, mut all) = (0.0, 0.0);
        for (sample, (&label, &truth)) in labels.row(i).iter().zip(truth).enumerate() {
            let label = label.into();
            if skip == Some(label) {
                continue;
            }
            let weight = weights.map_or(1.0, |weights| weights[sample]);
            right += weight * laws.share_of(label, truth);
            all += weight;
        }
        *share = right / all;
        monitor.advance(1)
    })?;
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn accuracies_are_means_of_what_laws_give_the_truth() {
        // Classes 0 to 2, the set {0, 2} as 3, none as 4.
        let laws = Laws::new(3, vec![vec![0, 2]]);
        let labels = array![[0_u8, 1, 3, 3, 4], [2, 2, 2, 2, 2], [4, 4, 4, 4, 4]];
        let truth = [0, 0, 2, 1, 1];
        let weights = [1.0, 2.0, 4.0, 8.0, 16.0];
        let go = |skip, weights| {
            accuracies(labels.view(), &truth, &laws, skip, weights, &Monitor::new()).unwrap()
        };
        assert_eq!(go(None, None), [1.5 / 5.0, 0.2, 0.0]);
        assert_eq!(go(None, Some(&weights)), [3.0 / 31.0, 4.0 / 31.0, 0.0]);
        let skipped = go(Some(4), Some(&weights));
        assert_eq!(skipped[..2], [3.0 / 15.0, 4.0 / 31.0]);
        assert!(skipped[2].is_nan());
    }
}
