//! The access decision on what is stored.

use crate::{types::Concern, Cares, Config, Consents, Glasses, Pallet, PatientOf, Patients, WeightInfo};
use alloc::vec::Vec;
use frame_support::{defensive, weights::Weight};
use salus_primitives::{
	consent::{
		self, Candidate, Capacity, Decision, Facts, Reason, RecordStatus, Request, Standing, MAX_ACTIVE_CONSENTS,
	},
	traits::{Directory, Patients as PatientsApi, Records},
	views::{AccessAnswer, AccessQuery},
	AccountId, Moment, OrgId, PatientId, Purpose,
};
use sp_runtime::{DispatchError, SaturatedConversion};

/// What is known about who keeps the data asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Custody {
	/// The chain tells: data without custodian was written by the patient and belongs to no organisation.
	Known,
	/// The request tells: a custodian that it leaves out may be any organisation.
	Claimed,
}

impl<T: Config> Pallet<T> {
	/// Answers a query on the state and at the time of this block.
	///
	/// What is known of a record comes from the chain, also if the query names it only in its description.
	pub fn check_access(query: AccessQuery) -> AccessAnswer {
		let now = Self::now();
		let block = frame_system::Pallet::<T>::block_number().saturated_into::<u32>();
		AccessAnswer { decision: Self::answer(query, now), block, now }
	}

	fn answer(query: AccessQuery, now: Moment) -> Decision {
		let AccessQuery { actor, patient, purpose, action, record, resource } = query;
		let Some(entry) = Patients::<T>::get(patient) else {
			return Decision::refusal(Reason::UnknownPatient, 0);
		};
		let named = record.or(resource.as_ref().and_then(|resource| resource.record));
		let known = match named {
			Some(record) => {
				T::Records::resource(&patient, &record).map(|(resource, status)| (resource, status, Custody::Known))
			}
			None => resource.map(|resource| (resource, RecordStatus::Active, Custody::Claimed)),
		};
		let Some((resource, status, custody)) = known else {
			return Decision::refusal(Reason::UnknownRecord, entry.revision);
		};
		Self::decide_for(&patient, &entry, &Request { actor, purpose, action, resource }, status, custody, now)
	}

	fn decide_for(
		patient: &PatientId,
		entry: &PatientOf<T>,
		request: &Request,
		status: RecordStatus,
		custody: Custody,
		now: Moment,
	) -> Decision {
		let actor = &request.actor;
		let capacity = entry.capacity(actor, now);
		let standing = match T::Directory::standing(actor, now) {
			// Patients ask as patients and guardians as guardians: that an organisation once had them as a member,
			// perhaps without asking them, does not bar them from the records.
			Standing::Inactive if capacity.is_some() => Standing::Never,
			standing => standing,
		};
		let org = match &standing {
			Standing::Active(member) => Some(member.org),
			Standing::Inactive | Standing::Never => None,
		};

		let concern = Concern::of_actor(actor, &standing);
		let candidates = entry
			.active
			.iter()
			.filter(|active| !entry.is_over(active, now) && active.concern.intersects(concern))
			.map(|active| {
				let (consent, _) = Consents::<T>::get(patient, active.id)?;
				let authority = entry.authority(consent.guardianship);
				Some(Candidate { id: active.id, consent, authority })
			})
			.collect::<Option<Vec<_>>>();
		let Some(candidates) = candidates else {
			// One that is missing may be a denial.
			defensive!("an indexed consent is stored: both are written in the same calls");
			return Decision::refusal(Reason::NoConsent, entry.revision);
		};

		let sharing = org.and_then(|org| Self::sharing(org, request, custody, now));
		let facts = Facts {
			is_patient: capacity == Some(Capacity::Patient),
			status,
			break_glass: entry.break_glass,
			glass: org.filter(|_| request.purpose == Purpose::Btg).and_then(|org| Self::glass(patient, actor, org)),
			guardian: entry.guardianship_of(actor, now).map(|guardian| (guardian.scope, guardian.period)),
			default_policy: entry.default_policy,
			care: org.and_then(|org| Cares::<T>::get(patient, org)).map(|care| care.until),
			agreement_required: sharing.is_some(),
			agreements: sharing.unwrap_or_default(),
			revision: entry.revision,
			standing,
		};
		let mut decision = consent::decide(request, &facts, &candidates, now);
		if entry.controller == *actor {
			// A ward becomes the patient.
			let majority = entry.minor_until.filter(|majority| now < *majority);
			decision.valid_until = [decision.valid_until, majority].into_iter().flatten().min();
		}
		decision
	}

	/// Until when the actor has, or had, emergency access as a member of the organisation.
	fn glass(patient: &PatientId, actor: &AccountId, org: OrgId) -> Option<Moment> {
		Glasses::<T>::get(patient, actor).filter(|glass| glass.org == org).map(|glass| glass.until)
	}

	/// The agreements under one of which the data may reach a member of the organisation; `None` if it takes none.
	fn sharing(org: OrgId, request: &Request, custody: Custody, now: Moment) -> Option<Vec<consent::Sharing>> {
		match request.resource.custodian {
			Some(custodian) if custodian == org => None,
			Some(custodian) => T::Directory::organisation(custodian, now)
				.is_none_or(|custodian| custodian.requires_agreement)
				.then(|| T::Directory::agreements(custodian, org)),
			None => (custody == Custody::Claimed).then(Vec::new),
		}
	}
}

impl<T: Config> PatientsApi for Pallet<T> {
	fn exists(patient: &PatientId) -> bool {
		Patients::<T>::contains_key(patient)
	}

	fn capacity(patient: &PatientId, who: &AccountId, now: Moment) -> Option<Capacity> {
		Patients::<T>::get(patient)?.capacity(who, now)
	}

	fn in_care(patient: &PatientId, org: OrgId, now: Moment) -> bool {
		Cares::<T>::get(patient, org).is_some_and(|care| now < care.until)
	}

	fn label_epoch(patient: &PatientId) -> Option<u32> {
		Patients::<T>::get(patient).map(|entry| entry.label_epoch)
	}

	fn revision(patient: &PatientId) -> Option<u64> {
		Patients::<T>::get(patient).map(|entry| entry.revision)
	}

	fn decide(patient: &PatientId, request: &Request, status: RecordStatus, now: Moment) -> Decision {
		Patients::<T>::get(patient).map_or(Decision::refusal(Reason::UnknownPatient, 0), |entry| {
			Self::decide_for(patient, &entry, request, status, Custody::Known, now)
		})
	}

	fn touch(patient: &PatientId) -> Result<u64, DispatchError> {
		Patients::<T>::try_mutate(patient, |entry| {
			let entry = entry.as_mut().ok_or(crate::Error::<T>::PatientNotFound)?;
			entry.revision = entry.revision.saturating_add(1);
			Ok(entry.revision)
		})
	}

	fn lookup_weight() -> Weight {
		T::WeightInfo::lookup()
	}

	fn in_care_weight() -> Weight {
		T::WeightInfo::in_care()
	}

	fn decide_weight() -> Weight {
		T::WeightInfo::decide(MAX_ACTIVE_CONSENTS)
			.saturating_add(T::Directory::standing_weight())
			.saturating_add(T::Directory::organisation_weight())
			.saturating_add(T::Directory::agreements_weight())
	}

	fn touch_weight() -> Weight {
		T::WeightInfo::touch()
	}
}
