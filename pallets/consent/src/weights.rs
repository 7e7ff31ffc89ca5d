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
	/// A decision that reads `c` consents, without the directory.
	fn decide(c: u32) -> Weight;
	/// Reading the controller of a patient.
	fn read_controller() -> Weight;
	/// Reading whether a care relationship is open.
	fn in_care() -> Weight;
	/// Counting a change.
	fn touch() -> Weight;
}

/// Proof of one entry: the path to it, and the entry at its largest.
const PATIENT: u64 = 2_600 + 700;
const CONSENT: u64 = 2_600 + 18_000;
const CARE: u64 = 2_600 + 250;
/// Proof of an account and its holds.
const ACCOUNT: u64 = 2 * 2_600 + 1_000;

const fn base(micros: u64, proof: u64) -> Weight {
	Weight::from_parts(micros * 1_000_000, proof)
}

/// Weights with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register_patient() -> Weight {
		base(60, PATIENT + ACCOUNT).saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}
	fn set_policy() -> Weight {
		base(25, PATIENT).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}
	fn open_care() -> Weight {
		base(90, PATIENT + CARE + 2 * ACCOUNT).saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}
	fn close_care() -> Weight {
		base(70, PATIENT + CARE + ACCOUNT).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn grant(r: u32) -> Weight {
		base(120, PATIENT + CONSENT + ACCOUNT)
			.saturating_add(base(5, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 5))
	}
	fn withdraw() -> Weight {
		base(60, PATIENT + CONSENT).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}
	fn enter_consent_in_error() -> Weight {
		Self::withdraw()
	}
	fn remove_consent() -> Weight {
		base(90, PATIENT + CONSENT + ACCOUNT).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn decide(c: u32) -> Weight {
		base(30, PATIENT + CARE)
			.saturating_add(base(30, CONSENT).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(2 + u64::from(c)))
	}
	fn read_controller() -> Weight {
		base(10, PATIENT).saturating_add(T::DbWeight::get().reads(1))
	}
	fn in_care() -> Weight {
		base(10, CARE).saturating_add(T::DbWeight::get().reads(1))
	}
	fn touch() -> Weight {
		base(20, PATIENT).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}
}

/// The same, with the database weights of RocksDB.
impl WeightInfo for () {
	fn register_patient() -> Weight {
		base(60, PATIENT + ACCOUNT).saturating_add(RocksDbWeight::get().reads_writes(3, 3))
	}
	fn set_policy() -> Weight {
		base(25, PATIENT).saturating_add(RocksDbWeight::get().reads_writes(1, 1))
	}
	fn open_care() -> Weight {
		base(90, PATIENT + CARE + 2 * ACCOUNT).saturating_add(RocksDbWeight::get().reads_writes(6, 6))
	}
	fn close_care() -> Weight {
		base(70, PATIENT + CARE + ACCOUNT).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn grant(r: u32) -> Weight {
		base(120, PATIENT + CONSENT + ACCOUNT)
			.saturating_add(base(5, 0).saturating_mul(r.into()))
			.saturating_add(RocksDbWeight::get().reads_writes(4, 5))
	}
	fn withdraw() -> Weight {
		base(60, PATIENT + CONSENT).saturating_add(RocksDbWeight::get().reads_writes(2, 2))
	}
	fn enter_consent_in_error() -> Weight {
		Self::withdraw()
	}
	fn remove_consent() -> Weight {
		base(90, PATIENT + CONSENT + ACCOUNT).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn decide(c: u32) -> Weight {
		base(30, PATIENT + CARE)
			.saturating_add(base(30, CONSENT).saturating_mul(c.into()))
			.saturating_add(RocksDbWeight::get().reads(2 + u64::from(c)))
	}
	fn read_controller() -> Weight {
		base(10, PATIENT).saturating_add(RocksDbWeight::get().reads(1))
	}
	fn in_care() -> Weight {
		base(10, CARE).saturating_add(RocksDbWeight::get().reads(1))
	}
	fn touch() -> Weight {
		base(20, PATIENT).saturating_add(RocksDbWeight::get().reads_writes(1, 1))
	}
}
