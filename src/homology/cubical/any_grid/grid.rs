//! Cells of a grid of any dimension, and what they bound.

use ndarray::ArrayViewD;

use crate::blocks::mapped;
use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::homology::cubical::check::in_order;
use crate::homology::cubical::options::{Construction, CubicalOptions, MAX_AXES};
use crate::homology::cubical::places::sorted_places;
use crate::homology::cubical::voxel::Voxel;
use crate::monitor::Monitor;

/// Bytes that the general path takes for each cell.
const BYTES_OF_CELL: u64 = 24;

/// All cells of an image in the order in which they enter.
///
/// Coordinates are doubled: a cell stretches along the axes where its coordinate
/// is odd, and is at one place along the others.
pub struct Grid {
    axes: Vec<Axis>,
    /// Cells of each dimension in the order of the filtration.
    pub cells: Vec<Vec<u32>>,
    /// Place of a cell among those of its dimension.
    pub places: Vec<u32>,
    /// Place, in the order of voxels, of the voxel that brings a cell.
    ranks: Vec<u32>,
    /// Voxels in their order.
    voxels: Vec<u32>,
}

struct Axis {
    /// Doubled coordinates are less than this.
    len: usize,
    /// Cells from one coordinate to the next.
    stride: usize,
    periodic: bool,
}

impl Axis {
    /// The coordinates next to `at`: below, then above.
    fn beside(&self, at: usize) -> [Option<usize>; 2] {
        let wrap = |next| self.periodic.then_some(next);
        let below = if at > 0 { Some(at - 1) } else { wrap(self.len - 1) };
        let above = if at + 1 < self.len { Some(at + 1) } else { wrap(0) };
        [below, above]
    }
}

impl Grid {
    pub fn new<V: Voxel>(
        image: &ArrayViewD<'_, V>,
        options: &CubicalOptions,
        monitor: &Monitor,
    ) -> Result<Self> {
        let axes = axes_of(image.shape(), options);
        check_memory(&axes, image, options.max_memory)?;
        let voxels = sorted_voxels(image, options.superlevel, monitor)?;
        let mut ranks = spread(&axes, image.shape(), &voxels, options.construction, monitor)?;
        complete(&axes, &mut ranks, options.construction, monitor)?;
        let (cells, places) = sorted_cells(&axes, &ranks, voxels.len(), monitor)?;
        Ok(Self { axes, cells, places, ranks, voxels })
    }

    /// Place, in the order of voxels, of the voxel that brings a cell.
    pub fn rank(&self, cell: u32) -> u32 {
        self.ranks[cell as usize]
    }

    /// The voxel at a place in the order.
    pub fn voxel(&self, rank: u32) -> u32 {
        self.voxels[rank as usize]
    }

    /// The two ends of an edge, which are one where it closes on itself.
    pub fn ends(&self, edge: u32) -> [u32; 2] {
        let coordinates = coordinates(&self.axes, edge as usize);
        let along = (0..self.axes.len()).find(|&axis| coordinates[axis] % 2 == 1);
        let along = along.expect("an edge stretches along one axis");
        let (axis, at) = (&self.axes[along], coordinates[along]);
        axis.beside(at).map(|next| {
            let next = next.expect("an edge has two ends");
            (edge as usize + next * axis.stride - at * axis.stride) as u32
        })
    }

    /// Calls `visit` with the cells that `cell` bounds, and whether with sign −1.
    pub fn for_each_cofacet(&self, cell: u32, mut visit: impl FnMut(u32, bool)) {
        let coordinates = coordinates(&self.axes, cell as usize);
        let mut stretched = false; // along an odd number of axes so far
        for (axis, &at) in self.axes.iter().zip(&coordinates) {
            if at % 2 == 1 {
                stretched = !stretched;
                continue;
            }
            let [below, above] = axis.beside(at);
            if axis.len == 2 {
                continue; // bounds the one cell around the axis twice, with both signs
            }
            // The upper face of a cell has the sign of the axis, the lower the other.
            for (next, upper) in [(below, true), (above, false)] {
                if let Some(next) = next {
                    let cofacet = cell as usize + next * axis.stride - at * axis.stride;
                    visit(cofacet as u32, stretched == upper);
                }
            }
        }
    }
}

fn axes_of(shape: &[usize], options: &CubicalOptions) -> Vec<Axis> {
    let mut stride = 1;
    let mut axes: Vec<_> = (0..shape.len())
        .rev()
        .map(|k| {
            let periodic = options.periodic.get(k).copied().unwrap_or(false);
            let len = match (periodic, options.construction) {
                (true, _) => 2 * shape[k],
                (false, Construction::V) => 2 * shape[k] - 1,
                (false, Construction::T) => 2 * shape[k] + 1,
            };
            let axis = Axis { len, stride, periodic };
            stride = stride.saturating_mul(len);
            axis
        })
        .collect();
    axes.reverse();
    axes
}

