//! Volumes on which the tests compare two ways.

use ndarray::Array3;

/// Volumes with so many values that all, some or none of them tie.
pub fn volumes() -> impl Iterator<Item = Array3<f32>> {
    let shapes = [(9, 8, 7), (2, 3, 20), (12, 2, 5), (3, 3, 3), (6, 7, 8)];
    let levels = [2, 3, 7, 100, 1 << 20];
    (0..25_u32).map(move |k| {
        let mut seed = k + 1;
        Array3::from_shape_simple_fn(shapes[k as usize % 5], || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match (seed >> 8) % levels[k as usize / 5] {
                0 => 0.0,
                6 => f32::INFINITY,
                level => level as f32,
            }
        })
    })
}
