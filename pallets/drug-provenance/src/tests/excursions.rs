use super::*;
use salus_primitives::drug::ExcursionView;

const KEPT: Readings = Readings { min: 20, max: 80, minutes: 0, longest_gap: 20 };
const HOT: Readings = Readings { min: 35, max: 121, minutes: 40, longest_gap: 10 };
const FROZEN: Readings = Readings { min: -30, max: 50, minutes: 15, longest_gap: 10 };

fn vaccine_at_wholesaler() -> Run {
	let run = commissioned_vaccine(20);
	sold(units(0, 20), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
	run
}

fn logged(load: Load, readings: Readings, evidence: u8) {
	assert_ok!(log_excursion(&WHOLESALE_STAFF, load, readings, ev(evidence)));
}

fn recorded(last: u32) -> ExcursionView {
	Excursions::<Test>::get(0, types::Last(last)).expect("it is on record").excursion
}

fn view(start: u32, readings: Readings, evidence: u8) -> ExcursionView {
	let Readings { min, max, minutes, .. } = readings;
	ExcursionView { start, min, max, minutes, evidence: ev(evidence) }
}

#[test]
fn readings_that_break_the_rule_hold_the_goods_back() {
	test(|| {
		let run = vaccine_at_wholesaler();
		let told = told(|| log_excursion(&WHOLESALE_STAFF, units(5, 10), HOT, ev(8)));
		let load = units(5, 10);
		assert!(told.contains(&Event::ExcursionLogged { load, readings: HOT, evidence: ev(8), by: WHOLESALER }));
		assert_eq!(parcels(), [(0, 4), (5, 14), (15, 19)]);
		assert_eq!([0, 5, 15].map(holds), [HoldSet::EMPTY, hold_set(&[Hold::Excursion]), HoldSet::EMPTY]);
		assert_eq!(recorded(14), view(5, HOT, 8));
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(5, 10), PHARMACY)), Refusal::OnHold);
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(0, 5), PHARMACY)));
		let _ = run;
	});
}

#[test]
fn readings_that_keep_the_rule_are_no_excursion() {
	test(|| {
		vaccine_at_wholesaler();
		let log = |readings| log_excursion(&WHOLESALE_STAFF, units(0, 20), readings, ev(8));
		assert_noop!(log(KEPT), Refusal::NoExcursion);
		for broken in [
			Readings { min: 19, ..KEPT },
			Readings { max: 81, ..KEPT },
			Readings { minutes: 1, ..KEPT },
			Readings { longest_gap: 21, ..KEPT },
		] {
			would(|| log(broken));
		}
	});
}

#[test]
fn a_product_without_a_rule_has_no_excursions() {
	test(|| {
		at_wholesaler(10);
		assert_noop!(log_excursion(&WHOLESALE_STAFF, units(0, 10), HOT, ev(8)), Refusal::NoExcursion);
	});
}

#[test]
fn holder_addressee_and_driver_tell_of_excursions() {
	test(|| {
		commissioned_vaccine(20);
		let log = |who: &AccountId| log_excursion(who, units(0, 20), HOT, ev(8));
		for who in [CLERK, INSPECTOR, STRANGER] {
			assert_noop!(log(&who), Refusal::NotAuthorized);
		}
		would(|| log(&MAKER_STAFF));
		for who in [WHOLESALE_STAFF, DRIVER] {
			assert_noop!(log(&who), Refusal::NotCustodian);
		}
		assert_ok!(ship(&MAKER_STAFF, Shipment { carrier: Some(CARRIER), ..shipment(units(0, 20), WHOLESALER) }));
		for who in [MAKER_STAFF, WHOLESALE_STAFF, DRIVER] {
			would(|| log(&who));
		}
		assert_noop!(log(&PHARMACIST), Refusal::NotCustodian);
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 20)));
		assert_noop!(log(&DRIVER), Refusal::NotCustodian);
	});
}

#[test]
fn who_is_to_receive_a_return_or_what_is_missing_tells_of_excursions_too() {
	test(|| {
		commissioned_vaccine(20);
		let log = |who: &AccountId| log_excursion(who, units(0, 5), HOT, ev(8));
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 20), PHARMACY)));
		hypothetically!({
			// What is missing turned up at the receiver's, too warm.
			assert_ok!(receive(&PHARMACIST, units(0, 20), ranges(&[(0, 5)]), ev(3)));
			would(|| log(&PHARMACIST));
			assert_noop!(log(&WHOLESALE_STAFF), Refusal::NotCustodian);
		});
		assert_ok!(receive_all(&PHARMACIST, units(0, 20)));
		assert_ok!(return_saleable(&PHARMACIST, units(0, 5), NOW + DAY, ev(4)));
		would(|| log(&MAKER_STAFF));
		would(|| log(&PHARMACIST));
		assert_noop!(log(&WHOLESALE_STAFF), Refusal::NotCustodian);
		// What is lost is nobody's to tell of but its last holder's.
		assert_ok!(report_stolen(&PHARMACIST, units(0, 5), ev(4)));
		assert_noop!(log(&MAKER_STAFF), Refusal::NotCustodian);
	});
}

