//! The attester's side: a member of the provider that keeps the data asks for the access decision, and stands for it.

use super::{Attested, AttestedRecord, Book, Offer};
use crate::{
	chain::{calls::research, Chain, Included},
	crypto::digest,
	keys::{DataKeyStore, Keys},
	records::open_kept,
	store::Store,
	Error, Result,
};
use salus_primitives::{
	consent::Effect,
	research::{day_of, Attestation, ContributionInput, ContributionState, MAX_CONTRIBUTION},
	views::{AccessAnswer, AccessQuery},
	AccountId, Action, Moment, Purpose, RecordId, H256,
};
use serde::{Deserialize, Serialize};

/// Records of one contribution.
pub const MAX_RECORDS: usize = 16;

/// Who attests, and with what.
pub struct Attester<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// A member of a provider.
	pub keys: &'a Keys,
	/// What is kept of contributions.
	pub book: &'a Book,
	/// Where the provider's ciphertext is.
	pub store: &'a Store,
	/// The provider's data keys.
	pub data_keys: &'a DataKeyStore,
}

/// A contribution that its contributor brings to the chain.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Signed {
	/// The contribution.
	pub contribution: ContributionInput,
	/// Who attested it.
	pub attester: AccountId,
	/// Their sr25519 signature of its message, in hexadecimal.
	pub signature: String,
}

impl Signed {
	/// As the chain takes it.
	pub fn attestation(&self) -> Result<Attestation> {
		let mut bytes = [0; 64];
		let digits = self.signature.strip_prefix("0x").unwrap_or(&self.signature);
		hex::decode_to_slice(digits, &mut bytes)
			.map_err(|_| Error::refused("bad-attestation", "/signature", "expected 0x and 64 bytes in hexadecimal"))?;
		Ok(Attestation { attester: self.attester.clone(), signature: super::sr25519(bytes) })
	}
}

impl Attester<'_> {
	/// Brings a contribution to the chain. What it opens to is kept first.
	pub async fn contribute(&self, offer: &Offer) -> Result<(Included, ContributionInput)> {
		let contribution = self.attest(offer).await?;
		let call = research::contribute(&contribution, None);
		Ok((self.chain.submit(&self.keys.signer, &call).await?, contribution))
	}

	/// Signs a contribution, for the contributor to bring to the chain within an hour.
	pub async fn sign(&self, offer: &Offer) -> Result<Signed> {
		let contribution = self.attest(offer).await?;
		let signature = self.keys.sign(contribution.message(&self.chain.genesis()).as_bytes());
		let signature = format!("0x{}", hex::encode(signature));
		Ok(Signed { contribution, attester: self.keys.account(), signature })
	}

	/// Asks for the decision on each record, and commits to them.
	async fn attest(&self, offer: &Offer) -> Result<ContributionInput> {
		let mut records = offer.records.clone();
		records.sort_unstable();
		records.dedup();
		if records.is_empty() || records.len() > MAX_RECORDS {
			let message = format!("a contribution is of 1 to {MAX_RECORDS} records, this one of {}", records.len());
			return Err(Error::usage("bad-records", message));
		}
		let me = self.keys.account();
		let org = self.chain.member(&me).await?.filter(|member| member.in_standing).map(|member| member.org);
		let org = org.ok_or_else(|| {
			let hint = "contributions are attested by members of the provider that keeps the data";
			Error::not_found(format!("a membership of {me} in good standing"), hint)
		})?;
		self.check_once(offer).await?;

		let mut attested = Vec::new();
		let (mut block, mut at, mut until) = (0, Moment::MAX, Moment::MAX);
		let mut digests = Vec::new();
		for record in records {
			let view = self.chain.record(&offer.patient, &record, None).await?;
			let view =
				view.ok_or_else(|| Error::not_found(format!("record {record}"), "name records of the patient"))?;
			if view.custodian != Some(org) {
				let message = format!("record {record} is not kept by organisation {org}, which would attest it");
				return Err(Error::usage("not-custodian", message));
			}
			let answer = self.judge(offer, record).await?;
			block = answer.block;
			at = at.min(answer.now);
			until = until.min(answer.decision.valid_until.unwrap_or(Moment::MAX));
			let plaintext = open_kept(self.store, self.data_keys, &view).await?;
			digests.extend(digest(&[&plaintext]).0);
			attested.push(AttestedRecord { record, version: view.version, decision: answer.decision });
		}
		let attested = Attested {
			salt: H256(rand::random()),
			dataset: offer.dataset,
			pseudonym: offer.pseudonym,
			patient: offer.patient,
			records: attested,
			block,
			data: digest(&[&digests]),
		};
		let until = until.min(at.saturating_add(MAX_CONTRIBUTION));
		if day_of(until) <= day_of(at).saturating_add(1) {
			let message = "the patient's consent ends before a contribution of today could count: ask for a longer one";
			return Err(Error::usage("consent-too-short", message));
		}
		self.book.keep_attested(&attested)?;
		Ok(ContributionInput {
			dataset: offer.dataset,
			pseudonym: offer.pseudonym,
			group: offer.group,
			account: offer.account.clone(),
			commitment: attested.commitment(),
			permit: attested.permit(),
			until,
			nullifier: self.book.nullifier(offer.dataset, &attested.data)?,
			at,
		})
	}

	/// A patient counts once in a dataset: the chain, which does not know patients, cannot see to that.
	async fn check_once(&self, offer: &Offer) -> Result<()> {
		for other in self.book.all_attested()? {
			if (other.dataset, other.patient) != (offer.dataset, offer.patient) || other.pseudonym == offer.pseudonym {
				continue;
			}
			let view = self.chain.contribution(other.dataset, &other.pseudonym, None).await?;
			if view.is_some_and(|view| view.state == ContributionState::Live) {
				let message = format!(
					"the patient contributes to dataset {} already, as {}: one patient counts once",
					other.dataset, other.pseudonym
				);
				return Err(Error::usage("already-contributes", message));
			}
		}
		Ok(())
	}

	/// The decision at the best block, if the finalised one permits too.
	async fn judge(&self, offer: &Offer, record: RecordId) -> Result<AccessAnswer> {
		let query = AccessQuery {
			actor: self.keys.account(),
			patient: offer.patient,
			purpose: Purpose::Hresch,
			action: Action::Use,
			record: Some(record),
			resource: None,
		};
		let (best, finalised) = (self.chain.best().await?, self.chain.finalised().await?);
		let at_finalised = self.chain.check_access(&query, Some(finalised.hash)).await?;
		let at_best = self.chain.check_access(&query, Some(best.hash)).await?;
		for answer in [&at_finalised, &at_best] {
			let decision = &answer.decision;
			if decision.effect != Effect::Permit {
				return Err(Error::Denied {
					reason: decision.reason.code().into(),
					consent: decision.consent,
					rule: decision.rule,
				});
			}
		}
		let earlier = match (at_best.decision.valid_until, at_finalised.decision.valid_until) {
			(Some(one), Some(other)) => Some(one.min(other)),
			(one, other) => one.or(other),
		};
		let mut answer = at_best;
		answer.decision.valid_until = earlier;
		Ok(answer)
	}
}
