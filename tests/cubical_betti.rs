//! Betti numbers at thresholds against flood fills, counted cells and bars.

use std::collections::BTreeSet;

use ndarray::{ArrayD, Axis, IxDyn};
use proptest::prelude::*;
use topolens::homology::{
    BettiOptions, Construction, CubicalBetti, CubicalOptions, cubical, cubical_betti,
};
use topolens::{Error, Monitor};

type Voxel = [i64; 3];

/// A set of voxels in a box of three axes.
struct Set {
    shape: [i64; 3],
    voxels: BTreeSet<Voxel>,
}

impl Set {
    fn new(image: &ArrayD<f64>, has_entered: impl Fn(f64) -> bool) -> Self {
        let mut shape = [1; 3];
        let axes = image.ndim();
        (0..axes).for_each(|k| shape[3 - axes + k] = image.len_of(Axis(k)) as i64);
        let places = (0..shape[0])
            .flat_map(|z| (0..shape[1]).flat_map(move |y| (0..shape[2]).map(move |x| [z, y, x])));
        let entered = places.zip(image).filter(|&(_, &value)| has_entered(value));
        Self { shape, voxels: entered.map(|(place, _)| place).collect() }
    }

    /// Components of some voxels, where neighbours differ by 1 along at most so many axes.
    fn components(mut voxels: BTreeSet<Voxel>, axes: usize) -> i64 {
        let steps: Vec<Voxel> = (0..27)
            .map(|k| [k / 9 - 1, k / 3 % 3 - 1, k % 3 - 1])
            .filter(|step| (1..=axes).contains(&step.iter().filter(|&&s| s != 0).count()))
            .collect();
        let mut count = 0;
        while let Some(first) = voxels.pop_first() {
            let mut found = vec![first];
            while let Some(voxel) = found.pop() {
                for step in &steps {
                    let next = [0, 1, 2].map(|k| voxel[k] + step[k]);
                    if voxels.remove(&next) {
                        found.push(next);
                    }
                }
            }
            count += 1;
        }
        count
    }

    /// The box with a margin, without the set.
    fn rest(&self) -> BTreeSet<Voxel> {
        let [a, b, c] = self.shape;
        let places =
            (-1..=a).flat_map(|z| (-1..=b).flat_map(move |y| (-1..=c).map(move |x| [z, y, x])));
        places.filter(|place| !self.voxels.contains(place)).collect()
    }

    /// Cells by doubled coordinates, odd ones where they stretch.
    fn euler(&self, construction: Construction) -> i64 {
        let mut cells = BTreeSet::new();
        for voxel in &self.voxels {
            for k in 0..27 {
                let step = [k / 9 - 1, k / 3 % 3 - 1, k % 3 - 1];
                cells.insert(match construction {
                    Construction::V => [0, 1, 2].map(|k: usize| 2 * voxel[k] + step[k]),
                    Construction::T => [0, 1, 2].map(|k: usize| 2 * voxel[k] + 1 + step[k]),
                });
            }
        }
        let has_all_vertices = |cell: &Voxel| {
            (0..8).all(|corner| {
                let ends = [corner & 1, corner >> 1 & 1, corner >> 2];
                let ends = [0, 1, 2].map(|k: usize| {
                    let stretched = cell[k].rem_euclid(2);
                    (cell[k] - stretched) / 2 + stretched * ends[k]
                });
                self.voxels.contains(&ends)
            })
        };
        if construction == Construction::V {
            cells.retain(has_all_vertices);
        }
        let odd = |cell: &Voxel| cell.iter().filter(|at| at.rem_euclid(2) == 1).count();
        cells.iter().map(|cell| if odd(cell) % 2 == 0 { 1 } else { -1 }).sum()
    }

    fn betti(&self, construction: Construction) -> [i64; 3] {
        let (inside, outside) = match construction {
            Construction::V => (1, 3),
            Construction::T => (3, 1),
        };
        let parts = Self::components(self.voxels.clone(), inside);
        let cavities = Self::components(self.rest(), outside) - 1;
        [parts, parts + cavities - self.euler(construction), cavities]
    }
}

fn options(construction: Construction, superlevel: bool) -> BettiOptions {
    BettiOptions { construction, superlevel, ..BettiOptions::default() }
}

fn betti(image: &ArrayD<f64>, thresholds: &[f64], options: &BettiOptions) -> CubicalBetti {
    cubical_betti(image.view(), thresholds, options, &Monitor::new()).unwrap()
}

fn image() -> impl Strategy<Value = ArrayD<f64>> {
    let value = prop_oneof![
        8 => (0..4_i8).prop_map(f64::from),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
    ];
    let long = (1..3_usize, 60..140_usize).prop_map(|(rows, len)| vec![rows, len]);
    let slab = (3..5_usize, 3..5_usize, 63..67_usize).prop_map(|(a, b, c)| vec![a, b, c]);
    let shape = prop_oneof![
        1 => long,
        1 => slab,
        6 => prop::collection::vec(1..7_usize, 1..=3),
    ];
    shape.prop_flat_map(move |shape| {
        let len: usize = shape.iter().product();
        prop::collection::vec(value.clone(), len)
            .prop_map(move |values| ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap())
    })
}

