//! Datasets, their groups and their committee.

use super::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_create(who: AccountId, input: DatasetInput) -> DispatchResult {
		let steward = Self::founder(&who, Self::now())?;
		let id = NextDataset::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::Exhausted)?;
		let seed = T::Currency::minimum_balance();
		let mut dataset = Dataset {
			steward,
			state: DatasetState::Draft,
			schema: input.schema,
			content: input.content,
			fee: input.fee,
			policy_version: 0,
			groups: Default::default(),
			shares: 0,
			rewards: Default::default(),
			funded: 0,
			paid: 0,
			swept: 0,
			rolled: Self::today(),
			entries: 0,
			requests: 0,
			seed,
			committee: Default::default(),
			ticket: T::Consideration::new(&who, Self::dataset_footprint())?,
			by: who.clone(),
		};
		for group in input.data_use {
			Self::append(id, &mut dataset, &who, group)?;
		}
		dataset.policy_version = 1;
		dataset.groups.iter_mut().for_each(|group| group.version = 1);
		T::Currency::transfer(&who, &Self::account(id), seed, Preservation::Preserve)?;
		Datasets::<T>::insert(id, dataset);
		NextDataset::<T>::put(next);
		Self::deposit_event(Event::DatasetCreated { dataset: id, steward });
		Ok(())
	}

	/// Gives the dataset one group more, under the next version of its policy.
	fn append(id: DatasetId, dataset: &mut Dataset<TicketOf<T>>, who: &AccountId, group: Group) -> DispatchResult {
		group.check().map_err(|_| Error::<T>::InvalidTerms)?;
		let index = dataset.groups.len() as u8;
		let version = Self::next_version(dataset)?;
		let state = GroupState { version, open: true, contributors: 0 };
		dataset.groups.try_push(state).map_err(|_| Error::<T>::TooMany)?;
		let ticket = T::Consideration::new(who, Self::terms_footprint(&group))?;
		Groups::<T>::insert(id, index, Terms { group, by: who.clone(), ticket });
		Ok(())
	}

	fn next_version(dataset: &mut Dataset<TicketOf<T>>) -> Result<u32, Error<T>> {
		dataset.policy_version = dataset.policy_version.checked_add(1).ok_or(Error::Exhausted)?;
		Ok(dataset.policy_version)
	}

	/// A dataset that is not retired, of the steward that the account registers for.
	pub(crate) fn stewarded(who: &AccountId, id: DatasetId) -> Result<Dataset<TicketOf<T>>, Error<T>> {
		let dataset = Datasets::<T>::get(id).ok_or(Error::NotFound)?;
		Self::ensure_steward(who, dataset.steward, Self::now())?;
		ensure!(dataset.state != DatasetState::Retired, Error::WrongState);
		Ok(dataset)
	}

	pub(crate) fn do_add_group(who: AccountId, id: DatasetId, terms: Group) -> DispatchResult {
		let mut dataset = Self::stewarded(&who, id)?;
		Self::append(id, &mut dataset, &who, terms)?;
		Self::changed(id, dataset)
	}

	/// Stores a dataset whose policy has a new version.
	fn changed(id: DatasetId, dataset: Dataset<TicketOf<T>>) -> DispatchResult {
		let version = dataset.policy_version;
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::PolicyChanged { dataset: id, version });
		Ok(())
	}

	pub(crate) fn do_tighten(who: AccountId, id: DatasetId, group: u8, terms: Group) -> DispatchResult {
		let mut dataset = Self::stewarded(&who, id)?;
		terms.check().map_err(|_| Error::<T>::InvalidTerms)?;
		let before = Groups::<T>::get(id, group).ok_or(Error::<T>::InvalidGroup)?;
		ensure!(tightens(&before.group, &terms), Error::<T>::NotTighter);
		before.ticket.drop(&before.by)?;
		let ticket = T::Consideration::new(&who, Self::terms_footprint(&terms))?;
		Groups::<T>::insert(id, group, Terms { group: terms, by: who, ticket });
		let version = Self::next_version(&mut dataset)?;
		let state = dataset.groups.get_mut(usize::from(group)).ok_or(Error::<T>::InvalidGroup)?;
		state.version = version;
		Self::changed(id, dataset)
	}

	pub(crate) fn do_loosen(who: AccountId, id: DatasetId, group: u8, terms: Group) -> DispatchResult {
		let mut dataset = Self::stewarded(&who, id)?;
		let state = dataset.groups.get_mut(usize::from(group)).filter(|state| state.open);
		state.ok_or(Error::<T>::InvalidGroup)?.open = false;
		Self::append(id, &mut dataset, &who, terms)?;
		Self::changed(id, dataset)
	}

	pub(crate) fn do_open(who: AccountId, id: DatasetId) -> DispatchResult {
		let dataset = Self::stewarded(&who, id)?;
		ensure!(dataset.state != DatasetState::Open, Error::<T>::WrongState);
		ensure!(!dataset.groups.is_empty(), Error::<T>::InvalidGroup);
		Self::enter_state(id, dataset, DatasetState::Open)
	}

	pub(crate) fn do_suspend(who: AccountId, id: DatasetId) -> DispatchResult {
		let dataset = Self::stewarded(&who, id)?;
		ensure!(dataset.state == DatasetState::Open, Error::<T>::WrongState);
		Self::enter_state(id, dataset, DatasetState::Suspended)
	}

	fn enter_state(id: DatasetId, mut dataset: Dataset<TicketOf<T>>, state: DatasetState) -> DispatchResult {
		dataset.state = state;
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::DatasetStateChanged { dataset: id, state });
		Ok(())
	}

	pub(crate) fn do_retire(who: AccountId, id: DatasetId) -> DispatchResult {
		let mut dataset = Self::stewarded(&who, id)?;
		Self::sweep_dust(&who, id, &mut dataset)?;
		Self::enter_state(id, dataset, DatasetState::Retired)
	}

	/// Pays the whole units of the remainder.
	fn sweep_dust(who: &AccountId, id: DatasetId, dataset: &mut Dataset<TicketOf<T>>) -> Result<u128, DispatchError> {
		let (units, rest) = Rewards::whole(dataset.rewards.remainder);
		if units > 0 {
			T::Currency::transfer(&Self::account(id), who, units, Preservation::Preserve)?;
			dataset.rewards.remainder = rest;
			dataset.swept = dataset.swept.checked_add(units).ok_or(ArithmeticError::Overflow)?;
			Self::deposit_event(Event::DustSwept { dataset: id, amount: units });
		}
		Ok(units)
	}

	pub(crate) fn do_sweep(who: AccountId, id: DatasetId) -> DispatchResult {
		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		Self::ensure_steward(&who, dataset.steward, Self::now())?;
		ensure!(dataset.state == DatasetState::Retired, Error::<T>::WrongState);
		let swept = Self::sweep_dust(&who, id, &mut dataset)?;
		if dataset.entries > 0 || dataset.requests > 0 {
			ensure!(swept > 0, Error::<T>::NothingDue);
			Datasets::<T>::insert(id, dataset);
			return Ok(());
		}
		// What anybody sent to the account by mistake goes the way of the dust, the seed back to who gave it.
		let account = Self::account(id);
		let given = T::Currency::total_balance(&account).saturating_sub(dataset.seed);
		if given > 0 {
			T::Currency::transfer(&account, &who, given, Preservation::Preserve)?;
		}
		T::Currency::transfer(&account, &dataset.by, dataset.seed, Preservation::Expendable)?;
		for group in 0..dataset.groups.len() as u8 {
			if let Some(terms) = Groups::<T>::take(id, group) {
				terms.ticket.drop(&terms.by)?;
			}
		}
		Datasets::<T>::remove(id);
		dataset.ticket.drop(&dataset.by)?;
		Self::deposit_event(Event::DatasetRemoved { dataset: id });
		Ok(())
	}

	pub(crate) fn do_set_committee(who: AccountId, id: DatasetId, members: Committee) -> DispatchResult {
		let mut dataset = Self::stewarded(&who, id)?;
		let distinct = members.iter().enumerate().all(|(index, member)| !members[..index].contains(member));
		ensure!(distinct, Error::<T>::AlreadyExists);
		dataset.committee = members;
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::CommitteeSet { dataset: id });
		Ok(())
	}

	pub(crate) fn do_post_release(release: Release) -> DispatchResult {
		let sound = release.root != H256::zero() && (1..=MAX_TERMS).contains(&release.count);
		ensure!(sound, Error::<T>::InvalidRelease);
		let id = match Releases::<T>::get(release.namespace) {
			Some(before) => before.id.checked_add(1).ok_or(Error::<T>::Exhausted)?,
			None => 0,
		};
		Releases::<T>::insert(release.namespace, ReleaseView { id, release, at: Self::now() });
		Self::deposit_event(Event::ReleasePosted { namespace: release.namespace, id, root: release.root });
		Ok(())
	}
}
