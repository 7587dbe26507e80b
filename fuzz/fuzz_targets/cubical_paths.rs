//! Images of one to four axes by all paths against the boundary matrix of all cells.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use arbitrary::{Result, Unstructured};
use common::cells::{Voxels, oracle};
use libfuzzer_sys::fuzz_target;
use ndarray::{ArrayD, Axis, IxDyn};
use topolens::Monitor;
use topolens::homology::{
    BettiOptions, Construction, CubicalBar, CubicalOptions, CubicalPersistence, Voxel, cubical,
    cubical_batch, cubical_betti,
};

/// Voxels beyond which the textbook takes too long.
const MOST: usize = 64;

fn image(u: &mut Unstructured) -> Result<ArrayD<f64>> {
    let axes = u.int_in_range(1..=4)?;
    let (mut shape, mut left) = (Vec::new(), MOST);
    for _ in 0..axes {
        let len = u.int_in_range(1..=left.min(9))?;
        shape.push(len);
        left /= len;
    }
    let mut values = Vec::new();
    for _ in 0..shape.iter().product() {
        let byte: u8 = u.arbitrary()?;
        values.push(match byte {
            0..=127 => f64::from(byte % 6),
            128..=199 => f64::from(byte),
            200..=209 => f64::INFINITY,
            210..=219 => f64::NEG_INFINITY,
            220..=225 => -0.0,
            226..=235 => f64::from(f32::MIN_POSITIVE) * (f64::from(byte) - 230.0) / 4.0,
            236..=245 => f64::from(f32::MAX) * (f64::from(byte) - 240.0) / 5.0,
            _ => f64::from(1.0 + f32::EPSILON * f32::from(byte - 246)),
        });
    }
    Ok(ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap())
}

fn voxels(found: &CubicalPersistence) -> Voxels {
    let ends = |bar: &CubicalBar| (bar.birth_voxel, bar.death_voxel);
    let sorted = |bars: &Vec<CubicalBar>| {
        let mut voxels: Vec<_> = bars.iter().map(ends).collect();
        voxels.sort();
        voxels
    };
    found.bars.iter().map(sorted).collect()
}

fn persistence<V: Voxel>(image: &ArrayD<V>, options: &CubicalOptions) -> CubicalPersistence {
    cubical(image.view(), options, &Monitor::new()).unwrap()
}

fn check(u: &mut Unstructured) -> Result<()> {
    let construction = if u.arbitrary()? { Construction::V } else { Construction::T };
    let (superlevel, coeff) = (u.arbitrary()?, *u.choose(&[2, 2, 2, 3, 5])?);
    let wraps: u8 = u.arbitrary()?;
    let maxdim = u.int_in_range(0..=4)?;
    let image = image(u)?;
    let axes = image.ndim();
    // Half of them are boxes.
    let periodic = match wraps {
        0..128 => Vec::new(),
        _ => (0..axes).map(|axis| wraps >> axis & 1 == 1).collect(),
    };
    let full = CubicalOptions {
        construction,
        superlevel,
        coeff,
        periodic,
        maxdim: Some(axes),
        ..CubicalOptions::default()
    };
    let expected = oracle(&image, &full);
    let all = persistence(&image, &full);
    assert_eq!(voxels(&all), expected);
    let some = CubicalOptions { maxdim: Some(maxdim.min(axes)), ..full.clone() };
    let some = persistence(&image, &some);
    assert_eq!(some.bars, all.bars[..=maxdim.min(axes)]);

    // All values are those of single precision.
    let single = image.mapv(|x| x as f32);
    assert_eq!(persistence(&single, &full), all);
    let mut mirrored = image.clone();
    mirrored.invert_axis(Axis(axes - 1));
    let copy = mirrored.as_standard_layout().to_owned();
    assert_eq!(persistence(&mirrored, &full), persistence(&copy, &full));
    let batch = cubical_batch(&[image.view(), image.view()], &full, &Monitor::new()).unwrap();
    assert!(batch.iter().all(|found| *found == all));
    if full.periodic.is_empty() && coeff == 2 {
        check_betti(&image, &all, &full);
    }
    Ok(())
}

/// Counts at every value, below and above all of them.
fn check_betti(image: &ArrayD<f64>, all: &CubicalPersistence, options: &CubicalOptions) {
    let CubicalOptions { construction, superlevel, .. } = *options;
    let mut thresholds: Vec<f64> = image.iter().map(|x| x + 0.0).collect();
    thresholds.extend([f64::NEG_INFINITY, f64::INFINITY, 0.5, -1e300, 1e300]);
    let counting = BettiOptions { construction, superlevel, ..BettiOptions::default() };
    let found = cubical_betti(image.view().into_dyn(), &thresholds, &counting, &Monitor::new());
    let found = found.unwrap();
    let sign = if superlevel { -1.0 } else { 1.0 };
    for (k, threshold) in thresholds.iter().enumerate() {
        for degree in 0..image.ndim() {
            let alive = all.bars[degree].iter().filter(|bar| {
                let [birth, at, death] = [bar.birth, *threshold, bar.death].map(|x| sign * x);
                birth <= at && (at < death || bar.death_voxel.is_none())
            });
            assert_eq!(
                found.betti[[0, k, degree]],
                alive.count() as i64,
                "degree {degree} at {threshold}"
            );
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let _ = check(&mut Unstructured::new(data));
});
