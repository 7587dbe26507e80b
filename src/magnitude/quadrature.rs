//! Integrals of magnitude functions from 0 to a scale, by polynomials in √t.
//!
//! A magnitude function rises like a power of t at first and levels off like
//! an exponential; as a function of √t it is close to a polynomial.

/// Kronrod's 15 nodes on (−1, 1) from the outermost to the middle, with his
/// weights.
const KRONROD: [(f64, f64); 8] = [
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_224),
    (0.949_107_912_342_758_5, 0.063_092_092_629_978_56),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_18),
    (0.741_531_185_599_394_4, 0.140_653_259_715_525_92),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9),
    (0.405_845_151_377_397_2, 0.190_350_578_064_785_4),
    (0.207_784_955_007_898_5, 0.204_432_940_075_298_9),
    (0.0, 0.209_482_141_084_727_82),
];

/// Number of scales at which a function is evaluated.
pub const NODES: usize = 11;

/// These scales, for an integral from 0 to 1: four, and multiples of two of them.
///
/// Similarities at sums of scales are products, several times cheaper than
/// exponentials. The roots lie so close to Gauss's nodes that all weights are
/// positive: the four have been searched for by the largest error over clouds on
/// lines and in up to 512 dimensions, clusters, heavy tails, curves and digits.
const PARTS: [f64; NODES] = [
    FIRST,
    SECOND,
    2.0 * SECOND,
    THIRD,
    LAST,
    2.0 * LAST,
    3.0 * LAST,
    4.0 * LAST,
    5.0 * LAST,
    6.0 * LAST,
    7.0 * LAST,
];
const FIRST: f64 = 0.001_88;
const SECOND: f64 = 0.011_02;
const THIRD: f64 = 0.049_8;
const LAST: f64 = 0.137_15;

/// Steps of √t in which a difference is searched for zeros and integrated.
const STEPS: usize = 64;

/// The scales at which to evaluate a function.
pub fn scales(t_cut: f64) -> Vec<f64> {
    PARTS.iter().map(|part| t_cut * part).collect()
}

/// √t of node `k` for an integral from 0 to 1.
fn root(k: usize) -> f64 {
    PARTS[k].sqrt()
}

/// ∫₀^t_cut f(t) dt from the values at [`scales`], and its distance from what
/// every second of them gives.
pub fn integral(t_cut: f64, values: &[f64]) -> (f64, f64) {
    let by_every = |step: usize| {
        let nodes: Vec<_> = (0..NODES).step_by(step).collect();
        let roots: Vec<_> = nodes.iter().map(|&k| root(k)).collect();
        let weights = (0..nodes.len()).map(|place| weight(&roots, place));
        t_cut * weights.zip(&nodes).map(|(weight, &k)| weight * values[k]).sum::<f64>()
    };
    let (value, coarse) = (by_every(1), by_every(2));
    (value, (value - coarse).abs())
}

/// ∫₀¹ 2u ℓ(u) du for the polynomial that is 1 at one of the roots and 0 at the
/// others.
fn weight(roots: &[f64], place: usize) -> f64 {
    let others = || roots.iter().enumerate().filter(|&(other, _)| other != place);
    let polynomial =
        |u: f64| -> f64 { others().map(|(_, root)| (u - root) / (roots[place] - root)).product() };
    between(0.0, 1.0, |u| 2.0 * u * polynomial(u))
}

/// ∫ p(u) du from a to b: exact for polynomials up to degree 22.
fn between(a: f64, b: f64, p: impl Fn(f64) -> f64) -> f64 {
    let term = |(x, weight): (f64, f64)| {
        let at = |side: f64| p(0.5 * (a + b + side * (b - a) * x));
        if x == 0.0 { weight * at(1.0) } else { weight * (at(-1.0) + at(1.0)) }
    };
    0.5 * (b - a) * KRONROD.into_iter().map(term).sum::<f64>()
}

/// ∫₀^t_cut |h(t)| dt from the values and slopes of h at [`scales`], and an
/// estimate of its error.
///
/// h itself is smooth, so the polynomial in √t with these values and slopes
/// stands for it, cut at its zeros. The error is the integral of the distance
/// between this polynomial and the one with the values alone, of half its degree.
pub fn absolute_integral(t_cut: f64, values: &[f64], slopes: &[f64]) -> (f64, f64) {
    let p = Interpolant::new(t_cut, values, slopes);
    let apart = |u: f64| p.at(u) - p.coarse_at(u);
    (t_cut * weighted_area(|u| p.at(u)), t_cut * weighted_area(apart))
}

/// ∫₀¹ 2u |p(u)| du for a polynomial, step by step.
fn weighted_area(p: impl Fn(f64) -> f64) -> f64 {
    let piece = |a: f64, b: f64| between(a, b, |u| 2.0 * u * p(u)).abs();
    let step = |step: usize| {
        let (a, b) = (step as f64 / STEPS as f64, (step + 1) as f64 / STEPS as f64);
        if p(a) * p(b) < 0.0 {
            let zero = zero_between(&p, a, b);
            return piece(a, zero) + piece(zero, b);
        }
        piece(a, b)
    };
    (0..STEPS).map(step).sum()
}

