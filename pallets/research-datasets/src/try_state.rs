//! What always holds of the pallet's storage.

use super::*;
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::traits::fungible::InspectHold;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_groups()?;
		Self::check_contributions()?;
		Self::check_rewards()?;
		Self::check_requests()?;
		Self::check_held()
	}

	/// Datasets and their groups' terms name each other.
	fn check_groups() -> Result<(), TryRuntimeError> {
		let next = NextDataset::<T>::get();
		for (id, dataset) in Datasets::<T>::iter() {
			ensure!(id < next, "datasets are numbered below the next number");
			ensure!(dataset.rolled <= Self::today(), "no day is counted in before it begins");
			for (index, state) in (0u8..).zip(&dataset.groups) {
				ensure!(Groups::<T>::contains_key(id, index), "a group has terms");
				ensure!((1..=dataset.policy_version).contains(&state.version), "a group is of a known version");
			}
			if dataset.state == DatasetState::Open {
				ensure!(!dataset.groups.is_empty(), "an open dataset has groups");
			}
		}
		for (id, index, _) in Groups::<T>::iter() {
			let dataset = Datasets::<T>::get(id).ok_or("terms are of known datasets")?;
			ensure!(usize::from(index) < dataset.groups.len(), "terms are of known groups");
		}
		Ok(())
	}

	/// Counts, turns and nullifiers are those of the contributions.
	fn check_contributions() -> Result<(), TryRuntimeError> {
		let mut entries: BTreeMap<DatasetId, u32> = BTreeMap::new();
		let mut counts: BTreeMap<DatasetId, Count> = BTreeMap::new();
		let mut turns: BTreeMap<(DatasetId, Day), Turn> = BTreeMap::new();
		for (id, pseudonym, entry) in Contributions::<T>::iter() {
			let dataset = Datasets::<T>::get(id).ok_or("contributions are to known datasets")?;
			*entries.entry(id).or_default() += 1;
			ensure!(usize::from(entry.group) < dataset.groups.len(), "contributions are of known groups");
			ensure!(entry.start < entry.end, "a contribution counts on some day");
			ensure!(Nullifiers::<T>::get(id, entry.nullifier) == Some(pseudonym), "a nullifier names its contribution");
			if entry.state != ContributionState::Live {
				continue;
			}
			let (group, shares) = (entry.group, entry.shares);
			if entry.checkpoint.is_none() {
				let turn = turns.entry((id, entry.start)).or_default();
				turn.starting.add(group, shares);
				turn.refs += 1;
			}
			let turn = turns.entry((id, entry.end)).or_default();
			turn.ending.add(group, shares);
			turn.refs += 1;
			if (entry.start..entry.end).contains(&dataset.rolled) {
				counts.entry(id).or_default().add(group, shares);
			}
		}
		let nullifiers = Nullifiers::<T>::iter().count() as u32;
		ensure!(nullifiers == entries.values().sum::<u32>(), "a contribution has one nullifier");

		for (id, dataset) in Datasets::<T>::iter() {
			ensure!(dataset.entries == entries.get(&id).copied().unwrap_or(0), "a dataset counts its contributions");
			let count = counts.get(&id).copied().unwrap_or_default();
			ensure!(dataset.shares == count.shares, "a dataset's shares are those that count");
			for (index, state) in dataset.groups.iter().enumerate() {
				ensure!(state.contributors == count.groups[index], "a group's contributors are those who count");
			}
		}
		for (id, day, turn) in Turns::<T>::iter() {
			let dataset = Datasets::<T>::get(id).ok_or("turns are of known datasets")?;
			let expected = turns.remove(&(id, day)).ok_or("a turn is referred to")?;
			ensure!(turn.refs == expected.refs, "a turn counts who refers to it");
			ensure!(turn.per_share.is_some() == (day <= dataset.rolled), "a turn is fixed when it is counted in");
			if turn.per_share.is_none() {
				let same = turn.starting == expected.starting && turn.ending == expected.ending;
				ensure!(same, "a turn to come is what will change");
			}
		}
		ensure!(turns.is_empty(), "every turn that is referred to is known");
		Ok(())
	}

	/// What was paid in is what was paid out, what can be claimed and what is nobody's yet, to the last part; and the
	/// dataset's account has it.
	fn check_rewards() -> Result<(), TryRuntimeError> {
		let mut owed: BTreeMap<DatasetId, U256> = BTreeMap::new();
		for (id, _, entry) in Contributions::<T>::iter() {
			let dataset = Datasets::<T>::get(id).ok_or("contributions are to known datasets")?;
			let parts = Self::accrued(id, &dataset, &entry).ok_or("what a contribution earned can be told")?;
			let sum = owed.entry(id).or_default();
			*sum = sum.checked_add(parts).ok_or("what is owed adds up")?;
		}
		for (id, dataset) in Datasets::<T>::iter() {
			let parts = |units: u128| U256::from(units) * U256::from(SCALE);
			let owed = owed.get(&id).copied().unwrap_or_default();
			let out = parts(dataset.paid) + parts(dataset.swept) + owed + dataset.rewards.remainder;
			ensure!(parts(dataset.funded) == out, "what was paid in is paid out, owed or nobody's yet");
			let left = dataset.funded - dataset.paid - dataset.swept;
			let has = T::Currency::total_balance(&Self::account(id));
			ensure!(has >= left.saturating_add(dataset.seed), "a dataset's account has what it owes");
		}
		Ok(())
	}

	/// Requests and grants belong together, and to known datasets.
	fn check_requests() -> Result<(), TryRuntimeError> {
		let next = NextRequest::<T>::get();
		let mut counts: BTreeMap<DatasetId, u32> = BTreeMap::new();
		for (id, request) in Requests::<T>::iter() {
			ensure!(id < next, "requests are numbered below the next number");
			ensure!(DatasetRequests::<T>::contains_key(request.dataset, id), "a dataset lists its requests");
			*counts.entry(request.dataset).or_default() += 1;
			let granted = request.granted.iter().all(|group| request.groups.contains(group));
			ensure!(granted, "no more is granted than was asked");
			ensure!(is_pending(request.state) || request.escrow == 0, "escrow is held while a request waits");
			let begun = matches!(request.state, RequestState::Active | RequestState::Revoked | RequestState::Closed);
			ensure!(begun == Grants::<T>::contains_key(id), "a grant is of a request that was activated");
			let voters: BTreeSet<_> = request.votes.iter().map(|vote| &vote.member).collect();
			ensure!(voters.len() == request.votes.len(), "nobody votes twice");
			ensure!(!voters.contains(&request.researcher), "nobody votes on an own request");
		}
		for (id, grant) in Grants::<T>::iter() {
			ensure!(Requests::<T>::contains_key(id), "grants are of known requests");
			ensure!(grant.start < grant.expiry, "a grant holds for some time");
			let kept = grant.obligations.iter().all(|owed| owed.state == ObligationState::Due || owed.bond == 0);
			ensure!(kept, "a bond is held for what is due");
		}
		ensure!(
			DatasetRequests::<T>::iter().count() as u32 == counts.values().sum::<u32>(),
			"a dataset lists requests that there are"
		);
		for (id, dataset) in Datasets::<T>::iter() {
			ensure!(dataset.requests == counts.get(&id).copied().unwrap_or(0), "a dataset counts its requests");
		}
		ensure!(counts.keys().all(Datasets::<T>::contains_key), "requests are for known datasets");
		Ok(())
	}

	/// Escrows and bonds are held from those who owe them, and with the datasets' accounts are no more than there is.
	fn check_held() -> Result<(), TryRuntimeError> {
		let mut held: BTreeMap<AccountId, (u128, u128)> = BTreeMap::new();
		for (id, request) in Requests::<T>::iter() {
			let bonds = Grants::<T>::get(id).map_or(0, |grant| grant.obligations.iter().map(|owed| owed.bond).sum());
			let (escrow, bond) = held.entry(request.researcher).or_default();
			*escrow += request.escrow;
			*bond += bonds;
		}
		let mut sum = U256::zero();
		for (who, (escrow, bond)) in held {
			let on_hold = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(on_hold(HoldReason::Escrow) == escrow, "escrow is on hold");
			ensure!(on_hold(HoldReason::Bond) == bond, "bonds are on hold");
			sum += U256::from(escrow) + U256::from(bond);
		}
		for id in Datasets::<T>::iter_keys() {
			sum += U256::from(T::Currency::total_balance(&Self::account(id)));
		}
		ensure!(sum <= U256::from(T::Currency::total_issuance()), "no unit is made");
		Ok(())
	}
}
