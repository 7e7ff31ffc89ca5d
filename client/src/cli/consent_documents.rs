//! `salus consent`: FHIR documents as consents of a chain, and consents of a chain as FHIR documents.

use super::{
	acting::{connect, keys, label_key, number_of, Who},
	print_json, Context,
};
use crate::{
	chain::{Call, Chain},
	fhir::{
		self,
		consent::to_inputs,
		names::{ChainNames, Named},
	},
	keys::Keys,
	Error, Result,
};
use clap::Args;
use salus_primitives::{inputs::ConsentInput, ConsentId, PatientId, H256};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// A consent as a document.
#[derive(Args, Debug)]
pub struct DocumentArgs {
	/// Instead of the options that say what is permitted: a FHIR R4 or R5 `Consent`. What cannot be taken exactly is
	/// refused. Names in it are identifiers such as {"system": "urn:salus:organisation", "value": "3"}, or in --names.
	#[arg(long, value_name = "FILE", conflicts_with_all = [
		"permit_treatment", "purposes", "actions", "orgs", "accounts", "roles", "except_labels", "up_to",
	])]
	fhir: Option<PathBuf>,
	/// What names in the document stand for: a JSON object such as {"Practitioner/p1": "urn:salus:account:5Grw…"}.
	#[arg(long, value_name = "FILE", requires = "fhir")]
	names: Option<PathBuf>,
}

impl DocumentArgs {
	pub(super) fn is_given(&self) -> bool {
		self.fhir.is_some()
	}
}

/// Arguments of `consent export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
	/// The patient.
	patient: PatientId,
	/// Only this consent; otherwise all of them, in a Bundle.
	#[arg(long, value_name = "NUMBER")]
	consent: Option<ConsentId>,
	/// The key to which the patient's label key was sealed, if it is not among the key files. Without a label key, labels
	/// stay blinded, as the chain has them.
	#[arg(long = "as", value_name = "KEY")]
	signer: Option<String>,
}

/// Gives what a document says, or asks for it.
pub(super) async fn give(
	context: &Context,
	who: &Who,
	args: &DocumentArgs,
	supersedes: Option<ConsentId>,
	call: fn(&PatientId, &ConsentInput) -> Call,
) -> Result<()> {
	let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| Error::file(path, error));
	let document = read(args.fhir.as_deref().unwrap_or(Path::new("")))?;
	let list = args.names.as_deref().map(read).transpose()?;
	let signer = keys(context, &who.signer)?;
	let chain = connect(context).await?;
	let patient = who.patient;
	if chain.patient(&patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), ""));
	}
	let label_key = optional(label_key(context, &chain, &patient, &signer).await)?;
	let mut names = ChainNames::new(list.as_deref(), label_key.as_ref())?;
	let imported = fhir::consent::import(&document, &mut names)?;
	let other = imported.iter().find(|from| {
		let named = from.patient.as_deref().and_then(Named::parse_joined);
		named.is_some_and(|named| named != Named::Patient(patient))
	});
	if let Some(other) = other {
		let at = fhir::pointer(&other.at, "patient");
		return Err(Error::refused("AnotherPatient", at, format!("this consent is not of patient {patient}")));
	}
	let salt = H256(rand::random());
	let inputs = to_inputs(&imported, &document, &salt.0, supersedes, chain.time().await?)?;
	let (mut given, mut block) = (Vec::new(), None);
	for input in &inputs {
		match chain.submit(&signer.signer, &call(&patient, input)).await {
			Ok(included) => {
				given.push(number_of(&included)?);
				block = Some(included.block.number);
			}
			Err(error) if given.is_empty() => return Err(error),
			Err(error) => {
				let message = format!("the document becomes {} consents; {given:?} stand, then: {error}", inputs.len());
				return Err(Error::Unexpected(message));
			}
		}
	}
	let answer = json!({ "consents": given, "block": block, "salt": salt });
	context.print(&answer, || {
		format!("consents {given:?} stand; keep the document with the salt {salt:?}: they prove what the chain's hash is of")
	})
}

/// `consent export`.
pub(super) async fn export(context: &Context, args: ExportArgs) -> Result<()> {
	let keys = args.signer.as_deref().map(|name| keys(context, name)).transpose()?;
	let chain = connect(context).await?;
	let all = documents(context, &chain, &args.patient, keys.as_ref()).await?;
	match args.consent {
		Some(number) => {
			let found = all.into_iter().find(|(id, _)| *id == number);
			let (_, document) = found.ok_or_else(|| Error::not_found(format!("consent {number}"), ""))?;
			print_json(&document?)
		}
		None => {
			let entries = all.into_iter().map(|(_, document)| Ok(json!({ "resource": document? })));
			let entries = entries.collect::<Result<Vec<_>>>()?;
			print_json(&json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
		}
	}
}

/// All consents of a patient as FHIR R4, latest first; those that cannot be written so with the reason.
pub(super) async fn documents(
	context: &Context,
	chain: &Chain,
	patient: &PatientId,
	keys: Option<&Keys>,
) -> Result<Vec<(ConsentId, Result<Value>)>> {
	let view = chain.patient(patient).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("patient {patient}"), ""))?;
	let label_key = match keys {
		Some(keys) => label_key(context, chain, patient, keys).await,
		None => context.key_ring().label_key(patient, view.label_epoch),
	};
	let label_key = optional(label_key)?;
	let consents = chain.consents(patient).await?;
	let write = |view: &salus_primitives::views::ConsentView| {
		(view.id, fhir::export::consent(patient, view.id, &view.consent, label_key.as_ref()))
	};
	Ok(consents.iter().map(write).collect())
}

/// Something that need not be there.
fn optional<T>(found: Result<T>) -> Result<Option<T>> {
	match found {
		Ok(found) => Ok(Some(found)),
		Err(Error::NotFound { .. } | Error::KeyMismatch { .. }) => Ok(None),
		Err(error) => Err(error),
	}
}
