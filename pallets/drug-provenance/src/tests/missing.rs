use super::*;

fn receive_without(who: &AccountId, load: Load, missing: &[(u32, u32)]) -> DispatchResult {
	receive(who, load, ranges(missing), ev(3))
}

#[test]
fn what_is_missing_stays_with_the_sender_in_dispute() {
	test(|| {
		commissioned(100);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 100), WHOLESALER)));
		let shipped = holding(0).chain;
		System::reset_events();
		assert_ok!(receive_without(&WHOLESALE_STAFF, units(0, 100), &[(10, 5), (50, 1)]));
		assert_eq!(parcels(), [(0, 9), (10, 14), (15, 49), (50, 50), (51, 99)]);
		for index in [10, 50] {
			let lacking = holding(index);
			assert_eq!(lacking.custody, Custody::Disputed { to: WHOLESALER, sale: true });
			assert_eq!((lacking.owner, lacking.custodian), (MAKER, MAKER));
		}
		for index in [0, 15, 51] {
			let arrived = holding(index);
			assert_eq!((arrived.owner, arrived.custodian, arrived.custody), (WHOLESALER, WHOLESALER, Custody::Held));
			assert_eq!(arrived.source, Some(MAKER));
		}
		let missing: Vec<_> = steps().into_iter().filter(|step| step.kind == StepKind::Missing).collect();
		assert_eq!(missing.iter().map(|step| step.load).collect::<Vec<_>>(), [units(10, 5), units(50, 1)]);
		for step in missing {
			assert_eq!((step.from, step.to, step.previous), (MAKER, WHOLESALER, shipped));
		}
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (0, 94));
	});
}

#[test]
fn a_dispute_ends_with_the_goods_at_either_side_or_lost() {
	test(|| {
		commissioned(100);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 100), WHOLESALER)));
		assert_ok!(receive_without(&WHOLESALE_STAFF, units(0, 100), &[(0, 10)]));
		hypothetically!({
			// They were in another case after all.
			assert_noop!(receive_all(&PHARMACIST, units(0, 10)), Refusal::NotAddressee);
			assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
			assert_eq!((holding(0).owner, stock(WHOLESALER)), (WHOLESALER, 100));
		});
		hypothetically!({
			// They were never loaded.
			assert_noop!(retract(&WHOLESALE_STAFF, units(0, 10), ev(4)), Refusal::NotCustodian);
			assert_ok!(retract(&MAKER_STAFF, units(0, 10), ev(4)));
			assert_eq!((custody(0), holding(0).owner, stock(MAKER)), (Custody::Held, MAKER, 10));
		});
		for who in [MAKER_STAFF, WHOLESALE_STAFF] {
			hypothetically!({
				assert_ok!(report_lost(&who, units(0, 10), ev(4)));
				assert_eq!(custody(0), Custody::Lost { stolen: false });
			});
		}
		assert_noop!(ship(&MAKER_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::WrongCustody);
	});
}

#[test]
fn what_is_missing_lies_in_what_was_sent_and_is_not_all_of_it() {
	test(|| {
		commissioned(100);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(20, 50), WHOLESALER)));
		let without = |missing: &[(u32, u32)]| receive_without(&WHOLESALE_STAFF, units(20, 50), missing);
		for wrong in [
			&[(10, 5)][..],
			&[(19, 2)],
			&[(69, 2)],
			&[(70, 1)],
			&[(20, 0)],
			&[(30, u32::MAX)],
			&[(30, 5), (34, 2)],
			&[(30, 5), (30, 5)],
			&[(20, 50)],
			&[(20, 25), (45, 25)],
		] {
			assert_noop!(without(wrong), Refusal::InvalidRange);
		}
		let elsewhere = Ranges::truncate_from(vec![UnitRange { batch: 1, start: 30, len: 1 }]);
		assert!(receive(&WHOLESALE_STAFF, units(20, 50), elsewhere, ev(3)).is_err());
		// In any order, and neighbours.
		assert_ok!(without(&[(40, 5), (20, 5), (45, 1), (69, 1)]));
		assert_eq!(stock(WHOLESALER), 50 - 12);
	});
}

#[test]
fn sixteen_ranges_may_be_missing_of_a_parcel() {
	test(|| {
		commissioned(100);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 100), WHOLESALER)));
		let missing: Vec<_> = (0..16).map(|n| (2 * n + 1, 1)).collect();
		assert_ok!(receive_without(&WHOLESALE_STAFF, units(0, 100), &missing));
		assert_eq!(parcels().len(), 33);
		assert_eq!(stock(WHOLESALER), 84);
	});
}

