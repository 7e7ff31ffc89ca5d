//! A runtime with nothing but what the pallet needs.

use crate as pallet_participants;
use crate::{Error, Event, HoldReason, OrganisationInput};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, ConstU64, LinearStoragePrice},
};
use frame_system::{mocking::MockBlock, EnsureRoot};
use salus_primitives::{
	inputs::AgreementInput, time::DAY, AccountId, MemberRole, MemberRoleSet, Moment, Obligation, ObligationSet, OrgId,
	OrgRole, OrgRoleSet, Purpose, PurposeSet, ResourceType, ResourceTypeSet, H256,
};
use sp_runtime::{traits::IdentityLookup, BoundedVec, BuildStorage, DispatchResult};

#[frame_support::runtime]
mod test_runtime {
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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(3)]
	pub type Participants = pallet_participants;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {
	type Moment = Moment;
	type MinimumPeriod = ConstU64<1>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

/// Present and former members that an organisation may have here.
pub const MAX_MEMBERS: u32 = 4;

parameter_types! {
	pub KeyHoldReason: RuntimeHoldReason = HoldReason::EncryptionKey.into();
}

impl pallet_participants::Config for Test {
	type AdmitOrigin = EnsureRoot<AccountId>;
	type Time = Timestamp;
	type KeyConsideration =
		HoldConsideration<AccountId, Balances, KeyHoldReason, LinearStoragePrice<ConstU128<10>, ConstU128<1>, u128>>;
	type MaxMembers = ConstU32<MAX_MEMBERS>;
	type WeightInfo = ();
}

/// When a test begins.
pub const NOW: Moment = 1_700_000_000_000;
/// What every endowed account has.
pub const ENDOWMENT: u128 = 1_000_000;
/// A number with a right check digit.
pub const GLN: [u8; 13] = *b"4012345000009";

/// The account with this number. Those below 32 are endowed.
pub fn account(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

/// The first administrator of every organisation that [`admit`] admits.
pub fn admin() -> AccountId {
	account(1)
}

pub fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

pub fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

pub fn clinician() -> MemberRoleSet {
	MemberRoleSet::of(&[MemberRole::Clinician])
}

/// A hospital whose licence ends in a year.
pub fn hospital() -> OrganisationInput {
	OrganisationInput {
		name: BoundedVec::truncate_from(b"Hospital of the Holy Spirit".to_vec()),
		country: *b"DE",
		roles: OrgRoleSet::of(&[OrgRole::Provider]),
		non_profit: true,
		gln: Some(GLN),
		legal_entity: H256::repeat_byte(7),
		licence_until: NOW + 365 * DAY,
		requires_agreement: false,
	}
}

/// An agreement of organisation 0 with organisation 1, for half a year.
pub fn agreement() -> AgreementInput {
	AgreementInput {
		custodian: 0,
		recipient: 1,
		purposes: Some(PurposeSet::of(&[Purpose::Treat])),
		resource_types: Some(ResourceTypeSet::of(&[ResourceType::Observation, ResourceType::Condition])),
		obligations: ObligationSet::of(&[Obligation::Aod]),
		start: None,
		end: Some(NOW + 182 * DAY),
		notice: 30 * DAY,
		terms: H256::repeat_byte(9),
	}
}

/// Admits a hospital with administrator [`admin`].
pub fn admit() -> OrgId {
	let org = crate::NextOrg::<Test>::get();
	Participants::admit_organisation(root(), hospital(), admin()).expect("a correct application");
	org
}

/// Adds a clinician without end.
pub fn join(org: OrgId, who: &AccountId) -> DispatchResult {
	Participants::add_member(signed(&admin()), org, who.clone(), clinician(), None, None)
}

pub fn set_time(now: Moment) {
	pallet_timestamp::Now::<Test>::put(now);
}

pub fn last_event() -> Event<Test> {
	match System::events().pop().map(|record| record.event) {
		Some(RuntimeEvent::Participants(event)) => event,
		other => panic!("the last event is not the pallet's: {other:?}"),
	}
}

pub fn error(error: Error<Test>) -> sp_runtime::DispatchError {
	error.into()
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("constant");
	let caller = frame_benchmarking::whitelisted_caller();
	pallet_balances::GenesisConfig::<Test> {
		balances: (0..32).map(account).chain([caller]).map(|who| (who, ENDOWMENT)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("constant");
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		set_time(NOW);
	});
	ext
}

/// Runs a test on a fresh chain and then checks the pallet's invariants.
pub fn test(body: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		body();
		Participants::do_try_state().expect("the invariants hold");
	});
}
