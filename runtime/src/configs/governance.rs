//! The council of the consortium and what it may do.
//!
//! Every act of the council names the majority it needs, as a type below. None of these origins is Root, and no call of
//! this runtime turns one of them into Root: what `frame_system` and the other pallets reserve for Root cannot happen.
//! The one exception that a chain needs, replacing its runtime, has a call of its own ([`crate::upgrades`]).

use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, EqualPrivilegeOnly, GetCallMetadata, NeverEnsureOrigin},
	weights::Weight,
};
use frame_system::EnsureWithSuccess;
use pallet_collective::{EnsureProportionAtLeast, EnsureProportionMoreThan, Instance1};
use sp_runtime::Perbill;

use super::monetary::StorageDeposit;
use crate::{
	constants::{block::MAXIMUM_BLOCK_WEIGHT, time::DAYS},
	AccountId, Balances, BlockNumber, Council, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeHoldReason, RuntimeOrigin, System,
};

/// The council's instance of the collective.
pub type CouncilCollective = Instance1;

/// More than half of the council.
pub type CouncilMajority = EnsureProportionMoreThan<AccountId, CouncilCollective, 1, 2>;
/// Two thirds of the council.
pub type CouncilTwoThirds = EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>;
/// Half of the council: enough to stop something, not to start it again.
pub type CouncilHalf = EnsureProportionAtLeast<AccountId, CouncilCollective, 1, 2>;

/// Admits, suspends and renews organisations.
pub type AdmissionOrigin = CouncilMajority;
/// Names and dismisses collators.
pub type CollatorOrigin = CouncilMajority;
/// Changes the council itself.
pub type CouncilMembersOrigin = CouncilTwoThirds;
/// Authorises an upgrade of the runtime.
pub type UpgradeOrigin = CouncilTwoThirds;
/// Pauses calls and enters safe mode.
pub type PauseOrigin = CouncilHalf;
/// Lets paused calls go on and leaves safe mode.
pub type ResumeOrigin = CouncilMajority;
/// Posts releases of disease ontologies.
pub type OntologyOrigin = CouncilMajority;
/// Schedules calls; they run with the same majority's origin.
pub type ScheduleOrigin = CouncilMajority;

/// What nobody can stop, by pallet and call; an empty list means every call of the pallet.
///
/// They go through whatever is paused. The blocks of a migration of several blocks have no room for any transaction, for
/// an hour at most ([`crate::migrations`]).
///
/// * Patients' own rights: to end what they allowed, to deny (a denial is a consent too), to keep a record to
///   themselves, to end a guardian, to object to an emergency access, to stop who would take over. Reads go on off
///   chain whatever the chain pauses, so these must go on too.
/// * Emergency access: people need care while a chain is paused.
/// * What takes access away or tells who had it: receipts, the end of a membership or an agreement, an organisation's
///   suspension.
/// * What keeps medicines from patients: recalls and their acknowledgement, reports of suspicion, theft and heat, and
///   what a regulator declares illegitimate. Each only takes goods out of trade; none lets them back. Dispensing can be
///   stopped: a pharmacy without a line hands out too, and uploads it later.
/// * The end of a contribution to research, by who made it or who attested it, and of an ethics approval, a grant or a
///   dataset: what is under way may stop.
/// * The inherents, without which there is no block.
/// * The council's own means, so that a pause can always be ended.
/// * Multisigs and proxies, because a patient may act through one. What they carry is filtered as if it came alone.
pub const ALWAYS_ALLOWED: &[(&str, &[&str])] = &[
	(
		"Consent",
		&[
			"set_policy",
			"close_care",
			"grant",
			"withdraw",
			"enter_consent_in_error",
			"end_guardian",
			"reject",
			"break_glass",
			"object_to_glass",
			"stop_recovery",
		],
	),
	(
		"HealthRecords",
		&[
			"restrict",
			"lift_restriction",
			"log_access",
			"log_access_batch",
			"withdraw_offer",
			"close_stream",
			"end_care_rule",
		],
	),
	(
		"Participants",
		&["suspend_organisation", "revoke_organisation", "remove_admin", "remove_member", "end_agreement"],
	),
	(
		"DrugProvenance",
		&["recall", "acknowledge_recall", "report_suspect", "report_stolen", "mark_illegitimate", "log_excursion"],
	),
	(
		"ResearchDatasets",
		&["withdraw_contribution", "suspend_dataset", "revoke_grant", "revoke_ethics", "tighten_group"],
	),
	("Timestamp", &[]),
	("ParachainSystem", &[]),
	("System", &["apply_authorized_upgrade"]),
	("Council", &[]),
	("CouncilMembership", &[]),
	("Upgrades", &[]),
	("TxPause", &[]),
	("SafeMode", &[]),
	("Multisig", &[]),
	("Proxy", &["proxy"]),
];

