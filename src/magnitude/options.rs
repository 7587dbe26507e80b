//! How weightings are computed.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// How weightings are computed.
#[derive(Debug, Clone)]
pub struct MagnitudeOptions {
    /// Largest entry of |Zw − 1| that is good enough.
    pub tol: f64,
    /// Bytes that the job may take.
    pub max_memory: u64,
    /// The method to use instead of the one that looks fastest.
    pub method: Option<Method>,
}

impl Default for MagnitudeOptions {
    fn default() -> Self {
        Self { tol: 1e-8, max_memory: u64::MAX, method: None }
    }
}

/// What solves Zw = 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Conjugate gradients, all scales at once: positive definite Z.
    ConjugateGradients,
    /// Cholesky factors, scale after scale: positive definite Z.
    Cholesky,
    /// LBLᵀ factors with symmetric pivoting: any symmetric Z.
    Lblt,
}

impl Method {
    const NAMES: [(&'static str, Method); 3] = [
        ("conjugate gradients", Method::ConjugateGradients),
        ("cholesky", Method::Cholesky),
        ("lblt", Method::Lblt),
    ];
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, method)| method == self);
        f.write_str(name.expect("every method has a name").0)
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|&(_, method)| method).ok_or_else(|| {
            let names = Self::NAMES.map(|(known, _)| known).join(", ");
            Error::invalid("method", format!("be one of {names}"), format!("{name:?}"))
        })
    }
}
