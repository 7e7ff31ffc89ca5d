//! Each invariant, broken: the check must see it.

use super::*;
use types::{Batch, Exception, Last, LogisticUnit, Parcel, ReorderRule};

/// Breaks a sound state and expects the check to say why. The pharmacy has 20 units of batch 0: a unit of logistics of the
/// first ten within another with the next two, of the rest one dispensed and two destroyed. Units 15 and 16 are recalled,
/// an order is under way, a report open, an excursion on record and a recall acknowledged.
fn broken(damage: impl FnOnce(), complaint: &'static str) {
	bare_ext().execute_with(|| {
		populate();
		let run = Run { gtin: VACCINE, ..Run::of(20) };
		assert_ok!(commission(&MAKER_STAFF, run.input()));
		sold(units(0, 20), &MAKER_STAFF, PHARMACY, &PHARMACIST);
		assert_ok!(pack(&PHARMACIST, lu(1), contents(&[units(0, 10)]), ev(5)));
		assert_ok!(pack(&PHARMACIST, lu(2), contents(&[logistic(1), units(10, 2)]), ev(5)));
		assert_ok!(dispense(&PHARMACIST, of(&run, 13)));
		assert_ok!(destroy(&PHARMACIST, ranges(&[(17, 2)]), ev(9)));
		assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(15, 2)), RecallClass::I, RecallReason::Quality));
		assert_ok!(acknowledge_recall(&PHARMACIST, range(15, 1)));
		let rule = Some(ReorderInput { minimum: 90, quantity: 9, supplier: WHOLESALER });
		assert_ok!(set_reorder_rule(&PHARMACIST, VACCINE, rule));
		assert_ok!(report_suspect(&CLERK, units(19, 1)));
		let hot = Readings { min: 20, max: 140, minutes: 25, longest_gap: 10 };
		assert_ok!(log_excursion(&PHARMACIST, units(19, 1), hot, ev(8)));
		assert_ok!(DrugProvenance::do_try_state());
		damage();
		assert_eq!(DrugProvenance::do_try_state(), Err(complaint.into()));
	});
}

fn batch(change: impl FnOnce(&mut Batch<TicketOf<Test>>)) {
	Batches::<Test>::mutate(0, |batch| change(batch.as_mut().expect("it is commissioned")));
}

/// Changes the parcel with this last unit.
fn at(last: u32, change: impl FnOnce(&mut Parcel<TicketOf<Test>>)) {
	Parcels::<Test>::mutate(0, Last(last), |parcel| change(parcel.as_mut().expect("a parcel ends there")));
}

fn case(n: u8, change: impl FnOnce(&mut LogisticUnit<TicketOf<Test>>)) {
	LogisticUnits::<Test>::mutate(lu(n), |unit| change(unit.as_mut().expect("it is packed")));
}

fn exception(last: u32, change: impl FnOnce(&mut Exception<TicketOf<Test>>)) {
	Exceptions::<Test>::mutate(0, Last(last), |entry| change(entry.as_mut().expect("the unit left")));
}

fn rule(change: impl FnOnce(&mut ReorderRule<TicketOf<Test>>)) {
	ReorderRules::<Test>::mutate(PHARMACY, VACCINE, |rule| change(rule.as_mut().expect("there is a rule")));
}

fn bits(change: impl FnOnce(&mut types::Chunk)) {
	Inactive::<Test>::mutate(0, 0, |bits| change(bits.as_mut().expect("units have left")));
}

