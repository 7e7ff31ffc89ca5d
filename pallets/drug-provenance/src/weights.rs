//! Weights of the calls.
//!
//! ESTIMATE: not generated yet. Each figure is a base of computation and the reads and writes counted in the code,
//! at the largest size of what they touch. It covers this pallet's own storage and the deposits; what the directory
//! costs is told by its trait, and the calls add it.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

use salus_primitives::drug::MAX_GOODS;

/// Weight of each call, without what the directory tells.
///
/// Parameters: `c` entries of status bits read or written, `g` products in the goods, `p` parcels in them, `l` loads,
/// `m` missing ranges, `r` ranges, `d` dispenses, `n` entries. A load of units is one parcel of one product; a unit of
/// logistics is reckoned at the most it may hold, and has no status bits to be read.
pub trait WeightInfo {
	/// A product registered.
	fn register_product() -> Weight;
	/// A delegate added or removed.
	fn delegate() -> Weight;
	/// A packaging run commissioned.
	fn commission() -> Weight;
	/// A range split off, with so many entries of status bits counted.
	fn split(c: u32) -> Weight;
	/// Two parcels joined.
	fn merge() -> Weight;
	/// So many loads packed, with so many entries of status bits counted.
	fn pack(l: u32, c: u32) -> Weight;
	/// A unit of logistics with so much directly in it unpacked.
	fn unpack(p: u32) -> Weight;
	/// So many parcels shipped, with so many entries of status bits counted.
	fn ship(p: u32, c: u32) -> Weight;
	/// Goods of so many products received, with so many missing ranges and entries of status bits counted.
	fn receive(g: u32, m: u32, c: u32) -> Weight;
	/// Goods refused, with so many entries of status bits counted.
	fn refuse(c: u32) -> Weight;
	/// Goods of so many products taken back, with so many entries of status bits counted.
	fn retract(g: u32, c: u32) -> Weight;
	/// A unit dispensed.
	fn dispense() -> Weight;
	/// So many units dispensed.
	fn dispense_many(d: u32) -> Weight;
	/// A dispense undone.
	fn undo_dispense() -> Weight;
	/// So many ranges taken off the market, with so many entries of status bits read and written.
	fn decommission_range(r: u32, c: u32) -> Weight;
	/// So many ranges destroyed, with so many entries of status bits read and written.
	fn destroy(r: u32, c: u32) -> Weight;
	/// Goods of so many products stolen, with so many entries of status bits counted.
	fn report_stolen(g: u32, c: u32) -> Weight;
	/// Goods lost, with so many entries of status bits counted.
	fn report_lost(c: u32) -> Weight;
	/// So many parcels sent back, with so many entries of status bits counted.
	fn return_saleable(p: u32, c: u32) -> Weight;
	/// Suspicion reported, with so many entries of status bits counted.
	fn report_suspect(c: u32) -> Weight;
	/// Suspicion cleared and a report settled, with so many entries of status bits counted.
	fn clear_suspect(c: u32) -> Weight;
	/// So many parcels marked illegitimate, with so many entries of status bits counted.
	fn mark_illegitimate(p: u32, c: u32) -> Weight;
	/// A recall ordered.
	fn recall() -> Weight;
	/// A recall lifted.
	fn lift_recall() -> Weight;
	/// A recall acknowledged, with so many entries of status bits counted.
	fn acknowledge_recall(c: u32) -> Weight;
	/// So many parcels released from quarantine, with so many entries of status bits counted.
	fn release_quarantine(p: u32, c: u32) -> Weight;
	/// An excursion of goods of so many products logged, with so many entries of status bits counted.
	fn log_excursion(g: u32, c: u32) -> Weight;
	/// Goods of so many products released after an excursion, with so many entries of status bits counted.
	fn release_excursion(g: u32, c: u32) -> Weight;
	/// A reorder rule set, and an order placed.
	fn set_reorder_rule() -> Weight;
	/// An order cancelled.
	fn cancel_order() -> Weight;
	/// An order fulfilled.
	fn fulfil_order() -> Weight;
	/// So many entries removed.
	fn prune(n: u32) -> Weight;
	/// A package disputed.
	fn dispute_package() -> Weight;
}

