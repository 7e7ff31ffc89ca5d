//! What runtime APIs answer. With `std` every view has a JSON form: identifiers in hexadecimal, accounts in SS58, codes
//! as their official strings, moments as unix milliseconds.

use crate::{
	care::CareRuleId,
	consent::{
		BreakGlass, Consent, Decision, DefaultPolicy, Effect, EmergencyReason, Finding, GuardianScope, Period, Reason,
		RecordStatus, Relationship, Resource, Sharing,
	},
	inputs::{Friend, SponsorTerms},
	AccountId, Action, AgreementId, Confidentiality, ConsentId, Episode, GuardianshipId, MemberRoleSet, Moment, Month,
	OrgId, OrgRoleSet, PatientId, Purpose, RecordId, ResourceType, StreamId, H256,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Length of a 32-byte key sealed with HPKE (X25519, ChaCha20-Poly1305): encapsulated key, ciphertext and tag.
pub const SEALED_KEY_LEN: u32 = 80;
/// Longest locator of a stored object, in bytes.
pub const MAX_LOCATOR: u32 = 96;
/// Longest name of an organisation, in bytes.
pub const MAX_NAME: u32 = 64;
/// Most items in one page of an answer.
pub const MAX_PAGE: u32 = 100;

/// A 32-byte key sealed with HPKE.
pub type SealedKey = BoundedVec<u8, ConstU32<SEALED_KEY_LEN>>;
/// Where the ciphertext is: opaque to the chain, without any personal data.
pub type Locator = BoundedVec<u8, ConstU32<MAX_LOCATOR>>;

/// One page of a list.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Page<T, C> {
	/// The items, in the order of the list.
	pub items: Vec<T>,
	/// Give this as cursor to get the next page; `None` on the last.
	pub next: Option<C>,
}

/// State of an organisation as stored; a valid licence is needed besides.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum OrgStatus {
	/// Admitted.
	Active,
	/// Suspended by the council; may become active again.
	Suspended,
	/// Ended for good.
	Revoked,
}

/// An organisation.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct OrganisationView {
	/// Its number.
	pub id: OrgId,
	/// Its public name.
	#[cfg_attr(feature = "std", serde(with = "text"))]
	pub name: Vec<u8>,
	/// ISO 3166-1 alpha-2 country code.
	#[cfg_attr(feature = "std", serde(with = "text"))]
	pub country: Vec<u8>,
	/// What it is accredited for.
	pub roles: OrgRoleSet,
	/// Whether it works without profit.
	pub non_profit: bool,
	/// GS1 Global Location Number, 13 digits.
	#[cfg_attr(feature = "std", serde(with = "optional_text"))]
	pub gln: Option<Vec<u8>>,
	/// When its licence ends.
	pub licence_until: Moment,
	/// State as stored.
	pub status: OrgStatus,
	/// Whether it is active and its licence valid at the block asked.
	pub in_standing: bool,
	/// Whether it shares with other organisations under agreements only.
	pub requires_agreement: bool,
	/// Its administrators.
	pub admins: Vec<AccountId>,
}

/// An encryption key.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct EncryptionKey {
	/// Counts rotations.
	pub epoch: u32,
	/// What it is used with.
	pub suite: KeySuite,
	/// The public key.
	pub public_key: H256,
}

/// What an encryption key is used with.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
pub enum KeySuite {
	/// HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
	#[serde(rename = "hpke-x25519-hkdf-sha256-chacha20poly1305")]
	HpkeX25519,
}

/// A present or past member of an organisation.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct MemberView {
	/// The account.
	pub account: AccountId,
	/// Of this organisation.
	pub org: OrgId,
	/// With these roles.
	pub roles: MemberRoleSet,
	/// GS1 Global Location Number of the premises, 13 digits.
	#[cfg_attr(feature = "std", serde(with = "optional_text"))]
	pub premises: Option<Vec<u8>>,
	/// When the membership ends.
	pub until: Option<Moment>,
	/// Whether membership, organisation and licence are active at the block asked.
	pub in_standing: bool,
}

