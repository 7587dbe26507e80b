//! One fixed case at one thread, for counting instructions.
//!
//! `instructions.py` runs this under valgrind, once with the word `input` to
//! see what the making of the input takes. Prints the answer as whole numbers.

use rayon::ThreadPoolBuilder;
use topolens::homology::{RipsOptions, rips};
use topolens::magnitude::{MagnitudeOptions, Similarities};
use topolens::space::{Graph, Metric, PointCloud, Space};
use topolens::{Monitor, Result};

/// Steele, Lea and Flood's splitmix64: the same points on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Coordinates between 0 and 1.
    fn coordinates(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| (self.next() >> 11) as f64 / (1u64 << 53) as f64).collect()
    }
}

fn cloud(len: usize, dim: usize) -> Result<Space<'static>> {
    let rows = Random(0).coordinates(len * dim);
    Ok(Space::Points(PointCloud::from_rows(rows, (len, dim), Metric::Euclidean, &Monitor::new())?))
}

/// Pairs within a radius, with their distances.
fn geometric_graph(len: usize, dim: usize, radius: f64) -> Result<Space<'static>> {
    let Space::Points(points) = cloud(len, dim)? else { unreachable!("a cloud has points") };
    let pairs = (0..len).flat_map(|i| (0..i).map(move |j| (i, j)));
    let edges: Vec<_> = pairs
        .map(|(i, j)| (i as u32, j as u32, points.distance(i, j)))
        .filter(|edge| edge.2 <= radius)
        .collect();
    Ok(Space::Graph(Graph::from_edges(len, &edges, &Monitor::new())?))
}

/// What a case computes.
enum Question {
    Bars(RipsOptions),
    Magnitudes(Vec<f64>),
}

fn case(name: &str) -> Result<(Space<'static>, Question)> {
    let options = RipsOptions::default();
    let bars = Question::Bars;
    Ok(match name {
        "h1-dense" => (cloud(600, 16)?, bars(options)),
        "h2-dense" => (cloud(280, 8)?, bars(RipsOptions { maxdim: 2, ..options })),
        "h1-sparse" => (geometric_graph(4000, 3, 0.09)?, bars(options)),
        "h3-threshold" => {
            (cloud(900, 4)?, bars(RipsOptions { maxdim: 3, threshold: 0.35, ..options }))
        }
        "magnitude" => (cloud(600, 16)?, Question::Magnitudes((1..=8).map(f64::from).collect())),
        _ => panic!(
            "the case must be h1-dense, h2-dense, h1-sparse, h3-threshold or magnitude; found {name}"
        ),
    })
}

/// The number of bars of each degree, or a thousand times the magnitude at each scale.
fn answer(space: &Space<'_>, question: &Question) -> Result<Vec<usize>> {
    let monitor = Monitor::new();
    Ok(match question {
        Question::Bars(options) => {
            rips(space, options, &monitor)?.bars.iter().map(Vec::len).collect()
        }
        Question::Magnitudes(ts) => {
            let similarities = Similarities::new(space, &MagnitudeOptions::default(), &monitor)?;
            let weightings = similarities.solve(ts, &monitor)?;
            weightings.iter().map(|found| (1000.0 * found.magnitude).round() as usize).collect()
        }
    })
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let name = arguments.first().map_or("h1-dense", String::as_str);
    let (space, question) = case(name)?;
    if arguments.iter().any(|word| word == "input") {
        return Ok(());
    }
    let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started");
    let numbers = pool.install(|| answer(&space, &question))?;
    println!("{}", numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(" "));
    Ok(())
}
