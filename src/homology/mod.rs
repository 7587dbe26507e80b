//! Persistent homology, Betti numbers at one scale, and minimum spanning trees.

mod bits;
mod collapse;
mod field;
mod hops;
mod rips;
pub mod spanning_tree;
mod union_find;

pub use field::{Field, Modulo2, ModuloP, check_prime};
pub use hops::{HopBetti, HopOptions, hop_betti};
pub use rips::{Bar, Cocycle, MAX_DIMENSION, Persistence, RipsOptions, rips};
pub use union_find::UnionFind;