/// A patient.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct PatientView {
	/// The pseudonym.
	pub id: PatientId,
	/// Who controls the records; of a minor, from `minor_until` on.
	pub controller: AccountId,
	/// The patient's majority: until then nobody but guardians acts.
	pub minor_until: Option<Moment>,
	/// Guardians, in authority or not.
	pub guardians: Vec<GuardianView>,
	/// Consents that were asked for and not answered.
	pub proposals: Vec<ConsentId>,
	/// Counts changes to what is stored for the patient.
	pub revision: u64,
	/// Whether emergency access is allowed.
	pub break_glass: BreakGlass,
	/// What holds without consent.
	pub default_policy: DefaultPolicy,
	/// Epoch of the label key.
	pub label_epoch: u32,
	/// The next consent's number.
	pub next_consent: ConsentId,
}

/// A guardian of a patient.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GuardianView {
	/// The guardianship.
	pub number: GuardianshipId,
	/// Who.
	pub account: AccountId,
	/// What they are to the patient.
	pub relationship: Relationship,
	/// How far it reaches.
	pub scope: GuardianScope,
	/// When it holds, a minor's until majority at most.
	pub period: Period,
	/// Whether it holds at the block asked.
	pub in_authority: bool,
}

/// An emergency access.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GlassView {
	/// Who broke the glass.
	pub actor: AccountId,
	/// As a member of this organisation.
	pub org: OrgId,
	/// Why.
	pub reason: EmergencyReason,
	/// Salted hash of the justification.
	pub justification: H256,
	/// When.
	pub opened: Moment,
	/// Open until before this moment.
	pub until: Moment,
	/// When the organisation must have reviewed it.
	pub review_due: Moment,
	/// What the organisation found, with a salted hash of its report.
	pub review: Option<(Finding, H256)>,
	/// Salted hash of the patient's objection.
	pub objection: Option<H256>,
}

/// Who may help a patient who lost the key, and what is under way.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct RecoveryView {
	/// The friends.
	pub friends: Vec<Friend>,
	/// How many of them it takes.
	pub threshold: u8,
	/// How long the patient can object, in milliseconds.
	pub delay: Moment,
	/// For whom each friend vouched, in their order.
	pub vouches: Vec<Option<AccountId>>,
	/// The account that enough friends vouched for, and from when on it can take over.
	pub due: Option<(AccountId, Moment)>,
}

/// A data sharing agreement.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AgreementView {
	/// Its number.
	pub id: AgreementId,
	/// Who keeps the data.
	pub custodian: OrgId,
	/// To whose members it may go.
	pub recipient: OrgId,
	/// Who has to accept it; `None` if it is accepted.
	pub awaits: Option<OrgId>,
	/// Whether it is in force at the block asked.
	pub in_force: bool,
	/// What it covers, and when.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub sharing: Sharing,
	/// How long before it either side gives notice, in milliseconds.
	pub notice: Moment,
	/// Salted hash of the contract.
	pub terms: H256,
}

/// A record on its way to another custodian.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CustodyOfferView {
	/// The record.
	pub record: RecordId,
	/// Who keeps it now.
	pub from: OrgId,
	/// Who would keep it.
	pub to: OrgId,
	/// Whether the patient agrees.
	pub approved: bool,
}

/// The root of a batch of receipts.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ReceiptBatchView {
	/// The organisation whose gateway reported it.
	pub org: OrgId,
	/// Its number among the organisation's batches, from 0.
	pub index: u64,
	/// Root of the tree over the receipts.
	pub root: H256,
	/// Its leaves.
	pub count: u32,
	/// When the first was decided.
	pub from: Moment,
	/// When the last was decided.
	pub to: Moment,
	/// The block that took it.
	pub block: u32,
}

/// Who pays for an account, and what is left.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct SponsorshipView {
	/// The sponsor.
	pub sponsor: Option<OrgId>,
	/// Fees that the sponsor would still pay for the account today: what its allowance and the organisation's leave.
	#[cfg_attr(feature = "std", serde(with = "amount"))]
	pub left_today: u128,
	/// What the account's entries in storage count for.
	#[cfg_attr(feature = "std", serde(with = "amount"))]
	pub storage: u128,
	/// What they may count for.
	#[cfg_attr(feature = "std", serde(with = "amount"))]
	pub storage_limit: u128,
	/// Calls for the patient's own rights that are still free today.
	pub waivers_left: u32,
}

/// An organisation that sponsors patients.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct SponsorView {
	/// The organisation.
	pub org: OrgId,
	/// Whose balance pays.
	pub payer: AccountId,
	/// What it pays.
	pub terms: SponsorTerms,
	/// What it paid today.
	#[cfg_attr(feature = "std", serde(with = "amount"))]
	pub spent_today: u128,
	/// Accounts that it ever enrolled and that no other organisation took over.
	pub enrolled: u32,
}

