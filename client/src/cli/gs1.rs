//! `salus gs1`.

use super::print_json;
use crate::{Error, Result};
use clap::{Args, Subcommand};
use salus_primitives::gs1::{self, Parsed};
use serde::Serialize;

/// Commands about GS1's identification.
#[derive(Subcommand, Debug)]
pub enum Gs1Command {
	/// Read a GS1 element string or Digital Link, without a node; prints JSON.
	Parse(ParseArgs),
}

/// Arguments of `gs1 parse`.
#[derive(Args, Debug)]
pub struct ParseArgs {
	/// The element string, with GS (0x1d) or ^ as its separator or with its AIs in brackets, or the Digital Link.
	#[arg(allow_hyphen_values = true)]
	string: String,
}

/// The answer of `gs1 parse`.
#[derive(Serialize)]
struct Answer {
	#[serde(flatten)]
	parsed: Parsed,
	canonical: Option<String>,
}

/// Runs a command about GS1's identification.
pub fn run(command: Gs1Command) -> Result<()> {
	match command {
		Gs1Command::Parse(args) => {
			let parsed = gs1::parse(&args.string).map_err(Error::Gs1)?;
			print_json(&Answer { canonical: parsed.canonical(), parsed })
		}
	}
}
