//! Solving Zw = 1 at given scales.
//!
//! * [`plan`]: which method solves, and what it holds in memory.
//! * [`conjugate_gradients`]: all scales at once, each one a [`scale`], by products
//!   with Z, [`tiles`] by tiles of [`similarity`], in either kind of [`real`] numbers.
//! * [`preconditioner`], [`smooth`] and [`factors`]: what stands in for the inverse of Z.
//! * [`dense`]: by factors of Z, scale after scale.
//! * [`sample`]: some distances, the same in whatever order the points are.
//! * [`accuracy`]: whether rounding leaves anything of what was found.

pub mod accuracy;
pub mod conjugate_gradients;
pub mod dense;
mod factors;
pub mod plan;
mod preconditioner;
pub mod real;
pub mod sample;
pub mod scale;
mod similarity;
mod smooth;
pub mod tiles;
