//! What must hold of the storage between any two calls.

use crate::{
	types, Admins, Agreements, Config, EncryptionKeys, MemberCounts, Members, NextAgreement, NextOrg, Organisations,
	Pallet, MAX_NOTICE,
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use salus_primitives::{gs1::is_valid_gln, OrgId};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::try_state_organisations()?;
		Self::try_state_members()?;
		Self::try_state_keys()?;
		Self::try_state_agreements()
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
			ensure!(org.gln.as_ref().is_none_or(is_valid_gln), "organisation with a wrong GLN");
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
			ensure!(member.premises.as_ref().is_none_or(is_valid_gln), "member with a wrong GLN");
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

	/// Every agreement is between two organisations, has a number of its own, and could have been proposed.
	fn try_state_agreements() -> Result<(), TryRuntimeError> {
		let next = NextAgreement::<T>::get();
		let mut numbers = BTreeSet::new();
		for (custodian, recipient, agreements) in Agreements::<T>::iter() {
			ensure!(custodian != recipient, "agreement of an organisation with itself");
			ensure!(
				Organisations::<T>::contains_key(custodian) && Organisations::<T>::contains_key(recipient),
				"agreement with an unknown organisation"
			);
			ensure!(!agreements.is_empty(), "empty list of agreements");
			for agreement in agreements {
				ensure!(agreement.id < next, "agreement with a number not yet given");
				ensure!(numbers.insert(agreement.id), "two agreements with one number");
				ensure!(
					agreement.awaits.is_none_or(|org| org == custodian || org == recipient),
					"proposal that nobody can accept"
				);
				ensure!(agreement.notice <= MAX_NOTICE, "agreement with too long a notice");
				let sharing = agreement.sharing;
				ensure!(
					sharing.purposes.is_none_or(|set| !set.is_empty() && set.is_known())
						&& sharing.resource_types.is_none_or(|set| !set.is_empty() && set.is_known())
						&& sharing.obligations.is_known(),
					"agreement about unknown codes"
				);
				let period = sharing.period;
				ensure!(period.until.is_none_or(|until| period.from < until), "agreement that ends before it starts");
			}
		}
		Ok(())
	}
}
