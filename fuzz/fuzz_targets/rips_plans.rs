//! All ways to the bars of a small space against the boundary matrix of its simplices.
//!
//! A byte is a distance: few values, so that many tie, one of them infinite, and two far
//! away from the others, so that rounding and ranks are put to the test.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use arbitrary::{Result, Unstructured};
use common::{Matrix, bars, check_cocycles, dense, ends_of, matrix, sparse};
use libfuzzer_sys::fuzz_target;
use ndarray::Array2;
use topolens::Monitor;
use topolens::homology::{Persistence, Plan, RipsOptions, rips, rips_batch};
use topolens::space::{Metric, PointCloud, Space, pairwise};

const INF: f64 = f64::INFINITY;
/// Degrees beyond which a space of so many points is too much for the textbook.
const MOST_POINTS: [usize; 4] = [16, 12, 9, 8];

fn number(u: &mut Unstructured) -> Result<f64> {
    let byte: u8 = u.arbitrary()?;
    Ok(match byte {
        0..=199 => f64::from(byte % 8),
        200..=219 => INF,
        220..=229 => 1e-300 * f64::from(byte - 219),
        230..=239 => 1e300 + f64::from(byte),
        _ => f64::from_bits(1.0_f64.to_bits() + u64::from(byte - 240)),
    })
}

/// Rows with few coordinates, under any metric.
fn points(u: &mut Unstructured, len: usize) -> Result<Option<(Space<'static>, Matrix)>> {
    let (dim, metric) = (u.int_in_range(1..=3)?, u.choose(&Metric::NAMES)?.1);
    let mut rows = Vec::with_capacity(len * dim);
    for _ in 0..len * dim {
        rows.push(f64::from(u.int_in_range(-3..=3_i8)?));
    }
    // Rows without a direction have no cosine.
    let Ok(points) = PointCloud::from_rows(rows, (len, dim), metric, &Monitor::new()) else {
        return Ok(None);
    };
    let distances = pairwise(&points, &Monitor::new()).unwrap();
    let matrix = matrix(len, |i, j| distances.get(i, j));
    Ok(Some((Space::Points(points), matrix)))
}

fn plans(top: usize, cocycles: bool) -> Vec<Plan> {
    let ways = [
        (15, "cohomology, dense rows"),
        (15, "cohomology, sparse rows"),
        (2, "annotations, dense rows"),
        (1, "annotations, sparse rows"),
    ];
    let names = ways.into_iter().filter(|(most, _)| top <= *most).map(|(_, name)| name);
    let endings = if cocycles { &[""][..] } else { &["", " after edge collapse"] };
    names
        .flat_map(|name| endings.iter().map(move |ending| format!("{name}{ending}")))
        .map(|name| name.parse().unwrap())
        .collect()
}

fn check(u: &mut Unstructured) -> Result<()> {
    let maxdim = u.int_in_range(0..=3)?;
    let len = u.int_in_range(0..=MOST_POINTS[maxdim])?;
    let coeff = *u.choose(&[2, 3, 5])?;
    let threshold = if u.arbitrary()? { INF } else { number(u)? };
    let kind: u8 = u.int_in_range(0..=3)?;
    let (space, d) = if kind == 0 {
        let Some(found) = points(u, len)? else { return Ok(()) };
        found
    } else {
        let mut values = Array2::zeros((len, len));
        for (i, j) in common::pairs(len) {
            values[[i, j]] = number(u)?;
        }
        let d = matrix(len, |i, j| values[[i, j]]);
        let space = match kind {
            1 => dense(&d),
            2 => sparse(&d, len, |i| i as u32),
            // Scattered among points without edges.
            _ => return check_scattered(&d, maxdim, threshold, coeff),
        };
        (space, d)
    };
    let expected = bars(&d, maxdim, threshold, coeff.into());
    let cocycles: bool = u.arbitrary()?;
    let options =
        RipsOptions { maxdim, threshold, coeff, cocycles, plan: None, ..RipsOptions::default() };
    let matches = |found: &Persistence| {
        assert_eq!(ends_of(found), expected, "{}", found.plan);
        for degree in (1..=maxdim).filter(|_| cocycles) {
            check_cocycles(&d, &found.bars[degree], degree, found.threshold, coeff.into());
        }
    };
    let chosen = rips(&space, &options, &Monitor::new()).unwrap();
    if maxdim > 0 {
        matches(&chosen);
    } else {
        let ends = |all: &[common::Ends]| all.iter().map(|bar| (bar.0, bar.1)).collect::<Vec<_>>();
        assert_eq!(ends(&ends_of(&chosen)[0]), ends(&expected[0]));
    }
    let batch = rips_batch(&[&space, &space], &options, &Monitor::new()).unwrap();
    assert!(batch.iter().all(|found| found.bars == chosen.bars));
    let given = match space {
        Space::Points(_) => dense(&d),
        other => other,
    };
    for plan in plans(maxdim.min(len.saturating_sub(2)), cocycles) {
        let options = RipsOptions { plan: Some(plan), ..options };
        matches(&rips(&given, &options, &Monitor::new()).unwrap());
    }
    Ok(())
}

/// Points without edges are components from the start, and change nothing else.
fn check_scattered(d: &Matrix, maxdim: usize, threshold: f64, coeff: u32) -> Result<()> {
    let len = 3 * d.len() + 5;
    let space = sparse(d, len, |i| 3 * i as u32 + 2);
    let alone = len - d.len();
    let mut expected = bars(d, maxdim, threshold, coeff.into());
    let moved = |edge: Option<(u32, u32)>| edge.map(|(i, j)| (3 * i + 2, 3 * j + 2));
    expected.iter_mut().flatten().for_each(|bar| (bar.2, bar.3) = (moved(bar.2), moved(bar.3)));
    expected[0].extend(std::iter::repeat_n((0.0, INF, None, None), alone));
    for plan in plans(maxdim, false) {
        let options =
            RipsOptions { maxdim, threshold, coeff, plan: Some(plan), ..RipsOptions::default() };
        let found = rips(&space, &options, &Monitor::new()).unwrap();
        assert_eq!(ends_of(&found), expected, "{plan}");
    }
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    let _ = check(&mut Unstructured::new(data));
});
