use super::*;
use salus_primitives::drug::{UnitProof, CHUNK};

fn alert(verdict: Verdict, index: u32, org: OrgId, who: AccountId) -> Event<Test> {
	Event::Alert { batch: 0, index, verdict, org, who, at: now() }
}

fn bits() -> Vec<u32> {
	let mut chunks: Vec<_> = Inactive::<Test>::iter_prefix(0).collect();
	chunks.sort();
	let set = chunks.into_iter().flat_map(|(chunk, bytes)| {
		(0..CHUNK)
			.filter(move |bit| bytes[(bit / 8) as usize] & 1 << (bit % 8) != 0)
			.map(move |bit| u32::from(chunk) * CHUNK + bit)
	});
	set.collect()
}

#[test]
fn a_pack_is_dispensed_by_the_pharmacy_that_has_it() {
	test(|| {
		let run = at_pharmacy(10);
		wait(DAY);
		let told = told(|| dispense(&PHARMACIST, of(&run, 3)));
		assert_eq!(told, [Event::Dispensed { batch: 0, index: 3, org: PHARMACY, at: NOW + DAY }]);
		assert_eq!(bits(), [3]);
		let exception = Exceptions::<Test>::get(0, types::Last(3)).expect("it tells how the unit left");
		assert_eq!((exception.start, exception.status, exception.org), (3, UnitStatus::Dispensed, PHARMACY));
		assert_eq!((exception.premises, exception.at), (Some(HIGH_STREET), NOW + DAY));
		assert_eq!((exception.by, parcel(3).1.inactive, stock(PHARMACY)), (PHARMACIST, 1, 9));
		assert_eq!(parcels(), [(0, 9)], "dispensing splits nothing");
	});
}

#[test]
fn only_pharmacists_of_dispensers_dispense() {
	test(|| {
		let run = at_pharmacy(10);
		for who in [CLERK, PHARMACY_QP, HOSPITAL_STAFF, WHOLESALE_STAFF, INSPECTOR, STRANGER] {
			assert_noop!(dispense(&who, of(&run, 3)), Refusal::NotAuthorized);
		}
		suspend(&PHARMACIST);
		assert_noop!(dispense(&PHARMACIST, of(&run, 3)), Refusal::NotAuthorized);
		set_active(PHARMACY, false);
		assert_noop!(dispense(&COLLEAGUE, of(&run, 3)), Refusal::NotAuthorized);
	});
}

#[test]
fn a_unit_needs_a_batch_and_a_proof() {
	test(|| {
		let run = at_pharmacy(10);
		let elsewhere = Dispense { batch: 1, ..of(&run, 3) };
		assert_noop!(dispense(&PHARMACIST, elsewhere), Refusal::NotFound);
		let sound = run.unit(3);
		let mut bent = sound.clone();
		bent.proof[0] = H256::zero();
		for unit in [
			bent,
			UnitProof { index: 4, ..sound.clone() },
			UnitProof { index: 10, ..sound.clone() },
			UnitProof { mac: run.mac(4), ..sound },
		] {
			assert_noop!(dispense(&PHARMACIST, Dispense { unit, ..of(&run, 3) }), Refusal::InvalidProof);
		}
	});
}

#[test]
fn a_second_dispense_is_told_and_changes_nothing() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
		System::reset_events();
		let before = root();
		assert_ok!(dispense(&COLLEAGUE, of(&run, 3)));
		assert_eq!(events(), [alert(Verdict::AlreadyDispensed, 3, PHARMACY, COLLEAGUE)]);
		System::reset_events();
		assert_eq!(root(), before);
	});
}

