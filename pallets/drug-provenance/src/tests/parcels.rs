use super::*;

#[test]
fn splitting_leaves_the_goods_as_they_were_in_pieces() {
	test(|| {
		commissioned(100);
		let before = parcel(0).1;
		assert_ok!(split(&MAKER_STAFF, range(20, 30)));
		assert_eq!(parcels(), [(0, 19), (20, 49), (50, 99)]);
		for index in [0, 20, 50] {
			let piece = parcel(index).1;
			assert_eq!((piece.holding, piece.counted, piece.holds), (before.holding.clone(), true, HoldSet::EMPTY));
		}
		assert_eq!(stock(MAKER), 100);
	});
}

#[test]
fn a_piece_at_an_end_leaves_one_remainder() {
	test(|| {
		commissioned(100);
		assert_ok!(split(&MAKER_STAFF, range(0, 30)));
		assert_eq!(parcels(), [(0, 29), (30, 99)]);
		assert_ok!(split(&MAKER_STAFF, range(99, 1)));
		assert_eq!(parcels(), [(0, 29), (30, 98), (99, 99)]);
	});
}

#[test]
fn inactive_units_are_counted_on_the_side_where_they_are() {
	test(|| {
		commissioned(5_000);
		// Across the border of two entries of status bits.
		let gone = ranges(&[(10, 5), (2_040, 20), (4_999, 1)]);
		assert_ok!(decommission_range(&MAKER_STAFF, gone, RemovalKind::Sample, ev(9)));
		assert_eq!(stock(MAKER), 5_000 - 26);
		assert_ok!(split(&MAKER_STAFF, range(12, 2_038)));
		let inactive: Vec<_> = [0, 12, 2_050].map(|index| parcel(index).1.inactive).to_vec();
		assert_eq!(inactive, [2, 3 + 10, 10 + 1]);
		assert_eq!(stock(MAKER), 5_000 - 26);
		// Where all or none have left, it is known without counting.
		assert_ok!(split(&MAKER_STAFF, range(4_999, 1)));
		assert_ok!(split(&MAKER_STAFF, range(12, 3)));
		assert_eq!([12, 15, 4_999].map(|index| parcel(index).1.inactive), [3, 10, 1]);
	});
}

#[test]
fn only_the_holder_splits_what_it_holds() {
	test(|| {
		commissioned(100);
		assert_noop!(split(&WHOLESALE_STAFF, range(0, 10)), Refusal::NotCustodian);
		for who in [INSPECTOR, STRANGER, RETIRED, CLERK] {
			assert_noop!(split(&who, range(0, 10)), Refusal::NotAuthorized);
		}
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 100), WHOLESALER)));
		assert_noop!(split(&MAKER_STAFF, range(0, 10)), Refusal::WrongCustody);
		assert_noop!(split(&WHOLESALE_STAFF, range(0, 10)), Refusal::NotCustodian);
	});
}

#[test]
fn a_range_lies_in_one_parcel_of_a_batch() {
	test(|| {
		commissioned(100);
		assert_ok!(split(&MAKER_STAFF, range(0, 50)));
		assert_noop!(split(&MAKER_STAFF, range(40, 20)), Refusal::SpansParcels);
		for (start, len) in [(10, 0), (90, 11), (100, 1), (0, u32::MAX), (u32::MAX, 1), (u32::MAX, u32::MAX)] {
			assert_noop!(split(&MAKER_STAFF, range(start, len)), Refusal::InvalidRange);
		}
		let elsewhere = UnitRange { batch: 1, start: 0, len: 1 };
		assert_noop!(split(&MAKER_STAFF, elsewhere), Refusal::NotFound);
	});
}

#[test]
fn neighbours_that_are_equal_become_one_again() {
	test(|| {
		commissioned(100);
		assert_ok!(decommission_range(&MAKER_STAFF, ranges(&[(0, 3), (60, 2)]), RemovalKind::Sample, ev(9)));
		let before = parcel(0);
		assert_ok!(split(&MAKER_STAFF, range(20, 30)));
		assert_ok!(merge(&MAKER_STAFF, 0, 19));
		assert_eq!(parcels(), [(0, 49), (50, 99)]);
		assert_eq!((parcel(0).1.inactive, parcel(50).1.inactive), (3, 2));
		assert_ok!(merge(&MAKER_STAFF, 0, 49));
		let after = parcel(0);
		assert_eq!((after.0, after.1.start, after.1.inactive, after.1.holding), (99, 0, 5, before.1.holding));
		assert_eq!(stock(MAKER), 95);
	});
}