#[test]
fn what_was_too_hot_under_way_arrives_held_back() {
	test(|| {
		let run = commissioned_vaccine(20);
		let shipped = Shipment { carrier: Some(CARRIER), ..shipment(units(0, 20), PHARMACY) };
		assert_ok!(ship(&MAKER_STAFF, shipped));
		assert_ok!(log_excursion(&DRIVER, units(0, 20), HOT, ev(8)));
		assert_ok!(receive_all(&PHARMACIST, units(0, 20)));
		assert_eq!(holds(0), hold_set(&[Hold::Excursion]));
		assert_ok!(dispense(&PHARMACIST, of(&run, 0)));
		assert!(matches!(last_event(), Event::Alert { verdict: Verdict::Quarantined, .. }));
	});
}

#[test]
fn a_second_excursion_of_the_same_goods_widens_the_first() {
	test(|| {
		vaccine_at_wholesaler();
		logged(units(5, 10), HOT, 8);
		logged(units(10, 5), FROZEN, 9);
		// Of the same last unit: the range that it concerns is the wider.
		assert_eq!(recorded(14), ExcursionView { start: 5, min: -30, max: 121, minutes: 55, evidence: ev(9) });
		logged(units(5, 5), FROZEN, 10);
		assert_eq!(recorded(9), view(5, FROZEN, 10));
	});
}

#[test]
fn quality_of_the_products_owner_releases_what_it_has_judged() {
	test(|| {
		vaccine_at_wholesaler();
		logged(units(0, 10), HOT, 8);
		let release = |who: &AccountId| release_excursion(who, units(0, 10), ev(12));
		for who in [WHOLESALE_QP, MAKER_STAFF, INSPECTOR, STRANGER] {
			assert_noop!(release(&who), Refusal::NotAuthorized);
		}
		let told = told(|| release(&MAKER_QP));
		assert_eq!(told, [Event::HoldsChanged { load: units(0, 10), holds: HoldSet::EMPTY, by: MAKER }]);
		assert_noop!(release(&MAKER_QP), Refusal::NotOnHold);
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)));
	});
}

#[test]
fn a_unit_is_too_hot_if_it_is_for_one_of_its_products() {
	test(|| {
		commissioned_vaccine(10);
		assert_ok!(commission(&MAKER_STAFF, Run::of(10).input()));
		let drug = Load::Units(UnitRange { batch: 1, start: 0, len: 10 });
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10), drug]), ev(5)));
		assert_noop!(log_excursion(&MAKER_STAFF, logistic(1), KEPT, ev(8)), Refusal::NoExcursion);
		assert_ok!(log_excursion(&MAKER_STAFF, logistic(1), HOT, ev(8)));
		assert_ok!(log_excursion(&MAKER_STAFF, logistic(1), FROZEN, ev(9)));
		let unit = unit_of(1);
		assert_eq!(unit.holds, hold_set(&[Hold::Excursion]));
		let merged = unit.excursion.expect("it is on record");
		assert_eq!((merged.min, merged.max, merged.minutes, merged.evidence), (-30, 121, 55, ev(9)));
		assert_noop!(ship(&MAKER_STAFF, shipment(logistic(1), PHARMACY)), Refusal::OnHold);
		// What is in it keeps the hold and the record when it is unpacked.
		hypothetically!({
			assert_ok!(unpack(&MAKER_STAFF, lu(1), ev(6)));
			assert_eq!(holds(0), hold_set(&[Hold::Excursion]));
			let kept = recorded(9);
			assert_eq!((kept.start, kept.min, kept.max, kept.minutes), (0, -30, 121, 55));
		});
		assert_ok!(release_excursion(&MAKER_QP, logistic(1), ev(12)));
		assert_eq!(unit_of(1).holds, HoldSet::EMPTY);
		assert_ok!(ship(&MAKER_STAFF, shipment(logistic(1), PHARMACY)));
	});
}

#[test]
fn what_had_an_excursion_may_be_destroyed_and_sent_back() {
	test(|| {
		vaccine_at_wholesaler();
		logged(units(0, 10), HOT, 8);
		assert_ok!(destroy(&WHOLESALE_STAFF, ranges(&[(0, 5)]), ev(9)));
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(5, 5), MAKER)));
	});
}
