//! `GET /alerts/{patient}/{alert}`: what a clinician was alerted of, and the batch of samples that it was found in.
//!
//! Who asks must be whom the alert told, and the chain must permit at the best and at the latest finalised block that they
//! access these samples, as for a record: an alert opens nothing. The receipt names the stream and, as version, the number
//! after the batch's.

use super::{
	journal::Draft,
	request::SignedRequest,
	server::{node, Asker, Gateway, Heads},
	GatewayError,
};
use crate::{
	care::{
		book::{CareBook, KeptAlert},
		parcel::{About, Parcel},
	},
	crypto,
	stream::{key_name, Entry, Holder},
	Error,
};
use salus_primitives::{
	care::CareAlertView,
	consent::{Effect, Resource},
	stream::{range_proof, Batch, StreamView},
	views::{AccessAnswer, AccessQuery, Receipt},
	DataPeriod, ObligationSet, PatientId, RecordId, ResourceType, H256,
};
use serde::{Deserialize, Serialize};

/// What a clinician who was alerted is given.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct AlertRelease {
	/// The alert, as it went to the chain.
	pub alert: CareAlertView,
	/// Commitment to the rule.
	pub rule: H256,
	/// The rule and what was found, sealed to the requester: a [`crate::care::parcel::AlertText`].
	pub parcel: Parcel,
	/// The batch, as it is anchored.
	pub batch: Batch,
	/// Its place under the stream's peaks: siblings from the leaf up.
	pub range_proof: Vec<H256>,
	/// Commitment to the batch's ciphertext.
	pub commitment: H256,
	/// The batch's data key, sealed to the requester's registered key; hexadecimal.
	pub envelope: String,
	/// The encrypted batch; hexadecimal.
	pub ciphertext: String,
	/// The decision at the best block.
	pub answer: AccessAnswer,
	/// What the reader is obliged to: by either decision.
	pub obligations: ObligationSet,
	/// Height of the finalised block that also permits it.
	pub finalised: u32,
	/// Hash of the signed request, as in the receipt.
	pub request: H256,
	/// Place of the receipt in the gateway's journal.
	pub receipt: u64,
}

impl Gateway {
	/// Answers one signed request for an alert.
	pub async fn alert(
		&self,
		signed: SignedRequest,
		patient: PatientId,
		commitment: H256,
	) -> Result<AlertRelease, GatewayError> {
		let asker = self.authenticate(signed).await?;
		let kept = CareBook::new(self.inner.care.clone()).alert(&commitment).map_err(storage)?;
		let kept = kept.filter(|kept| kept.patient == patient).ok_or(GatewayError::UnknownAlert)?;
		if kept.alert.clinician != asker.signed.request.account {
			return Err(GatewayError::NotRecipient);
		}
		let heads = self.heads().await?;
		let (stream, seq) = (kept.alert.stream, kept.alert.seq);
		let view = self.inner.chain.stream(&patient, &stream, Some(heads.best.hash)).await.map_err(node)?;
		let view = view.ok_or(GatewayError::UnknownRecord)?;
		let entries = self.holder().entries(&view).map_err(storage)?;
		let entry = usize::try_from(seq).ok().and_then(|seq| entries.get(seq)).ok_or(GatewayError::UnknownRecord)?;

		let (answer, finalised) = self.judge_batch(&asker, heads, &view, &entry.batch).await?;
		let (name, version) = key_name(&stream, seq).map_err(storage)?;
		let draft = draft(&asker, patient, (name, version), &answer);
		if answer.decision.effect == Effect::Deny {
			self.write_down(&asker, vec![draft]).await?;
			return Err(GatewayError::Denied(Box::new(answer)));
		}
		// All that can fail comes before the receipt that says that the batch was given.
		let (envelope, ciphertext) = self.seal_batch(&asker, (name, version), entry).await?;
		let leaves: Vec<_> = (0..).zip(&entries).map(|(seq, entry)| entry.batch.leaf(&stream, seq)).collect();
		let mut release = AlertRelease {
			rule: kept.rule_commitment,
			parcel: self.reseal(&asker, &kept)?,
			batch: entry.batch,
			range_proof: range_proof(&leaves, seq).ok_or(GatewayError::UnknownRecord)?,
			commitment: entry.commitment,
			envelope,
			ciphertext,
			obligations: answer.decision.obligations.union(finalised.decision.obligations),
			finalised: finalised.block,
			answer,
			request: asker.hash,
			receipt: 0,
			alert: CareAlertView { patient, rule: kept.rule, org: self.inner.org, alert: kept.alert },
		};
		release.receipt = self.write_down(&asker, vec![draft]).await?;
		Ok(release)
	}

