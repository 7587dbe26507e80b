//! y = Z(t) x for many scales at once, tile by tile.

use pulp::{Simd, WithSimd};

use super::real::Real;

/// Rows and columns of a tile of distances.
pub const SIDE: usize = 128;
/// Rows of a tile that are treated together, so that a column of x and y is
/// loaded once for all of them.
pub const ROWS: usize = 4;
/// Entries of a strip of so many rows.
const STRIP: usize = ROWS * SIDE;

/// How the similarities of a scale come about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    /// By the exponential function.
    Exponential,
    /// Z(t + u) = Z(t)∘Z(u), from two earlier steps.
    Product(usize, usize),
}

/// One of several scales in ascending order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<T> {
    /// Place of the scale among all; where its vectors are.
    pub scale: usize,
    t: T,
    entry: Entry,
}

/// Most exponentials that may be multiplied to get one similarity: relative errors
/// add up.
const FACTORS: u32 = 32;

/// The steps to some of the ascending scales `ts`. A scale that is the sum of
/// two earlier ones takes a multiplication instead of an exponential.
pub fn steps<T: Real>(ts: &[f64], scales: &[usize]) -> Vec<Step<T>> {
    let mut steps = Vec::with_capacity(scales.len());
    let mut factors = Vec::with_capacity(scales.len());
    for (place, &scale) in scales.iter().enumerate() {
        let pair = sum_of_two(ts[scale], &scales[..place], ts)
            .map(|(a, b)| (a, b, factors[a] + factors[b]))
            .filter(|&(.., count)| count <= FACTORS);
        let (entry, count) = match pair {
            Some((a, b, count)) => (Entry::Product(a, b), count),
            None => (Entry::Exponential, 1),
        };
        steps.push(Step { scale, t: T::from_f64(ts[scale]), entry });
        factors.push(count);
    }
    steps
}

/// The first and the last of some ascending scales, up to rounding, of which `t` is
/// the sum; they may be the same. What belongs to the last has just been computed.
fn sum_of_two(t: f64, scales: &[usize], ts: &[f64]) -> Option<(usize, usize)> {
    let (mut low, mut high) = (0, scales.len());
    while low < high {
        let sum = ts[scales[low]] + ts[scales[high - 1]];
        if (sum - t).abs() <= 8.0 * f64::EPSILON * t {
            return Some((low, high - 1));
        }
        if sum < t { low += 1 } else { high -= 1 }
    }
    None
}

/// A square of distances between two runs of points, infinite for those that are
/// not there.
#[derive(Debug, Clone)]
pub struct Tile<T> {
    /// Row after row.
    pub distances: Vec<T>,
    /// Shortest distance of each strip.
    pub nearest: [T; SIDE / ROWS],
}

impl<T: Real> Tile<T> {
    pub fn new() -> Self {
        Self { distances: vec![T::default(); SIDE * SIDE], nearest: [T::default(); SIDE / ROWS] }
    }

    /// Takes rows of distances in float64, times `unit`, at most `longest`; a row ends
    /// where there are no more points.
    #[inline(always)]
    pub fn set<'d>(&mut self, row: impl Fn(usize) -> &'d [f64], unit: f64, longest: f64) {
        const LANES: usize = 8;
        let strips = self.distances.chunks_exact_mut(STRIP).zip(&mut self.nearest);
        for (strip, (to, nearest)) in strips.enumerate() {
            let mut least = [f64::INFINITY; LANES];
            for (r, to) in to.chunks_exact_mut(SIDE).enumerate() {
                let (whole, rest) = row(strip * ROWS + r).as_chunks::<LANES>();
                let mut last = [f64::INFINITY; LANES];
                last[..rest.len()].copy_from_slice(rest);
                let (to, _) = to.as_chunks_mut::<LANES>();
                for (from, to) in whole.iter().chain([&last]).zip(to.iter_mut()) {
                    for lane in 0..LANES {
                        let d = from[lane] * unit;
                        let d = if d < longest { d } else { longest };
                        least[lane] = if d < least[lane] { d } else { least[lane] };
                        to[lane] = T::from_f64(d);
                    }
                }
                let end = (whole.len() + 1).min(to.len());
                to[end..].as_flattened_mut().fill(T::from_f64(longest));
            }
            *nearest = T::from_f64(least.into_iter().fold(f64::INFINITY, f64::min));
        }
    }
}

