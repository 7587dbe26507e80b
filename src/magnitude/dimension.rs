//! The magnitude dimension: the slope of log|tX| on log t where it is straight.

use super::options::MagnitudeOptions;
use super::similarities::Similarities;
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::space::Space;

/// Which part of the curve gives the dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part {
    /// Of the parts whose local slopes stay within `TOLERANCE` of their mean
    /// slope and above `FLAT`, the one of most growth.
    Straightest,
    /// The scale at which the local slope is largest.
    ProfileMax,
    /// From one scale to another.
    Between(f64, f64),
}

/// How far local slopes may be from the mean slope of a straight part, as a
/// share of it.
pub const TOLERANCE: f64 = 0.05;

/// A straight part with local slopes below this share of the largest is flat:
/// an end of the curve, or a plateau between two scales.
pub const FLAT: f64 = 0.5;

/// Points of the even grid of log t on which curves are looked at.
const STEPS: usize = 512;

/// A slope of the magnitude function on logarithmic axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// The slope.
    pub value: f64,
    /// The scales between which it was taken; equal for [`Part::ProfileMax`].
    pub interval: (f64, f64),
    /// Root mean square of log|tX| about the line; none for a single scale.
    pub fit_error: Option<f64>,
}

/// The slope of the least-squares line of log|tX| on log t over a part of a
/// magnitude function, given by its values and exact derivatives at ascending
/// scales.
///
/// Between the scales log|tX| is the cubic that has both at either end, so that
/// the result hardly depends on where the scales are.
pub fn magnitude_dimension(
    ts: &[f64],
    values: &[f64],
    slopes: &[f64],
    part: Part,
) -> Result<Dimension> {
    let curve = Curve::new(ts, values, slopes)?;
    let (first, last) = curve.ends();
    if let [knot] = curve.knots[..]
        && (part == Part::ProfileMax || knot.slope == 0.0)
    {
        // All there is; 0 for a space of one point.
        return Ok(Dimension { value: knot.slope, interval: (ts[0], ts[0]), fit_error: None });
    }
    if ts.len() < 2 {
        return Err(Error::invalid("f", "have at least 2 scales", ts.len()));
    }
    match part {
        Part::ProfileMax => Ok(steepest(&curve.samples(first, last, STEPS))),
        Part::Straightest => {
            let (from, to) = straightest(&curve.samples(first, last, STEPS))?;
            Ok(line(&curve.samples(from, to, STEPS)))
        }
        Part::Between(t0, t1) => {
            // Also refuses NaN.
            if !(ts[0] <= t0 && t0 < t1 && t1 <= ts[ts.len() - 1]) {
                let rule = format!(
                    "give two ascending scales from {} to {}, those of the magnitude function",
                    ts[0],
                    ts[ts.len() - 1]
                );
                return Err(Error::invalid("method", rule, format!("({t0}, {t1})")));
            }
            let fitted = line(&curve.samples(t0.ln(), t1.ln(), STEPS));
            Ok(Dimension { interval: (t0, t1), ..fitted })
        }
    }
}

/// log t, evenly spaced over an interval of scales, and log|tX| there.
pub fn line_points(
    ts: &[f64],
    values: &[f64],
    slopes: &[f64],
    interval: (f64, f64),
    count: usize,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let curve = Curve::new(ts, values, slopes)?;
    let samples = curve.samples(interval.0.ln(), interval.1.ln(), count);
    Ok(samples.iter().map(|sample| (sample.x, sample.y)).unzip())
}

/// The slope between the first and the last of some scales for parts of a
/// space, each given by its points; for a single scale the local slope.
pub fn dimensions_of_parts(
    space: &Space<'_>,
    parts: &[Vec<usize>],
    ts: &[f64],
    options: &MagnitudeOptions,
    monitor: &Monitor,
) -> Result<Vec<f64>> {
    monitor.expect(parts.len() as u64);
    let dimension = |part: &Vec<usize>| {
        let part = space.select(part, monitor)?;
        let solved = Similarities::new(&part, options, monitor)?.solve(ts, monitor)?;
        let values: Vec<f64> = solved.iter().map(|weighting| weighting.magnitude).collect();
        let slopes: Vec<f64> = solved.iter().map(|weighting| weighting.slope).collect();
        monitor.advance(1)?;
        match *ts {
            [t] => Ok(t * slopes[0] / values[0]),
            _ => {
                let ends = Part::Between(ts[0], ts[ts.len() - 1]);
                Ok(magnitude_dimension(ts, &values, &slopes, ends)?.value)
            }
        }
    };
    parts.iter().map(dimension).collect()
}

/// A point of the curve on logarithmic axes, with the local slope.
#[derive(Debug, Clone, Copy)]
struct Sample {
    x: f64,
    y: f64,
    slope: f64,
}

/// The piecewise cubic through given points with given slopes.
struct Curve {
    knots: Vec<Sample>,
}