fn coordinates(axes: &[Axis], cell: usize) -> [usize; MAX_AXES] {
    let mut coordinates = [0; MAX_AXES];
    let mut rest = cell as u32;
    for (axis, at) in axes.iter().zip(&mut coordinates) {
        *at = (rest / axis.stride as u32) as usize;
        rest %= axis.stride as u32;
    }
    coordinates
}

fn count(axes: &[Axis]) -> usize {
    axes[0].stride.saturating_mul(axes[0].len)
}

fn check_memory<V: Voxel>(axes: &[Axis], image: &ArrayViewD<'_, V>, allowed: u64) -> Result<()> {
    let cells = count(axes);
    let needed = BYTES_OF_CELL.saturating_mul(cells as u64) + 24 * image.len() as u64;
    let most = (allowed / BYTES_OF_CELL).min(u64::from(u32::MAX)) as f64;
    let side = (most.powf(1.0 / axes.len() as f64) / 2.0) as u64;
    let axes = axes.len();
    let advice = format_args!(
        "{axes} axes of {side} voxels would fit; boxes of up to 3 axes with coeff=2 need far less"
    );
    Budget { allowed }.ask(format_args!("the reduction of {cells} cells"), needed, advice)?;
    if cells >= u32::MAX as usize {
        let reason = format!("{cells} cells are more than {}; {advice}", u32::MAX - 1);
        return Err(Error::Overflow { argument: "image", reason });
    }
    Ok(())
}

/// Voxels by value, then flat index.
fn sorted_voxels<V: Voxel>(
    image: &ArrayViewD<'_, V>,
    superlevel: bool,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let keys =
        mapped(&in_order(image, monitor)?, |value| Some(value.entry_key(superlevel)), monitor)?;
    sorted_places(keys.iter().copied(), monitor)
}

/// Ranks of voxels at the cells which they are, and zero at all others.
fn spread(
    axes: &[Axis],
    shape: &[usize],
    voxels: &[u32],
    construction: Construction,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let offset = usize::from(construction == Construction::T);
    let mut ranks = vec![0; count(axes)];
    for (rank, &voxel) in voxels.iter().enumerate() {
        if rank % 65_536 == 0 {
            monitor.check()?;
        }
        let (mut rest, mut cell) = (voxel as usize, 0);
        for (axis, len) in axes.iter().zip(shape).rev() {
            cell += (2 * (rest % len) + offset) * axis.stride;
            rest /= len;
        }
        ranks[cell] = rank as u32;
    }
    Ok(ranks)
}

/// Gives all cells their ranks, axis by axis, from those of the voxels: the
/// largest of the ends (V), or the least of what a cell bounds (T).
fn complete(
    axes: &[Axis],
    ranks: &mut [u32],
    construction: Construction,
    monitor: &Monitor,
) -> Result<()> {
    let known = usize::from(construction == Construction::T);
    for axis in axes {
        for block in ranks.chunks_exact_mut(axis.stride * axis.len) {
            for at in (1 - known..axis.len).step_by(2) {
                monitor.check()?;
                let [below, above] = axis.beside(at).map(|next| next.map(|c| c * axis.stride));
                let here = at * axis.stride;
                for k in 0..axis.stride {
                    let beside = [below, above].into_iter().flatten().map(|next| block[next + k]);
                    let rank = match construction {
                        Construction::V => beside.max(),
                        Construction::T => beside.min(),
                    };
                    block[here + k] = rank.expect("there is a voxel on one side");
                }
            }
        }
    }
    Ok(())
}

/// Cells of each dimension by rank, then number; and their places therein.
fn sorted_cells(
    axes: &[Axis],
    ranks: &[u32],
    voxels: usize,
    monitor: &Monitor,
) -> Result<(Vec<Vec<u32>>, Vec<u32>)> {
    // Along the last axis dimensions take turns.
    let width = axes.last().expect("there is an axis").len;
    let dimensions = |row: usize| {
        let across = coordinates(axes, row * width).iter().map(|at| at % 2).sum::<usize>();
        [across, across + 1]
    };
    // Sorts by counting, for one dimension after the other.
    let mut starts = vec![vec![0_u32; voxels + 1]; axes.len() + 1];
    for (row, ranks) in ranks.chunks_exact(width).enumerate() {
        monitor.check()?;
        let dimensions = dimensions(row);
        for (at, &rank) in ranks.iter().enumerate() {
            starts[dimensions[at % 2]][rank as usize + 1] += 1;
        }
    }
    for starts in &mut starts {
        for rank in 0..voxels {
            starts[rank + 1] += starts[rank];
        }
        monitor.check()?;
    }
    let mut cells: Vec<_> = starts.iter().map(|starts| vec![0; starts[voxels] as usize]).collect();
    let mut places = vec![0; ranks.len()];
    for (row, ranks) in ranks.chunks_exact(width).enumerate() {
        monitor.check()?;
        let dimensions = dimensions(row);
        for (at, &rank) in ranks.iter().enumerate() {
            let (dimension, cell) = (dimensions[at % 2], row * width + at);
            let next = &mut starts[dimension][rank as usize];
            places[cell] = *next;
            cells[dimension][*next as usize] = cell as u32;
            *next += 1;
        }
    }
    Ok((cells, places))
}
