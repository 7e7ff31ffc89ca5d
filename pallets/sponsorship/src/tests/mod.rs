//! Tests, by behaviour. Each runs `try_state` at its end.

mod deposits;
mod enrolling;
mod errors;
mod fees;
mod invariants;
mod sequences;
mod terms;
mod views;
mod waivers;
mod weights;
