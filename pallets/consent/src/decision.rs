//! The access decision on what is stored, and the answers of the runtime API.

use crate::{Cares, Config, Consents, Event, Pallet, PatientOf, Patients, WeightInfo};
use alloc::vec::Vec;
use frame_support::{defensive, weights::Weight};
use salus_primitives::{
	consent::{
		self, Candidate, ConsentStatus, Decision, Facts, Period, Reason, RecordStatus, Request, Standing,
		MAX_ACTIVE_CONSENTS,
	},
	traits::{Directory, Patients as PatientsApi, Records},
	views::{AccessAnswer, AccessQuery, CareView, ConsentView, Page, PatientEvent, PatientView, MAX_PAGE},
	AccountId, ConsentId, Moment, OrgId, PatientId,
};
use sp_runtime::{DispatchError, SaturatedConversion};

use crate::types::Concern;

/// Numbers that a page of consents tries at most, most of which may belong to removed consents.
const MAX_TRIES: u32 = 10 * MAX_PAGE;

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
		let is_patient = entry.controller == request.actor;
		let standing = match T::Directory::standing(&request.actor, now) {
			// Patients ask as patients: that an organisation once had them as a member, perhaps without asking them,
			// does not bar them from their own records.
			Standing::Inactive if is_patient => Standing::Never,
			standing => standing,
		};
		let org = match &standing {
			Standing::Active(member) => Some(member.org),
			Standing::Inactive | Standing::Never => None,
		};

		let concern = Concern::of_actor(&request.actor, &standing);
		let candidates = entry
			.active
			.iter()
			.filter(|active| !active.is_expired(now) && active.concern.intersects(concern))
			.map(|active| {
				let (consent, _) = Consents::<T>::get(patient, active.id)?;
				Some(Candidate { id: active.id, consent, authority: None })
			})
			.collect::<Option<Vec<_>>>();
		let Some(candidates) = candidates else {
			// One that is missing may be a denial.
			defensive!("an indexed consent is stored: both are written in the same calls");
			return Decision::refusal(Reason::NoConsent, entry.revision);
		};

		let facts = Facts {
			is_patient,
			status,
			break_glass: entry.break_glass,
			glass: None,
			guardian: None,
			default_policy: entry.default_policy,
			care: org.and_then(|org| Cares::<T>::get(patient, org)).map(|care| care.until),
			agreement_required: org.is_some_and(|org| Self::agreement_required(org, request, custody, now)),
			agreements: Vec::new(),
			revision: entry.revision,
			standing,
		};
		consent::decide(request, &facts, &candidates, now)
	}

	/// Whether data may reach a member of the organisation only under an agreement with its custodian.
	fn agreement_required(org: OrgId, request: &Request, custody: Custody, now: Moment) -> bool {
		match request.resource.custodian {
			Some(custodian) if custodian == org => false,
			Some(custodian) => {
				T::Directory::organisation(custodian, now).is_none_or(|custodian| custodian.requires_agreement)
			}
			None => custody == Custody::Claimed,
		}
	}

	/// A patient.
	pub fn patient_view(patient: PatientId) -> Option<PatientView> {
		Patients::<T>::get(patient).map(|entry| PatientView {
			id: patient,
			controller: entry.controller,
			revision: entry.revision,
			break_glass: entry.break_glass,
			default_policy: entry.default_policy,
			label_epoch: entry.label_epoch,
			next_consent: entry.next_consent,
		})
	}

	/// The care relationship with an organisation, open or ended.
	pub fn care_view(patient: PatientId, org: OrgId) -> Option<CareView> {
		Cares::<T>::get(patient, org).map(|care| CareView {
			org,
			until: care.until,
			label_epoch: care.label_epoch,
			recipient: care.recipient,
			sealed_label_key: care.sealed_label_key.into_inner(),
		})
	}

	/// The patient's consents, latest first, those before the cursor.
	///
	/// At most [`MAX_PAGE`] and at least 1. A page may be short, or empty, where many consents were removed; there are
	/// more as long as it gives a cursor.
	pub fn consents_page(patient: PatientId, cursor: Option<ConsentId>, limit: u32) -> Page<ConsentView, ConsentId> {
		let now = Self::now();
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let given = Patients::<T>::get(patient).map_or(0, |entry| entry.next_consent);
		let before = cursor.map_or(given, |cursor| cursor.min(given));
		let lowest = before.saturating_sub(MAX_TRIES);

		let mut items: Vec<ConsentView> = Vec::new();
		for id in (lowest..before).rev() {
			let Some((consent, _)) = Consents::<T>::get(patient, id) else { continue };
			if items.len() == limit {
				return Page { next: items.last().map(|item| item.id), items };
			}
			let period = Period { from: consent.start, until: consent.end };
			let in_force = consent.status == ConsentStatus::Active && period.contains(now);
			items.push(ConsentView { id, in_force, consent });
		}
		Page { items, next: (lowest > 0).then_some(lowest) }
	}

	/// What an event of this pallet tells a patient.
	pub fn patient_event(event: &Event<T>) -> Option<(PatientId, PatientEvent)> {
		Some(match event {
			Event::PatientRegistered { patient, controller } => {
				(*patient, PatientEvent::Registered { controller: controller.clone() })
			}
			Event::PolicyChanged { patient, .. } => (*patient, PatientEvent::PolicyChanged),
			Event::CareOpened { patient, org, until } => {
				(*patient, PatientEvent::CareOpened { org: *org, until: *until })
			}
			Event::CareClosed { patient, org } => (*patient, PatientEvent::CareClosed { org: *org }),
			Event::ConsentGranted { patient, consent, supersedes } => {
				(*patient, PatientEvent::ConsentGranted { consent: *consent, supersedes: *supersedes })
			}
			Event::ConsentEnded { patient, consent, .. } => {
				(*patient, PatientEvent::ConsentEnded { consent: *consent })
			}
			// It had ended before.
			Event::ConsentRemoved { .. } | Event::__Ignore(..) => return None,
		})
	}
}

impl<T: Config> PatientsApi for Pallet<T> {
	fn controller(patient: &PatientId, _: Moment) -> Option<AccountId> {
		Patients::<T>::get(patient).map(|entry| entry.controller)
	}

	fn in_care(patient: &PatientId, org: OrgId, now: Moment) -> bool {
		Cares::<T>::get(patient, org).is_some_and(|care| now < care.until)
	}

	fn label_epoch(patient: &PatientId) -> Option<u32> {
		Patients::<T>::get(patient).map(|entry| entry.label_epoch)
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

	fn controller_weight() -> Weight {
		T::WeightInfo::read_controller()
	}

	fn in_care_weight() -> Weight {
		T::WeightInfo::in_care()
	}

	fn decide_weight() -> Weight {
		T::WeightInfo::decide(MAX_ACTIVE_CONSENTS)
			.saturating_add(T::Directory::standing_weight())
			.saturating_add(T::Directory::organisation_weight())
	}

	fn touch_weight() -> Weight {
		T::WeightInfo::touch()
	}
}