impl Curve {
    fn new(ts: &[f64], values: &[f64], slopes: &[f64]) -> Result<Self> {
        if ts.is_empty() {
            return Err(Error::invalid("f", "have at least one scale", 0));
        }
        for (k, (&t, &value)) in ts.iter().zip(values).enumerate() {
            if !(t > 0.0 && t.is_finite()) || (k > 0 && t <= ts[k - 1]) {
                return Err(Error::invalid_at("f", "have ascending positive scales", t, [k]));
            }
            if !(value > 0.0 && value.is_finite()) {
                let rule = "have positive magnitudes, or there are no logarithms";
                return Err(Error::invalid_at("f", rule, value, [k]));
            }
        }
        let knots = ts.iter().zip(values).zip(slopes);
        let knots = knots.map(|((t, v), s)| Sample { x: t.ln(), y: v.ln(), slope: t * s / v });
        Ok(Self { knots: knots.collect() })
    }

    fn ends(&self) -> (f64, f64) {
        (self.knots[0].x, self.knots[self.knots.len() - 1].x)
    }

    fn samples(&self, from: f64, to: f64, count: usize) -> Vec<Sample> {
        let step = (to - from) / (count - 1) as f64;
        (0..count).map(|i| self.at(from + step * i as f64)).collect()
    }

    /// The Hermite cubic of the piece that holds `x`.
    fn at(&self, x: f64) -> Sample {
        let after = self.knots.partition_point(|knot| knot.x <= x);
        let after = after.clamp(1, self.knots.len() - 1);
        let (a, b) = (self.knots[after - 1], self.knots[after]);
        let width = b.x - a.x;
        let u = ((x - a.x) / width).clamp(0.0, 1.0);
        let mean = (b.y - a.y) / width;
        let (bend_a, bend_b) = (a.slope - mean, b.slope - mean);
        let (v, uv) = (1.0 - u, u * (1.0 - u));
        Sample {
            x,
            y: a.y + (b.y - a.y) * u + width * uv * (bend_a * v - bend_b * u),
            slope: mean + bend_a * (v * v - 2.0 * uv) + bend_b * (u * u - 2.0 * uv),
        }
    }
}

/// The interval of most growth in which no local slope is flat and every one is
/// within the tolerance of the mean slope; the first of equals. Growth, as the
/// longest one may be a plateau.
fn straightest(samples: &[Sample]) -> Result<(f64, f64)> {
    let largest = samples.iter().fold(0.0, |m: f64, sample| m.max(sample.slope));
    if largest == 0.0 {
        // One point at every scale: all of the curve is straight.
        return Ok((samples[0].x, samples[samples.len() - 1].x));
    }
    let mut best = None;
    let mut most_growth = 0.0;
    for (i, first) in samples.iter().enumerate() {
        let (mut least, mut most) = (first.slope, first.slope);
        for last in &samples[i + 1..] {
            least = last.slope.min(least);
            most = last.slope.max(most);
            // No mean is within reach of both any more.
            if least < FLAT * largest || most * (1.0 - TOLERANCE) > least * (1.0 + TOLERANCE) {
                break;
            }
            let growth = last.y - first.y;
            if growth <= most_growth {
                continue;
            }
            let mean = growth / (last.x - first.x);
            if most <= mean * (1.0 + TOLERANCE) && least >= mean * (1.0 - TOLERANCE) {
                most_growth = growth;
                best = Some((first.x, last.x));
            }
        }
    }
    best.ok_or_else(|| {
        let rule = "have a part that is straight on logarithmic axes; more scales may show one";
        Error::invalid("f", rule, "none")
    })
}

fn steepest(samples: &[Sample]) -> Dimension {
    let steepest = samples
        .iter()
        .fold(samples[0], |best, sample| if sample.slope > best.slope { *sample } else { best });
    let t = steepest.x.exp();
    Dimension { value: steepest.slope, interval: (t, t), fit_error: None }
}

/// The least-squares line through evenly spaced samples.
fn line(samples: &[Sample]) -> Dimension {
    let count = samples.len() as f64;
    let mean_x = samples.iter().map(|sample| sample.x).sum::<f64>() / count;
    let mean_y = samples.iter().map(|sample| sample.y).sum::<f64>() / count;
    let (mut xx, mut xy) = (0.0, 0.0);
    for sample in samples {
        xx += (sample.x - mean_x).powi(2);
        xy += (sample.x - mean_x) * (sample.y - mean_y);
    }
    let slope = xy / xx;
    let square = |sample: &Sample| (sample.y - mean_y - slope * (sample.x - mean_x)).powi(2);
    let error = (samples.iter().map(square).sum::<f64>() / count).sqrt();
    let interval = (samples[0].x.exp(), samples[samples.len() - 1].x.exp());
    Dimension { value: slope, interval, fit_error: Some(error) }
}
