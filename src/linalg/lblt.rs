//! LBLᵀ: symmetric matrices that may have negative eigenvalues.

use faer::diag::{DiagMut, DiagRef};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::lblt::factor::{LbltParams, PivotingStrategy};
use faer::linalg::cholesky::lblt::{factor as lblt_factor, solve as lblt_solve};
use faer::linalg::matmul::matmul;
use faer::perm::PermRef;
use faer::{Accum, MatMut, MatRef, Par, Spec};
use rayon::prelude::*;

use super::tiles::{Symmetric, TILE, place, row_and_column, span, subtract_product};
use crate::error::Result;
use crate::monitor::Monitor;

/// L and a block diagonal B with LBLᵀ = A: a block for each tile on the diagonal.
///
/// Pivots are chosen within these tiles only. That is enough unless a leading part
/// of the matrix is nearly singular, which a residual shows.
#[derive(Debug, Clone)]
pub struct Lblt {
    len: usize,
    /// Tiles of L below the diagonal; those on it are empty.
    tiles: Vec<Vec<f64>>,
    blocks: Vec<Block>,
}

impl Lblt {
    /// Factors a matrix; `None` if a block of B is singular.
    pub fn new(matrix: Symmetric, monitor: &Monitor) -> Result<Option<Self>> {
        let Symmetric { len, mut tiles } = matrix;
        let count = len.div_ceil(TILE);
        let mut blocks = Vec::with_capacity(count);
        for k in 0..count {
            monitor.check()?;
            let side = span(len, k).len();
            let block = Block::new(std::mem::take(&mut tiles[place(k, k)]), side);
            if block.is_singular() {
                return Ok(None);
            }
            let below: Vec<_> =
                (k + 1..count).map(|i| std::mem::take(&mut tiles[place(i, k)])).collect();
            let divided = below.par_iter().map(|tile| {
                monitor.check()?;
                let mut divided = tile.clone();
                let rows = tile.len() / side;
                let divided_mut = MatMut::from_column_major_slice_mut(&mut divided, rows, side);
                block.solve(divided_mut.transpose_mut());
                Ok(divided)
            });
            let divided = divided.collect::<Result<Vec<_>>>()?;
            let rest = tiles[place(k + 1, 0)..].par_iter_mut().enumerate();
            rest.try_for_each(|(at, tile)| {
                let (i, j) = row_and_column(at + place(k + 1, 0));
                if j <= k {
                    return Ok(());
                }
                monitor.check()?;
                subtract_product(tile, &divided[i - k - 1], &below[j - k - 1], side);
                Ok(())
            })?;
            blocks.push(block);
            (k + 1..count).zip(divided).for_each(|(i, tile)| tiles[place(i, k)] = tile);
        }
        Ok(Some(Self { len, tiles, blocks }))
    }

    /// Number of negative eigenvalues, which B has in common with A.
    pub fn negative(&self) -> usize {
        self.blocks.iter().map(Block::negative).sum()
    }

    /// Puts A⁻¹b in the place of b.
    pub fn solve(&self, b: &mut [f64], monitor: &Monitor) -> Result<()> {
        let count = self.blocks.len();
        let tile = |i: usize, j: usize| {
            let shape = (span(self.len, i).len(), span(self.len, j).len());
            MatRef::from_column_major_slice(&self.tiles[place(i, j)], shape.0, shape.1)
        };
        for k in 0..count {
            let (solved, below) = b.split_at_mut(span(self.len, k).end);
            let own = &solved[k * TILE..];
            for i in k + 1..count {
                monitor.check()?;
                let rows = &mut below[(i - k - 1) * TILE..][..span(self.len, i).len()];
                matmul(column_mut(rows), Accum::Add, tile(i, k), column(own), -1.0, Par::Seq);
            }
        }
        for (k, block) in self.blocks.iter().enumerate() {
            block.solve(column_mut(&mut b[span(self.len, k)]));
        }
        for k in (0..count).rev() {
            let (above, below) = b.split_at_mut(span(self.len, k).end);
            let own = &mut above[k * TILE..];
            for i in k + 1..count {
                monitor.check()?;
                let rows = &below[(i - k - 1) * TILE..][..span(self.len, i).len()];
                let across = tile(i, k).transpose();
                matmul(column_mut(own), Accum::Add, across, column(rows), -1.0, Par::Seq);
            }
        }
        Ok(())
    }
}

