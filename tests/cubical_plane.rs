//! Images of two axes: what no boundary matrix is small enough for.

use ndarray::{Array2, ArrayView2};
use proptest::prelude::*;
use topolens::Monitor;
use topolens::homology::{
    BettiOptions, Construction, CubicalOptions, CubicalPersistence, Voxel, cubical, cubical_betti,
};

fn persistence<V: Voxel>(
    image: ArrayView2<'_, V>,
    construction: Construction,
    superlevel: bool,
) -> CubicalPersistence {
    let options = CubicalOptions { construction, superlevel, ..CubicalOptions::default() };
    cubical(image.into_dyn(), &options, &Monitor::new()).unwrap()
}

/// Rows longer than a word of bits, with few or many values.
fn image() -> impl Strategy<Value = Array2<f32>> {
    (1..40_usize, 1..200_usize, 1..3_u32).prop_flat_map(|(height, width, kind)| {
        let value = match kind {
            1 => (0..4_i8).prop_map(f32::from).boxed(),
            _ => (-1.0..1.0_f32).boxed(),
        };
        prop::collection::vec(value, height * width)
            .prop_map(move |values| Array2::from_shape_vec((height, width), values).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn bars_count_the_components_and_holes_of_all_sets(image in image()) {
        let thresholds = [-1.0, -0.5, 0.0, 0.25, 0.75, 1.0, 2.0, 3.0];
        for construction in [Construction::V, Construction::T] {
            for superlevel in [false, true] {
                let bars = persistence(image.view(), construction, superlevel).bars;
                let options = BettiOptions { construction, superlevel, ..BettiOptions::default() };
                let sets =
                    cubical_betti(image.view().into_dyn(), &thresholds, &options, &Monitor::new());
                let (sets, sign) = (sets.unwrap(), if superlevel { -1.0 } else { 1.0 });
                for (k, threshold) in thresholds.iter().map(|t| sign * t).enumerate() {
                    for (degree, bars) in bars.iter().enumerate() {
                        let alive = bars.iter().filter(|bar| {
                            sign * bar.birth <= threshold && threshold < sign * bar.death
                        });
                        prop_assert_eq!(sets.betti[[0, k, degree]], alive.count() as i64);
                    }
                }
            }
        }
    }

    #[test]
    fn loops_are_components_of_the_rest(image in image()) {
        // With a margin that never enters, the rest of the squares is made of vertices.
        let (height, width) = image.dim();
        let framed = Array2::from_shape_fn((height + 2, width + 2), |(y, x)| {
            let inside = (1..=height).contains(&y) && (1..=width).contains(&x);
            if inside { image[[y - 1, x - 1]] } else { f32::INFINITY }
        });
        let squares = persistence(framed.view(), Construction::T, false);
        let rest = persistence(framed.view(), Construction::V, true);
        let mut loops: Vec<_> = squares.bars[1].iter().map(|bar| (bar.death, bar.birth)).collect();
        let mut parts: Vec<_> = rest.bars[0]
            .iter()
            .filter(|bar| bar.birth < f64::INFINITY)
            .map(|bar| (bar.birth, bar.death))
            .collect();
        loops.sort_by(|a, b| a.partial_cmp(b).unwrap());
        parts.sort_by(|a, b| a.partial_cmp(b).unwrap());
        prop_assert_eq!(loops, parts);
    }

    #[test]
    fn double_precision_and_threads_change_nothing(image in image()) {
        let close = image.mapv(|x| 1.0 + 1e-12 * f64::from(x)); // the same leading bits
        for construction in [Construction::V, Construction::T] {
            let single = persistence(image.view(), construction, false);
            let double = persistence(image.mapv(f64::from).view(), construction, false);
            prop_assert_eq!(&single, &double);
            let voxels = |persistence: &CubicalPersistence| {
                let mut all: Vec<_> = persistence
                    .bars
                    .iter()
                    .flatten()
                    .map(|bar| (bar.birth_voxel, bar.death_voxel))
                    .collect();
                all.sort();
                all
            };
            let close = persistence(close.view(), construction, false);
            if image.iter().all(|x| x.fract() == 0.0) {
                prop_assert_eq!(voxels(&close), voxels(&single));
            }
            for threads in 1..=3 {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let again = pool.install(|| persistence(image.view(), construction, false));
                prop_assert_eq!(&again, &single);
            }
        }
    }
}

#[test]
fn long_valleys_end_where_they_lead() {
    // A spiral of descending values in a wall: one basin over all rows.
    let side = 101_usize;
    let mut image = Array2::from_elem((side, side), 1e6_f32);
    let (mut y, mut x, mut height) = (0_isize, 0_isize, 0.0);
    let (mut dy, mut dx) = (0, 1);
    let free = |image: &Array2<f32>, y: isize, x: isize| {
        (0..side as isize).contains(&y)
            && (0..side as isize).contains(&x)
            && image[[y as usize, x as usize]] == 1e6
    };
    loop {
        image[[y as usize, x as usize]] = height;
        height -= 1.0;
        let ahead = free(&image, y + dy, x + dx) && {
            let (next_y, next_x) = (y + 2 * dy, x + 2 * dx);
            !(0..side as isize).contains(&next_y)
                || !(0..side as isize).contains(&next_x)
                || free(&image, next_y, next_x)
        };
        if !ahead {
            (dy, dx) = (dx, -dy);
            let blocked = !free(&image, y + dy, x + dx) || !free(&image, y + 2 * dy, x + 2 * dx);
            if blocked {
                break;
            }
        }
        (y, x) = (y + dy, x + dx);
    }
    let found = persistence(image.view(), Construction::V, false);
    assert_eq!(found.bars[0].len(), 1);
    assert_eq!(found.bars[0][0].birth, f64::from(height + 1.0));
    assert!(height < -4000.0, "{height}");
    let above = persistence(image.mapv(|x| -x).view(), Construction::T, true);
    assert_eq!(above.bars[0].len(), 1);
}

#[test]
fn images_can_be_stopped_anywhere() {
    let image = Array2::from_shape_fn((20, 70), |(y, x)| ((7 * y * y + 13 * x * x) % 31) as f32);
    let options = CubicalOptions::default();
    let run = |monitor: &Monitor| cubical(image.view().into_dyn(), &options, monitor);
    let first = (0..).find(|&k| run(&Monitor::cancel_after(k)).is_ok()).unwrap();
    assert!(first > 60, "{first}");
}

#[test]
fn images_that_do_not_fit_are_refused_with_what_would() {
    let image = Array2::from_shape_fn((100, 100), |(y, x)| ((y + x) % 2) as f32);
    let options = CubicalOptions { max_memory: 10_000, ..CubicalOptions::default() };
    let refused = cubical(image.view().into_dyn(), &options, &Monitor::new()).unwrap_err();
    assert!(refused.to_string().contains("pixels like it would fit"), "{refused}");
}
