//! What is given on other grounds than consent: to who acts for the patient, and to the next custodian.

use super::{
	now,
	request::SignedRequest,
	server::{ensure_recent, node, Gateway},
	GatewayError, HandOver, LabelKeyRelease,
};
use crate::{crypto::LabelKeyContext, records};
use salus_primitives::{
	views::{AccessAnswer, AccessQuery, CustodyOfferView, PatientView},
	AccountId, Action, MemberRole, Moment, PatientId, Purpose, RecordId, H256,
};

impl Gateway {
	/// Refuses an account that does not act for the patient, at the best block or at the latest finalised one.
	pub(super) async fn ensure_acts_for(&self, account: &AccountId, patient: &PatientId) -> Result<(), GatewayError> {
		let heads = self.heads().await?;
		for block in [heads.best, heads.finalised] {
			let view: Option<PatientView> = self.ask("ConsentApi_patient", patient, block.hash).await?;
			if !view.is_some_and(|view| acts_for(&view, account, now())) {
				return Err(GatewayError::NotForPatient);
			}
		}
		// A question about nothing tells the block's time.
		let (actor, patient) = (account.clone(), *patient);
		let query = AccessQuery {
			actor,
			patient,
			purpose: Purpose::Patrqt,
			action: Action::Access,
			record: None,
			resource: None,
		};
		let AccessAnswer { now: time, .. } = self.ask("ConsentApi_check_access", query, heads.best.hash).await?;
		ensure_recent(time)
	}

	async fn ask<A: codec::Encode, R: codec::Decode>(
		&self,
		method: &str,
		args: A,
		at: H256,
	) -> Result<R, GatewayError> {
		self.inner.chain.call_api(method, args, Some(at)).await.map_err(node)
	}

	/// Opens the patient's label key, which was sealed to this gateway, and seals it to who acts for the patient now.
	pub async fn label_key(&self, signed: SignedRequest, patient: PatientId) -> Result<LabelKeyRelease, GatewayError> {
		let inner = &self.inner;
		let asker = self.authenticate(signed).await?;
		self.ensure_acts_for(&asker.signed.request.account, &patient).await?;
		let care = inner.chain.care(&patient, inner.org).await.map_err(node)?;
		let care = care.filter(|care| care.recipient == inner.account).ok_or(GatewayError::NoLabelKey)?;
		let label_key = records::unseal_label_key(&inner.chain, &patient, &care, &inner.secret).await;
		let label_key = label_key.map_err(|_| GatewayError::NoLabelKey)?;
		let context = LabelKeyContext {
			genesis: inner.chain.genesis(),
			patient,
			label_epoch: care.label_epoch,
			recipient: asker.key.public_key,
			epoch: asker.key.epoch,
		};
		let envelope = context.seal(&label_key).map_err(|error| GatewayError::Storage(error.to_string()))?;
		Ok(LabelKeyRelease { patient, label_epoch: care.label_epoch, envelope: hex::encode(envelope) })
	}

	/// Hands key and ciphertext of a record to the gateway of the organisation that is to keep it, once the patient has
	/// agreed. They are destroyed here when the chain says that the other organisation keeps the record.
	pub async fn hand_over(
		&self,
		signed: SignedRequest,
		patient: PatientId,
		record: RecordId,
	) -> Result<HandOver, GatewayError> {
		let inner = &self.inner;
		let asker = self.authenticate(signed).await?;
		let account = &asker.signed.request.account;
		let heads = self.heads().await?;
		let Some(view) = inner.chain.record(&patient, &record, Some(heads.best.hash)).await.map_err(node)? else {
			return Err(GatewayError::UnknownRecord);
		};
		if view.custodian != Some(inner.org) {
			return Err(GatewayError::NotCustodian);
		}
		let member = inner.chain.member(account).await.map_err(node)?;
		let member = member.filter(|member| member.in_standing && member.roles.contains(MemberRole::Gateway));
		let to = member.ok_or(GatewayError::NotOffered)?.org;
		for block in [heads.best, heads.finalised] {
			let offer: Option<CustodyOfferView> =
				self.ask("RecordsApi_custody_offer", (patient, record), block.hash).await?;
			if !offer.is_some_and(|offer| offer.approved && offer.to == to && offer.from == inner.org) {
				return Err(GatewayError::NotOffered);
			}
		}
		let (envelope, ciphertext) = self.seal(&asker, &view, asker.hash).await?;
		inner.leaving.note(&view).map_err(|error| GatewayError::Storage(error.to_string()))?;
		Ok(HandOver { record: view, envelope, ciphertext })
	}
}

/// Whether an account acts for a patient: the controller who is of age, or a guardian in authority.
fn acts_for(patient: &PatientView, account: &AccountId, now: Moment) -> bool {
	let guardian = patient.guardians.iter().any(|guardian| guardian.account == *account && guardian.in_authority);
	guardian || patient.controller == *account && patient.minor_until.is_none_or(|majority| majority <= now)
}

#[cfg(test)]
mod tests {
	use super::*;
	use salus_primitives::{
		consent::{BreakGlass, DefaultPolicy, GuardianScope, Period, Relationship},
		views::GuardianView,
	};

	#[test]
	fn a_guardian_in_authority_acts_and_a_minor_does_not() {
		let account = |n| AccountId::new([n; 32]);
		let guardian = |n: u8, in_authority| GuardianView {
			number: n.into(),
			account: account(n),
			relationship: Relationship::Guard,
			scope: GuardianScope::ReadOnly,
			period: Period { from: 0, until: None },
			in_authority,
		};
		let mut patient = PatientView {
			id: PatientId([1; 32]),
			controller: account(1),
			minor_until: Some(10),
			guardians: vec![guardian(2, true), guardian(3, false)],
			proposals: vec![],
			revision: 0,
			break_glass: BreakGlass::Allowed,
			default_policy: DefaultPolicy::Deny,
			label_epoch: 0,
			next_consent: 0,
		};
		assert!(!acts_for(&patient, &account(1), 9));
		assert!(acts_for(&patient, &account(1), 10));
		assert!(acts_for(&patient, &account(2), 9));
		assert!(!acts_for(&patient, &account(3), 9));
		assert!(!acts_for(&patient, &account(4), 9));
		patient.minor_until = None;
		assert!(acts_for(&patient, &account(1), 0));
	}
}
