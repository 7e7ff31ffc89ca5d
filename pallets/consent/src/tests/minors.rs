//! Minors: a guardian registers them, and they take over when they come of age, without a transaction.

use super::*;
use crate::types::{Patient, MAX_MINORITY};
use GuardianScope::{ConsentOnly, Full, ReadOnly};

fn until_majority(number: GuardianshipId, scope: GuardianScope) -> Option<Capacity> {
	Some(Capacity::Guardian { number, scope, period: Period { from: NOW, until: Some(MAJORITY) } })
}

fn appoint_p3(who: AccountId, input: GuardianInput) -> DispatchResult {
	Consent::appoint_guardian(signed(who), P3, input)
}

#[test]
fn a_mother_registers_an_infant_and_acts_for_it() {
	run(|| {
		register_p3();
		assert_last_events(vec![
			Event::PatientRegistered { patient: P3, controller: CHILD },
			Event::GuardianAppointed { patient: P3, number: 0, account: MOTHER },
		]);
		assert_eq!(capacity(P3, MOTHER), until_majority(0, Full));
		assert_eq!(capacity(P3, CHILD), None);
		let view = Consent::patient_view(P3).expect("P3 is registered");
		assert_eq!((view.controller, view.minor_until), (CHILD, Some(MAJORITY)));
		let guardian = &view.guardians[0];
		assert_eq!(
			(guardian.account.clone(), guardian.relationship, guardian.scope),
			(MOTHER, Relationship::Prn, Full)
		);
		assert_eq!((guardian.period.until, guardian.in_authority), (Some(MAJORITY), true));
		let largest = Patient::<<Test as crate::Config>::Consideration>::max_encoded_len() as u128;
		assert_eq!((held(&MOTHER), held(&CHILD)), (DEPOSIT_BASE + largest, 0));
	});
}

#[test]
fn a_mother_consents_for_her_infant() {
	run(|| {
		register_p3();
		assert_eq!(read_of(P3, CHEN).reason, Reason::NoConsent);
		let id = grant_by(MOTHER, P3, treatment_by(CHEN));
		let decision = read_of(P3, CHEN);
		assert_eq!((decision.reason, decision.consent), (Reason::Consent, Some(id)));
		assert_eq!(decision.valid_until, Some(MAJORITY));
		assert_eq!(read_of(P3, MOTHER).reason, Reason::Guardian);
		assert_ok!(Consent::set_policy(signed(MOTHER), P3, DefaultPolicy::NormalForTreatment, BreakGlass::Allowed));
		assert_ok!(Consent::open_care(signed(MOTHER), P3, HOSPITAL, NOW + DAY, CHEN, sealed_key()));
	});
}

#[test]
fn a_minor_does_not_act_before_majority() {
	run(|| {
		register_p3();
		let id = grant_by(MOTHER, P3, treatment_by(CHEN));
		set_time(MAJORITY - 1);
		for call in [
			Consent::grant(signed(CHILD), P3, treatment_by(MALLORY)),
			Consent::withdraw(signed(CHILD), P3, id),
			Consent::set_policy(signed(CHILD), P3, DefaultPolicy::Deny, BreakGlass::Forbidden),
			Consent::appoint_guardian(signed(CHILD), P3, guardian(MALLORY, Full)),
			Consent::end_guardian(signed(CHILD), P3, 0),
		] {
			assert_eq!(call, Err(Error::<Test>::NotAuthorized.into()));
		}
		assert_eq!(read_of(P3, CHILD).reason, Reason::NoConsent);
	});
}

