//! Benchmarks of every call at its worst.
//!
//! Goods are either units, of which some are split off a parcel whose status bits are counted for it, or a unit of logistics
//! with many parcels and products. Where a call's weight depends on both, the benchmark does both in one block: each of the
//! two slopes is found, and what does not depend on either is charged twice.

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{traits::UnfilteredDispatchable, BoundedVec};
use frame_system::RawOrigin;
use salus_primitives::drug::{leaf, StorageRule, UnitProof, MAX_DISPENSES, MAX_PROOF};
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Arranges what the directory knows.
pub trait BenchmarkHelper {
	/// Admits one more organisation, in standing for years, that is accredited as these and is a legal entity of its own.
	fn organisation(roles: &[OrgRole]) -> OrgId;
	/// Makes an account a member of an organisation in standing, in these roles, with premises and with balance enough for
	/// any deposit.
	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]);
	/// Sets the block's time.
	fn set_time(now: Moment);
}

const NOW: Moment = 1_800_000_000_000;
const EXPIRY: Moment = NOW + 300 * DAY;
const EVENT: H256 = H256::repeat_byte(0xe1);
const COLD: StorageRule = StorageRule { min: 20, max: 80, interval: 10 };
const HOT: Readings = Readings { min: 10, max: 200, minutes: 90, longest_gap: 60 };
/// Units of each of the many parcels that fill a unit of logistics.
const SMALL: u32 = 3;
/// The product of the batch whose status bits are counted; those before it fill units of logistics.
const LARGE: u32 = MAX_GOODS;

struct Stage {
	regulator: AccountId,
	/// A member of the maker in every role; the maker is a dispenser too.
	staff: AccountId,
	maker: OrgId,
	/// A member of the buyer in every role.
	buyer_staff: AccountId,
	buyer: OrgId,
}

/// A maker, a buyer, a regulator and the products.
fn stage<T: Config>() -> Result<Stage, BenchmarkError> {
	T::BenchmarkHelper::set_time(NOW);
	let all = [MemberRole::Logistics, MemberRole::Pharmacist, MemberRole::Quality];
	let join = |name, roles: &[OrgRole]| {
		let (org, who) = (T::BenchmarkHelper::organisation(roles), account(name, 0, 0));
		T::BenchmarkHelper::member(org, &who, &all);
		(org, who)
	};
	let (_, regulator) = join("regulator", &[OrgRole::Regulator]);
	let (maker, staff) = join("staff", &[OrgRole::Manufacturer, OrgRole::Dispenser]);
	let (buyer, buyer_staff) = join("buyer", &[OrgRole::Distributor, OrgRole::Dispenser]);
	let stage = Stage { regulator, staff, maker, buyer_staff, buyer };
	for n in 0..=LARGE {
		let product = ProductInput { gtin: gtin(n), owner: maker, storage: Some(COLD), device: false };
		run::<T>(&stage.regulator, Call::register_product { product })?;
	}
	Ok(stage)
}

/// A call that is no part of what is measured, or one of several that are.
fn run<T: Config>(who: &AccountId, call: Call<T>) -> Result<(), BenchmarkError> {
	let done = call.dispatch_bypass_filter(RawOrigin::Signed(who.clone()).into());
	done.map(|_| ()).map_err(|refusal| refusal.error.into())
}

/// A product's number.
fn gtin(n: u32) -> Gtin {
	let body = 950_600_000_000 + u64::from(n);
	(0..10).map(|digit| Gtin(body * 10 + digit)).find(Gtin::is_valid).unwrap_or(Gtin(0))
}

fn lot(n: u32) -> Lot {
	let name = [b'A' + (n / 26 % 26) as u8, b'A' + (n % 26) as u8];
	Lot::truncate_from([&name[..], &[b'X'; 18]].concat())
}

/// The first run of a lot.
fn input(product: u32, lot_number: u32, units: u32, root: H256) -> BatchInput {
	BatchInput {
		gtin: gtin(product),
		lot: lot(lot_number),
		run: 0,
		expiry: EXPIRY,
		units,
		root,
		meta: H256::repeat_byte(3),
		event: EVENT,
	}
}

