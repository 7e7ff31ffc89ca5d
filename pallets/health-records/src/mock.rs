//! A runtime for tests, with a directory and patients of its own.

use crate::{self as pallet_health_records, *};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{fungible::HoldConsideration, ConstU128, ConstU64, LinearStoragePrice},
	Blake2_128Concat, Identity,
};
use salus_primitives::{
	consent::Decision, traits::OrgStanding, views::Locator, Confidentiality, Episode, MemberRoleSet, Month,
	ObligationSet, OrgRoleSet, ResourceType,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

pub const NOW: Moment = 1_800_000_000_000;
pub const RETENTION: Moment = 30 * DAY;
pub const FUNDS: u128 = 10_000_000;
/// Weight of every method of the mocked traits.
pub const TRAIT_TIME: u64 = 1_000;
/// Weight of a decision.
pub const DECIDE: Weight = Weight::from_parts(50_000, 7_000);

pub const CLINIC: OrgId = 1;
pub const HOSPITAL: OrgId = 2;
pub const CARRIER: OrgId = 3;
pub const PHARMACY: OrgId = 4;

/// Controls [`ADA`].
pub const PATIENT: AccountId = AccountId::new([1; 32]);
/// Controls [`BEN`].
pub const OTHER_PATIENT: AccountId = AccountId::new([2; 32]);
/// Clinician at the clinic.
pub const CLINICIAN: AccountId = AccountId::new([3; 32]);
/// Clinician and gateway at the clinic.
pub const GATEWAY: AccountId = AccountId::new([4; 32]);
/// Clinician and gateway at the hospital.
pub const HOSPITAL_GATEWAY: AccountId = AccountId::new([5; 32]);
/// Gateway at the carrier.
pub const CARRIER_GATEWAY: AccountId = AccountId::new([6; 32]);
/// Pharmacist at the pharmacy.
pub const PHARMACIST: AccountId = AccountId::new([7; 32]);
/// Never a member, controls nobody.
pub const STRANGER: AccountId = AccountId::new([8; 32]);
/// Clinician and gateway at the clinic, without balance.
pub const PENNILESS: AccountId = AccountId::new([9; 32]);

pub const ADA: PatientId = PatientId([0xa; 32]);
pub const BEN: PatientId = PatientId([0xb; 32]);
pub const NOBODY: PatientId = PatientId([0xc; 32]);

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
	pub type HealthRecords = pallet_health_records;
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
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

parameter_types! {
	pub const StorageHold: RuntimeHoldReason = RuntimeHoldReason::HealthRecords(HoldReason::Storage);
}

impl Config for Test {
	type Directory = MockDirectory;
	type Patients = MockPatients;
	type Time = Timestamp;
	// A unit for each byte.
	type Consideration =
		HoldConsideration<AccountId, Balances, StorageHold, LinearStoragePrice<ConstU128<0>, ConstU128<1>, u128>>;
	type ReceiptRetention = ConstU64<RETENTION>;
	type WeightInfo = ();
	type BenchmarkHelper = Helper;
}

#[storage_alias]
type Standings = StorageMap<Mock, Blake2_128Concat, AccountId, Standing>;
#[storage_alias]
type Controllers = StorageMap<Mock, Identity, [u8; 32], AccountId>;
#[storage_alias]
type LabelEpochs = StorageMap<Mock, Identity, [u8; 32], u32>;
#[storage_alias]
type Revisions = StorageMap<Mock, Identity, [u8; 32], u64, frame_support::pallet_prelude::ValueQuery>;
/// Until when a care relationship is open.
#[storage_alias]
type Care = StorageMap<Mock, Identity, ([u8; 32], OrgId), Moment>;
/// Members of this organisation may collect observations, under consent.
#[storage_alias]
type Collectors = StorageMap<Mock, Identity, ([u8; 32], OrgId), ()>;

fn trait_weight() -> Weight {
	Weight::from_parts(TRAIT_TIME, 0)
}

/// Knows the standings that tests set.
pub struct MockDirectory;

impl Directory for MockDirectory {
	fn standing(who: &AccountId, _: Moment) -> Standing {
		Standings::get(who).unwrap_or(Standing::Never)
	}
	fn organisation(_: OrgId, _: Moment) -> Option<OrgStanding> {
		None
	}
	fn standing_weight() -> Weight {
		trait_weight()
	}
	fn organisation_weight() -> Weight {
		trait_weight()
	}
}

/// Knows the patients that tests register.
pub struct MockPatients;

impl Patients for MockPatients {
	fn controller(patient: &PatientId, _: Moment) -> Option<AccountId> {
		Controllers::get(patient.0)
	}
	fn in_care(patient: &PatientId, org: OrgId, now: Moment) -> bool {
		Care::get((patient.0, org)).is_some_and(|until| now < until)
	}
	fn label_epoch(patient: &PatientId) -> Option<u32> {
		Controllers::get(patient.0).map(|_| LabelEpochs::get(patient.0).unwrap_or_default())
	}
	fn decide(patient: &PatientId, request: &Request, status: RecordStatus, now: Moment) -> Decision {
		// What the pallet must tell of any record that is to be anchored.
		assert_eq!((request.purpose, request.action, status), (Purpose::Treat, Action::Collect, RecordStatus::Active));
		let (resource, actor) = (&request.resource, &request.actor);
		assert_eq!(resource.author.as_ref(), Some(actor));
		assert!(resource.record.is_some() && resource.confidentiality.is_some());
		assert!(resource.labels.is_some() && resource.period.is_some());
		let Standing::Active(member) = MockDirectory::standing(actor, now) else {
			return Decision::refusal(Reason::NotInStanding, 0);
		};
		assert_eq!(resource.custodian, Some(member.org));
		let permitted =
			Collectors::contains_key((patient.0, member.org)) && resource.resource_type == ResourceType::Observation;
		if !permitted {
			return Decision::refusal(Reason::NoConsent, 0);
		}
		Decision {
			effect: Effect::Permit,
			reason: Reason::Consent,
			obligations: ObligationSet::EMPTY,
			..Decision::refusal(Reason::Consent, 0)
		}
	}
	fn touch(patient: &PatientId) -> Result<u64, DispatchError> {
		ensure!(Controllers::contains_key(patient.0), Error::<Test>::UnknownPatient);
		Ok(Revisions::mutate(patient.0, |revision| {
			*revision += 1;
			*revision
		}))
	}
	fn controller_weight() -> Weight {
		trait_weight()
	}
	fn in_care_weight() -> Weight {
		trait_weight()
	}
	fn decide_weight() -> Weight {
		DECIDE
	}
	fn touch_weight() -> Weight {
		trait_weight()
	}
}

/// Arranges what benchmarks need in the mocked traits.
pub struct Helper;

impl benchmarking::BenchmarkHelper for Helper {
	fn provider(who: &AccountId) -> OrgId {
		Self::colleague(CLINIC, who);
		CLINIC
	}
	fn colleague(org: OrgId, who: &AccountId) {
		enrol(who, org, &[MemberRole::Clinician, MemberRole::Gateway], &[OrgRole::Provider]);
		fund(who);
	}
	fn patient(patient: &PatientId, controller: &AccountId, org: OrgId) {
		Controllers::insert(patient.0, controller);
		Collectors::insert((patient.0, org), ());
	}
	fn set_time(now: Moment) {
		set_now(now);
	}
}

pub fn enrol(who: &AccountId, org: OrgId, roles: &[MemberRole], org_roles: &[OrgRole]) {
	let member = Membership {
		org,
		roles: MemberRoleSet::of(roles),
		org_roles: OrgRoleSet::of(org_roles),
		until: Some(NOW + 365 * DAY),
	};
	Standings::insert(who, Standing::Active(member));
}

/// Gives an account the standing that tests begin with.
pub fn reinstate(who: &AccountId) {
	use MemberRole::{Clinician, Gateway, Pharmacist};
	match *who {
		CLINICIAN => enrol(who, CLINIC, &[Clinician], &[OrgRole::Provider]),
		GATEWAY | PENNILESS => enrol(who, CLINIC, &[Clinician, Gateway], &[OrgRole::Provider]),
		HOSPITAL_GATEWAY => enrol(who, HOSPITAL, &[Clinician, Gateway], &[OrgRole::Provider]),
		CARRIER_GATEWAY => enrol(who, CARRIER, &[Gateway], &[OrgRole::Carrier]),
		PHARMACIST => enrol(who, PHARMACY, &[Pharmacist], &[OrgRole::Dispenser]),
		_ => Standings::remove(who),
	}
}

pub fn suspend(who: &AccountId) {
	Standings::insert(who, Standing::Inactive);
}

pub fn open_care(patient: PatientId, org: OrgId, until: Moment) {
	Care::insert((patient.0, org), until);
}

pub fn close_care(patient: PatientId, org: OrgId) {
	Care::remove((patient.0, org));
}

/// Lets members of the organisation collect observations.
pub fn permit_collection(patient: PatientId, org: OrgId) {
	Collectors::insert((patient.0, org), ());
}

pub fn set_label_epoch(patient: PatientId, epoch: u32) {
	LabelEpochs::insert(patient.0, epoch);
}

pub fn set_controller(patient: PatientId, who: &AccountId) {
	Controllers::insert(patient.0, who);
}

pub fn forget_patient(patient: PatientId) {
	Controllers::remove(patient.0);
}

pub fn revision(patient: PatientId) -> u64 {
	Revisions::get(patient.0)
}

pub fn now() -> Moment {
	pallet_timestamp::Now::<Test>::get()
}

pub fn set_now(now: Moment) {
	pallet_timestamp::Now::<Test>::put(now);
}

pub fn fund(who: &AccountId) {
	use frame_support::traits::fungible::Mutate;
	Balances::set_balance(who, FUNDS);
}

/// What of an account's balance pays for storage.
pub fn held(who: &AccountId) -> u128 {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&StorageHold::get(), who)
}

