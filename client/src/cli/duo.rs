//! `salus duo` and `salus ontology`.

use super::{consent::moment_or_now, print_json, values::read_text};
use crate::{
	duo::{self, files::namespace, ReleaseFile, Taxonomy},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::duo::{Disease, Namespace};
use std::path::PathBuf;

/// Commands about data use.
#[derive(Subcommand, Debug)]
pub enum DuoCommand {
	/// Judge a purpose by a dataset's groups, without a node; prints JSON.
	Match(MatchArgs),
}

/// Arguments of `duo match`.
#[derive(Args, Debug)]
pub struct MatchArgs {
	/// The dataset: {"groups": [{"permission": "DUO:0000042", "modifiers": [{"term": "DUO:0000046"}]}]}.
	#[arg(long, value_name = "FILE")]
	dataset: PathBuf,
	/// The purpose: {"uses": ["DUO:0000037"], "commercial": false}.
	#[arg(long, value_name = "FILE")]
	purpose: PathBuf,
	/// What lies above which disease: an OBO file, or lines of child and parent with a tab between. Without it, a disease is
	/// within itself only.
	#[arg(long, value_name = "FILE")]
	ontology: Option<PathBuf>,
	/// The moment to judge at, RFC 3339; the present if left out.
	#[arg(long, value_name = "RFC3339")]
	now: Option<String>,
	/// Tell each group's verdict, too.
	#[arg(long)]
	all: bool,
}

/// Commands about disease ontologies.
#[derive(Subcommand, Debug)]
pub enum OntologyCommand {
	/// Build a release, of which the chain is told root and count, without a node; prints JSON.
	Build(BuildArgs),
	/// Prove what lies above diseases, as a request for a dataset carries it, without a node; prints JSON.
	Prove(ProveArgs),
}

/// Arguments of `ontology build`.
#[derive(Args, Debug)]
pub struct BuildArgs {
	/// An OBO file, or lines of child and parent with a tab between.
	file: PathBuf,
	/// The ontology: MONDO or DOID.
	#[arg(long, value_parser = namespace)]
	namespace: Namespace,
	/// Write the release with all of its terms here: proofs are made from it.
	#[arg(long, value_name = "FILE")]
	out: Option<PathBuf>,
}

/// Arguments of `ontology prove`.
#[derive(Args, Debug)]
pub struct ProveArgs {
	/// The release, as `ontology build --out` wrote it.
	#[arg(long, value_name = "FILE")]
	release: PathBuf,
	/// Diseases, such as DOID:1612.
	#[arg(required = true, value_name = "TERM")]
	terms: Vec<Disease>,
}

/// Runs a command about data use.
pub fn run(command: DuoCommand) -> Result<()> {
	let DuoCommand::Match(args) = command;
	let now = moment_or_now(args.now.as_deref())?;
	let ontology = args.ontology.as_deref().map(read_text).transpose()?;
	let (dataset, purpose) = (read_text(&args.dataset)?, read_text(&args.purpose)?);
	print_json(&duo::answer(&dataset, &purpose, ontology.as_deref(), now, args.all)?)
}

/// Runs a command about disease ontologies.
pub fn run_ontology(command: OntologyCommand) -> Result<()> {
	match command {
		OntologyCommand::Build(args) => {
			let file = Taxonomy::read(&read_text(&args.file)?)?.release(args.namespace)?;
			if let Some(path) = &args.out {
				let text = serde_json::to_string(&file).map_err(|error| Error::unexpected("writing JSON", error))?;
				std::fs::write(path, text).map_err(|error| Error::file(path, error))?;
			}
			print_json(&file.release)
		}
		OntologyCommand::Prove(args) => print_json(&ReleaseFile::read(&read_text(&args.release)?)?.prove(&args.terms)?),
	}
}