fn commission<T: Config>(stage: &Stage, batch: BatchInput) -> Result<BatchId, BenchmarkError> {
	let id = NextBatch::<T>::get();
	run::<T>(&stage.staff, Call::commission { batch })?;
	Ok(id)
}

fn range(batch: BatchId, start: u32, len: u32) -> UnitRange {
	UnitRange { batch, start, len }
}

/// A batch of the greatest size, of which a unit left the market in every entry of status bits that a call may count, and
/// sixteen units elsewhere are recalled.
fn large<T: Config>(stage: &Stage) -> Result<BatchId, BenchmarkError> {
	let id = commission::<T>(stage, input(LARGE, 0, MAX_UNITS, H256::repeat_byte(2)))?;
	let gone: Vec<_> = (0..=MAX_CHUNKS).map(|chunk| range(id, chunk * CHUNK + 7, 1)).collect();
	for ranges in gone.chunks(MAX_RANGES as usize) {
		run::<T>(&stage.staff, Call::destroy { ranges: Ranges::truncate_from(ranges.to_vec()), event: EVENT })?;
	}
	for n in 1..=MAX_RANGES {
		let scope = RecallScope::Units(range(id, MAX_UNITS - n, 1));
		run::<T>(&stage.staff, Call::recall { scope, class: RecallClass::III, reason: RecallReason::Labelling })?;
	}
	Ok(id)
}

/// Units of the large batch that are split off on both sides, with so many entries of status bits counted, at least 2.
fn piece(batch: BatchId, c: u32) -> UnitRange {
	range(batch, 1, (c - 1) * CHUNK - 1)
}

/// So many parcels, each of a batch of its own, of as many products as there may be.
fn parcels<T: Config>(stage: &Stage, count: u32) -> Result<Vec<Load>, BenchmarkError> {
	(0..count)
		.map(|n| {
			let id = commission::<T>(stage, input(n % MAX_GOODS, n / MAX_GOODS, SMALL, H256::repeat_byte(2)))?;
			Ok(Load::Units(range(id, 0, SMALL)))
		})
		.collect()
}

fn unit(n: u8) -> UnitId {
	H256::repeat_byte(n)
}

/// The outermost of three units of logistics around these loads, with an excursion in each.
fn pallet<T: Config>(stage: &Stage, loads: Vec<Load>) -> Result<UnitId, BenchmarkError> {
	let mut contents = Contents::truncate_from(loads);
	for n in 1..=MAX_DEPTH {
		run::<T>(&stage.staff, Call::pack { unit: unit(n), contents, event: EVENT })?;
		let load = Load::Logistic(unit(n));
		run::<T>(&stage.staff, Call::log_excursion { load, readings: HOT, evidence: EVENT })?;
		run::<T>(&stage.staff, Call::release_excursion { load, evidence: EVENT })?;
		contents = Contents::truncate_from(vec![load]);
	}
	Ok(unit(MAX_DEPTH))
}

/// A rule for each product, by which the next unit that leaves is one too few.
fn rules<T: Config>(stage: &Stage, who: &AccountId, org: OrgId) -> Result<(), BenchmarkError> {
	let supplier = if org == stage.maker { stage.buyer } else { stage.maker };
	for gtin in (0..=LARGE).map(gtin) {
		let minimum = Stock::<T>::get(org, gtin);
		if minimum > 0 {
			let rule = Some(ReorderInput { minimum, quantity: 1, supplier });
			run::<T>(who, Call::set_reorder_rule { gtin, rule })?;
		}
	}
	Ok(())
}

fn shipment(stage: &Stage, load: Load) -> Shipment {
	let (deadline, package) = (NOW + DAY, H256::repeat_byte(6));
	Shipment { load, to: stage.buyer, carrier: None, sale: true, deadline, package, event: EVENT }
}

fn ship<T: Config>(stage: &Stage, load: Load) -> Result<(), BenchmarkError> {
	run::<T>(&stage.staff, Call::ship { shipment: shipment(stage, load) })
}

