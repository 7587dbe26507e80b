//! Distances of two small diagrams against all their matchings, one by one.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use arbitrary::{Result, Unstructured};
use common::matchings::every_matching;
use libfuzzer_sys::fuzz_target;
use ndarray::Array2;
use topolens::diagram::{DiagramMetric, WassersteinOptions, distance, distance_matrix, matching};
use topolens::{Error, Monitor};

const INF: f64 = f64::INFINITY;
type Bars = Vec<(f64, f64)>;

fn number(u: &mut Unstructured, scale: f64) -> Result<f64> {
    let byte: u8 = u.arbitrary()?;
    Ok(match byte {
        0..=159 => scale * f64::from(byte % 8),
        160..=169 => INF,
        170..=174 => -INF,
        175..=179 => -0.0,
        180..=199 => scale * (1.0 + f64::EPSILON * f64::from(byte - 180)),
        200..=219 => -scale * f64::from(byte - 199) / 3.0,
        _ => scale * f64::from(u.arbitrary::<u16>()?) / 1024.0,
    })
}

fn bars(u: &mut Unstructured, scale: f64) -> Result<Bars> {
    let mut bars = Vec::new();
    for _ in 0..u.int_in_range(0..=5)? {
        let (x, y) = (number(u, scale)?, number(u, scale)?);
        let (birth, death) = (x.min(y), x.max(y));
        if birth < INF && death > -INF {
            bars.push((birth, death));
        }
    }
    Ok(bars)
}

/// Finite points, and the ends of essential classes of each kind in order.
fn parts(bars: &Bars) -> (Bars, [Vec<f64>; 3]) {
    let mut essential = [const { Vec::new() }; 3];
    let mut finite = Vec::new();
    for &(birth, death) in bars {
        match (birth > -INF, death < INF) {
            (true, true) => finite.push((birth, death)),
            (true, false) => essential[0].push(birth),
            (false, true) => essential[1].push(death),
            (false, false) => essential[2].push(0.0),
        }
    }
    essential.iter_mut().for_each(|ends| ends.sort_by(f64::total_cmp));
    (finite, essential)
}

/// The lengths of the moves of every matching, in units of the scale.
fn matchings(a: &Bars, b: &Bars, scale: f64) -> Vec<Vec<f64>> {
    let ((a, of_a), (b, of_b)) = (parts(a), parts(b));
    if of_a.iter().zip(&of_b).any(|(x, y)| x.len() != y.len()) {
        return Vec::new();
    }
    let forever: Vec<f64> =
        of_a.iter().flatten().zip(of_b.iter().flatten()).map(|(x, y)| (x - y).abs()).collect();
    let mut all = every_matching(&a, &b);
    all.iter_mut().for_each(|lengths| {
        lengths.extend(&forever);
        lengths.iter_mut().for_each(|length| *length /= scale);
    });
    all
}

/// The distance of landscapes at every level where both are linear between corners: the
/// largest difference is at one of these.
fn landscape_supremum(a: &Bars, b: &Bars, levels: usize) -> f64 {
    let ((a, of_a), (b, of_b)) = (parts(a), parts(b));
    let ends: Vec<f64> = a.iter().chain(&b).flat_map(|&(birth, death)| [birth, death]).collect();
    let places = ends.iter().flat_map(|x| ends.iter().map(move |y| x / 2.0 + y / 2.0));
    let heights = |bars: &Bars, t: f64| {
        let mut heights: Vec<f64> =
            bars.iter().map(|(birth, death)| (t - birth).min(death - t).max(0.0)).collect();
        heights.sort_by(|x, y| y.total_cmp(x));
        heights.resize(levels, 0.0);
        heights
    };
    let mut largest: f64 = 0.0;
    for t in places {
        for (x, y) in heights(&a, t).into_iter().zip(heights(&b, t)) {
            largest = largest.max((x - y).abs());
        }
    }
    let essential = of_a.iter().flatten().zip(of_b.iter().flatten());
    essential.fold(largest, |most, (x, y)| most.max((x - y).abs()))
}

fn sliced(a: &Bars, b: &Bars, directions: usize, scale: f64) -> f64 {
    let ((a, of_a), (b, of_b)) = (parts(a), parts(b));
    let mut sum = 0.0;
    for line in 0..directions {
        let angle = std::f64::consts::PI * (0.5 + line as f64 / directions as f64);
        let (sin, cos) = angle.sin_cos();
        let on = |bars: &Bars, others: &Bars| {
            let points = bars.iter().map(|(x, y)| cos * x / scale + sin * y / scale);
            let middle = |(x, y): &(f64, f64)| (cos + sin) * (x / scale + y / scale) / 2.0;
            let mut shadow: Vec<f64> = points.chain(others.iter().map(middle)).collect();
            shadow.sort_by(f64::total_cmp);
            shadow
        };
        sum += on(&a, &b).into_iter().zip(on(&b, &a)).map(|(x, y)| (x - y).abs()).sum::<f64>();
    }
    let essential = of_a.iter().flatten().zip(of_b.iter().flatten());
    essential.map(|(x, y)| (x - y).abs() / scale).sum::<f64>() + sum / directions as f64
}

