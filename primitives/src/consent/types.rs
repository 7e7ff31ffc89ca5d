//! What a consent is made of, and what a decision takes and answers.

use crate::{
	AccountId, Action, ActionSet, Confidentiality, ConsentId, DataPeriod, Episode, GuardianshipId, MemberRole,
	MemberRoleSet, Moment, ObligationSet, OrgId, OrgRoleSet, Purpose, PurposeSet, RecordId, ResourceType,
	ResourceTypeSet, H256,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Rules in one consent.
pub const MAX_RULES: u32 = 16;
/// Consents of one patient that are active at a time.
pub const MAX_ACTIVE_CONSENTS: u32 = 16;
/// Actors that one set of conditions may name.
pub const MAX_ACTORS: u32 = 8;
/// Custodians that one set of conditions may name.
pub const MAX_CUSTODIANS: u32 = 4;
/// Authors that one set of conditions may name.
pub const MAX_AUTHORS: u32 = 4;
/// Records that one set of conditions may name.
pub const MAX_RECORDS: u32 = 16;

/// Permit or deny.
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
	PartialOrd,
	Ord,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
	/// Allowed.
	Permit,
	/// Refused.
	Deny,
}

/// Whom a condition names.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum ActorRef {
	/// One account.
	Account(AccountId),
	/// Every member in good standing of an organisation.
	Org(OrgId),
	/// Every member in good standing with a role, of whatever organisation.
	Role(MemberRole),
}

/// What a rule applies to. Conditions are ANDed, the values of one are ORed; `None` means any.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Conditions {
	/// Who asks.
	pub actors: Option<BoundedVec<ActorRef, ConstU32<MAX_ACTORS>>>,
	/// The organisation that keeps the record.
	pub custodians: Option<BoundedVec<OrgId, ConstU32<MAX_CUSTODIANS>>>,
	/// Who wrote the record.
	pub authors: Option<BoundedVec<AccountId, ConstU32<MAX_AUTHORS>>>,
	/// What for.
	pub purposes: Option<PurposeSet>,
	/// To do what.
	pub actions: Option<ActionSet>,
	/// On a permit the highest level covered, on a denial the lowest.
	pub confidentiality: Option<Confidentiality>,
	/// Sensitivity labels, blinded on chain. None named: 0.
	pub labels: u32,
	/// FHIR resource types.
	pub resource_types: Option<ResourceTypeSet>,
	/// Single records.
	pub records: Option<BoundedVec<RecordId, ConstU32<MAX_RECORDS>>>,
	/// One encounter or episode of care.
	pub episode: Option<Episode>,
	/// Data from this unix millisecond on.
	pub data_from: Option<i64>,
	/// Data before this unix millisecond.
	pub data_to: Option<i64>,
}

/// Why conditions cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConditionsError {
	/// A stated set without members: it would match nothing, where the author may have meant anything.
	EmptySet,
	/// A bit that names no known code.
	UnknownCode,
	/// The data period ends before it begins.
	InvertedPeriod,
}

/// Permits or denies what its conditions describe.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Rule {
	/// Permit or deny.
	pub effect: Effect,
	/// What it applies to.
	pub conditions: Conditions,
	/// What a permit obliges its user to.
	pub obligations: ObligationSet,
}

/// Where a consent is in its life. That it has expired is computed, never stored.
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
pub enum ConsentStatus {
	/// Asked for by an organisation, not yet answered.
	Proposed,
	/// In force within its period.
	Active,
	/// A proposal that the patient refused.
	Rejected,
	/// Ended by the patient.
	Withdrawn,
	/// Ended by another with authority.
	Revoked,
	/// Replaced by a later consent.
	Superseded,
	/// Should never have been.
	EnteredInError,
}

/// A consent.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Consent {
	/// Who gave it: the patient's controller at the time, or a guardian. Of a proposal: who asks.
	pub grantor: AccountId,
	/// The guardianship under which a guardian gave it; `None` if the patient did. It ends with that guardianship.
	pub guardianship: Option<GuardianshipId>,
	/// What holds within the root where no rule speaks.
	pub base: Effect,
	/// What the base applies to.
	pub root: Conditions,
	/// Permits and denials.
	pub rules: BoundedVec<Rule, ConstU32<MAX_RULES>>,
	/// In force from this moment.
	pub start: Moment,
	/// In force until before this moment.
	pub end: Option<Moment>,
	/// Where it is in its life.
	pub status: ConsentStatus,
	/// The consent that it replaced.
	pub supersedes: Option<ConsentId>,
	/// Salted hash of the policy the patient was shown.
	pub policy: H256,
	/// Salted hash of the consent receipt the patient was given.
	pub receipt: H256,
	/// When the recipients must have erased what they hold.
	pub erase_by: Option<Moment>,
}

