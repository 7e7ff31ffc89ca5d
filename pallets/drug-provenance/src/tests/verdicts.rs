//! The verdict on a pack, and the order in which causes count.

use super::*;
use salus_primitives::drug::{UnitQuery, Verification};

fn query(run: &Run, index: u32) -> UnitQuery {
	let Run { gtin, lot, run: number, expiry, .. } = run.clone();
	UnitQuery { gtin, lot, run: number, expiry, unit: run.unit(index), other: None }
}

fn verify(query: UnitQuery) -> Verification {
	DrugProvenance::verify(&query)
}

fn verdict(run: &Run, index: u32) -> Verdict {
	verify(query(run, index)).verdict
}

#[test]
fn a_genuine_pack_is_told_with_its_holder() {
	test(|| {
		let run = at_pharmacy(10);
		let expected = Verification {
			verdict: Verdict::Genuine,
			batch: Some(0),
			custodian: Some(PHARMACY),
			custodian_name: MockDirectory::name(PHARMACY),
			recall: None,
			left: None,
			now: NOW,
		};
		assert_eq!(verify(query(&run, 3)), expected);
	});
}

#[test]
fn what_is_not_in_the_run_is_told_by_what_is_wrong_with_it() {
	test(|| {
		let run = at_pharmacy(10);
		let other = Run { lot: lot("L2"), ..Run::of(10) };
		assert_ok!(commission(&MAKER_STAFF, other.input()));
		let told = |query| {
			let verification = verify(query);
			(verification.verdict, verification.batch)
		};
		let sound = || query(&run, 3);
		assert_eq!(told(UnitQuery { gtin: UNKNOWN, ..sound() }), (Verdict::UnknownProduct, None));
		assert_eq!(told(UnitQuery { lot: lot("L9"), ..sound() }), (Verdict::UnknownLot, None));
		assert_eq!(told(UnitQuery { run: 1, ..sound() }), (Verdict::UnknownLot, None));
		let forged = UnitProof { mac: H256::zero(), ..run.unit(3) };
		assert_eq!(told(UnitQuery { unit: forged.clone(), ..sound() }), (Verdict::NotInRun, None));
		let misnumbered = UnitProof { index: 4, ..run.unit(3) };
		assert_eq!(told(UnitQuery { unit: misnumbered, ..sound() }), (Verdict::NotInRun, None));
		assert_eq!(told(UnitQuery { expiry: EXPIRY + 1, ..sound() }).0, Verdict::ExpiryMismatch);
		// The proof is another lot's: told only if that one is named.
		let relabelled = || UnitQuery { lot: lot("L2"), ..sound() };
		assert_eq!(told(relabelled()).0, Verdict::NotInRun);
		assert_eq!(told(UnitQuery { other: Some(0), ..relabelled() }).0, Verdict::LotMismatch);
		for other in [1, 7] {
			assert_eq!(told(UnitQuery { other: Some(other), ..relabelled() }).0, Verdict::NotInRun);
		}
		let forged = UnitQuery { unit: forged, other: Some(0), ..relabelled() };
		assert_eq!(told(forged).0, Verdict::NotInRun);
		assert_eq!(told(sound()), (Verdict::Genuine, Some(0)));
		// What is named beside a sound proof changes nothing.
		assert_eq!(told(UnitQuery { other: Some(1), ..sound() }), (Verdict::Genuine, Some(0)));
	});
}

#[test]
fn how_a_unit_left_is_told_as_long_as_it_is_kept() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		let left = |index| verify(query(&run, index)).left.expect("it left");
		let told = left(3);
		assert_eq!((told.status, told.org, told.at), (UnitStatus::Dispensed, Some(PHARMACY), Some(NOW)));
		assert_eq!(told.premises, Some(HIGH_STREET));
		wait(UNDO + 1);
		let units = BoundedVec::truncate_from(vec![3]);
		assert_ok!(prune(&STRANGER, Prunable::Dispenses { batch: 0, units }));
		let told = left(3);
		assert_eq!((told.status, told.org, told.premises, told.at), (UnitStatus::Dispensed, None, None, None));
		assert_ok!(decommission_range(&PHARMACIST, ranges(&[(5, 2)]), RemovalKind::Exported, ev(9)));
		assert_eq!((verdict(&run, 6), left(6).status), (Verdict::Exported, UnitStatus::Exported));
	});
}

