//! Reading what one was alerted of.

use super::{reader::not_hexadecimal, Reader};
use crate::{
	care::{
		parcel::{of_bytes, About, AlertText},
		rule::Finding,
	},
	crypto::{self, DataKeyContext},
	gateway::care::AlertRelease,
	stream::{batch::Content, key_name},
	Error, Result,
};
use salus_primitives::{
	care::{alert_commitment, rule_commitment, CareAlertView},
	merkle,
	stream::Sample,
	views::AccessAnswer,
	Action, MemberRole, ObligationSet, Purpose,
};

/// What a clinician was alerted of, verified.
#[derive(Clone, PartialEq, Debug)]
pub struct Alerted {
	/// The document of the rule, as the patient wrote it.
	pub document: String,
	/// Where the rule was found to be met.
	pub findings: Vec<Finding>,
	/// The samples of the batch.
	pub samples: Vec<Sample>,
	/// The decision that gave it.
	pub answer: AccessAnswer,
	/// What the reader is obliged to.
	pub obligations: ObligationSet,
}

impl Reader<'_> {
	/// Fetches, verifies and decrypts what an alert is about.
	///
	/// The gateway is trusted with nothing: it must belong to the organisation that raised the alert, what was found is what
	/// the alert's commitment on the chain says, and the batch is under the peaks that the reader's own node has.
	pub async fn alert(&self, told: &CareAlertView) -> Result<Alerted> {
		let CareAlertView { patient, alert, .. } = told;
		let (purpose, action) = (Purpose::Treat, Action::Access);
		let commitment = alert.commitment;
		let target = format!("/alerts/{patient}/{commitment:?}?purpose={purpose}&action={action}");
		let signed = self.sign_target(target, purpose, action).await?;
		let release: AlertRelease = self.ask(&signed).await?;
		let corrupted =
			|what: &str| Error::Corrupted(format!("{what}, so that the gateway's answer is not to be trusted"));

		let gateway = self.chain.member(&signed.request.gateway).await?;
		if !gateway.is_some_and(|member| member.org == told.org && member.roles.contains(MemberRole::Gateway)) {
			return Err(corrupted("the gateway does not belong to the organisation that raised the alert"));
		}
		if release.alert != *told {
			return Err(corrupted("the alert is not the one on the chain"));
		}
		let request = signed.hash();
		let about =
			About { genesis: self.chain.genesis(), patient: *patient, rule: release.rule, alert: commitment, request };
		let text: AlertText = of_bytes(&release.parcel.open(&about, self.secret)?)?;
		if rule_commitment(&text.rule.salt.0, text.rule.document.as_bytes()) != release.rule
			|| alert_commitment(&text.salt.0, &release.rule, text.finding.as_bytes()) != commitment
		{
			return Err(corrupted("what was found is not what the alert's commitment says"));
		}
		let (record, version) = key_name(&alert.stream, alert.seq)?;
		let context = DataKeyContext {
			genesis: self.chain.genesis(),
			record,
			version,
			commitment: release.commitment,
			recipient: self.secret.public(),
			epoch: signed.request.key_epoch,
			request,
		};
		let bytes = |text: &str| hex::decode(text).map_err(|_| not_hexadecimal());
		let key = context.open(&bytes(&release.envelope)?, self.secret)?;
		let object = bytes(&release.ciphertext)?;
		let plaintext = crypto::open_content(&key, &record, version, &release.commitment, &object)?;
		let content = Content::of_bytes(&plaintext)?;

		let view = self.chain.stream(patient, &alert.stream, None).await?;
		let view = view.ok_or_else(|| Error::not_found(format!("stream {}", alert.stream), ""))?;
		let leaf = release.batch.leaf(&alert.stream, alert.seq);
		let anchored = view.range.verify(alert.seq, &leaf, &release.range_proof);
		if !anchored || merkle::root(&content.leaves(&alert.stream, &key)) != release.batch.root {
			return Err(corrupted("the batch is not the one that is anchored"));
		}
		let findings = serde_json::from_str(&text.finding);
		Ok(Alerted {
			document: text.rule.document,
			findings: findings.map_err(|error| corrupted(&format!("what was found cannot be read: {error}")))?,
			samples: content.samples.iter().map(|kept| kept.sample).collect(),
			answer: release.answer,
			obligations: release.obligations,
		})
	}
}
