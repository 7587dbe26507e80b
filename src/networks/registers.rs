//! 512 bits at once, in the registers of this machine.

use pulp::{Simd, WithSimd};

use super::bit_planes::{LANES, Lanes};
use crate::arch::arch;

/// Eight words of bits and eight sums: in one register each, or in arrays that
/// the compiler spreads over what there is. Results are the same, bit for bit.
pub trait Registers: Copy {
    type Bits: Copy;
    type Sums: Copy;

    fn no_bits(self) -> Self::Bits;
    fn no_sums(self) -> Self::Sums;
    fn read(self, lanes: &Lanes) -> Self::Bits;
    /// The bits, and those in which two differ.
    fn or_differ(self, bits: Self::Bits, one: &Lanes, other: &Lanes) -> Self::Bits;
    /// The bits that are in both.
    fn and(self, bits: Self::Bits, other: &Lanes) -> Self::Bits;
    /// Adds the number of bits of each word to the words of `counts`.
    fn count(self, counts: Self::Bits, bits: Self::Bits) -> Self::Bits;
    fn words(self, bits: Self::Bits) -> [u64; LANES];
    fn sum(self, counts: Self::Bits) -> u64;
    /// Adds the values whose bits are set.
    fn add_where(self, sums: Self::Sums, bits: u8, values: &[f64; LANES]) -> Self::Sums;
    fn values(self, sums: Self::Sums) -> [f64; LANES];
}

/// What is to be run with the best registers. It says `#[inline(always)]`, so
/// that it is compiled for them.
pub trait BitKernel {
    type Output;
    fn run<R: Registers>(self, registers: R) -> Self::Output;
}

/// Runs a kernel with the best registers of this machine.
#[inline]
#[allow(unsafe_code, reason = "the machine has been asked for the instructions that run")]
pub fn with_registers<K: BitKernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let pulp::Arch::V4(simd) = arch()
        && is_x86_feature_detected!("avx512vpopcntdq")
    {
        // SAFETY: the machine has these instructions.
        return unsafe { wide::run(kernel, wide::Wide::new(simd)) };
    }
    arch().dispatch(Plainly(kernel))
}

#[derive(Clone, Copy)]
struct Plain;

impl Registers for Plain {
    type Bits = [u64; LANES];
    type Sums = [f64; LANES];

    #[inline(always)]
    fn no_bits(self) -> [u64; LANES] {
        [0; LANES]
    }

    #[inline(always)]
    fn no_sums(self) -> [f64; LANES] {
        [0.0; LANES]
    }

    #[inline(always)]
    fn read(self, lanes: &Lanes) -> [u64; LANES] {
        lanes.0
    }

    #[inline(always)]
    fn or_differ(self, bits: [u64; LANES], one: &Lanes, other: &Lanes) -> [u64; LANES] {
        std::array::from_fn(|lane| bits[lane] | (one.0[lane] ^ other.0[lane]))
    }

    #[inline(always)]
    fn and(self, bits: [u64; LANES], other: &Lanes) -> [u64; LANES] {
        std::array::from_fn(|lane| bits[lane] & other.0[lane])
    }

    #[inline(always)]
    fn count(self, counts: [u64; LANES], bits: [u64; LANES]) -> [u64; LANES] {
        std::array::from_fn(|lane| counts[lane] + u64::from(bits[lane].count_ones()))
    }

    #[inline(always)]
    fn words(self, bits: [u64; LANES]) -> [u64; LANES] {
        bits
    }

    #[inline(always)]
    fn sum(self, counts: [u64; LANES]) -> u64 {
        counts.iter().sum()
    }

    #[inline(always)]
    fn add_where(self, sums: [f64; LANES], bits: u8, values: &[f64; LANES]) -> [f64; LANES] {
        std::array::from_fn(|lane| {
            sums[lane] + if bits & (1 << lane) == 0 { 0.0 } else { values[lane] }
        })
    }

    #[inline(always)]
    fn values(self, sums: [f64; LANES]) -> [f64; LANES] {
        sums
    }
}

struct Plainly<K>(K);

impl<K: BitKernel> WithSimd for Plainly<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Output {
        self.0.run(Plain)
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "no safe wrapper has the instruction that counts bits")]
mod wide {
    use std::arch::x86_64::{__m512d, __m512i, _mm512_popcnt_epi64};

    use pulp::x86::V4;

    use super::{BitKernel, LANES, Lanes, Registers};

    /// One register for eight words, and the instruction that counts their bits,
    /// which the levels of `pulp` leave out.
    #[derive(Clone, Copy)]
    pub struct Wide(V4);

    impl Wide {
        /// # Safety
        ///
        /// The machine must have `avx512vpopcntdq`.
        pub unsafe fn new(simd: V4) -> Self {
            Self(simd)
        }
    }

    #[target_feature(
        enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vpopcntdq"
    )]
    pub fn run<K: BitKernel>(kernel: K, registers: Wide) -> K::Output {
        kernel.run(registers)
    }

    impl Registers for Wide {
        type Bits = __m512i;
        type Sums = __m512d;

        #[inline(always)]
        fn no_bits(self) -> __m512i {
            pulp::cast([0_u64; LANES])
        }

        #[inline(always)]
        fn no_sums(self) -> __m512d {
            pulp::cast([0.0_f64; LANES])
        }

        #[inline(always)]
        fn read(self, lanes: &Lanes) -> __m512i {
            pulp::cast(lanes.0)
        }

        #[inline(always)]
        fn or_differ(self, bits: __m512i, one: &Lanes, other: &Lanes) -> __m512i {
            let differ = self.0.avx512f._mm512_xor_si512(pulp::cast(one.0), pulp::cast(other.0));
            self.0.avx512f._mm512_or_si512(bits, differ)
        }

        #[inline(always)]
        fn and(self, bits: __m512i, other: &Lanes) -> __m512i {
            self.0.avx512f._mm512_and_si512(bits, pulp::cast(other.0))
        }

        #[inline(always)]
        fn count(self, counts: __m512i, bits: __m512i) -> __m512i {
            // SAFETY: the machine has the instruction, as `new` was promised.
            let ones = unsafe { _mm512_popcnt_epi64(bits) };
            self.0.avx512f._mm512_add_epi64(counts, ones)
        }

        #[inline(always)]
        fn words(self, bits: __m512i) -> [u64; LANES] {
            pulp::cast(bits)
        }

        #[inline(always)]
        fn sum(self, counts: __m512i) -> u64 {
            pulp::cast::<_, [u64; LANES]>(counts).iter().sum()
        }

        #[inline(always)]
        fn add_where(self, sums: __m512d, bits: u8, values: &[f64; LANES]) -> __m512d {
            self.0.avx512f._mm512_mask_add_pd(sums, bits, sums, pulp::cast(*values))
        }

        #[inline(always)]
        fn values(self, sums: __m512d) -> [f64; LANES] {
            pulp::cast(sums)
        }
    }
}
