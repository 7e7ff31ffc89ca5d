//! `salus record`.

use super::{print_json, record_online, Context};
use crate::{fhir::labels::LabelTable, plan::Plan, Error, Result};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands about records.
#[derive(Subcommand, Debug)]
pub enum RecordCommand {
	/// Show how a FHIR bundle would be cut into records, without a node; prints JSON.
	Plan(PlanArgs),
	#[command(flatten)]
	#[allow(missing_docs)]
	Online(record_online::RecordOnlineCommand),
}

/// Arguments of `record plan`.
#[derive(Args, Debug)]
pub struct PlanArgs {
	/// A FHIR R4 bundle of one patient.
	bundle: PathBuf,
	/// The table of codes and their sensitivity labels to use instead of the built-in one.
	#[arg(long, value_name = "FILE")]
	labels: Option<PathBuf>,
}

/// Runs a command about records.
pub async fn run(context: &Context, command: RecordCommand) -> Result<()> {
	match command {
		RecordCommand::Plan(args) => plan(args),
		RecordCommand::Online(command) => record_online::run(context, command).await,
	}
}

fn plan(args: PlanArgs) -> Result<()> {
	let table = LabelTable::from_option(args.labels.as_deref())?;
	let text = std::fs::read_to_string(&args.bundle).map_err(|e| Error::file(&args.bundle, e))?;
	print_json(&Plan::of_bundle(&text, &table)?.summary())
}
