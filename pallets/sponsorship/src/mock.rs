//! A runtime for tests: the pallet with balances, fees and a clock, and its own directory and patients.

use crate as pallet_sponsorship;
use crate::{benchmarking::BenchmarkHelper, Event, Rights, Sponsored, SponsoredFees};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	derive_impl,
	dispatch::{DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo},
	parameter_types,
	traits::{
		fungible::HoldConsideration, tokens::imbalance::ResolveTo, ConstU128, ConstU32, Contains, LinearStoragePrice,
		VariantCount,
	},
	weights::{IdentityFee, Weight},
};
use frame_system::{limits::BlockWeights, mocking::MockBlock, CheckNonce};
use pallet_transaction_payment::{ChargeTransactionPayment, FungibleAdapter};
use salus_primitives::{
	consent::{Capacity, Decision, Membership, Reason, RecordStatus, Request, Sharing, Standing},
	inputs::SponsorTerms,
	time::DAY,
	traits::{Directory, OrgStanding, Patients},
	AccountId, MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, PatientId, H256,
};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{DispatchTransaction, IdentityLookup, TransactionExtension},
	transaction_validity::{TransactionSource, TransactionValidityError},
	BuildStorage, DispatchError, DispatchResult,
};
use std::collections::{BTreeMap, BTreeSet};

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
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(4)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(5)]
	pub type Sponsorship = pallet_sponsorship;
}

parameter_types! {
	/// Transactions cost their weight and nothing besides.
	pub Weights: BlockWeights = BlockWeights::simple_max(Weight::from_parts(u64::MAX / 2, u64::MAX / 2));
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type BlockWeights = Weights;
	type Nonce = u64;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = u128;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
	type RuntimeHoldReason = Hold;
}

/// What balances are held for.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
	/// Deposits of an account's own.
	Storage,
}

impl VariantCount for Hold {
	const VARIANT_COUNT: u32 = 1;
}

#[derive_impl(pallet_transaction_payment::config_preludes::TestDefaultConfig)]
impl pallet_transaction_payment::Config for Test {
	type OnChargeTransaction = SponsoredFees<FungibleAdapter<Balances, ResolveTo<FeePot, Balances>>>;
	type WeightToFee = IdentityFee<u128>;
	type LengthToFee = IdentityFee<u128>;
}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

/// The existential deposit.
pub const ED: u128 = 10;
/// What every payer has when a test begins.
pub const ENDOWMENT: u128 = 1_000_000;
/// Accounts that an organisation may enrol.
pub const MAX_ENROLLED: u32 = 3;
/// What an account may keep in storage.
pub const STORAGE: u128 = 100;
/// Waivers of an account in a day.
pub const WAIVERS: u32 = 3;
/// When a test begins: in the morning of a day.
pub const NOW: Moment = 19_675 * DAY + 8 * salus_primitives::time::HOUR;

parameter_types! {
	/// Who collects fees.
	pub FeePot: AccountId = account(200);
	/// What deposits of an account's own are held for.
	pub const StorageHold: Hold = Hold::Storage;

	/// Organisations, and whether they are in good standing.
	pub storage Organisations: BTreeMap<OrgId, bool> = BTreeMap::new();
	/// Who administers which organisation.
	pub storage Admins: BTreeSet<(OrgId, AccountId)> = BTreeSet::new();
	/// Members in good standing of an organisation that is: of which one, and with which role.
	pub storage Members: BTreeMap<AccountId, (OrgId, MemberRoleSet)> = BTreeMap::new();
	/// Who acts for which patient.
	pub storage Acting: BTreeSet<(PatientId, AccountId)> = BTreeSet::new();
}

impl crate::Config for Test {
	type Directory = MockDirectory;
	type Patients = MockPatients;
	type Time = Timestamp;
	type Sponsorable = MockSponsorable;
	type Rights = MockRights;
	type MaxEnrolled = ConstU32<MAX_ENROLLED>;
	type StoragePerAccount = ConstU128<STORAGE>;
	type WaiversPerDay = ConstU32<WAIVERS>;
	type WeightInfo = ();
	type BenchmarkHelper = Helper;
}

/// Ten for each thing stored, and one for each byte.
pub type Price = LinearStoragePrice<ConstU128<10>, ConstU128<1>, u128>;
/// A deposit of one's own.
pub type OwnDeposit = HoldConsideration<AccountId, Balances, StorageHold, Price>;
/// A deposit that a sponsor may bear.
pub type Ticket = Sponsored<Test, Price, OwnDeposit>;

/// Knows what `Organisations`, `Admins` and `Members` say.
pub struct MockDirectory;

