//! Records that leave a custodian, and come to another.

use super::reader::Reader;
use crate::{
	chain::{calls, Chain},
	crypto::{self, DataKey},
	gateway::{leaving::Leaving, HandOver},
	keys::DataKeyStore,
	store::Store,
	Error, Result,
};
use salus_primitives::{consent::RecordStatus, views::Locator, Action, OrgId, PatientId, Purpose, RecordId};
use serde::Serialize;
use subxt_signer::sr25519::Keypair;

/// Destroys key and ciphertext of a record and marks it on the chain; returns the block, if it was not marked before.
///
/// The chain first: who is not entitled to shred destroys nothing. What was interrupted after that is completed by the
/// same command again, or by the gateway.
pub async fn shred(
	chain: &Chain,
	signer: &Keypair,
	store: &Store,
	keys: &DataKeyStore,
	leaving: &Leaving,
	patient: &PatientId,
	record: &RecordId,
) -> Result<Option<u32>> {
	let view = chain.record(patient, record, None).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("record {record}"), ""))?;
	let mut block = None;
	if view.status != RecordStatus::Shredded {
		leaving.note(&view)?;
		match chain.submit(signer, &calls::shred(patient, record)).await {
			Ok(included) => block = Some(included.block.number),
			Err(error) => {
				// What the chain refused is not leaving. After any other failure it may be: the note stays.
				if matches!(&error, Error::TransactionFailed { pallet, .. } if pallet == "HealthRecords") {
					leaving.forget(record)?;
				}
				return Err(error);
			}
		}
	}
	keys.destroy(record)?;
	leaving.settle(chain, store, keys).await?;
	Ok(block)
}

/// A record whose custodian has changed.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct TakenOver {
	/// The record.
	pub record: RecordId,
	/// Who keeps it now.
	pub custodian: OrgId,
	/// The block that took it; `None` if it was so before.
	pub block: Option<u32>,
}

impl Reader<'_> {
	/// Fetches key and ciphertext of a record that was offered to the reader's organisation, as its gateway.
	async fn fetch_custody(&self, patient: &PatientId, record: &RecordId) -> Result<(HandOver, DataKey, Vec<u8>)> {
		let target = format!("/custody/{patient}/{record}?purpose=RECORDMGT&action=disclose");
		let signed = self.sign_target(target, Purpose::Recordmgt, Action::Disclose).await?;
		let given: HandOver = self.ask(&signed).await?;
		let view = self.chain.record(patient, record, None).await?;
		let view = view.ok_or_else(|| Error::not_found(format!("record {record}"), ""))?;
		if (given.record.version, given.record.commitment) != (view.version, view.commitment) {
			return Err(Error::Corrupted(format!("record {record} has changed meanwhile: ask again")));
		}
		// It must be what was anchored: from now on this organisation answers for it.
		let opened = self.unseal(&view, signed.request.key_epoch, signed.hash(), &given.envelope, &given.ciphertext)?;
		Ok((given, opened.key, opened.object))
	}
}

/// Takes a record over that was offered and that the patient agreed to: fetches key and ciphertext from the present
/// custodian's gateway, keeps them, and only then tells the chain. `reader` is the gateway of the new custodian, asking
/// that of the old one. What was interrupted is completed by doing it again.
pub async fn take_over(
	reader: &Reader<'_>,
	store: &Store,
	keys: &DataKeyStore,
	patient: &PatientId,
	record: &RecordId,
) -> Result<TakenOver> {
	let chain = reader.chain;
	let account = salus_primitives::AccountId::from(reader.signer.public_key().0);
	let member = chain.member(&account).await?;
	let org = member.ok_or_else(|| Error::not_found(format!("a membership of {account}"), ""))?.org;
	let view = chain.record(patient, record, None).await?;
	let view = view.ok_or_else(|| Error::not_found(format!("record {record}"), ""))?;
	if view.custodian == Some(org) {
		return Ok(TakenOver { record: *record, custodian: org, block: None });
	}
	let (given, key, object) = reader.fetch_custody(patient, record).await?;
	// Two custodians may share a store, where one destroys what the other keeps unless their objects have other names.
	let locator = format!("{}-{org}", hex::encode(crypto::digest(&[&object])));
	store.put(&locator, object).await?;
	match keys.put(record, given.record.version, &key) {
		Err(Error::Refused { code: "already-exists", .. }) if keys.get(record, given.record.version)? == key => (),
		put => put?,
	}
	let locator = Locator::try_from(locator.into_bytes());
	let locator = locator.map_err(|_| Error::Unexpected("a locator came out too long".into()))?;
	let included = chain.submit(reader.signer, &calls::accept_custody(patient, record, &locator)).await?;
	Ok(TakenOver { record: *record, custodian: org, block: Some(included.block.number) })
}
