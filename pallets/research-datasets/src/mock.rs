//! A runtime for tests, with a directory of its own and a small tree of diseases.

use crate::{self as pallet_research_datasets, *};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, ConstU64, LinearStoragePrice},
	Blake2_128Concat, Twox64Concat,
};
use salus_primitives::{consent::Sharing, inputs::Gln, time::DAY, traits::OrgStanding, MemberRoleSet};
use sp_core::{sr25519, Pair};
use sp_runtime::{traits::IdentityLookup, BuildStorage, MultiSignature};

pub const NOW: Moment = 20_000 * DAY + 12 * 60 * 60 * 1_000;
/// The day of [`NOW`].
pub const TODAY: Day = 20_000;
pub const REVIEW: Moment = 14 * DAY;
pub const ACTIVATION: Moment = 7 * DAY;
pub const QUORUM: u32 = 3;
pub const BOND: u128 = 1_000;
pub const FEE: u128 = 500;
pub const FUNDS: u128 = 1_000_000_000_000_000_000;
pub const MINIMUM: u128 = 10;

/// Weights of the mocked directory's methods.
pub const STANDING_WEIGHT: Weight = Weight::from_parts(1_000, 10);
pub const ORGANISATION_WEIGHT: Weight = Weight::from_parts(20_000, 200);

/// A provider, and the steward of what the tests create. Works without profit, in Great Britain.
pub const HOSPITAL: OrgId = 1;
/// Another provider.
pub const CLINIC: OrgId = 2;
/// A research body without profit, in Great Britain.
pub const UNIVERSITY: OrgId = 3;
/// A company with profit, in the United States.
pub const COMPANY: OrgId = 4;
/// An ethics committee.
pub const ETHICS: OrgId = 5;
/// A research body of the hospital's legal entity.
pub const INSTITUTE: OrgId = 6;
/// An ethics committee of the university's legal entity.
pub const SENATE: OrgId = 7;
/// A carrier: may stand for nothing.
pub const CARRIER: OrgId = 8;

/// Registrar at the hospital.
pub const REGISTRAR: AccountId = AccountId::new([1; 32]);
/// Researcher at the hospital.
pub const HOUSE: AccountId = AccountId::new([11; 32]);
/// Registrar at the clinic.
pub const CLERK: AccountId = AccountId::new([2; 32]);
/// Researcher at the university.
pub const CURIE: AccountId = AccountId::new([3; 32]);
/// Another researcher at the university.
pub const PERRIN: AccountId = AccountId::new([33; 32]);
/// Researcher at the company.
pub const VOGEL: AccountId = AccountId::new([4; 32]);
/// Reviewers of the ethics committee.
pub const REVIEWERS: [AccountId; 4] =
	[AccountId::new([50; 32]), AccountId::new([51; 32]), AccountId::new([52; 32]), AccountId::new([53; 32])];
/// Registrar of the ethics committee: reviews nothing.
pub const SECRETARY: AccountId = AccountId::new([59; 32]);
/// Researcher at the institute.
pub const FELLOW: AccountId = AccountId::new([6; 32]);
/// Reviewer of the university's own committee.
pub const DEAN: AccountId = AccountId::new([7; 32]);
/// Registrar of the carrier.
pub const DRIVER: AccountId = AccountId::new([8; 32]);
/// Never was a member of anything.
pub const STRANGER: AccountId = AccountId::new([99; 32]);
/// Pays in.
pub const SPONSOR: AccountId = AccountId::new([98; 32]);
/// Without balance.
pub const PENNILESS: AccountId = AccountId::new([97; 32]);

const PEOPLE: [AccountId; 14] = [
	REGISTRAR,
	HOUSE,
	CLERK,
	CURIE,
	PERRIN,
	VOGEL,
	SECRETARY,
	FELLOW,
	DEAN,
	DRIVER,
	STRANGER,
	SPONSOR,
	ISSUER,
	AccountId::new([50; 32]),
];
/// Pays for nothing: keeps the issuance from falling to what is held.
const ISSUER: AccountId = AccountId::new([96; 32]);

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(3)]
	pub type ResearchDatasets = pallet_research_datasets;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = u128;
	type ExistentialDeposit = ConstU128<MINIMUM>;
	type AccountStore = System;
}

