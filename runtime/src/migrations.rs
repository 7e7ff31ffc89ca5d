//! # What an upgrade does to the state
//!
//! A runtime that stores something in another way than the one before brings a migration. There are two kinds:
//!
//! * **Of a single block** ([`SingleBlock`]): runs whole, before anything else in the first block of the new runtime.
//!   For what is a few entries, whatever the chain holds. It is a `VersionedMigration`: it runs from one storage
//!   version of its pallet to the next, and never again.
//! * **Of several blocks** ([`MultiBlock`]): walks a map whose length is up to users. It is a `SteppedMigration`: in
//!   each block it goes on from its cursor for as long as the weight reaches, and its identifier is remembered, so that
//!   it never runs again.
//!
//! While one of several blocks runs, blocks hold nothing but inherents: no transaction at all, patients' withdrawals
//! included, which wait in the pool and go into the first block after it. Gateways go on deciding in the meantime. So:
//!
//! * it takes at most [`MAX_STEPS`] blocks, and what takes longer is divided among upgrades;
//! * whatever a decision reads must be read rightly between any two of its steps. What cannot be, is migrated in a
//!   single block, or read in both forms until an upgrade later.
//!
//! Only Root could force, skip or repeat one (`MultiBlockMigrations`), so nobody can. One that fails ends, and the
//! chain enters safe mode ([`SafeModeOnFailure`]): what nobody can stop goes on, and so do the council and the upgrade
//! that it authorises.
//!
//! The migrations below are compiled for tests and for the runtime that tests upgrade to (feature `next-version`). They
//! are what a real one is copied from: `single_block` changes the storage of a pallet, `multi_block` walks maps.

use frame_support::migrations::{FailedMigrationHandler, FailedMigrationHandling};

use crate::{constants::time::HOURS, BlockNumber, SafeMode};

#[cfg(any(test, feature = "next-version"))]
mod next;
#[cfg(any(test, feature = "next-version"))]
pub use next::{multi_block, single_block};

/// The most blocks that a migration may take. A patient whose withdrawal waits has waited an hour then.
pub const MAX_STEPS: u32 = HOURS;

/// The migrations of a single block, in order.
#[cfg(any(test, feature = "next-version"))]
pub type SingleBlock = single_block::CensusBegins;
/// The migrations of a single block, in order.
#[cfg(not(any(test, feature = "next-version")))]
pub type SingleBlock = ();

/// The migrations of several blocks, in order.
#[cfg(any(test, feature = "next-version"))]
pub type MultiBlock = multi_block::CensusCounts;
/// The migrations of several blocks, in order.
#[cfg(not(any(test, feature = "next-version")))]
pub type MultiBlock = ();

/// What happens when a migration fails: the chain enters safe mode, until the council ends it, and takes transactions
/// again.
///
/// It cannot keep refusing them, for only Root could let them in again, and there is no Root: not even the upgrade that
/// repairs the damage would get through.
pub struct SafeModeOnFailure;

impl FailedMigrationHandler for SafeModeOnFailure {
	fn failed(_: Option<u32>) -> FailedMigrationHandling {
		// Neither fails: safe mode that is entered is extended, and one that is not, entered.
		let _ = if SafeMode::is_entered() {
			<SafeMode as frame_support::traits::SafeMode>::extend(BlockNumber::MAX)
		} else {
			<SafeMode as frame_support::traits::SafeMode>::enter(BlockNumber::MAX)
		};
		FailedMigrationHandling::ForceUnstuck
	}
}