/// Standing of an actor in the consortium.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub enum Standing {
	/// Never a member of any organisation.
	Never,
	/// A present or past member whose membership, organisation or licence is not active.
	Inactive,
	/// A member in good standing.
	Active(Membership),
}

/// A membership in good standing.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Membership {
	/// Of this organisation.
	pub org: OrgId,
	/// With these roles.
	pub roles: MemberRoleSet,
	/// What the organisation is accredited for.
	pub org_roles: OrgRoleSet,
	/// The earliest moment at which membership or licence ends.
	pub until: Option<Moment>,
}

/// Where a record is in its life.
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
pub enum RecordStatus {
	/// Readable under consent, at its first version.
	Active,
	/// Readable under consent, at a later version.
	Amended,
	/// Readable by the patient only.
	Restricted,
	/// Should never have been.
	EnteredInError,
	/// Its key and content are destroyed.
	Shredded,
}

/// The data asked for. `None` is a fact that is not known.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Resource {
	/// The record.
	#[cfg_attr(feature = "std", serde(default))]
	pub record: Option<RecordId>,
	/// Its FHIR type.
	#[cfg_attr(feature = "std", serde(rename = "type"))]
	pub resource_type: ResourceType,
	/// Its confidentiality; unknown counts as very restricted.
	#[cfg_attr(feature = "std", serde(default))]
	pub confidentiality: Option<Confidentiality>,
	/// Its sensitivity labels, blinded on chain.
	#[cfg_attr(feature = "std", serde(default))]
	pub labels: Option<u32>,
	/// When the data is from.
	#[cfg_attr(feature = "std", serde(default))]
	pub period: Option<DataPeriod>,
	/// Who wrote it.
	#[cfg_attr(feature = "std", serde(default))]
	pub author: Option<AccountId>,
	/// Who keeps it.
	#[cfg_attr(feature = "std", serde(default))]
	pub custodian: Option<OrgId>,
	/// The encounter or episode it belongs to.
	#[cfg_attr(feature = "std", serde(default))]
	pub episode: Option<Episode>,
}

/// Who asks to do what, with which data, what for.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Request {
	/// Who asks.
	pub actor: AccountId,
	/// What for.
	pub purpose: Purpose,
	/// To do what.
	pub action: Action,
	/// With which data.
	pub resource: Resource,
}

/// What a patient lets happen without consent.
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
	Default,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultPolicy {
	/// Nothing.
	#[default]
	Deny,
	/// Treatment by clinicians of the patient's own providers, of normal and unlabelled data.
	NormalForTreatment,
}

/// Whether a clinician may read without consent in an emergency.
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
	Default,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum BreakGlass {
	/// Yes, with notice and review.
	#[default]
	Allowed,
	/// Never.
	Forbidden,
}

/// How much a guardian may do.
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
pub enum GuardianScope {
	/// Everything the patient may.
	Full,
	/// Give and withdraw consent, read nothing.
	ConsentOnly,
	/// Read, consent to nothing.
	ReadOnly,
}

impl GuardianScope {
	/// Whether the scope covers the action without any consent.
	pub const fn covers(self, action: Action) -> bool {
		match self {
			Self::Full => matches!(action, Action::Access | Action::Use | Action::Disclose),
			Self::ReadOnly => matches!(action, Action::Access),
			Self::ConsentOnly => false,
		}
	}
}

/// What a guardian is to the patient: HL7 v3 RoleCode.
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
pub enum Relationship {
	/// Guardian: a parent, or whom a court appointed.
	#[serde(rename = "GUARD")]
	Guard,
	/// Health care power of attorney.
	#[serde(rename = "HPOWATT")]
	Hpowatt,
	/// Durable power of attorney.
	#[serde(rename = "DPOWATT")]
	Dpowatt,
	/// Parent.
	#[serde(rename = "PRN")]
	Prn,
}

/// In what capacity an account acts for a patient at one moment.
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
pub enum Capacity {
	/// As the patient: the effective controller.
	Patient,
	/// As a guardian in authority.
	Guardian {
		/// The guardianship.
		number: GuardianshipId,
		/// How far it reaches.
		scope: GuardianScope,
		/// When it holds.
		period: Period,
	},
}

impl Capacity {
	/// Whether it may do everything the patient may.
	pub const fn is_full(&self) -> bool {
		matches!(self, Self::Patient | Self::Guardian { scope: GuardianScope::Full, .. })
	}

