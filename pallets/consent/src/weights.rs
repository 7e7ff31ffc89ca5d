//! Weights of the pallet.
//!
//! ESTIMATE: reads and writes are counted from the code, the rest is guessed on the heavy side. What the benchmarks in
//! `benchmarking.rs` generate replaces this file. Directory and record look-ups are not in here; the calls add what
//! those traits tell.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, Weight},
};

/// Weights of the calls and of what other pallets ask.
pub trait WeightInfo {
	/// `register_patient`.
	fn register_patient() -> Weight;
	/// `set_policy`.
	fn set_policy() -> Weight;
	/// `open_care`, without the directory.
	fn open_care() -> Weight;
	/// `close_care`.
	fn close_care() -> Weight;
	/// `grant` of a consent with `r` rules that supersedes another.
	fn grant(r: u32) -> Weight;
	/// `withdraw`.
	fn withdraw() -> Weight;
	/// `enter_consent_in_error`.
	fn enter_consent_in_error() -> Weight;
	/// `remove_consent`.
	fn remove_consent() -> Weight;
	/// `register_minor`.
	fn register_minor() -> Weight;
	/// `appoint_guardian`.
	fn appoint_guardian() -> Weight;
	/// `end_guardian`.
	fn end_guardian() -> Weight;
	/// `propose` of a consent with `r` rules that evicts every other proposal, without the directory.
	fn propose(r: u32) -> Weight;
	/// `accept` of a consent of the largest size.
	fn accept() -> Weight;
	/// `reject`, without the directory.
	fn reject() -> Weight;
	/// `break_glass`, without the directory.
	fn break_glass() -> Weight;
	/// `review_glass`, without the directory.
	fn review_glass() -> Weight;
	/// `object_to_glass`.
	fn object_to_glass() -> Weight;
	/// `remove_glass`.
	fn remove_glass() -> Weight;
	/// `set_friends` of as many as there can be, in place of others.
	fn set_friends() -> Weight;
	/// `vouch`, without the directory.
	fn vouch() -> Weight;
	/// `stop_recovery`.
	fn stop_recovery() -> Weight;
	/// `finish_recovery`.
	fn finish_recovery() -> Weight;
	/// A decision that reads `c` consents, without the directory.
	fn decide(c: u32) -> Weight;
	/// Reading one fact about a patient.
	fn lookup() -> Weight;
	/// Reading whether a care relationship is open.
	fn in_care() -> Weight;
	/// Counting a change.
	fn touch() -> Weight;
}

/// Proof of one entry: the path to it, and the entry at its largest.
const PATIENT: u64 = 2_600 + 1_700;
const CONSENT: u64 = 2_600 + 18_000;
const CARE: u64 = 2_600 + 250;
const GLASS: u64 = 2_600 + 300;
const AWAITING: u64 = 2_600 + 350;
const RATE: u64 = 2_600 + 20;
const RECOVERY: u64 = 2_600 + 750;
/// Proof of an account and its holds.
const ACCOUNT: u64 = 2 * 2_600 + 1_000;
/// Proposals that one call evicts, each with its deposit.
const EVICTED: u64 = 8;

const fn base(micros: u64, proof: u64) -> Weight {
	Weight::from_parts(micros * 1_000_000, proof)
}

/// Weights with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// The same estimates for whichever database.
macro_rules! estimates {
	($db:ty) => {
		fn register_patient() -> Weight {
			base(60, PATIENT + ACCOUNT).saturating_add(<$db>::get().reads_writes(3, 3))
		}
		fn set_policy() -> Weight {
			base(25, PATIENT).saturating_add(<$db>::get().reads_writes(1, 1))
		}
		fn open_care() -> Weight {
			base(90, PATIENT + CARE + 2 * ACCOUNT).saturating_add(<$db>::get().reads_writes(6, 6))
		}
		fn close_care() -> Weight {
			base(70, PATIENT + CARE + ACCOUNT).saturating_add(<$db>::get().reads_writes(4, 4))
		}
		fn grant(r: u32) -> Weight {
			base(120, PATIENT + CONSENT + ACCOUNT)
				.saturating_add(base(5, 0).saturating_mul(r.into()))
				.saturating_add(<$db>::get().reads_writes(4, 5))
		}
		fn withdraw() -> Weight {
			base(60, PATIENT + CONSENT).saturating_add(<$db>::get().reads_writes(2, 2))
		}
		fn enter_consent_in_error() -> Weight {
			Self::withdraw()
		}
		fn remove_consent() -> Weight {
			base(90, PATIENT + CONSENT + ACCOUNT).saturating_add(<$db>::get().reads_writes(4, 4))
		}
		fn register_minor() -> Weight {
			Self::register_patient()
		}
		fn appoint_guardian() -> Weight {
			base(30, PATIENT).saturating_add(<$db>::get().reads_writes(1, 1))
		}
		fn end_guardian() -> Weight {
			base(30, PATIENT).saturating_add(<$db>::get().reads_writes(1, 1))
		}
		fn propose(r: u32) -> Weight {
			base(120, PATIENT + CONSENT + ACCOUNT)
				.saturating_add(base(5, 0).saturating_mul(r.into()))
				.saturating_add(base(60, CONSENT + ACCOUNT).saturating_mul(EVICTED))
				.saturating_add(<$db>::get().reads_writes(4 + 3 * EVICTED, 4 + 3 * EVICTED))
		}
		fn accept() -> Weight {
			base(200, PATIENT + CONSENT + 2 * ACCOUNT).saturating_add(<$db>::get().reads_writes(6, 6))
		}
		fn reject() -> Weight {
			base(90, PATIENT + CONSENT + ACCOUNT).saturating_add(<$db>::get().reads_writes(4, 4))
		}
		fn break_glass() -> Weight {
			base(100, PATIENT + GLASS + AWAITING + RATE + ACCOUNT).saturating_add(<$db>::get().reads_writes(6, 6))
		}
		fn review_glass() -> Weight {
			base(50, PATIENT + GLASS + AWAITING).saturating_add(<$db>::get().reads_writes(3, 3))
		}
		fn object_to_glass() -> Weight {
			Self::review_glass()
		}
		fn remove_glass() -> Weight {
			base(70, PATIENT + GLASS + ACCOUNT).saturating_add(<$db>::get().reads_writes(4, 4))
		}
		fn set_friends() -> Weight {
			base(90, PATIENT + RECOVERY + 2 * ACCOUNT).saturating_add(<$db>::get().reads_writes(6, 6))
		}
		fn vouch() -> Weight {
			base(45, PATIENT + RECOVERY).saturating_add(<$db>::get().reads_writes(2, 2))
		}
		fn stop_recovery() -> Weight {
			base(40, PATIENT + RECOVERY).saturating_add(<$db>::get().reads_writes(2, 2))
		}
		fn finish_recovery() -> Weight {
			Self::stop_recovery()
		}
		fn decide(c: u32) -> Weight {
			base(35, PATIENT + CARE + GLASS)
				.saturating_add(base(30, CONSENT).saturating_mul(c.into()))
				.saturating_add(<$db>::get().reads(3 + u64::from(c)))
		}
		fn lookup() -> Weight {
			base(10, PATIENT).saturating_add(<$db>::get().reads(1))
		}
		fn in_care() -> Weight {
			base(10, CARE).saturating_add(<$db>::get().reads(1))
		}
		fn touch() -> Weight {
			base(20, PATIENT).saturating_add(<$db>::get().reads_writes(1, 1))
		}
	};
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	estimates!(T::DbWeight);
}

/// The same, with the database weights of RocksDB.
impl WeightInfo for () {
	estimates!(RocksDbWeight);
}
