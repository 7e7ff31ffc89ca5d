//! Records and their versions.

use super::*;
use access::may_keep_records;

impl<T: Config> Pallet<T> {
	/// Anchors records and tells what that really cost the capability traits.
	pub(crate) fn do_anchor(
		who: AccountId,
		patient: PatientId,
		inputs: impl Iterator<Item = RecordInput>,
	) -> Result<Weight, DispatchError> {
		let now = Self::now();
		let label_epoch = T::Patients::label_epoch(&patient).ok_or(Error::<T>::UnknownPatient)?;
		let custodian = if Self::acts_in_full(&who, &patient, now) {
			None
		} else {
			let member = Self::member(&who, now)?;
			ensure!(may_keep_records(member.org_roles), Error::<T>::NotAccredited);
			Some(member.org)
		};
		let permit_needed = custodian.is_some_and(|org| !T::Patients::in_care(&patient, org, now));

		let mut decisions = 0;
		for input in inputs {
			let (record, commitment) = (input.id, input.commitment);
			Self::ensure_valid(&input, label_epoch)?;
			ensure!(!Records::<T>::contains_key(patient, record), Error::<T>::AlreadyExists);
			let anchored = Record::new(input, custodian, who.clone(), ());
			if permit_needed {
				let request = Request {
					actor: who.clone(),
					purpose: Purpose::Treat,
					action: Action::Collect,
					resource: anchored.resource(record, Some(label_epoch)),
				};
				decisions += 1;
				let decision = T::Patients::decide(&patient, &request, anchored.status, now);
				ensure!(decision.is_permit(), Error::<T>::NotPermitted);
			}
			let ticket = T::Consideration::new(&who, Self::record_footprint())?;
			Records::<T>::insert(patient, record, anchored.with_ticket(ticket));
			Self::deposit_event(Event::RecordAnchored { patient, record, custodian, author: who.clone(), commitment });
		}
		T::Patients::touch(&patient)?;

		Ok(Self::anchoring_weight(custodian.is_some(), decisions))
	}

	/// Replaces what a record says.
	pub(crate) fn do_amend(who: AccountId, patient: PatientId, input: RecordInput) -> DispatchResult {
		let stored = Records::<T>::get(patient, input.id).ok_or(Error::<T>::NotFound)?;
		Self::ensure_keeper(&who, &patient, &stored, Self::now())?;
		ensure!(stored.stands(), Error::<T>::WrongStatus);
		let epoch = T::Patients::label_epoch(&patient).ok_or(Error::<T>::UnknownPatient)?;
		Self::ensure_valid(&input, epoch)?;
		let version = stored.version.checked_add(1).ok_or(Error::<T>::TooManyVersions)?;

		let (record, replaced, commitment) = (input.id, stored.commitment, input.commitment);
		let restricted = stored.status == RecordStatus::Restricted;
		let mut next = Record { version, ..Record::new(input, stored.custodian, stored.author, stored.ticket) };
		next.status = if restricted { RecordStatus::Restricted } else { next.unrestricted_status() };
		Records::<T>::insert(patient, record, next);
		// What was offered, and perhaps handed over already, is not this version.
		Self::end_offer(patient, record)?;
		T::Patients::touch(&patient)?;
		Self::deposit_event(Event::RecordAmended { patient, record, version, by: who, replaced, commitment });
		Ok(())
	}

	fn ensure_valid(record: &RecordInput, label_epoch: u32) -> Result<(), Error<T>> {
		ensure!(record.label_epoch == label_epoch, Error::WrongLabelEpoch);
		ensure!(record.data_from <= record.data_to, Error::InvertedPeriod);
		ensure!(valid_locator(&record.locator), Error::InvalidLocator);
		Ok(())
	}

	/// What anchoring asks of the capability traits, for an organisation or the patient, with so many decisions.
	///
	/// The decisions are about one patient and one actor, so they read the same entries and the proof holds these once.
	pub(crate) fn anchoring_weight(by_organisation: bool, decisions: u32) -> Weight {
		// The label epoch and the signer's capacity.
		let mut weight = T::Patients::lookup_weight().saturating_mul(2).saturating_add(T::Patients::touch_weight());
		if by_organisation {
			weight.saturating_accrue(T::Directory::standing_weight().saturating_add(T::Patients::in_care_weight()));
		}
		if decisions > 0 {
			let decide = T::Patients::decide_weight();
			let again = Weight::from_parts(decide.ref_time(), 0).saturating_mul(u64::from(decisions) - 1);
			weight.saturating_accrue(decide.saturating_add(again));
		}
		weight
	}
}

/// Whether a locator can be: not empty, printable ASCII without spaces.
pub fn valid_locator(locator: &[u8]) -> bool {
	!locator.is_empty() && locator.iter().all(u8::is_ascii_graphic)
}
