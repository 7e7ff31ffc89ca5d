//! Capabilities that pallets offer one another. The runtime joins them; no pallet depends on another.
//!
//! Each method that reads or writes also tells its worst-case weight. The `()` implementation knows nothing and
//! refuses everything.

use crate::{
	consent::{Decision, RecordStatus, Request, Resource, Standing},
	AccountId, Moment, OrgId, OrgRoleSet, PatientId, RecordId,
};
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
}

/// Who belongs to which organisation.
pub trait Directory {
	/// Standing of an account.
	fn standing(who: &AccountId, now: Moment) -> Standing;
	/// Standing of an organisation; `None` if it was never admitted.
	fn organisation(org: OrgId, now: Moment) -> Option<OrgStanding>;
	/// Weight of `standing`.
	fn standing_weight() -> Weight;
	/// Weight of `organisation`.
	fn organisation_weight() -> Weight;
}

impl Directory for () {
	fn standing(_: &AccountId, _: Moment) -> Standing {
		Standing::Inactive
	}
	fn organisation(_: OrgId, _: Moment) -> Option<OrgStanding> {
		None
	}
	fn standing_weight() -> Weight {
		Weight::zero()
	}
	fn organisation_weight() -> Weight {
		Weight::zero()
	}
}

/// Patients and what they allow.
pub trait Patients {
	/// Who controls the patient's records at this moment; `None` if there is no such patient.
	fn controller(patient: &PatientId, now: Moment) -> Option<AccountId>;
	/// Whether a care relationship with the organisation is open.
	fn in_care(patient: &PatientId, org: OrgId, now: Moment) -> bool;
	/// The epoch of the patient's label key; `None` if there is no such patient.
	fn label_epoch(patient: &PatientId) -> Option<u32>;
	/// Decides a request about data whose status is given.
	fn decide(patient: &PatientId, request: &Request, status: RecordStatus, now: Moment) -> Decision;
	/// Counts one more change to what is stored for the patient and returns the new revision.
	fn touch(patient: &PatientId) -> Result<u64, DispatchError>;
	/// Weight of `controller`.
	fn controller_weight() -> Weight;
	/// Weight of `in_care`.
	fn in_care_weight() -> Weight;
	/// Weight of `decide`, at its worst.
	fn decide_weight() -> Weight;
	/// Weight of `touch`.
	fn touch_weight() -> Weight;
}

impl Patients for () {
	fn controller(_: &PatientId, _: Moment) -> Option<AccountId> {
		None
	}
	fn in_care(_: &PatientId, _: OrgId, _: Moment) -> bool {
		false
	}
	fn label_epoch(_: &PatientId) -> Option<u32> {
		None
	}
	fn decide(_: &PatientId, _: &Request, _: RecordStatus, _: Moment) -> Decision {
		Decision::refusal(crate::consent::Reason::UnknownPatient, 0)
	}
	fn touch(_: &PatientId) -> Result<u64, DispatchError> {
		Err(DispatchError::CannotLookup)
	}
	fn controller_weight() -> Weight {
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
