//! Consents and the access decision.
//!
//! A **consent** belongs to a patient. Its *base* says what holds where no rule speaks, its *root* to what the base
//! applies, and its *rules* are self-contained permits and denials. [`decide`] answers one [`Request`] from the
//! [`Facts`] about it and the patient's consents, at one moment, purely: it is what the runtime, the command line, the
//! gateway and the tests call. Its numbered steps are those of `docs/ARCHITECTURE.md`.
//!
//! A fact that a request lacks fails the condition of a permit and meets the condition of a denial, so leaving
//! something out never opens anything.

mod decision;
mod types;

pub use decision::decide;
pub use types::*;

#[cfg(test)]
mod tests;
