//! What every part of Salus shares: identifiers, code systems, GS1's identification, capability traits, runtime-API
//! declarations, and the access decision. No storage, no `frame_system::Config`: the same code decides in the runtime, in the command line,
//! in the custodian's gateway and in tests.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub mod api;
pub mod care;
pub mod codes;
pub mod consent;
pub mod drug;
pub mod duo;
pub mod gs1;
pub mod ids;
pub mod inputs;
pub mod merkle;
pub mod receipts;
pub mod research;
pub mod stream;
pub mod time;
pub mod traits;
pub mod views;

pub use codes::*;
pub use ids::*;
pub use time::{DataPeriod, Moment, Month};
