//! Handing a record over to another custodian, with both organisations' and the patient's agreement.

use super::*;
use access::may_keep_records;

impl<T: Config> Pallet<T> {
	/// Offers a record to another organisation, in place of any earlier offer.
	pub(crate) fn do_offer(who: AccountId, patient: PatientId, record: RecordId, to: OrgId) -> DispatchResult {
		let now = Self::now();
		let stored = Records::<T>::get(patient, record).ok_or(Error::<T>::NotFound)?;
		let from = stored.custodian.ok_or(Error::<T>::NotAuthorized)?;
		ensure!(Self::member(&who, now)?.org == from, Error::<T>::NotAuthorized);
		ensure!(stored.stands(), Error::<T>::WrongStatus);
		ensure!(to != from, Error::<T>::SameCustodian);
		let receiver = T::Directory::organisation(to, now).ok_or(Error::<T>::NotAccredited)?;
		ensure!(receiver.active && may_keep_records(receiver.roles), Error::<T>::NotAccredited);

		Self::end_offer(patient, record)?;
		let ticket = T::Consideration::new(&who, Self::offer_footprint())?;
		CustodyOffers::<T>::insert(patient, record, CustodyOffer { to, approved: false, by: who, ticket });
		Self::deposit_event(Event::CustodyOffered { patient, record, from, to });
		Ok(())
	}

	/// Says for the patient that the organisation may have the record.
	pub(crate) fn do_approve(who: AccountId, patient: PatientId, record: RecordId, to: OrgId) -> DispatchResult {
		Self::ensure_patient(&who, &patient, Self::now())?;
		CustodyOffers::<T>::try_mutate(patient, record, |offer| {
			let offer = offer.as_mut().filter(|offer| offer.to == to).ok_or(Error::<T>::NotOffered)?;
			offer.approved = true;
			Ok::<_, DispatchError>(())
		})?;
		Self::deposit_event(Event::CustodyApproved { patient, record, to });
		Ok(())
	}

	/// Makes the organisation that a record was offered to its custodian.
	pub(crate) fn do_accept(who: AccountId, patient: PatientId, record: RecordId, locator: Locator) -> DispatchResult {
		let offer = CustodyOffers::<T>::get(patient, record).ok_or(Error::<T>::NotOffered)?;
		let member = Self::member(&who, Self::now())?;
		ensure!(member.org == offer.to, Error::<T>::NotAuthorized);
		ensure!(may_keep_records(member.org_roles), Error::<T>::NotAccredited);
		ensure!(offer.approved, Error::<T>::NotPermitted);
		ensure!(valid_locator(&locator), Error::<T>::InvalidLocator);

		let from = Records::<T>::try_mutate(patient, record, |stored| {
			let stored = stored.as_mut().ok_or(Error::<T>::NotFound)?;
			stored.locator = locator;
			// What is on offer exists and has a custodian.
			Ok::<_, DispatchError>(stored.custodian.replace(offer.to).ok_or(Error::<T>::NotFound)?)
		})?;
		CustodyOffers::<T>::remove(patient, record);
		offer.ticket.drop(&offer.by)?;
		T::Patients::touch(&patient)?;
		Self::deposit_event(Event::CustodyChanged { patient, record, from, to: offer.to });
		Ok(())
	}

	/// Takes an offer back, or refuses it.
	pub(crate) fn do_withdraw_offer(who: AccountId, patient: PatientId, record: RecordId) -> DispatchResult {
		let offer = CustodyOffers::<T>::get(patient, record).ok_or(Error::<T>::NotOffered)?;
		let now = Self::now();
		if !Self::acts_in_full(&who, &patient, now) {
			let org = Some(Self::member(&who, now)?.org);
			let custodian = Records::<T>::get(patient, record).and_then(|stored| stored.custodian);
			ensure!(org == custodian || org == Some(offer.to), Error::<T>::NotAuthorized);
		}
		Self::end_offer(patient, record)
	}

	/// Removes the offer of a record, if there is one.
	pub(crate) fn end_offer(patient: PatientId, record: RecordId) -> DispatchResult {
		if let Some(offer) = CustodyOffers::<T>::take(patient, record) {
			offer.ticket.drop(&offer.by)?;
			Self::deposit_event(Event::CustodyOfferEnded { patient, record, to: offer.to });
		}
		Ok(())
	}
}
