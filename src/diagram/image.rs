//! Persistence images (Adams, Emerson, Kirby, Neville, Peterson, Shipman,
//! Chepushtanova, Hanson, Motta, Ziegelmeier, JMLR 18, 2017).
//!
//! Each bar becomes a Gaussian of standard deviation σ around (birth, death − birth),
//! times a weight. A pixel is the integral of their sum over its rectangle, which is
//! a product of differences of error functions, or the sum at its centre.

use std::f64::consts::{PI, SQRT_2};
use std::str::FromStr;

use libm::erf;
use ndarray::Array3;

use super::bars::{check_finite_bars, of_each};
use crate::error::{Error, Result};
use crate::monitor::Monitor;

/// What a pixel holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    /// The integral over the pixel.
    Integral,
    /// The density at its centre.
    Density,
}

impl FromStr for Pixels {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "integral" => Ok(Self::Integral),
            "density" => Ok(Self::Density),
            _ => Err(Error::invalid("pixels", "be integral or density", name)),
        }
    }
}

/// The grid of an image, and the spread of its bars.
#[derive(Debug, Clone)]
pub struct ImageOptions {
    /// Standard deviation of the Gaussians.
    pub sigma: f64,
    /// Pixels along the births and along the lengths.
    pub resolution: (usize, usize),
    /// Least and largest birth.
    pub births: (f64, f64),
    /// Least and largest length.
    pub lengths: (f64, f64),
    /// What a pixel holds.
    pub pixels: Pixels,
}

/// Bytes that images of so many diagrams take, apart from the diagrams.
pub fn image_bytes(diagrams: usize, options: &ImageOptions) -> u64 {
    let (across, up) = (options.resolution.0 as u64, options.resolution.1 as u64);
    // Each image is there twice when all are put into one array.
    across.saturating_mul(up).saturating_mul(16 * diagrams as u64)
}

/// The image of each diagram, with a weight for each bar; shape (diagrams, lengths,
/// births), both ascending.
pub fn persistence_images(
    diagrams: &[Vec<[f64; 2]>],
    weights: &[Vec<f64>],
    options: &ImageOptions,
    monitor: &Monitor,
) -> Result<Array3<f64>> {
    check_options(options)?;
    check_weights(diagrams, weights)?;
    let (across, up) = options.resolution;
    let columns = Axis::new(options.births, across, options);
    let rows = Axis::new(options.lengths, up, options);
    let weighted: Vec<_> = diagrams.iter().zip(weights).collect();
    let images = of_each(&weighted, monitor, |(bars, weights)| {
        check_finite_bars(bars)?;
        let mut image = vec![0.0; up * across];
        let (mut along_births, mut along_lengths) = (vec![0.0; across], vec![0.0; up]);
        for (&[birth, death], weight) in bars.iter().zip(weights.iter()) {
            monitor.check()?;
            columns.spread(birth, &mut along_births);
            rows.spread(death - birth, &mut along_lengths);
            for (pixels, height) in image.chunks_mut(across).zip(&along_lengths) {
                let height = weight * height;
                pixels.iter_mut().zip(&along_births).for_each(|(pixel, x)| *pixel += height * x);
            }
        }
        Ok(image)
    })?;
    let shape = (diagrams.len(), up, across);
    Ok(Array3::from_shape_vec(shape, images.concat()).expect("a number for each pixel"))
}

/// One side of the grid, in units of σ.
struct Axis {
    /// Ends of the pixels, or their centres.
    places: Vec<f64>,
    sigma: f64,
    pixels: Pixels,
}

impl Axis {
    fn new((low, high): (f64, f64), count: usize, options: &ImageOptions) -> Self {
        let step = (high - low) / count as f64;
        let places = match options.pixels {
            Pixels::Integral => (0..=count).map(|i| low + step * i as f64).collect(),
            Pixels::Density => (0..count).map(|i| low + step * (i as f64 + 0.5)).collect(),
        };
        Self { places, sigma: options.sigma, pixels: options.pixels }
    }

    /// What each pixel has of a Gaussian of mass one around `centre`.
    fn spread(&self, centre: f64, shares: &mut [f64]) {
        let away = |place: &f64| (place - centre) / self.sigma;
        match self.pixels {
            Pixels::Integral => {
                let mut ends = self.places.iter().map(|end| 0.5 * erf(away(end) / SQRT_2));
                let mut below = ends.next().expect("one end more than pixels");
                for (share, above) in shares.iter_mut().zip(ends) {
                    *share = above - below;
                    below = above;
                }
            }
            Pixels::Density => {
                let height = 1.0 / (self.sigma * (2.0 * PI).sqrt());
                for (share, place) in shares.iter_mut().zip(&self.places) {
                    *share = height * (-0.5 * away(place) * away(place)).exp();
                }
            }
        }
    }
}

fn check_options(options: &ImageOptions) -> Result<()> {
    if !(options.sigma > 0.0 && options.sigma.is_finite()) {
        return Err(Error::invalid("sigma", "be a positive number", options.sigma));
    }
    let (across, up) = options.resolution;
    if across == 0 || up == 0 {
        return Err(Error::invalid("resolution", "be at least 1", across.min(up)));
    }
    let ranges = [("birth_range", options.births), ("persistence_range", options.lengths)];
    for (argument, (low, high)) in ranges {
        if !(low.is_finite() && high.is_finite() && low < high && (high - low).is_finite()) {
            let found = format!("({low}, {high})");
            return Err(Error::invalid(argument, "be two ascending numbers", found));
        }
    }
    Ok(())
}

fn check_weights(diagrams: &[Vec<[f64; 2]>], weights: &[Vec<f64>]) -> Result<()> {
    if diagrams.len() != weights.len() {
        let rule = format!("be there for each of {} diagrams", diagrams.len());
        return Err(Error::invalid("weight", rule, weights.len()));
    }
    for (d, (bars, weights)) in diagrams.iter().zip(weights).enumerate() {
        if bars.len() != weights.len() {
            let rule = format!("give a number for each of {} bars", bars.len());
            return Err(Error::invalid_at("weight", rule, weights.len(), [d]));
        }
        if let Some(i) = weights.iter().position(|weight| !weight.is_finite()) {
            return Err(Error::invalid_at("weight", "be finite", weights[i], [d, i]));
        }
    }
    Ok(())
}
