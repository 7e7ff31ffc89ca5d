//! `salus epcis`: GS1's events, without a node.

use super::{print_json, say, Context};
use crate::{
	epcis::{export, schema::Schema, validate},
	fhir::parse_json,
	Error, Result,
};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Commands about EPCIS documents.
#[derive(Subcommand, Debug)]
pub enum EpcisCommand {
	/// Print the CBV 2.0 hash of each event, in the document's order.
	Hash(HashArgs),
	/// Check a document against EPCIS 2.0 and CBV 2.0; prints JSON.
	Validate(ValidateArgs),
	/// Print steps of a parcel's life as an EPCIS document; prints JSON.
	Export(ExportArgs),
}

/// Arguments of `epcis hash`.
#[derive(Args, Debug)]
pub struct HashArgs {
	/// An EPCIS 2.0 document or query document in JSON, an event, or an array of events; `-` is standard input.
	file: PathBuf,
	/// Print the canonical strings that are hashed instead.
	#[arg(long)]
	prehash: bool,
}

/// Arguments of `epcis validate`.
#[derive(Args, Debug)]
pub struct ValidateArgs {
	/// An EPCIS 2.0 document or query document in JSON, an event, or an array of events; `-` is standard input.
	file: PathBuf,
	/// Check it against this JSON Schema too: GS1's, say.
	#[arg(long, value_name = "FILE")]
	schema: Option<PathBuf>,
}

/// Arguments of `epcis export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
	/// Steps as JSON, as `salus drug trace --json` prints them; `-` is standard input.
	file: PathBuf,
}

impl EpcisCommand {
	/// Commands whose answers, errors included, are always JSON.
	pub(super) fn always_json(&self) -> bool {
		!matches!(self, Self::Hash(_))
	}
}

/// Runs a command about EPCIS documents.
pub fn run(context: &Context, command: EpcisCommand) -> Result<()> {
	match command {
		EpcisCommand::Hash(args) => hash(context, &args),
		EpcisCommand::Validate(args) => validate(&args),
		EpcisCommand::Export(args) => {
			let steps = export::read_steps(&read(&args.file)?)?;
			print_json(&export::document_of(&steps)?)
		}
	}
}

fn read(path: &Path) -> Result<Value> {
	let text = match path.to_str() {
		Some("-") => std::io::read_to_string(std::io::stdin()),
		_ => std::fs::read_to_string(path),
	};
	parse_json(&text.map_err(|error| Error::file(path, error))?)
}

fn hash(context: &Context, args: &HashArgs) -> Result<()> {
	let hashes = crate::epcis::event_hashes(&read(&args.file)?)?;
	let lines: Vec<_> = hashes.into_iter().map(|hash| if args.prehash { hash.prehash } else { hash.uri() }).collect();
	if context.json {
		return print_json(&lines);
	}
	lines.iter().try_for_each(|line| say(line))
}

fn validate(args: &ValidateArgs) -> Result<()> {
	let document = read(&args.file)?;
	let events = validate::validate(&document)?;
	if let Some(schema) = &args.schema {
		Schema::new(&read(schema)?)?.check(&document)?;
	}
	print_json(&json!({ "valid": true, "events": events, "schema": args.schema.is_some() }))
}
