//! Weights of the calls, and of what other pallets read here.
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
	/// Weight of `admit_organisation`.
	fn admit_organisation() -> Weight;
	/// Weight of `suspend_organisation`.
	fn suspend_organisation() -> Weight;
	/// Weight of `reinstate_organisation`.
	fn reinstate_organisation() -> Weight;
	/// Weight of `revoke_organisation`.
	fn revoke_organisation() -> Weight;
	/// Weight of `renew_licence`.
	fn renew_licence() -> Weight;
	/// Weight of `set_requires_agreement`.
	fn set_requires_agreement() -> Weight;
	/// Weight of `add_admin`.
	fn add_admin() -> Weight;
	/// Weight of `remove_admin`.
	fn remove_admin() -> Weight;
	/// Weight of `add_member`.
	fn add_member() -> Weight;
	/// Weight of `remove_member`.
	fn remove_member() -> Weight;
	/// Weight of `set_encryption_key`.
	fn set_encryption_key() -> Weight;
	/// Weight of `remove_encryption_key`.
	fn remove_encryption_key() -> Weight;
	/// Weight of `propose_agreement`.
	fn propose_agreement() -> Weight;
	/// Weight of `accept_agreement`.
	fn accept_agreement() -> Weight;
	/// Weight of `end_agreement`.
	fn end_agreement() -> Weight;
	/// Weight of `Directory::standing`.
	fn standing() -> Weight;
	/// Weight of `Directory::organisation`.
	fn organisation() -> Weight;
	/// Weight of `Directory::is_admin`.
	fn is_admin() -> Weight;
	/// Weight of `Directory::agreements`.
	fn agreements() -> Weight;
}

