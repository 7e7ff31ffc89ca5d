use super::*;

#[test]
fn what_was_bought_goes_back_to_who_sold_it() {
	test(|| {
		at_pharmacy(10);
		let deadline = NOW + DAY;
		assert_ok!(return_saleable(&PHARMACIST, units(2, 3), deadline, ev(4)));
		let step = last_step();
		assert_eq!((step.kind, step.load, step.from, step.to), (StepKind::Returned, units(2, 3), PHARMACY, MAKER));
		assert_eq!(custody(2), Custody::Returning { to: MAKER, sale: true, deadline });
		assert_eq!((stock(PHARMACY), stock(MAKER)), (7, 0));
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(2, 3)), Refusal::NotAddressee);
		assert_ok!(receive_all(&MAKER_STAFF, units(2, 3)));
		let back = holding(2);
		assert_eq!((back.owner, back.custodian, back.source, back.custody), (MAKER, MAKER, None, Custody::Held));
		assert_eq!((stock(PHARMACY), stock(MAKER)), (7, 3));
		// And may be sold once more.
		sold(units(2, 3), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
	});
}

/// Who returned goods no longer knows whom they come from: a seller takes them back as its own.
#[test]
fn goods_are_returned_one_step_and_not_along_the_chain() {
	test(|| {
		at_wholesaler(10);
		sold(units(0, 10), &WHOLESALE_STAFF, PHARMACY, &PHARMACIST);
		assert_ok!(return_saleable(&PHARMACIST, units(0, 10), NOW + DAY, ev(4)));
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_eq!((holding(0).owner, holding(0).source), (WHOLESALER, None));
		assert_noop!(return_saleable(&WHOLESALE_STAFF, units(0, 10), NOW + DAY, ev(4)), Refusal::NotBought);
		// It may still go back to the maker, as a shipment.
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), MAKER)));
	});
}

#[test]
fn what_was_never_bought_is_not_returned() {
	test(|| {
		commissioned(10);
		assert_noop!(return_saleable(&MAKER_STAFF, units(0, 10), NOW + DAY, ev(4)), Refusal::NotBought);
		assert_noop!(return_saleable(&PHARMACIST, units(0, 10), NOW + DAY, ev(4)), Refusal::NotCustodian);
		// In consignment: it is the maker's.
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(0, 10), PHARMACY) }));
		assert_ok!(receive_all(&PHARMACIST, units(0, 10)));
		assert!(return_saleable(&PHARMACIST, units(0, 10), NOW + DAY, ev(4)).is_err());
	});
}

#[test]
fn only_what_may_be_sold_is_returned_for_sale() {
	test(|| {
		at_pharmacy(10);
		let back = || return_saleable(&PHARMACIST, units(0, 10), now() + DAY, ev(4));
		hypothetically!({
			assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(0, 10)));
			assert_noop!(back(), Refusal::OnHold);
		});
		hypothetically!({
			assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::III, RecallReason::Labelling));
			assert_noop!(back(), Refusal::Recalled);
		});
		hypothetically!({
			set_now(EXPIRY);
			assert_noop!(back(), Refusal::Expired);
		});
		hypothetically!({
			assert_ok!(report_stolen(&PHARMACIST, units(0, 10), ev(9)));
			assert_noop!(back(), Refusal::WrongCustody);
		});
		for deadline in [NOW, NOW + 90 * DAY + 1] {
			assert_noop!(return_saleable(&PHARMACIST, units(0, 10), deadline, ev(4)), Refusal::InvalidMoment);
		}
		assert_ok!(back());
		assert_noop!(back(), Refusal::WrongCustody);
	});
}

#[test]
fn a_unit_is_returned_whole() {
	test(|| {
		commissioned(10);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)));
		sold(logistic(1), &MAKER_STAFF, PHARMACY, &PHARMACIST);
		assert_noop!(return_saleable(&PHARMACIST, units(0, 10), NOW + DAY, ev(4)), Refusal::Packed);
		assert_ok!(return_saleable(&PHARMACIST, logistic(1), NOW + DAY, ev(4)));
		assert_eq!(stock(PHARMACY), 0);
		assert_ok!(receive_all(&MAKER_STAFF, logistic(1)));
		assert_eq!((unit_of(1).holding.owner, stock(MAKER)), (MAKER, 10));
	});
}

#[test]
fn a_return_that_is_refused_or_overdue_stays_with_the_buyer() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(return_saleable(&PHARMACIST, units(0, 10), NOW + DAY, ev(4)));
		assert_noop!(retract(&PHARMACIST, units(0, 10), ev(4)), Refusal::NotOverdue);
		wait(DAY);
		assert_ok!(retract(&PHARMACIST, units(0, 10), ev(4)));
		assert_eq!((holding(0).owner, custody(0), stock(PHARMACY)), (PHARMACY, Custody::Held, 10));
		assert_eq!(holding(0).source, Some(MAKER));
	});
}

#[test]
fn what_is_missing_of_a_return_is_the_buyers_still() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(return_saleable(&PHARMACIST, units(0, 10), NOW + DAY, ev(4)));
		assert_ok!(receive(&MAKER_STAFF, units(0, 10), ranges(&[(4, 2)]), ev(3)));
		assert_eq!((holding(0).owner, holding(4).owner), (MAKER, PHARMACY));
		assert_eq!(custody(4), Custody::Disputed { to: MAKER, sale: true });
		hypothetically!({
			// They turn up at the seller's: returned like the rest.
			assert_ok!(receive_all(&MAKER_STAFF, units(4, 2)));
			assert_eq!((holding(4).owner, holding(4).source, stock(MAKER)), (MAKER, None, 10));
		});
		assert_ok!(retract(&PHARMACIST, units(4, 2), ev(4)));
		assert_eq!((stock(MAKER), stock(PHARMACY)), (8, 2));
	});
}