fn receive<T: Config>(stage: &Stage, load: Load) -> Result<(), BenchmarkError> {
	run::<T>(&stage.buyer_staff, Call::receive { load, missing: Ranges::new(), event: EVENT })
}

/// The end of the chain of a parcel, found by its last unit, or of a unit of logistics.
fn chain<T: Config>(load: Load) -> Link {
	match load {
		Load::Units(UnitRange { batch, start, .. }) => {
			let parcel = Pallet::<T>::find_parcel(batch, start);
			parcel.map(|(_, parcel)| parcel.holding.chain).unwrap_or_default()
		}
		Load::Logistic(id) => LogisticUnits::<T>::get(id).map(|unit| unit.holding.chain).unwrap_or_default(),
	}
}

/// The event of a step that was done to goods.
fn step<T: Config>(
	previous: Link,
	kind: StepKind,
	load: Load,
	(from, to): (OrgId, OrgId),
	via: Option<Link>,
) -> Event<T> {
	let at = Pallet::<T>::now();
	let step = CustodyStep { kind, load, from, to, internal: from == to, at, event: EVENT, previous, via };
	Event::Custody { head: step.head(), step }
}

fn assert_last<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

/// The latest order, for one of the maker's products.
fn assert_ordered<T: Config>(stage: &Stage, product: u32) {
	let (buyer, supplier) = (stage.maker, stage.buyer);
	let order = NextOrder::<T>::get() - 1;
	assert_last::<T>(Event::OrderPlaced { order, buyer, supplier, gtin: gtin(product), quantity: 1 });
}

/// The maker's holds on a load changed to these.
fn holds_changed<T: Config>(load: Load, holds: &[Hold], by: OrgId) -> Event<T> {
	Event::HoldsChanged { load, holds: HoldSet::of(holds), by }
}

