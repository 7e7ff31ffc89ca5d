//! Rewards: paid in for all who count, pulled out by each.

use super::*;

impl<T: Config> Pallet<T> {
	/// The account that holds a dataset's rewards.
	pub fn account(id: DatasetId) -> AccountId {
		T::PalletId::get().into_sub_account_truncating(id)
	}

	/// Divides units that the dataset's account has received.
	pub(crate) fn distribute(dataset: &mut Dataset<TicketOf<T>>, units: u128) -> DispatchResult {
		dataset.funded = dataset.funded.checked_add(units).ok_or(ArithmeticError::Overflow)?;
		dataset.rewards.distribute(units, dataset.shares).ok_or(ArithmeticError::Overflow)?;
		Ok(())
	}

	pub(crate) fn do_fund(who: AccountId, id: DatasetId, amount: u128) -> DispatchResult {
		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		ensure!(dataset.state != DatasetState::Retired, Error::<T>::WrongState);
		ensure!(amount > 0, Error::<T>::InvalidAmount);
		Self::ensure_current(id, &mut dataset)?;
		ensure!(dataset.shares > 0, Error::<T>::NoContributors);
		T::Currency::transfer(&who, &Self::account(id), amount, Preservation::Preserve)?;
		Self::distribute(&mut dataset, amount)?;
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::Funded { dataset: id, amount });
		Ok(())
	}

	pub(crate) fn do_claim(who: AccountId, id: DatasetId, pseudonym: Pseudonym) -> DispatchResult {
		let mut contribution = Contributions::<T>::get(id, pseudonym).ok_or(Error::<T>::NotFound)?;
		ensure!(who == contribution.account, Error::<T>::NotAuthorized);
		let mut dataset = Datasets::<T>::get(id).ok_or(Error::<T>::NotFound)?;
		Self::settle(id, &dataset, &mut contribution)?;
		let (amount, rest) = Rewards::whole(contribution.owed);
		ensure!(amount > 0 && amount >= T::Currency::minimum_balance(), Error::<T>::BelowMinimum);
		let payee = contribution.payee.as_ref().unwrap_or(&contribution.account);
		T::Currency::transfer(&Self::account(id), payee, amount, Preservation::Preserve)?;
		contribution.owed = rest;
		dataset.paid = dataset.paid.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Contributions::<T>::insert(id, pseudonym, contribution);
		Datasets::<T>::insert(id, dataset);
		Self::deposit_event(Event::Claimed { dataset: id, pseudonym, amount });
		Ok(())
	}

	pub(crate) fn do_set_payee(
		who: AccountId,
		id: DatasetId,
		pseudonym: Pseudonym,
		payee: AccountId,
	) -> DispatchResult {
		Contributions::<T>::try_mutate(id, pseudonym, |slot| {
			let contribution = slot.as_mut().ok_or(Error::<T>::NotFound)?;
			ensure!(who == contribution.account, Error::<T>::NotAuthorized);
			contribution.payee = Some(payee);
			Self::deposit_event(Event::PayeeSet { dataset: id, pseudonym });
			Ok(())
		})
	}
}
