//! Persistent homology of spaces and of images, Betti numbers at one scale,
//! minimum spanning trees, and sums over the bars of degree zero.

mod bits;
mod collapse;
mod cubical;
mod field;
mod hops;
mod lifetimes;
mod rips;
pub mod spanning_tree;

pub use crate::union_find::UnionFind;
pub use cubical::{
    BettiOptions, Construction, CubicalBar, CubicalBetti, CubicalOptions, CubicalPersistence,
    MAX_AXES, Voxel, cubical, cubical_batch, cubical_betti,
};
pub use field::{Field, Modulo2, ModuloP, check_prime};
pub use hops::{HopBetti, HopOptions, hop_betti};
pub use lifetimes::lifetime_sums;
pub use rips::{
    Bar, Cocycle, Engine, MAX_DIMENSION, Persistence, Plan, RipsOptions, Rows, rips, rips_batch,
};
