//! Organisations, products and goods to call on, as large as they get.

use super::*;
use frame_support::traits::UnfilteredDispatchable;
use salus_primitives::drug::{StorageRule, MAX_PROOF};
use sp_runtime::traits::{BlakeTwo256, Hash};

pub(super) const NOW: Moment = 1_800_000_000_000;
pub(super) const EXPIRY: Moment = NOW + 300 * DAY;
pub(super) const EVENT: H256 = H256::repeat_byte(0xe1);
pub(super) const COLD: StorageRule = StorageRule { min: 20, max: 80, interval: 10 };
pub(super) const HOT: Readings = Readings { min: 10, max: 200, minutes: 90, longest_gap: 60 };
/// Units of each of the many parcels that fill a unit of logistics.
pub(super) const SMALL: u32 = 3;
/// The product of the batch whose status bits are counted; those before it fill units of logistics.
pub(super) const LARGE: u32 = MAX_GOODS;

pub(super) struct Stage {
	pub regulator: AccountId,
	/// A member of the maker in every role; the maker is a dispenser too.
	pub staff: AccountId,
	pub maker: OrgId,
	/// A member of the buyer in every role.
	pub buyer_staff: AccountId,
	pub buyer: OrgId,
}

/// A maker, a buyer, a regulator and the products.
pub(super) fn stage<T: Config>() -> Result<Stage, BenchmarkError> {
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
pub(super) fn run<T: Config>(who: &AccountId, call: Call<T>) -> Result<(), BenchmarkError> {
	let done = call.dispatch_bypass_filter(RawOrigin::Signed(who.clone()).into());
	done.map(|_| ()).map_err(|refusal| refusal.error.into())
}

/// A product's number.
pub(super) fn gtin(n: u32) -> Gtin {
	let body = 950_600_000_000 + u64::from(n);
	(0..10).map(|digit| Gtin(body * 10 + digit)).find(Gtin::is_valid).unwrap_or(Gtin(0))
}

pub(super) fn lot(n: u32) -> Lot {
	let name = [b'A' + (n / 26 % 26) as u8, b'A' + (n % 26) as u8];
	Lot::truncate_from([&name[..], &[b'X'; 18]].concat())
}

/// The first run of a lot.
pub(super) fn input(product: u32, lot_number: u32, units: u32, root: H256) -> BatchInput {
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

pub(super) fn commission<T: Config>(stage: &Stage, batch: BatchInput) -> Result<BatchId, BenchmarkError> {
	let id = NextBatch::<T>::get();
	run::<T>(&stage.staff, Call::commission { batch })?;
	Ok(id)
}

pub(super) fn range(batch: BatchId, start: u32, len: u32) -> UnitRange {
	UnitRange { batch, start, len }
}

/// A batch of the greatest size, of which a unit left the market in every entry of status bits that a call may count, and
/// sixteen units elsewhere are recalled.
pub(super) fn large<T: Config>(stage: &Stage) -> Result<BatchId, BenchmarkError> {
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
pub(super) fn piece(batch: BatchId, c: u32) -> UnitRange {
	range(batch, 1, (c - 1) * CHUNK - 1)
}

/// So many parcels, each of a batch of its own, of as many products as there may be.
pub(super) fn parcels<T: Config>(stage: &Stage, count: u32) -> Result<Vec<Load>, BenchmarkError> {
	(0..count)
		.map(|n| {
			let id = commission::<T>(stage, input(n % MAX_GOODS, n / MAX_GOODS, SMALL, H256::repeat_byte(2)))?;
			Ok(Load::Units(range(id, 0, SMALL)))
		})
		.collect()
}

pub(super) fn unit(n: u8) -> UnitId {
	H256::repeat_byte(n)
}

/// The outermost of three units of logistics around these loads, with an excursion in each.
pub(super) fn pallet<T: Config>(stage: &Stage, loads: Vec<Load>) -> Result<UnitId, BenchmarkError> {
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
pub(super) fn rules<T: Config>(stage: &Stage, who: &AccountId, org: OrgId) -> Result<(), BenchmarkError> {
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

pub(super) fn shipment(stage: &Stage, load: Load) -> Shipment {
	let (deadline, package) = (NOW + DAY, H256::repeat_byte(6));
	Shipment { load, to: stage.buyer, carrier: None, sale: true, deadline, package, event: EVENT }
}

pub(super) fn ship<T: Config>(stage: &Stage, load: Load) -> Result<(), BenchmarkError> {
	run::<T>(&stage.staff, Call::ship { shipment: shipment(stage, load) })
}

pub(super) fn receive<T: Config>(stage: &Stage, load: Load) -> Result<(), BenchmarkError> {
	run::<T>(&stage.buyer_staff, Call::receive { load, missing: Ranges::new(), event: EVENT })
}

/// The end of the chain of a parcel, found by its last unit, or of a unit of logistics.
pub(super) fn chain<T: Config>(load: Load) -> Link {
	match load {
		Load::Units(UnitRange { batch, start, .. }) => {
			let parcel = Pallet::<T>::find_parcel(batch, start);
			parcel.map(|(_, parcel)| parcel.holding.chain).unwrap_or_default()
		}
		Load::Logistic(id) => LogisticUnits::<T>::get(id).map(|unit| unit.holding.chain).unwrap_or_default(),
	}
}

/// The event of a step that was done to goods.
pub(super) fn step<T: Config>(
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

pub(super) fn assert_last<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

/// The latest order, for one of the maker's products.
pub(super) fn assert_ordered<T: Config>(stage: &Stage, product: u32) {
	let (buyer, supplier) = (stage.maker, stage.buyer);
	let order = NextOrder::<T>::get() - 1;
	assert_last::<T>(Event::OrderPlaced { order, buyer, supplier, gtin: gtin(product), quantity: 1 });
}

/// The maker's holds on a load changed to these.
pub(super) fn holds_changed<T: Config>(load: Load, holds: &[Hold], by: OrgId) -> Event<T> {
	Event::HoldsChanged { load, holds: HoldSet::of(holds), by }
}

/// A batch of the greatest size with a proof of one of its units. Its tree is known along the way to that unit alone.
pub(super) fn provable<T: Config>(stage: &Stage, n: u32) -> Result<Dispense, BenchmarkError> {
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

/// Ranges of as many products, which together meet so many entries of status bits: each begins and ends within one.
pub(super) fn removable<T: Config>(stage: &Stage, r: u32, c: u32) -> Result<Ranges, BenchmarkError> {
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
pub(super) fn member_of<T: Config>(who: &AccountId) -> OrgId {
	match T::Directory::standing(who, NOW) {
		Standing::Active(member) => member.org,
		_ => 0,
	}
}
