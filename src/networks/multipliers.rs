//! The largest deviations of all pairs at once, under random signs.

use rayon::prelude::*;

use super::BitPlanes;
use super::bit_planes::Lanes;
use super::mismatches::differ;
use super::registers::{BitKernel, Registers, with_registers};
use crate::error::Result;
use crate::monitor::Monitor;

/// Networks that one is compared with before the next look at the monitor.
const BLOCK: usize = 16;

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
        for first in (i + 1..planes.len()).step_by(BLOCK) {
            monitor.check()?;
            for j in first..planes.len().min(first + BLOCK) {
                let largest = &mut largest;
                with_registers(Deviations { planes, signs, ones: &ones, n, i, j, largest });
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

struct Deviations<'a> {
    planes: &'a BitPlanes,
    signs: &'a BitPlanes,
    ones: &'a [f64],
    n: f64,
    i: usize,
    j: usize,
    largest: &'a mut [f64],
}

impl BitKernel for Deviations<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Registers>(self, registers: R) {
        let Self { planes, signs, ones, n, i, j, largest } = self;
        let (one, other, width) = (planes.row(i), planes.row(j), planes.planes());
        let chunk = |chunk| differ(registers, one, [other], width, chunk)[0];
        let differing: Vec<R::Bits> = (0..planes.chunks()).map(chunk).collect();
        let total = |counts| registers.sum(counts) as f64;
        let mut counts = registers.no_bits();
        for &bits in &differing {
            counts = registers.count(counts, bits);
        }
        let share = total(counts) / n;
        for (b, largest) in largest.iter_mut().enumerate() {
            let mut counts = registers.no_bits();
            for (&bits, signs) in differing.iter().zip(signs.row(b)) {
                counts = registers.count(counts, registers.and(bits, signs));
            }
            let positive = total(counts);
            // Σ ξ_i z_i − z̄ Σ ξ_i, where ξ_i = 2 bit_i − 1.
            let sum = (2.0 * positive - share * n) - share * (2.0 * ones[b] - n);
            *largest = largest.max(sum.abs());
        }
    }
}
