//! Who may do what.

use super::*;

impl<T: Config> Pallet<T> {
	/// Membership of an account in standing.
	pub(crate) fn member(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		match T::Directory::standing(who, now) {
			Standing::Active(member) if member.until.is_none_or(|until| now < until) => Ok(member),
			_ => Err(Error::NotAuthorized),
		}
	}

	/// Membership of an account in standing that is a gateway's.
	pub(crate) fn gateway(who: &AccountId, now: Moment) -> Result<Membership, Error<T>> {
		let member = Self::member(who, now)?;
		ensure!(member.roles.contains(MemberRole::Gateway), Error::NotAuthorized);
		Ok(member)
	}

	/// Whether the account may do everything the patient may: the patient, or a guardian in authority over everything.
	pub(crate) fn acts_in_full(who: &AccountId, patient: &PatientId, now: Moment) -> bool {
		T::Patients::capacity(patient, who, now).is_some_and(|capacity| capacity.is_full())
	}

	/// Refuses who may not do everything the patient may.
	pub(crate) fn ensure_patient(who: &AccountId, patient: &PatientId, now: Moment) -> Result<(), Error<T>> {
		if Self::acts_in_full(who, patient, now) {
			return Ok(());
		}
		ensure!(T::Patients::exists(patient), Error::UnknownPatient);
		Err(Error::NotAuthorized)
	}

	/// Refuses who does not keep the record.
	pub(crate) fn ensure_keeper(
		who: &AccountId,
		patient: &PatientId,
		record: &Record<TicketOf<T>>,
		now: Moment,
	) -> Result<(), Error<T>> {
		match record.custodian {
			Some(org) => {
				ensure!(Self::member(who, now)?.org == org, Error::NotAuthorized);
				Ok(())
			}
			None => Self::ensure_patient(who, patient, now),
		}
	}

	/// Weight of telling whether the signer acts for the patient in full: the capacity, and whether there is such a
	/// patient.
	pub(crate) fn patient_weight() -> Weight {
		T::Patients::lookup_weight().saturating_mul(2)
	}

	/// Weight of telling whether the signer keeps a record.
	pub(crate) fn keeper_weight() -> Weight {
		T::Directory::standing_weight().max(Self::patient_weight())
	}
}

/// Whether an organisation so accredited may keep records.
pub(crate) fn may_keep_records(roles: OrgRoleSet) -> bool {
	roles.contains(OrgRole::Provider) || roles.contains(OrgRole::Dispenser)
}