/// Bytes of a product, batch, lot or list of recalled ranges in a storage proof: key, value and the trie nodes on the
/// way.
const BATCH_PROOF: u64 = 3_000;
/// Bytes of a parcel in a storage proof, found by the key before it.
const PARCEL_PROOF: u64 = 3_200;
/// Bytes of a unit of logistics in a storage proof.
const LOGISTIC_PROOF: u64 = 6_500;
/// Bytes of an entry of status bits in a storage proof.
const CHUNK_PROOF: u64 = 2_900;
/// Bytes of stock, rule and order, of a report or of an exception in a storage proof.
const ENTRY_PROOF: u64 = 2_700;
/// Bytes of the depositor's account and holds in a storage proof.
const HOLD_PROOF: u64 = 6_300;
/// Computation of a call.
const BASE: u64 = 25_000_000;
/// Computation of one deposit, one event and one encoding more.
const ITEM: u64 = 22_000_000;
/// Computation of a proof of [`salus_primitives::drug::MAX_PROOF`] hashes.
const MERKLE: u64 = 15_000_000;
/// Computation of the bits of one entry.
const BITS: u64 = 1_000_000;

/// Keys of the depositor's account and holds: both read and written for every deposit.
const HOLD_KEYS: u64 = 2;
/// Reads that find a parcel: the entry, the key before it, the entry that it belongs to.
const FIND: u64 = 3;

fn weight(db: RuntimeDbWeight, time: u64, proof: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(time, proof).saturating_add(db.reads_writes(reads, writes))
}

fn times(weight: Weight, n: u32) -> Weight {
	weight.saturating_mul(n.into())
}

/// A deposit made or returned.
fn hold(db: RuntimeDbWeight) -> Weight {
	weight(db, ITEM, HOLD_PROOF, HOLD_KEYS, HOLD_KEYS)
}

/// Entries of status bits counted.
fn count(db: RuntimeDbWeight, c: u32) -> Weight {
	times(weight(db, BITS, CHUNK_PROOF, 1, 0), c)
}

/// A load found, split off and stored, with its step: a batch and a parcel, or a unit of logistics.
fn load(db: RuntimeDbWeight, c: u32) -> Weight {
	// Two remainders, at most, are new entries; one account pays for both.
	weight(db, BASE + 3 * ITEM, BATCH_PROOF + LOGISTIC_PROOF + PARCEL_PROOF, 1 + FIND, 3)
		.saturating_add(hold(db))
		.saturating_add(count(db, c))
}

/// A load found, split off and stored as a part of a unit of logistics. The signer's account, which pays for the
/// remainders, is in the proof of that unit's deposit.
fn packed(db: RuntimeDbWeight) -> Weight {
	let proof = if LOGISTIC_PROOF > BATCH_PROOF + PARCEL_PROOF { LOGISTIC_PROOF } else { BATCH_PROOF + PARCEL_PROOF };
	weight(db, BASE + 4 * ITEM, proof, 1 + FIND + HOLD_KEYS, 3 + HOLD_KEYS)
}

/// The facts of a batch that decide whether it may be sold.
fn facts(db: RuntimeDbWeight) -> Weight {
	weight(db, 0, 4 * BATCH_PROOF, 4, 0)
}

/// A load with the condition of each parcel in it: the parcel, and the units of logistics around it.
fn conditions(db: RuntimeDbWeight, p: u32, c: u32) -> Weight {
	let parcel = weight(db, BITS, PARCEL_PROOF + 2 * LOGISTIC_PROOF, 3, 0);
	load(db, c).saturating_add(times(facts(db).saturating_add(parcel), p))
}

/// Stock of one product, its rule and an order.
fn stock(db: RuntimeDbWeight) -> Weight {
	weight(db, ITEM, 4 * ENTRY_PROOF, 3, 4)
}

