//! The metrics, by scipy's names.

use std::str::FromStr;

use crate::error::{Error, Result};

/// A dissimilarity between two rows, named as in `scipy.spatial.distance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// √Σ (u−v)²
    Euclidean,
    /// Σ (u−v)²
    SqEuclidean,
    /// Σ |u−v|
    Cityblock,
    /// max |u−v|
    Chebyshev,
    /// 1 − u·v / (‖u‖‖v‖)
    Cosine,
    /// cosine of the rows after each has lost its mean
    Correlation,
    /// share of coordinates that differ
    Hamming,
}

impl Metric {
    /// Every metric with its name.
    pub const NAMES: [(&'static str, Metric); 7] = [
        ("euclidean", Metric::Euclidean),
        ("sqeuclidean", Metric::SqEuclidean),
        ("cityblock", Metric::Cityblock),
        ("chebyshev", Metric::Chebyshev),
        ("cosine", Metric::Cosine),
        ("correlation", Metric::Correlation),
        ("hamming", Metric::Hamming),
    ];

    /// Whether this is the square of a metric: of the Euclidean one or, up to a
    /// factor, of that between rows scaled to length one. The squares violate
    /// the triangle inequality.
    pub fn is_square(self) -> bool {
        matches!(self, Metric::SqEuclidean | Metric::Cosine | Metric::Correlation)
    }

    /// The largest entries of rows whose distances cannot overflow.
    pub fn largest_entry(self, dim: usize) -> f64 {
        let share = f64::MAX / dim.max(1) as f64;
        match self {
            Metric::Euclidean | Metric::SqEuclidean => share.sqrt() / 4.0,
            Metric::Cityblock | Metric::Chebyshev | Metric::Correlation => share / 4.0,
            Metric::Cosine | Metric::Hamming => f64::MAX,
        }
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, metric)| metric).ok_or_else(
            || {
                let names: Vec<_> = Self::NAMES.iter().map(|(known, _)| *known).collect();
                Error::invalid(
                    "metric",
                    format!("be one of {}", names.join(", ")),
                    format!("{name:?}"),
                )
            },
        )
    }
}
