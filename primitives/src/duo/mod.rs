//! Data use: what a dataset's contributors allow, what a request is for, and whether the one allows the other.
//!
//! The terms are those of GA4GH's Data Use Ontology (DUO). Their meaning is written down here and in `docs/DUO.md`, and
//! not reasoned from the ontology, whose hierarchy does not carry it: there, NPU and NCU stand below NPUNCU, the stricter.
//!
//! A dataset has consent groups. Each has one permission and any modifiers, and is judged by itself: groups divide the
//! contributors and are no alternatives for the same data. A request names its uses; [`matches()`] answers a verdict for
//! each group with the reasons that make it. What is not known never helps a request: it is denied, or people decide.
//!
//! | module | job |
//! |---|---|
//! | [`terms`] | DUO's terms by their identifiers; uses, sensitive flags, diseases, countries, names |
//! | [`types`] | groups, purposes, facts |
//! | [`matcher`] | the verdict, row by row |
//! | [`reasons`] | every outcome of every row, with its code |
//! | [`obligations`] | what a grant owes, and when it has to end |
//! | [`ontology`] | releases of disease ontologies, and proofs of what lies above a disease |

pub mod matcher;
pub mod obligations;
pub mod ontology;
pub mod reasons;
pub mod terms;
pub mod types;

pub use matcher::{matches, GroupOutcome, Outcome};
pub use obligations::{expiry, obligations, Obligation, ObligationKind, MAX_OBLIGATIONS};
pub use ontology::{Ancestors, Closure, ClosureError, Leaf, Ontology, Proved, Release, MAX_ANCESTORS, MAX_PROOF};
pub use reasons::{Reason, ReasonSet, Verdict, MAX_REASONS};
pub use terms::{Country, Disease, Name, Namespace, Sensitive, SensitiveSet, Term, TermKind, Use, UseSet};
pub use types::{
	CoSigners, Countries, DataUse, Diseases, Facts, Group, GroupError, Modifier, Names, Permission, Purpose,
	MAX_COUNTRIES, MAX_CO_SIGNERS, MAX_DISEASES, MAX_GROUPS, MAX_MODIFIERS, MAX_NAMES,
};

#[cfg(test)]
mod tests;