#[test]
fn a_minor_takes_over_at_majority_without_a_transaction() {
	run(|| {
		register_p3();
		let before = stored();
		set_time(MAJORITY - 1);
		assert_eq!((capacity(P3, MOTHER), capacity(P3, CHILD)), (until_majority(0, Full), None));
		assert_eq!(read_of(P3, MOTHER).valid_until, Some(MAJORITY));
		assert_eq!(read_of(P3, CHILD).valid_until, Some(MAJORITY), "the refusal is not valid beyond that");
		set_time(MAJORITY);
		assert_eq!((capacity(P3, MOTHER), capacity(P3, CHILD)), (None, Some(Capacity::Patient)));
		assert_eq!((read_of(P3, MOTHER).reason, read_of(P3, CHILD).reason), (Reason::NoConsent, Reason::Patient));
		assert_noop!(Consent::grant(signed(MOTHER), P3, treatment_by(CHEN)), Error::<Test>::NotAuthorized);
		assert_eq!(stored(), before, "nothing was written");
		grant_by(CHILD, P3, treatment_by(CHEN));
		assert_eq!(read_of(P3, CHEN).reason, Reason::Consent);
	});
}

#[test]
fn what_the_mother_permitted_ends_at_majority() {
	run(|| {
		register_p3();
		let id = grant_by(MOTHER, P3, treatment_by(CHEN));
		set_time(MAJORITY - 1);
		assert_eq!(read_of(P3, CHEN).reason, Reason::Consent);
		set_time(MAJORITY);
		assert_eq!(read_of(P3, CHEN).reason, Reason::NoConsent);
		// The child clears it away, and the mother gets her deposit.
		let before = held(&MOTHER);
		assert_noop!(Consent::withdraw(signed(CHILD), P3, id), Error::<Test>::Expired);
		assert_ok!(Consent::remove_consent(signed(CHILD), P3, id));
		assert!(held(&MOTHER) < before && held(&CHILD) == 0);
	});
}

#[test]
fn after_majority_the_patient_may_appoint_the_mother_anew() {
	run(|| {
		register_p3();
		grant_by(MOTHER, P3, treatment_by(CHEN));
		set_time(MAJORITY);
		assert_noop!(appoint_p3(MOTHER, guardian(MOTHER, Full)), Error::<Test>::NotAuthorized);
		assert_ok!(appoint_p3(CHILD, guardian(MOTHER, ReadOnly)));
		let period = Period { from: MAJORITY, until: None };
		assert_eq!(capacity(P3, MOTHER), Some(Capacity::Guardian { number: 1, scope: ReadOnly, period }));
		assert_eq!(read_of(P3, CHEN).reason, Reason::NoConsent, "what she permitted is not revived");
		set_time(MAJORITY + 100 * 365 * DAY);
		assert!(capacity(P3, MOTHER).is_some(), "nothing cuts it");
	});
}

#[test]
fn a_full_guardian_appoints_others_whose_authority_majority_cuts() {
	run(|| {
		register_p3();
		assert_ok!(appoint_p3(MOTHER, guardian(BOB, Full)));
		assert_ok!(appoint_p3(
			MOTHER,
			GuardianInput { until: Some(MAJORITY + DAY), ..guardian(STRANGER, ConsentOnly) }
		));
		assert_eq!(capacity(P3, BOB), until_majority(1, Full));
		assert_eq!(capacity(P3, STRANGER), until_majority(2, ConsentOnly));
		assert_ok!(appoint_p3(BOB, guardian(DIAZ, ReadOnly)));
		for who in [STRANGER, DIAZ, CHILD, MALLORY] {
			assert_noop!(appoint_p3(who, guardian(MALLORY, Full)), Error::<Test>::NotAuthorized);
		}
		grant_by(STRANGER, P3, treatment_by(CHEN));
		set_time(MAJORITY);
		for who in [MOTHER, BOB, STRANGER, DIAZ] {
			assert_eq!(capacity(P3, who), None);
		}
		assert_eq!(read_of(P3, CHEN).reason, Reason::NoConsent);
	});
}

#[test]
fn a_guardianship_of_a_minor_cannot_begin_after_majority() {
	run(|| {
		register_p3();
		for from in [MAJORITY, MAJORITY + DAY] {
			let late = GuardianInput { from: Some(from), ..guardian(BOB, Full) };
			assert_noop!(appoint_p3(MOTHER, late), Error::<Test>::EndBeforeStart);
		}
		assert_ok!(appoint_p3(MOTHER, GuardianInput { from: Some(MAJORITY - 1), ..guardian(BOB, Full) }));
	});
}