/// A batch of the greatest size with a proof of one of its units. Its tree is known along the way to that unit alone.
fn provable<T: Config>(stage: &Stage, n: u32) -> Result<Dispense, BenchmarkError> {
	let (product, number, index) = (n % LARGE, n / LARGE, 5 + n * CHUNK);
	let mac = H256::repeat_byte(8);
	let siblings = (0..MAX_PROOF).map(|level| H256::repeat_byte(level as u8));
	let content = leaf(gtin(product), &lot(number), 0, &mac);
	let first = BlakeTwo256::hash(&[&[0], &index.to_le_bytes()[..], &content].concat());
	let root = siblings.clone().enumerate().fold(first, |hash, (level, sibling)| {
		let (left, right) = if index >> level & 1 == 0 { (hash, sibling) } else { (sibling, hash) };
		BlakeTwo256::hash(&[&[1], left.as_bytes(), right.as_bytes()].concat())
	});
	let batch = commission::<T>(stage, input(product, number, MAX_UNITS, root))?;
	// The unit lies in the middle of other parcels, exceptions, status bits and recalls.
	for ranges in [range(batch, index - 1, 1), range(batch, index + 1, 1)] {
		run::<T>(&stage.staff, Call::destroy { ranges: Ranges::truncate_from(vec![ranges]), event: EVENT })?;
	}
	for start in (1..=MAX_RANGES).map(|n| MAX_UNITS - n) {
		let scope = RecallScope::Units(range(batch, start, 1));
		run::<T>(&stage.staff, Call::recall { scope, class: RecallClass::III, reason: RecallReason::Labelling })?;
	}
	let proof = BoundedVec::truncate_from(siblings.collect());
	Ok(Dispense { batch, unit: UnitProof { index, mac, proof }, at: None })
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn register_product() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let gtin = gtin(LARGE + 1);
		let product = ProductInput { gtin, owner: stage.maker, storage: Some(COLD), device: false };

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.regulator), product);

		assert_last::<T>(Event::ProductRegistered { gtin, owner: stage.maker });
		Ok(())
	}

	#[benchmark]
	fn delegate() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let mut org = 0;
		for n in 1..=salus_primitives::drug::MAX_DELEGATES {
			org = T::BenchmarkHelper::organisation(&[OrgRole::Manufacturer]);
			if n < salus_primitives::drug::MAX_DELEGATES {
				run::<T>(&stage.staff, Call::delegate { gtin: gtin(0), org, allowed: true })?;
			}
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), gtin(0), org, true);

		assert_last::<T>(Event::DelegateChanged { gtin: gtin(0), org, allowed: true });
		Ok(())
	}

	#[benchmark]
	fn commission() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		for run in 0..MAX_RUNS as u16 - 1 {
			super::commission::<T>(&stage, BatchInput { run, ..input(0, 0, 1, H256::repeat_byte(2)) })?;
		}
		let batch = BatchInput { run: MAX_RUNS as u16 - 1, ..input(0, 0, MAX_UNITS, H256::repeat_byte(2)) };

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), batch);

		let load = Load::Units(range(MAX_RUNS - 1, 0, MAX_UNITS));
		let made = (stage.maker, stage.maker);
		assert_last::<T>(step(Link::default(), StepKind::Commissioned, load, made, None));
		Ok(())
	}

	#[benchmark]
	fn split(c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let units = piece(large::<T>(&stage)?, c);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), units);

		// It tells of nothing: the two remainders and the piece are what there is.
		assert_eq!(Parcels::<T>::iter_prefix(units.batch).count(), 3);
		Ok(())
	}

	#[benchmark]
	fn merge() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		// Another member's deposit returns.
		let other: AccountId = account("other", 0, 0);
		T::BenchmarkHelper::member(stage.maker, &other, &[MemberRole::Logistics]);
		run::<T>(&other, Call::split { units: range(batch, 0, 100) })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), batch, 99);

		assert_eq!(Parcels::<T>::iter_prefix(batch).count(), 1);
		Ok(())
	}

	#[benchmark]
	fn pack(l: Linear<1, MAX_PACKED>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let mut loads = vec![Load::Units(piece(large::<T>(&stage)?, c))];
		// The products of the others leave room for the large batch's.
		for n in 1..l {
			let id = super::commission::<T>(&stage, input(n % (LARGE - 1), n, SMALL, H256::repeat_byte(2)))?;
			loads.push(Load::Units(range(id, 1, 1)));
		}
		let contents = Contents::truncate_from(loads);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), unit(9), contents, EVENT);

		let load = Load::Logistic(unit(9));
		assert_last::<T>(step(Link::default(), StepKind::Packed, load, (stage.maker, stage.maker), None));
		Ok(())
	}

	#[benchmark]
	fn unpack(p: Linear<1, MAX_PACKED>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let loads = parcels::<T>(&stage, p)?;
		let last = loads[p as usize - 1];
		let case = Load::Logistic(unit(1));
		run::<T>(&stage.staff, Call::pack { unit: unit(1), contents: Contents::truncate_from(loads), event: EVENT })?;
		run::<T>(&stage.staff, Call::log_excursion { load: case, readings: HOT, evidence: EVENT })?;
		let (own, via) = (chain::<T>(last), chain::<T>(case));

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), unit(1), EVENT);

		assert_last::<T>(step(own, StepKind::Unpacked, last, (stage.maker, stage.maker), Some(via)));
		Ok(())
	}

	#[benchmark]
	fn ship(p: Linear<1, MAX_PACKED>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let units = Load::Units(piece(large::<T>(&stage)?, c));
		let loads = parcels::<T>(&stage, p)?;
		let logistic = Load::Logistic(pallet::<T>(&stage, loads)?);
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[block]
		{
			super::ship::<T>(&stage, units)?;
			super::ship::<T>(&stage, logistic)?;
		}

		assert_ordered::<T>(&stage, p.min(MAX_GOODS) - 1);
		Ok(())
	}

	#[benchmark]
	fn receive(
		g: Linear<1, MAX_GOODS>,
		m: Linear<0, MAX_RANGES>,
		c: Linear<2, MAX_CHUNKS>,
	) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		// Parcels enough for the ranges that are missing, of so many products.
		let mut loads = Vec::new();
		for n in 0..MAX_PACKED {
			let id = super::commission::<T>(&stage, input(n % g, n / g, SMALL, H256::repeat_byte(2)))?;
			loads.push(Load::Units(range(id, 0, SMALL)));
		}
		let logistic = Load::Logistic(pallet::<T>(&stage, loads.clone())?);
		super::ship::<T>(&stage, logistic)?;
		let whole = Load::Units(range(batch, 0, MAX_UNITS - MAX_RANGES));
		super::ship::<T>(&stage, whole)?;
		let gone = loads.iter().take(m as usize).map(|load| match load {
			Load::Units(units) => range(units.batch, 1, 1),
			Load::Logistic(_) => range(0, 1, 1),
		});
		let missing = Ranges::truncate_from(gone.collect());
		let previous = chain::<T>(logistic);

		#[block]
		{
			super::receive::<T>(&stage, Load::Units(piece(batch, c)))?;
			run::<T>(&stage.buyer_staff, Call::receive { load: logistic, missing, event: EVENT })?;
		}

		assert_last::<T>(step(previous, StepKind::Received, logistic, (stage.maker, stage.buyer), None));
		Ok(())
	}

	#[benchmark]
	fn refuse(c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		super::ship::<T>(&stage, Load::Units(range(batch, 0, MAX_UNITS - MAX_RANGES)))?;
		let load = Load::Units(piece(batch, c));
		let previous = chain::<T>(load);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.buyer_staff), load, NOW + DAY, EVENT);

		assert_last::<T>(step(previous, StepKind::Refused, load, (stage.buyer, stage.maker), None));
		Ok(())
	}

	#[benchmark]
	fn retract(g: Linear<1, MAX_GOODS>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, g)?)?);
		for load in [Load::Units(range(batch, 0, MAX_UNITS - MAX_RANGES)), logistic] {
			super::ship::<T>(&stage, load)?;
		}
		T::BenchmarkHelper::set_time(NOW + DAY);
		let units = Load::Units(piece(batch, c));
		// Found, they are put in quarantine besides.
		for load in [units, logistic] {
			run::<T>(&stage.staff, Call::report_lost { load, event: EVENT })?;
		}

		#[block]
		{
			run::<T>(&stage.staff, Call::retract { load: units, event: EVENT })?;
			run::<T>(&stage.staff, Call::retract { load: logistic, event: EVENT })?;
		}

		assert_last::<T>(holds_changed(logistic, &[Hold::Quarantined], stage.maker));
		Ok(())
	}

	#[benchmark]
	fn dispense() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let given = provable::<T>(&stage, 0)?;
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), given);

		assert_ordered::<T>(&stage, 0);
		Ok(())
	}

	#[benchmark]
	fn dispense_many(d: Linear<1, MAX_DISPENSES>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let dispenses: Vec<_> = (0..d).map(|n| provable::<T>(&stage, n)).collect::<Result<_, _>>()?;
		let last = dispenses[d as usize - 1].clone();
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), Dispenses::truncate_from(dispenses));

		// The first of each product is one too few; an order is under way for the later ones.
		if d <= LARGE {
			assert_ordered::<T>(&stage, d - 1);
		} else {
			let index = last.unit.index;
			assert_last::<T>(Event::Dispensed { batch: last.batch, index, org: stage.maker, at: NOW });
		}
		Ok(())
	}

	#[benchmark]
	fn undo_dispense() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let given = provable::<T>(&stage, 0)?;
		let (batch, index) = (given.batch, given.unit.index);
		run::<T>(&stage.staff, Call::dispense { dispense: given })?;
		// A colleague undoes it: the deposit returns to another account.
		let colleague: AccountId = account("colleague", 0, 0);
		T::BenchmarkHelper::member(stage.maker, &colleague, &[MemberRole::Pharmacist]);

		#[extrinsic_call]
		_(RawOrigin::Signed(colleague), batch, index);

		assert_last::<T>(Event::DispenseUndone { batch, index, org: stage.maker });
		Ok(())
	}

	#[benchmark]
	fn decommission_range(
		r: Linear<1, MAX_RANGES>,
		c: Linear<{ 2 * MAX_RANGES }, { MAX_RANGE_UNITS / CHUNK }>,
	) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let ranges = removable::<T>(&stage, r, c)?;
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), ranges, RemovalKind::Exported, EVENT);

		assert_ordered::<T>(&stage, r.min(MAX_GOODS) - 1);
		Ok(())
	}

	#[benchmark]
	fn destroy(
		r: Linear<1, MAX_RANGES>,
		c: Linear<{ 2 * MAX_RANGES }, { MAX_RANGE_UNITS / CHUNK }>,
	) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let ranges = removable::<T>(&stage, r, c)?;
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), ranges, EVENT);

		assert_ordered::<T>(&stage, r.min(MAX_GOODS) - 1);
		Ok(())
	}

	#[benchmark]
	fn report_stolen(g: Linear<1, MAX_GOODS>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let units = Load::Units(piece(large::<T>(&stage)?, c));
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, g)?)?);
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[block]
		{
			run::<T>(&stage.staff, Call::report_stolen { load: units, event: EVENT })?;
			run::<T>(&stage.staff, Call::report_stolen { load: logistic, event: EVENT })?;
		}

		assert_ordered::<T>(&stage, g - 1);
		Ok(())
	}

	#[benchmark]
	fn report_lost(c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		super::ship::<T>(&stage, Load::Units(range(batch, 0, MAX_UNITS - MAX_RANGES)))?;
		T::BenchmarkHelper::set_time(NOW + DAY);
		let load = Load::Units(piece(batch, c));
		let previous = chain::<T>(load);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.buyer_staff), load, EVENT);

		assert_last::<T>(step(previous, StepKind::Lost, load, (stage.maker, stage.maker), None));
		Ok(())
	}

	#[benchmark]
	fn return_saleable(p: Linear<1, MAX_PACKED>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, p)?)?);
		for load in [Load::Units(range(batch, 0, MAX_UNITS - MAX_RANGES)), logistic] {
			super::ship::<T>(&stage, load)?;
			super::receive::<T>(&stage, load)?;
		}
		rules::<T>(&stage, &stage.buyer_staff, stage.buyer)?;
		let units = Load::Units(piece(batch, c));

		#[block]
		{
			for load in [units, logistic] {
				let call = Call::return_saleable { load, deadline: NOW + DAY, event: EVENT };
				run::<T>(&stage.buyer_staff, call)?;
			}
		}

		let (order, gtin) = (NextOrder::<T>::get() - 1, gtin(p.min(MAX_GOODS) - 1));
		let (buyer, supplier) = (stage.buyer, stage.maker);
		assert_last::<T>(Event::OrderPlaced { order, buyer, supplier, gtin, quantity: 1 });
		Ok(())
	}

	#[benchmark]
	fn report_suspect(c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let load = Load::Units(piece(large::<T>(&stage)?, c));

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.buyer_staff), load);

		assert_last::<T>(Event::SuspicionReported { report: 0, load, by: stage.buyer });
		Ok(())
	}

	#[benchmark]
	fn clear_suspect(c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		let all = Load::Units(range(batch, 0, MAX_UNITS));
		run::<T>(&stage.buyer_staff, Call::report_suspect { load: all })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.regulator), Load::Units(piece(batch, c)), Some(0), true);

		assert_last::<T>(Event::ReportSettled { report: 0, unfounded: true });
		Ok(())
	}

	#[benchmark]
	fn mark_illegitimate(p: Linear<1, MAX_PACKED>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let units = Load::Units(piece(large::<T>(&stage)?, c));
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, p)?)?);

		#[block]
		{
			run::<T>(&stage.staff, Call::mark_illegitimate { load: units })?;
			run::<T>(&stage.staff, Call::mark_illegitimate { load: logistic })?;
		}

		assert_last::<T>(holds_changed(logistic, &[Hold::Illegitimate], stage.maker));
		Ok(())
	}

	#[benchmark]
	fn recall() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		// The graver one replaces the last of the ranges.
		let scope = RecallScope::Units(range(batch, MAX_UNITS - MAX_RANGES, 1));
		let (class, reason) = (RecallClass::I, RecallReason::Contamination);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.regulator.clone()), scope.clone(), class, reason);

		let by = member_of::<T>(&stage.regulator);
		assert_last::<T>(Event::Recalled { scope, class, reason, by });
		Ok(())
	}

	#[benchmark]
	fn lift_recall() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		let scope = RecallScope::Units(range(batch, MAX_UNITS - MAX_RANGES, 1));

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), scope.clone());

		assert_last::<T>(Event::RecallLifted { scope, by: stage.maker });
		Ok(())
	}

	#[benchmark]
	fn acknowledge_recall(c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		for scope in [RecallScope::Product(gtin(LARGE)), RecallScope::Lot(gtin(LARGE), lot(0)), RecallScope::Batch(batch)] {
			run::<T>(&stage.staff, Call::recall { scope, class: RecallClass::I, reason: RecallReason::Quality })?;
		}
		rules::<T>(&stage, &stage.staff, stage.maker)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), piece(batch, c));

		assert_ordered::<T>(&stage, LARGE);
		Ok(())
	}

	#[benchmark]
	fn release_quarantine(p: Linear<1, MAX_PACKED>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, p)?)?);
		let whole = Load::Units(range(batch, 0, MAX_UNITS - MAX_RANGES));
		for load in [whole, logistic] {
			run::<T>(&stage.staff, Call::report_stolen { load, event: EVENT })?;
			run::<T>(&stage.staff, Call::retract { load, event: EVENT })?;
		}
		let units = Load::Units(piece(batch, c));

		#[block]
		{
			run::<T>(&stage.staff, Call::release_quarantine { load: units })?;
			run::<T>(&stage.staff, Call::release_quarantine { load: logistic })?;
		}

		assert_last::<T>(holds_changed(logistic, &[], stage.maker));
		Ok(())
	}

	#[benchmark]
	fn log_excursion(g: Linear<1, MAX_GOODS>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let units = Load::Units(piece(large::<T>(&stage)?, c));
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, g)?)?);

		#[block]
		{
			for load in [units, logistic] {
				run::<T>(&stage.staff, Call::log_excursion { load, readings: HOT, evidence: EVENT })?;
			}
		}

		assert_last::<T>(Event::ExcursionLogged { load: logistic, readings: HOT, evidence: EVENT, by: stage.maker });
		Ok(())
	}

	#[benchmark]
	fn release_excursion(g: Linear<1, MAX_GOODS>, c: Linear<2, MAX_CHUNKS>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let batch = large::<T>(&stage)?;
		let logistic = Load::Logistic(pallet::<T>(&stage, parcels::<T>(&stage, g)?)?);
		for load in [Load::Units(range(batch, 0, MAX_UNITS)), logistic] {
			run::<T>(&stage.staff, Call::log_excursion { load, readings: HOT, evidence: EVENT })?;
		}
		let units = Load::Units(piece(batch, c));

		#[block]
		{
			for load in [units, logistic] {
				run::<T>(&stage.staff, Call::release_excursion { load, evidence: EVENT })?;
			}
		}

		assert_last::<T>(holds_changed(logistic, &[], stage.maker));
		Ok(())
	}

	#[benchmark]
	fn set_reorder_rule() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		// A colleague's rule with an order under way, at another supplier.
		let colleague: AccountId = account("colleague", 0, 0);
		T::BenchmarkHelper::member(stage.maker, &colleague, &[MemberRole::Pharmacist]);
		let supplier = T::BenchmarkHelper::organisation(&[OrgRole::Distributor]);
		let old = Some(ReorderInput { minimum: 9, quantity: 9, supplier });
		run::<T>(&colleague, Call::set_reorder_rule { gtin: gtin(0), rule: old })?;
		let rule = Some(ReorderInput { minimum: 9, quantity: 1, supplier: stage.buyer });

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff.clone()), gtin(0), rule);

		assert_ordered::<T>(&stage, 0);
		Ok(())
	}

	#[benchmark]
	fn cancel_order() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let supplier = stage.buyer;
		let rule = Some(ReorderInput { minimum: 9, quantity: 1, supplier });
		run::<T>(&stage.staff, Call::set_reorder_rule { gtin: gtin(0), rule })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.buyer_staff), supplier, 0);

		assert_last::<T>(Event::OrderEnded { order: 0, supplier, fulfilled: false });
		Ok(())
	}

	#[benchmark]
	fn fulfil_order() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let supplier = stage.buyer;
		let rule = Some(ReorderInput { minimum: 9, quantity: 1, supplier });
		run::<T>(&stage.staff, Call::set_reorder_rule { gtin: gtin(0), rule })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.buyer_staff), supplier, 0);

		assert_last::<T>(Event::OrderEnded { order: 0, supplier, fulfilled: true });
		Ok(())
	}

	#[benchmark]
	fn prune(n: Linear<1, MAX_DISPENSES>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		// Each dispense is another pharmacist's deposit.
		let leaves: Vec<_> = (0..n).map(|index| leaf(gtin(0), &lot(0), 0, &H256::from_low_u64_be(index.into()))).collect();
		let root = salus_primitives::merkle::root(&leaves);
		let batch = super::commission::<T>(&stage, input(0, 0, n, root))?;
		for index in 0..n {
			let who: AccountId = account("pharmacist", index, 0);
			T::BenchmarkHelper::member(stage.maker, &who, &[MemberRole::Pharmacist]);
			let proof = salus_primitives::merkle::proof(&leaves, index).unwrap_or_default();
			let mac = H256::from_low_u64_be(index.into());
			let unit = UnitProof { index, mac, proof: BoundedVec::truncate_from(proof) };
			run::<T>(&who, Call::dispense { dispense: Dispense { batch, unit, at: None } })?;
		}
		T::BenchmarkHelper::set_time(NOW + T::UndoWindow::get());
		let units = BoundedVec::truncate_from((0..n).collect());

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.staff), Prunable::Dispenses { batch, units });

		assert_last::<T>(Event::Pruned { batch, entries: n });
		Ok(())
	}

	#[benchmark]
	fn dispute_package() -> Result<(), BenchmarkError> {
		let stage = stage::<T>()?;
		let loads = parcels::<T>(&stage, MAX_PACKED)?;
		let load = Load::Logistic(pallet::<T>(&stage, loads)?);
		super::ship::<T>(&stage, load)?;
		super::receive::<T>(&stage, load)?;
		let (committed, found) = (H256::repeat_byte(6), H256::repeat_byte(5));

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.buyer_staff), load, found);

		assert_last::<T>(Event::PackageDisputed { load, from: stage.maker, by: stage.buyer, committed, found });
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::bare_ext(), crate::mock::Test);
}

/// Ranges of as many products, which together meet so many entries of status bits: each begins and ends within one.
fn removable<T: Config>(stage: &Stage, r: u32, c: u32) -> Result<Ranges, BenchmarkError> {
	let mut ranges = Vec::new();
	for n in 0..r {
		let batch = commission::<T>(stage, input(n, 0, MAX_UNITS, H256::repeat_byte(2)))?;
		let neighbours = Ranges::truncate_from(vec![range(batch, 0, 1)]);
		run::<T>(&stage.staff, Call::destroy { ranges: neighbours, event: EVENT })?;
		// From the middle of the first entry to the middle of the last.
		let entries = c / r + u32::from(n < c % r);
		ranges.push(range(batch, CHUNK / 2, (entries - 1) * CHUNK));
	}
	Ok(Ranges::truncate_from(ranges))
}

/// The organisation that an account is a member of.
fn member_of<T: Config>(who: &AccountId) -> OrgId {
	match T::Directory::standing(who, NOW) {
		Standing::Active(member) => member.org,
		_ => 0,
	}
}
