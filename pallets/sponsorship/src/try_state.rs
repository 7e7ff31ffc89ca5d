//! What must hold of the storage between any two calls.

use crate::{
	types::{day_of, Day},
	Accounts, Config, Pallet, Sponsors, Waivers,
};
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::{Get, Time},
};
use salus_primitives::OrgId;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let today = day_of(T::Time::now());
		Self::try_state_accounts(today)?;
		Self::try_state_waivers(today)
	}

	/// Every account is kept alive, within its limits, and counted once for the organisation that enrolled it last.
	fn try_state_accounts(today: Day) -> Result<(), TryRuntimeError> {
		let mut counted = BTreeMap::<OrgId, u32>::new();
		for (who, account) in Accounts::<T>::iter() {
			ensure!(frame_system::Pallet::<T>::sufficients(&who) > 0, "enrolled account that could be reaped");
			ensure!(account.storage <= T::StoragePerAccount::get(), "more storage than the quota");
			ensure!(account.spent.day <= today, "account that spent in the future");
			let count = counted.entry(account.org).or_default();
			*count = count.saturating_add(1);
		}
		for (org, sponsor) in Sponsors::<T>::iter() {
			ensure!(sponsor.enrolled == counted.remove(&org).unwrap_or_default(), "wrong count of accounts");
			ensure!(sponsor.enrolled <= T::MaxEnrolled::get(), "more accounts than the quota");
			ensure!(sponsor.spent.day <= today, "sponsor that spent in the future");
		}
		ensure!(counted.is_empty(), "account of an organisation that never sponsored");
		Ok(())
	}

	/// Nobody used more waivers than there are.
	fn try_state_waivers(today: Day) -> Result<(), TryRuntimeError> {
		for (day, _, used) in Waivers::<T>::iter() {
			ensure!(Day::from_be_bytes(day) <= today, "waiver used in the future");
			ensure!((1..=T::WaiversPerDay::get()).contains(&used), "count of waivers out of range");
		}
		Ok(())
	}
}
