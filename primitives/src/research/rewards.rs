//! Rewards by shares, exact to the last unit.
//!
//! Everything is kept in *parts*: [`SCALE`] to a unit. What does not divide by the shares stays as a remainder, and is
//! divided with the next amount.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

/// Parts of a unit.
pub const SCALE: u128 = 1_000_000_000_000_000_000;

/// What each share has earned so far.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Rewards {
	/// Parts that a share which counted from the beginning has earned.
	pub per_share: U256,
	/// Parts that are nobody's yet.
	pub remainder: U256,
}

impl Rewards {
	/// Divides units among so many shares; without shares they stay in the remainder. `None` on overflow, of which
	/// nothing has changed.
	pub fn distribute(&mut self, units: u128, shares: u64) -> Option<()> {
		let parts = U256::from(units).checked_mul(SCALE.into())?.checked_add(self.remainder)?;
		if shares == 0 {
			self.remainder = parts;
			return Some(());
		}
		let (each, rest) = parts.div_mod(shares.into());
		self.per_share = self.per_share.checked_add(each)?;
		self.remainder = rest;
		Some(())
	}

	/// Parts that so many shares earned between two states of `per_share`.
	pub fn earned(shares: u64, from: U256, to: U256) -> Option<U256> {
		to.checked_sub(from)?.checked_mul(shares.into())
	}

	/// Whole units of these parts, and the parts that are left.
	pub fn whole(parts: U256) -> (u128, U256) {
		let (units, rest) = parts.div_mod(SCALE.into());
		// Parts that do not fit are left: nothing is lost.
		match u128::try_from(units) {
			Ok(units) => (units, rest),
			Err(_) => (0, parts),
		}
	}
}
