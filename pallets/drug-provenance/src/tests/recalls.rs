use super::*;

const WHY: RecallReason = RecallReason::Contamination;

fn batch_recall(class: RecallClass) -> DispatchResult {
	recall(&MAKER_QP, RecallScope::Batch(0), class, WHY)
}

fn scopes(run: &Run) -> [RecallScope; 4] {
	let lot = run.lot.clone();
	[RecallScope::Product(DRUG), RecallScope::Lot(DRUG, lot), RecallScope::Batch(0), RecallScope::Units(range(2, 3))]
}

#[test]
fn a_recall_of_any_scope_stops_sale_dispense_and_return_at_once() {
	test(|| {
		let run = at_pharmacy(10);
		for scope in scopes(&run) {
			hypothetically!({
				let told = told(|| recall(&MAKER_QP, scope.clone(), RecallClass::II, WHY));
				assert_eq!(told, [Event::Recalled { scope, class: RecallClass::II, reason: WHY, by: MAKER }]);
				assert_noop!(ship(&PHARMACIST, shipment(units(2, 1), RIVAL)), Refusal::Recalled);
				assert_noop!(return_saleable(&PHARMACIST, units(2, 1), NOW + DAY, ev(4)), Refusal::Recalled);
				assert_ok!(dispense(&PHARMACIST, of(&run, 2)));
				let Event::Alert { verdict, .. } = last_event() else { panic!("an alert") };
				assert_eq!(verdict, Verdict::Recalled);
				// Back to the maker, or to destruction, it goes.
				would(|| ship(&PHARMACIST, shipment(units(2, 1), MAKER)));
				assert_ok!(destroy(&PHARMACIST, ranges(&[(2, 1)]), ev(9)));
			});
		}
	});
}

#[test]
fn a_recall_of_some_units_leaves_the_others() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(2, 3)), RecallClass::II, WHY));
		for index in [1, 5] {
			dispensed(&run, index);
		}
		for index in [2, 4] {
			assert_ok!(dispense(&PHARMACIST, of(&run, index)));
			assert!(matches!(last_event(), Event::Alert { verdict: Verdict::Recalled, .. }));
		}
		assert_ok!(ship(&PHARMACIST, shipment(units(5, 5), RIVAL)));
		// A load that meets it in one unit is stopped.
		assert_noop!(ship(&PHARMACIST, shipment(units(0, 3), RIVAL)), Refusal::Recalled);
	});
}

#[test]
fn a_recall_reaches_what_is_packed() {
	test(|| {
		let run = commissioned(10);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 5)]), ev(5)));
		assert_ok!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(1)]), ev(5)));
		sold(logistic(2), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		for scope in scopes(&run) {
			hypothetically!({
				assert_ok!(recall(&INSPECTOR, scope, RecallClass::III, WHY));
				assert_noop!(ship(&WHOLESALE_STAFF, shipment(logistic(2), PHARMACY)), Refusal::Recalled);
				assert_ok!(ship(&WHOLESALE_STAFF, shipment(logistic(2), MAKER)));
			});
		}
	});
}

#[test]
fn a_recall_of_a_lot_covers_all_its_runs_and_of_a_product_all_its_lots() {
	test(|| {
		let first = commissioned(4);
		assert_ok!(commission(&MAKER_STAFF, Run { run: 1, ..Run::of(4) }.input()));
		assert_ok!(commission(&MAKER_STAFF, Run { lot: lot("L2"), ..Run::of(4) }.input()));
		let goes = |batch| ship(&MAKER_STAFF, shipment(Load::Units(UnitRange { batch, start: 0, len: 1 }), PHARMACY));
		let stopped = || [0, 1, 2].map(|batch| hypothetically!(goes(batch)).is_err());
		assert_eq!(stopped(), [false; 3]);
		assert_ok!(recall(&MAKER_QP, RecallScope::Lot(DRUG, first.lot.clone()), RecallClass::II, WHY));
		assert_eq!(stopped(), [true, true, false]);
		assert_ok!(recall(&MAKER_QP, RecallScope::Product(DRUG), RecallClass::II, WHY));
		assert_eq!(stopped(), [true; 3]);
		// What is commissioned later is of the product, and of the lot.
		assert_ok!(commission(&MAKER_STAFF, Run { run: 1, lot: lot("L2"), ..Run::of(4) }.input()));
		assert_noop!(goes(3), Refusal::Recalled);
	});
}

#[test]
fn the_owners_quality_and_the_regulator_recall() {
	test(|| {
		let run = at_pharmacy(10);
		for scope in scopes(&run) {
			for who in [MAKER_STAFF, WHOLESALE_QP, PACKER_STAFF, PHARMACIST, STRANGER] {
				assert_noop!(recall(&who, scope.clone(), RecallClass::I, WHY), Refusal::NotAuthorized);
			}
			would(|| recall(&INSPECTOR, scope.clone(), RecallClass::I, WHY));
			would(|| recall(&MAKER_QP, scope, RecallClass::I, WHY));
		}
	});
}

