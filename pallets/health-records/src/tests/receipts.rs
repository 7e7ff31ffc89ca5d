use super::*;
use types::MAX_RECENT;

#[test]
fn the_custodians_gateway_logs_who_was_given_what() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		let stored = Receipts::<Test>::get(ADA, 0).expect("it was logged");
		assert_eq!((stored.org, stored.gateway, stored.block), (CLINIC, GATEWAY, 1));
		assert_eq!(stored.receipt, receipt(1, 1));
		let event = Event::AccessLogged {
			patient: ADA,
			index: 0,
			org: CLINIC,
			actor: HOSPITAL_GATEWAY,
			record: rid(1),
			effect: Effect::Permit,
			reason: Reason::Consent,
		};
		assert_eq!(last_event(), event);
	});
}

#[test]
fn a_receipt_is_no_change_that_decisions_depend_on() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		assert_eq!(revision(ADA), 1);
	});
}

#[test]
fn refusals_are_logged_too_for_records_of_any_status() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)));
		let refused =
			Receipt { effect: Effect::Deny, reason: Reason::Shredded, consent: None, rule: None, ..receipt(1, 1) };
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, refused));
	});
}

#[test]
fn only_a_gateway_of_the_custodian_logs() {
	test(|| {
		anchored(1);
		for who in [CLINICIAN, HOSPITAL_GATEWAY, CARRIER_GATEWAY, PATIENT, STRANGER] {
			assert_noop!(HealthRecords::log_access(signed(&who), ADA, receipt(1, 1)), Refusal::NotAuthorized);
		}
		suspend(&GATEWAY);
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)), Refusal::NotAuthorized);
		assert_noop!(HealthRecords::log_access(RuntimeOrigin::root(), ADA, receipt(1, 1)), DispatchError::BadOrigin);
	});
}

#[test]
fn any_providers_gateway_logs_for_a_patients_own_record() {
	test(|| {
		anchored_by_patient(1);
		for who in [CARRIER_GATEWAY, CLINICIAN, PATIENT] {
			assert_noop!(HealthRecords::log_access(signed(&who), ADA, receipt(1, 1)), Refusal::NotAuthorized);
		}
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		assert_ok!(HealthRecords::log_access(signed(&HOSPITAL_GATEWAY), ADA, receipt(1, 2)));
		assert_eq!(Receipts::<Test>::get(ADA, 1).map(|stored| stored.org), Some(HOSPITAL));
	});
}

#[test]
fn a_receipt_is_about_a_known_record_and_version() {
	test(|| {
		anchored(1);
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(2, 1)), Refusal::NotFound);
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), BEN, receipt(1, 1)), Refusal::NotFound);
		for version in [0, 2, u32::MAX] {
			assert_noop!(
				HealthRecords::log_access(signed(&GATEWAY), ADA, Receipt { version, ..receipt(1, 1) }),
				Refusal::UnknownVersion
			);
		}
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)));
		for version in [1, 2] {
			let receipt = Receipt { version, ..receipt(1, version as u8) };
			assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt));
		}
	});
}

#[test]
fn a_receipts_reason_belongs_to_its_effect() {
	test(|| {
		anchored(1);
		let permits = [Reason::Patient, Reason::BreakGlass, Reason::Guardian, Reason::Consent, Reason::DefaultPolicy];
		for reason in Reason::ALL {
			for effect in [Effect::Permit, Effect::Deny] {
				let logged = HealthRecords::log_access(
					signed(&GATEWAY),
					ADA,
					Receipt { effect, reason, ..receipt(1, reason as u8) },
				);
				if permits.contains(&reason) == (effect == Effect::Permit) {
					assert_ok!(logged);
				} else {
					assert_eq!(logged, Err(Refusal::InvalidReceipt.into()));
				}
			}
		}
	});
}

#[test]
fn a_receipt_names_the_consent_that_decided() {
	test(|| {
		anchored(1);
		let log = |effect, reason, rule| {
			let receipt = Receipt { effect, reason, consent: None, rule, ..receipt(1, 1) };
			HealthRecords::log_access(signed(&GATEWAY), ADA, receipt)
		};
		assert_noop!(log(Effect::Permit, Reason::Consent, None), Refusal::InvalidReceipt);
		assert_noop!(log(Effect::Deny, Reason::Denied, None), Refusal::InvalidReceipt);
		assert_noop!(log(Effect::Deny, Reason::NotPermitted, None), Refusal::InvalidReceipt);
		assert_noop!(log(Effect::Deny, Reason::NoAgreement, Some(0)), Refusal::InvalidReceipt);
		assert_ok!(log(Effect::Deny, Reason::NoConsent, None));
	});
}