	/// Whether it may give and end consents and care relationships.
	pub const fn may_consent(&self) -> bool {
		!matches!(self, Self::Guardian { scope: GuardianScope::ReadOnly, .. })
	}

	/// The guardianship, if it is one.
	pub const fn guardianship(&self) -> Option<GuardianshipId> {
		match self {
			Self::Patient => None,
			Self::Guardian { number, .. } => Some(*number),
		}
	}
}

/// Why a clinician reads in an emergency: HL7 v3 ActReason, ActConsentInformationAccessOverrideReason.
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
pub enum EmergencyReason {
	/// The patient needs treatment and cannot be asked, or not in time.
	#[serde(rename = "OVRER")]
	EmergencyTreatment,
	/// Professional judgment that it is in the patient's interest.
	#[serde(rename = "OVRPJ")]
	ProfessionalJudgment,
	/// The safety of the public.
	#[serde(rename = "OVRPS")]
	PublicSafety,
	/// The safety of another person.
	#[serde(rename = "OVRTPS")]
	ThirdPartySafety,
}

/// What an organisation found when it reviewed an emergency access of its member.
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
pub enum Finding {
	/// There was an emergency.
	Justified,
	/// There was none.
	Unjustified,
}

/// A span of time; the end is not included.
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
pub struct Period {
	/// From this moment on.
	pub from: Moment,
	/// Until before this moment; `None` has no end.
	pub until: Option<Moment>,
}

impl Period {
	/// Whether the moment lies in it.
	pub fn contains(&self, now: Moment) -> bool {
		self.from <= now && self.until.is_none_or(|until| now < until)
	}

	/// The part that lies in another period, too.
	pub fn within(self, other: Self) -> Self {
		let until = match (self.until, other.until) {
			(Some(one), Some(two)) => Some(one.min(two)),
			(one, two) => one.or(two),
		};
		Self { from: self.from.max(other.from), until }
	}

	/// The first moment after `now` at which it begins or ends.
	pub(super) fn next_edge(&self, now: Moment) -> Option<Moment> {
		if self.until.is_some_and(|until| until <= self.from) {
			None
		} else if now < self.from {
			Some(self.from)
		} else {
			self.until.filter(|until| now < *until)
		}
	}
}

/// What a data sharing agreement covers.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Sharing {
	/// What for; `None` means any.
	pub purposes: Option<PurposeSet>,
	/// FHIR resource types; `None` means any.
	pub resource_types: Option<ResourceTypeSet>,
	/// What it obliges the recipient to.
	pub obligations: ObligationSet,
	/// When it is in force.
	pub period: Period,
}

/// What is known about the patient, the actor and the record besides the consents.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Facts {
	/// Standing of the actor.
	pub standing: Standing,
	/// Whether the actor is the patient: the effective controller.
	pub is_patient: bool,
	/// Status of the record.
	pub status: RecordStatus,
	/// Whether emergency access is allowed.
	pub break_glass: BreakGlass,
	/// The actor's open emergency access, with its end.
	pub glass: Option<Moment>,
	/// The actor's guardianship, whenever it holds.
	pub guardian: Option<(GuardianScope, Period)>,
	/// What holds without consent.
	pub default_policy: DefaultPolicy,
	/// Until when the patient's care relationship with the actor's organisation is open; `None` if there is none.
	pub care: Option<Moment>,
	/// Whether the custodian shares with other organisations under agreements only.
	pub agreement_required: bool,
	/// Agreements between the custodian and the actor's organisation.
	pub agreements: Vec<Sharing>,
	/// The patient's revision.
	pub revision: u64,
}

impl Facts {
	/// Nothing known that would permit anything.
	pub const fn none() -> Self {
		Self {
			standing: Standing::Never,
			is_patient: false,
			status: RecordStatus::Active,
			break_glass: BreakGlass::Forbidden,
			glass: None,
			guardian: None,
			default_policy: DefaultPolicy::Deny,
			care: None,
			agreement_required: false,
			agreements: Vec::new(),
			revision: 0,
		}
	}
}

/// A consent as the decision takes it.
#[derive(Encode, Decode, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
	/// Its number.
	pub id: ConsentId,
	/// The consent.
	pub consent: Consent,
	/// The grantor's authority, if a guardian granted it: it ends with that.
	pub authority: Option<Period>,
}

