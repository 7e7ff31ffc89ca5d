//! Minors, and who acts for whom.

use crate::{
	types::{Guardian, MAX_MINORITY},
	Config, Error, Event, Pallet,
};
use frame_support::{dispatch::DispatchResult, ensure};
use salus_primitives::{
	consent::{BreakGlass, Capacity, DefaultPolicy, GuardianScope, Period, Relationship},
	inputs::GuardianInput,
	AccountId, GuardianshipId, Moment, PatientId,
};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_minor(
		who: AccountId,
		patient: PatientId,
		default_policy: DefaultPolicy,
		break_glass: BreakGlass,
		ward: AccountId,
		majority: Moment,
		relationship: Relationship,
	) -> DispatchResult {
		let now = Self::now();
		ensure!(ward != who, Error::<T>::SelfGuardian);
		ensure!(now < majority && majority <= now.saturating_add(MAX_MINORITY), Error::<T>::WrongMajority);
		let guardian = Guardian {
			number: 0,
			account: who.clone(),
			appointed_by: who.clone(),
			relationship,
			scope: GuardianScope::Full,
			period: Period { from: now, until: Some(majority) },
		};
		let minority = Some((guardian, majority));
		Self::insert_patient(&who, patient, ward.clone(), default_policy, break_glass, minority)?;
		Self::deposit_event(Event::PatientRegistered { patient, controller: ward });
		Self::deposit_event(Event::GuardianAppointed { patient, number: 0, account: who });
		Ok(())
	}

	pub(crate) fn do_appoint_guardian(who: AccountId, patient: PatientId, input: GuardianInput) -> DispatchResult {
		let now = Self::now();
		let GuardianInput { account, relationship, scope, from, until } = input;
		let number = Self::change(&patient, |entry| {
			let may_appoint = match entry.capacity(&who, now) {
				Some(Capacity::Patient) => true,
				Some(capacity) => capacity.is_full() && entry.is_minor(now),
				None => false,
			};
			ensure!(may_appoint, Error::<T>::NotAuthorized);
			ensure!(account != entry.controller, Error::<T>::SelfGuardian);
			ensure!(entry.guardianship_of(&account, now).is_none(), Error::<T>::AlreadyExists);

			// Nobody who was appointed for a minor keeps authority over the adult.
			let stated = Period { from: from.unwrap_or(now), until };
			let minority = Period { from: now, until: entry.minor_until.filter(|majority| now < *majority) };
			ensure!(now <= stated.from, Error::<T>::StartInPast);
			let period = stated.within(minority);
			if let Some(until) = period.until {
				ensure!(now < until, Error::<T>::EndInPast);
				ensure!(period.from < until, Error::<T>::EndBeforeStart);
			}

			let number = entry.next_guardian;
			entry.next_guardian = number.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			entry.guardians.retain(|guardian| !guardian.has_ended(now));
			let account = account.clone();
			let guardian = Guardian { number, account, appointed_by: who, relationship, scope, period };
			entry.guardians.try_push(guardian).map_err(|_| Error::<T>::TooManyGuardians)?;
			Ok(number)
		})?;
		Self::deposit_event(Event::GuardianAppointed { patient, number, account });
		Ok(())
	}

	pub(crate) fn do_end_guardian(who: AccountId, patient: PatientId, number: GuardianshipId) -> DispatchResult {
		let now = Self::now();
		Self::change(&patient, |entry| {
			let index = entry
				.guardians
				.iter()
				.position(|guardian| guardian.number == number)
				.ok_or(Error::<T>::GuardianNotFound)?;
			let guardian = &entry.guardians[index];
			let may_end = who == guardian.account
				|| match entry.capacity(&who, now) {
					Some(Capacity::Patient) => true,
					// An account that lost its authority, or its key, ends nobody's.
					Some(capacity) => capacity.is_full() && who == guardian.appointed_by,
					None => false,
				};
			ensure!(may_end, Error::<T>::NotAuthorized);
			entry.guardians.remove(index);
			Ok(())
		})?;
		Self::deposit_event(Event::GuardianEnded { patient, number });
		Ok(())
	}
}
