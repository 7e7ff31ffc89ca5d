//! Care plan rules: whom an organisation that evaluates a patient's samples may alert.
//!
//! A rule on chain is a commitment, an organisation, a recipient and an end. What is measured, against which threshold and
//! over which window stays off chain, in a document that the patient hands to the organisation: beside a pseudonym,
//! "glucose over 180 mg/dL" would be health data. An alert names the rule, a batch of a stream, and who is told.
//!
//! | what | how |
//! |---|---|
//! | rule | `BLAKE2b-256("salus/care-rule/1" ‖ salt (32) ‖ document)` |
//! | alert | `BLAKE2b-256("salus/care-alert/1" ‖ salt (32) ‖ rule ‖ finding)`: `rule` is the rule's commitment |

use crate::{AccountId, Moment, OrgId, PatientId, StreamId, H256};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Rules of one patient that stand at a time.
pub const MAX_CARE_RULES: u32 = 16;
/// Alerts that one rule may cause in a day (UTC).
pub const MAX_ALERTS_PER_DAY: u32 = 24;

/// Number of a rule among those that a patient ever set, from 0.
pub type CareRuleId = u32;

/// Whom an alert may tell.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
	/// This account.
	Account(AccountId),
	/// A member of this organisation.
	Org(OrgId),
}

/// A rule to set.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct CareRuleInput {
	/// Salted hash of the rule's document: see [`rule_commitment`].
	pub commitment: H256,
	/// The organisation whose gateway evaluates it.
	pub evaluator: OrgId,
	/// Who is told.
	pub tell: Recipient,
	/// Evaluated until before this moment (unix milliseconds).
	pub until: Moment,
}

/// An alert to raise.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct CareAlert {
	/// The stream that has the samples.
	pub stream: StreamId,
	/// The batch with the latest of them, from 0.
	pub seq: u64,
	/// Who is told.
	pub clinician: AccountId,
	/// Salted hash of what was found: see [`alert_commitment`].
	pub commitment: H256,
}

/// A rule, as runtime APIs tell of it.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CareRuleView {
	/// Whose it is.
	pub patient: PatientId,
	/// Its number among the patient's.
	pub id: CareRuleId,
	/// Salted hash of the rule's document.
	pub commitment: H256,
	/// The organisation whose gateway evaluates it.
	pub evaluator: OrgId,
	/// Who is told.
	pub tell: Recipient,
	/// Evaluated until before this moment (unix milliseconds).
	pub until: Moment,
	/// Whether it is evaluated at the block asked.
	pub in_force: bool,
	/// Alerts that it may still cause on the block's day.
	pub alerts_left: u32,
}

/// An alert that was raised, as runtime APIs tell of it.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CareAlertView {
	/// Whose samples it is about.
	pub patient: PatientId,
	/// The rule.
	pub rule: CareRuleId,
	/// The organisation that evaluated it.
	pub org: OrgId,
	/// What it says.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub alert: CareAlert,
}

/// Commitment to the document of a rule, byte for byte. The salt is secret to the patient, the evaluating organisation and
/// who is told: rules have little entropy, and a plain hash would answer a guess.
pub fn rule_commitment(salt: &[u8; 32], document: &[u8]) -> H256 {
	hash(&[b"salus/care-rule/1", salt, document])
}

/// Commitment to what was found under a rule, byte for byte.
pub fn alert_commitment(salt: &[u8; 32], rule: &H256, finding: &[u8]) -> H256 {
	hash(&[b"salus/care-alert/1", salt, rule.as_bytes(), finding])
}

fn hash(parts: &[&[u8]]) -> H256 {
	BlakeTwo256::hash(&parts.concat())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn commitments_bind_salt_rule_and_text() {
		let rule = rule_commitment(&[1; 32], b"{}");
		assert_ne!(rule, rule_commitment(&[2; 32], b"{}"));
		assert_ne!(rule, rule_commitment(&[1; 32], b"{ }"));
		let alert = alert_commitment(&[1; 32], &rule, b"{}");
		assert_ne!(alert, alert_commitment(&[2; 32], &rule, b"{}"));
		assert_ne!(alert, alert_commitment(&[1; 32], &H256::zero(), b"{}"));
		assert_ne!(alert, alert_commitment(&[1; 32], &rule, b"[]"));
		// An alert passes for no rule, whatever the document of the rule says.
		assert_ne!(alert, rule_commitment(&[1; 32], &[rule.as_bytes(), b"{}"].concat()));
	}

	#[test]
	fn an_alert_is_told_flat() {
		let alert = CareAlert {
			stream: StreamId([1; 32]),
			seq: 7,
			clinician: AccountId::new([2; 32]),
			commitment: H256::repeat_byte(3),
		};
		let view = CareAlertView { patient: PatientId([4; 32]), rule: 5, org: 6, alert };
		let told = serde_json::to_value(&view).expect("plain data");
		assert_eq!((&told["rule"], &told["org"], &told["seq"]), (&5.into(), &6.into(), &7.into()));
		assert_eq!(told["stream"], serde_json::json!(StreamId([1; 32])));
		assert_eq!(serde_json::from_value::<CareAlertView>(told).expect("the same form"), view);
		let tell = serde_json::to_value(Recipient::Org(9)).expect("plain data");
		assert_eq!(tell, serde_json::json!({ "org": 9 }));
	}
}