const THRESHOLDS: [f64; 6] = [f64::NEG_INFINITY, -1.0, 0.0, 1.5, 2.0, f64::INFINITY];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn numbers_are_those_of_floods_and_cells(image in image(), superlevel in any::<bool>()) {
        for construction in [Construction::V, Construction::T] {
            let found = betti(&image, &THRESHOLDS, &options(construction, superlevel));
            for (k, &threshold) in THRESHOLDS.iter().enumerate() {
                let set = match superlevel {
                    false => Set::new(&image, |x| x <= threshold && x < f64::INFINITY),
                    true => Set::new(&image, |x| x >= threshold && x > f64::NEG_INFINITY),
                };
                let expected = &set.betti(construction)[..image.ndim()];
                let numbers: Vec<i64> = (0..image.ndim()).map(|d| found.betti[[0, k, d]]).collect();
                prop_assert_eq!(&numbers[..], expected, "{:?} at {}", construction, threshold);
                prop_assert_eq!(found.euler[[0, k]], set.euler(construction));
            }
        }
    }

    #[test]
    fn numbers_are_those_of_bars(image in image(), superlevel in any::<bool>()) {
        for construction in [Construction::V, Construction::T] {
            let found = betti(&image, &THRESHOLDS, &options(construction, superlevel));
            let of_bars =
                CubicalOptions { construction, superlevel, ..CubicalOptions::default() };
            let bars = cubical(image.view(), &of_bars, &Monitor::new()).unwrap().bars;
            let sign = if superlevel { -1.0 } else { 1.0 };
            for (k, threshold) in THRESHOLDS.iter().map(|t| sign * t).enumerate() {
                for (degree, bars) in bars.iter().enumerate() {
                    let alive = bars.iter().filter(|bar| {
                        let lives_on = threshold < sign * bar.death || bar.death_voxel.is_none();
                        sign * bar.birth <= threshold && lives_on
                    });
                    prop_assert_eq!(found.betti[[0, k, degree]], alive.count() as i64);
                }
            }
        }
    }

    #[test]
    fn batches_strides_and_threads_change_nothing(image in image(), flip in any::<bool>()) {
        let plain = options(Construction::V, false);
        let expected = betti(&image, &THRESHOLDS, &plain);
        let turned = image.clone().reversed_axes();
        prop_assert_eq!(&betti(&turned, &THRESHOLDS, &plain).betti, &expected.betti);
        let mut flipped = image.clone();
        flipped.invert_axis(Axis(0));
        let second = if flip { &flipped } else { &turned.as_standard_layout().to_owned() };
        if second.shape() == image.shape() {
            let both = ndarray::stack(Axis(0), &[image.view(), second.view()]).unwrap();
            for threads in 1..=3 {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let found =
                    pool.install(|| betti(&both, &THRESHOLDS, &BettiOptions { batch: true, ..plain }));
                prop_assert_eq!(found.betti.index_axis(Axis(0), 0), expected.betti.index_axis(Axis(0), 0));
                prop_assert_eq!(found.betti.index_axis(Axis(0), 1), expected.betti.index_axis(Axis(0), 0));
            }
        }
    }
}

#[test]
fn four_axes_are_counted_by_bars() {
    // The surface of a box of four axes, without the voxel in its middle.
    let image =
        ArrayD::from_shape_fn(
            IxDyn(&[3; 4]),
            |at| {
                if (0..4).all(|k| at[k] == 1) { 1.0 } else { 0.0 }
            },
        );
    let found = betti(&image, &[0.0, 1.0], &BettiOptions::default());
    assert_eq!(found.betti.into_raw_vec_and_offset().0, [1, 0, 0, 1, 1, 0, 0, 0]);
    assert_eq!(found.euler.into_raw_vec_and_offset().0, [0, 1]);
}

#[test]
fn arguments_that_break_their_rules_are_named() {
    let refusal = |shape: &[usize], value: f64, thresholds: &[f64], batch: bool| {
        let image = ArrayD::from_elem(IxDyn(shape), value);
        let options = BettiOptions { batch, max_memory: 1000, ..BettiOptions::default() };
        cubical_betti(image.view(), thresholds, &options, &Monitor::new()).unwrap_err()
    };
    let message = |error: Error| error.to_string();
    assert_eq!(message(refusal(&[], 0.0, &[0.0], false)), "`X` must have 1 to 4 axes; found 0");
    assert!(message(refusal(&[2], 0.0, &[0.0], true)).contains("after the one that counts images"));
    assert!(message(refusal(&[2; 5], 0.0, &[0.0], false)).contains("1 to 4 axes; found 5"));
    assert!(message(refusal(&[2, 0], 0.0, &[0.0], false)).contains("no voxels along axis 1"));
    assert!(message(refusal(&[2, 0], 0.0, &[0.0], true)).contains("no voxels along axis 1"));
    assert_eq!(
        message(refusal(&[2, 2], f64::NAN, &[0.0], false)),
        "`X` must hold numbers; found NaN at [0, 0]"
    );
    assert_eq!(
        message(refusal(&[2, 2], f64::NAN, &[0.0], true)),
        "`X` must hold numbers; found NaN at [0, 0]"
    );
    assert_eq!(
        message(refusal(&[2, 2], 0.0, &[0.0, f64::NAN], true)),
        "`thresholds` must be numbers; found NaN at [1]"
    );
    let refused = refusal(&[100, 100], 0.0, &[0.0], false);
    assert!(matches!(refused, Error::TooLarge { .. }), "{refused:?}");
}

#[test]
fn counting_can_be_stopped_anywhere() {
    let image = ArrayD::from_shape_fn(IxDyn(&[5, 6, 7]), |at| ((at[0] * at[1] + at[2]) % 3) as f64);
    let run =
        |monitor: &Monitor| cubical_betti(image.view(), &[1.0], &BettiOptions::default(), monitor);
    let first = (0..).find(|&k| run(&Monitor::cancel_after(k)).is_ok()).unwrap();
    assert!(first > 10, "{first}");
}