/// Sums of one tile: for each step those of its rows and of its columns.
pub struct Sums<T> {
    pub rows: Vec<T>,
    pub columns: Vec<T>,
    /// xᵀ(D∘Z)x of the tile.
    pub slopes: Vec<f64>,
    similarities: Vec<T>,
}

impl<T: Real> Sums<T> {
    pub fn new(steps: usize) -> Self {
        let zeros = |len| vec![T::default(); len];
        Self {
            rows: zeros(steps * SIDE),
            columns: zeros(steps * SIDE),
            slopes: vec![0.0; steps],
            similarities: zeros(steps * STRIP),
        }
    }
}

/// The products of one tile with vectors, one for each step.
///
/// `x` holds vectors of `len` entries, one for each scale. A tile on the diagonal
/// holds every pair twice: it gives sums of rows only.
pub struct Products<'a, T, const SLOPES: bool> {
    pub tile: &'a Tile<T>,
    pub steps: &'a [Step<T>],
    pub x: &'a [T],
    pub len: usize,
    /// The first point of the rows, and of the columns.
    pub corner: (usize, usize),
    pub sums: &'a mut Sums<T>,
}

impl<T: Real, const SLOPES: bool> WithSimd for Products<'_, T, SLOPES> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Products { tile, steps, x, len, corner: (top, left), sums } = self;
        let diagonal = top == left;
        let registers = T::LANES * size_of::<T>() / size_of::<T::Lanes<S>>();
        for value in &mut sums.columns[..] {
            *value = T::default();
        }
        for value in &mut sums.rows[..] {
            *value = T::default();
        }
        for value in &mut sums.slopes[..] {
            *value = 0.0;
        }
        for strip in 0..SIDE / ROWS {
            let d = &tile.distances[strip * STRIP..(strip + 1) * STRIP];
            for (place, step) in steps.iter().enumerate() {
                if step.t.times(tile.nearest[strip]) >= T::FAR {
                    break; // and at larger scales even more so
                }
                let (earlier, later) = sums.similarities.split_at_mut(place * STRIP);
                let z = &mut later[..STRIP];
                let factors = match step.entry {
                    Entry::Exponential => {
                        exponentials::<S, T>(step.t, d, z);
                        None
                    }
                    Entry::Product(a, b) => {
                        Some([&earlier[a * STRIP..][..STRIP], &earlier[b * STRIP..][..STRIP]])
                    }
                };
                let x = &x[step.scale * len..(step.scale + 1) * len];
                let own: &[T] = &x[top + strip * ROWS..top + (strip + 1) * ROWS];
                let across = &x[left..left + SIDE];
                let columns = &mut sums.columns[place * SIDE..(place + 1) * SIDE];
                let vectors = Vectors { d, z, factors, own, across, columns };
                let (rows, slopes) = match registers {
                    1 => vectors.multiply_any::<S, 1, SLOPES>(simd, diagonal),
                    2 => vectors.multiply_any::<S, 2, SLOPES>(simd, diagonal),
                    _ => vectors.multiply_any::<S, 4, SLOPES>(simd, diagonal),
                };
                sums.rows[place * SIDE + strip * ROWS..][..ROWS].copy_from_slice(&rows);
                if SLOPES {
                    let twice = if diagonal { 1.0 } else { 2.0 };
                    for r in 0..ROWS {
                        sums.slopes[place] += twice * own[r].to_f64() * slopes[r].to_f64();
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn exponentials<S: Simd, T: Real>(t: T, d: &[T], z: &mut [T]) {
    for k in 0..STRIP {
        z[k] = t.times(d[k]).exp_minus::<S>();
    }
}

/// A strip of distances and similarities with the parts of x that it meets.
struct Vectors<'a, T> {
    d: &'a [T],
    z: &'a mut [T],
    /// Of which the similarities are products, if they are not yet there.
    factors: Option<[&'a [T]; 2]>,
    /// x in the rows of the strip.
    own: &'a [T],
    /// x in its columns.
    across: &'a [T],
    /// Sums of columns.
    columns: &'a mut [T],
}

impl<T: Real> Vectors<'_, T> {
    #[inline(always)]
    fn multiply_any<S: Simd, const REGISTERS: usize, const SLOPES: bool>(
        self,
        simd: S,
        diagonal: bool,
    ) -> ([T; ROWS], [T; ROWS]) {
        match (self.factors.is_some(), diagonal) {
            (true, false) => self.multiply::<S, REGISTERS, true, true, SLOPES>(simd),
            (true, true) => self.multiply::<S, REGISTERS, true, false, SLOPES>(simd),
            (false, false) => self.multiply::<S, REGISTERS, false, true, SLOPES>(simd),
            (false, true) => self.multiply::<S, REGISTERS, false, false, SLOPES>(simd),
        }
    }

    /// Σ_c z_rc x_c and Σ_c d_rc z_rc x_c for each row, by running sums in
    /// `REGISTERS` registers a row; adds Σ_r z_rc x_r to the columns.
    #[inline(always)]
    fn multiply<
        S: Simd,
        const REGISTERS: usize,
        const PRODUCTS: bool,
        const COLUMNS: bool,
        const SLOPES: bool,
    >(
        self,
        simd: S,
    ) -> ([T; ROWS], [T; ROWS]) {
        let zero = T::splat(simd, T::default());
        let width = SIDE * REGISTERS / T::LANES;
        let mut x = [zero; ROWS];
        for (x, &own) in x.iter_mut().zip(self.own) {
            *x = T::splat(simd, own);
        }
        let across = &T::lanes::<S>(self.across)[..width];
        let columns = &mut T::lanes_mut::<S>(self.columns)[..width];
        let z = &mut T::lanes_mut::<S>(self.z)[..ROWS * width];
        let floor = T::splat(simd, T::FLOOR);
        let [a, b] = self.factors.unwrap_or([&[], &[]]).map(|factor| T::lanes::<S>(factor));
        let (a, b) = match PRODUCTS {
            true => (&a[..ROWS * width], &b[..ROWS * width]),
            false => (a, b),
        };
        let d = &T::lanes::<S>(self.d)[..ROWS * width];
        let mut sums = [[zero; REGISTERS]; ROWS];
        let mut slopes = [[zero; REGISTERS]; ROWS];
        let mut c = 0;
        while c < width {
            for lane in 0..REGISTERS {
                let (mut y, other) = (columns[c + lane], across[c + lane]);
                for r in 0..ROWS {
                    let at = r * width + c + lane;
                    if PRODUCTS {
                        z[at] = T::max(simd, T::mul(simd, a[at], b[at]), floor);
                    }
                    let entry = z[at];
                    sums[r][lane] = T::mul_add(simd, entry, other, sums[r][lane]);
                    if SLOPES {
                        let product = T::mul(simd, entry, other);
                        let distance = d[at];
                        slopes[r][lane] = T::mul_add(simd, distance, product, slopes[r][lane]);
                    }
                    if COLUMNS {
                        y = T::mul_add(simd, entry, x[r], y);
                    }
                }
                if COLUMNS {
                    columns[c + lane] = y;
                }
            }
            c += REGISTERS;
        }
        let mut out = ([T::default(); ROWS], [T::default(); ROWS]);
        for r in 0..ROWS {
            out.0[r] = T::sum::<S>(&sums[r]);
            if SLOPES {
                out.1[r] = T::sum::<S>(&slopes[r]);
            }
        }
        out
    }
}
