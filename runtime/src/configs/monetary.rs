//! Balances and fees.

use frame_support::{
	parameter_types,
	traits::{
		fungible::HoldConsideration, tokens::imbalance::ResolveTo, ConstU128, ConstU32, ConstU8, LinearStoragePrice,
		VariantCountOf,
	},
	weights::{ConstantMultiplier, Weight},
};
use pallet_sponsorship::{FeeWeights, SponsoredFees};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

use crate::{
	constants::{
		block::MAXIMUM_BLOCK_WEIGHT,
		currency::{BYTE_DEPOSIT, EXISTENTIAL_DEPOSIT, ITEM_DEPOSIT, MICRO},
	},
	AccountId, Balance, Balances, CollatorSelection, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason,
	System,
};

impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	// Burnt.
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// The price of one thing in storage, by its bytes.
pub type StoragePrice = LinearStoragePrice<ConstU128<ITEM_DEPOSIT>, ConstU128<BYTE_DEPOSIT>, Balance>;

/// A deposit for what is stored, held for `Reason` and released when it is removed.
pub type StorageDeposit<Reason> = HoldConsideration<AccountId, Balances, Reason, StoragePrice>;

/// What weight costs: one SLS for a second of execution, or as much for the same share of a block's proof, whichever
/// is more.
pub struct WeightToFee;

impl frame_support::weights::WeightToFee for WeightToFee {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		// A weight counts picoseconds, of which a second has as many as an SLS has parts.
		let time = Balance::from(weight.ref_time());
		let proof = Balance::from(weight.proof_size())
			.saturating_mul(MAXIMUM_BLOCK_WEIGHT.ref_time().into())
			.saturating_div(MAXIMUM_BLOCK_WEIGHT.proof_size().into());
		time.max(proof)
	}
}

parameter_types! {
	/// How full blocks should be on average.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast the price follows demand.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// The price never falls below the list price.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
	/// The price may rise as far as demand drives it.
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
	/// The account that collects fees for the authors of blocks.
	pub FeePot: AccountId = CollatorSelection::account_id();
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate =
		TargetedFeeAdjustment<Self, TargetBlockFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<MICRO>>;
	type OnChargeTransaction = SponsoredFees<FungibleAdapter<Balances, ResolveTo<FeePot, Balances>>>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = FeeWeights<Runtime, pallet_transaction_payment::weights::SubstrateWeight<Runtime>>;
	type WeightToFee = WeightToFee;
}
