//! What a computation finds.

use super::options::Method;

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
    /// Number of negative eigenvalues of Z.
    pub negative_eigenvalues: usize,
}