impl Directory for MockDirectory {
	fn standing(who: &AccountId, _: Moment) -> Standing {
		match Members::get().get(who) {
			None => Standing::Never,
			Some((org, roles)) if Organisations::get().get(org) == Some(&true) => Standing::Active(Membership {
				org: *org,
				roles: *roles,
				org_roles: OrgRoleSet::of(&[OrgRole::Provider]),
				until: None,
			}),
			Some(_) => Standing::Inactive,
		}
	}
	fn organisation(org: OrgId, _: Moment) -> Option<OrgStanding> {
		Organisations::get().get(&org).map(|active| OrgStanding {
			roles: OrgRoleSet::of(&[OrgRole::Provider]),
			active: *active,
			licence_until: Moment::MAX,
			requires_agreement: false,
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
	fn agreements(_: OrgId, _: OrgId) -> Vec<Sharing> {
		Vec::new()
	}
	fn standing_weight() -> Weight {
		Weight::from_parts(1, 0)
	}
	fn organisation_weight() -> Weight {
		Weight::from_parts(2, 0)
	}
	fn is_admin_weight() -> Weight {
		Weight::from_parts(4, 0)
	}
	fn premises_weight() -> Weight {
		unreachable!("the pallet does not ask for premises")
	}
	fn agreements_weight() -> Weight {
		Weight::from_parts(8, 0)
	}
}

/// Knows what `Acting` says.
pub struct MockPatients;

impl Patients for MockPatients {
	fn exists(patient: &PatientId) -> bool {
		Acting::get().iter().any(|(known, _)| known == patient)
	}
	fn capacity(patient: &PatientId, who: &AccountId, _: Moment) -> Option<Capacity> {
		Acting::get().contains(&(*patient, who.clone())).then_some(Capacity::Patient)
	}
	fn in_care(_: &PatientId, _: OrgId, _: Moment) -> bool {
		false
	}
	fn label_epoch(_: &PatientId) -> Option<u32> {
		None
	}
	fn revision(_: &PatientId) -> Option<u64> {
		None
	}
	fn decide(_: &PatientId, _: &Request, _: RecordStatus, _: Moment) -> Decision {
		Decision::refusal(Reason::UnknownPatient, 0)
	}
	fn touch(_: &PatientId) -> Result<u64, DispatchError> {
		Err(DispatchError::CannotLookup)
	}
	fn lookup_weight() -> Weight {
		Weight::from_parts(16, 0)
	}
	fn in_care_weight() -> Weight {
		Weight::zero()
	}
	fn decide_weight() -> Weight {
		Weight::zero()
	}
	fn touch_weight() -> Weight {
		Weight::zero()
	}
}

/// Sponsors pay for remarks with an event, and for leaving.
pub struct MockSponsorable;

impl Contains<RuntimeCall> for MockSponsorable {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			RuntimeCall::System(frame_system::Call::remark_with_event { .. })
				| RuntimeCall::Sponsorship(crate::Call::leave {})
		)
	}
}

/// A remark of 32 bytes is a right of the patient with this pseudonym.
pub struct MockRights;

impl Rights<RuntimeCall> for MockRights {
	fn patient_of(call: &RuntimeCall) -> Option<PatientId> {
		let RuntimeCall::System(
			frame_system::Call::remark { remark } | frame_system::Call::remark_with_event { remark },
		) = call
		else {
			return None;
		};
		remark.as_slice().try_into().ok().map(PatientId)
	}
}

/// Prepares this runtime for benchmarks.
pub struct Helper;

impl BenchmarkHelper for Helper {
	fn set_time(now: Moment) {
		set_time(now)
	}
	fn admit(who: &AccountId) -> OrgId {
		let org = Organisations::get().len() as OrgId;
		admit(org, who);
		org
	}
}

/// A call that nobody but the sender pays for.
pub fn ordinary() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

/// A call that sponsors pay for.
pub fn sponsorable() -> RuntimeCall {
	frame_system::Call::remark_with_event { remark: vec![] }.into()
}

/// A call that is a right of [`patient`], and that sponsors do not pay for.
pub fn right() -> RuntimeCall {
	frame_system::Call::remark { remark: patient().0.to_vec() }.into()
}

/// A call that is a right of [`patient`], and that sponsors pay for.
pub fn sponsorable_right() -> RuntimeCall {
	frame_system::Call::remark_with_event { remark: patient().0.to_vec() }.into()
}

/// The patient.
pub fn patient() -> PatientId {
	PatientId([7; 32])
}

/// The account with this number. Those below 10 are endowed.
pub fn account(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

/// The administrator, and so the payer, of this organisation.
pub fn admin(org: OrgId) -> AccountId {
	account(org as u8)
}

pub fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

pub fn set_time(now: Moment) {
	pallet_timestamp::Now::<Test>::put(now);
}

/// Admits an organisation.
pub fn admit(org: OrgId, who: &AccountId) {
	set_active(org, true);
	add_admin(org, who);
}

/// Reinstates or suspends an organisation.
pub fn set_active(org: OrgId, active: bool) {
	let mut organisations = Organisations::get();
	organisations.insert(org, active);
	Organisations::set(&organisations);
}

pub fn add_admin(org: OrgId, who: &AccountId) {
	let mut admins = Admins::get();
	admins.insert((org, who.clone()));
	Admins::set(&admins);
}

pub fn remove_admin(org: OrgId, who: &AccountId) {
	let mut admins = Admins::get();
	admins.remove(&(org, who.clone()));
	Admins::set(&admins);
}

/// Makes the account a member of the organisation with one role.
pub fn join(org: OrgId, who: &AccountId, role: MemberRole) {
	let mut members = Members::get();
	members.insert(who.clone(), (org, MemberRoleSet::of(&[role])));
	Members::set(&members);
}

/// Lets the account act for [`patient`].
pub fn act(who: &AccountId) {
	let mut acting = Acting::get();
	acting.insert((patient(), who.clone()));
	Acting::set(&acting);
}

/// Terms that cover what tests usually charge.
pub fn terms() -> SponsorTerms {
	SponsorTerms { per_account: 100, per_day: 150 }
}

/// Admits this organisation, and lets it sponsor on these terms.
pub fn sponsor(org: OrgId, terms: SponsorTerms) -> OrgId {
	admit(org, &admin(org));
	Sponsorship::set_terms(signed(&admin(org)), org, Some(terms)).expect("in good standing");
	org
}

pub fn enrol(org: OrgId, who: &AccountId) -> DispatchResult {
	Sponsorship::enrol(signed(&admin(org)), org, who.clone())
}

/// Account 100, without a balance, enrolled by organisation 1, which sponsors on [`terms`].
pub fn enrolled() -> AccountId {
	let who = account(100);
	enrol(sponsor(1, terms()), &who).expect("there is a place");
	who
}

/// Sends a transaction that declares a fee and turns out to have used less, without doing what the call says.
///
/// What the pool would have answered is what the block does.
pub fn pay_part(
	who: &AccountId,
	call: &RuntimeCall,
	fee: u128,
	tip: u128,
	post_info: PostDispatchInfo,
) -> Result<(), TransactionValidityError> {
	let info = DispatchInfo { call_weight: Weight::from_parts(fee as u64, 0), ..Default::default() };
	let extension = || ChargeTransactionPayment::<Test>::from(tip);
	let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let asked = extension().validate_only(signed(who), call, &info, 0, TransactionSource::External, 0).map(|_| ());
	assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1), "asking changes nothing");
	let done = extension().test_run(signed(who), call, &info, 0, 0, |_| Ok(post_info)).map(|_| ());
	assert_eq!(asked, done);
	if done.is_err() {
		assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1), "refusing changes nothing");
	}
	done
}

