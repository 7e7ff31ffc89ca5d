//! `salus record`: adding, reading and marking records.

use super::{
	acting::{connect, keys, submit, Who},
	custody, glass,
	patient::show_receipt,
	values::{action, purpose},
	Context,
};
use crate::{
	chain::calls,
	fhir::labels::LabelTable,
	gateway::{leaving::Leaving, now, Folders},
	keys::DataKeyStore,
	plan::Plan,
	records::{self, open_kept, trust_gateway_ca, Custodian, Reader, Step},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	consent::{GuardianScope, RecordStatus},
	views::{GuardianView, PatientView, RecordView},
	AccountId, Action, PatientId, Purpose, RecordId,
};
use serde_json::{json, Value};
use std::{io::Write, path::PathBuf};

/// Commands about records on a chain.
#[derive(Subcommand, Debug)]
pub enum RecordOnlineCommand {
	/// Cut a FHIR bundle into records, encrypt, store and anchor them. A second run completes what a first one left.
	/// A member of an organisation adds for it; the patient, or a guardian who may do everything, adds records that the
	/// patient keeps.
	Add(AddArgs),
	/// Fetch a record from its custodian's gateway, verify and decrypt it; prints FHIR JSON. What the patient keeps is
	/// read where it was added.
	Get(GetArgs),
	/// List the records of a patient.
	List {
		/// The patient.
		patient: PatientId,
	},
	/// Keep a record from everyone but the patient.
	Restrict(MarkArgs),
	/// Lift a restriction.
	LiftRestriction(MarkArgs),
	/// Mark a record as one that should never have been.
	EnterInError(MarkArgs),
	/// Destroy the key and the ciphertext of a record, and mark it on the chain. There is no way back.
	Shred(MarkArgs),
	/// Open an emergency access to a patient's records: four hours, told to the patient, to be reviewed within 72 hours.
	/// Read then with the purpose BTG.
	BreakGlass(glass::BreakArgs),
	/// Remove an emergency access of one's own that is past its retention, and get its deposit back.
	RemoveGlass(glass::RemoveArgs),
	/// Offer a record to another organisation, as a member of its custodian. The patient has to agree.
	Offer(custody::OfferArgs),
	/// Take back the offer of a record, or refuse it as a member of the organisation that it was made to.
	WithdrawOffer(custody::WithdrawArgs),
	/// Take over a record that was offered and that the patient agreed to, with the key of one's own gateway: fetch
	/// ciphertext and key, then tell the chain.
	AcceptCustody(custody::AcceptArgs),
	/// List who was given or refused a record; latest first.
	Receipts {
		/// The patient.
		patient: PatientId,
		/// Only this record.
		#[arg(long)]
		record: Option<RecordId>,
		/// At most so many.
		#[arg(long, default_value_t = 100)]
		limit: usize,
	},
}

/// Arguments of `record add`.
#[derive(Args, Debug)]
pub struct AddArgs {
	/// A FHIR R4 bundle of one patient.
	bundle: PathBuf,
	#[command(flatten)]
	who: Who,
	/// The key to which the patient sealed the label key, usually the gateway's; the default is the author's own.
	#[arg(long, value_name = "KEY")]
	label_recipient: Option<String>,
	/// The table of codes and their sensitivity labels to use instead of the built-in one.
	#[arg(long, value_name = "FILE")]
	labels: Option<PathBuf>,
}

/// Arguments of `record get`.
#[derive(Args, Debug)]
pub struct GetArgs {
	/// The record.
	record: RecordId,
	#[command(flatten)]
	who: Who,
	/// The gateway of the record's custodian.
	#[arg(long, env = "SALUS_GATEWAY", default_value = "http://127.0.0.1:8080", value_name = "URL")]
	gateway: String,
	/// File (PEM) with root certificates that the gateway's may come from, besides the public ones.
	#[arg(long, env = "SALUS_GATEWAY_CA", value_name = "FILE")]
	gateway_ca: Option<PathBuf>,
	/// What for.
	#[arg(long, default_value = "TREAT", value_name = "CODE", value_parser = purpose)]
	purpose: Purpose,
	/// To do what.
	#[arg(long, default_value = "access", value_name = "CODE", value_parser = action)]
	action: Action,
}

