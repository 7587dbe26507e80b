//! Integrals over scales, panel by panel.
//!
//! A magnitude function changes by factors of t wherever points are told apart, be
//! they near or far. So the variable is v = asinh(t/c), where c belongs to the
//! longest distance: like t below c, where all there is is the start of a straight
//! rise, and like log t above. In v the function is smooth on a length of about 1:
//! that of points on a line, a sum of tanh(td/2), has no singularity within π/2 of
//! the real axis.

use std::f64::consts::PI;

/// Kronrod's 15 nodes on (−1, 1) from the outermost to the middle, with his weights
/// and those of the rules through every second of them: the seven of Gauss, and the
/// eight others.
const RULE: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_224, 0.043_787_914_992_233_27),
    (0.949_107_912_342_758_5, 0.063_092_092_629_978_56, 0.129_484_966_168_869_7),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_18, 0.209_136_164_496_178),
    (0.741_531_185_599_394_4, 0.140_653_259_715_525_92, 0.279_705_391_489_276_64),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9, 0.338_314_908_133_113_07),
    (0.405_845_151_377_397_2, 0.190_350_578_064_785_4, 0.381_830_050_505_118_9),
    (0.207_784_955_007_898_5, 0.204_432_940_075_298_9, 0.408_761_012_378_475_7),
    (0.0, 0.209_482_141_084_727_82, 0.417_959_183_673_469_4),
];

/// Number of scales of a panel at which a function is evaluated.
pub const NODES: usize = 15;

/// Widest panel in v.
const WIDEST: f64 = 5.0;

/// Steps in which a panel is searched for zeros and integrated.
const STEPS: usize = 64;

/// Scales that are integrated over together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Panel {
    /// The scale c.
    unit: f64,
    /// v at both ends.
    from: f64,
    to: f64,
}

impl Panel {
    /// Panels for the scales from 0 to `end`, where the longest distance is `longest`.
    pub fn cover(longest: f64, end: f64) -> Vec<Self> {
        let unit = (PI / longest).clamp(f64::MIN_POSITIVE, f64::MAX);
        let width = (end / unit).min(f64::MAX).asinh();
        let count = (width / WIDEST).ceil().max(1.0);
        let at = |k: usize| width * (k as f64 / count);
        (0..count as usize).map(|k| Self { unit, from: at(k), to: at(k + 1) }).collect()
    }

    pub fn halves(self) -> [Self; 2] {
        let middle = 0.5 * (self.from + self.to);
        [Self { to: middle, ..self }, Self { from: middle, ..self }]
    }

    /// The scales at which to evaluate a function, ascending.
    pub fn scales(&self) -> impl Iterator<Item = f64> {
        (0..NODES).map(|k| self.unit * self.at(node(k)).sinh())
    }

    /// v at a place between −1 and 1.
    fn at(&self, place: f64) -> f64 {
        0.5 * (self.from + self.to + place * (self.to - self.from))
    }

    /// dt by the place.
    fn weight(&self, place: f64) -> f64 {
        0.5 * (self.to - self.from) * self.unit * self.at(place).cosh()
    }

    /// ∫ f dt from the values at the scales, and its distance from the coarser rules.
    pub fn integral(&self, values: &[f64]) -> (f64, f64) {
        let (mut fine, mut coarse) = (0.0, [0.0; 2]);
        for (k, value) in values.iter().enumerate() {
            let (_, weight, every_second) = RULE[k.min(NODES - 1 - k)];
            let value = value * self.weight(node(k));
            fine += weight * value;
            coarse[k % 2] += every_second * value;
        }
        (fine, coarse.iter().fold(0.0, |error: f64, sum| error.max((sum - fine).abs())))
    }

    /// ∫ |f| dt from the values at the scales, and a bound of its error.
    ///
    /// Where f does not come near to zero this is |∫ f dt|. Otherwise the polynomial
    /// in v through all values stands for f, cut at its zeros; the bound is the
    /// integral of its distance from the one through the values at Gauss's nodes.
    pub fn absolute_integral(&self, values: &[f64]) -> (f64, f64) {
        let all: Vec<usize> = (0..NODES).collect();
        let second: Vec<usize> = (1..NODES).step_by(2).collect();
        let (fine, coarse) = (Interpolant::new(&all, values), Interpolant::new(&second, values));
        let apart = |place: f64| fine.at(place) - coarse.at(place);
        let sign = values[0].signum();
        let mut places = (0..=STEPS).map(border);
        if places.all(|place| sign * fine.at(place) > apart(place).abs()) {
            let (value, error) = self.integral(values);
            return (value.abs(), error);
        }
        (self.area(|place| fine.at(place)), self.area(apart))
    }

    /// ∫ |p| dt for a polynomial by the place, step by step.
    fn area(&self, p: impl Fn(f64) -> f64) -> f64 {
        let piece = |a, b| between(a, b, |place| self.weight(place) * p(place)).abs();
        let step = |step: usize| {
            let (a, b) = (border(step), border(step + 1));
            if p(a) * p(b) < 0.0 {
                let zero = zero_between(&p, a, b);
                return piece(a, zero) + piece(zero, b);
            }
            piece(a, b)
        };
        (0..STEPS).map(step).sum()
    }
}

