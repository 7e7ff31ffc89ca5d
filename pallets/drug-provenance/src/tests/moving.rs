use super::*;
use salus_primitives::OrgRole;

const LONGEST: Moment = 90 * DAY;

fn transit(to: OrgId) -> Custody {
	Custody::InTransit { to, carrier: None, sale: true, deadline: NOW + TRIP }
}

#[test]
fn a_sale_changes_the_owner_when_it_is_received() {
	test(|| {
		commissioned(10);
		let commissioning = holding(0).chain;
		System::set_block_number(2);
		let told_of = told(|| ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		let shipped = CustodyStep {
			kind: StepKind::Shipped,
			load: units(0, 10),
			from: MAKER,
			to: WHOLESALER,
			internal: false,
			at: NOW,
			event: ev(2),
			previous: commissioning,
			via: None,
		};
		assert_eq!(told_of, [Event::Custody { head: shipped.head(), step: shipped }]);
		let now_held = holding(0);
		assert_eq!((now_held.owner, now_held.custodian, now_held.custody), (MAKER, MAKER, transit(WHOLESALER)));
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (0, 0));

		wait(DAY);
		System::set_block_number(3);
		let told_of = told(|| receive_all(&WHOLESALE_STAFF, units(0, 10)));
		let received = CustodyStep {
			kind: StepKind::Received,
			at: NOW + DAY,
			event: ev(3),
			previous: Link { head: shipped.head(), block: 2 },
			..shipped
		};
		assert_eq!(told_of, [Event::Custody { head: received.head(), step: received }]);
		let now_held = holding(0);
		assert_eq!((now_held.owner, now_held.custodian, now_held.custody), (WHOLESALER, WHOLESALER, Custody::Held));
		assert_eq!(now_held.source, Some(MAKER));
		assert_eq!(now_held.chain, Link { head: received.head(), block: 3 });
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (0, 10));
	});
}

#[test]
fn a_shipment_that_is_no_sale_changes_the_custodian_alone() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(0, 10), WHOLESALER) }));
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		let now_held = holding(0);
		assert_eq!((now_held.owner, now_held.custodian, now_held.source), (MAKER, WHOLESALER, None));
		// Who is not the owner sells nothing; it may pass it on.
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::NotOwner);
		assert_ok!(ship(&WHOLESALE_STAFF, Shipment { sale: false, ..shipment(units(0, 10), PHARMACY) }));
	});
}

#[test]
fn a_movement_within_a_legal_entity_is_internal_and_no_sale() {
	test(|| {
		at_wholesaler(10);
		System::reset_events();
		sold(units(0, 10), &WHOLESALE_STAFF, BRANCH, &BRANCH_STAFF);
		assert_eq!(steps().iter().map(|step| step.internal).collect::<Vec<_>>(), [true, true]);
		let now_held = holding(0);
		assert_eq!((now_held.owner, now_held.custodian, now_held.source), (WHOLESALER, BRANCH, Some(MAKER)));
		assert_eq!((stock(WHOLESALER), stock(BRANCH)), (0, 10));
		// The branch sells for the entity that owns them.
		sold(units(0, 10), &BRANCH_STAFF, PHARMACY, &PHARMACIST);
		let now_held = holding(0);
		assert_eq!((now_held.owner, now_held.source), (PHARMACY, Some(WHOLESALER)));
		assert!(!last_step().internal);
	});
}

#[test]
fn goods_go_to_organisations_that_may_have_them() {
	test(|| {
		commissioned(10);
		let to = |to| ship(&MAKER_STAFF, shipment(units(0, 10), to));
		for stranger in [REGULATOR, INSTITUTE, CLOSED, NOWHERE] {
			assert_noop!(to(stranger), Refusal::NotAccredited);
		}
		for partner in [PACKER, WHOLESALER, PHARMACY, HOSPITAL] {
			would(|| to(partner));
		}
		assert!(to(MAKER).is_err(), "nobody ships to itself");
		// A carrier keeps goods, and buys none.
		assert_noop!(to(CARRIER), Refusal::NotAccredited);
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(0, 10), CARRIER) }));
	});
}

