//! Registration and policy.

use super::*;
use crate::types::Patient;
use salus_primitives::{consent::Finding, inputs::Friend};

#[test]
fn a_patient_registers_and_the_signer_controls_the_records() {
	run(|| {
		register_p1();
		assert_eq!(capacity(P1, ALICE), Some(Capacity::Patient));
		assert!(Consent::exists(&P1));
		assert_last_events(vec![Event::PatientRegistered { patient: P1, controller: ALICE }]);
		let entry = Patients::<Test>::get(P1).expect("P1 is registered");
		assert_eq!((entry.revision, entry.label_epoch, entry.next_consent), (1, 1, 0));
	});
}

#[test]
fn one_account_may_control_several_patients() {
	run(|| {
		register_p1();
		assert_ok!(Consent::register_patient(signed(ALICE), P2, DefaultPolicy::Deny, BreakGlass::Forbidden));
	});
}

#[test]
fn a_taken_pseudonym_is_refused() {
	run(|| {
		register_p1();
		for who in [ALICE, BOB] {
			assert_noop!(
				Consent::register_patient(signed(who), P1, DefaultPolicy::Deny, BreakGlass::Allowed),
				Error::<Test>::AlreadyExists
			);
		}
	});
}

#[test]
fn registration_holds_a_deposit_for_the_largest_entry() {
	run(|| {
		register_p1();
		let largest = Patient::<<Test as crate::Config>::Consideration>::max_encoded_len() as u128;
		assert_eq!(held(&ALICE), DEPOSIT_BASE + largest);
	});
}

#[test]
fn who_cannot_pay_the_deposit_registers_nobody() {
	run(|| {
		let origin = signed(PAUPER);
		let refused = Consent::register_patient(origin, P1, DefaultPolicy::Deny, BreakGlass::Allowed);
		assert_noop!(refused, sp_runtime::TokenError::FundsUnavailable);
	});
}

#[test]
fn the_policy_is_replaced() {
	run(|| {
		register_p1();
		let (default_policy, break_glass) = (DefaultPolicy::NormalForTreatment, BreakGlass::Forbidden);
		assert_ok!(Consent::set_policy(signed(ALICE), P1, default_policy, break_glass));
		assert_last_events(vec![Event::PolicyChanged { patient: P1, default_policy, break_glass }]);
		let entry = Patients::<Test>::get(P1).expect("P1 is registered");
		assert_eq!((entry.default_policy, entry.break_glass), (default_policy, break_glass));
	});
}

#[test]
fn every_call_counts_once_in_the_revision() {
	run(|| {
		register_p1();
		let mut expected = 1;
		let mut counted = |result: DispatchResult| {
			assert_ok!(result);
			expected += 1;
			assert_eq!(revision(P1), expected);
		};
		counted(Consent::set_policy(signed(ALICE), P1, DefaultPolicy::Deny, BreakGlass::Allowed));
		counted(open_care(HOSPITAL, CHEN, NOW + DAY));
		counted(open_care(HOSPITAL, CHEN, NOW + 2 * DAY));
		counted(Consent::close_care(signed(ALICE), P1, HOSPITAL));
		counted(try_grant(treatment_by(CHEN)));
		counted(try_grant(ConsentInput { supersedes: Some(0), ..treatment_by(CHEN) }));
		counted(Consent::withdraw(signed(ALICE), P1, 1));
		counted(Consent::remove_consent(signed(ALICE), P1, 1));
		counted(try_grant(treatment_by(CHEN)));
		counted(Consent::enter_consent_in_error(signed(ALICE), P1, 2));
		counted(Consent::touch(&P1).map(|_| ()));
		counted(Consent::appoint_guardian(signed(ALICE), P1, guardian(BOB, GuardianScope::Full)));
		counted(Consent::end_guardian(signed(BOB), P1, 0));
		counted(Consent::propose(signed(CHEN), P1, treatment_by(CHEN)));
		counted(Consent::reject(signed(ALICE), P1, 3));
		counted(Consent::propose(signed(CHEN), P1, treatment_by(CHEN)));
		counted(Consent::accept(signed(ALICE), P1, 4));
		let friend = Friend::Account(FRIENDS[0].clone());
		let friends = || vec![friend.clone()].try_into().expect("one friend");
		counted(Consent::set_friends(signed(ALICE), P1, friends(), 1, DAY));
		counted(Consent::vouch(signed(FRIENDS[0].clone()), P1, BOB));
		counted(Consent::stop_recovery(signed(ALICE), P1));
		counted(Consent::vouch(signed(FRIENDS[0].clone()), P1, ALICE_AGAIN));
		set_time(NOW + DAY);
		counted(Consent::finish_recovery(signed(STRANGER), P1));
		let (reason, finding) = (EmergencyReason::EmergencyTreatment, Finding::Justified);
		counted(Consent::break_glass(signed(CHEN), P1, reason, H256::zero()));
		counted(Consent::object_to_glass(signed(ALICE_AGAIN), P1, CHEN, H256::zero()));
		counted(Consent::review_glass(signed(QUINN), P1, CHEN, finding, H256::zero()));
		set_time(NOW + 999 * DAY);
		counted(Consent::remove_glass(signed(CHEN), P1, CHEN));
	});
}

#[test]
fn other_pallets_count_their_changes_with_touch() {
	run(|| {
		register_p1();
		assert_eq!(Consent::touch(&P1), Ok(2));
		assert_eq!(Consent::touch(&P1), Ok(3));
		assert_noop!(Consent::touch(&NOBODY), Error::<Test>::PatientNotFound);
	});
}

#[test]
fn a_failed_call_counts_nothing() {
	run(|| {
		register_p1();
		assert_noop!(Consent::withdraw(signed(ALICE), P1, 0), Error::<Test>::ConsentNotFound);
		assert_eq!(revision(P1), 1);
	});
}

#[test]
fn nothing_is_known_of_a_patient_who_never_registered() {
	run(|| {
		assert!(!Consent::exists(&NOBODY));
		assert_eq!(capacity(NOBODY, ALICE), None);
		assert_eq!(Consent::label_epoch(&NOBODY), None);
		assert!(!Consent::in_care(&NOBODY, HOSPITAL, NOW));
	});
}