parameter_types! {
	pub const StorageHold: RuntimeHoldReason = RuntimeHoldReason::ResearchDatasets(HoldReason::Storage);
	pub const DatasetsId: PalletId = PalletId(*b"slsdatas");
	/// Shares of the contributions to come.
	pub static Shares: u64 = 1;
}

impl Config for Test {
	type Directory = MockDirectory;
	type Time = Timestamp;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	// A unit for each byte.
	type Consideration =
		HoldConsideration<AccountId, Balances, StorageHold, LinearStoragePrice<ConstU128<0>, ConstU128<1>, u128>>;
	type OntologyOrigin = frame_system::EnsureRoot<AccountId>;
	type PalletId = DatasetsId;
	type Shares = Shares;
	type Quorum = ConstU32<QUORUM>;
	type ReviewPeriod = ConstU64<REVIEW>;
	type ActivationPeriod = ConstU64<ACTIVATION>;
	type Bond = ConstU128<BOND>;
	type WeightInfo = ();
	type BenchmarkHelper = Helper;
}

#[storage_alias]
type Standings = StorageMap<Mock, Blake2_128Concat, AccountId, Standing>;
/// Roles, whether in standing, the legal entity, whether without profit, and the country.
#[storage_alias]
type Organisations = StorageMap<Mock, Twox64Concat, OrgId, (OrgRoleSet, bool, H256, bool, [u8; 2])>;
/// Organisations that benchmarks admitted.
#[storage_alias]
type Admitted = StorageValue<Mock, OrgId, frame_support::pallet_prelude::ValueQuery>;

/// Knows the organisations and members that tests set.
pub struct MockDirectory;

impl Directory for MockDirectory {
	fn standing(who: &AccountId, now: Moment) -> Standing {
		match Standings::get(who).unwrap_or(Standing::Never) {
			Standing::Active(member) => match Self::organisation(member.org, now) {
				Some(org) if org.active => Standing::Active(Membership { org_roles: org.roles, ..member }),
				_ => Standing::Inactive,
			},
			other => other,
		}
	}
	fn organisation(org: OrgId, _: Moment) -> Option<OrgStanding> {
		Organisations::get(org).map(|(roles, active, legal_entity, non_profit, country)| OrgStanding {
			roles,
			active,
			licence_until: Moment::MAX,
			requires_agreement: false,
			non_profit,
			country,
			legal_entity,
		})
	}
	fn is_admin(_: OrgId, _: &AccountId) -> bool {
		unreachable!("the pallet does not ask for administrators")
	}
	fn premises(_: &AccountId) -> Option<Gln> {
		unreachable!("the pallet does not ask for premises")
	}
	fn name(org: OrgId) -> Option<Vec<u8>> {
		Organisations::contains_key(org).then(|| format!("Organisation {org}").into_bytes())
	}
	fn agreements(_: OrgId, _: OrgId) -> Vec<Sharing> {
		unreachable!("the pallet does not ask for agreements")
	}
	fn standing_weight() -> Weight {
		STANDING_WEIGHT
	}
	fn organisation_weight() -> Weight {
		ORGANISATION_WEIGHT
	}
	fn is_admin_weight() -> Weight {
		unreachable!("the pallet does not ask for administrators")
	}
	fn premises_weight() -> Weight {
		unreachable!("the pallet does not ask for premises")
	}
	fn agreements_weight() -> Weight {
		unreachable!("the pallet does not ask for agreements")
	}
}

/// Arranges what benchmarks need in the mocked directory.
pub struct Helper;

impl benchmarking::BenchmarkHelper for Helper {
	fn organisation(roles: &[OrgRole]) -> OrgId {
		let org = 1_000 + Admitted::get();
		Admitted::put(Admitted::get() + 1);
		admit(org, roles, H256::from_low_u64_be(org.into()), true, *b"GB");
		org
	}
	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]) {
		enrol(who, org, roles);
		fund_account(who);
	}
	fn fund(who: &AccountId) {
		fund_account(who);
	}
	fn set_time(now: Moment) {
		set_now(now);
	}
}

pub fn admit(org: OrgId, roles: &[OrgRole], legal_entity: H256, non_profit: bool, country: [u8; 2]) {
	Organisations::insert(org, (OrgRoleSet::of(roles), true, legal_entity, non_profit, country));
}