#[test]
fn what_is_recalled_exists() {
	test(|| {
		commissioned(10);
		for scope in [
			RecallScope::Product(UNKNOWN),
			RecallScope::Lot(DRUG, lot("L9")),
			RecallScope::Lot(UNKNOWN, lot("L1")),
			RecallScope::Batch(1),
			RecallScope::Units(UnitRange { batch: 1, start: 0, len: 1 }),
		] {
			assert_noop!(recall(&INSPECTOR, scope, RecallClass::I, WHY), Refusal::NotFound);
		}
		for (start, len) in [(0, 0), (9, 2), (10, 1), (1, u32::MAX), (u32::MAX, 1)] {
			let scope = RecallScope::Units(range(start, len));
			assert_noop!(recall(&INSPECTOR, scope, RecallClass::I, WHY), Refusal::InvalidRange);
		}
	});
}

#[test]
fn a_recall_of_the_same_scope_is_replaced() {
	test(|| {
		let run = at_pharmacy(10);
		let of_batch = || Batches::<Test>::get(0).and_then(|batch| batch.recall).expect("it is recalled");
		assert_ok!(batch_recall(RecallClass::III));
		assert_eq!(of_batch().class, RecallClass::III);
		wait(DAY);
		assert_ok!(recall(&INSPECTOR, RecallScope::Batch(0), RecallClass::I, RecallReason::AdverseEvents));
		let recalled = of_batch();
		// It has been in force since it was first ordered.
		assert_eq!((recalled.class, recalled.by, recalled.at), (RecallClass::I, REGULATOR, NOW));
		assert_eq!(recalled.reason, RecallReason::AdverseEvents);
		assert_ok!(recall(&MAKER_QP, RecallScope::Product(DRUG), RecallClass::II, WHY));
		assert_ok!(recall(&MAKER_QP, RecallScope::Lot(DRUG, run.lot), RecallClass::III, WHY));
		assert_eq!(
			Products::<Test>::get(DRUG).and_then(|product| product.recall).map(|at| at.class),
			Some(RecallClass::II)
		);
		assert_eq!(of_batch(), recalled, "each scope has its own");
	});
}

#[test]
fn sixteen_ranges_of_a_batch_are_recalled_and_then_the_batch() {
	test(|| {
		commissioned(100);
		for n in 0..16 {
			// They may overlap.
			assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(3 * n, 5)), RecallClass::II, WHY));
		}
		let one_more = recall(&MAKER_QP, RecallScope::Units(range(80, 1)), RecallClass::II, WHY);
		assert_noop!(one_more, Refusal::TooMany);
		assert_eq!(Recalls::<Test>::get(0).len(), 16);
		assert_ok!(batch_recall(RecallClass::II));
	});
}

#[test]
fn a_regulators_recall_is_lifted_by_a_regulator_alone() {
	test(|| {
		let run = at_pharmacy(10);
		for scope in scopes(&run) {
			hypothetically!({
				assert_noop!(lift_recall(&INSPECTOR, scope.clone()), Refusal::NotRecalled);
				assert_ok!(recall(&INSPECTOR, scope.clone(), RecallClass::I, WHY));
				for who in [MAKER_QP, MAKER_STAFF, WHOLESALE_QP, STRANGER] {
					assert_noop!(lift_recall(&who, scope.clone()), Refusal::NotAuthorized);
				}
				let told = told(|| lift_recall(&INSPECTOR, scope.clone()));
				assert_eq!(told, [Event::RecallLifted { scope: scope.clone(), by: REGULATOR }]);
				dispensed(&run, 3);
			});
			hypothetically!({
				assert_ok!(recall(&MAKER_QP, scope.clone(), RecallClass::I, WHY));
				assert_noop!(lift_recall(&MAKER_STAFF, scope.clone()), Refusal::NotAuthorized);
				would(|| lift_recall(&INSPECTOR, scope.clone()));
				assert_ok!(lift_recall(&MAKER_QP, scope.clone()));
				dispensed(&run, 3);
			});
		}
	});
}

/// An owner cannot take over the regulator's recall by ordering its own in its place, and lift that.
#[test]
fn a_regulators_recall_is_not_replaced_by_the_owners() {
	test(|| {
		let run = at_pharmacy(10);
		for scope in scopes(&run) {
			hypothetically!({
				assert_ok!(recall(&INSPECTOR, scope.clone(), RecallClass::I, WHY));
				let _ = recall(&MAKER_QP, scope.clone(), RecallClass::III, WHY);
				let _ = lift_recall(&MAKER_QP, scope.clone());
				assert_noop!(ship(&PHARMACIST, shipment(units(2, 3), RIVAL)), Refusal::Recalled);
			});
		}
	});
}