/// Why a decision is what it is. The codes are stable.
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
	PartialOrd,
	Ord,
	Debug,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
	/// Permit: the patient, of their own record.
	Patient,
	/// Permit: emergency access, to be reviewed.
	BreakGlass,
	/// Permit: a guardian in authority.
	Guardian,
	/// Permit: the consent and rule named.
	Consent,
	/// Permit: the patient's default policy.
	DefaultPolicy,
	/// Deny: the actor's membership, organisation or licence is not active.
	NotInStanding,
	/// Deny: the record is shredded.
	Shredded,
	/// Deny: the record was entered in error.
	EnteredInError,
	/// Deny: the patient has restricted the record.
	Restricted,
	/// Deny: emergency access without an open glass of a provider's clinician, or forbidden by the patient.
	NoBreakGlass,
	/// Deny: a denial of the consent named.
	Denied,
	/// Deny: the consent named denies what it does not permit.
	NotPermitted,
	/// Deny: no consent permits it, and the patient's default policy does not.
	NoConsent,
	/// Deny: a consent permits it, but the custodian has no agreement with the actor's organisation that covers it.
	NoAgreement,
	/// Deny: there is no such patient.
	UnknownPatient,
	/// Deny: there is no such record.
	UnknownRecord,
}

impl Reason {
	/// Every reason, in the order of its SCALE index.
	pub const ALL: [Self; 16] = [
		Self::Patient,
		Self::BreakGlass,
		Self::Guardian,
		Self::Consent,
		Self::DefaultPolicy,
		Self::NotInStanding,
		Self::Shredded,
		Self::EnteredInError,
		Self::Restricted,
		Self::NoBreakGlass,
		Self::Denied,
		Self::NotPermitted,
		Self::NoConsent,
		Self::NoAgreement,
		Self::UnknownPatient,
		Self::UnknownRecord,
	];

	/// Its stable code, as in JSON.
	pub const fn code(self) -> &'static str {
		match self {
			Self::Patient => "patient",
			Self::BreakGlass => "break-glass",
			Self::Guardian => "guardian",
			Self::Consent => "consent",
			Self::DefaultPolicy => "default-policy",
			Self::NotInStanding => "not-in-standing",
			Self::Shredded => "shredded",
			Self::EnteredInError => "entered-in-error",
			Self::Restricted => "restricted",
			Self::NoBreakGlass => "no-break-glass",
			Self::Denied => "denied",
			Self::NotPermitted => "not-permitted",
			Self::NoConsent => "no-consent",
			Self::NoAgreement => "no-agreement",
			Self::UnknownPatient => "unknown-patient",
			Self::UnknownRecord => "unknown-record",
		}
	}
}

/// The answer to a request.
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
pub struct Decision {
	/// Permit or deny.
	pub effect: Effect,
	/// Why.
	pub reason: Reason,
	/// The consent that made it.
	pub consent: Option<ConsentId>,
	/// The rule of that consent, counted from 0; `None` if its base made it.
	pub rule: Option<u8>,
	/// What a permit obliges its user to.
	pub obligations: ObligationSet,
	/// The decision may change at this moment (unix milliseconds) even if nothing is written until then; never late.
	pub valid_until: Option<Moment>,
	/// The patient's revision that it was made at.
	pub revision: u64,
}

impl Decision {
	/// A refusal that no consent made.
	pub const fn refusal(reason: Reason, revision: u64) -> Self {
		Self {
			effect: Effect::Deny,
			reason,
			consent: None,
			rule: None,
			obligations: ObligationSet::EMPTY,
			valid_until: None,
			revision,
		}
	}

	/// Whether it permits.
	pub fn is_permit(&self) -> bool {
		self.effect == Effect::Permit
	}
}

impl Conditions {
	/// Refuses what would match nothing or cannot be read.
	pub fn validate(&self) -> Result<(), ConditionsError> {
		let empty = self.actors.as_ref().is_some_and(|set| set.is_empty())
			|| self.custodians.as_ref().is_some_and(|set| set.is_empty())
			|| self.authors.as_ref().is_some_and(|set| set.is_empty())
			|| self.records.as_ref().is_some_and(|set| set.is_empty())
			|| self.purposes.is_some_and(PurposeSet::is_empty)
			|| self.actions.is_some_and(ActionSet::is_empty)
			|| self.resource_types.is_some_and(ResourceTypeSet::is_empty);
		if empty {
			return Err(ConditionsError::EmptySet);
		}
		let known = self.purposes.is_none_or(PurposeSet::is_known)
			&& self.actions.is_none_or(ActionSet::is_known)
			&& self.resource_types.is_none_or(ResourceTypeSet::is_known);
		if !known {
			return Err(ConditionsError::UnknownCode);
		}
		match (self.data_from, self.data_to) {
			(Some(from), Some(to)) if from >= to => Err(ConditionsError::InvertedPeriod),
			_ => Ok(()),
		}
	}
}
