//! `salus patient`.

use super::{
	acting::{account, connect, keys, submit, Who},
	custody, export, glass, guardian, recovery, sponsor,
	values::{code, moment, show_moment, word},
	Context,
};
use crate::{
	chain::{calls, Call, Chain},
	crypto::LabelKey,
	records, Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	consent::{BreakGlass, DefaultPolicy, Effect},
	views::ReceiptView,
	Moment, OrgId, PatientId,
};
use serde_json::json;

/// The epoch of a new patient's label key.
const FIRST_LABEL_EPOCH: u32 = 1;

/// Commands of patients.
#[derive(Subcommand, Debug)]
pub enum PatientCommand {
	/// Register under a random pseudonym; makes the label key and keeps it beside the other keys.
	Register(RegisterArgs),
	/// Register a minor: the guardian acts until majority, then the minor's own account.
	RegisterMinor(guardian::RegisterMinorArgs),
	/// Guardians: appoint, end, list.
	#[command(subcommand)]
	Guardian(guardian::GuardianCommand),
	/// Who may help when the key is lost.
	#[command(subcommand)]
	Friends(recovery::FriendsCommand),
	/// Another account takes over when the key is lost.
	#[command(subcommand)]
	Recovery(recovery::RecoveryCommand),
	/// List emergency accesses to the patient's records.
	Glasses {
		/// The patient.
		patient: PatientId,
	},
	/// Object to an emergency access: it ends at once.
	Object(glass::ObjectArgs),
	/// Agree to, or refuse, that another organisation keeps a record.
	#[command(subcommand)]
	Custody(custody::PatientCustodyCommand),
	/// Show who pays for an account, and what is left today.
	Sponsorship {
		/// An SS58 address, a public key, or the name of a key.
		account: String,
	},
	/// End that an organisation pays for an account.
	LeaveSponsor {
		/// The key of the account.
		#[arg(long = "as", value_name = "KEY")]
		signer: String,
	},
	/// Write all records, consents and receipts of a patient into one FHIR Bundle.
	Export(export::ExportArgs),
	/// Change what holds without consent.
	Policy(PolicyArgs),
	/// Open or prolong a care relationship, and give the organisation the label key.
	OpenCare(OpenCareArgs),
	/// Close a care relationship.
	CloseCare {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// With this organisation.
		#[arg(long)]
		org: OrgId,
	},
	/// Show a patient.
	Show {
		/// The patient.
		patient: PatientId,
	},
	/// List who was given or refused what, when, what for, under which consent and rule; latest first.
	Receipts {
		/// The patient.
		patient: PatientId,
		/// At most so many.
		#[arg(long, default_value_t = 100)]
		limit: usize,
	},
}

/// What holds without consent.
#[derive(Args, Debug)]
pub struct Policy {
	/// What is allowed without consent: `deny`, or `normal-for-treatment` (clinicians of the patient's own providers).
	#[arg(long, value_parser = code::<DefaultPolicy>, default_value = "deny")]
	default_policy: DefaultPolicy,
	/// Refuse emergency access.
	#[arg(long)]
	no_break_glass: bool,
}

impl Policy {
	pub(super) fn default_policy(&self) -> DefaultPolicy {
		self.default_policy
	}

	pub(super) fn break_glass(&self) -> BreakGlass {
		if self.no_break_glass {
			BreakGlass::Forbidden
		} else {
			BreakGlass::Allowed
		}
	}
}

/// Arguments of `patient register`.
#[derive(Args, Debug)]
pub struct RegisterArgs {
	/// The key that is to control the patient's records.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
	#[command(flatten)]
	policy: Policy,
}

/// Arguments of `patient policy`.
#[derive(Args, Debug)]
pub struct PolicyArgs {
	#[command(flatten)]
	who: Who,
	#[command(flatten)]
	policy: Policy,
}

/// Arguments of `patient open-care`.
#[derive(Args, Debug)]
pub struct OpenCareArgs {
	#[command(flatten)]
	who: Who,
	/// With this organisation.
	#[arg(long)]
	org: OrgId,
	/// Until when.
	#[arg(long, value_name = "TIME", value_parser = moment, default_value = "365d")]
	until: Moment,
	/// The member of the organisation that is to read the label key, usually its gateway: an SS58 address, a public key,
	/// or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	recipient: String,
}

