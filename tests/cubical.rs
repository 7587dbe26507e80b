//! Diagrams of images against the boundary matrix of all cells, reduced from left to right.

mod common;

use common::cells::{Voxels, oracle};
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, Slice};
use proptest::prelude::*;
use topolens::homology::{
    Construction, CubicalBar, CubicalOptions, CubicalPersistence, cubical, cubical_batch,
};
use topolens::{Error, Monitor};

fn voxels(persistence: &CubicalPersistence) -> Voxels {
    let ends = |bar: &CubicalBar| (bar.birth_voxel, bar.death_voxel);
    let sorted = |bars: &Vec<CubicalBar>| {
        let mut voxels: Vec<_> = bars.iter().map(ends).collect();
        voxels.sort();
        voxels
    };
    persistence.bars.iter().map(sorted).collect()
}

fn check_bars(image: &ArrayD<f64>, persistence: &CubicalPersistence, superlevel: bool) {
    let values: Vec<f64> = image.iter().copied().collect();
    for bars in &persistence.bars {
        assert!(bars.is_sorted_by(|a, b| (a.birth, a.death) <= (b.birth, b.death)));
        for bar in bars {
            let never = if superlevel { f64::NEG_INFINITY } else { f64::INFINITY };
            assert_eq!(bar.birth, values[bar.birth_voxel as usize]);
            assert_eq!(bar.death, bar.death_voxel.map_or(never, |death| values[death as usize]));
            assert!(if superlevel { bar.birth > bar.death } else { bar.birth < bar.death });
        }
    }
}

/// Few values, so that many tie, some of them infinite.
fn image(most: usize) -> impl Strategy<Value = ArrayD<f64>> {
    let value = prop_oneof![
        12 => (0..5_i8).prop_map(f64::from),
        6 => -1.0..1.0,
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(-0.0),
    ];
    let shape = prop::collection::vec(1..5_usize, 1..=4)
        .prop_filter("few voxels", move |shape| shape.iter().product::<usize>() <= most);
    shape.prop_flat_map(move |shape| {
        let len: usize = shape.iter().product();
        prop::collection::vec(value.clone(), len)
            .prop_map(move |values| ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap())
    })
}

fn options() -> impl Strategy<Value = CubicalOptions> {
    let construction = prop_oneof![Just(Construction::V), Just(Construction::T)];
    (construction, any::<bool>(), prop_oneof![4 => Just(2_u32), 1 => Just(3), 1 => Just(5)])
        .prop_map(|(construction, superlevel, coeff)| CubicalOptions {
            construction,
            superlevel,
            coeff,
            ..CubicalOptions::default()
        })
}

