//! The two kinds of numbers in which similarities are computed.
//!
//! Processors of the last ten years round a·b + c once, in one instruction, and all
//! of them give the same bits. On those that cannot, x86-64 without FMA, such a step
//! would be a call into a library: there it is rounded twice, in registers of 128
//! bits. Results then differ in the last places, within the same bounds: the
//! polynomials below are as accurate, and a product k log 2 is exact either way.

use std::any::TypeId;

use pulp::{Scalar128b, Simd};

/// Whether a·b + c is one instruction.
#[inline(always)]
fn is_fused<S: Simd>() -> bool {
    TypeId::of::<S>() != TypeId::of::<Scalar128b>()
}

/// float32, for many steps, or float64, for true residuals.
///
/// Sums run over a fixed number of lanes, held in as many registers as they take,
/// so that every set of instructions gives the same bits.
pub trait Real: Copy + Default + PartialOrd + Send + Sync + 'static {
    /// Running sums of a row.
    const LANES: usize;
    /// Similarities are no smaller: products of two are then normal numbers, on
    /// which some processors are many times faster.
    const FLOOR: Self;
    /// exp(−x) is at the floor from here on.
    const FAR: Self;
    /// A register of lanes.
    type Lanes<S: Simd>: Copy;

    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
    fn times(self, other: Self) -> Self;
    /// exp(−x) for x ≥ 0.
    fn exp_minus<S: Simd>(self) -> Self;
    fn lanes<S: Simd>(values: &[Self]) -> &[Self::Lanes<S>];
    fn lanes_mut<S: Simd>(values: &mut [Self]) -> &mut [Self::Lanes<S>];
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Lanes<S>;
    fn mul<S: Simd>(simd: S, a: Self::Lanes<S>, b: Self::Lanes<S>) -> Self::Lanes<S>;
    fn max<S: Simd>(simd: S, a: Self::Lanes<S>, b: Self::Lanes<S>) -> Self::Lanes<S>;
    /// a·b + c, rounded once if that is one instruction.
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Lanes<S>,
        b: Self::Lanes<S>,
        c: Self::Lanes<S>,
    ) -> Self::Lanes<S>;
    /// Sum over `LANES` lanes in a fixed order.
    fn sum<S: Simd>(lanes: &[Self::Lanes<S>]) -> Self;
}

macro_rules! real {
    ($type:ident, $lanes:literal, $floor:expr, $far:expr, $registers:ident, $exp:ident,
     $as_lanes:ident, $as_lanes_mut:ident, $splat:ident, $mul:ident, $max:ident, $add:ident, $mul_add:ident) => {
        impl Real for $type {
            const LANES: usize = $lanes;
            const FLOOR: Self = $floor;
            const FAR: Self = $far;
            type Lanes<S: Simd> = S::$registers;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn exp_minus<S: Simd>(self) -> Self {
                $exp::<S>(self)
            }
            #[inline(always)]
            fn lanes<S: Simd>(values: &[Self]) -> &[S::$registers] {
                S::$as_lanes(values).0
            }
            #[inline(always)]
            fn lanes_mut<S: Simd>(values: &mut [Self]) -> &mut [S::$registers] {
                S::$as_lanes_mut(values).0
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$registers {
                simd.$splat(x)
            }
            #[inline(always)]
            fn mul<S: Simd>(simd: S, a: S::$registers, b: S::$registers) -> S::$registers {
                simd.$mul(a, b)
            }
            #[inline(always)]
            fn max<S: Simd>(simd: S, a: S::$registers, b: S::$registers) -> S::$registers {
                simd.$max(a, b)
            }
            #[inline(always)]
            fn mul_add<S: Simd>(
                simd: S,
                a: S::$registers,
                b: S::$registers,
                c: S::$registers,
            ) -> S::$registers {
                match is_fused::<S>() {
                    true => simd.$mul_add(a, b, c),
                    false => simd.$add(simd.$mul(a, b), c),
                }
            }
            #[inline(always)]
            fn sum<S: Simd>(lanes: &[S::$registers]) -> Self {
                let values: &[Self] = pulp::bytemuck::cast_slice(lanes);
                let mut sums: [Self; $lanes] = values.try_into().expect("so many lanes");
                let mut width = $lanes / 2;
                while width > 0 {
                    for lane in 0..width {
                        sums[lane] += sums[lane + width];
                    }
                    width /= 2;
                }
                sums[0]
            }
        }
    };
}

real!(
    f32,
    16,
    1e-18,
    41.5,
    f32s,
    exp_minus_f32,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    mul_f32s,
    max_f32s,
    add_f32s,
    mul_add_f32s
);
real!(
    f64,
    8,
    1e-150,
    346.0,
    f64s,
    exp_minus_f64,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    mul_f64s,
    max_f64s,
    add_f64s,
    mul_add_f64s
);

/// 2^k e^r with −x = k log 2 + r, |r| ≤ log(2)/2, and the Taylor polynomial of e^r.
#[inline(always)]
fn exp_minus_f32<S: Simd>(x: f32) -> f32 {
    // Adding it rounds to a whole number, which stands in the last bits.
    const ROUND: f32 = 12_582_912.0;
    const LOG2_HIGH: f32 = 0.693_359_4;
    const LOG2_LOW: f32 = -2.121_944_4e-4;
    let mul_add = |a: f32, b, c| if is_fused::<S>() { a.mul_add(b, c) } else { a * b + c };
    let x = if x < 41.5 { -x } else { -41.5 };
    let shifted = mul_add(x, std::f32::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = mul_add(-k, LOG2_LOW, mul_add(-k, LOG2_HIGH, x));
    let mut p = 1.0 / 5040.0;
    for c in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = mul_add(r, p, c);
    }
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[inline(always)]
fn exp_minus_f64<S: Simd>(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LOG2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LOG2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let mul_add = |a: f64, b, c| if is_fused::<S>() { a.mul_add(b, c) } else { a * b + c };
    let x = if x < 346.0 { -x } else { -346.0 };
    let shifted = mul_add(x, std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = mul_add(-k, LOG2_LOW, mul_add(-k, LOG2_HIGH, x));
    let mut p = 1.0 / 6_227_020_800.0;
    for c in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        p = mul_add(r, p, c);
    }
    f64::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest relative errors in float32 and float64.
    fn check_exponentials<S: Simd>(single: f64, double: f64) {
        for k in 0..20_000 {
            let x = 0.002 * f64::from(k) + 1e-9;
            let relative = (x.exp_minus::<S>() / (-x).exp() - 1.0).abs();
            assert!(relative < double, "{x}: {relative:e}");
            let rounded = x as f32;
            let relative =
                (f64::from(rounded.exp_minus::<S>()) / (-f64::from(rounded)).exp() - 1.0).abs();
            assert!(relative < single, "{x}: {relative:e}");
        }
        assert_eq!(0.0_f32.exp_minus::<S>(), 1.0);
        assert_eq!(0.0_f64.exp_minus::<S>(), 1.0);
        assert!(f32::INFINITY.exp_minus::<S>() < 2.0 * f32::FLOOR);
        assert!(f64::INFINITY.exp_minus::<S>() < 2.0 * f64::FLOOR);
    }

    #[test]
    fn exponentials_are_right_to_rounding() {
        check_exponentials::<pulp::Scalar>(2e-7, 4e-16);
        check_exponentials::<Scalar128b>(2e-7, 4e-16);
    }
}