/// Arguments of commands that mark a record.
#[derive(Args, Debug)]
pub struct MarkArgs {
	/// The record.
	record: RecordId,
	#[command(flatten)]
	who: Who,
}

/// Runs a command about records.
pub async fn run(context: &Context, command: RecordOnlineCommand) -> Result<()> {
	match command {
		RecordOnlineCommand::Add(args) => add(context, args).await,
		RecordOnlineCommand::Get(args) => get(context, args).await,
		RecordOnlineCommand::List { patient } => list(context, &patient).await,
		RecordOnlineCommand::Restrict(MarkArgs { record, who }) => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::restrict(&who.patient, &record)).await
		}
		RecordOnlineCommand::LiftRestriction(MarkArgs { record, who }) => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::lift_restriction(&who.patient, &record)).await
		}
		RecordOnlineCommand::EnterInError(MarkArgs { record, who }) => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::enter_in_error(&who.patient, &record)).await
		}
		RecordOnlineCommand::Shred(MarkArgs { record, who }) => shred(context, record, who).await,
		RecordOnlineCommand::BreakGlass(args) => glass::break_glass(context, &connect(context).await?, args).await,
		RecordOnlineCommand::RemoveGlass(args) => glass::remove(context, &connect(context).await?, args).await,
		RecordOnlineCommand::Offer(args) => custody::offer(context, &connect(context).await?, args).await,
		RecordOnlineCommand::WithdrawOffer(args) => custody::withdraw(context, &connect(context).await?, args).await,
		RecordOnlineCommand::AcceptCustody(args) => custody::accept(context, &connect(context).await?, args).await,
		RecordOnlineCommand::Receipts { patient, record, limit } => {
			let chain = connect(context).await?;
			if chain.patient(&patient).await?.is_none() {
				return Err(Error::not_found(format!("patient {patient}"), ""));
			}
			let mut receipts = chain.receipts(&patient, limit).await?;
			receipts.retain(|view| record.is_none_or(|record| record == view.receipt.record));
			context.print(&receipts, || receipts.iter().map(show_receipt).collect::<Vec<_>>().join("\n"))
		}
	}
}

async fn add(context: &Context, args: AddArgs) -> Result<()> {
	// What is wrong with the bundle is told before anything is asked of anyone.
	let table = LabelTable::from_option(args.labels.as_deref())?;
	let text = std::fs::read_to_string(&args.bundle).map_err(|error| Error::file(&args.bundle, error))?;
	let plan = Plan::of_bundle(&text, &table)?;
	add_plan(context, &plan, &args.who, args.label_recipient.as_deref()).await
}

/// Encrypts, stores and anchors the records of a plan.
pub(super) async fn add_plan(context: &Context, plan: &Plan, who: &Who, label_recipient: Option<&str>) -> Result<()> {
	let author = keys(context, &who.signer)?;
	let recipient = keys(context, label_recipient.unwrap_or(&who.signer))?;
	let chain = connect(context).await?;
	let store = context.open_store()?;
	let data_keys = DataKeyStore::open(&Folders::of(&context.home()).data_keys())?;
	let custodian = Custodian {
		chain: &chain,
		author: &author.signer,
		label_secret: &recipient.encryption,
		store: &store,
		keys: &data_keys,
		notes: Folders::of(&context.home()).under_way(),
	};
	let total = plan.records.len();
	let bar = context.progress(2 * total as u64, "encrypting");
	let step = |step| match step {
		Step::Stored => bar.inc(1),
		Step::Anchored(count) => {
			bar.set_message("anchoring");
			bar.inc(count as u64);
		}
	};
	let patient = who.patient;
	let view = chain.patient(&patient).await?;
	let acts = view.as_ref().is_some_and(|view| acts_for(view, &author.account()));
	let added = match view {
		Some(view) if acts => {
			let label_key = context.key_ring().label_key(&patient, view.label_epoch)?;
			custodian.add_with(&patient, plan, &label_key, view.label_epoch, step).await
		}
		_ => custodian.add(&patient, plan, step).await,
	};
	bar.finish_and_clear();
	let added = added?;
	context.print(&added, || {
		let blocks: Vec<_> = added.blocks.iter().map(u32::to_string).collect();
		format!(
			"{} records: {} anchored, {} repaired, {} there already{}",
			added.total,
			added.anchored,
			added.repaired,
			added.present,
			if blocks.is_empty() { String::new() } else { format!(" (blocks {})", blocks.join(", ")) },
		)
	})
}

