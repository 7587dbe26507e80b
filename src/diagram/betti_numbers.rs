//! Betti numbers at chosen scales, of bars that may end after the last of them.

use ndarray::Array2;

use super::bars::of_each;
use crate::error::Result;
use crate::monitor::Monitor;

/// Bars with birth <= scale < death at each scale, those that never end at infinity
/// too; a row a scale, a column a diagram. With `superlevel` bars go down:
/// birth >= scale > death.
///
/// Each bar is looked up among the sorted scales, so that bars need no order.
pub fn betti_numbers(
    diagrams: &[Vec<[f64; 2]>],
    scales: &[f64],
    superlevel: bool,
    monitor: &Monitor,
) -> Result<Array2<i64>> {
    let upwards = |x: f64| if superlevel { -x } else { x };
    let mut order: Vec<usize> = (0..scales.len()).collect();
    order.sort_by(|&a, &b| upwards(scales[a]).total_cmp(&upwards(scales[b])));
    let sorted: Vec<f64> = order.iter().map(|&k| upwards(scales[k])).collect();
    // The first scale that is no smaller; none is for what is no number.
    let first_from = |end: f64| match end.is_nan() {
        true => sorted.len(),
        false => sorted.partition_point(|&scale| scale < upwards(end)),
    };
    let columns = of_each(diagrams, monitor, |bars| {
        let mut changes = vec![0; scales.len() + 1];
        for &[birth, death] in bars {
            changes[first_from(birth)] += 1;
            if death.is_finite() {
                changes[first_from(death)] -= 1;
            }
        }
        Ok(changes)
    })?;
    let mut numbers = Array2::zeros((scales.len(), diagrams.len()));
    for (degree, changes) in columns.iter().enumerate() {
        let mut alive = 0;
        for (&k, change) in order.iter().zip(changes) {
            alive += change;
            numbers[[k, degree]] = alive;
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn numbers_are_those_of_a_count_bar_by_bar() {
        let end = |k: usize| (k * k % 23) as f64 - 8.0;
        let mut diagram: Vec<_> = (0..90)
            .map(|k| [end(k), if k % 5 == 0 { INF } else { end(k) + end(k + 7).abs() }])
            .collect();
        diagram.push([INF, INF]);
        diagram.push([-0.0, 0.0]);
        let scales = [3.0, 0.0, -0.0, -INF, INF, 3.0, 1.5, -7.0];
        let diagrams = [diagram.clone(), Vec::new()];
        let found = betti_numbers(&diagrams, &scales, false, &Monitor::new()).unwrap();
        let turned = diagrams.map(|bars| bars.iter().map(|[b, d]| [-b, -d]).collect::<Vec<_>>());
        let minus = scales.map(|scale| -scale);
        assert_eq!(found, betti_numbers(&turned, &minus, true, &Monitor::new()).unwrap());
        for (k, &t) in scales.iter().enumerate() {
            let dead = |death: f64| death.is_finite() && death <= t;
            let alive = diagram.iter().filter(|[birth, death]| *birth <= t && !dead(*death));
            assert_eq!(found[[k, 0]], alive.count() as i64, "at {t}");
            assert_eq!(found[[k, 1]], 0);
        }
    }
}
