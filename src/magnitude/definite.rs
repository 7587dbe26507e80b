//! Whether similarities are positive definite.

use super::options::{MagnitudeOptions, Method};
use super::similarities::Similarities;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::space::{Metric, Space};

/// Fails unless Z(t) is positive definite, which an iteration may not notice.
///
/// Under all metrics by name but one it is at every scale: they, or their
/// squares, are sums of absolute values or of squares (Schoenberg 1938). Given
/// distances are put to the test by Cholesky factors.
pub fn check_definite(
    space: &Space<'_>,
    t: f64,
    options: &MagnitudeOptions,
    monitor: &Monitor,
) -> Result<()> {
    match space {
        Space::Points(points) if points.metric() != Metric::Chebyshev => Ok(()),
        _ => {
            let method = Some(Method::Cholesky);
            let options = MagnitudeOptions { method, ..options.clone() };
            Similarities::new(space, &options, monitor)?.solve(&[t], monitor)?;
            Ok(())
        }
    }
}
