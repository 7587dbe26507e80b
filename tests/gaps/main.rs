//! Every kernel looks at its monitor often enough to be stopped at once: no thread
//! computes for longer than [`LONGEST`] between two looks.
//!
//! `cargo test --release --features gaps --test gaps -- --nocapture` shows all gaps.

mod diagrams;
mod homology;
mod magnitude;
mod networks;
mod space;

use std::time::{Duration, Instant};

use ndarray::Array2;
use rayon::ThreadPoolBuilder;
use topolens::gaps::ROUGH;
use topolens::space::{Metric, PointCloud, Space};
use topolens::{Error, Monitor};

/// Signals are looked for every 50 ms; an answer within 100 ms leaves a kernel as much.
const LONGEST: Duration = Duration::from_millis(50);

/// Gaps of kernels that are longer than allowed.
struct Report {
    /// On so many threads of their own kernels run: on one, no other does a part of the work.
    threads: usize,
    long: Vec<String>,
}

impl Default for Report {
    fn default() -> Self {
        Self { threads: 1, long: Vec::new() }
    }
}

impl Report {
    /// Runs a kernel.
    fn case<T: Send>(
        &mut self,
        name: &str,
        kernel: impl FnOnce(&Monitor) -> Result<T, Error> + Send,
    ) -> T {
        let found = self.outcome(name, kernel);
        found.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The same for a kernel that may refuse.
    fn outcome<T: Send>(
        &mut self,
        name: &str,
        kernel: impl FnOnce(&Monitor) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let pool = ThreadPoolBuilder::new().num_threads(self.threads).build().unwrap();
        let (monitor, start) = (Monitor::new(), Instant::now());
        let found = pool.install(|| kernel(&monitor));
        pool.broadcast(|_| _ = monitor.check()); // ends the last gaps
        let gap = monitor.gaps.longest();
        let place = |place: Option<&std::panic::Location<'_>>, otherwise: &str| {
            place.map_or(otherwise.to_owned(), |at| format!("{}:{}", at.file(), at.line()))
        };
        let (from, to) = (place(gap.from, "the start"), place(gap.to, "the end"));
        let line = format!("{:6.1} ms in {name}, {from} to {to}", 1e3 * gap.time.as_secs_f64());
        println!("{line} ({:.1} s)", start.elapsed().as_secs_f64());
        if gap.time > LONGEST + ROUGH {
            self.long.push(line);
        }
        found
    }

    fn end(self) {
        assert!(self.long.is_empty(), "gaps of more than {LONGEST:?}:\n{}", self.long.join("\n"));
    }
}

/// A number from 0 to 1 for each place: no two alike.
fn random(seed: u64, place: u64) -> f64 {
    let mut x = (place + (seed << 40) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

/// Points of a cube.
fn rows(len: usize, dim: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, dim), |(i, k)| random(1, (i * dim + k) as u64))
}

fn points(len: usize, dim: usize, metric: Metric) -> PointCloud<'static> {
    let rows = rows(len, dim).into_raw_vec_and_offset().0;
    PointCloud::from_rows(rows, (len, dim), metric, &Monitor::new()).unwrap()
}

fn space(len: usize, dim: usize) -> Space<'static> {
    Space::Points(points(len, dim, Metric::Euclidean))
}
