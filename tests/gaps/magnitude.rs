//! Magnitudes and what is drawn from them.

use ndarray::Array2;
use topolens::Monitor;
use topolens::magnitude::{
    MagnitudeOptions, Method, Queries, Similarities, convergence_scale, dimensions_of_parts,
    diversity, magnitude_area, max_diversity, outlier_scores, spread, vendi_of_directions,
    vendi_of_kernel, vendi_of_space,
};
use topolens::space::{Metric, Space, pairwise};

use super::{Report, points, rows, space};

const MEMORY: u64 = 2 << 30;

#[test]
fn magnitudes() {
    let mut report = Report::default();
    let options = MagnitudeOptions { max_memory: MEMORY, ..MagnitudeOptions::default() };
    let ts: Vec<f64> = (0..12).map(|k| 0.2 * 1.6_f64.powi(k)).collect();
    let (near, far) = (space(6000, 3), space(3000, 30));
    let given =
        Space::Distances(pairwise(&points(3000, 3, Metric::Cityblock), &Monitor::new()).unwrap());
    for (name, space) in [("points", &near), ("wide rows", &far), ("distances", &given)] {
        let similarities =
            report.case(&format!("reading {name}"), |m| Similarities::new(space, &options, m));
        report.case(&format!("the grid of {name}"), |m| similarities.grid(m));
        report.case(&format!("weights of {name}"), |m| similarities.solve(&ts[4..6], m));
        report.case(&format!("values of {name}"), |m| similarities.solve_values(&ts, m));
        report.case(&format!("spread of {name}"), |m| spread(&similarities, 2.0, m));
        let p = vec![1.0 / space.len() as f64; space.len()];
        report.case(&format!("diversity of {name}"), |m| diversity(&similarities, 2.0, 1.0, &p, m));
    }
    for method in [Method::Cholesky, Method::Lblt, Method::ConjugateGradients] {
        let options = MagnitudeOptions { method: Some(method), ..options.clone() };
        let similarities = Similarities::new(&given, &options, &Monitor::new()).unwrap();
        report.case(&format!("weights by {method}"), |m| similarities.solve(&[3.0], m));
    }
    let few = space(600, 3);
    let similarities = Similarities::new(&few, &options, &Monitor::new()).unwrap();
    report.case("convergence_scale", |m| convergence_scale(&similarities, 0.95, m));
    report.case("magnitude_area", |m| magnitude_area(&few, None, &options, m));
    report.case("max_diversity", |m| max_diversity(&space(1500, 3), 3.0, &options, m));
    let parts: Vec<Vec<usize>> = (0..4).map(|k| (k * 300..k * 300 + 1000).collect()).collect();
    report.case("dimensions_of_parts", |m| {
        dimensions_of_parts(&near, &parts, &ts[5..8], &options, m)
    });
    report.end();
}

#[test]
fn outliers() {
    let mut report = Report::default();
    let options = MagnitudeOptions { max_memory: MEMORY, ..MagnitudeOptions::default() };
    let space = space(4000, 3);
    report.case("outliers", |m| outlier_scores(&space, 8.0, None, &options, m));
    let shifted = rows(600, 3) + 0.001;
    let queries =
        topolens::space::PointCloud::new(shifted.view(), Metric::Euclidean, &Monitor::new());
    let queries = Queries::Points(&queries.unwrap());
    report.case("new outliers", |m| outlier_scores(&space, 8.0, Some(&queries), &options, m));
    report.end();
}

#[test]
fn vendi_scores() {
    let mut report = Report::default();
    let cloud = points(3000, 1500, Metric::Cosine);
    report.case("Vendi score of directions", |m| vendi_of_directions(&cloud, 1.0, MEMORY, m));
    report.case("Vendi score of a space", |m| vendi_of_space(&space(2000, 3), 3.0, 1.0, MEMORY, m));
    let x = rows(2500, 4);
    let mut kernel: Array2<f64> = x.dot(&x.t()) / 4.0;
    kernel.diag_mut().fill(1.0);
    let step = f64::EPSILON;
    // Not semidefinite, which is known at the end.
    let found = report.outcome("Vendi score of a kernel", |m| {
        vendi_of_kernel(kernel.view(), step, 1.0, MEMORY, m)
    });
    drop(found);
    kernel[[2499, 2498]] += 1.0;
    let found =
        report.outcome("a faulty kernel", |m| vendi_of_kernel(kernel.view(), step, 1.0, MEMORY, m));
    assert!(found.is_err());
    report.end();
}
