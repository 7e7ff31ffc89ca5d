use super::*;

const ROOT: H256 = H256::repeat_byte(0xab);

#[test]
fn a_batch_of_receipts_is_its_root_count_and_period() {
	test(|| {
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), ROOT, 1_000, NOW - DAY, NOW));
		let batch = ReceiptBatches::<Test>::get(CLINIC, 0).expect("it was stored");
		assert_eq!((batch.root, batch.count, batch.from, batch.to), (ROOT, 1_000, NOW - DAY, NOW));
		assert_eq!((batch.gateway, batch.block), (GATEWAY, 1));
		let event =
			Event::AccessBatchLogged { org: CLINIC, index: 0, root: ROOT, count: 1_000, from: NOW - DAY, to: NOW };
		assert_eq!(last_event(), event);
	});
}

#[test]
fn batches_are_numbered_for_each_organisation() {
	test(|| {
		for who in [GATEWAY, CARRIER_GATEWAY, GATEWAY] {
			assert_ok!(HealthRecords::log_access_batch(signed(&who), ROOT, 1, NOW, NOW));
		}
		assert_eq!((BatchCounts::<Test>::get(CLINIC), BatchCounts::<Test>::get(CARRIER)), (2, 1));
		assert!(ReceiptBatches::<Test>::contains_key(CLINIC, 1));
	});
}

#[test]
fn only_gateways_in_standing_store_batches() {
	test(|| {
		for who in [CLINICIAN, PATIENT, STRANGER] {
			assert_noop!(HealthRecords::log_access_batch(signed(&who), ROOT, 1, NOW, NOW), Refusal::NotAuthorized);
		}
		suspend(&GATEWAY);
		assert_noop!(HealthRecords::log_access_batch(signed(&GATEWAY), ROOT, 1, NOW, NOW), Refusal::NotAuthorized);
		assert_noop!(
			HealthRecords::log_access_batch(RuntimeOrigin::root(), ROOT, 1, NOW, NOW),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_batch_has_receipts_and_a_recent_period() {
	test(|| {
		let log = |count, from, to| HealthRecords::log_access_batch(signed(&GATEWAY), ROOT, count, from, to);
		assert_noop!(log(0, NOW, NOW), Refusal::Empty);
		assert_noop!(log(1, NOW, NOW - 1), Refusal::InvertedPeriod);
		assert_noop!(log(1, NOW, NOW + RECEIPT_AHEAD + 1), Refusal::InFuture);
		assert_noop!(log(1, 0, NOW - RECEIPT_BEHIND - 1), Refusal::Expired);
		assert_ok!(log(1, NOW, NOW + RECEIPT_AHEAD));
		assert_ok!(log(u32::MAX, 0, NOW - RECEIPT_BEHIND));
	});
}
