//! `salus consent`.

use super::{consent_online, print_json, Context};
use crate::{fhir, Error, Result};
use clap::{Args, Subcommand};
use salus_primitives::Moment;
use std::path::PathBuf;

/// Commands about consents.
#[derive(Subcommand, Debug)]
pub enum ConsentCommand {
	/// Decide a request from FHIR consents, without a node; prints JSON.
	Decide(DecideArgs),
	#[command(flatten)]
	#[allow(missing_docs)]
	Online(consent_online::ConsentOnlineCommand),
}

/// Arguments of `consent decide`.
#[derive(Args, Debug)]
pub struct DecideArgs {
	/// A FHIR R4 or R5 `Consent`, or a Bundle of them; may be given several times. Consents are numbered in the order given.
	#[arg(long, value_name = "FILE", num_args = 1..)]
	consent: Vec<PathBuf>,
	/// The request.
	#[arg(long, value_name = "FILE")]
	request: PathBuf,
	/// The moment to decide at, RFC 3339; the present if left out.
	#[arg(long, value_name = "RFC3339")]
	now: Option<String>,
}

/// Runs a command about consents.
pub async fn run(context: &Context, command: ConsentCommand) -> Result<()> {
	match command {
		ConsentCommand::Decide(args) => decide(args),
		ConsentCommand::Online(command) => consent_online::run(context, command).await,
	}
}

/// The moment that `--now` states, or the present.
pub(super) fn moment_or_now(stated: Option<&str>) -> Result<Moment> {
	let now = match stated {
		Some(text) => fhir::time::parse_rfc3339(text)
			.ok_or_else(|| Error::usage("bad-time", format!("--now {text}: expected a moment as in RFC 3339")))?,
		None => chrono::Utc::now().timestamp_millis(),
	};
	u64::try_from(now).map_err(|_| Error::usage("bad-time", "--now lies before 1970"))
}

fn decide(args: DecideArgs) -> Result<()> {
	let now = moment_or_now(args.now.as_deref())?;
	let read = |path: &PathBuf| std::fs::read_to_string(path).map_err(|e| Error::file(path, e));
	let consents = args.consent.iter().map(read).collect::<Result<Vec<_>>>()?;
	let answer = fhir::request::decide(&consents, &read(&args.request)?, now)?;
	print_json(&answer)
}
