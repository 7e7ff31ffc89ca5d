//! Misuse that the design names, as far as it concerns records: each test says which, and that it fails with its own
//! error.

use super::*;
use salus_primitives::{traits::Records as _, Month};

/// "Replayed request": what one request was given is logged once, whoever of the custodian's gateways reports it again.
#[test]
fn a_replayed_request_is_logged_once() {
	test(|| {
		anchored(1);
		fund(&PENNILESS);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		for who in [GATEWAY, PENNILESS] {
			let again = Receipt { at: NOW + 1, ..receipt(1, 1) };
			assert_noop!(HealthRecords::log_access(signed(&who), ADA, again), Refusal::Replayed);
		}
	});
}

/// "Replayed request, also at another gateway": another organisation's gateway reports nothing of the custodian's records.
#[test]
fn another_organisations_gateway_reports_nothing() {
	test(|| {
		anchored(1);
		let logged = HealthRecords::log_access(signed(&HOSPITAL_GATEWAY), ADA, receipt(1, 1));
		assert_noop!(logged, Refusal::NotAuthorized);
	});
}

/// "Revoke then read in the same block": what permitted to collect permits nothing from the moment it is gone.
#[test]
fn a_revoked_consent_collects_nothing_in_the_same_block() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		hypothetically!({
			assert_ok!(HealthRecords::anchor(signed(&HOSPITAL_GATEWAY), ADA, input(1)));
		});
		forbid_collection(ADA, HOSPITAL);
		let anchor = HealthRecords::anchor(signed(&HOSPITAL_GATEWAY), ADA, input(1));
		assert_noop!(anchor, Refusal::NotPermitted);
		close_care(ADA, CLINIC);
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(1)), Refusal::NotPermitted);
	});
}

/// "Bypass through batch": one record that is not permitted refuses the whole of `anchor_many`.
#[test]
fn a_batch_carries_nothing_along() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		let condition = RecordInput { resource_type: salus_primitives::ResourceType::Condition, ..input(2) };
		let records = BoundedVec::truncate_from(vec![input(1), condition]);
		let anchor = HealthRecords::anchor_many(signed(&HOSPITAL_GATEWAY), ADA, records);
		assert_noop!(anchor, Refusal::NotPermitted);
	});
}

/// "Bypass through council": a council's origin is nobody's signature.
#[test]
fn root_may_do_nothing_here() {
	test(|| {
		anchored(1);
		let root = RuntimeOrigin::root;
		let refusal = DispatchError::BadOrigin;
		let records = BoundedVec::truncate_from(vec![input(2)]);
		assert_noop!(HealthRecords::anchor(root(), ADA, input(2)), refusal);
		assert_noop!(HealthRecords::anchor_many(root(), ADA, records), refusal);
		assert_noop!(HealthRecords::amend(root(), ADA, input(1)), refusal);
		assert_noop!(HealthRecords::restrict(root(), ADA, rid(1)), refusal);
		assert_noop!(HealthRecords::lift_restriction(root(), ADA, rid(1)), refusal);
		assert_noop!(HealthRecords::enter_in_error(root(), ADA, rid(1)), refusal);
		assert_noop!(HealthRecords::shred(root(), ADA, rid(1)), refusal);
		assert_noop!(HealthRecords::log_access(root(), ADA, receipt(1, 1)), refusal);
		assert_noop!(HealthRecords::log_access_batch(root(), H256::zero(), 1, NOW, NOW), refusal);
		assert_noop!(HealthRecords::prune_receipts(root(), ADA, 0, 1), refusal);
		assert_noop!(HealthRecords::offer_custody(root(), ADA, rid(1), HOSPITAL), refusal);
		assert_noop!(HealthRecords::approve_custody(root(), ADA, rid(1), HOSPITAL), refusal);
		assert_noop!(HealthRecords::accept_custody(root(), ADA, rid(1), locator(b"x")), refusal);
		assert_noop!(HealthRecords::withdraw_offer(root(), ADA, rid(1)), refusal);
		assert_noop!(HealthRecords::prune_batch(root(), 0), refusal);
	});
}

