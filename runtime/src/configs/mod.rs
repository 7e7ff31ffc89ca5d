//! How each pallet is configured, by subject.

#![warn(missing_docs)]

pub mod collation;
pub mod governance;
pub mod health;
pub mod monetary;
pub mod system;
