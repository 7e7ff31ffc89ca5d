//! `salus patient friends` and `salus patient recovery`: another account takes over when a key is lost.

use super::{
	acting::{account, keys, submit, Who},
	values::{show_moment, show_span, span},
	Context,
};
use crate::{
	chain::{calls, Chain},
	records::Reader,
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{inputs::Friend, views::RecoveryView, Moment, OrgId, PatientId};
use serde_json::json;

/// Commands about who may help with a lost key.
#[derive(Subcommand, Debug)]
pub enum FriendsCommand {
	/// Choose them; a recovery that is under way ends.
	Set(SetArgs),
	/// Have nobody any more.
	Remove(Who),
}

/// Arguments of `patient friends set`.
#[derive(Args, Debug)]
pub struct SetArgs {
	#[command(flatten)]
	who: Who,
	/// A person: an SS58 address, a public key, or the name of a key; may be given several times.
	#[arg(long = "friend", value_name = "ACCOUNT", num_args = 1.., required_unless_present = "orgs")]
	accounts: Vec<String>,
	/// An organisation, for which any of its administrators speaks; may be given several times.
	#[arg(long = "friend-org", value_name = "NUMBER", num_args = 1..)]
	orgs: Vec<OrgId>,
	/// How many of them it takes.
	#[arg(long, value_name = "NUMBER")]
	threshold: u8,
	/// How long the patient can object: from 1d to 90d.
	#[arg(long, value_name = "SPAN", value_parser = span, default_value = "7d")]
	delay: Moment,
}

/// Commands about a recovery.
#[derive(Subcommand, Debug)]
pub enum RecoveryCommand {
	/// Vouch, as a friend, for an account to take over.
	Vouch {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// The account that is to take over: an SS58 address, a public key, or the name of a key.
		#[arg(long, value_name = "ACCOUNT")]
		account: String,
	},
	/// Stop it, as the patient whose key is not lost.
	Stop(Who),
	/// Carry it out once it is due; any key may sign.
	Finish(Who),
	/// Get the patient's label key back from a gateway that it was sealed to, as the account that took over.
	LabelKey {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// A gateway of an organisation in whose care the patient is.
		#[arg(long, env = "SALUS_GATEWAY", default_value = "http://127.0.0.1:8080", value_name = "URL")]
		gateway: String,
	},
	/// Show the friends, and what is under way.
	Show {
		/// The patient.
		patient: PatientId,
	},
}

/// Runs a command about friends.
pub async fn run_friends(context: &Context, chain: &Chain, command: FriendsCommand) -> Result<()> {
	let (who, call) = match command {
		FriendsCommand::Set(args) => {
			let mut friends = Vec::new();
			for text in &args.accounts {
				friends.push(Friend::Account(account(context, text)?));
			}
			friends.extend(args.orgs.iter().copied().map(Friend::Org));
			let call = calls::set_friends(&args.who.patient, &friends, args.threshold, args.delay);
			(args.who, call)
		}
		FriendsCommand::Remove(who) => {
			let call = calls::set_friends(&who.patient, &[], 0, 0);
			(who, call)
		}
	};
	submit(context, chain, &who.signer, call).await
}

/// Runs a command about a recovery.
pub async fn run(context: &Context, chain: &Chain, command: RecoveryCommand) -> Result<()> {
	let (who, call) = match command {
		RecoveryCommand::Vouch { who, account: text } => {
			let call = calls::vouch(&who.patient, &account(context, &text)?);
			(who, call)
		}
		RecoveryCommand::Stop(who) => {
			let call = calls::stop_recovery(&who.patient);
			(who, call)
		}
		RecoveryCommand::Finish(who) => {
			let call = calls::finish_recovery(&who.patient);
			(who, call)
		}
		RecoveryCommand::LabelKey { who, gateway } => {
			let keys = keys(context, &who.signer)?;
			let reader = Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway: &gateway };
			let (epoch, label_key) = reader.label_key(&who.patient).await?;
			context.key_ring().save_label_key(&who.patient, epoch, &label_key)?;
			let answer = json!({ "patient": who.patient, "label_epoch": epoch });
			return context.print(&answer, || format!("the label key of epoch {epoch} is among the key files"));
		}
		RecoveryCommand::Show { patient } => {
			let view = chain.recovery(&patient).await?;
			let hint = "the patient chooses them with `salus patient friends set`";
			let view = view.ok_or_else(|| Error::not_found(format!("a friend of patient {patient}"), hint))?;
			return context.print(&view, || show(&view));
		}
	};
	submit(context, chain, &who.signer, call).await
}

fn show(view: &RecoveryView) -> String {
	let mut lines =
		vec![format!("{} of {} friends, after {}", view.threshold, view.friends.len(), show_span(view.delay))];
	for (friend, vouch) in view.friends.iter().zip(&view.vouches) {
		let friend = match friend {
			Friend::Account(account) => account.to_string(),
			Friend::Org(org) => format!("organisation {org}"),
		};
		let vouch = vouch.as_ref().map_or("has not vouched".into(), |account| format!("vouches for {account}"));
		lines.push(format!("{friend} {vouch}"));
	}
	if let Some((account, due)) = &view.due {
		lines.push(format!("{account} can take over from {}", show_moment(*due)));
	}
	lines.join("\n")
}