#[test]
fn what_is_missing_of_a_unit_comes_out_of_the_parcels_in_it() {
	test(|| {
		commissioned(100);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 20)]), ev(5)));
		assert_ok!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(1), units(50, 10), units(80, 1)]), ev(5)));
		assert_ok!(ship(&MAKER_STAFF, shipment(logistic(2), WHOLESALER)));
		assert_ok!(receive_without(&WHOLESALE_STAFF, logistic(2), &[(5, 5), (50, 1), (80, 1)]));
		for (index, len) in [(5, 5), (50, 1), (80, 1)] {
			let (last, lacking) = parcel(index);
			assert_eq!((lacking.start, last, lacking.parent), (index, index + len - 1, None));
			let holding = lacking.holding;
			assert_eq!(holding.custody, Custody::Disputed { to: WHOLESALER, sale: true });
			assert_eq!((holding.owner, holding.custodian), (MAKER, MAKER));
		}
		assert_eq!([0, 10, 51].map(|index| parcel(index).1.parent), [Some(lu(1)), Some(lu(1)), Some(lu(2))]);
		assert_eq!((unit_of(1).parcels, unit_of(1).goods.into_inner()), (2, vec![(DRUG, 15)]));
		assert_eq!((unit_of(2).parcels, unit_of(2).goods.into_inner()), (3, vec![(DRUG, 24)]));
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (69, 24));
		let custody = unit_of(2).holding;
		assert_eq!((custody.owner, custody.custodian, custody.custody), (WHOLESALER, WHOLESALER, Custody::Held));
		// What was found again is received on its own.
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(5, 5)));
		assert_eq!(stock(WHOLESALER), 29);
		assert_ok!(retract(&MAKER_STAFF, units(50, 1), ev(4)));
		assert_eq!(stock(MAKER), 70);
	});
}

#[test]
fn what_is_missing_of_a_unit_lies_in_it_and_is_not_all_of_it() {
	test(|| {
		commissioned(100);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 20), units(50, 10)]), ev(5)));
		assert_ok!(ship(&MAKER_STAFF, shipment(logistic(1), WHOLESALER)));
		let without = |missing: &[(u32, u32)]| receive_without(&WHOLESALE_STAFF, logistic(1), missing);
		for wrong in [&[(20, 1)][..], &[(0, 0)], &[(0, 5), (4, 1)], &[(30, 1)], &[(0, 20), (50, 10)]] {
			assert!(without(wrong).is_err(), "{wrong:?}");
		}
		// Half of the contents may be missing.
		assert_ok!(without(&[(0, 20)]));
		assert_eq!((unit_of(1).parcels, stock(WHOLESALER)), (1, 10));
	});
}

#[test]
fn a_unit_still_fits_when_much_is_missing_of_all_its_parcels() {
	test(|| {
		commissioned(300);
		let loads: Vec<_> = (0..64).map(|n| units(4 * n, 3)).collect();
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&loads), ev(5)));
		assert_ok!(ship(&MAKER_STAFF, shipment(logistic(1), WHOLESALER)));
		let missing: Vec<_> = (0..16).map(|n| (4 * n + 1, 1)).collect();
		assert_ok!(receive_without(&WHOLESALE_STAFF, logistic(1), &missing));
		assert_eq!((unit_of(1).parcels, unit_of(1).contents.len()), (80, 80));
		assert_eq!(stock(WHOLESALER), 64 * 3 - 16);
		// And goes on, and can be unpacked.
		sold(logistic(1), &WHOLESALE_STAFF, PHARMACY, &PHARMACIST);
		assert_ok!(unpack(&PHARMACIST, lu(1), ev(6)));
		assert_eq!(stock(PHARMACY), 64 * 3 - 16);
	});
}

#[test]
fn what_is_missing_is_never_dispensed_by_either_side() {
	test(|| {
		let run = commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), PHARMACY)));
		assert_ok!(receive_without(&PHARMACIST, units(0, 10), &[(3, 1)]));
		let told = told(|| dispense(&PHARMACIST, of(&run, 3)));
		let verdict = Verdict::CustodyGap;
		assert_eq!(told, [Event::Alert { batch: 0, index: 3, verdict, org: PHARMACY, who: PHARMACIST, at: NOW }]);
	});
}

#[test]
fn what_is_missing_of_a_unit_keeps_what_held_it_back_there() {
	test(|| {
		commissioned_vaccine(20);
		sold(units(0, 20), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		assert_ok!(pack(&WHOLESALE_STAFF, lu(1), contents(&[units(0, 20)]), ev(5)));
		assert_ok!(mark_illegitimate(&MAKER_QP, logistic(1)));
		assert_ok!(pack(&WHOLESALE_STAFF, lu(2), contents(&[logistic(1)]), ev(5)));
		let hot = Readings { min: 20, max: 140, minutes: 25, longest_gap: 10 };
		assert_ok!(log_excursion(&WHOLESALE_STAFF, logistic(2), hot, ev(8)));
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(logistic(2), MAKER)));
		assert_ok!(report_suspect(&PHARMACIST, logistic(2)));
		assert_ok!(receive_without(&MAKER_STAFF, logistic(2), &[(5, 3)]));
		assert_eq!(holds(5), hold_set(&[Hold::Illegitimate, Hold::Excursion, Hold::Suspect]));
		assert_eq!(holds(0), HoldSet::EMPTY, "what arrived is held back by the units it is in");
		let excursion = Excursions::<Test>::get(0, types::Last(7)).expect("it came along").excursion;
		assert_eq!((excursion.start, excursion.max, excursion.minutes), (5, 140, 25));
	});
}
