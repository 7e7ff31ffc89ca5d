//! A runtime for tests: the pallet with balances and a clock, and its own directory and records.

use crate as pallet_consent;
use crate::{BenchmarkHelper, HoldReason};
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{HoldConsideration, InspectHold, Mutate},
		ConstU128, LinearStoragePrice,
	},
	weights::Weight,
};
use salus_primitives::{
	consent::{Membership, RecordStatus, Resource, Standing},
	time::DAY,
	traits::{Directory, OrgStanding, Records},
	AccountId, MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, PatientId, RecordId,
};
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

#[frame_support::runtime]
mod runtime {
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
	pub type Consent = pallet_consent;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

/// What each stored thing costs, besides 1 for each byte.
pub const DEPOSIT_BASE: u128 = 10;

parameter_types! {
	pub const StorageHold: RuntimeHoldReason = RuntimeHoldReason::Consent(HoldReason::Storage);

	/// Standing of accounts; the others never were members.
	pub storage Standings: BTreeMap<AccountId, Standing> = BTreeMap::new();
	/// Organisations: whether they are active, and whether they require agreements.
	pub storage Organisations: BTreeMap<OrgId, (bool, bool)> = BTreeMap::new();
	/// Anchored records.
	pub storage Anchored: BTreeMap<(PatientId, RecordId), (Resource, RecordStatus)> = BTreeMap::new();
}

impl crate::Config for Test {
	type Directory = MockDirectory;
	type Records = MockRecords;
	type Time = Timestamp;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		StorageHold,
		LinearStoragePrice<ConstU128<DEPOSIT_BASE>, ConstU128<1>, u128>,
	>;
	type WeightInfo = ();
	type BenchmarkHelper = Helper;
}

/// Knows what `Standings` and `Organisations` say.
pub struct MockDirectory;

impl Directory for MockDirectory {
	fn standing(who: &AccountId, _: Moment) -> Standing {
		Standings::get().remove(who).unwrap_or(Standing::Never)
	}
	fn organisation(org: OrgId, _: Moment) -> Option<OrgStanding> {
		Organisations::get().get(&org).map(|(active, requires_agreement)| OrgStanding {
			roles: OrgRoleSet::of(&[OrgRole::Provider]),
			active: *active,
			licence_until: Moment::MAX,
			requires_agreement: *requires_agreement,
		})
	}
	fn standing_weight() -> Weight {
		Weight::from_parts(1, 0)
	}
	fn organisation_weight() -> Weight {
		Weight::from_parts(2, 0)
	}
}

/// Knows what `Anchored` says.
pub struct MockRecords;

impl Records for MockRecords {
	fn resource(patient: &PatientId, record: &RecordId) -> Option<(Resource, RecordStatus)> {
		Anchored::get().remove(&(*patient, *record))
	}
	fn resource_weight() -> Weight {
		Weight::from_parts(4, 0)
	}
}

/// Prepares this runtime for benchmarks.
pub struct Helper;

impl BenchmarkHelper for Helper {
	fn set_time(now: Moment) {
		Timestamp::set_timestamp(now);
	}
	fn fund(who: &AccountId) {
		let _ = Balances::mint_into(who, 1_000_000_000);
	}
	fn admit_member(who: &AccountId) -> OrgId {
		admit(HOSPITAL, false);
		enlist(who, HOSPITAL, &[MemberRole::Clinician]);
		HOSPITAL
	}
}

pub const NOW: Moment = 1_800_000_000_000;

/// Controls `P1`.
pub const ALICE: AccountId = AccountId::new([1; 32]);
/// Controls `P2`.
pub const BOB: AccountId = AccountId::new([2; 32]);
/// Clinician at `HOSPITAL`.
pub const CHEN: AccountId = AccountId::new([3; 32]);
/// Clinician at `CLINIC`.
pub const DIAZ: AccountId = AccountId::new([4; 32]);
/// Never was a member of anything.
pub const STRANGER: AccountId = AccountId::new([5; 32]);
/// Has no funds.
pub const PAUPER: AccountId = AccountId::new([6; 32]);

pub const HOSPITAL: OrgId = 1;
pub const CLINIC: OrgId = 2;
/// An organisation that was never admitted.
pub const NOWHERE: OrgId = 99;

pub const P1: PatientId = PatientId([0xa1; 32]);
pub const P2: PatientId = PatientId([0xb2; 32]);
/// A pseudonym that nobody registered.
pub const NOBODY: PatientId = PatientId([0xff; 32]);

/// What ALICE, BOB, CHEN and DIAZ begin with.
pub const FUNDS: u128 = 10_000_000;

pub fn admit(org: OrgId, requires_agreement: bool) {
	let mut orgs = Organisations::get();
	orgs.insert(org, (true, requires_agreement));
	Organisations::set(&orgs);
}

pub fn suspend_org(org: OrgId) {
	let mut orgs = Organisations::get();
	orgs.insert(org, (false, false));
	Organisations::set(&orgs);
}

/// Makes the account a member in good standing of a provider.
pub fn enlist(who: &AccountId, org: OrgId, roles: &[MemberRole]) {
	let member = Membership {
		org,
		roles: MemberRoleSet::of(roles),
		org_roles: OrgRoleSet::of(&[OrgRole::Provider]),
		until: Some(NOW + 1_000 * DAY),
	};
	let mut standings = Standings::get();
	standings.insert(who.clone(), Standing::Active(member));
	Standings::set(&standings);
}

/// Makes the account a member whose membership, organisation or licence is not active.
pub fn suspend(who: &AccountId) {
	let mut standings = Standings::get();
	standings.insert(who.clone(), Standing::Inactive);
	Standings::set(&standings);
}

/// What the account holds as deposits.
pub fn held(who: &AccountId) -> u128 {
	Balances::balance_on_hold(&StorageHold::get(), who)
}

pub fn set_time(now: Moment) {
	Timestamp::set_timestamp(now);
}

/// Two organisations with a clinician each, accounts with funds, no patients, at `NOW`.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("system genesis is valid");
	pallet_balances::GenesisConfig::<Test> {
		balances: [ALICE, BOB, CHEN, DIAZ].map(|who| (who, FUNDS)).to_vec(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("balances genesis is valid");
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		set_time(NOW);
		admit(HOSPITAL, false);
		admit(CLINIC, false);
		enlist(&CHEN, HOSPITAL, &[MemberRole::Clinician]);
		enlist(&DIAZ, CLINIC, &[MemberRole::Clinician]);
	});
	ext
}

/// Runs a test and checks the state that it leaves.
pub fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Consent::do_try_state().expect("the state is sound");
	});
}