/// Units of one range that leave the market.
fn removal(db: RuntimeDbWeight, r: u32, c: u32) -> Weight {
	// Each range is found twice, and its entries of status bits are read to be checked and to be written.
	let range = weight(db, ITEM, BATCH_PROOF + PARCEL_PROOF + ENTRY_PROOF, 2 * FIND + 2, 2)
		.saturating_add(hold(db))
		.saturating_add(facts(db))
		.saturating_add(stock(db));
	let bits = weight(db, 2 * BITS, CHUNK_PROOF, 2, 1);
	weight(db, BASE, 0, 0, 0).saturating_add(times(range, r)).saturating_add(times(bits, c))
}

/// A unit judged and dispensed.
fn judged(db: RuntimeDbWeight) -> Weight {
	// Batch, parcel and three units of logistics around it, bits and exception are read; parcel, bits and exception
	// written.
	let proof = BATCH_PROOF + PARCEL_PROOF + 3 * LOGISTIC_PROOF + CHUNK_PROOF + ENTRY_PROOF;
	weight(db, ITEM + MERKLE, proof, 1 + FIND + 3 + 2 + 2, 3)
		.saturating_add(facts(db))
		.saturating_add(hold(db))
		.saturating_add(stock(db))
}

/// A missing range taken out of a unit of logistics.
fn missing(db: RuntimeDbWeight) -> Weight {
	// Two remainders and the piece; three units around it, each with its excursion put on record, its step and perhaps
	// its own deposit returned.
	weight(db, 6 * ITEM, BATCH_PROOF + PARCEL_PROOF + 3 * (LOGISTIC_PROOF + ENTRY_PROOF), 1 + FIND + 6, 9)
		.saturating_add(hold(db).saturating_mul(4))
}

