//! `salus epcis`: GS1's events, without a node.

use super::{print_json, say, Context};
use crate::{
	epcis::{
		export::{self, Step},
		import,
		schema::Schema,
		validate,
	},
	fhir::parse_json,
	Error, Result,
};
use clap::{Args, Subcommand};
use serde::Serialize;
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
	/// Print which step of a parcel's life each event of a document says, or why it says none; prints JSON.
	Import(ImportArgs),
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

/// Arguments of `epcis import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
	/// An EPCIS 2.0 document or query document in JSON, an event, or an array of events; `-` is standard input.
	file: PathBuf,
	/// The lot of units that the document names by serial number without telling their lot.
	#[arg(long)]
	lot: Option<String>,
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
		EpcisCommand::Import(args) => import(&args),
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

/// An event, as `epcis import` answers about it.
#[derive(Serialize)]
struct Told {
	/// JSON pointer to it.
	at: String,
	/// Its hash, as the chain stores it.
	hash: Option<String>,
	/// The step that it says.
	#[serde(skip_serializing_if = "Option::is_none")]
	step: Option<Step>,
	/// Whether the step, exported again, has this hash.
	#[serde(skip_serializing_if = "Option::is_none")]
	same: Option<bool>,
	/// Why it says none.
	#[serde(skip_serializing_if = "Option::is_none")]
	refused: Option<Value>,
}

fn import(args: &ImportArgs) -> Result<()> {
	let events = import::import(&read(&args.file)?, args.lot.as_deref())?;
	let (all, taken) = (events.len(), events.iter().filter(|event| event.step.is_ok()).count());
	let told = events.into_iter().map(|event| {
		let (step, same, refused) = match event.step {
			Ok(step) => (Some(step), Some(event.same), None),
			Err(error) => (None, None, Some(error.to_json())),
		};
		Told {
			at: event.at,
			hash: event.hash.map(|hash| format!("0x{}", hex::encode(hash.digest))),
			step,
			same,
			refused,
		}
	});
	let answer = json!({ "events": told.collect::<Vec<_>>(), "taken": taken, "refused": all - taken });
	if taken == 0 && all > 0 {
		return Err(Error::NothingTaken { answer });
	}
	print_json(&answer)
}