/// Suspends an organisation, and with it its members, or lets it come back.
pub fn set_active(org: OrgId, active: bool) {
	Organisations::mutate(org, |entry| entry.as_mut().expect("the organisation is admitted").1 = active);
}

pub fn enrol(who: &AccountId, org: OrgId, roles: &[MemberRole]) {
	let roles = MemberRoleSet::of(roles);
	Standings::insert(who, Standing::Active(Membership { org, roles, org_roles: OrgRoleSet::EMPTY, until: None }));
}

pub fn suspend_member(who: &AccountId) {
	Standings::insert(who, Standing::Inactive);
}

pub fn now() -> Moment {
	pallet_timestamp::Now::<Test>::get()
}

pub fn set_now(now: Moment) {
	pallet_timestamp::Now::<Test>::put(now);
}

pub fn wait(time: Moment) {
	set_now(now() + time);
}

pub fn fund_account(who: &AccountId) {
	Balances::set_balance(who, FUNDS);
}

/// What of an account's balance is held for a reason.
pub fn held(who: &AccountId, reason: HoldReason) -> u128 {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&reason.into(), who)
}

/// All that an account has, held or free.
pub fn total(who: &AccountId) -> u128 {
	<Balances as Inspect<_>>::total_balance(who)
}

pub fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

/// Keys of the hospital's clinician, who attests.
pub fn attester_keys() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[77; 32])
}

/// The clinician.
pub fn attester() -> AccountId {
	attester_keys().public().into()
}

/// Keys of an investigator.
pub fn investigator_keys() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[78; 32])
}

pub fn sign(keys: &sr25519::Pair, message: &H256) -> MultiSignature {
	MultiSignature::Sr25519(keys.sign(message.as_bytes()))
}

/// An empty chain.
pub fn bare_ext() -> sp_io::TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("the genesis is valid");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		set_now(NOW);
		fund_account(&ISSUER);
		Shares::set(1);
	});
	ext
}

/// Admits the organisations and their members.
pub fn populate() {
	use MemberRole::{Clinician, EthicsReviewer, Registrar, Researcher};
	use OrgRole::{Carrier, EthicsCommittee, Manufacturer, Provider, ResearchBody};
	let entity = |n: u64| H256::from_low_u64_be(n);
	for (org, role, of, non_profit, country) in [
		(HOSPITAL, Provider, 1, true, b"GB"),
		(CLINIC, Provider, 2, true, b"GB"),
		(UNIVERSITY, ResearchBody, 3, true, b"GB"),
		(COMPANY, Manufacturer, 4, false, b"US"),
		(ETHICS, EthicsCommittee, 5, true, b"GB"),
		(INSTITUTE, ResearchBody, 1, true, b"GB"),
		(SENATE, EthicsCommittee, 3, true, b"GB"),
		(CARRIER, Carrier, 8, false, b"GB"),
	] {
		admit(org, &[role], entity(of), non_profit, *country);
	}
	for (who, org, role) in [
		(REGISTRAR, HOSPITAL, Registrar),
		(HOUSE, HOSPITAL, Researcher),
		(attester(), HOSPITAL, Clinician),
		(CLERK, CLINIC, Registrar),
		(CURIE, UNIVERSITY, Researcher),
		(PERRIN, UNIVERSITY, Researcher),
		(VOGEL, COMPANY, Researcher),
		(SECRETARY, ETHICS, Registrar),
		(FELLOW, INSTITUTE, Researcher),
		(DEAN, SENATE, EthicsReviewer),
		(DRIVER, CARRIER, Registrar),
	] {
		enrol(&who, org, &[role]);
	}
	REVIEWERS.iter().for_each(|who| enrol(who, ETHICS, &[EthicsReviewer]));
	PEOPLE.iter().chain(&REVIEWERS).chain([&attester()]).for_each(fund_account);
	System::reset_events();
}

/// Eight organisations; what always holds is checked at the end.
pub fn test(body: impl FnOnce()) {
	bare_ext().execute_with(|| {
		populate();
		body();
		ResearchDatasets::do_try_state().expect("what always holds of the storage holds");
	});
}