#[test]
fn the_one_who_drives_is_a_carrier_in_standing() {
	test(|| {
		commissioned(10);
		let with =
			|carrier| ship(&MAKER_STAFF, Shipment { carrier: Some(carrier), ..shipment(units(0, 10), WHOLESALER) });
		for other in [BRANCH, NOWHERE, CLOSED] {
			assert_noop!(with(other), Refusal::NotAccredited);
		}
		set_active(CARRIER, false);
		assert_noop!(with(CARRIER), Refusal::NotAccredited);
		set_active(CARRIER, true);
		assert_ok!(with(CARRIER));
		assert_noop!(receive_all(&DRIVER, units(0, 10)), Refusal::NotAddressee);
	});
}

#[test]
fn the_sender_is_accredited_for_goods() {
	test(|| {
		at_wholesaler(10);
		// Its accreditation was changed while it had goods.
		admit(WHOLESALER, &[OrgRole::ResearchBody], H256::from_low_u64_be(4));
		assert!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)).is_err());
	});
}

#[test]
fn a_deadline_lies_ahead_and_within_90_days() {
	test(|| {
		commissioned(10);
		let by = |deadline| ship(&MAKER_STAFF, Shipment { deadline, ..shipment(units(0, 10), WHOLESALER) });
		for deadline in [0, NOW - 1, NOW, NOW + LONGEST + 1, Moment::MAX] {
			assert_noop!(by(deadline), Refusal::InvalidMoment);
		}
		would(|| by(NOW + 1));
		assert_ok!(by(NOW + LONGEST));
	});
}

#[test]
fn only_what_is_held_is_shipped_and_only_by_its_holder() {
	test(|| {
		commissioned(10);
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::NotCustodian);
		for who in [INSPECTOR, STRANGER, RETIRED, CLERK] {
			assert_noop!(ship(&who, shipment(units(0, 10), WHOLESALER)), Refusal::NotAuthorized);
		}
		assert_noop!(ship(&MAKER_STAFF, shipment(logistic(1), WHOLESALER)), Refusal::NotFound);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_noop!(ship(&MAKER_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::WrongCustody);
	});
}

#[test]
fn what_has_expired_goes_back_only() {
	test(|| {
		at_wholesaler(10);
		set_now(EXPIRY);
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::Expired);
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), MAKER)));
		assert_ok!(receive_all(&MAKER_STAFF, units(0, 10)));
	});
}

#[test]
fn what_is_held_back_goes_back_only() {
	test(|| {
		at_wholesaler(10);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 10)));
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::OnHold);
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), BRANCH)), Refusal::OnHold);
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), MAKER)));
	});
}

#[test]
fn what_is_held_back_in_a_unit_holds_the_unit_back() {
	test(|| {
		at_wholesaler(10);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 1)));
		assert_ok!(pack(&WHOLESALE_STAFF, lu(1), contents(&[units(0, 1), units(1, 9)]), ev(5)));
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(logistic(1), PHARMACY)), Refusal::OnHold);
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(logistic(1), MAKER)));
	});
}

#[test]
fn only_the_addressee_receives_and_only_once() {
	test(|| {
		commissioned(10);
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(0, 10)), Refusal::WrongCustody);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		for who in [MAKER_STAFF, BRANCH_STAFF, PHARMACIST, DRIVER] {
			assert_noop!(receive_all(&who, units(0, 10)), Refusal::NotAddressee);
		}
		for who in [INSPECTOR, STRANGER, CLERK] {
			assert_noop!(receive_all(&who, units(0, 10)), Refusal::NotAuthorized);
		}
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(0, 10)), Refusal::WrongCustody);
	});
}

#[test]
fn what_comes_late_may_still_be_received() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		wait(2 * TRIP);
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_eq!(holding(0).owner, WHOLESALER);
	});
}

