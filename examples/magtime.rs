use ndarray::Array2;
use topolens::Monitor;
use topolens::magnitude::*;
use topolens::space::*;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (n, d, grid, method, threads): (usize, usize, &str, &str, usize) =
        (a[1].parse().unwrap(), a[2].parse().unwrap(), &a[3], &a[4], a[5].parse().unwrap());
    let mut s = 88172645463325252u64;
    let mut u = move || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        (s >> 11) as f64 / (1u64 << 53) as f64
    };
    let x = Array2::from_shape_fn((n, d), |_| {
        let a: f64 = u();
        let b = u();
        (-2.0 * a.max(1e-300).ln()).sqrt() * (6.283185307179586 * b).cos()
    });
    let m = Monitor::new();
    let reps: usize = std::env::var("REPS").map_or(1, |v| v.parse().unwrap());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        for _ in 0..reps {
            let (c0, w0) = (cpu(), std::time::Instant::now());
            let space = Space::Points(PointCloud::new(x.view(), Metric::Euclidean, &m).unwrap());
            let options = MagnitudeOptions {
                method: if method == "auto" { None } else { Some(method.parse().unwrap()) },
                ..Default::default()
            };
            let z = Similarities::new(&space, &options, &m).unwrap();
            let w1 = w0.elapsed().as_secs_f64();
            let ts: Vec<f64> = match grid {
                "lin" => (1..=20).map(|k| 0.1 * k as f64).collect(),
                "uneven" => (0..20).map(|k| 0.05 + 1.95 * k as f64 / 19.0).collect(),
                "geo" => (0..20).map(|k| 0.05 * 2f64.powf(k as f64 / 4.0)).collect(),
                _ => z.grid(&m).unwrap(),
            };
            let f = z.solve(&ts, &m).unwrap();
            println!(
                "n={n} d={d} {grid} scales={} cpu={:.3} wall={:.3} (read {:.3})",
                ts.len(),
                cpu() - c0,
                w0.elapsed().as_secs_f64(),
                w1
            );
            let worst = f.iter().map(|w| w.residual).fold(0.0, f64::max);
            let cg = f.iter().filter(|w| w.method == Method::ConjugateGradients).count();
            println!(
                "  cg {cg} residual {worst:.1e} mag {:?}",
                f.iter().map(|w| w.magnitude).step_by(5).collect::<Vec<_>>()
            );
        }
    });
}
