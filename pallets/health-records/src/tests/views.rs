use super::*;
use salus_primitives::{
	consent::Resource,
	traits::Records as _,
	views::{CustodyOfferView, PatientEvent, ReceiptBatchView, ReceiptView, MAX_PAGE},
	Confidentiality, DataPeriod, Episode, Month, ResourceType,
};

#[test]
fn pages_of_records_hold_each_once() {
	test(|| {
		(0..25).for_each(anchored);
		assert_ok!(HealthRecords::anchor(signed(&OTHER_PATIENT), BEN, input(1)));
		for limit in [1, 7, 24, 25, 26] {
			let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
			loop {
				let page = HealthRecords::records_page(&ADA, cursor, limit);
				assert!(page.items.len() <= limit as usize);
				assert!(page.items.iter().all(|record| record.patient == ADA));
				seen.extend(page.items.iter().map(|record| record.id));
				pages += 1;
				cursor = page.next;
				if cursor.is_none() {
					break;
				}
			}
			seen.sort();
			assert_eq!(seen, (0..25).map(rid).collect::<Vec<_>>());
			assert_eq!(pages, 25_u32.div_ceil(limit));
		}
	});
}

#[test]
fn a_page_has_at_least_one_and_at_most_a_hundred() {
	test(|| {
		(0..101).for_each(anchored);
		assert_eq!(HealthRecords::records_page(&ADA, None, u32::MAX).items.len(), MAX_PAGE as usize);
		assert_eq!(HealthRecords::records_page(&ADA, None, 0).items.len(), 1);
		let empty = HealthRecords::records_page(&BEN, None, 10);
		assert!(empty.items.is_empty() && empty.next.is_none());
	});
}

#[test]
fn receipts_are_listed_latest_first() {
	test(|| {
		anchored(1);
		for request in 0..5 {
			assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, request)));
		}
		let page = |cursor| {
			let page = HealthRecords::receipts_page(&ADA, cursor, 2);
			(page.items.iter().map(|receipt| receipt.index).collect::<Vec<_>>(), page.next)
		};
		assert_eq!(page(None), (vec![4, 3], Some(3)));
		assert_eq!(page(Some(3)), (vec![2, 1], Some(1)));
		assert_eq!(page(Some(1)), (vec![0], None));
		assert_eq!(page(Some(0)), (vec![], None));
		assert_eq!(page(Some(u64::MAX)), (vec![4, 3], Some(3)));
		let first = HealthRecords::receipts_page(&ADA, None, 1).items.remove(0);
		assert_eq!(first, ReceiptView { index: 4, org: CLINIC, block: 1, receipt: receipt(1, 4) });
	});
}

#[test]
fn receipts_are_found_behind_pruned_ones() {
	test(|| {
		anchored(1);
		for request in 0..4 {
			assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, request)));
		}
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 1, 2));
		let page = HealthRecords::receipts_page(&ADA, None, 2);
		assert_eq!(page.items.iter().map(|receipt| receipt.index).collect::<Vec<_>>(), vec![3, 0]);
	});
}

#[test]
fn a_wide_gap_of_pruned_receipts_is_crossed_page_by_page() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 0)));
		// As if all the later ones had been pruned.
		ReceiptLogs::<Test>::mutate(ADA, |log| log.next = MAX_PROBES + 1);
		let page = HealthRecords::receipts_page(&ADA, None, 10);
		assert!(page.items.is_empty());
		let page = HealthRecords::receipts_page(&ADA, page.next, 10);
		assert_eq!((page.items.len(), page.next), (1, None));
	});
}

#[test]
fn a_patients_subscribers_hear_of_records_and_receipts() {
	test(|| {
		let heard = || HealthRecords::patient_event(&last_event());
		anchored(1);
		assert_eq!(heard(), Some((ADA, PatientEvent::RecordAnchored { record: rid(1), version: 1 })));
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)));
		assert_eq!(heard(), Some((ADA, PatientEvent::RecordAnchored { record: rid(1), version: 2 })));
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		let status = RecordStatus::Restricted;
		assert_eq!(heard(), Some((ADA, PatientEvent::RecordStatusChanged { record: rid(1), status })));
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		let logged = PatientEvent::AccessLogged {
			index: 0,
			actor: HOSPITAL_GATEWAY,
			record: rid(1),
			effect: Effect::Permit,
			reason: Reason::Consent,
		};
		assert_eq!(heard(), Some((ADA, logged)));
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), H256::zero(), 1, NOW, NOW));
		assert_eq!(heard(), None);
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 1));
		assert_eq!(heard(), None);
	});
}

#[test]
fn a_patients_subscribers_hear_of_offers_and_of_a_new_custodian() {
	test(|| {
		let heard = || HealthRecords::patient_event(&last_event());
		anchored(1);
		assert_ok!(HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), HOSPITAL));
		assert_eq!(heard(), Some((ADA, PatientEvent::CustodyOffered { record: rid(1), to: HOSPITAL })));
		assert_ok!(HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(1), HOSPITAL));
		assert_eq!(heard(), None);
		assert_ok!(HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), locator(b"x")));
		assert_eq!(heard(), Some((ADA, PatientEvent::CustodyChanged { record: rid(1), custodian: HOSPITAL })));
	});
}

#[test]
fn an_offer_and_a_batch_are_told_as_stored() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), HOSPITAL));
		let offer = CustodyOfferView { record: rid(1), from: CLINIC, to: HOSPITAL, approved: false };
		assert_eq!(HealthRecords::custody_offer_view(&ADA, &rid(1)), Some(offer));
		assert_eq!(HealthRecords::custody_offer_view(&ADA, &rid(2)), None);
		assert_eq!(HealthRecords::custody_offer_view(&BEN, &rid(1)), None);
		let root = H256::repeat_byte(9);
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), root, 7, NOW - 1, NOW));
		let batch = ReceiptBatchView { org: CLINIC, index: 0, root, count: 7, from: NOW - 1, to: NOW, block: 1 };
		assert_eq!(HealthRecords::receipt_batch_view(CLINIC, 0), Some(batch));
		assert_eq!(HealthRecords::receipt_batch_view(CLINIC, 1), None);
		assert_eq!(HealthRecords::receipt_batch_view(HOSPITAL, 0), None);
	});
}

#[test]
fn decisions_are_told_every_fact_of_a_record() {
	test(|| {
		anchored(1);
		let resource = Resource {
			record: Some(rid(1)),
			resource_type: ResourceType::Observation,
			confidentiality: Some(Confidentiality::Normal),
			labels: Some(0b101),
			period: Some(DataPeriod::months(Month(600), Month(612))),
			author: Some(CLINICIAN),
			custodian: Some(CLINIC),
			episode: Some(Episode([1; 16])),
		};
		assert_eq!(HealthRecords::resource(&ADA, &rid(1)), Some((resource, RecordStatus::Active)));
		assert_eq!(HealthRecords::resource(&BEN, &rid(1)), None);
		assert_eq!(HealthRecords::resource(&ADA, &rid(2)), None);
	});
}

#[test]
fn labels_of_an_older_key_are_unknown_to_decisions() {
	test(|| {
		anchored(1);
		set_label_epoch(ADA, 1);
		let labels = || HealthRecords::resource(&ADA, &rid(1)).expect("it is anchored").0.labels;
		assert_eq!(labels(), None);
		let relabelled = RecordInput { label_epoch: 1, labels: 0b11, ..input(1) };
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, relabelled));
		assert_eq!(labels(), Some(0b11));
	});
}