fn persistence(image: ArrayViewD<'_, f64>, options: &CubicalOptions) -> CubicalPersistence {
    cubical(image, options, &Monitor::new()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bars_are_those_of_the_boundary_matrix(
        image in image(48), options in options(), wraps in prop::collection::vec(any::<bool>(), 4),
        periodic in any::<bool>(),
    ) {
        let axes = image.ndim();
        let periodic = if periodic { wraps[..axes].to_vec() } else { Vec::new() };
        let options = CubicalOptions { maxdim: Some(axes), periodic, ..options };
        let found = persistence(image.view(), &options);
        check_bars(&image, &found, options.superlevel);
        prop_assert_eq!(voxels(&found), oracle(&image, &options));
    }

    #[test]
    fn fewer_degrees_are_the_first_ones(image in image(48), options in options(), maxdim in 0..4_usize) {
        let all = persistence(image.view(), &options);
        prop_assert_eq!(all.bars.len(), image.ndim());
        let maxdim = maxdim.min(image.ndim() - 1);
        let some = persistence(image.view(), &CubicalOptions { maxdim: Some(maxdim), ..options });
        prop_assert_eq!(&all.bars[..=maxdim], &some.bars[..]);
    }

    #[test]
    fn single_precision_and_strides_change_nothing(image in image(48), options in options()) {
        let single = image.mapv(|x| x as f32);
        let double = single.mapv(f64::from);
        let found = persistence(double.view(), &options);
        prop_assert_eq!(&found, &cubical(single.view(), &options, &Monitor::new()).unwrap());
        let mut reversed = double.clone();
        reversed.invert_axis(Axis(0));
        let copied = reversed.as_standard_layout().to_owned();
        prop_assert_eq!(persistence(reversed.view(), &options), persistence(copied.view(), &options));
        let transposed = double.t();
        let copied = transposed.as_standard_layout().to_owned();
        prop_assert_eq!(persistence(transposed, &options), persistence(copied.view(), &options));
    }
}

#[test]
fn batches_equal_their_images() {
    let image = ArrayD::from_shape_fn(IxDyn(&[4, 5, 6]), |at| {
        ((at[0] * 7 + at[1] * 3 + at[2]) % 11) as f32
    });
    let images: Vec<_> = (0..4).map(|k| image.slice_axis(Axis(0), Slice::from(k..k + 1))).collect();
    let options = CubicalOptions::default();
    let batch = cubical_batch(&images, &options, &Monitor::new()).unwrap();
    for (image, found) in images.iter().zip(batch) {
        assert_eq!(found, cubical(image.view(), &options, &Monitor::new()).unwrap());
    }
}

/// Pictures of several strips, volumes with many columns, and batches of them.
#[test]
fn threads_change_nothing() {
    let shapes: [&[usize]; 5] = [&[200, 1500], &[5000, 60], &[3, 70_000], &[24, 20, 22], &[5, 6]];
    for (shape, levels) in shapes.into_iter().flat_map(|shape| [(shape, 1 << 20), (shape, 6)]) {
        let mut seed = 7_u64;
        let image = ArrayD::from_shape_simple_fn(IxDyn(shape), || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((seed >> 33) % levels) as f32
        });
        for construction in [Construction::V, Construction::T] {
            let options = CubicalOptions { construction, ..CubicalOptions::default() };
            let [one, two, three, seven] = [1, 2, 3, 7].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let views = [image.view(), image.view()];
                    let batch = cubical_batch(&views, &options, &Monitor::new()).unwrap();
                    let alone = cubical(image.view(), &options, &Monitor::new()).unwrap();
                    assert!(batch.iter().all(|found| *found == alone));
                    alone
                })
            });
            assert!(one.bars.iter().map(Vec::len).sum::<usize>() > 2);
            assert!(one == two && one == three && one == seven, "{shape:?} {construction:?}");
        }
    }
}

#[test]
fn arguments_that_break_their_rules_are_named() {
    let refusal = |shape: &[usize], value: f64, options: CubicalOptions| {
        let image = ArrayD::from_elem(IxDyn(shape), value);
        cubical(image.view(), &options, &Monitor::new()).unwrap_err().to_string()
    };
    let plain = CubicalOptions::default;
    assert_eq!(refusal(&[], 0.0, plain()), "`image` must have 1 to 4 axes; found 0");
    assert_eq!(refusal(&[1; 5], 0.0, plain()), "`image` must have 1 to 4 axes; found 5");
    assert_eq!(
        refusal(&[2, 0], 0.0, plain()),
        "`image` must have no empty axis; found no voxels along axis 1"
    );
    assert_eq!(
        refusal(&[2, 2], f64::NAN, plain()),
        "`image` must hold numbers; found NaN at [0, 0]"
    );
    assert_eq!(
        refusal(&[2, 2], 0.0, CubicalOptions { periodic: vec![true], ..plain() }),
        "`periodic` must have one entry for each of 2 axes; found 1"
    );
    assert!(refusal(&[2], 0.0, CubicalOptions { coeff: 4, ..plain() }).contains("prime"));
    assert!(
        refusal(&[2], 0.0, CubicalOptions { maxdim: Some(2), ..plain() }).contains("at most 1")
    );
}

#[test]
fn jobs_that_do_not_fit_are_refused() {
    for (shape, periodic) in [(vec![20; 4], Vec::new()), (vec![40; 3], vec![true; 3])] {
        let image = ArrayD::from_elem(IxDyn(&shape), 1.0_f32);
        let options = CubicalOptions { periodic, max_memory: 100_000, ..CubicalOptions::default() };
        let refused = cubical(image.view(), &options, &Monitor::new());
        assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
    }
}