/// A care relationship.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct CareView {
	/// With this organisation.
	pub org: OrgId,
	/// Open until before this moment.
	pub until: Moment,
	/// The epoch of the label key that is sealed here.
	pub label_epoch: u32,
	/// Whose encryption key it is sealed to.
	pub recipient: AccountId,
	/// The patient's label key, sealed.
	#[cfg_attr(feature = "std", serde(with = "hex_bytes"))]
	pub sealed_label_key: Vec<u8>,
}

/// A consent with its number.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ConsentView {
	/// Its number.
	pub id: ConsentId,
	/// Whether it is in force at the block asked.
	pub in_force: bool,
	/// The consent.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub consent: Consent,
}

/// A record's anchor.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct RecordView {
	/// Whose record it is.
	pub patient: PatientId,
	/// The record.
	pub id: RecordId,
	/// Who keeps it.
	pub custodian: Option<OrgId>,
	/// Who anchored it.
	pub author: AccountId,
	/// FHIR resource type.
	pub resource_type: ResourceType,
	/// Confidentiality.
	pub confidentiality: Confidentiality,
	/// Blinded sensitivity labels.
	pub labels: u32,
	/// Epoch of the label key that blinded them.
	pub label_epoch: u32,
	/// First month the data is from.
	pub data_from: Month,
	/// Last month the data is from.
	pub data_to: Month,
	/// Encounter or episode.
	pub episode: Option<Episode>,
	/// Counts amendments, from 1.
	pub version: u32,
	/// Salted commitment to the ciphertext.
	pub commitment: H256,
	/// Where the ciphertext is.
	#[cfg_attr(feature = "std", serde(with = "text"))]
	pub locator: Vec<u8>,
	/// Where it is in its life.
	pub status: RecordStatus,
}

/// Who was given or refused what, as a gateway reported it.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Receipt {
	/// Who asked.
	pub actor: AccountId,
	/// For which record.
	pub record: RecordId,
	/// At which version.
	pub version: u32,
	/// What for.
	pub purpose: Purpose,
	/// To do what.
	pub action: Action,
	/// Given or refused.
	pub effect: Effect,
	/// Why.
	pub reason: Reason,
	/// The consent that decided.
	pub consent: Option<ConsentId>,
	/// The rule of that consent.
	pub rule: Option<u8>,
	/// When the gateway decided.
	pub at: Moment,
	/// Hash of the signed request.
	pub request: H256,
}

/// A receipt as stored.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ReceiptView {
	/// Its number among the patient's receipts, from 0.
	pub index: u64,
	/// The organisation whose gateway reported it.
	pub org: OrgId,
	/// The block that took it.
	pub block: u32,
	/// The receipt.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub receipt: Receipt,
}

/// A question to the access decision.
///
/// With `record`, everything about the data comes from the chain and `resource` is ignored. Without either the answer
/// is `unknown-record`.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AccessQuery {
	/// Who asks.
	pub actor: AccountId,
	/// Whose data.
	pub patient: PatientId,
	/// What for.
	pub purpose: Purpose,
	/// To do what.
	pub action: Action,
	/// An anchored record.
	#[cfg_attr(feature = "std", serde(default))]
	pub record: Option<RecordId>,
	/// Data that is not anchored, described.
	#[cfg_attr(feature = "std", serde(default))]
	pub resource: Option<Resource>,
}

/// An answer of the access decision and the state it was made on.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AccessAnswer {
	/// The decision.
	#[cfg_attr(feature = "std", serde(flatten))]
	pub decision: Decision,
	/// The block whose state was asked.
	pub block: u32,
	/// That block's time, which the decision was made at.
	pub now: Moment,
}

