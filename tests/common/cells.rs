//! Persistence of images by the textbook: the boundary matrix of all cells, reduced from
//! left to right.

use std::collections::{BTreeMap, HashMap};

use ndarray::ArrayD;
use topolens::homology::{Construction, CubicalOptions};

/// The voxels of birth and death of each bar, degree after degree.
pub type Voxels = Vec<Vec<(u32, Option<u32>)>>;

/// Cells by doubled coordinates; a boundary maps cells to coefficients modulo p.
struct Complex {
    lengths: Vec<usize>,
    periodic: Vec<bool>,
    /// Odd coordinates are stretched, in the V- and in the T-construction alike.
    cells: Vec<Vec<usize>>,
}

impl Complex {
    fn new(shape: &[usize], options: &CubicalOptions) -> Self {
        let periodic: Vec<bool> =
            (0..shape.len()).map(|k| options.periodic.get(k) == Some(&true)).collect();
        let length = |(&len, &wraps): (&usize, &bool)| match (wraps, options.construction) {
            (true, _) => 2 * len,
            (false, Construction::V) => 2 * len - 1,
            (false, Construction::T) => 2 * len + 1,
        };
        let lengths: Vec<usize> = shape.iter().zip(&periodic).map(length).collect();
        let cells = lengths.iter().fold(vec![vec![]], |cells: Vec<Vec<usize>>, &length| {
            let longer = |cell: &Vec<usize>, at| [cell.as_slice(), &[at]].concat();
            cells.iter().flat_map(|cell| (0..length).map(move |at| longer(cell, at))).collect()
        });
        Self { lengths, periodic, cells }
    }

    fn boundary(&self, cell: &[usize], p: i64) -> BTreeMap<Vec<usize>, i64> {
        let mut boundary: BTreeMap<Vec<usize>, i64> = BTreeMap::new();
        let mut sign = 1;
        for axis in (0..cell.len()).filter(|&axis| cell[axis] % 2 == 1) {
            for (step, sign) in [(1, sign), (self.lengths[axis] - 1, -sign)] {
                let mut face = cell.to_vec();
                face[axis] = (cell[axis] + step) % self.lengths[axis];
                *boundary.entry(face).or_insert(0) += sign;
            }
            sign = -sign;
        }
        boundary.retain(|_, c| c.rem_euclid(p) != 0);
        boundary
    }

    /// All voxels that a cell is a face of (T), or that are its vertices (V).
    fn voxels(&self, cell: &[usize], construction: Construction) -> Vec<Vec<usize>> {
        let parity = usize::from(construction == Construction::T);
        cell.iter().enumerate().fold(vec![vec![]], |found: Vec<Vec<usize>>, (axis, &at)| {
            let len = self.lengths[axis];
            let choices: Vec<usize> = if at % 2 == parity {
                vec![at]
            } else {
                let below = (at > 0 || self.periodic[axis]).then(|| (at + len - 1) % len);
                let above = (at + 1 < len || self.periodic[axis]).then(|| (at + 1) % len);
                below.into_iter().chain(above).collect()
            };
            let longer = |f: &Vec<usize>, at: usize| [f.as_slice(), &[at / 2]].concat();
            found.iter().flat_map(|f| choices.iter().map(move |&at| longer(f, at))).collect()
        })
    }
}

/// Pairs of voxels by reducing the boundary matrix of all cells.
pub fn oracle(image: &ArrayD<f64>, options: &CubicalOptions) -> Voxels {
    let sign = if options.superlevel { -1.0 } else { 1.0 };
    let p = i64::from(options.coeff);
    let complex = Complex::new(image.shape(), options);
    let flat = |voxel: &[usize]| {
        voxel.iter().zip(image.shape()).fold(0, |flat, (&at, &len)| flat * len + at)
    };
    let values: Vec<f64> = image.iter().map(|x| sign * x).collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap().then(a.cmp(&b)));
    let mut rank = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, &voxel)| rank[voxel] = at);
    let mut cells: Vec<_> = complex
        .cells
        .iter()
        .map(|cell| {
            let voxels = complex.voxels(cell, options.construction);
            let ranks = voxels.iter().map(|voxel| rank[flat(voxel)]);
            let entry = match options.construction {
                Construction::V => ranks.max(),
                Construction::T => ranks.min(),
            };
            let dimension = cell.iter().filter(|&at| at % 2 == 1).count();
            (entry.unwrap(), dimension, cell.clone())
        })
        .collect();
    cells.sort();
    let place: HashMap<_, _> =
        cells.iter().enumerate().map(|(k, (_, _, cell))| (cell.clone(), k)).collect();
    let inverse = |a: i64| (1..p).find(|b| a * b % p == 1).unwrap();
    let mut columns: HashMap<usize, BTreeMap<usize, i64>> = HashMap::new();
    let mut deaths: Vec<Option<usize>> = vec![None; cells.len()];
    let mut negative = vec![false; cells.len()];
    for (k, (_, _, cell)) in cells.iter().enumerate() {
        let boundary = complex.boundary(cell, p).into_iter();
        let mut column: BTreeMap<usize, i64> =
            boundary.map(|(face, c)| (place[&face], c.rem_euclid(p))).collect();
        while let Some((&pivot, &c)) = column.last_key_value() {
            let Some(other) = columns.get(&pivot) else { break };
            let factor = c * inverse(other[&pivot]) % p;
            for (&at, &c) in other {
                let sum = (column.get(&at).unwrap_or(&0) - factor * c).rem_euclid(p);
                if sum == 0 {
                    column.remove(&at)
                } else {
                    column.insert(at, sum)
                };
            }
        }
        if let Some((&pivot, _)) = column.last_key_value() {
            (deaths[pivot], negative[k]) = (Some(k), true);
            columns.insert(pivot, column);
        }
    }
    let mut bars = vec![Vec::new(); image.ndim() + 1];
    for (k, (birth, dimension, _)) in cells.iter().enumerate().filter(|(k, _)| !negative[*k]) {
        let birth = order[*birth];
        let death = deaths[k].map(|death| order[cells[death].0]);
        let death = death.filter(|&death| values[death] < f64::INFINITY);
        if values[birth] < death.map_or(f64::INFINITY, |death| values[death]) {
            bars[*dimension].push((birth as u32, death.map(|death| death as u32)));
        }
    }
    bars.iter_mut().for_each(|bars| bars.sort());
    bars
}