/// Causes that can be brought about one after another, the graver later, so that each must win over all before it.
#[test]
fn each_graver_cause_hides_the_lesser_ones() {
	test(|| {
		let run = at_pharmacy(10);
		assert_eq!(verdict(&run, 3), Verdict::Genuine);
		assert_ok!(ship(&PHARMACIST, Shipment { deadline: EXPIRY + DAY, ..late_shipment() }));
		assert_eq!(verdict(&run, 3), Verdict::InTransit);
		set_now(EXPIRY);
		assert_eq!(verdict(&run, 3), Verdict::Expired);
		set_now(EXPIRY + DAY);
		assert_eq!(verdict(&run, 3), Verdict::CustodyGap);
		assert_ok!(report_lost(&PHARMACIST, units(0, 10), ev(4)));
		assert_eq!(verdict(&run, 3), Verdict::CustodyGap);
		assert_ok!(retract(&PHARMACIST, units(0, 10), ev(4)));
		assert_eq!(verdict(&run, 3), Verdict::Quarantined);
		assert_ok!(report_suspect(&RIVAL_PHARMACIST, units(0, 10)));
		assert_eq!(verdict(&run, 3), Verdict::Suspect);
		assert_ok!(mark_illegitimate(&INSPECTOR, units(0, 10)));
		assert_eq!(verdict(&run, 3), Verdict::Illegitimate);
		assert_ok!(recall(&INSPECTOR, RecallScope::Units(range(3, 1)), RecallClass::III, RecallReason::Counterfeit));
		assert_eq!((verdict(&run, 3), verdict(&run, 4)), (Verdict::Recalled, Verdict::Illegitimate));
		assert_ok!(decommission_range(&PHARMACIST, ranges(&[(3, 1)]), RemovalKind::Decommissioned, ev(9)));
		assert_ok!(destroy(&PHARMACIST, ranges(&[(4, 1)]), ev(9)));
		assert_eq!((verdict(&run, 3), verdict(&run, 4)), (Verdict::Decommissioned, Verdict::Destroyed));
		assert_ok!(report_stolen(&PHARMACIST, units(0, 10), ev(4)));
		assert_eq!((verdict(&run, 3), verdict(&run, 4)), (Verdict::Stolen, Verdict::Stolen));
		assert_eq!(verify(UnitQuery { expiry: 0, ..query(&run, 3) }).verdict, Verdict::ExpiryMismatch);
	});
}

/// A shipment of all ten, made so late that it is under way when the goods expire.
fn late_shipment() -> Shipment {
	set_now(EXPIRY - DAY);
	shipment(units(0, 10), RIVAL)
}

#[test]
fn a_recall_outweighs_a_dispense_before_it() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		assert_eq!(verdict(&run, 3), Verdict::AlreadyDispensed);
		assert_ok!(recall(&MAKER_QP, RecallScope::Product(DRUG), RecallClass::II, RecallReason::Quality));
		let told = verify(query(&run, 3));
		assert_eq!(told.verdict, Verdict::Recalled);
		assert_eq!(told.left.map(|left| left.status), Some(UnitStatus::Dispensed));
	});
}

#[test]
fn the_gravest_recall_is_told_and_of_equal_ones_the_earliest() {
	test(|| {
		let run = at_pharmacy(10);
		let told = |index| verify(query(&run, index)).recall.map(|recall| (recall.class, recall.reason, recall.at));
		let order = |scope, class, reason| {
			assert_ok!(recall(&MAKER_QP, scope, class, reason));
		};
		order(RecallScope::Product(DRUG), RecallClass::III, RecallReason::Documentation);
		assert_eq!(told(3), Some((RecallClass::III, RecallReason::Documentation, NOW)));
		wait(DAY);
		order(RecallScope::Units(range(2, 3)), RecallClass::I, RecallReason::Contamination);
		wait(DAY);
		order(RecallScope::Batch(0), RecallClass::I, RecallReason::Quality);
		order(RecallScope::Lot(DRUG, run.lot.clone()), RecallClass::II, RecallReason::Stability);
		assert_eq!(told(3), Some((RecallClass::I, RecallReason::Contamination, NOW + DAY)));
		assert_eq!(told(5), Some((RecallClass::I, RecallReason::Quality, NOW + 2 * DAY)));
	});
}

#[test]
fn a_packed_pack_is_where_its_outermost_unit_is() {
	test(|| {
		let run = commissioned(10);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)));
		assert_ok!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(1)]), ev(5)));
		assert_ok!(ship(&MAKER_STAFF, shipment(logistic(2), WHOLESALER)));
		assert_eq!(verdict(&run, 3), Verdict::InTransit);
		assert_ok!(receive_all(&WHOLESALE_STAFF, logistic(2)));
		let told = verify(query(&run, 3));
		assert_eq!((told.verdict, told.custodian), (Verdict::Genuine, Some(WHOLESALER)));
		assert_ok!(report_suspect(&PHARMACIST, logistic(2)));
		assert_eq!(verdict(&run, 3), Verdict::Suspect);
	});
}

#[test]
fn what_was_pruned_with_its_parcel_is_still_known_as_gone() {
	test(|| {
		let run = at_pharmacy(2);
		dispensed(&run, 0);
		assert_ok!(destroy(&PHARMACIST, ranges(&[(1, 1)]), ev(9)));
		set_now(EXPIRY);
		assert_ok!(prune(&STRANGER, Prunable::Parcel { batch: 0, last: 1 }));
		assert_eq!((verdict(&run, 0), verdict(&run, 1)), (Verdict::AlreadyDispensed, Verdict::Destroyed));
	});
}
