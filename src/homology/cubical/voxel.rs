//! Values of voxels, and integers in the same order.

use std::fmt::{Debug, Display};
use std::ops::Not;

/// Integers that stand for values, in their order.
pub trait Key:
    Copy + Debug + Default + Into<u64> + Not<Output = Self> + Ord + Send + Sync + 'static
{
    /// A key and the number of a voxel with that key in one integer, in the order of both.
    type Packed: Copy + Not<Output = Self::Packed> + Ord + Send;

    fn pack(self, voxel: u32) -> Self::Packed;
    fn voxel(packed: Self::Packed) -> u32;
}

macro_rules! key {
    ($key:ty, $packed:ty) => {
        impl Key for $key {
            type Packed = $packed;

            #[inline(always)]
            fn pack(self, voxel: u32) -> $packed {
                <$packed>::from(self) << u32::BITS | <$packed>::from(voxel)
            }

            #[inline(always)]
            fn voxel(packed: $packed) -> u32 {
                packed as u32
            }
        }
    };
}

key!(u32, u64);
key!(u64, u128);

/// A real number of an image: `f32` or `f64`.
///
/// Comparisons are made between integer keys, which tie exactly where the values
/// are equal, and from which the values can be read again.
pub trait Voxel: Copy + Display + PartialOrd + Send + Sync + 'static {
    /// Integers of the size of the value.
    type Key: Key;

    /// Below the key of every value, and with [`Not`] above.
    const LEAST: Self::Key;

    /// Whether it is no number.
    fn is_nan(self) -> bool;
    /// Its place in the order of values; the two zeros are one.
    fn key(self) -> Self::Key;
    /// Its place in the order in which voxels enter.
    #[inline(always)]
    fn entry_key(self, superlevel: bool) -> Self::Key {
        if superlevel { !self.key() } else { self.key() }
    }
    /// The place of those voxels that never enter.
    fn never(superlevel: bool) -> Self::Key;
    /// The value that has this key.
    fn of_key(key: Self::Key) -> Self;
    /// As a double, exactly.
    fn to_f64(self) -> f64;
    /// The largest value up to a number, but not +∞.
    fn at_most(number: f64) -> Self;
    /// The smallest value from a number on, but not −∞.
    fn at_least(number: f64) -> Self;
}

macro_rules! voxel {
    ($float:ty, $key:ty) => {
        impl Voxel for $float {
            type Key = $key;

            const LEAST: $key = 0;

            fn is_nan(self) -> bool {
                self != self
            }

            #[inline(always)]
            fn key(self) -> $key {
                const SIGN: $key = 1 << (<$key>::BITS - 1);
                let bits = (self + 0.0).to_bits();
                if bits & SIGN == 0 { bits | SIGN } else { !bits }
            }

            fn never(superlevel: bool) -> $key {
                let infinity = <$float>::INFINITY;
                if superlevel { (-infinity).entry_key(true) } else { infinity.key() }
            }

            #[inline(always)]
            fn of_key(key: $key) -> Self {
                const SIGN: $key = 1 << (<$key>::BITS - 1);
                Self::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
            }

            fn to_f64(self) -> f64 {
                self.into()
            }

            fn at_most(number: f64) -> Self {
                let nearest = (number as Self).min(Self::MAX);
                if f64::from(nearest) > number { nearest.next_down() } else { nearest }
            }

            fn at_least(number: f64) -> Self {
                -Self::at_most(-number)
            }
        }
    };
}

voxel!(f32, u32);
voxel!(f64, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_values() {
        let inf = f32::INFINITY;
        let values = [-inf, f32::MIN, -1.5, -1e-40, 0.0, 1e-40, 1.5, f32::MAX, inf];
        assert!(values.is_sorted_by(|a, b| a.key() < b.key()));
        assert!(values.iter().all(|x| f32::LEAST < x.key() && x.key() < !f32::LEAST));
        assert!(values.iter().all(|&x| f32::of_key(x.key()) == x));
        assert_eq!((-0.0_f64).key(), 0.0_f64.key());
    }

    #[test]
    fn numbers_between_two_values_are_below_one_and_above_the_other() {
        let tenth = 0.1_f32; // more than a tenth
        assert_eq!(f32::at_most(0.1), tenth.next_down());
        assert_eq!(f32::at_least(0.1), tenth);
        assert_eq!(f32::at_most(f64::INFINITY), f32::MAX);
        assert_eq!(f32::at_most(1e300), f32::MAX);
        assert_eq!(f32::at_most(-1e300), f32::NEG_INFINITY);
        assert_eq!(f64::at_least(f64::NEG_INFINITY), f64::MIN);
        assert_eq!(f64::at_least(f64::INFINITY), f64::INFINITY);
        assert_eq!(f64::at_most(0.1), 0.1);
    }
}