#[test]
fn only_the_same_range_is_lifted() {
	test(|| {
		commissioned(10);
		assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(2, 3)), RecallClass::I, WHY));
		for (start, len) in [(2, 2), (2, 4), (0, 10), (3, 1)] {
			assert_noop!(lift_recall(&MAKER_QP, RecallScope::Units(range(start, len))), Refusal::NotRecalled);
		}
		assert_ok!(lift_recall(&MAKER_QP, RecallScope::Units(range(2, 3))));
		assert!(Recalls::<Test>::get(0).is_empty());
		assert_noop!(lift_recall(&MAKER_QP, RecallScope::Batch(9)), Refusal::NotFound);
	});
}

// ----------------------------------------------------------------------------------------------------- acknowledged

#[test]
fn a_holder_acknowledges_and_sets_goods_apart() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(batch_recall(RecallClass::I));
		assert_eq!(stock(PHARMACY), 10, "recalled goods leave the count when they are touched");
		wait(DAY);
		let told = told(|| acknowledge_recall(&PHARMACIST, range(2, 3)));
		assert!(told.contains(&Event::RecallAcknowledged { units: range(2, 3), org: PHARMACY }));
		assert_eq!(parcels(), [(0, 1), (2, 4), (5, 9)]);
		let (_, apart) = parcel(2);
		assert_eq!((apart.holds, apart.counted), (hold_set(&[Hold::Quarantined]), false));
		assert_eq!(stock(PHARMACY), 7);
		let entry = Acknowledgements::<Test>::get(0, PHARMACY).expect("it is on record");
		assert_eq!((entry.at, entry.by), (NOW + DAY, PHARMACIST));
		wait(DAY);
		assert_ok!(acknowledge_recall(&COLLEAGUE, range(5, 5)));
		let entry = Acknowledgements::<Test>::get(0, PHARMACY).expect("it is on record");
		assert_eq!((entry.at, entry.by), (NOW + DAY, PHARMACIST), "the first is what counts");
		assert_eq!(stock(PHARMACY), 2);
	});
}

#[test]
fn only_recalled_goods_in_hand_are_acknowledged() {
	test(|| {
		at_pharmacy(10);
		assert_noop!(acknowledge_recall(&PHARMACIST, range(0, 5)), Refusal::NotRecalled);
		assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(2, 3)), RecallClass::I, WHY));
		assert_noop!(acknowledge_recall(&PHARMACIST, range(6, 2)), Refusal::NotRecalled);
		assert_noop!(acknowledge_recall(&RIVAL_PHARMACIST, range(2, 3)), Refusal::NotCustodian);
		assert_noop!(acknowledge_recall(&CLERK, range(2, 3)), Refusal::NotAuthorized);
		hypothetically!({
			assert_ok!(pack(&PHARMACIST, lu(1), contents(&[units(0, 10)]), ev(5)));
			assert_noop!(acknowledge_recall(&PHARMACIST, range(2, 3)), Refusal::Packed);
		});
		hypothetically!({
			assert_ok!(ship(&PHARMACIST, shipment(units(2, 3), MAKER)));
			assert_noop!(acknowledge_recall(&PHARMACIST, range(2, 3)), Refusal::WrongCustody);
		});
		assert_ok!(acknowledge_recall(&PHARMACIST, range(2, 3)));
	});
}

#[test]
fn quality_releases_what_was_set_apart_once_nothing_recalls_it() {
	test(|| {
		let run = at_pharmacy(10);
		assert_noop!(release_quarantine(&PHARMACY_QP, units(0, 5)), Refusal::NotOnHold);
		assert_ok!(batch_recall(RecallClass::I));
		assert_ok!(acknowledge_recall(&PHARMACIST, range(0, 5)));
		assert_noop!(release_quarantine(&PHARMACY_QP, units(0, 5)), Refusal::Recalled);
		assert_ok!(lift_recall(&MAKER_QP, RecallScope::Batch(0)));
		assert_eq!((holds(0), stock(PHARMACY)), (hold_set(&[Hold::Quarantined]), 5), "set apart, still");
		for who in [PHARMACIST, WHOLESALE_QP, INSPECTOR] {
			assert!(release_quarantine(&who, units(0, 5)).is_err());
		}
		let told_of = told(|| release_quarantine(&PHARMACY_QP, units(0, 5)));
		assert_eq!(told_of, [Event::HoldsChanged { load: units(0, 5), holds: HoldSet::EMPTY, by: PHARMACY }]);
		assert_eq!((stock(PHARMACY), parcel(0).1.counted), (10, true));
		dispensed(&run, 0);
	});
}

#[test]
fn recalled_goods_that_are_sent_back_arrive_uncounted() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(batch_recall(RecallClass::I));
		assert_ok!(acknowledge_recall(&PHARMACIST, range(0, 10)));
		sold(units(0, 10), &PHARMACIST, MAKER, &MAKER_STAFF);
		assert_eq!((stock(PHARMACY), stock(MAKER), parcel(0).1.counted), (0, 0, false));
		assert_ok!(destroy(&MAKER_STAFF, ranges(&[(0, 10)]), ev(9)));
		assert_eq!(stock(MAKER), 0);
	});
}
