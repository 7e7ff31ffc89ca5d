//! A record goes from one custodian to another: `salus record offer`, `withdraw-offer`, `accept-custody`, and the
//! patient's part, `salus patient custody`.
//!
//! The new custodian's gateway takes ciphertext and data key from that of the old one, which gives them once the patient
//! has agreed. Only then it tells the chain that it keeps the record.

use super::{
	acting::{keys, submit, Who},
	Context,
};
use crate::{
	chain::{calls, Chain},
	gateway::Folders,
	keys::DataKeyStore,
	records::{take_over, Reader},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{OrgId, RecordId};

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
	if let Some(offer) = chain.custody_offer(&patient, &record).await?.filter(|offer| !offer.approved) {
		let hint = "the patient gives it with `salus patient custody approve`";
		return Err(Error::not_found(format!("the patient's agreement that organisation {} keeps it", offer.to), hint));
	}
	let reader = Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway: &args.gateway };
	let data_keys = DataKeyStore::open(&Folders::of(&context.home()).data_keys())?;
	let taken = take_over(&reader, &context.open_store()?, &data_keys, &patient, &record).await?;
	context.print(&taken, || match taken.block {
		Some(block) => format!("organisation {} keeps record {record} from block {block}", taken.custodian),
		None => format!("organisation {} keeps record {record} already", taken.custodian),
	})
}