#[test]
fn the_ward_is_not_appointed_guardian_of_itself() {
	run(|| {
		register_p3();
		assert_noop!(appoint_p3(MOTHER, guardian(CHILD, Full)), Error::<Test>::SelfGuardian);
	});
}

#[test]
fn guardians_of_a_minor_end_whom_they_appointed_and_no_others() {
	run(|| {
		register_p3();
		assert_ok!(appoint_p3(MOTHER, guardian(BOB, Full)));
		assert_ok!(appoint_p3(BOB, guardian(STRANGER, ReadOnly)));
		let end = |who, number| Consent::end_guardian(signed(who), P3, number);
		assert_noop!(end(BOB, 0), Error::<Test>::NotAuthorized);
		assert_noop!(end(MOTHER, 2), Error::<Test>::NotAuthorized);
		// Who has no authority any more ends nobody's.
		hypothetically!({
			assert_ok!(end(BOB, 1));
			assert_noop!(end(BOB, 2), Error::<Test>::NotAuthorized);
		});
		hypothetically_ok!(end(BOB, 2));
		hypothetically_ok!(end(STRANGER, 2));
		assert_ok!(end(MOTHER, 1));
		assert_eq!(capacity(P3, BOB), None);
		assert_noop!(Consent::grant(signed(BOB), P3, treatment_by(CHEN)), Error::<Test>::NotAuthorized);
	});
}

#[test]
fn a_minor_whose_guardians_left_waits_for_majority() {
	run(|| {
		register_p3();
		assert_ok!(Consent::end_guardian(signed(MOTHER), P3, 0));
		assert_eq!(capacity(P3, MOTHER), None);
		set_time(MAJORITY);
		assert_eq!(capacity(P3, CHILD), Some(Capacity::Patient));
	});
}

#[test]
fn majority_lies_ahead_within_a_lifetimes_first_part() {
	run(|| {
		let register = |majority| {
			let (policy, glass) = (DefaultPolicy::Deny, BreakGlass::Allowed);
			Consent::register_minor(signed(MOTHER), P3, policy, glass, CHILD, majority, Relationship::Guard)
		};
		for past in [0, NOW - 1, NOW] {
			assert_noop!(register(past), Error::<Test>::WrongMajority);
		}
		for far in [NOW + MAX_MINORITY + 1, Moment::MAX] {
			assert_noop!(register(far), Error::<Test>::WrongMajority);
		}
		hypothetically_ok!(register(NOW + 1));
		hypothetically_ok!(register(NOW + MAX_MINORITY));
		assert_eq!(MAX_MINORITY / DAY / 365, 25);
	});
}

#[test]
fn a_minor_is_registered_once_by_another_who_can_pay() {
	run(|| {
		let register = |who, patient, ward| {
			let (policy, glass) = (DefaultPolicy::Deny, BreakGlass::Allowed);
			Consent::register_minor(signed(who), patient, policy, glass, ward, MAJORITY, Relationship::Guard)
		};
		register_p1();
		assert_noop!(register(MOTHER, P1, CHILD), Error::<Test>::AlreadyExists);
		assert_noop!(register(MOTHER, P3, MOTHER), Error::<Test>::SelfGuardian);
		assert_noop!(register(PAUPER, P3, CHILD), sp_runtime::TokenError::FundsUnavailable);
		assert_ok!(register(MOTHER, P3, CHILD));
		assert_noop!(register(BOB, P3, CHILD), Error::<Test>::AlreadyExists);
	});
}

#[test]
fn the_ward_reads_as_a_clinician_would_before_majority() {
	run(|| {
		register_p3();
		grant_by(MOTHER, P3, treatment_by(CHILD));
		assert_eq!(read_of(P3, CHILD).reason, Reason::Consent, "as far as the guardian permits");
		assert_eq!(read_of(P3, CHILD).valid_until, Some(MAJORITY));
	});
}