#[test]
fn what_differs_is_not_merged() {
	test(|| {
		commissioned(100);
		assert_ok!(split(&MAKER_STAFF, range(0, 50)));
		hypothetically!({
			// One has moved and come back: its chain is another.
			sold(units(0, 50), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
			assert_noop!(merge(&WHOLESALE_STAFF, 0, 49), Refusal::NotMergeable);
			sold(units(50, 50), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
			// The same way at the same time with the same papers: the same chain.
			assert_ok!(merge(&WHOLESALE_STAFF, 0, 49));
		});
		hypothetically!({
			assert_ok!(report_suspect(&PHARMACIST, units(0, 50)));
			assert_noop!(merge(&MAKER_STAFF, 0, 49), Refusal::NotMergeable);
		});
		hypothetically!({
			let quality = (RecallClass::II, RecallReason::Quality);
			assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), quality.0, quality.1));
			assert_ok!(acknowledge_recall(&MAKER_STAFF, range(0, 50)));
			assert_noop!(merge(&MAKER_STAFF, 0, 49), Refusal::NotMergeable);
		});
		hypothetically!({
			// Both were lost and found; of one a recall was acknowledged besides, so that it counts no more.
			for load in [units(0, 50), units(50, 50)] {
				assert_ok!(report_stolen(&MAKER_STAFF, load, ev(4)));
				assert_ok!(retract(&MAKER_STAFF, load, ev(4)));
			}
			would(|| merge(&MAKER_STAFF, 0, 49));
			assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::II, RecallReason::Quality));
			assert_ok!(acknowledge_recall(&MAKER_STAFF, range(0, 50)));
			assert_eq!((holds(0), stock(MAKER)), (holds(50), 50));
			assert_noop!(merge(&MAKER_STAFF, 0, 49), Refusal::NotMergeable);
		});
		hypothetically!({
			assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 50)]), ev(5)));
			assert_noop!(merge(&MAKER_STAFF, 0, 49), Refusal::Packed);
		});
		hypothetically!({
			assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(50, 50)]), ev(5)));
			assert_noop!(merge(&MAKER_STAFF, 0, 49), Refusal::Packed);
		});
	});
}

#[test]
fn merging_names_a_parcel_that_has_a_neighbour() {
	test(|| {
		commissioned(100);
		assert_noop!(merge(&MAKER_STAFF, 0, 99), Refusal::NotFound);
		assert_noop!(merge(&MAKER_STAFF, 0, 50), Refusal::NotFound);
		assert_noop!(merge(&MAKER_STAFF, 1, 99), Refusal::NotFound);
		assert_ok!(split(&MAKER_STAFF, range(0, 50)));
		assert_noop!(merge(&WHOLESALE_STAFF, 0, 49), Refusal::NotCustodian);
		assert_noop!(merge(&MAKER_STAFF, 0, 48), Refusal::NotFound);
	});
}

#[test]
fn a_move_of_some_units_carves_them_out() {
	test(|| {
		commissioned(100);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(10, 20), WHOLESALER)));
		assert_eq!(parcels(), [(0, 9), (10, 29), (30, 99)]);
		let states = [0, 10, 30].map(|index| custody(index) == Custody::Held);
		assert_eq!(states, [true, false, true]);
		// Of what is under way, some may be received alone.
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(15, 5)));
		assert_eq!(parcels(), [(0, 9), (10, 14), (15, 19), (20, 29), (30, 99)]);
		assert_eq!([14, 15, 20].map(|index| holding(index).custodian), [MAKER, WHOLESALER, MAKER]);
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (80, 5));
	});
}

#[test]
fn a_load_of_units_lies_in_one_parcel() {
	test(|| {
		commissioned(100);
		assert_ok!(split(&MAKER_STAFF, range(0, 50)));
		assert_noop!(ship(&MAKER_STAFF, shipment(units(0, 100), WHOLESALER)), Refusal::SpansParcels);
		assert_noop!(ship(&MAKER_STAFF, shipment(units(49, 2), WHOLESALER)), Refusal::SpansParcels);
		assert_noop!(report_suspect(&PHARMACIST, units(49, 2)), Refusal::SpansParcels);
		assert_noop!(ship(&MAKER_STAFF, shipment(units(0, 101), WHOLESALER)), Refusal::InvalidRange);
	});
}
