//! Tests, by behaviour. Each runs `try_state` at its end.

mod admins;
mod agreements;
mod errors;
mod invariants;
mod keys;
mod members;
mod organisations;
mod sequences;
mod standing;