#[test]
fn what_must_not_be_given_raises_an_alert_that_says_why() {
	test(|| {
		let run = at_pharmacy(10);
		let alerted = |verdict| {
			let told = told(|| dispense(&PHARMACIST, of(&run, 3)));
			assert_eq!(told, [alert(verdict, 3, PHARMACY, PHARMACIST)]);
			assert_eq!(bits().contains(&3), verdict == Verdict::Destroyed || verdict == Verdict::Sample);
		};
		hypothetically!({
			assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, RecallReason::Quality));
			alerted(Verdict::Recalled);
		});
		hypothetically!({
			assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(3, 1)));
			alerted(Verdict::Suspect);
		});
		hypothetically!({
			assert_ok!(mark_illegitimate(&INSPECTOR, units(3, 1)));
			alerted(Verdict::Illegitimate);
		});
		hypothetically!({
			assert_ok!(destroy(&PHARMACIST, ranges(&[(3, 1)]), ev(9)));
			alerted(Verdict::Destroyed);
		});
		hypothetically!({
			assert_ok!(decommission_range(&PHARMACIST, ranges(&[(3, 1)]), RemovalKind::Sample, ev(9)));
			alerted(Verdict::Sample);
		});
		hypothetically!({
			assert_ok!(report_stolen(&PHARMACIST, units(3, 1), ev(9)));
			alerted(Verdict::Stolen);
		});
		hypothetically!({
			set_now(EXPIRY);
			alerted(Verdict::Expired);
		});
		hypothetically!({
			assert_ok!(return_saleable(&PHARMACIST, units(3, 1), NOW + DAY, ev(4)));
			alerted(Verdict::InTransit);
			wait(DAY);
			alerted(Verdict::CustodyGap);
		});
		hypothetically!({
			assert_ok!(return_saleable(&PHARMACIST, units(3, 1), NOW + DAY, ev(4)));
			wait(DAY);
			assert_ok!(report_lost(&PHARMACIST, units(3, 1), ev(4)));
			assert_ok!(retract(&PHARMACIST, units(3, 1), ev(4)));
			alerted(Verdict::Quarantined);
		});
	});
}

#[test]
fn goods_that_somebody_else_has_are_a_clone_here() {
	test(|| {
		let run = at_pharmacy(10);
		let told = told(|| dispense(&RIVAL_PHARMACIST, of(&run, 3)));
		assert_eq!(told, [alert(Verdict::Genuine, 3, RIVAL, RIVAL_PHARMACIST)]);
		dispensed(&run, 3);
	});
}

#[test]
fn what_is_packed_elsewhere_is_a_clone_and_here_to_be_unpacked() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(pack(&PHARMACIST, lu(1), contents(&[units(0, 10)]), ev(5)));
		assert_noop!(dispense(&PHARMACIST, of(&run, 3)), Refusal::Packed);
		let told = told(|| dispense(&RIVAL_PHARMACIST, of(&run, 3)));
		assert_eq!(told, [alert(Verdict::Genuine, 3, RIVAL, RIVAL_PHARMACIST)]);
	});
}

#[test]
fn goods_in_consignment_are_dispensed_too() {
	test(|| {
		let run = commissioned(10);
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(0, 10), PHARMACY) }));
		assert_ok!(receive_all(&PHARMACIST, units(0, 10)));
		dispensed(&run, 0);
	});
}

// --------------------------------------------------------------------------------------------- without a line

fn at(run: &Run, index: u32, at: Moment) -> Dispense {
	Dispense { at: Some(at), ..of(run, index) }
}

fn many(dispenses: Vec<Dispense>) -> Dispenses {
	Dispenses::truncate_from(dispenses)
}

#[test]
fn a_dispense_may_be_told_of_later_but_not_much_later() {
	test(|| {
		let run = at_pharmacy(10);
		wait(5 * DAY);
		for moment in [0, now() - OFFLINE - 1, now() + 1, Moment::MAX] {
			assert_noop!(dispense(&PHARMACIST, at(&run, 3, moment)), Refusal::InvalidMoment);
		}
		would(|| dispense(&PHARMACIST, at(&run, 3, now())));
		let moment = now() - OFFLINE;
		let told = told(|| dispense(&PHARMACIST, at(&run, 3, moment)));
		assert_eq!(told, [Event::Dispensed { batch: 0, index: 3, org: PHARMACY, at: moment }]);
		assert_eq!(Exceptions::<Test>::get(0, types::Last(3)).map(|exception| exception.at), Some(moment));
	});
}

#[test]
fn what_was_given_before_a_recall_or_expiry_was_rightly_given() {
	test(|| {
		let run = at_pharmacy(10);
		wait(DAY);
		let given = now();
		wait(DAY);
		assert_ok!(recall(&MAKER_QP, RecallScope::Lot(DRUG, run.lot.clone()), RecallClass::I, RecallReason::Quality));
		assert_ok!(dispense(&PHARMACIST, at(&run, 0, now())));
		assert_eq!(last_event(), alert(Verdict::Recalled, 0, PHARMACY, PHARMACIST));
		assert_ok!(dispense(&PHARMACIST, at(&run, 0, given)));
		assert_eq!(last_event(), Event::Dispensed { batch: 0, index: 0, org: PHARMACY, at: given });
		assert_ok!(lift_recall(&INSPECTOR, RecallScope::Lot(DRUG, run.lot.clone())));
		set_now(EXPIRY);
		assert_ok!(dispense(&PHARMACIST, at(&run, 1, EXPIRY - 1)));
		assert_eq!(last_event(), Event::Dispensed { batch: 0, index: 1, org: PHARMACY, at: EXPIRY - 1 });
	});
}