#[test]
fn a_gateways_clock_may_be_ahead_a_little() {
	test(|| {
		anchored(1);
		let log = |at| HealthRecords::log_access(signed(&GATEWAY), ADA, Receipt { at, ..receipt(1, 1) });
		assert_noop!(log(NOW + RECEIPT_AHEAD + 1), Refusal::InFuture);
		assert_noop!(log(u64::MAX), Refusal::InFuture);
		assert_ok!(log(NOW + RECEIPT_AHEAD));
	});
}

#[test]
fn a_gateway_has_a_week_to_log() {
	test(|| {
		anchored(1);
		let log = |at| HealthRecords::log_access(signed(&GATEWAY), ADA, Receipt { at, ..receipt(1, 1) });
		assert_noop!(log(NOW - RECEIPT_BEHIND - 1), Refusal::Expired);
		assert_noop!(log(0), Refusal::Expired);
		assert_ok!(log(NOW - RECEIPT_BEHIND));
	});
}

#[test]
fn the_same_request_for_the_same_record_is_logged_once() {
	test(|| {
		anchored(1);
		anchored(2);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)), Refusal::Replayed);
		// What was said about the request does not make it another.
		let other = Receipt { at: NOW - 1, actor: STRANGER, ..receipt(1, 1) };
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, other), Refusal::Replayed);
		// One request may ask for several records, and a record is asked for again.
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(2, 1)));
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 2)));
	});
}

#[test]
fn as_many_requests_are_remembered_as_is_said() {
	test(|| {
		anchored(1);
		for request in 0..MAX_RECENT as u8 {
			assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, request)));
		}
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 0)), Refusal::Replayed);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 255)));
		// The oldest gave way, the next is still known.
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)), Refusal::Replayed);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 0)));
	});
}

#[test]
fn receipts_are_numbered_for_each_patient_and_numbers_are_not_used_again() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::anchor(signed(&OTHER_PATIENT), BEN, input(1)));
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), BEN, receipt(1, 1)));
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 1));
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 2)));
		assert_eq!(Receipts::<Test>::iter_key_prefix(ADA).collect::<Vec<_>>(), vec![1]);
		assert_eq!(Receipts::<Test>::iter_key_prefix(BEN).collect::<Vec<_>>(), vec![0]);
	});
}

#[test]
fn receipts_are_kept_for_the_retention_period() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		set_now(NOW + RETENTION - 1);
		assert_noop!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 10), Refusal::NothingToPrune);
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 10));
		assert_eq!(Receipts::<Test>::iter_prefix(ADA).count(), 0);
		assert_eq!(last_event(), Event::ReceiptsPruned { patient: ADA, org: CLINIC, from_index: 0, count: 1 });
		assert_noop!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 10), Refusal::NothingToPrune);
	});
}

#[test]
fn pruning_passes_over_the_receipts_of_others_and_younger_ones() {
	test(|| {
		anchored_by_patient(1);
		for (request, who) in [(0, GATEWAY), (1, HOSPITAL_GATEWAY), (2, GATEWAY)] {
			assert_ok!(HealthRecords::log_access(signed(&who), ADA, receipt(1, request)));
		}
		set_now(NOW + DAY);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 3)));
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 100));
		let mut left: Vec<_> = Receipts::<Test>::iter_key_prefix(ADA).collect();
		left.sort();
		assert_eq!(left, vec![1, 3]);
		assert_eq!(last_event(), Event::ReceiptsPruned { patient: ADA, org: CLINIC, from_index: 0, count: 2 });
	});
}

#[test]
fn pruning_looks_at_the_numbers_asked_for_only() {
	test(|| {
		anchored(1);
		for request in 0..4 {
			assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, request)));
		}
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 1, 2));
		assert!(Receipts::<Test>::contains_key(ADA, 0) && Receipts::<Test>::contains_key(ADA, 3));
		assert_noop!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, u64::MAX, 100), Refusal::NothingToPrune);
	});
}

#[test]
fn pruning_is_for_gateways_and_bounded() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		set_now(NOW + RETENTION);
		for who in [CLINICIAN, PATIENT, STRANGER] {
			assert_noop!(HealthRecords::prune_receipts(signed(&who), ADA, 0, 1), Refusal::NotAuthorized);
		}
		assert_noop!(HealthRecords::prune_receipts(signed(&HOSPITAL_GATEWAY), ADA, 0, 1), Refusal::NothingToPrune);
		assert_noop!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 0), Refusal::Empty);
		assert_noop!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, MAX_PRUNE + 1), Refusal::TooMany);
		assert_noop!(HealthRecords::prune_receipts(RuntimeOrigin::root(), ADA, 0, 1), DispatchError::BadOrigin);
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, MAX_PRUNE));
	});
}
