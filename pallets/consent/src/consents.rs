//! Giving, ending and removing consents.

use crate::{
	types::{consent_from, ActiveConsent, MAX_ORDINARY_CONSENTS},
	Config, Consents, DepositOf, Error, Event, Pallet, PatientOf,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Footprint};
use salus_primitives::{
	consent::{Capacity, Conditions, Consent, ConsentStatus},
	inputs::ConsentInput,
	AccountId, ConsentId, Moment, ObligationSet, PatientId,
};
use sp_runtime::{ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_grant(who: AccountId, patient: PatientId, input: ConsentInput) -> DispatchResult {
		let now = Self::now();
		let supersedes = input.supersedes;
		let id = Self::change_as(&who, &patient, now, Capacity::may_consent, |capacity, entry| {
			let start = Self::check_input(&input, now)?;
			let superseded = supersedes.map(|old| Self::live_consent(&patient, entry, old, now)).transpose()?;

			let id = Self::next_consent(entry)?;
			let consent = consent_from(input, who.clone(), capacity.guardianship(), start, ConsentStatus::Active);
			entry.active.retain(|active| Some(active.id) != supersedes);
			Self::activate(entry, id, &consent, now)?;

			let deposit = Self::take_deposit(&who, Footprint::from_encodable(&consent))?;
			if let Some((old, (superseded, deposit))) = supersedes.zip(superseded) {
				let superseded = Consent { status: ConsentStatus::Superseded, ..superseded };
				Consents::<T>::insert(patient, old, (superseded, deposit));
			}
			Consents::<T>::insert(patient, id, (consent, deposit));
			Ok(id)
		})?;
		if let Some(consent) = supersedes {
			let status = ConsentStatus::Superseded;
			Self::deposit_event(Event::ConsentEnded { patient, consent, status });
		}
		Self::deposit_event(Event::ConsentGranted { patient, consent: id, supersedes });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: AccountId, patient: PatientId, consent: ConsentId) -> DispatchResult {
		let now = Self::now();
		let status = Self::change_as(&who, &patient, now, Capacity::may_consent, |capacity, entry| {
			let ending = Self::live_consent(&patient, entry, consent, now)?;
			let status = match capacity {
				Capacity::Patient => ConsentStatus::Withdrawn,
				Capacity::Guardian { .. } => ConsentStatus::Revoked,
			};
			Self::end(&patient, entry, consent, ending, status);
			Ok(status)
		})?;
		Self::deposit_event(Event::ConsentEnded { patient, consent, status });
		Ok(())
	}

	pub(crate) fn do_enter_in_error(who: AccountId, patient: PatientId, consent: ConsentId) -> DispatchResult {
		let status = ConsentStatus::EnteredInError;
		Self::change_as(&who, &patient, Self::now(), Capacity::may_consent, |_, entry| {
			let ending = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
			ensure!(ending.0.status == ConsentStatus::Active, Error::<T>::NotActive);
			Self::end(&patient, entry, consent, ending, status);
			Ok(())
		})?;
		Self::deposit_event(Event::ConsentEnded { patient, consent, status });
		Ok(())
	}

	pub(crate) fn do_remove_consent(who: AccountId, patient: PatientId, consent: ConsentId) -> DispatchResult {
		let now = Self::now();
		Self::change_as(&who, &patient, now, Capacity::may_consent, |_, entry| {
			let (stored, deposit) = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
			let is_live = match stored.status {
				ConsentStatus::Proposed => true,
				ConsentStatus::Active => entry.is_live(consent, now),
				_ => false,
			};
			ensure!(!is_live, Error::<T>::StillActive);
			Self::return_deposit(deposit)?;
			entry.active.retain(|active| active.id != consent);
			Consents::<T>::remove(patient, consent);
			Ok(())
		})?;
		Self::deposit_event(Event::ConsentRemoved { patient, consent });
		Ok(())
	}

	/// Checks what can be checked without storage, and returns when the consent starts.
	pub(crate) fn check_input(input: &ConsentInput, now: Moment) -> Result<Moment, DispatchError> {
		let check = |conditions: &Conditions| conditions.validate().map_err(Error::<T>::from);
		check(&input.root)?;
		for rule in &input.rules {
			check(&rule.conditions)?;
			ensure!(ObligationSet::is_known(rule.obligations), Error::<T>::UnknownCode);
		}
		let start = input.start.unwrap_or(now);
		ensure!(now <= start, Error::<T>::StartInPast);
		if let Some(end) = input.end {
			ensure!(now < end, Error::<T>::EndInPast);
			ensure!(start < end, Error::<T>::EndBeforeStart);
		}
		ensure!(input.supersedes.is_none() || start == now, Error::<T>::StartInFuture);
		Ok(start)
	}

	/// Gives the patient's next number.
	pub(crate) fn next_consent(entry: &mut PatientOf<T>) -> Result<ConsentId, DispatchError> {
		let id = entry.next_consent;
		entry.next_consent = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Ok(id)
	}

	/// Lists an active consent in the index, from which those that are over go.
	pub(crate) fn activate(
		entry: &mut PatientOf<T>,
		id: ConsentId,
		consent: &Consent,
		now: Moment,
	) -> Result<(), DispatchError> {
		let mut listed = core::mem::take(&mut entry.active);
		listed.retain(|active| !entry.is_over(active, now));
		entry.active = listed;

		let active = ActiveConsent::of(id, consent);
		let ordinary = entry.active.iter().filter(|active| !active.is_denial).count();
		// A proposal that is accepted has a lower number than what was granted meanwhile.
		let position = entry.active.partition_point(|listed| listed.id < id);
		entry.active.try_insert(position, active).map_err(|_| Error::<T>::TooManyConsents)?;
		ensure!(active.is_denial || ordinary < MAX_ORDINARY_CONSENTS, Error::<T>::SlotKeptForDenial);
		Ok(())
	}

	/// An active consent that is not over.
	fn live_consent(
		patient: &PatientId,
		entry: &PatientOf<T>,
		consent: ConsentId,
		now: Moment,
	) -> Result<(Consent, DepositOf<T>), DispatchError> {
		let found = Consents::<T>::get(patient, consent).ok_or(Error::<T>::ConsentNotFound)?;
		ensure!(found.0.status == ConsentStatus::Active, Error::<T>::NotActive);
		ensure!(entry.is_live(consent, now), Error::<T>::Expired);
		Ok(found)
	}

	/// Ends an active consent.
	fn end(
		patient: &PatientId,
		entry: &mut PatientOf<T>,
		id: ConsentId,
		(consent, deposit): (Consent, DepositOf<T>),
		status: ConsentStatus,
	) {
		entry.active.retain(|active| active.id != id);
		Consents::<T>::insert(patient, id, (Consent { status, ..consent }, deposit));
	}
}
