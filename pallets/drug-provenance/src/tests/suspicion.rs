use super::*;

#[test]
fn anyone_in_standing_reports_suspicion_with_a_bond() {
	test(|| {
		at_wholesaler(10);
		for (who, org) in [(CLERK, PHARMACY), (RESEARCHER, INSTITUTE), (DRIVER, CARRIER), (INSPECTOR, REGULATOR)] {
			hypothetically!({
				let told = told(|| report_suspect(&who, units(0, 3)));
				assert!(told.contains(&Event::SuspicionReported { report: 0, load: units(0, 3), by: org }));
				assert_eq!((holds(0), bonded(&who)), (hold_set(&[Hold::Suspect]), BOND));
				let report = Reports::<Test>::get(0).expect("it is on record");
				assert_eq!((report.load, report.org, report.at, report.by), (units(0, 3), org, NOW, who));
			});
		}
		for who in [STRANGER, RETIRED] {
			assert_noop!(report_suspect(&who, units(0, 3)), Refusal::NotAuthorized);
		}
	});
}

#[test]
fn suspicion_stops_sale_and_dispense() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(0, 5)));
		assert_noop!(ship(&PHARMACIST, shipment(units(0, 5), RIVAL)), Refusal::OnHold);
		assert_ok!(dispense(&PHARMACIST, of(&run, 0)));
		assert!(matches!(last_event(), Event::Alert { verdict: Verdict::Suspect, .. }));
		dispensed(&run, 5);
	});
}

#[test]
fn what_is_under_way_may_be_suspected() {
	test(|| {
		commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_ok!(report_suspect(&PHARMACIST, units(0, 10)));
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_eq!(holds(0), hold_set(&[Hold::Suspect]));
		assert_noop!(ship(&WHOLESALE_STAFF, shipment(units(0, 10), PHARMACY)), Refusal::OnHold);
	});
}

#[test]
fn what_is_suspected_is_not_suspected_twice() {
	test(|| {
		at_wholesaler(10);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 5)));
		assert_noop!(report_suspect(&RIVAL_PHARMACIST, units(0, 5)), Refusal::OnHold);
		assert_noop!(report_suspect(&RIVAL_PHARMACIST, units(2, 1)), Refusal::OnHold);
		assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(5, 1)));
	});
}

#[test]
fn an_organisation_makes_so_many_reports_a_day() {
	test(|| {
		at_wholesaler(20);
		for n in 0..REPORTS {
			let who = [PHARMACIST, CLERK][n as usize % 2].clone();
			assert_ok!(report_suspect(&who, units(n, 1)));
		}
		assert_noop!(report_suspect(&PHARMACY_QP, units(10, 1)), Refusal::TooManyReports);
		assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(10, 1)));
		// Days are those of the calendar.
		set_now(NOW / DAY * DAY + DAY - 1);
		assert_noop!(report_suspect(&PHARMACIST, units(11, 1)), Refusal::TooManyReports);
		wait(1);
		assert_ok!(report_suspect(&PHARMACIST, units(11, 1)));
		assert_eq!(ReportCounts::<Test>::get(PHARMACY).count, 1);
	});
}

#[test]
fn a_regulator_clears_suspicion_and_returns_the_bond() {
	test(|| {
		at_wholesaler(10);
		let before = total(&PHARMACIST);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 5)));
		for who in [PHARMACIST, MAKER_QP, WHOLESALE_QP, STRANGER] {
			assert_noop!(clear_suspect(&who, units(0, 5), Some(0), false), Refusal::NotAuthorized);
		}
		let told = told(|| clear_suspect(&INSPECTOR, units(0, 5), Some(0), false));
		assert!(told.contains(&Event::HoldsChanged { load: units(0, 5), holds: HoldSet::EMPTY, by: REGULATOR }));
		assert!(told.contains(&Event::ReportSettled { report: 0, unfounded: false }));
		assert_eq!((bonded(&PHARMACIST), total(&PHARMACIST)), (0, before));
		assert!(Reports::<Test>::get(0).is_none());
		assert_ok!(ship(&WHOLESALE_STAFF, shipment(units(0, 5), PHARMACY)));
	});
}

#[test]
fn the_bond_of_an_unfounded_report_is_burnt() {
	test(|| {
		at_wholesaler(10);
		let (before, issued) = (total(&PHARMACIST), Balances::total_issuance());
		assert_ok!(report_suspect(&PHARMACIST, units(0, 10)));
		let told = told(|| clear_suspect(&INSPECTOR, units(0, 10), Some(0), true));
		assert!(told.contains(&Event::ReportSettled { report: 0, unfounded: true }));
		assert_eq!((bonded(&PHARMACIST), total(&PHARMACIST)), (0, before - BOND));
		assert_eq!(Balances::total_issuance(), issued - BOND);
	});
}

