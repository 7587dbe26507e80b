//! Coefficients: the fields of prime order.

use std::fmt::Debug;
use std::hash::Hash;

use crate::error::{Error, Result};

/// Arithmetic of non-zero elements of F_p. Zero is `None`, so that over Z/2,
/// where the only non-zero element is 1, coefficients take no room at all.
pub trait Field: Copy + Send + Sync {
    /// A non-zero element.
    type Element: Copy + Debug + Eq + Hash + Send + Sync;

    /// Whether −1 is not 1.
    const SIGNED: bool;

    /// ±1.
    fn sign(self, negative: bool) -> Self::Element;
    /// a + b, `None` when zero.
    fn add(self, a: Self::Element, b: Self::Element) -> Option<Self::Element>;
    /// a · b.
    fn multiply(self, a: Self::Element, b: Self::Element) -> Self::Element;
    /// −a / b.
    fn negative_quotient(self, a: Self::Element, b: Self::Element) -> Self::Element;
    /// The representative in 1..p.
    fn value(self, a: Self::Element) -> u32;
    /// Tells a from −a where they differ.
    fn is_negative(self, a: Self::Element) -> bool;
}

/// Z/2.
#[derive(Debug, Clone, Copy)]
pub struct Modulo2;

impl Field for Modulo2 {
    type Element = ();

    const SIGNED: bool = false;

    fn sign(self, _: bool) {}
    fn add(self, (): (), (): ()) -> Option<()> {
        None
    }
    fn multiply(self, (): (), (): ()) {}
    fn negative_quotient(self, (): (), (): ()) {}
    fn value(self, (): ()) -> u32 {
        1
    }
    fn is_negative(self, (): ()) -> bool {
        false
    }
}

/// Z/p for an odd prime below 2¹⁶.
#[derive(Debug, Clone, Copy)]
pub struct ModuloP {
    prime: u32,
}

impl ModuloP {
    /// The field of `prime` elements.
    pub fn new(prime: u32) -> Result<Self> {
        check_prime(prime)?;
        Ok(Self { prime })
    }

    fn reduce(self, product: u32) -> u16 {
        (product % self.prime) as u16
    }

    /// a^(p−2), by Fermat's little theorem.
    fn inverse(self, a: u16) -> u16 {
        let (mut base, mut exponent, mut power) = (a, self.prime - 2, 1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.multiply(power, base);
            }
            base = self.multiply(base, base);
            exponent >>= 1;
        }
        power
    }
}

impl Field for ModuloP {
    type Element = u16;

    const SIGNED: bool = true;

    fn sign(self, negative: bool) -> u16 {
        if negative { (self.prime - 1) as u16 } else { 1 }
    }

    fn add(self, a: u16, b: u16) -> Option<u16> {
        match self.reduce(u32::from(a) + u32::from(b)) {
            0 => None,
            sum => Some(sum),
        }
    }

    fn multiply(self, a: u16, b: u16) -> u16 {
        self.reduce(u32::from(a) * u32::from(b))
    }

    fn negative_quotient(self, a: u16, b: u16) -> u16 {
        (self.prime - u32::from(self.multiply(a, self.inverse(b)))) as u16
    }

    fn value(self, a: u16) -> u32 {
        a.into()
    }

    fn is_negative(self, a: u16) -> bool {
        u32::from(a) > self.prime / 2
    }
}

/// Fails unless `coeff` is a prime below 2¹⁶.
pub fn check_prime(coeff: u32) -> Result<()> {
    let prime = (2..1 << 16).contains(&coeff)
        && (2..).take_while(|d| d * d <= coeff).all(|d| !coeff.is_multiple_of(d));
    if prime { Ok(()) } else { Err(Error::invalid("coeff", "be a prime below 65536", coeff)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_undo_products() {
        for prime in [3, 5, 251, 65521] {
            let field = ModuloP::new(prime).unwrap();
            for (a, b) in [(1, 2), (2, 1), (prime as u16 - 1, 2), (prime as u16 / 2, 2)] {
                let quotient = field.negative_quotient(a, b);
                assert_eq!(field.add(field.multiply(quotient, b), a), None);
            }
        }
    }

    #[test]
    fn only_primes_pass() {
        for coeff in [0, 1, 4, 9, 65535, 65536, 65537] {
            assert!(check_prime(coeff).is_err(), "{coeff}");
        }
        for coeff in [2, 3, 5, 65521] {
            assert!(check_prime(coeff).is_ok(), "{coeff}");
        }
    }
}
