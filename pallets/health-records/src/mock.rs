//! A runtime for tests, with a directory and patients of its own.

use crate::{self as pallet_health_records, *};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{fungible::HoldConsideration, ConstU128, ConstU64, LinearStoragePrice},
	Blake2_128Concat, Identity,
};
use salus_primitives::{
	consent::{Capacity, Decision, GuardianScope, Period, Sharing},
	traits::OrgStanding,
	Confidentiality, Episode, MemberRoleSet, Month, ObligationSet, ResourceType,
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
/// A provider that is not in standing.
pub const CLOSED: OrgId = 5;

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
/// Guardian of [`ADA`] with full scope, from [`NOW`] for ten days.
pub const GUARDIAN: AccountId = AccountId::new([10; 32]);
/// Guardian of [`ADA`] who may only consent.
pub const PROXY: AccountId = AccountId::new([11; 32]);
/// Guardian of [`ADA`] who may only read.
pub const READER: AccountId = AccountId::new([12; 32]);
/// Clinician and gateway of a hospital that was closed.
pub const RETIRED: AccountId = AccountId::new([13; 32]);
/// Never a member, controls nobody.
pub const STRANGER: AccountId = AccountId::new([8; 32]);
/// Clinician and gateway at the clinic, without balance.
pub const PENNILESS: AccountId = AccountId::new([9; 32]);

/// Everybody with balance.
pub const PEOPLE: [AccountId; 12] = [
	PATIENT,
	OTHER_PATIENT,
	CLINICIAN,
	GATEWAY,
	HOSPITAL_GATEWAY,
	CARRIER_GATEWAY,
	PHARMACIST,
	STRANGER,
	GUARDIAN,
	PROXY,
	READER,
	RETIRED,
];

/// When [`GUARDIAN`]'s authority ends.
pub const GUARDIAN_END: Moment = NOW + 10 * DAY;

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
/// Organisations besides the five: those that benchmarks admit.
#[storage_alias]
type Admitted = StorageValue<Mock, OrgId, frame_support::pallet_prelude::ValueQuery>;
#[storage_alias]
type Guardians = StorageMap<Mock, Identity, ([u8; 32], AccountId), (GuardianScope, Period)>;
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

/// Who may see the patient's samples.
#[storage_alias]
type Readers = StorageMap<Mock, Identity, ([u8; 32], AccountId), ()>;

fn trait_weight() -> Weight {
	Weight::from_parts(TRAIT_TIME, 0)
}

/// Knows the standings that tests set.
pub struct MockDirectory;

impl Directory for MockDirectory {
	fn standing(who: &AccountId, _: Moment) -> Standing {
		Standings::get(who).unwrap_or(Standing::Never)
	}
	fn organisation(org: OrgId, _: Moment) -> Option<OrgStanding> {
		let role = match org {
			CLINIC | HOSPITAL | CLOSED => OrgRole::Provider,
			CARRIER => OrgRole::Carrier,
			PHARMACY => OrgRole::Dispenser,
			admitted if (1..=Admitted::get()).contains(&admitted.saturating_sub(CLOSED)) => OrgRole::Provider,
			_ => return None,
		};
		Some(OrgStanding {
			roles: OrgRoleSet::of(&[role]),
			active: org != CLOSED,
			licence_until: MEMBERSHIPS_END,
			requires_agreement: false,
			non_profit: false,
			country: *b"GB",
			legal_entity: H256::zero(),
		})
	}
	fn is_admin(_: OrgId, _: &AccountId) -> bool {
		unreachable!("the pallet does not ask for administrators")
	}
	fn premises(_: &AccountId) -> Option<salus_primitives::inputs::Gln> {
		unreachable!("the pallet does not ask for premises")
	}
	fn name(_: OrgId) -> Option<Vec<u8>> {
		unreachable!("the pallet does not ask for names")
	}
	fn agreements(_: OrgId, _: OrgId) -> Vec<Sharing> {
		unreachable!("the pallet does not ask for agreements")
	}
	fn standing_weight() -> Weight {
		trait_weight()
	}
	fn organisation_weight() -> Weight {
		trait_weight()
	}
	fn is_admin_weight() -> Weight {
		trait_weight()
	}
	fn premises_weight() -> Weight {
		unreachable!("the pallet does not ask for premises")
	}
	fn agreements_weight() -> Weight {
		trait_weight()
	}
}

/// Knows the patients that tests register.
pub struct MockPatients;

impl Patients for MockPatients {
	fn exists(patient: &PatientId) -> bool {
		Controllers::contains_key(patient.0)
	}
	fn capacity(patient: &PatientId, who: &AccountId, now: Moment) -> Option<Capacity> {
		if Controllers::get(patient.0)? == *who {
			return Some(Capacity::Patient);
		}
		let (scope, period) = Guardians::get((patient.0, who))?;
		period.contains(now).then_some(Capacity::Guardian { number: 0, scope, period })
	}
	fn in_care(patient: &PatientId, org: OrgId, now: Moment) -> bool {
		Care::get((patient.0, org)).is_some_and(|until| now < until)
	}
	fn label_epoch(patient: &PatientId) -> Option<u32> {
		Controllers::get(patient.0).map(|_| LabelEpochs::get(patient.0).unwrap_or_default())
	}
	fn revision(patient: &PatientId) -> Option<u64> {
		Controllers::get(patient.0).map(|_| Revisions::get(patient.0))
	}
	fn decide(patient: &PatientId, request: &Request, status: RecordStatus, now: Moment) -> Decision {
		if request.action == Action::Access {
			return Self::decide_access(patient, request, status);
		}
		// What the pallet must tell of any record that is to be anchored, and of samples.
		assert_eq!((request.purpose, request.action, status), (Purpose::Treat, Action::Collect, RecordStatus::Active));
		let (resource, actor) = (&request.resource, &request.actor);
		assert_eq!(resource.author.as_ref(), Some(actor));
		assert!(resource.confidentiality.is_some() && resource.period.is_some());
		// Of samples the labels are not known, and they are no record.
		assert_eq!(resource.record.is_some(), resource.labels.is_some());
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
	fn lookup_weight() -> Weight {
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

impl MockPatients {
	/// What is decided before somebody is told of samples: only the patient and the named see observations.
	fn decide_access(patient: &PatientId, request: &Request, status: RecordStatus) -> Decision {
		let resource = &request.resource;
		assert_eq!((request.purpose, status), (Purpose::Treat, RecordStatus::Active));
		assert_eq!((resource.record, resource.resource_type, resource.labels), (None, ResourceType::Observation, None));
		assert!(resource.author.is_some() && resource.confidentiality.is_some() && resource.custodian.is_some());
		assert!(resource.period.is_some_and(|period| period.from < period.to));
		let permitted = Readers::contains_key((patient.0, &request.actor))
			|| Controllers::get(patient.0).is_some_and(|controller| controller == request.actor);
		if !permitted {
			return Decision::refusal(Reason::NoConsent, 0);
		}
		Decision { effect: Effect::Permit, ..Decision::refusal(Reason::Consent, 0) }
	}
}

/// Arranges what benchmarks need in the mocked traits.
pub struct Helper;

impl benchmarking::BenchmarkHelper for Helper {
	fn provider(who: &AccountId) -> OrgId {
		let org = CLOSED
			+ Admitted::mutate(|admitted| {
				*admitted += 1;
				*admitted
			});
		Self::colleague(org, who);
		org
	}
	fn colleague(org: OrgId, who: &AccountId) {
		enrol(who, org, &[MemberRole::Clinician, MemberRole::Gateway], &[OrgRole::Provider]);
		fund(who);
	}
	fn patient(patient: &PatientId, controller: &AccountId, org: OrgId) {
		Controllers::insert(patient.0, controller);
		fund(controller);
		Collectors::insert((patient.0, org), ());
	}
	fn set_time(now: Moment) {
		set_now(now);
	}
}

/// When all memberships and licences end.
pub const MEMBERSHIPS_END: Moment = NOW + 365 * DAY;

pub fn enrol(who: &AccountId, org: OrgId, roles: &[MemberRole], org_roles: &[OrgRole]) {
	let member = Membership {
		org,
		roles: MemberRoleSet::of(roles),
		org_roles: OrgRoleSet::of(org_roles),
		until: Some(MEMBERSHIPS_END),
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
		RETIRED => suspend(who),
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

/// Lets the account see the patient's samples.
pub fn permit_access(patient: PatientId, who: &AccountId) {
	Readers::insert((patient.0, who), ());
}

/// Withdraws that.
pub fn forbid_access(patient: PatientId, who: &AccountId) {
	Readers::remove((patient.0, who));
}

pub fn set_label_epoch(patient: PatientId, epoch: u32) {
	LabelEpochs::insert(patient.0, epoch);
}

pub fn set_controller(patient: PatientId, who: &AccountId) {
	Controllers::insert(patient.0, who);
}

pub fn set_guardian(patient: PatientId, who: &AccountId, scope: GuardianScope, from: Moment, until: Option<Moment>) {
	Guardians::insert((patient.0, who), (scope, Period { from, until }));
}

pub fn end_guardian(patient: PatientId, who: &AccountId) {
	Guardians::remove((patient.0, who));
}

pub fn forbid_collection(patient: PatientId, org: OrgId) {
	Collectors::remove((patient.0, org));
}

pub fn forget_patient(patient: PatientId) {
	Controllers::remove(patient.0);
}

/// As if something of the patient's had changed in another pallet.
pub fn change(patient: PatientId) -> Result<(), DispatchError> {
	MockPatients::touch(&patient).map(|_| ())
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

/// A patient's stream.
pub fn sid(patient: PatientId, n: u8) -> StreamId {
	StreamId::of(&patient, &[n; 32])
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
		set_guardian(ADA, &GUARDIAN, GuardianScope::Full, NOW, Some(GUARDIAN_END));
		set_guardian(ADA, &PROXY, GuardianScope::ConsentOnly, 0, None);
		set_guardian(ADA, &READER, GuardianScope::ReadOnly, 0, None);
		for who in [CLINICIAN, GATEWAY, PENNILESS, HOSPITAL_GATEWAY, CARRIER_GATEWAY, PHARMACIST, RETIRED] {
			reinstate(&who);
		}
		PEOPLE.iter().for_each(fund);
		open_care(ADA, CLINIC, NOW + DAY);
		body();
		HealthRecords::do_try_state().expect("what always holds of the storage holds");
	});
}