/// Weights with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Participants::NextOrg` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Participants::Organisations` (r:0 w:1)
	/// Storage: `Participants::Admins` (r:0 w:1)
	fn admit_organisation() -> Weight {
		Weight::from_parts(14_000_000, 7349)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	fn suspend_organisation() -> Weight {
		Weight::from_parts(12_000_000, 3603)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	fn reinstate_organisation() -> Weight {
		Weight::from_parts(12_000_000, 3603)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	fn revoke_organisation() -> Weight {
		Weight::from_parts(12_000_000, 3603)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn renew_licence() -> Weight {
		Weight::from_parts(13_000_000, 4106)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn set_requires_agreement() -> Weight {
		Weight::from_parts(17_000_000, 6850)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn add_admin() -> Weight {
		Weight::from_parts(18_000_000, 6850)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:1)
	fn remove_admin() -> Weight {
		Weight::from_parts(17_000_000, 6347)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Members` (r:1 w:1)
	/// Storage: `Participants::MemberCounts` (r:2 w:2)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn add_member() -> Weight {
		Weight::from_parts(28_000_000, 16998)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Members` (r:1 w:1)
	fn remove_member() -> Weight {
		Weight::from_parts(20_000_000, 8900)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::EncryptionKeys` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn set_encryption_key() -> Weight {
		Weight::from_parts(45_000_000, 9149)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Participants::EncryptionKeys` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn remove_encryption_key() -> Weight {
		Weight::from_parts(45_000_000, 9149)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Agreements` (r:1 w:1)
	/// Storage: `Participants::NextAgreement` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn propose_agreement() -> Weight {
		Weight::from_parts(27_000_000, 12842)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Agreements` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn accept_agreement() -> Weight {
		Weight::from_parts(25_000_000, 12339)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Agreements` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn end_agreement() -> Weight {
		Weight::from_parts(22_000_000, 9726)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Participants::Members` (r:1 w:0)
	/// Storage: `Participants::Organisations` (r:1 w:0)
	fn standing() -> Weight {
		Weight::from_parts(9_000_000, 6156).saturating_add(T::DbWeight::get().reads(2))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	fn organisation() -> Weight {
		Weight::from_parts(5_000_000, 3603).saturating_add(T::DbWeight::get().reads(1))
	}
	/// Storage: `Participants::Admins` (r:1 w:0)
	fn is_admin() -> Weight {
		Weight::from_parts(5_000_000, 3734).saturating_add(T::DbWeight::get().reads(1))
	}
	/// Storage: `Participants::Agreements` (r:1 w:0)
	fn agreements() -> Weight {
		Weight::from_parts(6_000_000, 3866).saturating_add(T::DbWeight::get().reads(1))
	}
}

/// Weights with RocksDB, for tests.
impl WeightInfo for () {
	/// Storage: `Participants::NextOrg` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Participants::Organisations` (r:0 w:1)
	/// Storage: `Participants::Admins` (r:0 w:1)
	fn admit_organisation() -> Weight {
		Weight::from_parts(14_000_000, 7349)
			.saturating_add(RocksDbWeight::get().reads(2))
			.saturating_add(RocksDbWeight::get().writes(3))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	fn suspend_organisation() -> Weight {
		Weight::from_parts(12_000_000, 3603)
			.saturating_add(RocksDbWeight::get().reads(1))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	fn reinstate_organisation() -> Weight {
		Weight::from_parts(12_000_000, 3603)
			.saturating_add(RocksDbWeight::get().reads(1))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	fn revoke_organisation() -> Weight {
		Weight::from_parts(12_000_000, 3603)
			.saturating_add(RocksDbWeight::get().reads(1))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn renew_licence() -> Weight {
		Weight::from_parts(13_000_000, 4106)
			.saturating_add(RocksDbWeight::get().reads(2))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:1)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn set_requires_agreement() -> Weight {
		Weight::from_parts(17_000_000, 6850)
			.saturating_add(RocksDbWeight::get().reads(3))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn add_admin() -> Weight {
		Weight::from_parts(18_000_000, 6850)
			.saturating_add(RocksDbWeight::get().reads(3))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:1)
	fn remove_admin() -> Weight {
		Weight::from_parts(17_000_000, 6347)
			.saturating_add(RocksDbWeight::get().reads(2))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Members` (r:1 w:1)
	/// Storage: `Participants::MemberCounts` (r:2 w:2)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn add_member() -> Weight {
		Weight::from_parts(28_000_000, 16998)
			.saturating_add(RocksDbWeight::get().reads(7))
			.saturating_add(RocksDbWeight::get().writes(3))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Members` (r:1 w:1)
	fn remove_member() -> Weight {
		Weight::from_parts(20_000_000, 8900)
			.saturating_add(RocksDbWeight::get().reads(3))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::EncryptionKeys` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn set_encryption_key() -> Weight {
		Weight::from_parts(45_000_000, 9149)
			.saturating_add(RocksDbWeight::get().reads(3))
			.saturating_add(RocksDbWeight::get().writes(3))
	}
	/// Storage: `Participants::EncryptionKeys` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn remove_encryption_key() -> Weight {
		Weight::from_parts(45_000_000, 9149)
			.saturating_add(RocksDbWeight::get().reads(3))
			.saturating_add(RocksDbWeight::get().writes(3))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Agreements` (r:1 w:1)
	/// Storage: `Participants::NextAgreement` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn propose_agreement() -> Weight {
		Weight::from_parts(27_000_000, 12842)
			.saturating_add(RocksDbWeight::get().reads(6))
			.saturating_add(RocksDbWeight::get().writes(2))
	}
	/// Storage: `Participants::Organisations` (r:2 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Agreements` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn accept_agreement() -> Weight {
		Weight::from_parts(25_000_000, 12339)
			.saturating_add(RocksDbWeight::get().reads(5))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	/// Storage: `Participants::Admins` (r:1 w:0)
	/// Storage: `Participants::Agreements` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn end_agreement() -> Weight {
		Weight::from_parts(22_000_000, 9726)
			.saturating_add(RocksDbWeight::get().reads(4))
			.saturating_add(RocksDbWeight::get().writes(1))
	}
	/// Storage: `Participants::Members` (r:1 w:0)
	/// Storage: `Participants::Organisations` (r:1 w:0)
	fn standing() -> Weight {
		Weight::from_parts(9_000_000, 6156).saturating_add(RocksDbWeight::get().reads(2))
	}
	/// Storage: `Participants::Organisations` (r:1 w:0)
	fn organisation() -> Weight {
		Weight::from_parts(5_000_000, 3603).saturating_add(RocksDbWeight::get().reads(1))
	}
	/// Storage: `Participants::Admins` (r:1 w:0)
	fn is_admin() -> Weight {
		Weight::from_parts(5_000_000, 3734).saturating_add(RocksDbWeight::get().reads(1))
	}
	/// Storage: `Participants::Agreements` (r:1 w:0)
	fn agreements() -> Weight {
		Weight::from_parts(6_000_000, 3866).saturating_add(RocksDbWeight::get().reads(1))
	}
}
