//! The `salus` command: one binary for people and scripts. Exit codes are those of [`crate::error`].
//!
//! Every command takes `--json`; `consent decide`, `record plan`, `stream check`, `gs1 parse`, `duo match`, `ontology
//! build`, `ontology prove`, `epcis validate`, `epcis export` and `epcis import` print JSON always and need no node, nor
//! does `epcis hash`; `consent export` prints JSON always.

pub mod acting;
pub mod agreement;
pub mod care;
pub mod consent;
pub mod consent_documents;
pub mod consent_online;
pub mod council;
pub mod custody;
pub mod dataset;
pub mod demo;
pub mod drug;
pub mod duo;
pub mod epcis;
pub mod export;
pub mod gateway;
pub mod glass;
pub mod gs1;
pub mod guardian;
pub mod key;
pub mod org;
pub mod patient;
pub mod record;
pub mod record_online;
pub mod recovery;
pub mod sponsor;
pub mod stream;
pub mod values;

use crate::{keys::KeyRing, store::Store, Error, Result};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use salus_primitives::H256;
use std::{
	io::{IsTerminal, Write},
	path::PathBuf,
	process::ExitCode,
};

/// Health data under the patient's own consent: keys, organisations, patients, consents, records.
#[derive(Parser, Debug)]
#[command(name = "salus", version, about, arg_required_else_help = true)]
pub struct Cli {
	#[command(flatten)]
	context: Context,
	#[command(subcommand)]
	command: Command,
}

/// What every command can be told.
#[derive(Args, Debug, Clone)]
pub struct Context {
	/// Print JSON: one document on standard output, also for errors.
	#[arg(long, global = true)]
	pub json: bool,
	/// The node's WebSocket address.
	#[arg(long, global = true, env = "SALUS_NODE", default_value = "ws://127.0.0.1:9944", value_name = "URL")]
	pub node: String,
	/// Refuse every chain but the one with this genesis hash.
	#[arg(long, global = true, env = "SALUS_GENESIS", value_name = "HASH")]
	pub genesis: Option<H256>,
	/// Where keys, ciphertext and the gateway's state are kept; the default is `.salus` in the home directory.
	#[arg(long, global = true, env = "SALUS_HOME", value_name = "DIR")]
	pub home: Option<PathBuf>,
	/// Where key files are; the default is `keys` in the home of Salus.
	#[arg(long, global = true, env = "SALUS_KEYS", value_name = "DIR")]
	pub keys: Option<PathBuf>,
	/// Where ciphertext is: a directory or `s3://BUCKET/PREFIX` (credentials and region from `AWS_…` variables); the
	/// default is `store` in the home of Salus.
	#[arg(long, global = true, env = "SALUS_STORE", value_name = "DIR|URL")]
	pub store: Option<String>,
}

impl Context {
	/// The home of Salus.
	pub fn home(&self) -> PathBuf {
		self.home.clone().unwrap_or_else(|| {
			let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).unwrap_or_default();
			PathBuf::from(home).join(".salus")
		})
	}

	/// The key files.
	pub fn key_ring(&self) -> KeyRing {
		KeyRing::new(self.keys.clone().unwrap_or_else(|| self.home().join("keys")))
	}

	/// The object store.
	pub fn open_store(&self) -> Result<Store> {
		match &self.store {
			Some(place) => Store::open(place),
			None => Store::directory(&self.home().join("store")),
		}
	}

	/// Prints an answer: the value as JSON with `--json`, else the text.
	pub fn print<T: serde::Serialize>(&self, value: &T, text: impl FnOnce() -> String) -> Result<()> {
		if self.json {
			print_json(value)
		} else {
			say(&text())
		}
	}

	/// A progress bar on standard error; invisible with `--json` and where nobody watches.
	pub fn progress(&self, total: u64, doing: &str) -> ProgressBar {
		if self.json || !std::io::stderr().is_terminal() {
			return ProgressBar::hidden();
		}
		let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
			.unwrap_or_else(|_| ProgressStyle::default_bar());
		ProgressBar::new(total).with_style(style).with_message(doing.to_owned())
	}
}

/// Prints one JSON document on standard output.
pub fn print_json<T: serde::Serialize>(value: &T) -> Result<()> {
	let text = serde_json::to_string(value).map_err(|e| Error::unexpected("writing JSON", e))?;
	say(&text)
}

/// Prints a line on standard output. That nobody reads it any more is no error.
fn say(text: &str) -> Result<()> {
	match writeln!(std::io::stdout(), "{text}") {
		Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::unexpected("writing to standard output", e)),
		_ => Ok(()),
	}
}

