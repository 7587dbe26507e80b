//! Magnitude and weightings of finite metric spaces.
//!
//! At a scale t > 0 the similarity matrix of n points is Z with
//! Z_ij = exp(−t d_ij). A weighting w solves Zw = 1; the magnitude |tX| = Σ w_i is
//! the effective number of points at that scale (Leinster, Doc. Math. 18, 2013).
//! Its slope is d|tX|/dt = wᵀ(D∘Z)w, where D is the matrix of distances.

mod accuracy;
mod area;
mod conjugate_gradients;
mod convergence;
mod copies;
mod definite;
mod dense;
mod dimension;
mod diversity;
mod factors;
mod grid;
mod max_diversity;
mod outliers;
mod plan;
mod preconditioner;
mod quadrature;
mod real;
mod scale;
mod similarities;
mod similarity;
mod smooth;
mod tiles;
mod vendi;

pub use area::{Area, magnitude_area, magnitude_difference};
pub use convergence::{ConvergenceScale, convergence_scale};
pub use dimension::{Dimension, Part, dimensions_of_parts, line_points, magnitude_dimension};
pub use diversity::{diversity, spread};
pub use max_diversity::{MaxDiversity, max_diversity};
pub use outliers::{Outliers, Queries, outlier_scores};
pub use similarities::Similarities;
pub use vendi::{vendi_of_directions, vendi_of_kernel, vendi_of_space};

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

/// A weighting at one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighting {
    /// The scale.
    pub t: f64,
    /// One weight for each given point; copies of a point have equal shares.
    pub weights: Vec<f64>,
    /// Sum of the weights.
    pub magnitude: f64,
    /// Derivative of the magnitude by the scale.
    pub slope: f64,
    /// Largest entry of |Zw − 1|, computed in float64.
    pub residual: f64,
    /// What has computed it.
    pub method: Method,
    /// Number of negative eigenvalues of Z, where it has been counted.
    pub negative_eigenvalues: Option<usize>,
}
