//! The space of networks: distances between classifiers by what they predict.
//!
//! Two networks are as far apart as the share of samples on which their labels
//! differ, d(w, w′) = Σ v_i 1[ŷ_w(x_i) ≠ ŷ_w′(x_i)]. Networks at distance zero
//! are one point of the quotient (Wu, Huang, Li and Liu, arXiv 2501.11265).
//! Predictions are held as [`BitPlanes`]; [`SoftDistance`] compares outputs
//! instead of labels.
//!
//! ```
//! use topolens::Monitor;
//! use topolens::ndarray::array;
//! use topolens::networks::{BitPlanes, Pairs, disagreement_counts};
//!
//! // Labels of five samples by three networks, in two bits.
//! let labels = array![[0_u8, 1, 2, 3, 0], [0, 1, 2, 0, 0], [3, 2, 1, 0, 0]];
//! let planes = BitPlanes::pack(labels.view(), 2, None, &Monitor::new())?;
//! let counts = disagreement_counts(Pairs::Within(&planes), &Monitor::new())?;
//! assert_eq!(counts, [1, 4, 3]);
//! # Ok::<(), topolens::Error>(())
//! ```

mod accuracy;
mod bit_planes;
mod by_pairs;
mod chance;
mod classes;
mod compared;
mod distances;
mod frequencies;
mod gathering;
mod mismatches;
mod multipliers;
mod pairs;
mod quotients;
mod registers;
mod soft;
mod ties;
mod votes;

pub use accuracy::accuracies;
pub use bit_planes::{BitPlanes, Label, bit_planes_bytes};
pub use by_pairs::{ByPairs, disagreement_by_pairs};
pub use chance::{chance_disagreement, chance_disagreement_by_pairs};
pub use classes::classes_of_rows;
pub use compared::{Compared, common_numbers};
pub use distances::{
    Fold, conditional_disagreement, disagreement, disagreement_counts, weighted_disagreement,
};
pub use gathering::{Classes, Gathering, gather};
pub use multipliers::multiplier_suprema;
pub use pairs::Pairs;
pub use quotients::{Induced, Representatives, distances_of_classes, representatives};
pub use soft::{SoftDistance, soft_distances};
pub use ties::{Laws, TiedLabels, disagreement_with_ties, samples_with};
pub use votes::{Votes, votes, votes_with_ties};