/// Runs a command of patients.
pub async fn run(context: &Context, command: PatientCommand) -> Result<()> {
	let chain = connect(context).await?;
	match command {
		PatientCommand::Register(args) => {
			let (default_policy, break_glass) = (args.policy.default_policy, args.policy.break_glass());
			let call = |patient: &PatientId| calls::register_patient(patient, default_policy, break_glass);
			register_with(context, &chain, &args.signer, call).await
		}
		PatientCommand::RegisterMinor(args) => guardian::register_minor(context, &chain, args).await,
		PatientCommand::Guardian(command) => guardian::run(context, &chain, command).await,
		PatientCommand::Friends(command) => recovery::run_friends(context, &chain, command).await,
		PatientCommand::Recovery(command) => recovery::run(context, &chain, command).await,
		PatientCommand::Glasses { patient } => glass::list(context, &chain, &patient).await,
		PatientCommand::Object(args) => glass::object(context, &chain, args).await,
		PatientCommand::Custody(command) => custody::run_patient(context, &chain, command).await,
		PatientCommand::Sponsorship { account } => sponsor::show(context, &chain, &account).await,
		PatientCommand::LeaveSponsor { signer } => sponsor::leave(context, &chain, &signer).await,
		PatientCommand::Export(args) => export::run(context, &chain, args).await,
		PatientCommand::Policy(PolicyArgs { who, policy }) => {
			let call = calls::set_policy(&who.patient, policy.default_policy, policy.break_glass());
			submit(context, &chain, &who.signer, call).await
		}
		PatientCommand::OpenCare(OpenCareArgs { who, org, until, recipient }) => {
			let recipient = account(context, &recipient)?;
			let view = chain.patient(&who.patient).await?;
			let view = view.ok_or_else(|| Error::not_found(format!("patient {}", who.patient), ""))?;
			let label_key = context.key_ring().label_key(&who.patient, view.label_epoch)?;
			let sealed = records::seal_label_key(&chain, &who.patient, &recipient, &label_key).await?;
			let call = calls::open_care(&who.patient, org, until, &recipient, &sealed);
			submit(context, &chain, &who.signer, call).await
		}
		PatientCommand::CloseCare { who, org } => {
			submit(context, &chain, &who.signer, calls::close_care(&who.patient, org)).await
		}
		PatientCommand::Show { patient } => {
			let view = chain.patient(&patient).await?;
			let view = view.ok_or_else(|| Error::not_found(format!("patient {patient}"), ""))?;
			context.print(&view, || {
				let minor = view.minor_until.map(|until| format!(" (a minor until {})", show_moment(until)));
				let asked: Vec<_> = view.proposals.iter().map(u32::to_string).collect();
				format!(
					"{patient}: controlled by {}{}, revision {}, default policy {}, emergency access {}, {} guardians{}",
					view.controller,
					minor.unwrap_or_default(),
					view.revision,
					word(&view.default_policy),
					word(&view.break_glass),
					view.guardians.len(),
					if asked.is_empty() { String::new() } else { format!(", asked for consents {}", asked.join(", ")) },
				)
			})
		}
		PatientCommand::Receipts { patient, limit } => {
			if chain.patient(&patient).await?.is_none() {
				return Err(Error::not_found(format!("patient {patient}"), ""));
			}
			let receipts = chain.receipts(&patient, limit).await?;
			context.print(&receipts, || {
				let lines: Vec<_> = receipts.iter().map(show_receipt).collect();
				if lines.is_empty() {
					"nobody has asked for anything".into()
				} else {
					lines.join("\n")
				}
			})
		}
	}
}

/// Registers a patient with the call that this makes of the pseudonym, and keeps the label key.
pub(super) async fn register_with(
	context: &Context,
	chain: &Chain,
	signer: &str,
	call: impl FnOnce(&PatientId) -> Call,
) -> Result<()> {
	let signer = keys(context, signer)?;
	let patient = PatientId(rand::random());
	// Kept first: a patient whose label key is lost is of no use, a key without a patient does no harm.
	let label_key = LabelKey::random();
	context.key_ring().save_label_key(&patient, FIRST_LABEL_EPOCH, &label_key)?;
	let included = chain.submit(&signer.signer, &call(&patient)).await?;
	let view = chain.patient(&patient).await?;
	let view = view.ok_or_else(|| Error::Unexpected("the registration is not on the chain".into()))?;
	context.key_ring().save_label_key(&patient, view.label_epoch, &label_key)?;
	let answer = json!({ "patient": patient, "block": included.block.number });
	context.print(&answer, || format!("registered as {patient} in block {}", included.block.number))
}

/// A receipt as people read it.
pub(super) fn show_receipt(view: &ReceiptView) -> String {
	let receipt = &view.receipt;
	let under = match (receipt.consent, receipt.rule) {
		(Some(consent), Some(rule)) => format!(", consent {consent} rule {rule}"),
		(Some(consent), None) => format!(", consent {consent}"),
		_ => String::new(),
	};
	format!(
		"{} {} {} {} {} for {} ({}{under}; record {} version {}, organisation {}, block {})",
		view.index,
		show_moment(receipt.at),
		receipt.actor,
		if receipt.effect == Effect::Permit { "was given" } else { "was refused" },
		receipt.action,
		receipt.purpose,
		receipt.reason.code(),
		receipt.record,
		receipt.version,
		view.org,
		view.block,
	)
}
