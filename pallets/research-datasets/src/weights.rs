//! Weights of the calls.
//!
//! ESTIMATE: not generated yet. Each figure is a base of computation and the reads and writes counted in the code,
//! at the largest size of what they touch. It covers this pallet's own storage, transfers and deposits; what the
//! directory costs is told by its trait, and the calls add it. None depends on the number of contributors.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};
use salus_primitives::research::{MAX_GROUPS, MAX_ROLL};

/// Weight of each call, without what the directory tells.
pub trait WeightInfo {
	/// A dataset of so many groups created.
	fn create_dataset(g: u32) -> Weight;
	/// A group added.
	fn add_group() -> Weight;
	/// A group tightened.
	fn tighten_group() -> Weight;
	/// A group loosened.
	fn loosen_group() -> Weight;
	/// A dataset opened.
	fn open_dataset() -> Weight;
	/// A dataset suspended.
	fn suspend_dataset() -> Weight;
	/// A dataset retired.
	fn retire_dataset() -> Weight;
	/// A retired dataset swept and removed.
	fn sweep() -> Weight;
	/// A committee named.
	fn set_committee() -> Weight;
	/// A contribution made, its attestation verified.
	fn contribute() -> Weight;
	/// A contribution withdrawn.
	fn withdraw_contribution() -> Weight;
	/// A contribution removed.
	fn remove_contribution() -> Weight;
	/// Days counted in.
	fn roll() -> Weight;
	/// A request with so many diseases and co-signatures judged.
	fn submit_request(d: u32, s: u32) -> Weight;
	/// A vote that rejects.
	fn vote() -> Weight;
	/// A request taken back.
	fn withdraw_request() -> Weight;
	/// A request timed out.
	fn expire_request() -> Weight;
	/// A grant begun.
	fn activate() -> Weight;
	/// A grant closed.
	fn close_grant() -> Weight;
	/// A grant revoked.
	fn revoke_grant() -> Weight;
	/// An obligation fulfilled, too late.
	fn fulfil_obligation() -> Weight;
	/// An obligation waived.
	fn waive_obligation() -> Weight;
	/// An obligation missed.
	fn miss_obligation() -> Weight;
	/// A request removed.
	fn remove_request() -> Weight;
	/// An ethics approval made.
	fn approve_ethics() -> Weight;
	/// An ethics approval revoked.
	fn revoke_ethics() -> Weight;
	/// Rewards paid in.
	fn fund() -> Weight;
	/// A reward claimed.
	fn claim() -> Weight;
	/// A payee named.
	fn set_payee() -> Weight;
	/// A release posted.
	fn post_release() -> Weight;
}

/// Bytes of a dataset in a storage proof: key, value and the trie nodes on the way.
const DATASET_PROOF: u64 = 4_500;
/// Bytes of a group's terms in a storage proof.
const TERMS_PROOF: u64 = 11_000;
/// Bytes of a contribution, nullifier, turn or approval in a storage proof.
const ENTRY_PROOF: u64 = 3_100;
/// Bytes of a request in a storage proof.
const REQUEST_PROOF: u64 = 8_000;
/// Bytes of an account and its holds in a storage proof.
const HOLD_PROOF: u64 = 6_300;
/// Computation of a call.
const BASE: u64 = 25_000_000;
/// Computation of one deposit, one event and one encoding more.
const ITEM: u64 = 22_000_000;
/// Computation of two verifications of a signature, as it is and as wallets wrap it.
const SIGNATURE: u64 = 130_000_000;
/// Computation of a disease's proof: 20 hashes and 128 ancestors.
const CLOSURE: u64 = 25_000_000;
/// Computation of the verdict on one group.
const VERDICT: u64 = 15_000_000;

fn weight(db: RuntimeDbWeight, time: u64, proof: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(time, proof).saturating_add(db.reads_writes(reads, writes))
}

fn times(weight: Weight, n: u32) -> Weight {
	weight.saturating_mul(n.into())
}

/// A deposit, escrow or bond made or returned: the account and its holds.
fn hold(db: RuntimeDbWeight) -> Weight {
	weight(db, ITEM, HOLD_PROOF, 2, 2)
}

/// Units moved between two accounts.
fn transfer(db: RuntimeDbWeight) -> Weight {
	weight(db, 2 * ITEM, 2 * HOLD_PROOF, 3, 3)
}

/// A dataset changed.
fn dataset(db: RuntimeDbWeight) -> Weight {
	weight(db, BASE, DATASET_PROOF, 2, 1)
}

/// As many days counted in as one call may.
fn days(db: RuntimeDbWeight) -> Weight {
	times(weight(db, ITEM / 10, ENTRY_PROOF, 1, 1), MAX_ROLL)
}

/// A request changed, and its dataset read.
fn request(db: RuntimeDbWeight) -> Weight {
	weight(db, BASE + ITEM, REQUEST_PROOF + DATASET_PROOF, 3, 1)
}

/// A contribution settled: the dataset, the contribution, its two turns.
fn settled(db: RuntimeDbWeight) -> Weight {
	dataset(db).saturating_add(weight(db, ITEM, 3 * ENTRY_PROOF, 3, 3))
}

/// An obligation settled and its bond divided.
fn obligation(db: RuntimeDbWeight) -> Weight {
	request(db)
		.saturating_add(weight(db, ITEM, ENTRY_PROOF, 1, 1))
		.saturating_add(dataset(db))
		.saturating_add(days(db))
		.saturating_add(transfer(db))
}

