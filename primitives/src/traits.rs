//! Capabilities that pallets offer one another. The runtime joins them; no pallet depends on another.
//!
//! Each method that reads or writes also tells its worst-case weight. The `()` implementation knows nothing and
//! refuses everything.

use crate::{
	consent::{Capacity, Decision, RecordStatus, Request, Resource, Sharing, Standing},
	inputs::Gln,
	AccountId, Moment, OrgId, OrgRoleSet, PatientId, RecordId, H256,
};
use alloc::vec::Vec;
use sp_runtime::DispatchError;
use sp_weights::Weight;

/// An organisation at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrgStanding {
	/// What it is accredited for.
	pub roles: OrgRoleSet,
	/// Whether it is active and its licence valid.
	pub active: bool,
	/// When its licence ends.
	pub licence_until: Moment,
	/// Whether it shares with other organisations under agreements only.
	pub requires_agreement: bool,
	/// Whether it works without profit.
	pub non_profit: bool,
	/// ISO 3166-1 alpha-2 country code, upper case.
	pub country: [u8; 2],
	/// Hash of its entry in the register of legal entities: equal for branches of one.
	pub legal_entity: H256,
}

/// Who belongs to which organisation.
pub trait Directory {
	/// Standing of an account.
	fn standing(who: &AccountId, now: Moment) -> Standing;
	/// Standing of an organisation; `None` if it was never admitted.
	fn organisation(org: OrgId, now: Moment) -> Option<OrgStanding>;
	/// Whether an account is an administrator of an organisation, in good standing or not.
	fn is_admin(org: OrgId, who: &AccountId) -> bool;
	/// The premises (GLN) that a member works at, in good standing or not.
	fn premises(who: &AccountId) -> Option<Gln>;
	/// Public name of an organisation, UTF-8. For answers to clients only: it has no weight.
	fn name(org: OrgId) -> Option<Vec<u8>>;
	/// Agreements between a custodian and a recipient that both accepted, whenever they hold.
	fn agreements(custodian: OrgId, recipient: OrgId) -> Vec<Sharing>;
	/// Weight of `standing`.
	fn standing_weight() -> Weight;
	/// Weight of `organisation`.
	fn organisation_weight() -> Weight;
	/// Weight of `is_admin`.
	fn is_admin_weight() -> Weight;
	/// Weight of `premises`.
	fn premises_weight() -> Weight;
	/// Weight of `agreements`.
	fn agreements_weight() -> Weight;
}

impl Directory for () {
	fn standing(_: &AccountId, _: Moment) -> Standing {
		Standing::Inactive
	}
	fn organisation(_: OrgId, _: Moment) -> Option<OrgStanding> {
		None
	}
	fn is_admin(_: OrgId, _: &AccountId) -> bool {
		false
	}
	fn premises(_: &AccountId) -> Option<Gln> {
		None
	}
	fn name(_: OrgId) -> Option<Vec<u8>> {
		None
	}
	fn agreements(_: OrgId, _: OrgId) -> Vec<Sharing> {
		Vec::new()
	}
	fn standing_weight() -> Weight {
		Weight::zero()
	}
	fn organisation_weight() -> Weight {
		Weight::zero()
	}
	fn is_admin_weight() -> Weight {
		Weight::zero()
	}
	fn premises_weight() -> Weight {
		Weight::zero()
	}
	fn agreements_weight() -> Weight {
		Weight::zero()
	}
}

/// Patients and what they allow.
pub trait Patients {
	/// Whether there is such a patient.
	fn exists(patient: &PatientId) -> bool;
	/// In what capacity the account acts for the patient at this moment; `None` if in none.
	fn capacity(patient: &PatientId, who: &AccountId, now: Moment) -> Option<Capacity>;
	/// Whether a care relationship with the organisation is open.
	fn in_care(patient: &PatientId, org: OrgId, now: Moment) -> bool;
	/// The epoch of the patient's label key; `None` if there is no such patient.
	fn label_epoch(patient: &PatientId) -> Option<u32>;
	/// How often what is stored for the patient has changed; `None` if there is no such patient.
	fn revision(patient: &PatientId) -> Option<u64>;
	/// Decides a request about data whose status is given.
	fn decide(patient: &PatientId, request: &Request, status: RecordStatus, now: Moment) -> Decision;
	/// Counts one more change to what is stored for the patient and returns the new revision.
	fn touch(patient: &PatientId) -> Result<u64, DispatchError>;
	/// Weight of `exists`, `capacity`, `label_epoch` and `revision`, each.
	fn lookup_weight() -> Weight;
	/// Weight of `in_care`.
	fn in_care_weight() -> Weight;
	/// Weight of `decide`, at its worst.
	fn decide_weight() -> Weight;
	/// Weight of `touch`.
	fn touch_weight() -> Weight;
}

impl Patients for () {
	fn exists(_: &PatientId) -> bool {
		false
	}
	fn capacity(_: &PatientId, _: &AccountId, _: Moment) -> Option<Capacity> {
		None
	}
	fn in_care(_: &PatientId, _: OrgId, _: Moment) -> bool {
		false
	}
	fn label_epoch(_: &PatientId) -> Option<u32> {
		None
	}
	fn revision(_: &PatientId) -> Option<u64> {
		None
	}
	fn decide(_: &PatientId, _: &Request, _: RecordStatus, _: Moment) -> Decision {
		Decision::refusal(crate::consent::Reason::UnknownPatient, 0)
	}
	fn touch(_: &PatientId) -> Result<u64, DispatchError> {
		Err(DispatchError::CannotLookup)
	}
	fn lookup_weight() -> Weight {
		Weight::zero()
	}
	fn in_care_weight() -> Weight {
		Weight::zero()
	}
	fn decide_weight() -> Weight {
		Weight::zero()
	}
	fn touch_weight() -> Weight {
		Weight::zero()
	}
}

/// What is known of anchored records.
pub trait Records {
	/// The facts about a record that a decision takes, and its status; `None` if there is no such record.
	fn resource(patient: &PatientId, record: &RecordId) -> Option<(Resource, RecordStatus)>;
	/// Weight of `resource`.
	fn resource_weight() -> Weight;
}

impl Records for () {
	fn resource(_: &PatientId, _: &RecordId) -> Option<(Resource, RecordStatus)> {
		None
	}
	fn resource_weight() -> Weight {
		Weight::zero()
	}
}