/// Whether an account may add records of the patient's own.
fn acts_for(view: &PatientView, account: &AccountId) -> bool {
	let full = |guardian: &GuardianView| guardian.in_authority && guardian.scope == GuardianScope::Full;
	let minor = view.minor_until.is_some_and(|until| now() < until);
	(view.controller == *account && !minor)
		|| view.guardians.iter().any(|guardian| guardian.account == *account && full(guardian))
}

async fn get(context: &Context, args: GetArgs) -> Result<()> {
	if let Some(path) = &args.gateway_ca {
		trust_gateway_ca(path)?;
	}
	let keys = keys(context, &args.who.signer)?;
	let chain = connect(context).await?;
	let view = chain.record(&args.who.patient, &args.record, None).await?;
	if let Some(view) = view.filter(|view| view.custodian.is_none() && view.status != RecordStatus::Shredded) {
		let data_keys = DataKeyStore::open(&Folders::of(&context.home()).data_keys())?;
		let content = open_kept(&context.open_store()?, &data_keys, &view).await?;
		return tell(context, &args.record, &content, json!({ "record": view }));
	}
	let reader = Reader { chain: &chain, signer: &keys.signer, secret: &keys.encryption, gateway: &args.gateway };
	let read = reader.get(&args.who.patient, &args.record, args.purpose, args.action).await?;
	let decision = &read.answer.decision;
	if !context.json {
		eprintln!(
			"record {} version {}, {}: permitted for {} ({}) at block {}",
			args.record,
			read.record.version,
			read.record.resource_type,
			args.purpose,
			decision.reason.code(),
			read.answer.block,
		);
	}
	let anchor = json!({ "record": read.record, "decision": read.answer, "obligations": read.obligations });
	tell(context, &args.record, &read.plaintext, anchor)
}

/// Prints a record: its text, with `--json` beside what is known of it.
fn tell(context: &Context, record: &RecordId, content: &[u8], anchor: Value) -> Result<()> {
	let text = std::str::from_utf8(content);
	let text = text.map_err(|_| Error::Corrupted(format!("record {record} is not text")))?;
	if !context.json {
		return print(text);
	}
	let content: Box<serde_json::value::RawValue> = serde_json::from_str(text)
		.map_err(|error| Error::Corrupted(format!("record {record} is not JSON: {error}")))?;
	// The content goes out as it is: a parsed number might not come out as it was written.
	print(&format!("{{\"anchor\":{anchor},\"content\":{content}}}"))
}

/// Prints a record. Whoever reads it may stop early.
fn print(text: &str) -> Result<()> {
	match writeln!(std::io::stdout(), "{text}") {
		Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::unexpected("printing", error)),
		_ => Ok(()),
	}
}

async fn list(context: &Context, patient: &PatientId) -> Result<()> {
	let chain = connect(context).await?;
	if chain.patient(patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), ""));
	}
	let records = chain.records(patient).await?;
	context.print(&records, || {
		let line = |view: &RecordView| {
			format!(
				"{} {} version {}, {}, {}, {}",
				view.id,
				view.resource_type,
				view.version,
				view.confidentiality,
				super::values::word(&view.status),
				view.custodian.map_or("of the patient".into(), |org| format!("kept by organisation {org}")),
			)
		};
		records.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}

async fn shred(context: &Context, record: RecordId, who: Who) -> Result<()> {
	let chain = connect(context).await?;
	let signer = keys(context, &who.signer)?.signer;
	let store = context.open_store()?;
	let folders = Folders::of(&context.home());
	let data_keys = DataKeyStore::open(&folders.data_keys())?;
	let leaving = Leaving::new(folders.leaving());
	let block = records::shred(&chain, &signer, &store, &data_keys, &leaving, &who.patient, &record).await?;
	context.print(&json!({ "record": record, "block": block }), || format!("record {record} is destroyed"))
}