/// A zero between two points at which the signs differ, by bisection.
fn zero_between(p: impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let positive = p(a) > 0.0;
    loop {
        let middle = 0.5 * (a + b);
        if middle <= a || middle >= b {
            return middle;
        }
        if (p(middle) > 0.0) == positive {
            a = middle;
        } else {
            b = middle;
        }
    }
}

/// The polynomials in u = √(t/t_cut) with given values at the nodes, and with
/// values and slopes, in barycentric form.
struct Interpolant {
    points: Vec<Point>,
}

struct Point {
    u: f64,
    value: f64,
    /// By u.
    slope: f64,
    /// Π 1/(u − uⱼ) over the other nodes.
    weight: f64,
    /// Σ 1/(u − uⱼ) over the other nodes.
    inverses: f64,
}

impl Interpolant {
    fn new(t_cut: f64, values: &[f64], slopes: &[f64]) -> Self {
        let point = |k: usize| {
            let u = root(k);
            let gaps = || (0..NODES).filter(move |&j| j != k).map(move |j| u - root(j));
            Point {
                u,
                value: values[k],
                slope: slopes[k] * 2.0 * t_cut * u,
                // 4 per factor keeps the products near 1.
                weight: 1.0 / gaps().map(|gap| 4.0 * gap).product::<f64>(),
                inverses: gaps().map(|gap| 1.0 / gap).sum(),
            }
        };
        Self { points: (0..NODES).map(point).collect() }
    }

    /// The polynomial with the values and slopes.
    fn at(&self, u: f64) -> f64 {
        self.quotient(u, |point, gap| {
            let (single, double) = (-2.0 * point.inverses / gap, 1.0 / (gap * gap));
            let square = point.weight * point.weight;
            (square * (single + double), square * point.slope / gap)
        })
    }

    /// The polynomial with the values.
    fn coarse_at(&self, u: f64) -> f64 {
        self.quotient(u, |point, gap| (point.weight / gap, 0.0))
    }

    /// (Σ shareₖ valueₖ + extraₖ) / Σ shareₖ, where `term` gives both.
    fn quotient(&self, u: f64, term: impl Fn(&Point, f64) -> (f64, f64)) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for point in &self.points {
            let gap = u - point.u;
            if gap == 0.0 {
                return point.value;
            }
            let (share, extra) = term(point, gap);
            above += share * point.value + extra;
            below += share;
        }
        above / below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_in_the_root_are_integrated_exactly() {
        let t_cut = 3.0;
        for power in 0..NODES {
            let f = |t: f64| t.powf(0.5 * power as f64);
            let values: Vec<f64> = scales(t_cut).into_iter().map(f).collect();
            let (value, error) = integral(t_cut, &values);
            let exponent = 0.5 * power as f64 + 1.0;
            let expected = t_cut.powf(exponent) / exponent;
            assert!((value / expected - 1.0).abs() < 1e-14, "{power}: {value} {expected}");
            assert!((error < 1e-13 * expected) == (power <= NODES / 2), "{power}: {error}");
        }
    }

    #[test]
    fn absolute_values_are_cut_at_the_zeros() {
        // ∫₀¹ |t² − t/2| dt = 1/8, and one zero at t = 1/2.
        let of = |f: fn(f64) -> f64| scales(1.0).into_iter().map(f).collect::<Vec<f64>>();
        let (values, slopes) = (of(|t| t * t - 0.5 * t), of(|t| 2.0 * t - 0.5));
        let (value, error) = absolute_integral(1.0, &values, &slopes);
        assert!((value - 0.125).abs() < 1e-14, "{value}");
        assert!(error < 1e-13, "{error}");
        assert_eq!(absolute_integral(1.0, &[0.0; NODES], &[0.0; NODES]), (0.0, 0.0));
    }

    #[test]
    fn slopes_double_the_degree() {
        // |t⁹ − 2⁻⁹| = |u¹⁸ − 2⁻⁹| is beyond the values alone.
        let of = |f: fn(f64) -> f64| scales(1.0).into_iter().map(f).collect::<Vec<f64>>();
        let (values, slopes) = (of(|t| t.powi(9) - 0.5_f64.powi(9)), of(|t| 9.0 * t.powi(8)));
        let (value, error) = absolute_integral(1.0, &values, &slopes);
        let below = 0.5_f64.powi(10) * (1.0 - 1.0 / 10.0);
        let expected = (1.0 - 0.5_f64.powi(10)) / 10.0 - 0.5_f64.powi(10) + below;
        assert!((value / expected - 1.0).abs() < 1e-12, "{value} {expected}");
        assert!(error > 1e-9 && error < 1e-3, "{error}");
    }
}
