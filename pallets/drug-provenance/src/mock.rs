//! A runtime for tests, with a directory of its own, and packaging runs whose units can be proved.

use crate::{self as pallet_drug_provenance, *};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, ConstU64, LinearStoragePrice},
	Blake2_128Concat, Twox64Concat,
};
use salus_primitives::{
	consent::{Membership, Sharing, Standing},
	drug::{leaf, StorageRule, UnitProof},
	inputs::Gln,
	merkle,
	time::DAY,
	traits::OrgStanding,
	MemberRole, MemberRoleSet, OrgRole, OrgRoleSet,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

pub const NOW: Moment = 1_800_000_000_000;
/// The first moment at which what the tests commission is expired.
pub const EXPIRY: Moment = NOW + 300 * DAY;
pub const UNDO: Moment = 10 * DAY;
pub const OFFLINE: Moment = 3 * DAY;
pub const REPORTS: u32 = 3;
pub const FUNDS: u128 = 1_000_000_000;
/// What a report of suspicion is bonded with.
pub const BOND: u128 = 5_000;

/// Weights of the mocked directory's methods.
pub const STANDING_WEIGHT: Weight = Weight::from_parts(1_000, 10);
pub const ORGANISATION_WEIGHT: Weight = Weight::from_parts(20_000, 200);
pub const PREMISES_WEIGHT: Weight = Weight::from_parts(300_000, 3_000);

pub const REGULATOR: OrgId = 1;
/// Owns every product.
pub const MAKER: OrgId = 2;
/// A contract packer.
pub const PACKER: OrgId = 3;
pub const WHOLESALER: OrgId = 4;
/// Another organisation of the wholesaler's legal entity.
pub const BRANCH: OrgId = 5;
pub const CARRIER: OrgId = 6;
pub const PHARMACY: OrgId = 7;
/// The pharmacy across the street.
pub const RIVAL: OrgId = 8;
/// A provider that keeps medicines, and is no dispenser.
pub const HOSPITAL: OrgId = 9;
/// A distributor that is not in standing.
pub const CLOSED: OrgId = 10;
/// A research body: has nothing to do with goods.
pub const INSTITUTE: OrgId = 11;
/// Was never admitted.
pub const NOWHERE: OrgId = 99;

/// Of the regulator.
pub const INSPECTOR: AccountId = AccountId::new([1; 32]);
/// Logistics at the maker.
pub const MAKER_STAFF: AccountId = AccountId::new([2; 32]);
/// Quality at the maker.
pub const MAKER_QP: AccountId = AccountId::new([22; 32]);
/// Logistics and quality at the packer.
pub const PACKER_STAFF: AccountId = AccountId::new([3; 32]);
/// Logistics at the wholesaler.
pub const WHOLESALE_STAFF: AccountId = AccountId::new([4; 32]);
/// Quality at the wholesaler.
pub const WHOLESALE_QP: AccountId = AccountId::new([24; 32]);
/// Logistics at the branch.
pub const BRANCH_STAFF: AccountId = AccountId::new([5; 32]);
/// Logistics at the carrier.
pub const DRIVER: AccountId = AccountId::new([6; 32]);
/// Works at the pharmacy's premises.
pub const PHARMACIST: AccountId = AccountId::new([7; 32]);
/// A pharmacist of the same organisation at the same premises.
pub const COLLEAGUE: AccountId = AccountId::new([27; 32]);
/// A pharmacist of the same organisation at other premises.
pub const LOCUM: AccountId = AccountId::new([37; 32]);
/// A registrar at the pharmacy: handles no goods.
pub const CLERK: AccountId = AccountId::new([47; 32]);
/// A pharmacist of the pharmacy, without balance.
pub const PENNILESS: AccountId = AccountId::new([57; 32]);
/// Quality at the pharmacy.
pub const PHARMACY_QP: AccountId = AccountId::new([67; 32]);
/// A pharmacist at the rival, who also does quality.
pub const RIVAL_PHARMACIST: AccountId = AccountId::new([8; 32]);
/// Logistics at the hospital, and a pharmacist besides.
pub const HOSPITAL_STAFF: AccountId = AccountId::new([9; 32]);
/// Logistics at the closed distributor.
pub const RETIRED: AccountId = AccountId::new([10; 32]);
/// Logistics at the research body.
pub const RESEARCHER: AccountId = AccountId::new([11; 32]);
/// Never was a member of anything.
pub const STRANGER: AccountId = AccountId::new([99; 32]);

/// Everybody with balance.
pub const PEOPLE: [AccountId; 19] = [
	INSPECTOR,
	MAKER_STAFF,
	MAKER_QP,
	PACKER_STAFF,
	WHOLESALE_STAFF,
	WHOLESALE_QP,
	BRANCH_STAFF,
	DRIVER,
	PHARMACIST,
	COLLEAGUE,
	LOCUM,
	CLERK,
	PHARMACY_QP,
	RIVAL_PHARMACIST,
	HOSPITAL_STAFF,
	RETIRED,
	RESEARCHER,
	STRANGER,
	ISSUER,
];
/// Pays for nothing else: keeps the issuance from falling to what deposits hold.
const ISSUER: AccountId = AccountId::new([98; 32]);

pub const HIGH_STREET: Gln = *b"9506000134369";
pub const STATION: Gln = *b"9506000134376";

/// A medicine that keeps at any temperature.
pub const DRUG: Gtin = Gtin(9_506_000_134_352);
/// A medicine that is kept at 2 to 8 °C.
pub const VACCINE: Gtin = Gtin(614_141_123_452);
/// A medical device.
pub const DEVICE: Gtin = Gtin(4_006_381_333_931);
/// A number with a right check digit that nobody registered.
pub const UNKNOWN: Gtin = Gtin(4_012_345_123_456);

/// What the vaccine is kept at.
pub const COLD: StorageRule = StorageRule { min: 20, max: 80, interval: 10 };

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
	pub type DrugProvenance = pallet_drug_provenance;
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
	pub const StorageHold: RuntimeHoldReason = RuntimeHoldReason::DrugProvenance(HoldReason::Storage);
	pub const SuspicionHold: RuntimeHoldReason = RuntimeHoldReason::DrugProvenance(HoldReason::Suspicion);
}