#[test]
fn what_is_refused_goes_back_to_its_sender() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		let deadline = NOW + DAY;
		assert_noop!(refuse(&PHARMACIST, units(0, 10), deadline, ev(4)), Refusal::NotAddressee);
		assert_noop!(refuse(&MAKER_STAFF, units(0, 10), deadline, ev(4)), Refusal::NotAddressee);
		assert_noop!(refuse(&WHOLESALE_STAFF, units(0, 10), NOW, ev(4)), Refusal::InvalidMoment);
		assert_ok!(refuse(&WHOLESALE_STAFF, units(0, 10), deadline, ev(4)));
		assert_eq!(custody(0), Custody::Returning { to: MAKER, sale: false, deadline });
		let step = last_step();
		assert_eq!((step.kind, step.from, step.to), (StepKind::Refused, WHOLESALER, MAKER));
		assert_noop!(refuse(&WHOLESALE_STAFF, units(0, 10), deadline, ev(4)), Refusal::WrongCustody);
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(0, 10)), Refusal::NotAddressee);
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (0, 0));
		assert_ok!(receive_all(&MAKER_STAFF, units(0, 10)));
		assert_eq!((holding(0).owner, holding(0).source, custody(0)), (MAKER, None, Custody::Held));
		assert_eq!(stock(MAKER), 10);
	});
}

#[test]
fn a_sender_takes_back_what_is_overdue() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		wait(TRIP - 1);
		assert_noop!(retract(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::NotOverdue);
		wait(1);
		assert_noop!(retract(&WHOLESALE_STAFF, units(0, 10), ev(4)), Refusal::NotCustodian);
		assert_ok!(retract(&MAKER_STAFF, units(0, 10), ev(4)));
		let step = last_step();
		assert_eq!((step.kind, step.from, step.to), (StepKind::Retracted, MAKER, MAKER));
		assert_eq!((custody(0), holding(0).owner, stock(MAKER)), (Custody::Held, MAKER, 10));
		assert_noop!(retract(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::WrongCustody);
	});
}

#[test]
fn a_return_that_never_arrives_is_taken_back_by_who_sent_the_goods() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_ok!(refuse(&WHOLESALE_STAFF, units(0, 10), NOW + DAY, ev(4)));
		assert_noop!(retract(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::NotOverdue);
		wait(DAY);
		assert_ok!(retract(&MAKER_STAFF, units(0, 10), ev(4)));
		assert_eq!(custody(0), Custody::Held);
	});
}

#[test]
fn what_is_overdue_and_not_there_is_reported_lost_and_may_be_found() {
	test(|| {
		commissioned(10);
		assert_noop!(report_lost(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::WrongCustody);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_noop!(report_lost(&MAKER_STAFF, units(0, 10), ev(4)), Refusal::NotOverdue);
		wait(TRIP);
		assert!(report_lost(&PHARMACIST, units(0, 10), ev(4)).is_err());
		would(|| report_lost(&WHOLESALE_STAFF, units(0, 10), ev(4)));
		assert_ok!(report_lost(&MAKER_STAFF, units(0, 10), ev(4)));
		assert_eq!((custody(0), last_step().kind), (Custody::Lost { stolen: false }, StepKind::Lost));
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(0, 10)), Refusal::WrongCustody);
		// Found: set apart until quality has looked at it.
		assert_ok!(retract(&MAKER_STAFF, units(0, 10), ev(4)));
		let step = last_step();
		assert_eq!((step.kind, step.from, step.to), (StepKind::Found, MAKER, MAKER));
		assert_eq!((custody(0), holds(0)), (Custody::Held, hold_set(&[Hold::Quarantined])));
		assert_noop!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)), Refusal::OnHold);
		assert_ok!(release_quarantine(&MAKER_QP, units(0, 10)));
		assert_eq!(stock(MAKER), 10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
	});
}

