//! The migrations to the version after this one: a census of what the chain held when it was upgraded.
//!
//! Neither patients nor records are ever removed, so that what was counted must still be there at any later time:
//! [`crate::upgrades::Census`] lets whoever upgrades check that nothing was lost.

#[cfg(any(test, feature = "try-runtime"))]
use alloc::vec::Vec;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	migrations::{MigrationId, SteppedMigration, SteppedMigrationError, VersionedMigration},
	traits::UncheckedOnRuntimeUpgrade,
	weights::{Weight, WeightMeter},
};
use pallet_health_records::Records;
use pallet_participants::NextOrg;
use salus_primitives::{PatientId, RecordId};
#[cfg(any(test, feature = "try-runtime"))]
use sp_runtime::TryRuntimeError;

use super::MAX_STEPS;
use crate::{
	upgrades::{Census, CensusOf},
	Runtime, System, Upgrades,
};

type Patients = pallet_consent::Patients<Runtime>;
type DbWeight = <Runtime as frame_system::Config>::DbWeight;

/// The census begins: version 2 of the storage of [`crate::upgrades`] has it, version 1 had not.
pub mod single_block {
	use super::*;

	/// From version 1 to version 2, once.
	pub type CensusBegins = VersionedMigration<1, 2, Unversioned, Upgrades, DbWeight>;

	/// The migration without the check of the version: only for [`CensusBegins`].
	pub struct Unversioned;

	impl Unversioned {
		/// What [`Self::check`] needs to know of the state before.
		#[cfg(any(test, feature = "try-runtime"))]
		pub fn before() -> Vec<u8> {
			NextOrg::<Runtime>::get().encode()
		}

		/// Checks the state after: a census that has all organisations, of this block, and has counted nothing yet.
		#[cfg(any(test, feature = "try-runtime"))]
		pub fn check(before: Vec<u8>) -> Result<(), TryRuntimeError> {
			let organisations = Decode::decode(&mut &before[..]).map_err(|_| "what was kept is of another form")?;
			let expected = CensusOf { at: System::block_number(), organisations, patients: 0, records: 0 };
			frame_support::ensure!(Census::<Runtime>::get() == Some(expected), "the census has not begun");
			Ok(())
		}
	}

	impl UncheckedOnRuntimeUpgrade for Unversioned {
		fn on_runtime_upgrade() -> Weight {
			// Organisations have numbers in a row, so that they need no counting.
			let organisations = NextOrg::<Runtime>::get();
			let census = CensusOf { at: System::block_number(), organisations, patients: 0, records: 0 };
			Census::<Runtime>::put(census);
			DbWeight::get().reads_writes(2, 1)
		}

		#[cfg(feature = "try-runtime")]
		fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
			Ok(Self::before())
		}

		#[cfg(feature = "try-runtime")]
		fn post_upgrade(before: Vec<u8>) -> Result<(), TryRuntimeError> {
			Self::check(before)
		}
	}
}

/// The census counts patients, then records.
pub mod multi_block {
	use super::*;

	/// How far the count has come.
	#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
	pub enum Place {
		/// This patient was counted last.
		Patients(PatientId),
		/// All patients were counted, and of the records this one last.
		Records(Option<(PatientId, RecordId)>),
	}

	/// Counts patients and records into the census.
	///
	/// Each block counts entries of one map: the counts of two maps take two blocks at least.
	pub struct CensusCounts;

	impl CensusCounts {
		/// What a step costs beside its entries: it reads and writes the census.
		pub fn base_weight() -> Weight {
			DbWeight::get().reads_writes(1, 1).saturating_add(Weight::from_parts(0, 4096))
		}

		/// What an entry costs: its key is read, and the nodes of the trie towards it become part of the proof. The value
		/// does not, as the trie holds its hash.
		pub fn entry_weight() -> Weight {
			DbWeight::get().reads(1).saturating_add(Weight::from_parts(0, 1024))
		}

		/// Counts entries until there are no more, `None`, or the weight is spent: how many, and the last one.
		fn count<Key>(keys: impl Iterator<Item = Key>, meter: &mut WeightMeter) -> (u64, Option<Key>) {
			let mut counted = 0;
			for key in keys {
				counted += 1;
				if meter.try_consume(Self::entry_weight()).is_err() {
					return (counted, Some(key));
				}
			}
			(counted, None)
		}

		/// What [`Self::check`] needs to know of the state before: how many patients and records there are.
		#[cfg(any(test, feature = "try-runtime"))]
		pub fn before() -> Vec<u8> {
			let records = Records::<Runtime>::iter_keys().count();
			(Patients::iter_keys().count() as u64, records as u64).encode()
		}

		/// Checks the state after: as many patients and records as before, and all of them counted.
		#[cfg(any(test, feature = "try-runtime"))]
		pub fn check(before: Vec<u8>) -> Result<(), TryRuntimeError> {
			frame_support::ensure!(before == Self::before(), "patients or records were lost or added");
			let census = Census::<Runtime>::get().ok_or("there is no census")?;
			frame_support::ensure!(before == (census.patients, census.records).encode(), "the census is wrong");
			Ok(())
		}
	}

	impl SteppedMigration for CensusCounts {
		type Cursor = Place;
		type Identifier = MigrationId<12>;

		fn id() -> Self::Identifier {
			MigrationId { pallet_id: *b"salus-census", version_from: 1, version_to: 2 }
		}

		fn max_steps() -> Option<u32> {
			Some(MAX_STEPS)
		}

		fn step(
			cursor: Option<Self::Cursor>,
			meter: &mut WeightMeter,
		) -> Result<Option<Self::Cursor>, SteppedMigrationError> {
			// Enough for one entry, so that every step gets on.
			let required = Self::base_weight().saturating_add(Self::entry_weight());
			meter.try_consume(required).map_err(|_| SteppedMigrationError::InsufficientWeight { required })?;

			let mut census = Census::<Runtime>::get().ok_or(SteppedMigrationError::Failed)?;
			let next = match cursor {
				None => {
					let (counted, last) = Self::count(Patients::iter_keys(), meter);
					census.patients += counted;
					Some(last.map_or(Place::Records(None), Place::Patients))
				}
				Some(Place::Patients(after)) => {
					let keys = Patients::iter_keys_from(Patients::hashed_key_for(after));
					let (counted, last) = Self::count(keys, meter);
					census.patients += counted;
					Some(last.map_or(Place::Records(None), Place::Patients))
				}
				Some(Place::Records(after)) => {
					let keys = match after {
						None => Records::<Runtime>::iter_keys(),
						Some((patient, record)) => {
							let after = Records::<Runtime>::hashed_key_for(patient, record);
							Records::<Runtime>::iter_keys_from(after)
						}
					};
					let (counted, last) = Self::count(keys, meter);
					census.records += counted;
					last.map(|last| Place::Records(Some(last)))
				}
			};
			Census::<Runtime>::put(census);
			Ok(next)
		}

		#[cfg(feature = "try-runtime")]
		fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
			Ok(Self::before())
		}

		#[cfg(feature = "try-runtime")]
		fn post_upgrade(before: Vec<u8>) -> Result<(), TryRuntimeError> {
			Self::check(before)
		}
	}
}
