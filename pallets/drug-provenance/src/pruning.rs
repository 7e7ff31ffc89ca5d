//! Removing what nothing needs any more.

use super::*;
use alloc::vec::Vec;

impl<T: Config> Pallet<T> {
	/// Removes what nothing needs any more, and returns its deposits.
	pub(crate) fn do_prune(what: Prunable) -> DispatchResult {
		let (batch, entries) = match what {
			Prunable::Dispenses { batch, units } => (batch, Self::prune_dispenses(batch, units.into_inner())?),
			Prunable::Parcel { batch, last } => (batch, Self::prune_parcel(batch, last)?),
			Prunable::Acknowledgement { batch, org } => (batch, Self::prune_acknowledgement(batch, org)?),
		};
		Self::deposit_event(Event::Pruned { batch, entries });
		Ok(())
	}

	/// Removes dispenses that can no longer be undone.
	fn prune_dispenses(batch: BatchId, units: Vec<u32>) -> Result<u32, DispatchError> {
		let now = Self::now();
		ensure!(!units.is_empty(), Error::<T>::Empty);
		let entries = units.len() as u32;
		for index in units {
			let exception = Exceptions::<T>::take(batch, Last(index)).ok_or(Error::<T>::NotPrunable)?;
			let past =
				exception.status == UnitStatus::Dispensed && now >= exception.at.saturating_add(T::UndoWindow::get());
			ensure!(past, Error::<T>::NotPrunable);
			exception.ticket.drop(&exception.by)?;
		}
		Ok(entries)
	}

	/// Removes a parcel of an expired batch whose units have all left the market, and the excursion on record for it.
	fn prune_parcel(id: BatchId, last: u32) -> Result<u32, DispatchError> {
		let mut batch = Batches::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let parcel = Parcels::<T>::get(id, Last(last)).ok_or(Error::<T>::NotFound)?;
		let len = last.saturating_sub(parcel.start).saturating_add(1);
		// A report of suspicion is settled with the goods it is about.
		let needed = parcel.parent.is_some()
			|| parcel.holds.contains(Hold::Suspect)
			|| parcel.inactive < len
			|| Self::now() < batch.expiry;
		ensure!(!needed, Error::<T>::NotPrunable);

		Parcels::<T>::remove(id, Last(last));
		parcel.ticket.drop(&parcel.by)?;
		batch.retired = batch.retired.saturating_add(len);
		Batches::<T>::insert(id, batch);
		let Some(excursion) = Excursions::<T>::take(id, Last(last)) else { return Ok(1) };
		excursion.ticket.drop(&excursion.by)?;
		Ok(2)
	}

	/// Removes an acknowledgement of a recall that was lifted.
	fn prune_acknowledgement(id: BatchId, org: OrgId) -> Result<u32, DispatchError> {
		let batch = Batches::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let acknowledgement = Acknowledgements::<T>::get(id, org).ok_or(Error::<T>::NotFound)?;
		ensure!(Self::recalls_of(id, &batch).is_empty(), Error::<T>::NotPrunable);

		Acknowledgements::<T>::remove(id, org);
		acknowledgement.ticket.drop(&acknowledgement.by)?;
		Ok(1)
	}
}