impl Config for Test {
	type Directory = MockDirectory;
	type Time = Timestamp;
	// A unit for each byte.
	type Consideration =
		HoldConsideration<AccountId, Balances, StorageHold, LinearStoragePrice<ConstU128<0>, ConstU128<1>, u128>>;
	type SuspicionBond =
		HoldConsideration<AccountId, Balances, SuspicionHold, LinearStoragePrice<ConstU128<BOND>, ConstU128<0>, u128>>;
	type UndoWindow = ConstU64<UNDO>;
	type OfflineWindow = ConstU64<OFFLINE>;
	type ReportsPerDay = ConstU32<REPORTS>;
	type WeightInfo = ();
	type BenchmarkHelper = Helper;
}

#[storage_alias]
type Standings = StorageMap<Mock, Blake2_128Concat, AccountId, (Standing, Option<Gln>)>;
/// Roles, whether in standing, and the legal entity.
#[storage_alias]
type Organisations = StorageMap<Mock, Twox64Concat, OrgId, (OrgRoleSet, bool, H256)>;
/// Organisations that benchmarks admitted.
#[storage_alias]
type Admitted = StorageValue<Mock, OrgId, frame_support::pallet_prelude::ValueQuery>;

/// Knows the organisations and members that tests set.
pub struct MockDirectory;

