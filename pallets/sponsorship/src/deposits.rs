//! Deposits of sponsored accounts.

use crate::{Config, Pallet};
use codec::{Decode, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{
	traits::{Consideration, Footprint},
	CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use salus_primitives::AccountId;
use scale_info::TypeInfo;
use sp_runtime::{traits::Convert, DispatchError};

/// A ticket for what is stored, at a price that `Price` knows.
///
/// A new one is charged to the account's quota if a sponsor grants it and it fits, and is a deposit of the account's
/// own (`Inner`) otherwise. One that shrinks stays what it is. One that outgrows the quota becomes a deposit of the
/// account's own; none becomes sponsored later.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, CloneNoBound, PartialEqNoBound, EqNoBound, DebugNoBound)]
#[scale_info(skip_type_params(T, Price))]
#[codec(mel_bound())]
pub enum Sponsored<T, Price, Inner>
where
	Inner: Consideration<AccountId, Footprint>,
{
	/// A deposit of the account's own.
	#[codec(index = 0)]
	Own(Inner),
	/// So much of the account's quota. The ticket keeps the amount, so that exactly this much is given back whatever
	/// the price is then.
	#[codec(index = 1)]
	Quota(u128, PhantomData<fn() -> (T, Price)>),
}

impl<T, Price, Inner> Consideration<AccountId, Footprint> for Sponsored<T, Price, Inner>
where
	T: Config,
	Price: Convert<Footprint, u128> + 'static,
	Inner: Consideration<AccountId, Footprint>,
{
	fn new(who: &AccountId, footprint: Footprint) -> Result<Self, DispatchError> {
		let price = Price::convert(footprint);
		if Pallet::<T>::charge_storage(who, price) {
			Ok(Self::Quota(price, PhantomData))
		} else {
			Inner::new(who, footprint).map(Self::Own)
		}
	}

	fn update(self, who: &AccountId, footprint: Footprint) -> Result<Self, DispatchError> {
		let charged = match self {
			Self::Own(inner) => return inner.update(who, footprint).map(Self::Own),
			Self::Quota(charged, _) => charged,
		};
		let price = Price::convert(footprint);
		if price <= charged {
			Pallet::<T>::release_storage(who, charged.saturating_sub(price));
			Ok(Self::Quota(price, PhantomData))
		} else if Pallet::<T>::charge_storage(who, price.saturating_sub(charged)) {
			Ok(Self::Quota(price, PhantomData))
		} else {
			let own = Inner::new(who, footprint)?;
			Pallet::<T>::release_storage(who, charged);
			Ok(Self::Own(own))
		}
	}

	fn drop(self, who: &AccountId) -> Result<(), DispatchError> {
		match self {
			Self::Own(inner) => inner.drop(who),
			Self::Quota(charged, _) => {
				Pallet::<T>::release_storage(who, charged);
				Ok(())
			}
		}
	}

	fn burn(self, who: &AccountId) {
		// A burnt part of the quota is never given back, which needs nothing to be written.
		if let Self::Own(inner) = self {
			inner.burn(who)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(who: &AccountId, footprint: Footprint) {
		Inner::ensure_successful(who, footprint)
	}
}
