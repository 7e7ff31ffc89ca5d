use super::*;
use salus_primitives::drug::{MAX_RANGE_UNITS, MAX_UNITS};

fn sampled(list: &[(u32, u32)]) -> DispatchResult {
	decommission_range(&MAKER_STAFF, ranges(list), RemovalKind::Sample, ev(9))
}

#[test]
fn ranges_leave_the_market_in_one_way_each() {
	test(|| {
		commissioned(5_000);
		let told =
			told(|| decommission_range(&MAKER_STAFF, ranges(&[(4, 3), (2_000, 100)]), RemovalKind::Exported, ev(9)));
		let removed = |start, len| {
			let (units, kind) = (range(start, len), RemovalKind::Exported);
			Event::UnitsRemoved { units, kind, org: MAKER, event: ev(9) }
		};
		assert_eq!(told, [removed(4, 3), removed(2_000, 100)]);
		let kept = |last| Exceptions::<Test>::get(0, types::Last(last)).expect("it tells how they left");
		for (start, last) in [(4, 6), (2_000, 2_099)] {
			let exception = kept(last);
			assert_eq!((exception.start, exception.status, exception.org), (start, UnitStatus::Exported, MAKER));
			assert_eq!((exception.at, exception.by), (NOW, MAKER_STAFF));
		}
		assert_eq!((stock(MAKER), parcel(0).1.inactive), (5_000 - 103, 103));
		assert_eq!(parcels(), [(0, 4_999)], "what has left splits no parcel");
	});
}

#[test]
fn what_has_left_does_not_leave_again() {
	test(|| {
		let run = at_pharmacy(20);
		dispensed(&run, 7);
		assert_noop!(destroy(&PHARMACIST, ranges(&[(5, 5)]), ev(9)), Refusal::NotActive);
		assert_ok!(destroy(&PHARMACIST, ranges(&[(5, 2), (8, 2)]), ev(9)));
		for (start, len) in [(5, 1), (4, 2), (9, 2), (0, 20)] {
			let again = decommission_range(&PHARMACIST, ranges(&[(start, len)]), RemovalKind::Decommissioned, ev(9));
			assert_noop!(again, Refusal::NotActive);
		}
		assert_eq!(stock(PHARMACY), 15);
	});
}

#[test]
fn ranges_are_named_lie_in_one_parcel_each_and_do_not_overlap() {
	test(|| {
		commissioned(100);
		assert_ok!(split(&MAKER_STAFF, range(0, 50)));
		assert_noop!(sampled(&[]), Refusal::Empty);
		assert_noop!(destroy(&MAKER_STAFF, ranges(&[]), ev(9)), Refusal::Empty);
		for wrong in [&[(3, 0)][..], &[(99, 2)], &[(3, u32::MAX)], &[(u32::MAX, 1)]] {
			assert_noop!(sampled(wrong), Refusal::InvalidRange);
		}
		assert!(sampled(&[(3, 4), (6, 1)]).is_err());
		assert_noop!(sampled(&[(49, 2)]), Refusal::SpansParcels);
		let elsewhere = Ranges::truncate_from(vec![UnitRange { batch: 1, start: 0, len: 1 }]);
		assert_noop!(destroy(&MAKER_STAFF, elsewhere, ev(9)), Refusal::NotFound);
		assert_ok!(sampled(&[(49, 1), (50, 1), (3, 4)]));
	});
}

#[test]
fn a_call_removes_no_more_than_so_many_units() {
	test(|| {
		assert_ok!(commission(&MAKER_STAFF, BatchInput { units: MAX_UNITS, ..Run::of(1).input() }));
		let too_many = [ranges(&[(0, MAX_RANGE_UNITS + 1)]), ranges(&[(0, MAX_RANGE_UNITS), (200_000, 1)])];
		for list in too_many {
			assert_noop!(destroy(&MAKER_STAFF, list, ev(9)), Refusal::TooMany);
		}
		assert_ok!(destroy(&MAKER_STAFF, ranges(&[(7, MAX_RANGE_UNITS)]), ev(9)));
		assert_eq!(stock(MAKER), MAX_UNITS - MAX_RANGE_UNITS);
	});
}

#[test]
fn only_the_holder_removes_what_it_holds_unpacked() {
	test(|| {
		commissioned(100);
		for who in [WHOLESALE_STAFF, PHARMACIST] {
			assert_noop!(destroy(&who, ranges(&[(0, 1)]), ev(9)), Refusal::NotCustodian);
		}
		for who in [INSPECTOR, CLERK, STRANGER] {
			assert_noop!(destroy(&who, ranges(&[(0, 1)]), ev(9)), Refusal::NotAuthorized);
		}
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 50), WHOLESALER)));
		assert_noop!(sampled(&[(0, 1)]), Refusal::WrongCustody);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(50, 50)]), ev(5)));
		assert_noop!(sampled(&[(50, 1)]), Refusal::Packed);
	});
}

#[test]
fn samples_and_exports_are_of_sound_goods_while_destruction_passes() {
	test(|| {
		commissioned(100);
		let each = |refusal: DispatchError| {
			for kind in [RemovalKind::Sample, RemovalKind::Exported] {
				assert_noop!(decommission_range(&MAKER_STAFF, ranges(&[(0, 1)]), kind, ev(9)), refusal);
			}
			would(|| destroy(&MAKER_STAFF, ranges(&[(0, 1)]), ev(9)));
			let kind = RemovalKind::Decommissioned;
			would(|| decommission_range(&MAKER_STAFF, ranges(&[(0, 1)]), kind, ev(9)));
		};
		hypothetically!({
			assert_ok!(report_suspect(&PHARMACIST, units(0, 100)));
			each(Refusal::OnHold.into());
		});
		hypothetically!({
			assert_ok!(recall(&MAKER_QP, RecallScope::Product(DRUG), RecallClass::I, RecallReason::Quality));
			each(Refusal::Recalled.into());
		});
	});
}

/// Destruction has a call of its own, which passes under holds and recalls.
#[test]
fn a_range_is_destroyed_by_no_other_call() {
	test(|| {
		commissioned(100);
		let other = decommission_range(&MAKER_STAFF, ranges(&[(0, 1)]), RemovalKind::Destroyed, ev(9));
		assert_noop!(other, Refusal::WrongKind);
		assert_ok!(destroy(&MAKER_STAFF, ranges(&[(0, 1)]), ev(9)));
	});
}

#[test]
fn what_is_destroyed_leaves_no_stock_where_it_counted_none() {
	test(|| {
		commissioned(100);
		assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, RecallReason::Quality));
		assert_ok!(acknowledge_recall(&MAKER_STAFF, range(0, 50)));
		assert_eq!(stock(MAKER), 50);
		assert_ok!(destroy(&MAKER_STAFF, ranges(&[(0, 10), (60, 10)]), ev(9)));
		assert_eq!(stock(MAKER), 40);
	});
}
