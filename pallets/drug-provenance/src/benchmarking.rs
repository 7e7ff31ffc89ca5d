//! Benchmarks of every call at its worst.
//!
//! Goods are either units, of which some are split off a parcel whose status bits are counted for it, or a unit of logistics
//! with many parcels and products. Where a call's weight depends on both, the benchmark does both in one block: each of the
//! two slopes is found, and what does not depend on either is charged twice.

mod stage;

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::BoundedVec;
use frame_system::RawOrigin;
use salus_primitives::drug::{leaf, UnitProof, MAX_DISPENSES};
use stage::{
	assert_last, assert_ordered, chain, commission, gtin, holds_changed, input, large, lot, member_of, pallet, parcels,
	piece, provable, range, receive, removable, rules, run, ship, stage, step, unit, COLD, EVENT, HOT, LARGE, NOW,
	SMALL,
};

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
		for scope in
			[RecallScope::Product(gtin(LARGE)), RecallScope::Lot(gtin(LARGE), lot(0)), RecallScope::Batch(batch)]
		{
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
		let leaves: Vec<_> =
			(0..n).map(|index| leaf(gtin(0), &lot(0), 0, &H256::from_low_u64_be(index.into()))).collect();
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
