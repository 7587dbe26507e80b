//! Inner products of many points in single precision, with a bound of their errors.
//!
//! Coordinates lie panel by panel, those of [`PANEL`] points side by side, so that a register
//! holds products of several pairs and no sum runs across one (Goto and van de Geijn 2008).
//! Terms are added in single precision along a slice of coordinates, slices in double.

use pulp::{Simd, WithSimd};

use crate::arch::dispatch;

/// Points of a panel.
pub const PANEL: usize = 32;
/// Coordinates of a slice.
pub const SLICE: usize = 128;

/// One coordinate of the points of a panel.
pub type Beside = [f32; PANEL];
/// A number for each pair of points of two panels.
pub type Pairs<T> = [[T; PANEL]; PANEL];

/// Takes inner products of the points of two panels.
///
/// With u = 2⁻²⁴, the result differs from Σ aᵢbᵢ by at most γ |a| |b|, γ = m u / (1 - m u), but
/// for products below the least normal number and the rounding of slices' sums in double: each
/// term takes part in at most m = [`SLICE`] roundings (Higham 2002, section 3.1), whether
/// products are rounded before they are added or not.
pub fn products(rows: &[Beside], columns: &[Beside], sums: &mut Pairs<f64>) {
    *sums = [[0.0; PANEL]; PANEL];
    for (rows, columns) in rows.chunks(SLICE).zip(columns.chunks(SLICE)) {
        dispatch(Slice { rows, columns, sums });
    }
}

struct Slice<'a> {
    rows: &'a [Beside],
    columns: &'a [Beside],
    sums: &'a mut Pairs<f64>,
}

impl WithSimd for Slice<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // As many sums as there are registers for, beside the coordinates.
        if S::F32_LANES == 16 { self.run::<S, 8>(simd) } else { self.run::<S, 4>(simd) }
    }
}

impl Slice<'_> {
    #[inline(always)]
    fn run<S: Simd, const R: usize>(self, simd: S) {
        for c in (0..PANEL).step_by(2 * S::F32_LANES) {
            for r in (0..PANEL).step_by(R) {
                let mut own = [[simd.splat_f32s(0.0); 2]; R];
                for (u, v) in self.rows.iter().zip(self.columns) {
                    let v = &S::as_simd_f32s(v).0[c / S::F32_LANES..][..2];
                    for i in 0..R {
                        let u = simd.splat_f32s(u[r + i]);
                        own[i][0] = simd.mul_add_e_f32s(u, v[0], own[i][0]);
                        own[i][1] = simd.mul_add_e_f32s(u, v[1], own[i][1]);
                    }
                }
                for (row, own) in self.sums[r..].iter_mut().zip(own) {
                    let mut found = [0.0; PANEL];
                    let registers = S::as_mut_simd_f32s(&mut found).0;
                    registers.iter_mut().zip(own).for_each(|(found, own)| *found = own);
                    let sums = row[c..].iter_mut().zip(&found[..2 * S::F32_LANES]);
                    sums.for_each(|(sum, &found)| *sum += f64::from(found));
                }
            }
        }
    }
}