/// Sends a transaction that uses the fee that it declares.
pub fn pay(who: &AccountId, call: &RuntimeCall, fee: u128) -> Result<(), TransactionValidityError> {
	pay_part(who, call, fee, 0, PostDispatchInfo::default())
}

/// What a call turned out to use.
pub fn used(fee: u128) -> PostDispatchInfo {
	PostDispatchInfo { actual_weight: Some(Weight::from_parts(fee as u64, 0)), pays_fee: Pays::Yes }
}

/// Sends a transaction through the nonce check and the charge, at its own weight, and does what the call says.
pub fn send(who: &AccountId, nonce: u64, call: RuntimeCall) -> Result<DispatchResult, TransactionValidityError> {
	let pipeline = (CheckNonce::<Test>::from(nonce), ChargeTransactionPayment::<Test>::from(0));
	let info = DispatchInfo { extension_weight: pipeline.weight(&call), ..call.get_dispatch_info() };
	let done = pipeline.dispatch_transaction(signed(who), call, &info, 0, 0);
	done.map(|result| result.map(|_| ()).map_err(|failed| failed.error))
}

pub fn free(who: &AccountId) -> u128 {
	Balances::free_balance(who)
}

/// The events of the pallet since the test began or asked last.
pub fn events() -> Vec<Event<Test>> {
	let all = System::events().into_iter().filter_map(|record| match record.event {
		RuntimeEvent::Sponsorship(event) => Some(event),
		_ => None,
	});
	let all = all.collect();
	System::reset_events();
	all
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("constant");
	pallet_balances::GenesisConfig::<Test> {
		balances: (0..10).map(account).chain([FeePot::get()]).map(|who| (who, ENDOWMENT)).collect(),
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
		Sponsorship::do_try_state().expect("the invariants hold");
	});
}