#[test]
fn a_file_of_dispenses_is_judged_one_by_one() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 1);
		let file = many(vec![of(&run, 0), of(&run, 1), of(&run, 2), of(&run, 2)]);
		let told = told(|| dispense_many(&PHARMACIST, file));
		let done = |index| Event::Dispensed { batch: 0, index, org: PHARMACY, at: NOW };
		let double = |index| alert(Verdict::AlreadyDispensed, index, PHARMACY, PHARMACIST);
		assert_eq!(told, [done(0), double(1), done(2), double(2)]);
		assert_eq!((bits(), stock(PHARMACY)), (vec![0, 1, 2], 7));
	});
}

#[test]
fn a_file_with_an_unsound_line_is_refused_whole() {
	test(|| {
		let run = at_pharmacy(10);
		let mut bent = of(&run, 1);
		bent.unit.proof[0] = H256::zero();
		for (unsound, refusal) in [
			(bent, Refusal::InvalidProof),
			(Dispense { batch: 7, ..of(&run, 1) }, Refusal::NotFound),
			(at(&run, 1, NOW + 1), Refusal::InvalidMoment),
		] {
			assert_noop!(dispense_many(&PHARMACIST, many(vec![of(&run, 0), unsound, of(&run, 2)])), refusal);
		}
		assert_noop!(dispense_many(&PHARMACIST, many(vec![])), Refusal::Empty);
		assert_noop!(dispense_many(&CLERK, many(vec![of(&run, 0)])), Refusal::NotAuthorized);
	});
}

#[test]
fn sixty_four_packs_are_dispensed_in_one_call() {
	test(|| {
		let run = at_pharmacy(100);
		assert_ok!(dispense_many(&PHARMACIST, many((0..64).map(|index| of(&run, index)).collect())));
		assert_eq!((parcel(0).1.inactive, stock(PHARMACY)), (64, 36));
	});
}

// ----------------------------------------------------------------------------------------------------------- undone

#[test]
fn a_dispense_is_undone_at_the_same_premises() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		let told = told(|| undo_dispense(&COLLEAGUE, 0, 3));
		assert_eq!(told, [Event::DispenseUndone { batch: 0, index: 3, org: PHARMACY }]);
		assert_eq!((bits(), stock(PHARMACY), parcel(3).1.inactive), (vec![], 10, 0));
		assert!(Exceptions::<Test>::get(0, types::Last(3)).is_none());
		dispensed(&run, 3);
	});
}

#[test]
fn a_dispense_is_undone_for_ten_days() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		wait(UNDO + 1);
		assert_noop!(undo_dispense(&PHARMACIST, 0, 3), Refusal::NotUndoable);
		set_now(NOW + UNDO - 1);
		assert_ok!(undo_dispense(&PHARMACIST, 0, 3));
	});
}

#[test]
fn nobody_undoes_what_was_dispensed_elsewhere_or_not_at_all() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		for who in [LOCUM, RIVAL_PHARMACIST] {
			assert_noop!(undo_dispense(&who, 0, 3), Refusal::NotUndoable);
		}
		for who in [CLERK, PHARMACY_QP, INSPECTOR, STRANGER] {
			assert_noop!(undo_dispense(&who, 0, 3), Refusal::NotAuthorized);
		}
		assert_noop!(undo_dispense(&PHARMACIST, 0, 4), Refusal::NotUndoable);
		assert!(undo_dispense(&PHARMACIST, 0, 10).is_err());
		assert_noop!(undo_dispense(&PHARMACIST, 1, 3), Refusal::NotFound);
		// What left in another way stays gone.
		assert_ok!(destroy(&PHARMACIST, ranges(&[(4, 1)]), ev(9)));
		assert_noop!(undo_dispense(&PHARMACIST, 0, 4), Refusal::NotUndoable);
	});
}

#[test]
fn what_has_expired_or_was_recalled_since_stays_dispensed() {
	test(|| {
		let run = at_pharmacy(10);
		hypothetically!({
			dispensed(&run, 3);
			assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(0, 5)), RecallClass::III, RecallReason::Quality));
			assert_noop!(undo_dispense(&PHARMACIST, 0, 3), Refusal::Recalled);
		});
		set_now(EXPIRY - 1);
		dispensed(&run, 3);
		would(|| undo_dispense(&PHARMACIST, 0, 3));
		wait(1);
		assert_noop!(undo_dispense(&PHARMACIST, 0, 3), Refusal::Expired);
	});
}