/// Something that happened to what is stored for a patient.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(
	feature = "std",
	derive(serde::Serialize, serde::Deserialize),
	serde(tag = "kind", rename_all = "kebab-case")
)]
pub enum PatientEvent {
	/// The patient registered.
	Registered {
		/// Who controls the records.
		controller: AccountId,
	},
	/// Default policy, emergency access or label key changed.
	PolicyChanged,
	/// A care relationship opened or was prolonged.
	CareOpened {
		/// With this organisation.
		org: OrgId,
		/// Until before this moment.
		until: Moment,
	},
	/// A care relationship closed.
	CareClosed {
		/// With this organisation.
		org: OrgId,
	},
	/// A consent came into the list.
	ConsentGranted {
		/// The consent.
		consent: ConsentId,
		/// The consent that it replaced.
		supersedes: Option<ConsentId>,
	},
	/// A consent ended.
	ConsentEnded {
		/// The consent.
		consent: ConsentId,
	},
	/// A consent was asked for.
	ConsentProposed {
		/// The consent.
		consent: ConsentId,
		/// By this organisation.
		org: OrgId,
	},
	/// A guardian was appointed.
	GuardianAppointed {
		/// The guardianship.
		number: GuardianshipId,
		/// Who.
		account: AccountId,
	},
	/// A guardianship ended before its time.
	GuardianEnded {
		/// The guardianship.
		number: GuardianshipId,
	},
	/// A clinician opened an emergency access.
	GlassBroken {
		/// Who.
		actor: AccountId,
		/// As a member of this organisation.
		org: OrgId,
		/// Why.
		reason: EmergencyReason,
		/// Open until before this moment.
		until: Moment,
	},
	/// An organisation reviewed an emergency access.
	GlassReviewed {
		/// Who had broken the glass.
		actor: AccountId,
		/// What was found.
		finding: Finding,
	},
	/// The patient objected to an emergency access and so closed it.
	GlassObjected {
		/// Who had broken the glass.
		actor: AccountId,
	},
	/// A patient chose who may help with a lost key.
	FriendsChanged,
	/// A friend vouched for an account to take over.
	RecoveryVouched {
		/// The account.
		account: AccountId,
		/// From when on it can take over; `None` as long as more friends are needed.
		due: Option<Moment>,
	},
	/// The patient stopped a recovery.
	RecoveryStopped,
	/// Another account controls the records.
	ControllerChanged {
		/// The account.
		controller: AccountId,
	},
	/// A custodian offered a record to another organisation.
	CustodyOffered {
		/// The record.
		record: RecordId,
		/// To this organisation.
		to: OrgId,
	},
	/// Another organisation keeps a record.
	CustodyChanged {
		/// The record.
		record: RecordId,
		/// Who keeps it now.
		custodian: OrgId,
	},
	/// A record was anchored or amended.
	RecordAnchored {
		/// The record.
		record: RecordId,
		/// Its version.
		version: u32,
	},
	/// A record's status changed.
	RecordStatusChanged {
		/// The record.
		record: RecordId,
		/// Its status now.
		status: RecordStatus,
	},
	/// A gateway gave or refused access.
	AccessLogged {
		/// The receipt's number.
		index: u64,
		/// Who asked.
		actor: AccountId,
		/// For which record.
		record: RecordId,
		/// Given or refused.
		effect: Effect,
		/// Why.
		reason: Reason,
	},
	/// A stream was opened.
	StreamOpened {
		/// The stream.
		stream: StreamId,
	},
	/// Batches were added to a stream.
	StreamGrown {
		/// The stream.
		stream: StreamId,
		/// How many it has now.
		batches: u64,
	},
	/// A stream takes no batches any more.
	StreamClosed {
		/// The stream.
		stream: StreamId,
	},
	/// A care plan rule was set.
	CareRuleSet {
		/// Its number.
		rule: CareRuleId,
	},
	/// A care plan rule ended before its time.
	CareRuleEnded {
		/// Its number.
		rule: CareRuleId,
	},
	/// An organisation that evaluates a rule told somebody of the patient's samples.
	CareAlertRaised {
		/// The rule.
		rule: CareRuleId,
		/// The stream that has the samples.
		stream: StreamId,
		/// The batch.
		seq: u64,
		/// Who was told.
		clinician: AccountId,
	},
}

#[cfg(feature = "std")]
mod text {
	//! Bytes that are UTF-8, as a string.
	use serde::{Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
		s.serialize_str(&String::from_utf8_lossy(bytes))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
		String::deserialize(d).map(String::into_bytes)
	}
}

#[cfg(feature = "std")]
pub(crate) mod optional_text {
	//! Bytes that are UTF-8, as a string or null.
	use serde::{Deserialize, Deserializer, Serialize, Serializer};

	pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, s: S) -> Result<S::Ok, S::Error> {
		bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes)).serialize(s)
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<u8>>, D::Error> {
		Option::<String>::deserialize(d).map(|text| text.map(String::into_bytes))
	}
}

