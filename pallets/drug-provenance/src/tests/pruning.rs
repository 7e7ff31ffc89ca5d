use super::*;

fn dispenses(units: &[u32]) -> Prunable {
	Prunable::Dispenses { batch: 0, units: BoundedVec::truncate_from(units.to_vec()) }
}

fn parcel_ending(last: u32) -> Prunable {
	Prunable::Parcel { batch: 0, last }
}

#[test]
fn anyone_prunes_dispenses_that_can_no_longer_be_undone() {
	test(|| {
		let run = at_pharmacy(10);
		[1, 2, 5].iter().for_each(|index| dispensed(&run, *index));
		wait(UNDO);
		dispensed(&run, 6);
		assert_noop!(prune(&STRANGER, dispenses(&[1, 6])), Refusal::NotPrunable);
		assert_noop!(prune(&STRANGER, dispenses(&[])), Refusal::Empty);
		wait(1);
		let told = told(|| prune(&STRANGER, dispenses(&[1, 5])));
		assert_eq!(told, [Event::Pruned { batch: 0, entries: 2 }]);
		assert_eq!(Exceptions::<Test>::iter_prefix(0).map(|(last, _)| last.0).collect::<Vec<_>>(), [2, 6]);
		// The bit stays: a second pack of this number is told of.
		assert_ok!(dispense(&PHARMACIST, of(&run, 1)));
		assert!(matches!(last_event(), Event::Alert { verdict: Verdict::AlreadyDispensed, .. }));
		assert_noop!(undo_dispense(&PHARMACIST, 0, 1), Refusal::NotUndoable);
		// Pruned, never dispensed, unknown.
		for index in [1, 3, 10, u32::MAX] {
			assert!(prune(&STRANGER, dispenses(&[2, index])).is_err());
		}
		assert!(prune(&STRANGER, dispenses(&[2, 2])).is_err());
		assert!(prune(&STRANGER, Prunable::Dispenses { batch: 4, units: Default::default() }).is_err());
	});
}

#[test]
fn how_else_a_unit_left_is_kept() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(destroy(&PHARMACIST, ranges(&[(3, 1)]), ev(9)));
		wait(2 * UNDO);
		assert_noop!(prune(&STRANGER, dispenses(&[3])), Refusal::NotPrunable);
	});
}

#[test]
fn a_parcel_goes_once_all_of_it_left_and_the_batch_is_expired() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(split(&PHARMACIST, range(0, 4)));
		assert_ok!(destroy(&PHARMACIST, ranges(&[(0, 3), (4, 2)]), ev(9)));
		assert_noop!(prune(&STRANGER, parcel_ending(3)), Refusal::NotPrunable);
		dispensed(&run, 3);
		assert_noop!(prune(&STRANGER, parcel_ending(3)), Refusal::NotPrunable);
		set_now(EXPIRY - 1);
		assert_noop!(prune(&STRANGER, parcel_ending(3)), Refusal::NotPrunable);
		wait(1);
		assert_noop!(prune(&STRANGER, parcel_ending(9)), Refusal::NotPrunable);
		let told = told(|| prune(&STRANGER, parcel_ending(3)));
		assert!(matches!(told[..], [Event::Pruned { batch: 0, .. }]), "{told:?}");
		assert_eq!((parcels(), Batches::<Test>::get(0).map(|batch| batch.retired)), (vec![(4, 9)], Some(4)));
		assert_noop!(prune(&STRANGER, parcel_ending(3)), Refusal::NotFound);
		// What is gone is nobody's to move, and is still known as gone.
		assert!(ship(&PHARMACIST, shipment(units(0, 1), MAKER)).is_err());
		assert_ok!(dispense(&PHARMACIST, of(&run, 3)));
		assert!(matches!(last_event(), Event::Alert { verdict: Verdict::AlreadyDispensed, .. }));
	});
}

#[test]
fn what_is_packed_is_not_pruned() {
	test(|| {
		let run = commissioned(2);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 2)]), ev(5)));
		set_now(run.expiry);
		assert_noop!(prune(&STRANGER, parcel_ending(1)), Refusal::NotPrunable);
	});
}

#[test]
fn what_is_suspected_is_kept_until_the_report_is_settled() {
	test(|| {
		at_pharmacy(2);
		assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(0, 2)));
		assert_ok!(destroy(&PHARMACIST, ranges(&[(0, 2)]), ev(9)));
		set_now(EXPIRY);
		assert_noop!(prune(&STRANGER, parcel_ending(1)), Refusal::NotPrunable);
		assert_ok!(clear_suspect(&INSPECTOR, units(0, 2), Some(0), false));
		assert_ok!(prune(&STRANGER, parcel_ending(1)));
	});
}

#[test]
fn an_acknowledgement_goes_when_no_recall_is_left() {
	test(|| {
		let run = at_pharmacy(10);
		let what = || Prunable::Acknowledgement { batch: 0, org: PHARMACY };
		assert_noop!(prune(&STRANGER, what()), Refusal::NotFound);
		let lot = RecallScope::Lot(DRUG, run.lot.clone());
		let scopes = [RecallScope::Product(DRUG), lot, RecallScope::Batch(0), RecallScope::Units(range(3, 2))];
		for scope in &scopes {
			assert_ok!(recall(&MAKER_QP, scope.clone(), RecallClass::I, RecallReason::Quality));
		}
		assert_ok!(acknowledge_recall(&PHARMACIST, range(0, 10)));
		for scope in scopes {
			assert_noop!(prune(&STRANGER, what()), Refusal::NotPrunable);
			assert_ok!(lift_recall(&MAKER_QP, scope));
		}
		let told = told(|| prune(&STRANGER, what()));
		assert_eq!(told, [Event::Pruned { batch: 0, entries: 1 }]);
		assert!(Acknowledgements::<Test>::get(0, PHARMACY).is_none());
	});
}