#[test]
fn suspicion_may_be_cleared_in_parts_before_the_report_is_settled() {
	test(|| {
		at_wholesaler(10);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 5)));
		assert_ok!(clear_suspect(&INSPECTOR, units(0, 2), None, false));
		assert_eq!((holds(0), holds(2)), (HoldSet::EMPTY, hold_set(&[Hold::Suspect])));
		assert_eq!(bonded(&PHARMACIST), BOND);
		assert_noop!(clear_suspect(&INSPECTOR, units(0, 2), None, false), Refusal::NotOnHold);
		assert_noop!(clear_suspect(&INSPECTOR, units(2, 3), Some(7), false), Refusal::NotFound);
		assert_ok!(clear_suspect(&INSPECTOR, units(2, 3), Some(0), false));
		assert_eq!(bonded(&PHARMACIST), 0);
	});
}

/// Suspicion was cleared without the report, in parts or of goods that were since packed: no bond is stuck for that.
#[test]
fn a_report_may_be_settled_after_the_hold_is_gone() {
	test(|| {
		at_wholesaler(10);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 5)));
		assert_ok!(clear_suspect(&INSPECTOR, units(0, 5), None, false));
		assert_noop!(clear_suspect(&INSPECTOR, units(0, 5), None, false), Refusal::NotOnHold);
		let told = told(|| clear_suspect(&INSPECTOR, units(0, 5), Some(0), false));
		assert_eq!(told, [Event::ReportSettled { report: 0, unfounded: false }]);
		assert_eq!(bonded(&PHARMACIST), 0);
	});
}

#[test]
fn what_is_illegitimate_stays_so() {
	test(|| {
		let run = at_pharmacy(10);
		for who in [MAKER_STAFF, PHARMACY_QP, WHOLESALE_QP, PHARMACIST, STRANGER] {
			assert_noop!(mark_illegitimate(&who, units(0, 2)), Refusal::NotAuthorized);
		}
		would(|| mark_illegitimate(&INSPECTOR, units(0, 2)));
		let told = told(|| mark_illegitimate(&MAKER_QP, units(0, 2)));
		let illegitimate = hold_set(&[Hold::Illegitimate]);
		assert_eq!(told, [Event::HoldsChanged { load: units(0, 2), holds: illegitimate, by: MAKER }]);
		assert_noop!(clear_suspect(&INSPECTOR, units(0, 2), None, false), Refusal::NotOnHold);
		assert!(release_quarantine(&PHARMACY_QP, units(0, 2)).is_err());
		assert_ok!(dispense(&PHARMACIST, of(&run, 0)));
		assert!(matches!(last_event(), Event::Alert { verdict: Verdict::Illegitimate, .. }));
		assert_noop!(ship(&PHARMACIST, shipment(units(0, 2), RIVAL)), Refusal::OnHold);
		would(|| ship(&PHARMACIST, shipment(units(0, 2), MAKER)));
		assert_ok!(destroy(&PHARMACIST, ranges(&[(0, 2)]), ev(9)));
	});
}

#[test]
fn holds_pass_to_every_piece() {
	test(|| {
		at_wholesaler(10);
		assert_ok!(report_suspect(&PHARMACIST, units(0, 10)));
		assert_ok!(split(&WHOLESALE_STAFF, range(3, 4)));
		assert_eq!([0, 3, 7].map(holds), [hold_set(&[Hold::Suspect]); 3]);
	});
}

#[test]
fn a_unit_of_logistics_is_suspected_whole() {
	test(|| {
		commissioned(10);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 5)]), ev(5)));
		assert_ok!(report_suspect(&PHARMACIST, logistic(1)));
		assert_eq!(unit_of(1).holds, hold_set(&[Hold::Suspect]));
		assert_noop!(ship(&MAKER_STAFF, shipment(logistic(1), PHARMACY)), Refusal::OnHold);
		assert_noop!(report_suspect(&RIVAL_PHARMACIST, logistic(1)), Refusal::OnHold);
		assert_ok!(clear_suspect(&INSPECTOR, logistic(1), Some(0), false));
		assert_ok!(mark_illegitimate(&MAKER_QP, logistic(1)));
		assert_eq!(unit_of(1).holds, hold_set(&[Hold::Illegitimate]));
	});
}

#[test]
fn reports_end_with_their_numbers() {
	test(|| {
		at_wholesaler(10);
		NextReport::<Test>::put(u32::MAX);
		assert_noop!(report_suspect(&PHARMACIST, units(0, 1)), Refusal::Exhausted);
		NextReport::<Test>::put(0);
	});
}