/// The factors of one tile on the diagonal, with symmetric pivoting.
#[derive(Debug, Clone)]
struct Block {
    side: usize,
    /// L below the diagonal; B on it.
    factors: Vec<f64>,
    /// B below its diagonal.
    subdiagonal: Vec<f64>,
    permutation: (Vec<usize>, Vec<usize>),
}

impl Block {
    fn new(mut factors: Vec<f64>, side: usize) -> Self {
        let mut params = Spec::<LbltParams, f64>::default();
        params.config.pivoting = PivotingStrategy::Rook;
        // In blocks it goes wrong: some pivots come from columns that are not up to date.
        params.config.block_size = 0;
        let scratch = lblt_factor::cholesky_in_place_scratch::<usize, f64>(side, Par::Seq, params);
        let mut buffer = MemBuffer::new(scratch);
        let mut subdiagonal = vec![0.0; side];
        let mut permutation = (vec![0; side], vec![0; side]);
        lblt_factor::cholesky_in_place(
            MatMut::from_column_major_slice_mut(&mut factors, side, side),
            DiagMut::from_slice_mut(&mut subdiagonal),
            &mut permutation.0,
            &mut permutation.1,
            Par::Seq,
            MemStack::new(&mut buffer),
            params,
        );
        Self { side, factors, subdiagonal, permutation }
    }

    /// The blocks of B: diagonal entries, and the one between if there are two.
    fn pivots(&self) -> impl Iterator<Item = (f64, Option<(f64, f64)>)> + '_ {
        let diagonal = |i: usize| self.factors[i * self.side + i];
        let mut next = 0;
        std::iter::from_fn(move || {
            let i = next;
            let between = *self.subdiagonal.get(i)?;
            let double = between != 0.0 && i + 1 < self.side;
            next += if double { 2 } else { 1 };
            Some((diagonal(i), double.then(|| (diagonal(i + 1), between))))
        })
    }

    fn is_singular(&self) -> bool {
        let determinant = |(first, second): (f64, Option<(f64, f64)>)| match second {
            None => first,
            Some((second, between)) => first * second - between * between,
        };
        self.pivots().map(determinant).any(|d| d == 0.0 || !d.is_finite())
    }

    fn negative(&self) -> usize {
        let negative = |(first, second): (f64, Option<(f64, f64)>)| match second {
            None => usize::from(first < 0.0),
            Some((second, between)) if first * second < between * between => 1,
            Some(_) => 2 * usize::from(first < 0.0),
        };
        self.pivots().map(negative).sum()
    }

    /// Puts A⁻¹b in the place of each column b.
    fn solve(&self, columns: MatMut<'_, f64>) {
        let factors = MatRef::from_column_major_slice(&self.factors, self.side, self.side);
        let scratch =
            lblt_solve::solve_in_place_scratch::<usize, f64>(self.side, columns.ncols(), Par::Seq);
        lblt_solve::solve_in_place::<usize, f64, f64>(
            factors,
            factors.diagonal(),
            DiagRef::from_slice(&self.subdiagonal),
            PermRef::new_checked(&self.permutation.0, &self.permutation.1, self.side),
            columns,
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
        );
    }
}

fn column(values: &[f64]) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(values, values.len(), 1)
}