pub fn price(footprint: Footprint) -> u128 {
	u128::from(footprint.count * footprint.size)
}

pub fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

pub fn rid(n: u8) -> RecordId {
	RecordId([n; 32])
}

pub fn locator(text: &[u8]) -> Locator {
	Locator::truncate_from(text.to_vec())
}

pub fn input(n: u8) -> RecordInput {
	RecordInput {
		id: rid(n),
		resource_type: ResourceType::Observation,
		confidentiality: Confidentiality::Normal,
		labels: 0b101,
		label_epoch: 0,
		data_from: Month(600),
		data_to: Month(612),
		episode: Some(Episode([n; 16])),
		commitment: H256::repeat_byte(n),
		locator: locator(b"s3://vault/0123456789abcdef"),
	}
}

pub fn receipt(record: u8, request: u8) -> Receipt {
	Receipt {
		actor: HOSPITAL_GATEWAY,
		record: rid(record),
		version: 1,
		purpose: Purpose::Treat,
		action: Action::Access,
		effect: Effect::Permit,
		reason: Reason::Consent,
		consent: Some(0),
		rule: Some(1),
		at: now(),
		request: H256::repeat_byte(request),
	}
}

/// An empty chain.
pub fn bare_ext() -> sp_io::TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("the genesis is valid");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		set_now(NOW);
	});
	ext
}

/// Two patients, four organisations, the clinic caring for [`ADA`] for a day; what always holds is checked at the end.
pub fn test(body: impl FnOnce()) {
	bare_ext().execute_with(|| {
		set_controller(ADA, &PATIENT);
		set_controller(BEN, &OTHER_PATIENT);
		for who in [CLINICIAN, GATEWAY, PENNILESS, HOSPITAL_GATEWAY, CARRIER_GATEWAY, PHARMACIST] {
			reinstate(&who);
		}
		for who in [PATIENT, OTHER_PATIENT, CLINICIAN, GATEWAY, HOSPITAL_GATEWAY, CARRIER_GATEWAY, PHARMACIST, STRANGER]
		{
			fund(&who);
		}
		open_care(ADA, CLINIC, NOW + DAY);
		body();
		HealthRecords::do_try_state().expect("what always holds of the storage holds");
	});
}