macro_rules! estimates {
	($db:expr) => {
		fn create_dataset(g: u32) -> Weight {
			let group = weight($db, ITEM, TERMS_PROOF, 0, 1).saturating_add(hold($db));
			weight($db, BASE, DATASET_PROOF, 2, 2)
				.saturating_add(hold($db))
				.saturating_add(transfer($db))
				.saturating_add(times(group, g))
		}
		fn add_group() -> Weight {
			dataset($db).saturating_add(weight($db, ITEM, TERMS_PROOF, 0, 1)).saturating_add(hold($db))
		}
		fn tighten_group() -> Weight {
			dataset($db).saturating_add(weight($db, ITEM, TERMS_PROOF, 1, 1))
		}
		fn loosen_group() -> Weight {
			dataset($db).saturating_add(weight($db, ITEM, TERMS_PROOF, 0, 1)).saturating_add(hold($db))
		}
		fn open_dataset() -> Weight {
			dataset($db)
		}
		fn suspend_dataset() -> Weight {
			dataset($db)
		}
		fn retire_dataset() -> Weight {
			dataset($db).saturating_add(transfer($db))
		}
		fn sweep() -> Weight {
			let group = weight($db, ITEM, TERMS_PROOF, 1, 1).saturating_add(hold($db));
			dataset($db)
				.saturating_add(times(transfer($db), 3))
				.saturating_add(hold($db))
				.saturating_add(times(group, MAX_GROUPS))
		}
		fn set_committee() -> Weight {
			dataset($db)
		}
		fn contribute() -> Weight {
			// Contribution, nullifier and two turns; the hash of the first block.
			dataset($db)
				.saturating_add(weight($db, SIGNATURE + 2 * ITEM, 5 * ENTRY_PROOF, 5, 4))
				.saturating_add(hold($db))
		}
		fn withdraw_contribution() -> Weight {
			settled($db)
		}
		fn remove_contribution() -> Weight {
			settled($db).saturating_add(weight($db, ITEM, ENTRY_PROOF, 1, 1)).saturating_add(hold($db))
		}
		fn roll() -> Weight {
			dataset($db).saturating_add(days($db))
		}
		fn submit_request(d: u32, s: u32) -> Weight {
			// Numbers, the list, the renewed request and its grant, the approval.
			let group = weight($db, VERDICT, TERMS_PROOF, 1, 0);
			request($db)
				.saturating_add(weight($db, 2 * ITEM, REQUEST_PROOF + 4 * ENTRY_PROOF, 5, 4))
				.saturating_add(times(group, MAX_GROUPS))
				.saturating_add(times(weight($db, CLOSURE, ENTRY_PROOF, 1, 0), d))
				.saturating_add(times(weight($db, SIGNATURE, 0, 0, 0), s))
				.saturating_add(times(hold($db), 2))
		}
		fn vote() -> Weight {
			request($db).saturating_add(hold($db))
		}
		fn withdraw_request() -> Weight {
			request($db).saturating_add(hold($db))
		}
		fn expire_request() -> Weight {
			request($db).saturating_add(hold($db))
		}
		fn activate() -> Weight {
			// The approval, the grant, the renewed request.
			request($db)
				.saturating_add(dataset($db))
				.saturating_add(days($db))
				.saturating_add(weight($db, 2 * ITEM, REQUEST_PROOF + 2 * ENTRY_PROOF, 2, 2))
				.saturating_add(times(weight($db, VERDICT, TERMS_PROOF, 1, 0), MAX_GROUPS))
				.saturating_add(transfer($db))
				.saturating_add(hold($db))
		}
		fn close_grant() -> Weight {
			request($db).saturating_add(weight($db, 0, ENTRY_PROOF, 1, 0))
		}
		fn revoke_grant() -> Weight {
			request($db).saturating_add(weight($db, 0, ENTRY_PROOF, 1, 0))
		}
		fn fulfil_obligation() -> Weight {
			obligation($db)
		}
		fn waive_obligation() -> Weight {
			request($db).saturating_add(weight($db, ITEM, ENTRY_PROOF, 1, 1)).saturating_add(hold($db))
		}
		fn miss_obligation() -> Weight {
			obligation($db)
		}
		fn remove_request() -> Weight {
			request($db)
				.saturating_add(weight($db, ITEM, 2 * ENTRY_PROOF + DATASET_PROOF, 2, 3))
				.saturating_add(hold($db))
		}
		fn approve_ethics() -> Weight {
			weight($db, BASE + ITEM, ENTRY_PROOF, 2, 1).saturating_add(hold($db))
		}
		fn revoke_ethics() -> Weight {
			weight($db, BASE + ITEM, ENTRY_PROOF, 2, 1).saturating_add(hold($db))
		}
		fn fund() -> Weight {
			dataset($db).saturating_add(days($db)).saturating_add(transfer($db))
		}
		fn claim() -> Weight {
			settled($db).saturating_add(transfer($db))
		}
		fn set_payee() -> Weight {
			weight($db, BASE, ENTRY_PROOF, 1, 1)
		}
		fn post_release() -> Weight {
			weight($db, BASE, ENTRY_PROOF, 2, 1)
		}
	};
}

/// Weights with the database costs of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	estimates!(T::DbWeight::get());
}

impl WeightInfo for () {
	estimates!(RocksDbWeight::get());
}