fn check(u: &mut Unstructured) -> Result<()> {
    let scale = *u.choose(&[1.0, 1.0, 1.0, 1e-300, 1e-160, 1e150, 1e290, 5e-324])?;
    let p = *u.choose(&[1.0, 1.5, 2.0, 3.0, 7.0, 60.0])?;
    let delta = *u.choose(&[0.01, 0.3, 1.0])?;
    let (a, b) = (bars(u, scale)?, bars(u, scale)?);
    let all = matchings(&a, &b, scale);
    let rows = |bars: &Bars| {
        Array2::from_shape_fn((bars.len(), 2), |(i, k)| if k == 0 { bars[i].0 } else { bars[i].1 })
    };
    let (rows_a, rows_b, go) = (rows(&a), rows(&b), Monitor::new());
    let of = |metric| {
        let found = distance(rows_a.view(), rows_b.view(), metric, u64::MAX, &go).unwrap();
        let turned = distance(rows_b.view(), rows_a.view(), metric, u64::MAX, &go).unwrap();
        // With a factor to spare the two ways may stop at different matchings.
        assert!(is_near(metric) || close(found, turned, scale), "{metric:?}: {found:e} {turned:e}");
        let both = [rows_a.view(), rows_b.view()];
        let matrix = distance_matrix(&both, metric, u64::MAX, &go).unwrap();
        assert_eq!([matrix[[0, 1]], matrix[[1, 0]]], [found; 2], "{metric:?}");
        assert_eq!([matrix[[0, 0]], matrix[[1, 1]]], [0.0; 2], "{metric:?}");
        let same = distance(rows_a.view(), rows_a.view(), metric, u64::MAX, &go).unwrap();
        assert_eq!(same, 0.0, "{metric:?}");
        found
    };

    let longest = |lengths: &Vec<f64>| lengths.iter().copied().fold(0.0, f64::max);
    let expected = all.iter().map(longest).fold(INF, f64::min);
    let found = of(DiagramMetric::Bottleneck { delta: 0.0 });
    // Divided by the scale as the moves of the matchings are.
    assert_eq!(found / scale, expected, "bottleneck");
    let near = of(DiagramMetric::Bottleneck { delta });
    assert!(found <= near && near <= found * (1.0 + delta), "{found:e} {near:e}");

    let power = |lengths: &Vec<f64>| {
        let most = longest(lengths);
        let of = |length: &f64| if most > 0.0 { (length / most).powf(p) } else { 0.0 };
        most * lengths.iter().map(of).sum::<f64>().powf(1.0 / p)
    };
    let expected = all.iter().map(power).fold(INF, f64::min);
    let exact = WassersteinOptions { p, q: INF, delta: 0.0 };
    let found = of(DiagramMetric::Wasserstein(exact));
    assert!(close(found, expected * scale, scale), "wasserstein: {found:e} {:e}", expected * scale);
    let within = of(DiagramMetric::Wasserstein(WassersteinOptions { delta, ..exact }));
    // The least numbers are halved in whole steps.
    let most = found * (1.0 + delta) * (1.0 + 1e-9) + 1e-322;
    assert!(found * (1.0 - 1e-9) <= within + 1e-322 && within <= most, "{found:e} {within:e}");
    for metric in [DiagramMetric::Bottleneck { delta: 0.0 }, DiagramMetric::Wasserstein(exact)] {
        check_matching(&rows_a, &rows_b, metric);
    }

    if !all.is_empty() {
        let levels = u.int_in_range(1..=6)?;
        let found = of(DiagramMetric::Landscape { levels, p: INF });
        let expected = landscape_supremum(&a, &b, levels);
        assert!(close(found, expected, scale), "landscapes: {found:e} {expected:e}");
        let found = of(DiagramMetric::Sliced { directions: 5 });
        let expected = sliced(&a, &b, 5, scale);
        assert!(close(found, expected * scale, scale), "sliced: {found:e} {:e}", expected * scale);
    }
    for q in [1.0, 2.0, 3.0] {
        of(DiagramMetric::Wasserstein(WassersteinOptions { p, q, delta: 0.0 }));
        let landscapes = DiagramMetric::Landscape { levels: 3, p };
        match distance(rows_a.view(), rows_b.view(), landscapes, u64::MAX, &go) {
            Ok(found) => assert_eq!(found == INF, all.is_empty(), "{landscapes:?}: {found:e}"),
            // Areas are squares of lengths.
            Err(error) => assert!(matches!(error, Error::Overflow { .. }) && scale > 1e100),
        }
    }
    Ok(())
}

fn is_near(metric: DiagramMetric) -> bool {
    match metric {
        DiagramMetric::Bottleneck { delta } => delta > 0.0,
        DiagramMetric::Wasserstein(options) => options.delta > 0.0,
        _ => false,
    }
}

/// Equal up to rounding at the size of the coordinates.
fn close(x: f64, y: f64, scale: f64) -> bool {
    x == y || (x - y).abs() <= 1e-9 * x.abs().max(y.abs()) + 1e-12 * scale + 1e-322
}

/// Every row is matched once.
fn check_matching(a: &Array2<f64>, b: &Array2<f64>, metric: DiagramMetric) {
    let found = matching(a.view(), b.view(), metric, u64::MAX, &Monitor::new()).unwrap();
    let alone = distance(a.view(), b.view(), metric, u64::MAX, &Monitor::new()).unwrap();
    assert_eq!(found.distance, alone, "{metric:?}");
    if alone == INF {
        assert!(found.pairs.is_empty());
        return;
    }
    let mut first: Vec<u32> = found.pairs.iter().filter_map(|pair| pair.first).collect();
    let mut second: Vec<u32> = found.pairs.iter().filter_map(|pair| pair.second).collect();
    first.sort();
    second.sort();
    assert!(first.into_iter().eq(0..a.nrows() as u32), "{metric:?}: {:?}", found.pairs);
    assert!(second.into_iter().eq(0..b.nrows() as u32), "{metric:?}: {:?}", found.pairs);
}

fuzz_target!(|data: &[u8]| {
    let _ = check(&mut Unstructured::new(data));
});
