//! The instructions that the kernels use, chosen when they run.
//!
//! A kernel is compiled several times, for the widest registers and for none;
//! what it returns is the same. Magnitudes are, wherever a·b + c is one instruction;
//! elsewhere they are as accurate.

use pulp::{Arch, Scalar128b, WithSimd};

/// Runs a kernel with the best instructions of this machine.
pub fn dispatch<K: WithSimd>(kernel: K) -> K::Output {
    dispatch_on(arch(), kernel)
}

/// Runs a kernel with these instructions: for short ones, which are called often.
#[inline(always)]
pub fn dispatch_on<K: WithSimd>(arch: Arch, kernel: K) -> K::Output {
    match arch {
        Arch::Scalar => kernel.with_simd(Scalar128b),
        arch => arch.dispatch(kernel),
    }
}

/// The best instructions of this machine.
#[cfg(not(test))]
#[inline(always)]
pub fn arch() -> Arch {
    Arch::new()
}

#[cfg(test)]
pub use tests::arch;

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::Arch;
    use ndarray::{Array2, ArrayD};

    use crate::Monitor;
    use crate::homology::{
        Construction, CubicalOptions, HopOptions, RipsOptions, Voxel, cubical, hop_betti, rips,
    };
    use crate::magnitude::{MagnitudeOptions, Method, Similarities, Weighting, convergence_scale};
    use crate::networks::{
        BitPlanes, Pairs, disagreement_counts, multiplier_suprema, weighted_disagreement,
    };
    use crate::space::{Metric, PointCloud, Space, graph_within, neighbor_graph, pairwise};

    thread_local! {
        /// Taken on this thread instead of the best ones.
        static FORCED: Cell<Option<Arch>> = const { Cell::new(None) };
    }

    pub fn arch() -> Arch {
        FORCED.get().unwrap_or_default()
    }

    /// All instructions of this machine from none to the best.
    fn levels() -> Vec<Arch> {
        vec![
            Arch::Scalar,
            #[cfg(target_arch = "x86_64")]
            pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3),
            Arch::new(),
        ]
    }

    /// What a kernel gives on threads of this level.
    fn on<T: Send>(level: Arch, kernel: impl Fn() -> T + Send) -> T {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(2);
        let forced = threads.start_handler(move |_| FORCED.set(Some(level)));
        forced.build().unwrap().install(kernel)
    }

    fn on_every_level<T: PartialEq + Send>(what: &str, kernel: impl Fn() -> T + Send + Sync) {
        let plain = on(Arch::Scalar, &kernel);
        for level in levels() {
            assert!(on(level, &kernel) == plain, "{what}: {level:?}");
        }
    }

    /// Rows of more than a block of bits; whole numbers, many tied, if `step`.
    fn rows(len: usize, dim: usize, step: bool) -> Array2<f64> {
        Array2::from_shape_fn((len, dim), |(i, k)| {
            let (i, k) = (i as f64, k as f64);
            let x = (0.31 * k + (1.0 + i).sqrt() * (1.0 + 3.7 * k)).fract();
            if step { (7.0 * x).floor() } else { x }
        })
    }

    fn bars_of_an_image<V: Voxel>(image: &ArrayD<V>) {
        let monitor = Monitor::new();
        for construction in [Construction::V, Construction::T] {
            for superlevel in [false, true] {
                let options =
                    CubicalOptions { construction, superlevel, ..CubicalOptions::default() };
                on_every_level("bars of images", || {
                    let found = cubical(image.view(), &options, &monitor).unwrap();
                    assert!(found.bars[0].len() > 5, "{}", found.bars[0].len());
                    found
                });
            }
        }
    }

    #[test]
    fn every_level_of_instructions_gives_the_same() {
        let monitor = Monitor::new();
        for (dim, step) in [(2, false), (3, true), (11, false), (40, true)] {
            let rows = rows(600, dim, step);
            for (name, metric) in Metric::NAMES {
                if step && matches!(metric, Metric::Cosine | Metric::Correlation) {
                    continue; // some rows have no direction
                }
                let points = PointCloud::new(rows.view(), metric, &monitor).unwrap();
                on_every_level(name, || pairwise(&points, &monitor).unwrap().values().to_vec());
                let threshold = points.distance(0, 1) / 2.0;
                on_every_level(name, || {
                    graph_within(&points, threshold, u64::MAX, &monitor).unwrap()
                });
                let points = Space::Points(points);
                on_every_level(name, || neighbor_graph(&points, 9, &monitor).unwrap());
                let components = RipsOptions { maxdim: 0, ..RipsOptions::default() };
                on_every_level(name, || rips(&points, &components, &monitor).unwrap());
                let loops = HopOptions { k: 6, hops: 2, maxdim: 1, coeff: 2, max_memory: u64::MAX };
                on_every_level(name, || hop_betti(&points, &loops, &monitor).unwrap());
            }
        }
        let labels = Array2::from_shape_fn((23, 1500), |(i, k)| (i * k * k % 11) as u8);
        let weights: Vec<f64> = (0..1500).map(|k| (0.37 * f64::from(k)).fract()).collect();
        let packed = BitPlanes::pack(labels.view(), 4, None, &monitor).unwrap();
        let pairs = Pairs::Within(&packed);
        on_every_level("counts", || disagreement_counts(pairs, &monitor).unwrap());
        on_every_level("weights", || weighted_disagreement(pairs, &weights, &monitor).unwrap());
        on_every_level("signs", || multiplier_suprema(&packed, &packed, &monitor).unwrap());
        for shape in [&[70, 300][..], &[1, 90], &[12, 17, 70]] {
            let value = |k: usize| (0.31 * k as f64 + (1.0 + k as f64).sqrt()).fract();
            let values: Vec<f64> = (0..shape.iter().product()).map(value).collect();
            let image = ArrayD::from_shape_vec(shape, values).unwrap();
            bars_of_an_image(&image);
            bars_of_an_image(&image.mapv(|value| (9.0 * value).floor() as f32));
        }
        for (step, threshold) in [(false, 0.25), (true, 2.0)] {
            let rows = rows(600, 3, step);
            let points = PointCloud::new(rows.view(), Metric::Euclidean, &monitor).unwrap();
            let space = Space::Distances(pairwise(&points, &monitor).unwrap());
            for (maxdim, coeff, plan) in [
                (1, 2, "annotations, dense rows"),
                (1, 3, "annotations, sparse rows"),
                (2, 2, "annotations, dense rows"),
                (2, 3, "annotations, dense rows"),
                (2, 2, "cohomology, sparse rows after edge collapse"),
            ] {
                let cocycles = !plan.contains("collapse");
                let options = RipsOptions {
                    maxdim,
                    threshold,
                    coeff,
                    cocycles,
                    plan: Some(plan.parse().unwrap()),
                    ..RipsOptions::default()
                };
                on_every_level(plan, || {
                    let found = rips(&space, &options, &monitor).unwrap();
                    assert!(found.bars[1].len() > 20, "{plan}: {}", found.bars[1].len());
                    found
                });
            }
        }
    }

    /// Weightings, one scale the sum of two others, and the scale of convergence.
    fn magnitudes(space: &Space<'_>, method: Method) -> (Vec<Weighting>, f64) {
        let monitor = Monitor::new();
        let options = MagnitudeOptions { method: Some(method), ..MagnitudeOptions::default() };
        let similarities = Similarities::new(space, &options, &monitor).unwrap();
        let found = similarities.solve(&[0.3, 1.0, 1.3, 40.0], &monitor).unwrap();
        (found, convergence_scale(&similarities, 0.95, &monitor).unwrap().t)
    }

    #[test]
    fn magnitudes_are_the_same_where_multiplying_and_adding_is_one_instruction() {
        let monitor = Monitor::new();
        for dim in [2, 11] {
            // No two nearly the same, whose weights rounding would decide.
            let entry = |(i, k)| (i as f64 * (2.0 + k as f64).sqrt()).fract();
            let rows = Array2::from_shape_fn((600, dim), entry);
            let points = PointCloud::new(rows.view(), Metric::Euclidean, &monitor).unwrap();
            let held = Space::Distances(pairwise(&points, &monitor).unwrap());
            for space in [Space::Points(points), held] {
                for method in [Method::ConjugateGradients, Method::Cholesky] {
                    let best = on(Arch::new(), || magnitudes(&space, method));
                    for level in levels() {
                        let found = on(level, || magnitudes(&space, method));
                        if !matches!(level, Arch::Scalar) {
                            assert!(found == best, "{method} {level:?}");
                        }
                        assert!((found.1 / best.1 - 1.0).abs() < 1e-8, "{method} {level:?}");
                        for (a, b) in found.0.iter().zip(&best.0) {
                            let relative = (a.magnitude / b.magnitude - 1.0).abs();
                            assert!(relative < 1e-12, "{method} {level:?} {}: {relative:e}", a.t);
                            let largest = b.weights.iter().fold(0.0_f64, |w, x| w.max(x.abs()));
                            for (u, v) in a.weights.iter().zip(&b.weights) {
                                assert!((u - v).abs() <= 1e-7 * largest, "{level:?}: {u} for {v}");
                            }
                            assert!(a.residual <= 1e-8);
                        }
                    }
                }
            }
        }
    }
}