impl Directory for MockDirectory {
	fn standing(who: &AccountId, now: Moment) -> Standing {
		let Some((standing, _)) = Standings::get(who) else { return Standing::Never };
		match standing {
			Standing::Active(member) => match Self::organisation(member.org, now) {
				Some(org) if org.active => Standing::Active(Membership { org_roles: org.roles, ..member }),
				_ => Standing::Inactive,
			},
			other => other,
		}
	}
	fn organisation(org: OrgId, _: Moment) -> Option<OrgStanding> {
		Organisations::get(org).map(|(roles, active, legal_entity)| OrgStanding {
			roles,
			active,
			licence_until: Moment::MAX,
			requires_agreement: false,
			non_profit: false,
			country: *b"GB",
			legal_entity,
		})
	}
	fn is_admin(_: OrgId, _: &AccountId) -> bool {
		unreachable!("the pallet does not ask for administrators")
	}
	fn premises(who: &AccountId) -> Option<Gln> {
		Standings::get(who)?.1
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
		PREMISES_WEIGHT
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
		admit(org, roles, H256::from_low_u64_be(org.into()));
		org
	}
	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]) {
		enrol(who, org, roles, Some(HIGH_STREET));
		fund(who);
	}
	fn set_time(now: Moment) {
		set_now(now);
	}
}

pub fn admit(org: OrgId, roles: &[OrgRole], legal_entity: H256) {
	Organisations::insert(org, (OrgRoleSet::of(roles), true, legal_entity));
}

/// Suspends an organisation, and with it its members, or lets it come back.
pub fn set_active(org: OrgId, active: bool) {
	Organisations::mutate(org, |entry| entry.as_mut().expect("the organisation is admitted").1 = active);
}

pub fn enrol(who: &AccountId, org: OrgId, roles: &[MemberRole], premises: Option<Gln>) {
	let roles = MemberRoleSet::of(roles);
	let member = Membership { org, roles, org_roles: OrgRoleSet::EMPTY, until: None };
	Standings::insert(who, (Standing::Active(member), premises));
}

pub fn suspend(who: &AccountId) {
	Standings::insert(who, (Standing::Inactive, None::<Gln>));
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

pub fn fund(who: &AccountId) {
	use frame_support::traits::fungible::Mutate;
	Balances::set_balance(who, FUNDS);
}

/// What of an account's balance pays for storage.
pub fn held(who: &AccountId) -> u128 {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&StorageHold::get(), who)
}

/// What of an account's balance vouches for reports of suspicion.
pub fn bonded(who: &AccountId) -> u128 {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&SuspicionHold::get(), who)
}

/// All that an account has, held or free.
pub fn total(who: &AccountId) -> u128 {
	use frame_support::traits::fungible::Inspect;
	<Balances as Inspect<_>>::total_balance(who)
}

pub fn price(footprint: Footprint) -> u128 {
	u128::from(footprint.count * footprint.size)
}

pub fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

pub fn lot(text: &str) -> Lot {
	Lot::truncate_from(text.as_bytes().to_vec())
}

/// The hash of an EPCIS event.
pub fn ev(n: u8) -> H256 {
	H256::repeat_byte(n)
}

/// A unit of logistics.
pub fn lu(n: u8) -> UnitId {
	H256::repeat_byte(0xf0 ^ n)
}

/// A packaging run whose units' secrets are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
	pub gtin: Gtin,
	pub lot: Lot,
	pub run: u16,
	pub expiry: Moment,
	pub units: u32,
}

impl Run {
	/// The first run of a lot of the medicine.
	pub fn of(units: u32) -> Self {
		Self { gtin: DRUG, lot: lot("L1"), run: 0, expiry: EXPIRY, units }
	}

	/// The keyed hash of a unit.
	pub fn mac(&self, index: u32) -> H256 {
		use sp_runtime::traits::{BlakeTwo256, Hash};
		BlakeTwo256::hash_of(&(self.gtin, &self.lot, self.run, index))
	}

	pub fn leaves(&self) -> Vec<Vec<u8>> {
		(0..self.units).map(|index| leaf(self.gtin, &self.lot, self.run, &self.mac(index))).collect()
	}