/// Whether a call is one of [`ALWAYS_ALLOWED`].
pub fn is_always_allowed(pallet: &[u8], call: &[u8]) -> bool {
	ALWAYS_ALLOWED.iter().any(|(name, calls)| {
		name.as_bytes() == pallet && (calls.is_empty() || calls.iter().any(|name| name.as_bytes() == call))
	})
}

/// The set of [`ALWAYS_ALLOWED`] calls.
pub struct AlwaysAllowed;

impl Contains<RuntimeCall> for AlwaysAllowed {
	fn contains(call: &RuntimeCall) -> bool {
		let metadata = call.get_call_metadata();
		is_always_allowed(metadata.pallet_name.as_bytes(), metadata.function_name.as_bytes())
	}
}

impl Contains<pallet_tx_pause::RuntimeCallNameOf<Runtime>> for AlwaysAllowed {
	fn contains((pallet, call): &pallet_tx_pause::RuntimeCallNameOf<Runtime>) -> bool {
		is_always_allowed(pallet, call)
	}
}

parameter_types! {
	/// How long a motion stays open.
	pub const MotionDuration: BlockNumber = 7 * DAYS;
	/// How long safe mode lasts when it is entered or extended.
	pub const SafeModeDuration: BlockNumber = DAYS;
	/// What a motion may cost when it is carried out.
	pub MaxProposalWeight: Weight = Perbill::from_percent(50) * MAXIMUM_BLOCK_WEIGHT;
	/// What scheduled calls may cost in a block.
	pub MaximumSchedulerWeight: Weight = Perbill::from_percent(50) * MAXIMUM_BLOCK_WEIGHT;
	/// What migrations may cost in a block. No transaction competes with them.
	pub MaxMigrationWeight: Weight = Perbill::from_percent(50) * MAXIMUM_BLOCK_WEIGHT;
	/// Why a preimage holds a deposit.
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

/// The most members a council can have.
pub type MaxCouncilMembers = ConstU32<100>;

impl pallet_collective::Config<CouncilCollective> for Runtime {
	type Consideration = ();
	type DefaultVote = pallet_collective::PrimeDefaultVote;
	type DisapproveOrigin = CouncilTwoThirds;
	type KillOrigin = CouncilTwoThirds;
	type MaxMembers = MaxCouncilMembers;
	type MaxProposals = ConstU32<100>;
	type MaxProposalWeight = MaxProposalWeight;
	type MotionDuration = MotionDuration;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	// `CouncilMembership` sets the members.
	type SetMembersOrigin = NeverEnsureOrigin<()>;
	type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
}

impl pallet_membership::Config<CouncilCollective> for Runtime {
	type AddOrigin = CouncilMembersOrigin;
	type MaxMembers = MaxCouncilMembers;
	type MembershipChanged = Council;
	type MembershipInitialized = Council;
	type PrimeOrigin = CouncilMembersOrigin;
	type RemoveOrigin = CouncilMembersOrigin;
	type ResetOrigin = CouncilMembersOrigin;
	type RuntimeEvent = RuntimeEvent;
	type SwapOrigin = CouncilMembersOrigin;
	type WeightInfo = pallet_membership::weights::SubstrateWeight<Runtime>;
}

impl crate::upgrades::Config for Runtime {
	type AuthorizeOrigin = UpgradeOrigin;
}

impl pallet_migrations::Config for Runtime {
	type CursorMaxLen = ConstU32<1024>;
	type FailedMigrationHandler = crate::migrations::SafeModeOnFailure;
	type IdentifierMaxLen = ConstU32<64>;
	type MaxServiceWeight = MaxMigrationWeight;
	type MigrationStatusHandler = ();
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = crate::migrations::MultiBlock;
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}

impl pallet_scheduler::Config for Runtime {
	type BlockNumberProvider = System;
	type MaxScheduledPerBlock = ConstU32<50>;
	type MaximumWeight = MaximumSchedulerWeight;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type ScheduleOrigin = ScheduleOrigin;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
}

impl pallet_preimage::Config for Runtime {
	type Consideration = StorageDeposit<PreimageHoldReason>;
	type Currency = Balances;
	type ManagerOrigin = CouncilMajority;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
}

impl pallet_tx_pause::Config for Runtime {
	type MaxNameLen = ConstU32<64>;
	type PauseOrigin = PauseOrigin;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type UnpauseOrigin = ResumeOrigin;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = AlwaysAllowed;
}

impl pallet_safe_mode::Config for Runtime {
	type Currency = Balances;
	// Nobody can buy a halt of the chain.
	type EnterDepositAmount = ();
	type EnterDuration = SafeModeDuration;
	type ExtendDepositAmount = ();
	type ExtendDuration = SafeModeDuration;
	type ForceDepositOrigin = ResumeOrigin;
	type ForceEnterOrigin = EnsureWithSuccess<PauseOrigin, AccountId, SafeModeDuration>;
	type ForceExitOrigin = ResumeOrigin;
	type ForceExtendOrigin = EnsureWithSuccess<ResumeOrigin, AccountId, SafeModeDuration>;
	type Notify = ();
	type ReleaseDelay = ();
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = AlwaysAllowed;
}
