//! Weights of the calls.
//!
//! ESTIMATE: not generated yet. Each figure is a base of computation and the reads and writes counted in the code,
//! at the largest size of what they touch. It covers this pallet's own storage and the deposit; what the directory and
//! the patients cost is told by their traits, and the calls add it.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// Weight of each call, without what the capability traits tell.
pub trait WeightInfo {
	/// One record anchored.
	fn anchor() -> Weight;
	/// So many records anchored.
	fn anchor_many(n: u32) -> Weight;
	/// A record amended.
	fn amend() -> Weight;
	/// A record restricted.
	fn restrict() -> Weight;
	/// A restriction lifted.
	fn lift_restriction() -> Weight;
	/// A record entered in error.
	fn enter_in_error() -> Weight;
	/// A record shredded.
	fn shred() -> Weight;
	/// A receipt stored.
	fn log_access() -> Weight;
	/// The root of a batch of receipts stored.
	fn log_access_batch() -> Weight;
	/// So many receipts looked at and removed.
	fn prune_receipts(n: u32) -> Weight;
	/// The root of a batch of receipts removed.
	fn prune_batch() -> Weight;
	/// A record offered in place of another's offer.
	fn offer_custody() -> Weight;
	/// An offer approved.
	fn approve_custody() -> Weight;
	/// An offered record taken over.
	fn accept_custody() -> Weight;
	/// An offer taken back.
	fn withdraw_offer() -> Weight;
	/// A record read for a decision.
	fn resource() -> Weight;
	/// A stream opened.
	fn open_stream() -> Weight;
	/// So many batches added to a stream.
	fn append_stream(n: u32) -> Weight;
	/// A stream closed.
	fn close_stream() -> Weight;
	/// A care plan rule set where all others make place.
	fn set_care_rule() -> Weight;
	/// A care plan rule ended.
	fn end_care_rule() -> Weight;
	/// An alert raised, without the decision.
	fn raise_care_alert() -> Weight;
}

/// Bytes of a record in a storage proof: key, value and the trie nodes on the way.
const RECORD_PROOF: u64 = 2_800;
/// Bytes of an offer of a record in a storage proof.
const OFFER_PROOF: u64 = 2_600;
/// Bytes of a receipt in a storage proof.
const RECEIPT_PROOF: u64 = 2_700;
/// Bytes of a patient's receipt log in a storage proof.
const LOG_PROOF: u64 = 3_600;
/// Bytes of an organisation's batch and of its counter in a storage proof.
const BATCH_PROOF: u64 = 5_100;
/// Bytes of a stream in a storage proof, with every peak there can be.
const STREAM_PROOF: u64 = 4_700;
/// Bytes of a care plan in a storage proof, with every rule there can be.
const PLAN_PROOF: u64 = 5_200;
/// Bytes of the depositor's account and holds in a storage proof.
const HOLD_PROOF: u64 = 6_300;
/// Computation of a call.
const BASE: u64 = 25_000_000;
/// Computation of one deposit, one event and one encoding more.
const ITEM: u64 = 22_000_000;

/// Computation of one batch: its leaf, and the peaks that it completes, one on average.
const LEAF: u64 = 6_000_000;

/// Keys of the depositor's account and holds: both read and written for every deposit.
const HOLD_KEYS: u64 = 2;

fn weight(db: RuntimeDbWeight, time: u64, proof: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(time, proof).saturating_add(db.reads_writes(reads, writes))
}

fn anchors(db: RuntimeDbWeight, n: u64) -> Weight {
	// One account pays for all, so its keys count once.
	weight(
		db,
		BASE.saturating_add(ITEM.saturating_mul(n)),
		HOLD_PROOF.saturating_add(RECORD_PROOF.saturating_mul(n)),
		n.saturating_add(HOLD_KEYS),
		n.saturating_add(HOLD_KEYS),
	)
}

fn status_change(db: RuntimeDbWeight) -> Weight {
	weight(db, BASE, RECORD_PROOF, 1, 1)
}

/// An offer, found or not, removed with its deposit.
fn end_of_offer(db: RuntimeDbWeight) -> Weight {
	weight(db, ITEM, OFFER_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, 1 + HOLD_KEYS)
}