fn column_mut(values: &mut [f64]) -> MatMut<'_, f64> {
    let len = values.len();
    MatMut::from_column_major_slice_mut(values, len, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole number from −2 to 2.
    fn entry(i: usize, j: usize) -> i64 {
        (i as i64 * 7 + j as i64 * 11 + (i * j) as i64 % 13) % 5 - 2
    }

    /// A = L B Lᵀ in whole numbers, with diagonal B and a unit triangle L of few entries, from
    /// even columns to odd rows, so that 2 − L is its inverse: by Sylvester's law A has as many
    /// negative eigenvalues as B has negative entries.
    #[allow(clippy::needless_range_loop)] // matrices are read by index, as in formulas
    fn congruent(signs: &[i64]) -> Vec<Vec<i64>> {
        let len = signs.len();
        let lower = |i: usize, k: usize| match i - k {
            0 => 1,
            1 | 3 | 271 if k.is_multiple_of(2) => entry(i, k),
            _ => 0,
        };
        let near = |i: usize| [0, 1, 3, 271].into_iter().filter_map(move |d| i.checked_sub(d));
        let mut matrix = vec![vec![0; len]; len];
        for i in 0..len {
            for j in 0..=i {
                let shared = near(i).filter(|&k| near(j).any(|other| other == k));
                matrix[i][j] = shared.map(|k| lower(i, k) * signs[k] * lower(j, k)).sum();
                matrix[j][i] = matrix[i][j];
            }
        }
        matrix
    }

    fn factor(matrix: &[Vec<i64>]) -> Option<Lblt> {
        let monitor = Monitor::new();
        let entry = |i: usize, j: usize| matrix[i][j] as f64;
        Lblt::new(Symmetric::from_fn(matrix.len(), &monitor, entry).unwrap(), &monitor).unwrap()
    }

    #[test]
    fn negative_eigenvalues_are_those_of_a_congruent_diagonal() {
        for (len, every) in [(1_usize, 1_usize), (5, 2), (60, 3), (257, 2), (600, 7)] {
            let signs: Vec<i64> = (0..len)
                .map(|k| if k.is_multiple_of(every) { -1 - k as i64 % 3 } else { 2 })
                .collect();
            let factors = factor(&congruent(&signs)).expect("regular");
            let negative = signs.iter().filter(|&&sign| sign < 0).count();
            assert_eq!(factors.negative(), negative, "{len} {every}");
        }
    }

    #[test]
    fn pairs_of_pivots_count_one_or_two() {
        // Blocks [[a, b], [b, c]] along the diagonal: the signs of trace and determinant tell.
        for ([a, b, c], negative) in [
            ([0, 1, 0], 1),
            ([1, 5, 1], 1),
            ([-1, 5, -1], 1),
            ([1, 9, 2], 1),
            ([-5, 1, -5], 2),
            ([5, 1, 5], 0),
        ] {
            for pairs in [1, 3, 200] {
                let entry = |i: usize, j: usize| match (i / 2 == j / 2, i % 2, j % 2) {
                    (false, ..) => 0,
                    (true, 0, 0) => a,
                    (true, 1, 1) => c,
                    _ => b,
                };
                let rows = (0..2 * pairs).map(|i| (0..2 * pairs).map(|j| entry(i, j)).collect());
                let factors = factor(&rows.collect::<Vec<_>>()).expect("regular");
                assert_eq!(factors.negative(), pairs * negative, "{a} {b} {c}");
            }
        }
        // By hand: what is to be told from the signs alone.
        let block = |diagonal: [f64; 2], between: f64| Block {
            side: 2,
            factors: vec![diagonal[0], 0.0, 0.0, diagonal[1]],
            subdiagonal: vec![between, 0.0],
            permutation: (vec![0, 1], vec![0, 1]),
        };
        for (diagonal, between, negative, singular) in [
            ([1.0, 1.0], 2.0, 1, false),
            ([-1.0, -1.0], 2.0, 1, false),
            ([-3.0, -3.0], 2.0, 2, false),
            ([3.0, 3.0], 2.0, 0, false),
            ([3.0, -3.0], 0.0, 1, false),
            ([-3.0, -3.0], 0.0, 2, false),
            ([1.0, 4.0], 2.0, 0, true),
            ([1.0, 0.0], 0.0, 0, true),
            ([f64::NAN, 1.0], 0.0, 0, true),
        ] {
            let block = block(diagonal, between);
            assert_eq!(block.is_singular(), singular, "{diagonal:?} {between}");
            if !singular {
                assert_eq!(block.negative(), negative, "{diagonal:?} {between}");
            }
        }
    }

    #[test]
    fn solutions_are_those_that_were_multiplied() {
        for len in [1, 7, 256, 300, 600] {
            let signs: Vec<i64> = (0..len).map(|k| if k % 3 == 0 { -2 } else { 3 }).collect();
            let matrix = congruent(&signs);
            let right: Vec<i64> = (0..len).map(|k| entry(k, 3)).collect();
            let product = |row: &Vec<i64>| row.iter().zip(&right).map(|(a, x)| a * x).sum::<i64>();
            let mut found: Vec<f64> = matrix.iter().map(|row| product(row) as f64).collect();
            let factors = factor(&matrix).expect("regular");
            factors.solve(&mut found, &Monitor::new()).unwrap();
            let wrong = found.iter().zip(&right).map(|(x, right)| (x - *right as f64).abs());
            let wrong = wrong.fold(0.0, f64::max);
            assert!(wrong < 1e-9, "{len}: {wrong:e}");
        }
    }

    #[test]
    fn singular_matrices_have_no_factors() {
        assert!(factor(&[vec![0]]).is_none());
        assert!(factor(&[vec![1, 2], vec![2, 4]]).is_none());
        assert!(factor(&vec![vec![0; 300]; 300]).is_none());
    }
}
