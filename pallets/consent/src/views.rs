//! What runtime APIs answer, and what patients are told of events.

use crate::{Cares, Config, Consents, Event, Glasses, Pallet, Patients, Recoveries};
use alloc::vec::Vec;
use salus_primitives::{
	views::{CareView, ConsentView, GlassView, GuardianView, Page, PatientEvent, PatientView, RecoveryView, MAX_PAGE},
	AccountId, ConsentId, OrgId, PatientId,
};

/// Numbers that a page of consents tries at most, most of which may belong to removed consents.
const MAX_TRIES: u32 = 10 * MAX_PAGE;

impl<T: Config> Pallet<T> {
	/// A patient.
	pub fn patient_view(patient: PatientId) -> Option<PatientView> {
		let now = Self::now();
		Patients::<T>::get(patient).map(|entry| PatientView {
			id: patient,
			controller: entry.controller,
			minor_until: entry.minor_until,
			guardians: entry
				.guardians
				.into_iter()
				.map(|guardian| GuardianView {
					number: guardian.number,
					account: guardian.account,
					relationship: guardian.relationship,
					scope: guardian.scope,
					period: guardian.period,
					in_authority: guardian.period.contains(now),
				})
				.collect(),
			proposals: entry
				.proposals
				.iter()
				.filter(|proposal| now < proposal.until)
				.map(|proposal| proposal.id)
				.collect(),
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
		let Some(entry) = Patients::<T>::get(patient) else { return Page { items: Vec::new(), next: None } };
		let now = Self::now();
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let before = cursor.map_or(entry.next_consent, |cursor| cursor.min(entry.next_consent));
		let lowest = before.saturating_sub(MAX_TRIES);
		let is_in_force =
			|id| entry.active.iter().any(|active| active.id == id && entry.period_of(active).contains(now));

		let mut items: Vec<ConsentView> = Vec::new();
		for id in (lowest..before).rev() {
			let Some((consent, _)) = Consents::<T>::get(patient, id) else { continue };
			if items.len() == limit {
				return Page { next: items.last().map(|item| item.id), items };
			}
			items.push(ConsentView { id, in_force: is_in_force(id), consent });
		}
		Page { items, next: (lowest > 0).then_some(lowest) }
	}

	/// Emergency accesses to the patient's records, in the order of storage, those after the cursor; from 1 to
	/// [`MAX_PAGE`] of them.
	pub fn glasses_page(patient: PatientId, cursor: Option<AccountId>, limit: u32) -> Page<GlassView, AccountId> {
		let mut stored = match cursor {
			Some(cursor) => Glasses::<T>::iter_prefix_from(patient, Glasses::<T>::hashed_key_for(patient, cursor)),
			None => Glasses::<T>::iter_prefix(patient),
		};
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let items: Vec<_> = stored
			.by_ref()
			.take(limit)
			.map(|(actor, glass)| GlassView {
				actor,
				org: glass.org,
				reason: glass.reason,
				justification: glass.justification,
				opened: glass.opened,
				until: glass.until,
				review_due: glass.review_due,
				review: glass.review,
				objection: glass.objection,
			})
			.collect();
		let next = stored.next().and_then(|_| items.last().map(|glass| glass.actor.clone()));
		Page { items, next }
	}

	/// Who may help with a lost key, and what is under way; `None` if the patient chose nobody.
	pub fn recovery_view(patient: PatientId) -> Option<RecoveryView> {
		Recoveries::<T>::get(patient).map(|recovery| RecoveryView {
			friends: recovery.friends.into_inner(),
			threshold: recovery.threshold,
			delay: recovery.delay,
			vouches: recovery.votes.into_inner(),
			due: recovery.due,
		})
	}

	/// What an event of this pallet tells a patient.
	pub fn patient_event(event: &Event<T>) -> Option<(PatientId, PatientEvent)> {
		Some(match event.clone() {
			Event::PatientRegistered { patient, controller } => (patient, PatientEvent::Registered { controller }),
			Event::PolicyChanged { patient, .. } => (patient, PatientEvent::PolicyChanged),
			Event::CareOpened { patient, org, until } => (patient, PatientEvent::CareOpened { org, until }),
			Event::CareClosed { patient, org } => (patient, PatientEvent::CareClosed { org }),
			Event::ConsentGranted { patient, consent, supersedes } => {
				(patient, PatientEvent::ConsentGranted { consent, supersedes })
			}
			Event::ConsentEnded { patient, consent, .. } => (patient, PatientEvent::ConsentEnded { consent }),
			Event::GuardianAppointed { patient, number, account } => {
				(patient, PatientEvent::GuardianAppointed { number, account })
			}
			Event::GuardianEnded { patient, number } => (patient, PatientEvent::GuardianEnded { number }),
			Event::ConsentProposed { patient, consent, org } => {
				(patient, PatientEvent::ConsentProposed { consent, org })
			}
			Event::GlassBroken { patient, actor, org, reason, until } => {
				(patient, PatientEvent::GlassBroken { actor, org, reason, until })
			}
			Event::GlassReviewed { patient, actor, finding } => {
				(patient, PatientEvent::GlassReviewed { actor, finding })
			}
			Event::GlassObjected { patient, actor } => (patient, PatientEvent::GlassObjected { actor }),
			Event::FriendsChanged { patient } => (patient, PatientEvent::FriendsChanged),
			Event::RecoveryVouched { patient, account, due } => {
				(patient, PatientEvent::RecoveryVouched { account, due })
			}
			Event::RecoveryStopped { patient } => (patient, PatientEvent::RecoveryStopped),
			Event::ControllerChanged { patient, controller } => {
				(patient, PatientEvent::ControllerChanged { controller })
			}
			// They had ended before.
			Event::ConsentRemoved { .. } | Event::GlassRemoved { .. } | Event::__Ignore(..) => return None,
		})
	}
}
