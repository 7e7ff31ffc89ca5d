//! What the commands that talk to a node share: the node, whose key acts, and what came of it.

use super::Context;
use crate::{
	chain::{calls, Chain, Included},
	crypto::LabelKey,
	keys::Keys,
	records, Error, Result,
};
use clap::Args;
use salus_primitives::{AccountId, PatientId};
use serde_json::{json, Value};
use std::str::FromStr;
use subxt_signer::sr25519::Keypair;

/// A patient and who acts for them.
#[derive(Args, Debug)]
pub struct Who {
	/// The patient.
	#[arg(long)]
	pub(super) patient: PatientId,
	/// The key that acts: the patient's controller, a guardian, or, for records, a member of the custodian.
	#[arg(long = "as", value_name = "KEY")]
	pub(super) signer: String,
}

/// Connects to the node that the command line names.
pub(super) async fn connect(context: &Context) -> Result<Chain> {
	Chain::connect(&context.node, context.genesis).await
}

/// The keys of this name.
pub(super) fn keys(context: &Context, name: &str) -> Result<Keys> {
	context.key_ring().load(name)
}

/// An account: an SS58 address, a public key in hexadecimal, or the name of a key.
pub(super) fn account(context: &Context, text: &str) -> Result<AccountId> {
	match AccountId::from_str(text) {
		Ok(account) => Ok(account),
		Err(_) if text.starts_with("//") => Ok(keys(context, text)?.account()),
		// Of a key file, what is public: that takes no passphrase.
		Err(_) => Ok(context.key_ring().public(text)?.account),
	}
}

/// Signs and submits a call with the key of this name, and says where it is.
pub(super) async fn submit(context: &Context, chain: &Chain, signer: &str, call: calls::Call) -> Result<()> {
	let included = chain.submit(&keys(context, signer)?.signer, &call).await?;
	done(context, &call, &included, json!({}))
}

/// Who votes.
#[derive(Args, Debug)]
pub struct Council {
	/// Keys of council members that vote for it, as many as it takes.
	#[arg(long = "council", value_name = "KEY", required = true, num_args = 1..)]
	pub(super) members: Vec<String>,
}

/// The keys of those who vote.
pub(super) fn voters(context: &Context, council: &Council) -> Result<Vec<Keypair>> {
	council.members.iter().map(|name| Ok(keys(context, name)?.signer)).collect()
}

/// Says where a call is, and what else came of it: the members of an object.
pub(super) fn done(context: &Context, call: &calls::Call, included: &Included, more: Value) -> Result<()> {
	let more = more.as_object().cloned().unwrap_or_default();
	let mut answer = json!({ "call": call.to_string(), "block": included.block.number, "hash": included.block.hash });
	for (name, value) in &more {
		answer[name] = value.clone();
	}
	context.print(&answer, || {
		let told = more.iter().map(|(name, value)| format!("\n{name}: {value}"));
		format!("{call}: done in block {}{}", included.block.number, told.collect::<String>())
	})
}

/// The number of a consent that was given or asked for.
pub(super) fn number_of(included: &Included) -> Result<u128> {
	let event = ["ConsentGranted", "ConsentProposed"].iter().find_map(|name| included.event("Consent", name));
	let consent = event.and_then(|event| event.number("consent"));
	consent.ok_or_else(|| Error::Unexpected("the chain took no consent".into()))
}

/// A patient's label key: from the key files of whoever registered the patient, else as the patient sealed it to the
/// organisation of this member, whose key is the one that it was sealed to.
pub(super) async fn label_key(context: &Context, chain: &Chain, patient: &PatientId, keys: &Keys) -> Result<LabelKey> {
	let view = chain.patient(patient).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("patient {patient}"), ""))?;
	let own = context.key_ring().label_key(patient, view.label_epoch);
	let (Err(Error::NotFound { .. }), Some(member)) = (&own, chain.member(&keys.account()).await?) else {
		return own;
	};
	let care = records::open_care(chain, patient, member.org).await?;
	records::unseal_label_key(chain, patient, &care, &keys.encryption).await
}