/// "An ended guardian, and what they permitted": from the end of the authority on, be it by time or before, a guardian
/// neither keeps records nor lets a custodian change. (What guardians consented to is the decision's to judge.)
#[test]
fn an_ended_guardian_keeps_nothing() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::anchor(signed(&GUARDIAN), ADA, input(2)));
		assert_ok!(HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), HOSPITAL));
		let refused = || {
			let who = || signed(&GUARDIAN);
			assert_noop!(HealthRecords::anchor(who(), ADA, input(3)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::amend(who(), ADA, input(2)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::shred(who(), ADA, rid(2)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::restrict(who(), ADA, rid(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::approve_custody(who(), ADA, rid(1), HOSPITAL), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::withdraw_offer(who(), ADA, rid(1)), Refusal::NotAuthorized);
		};
		hypothetically!({
			end_guardian(ADA, &GUARDIAN);
			refused();
		});
		set_now(GUARDIAN_END - 1);
		hypothetically!({
			assert_ok!(HealthRecords::restrict(signed(&GUARDIAN), ADA, rid(1)));
		});
		set_now(GUARDIAN_END);
		refused();
		// What the guardian anchored is the patient's and stays.
		assert_ok!(HealthRecords::amend(signed(&PATIENT), ADA, input(2)));
	});
}

/// "Self-appointed guardian": who says to act for a patient does not.
#[test]
fn nobody_acts_for_a_patient_by_saying_so() {
	test(|| {
		anchored_by_patient(1);
		for who in [CLINICIAN, GATEWAY, OTHER_PATIENT, STRANGER] {
			assert_noop!(HealthRecords::restrict(signed(&who), ADA, rid(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::amend(signed(&who), ADA, input(1)), Refusal::NotAuthorized);
		}
	});
}

/// "Inverted period, `u64::MAX`": of data, and of a batch.
#[test]
fn periods_and_moments_at_their_limits() {
	test(|| {
		let inverted = RecordInput { data_from: Month(i16::MAX), data_to: Month(i16::MIN), ..input(1) };
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, inverted), Refusal::InvertedPeriod);
		let log = |from, to| HealthRecords::log_access_batch(signed(&GATEWAY), H256::zero(), 1, from, to);
		assert_noop!(log(u64::MAX, NOW), Refusal::InvertedPeriod);
		assert_noop!(log(NOW, u64::MAX), Refusal::InFuture);
		assert_noop!(log(0, 0), Refusal::Expired);
		assert_noop!(HealthRecords::prune_batch(signed(&GATEWAY), u64::MAX), Refusal::NothingToPrune);
		// A clock at its end wraps nothing.
		assert_ok!(log(NOW, NOW));
		let far = u64::MAX - RECEIPT_AHEAD;
		enrol(&GATEWAY, CLINIC, &[MemberRole::Gateway], &[OrgRole::Provider]);
		ReceiptBatches::<Test>::mutate(CLINIC, 0, |batch| batch.as_mut().expect("it was logged").to = far);
		assert_noop!(HealthRecords::prune_batch(signed(&GATEWAY), 0), Refusal::NothingToPrune);
	});
}

/// "A wrong label epoch": at the first version and at any later one.
#[test]
fn labels_under_another_key_are_refused() {
	test(|| {
		anchored(1);
		for label_epoch in [1, u32::MAX] {
			let wrong = |n| RecordInput { label_epoch, ..input(n) };
			assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, wrong(2)), Refusal::WrongLabelEpoch);
			assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, wrong(1)), Refusal::WrongLabelEpoch);
		}
	});
}

/// "Dictionary attack on commitments": all that says something about a shredded record's content is gone, and the
/// commitment's salt went with the key.
#[test]
fn a_tombstone_says_nothing_of_the_content() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)));
		let tombstone = stored(1);
		assert!(tombstone.locator.is_empty() && tombstone.labels == 0 && tombstone.episode.is_none());
	});
}

/// "A suspended clinician": in whatever capacity an organisation gives, not one call.
#[test]
fn a_suspended_member_does_nothing() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), HOSPITAL));
		assert_ok!(HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(1), HOSPITAL));
		for who in [CLINICIAN, GATEWAY, HOSPITAL_GATEWAY] {
			suspend(&who);
			let who = || signed(&who);
			assert_noop!(HealthRecords::anchor(who(), ADA, input(2)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::amend(who(), ADA, input(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::enter_in_error(who(), ADA, rid(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::shred(who(), ADA, rid(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::log_access(who(), ADA, receipt(1, 1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::offer_custody(who(), ADA, rid(1), PHARMACY), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::accept_custody(who(), ADA, rid(1), locator(b"x")), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::withdraw_offer(who(), ADA, rid(1)), Refusal::NotAuthorized);
		}
	});
}

/// "A request that leaves out its labels": a decision about an anchored record is told its labels from the anchor, and
/// of a key that is not the present one that they are unknown.
#[test]
fn a_records_labels_are_not_the_requesters_to_leave_out() {
	test(|| {
		anchored(1);
		let labels = || HealthRecords::resource(&ADA, &rid(1)).expect("it is anchored").0.labels;
		assert_eq!(labels(), Some(input(1).labels));
		set_label_epoch(ADA, 1);
		assert_eq!(labels(), None);
	});
}

/// A custodian that offers a record and amends it before it is accepted does not leave the new custodian with a version
/// that it does not hold.
#[test]
fn an_amendment_in_the_same_block_takes_the_offer_with_it() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), HOSPITAL));
		assert_ok!(HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(1), HOSPITAL));
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)));
		let accept = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), locator(b"x"));
		assert_noop!(accept, Refusal::NotOffered);
	});
}
