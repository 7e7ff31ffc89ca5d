//! Weights of the calls, and of finding and charging who pays a fee.
//!
//! **These numbers are ESTIMATES.** They were not measured: reads and writes were counted in the code at each call's
//! worst case, proof sizes were added up from the greatest encoded length of what is read, and computing times were
//! taken from similar calls of the SDK's pallets. They hold until they are replaced by generated ones.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, Weight},
};

/// Weights that the pallet needs.
pub trait WeightInfo {
	/// Weight of `set_terms`.
	fn set_terms() -> Weight;
	/// Weight of `enrol`.
	fn enrol() -> Weight;
	/// Weight of `dismiss`.
	fn dismiss() -> Weight;
	/// Weight of `leave`.
	fn leave() -> Weight;
	/// Weight of finding a sponsor, charging its allowances and giving back what was not used.
	fn sponsored_fee() -> Weight;
	/// Weight of finding that a waiver is left and counting it.
	fn waived_fee() -> Weight;
}

/// Weights with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Sponsors` (r:1 w:1)
	fn set_terms() -> Weight {
		Weight::from_parts(22_000_000, 9900)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:2 w:0)
	/// Storage: `Participants::Members` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Sponsors` (r:2 w:2)
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn enrol() -> Weight {
		Weight::from_parts(45_000_000, 24800)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Members` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	fn dismiss() -> Weight {
		Weight::from_parts(25_000_000, 15100)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	fn leave() -> Weight {
		Weight::from_parts(14_000_000, 3550)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	/// Storage: `Sponsorship::Sponsors` (r:1 w:1)
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `System::Account` (r:1 w:0)
	fn sponsored_fee() -> Weight {
		Weight::from_parts(30_000_000, 16000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Sponsorship::Waivers` (r:3 w:3)
	fn waived_fee() -> Weight {
		Weight::from_parts(25_000_000, 11500)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}

impl WeightInfo for () {
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Sponsors` (r:1 w:1)
	fn set_terms() -> Weight {
		Weight::from_parts(22_000_000, 9900)
			.saturating_add(RocksDbWeight::get().reads(4))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:2 w:0)
	/// Storage: `Participants::Members` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Sponsors` (r:2 w:2)
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn enrol() -> Weight {
		Weight::from_parts(45_000_000, 24800)
			.saturating_add(RocksDbWeight::get().reads(10))
			.saturating_add(RocksDbWeight::get().writes(4))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Members` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	fn dismiss() -> Weight {
		Weight::from_parts(25_000_000, 15100)
			.saturating_add(RocksDbWeight::get().reads(5))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	fn leave() -> Weight {
		Weight::from_parts(14_000_000, 3550)
			.saturating_add(RocksDbWeight::get().reads(1))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Sponsorship::Accounts` (r:1 w:1)
	/// Storage: `Sponsorship::Sponsors` (r:1 w:1)
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `System::Account` (r:1 w:0)
	fn sponsored_fee() -> Weight {
		Weight::from_parts(30_000_000, 16000)
			.saturating_add(RocksDbWeight::get().reads(6))
			.saturating_add(RocksDbWeight::get().writes(2))
	}
	/// Storage: `Sponsorship::Waivers` (r:3 w:3)
	fn waived_fee() -> Weight {
		Weight::from_parts(25_000_000, 11500)
			.saturating_add(RocksDbWeight::get().reads(3))
			.saturating_add(RocksDbWeight::get().writes(3))
	}
}
