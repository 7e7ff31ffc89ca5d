//! Who authors blocks: the collators that the council names, and nobody else.

use frame_support::{parameter_types, traits::ConstU128, traits::ConstU32, PalletId};
use pallet_collator_selection::IdentityCollator;

use super::governance::CollatorOrigin;
use crate::{
	constants::{currency::deposit, time::HOURS},
	AccountId, Aura, Balances, BlockNumber, CollatorSelection, Runtime, RuntimeEvent, Session, SessionKeys,
};

parameter_types! {
	/// The account that collects fees until authors are paid.
	pub const PotId: PalletId = PalletId(*b"SalusPot");
	/// How long a set of collators stays: a new one takes over within two of these. A genesis may have another, as
	/// networks for tests do; no call changes it.
	pub storage SessionPeriod: BlockNumber = HOURS;
	/// When the first session ends.
	pub const SessionOffset: BlockNumber = 0;
	/// The most collators the consortium can have.
	pub const MaxCollators: u32 = 100;
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = CollatorSelection;
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Aura>;
}

impl pallet_session::Config for Runtime {
	type Currency = Balances;
	type DisablingStrategy = ();
	// Anyone may announce keys, so keys hold a deposit: the keys of one collator and the entry of their owner.
	type KeyDeposit = ConstU128<{ deposit(2, 100) }>;
	type Keys = SessionKeys;
	type NextSessionRotation = pallet_session::PeriodicSessions<SessionPeriod, SessionOffset>;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as sp_runtime::traits::OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = CollatorSelection;
	type ShouldEndSession = pallet_session::PeriodicSessions<SessionPeriod, SessionOffset>;
	type ValidatorId = AccountId;
	type ValidatorIdOf = IdentityCollator;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl pallet_collator_selection::Config for Runtime {
	type Currency = Balances;
	type KickThreshold = SessionPeriod;
	// Nobody can offer to collate: the council invites.
	type MaxCandidates = ConstU32<0>;
	type MaxInvulnerables = MaxCollators;
	type MinEligibleCollators = ConstU32<1>;
	type PotId = PotId;
	type RuntimeEvent = RuntimeEvent;
	type UpdateOrigin = CollatorOrigin;
	type ValidatorId = AccountId;
	type ValidatorIdOf = IdentityCollator;
	type ValidatorRegistration = Session;
	type WeightInfo = pallet_collator_selection::weights::SubstrateWeight<Runtime>;
}
