//! The largest deviations of all pairs at once, under random signs.

use rayon::prelude::*;

use super::BitPlanes;
use super::bit_planes::Lanes;
use super::mismatches::differ;
use super::registers::{BitKernel, Registers, with_registers};
use crate::error::Result;
use crate::monitor::Monitor;

/// Networks that one is compared with at a time: the signs are read once for all.
const TOGETHER: usize = 4;

/// For each row ξ of signs, the largest |Σ ξ_i (z_i − z̄)| / n over all pairs, where
/// z_i says whether the pair differs on sample i: the multiplier bootstrap of
/// the largest error of all disagreements (Chernozhukov, Chetverikov and Kato,
/// Ann. Statist. 41, 2013). `signs` holds a bit for each sample: 1 for ξ = 1, 0
/// for ξ = −1.
pub fn multiplier_suprema(
    planes: &BitPlanes,
    signs: &BitPlanes,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    let n = f64::from(planes.group_sizes().iter().sum::<u32>());
    let ones: Vec<f64> = (0..signs.len()).map(|b| ones(signs.row(b))).collect();
    monitor.expect(planes.len() as u64);
    let rows = (0..planes.len()).into_par_iter().map(|i| {
        let mut largest = vec![0.0_f64; signs.len()];
        let mut j = i + 1;
        while j < planes.len() {
            monitor.check()?;
            let largest = &mut largest;
            if planes.len() - j >= TOGETHER {
                let others = std::array::from_fn::<_, TOGETHER, _>(|k| planes.row(j + k));
                with_registers(Deviations { planes, signs, ones: &ones, n, i, others, largest });
                j += TOGETHER;
            } else {
                let others = [planes.row(j)];
                with_registers(Deviations { planes, signs, ones: &ones, n, i, others, largest });
                j += 1;
            }
        }
        monitor.advance(1)?;
        Ok(largest)
    });
    // A maximum is the same in every order.
    let larger = |mut a: Vec<f64>, b: Vec<f64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a = a.max(b));
        a
    };
    let largest = rows.try_reduce(|| vec![0.0; signs.len()], |a, b| Ok(larger(a, b)))?;
    Ok(largest.into_iter().map(|sum| sum / n).collect())
}

fn ones(row: &[Lanes]) -> f64 {
    row.iter().flat_map(|lanes| lanes.0).map(|word| f64::from(word.count_ones())).sum()
}

struct Deviations<'a, const N: usize> {
    planes: &'a BitPlanes,
    signs: &'a BitPlanes,
    ones: &'a [f64],
    n: f64,
    i: usize,
    others: [&'a [Lanes]; N],
    largest: &'a mut [f64],
}

impl<const N: usize> BitKernel for Deviations<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<R: Registers>(self, registers: R) {
        let Self { planes, signs, ones, n, i, others, largest } = self;
        let (one, width, chunks) = (planes.row(i), planes.planes(), planes.chunks());
        let mut differing = Vec::with_capacity(chunks);
        let mut counts = [registers.no_bits(); N];
        for chunk in 0..chunks {
            let bits = differ(registers, one, others, width, chunk);
            for k in 0..N {
                counts[k] = registers.count(counts[k], bits[k]);
            }
            differing.push(bits);
        }
        let mut shares = [0.0; N];
        for k in 0..N {
            shares[k] = registers.sum(counts[k]) as f64 / n;
        }
        for (b, largest) in largest.iter_mut().enumerate() {
            let mut counts = [registers.no_bits(); N];
            for (bits, signs) in differing.iter().zip(signs.row(b)) {
                for k in 0..N {
                    counts[k] = registers.count(counts[k], registers.and(bits[k], signs));
                }
            }
            for k in 0..N {
                let positive = registers.sum(counts[k]) as f64;
                // Σ ξ_i z_i − z̄ Σ ξ_i, where ξ_i = 2 bit_i − 1.
                let share = shares[k];
                let sum = (2.0 * positive - share * n) - share * (2.0 * ones[b] - n);
                *largest = largest.max(sum.abs());
            }
        }
    }
}