	/// A unit with its proof.
	pub fn unit(&self, index: u32) -> UnitProof {
		let proof = merkle::proof(&self.leaves(), index).expect("the unit is in the run");
		UnitProof { index, mac: self.mac(index), proof: proof.try_into().expect("no more than 20 levels") }
	}

	pub fn input(&self) -> BatchInput {
		BatchInput {
			gtin: self.gtin,
			lot: self.lot.clone(),
			run: self.run,
			expiry: self.expiry,
			units: self.units,
			root: merkle::root(&self.leaves()),
			meta: H256::repeat_byte(0xee),
			event: ev(1),
		}
	}
}

/// An empty chain.
pub fn bare_ext() -> sp_io::TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().expect("the genesis is valid");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		set_now(NOW);
		fund(&ISSUER);
	});
	ext
}

/// Admits the organisations and their members, and registers the three products.
pub fn populate() {
	use MemberRole::{Logistics, Pharmacist, Quality, Registrar};
	let entity = |n: u64| H256::from_low_u64_be(n);
	for (org, role) in [
		(REGULATOR, OrgRole::Regulator),
		(MAKER, OrgRole::Manufacturer),
		(PACKER, OrgRole::Manufacturer),
		(WHOLESALER, OrgRole::Distributor),
		(BRANCH, OrgRole::Distributor),
		(CARRIER, OrgRole::Carrier),
		(PHARMACY, OrgRole::Dispenser),
		(RIVAL, OrgRole::Dispenser),
		(HOSPITAL, OrgRole::Provider),
		(CLOSED, OrgRole::Distributor),
		(INSTITUTE, OrgRole::ResearchBody),
	] {
		let of = if org == BRANCH { WHOLESALER } else { org };
		admit(org, &[role], entity(of.into()));
	}
	set_active(CLOSED, false);
	let (high_street, station) = (Some(HIGH_STREET), Some(STATION));
	for (who, org, roles, premises) in [
		(INSPECTOR, REGULATOR, &[Registrar][..], None),
		(MAKER_STAFF, MAKER, &[Logistics], None),
		(MAKER_QP, MAKER, &[Quality], None),
		(PACKER_STAFF, PACKER, &[Logistics, Quality], None),
		(WHOLESALE_STAFF, WHOLESALER, &[Logistics], None),
		(WHOLESALE_QP, WHOLESALER, &[Quality], None),
		(BRANCH_STAFF, BRANCH, &[Logistics], None),
		(DRIVER, CARRIER, &[Logistics], None),
		(PHARMACIST, PHARMACY, &[Pharmacist], high_street),
		(COLLEAGUE, PHARMACY, &[Pharmacist], high_street),
		(LOCUM, PHARMACY, &[Pharmacist], station),
		(CLERK, PHARMACY, &[Registrar], high_street),
		(PENNILESS, PHARMACY, &[Pharmacist], high_street),
		(PHARMACY_QP, PHARMACY, &[Quality], high_street),
		(RIVAL_PHARMACIST, RIVAL, &[Pharmacist, Quality], station),
		(HOSPITAL_STAFF, HOSPITAL, &[Logistics, Pharmacist], None),
		(RETIRED, CLOSED, &[Logistics], None),
		(RESEARCHER, INSTITUTE, &[Logistics], None),
	] {
		enrol(&who, org, roles, premises);
	}
	PEOPLE.iter().for_each(fund);
	for (gtin, storage, device) in [(DRUG, None, false), (VACCINE, Some(COLD), false), (DEVICE, None, true)] {
		let product = ProductInput { gtin, owner: MAKER, storage, device };
		DrugProvenance::register_product(signed(&INSPECTOR), product).expect("the regulator may");
	}
	System::reset_events();
}

/// Eleven organisations and three products; what always holds is checked at the end.
pub fn test(body: impl FnOnce()) {
	bare_ext().execute_with(|| {
		populate();
		body();
		DrugProvenance::do_try_state().expect("what always holds of the storage holds");
	});
}
