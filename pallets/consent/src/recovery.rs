//! Another account for a patient who lost the controller's key.

use crate::{
	types::{Recovery, MAX_FRIENDS, MAX_RECOVERY_DELAY, MIN_RECOVERY_DELAY},
	Config, Error, Event, Pallet, Recoveries, RecoveryOf,
};
use alloc::vec;
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{ConstU32, Footprint},
	BoundedVec,
};
use salus_primitives::{consent::Capacity, inputs::Friend, traits::Directory, AccountId, Moment, PatientId};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_friends(
		who: AccountId,
		patient: PatientId,
		friends: BoundedVec<Friend, ConstU32<MAX_FRIENDS>>,
		threshold: u8,
		delay: Moment,
	) -> DispatchResult {
		let now = Self::now();
		Self::change_as(&who, &patient, now, Capacity::is_full, |_, _| {
			let replaced = Recoveries::<T>::get(patient).map(|recovery| recovery.deposit);
			if friends.is_empty() {
				Self::return_deposit(replaced.ok_or(Error::<T>::RecoveryNotFound)?)?;
				Recoveries::<T>::remove(patient);
				return Ok(());
			}
			let is_twice = |(index, friend): (usize, &Friend)| friends[..index].contains(friend);
			ensure!(!friends.iter().enumerate().any(is_twice), Error::<T>::DuplicateFriend);
			ensure!((1..=friends.len()).contains(&threshold.into()), Error::<T>::WrongThreshold);
			ensure!((MIN_RECOVERY_DELAY..=MAX_RECOVERY_DELAY).contains(&delay), Error::<T>::WrongDelay);
			let is_known = |friend: &Friend| match friend {
				Friend::Account(_) => true,
				Friend::Org(org) => T::Directory::organisation(*org, now).is_some(),
			};
			ensure!(friends.iter().all(is_known), Error::<T>::OrganisationNotFound);

			let deposit = Self::replace_deposit(replaced, &who, Footprint::from_mel::<RecoveryOf<T>>())?;
			let votes = BoundedVec::truncate_from(vec![None; friends.len()]);
			Recoveries::<T>::insert(patient, Recovery { friends, threshold, delay, votes, due: None, deposit });
			Ok(())
		})?;
		Self::deposit_event(Event::FriendsChanged { patient });
		Ok(())
	}

	pub(crate) fn do_vouch(who: AccountId, patient: PatientId, account: AccountId) -> DispatchResult {
		let now = Self::now();
		let (due, was_due) = Self::change(&patient, |entry| {
			let mut recovery = Recoveries::<T>::get(patient).ok_or(Error::<T>::RecoveryNotFound)?;
			let vote = (account != entry.controller).then(|| account.clone());
			let mut is_friend = false;
			for (friend, voice) in recovery.friends.iter().zip(recovery.votes.iter_mut()) {
				if Self::speaks_for(&who, friend, now) {
					voice.clone_from(&vote);
					is_friend = true;
				}
			}
			ensure!(is_friend, Error::<T>::NotAuthorized);

			// What the friends agreed on stays due until they no longer agree on it.
			let still_due = recovery.due.take().filter(|(account, _)| recovery.is_agreed(account));
			let was_due = still_due.is_some();
			let newly_due = || {
				let agreed = recovery.votes.iter().flatten().find(|account| recovery.is_agreed(account))?;
				Some((agreed.clone(), now.saturating_add(recovery.delay)))
			};
			recovery.due = still_due.or_else(newly_due);
			let due = recovery.due.clone();
			Recoveries::<T>::insert(patient, recovery);
			Ok((due, was_due))
		})?;
		let (due, other) = match due {
			Some((of, due)) if of == account => (Some(due), None),
			other => (None, other.filter(|_| !was_due)),
		};
		Self::deposit_event(Event::RecoveryVouched { patient, account, due });
		if let Some((account, due)) = other {
			// The voice was all that kept the friends of another account from being heard.
			Self::deposit_event(Event::RecoveryVouched { patient, account, due: Some(due) });
		}
		Ok(())
	}

	pub(crate) fn do_stop_recovery(who: AccountId, patient: PatientId) -> DispatchResult {
		let now = Self::now();
		Self::change(&patient, |entry| {
			// Also the ward of a minor: the account is theirs, and guardians may not give it away unopposed.
			let may_stop = who == entry.controller
				|| entry.is_minor(now) && entry.capacity(&who, now).is_some_and(|capacity| capacity.is_full());
			ensure!(may_stop, Error::<T>::NotAuthorized);
			let mut recovery = Recoveries::<T>::get(patient).ok_or(Error::<T>::RecoveryNotFound)?;
			ensure!(recovery.votes.iter().any(Option::is_some), Error::<T>::RecoveryNotFound);
			recovery.forget_votes();
			Recoveries::<T>::insert(patient, recovery);
			Ok(())
		})?;
		Self::deposit_event(Event::RecoveryStopped { patient });
		Ok(())
	}

	pub(crate) fn do_finish_recovery(patient: PatientId) -> DispatchResult {
		let now = Self::now();
		let controller = Self::change(&patient, |entry| {
			let mut recovery = Recoveries::<T>::get(patient).ok_or(Error::<T>::RecoveryNotFound)?;
			let (account, due) = recovery.due.clone().ok_or(Error::<T>::NotDue)?;
			ensure!(due <= now, Error::<T>::NotDue);
			recovery.forget_votes();
			Recoveries::<T>::insert(patient, recovery);
			entry.controller = account.clone();
			Ok(account)
		})?;
		Self::deposit_event(Event::ControllerChanged { patient, controller });
		Ok(())
	}

	fn speaks_for(who: &AccountId, friend: &Friend, now: Moment) -> bool {
		match friend {
			Friend::Account(account) => account == who,
			Friend::Org(org) => {
				T::Directory::is_admin(*org, who)
					&& T::Directory::organisation(*org, now).is_some_and(|standing| standing.active)
			}
		}
	}
}

impl<Ticket> Recovery<Ticket> {
	/// Whether enough friends vouch for the account.
	fn is_agreed(&self, account: &AccountId) -> bool {
		self.votes.iter().filter(|vote| vote.as_ref() == Some(account)).count() >= usize::from(self.threshold)
	}

	fn forget_votes(&mut self) {
		self.votes.iter_mut().for_each(|vote| *vote = None);
		self.due = None;
	}
}
