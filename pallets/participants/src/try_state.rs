//! What must hold of the storage between any two calls.

use crate::{types, Admins, Config, EncryptionKeys, MemberCounts, Members, NextOrg, Organisations, Pallet};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use salus_primitives::OrgId;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::try_state_organisations()?;
		Self::try_state_members()?;
		Self::try_state_keys()
	}

	/// Every organisation has a number that was given, well-formed fields and at least one administrator.
	fn try_state_organisations() -> Result<(), TryRuntimeError> {
		let next = NextOrg::<T>::get();
		let mut count: u32 = 0;
		for (id, org) in Organisations::<T>::iter() {
			count = count.saturating_add(1);
			ensure!(id < next, "organisation with a number not yet given");
			ensure!(types::is_name(&org.name), "organisation without a readable name");
			ensure!(types::is_country(&org.country), "organisation without a country code");
			ensure!(org.gln.as_ref().is_none_or(types::is_gln), "organisation with a wrong GLN");
			ensure!(!org.roles.is_empty() && org.roles.is_known(), "organisation without known roles");
			let admins = Admins::<T>::get(id);
			ensure!(!admins.is_empty(), "organisation without administrators");
			ensure!(admins.iter().collect::<BTreeSet<_>>().len() == admins.len(), "administrator listed twice");
		}
		ensure!(count == next, "organisation lost: none is ever removed");
		ensure!(Admins::<T>::iter_keys().all(Organisations::<T>::contains_key), "administrators of nothing");
		Ok(())
	}

	/// Every member belongs to a known organisation, and each organisation's count is right and within its quota.
	fn try_state_members() -> Result<(), TryRuntimeError> {
		let mut counted = BTreeMap::<OrgId, u32>::new();
		for member in Members::<T>::iter_values() {
			ensure!(Organisations::<T>::contains_key(member.org), "member of an unknown organisation");
			ensure!(!member.roles.is_empty() && member.roles.is_known(), "member without known roles");
			ensure!(member.premises.as_ref().is_none_or(types::is_gln), "member with a wrong GLN");
			let count = counted.entry(member.org).or_default();
			*count = count.saturating_add(1);
		}
		ensure!(counted.values().all(|count| *count <= T::MaxMembers::get()), "more members than the quota");
		let stored: BTreeMap<_, _> = MemberCounts::<T>::iter().filter(|(_, count)| *count > 0).collect();
		ensure!(stored == counted, "wrong count of members");
		Ok(())
	}

	/// Every encryption key can be used.
	fn try_state_keys() -> Result<(), TryRuntimeError> {
		ensure!(
			EncryptionKeys::<T>::iter_values().all(|(key, _)| !key.public_key.is_zero()),
			"encryption key of zeros"
		);
		Ok(())
	}
}
