//! # The Salus parachain runtime
//!
//! Composes the pallets of the Polkadot SDK with those of Salus. Three decisions shape it:
//!
//! * **No back door.** There is no sudo, no call that reaches Root, and no XCM: messages from the relay chain are
//!   queued and refused, none is ever sent, and the messages of other parachains are not even read. What the
//!   consortium may do, its council does through origins that name the majority each act needs
//!   ([`configs::governance`]).
//! * **Wallets work unmodified.** Transactions carry only extensions that standard wallets know ([`TxExtension`]).
//! * **Patients' rights cannot be paused.** Whatever the council halts, withdrawing a consent still works
//!   ([`configs::governance::ALWAYS_ALLOWED`]). It waits for the end of a migration only ([`migrations`]).

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// The macros below generate items without documentation; the modules that have none of those macros warn again.
#![allow(missing_docs)]

extern crate alloc;

#[cfg(all(feature = "std", not(feature = "next-version")))]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
#[cfg(all(feature = "std", feature = "next-version"))]
include!(concat!(env!("OUT_DIR"), "/next_version"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod extension;
pub mod genesis_config_presets;
pub mod migrations;
#[cfg(test)]
mod tests;
pub mod upgrades;

use alloc::{borrow::Cow, vec::Vec};

use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use extension::TxExtension;
pub use sp_consensus_aura::sr25519::AuthorityId as AuraId;

/// A signature of any of the schemes that wallets use.
pub type Signature = MultiSignature;
/// The 32 bytes that name an account.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// The address form of call arguments and signers.
pub type Address = MultiAddress<AccountId, ()>;
/// Amounts of SLS, in units of 10⁻¹².
pub type Balance = u128;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A 256 bit hash.
pub type Hash = sp_core::H256;
/// The height of a block.
pub type BlockNumber = u32;
/// The header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block with its justifications.
pub type SignedBlock = generic::SignedBlock<Block>;

/// A transaction as it travels.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signer signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Executes blocks.
pub type Executive =
	frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
	/// The keys of a collator for one session.
	pub struct SessionKeys {
		/// Signs the blocks.
		pub aura: Aura,
	}
}

/// Declares the version: the number must be there as it is for the macro that puts it into the WASM.
macro_rules! version {
	($spec_version:tt) => {
		/// The version of this runtime.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: Cow::Borrowed("salus"),
			impl_name: Cow::Borrowed("salus"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 0,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 1,
		};
	};
}

#[cfg(not(feature = "next-version"))]
version!(1);
#[cfg(feature = "next-version")]
version!(2);

/// The pallets. Indexes are part of every encoded call and event: they never change, and a removed one is not reused.
#[frame_support::runtime]
mod runtime {
	/// The runtime itself.
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type ParachainSystem = cumulus_pallet_parachain_system;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(3)]
	pub type ParachainInfo = staging_parachain_info;
	#[runtime::pallet_index(4)]
	pub type WeightReclaim = cumulus_pallet_weight_reclaim;
	#[runtime::pallet_index(5)]
	pub type MessageQueue = pallet_message_queue;

	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;

	#[runtime::pallet_index(20)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(21)]
	pub type CollatorSelection = pallet_collator_selection;
	#[runtime::pallet_index(22)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(23)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(24)]
	pub type AuraExt = cumulus_pallet_aura_ext;

	#[runtime::pallet_index(30)]
	pub type Council = pallet_collective<Instance1>;
	#[runtime::pallet_index(31)]
	pub type CouncilMembership = pallet_membership<Instance1>;
	#[runtime::pallet_index(32)]
	pub type Upgrades = crate::upgrades;
	#[runtime::pallet_index(33)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(34)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(35)]
	pub type TxPause = pallet_tx_pause;
	#[runtime::pallet_index(36)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(37)]
	pub type MultiBlockMigrations = pallet_migrations;

	#[runtime::pallet_index(40)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(41)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(42)]
	pub type Proxy = pallet_proxy;

	#[runtime::pallet_index(50)]
	pub type Participants = pallet_participants;
	#[runtime::pallet_index(51)]
	pub type Consent = pallet_consent;
	#[runtime::pallet_index(52)]
	pub type HealthRecords = pallet_health_records;
	#[runtime::pallet_index(53)]
	pub type DrugProvenance = pallet_drug_provenance;
	#[runtime::pallet_index(54)]
	pub type ResearchDatasets = pallet_research_datasets;
	#[runtime::pallet_index(55)]
	pub type Sponsorship = pallet_sponsorship;
}

cumulus_pallet_parachain_system::register_validate_block! {
	Runtime = Runtime,
	BlockExecutor = cumulus_pallet_aura_ext::BlockExecutor::<Runtime, Executive>,
}