/// The place of node `k`.
fn node(k: usize) -> f64 {
    let place = RULE[k.min(NODES - 1 - k)].0;
    if k < NODES / 2 { -place } else { place }
}

/// The place where a step begins.
fn border(step: usize) -> f64 {
    2.0 * (step as f64 / STEPS as f64) - 1.0
}

/// ∫ p(x) dx from a to b.
fn between(a: f64, b: f64, p: impl Fn(f64) -> f64) -> f64 {
    let at = |k: usize| p(0.5 * (a + b + (b - a) * node(k)));
    let sum: f64 = (0..NODES).map(|k| RULE[k.min(NODES - 1 - k)].1 * at(k)).sum();
    0.5 * (b - a) * sum
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

/// The polynomial with given values at some of the nodes, in barycentric form.
struct Interpolant {
    /// Place, value, and Π 1/(x − xⱼ) over the other nodes.
    points: Vec<(f64, f64, f64)>,
}

impl Interpolant {
    fn new(nodes: &[usize], values: &[f64]) -> Self {
        let point = |&k: &usize| {
            let gaps = nodes.iter().filter(|&&j| j != k).map(|&j| node(k) - node(j));
            // 2 per factor keeps the products near 1.
            (node(k), values[k], 1.0 / gaps.map(|gap| 2.0 * gap).product::<f64>())
        };
        Self { points: nodes.iter().map(point).collect() }
    }

    fn at(&self, place: f64) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for &(node, value, weight) in &self.points {
            if place == node {
                return value;
            }
            let share = weight / (place - node);
            above += share * value;
            below += share;
        }
        above / below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The panel on which t, in the unit, is v up to third order.
    fn small() -> Panel {
        Panel::cover(PI, 1e-6)[0]
    }

    #[test]
    fn panels_cover_all_scales() {
        for end in [1e-9, 1.0, 1e3, 1e12, 1e200] {
            let panels = Panel::cover(2.0, end);
            assert_eq!(panels[0].from, 0.0);
            assert!(panels.windows(2).all(|pair| pair[0].to == pair[1].from));
            let last = panels[panels.len() - 1];
            assert!((last.unit * last.to.sinh() / end - 1.0).abs() < 1e-11, "{end:e}");
            assert!(panels.iter().all(|panel| panel.to - panel.from <= WIDEST));
            let (sum, error) = panels
                .iter()
                .flat_map(|panel| panel.halves())
                .map(|panel| panel.integral(&[3.0; NODES]))
                .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
            assert!((sum / (3.0 * end) - 1.0).abs() < 1e-11, "{end:e}: {sum:e}");
            assert!(error < 1e-6 * sum);
        }
    }

    #[test]
    fn polynomials_are_integrated_exactly() {
        let panel = small();
        for power in 0..20 {
            let f = |t: f64| (1e6 * t).powi(power);
            let values: Vec<f64> = panel.scales().map(f).collect();
            let (value, error) = panel.integral(&values);
            let expected = 1e-6 / f64::from(power + 1);
            assert!((value / expected - 1.0).abs() < 1e-11, "{power}: {value} {expected}");
            assert!((error < 1e-10 * expected) == (power <= 7), "{power}: {error}");
        }
    }

    #[test]
    fn absolute_values_are_cut_at_the_zeros() {
        // ∫₀¹ |t² − t/2| dt = 1/8, and one zero at t = 1/2.
        let panel = small();
        let values: Vec<f64> = panel.scales().map(|t| 1e6 * t).map(|t| t * t - 0.5 * t).collect();
        let (value, error) = panel.absolute_integral(&values);
        assert!((value - 0.125e-6).abs() < 1e-17, "{value}");
        assert!(error < 1e-17, "{error}");
        assert_eq!(panel.absolute_integral(&[0.0; NODES]), (0.0, 0.0));
    }

    #[test]
    fn signs_that_are_sure_need_no_polynomial() {
        let panel = Panel::cover(1.0, 50.0)[0];
        let f = |t: f64| 1.0 + (0.5 * t).tanh();
        let values: Vec<f64> = panel.scales().map(f).collect();
        let less: Vec<f64> = values.iter().map(|value| -value).collect();
        assert_eq!(panel.absolute_integral(&values), panel.integral(&values));
        assert_eq!(panel.absolute_integral(&less), panel.integral(&values));
        let crossing: Vec<f64> = values.iter().map(|value| value - 1.5).collect();
        let (value, error) = panel.absolute_integral(&crossing);
        // ∫ |tanh(t/2) − ½| dt with the zero at log 3.
        let area = |t: f64| 2.0 * (0.5 * t).cosh().ln() - 0.5 * t;
        let expected = area(50.0) - 2.0 * area(3.0_f64.ln());
        assert!((value - expected).abs() <= error && error < 0.2, "{value} {expected} {error}");
    }
}