#[test]
fn holder_and_owner_report_theft() {
	test(|| {
		at_wholesaler(10);
		for who in [MAKER_STAFF, PHARMACIST] {
			assert!(report_stolen(&who, units(0, 5), ev(4)).is_err());
		}
		assert_noop!(report_stolen(&CLERK, units(0, 5), ev(4)), Refusal::NotAuthorized);
		assert_ok!(report_stolen(&WHOLESALE_STAFF, units(0, 5), ev(4)));
		assert_eq!((custody(0), last_step().kind), (Custody::Lost { stolen: true }, StepKind::Stolen));
		assert_eq!(stock(WHOLESALER), 5);
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 5), PHARMACY)), Refusal::WrongCustody);
		// The owner reports what its warehouse keeper has, in place or under way.
		assert_ok!(ship(&WHOLESALE_STAFF, Shipment { sale: false, ..shipment(units(5, 5), CARRIER) }));
		assert_ok!(receive_all(&DRIVER, units(5, 5)));
		would(|| report_stolen(&DRIVER, units(5, 5), ev(4)));
		assert_ok!(report_stolen(&WHOLESALE_STAFF, units(5, 5), ev(4)));
		assert_eq!(stock(CARRIER), 0);
	});
}

#[test]
fn what_is_stolen_under_way_is_lost_to_both_sides() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_ok!(report_stolen(&MAKER_STAFF, units(0, 10), ev(4)));
		assert_noop!(receive_all(&WHOLESALE_STAFF, units(0, 10)), Refusal::WrongCustody);
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (0, 0));
		assert_ok!(retract(&MAKER_STAFF, units(0, 10), ev(4)));
		assert_eq!((custody(0), holds(0)), (Custody::Held, hold_set(&[Hold::Quarantined])));
	});
}

#[test]
fn a_shipment_takes_its_inactive_units_along_uncounted() {
	test(|| {
		commissioned(10);
		assert_ok!(decommission_range(&MAKER_STAFF, ranges(&[(2, 3)]), RemovalKind::Sample, ev(9)));
		sold(units(0, 10), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		assert_eq!((stock(MAKER), stock(WHOLESALER), parcel(0).1.inactive), (0, 7, 3));
	});
}

// -------------------------------------------------------------------------------------------------------- packages

fn with_package(load: Load) -> Shipment {
	Shipment { package: ev(0xaa), ..shipment(load, WHOLESALER) }
}

#[test]
fn a_shipment_commits_to_the_package_that_comes_with_it() {
	test(|| {
		commissioned(10);
		let told = told(|| ship(&MAKER_STAFF, with_package(units(0, 10))));
		assert!(told.contains(&Event::PackageCommitted { load: units(0, 10), package: ev(0xaa) }));
		assert_eq!(holding(0).package, ev(0xaa));
	});
}

#[test]
fn who_is_sent_another_package_says_so_for_good() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, with_package(units(0, 10))));
		let dispute = |who: &AccountId, found| dispute_package(who, units(0, 10), ev(found));
		let expected = Event::PackageDisputed {
			load: units(0, 10),
			from: MAKER,
			by: WHOLESALER,
			committed: ev(0xaa),
			found: ev(0xbb),
		};
		assert_noop!(dispute(&WHOLESALE_STAFF, 0xaa), Refusal::NotDisputable);
		for who in [PHARMACIST, DRIVER] {
			assert!(dispute(&who, 0xbb).is_err());
		}
		assert_noop!(dispute(&STRANGER, 0xbb), Refusal::NotAuthorized);
		hypothetically!(assert!(told(|| dispute(&WHOLESALE_STAFF, 0xbb)) == vec![expected.clone()]));
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_eq!(told(|| dispute(&WHOLESALE_STAFF, 0xbb)), [expected]);
	});
}

#[test]
fn without_a_package_there_is_nothing_to_dispute() {
	test(|| {
		at_wholesaler(10);
		assert_noop!(dispute_package(&WHOLESALE_STAFF, units(0, 10), ev(1)), Refusal::NotDisputable);
	});
}
