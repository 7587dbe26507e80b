//! All matchings of two diagrams, one by one.

/// The lengths of the moves of every matching, in the maximum norm.
pub fn every_matching(a: &[(f64, f64)], b: &[(f64, f64)]) -> Vec<Vec<f64>> {
    let half = |&(birth, death): &(f64, f64)| (death - birth) / 2.0;
    let Some((first, rest)) = a.split_first() else {
        return vec![b.iter().map(half).collect()];
    };
    let with = |length: f64, matchings: Vec<Vec<f64>>| {
        matchings.into_iter().map(move |mut lengths| {
            lengths.push(length);
            lengths
        })
    };
    let mut all: Vec<_> = with(half(first), every_matching(rest, b)).collect();
    for j in 0..b.len() {
        let mut others = b.to_vec();
        let other = others.remove(j);
        let length = (first.0 - other.0).abs().max((first.1 - other.1).abs());
        all.extend(with(length, every_matching(rest, &others)));
    }
    all
}