#[test]
fn batches_and_lots() {
	let run = Run { gtin: VACCINE, ..Run::of(20) };
	let lots = |change: fn(&mut types::LotRuns)| Lots::<Test>::mutate(VACCINE, &run.lot, change);
	broken(|| NextBatch::<Test>::put(0), "batches are numbered below the next number");
	broken(|| batch(|batch| batch.units = 0), "a batch has units");
	broken(|| batch(|batch| batch.gtin = UNKNOWN), "batches are of known products");
	broken(|| batch(|batch| batch.run = 1), "a batch is its lot's run");
	broken(|| lots(|lot| lot.runs.clear()), "a batch is its lot's run");
	broken(|| lots(|lot| lot.runs.try_push(7).expect("there is room")), "runs of a lot are known and expire together");
	broken(
		|| Lots::<Test>::mutate(DRUG, &run.lot, |lot| lot.runs.try_push(7).expect("there is room")),
		"runs are known batches",
	);
	let recall = |range| {
		Recalls::<Test>::mutate(0, |recalls| recalls[0] = (range, 2, recalls[0].2));
	};
	broken(|| recall(19), "recalled ranges lie in their batch");
	broken(|| recall(u32::MAX), "recalled ranges lie in their batch");
	broken(|| Recalls::<Test>::mutate(0, |recalls| recalls.clear()), "recalled ranges lie in their batch");
	broken(|| Recalls::<Test>::insert(1, Recalls::<Test>::get(0)), "recalled units are of known batches");
}

#[test]
fn parcels_are_all_of_a_batch() {
	let copy = |batch, last| Parcels::<Test>::insert(batch, Last(last), parcel(13).1);
	broken(|| copy(1, 3), "parcels are of known batches");
	broken(|| copy(0, 20), "a parcel lies in its batch");
	broken(|| at(14, |parcel| parcel.start = 15), "a parcel lies in its batch");
	broken(|| at(14, |parcel| parcel.start = 11), "parcels of a batch are disjoint");
	broken(|| at(14, |parcel| parcel.inactive = 0), "a parcel knows its inactive units");
	broken(|| bits(|bits| bits[1] |= 1 << 6), "a parcel knows its inactive units");
	broken(|| at(14, |parcel| parcel.holds = HoldSet(1 << 7)), "holds are known");
	broken(|| at(9, |parcel| parcel.parent = Some(lu(9))), "parcels are in known units of logistics");
	broken(|| at(14, |parcel| parcel.parent = Some(lu(1))), "a unit of logistics knows the parcels in it");
	broken(|| Parcels::<Test>::remove(0, Last(15)), "no unit is lost and none is made");
	broken(|| batch(|batch| batch.retired = 1), "no unit is lost and none is made");
}

#[test]
fn what_left_the_market() {
	let copy = |batch, last| {
		let entry = Exceptions::<Test>::get(0, Last(13)).expect("it was dispensed");
		Exceptions::<Test>::insert(batch, Last(last), entry);
	};
	broken(|| copy(1, 13), "exceptions are of known batches");
	broken(|| copy(0, 20), "an exception lies in its batch");
	broken(|| exception(18, |entry| entry.start = 19), "an exception lies in its batch");
	broken(|| exception(13, |entry| entry.status = UnitStatus::Active), "an exception is not active");
	broken(|| copy(0, 17), "exceptions of a batch are disjoint");
	broken(|| exception(13, |entry| entry.start = 12), "units of exceptions are inactive");
	broken(|| Inactive::<Test>::insert(1, 0, [1; 256]), "status bits are of known batches");
	broken(|| Inactive::<Test>::insert(0, 1, [0; 256]), "status bits that are all clear are not stored");
	broken(|| Inactive::<Test>::insert(0, 1, [1; 256]), "status bits are of units");
	broken(|| bits(|bits| bits[200] = 1), "no status bit is set beyond the batch");
	let excursion = |batch, last| {
		let entry = Excursions::<Test>::get(0, Last(19)).expect("it is on record");
		Excursions::<Test>::insert(batch, Last(last), entry);
	};
	broken(|| excursion(1, 19), "excursions are of known batches");
	broken(|| excursion(0, 20), "an excursion lies in its batch");
	broken(|| excursion(0, 18), "an excursion lies in its batch");
}

