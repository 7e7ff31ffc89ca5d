//! Restricting, entering in error and shredding.

use super::*;

impl<T: Config> Pallet<T> {
	/// Keeps a record from everybody but the patient.
	pub(crate) fn do_restrict(who: AccountId, patient: PatientId, record: RecordId) -> DispatchResult {
		Self::ensure_patient(&who, &patient, Self::now())?;
		Self::change_status(patient, record, |stored| {
			ensure!(matches!(stored.status, RecordStatus::Active | RecordStatus::Amended), Error::<T>::WrongStatus);
			Ok(RecordStatus::Restricted)
		})
	}

	/// Ends a record's restriction.
	pub(crate) fn do_lift_restriction(who: AccountId, patient: PatientId, record: RecordId) -> DispatchResult {
		Self::ensure_patient(&who, &patient, Self::now())?;
		Self::change_status(patient, record, |stored| {
			ensure!(stored.status == RecordStatus::Restricted, Error::<T>::WrongStatus);
			Ok(stored.unrestricted_status())
		})
	}

	/// Marks a record as one that should never have been.
	pub(crate) fn do_enter_in_error(who: AccountId, patient: PatientId, record: RecordId) -> DispatchResult {
		Self::change_status(patient, record, |stored| {
			Self::ensure_keeper(&who, &patient, stored, Self::now())?;
			ensure!(stored.stands(), Error::<T>::WrongStatus);
			Ok(RecordStatus::EnteredInError)
		})?;
		Self::end_offer(patient, record)
	}

	/// Leaves a record's tombstone.
	pub(crate) fn do_shred(who: AccountId, patient: PatientId, record: RecordId) -> DispatchResult {
		Self::change_status(patient, record, |stored| {
			Self::ensure_keeper(&who, &patient, stored, Self::now())?;
			ensure!(stored.status != RecordStatus::Shredded, Error::<T>::WrongStatus);
			stored.ticket = stored.ticket.clone().update(&stored.author, Self::tombstone_footprint())?;
			stored.locator = Default::default();
			stored.labels = 0;
			stored.episode = None;
			Ok(RecordStatus::Shredded)
		})?;
		Self::end_offer(patient, record)
	}

	/// Changes a record and its status as `change` says, or leaves everything as it was.
	fn change_status(
		patient: PatientId,
		record: RecordId,
		change: impl FnOnce(&mut Record<TicketOf<T>>) -> Result<RecordStatus, DispatchError>,
	) -> DispatchResult {
		let status = Records::<T>::try_mutate(patient, record, |stored| {
			let stored = stored.as_mut().ok_or(Error::<T>::NotFound)?;
			stored.status = change(stored)?;
			Ok::<_, DispatchError>(stored.status)
		})?;
		T::Patients::touch(&patient)?;
		Self::deposit_event(Event::RecordStatusChanged { patient, record, status });
		Ok(())
	}
}