	/// What holds for a batch that this gateway holds: as for a record that the organisation keeps.
	async fn judge_batch(
		&self,
		asker: &Asker,
		heads: Heads,
		view: &StreamView,
		batch: &Batch,
	) -> Result<(AccessAnswer, AccessAnswer), GatewayError> {
		let request = &asker.signed.request;
		let moment = |moment| i64::try_from(moment).unwrap_or(i64::MAX);
		let resource = Resource {
			record: None,
			resource_type: ResourceType::Observation,
			confidentiality: Some(view.confidentiality),
			labels: None,
			period: Some(DataPeriod { from: moment(batch.from), to: moment(batch.to).saturating_add(1) }),
			author: Some(view.author.clone()),
			custodian: Some(self.inner.org),
			episode: None,
		};
		let query = AccessQuery {
			actor: request.account.clone(),
			patient: view.patient,
			purpose: request.purpose,
			action: request.action,
			record: None,
			resource: Some(resource),
		};
		self.decide(heads, RecordId(view.id.0), query).await
	}

	async fn seal_batch(
		&self,
		asker: &Asker,
		(record, version): (RecordId, u32),
		entry: &Entry,
	) -> Result<(String, String), GatewayError> {
		let inner = &self.inner;
		let data_key = inner.keys.get(&record, version).map_err(|error| match error {
			Error::DataKeyMissing { version, .. } => GatewayError::DataKeyMissing { version },
			other => storage(other),
		})?;
		let ciphertext = inner.store.get(&entry.locator).await.map_err(|error| match error {
			Error::CiphertextMissing { .. } => GatewayError::CiphertextMissing,
			other => storage(other),
		})?;
		if crypto::commitment(&data_key, &crypto::digest(&[&ciphertext])) != entry.commitment {
			return Err(GatewayError::CiphertextCorrupted);
		}
		let context = crypto::DataKeyContext {
			genesis: inner.chain.genesis(),
			record,
			version,
			commitment: entry.commitment,
			recipient: asker.key.public_key,
			epoch: asker.key.epoch,
			request: asker.hash,
		};
		let envelope = context.seal(&data_key).map_err(storage)?;
		Ok((hex::encode(envelope), hex::encode(ciphertext)))
	}

	/// What was found, sealed to who asks instead of to the gateway.
	fn reseal(&self, asker: &Asker, kept: &KeptAlert) -> Result<Parcel, GatewayError> {
		let (genesis, patient, alert) = (self.inner.chain.genesis(), kept.patient, kept.alert.commitment);
		let own = About { genesis, patient, rule: kept.rule_commitment, alert, request: H256::zero() };
		let text = kept.parcel.open(&own, &self.inner.secret).map_err(storage)?;
		let about = About { request: asker.hash, ..own };
		Parcel::seal(&about, &asker.key, &text).map_err(storage)
	}

	fn holder(&self) -> Holder<'_> {
		let inner = &self.inner;
		Holder { chain: &inner.chain, store: &inner.store, keys: &inner.keys, books: inner.streams.clone() }
	}
}

/// What the journal is to hold of it.
fn draft(asker: &Asker, patient: PatientId, (record, version): (RecordId, u32), answer: &AccessAnswer) -> Draft {
	let (decision, request) = (&answer.decision, &asker.signed.request);
	let receipt = Receipt {
		actor: request.account.clone(),
		record,
		version,
		purpose: request.purpose,
		action: request.action,
		effect: decision.effect,
		reason: decision.reason,
		consent: decision.consent,
		rule: decision.rule,
		at: answer.now,
		request: asker.hash,
	};
	Draft { patient, block: answer.block, receipt }
}

fn storage(error: Error) -> GatewayError {
	GatewayError::Storage(error.to_string())
}
