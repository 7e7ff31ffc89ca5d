//! Money, time and the size of a block.

#![warn(missing_docs)]

/// Amounts of the token.
pub mod currency {
	use crate::Balance;

	/// One SLS.
	pub const UNIT: Balance = 1_000_000_000_000;
	/// A thousandth of an SLS.
	pub const MILLI: Balance = UNIT / 1_000;
	/// A millionth of an SLS.
	pub const MICRO: Balance = MILLI / 1_000;

	/// The symbol of the token.
	pub const SYMBOL: &str = "SLS";
	/// How many decimals one token has.
	pub const DECIMALS: u8 = 12;

	/// The least that an account may own without being removed.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;
	/// The deposit for one entry in storage, beside its bytes.
	pub const ITEM_DEPOSIT: Balance = 10 * MILLI;
	/// The deposit for one byte in storage.
	pub const BYTE_DEPOSIT: Balance = 100 * MICRO;

	/// The deposit for keeping `items` entries with `bytes` bytes together in storage.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * ITEM_DEPOSIT + bytes as Balance * BYTE_DEPOSIT
	}
}

/// Time, in blocks of the parachain's pace under a relay chain (a development chain is usually faster).
pub mod time {
	use crate::BlockNumber;

	/// The length of a slot of this chain, in milliseconds.
	pub const SLOT_DURATION: u64 = 6_000;
	/// The length of a slot of the relay chain, in milliseconds.
	pub const RELAY_SLOT_DURATION: u32 = 6_000;

	/// Blocks in a minute.
	pub const MINUTES: BlockNumber = (60_000 / SLOT_DURATION) as BlockNumber;
	/// Blocks in an hour.
	pub const HOURS: BlockNumber = 60 * MINUTES;
	/// Blocks in a day.
	pub const DAYS: BlockNumber = 24 * HOURS;
}

/// What fits into a block.
pub mod block {
	use cumulus_primitives_core::relay_chain::MAX_POV_SIZE;
	use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight};
	use sp_runtime::Perbill;

	/// The part of a block that ordinary transactions may fill; the rest is for operational ones.
	pub const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
	/// The part of a block that initialisation is expected to take.
	pub const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(5);
	/// The bytes of all transactions of a block.
	pub const MAXIMUM_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;
	/// Two seconds of execution, which is what a relay chain validator grants, and the largest proof it takes.
	pub const MAXIMUM_BLOCK_WEIGHT: Weight =
		Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND.saturating_mul(2), MAX_POV_SIZE as u64);
}
