//! Dense symmetric linear algebra, the one folder that names the library for it.
//!
//! Matrices are cut into tiles of fixed size. Each tile is treated by one thread
//! with calls into the library, so that results do not depend on the number of
//! threads and a factorisation can be stopped between tiles.

mod cholesky;
mod lblt;
mod spectrum;
mod symmetric_product;
mod tiles;
mod tridiagonal;
mod tridiagonal_spectrum;

pub use self::cholesky::{COLUMNS, Cholesky};
pub use self::lblt::Lblt;
pub use self::spectrum::{eigenvalue_bytes, eigenvalues, eigenvectors, gram, product};
pub use self::tiles::Symmetric;
