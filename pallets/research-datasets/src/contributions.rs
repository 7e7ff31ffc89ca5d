//! Contributions: made under an attestation, ended at once or by the calendar.

use super::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_contribute(
		who: AccountId,
		input: ContributionInput,
		attestation: Option<Attestation>,
	) -> DispatchResult {
		let (now, today) = (Self::now(), Self::today());
		let id = input.dataset;
		let attester = match &attestation {
			None => who.clone(),
			Some(signed) => {
				ensure!(who == input.account, Error::<T>::NotAuthorized);
				let message = input.message(&Self::genesis());
				let holds = is_signed(&message, &signed.signature, &signed.attester);
				ensure!(holds, Error::<T>::InvalidAttestation);
				signed.attester.clone()
			}
		};
		let org = Self::attester(&attester, now)?;
		let fresh = input.at <= now && now - input.at <= ATTESTATION_WINDOW;
		ensure!(fresh, Error::<T>::InvalidAttestation);

		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		ensure!(dataset.state == DatasetState::Open, Error::<T>::WrongState);
		let open = dataset.groups.get(usize::from(input.group)).is_some_and(|group| group.open);
		ensure!(open, Error::<T>::InvalidGroup);
		let (start, end) = (today.saturating_add(1), day_of(input.until));
		let ahead = input.until.saturating_sub(now);
		ensure!(end > start && ahead <= MAX_CONTRIBUTION, Error::<T>::InvalidPeriod);
		ensure!(!Contributions::<T>::contains_key(id, input.pseudonym), Error::<T>::AlreadyExists);
		ensure!(!Nullifiers::<T>::contains_key(id, input.nullifier), Error::<T>::AlreadyContributed);

		if dataset.entries == 0 {
			Self::catch_up(id, &mut dataset);
		}
		dataset.entries = dataset.entries.checked_add(1).ok_or(Error::<T>::Exhausted)?;
		let contribution = Contribution {
			group: input.group,
			account: input.account,
			payee: None,
			attester: org,
			commitment: input.commitment,
			permit: input.permit,
			until: input.until,
			nullifier: input.nullifier,
			at: now,
			start,
			end,
			shares: T::Shares::get(),
			checkpoint: None,
			owed: U256::zero(),
			state: ContributionState::Live,
			ticket: T::Consideration::new(&who, Self::contribution_footprint())?,
			by: who,
		};
		Self::enter(id, &contribution);
		Nullifiers::<T>::insert(id, input.nullifier, input.pseudonym);
		Contributions::<T>::insert(id, input.pseudonym, contribution);
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::Contributed { dataset: id, pseudonym: input.pseudonym, group: input.group, org });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: AccountId, id: DatasetId, pseudonym: Pseudonym) -> DispatchResultWithPostInfo {
		let mut contribution = Contributions::<T>::get(id, pseudonym).ok_or(Error::<T>::NotFound)?;
		if who != contribution.account {
			let member = Self::member(&who, Self::now())?;
			ensure!(member.org == contribution.attester, Error::<T>::NotAuthorized);
		}
		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		Self::settle(id, &dataset, &mut contribution)?;
		ensure!(contribution.state == ContributionState::Live, Error::<T>::NotLive);
		Self::leave(id, &mut dataset, &mut contribution);
		let group = contribution.group;
		Contributions::<T>::insert(id, pseudonym, contribution);
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::ContributionWithdrawn { dataset: id, pseudonym, group });
		Ok(Pays::No.into())
	}

	pub(crate) fn do_remove_contribution(id: DatasetId, pseudonym: Pseudonym) -> DispatchResult {
		let mut contribution = Contributions::<T>::get(id, pseudonym).ok_or(Error::<T>::NotFound)?;
		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		Self::settle(id, &dataset, &mut contribution)?;
		if dataset.state == DatasetState::Retired {
			Self::leave(id, &mut dataset, &mut contribution);
		}
		ensure!(contribution.state != ContributionState::Live, Error::<T>::WrongState);
		// Otherwise the attestation that made it could make it again.
		let replayable = Self::now().saturating_sub(contribution.at) <= ATTESTATION_WINDOW;
		ensure!(!replayable, Error::<T>::TooEarly);
		let (units, _) = Rewards::whole(contribution.owed);
		ensure!(units < T::Currency::minimum_balance(), Error::<T>::Unclaimed);

		let remainder = dataset.rewards.remainder.checked_add(contribution.owed);
		dataset.rewards.remainder = remainder.ok_or(ArithmeticError::Overflow)?;
		dataset.entries = dataset.entries.saturating_sub(1);
		Nullifiers::<T>::remove(id, contribution.nullifier);
		Contributions::<T>::remove(id, pseudonym);
		Datasets::<T>::insert(id, dataset);
		contribution.ticket.drop(&contribution.by)?;
		Self::deposit_event(Event::ContributionRemoved { dataset: id, pseudonym });
		Ok(())
	}

	pub(crate) fn do_roll(id: DatasetId) -> DispatchResult {
		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		let days = Self::catch_up(id, &mut dataset);
		ensure!(days > 0, Error::<T>::NothingDue);
		let day = dataset.rolled;
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::Rolled { dataset: id, day });
		Ok(())
	}

	/// Hash of the chain's first block, which what is signed off chain is bound to.
	pub(crate) fn genesis() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}
}
