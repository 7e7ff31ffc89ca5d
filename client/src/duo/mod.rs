//! Data use without a chain: datasets and purposes as files, and disease ontologies.
//!
//! The verdict is that of [`salus_primitives::duo`]: the same code decides on chain. Formats are in `docs/DUO.md`.

pub mod cases;
pub mod files;
pub mod ontology;

pub use files::{answer, dataset, purpose};
pub use ontology::{ReleaseFile, Taxonomy};