#[derive(Subcommand, Debug)]
enum Command {
	/// Make, show and register keys.
	#[command(subcommand)]
	Key(key::KeyCommand),
	/// Organisations of the consortium: members, agreements, sponsored patients, reviews.
	#[command(subcommand)]
	Org(org::OrgCommand),
	/// What the council carries about the chain itself: pauses, safe mode, collators, upgrades.
	#[command(subcommand)]
	Council(council::CouncilCommand),
	/// Register as a patient; guardians; care relationships; who read what; all of it in one file.
	#[command(subcommand)]
	Patient(patient::PatientCommand),
	/// Ask for, give and end consents; decide a request without a node.
	#[command(subcommand)]
	Consent(consent::ConsentCommand),
	/// Add, read and hand over records, also in an emergency; see how a bundle would be cut.
	#[command(subcommand)]
	Record(record::RecordCommand),
	/// What a patient's devices measure: check, anchor and prove samples; genomes.
	#[command(subcommand)]
	Stream(stream::StreamCommand),
	/// Rules over what a patient's devices measure, and the alerts that come of them.
	#[command(subcommand)]
	Care(care::CareCommand),
	/// GS1's EPCIS events: their hashes, checks of documents, steps of a parcel as events; needs no node.
	#[command(subcommand)]
	Epcis(epcis::EpcisCommand),
	/// Medicines and devices: make, move, dispense, verify, recall and trace them.
	#[command(subcommand)]
	Drug(Box<drug::DrugCommand>),
	/// Research datasets: create, contribute to, ask for, decide about and reward them.
	#[command(subcommand)]
	Dataset(Box<dataset::DatasetCommand>),
	/// The custodian's HTTP service.
	#[command(subcommand)]
	Gateway(gateway::GatewayCommand),
	/// Read what is on packs and labels: GS1 element strings and Digital Links.
	#[command(subcommand)]
	Gs1(gs1::Gs1Command),
	/// What data may be used for, in the terms of the Data Use Ontology; needs no node.
	#[command(subcommand)]
	Duo(duo::DuoCommand),
	/// Releases of disease ontologies, and proofs of what lies above a disease; needs no node.
	#[command(subcommand)]
	Ontology(duo::OntologyCommand),
	/// The whole story on a development chain, step by step.
	Demo(demo::DemoArgs),
}

impl Command {
	/// Commands whose answers, errors included, are always JSON.
	fn always_json(&self) -> bool {
		match self {
			Self::Consent(consent::ConsentCommand::Decide(_)) | Self::Record(record::RecordCommand::Plan(_)) => true,
			Self::Gs1(_) | Self::Duo(_) | Self::Ontology(_) => true,
			Self::Stream(stream::StreamCommand::Check { .. }) => true,
			Self::Consent(consent::ConsentCommand::Online(command)) => command.always_json(),
			Self::Epcis(command) => command.always_json(),
			_ => false,
		}
	}

	async fn run(self, context: &Context) -> Result<()> {
		match self {
			Self::Key(command) => key::run(context, command).await,
			Self::Org(command) => org::run(context, command).await,
			Self::Council(command) => council::run(context, command).await,
			Self::Patient(command) => patient::run(context, command).await,
			Self::Consent(command) => consent::run(context, command).await,
			Self::Record(command) => record::run(context, command).await,
			Self::Stream(command) => stream::run(context, command).await,
			Self::Care(command) => care::run(context, command).await,
			Self::Epcis(command) => epcis::run(context, command),
			Self::Drug(command) => drug::run(context, *command).await,
			Self::Dataset(command) => dataset::run(context, *command).await,
			Self::Gateway(command) => gateway::run(context, command).await,
			Self::Gs1(command) => gs1::run(command),
			Self::Duo(command) => duo::run(command),
			Self::Ontology(command) => duo::run_ontology(command),
			Self::Demo(args) => demo::run(context, args).await,
		}
	}
}

/// Runs the command line and answers with the exit code.
pub fn main() -> ExitCode {
	let Cli { mut context, command } = Cli::parse();
	context.json |= command.always_json();
	let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
		Ok(runtime) => runtime,
		Err(e) => return fail(&context, &Error::unexpected("starting", e)),
	};
	match runtime.block_on(command.run(&context)) {
		Ok(()) => ExitCode::SUCCESS,
		Err(e) => fail(&context, &e),
	}
}

fn fail(context: &Context, error: &Error) -> ExitCode {
	if context.json {
		// What cannot be told any more still ends with its exit code.
		let _ = say(&error.to_json().to_string());
	} else {
		eprintln!("error: {error}");
	}
	ExitCode::from(error.exit_code())
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn commands_and_options_do_not_contradict_each_other() {
		Cli::command().debug_assert();
	}

	#[test]
	fn every_command_and_option_says_what_it_is_for() {
		fn check(command: &clap::Command, path: &str) {
			let path = format!("{path} {}", command.get_name());
			assert!(command.get_about().is_some(), "{path}");
			for option in
				command.get_arguments().filter(|option| !["help", "version"].contains(&option.get_id().as_str()))
			{
				assert!(option.get_help().is_some(), "{path}: {}", option.get_id());
			}
			for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
				check(inner, &path);
			}
		}
		check(&Cli::command(), "");
	}
}