#[test]
fn units_of_logistics() {
	let first = Content::Parcel { batch: 0, last: 9 };
	broken(|| case(1, |unit| unit.depth = 0), "units of logistics have few levels");
	broken(|| case(2, |unit| unit.depth = 4), "units of logistics have few levels");
	broken(|| case(2, |unit| unit.holds = HoldSet(1 << 6)), "holds are known");
	broken(
		|| case(1, |unit| unit.contents.try_push(first).expect("there is room")),
		"nothing is in a unit of logistics twice",
	);
	broken(|| case(2, |unit| unit.parent = Some(lu(9))), "units of logistics are in known ones");
	broken(|| case(2, |unit| unit.parent = Some(lu(1))), "a unit of logistics knows the units in it");
	broken(
		|| {
			let absent = Content::Parcel { batch: 0, last: 3 };
			case(1, |unit| unit.contents.try_push(absent).expect("there is room"));
		},
		"packed parcels are known",
	);
	broken(
		|| {
			let free = Content::Parcel { batch: 0, last: 14 };
			case(1, |unit| unit.contents.try_push(free).expect("there is room"));
		},
		"a packed parcel knows what it is in",
	);
	broken(
		|| case(2, |unit| unit.contents.try_push(Content::Logistic(lu(9))).expect("there is room")),
		"packed units of logistics are known",
	);
	broken(|| case(1, |unit| unit.parent = None), "a packed unit of logistics knows what it is in");
	broken(|| case(2, |unit| unit.depth = 1), "a unit of logistics is deeper than what is in it");
	broken(|| case(2, |unit| unit.parcels = 3), "a unit of logistics counts its parcels");
	broken(
		|| case(2, |unit| unit.goods.try_push(unit.goods[0]).expect("there is room")),
		"a unit of logistics lists each product once",
	);
	broken(|| case(2, |unit| unit.goods[0].1 = 11), "its goods are what is in it");
	broken(|| case(2, |unit| unit.goods.try_push((DRUG, 1)).expect("there is room")), "its goods are in it");
}

#[test]
fn an_empty_unit_of_logistics() {
	broken(
		|| {
			let empty = LogisticUnits::<Test>::get(lu(2)).expect("it is packed");
			let contents = Default::default();
			LogisticUnits::<Test>::insert(lu(7), LogisticUnit { contents, ..empty });
		},
		"a unit of logistics is not empty",
	);
}

#[test]
fn stock_and_orders() {
	broken(|| Stock::<Test>::insert(PHARMACY, VACCINE, 1), "stock is what is held and counted");
	broken(|| Stock::<Test>::insert(RIVAL, VACCINE, 1), "stock is what is held and counted");
	broken(|| at(14, |parcel| parcel.counted = false), "stock is what is held and counted");
	broken(|| case(2, |unit| unit.holding.custodian = RIVAL), "stock is what is held and counted");
	broken(
		|| case(2, |unit| unit.holding.custody = Custody::Lost { stolen: false }),
		"stock is what is held and counted",
	);
	broken(|| NextOrder::<Test>::put(0), "orders are numbered below the next number");
	broken(|| ReorderRules::<Test>::remove(PHARMACY, VACCINE), "orders are by a rule");
	broken(|| rule(|rule| rule.pending = None), "a rule knows its order");
	broken(|| rule(|rule| rule.supplier = MAKER), "a rule knows its order");
	broken(|| rule(|rule| rule.minimum = 0), "a rule orders something");
	broken(|| Orders::<Test>::remove(WHOLESALER, 0), "an order under way is known");
}

#[test]
fn numbers() {
	broken(|| NextReport::<Test>::put(0), "reports are numbered below the next number");
	broken(
		|| {
			let entry = Acknowledgements::<Test>::get(0, PHARMACY).expect("it was acknowledged");
			Acknowledgements::<Test>::insert(3, PHARMACY, entry);
		},
		"acknowledgements are of known batches",
	);
}