macro_rules! estimates {
	($db:expr) => {
		fn register_product() -> Weight {
			weight($db, BASE, BATCH_PROOF, 1, 1).saturating_add(hold($db))
		}
		fn delegate() -> Weight {
			weight($db, BASE, BATCH_PROOF, 1, 1)
		}
		fn commission() -> Weight {
			// Product, lot, first run, number, stock; batch, parcel, lot, number, stock.
			weight($db, BASE + 2 * ITEM, 5 * BATCH_PROOF, 5, 5).saturating_add(hold($db))
		}
		fn split(c: u32) -> Weight {
			load($db, c)
		}
		fn merge() -> Weight {
			weight($db, BASE, 2 * PARCEL_PROOF, 1 + FIND, 2).saturating_add(hold($db))
		}
		fn pack(l: u32, c: u32) -> Weight {
			times(packed($db), l)
				.saturating_add(count($db, c))
				.saturating_add(weight($db, BASE + ITEM, LOGISTIC_PROOF, 1, 1))
				.saturating_add(hold($db))
		}
		fn unpack(p: u32) -> Weight {
			// What is in it, and an excursion put on record of each.
			let content = weight($db, 2 * ITEM, LOGISTIC_PROOF + ENTRY_PROOF, 2, 2).saturating_add(hold($db));
			weight($db, BASE, LOGISTIC_PROOF, 1, 1).saturating_add(hold($db)).saturating_add(times(content, p))
		}
		fn ship(p: u32, c: u32) -> Weight {
			conditions($db, p, c).saturating_add(times(stock($db), p.min(MAX_GOODS)))
		}
		fn receive(g: u32, m: u32, c: u32) -> Weight {
			// Between missing ranges lie so many that arrived, and one more.
			let arrived = weight($db, BITS, BATCH_PROOF + PARCEL_PROOF, 1 + FIND, 1).saturating_add(stock($db));
			load($db, c)
				.saturating_add(times(missing($db).saturating_add(arrived), m))
				.saturating_add(times(stock($db), g))
		}
		fn refuse(c: u32) -> Weight {
			load($db, c)
		}
		fn retract(g: u32, c: u32) -> Weight {
			load($db, c).saturating_add(times(stock($db), g))
		}
		fn dispense() -> Weight {
			weight($db, BASE, 0, 0, 0).saturating_add(judged($db))
		}
		fn dispense_many(d: u32) -> Weight {
			weight($db, BASE, 0, 0, 0).saturating_add(times(judged($db), d))
		}
		fn undo_dispense() -> Weight {
			weight($db, BASE, BATCH_PROOF + PARCEL_PROOF + CHUNK_PROOF + ENTRY_PROOF, 3 + FIND, 3)
				.saturating_add(facts($db))
				.saturating_add(hold($db))
				.saturating_add(stock($db))
		}
		fn decommission_range(r: u32, c: u32) -> Weight {
			removal($db, r, c)
		}
		fn destroy(r: u32, c: u32) -> Weight {
			removal($db, r, c)
		}
		fn report_stolen(g: u32, c: u32) -> Weight {
			load($db, c).saturating_add(times(stock($db), g))
		}
		fn report_lost(c: u32) -> Weight {
			load($db, c)
		}
		fn return_saleable(p: u32, c: u32) -> Weight {
			conditions($db, p, c).saturating_add(times(stock($db), p.min(MAX_GOODS)))
		}
		fn report_suspect(c: u32) -> Weight {
			// Report, counts and number beside the goods.
			load($db, c).saturating_add(weight($db, ITEM, 3 * ENTRY_PROOF, 2, 3)).saturating_add(hold($db))
		}
		fn clear_suspect(c: u32) -> Weight {
			load($db, c).saturating_add(weight($db, ITEM, ENTRY_PROOF, 1, 1)).saturating_add(hold($db))
		}
		fn mark_illegitimate(p: u32, c: u32) -> Weight {
			conditions($db, p, c)
		}
		fn recall() -> Weight {
			weight($db, BASE, 4 * BATCH_PROOF, 4, 1)
		}
		fn lift_recall() -> Weight {
			weight($db, BASE, 4 * BATCH_PROOF, 4, 1)
		}
		fn acknowledge_recall(c: u32) -> Weight {
			conditions($db, 1, c)
				.saturating_add(weight($db, ITEM, ENTRY_PROOF, 1, 1))
				.saturating_add(hold($db))
				.saturating_add(stock($db))
		}
		fn release_quarantine(p: u32, c: u32) -> Weight {
			conditions($db, p, c).saturating_add(stock($db))
		}
		fn log_excursion(g: u32, c: u32) -> Weight {
			load($db, c)
				.saturating_add(times(weight($db, BITS, BATCH_PROOF, 1, 0), g))
				.saturating_add(weight($db, ITEM, ENTRY_PROOF, 1, 1))
				.saturating_add(hold($db))
		}
		fn release_excursion(g: u32, c: u32) -> Weight {
			load($db, c).saturating_add(times(weight($db, BITS, BATCH_PROOF, 1, 0), g))
		}
		fn set_reorder_rule() -> Weight {
			// The product is read; the old order is removed and its deposit returned.
			weight($db, BASE, BATCH_PROOF + ENTRY_PROOF, 2, 1)
				.saturating_add(stock($db))
				.saturating_add(hold($db).saturating_mul(2))
		}
		fn cancel_order() -> Weight {
			weight($db, BASE, 2 * ENTRY_PROOF, 2, 2)
		}
		fn fulfil_order() -> Weight {
			weight($db, BASE, 2 * ENTRY_PROOF, 2, 2)
		}
		fn prune(n: u32) -> Weight {
			// Each may be another account's deposit. A batch, its recalls and its parcel beside.
			let entry = weight($db, ITEM, ENTRY_PROOF, 1, 1).saturating_add(hold($db));
			weight($db, BASE, 4 * BATCH_PROOF + PARCEL_PROOF, 5, 2).saturating_add(times(entry, n))
		}
		fn dispute_package() -> Weight {
			weight($db, BASE, BATCH_PROOF + LOGISTIC_PROOF + PARCEL_PROOF, 1 + FIND, 0)
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
