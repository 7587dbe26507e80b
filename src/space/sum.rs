//! Sums that halve again and again: rounding grows with the logarithm of the length.

/// Numbers that are added in eight running sums, without halving.
const RUN: usize = 128;

/// The sum of all values, in the order in which NumPy adds them.
pub fn pairwise_sum(values: &[f64]) -> f64 {
    if values.len() > RUN {
        let (first, second) = values.split_at(half(values.len()));
        return pairwise_sum(first) + pairwise_sum(second);
    }
    let (eights, rest) = values.as_chunks::<8>();
    let Some((first, others)) = eights.split_first() else {
        return rest.iter().fold(0.0, |sum, x| sum + x);
    };
    let mut sums = *first;
    for eight in others {
        sums.iter_mut().zip(eight).for_each(|(sum, x)| *sum += x);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, x| sum + x)
}

/// How many of `len` numbers, more than a run, make up the first half.
pub(super) fn half(len: usize) -> usize {
    len / 2 / 8 * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_whole_numbers() {
        for len in [0, 1, 7, 8, 9, 127, 128, 129, 1000, 4097] {
            let values: Vec<f64> = (0..len).map(|k| f64::from(k * k % 1009)).collect();
            let expected: u64 = (0..len as u64).map(|k| k * k % 1009).sum();
            assert_eq!(pairwise_sum(&values), expected as f64);
        }
    }

    #[test]
    fn many_equal_numbers_lose_little() {
        let sum = pairwise_sum(&vec![0.1; 1 << 20]);
        assert!((sum / f64::from(1 << 20) - 0.1).abs() < 1e-16);
    }
}