#[cfg(feature = "std")]
pub(crate) mod amount {
	//! Amounts of the token's smallest unit as decimal strings: JSON numbers lose digits above 2^53.
	use serde::{Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(amount: &u128, s: S) -> Result<S::Ok, S::Error> {
		s.collect_str(amount)
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u128, D::Error> {
		alloc::string::String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
	}
}

#[cfg(feature = "std")]
mod hex_bytes {
	//! Bytes as `0x` and hexadecimal digits.
	use serde::{Deserialize, Deserializer, Serializer};
	use sp_core::bytes::{from_hex, to_hex};

	pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
		s.serialize_str(&to_hex(bytes, false))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
		from_hex(&String::deserialize(d)?).map_err(serde::de::Error::custom)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{from_value, json, to_value};

	fn account() -> AccountId {
		AccountId::new([1; 32])
	}

	#[test]
	fn an_organisation_is_told_as_people_write_it() {
		let view = OrganisationView {
			id: 3,
			name: "Hôpital".as_bytes().to_vec(),
			country: b"FR".to_vec(),
			roles: OrgRoleSet::of(&[crate::OrgRole::Provider, crate::OrgRole::ResearchBody]),
			non_profit: true,
			gln: Some(b"4012345000009".to_vec()),
			licence_until: 5,
			status: OrgStatus::Active,
			in_standing: true,
			requires_agreement: false,
			admins: Vec::from([account()]),
		};
		let told = json!({
			"id": 3, "name": "Hôpital", "country": "FR", "roles": ["provider", "research-body"], "non_profit": true,
			"gln": "4012345000009", "licence_until": 5, "status": "active", "in_standing": true,
			"requires_agreement": false, "admins": [account().to_string()],
		});
		assert_eq!(to_value(&view).expect("plain data"), told);
		assert_eq!(from_value::<OrganisationView>(told).expect("the same form"), view);
	}

	#[test]
	fn an_answer_is_the_decision_with_its_block() {
		let decision = Decision::refusal(Reason::UnknownRecord, 9);
		let answer = AccessAnswer { decision, block: 12, now: 34 };
		let told = json!({
			"effect": "deny", "reason": "unknown-record", "consent": null, "rule": null, "obligations": [],
			"valid_until": null, "revision": 9, "block": 12, "now": 34,
		});
		assert_eq!(to_value(&answer).expect("plain data"), told);
		assert_eq!(from_value::<AccessAnswer>(told).expect("the same form"), answer);
	}

	#[test]
	fn a_question_names_a_record_or_describes_the_data() {
		let patient = PatientId([2; 32]);
		let told = json!({
			"actor": account().to_string(), "patient": patient.to_string(), "purpose": "TREAT", "action": "access",
			"record": RecordId([3; 32]).to_string(),
		});
		let query: AccessQuery = from_value(told.clone()).expect("all that is needed");
		assert_eq!((query.record, query.resource), (Some(RecordId([3; 32])), None));
		let mut described = told;
		described["record"] = json!(null);
		described["resource"] =
			json!({ "type": "Condition", "confidentiality": "R", "period": { "from": -1, "to": 1 } });
		let resource = from_value::<AccessQuery>(described).expect("all that is needed").resource.expect("described");
		assert_eq!((resource.resource_type, resource.labels), (ResourceType::Condition, None));
		assert_eq!(resource.confidentiality, Some(Confidentiality::Restricted));
	}

	#[test]
	fn events_and_keys_are_told_by_kind() {
		let event = PatientEvent::ConsentGranted { consent: 4, supersedes: None };
		let told = json!({ "kind": "consent-granted", "consent": 4, "supersedes": null });
		assert_eq!(to_value(&event).expect("plain data"), told);
		assert_eq!(from_value::<PatientEvent>(told).expect("the same form"), event);
		let suite = json!("hpke-x25519-hkdf-sha256-chacha20poly1305");
		assert_eq!(to_value(KeySuite::HpkeX25519).expect("a string"), suite);
	}

	#[test]
	fn a_sealed_key_is_told_in_hexadecimal() {
		let care =
			CareView { org: 1, until: 2, label_epoch: 0, recipient: account(), sealed_label_key: Vec::from([0xab, 1]) };
		let told = to_value(&care).expect("plain data");
		assert_eq!(told["sealed_label_key"], json!("0xab01"));
		assert_eq!(from_value::<CareView>(told).expect("the same form"), care);
	}
}