fn prune(db: RuntimeDbWeight, n: u64) -> Weight {
	// Each receipt may be another gateway's deposit.
	let keys = HOLD_KEYS.saturating_add(1).saturating_mul(n);
	weight(
		db,
		BASE.saturating_add(ITEM.saturating_mul(n)),
		RECEIPT_PROOF.saturating_add(HOLD_PROOF).saturating_mul(n),
		keys,
		keys,
	)
}

macro_rules! estimates {
	($db:expr) => {
		fn anchor() -> Weight {
			anchors($db, 1)
		}
		fn anchor_many(n: u32) -> Weight {
			anchors($db, n.into())
		}
		fn amend() -> Weight {
			status_change($db).saturating_add(end_of_offer($db))
		}
		fn restrict() -> Weight {
			status_change($db)
		}
		fn lift_restriction() -> Weight {
			status_change($db)
		}
		fn enter_in_error() -> Weight {
			status_change($db).saturating_add(end_of_offer($db))
		}
		fn shred() -> Weight {
			status_change($db)
				.saturating_add(weight($db, ITEM, HOLD_PROOF, HOLD_KEYS, HOLD_KEYS))
				.saturating_add(end_of_offer($db))
		}
		fn log_access() -> Weight {
			// The record is read, and the stream if there is none; the log and the receipt are written.
			weight(
				$db,
				BASE + ITEM,
				RECORD_PROOF + STREAM_PROOF + LOG_PROOF + RECEIPT_PROOF + HOLD_PROOF,
				3 + HOLD_KEYS,
				2 + HOLD_KEYS,
			)
		}
		fn log_access_batch() -> Weight {
			weight($db, BASE + ITEM, BATCH_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, 2 + HOLD_KEYS)
		}
		fn prune_receipts(n: u32) -> Weight {
			prune($db, n.into())
		}
		fn prune_batch() -> Weight {
			weight($db, BASE + ITEM, BATCH_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, 1 + HOLD_KEYS)
		}
		fn offer_custody() -> Weight {
			// The record is read, the earlier offer's deposit returned, and the offer written with its own.
			weight($db, BASE + ITEM, RECORD_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, HOLD_KEYS)
				.saturating_add(end_of_offer($db))
		}
		fn approve_custody() -> Weight {
			weight($db, BASE, OFFER_PROOF, 1, 1)
		}
		fn accept_custody() -> Weight {
			status_change($db).saturating_add(end_of_offer($db))
		}
		fn withdraw_offer() -> Weight {
			// The record is read to find its custodian.
			weight($db, BASE, RECORD_PROOF, 1, 0).saturating_add(end_of_offer($db))
		}
		fn resource() -> Weight {
			weight($db, ITEM, RECORD_PROOF, 1, 0)
		}
		fn open_stream() -> Weight {
			weight($db, BASE + ITEM, STREAM_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, 1 + HOLD_KEYS)
		}
		fn append_stream(n: u32) -> Weight {
			// At worst the first batch completes every peak.
			let leaves = u64::from(n).saturating_add(u64::from(salus_primitives::stream::MAX_PEAKS) / 2);
			weight($db, BASE.saturating_add(LEAF.saturating_mul(leaves)), STREAM_PROOF, 1, 1)
		}
		fn close_stream() -> Weight {
			weight($db, BASE + ITEM, STREAM_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, 1 + HOLD_KEYS)
		}
		fn set_care_rule() -> Weight {
			// Each rule may be another guardian's deposit.
			let deposits = u64::from(salus_primitives::care::MAX_CARE_RULES) + 1;
			let (proof, keys) = (PLAN_PROOF + HOLD_PROOF * deposits, 1 + HOLD_KEYS * deposits);
			weight($db, BASE + ITEM * deposits, proof, keys, keys)
		}
		fn end_care_rule() -> Weight {
			weight($db, BASE + ITEM, PLAN_PROOF + HOLD_PROOF, 1 + HOLD_KEYS, 1 + HOLD_KEYS)
		}
		fn raise_care_alert() -> Weight {
			weight($db, BASE + ITEM, PLAN_PROOF + STREAM_PROOF, 2, 1)
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
