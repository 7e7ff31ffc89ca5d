//! Withdrawal, mistakes and removal.

use super::*;

#[test]
fn revoked_consent_refuses_the_next_read() {
	run(|| {
		register_p1();
		let id = grant(treatment_by(CHEN));
		assert!(read_by(CHEN).is_permit());
		assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
		let status = ConsentStatus::Withdrawn;
		assert_last_events(vec![Event::ConsentEnded { patient: P1, consent: id, status }]);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent, "in the same block");
		assert_eq!(status_of(id), status);
	});
}

#[test]
fn withdrawing_one_consent_leaves_the_others() {
	run(|| {
		register_p1();
		let (first, second) = (grant(treatment_by(CHEN)), grant(treatment_by(CHEN)));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, first));
		let decision = read_by(CHEN);
		assert_eq!((decision.reason, decision.consent), (Reason::Consent, Some(second)));
	});
}

#[test]
fn a_consent_is_withdrawn_once() {
	run(|| {
		register_p1();
		let id = grant(treatment_by(CHEN));
		assert_noop!(Consent::withdraw(signed(ALICE), P1, id + 1), Error::<Test>::ConsentNotFound);
		assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
		assert_noop!(Consent::withdraw(signed(ALICE), P1, id), Error::<Test>::NotActive);
	});
}

#[test]
fn a_consent_can_be_withdrawn_before_it_starts_and_not_after_it_expired() {
	run(|| {
		register_p1();
		let period = ConsentInput { start: Some(NOW + HOUR), end: Some(NOW + DAY), ..treatment_by(CHEN) };
		let id = grant(period);
		hypothetically_ok!(Consent::withdraw(signed(ALICE), P1, id));
		set_time(NOW + DAY - 1);
		hypothetically_ok!(Consent::withdraw(signed(ALICE), P1, id));
		set_time(NOW + DAY);
		assert_noop!(Consent::withdraw(signed(ALICE), P1, id), Error::<Test>::Expired);
	});
}

#[test]
fn what_should_never_have_been_ends_at_once() {
	run(|| {
		register_p1();
		let id = grant(treatment_by(CHEN));
		assert_ok!(Consent::enter_consent_in_error(signed(ALICE), P1, id));
		let status = ConsentStatus::EnteredInError;
		assert_last_events(vec![Event::ConsentEnded { patient: P1, consent: id, status }]);
		assert_eq!((status_of(id), read_by(CHEN).reason), (status, Reason::NoConsent));
		assert_noop!(Consent::enter_consent_in_error(signed(ALICE), P1, id), Error::<Test>::NotActive);
		assert_noop!(Consent::enter_consent_in_error(signed(ALICE), P1, 9), Error::<Test>::ConsentNotFound);
	});
}

#[test]
fn an_expired_consent_can_be_marked_as_an_error_but_not_one_that_ended() {
	run(|| {
		register_p1();
		let expired = grant(ConsentInput { end: Some(NOW + 1), ..treatment_by(CHEN) });
		let withdrawn = grant(treatment_by(CHEN));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, withdrawn));
		set_time(NOW + 1);
		assert_noop!(Consent::enter_consent_in_error(signed(ALICE), P1, withdrawn), Error::<Test>::NotActive);
		assert_ok!(Consent::enter_consent_in_error(signed(ALICE), P1, expired));
		assert_eq!(active_ids(), Vec::<ConsentId>::new());
	});
}

#[test]
fn what_ended_keeps_its_deposit_until_it_is_removed() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		let id = grant(treatment_by(CHEN));
		let with_consent = held(&ALICE);
		assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
		assert_eq!(held(&ALICE), with_consent);
		assert_ok!(Consent::remove_consent(signed(ALICE), P1, id));
		assert_last_events(vec![Event::ConsentRemoved { patient: P1, consent: id }]);
		assert_eq!(held(&ALICE), before);
		assert!(!Consents::<Test>::contains_key(P1, id));
		assert_noop!(Consent::remove_consent(signed(ALICE), P1, id), Error::<Test>::ConsentNotFound);
	});
}

#[test]
fn the_deposit_returns_to_who_paid_it_though_another_removes() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		let id = grant(treatment_by(CHEN));
		Patients::<Test>::mutate(P1, |entry| entry.as_mut().expect("P1 is registered").controller = BOB);
		assert_ok!(Consent::withdraw(signed(BOB), P1, id));
		assert_ok!(Consent::remove_consent(signed(BOB), P1, id));
		assert_eq!((held(&ALICE), held(&BOB)), (before, 0));
	});
}

#[test]
fn every_kind_of_ended_consent_can_be_removed() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		let withdrawn = grant(treatment_by(CHEN));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, withdrawn));
		let mistaken = grant(treatment_by(CHEN));
		assert_ok!(Consent::enter_consent_in_error(signed(ALICE), P1, mistaken));
		let superseded = grant(treatment_by(CHEN));
		let expired = grant(ConsentInput { end: Some(NOW + 1), supersedes: Some(superseded), ..treatment_by(CHEN) });
		assert_noop!(Consent::remove_consent(signed(ALICE), P1, expired), Error::<Test>::StillActive);
		set_time(NOW + 1);
		for id in [withdrawn, mistaken, superseded, expired] {
			assert_ok!(Consent::remove_consent(signed(ALICE), P1, id));
		}
		assert_eq!((active_ids(), held(&ALICE)), (Vec::new(), before));
	});
}

#[test]
fn a_consent_that_has_not_ended_cannot_be_removed() {
	run(|| {
		register_p1();
		let endless = grant(treatment_by(CHEN));
		let later = grant(ConsentInput { start: Some(NOW + DAY), ..treatment_by(CHEN) });
		for id in [endless, later] {
			assert_noop!(Consent::remove_consent(signed(ALICE), P1, id), Error::<Test>::StillActive);
		}
	});
}
