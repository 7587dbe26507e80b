//! Which method solves at which scales, and why.

use std::fmt;

use super::factors::factor_bytes;
use super::preconditioner::{COEFFICIENT_BYTES, NEIGHBOR_BYTES};
use super::smooth::SMOOTH_BYTES;
use super::tiles::{groups, padded};
use crate::budget::Budget;
use crate::error::Result;
use crate::linalg::Symmetric;
use crate::magnitude::options::Method;
use crate::space::pairwise_bytes;

/// Up to so many points factors are as fast as conjugate gradients.
const FEW_POINTS: usize = 192;
/// Numbers of scales that go through the iteration together. Where there is no
/// room for eight, distances are better computed anew than held.
const SCALES: [usize; 2] = [32, 8];
/// Bytes of a copy of a point beside its coordinates.
const COPY_BYTES: usize = 48;
/// Bytes of what threads have of their own.
const BUFFERS: u64 = 3 << 20;

/// A way to the weightings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub method: Method,
    /// Whether distances are held in float64; otherwise they are computed whenever
    /// they are needed.
    pub distances: bool,
    /// Whether tiles of them are held in float32.
    pub tiles: bool,
    /// Whether there is room for factors in float32 that help to iterate.
    pub factors: bool,
    /// Most scales that are solved together.
    pub scales: usize,
    len: usize,
    dim: Option<usize>,
    definite: bool,
    forced: bool,
}

impl Plan {
    /// The fastest way that fits for `len` distinct points. Distances can be computed
    /// anew if these are points with `dim` coordinates. Unless Z is known to be `definite`,
    /// that is first put to the test by factors, for which there has to be room.
    pub fn new(
        len: usize,
        dim: Option<usize>,
        definite: bool,
        method: Option<Method>,
        max_memory: u64,
    ) -> Result<Self> {
        let chosen = match method {
            Some(method) => method,
            None if len <= FEW_POINTS => Method::Cholesky,
            None => Method::ConjugateGradients,
        };
        let plan = |(distances, tiles, factors), scales| Self {
            method: chosen,
            distances,
            tiles,
            factors,
            scales,
            len,
            dim,
            definite,
            forced: method.is_some(),
        };
        let least = (dim.is_none(), false, false);
        let ways = [(true, true, true), (true, true, false), (true, false, false), least];
        let plans = ways.into_iter().flat_map(|way| SCALES.map(|scales| plan(way, scales)));
        let least = plan(least, 1);
        match plans.into_iter().find(|plan| plan.bytes() <= max_memory) {
            Some(plan) => Ok(plan),
            None => least.check_memory(max_memory),
        }
    }

    /// The way by factors instead.
    pub fn by_factors(&self) -> Self {
        Self { method: Method::Lblt, ..*self }
    }

    /// Bytes beside the input.
    pub fn bytes(&self) -> u64 {
        let distances = match self.dim {
            Some(dim) if !self.distances => (self.len * (8 * dim + COPY_BYTES)) as u64,
            _ => pairwise_bytes(self.len),
        };
        let by_factors = Symmetric::<f64>::bytes(self.len);
        distances.saturating_add(match self.method {
            Method::ConjugateGradients => {
                let len = padded(self.len) as u64;
                let tiles = if self.tiles { 2 * len * (len + 128) } else { 0 };
                // Weights, residuals, directions twice, and products with their parts.
                let groups = groups(self.len) as u64;
                let scale = 48 + 8 * groups + COEFFICIENT_BYTES;
                let factors = if self.factors { factor_bytes(self.len) } else { 0 };
                let point = self.scales as u64 * scale + NEIGHBOR_BYTES + SMOOTH_BYTES;
                let needed = tiles + factors + len * point + BUFFERS;
                if self.definite { needed } else { needed.max(by_factors) }
            }
            Method::Cholesky | Method::Lblt => by_factors,
        })
    }

    /// Refuses a job that does not fit even so.
    fn check_memory(self, max_memory: u64) -> Result<Self> {
        Budget { allowed: max_memory }.ask(
            format_args!("the magnitude of {} points", self.len),
            self.bytes(),
            format_args!("that of {} points would fit", self.fits(max_memory)),
        )?;
        Ok(self)
    }

    fn fits(&self, max_memory: u64) -> usize {
        let fits = |len| Self { len, ..*self }.bytes() <= max_memory;
        let (mut low, mut high) = (0, self.len);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if fits(middle) { low = middle } else { high = middle }
        }
        low
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match (self.forced, self.method) {
            (true, _) => "as asked for",
            (_, Method::ConjugateGradients) => "all scales at once",
            (_, Method::Lblt) => "unless cholesky does, since negative eigenvalues are possible",
            _ => "since there are few points",
        };
        let distances = match (self.distances, self.tiles, self.method) {
            (true, true, Method::ConjugateGradients) => "distances held in float64 and float32",
            (true, _, _) => "distances held in float64",
            (false, ..) => "distances computed whenever they are needed, to save memory",
        };
        write!(f, "{} distinct points: {}, {why}; {distances}", self.len, self.method)
    }
}
