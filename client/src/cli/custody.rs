//! A record goes from one custodian to another: `salus record offer`, `withdraw-offer`, `accept-custody`, and the
//! patient's part, `salus patient custody`.
//!
//! The new custodian needs ciphertext and data key, and takes them as any reader does: through the gateway of the old
//! one, with what the chain permits. Only then it tells the chain that it keeps the record.

use super::{
	consent_online::purpose,
	org::{done, keys, submit},
	patient::Who,
	Context,
};
use crate::{
	chain::{calls, Chain},
	crypto::{self, DataKeyContext},
	gateway::Folders,
	keys::DataKeyStore,
	records::{take_over, Reader},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{views::Locator, Action, MemberRole, OrgId, Purpose, RecordId};
use serde_json::json;

/// What a patient says to the offer of a record.
#[derive(Subcommand, Debug)]
pub enum PatientCustodyCommand {
	/// Agree that the organisation keeps the record.
	Approve {
		/// The record.
		record: RecordId,
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// The organisation that it is offered to: an offer that changed meanwhile is not agreed to.
		#[arg(long, value_name = "NUMBER")]
		to: OrgId,
	},
	/// Refuse it; the offer is gone.
	Refuse {
		/// The record.
		record: RecordId,
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
	},
}

/// Arguments of `record offer`.
#[derive(Args, Debug)]
pub struct OfferArgs {
	/// The record.
	record: RecordId,
	#[command(flatten)]
	who: Who,
	/// The organisation that is to keep it.
	#[arg(long, value_name = "NUMBER")]
	to: OrgId,
}

/// Arguments of `record withdraw-offer`.
#[derive(Args, Debug)]
pub struct WithdrawArgs {
	/// The record.
	record: RecordId,
	#[command(flatten)]
	who: Who,
}

/// Arguments of `record accept-custody`.
#[derive(Args, Debug)]
pub struct AcceptArgs {
	/// The record.
	record: RecordId,
	#[command(flatten)]
	who: Who,
	/// The gateway of the present custodian, from which ciphertext and key are taken over.
	#[arg(long, env = "SALUS_GATEWAY", default_value = "http://127.0.0.1:8080", value_name = "URL")]
	gateway: String,
	/// What they are taken over for: the chain must permit it.
	#[arg(long, default_value = "TREAT", value_name = "CODE", value_parser = purpose)]
	purpose: Purpose,
}

/// Runs a patient's command about custody.
pub async fn run_patient(context: &Context, chain: &Chain, command: PatientCustodyCommand) -> Result<()> {
	let (who, call) = match command {
		PatientCustodyCommand::Approve { record, who, to } => {
			let call = calls::approve_custody(&who.patient, &record, to);
			(who, call)
		}
		PatientCustodyCommand::Refuse { record, who } => {
			let call = calls::withdraw_offer(&who.patient, &record);
			(who, call)
		}
	};
	submit(context, chain, &who.signer, call).await
}

/// `record offer`.
pub async fn offer(context: &Context, chain: &Chain, args: OfferArgs) -> Result<()> {
	let call = calls::offer_custody(&args.who.patient, &args.record, args.to);
	submit(context, chain, &args.who.signer, call).await
}

/// `record withdraw-offer`.
pub async fn withdraw(context: &Context, chain: &Chain, args: WithdrawArgs) -> Result<()> {
	submit(context, chain, &args.who.signer, calls::withdraw_offer(&args.who.patient, &args.record)).await
}

/// `record accept-custody`.
pub async fn accept(context: &Context, chain: &Chain, args: AcceptArgs) -> Result<()> {
	let (patient, record) = (args.who.patient, args.record);
	let keys = keys(context, &args.who.signer)?;
	let hint = "its custodian offers it with `salus record offer`";
	let offer = chain.custody_offer(&patient, &record).await?;
	let offer = offer.ok_or_else(|| Error::not_found(format!("an offer of record {record}"), hint))?;
	if !offer.approved {
		let hint = "the patient approves it with `salus patient custody approve`";
		return Err(Error::not_found("the patient's agreement".to_owned(), hint));
	}
	let view = chain.record(&patient, &record, None).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("record {record}"), ""))?;

	let reader = Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway: &args.gateway };
	let member = chain.member(&keys.account()).await?;
	if member.is_some_and(|member| member.roles.contains(MemberRole::Gateway)) {
		// The gateway of the old custodian hands it over to that of the new one, and destroys what it has.
		let data_keys = DataKeyStore::open(&Folders::of(&context.home()).data_keys())?;
		let taken = take_over(&reader, &context.open_store()?, &data_keys, &patient, &record).await?;
		return context.print(&taken, || format!("organisation {} keeps record {record} now", taken.custodian));
	}
	let signed = reader.sign(&patient, &record, args.purpose, Action::Access).await?;
	let release = reader.fetch(&signed).await?;
	// Verifies everything that a reader verifies.
	reader.open(&patient, &record, &signed, &release).await?;
	let unreadable = |_| Error::Corrupted("the gateway's answer is not hexadecimal".into());
	let key = DataKeyContext {
		genesis: chain.genesis(),
		record,
		version: view.version,
		commitment: view.commitment,
		recipient: keys.encryption.public(),
		epoch: signed.request.key_epoch,
		request: signed.hash(),
	}
	.open(&hex::decode(&release.envelope).map_err(unreadable)?, &keys.encryption)?;
	let object = hex::decode(&release.ciphertext).map_err(unreadable)?;
	crypto::open_content(&key, &record, view.version, &view.commitment, &object)?;

	let place = String::from_utf8_lossy(&view.locator).into_owned();
	context.open_store()?.put(&place, object).await?;
	DataKeyStore::open(&Folders::of(&context.home()).data_keys())?.put(&record, view.version, &key)?;
	let locator = Locator::try_from(view.locator).map_err(|_| Error::Unexpected("the locator is too long".into()))?;
	let call = calls::accept_custody(&patient, &record, &locator);
	let included = chain.submit(&keys.signer, &call).await?;
	done(context, &call, &included, json!({ "custodian": offer.to }))
}
