//! Arguments of calls that are more than a number: the runtime decodes and clients encode the same types.

use crate::{
	consent::{Conditions, Effect, GuardianScope, Relationship, Rule, MAX_RULES},
	views::{Locator, MAX_NAME},
	AccountId, Confidentiality, ConsentId, Episode, Moment, Month, ObligationSet, OrgId, OrgRoleSet, PurposeSet,
	RecordId, ResourceType, ResourceTypeSet, H256,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// Records in one `anchor_many`.
pub const MAX_ANCHORS: u32 = 64;

/// A GS1 Global Location Number: 13 ASCII digits, the last a check digit.
pub type Gln = [u8; 13];

/// An organisation to admit.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct OrganisationInput {
	/// Public name, UTF-8.
	pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
	/// ISO 3166-1 alpha-2 country code, upper case.
	pub country: [u8; 2],
	/// What it is accredited for; not empty.
	pub roles: OrgRoleSet,
	/// Whether it works without profit.
	pub non_profit: bool,
	/// GS1 Global Location Number.
	pub gln: Option<Gln>,
	/// Hash of its entry in the register of legal entities.
	pub legal_entity: H256,
	/// When its licence ends (unix milliseconds).
	pub licence_until: Moment,
	/// Whether it shares with other organisations under agreements only.
	pub requires_agreement: bool,
}

/// A consent to give.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ConsentInput {
	/// What holds within the root where no rule speaks.
	pub base: Effect,
	/// What the base applies to.
	pub root: Conditions,
	/// Permits and denials.
	pub rules: BoundedVec<Rule, ConstU32<MAX_RULES>>,
	/// In force from this moment; `None` is now.
	pub start: Option<Moment>,
	/// In force until before this moment.
	pub end: Option<Moment>,
	/// The active consent that this one replaces.
	pub supersedes: Option<ConsentId>,
	/// Salted hash of the policy the patient was shown.
	pub policy: H256,
	/// Salted hash of the consent receipt the patient was given.
	pub receipt: H256,
	/// When the recipients must have erased what they hold.
	pub erase_by: Option<Moment>,
}

/// A record to anchor.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct RecordInput {
	/// The record, chosen by its author.
	pub id: RecordId,
	/// FHIR resource type.
	pub resource_type: ResourceType,
	/// Confidentiality.
	pub confidentiality: Confidentiality,
	/// Blinded sensitivity labels.
	pub labels: u32,
	/// Epoch of the label key that blinded them: the patient's current one.
	pub label_epoch: u32,
	/// First month the data is from.
	pub data_from: Month,
	/// Last month the data is from.
	pub data_to: Month,
	/// Encounter or episode.
	pub episode: Option<Episode>,
	/// Salted commitment to the ciphertext.
	pub commitment: H256,
	/// Where the ciphertext is.
	pub locator: Locator,
}

/// A data sharing agreement to propose.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AgreementInput {
	/// Who keeps the data.
	pub custodian: OrgId,
	/// To whose members it may go.
	pub recipient: OrgId,
	/// What for; `None` means any.
	pub purposes: Option<PurposeSet>,
	/// FHIR resource types; `None` means any.
	pub resource_types: Option<ResourceTypeSet>,
	/// What it obliges the recipient to.
	pub obligations: ObligationSet,
	/// In force from this moment; `None` is when it is accepted.
	pub start: Option<Moment>,
	/// In force until before this moment; `None` has no end.
	pub end: Option<Moment>,
	/// How long before it either side gives notice, in milliseconds.
	pub notice: Moment,
	/// Salted hash of the contract.
	pub terms: H256,
}

/// A guardian to appoint.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GuardianInput {
	/// Who.
	pub account: AccountId,
	/// What they are to the patient.
	pub relationship: Relationship,
	/// How far it reaches.
	pub scope: GuardianScope,
	/// In authority from this moment; `None` is now.
	pub from: Option<Moment>,
	/// In authority until before this moment; `None` has no end.
	pub until: Option<Moment>,
}

/// Who may help a patient who lost the key of the controller.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Friend {
	/// A person.
	Account(AccountId),
	/// An organisation: any of its administrators speaks for it, while it is in good standing.
	Org(OrgId),
}

/// What an organisation pays for the patients that it enrols.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct SponsorTerms {
	/// Fees of one account in one day (UTC).
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub per_account: u128,
	/// Fees of all its accounts in one day.
	#[cfg_attr(feature = "std", serde(with = "crate::views::amount"))]
	pub per_day: u128,
}
