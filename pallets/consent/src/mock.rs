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
	consent::{Membership, RecordStatus, Resource, Sharing, Standing},
	time::DAY,
	traits::{Directory, OrgStanding, Records},
	AccountId, MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, PatientId, RecordId, H256,
};
use sp_runtime::BuildStorage;
use std::collections::{BTreeMap, BTreeSet};

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
	/// Who administers which organisation.
	pub storage Admins: BTreeSet<(OrgId, AccountId)> = BTreeSet::new();
	/// Agreements from a custodian to a recipient.
	pub storage Agreements: BTreeMap<(OrgId, OrgId), Vec<Sharing>> = BTreeMap::new();
	/// Emergency accesses that the members of one organisation open in a day at most.
	pub storage GlassesPerDay: u32 = 12;
	/// Anchored records.
	pub storage Anchored: BTreeMap<(PatientId, RecordId), (Resource, RecordStatus)> = BTreeMap::new();
}

impl crate::Config for Test {
	type Directory = MockDirectory;
	type Records = MockRecords;
	type Time = Timestamp;
	type GlassesPerDay = GlassesPerDay;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		StorageHold,
		LinearStoragePrice<ConstU128<DEPOSIT_BASE>, ConstU128<1>, u128>,
	>;
	type WeightInfo = ();
	type BenchmarkHelper = Helper;
}

/// Knows what `Standings`, `Organisations`, `Admins` and `Agreements` say.
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
			non_profit: false,
			country: *b"GB",
			legal_entity: H256::zero(),
		})
	}
	fn is_admin(org: OrgId, who: &AccountId) -> bool {
		Admins::get().contains(&(org, who.clone()))
	}
	fn premises(_: &AccountId) -> Option<salus_primitives::inputs::Gln> {
		unreachable!("the pallet does not ask for premises")
	}
	fn name(_: OrgId) -> Option<Vec<u8>> {
		unreachable!("the pallet does not ask for names")
	}
	fn agreements(custodian: OrgId, recipient: OrgId) -> Vec<Sharing> {
		Agreements::get().remove(&(custodian, recipient)).unwrap_or_default()
	}
	fn standing_weight() -> Weight {
		Weight::from_parts(1, 0)
	}
	fn organisation_weight() -> Weight {
		Weight::from_parts(2, 0)
	}
	fn is_admin_weight() -> Weight {
		Weight::from_parts(8, 0)
	}
	fn premises_weight() -> Weight {
		unreachable!("the pallet does not ask for premises")
	}
	fn agreements_weight() -> Weight {
		Weight::from_parts(16, 0)
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
		let org = 1_000 + Organisations::get().len() as OrgId;
		admit(org, false);
		enlist(who, org, &[MemberRole::Clinician]);
		administer(org, who);
		org
	}
	fn colleague(org: OrgId, who: &AccountId) {
		enlist(who, org, &[MemberRole::Quality]);
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
/// Another clinician at `HOSPITAL`.
pub const EMIN: AccountId = AccountId::new([7; 32]);
/// Reviews for `HOSPITAL` and treats nobody.
pub const QUINN: AccountId = AccountId::new([8; 32]);
/// Administers `HOSPITAL` and is no member of anything.
pub const ADMIN: AccountId = AccountId::new([9; 32]);
/// Administers `CLINIC` and is no member of anything.
pub const CLINIC_ADMIN: AccountId = AccountId::new([10; 32]);
/// Mother of the minor `P3`.
pub const MOTHER: AccountId = AccountId::new([11; 32]);
/// The minor `P3`, once of age.
pub const CHILD: AccountId = AccountId::new([12; 32]);
/// Does research at `INSTITUTE`.
pub const RAMOS: AccountId = AccountId::new([13; 32]);
/// Friends of ALICE.
pub const FRIENDS: [AccountId; 3] = [AccountId::new([21; 32]), AccountId::new([22; 32]), AccountId::new([23; 32])];
/// ALICE's account after she lost the key of the first.
pub const ALICE_AGAIN: AccountId = AccountId::new([31; 32]);
/// Wants ALICE's records.
pub const MALLORY: AccountId = AccountId::new([66; 32]);

pub const HOSPITAL: OrgId = 1;
pub const CLINIC: OrgId = 2;
/// Does research and treats nobody.
pub const INSTITUTE: OrgId = 4;
/// An organisation that was never admitted.
pub const NOWHERE: OrgId = 99;

pub const P1: PatientId = PatientId([0xa1; 32]);
pub const P2: PatientId = PatientId([0xb2; 32]);
/// A minor.
pub const P3: PatientId = PatientId([0xc3; 32]);
/// A pseudonym that nobody registered.
pub const NOBODY: PatientId = PatientId([0xff; 32]);

/// What everybody but PAUPER begins with.
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

/// Makes the account a member in good standing of a provider; `INSTITUTE` is a research body.
pub fn enlist(who: &AccountId, org: OrgId, roles: &[MemberRole]) {
	let org_role = if org == INSTITUTE { OrgRole::ResearchBody } else { OrgRole::Provider };
	let member = Membership {
		org,
		roles: MemberRoleSet::of(roles),
		org_roles: OrgRoleSet::of(&[org_role]),
		until: Some(NOW + 10_000 * DAY),
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

/// Makes the account an administrator of the organisation.
pub fn administer(org: OrgId, who: &AccountId) {
	let mut admins = Admins::get();
	admins.insert((org, who.clone()));
	Admins::set(&admins);
}

/// Adds an agreement from a custodian to a recipient.
pub fn agree(custodian: OrgId, recipient: OrgId, sharing: Sharing) {
	let mut agreements = Agreements::get();
	agreements.entry((custodian, recipient)).or_default().push(sharing);
	Agreements::set(&agreements);
}

/// What the account holds as deposits.
pub fn held(who: &AccountId) -> u128 {
	Balances::balance_on_hold(&StorageHold::get(), who)
}

pub fn set_time(now: Moment) {
	Timestamp::set_timestamp(now);
}

/// Organisations with their members and administrators, accounts with funds, no patients, at `NOW`.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("system genesis is valid");
	pallet_balances::GenesisConfig::<Test> {
		balances: [ALICE, BOB, CHEN, DIAZ, STRANGER, EMIN, QUINN, ADMIN, CLINIC_ADMIN, MOTHER, CHILD, RAMOS, MALLORY]
			.into_iter()
			.chain(FRIENDS)
			.chain([ALICE_AGAIN])
			.map(|who| (who, FUNDS))
			.collect(),
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
		admit(INSTITUTE, false);
		enlist(&CHEN, HOSPITAL, &[MemberRole::Clinician]);
		enlist(&EMIN, HOSPITAL, &[MemberRole::Clinician]);
		enlist(&QUINN, HOSPITAL, &[MemberRole::Quality]);
		enlist(&DIAZ, CLINIC, &[MemberRole::Clinician]);
		enlist(&RAMOS, INSTITUTE, &[MemberRole::Researcher]);
		administer(HOSPITAL, &ADMIN);
		administer(CLINIC, &CLINIC_ADMIN);
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
