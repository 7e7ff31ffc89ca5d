//! The Salus node: a development chain in one process, or a collator of the consortium's parachain.

#![warn(missing_docs)]

mod chain_spec;
mod cli;
mod clock;
#[cfg(feature = "collator")]
mod collator;
mod command;
mod dev;
mod dev_clock;
mod preflight;
mod relay_check;
mod rpc;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}
