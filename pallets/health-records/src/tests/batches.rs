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

#[test]
fn a_batch_is_kept_for_the_retention_period_after_its_last_receipt() {
	test(|| {
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), ROOT, 1, 0, NOW - DAY));
		set_now(NOW - DAY + RETENTION - 1);
		assert_noop!(HealthRecords::prune_batch(signed(&GATEWAY), 0), Refusal::NothingToPrune);
		set_now(NOW - DAY + RETENTION);
		assert_ok!(HealthRecords::prune_batch(signed(&GATEWAY), 0));
		assert_eq!(last_event(), Event::BatchPruned { org: CLINIC, index: 0 });
		assert_eq!(HealthRecords::receipt_batch_view(CLINIC, 0), None);
		assert_noop!(HealthRecords::prune_batch(signed(&GATEWAY), 0), Refusal::NothingToPrune);
	});
}

#[test]
fn the_number_of_a_pruned_batch_is_not_used_again() {
	test(|| {
		let log = || HealthRecords::log_access_batch(signed(&GATEWAY), ROOT, 1, now(), now());
		assert_ok!(log());
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_batch(signed(&GATEWAY), 0));
		assert_ok!(log());
		assert_eq!(ReceiptBatches::<Test>::iter_key_prefix(CLINIC).collect::<Vec<_>>(), vec![1]);
	});
}

#[test]
fn an_organisations_gateways_prune_its_own_batches_only() {
	test(|| {
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), ROOT, 1, NOW, NOW));
		set_now(NOW + RETENTION);
		for who in [CLINICIAN, PATIENT, RETIRED, STRANGER] {
			assert_noop!(HealthRecords::prune_batch(signed(&who), 0), Refusal::NotAuthorized);
		}
		assert_noop!(HealthRecords::prune_batch(signed(&HOSPITAL_GATEWAY), 0), Refusal::NothingToPrune);
		assert_noop!(HealthRecords::prune_batch(RuntimeOrigin::none(), 0), DispatchError::BadOrigin);
		// Another gateway of the same organisation may.
		assert_ok!(HealthRecords::prune_batch(signed(&PENNILESS), 0));
	});
}

#[test]
fn a_receipt_is_proved_against_the_stored_root() {
	use salus_primitives::{
		merkle,
		receipts::{ProvenReceipt, ReceiptLeaf},
	};
	test(|| {
		let leaves: Vec<_> =
			(0..5).map(|n| ReceiptLeaf { patient: ADA, receipt: receipt(1, n), signature: [n; 64] }).collect();
		let contents: Vec<_> = leaves.iter().map(ReceiptLeaf::content).collect();
		let (root, count) = (merkle::root(&contents), contents.len() as u32);
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), root, count, NOW, NOW));
		let batch = HealthRecords::receipt_batch_view(CLINIC, 0).expect("it was stored");
		for (index, leaf) in (0..).zip(leaves) {
			let proof = merkle::proof(&contents, index).expect("there are so many");
			let proven = ProvenReceipt { org: CLINIC, batch: 0, index, leaf, proof };
			assert!(proven.is_in(&batch));
			let mut forged = proven.clone();
			forged.leaf.receipt.effect = Effect::Deny;
			assert!(!forged.is_in(&batch));
			assert!(!ProvenReceipt { index: (index + 1) % count, ..proven }.is_in(&batch));
		}
	});
}
