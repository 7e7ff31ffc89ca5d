//! Guardians of a patient: how far they reach, when, and what stays of it.

use super::*;
use crate::types::MAX_GUARDIANS;
use GuardianScope::{ConsentOnly, Full, ReadOnly};

/// Of P1's guardian, by number.
fn guardian_capacity(number: GuardianshipId, scope: GuardianScope, period: Period) -> Option<Capacity> {
	Some(Capacity::Guardian { number, scope, period })
}

fn endless(from: Moment) -> Period {
	Period { from, until: None }
}

fn reading(actor: AccountId, action: Action) -> Reason {
	Consent::check_access(AccessQuery { action, ..query(actor) }).decision.reason
}

fn end_by(who: AccountId, number: GuardianshipId) -> DispatchResult {
	Consent::end_guardian(signed(who), P1, number)
}

#[test]
fn the_patient_appoints_a_guardian() {
	run(|| {
		register_p1();
		assert_eq!(capacity(P1, BOB), None);
		let number = appoint(guardian(BOB, Full));
		assert_last_events(vec![Event::GuardianAppointed { patient: P1, number, account: BOB }]);
		assert_eq!(capacity(P1, BOB), guardian_capacity(number, Full, endless(NOW)));
		assert_eq!(capacity(P1, ALICE), Some(Capacity::Patient), "she remains the patient");
		assert_eq!(capacity(NOBODY, BOB), None);
	});
}

#[test]
fn a_guardian_reads_as_far_as_the_scope_covers() {
	run(|| {
		register_p1();
		for (scope, access, disclose) in [
			(Full, Reason::Guardian, Reason::Guardian),
			(ReadOnly, Reason::Guardian, Reason::NoConsent),
			(ConsentOnly, Reason::NoConsent, Reason::NoConsent),
		] {
			hypothetically!({
				appoint(guardian(BOB, scope));
				assert_eq!((reading(BOB, Action::Access), reading(BOB, Action::Disclose)), (access, disclose));
				assert_eq!(reading(BOB, Action::Correct), Reason::NoConsent, "no guardian writes");
			});
		}
	});
}

#[test]
fn a_guardian_acts_as_far_as_the_scope_covers() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		assert_ok!(open_care(CLINIC, DIAZ, NOW + DAY));
		let policy = || Consent::set_policy(signed(BOB), P1, DefaultPolicy::Deny, BreakGlass::Forbidden);
		let consents: [&dyn Fn() -> DispatchResult; 5] = [
			&|| Consent::grant(signed(BOB), P1, treatment_by(DIAZ)),
			&|| Consent::withdraw(signed(BOB), P1, 0),
			&|| Consent::enter_consent_in_error(signed(BOB), P1, 0),
			&|| Consent::open_care(signed(BOB), P1, HOSPITAL, NOW + DAY, CHEN, sealed_key()),
			&|| Consent::close_care(signed(BOB), P1, CLINIC),
		];
		hypothetically!({
			appoint(guardian(BOB, Full));
			hypothetically_ok!(policy());
			consents.iter().for_each(|call| {
				hypothetically_ok!(call());
			});
		});
		hypothetically!({
			appoint(guardian(BOB, ConsentOnly));
			assert_noop!(policy(), Error::<Test>::NotAuthorized);
			consents.iter().for_each(|call| {
				hypothetically_ok!(call());
			});
		});
		hypothetically!({
			appoint(guardian(BOB, ReadOnly));
			assert_noop!(policy(), Error::<Test>::NotAuthorized);
			for call in consents {
				assert_noop!(call(), Error::<Test>::NotAuthorized);
			}
		});
	});
}

#[test]
fn what_a_guardian_grants_names_the_guardianship_and_is_paid_by_them() {
	run(|| {
		register_p1();
		let number = appoint(guardian(BOB, ConsentOnly));
		let before = held(&ALICE);
		let id = grant_by(BOB, P1, treatment_by(CHEN));
		let (consent, _) = Consents::<Test>::get(P1, id).expect("it was just given");
		assert_eq!((consent.grantor.clone(), consent.guardianship), (BOB, Some(number)));
		assert_eq!((held(&ALICE), held(&BOB)), (before, DEPOSIT_BASE + consent.encoded_size() as u128));
		let own = grant(treatment_by(CHEN));
		assert_eq!(Consents::<Test>::get(P1, own).expect("it was just given").0.guardianship, None);
	});
}

#[test]
fn authority_begins_and_ends_by_the_clock() {
	run(|| {
		register_p1();
		let (from, until) = (NOW + HOUR, NOW + DAY);
		let number = appoint(GuardianInput { from: Some(from), until: Some(until), ..guardian(BOB, Full) });
		let in_authority = guardian_capacity(number, Full, Period { from, until: Some(until) });
		for (at, expected, reason, edge) in [
			(NOW, None, Reason::NoConsent, Some(from)),
			(from - 1, None, Reason::NoConsent, Some(from)),
			(from, in_authority, Reason::Guardian, Some(until)),
			(until - 1, in_authority, Reason::Guardian, Some(until)),
			(until, None, Reason::NoConsent, None),
		] {
			set_time(at);
			assert_eq!(capacity(P1, BOB), expected, "at {at}");
			let decision = read_by(BOB);
			// Before a guardianship begins a decision need not know of it, if it is not valid beyond that moment.
			assert_eq!((decision.reason, decision.valid_until), (reason, edge), "at {at}");
			let granted = Consent::grant(signed(BOB), P1, opt_out());
			if expected.is_some() {
				hypothetically_ok!(Consent::grant(signed(BOB), P1, opt_out()));
				assert_ok!(granted);
				assert_ok!(Consent::withdraw(signed(BOB), P1, Patients::<Test>::get(P1).unwrap().next_consent - 1));
			} else {
				assert_eq!(granted, Err(Error::<Test>::NotAuthorized.into()));
			}
		}
	});
}

#[test]
fn a_period_of_authority_lies_ahead() {
	run(|| {
		register_p1();
		let try_period = |from, until| {
			Consent::appoint_guardian(signed(ALICE), P1, GuardianInput { from, until, ..guardian(BOB, Full) })
		};
		assert_noop!(try_period(Some(NOW - 1), None), Error::<Test>::StartInPast);
		for until in [0, NOW - 1, NOW] {
			assert_noop!(try_period(None, Some(until)), Error::<Test>::EndInPast);
		}
		for until in [NOW + 1, NOW + HOUR] {
			assert_noop!(try_period(Some(NOW + HOUR), Some(until)), Error::<Test>::EndBeforeStart);
		}
		hypothetically_ok!(try_period(Some(NOW), Some(NOW + 1)));
		hypothetically_ok!(try_period(Some(NOW + HOUR), Some(NOW + HOUR + 1)));
		hypothetically_ok!(try_period(Some(Moment::MAX), None));
	});
}

/// Misuse: a self-appointed guardian.
#[test]
fn nobody_appoints_themselves() {
	run(|| {
		register_p1();
		assert_noop!(
			Consent::appoint_guardian(signed(MALLORY), P1, guardian(MALLORY, Full)),
			Error::<Test>::NotAuthorized
		);
		// Nor does a guardian of a patient of age appoint or prolong anybody.
		appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(BOB, Full) });
		for account in [MALLORY, BOB] {
			assert_noop!(
				Consent::appoint_guardian(signed(BOB), P1, guardian(account, Full)),
				Error::<Test>::NotAuthorized
			);
		}
		assert_noop!(
			Consent::appoint_guardian(signed(ALICE), NOBODY, guardian(BOB, Full)),
			Error::<Test>::PatientNotFound
		);
	});
}

#[test]
fn patients_are_not_their_own_guardians() {
	run(|| {
		register_p1();
		assert_noop!(Consent::appoint_guardian(signed(ALICE), P1, guardian(ALICE, Full)), Error::<Test>::SelfGuardian);
	});
}

#[test]
fn an_account_has_one_guardianship_at_a_time() {
	run(|| {
		register_p1();
		appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(BOB, ReadOnly) });
		appoint(GuardianInput { from: Some(NOW + DAY), ..guardian(STRANGER, ReadOnly) });
		for account in [BOB, STRANGER] {
			let again = guardian(account, Full);
			assert_noop!(Consent::appoint_guardian(signed(ALICE), P1, again), Error::<Test>::AlreadyExists);
		}
		set_time(NOW + DAY);
		let number = appoint(guardian(BOB, Full));
		assert_eq!((number, capacity(P1, BOB)), (2, guardian_capacity(2, Full, endless(NOW + DAY))));
	});
}

#[test]
fn a_patient_has_as_many_guardians_as_fit_and_ended_ones_make_room() {
	run(|| {
		register_p1();
		let account = |byte| AccountId::new([byte; 32]);
		for byte in 0..MAX_GUARDIANS as u8 {
			appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(account(100 + byte), ReadOnly) });
		}
		let one_more = || Consent::appoint_guardian(signed(ALICE), P1, guardian(BOB, Full));
		assert_noop!(one_more(), Error::<Test>::TooManyGuardians);
		hypothetically!({
			assert_ok!(end_by(ALICE, 3));
			assert_ok!(one_more());
		});
		set_time(NOW + DAY - 1);
		assert_noop!(one_more(), Error::<Test>::TooManyGuardians);
		set_time(NOW + DAY);
		assert_ok!(one_more());
		assert_eq!(Patients::<Test>::get(P1).expect("P1 is registered").guardians.len(), 1);
	});
}

#[test]
fn the_patient_and_the_guardian_may_end_a_guardianship() {
	run(|| {
		register_p1();
		let number = appoint(guardian(BOB, ReadOnly));
		let other = appoint(guardian(STRANGER, Full));
		for who in [STRANGER, MALLORY, CHEN] {
			assert_noop!(end_by(who, number), Error::<Test>::NotAuthorized);
		}
		for who in [ALICE, BOB] {
			hypothetically!({
				assert_ok!(end_by(who.clone(), number));
				assert_last_events(vec![Event::GuardianEnded { patient: P1, number }]);
				assert_eq!((capacity(P1, BOB), read_by(BOB).reason), (None, Reason::NoConsent));
				assert!(capacity(P1, STRANGER).is_some());
				assert_noop!(end_by(who, number), Error::<Test>::GuardianNotFound);
			});
		}
		assert_noop!(end_by(ALICE, other + 1), Error::<Test>::GuardianNotFound);
		assert_noop!(Consent::end_guardian(signed(ALICE), NOBODY, 0), Error::<Test>::PatientNotFound);
	});
}

#[test]
fn numbers_of_guardianships_are_never_given_again() {
	run(|| {
		register_p1();
		for expected in 0..3 {
			assert_eq!(appoint(guardian(BOB, Full)), expected);
			assert_ok!(end_by(ALICE, expected));
		}
	});
}

/// Misuse: an ended guardian.
#[test]
fn an_ended_guardian_has_no_say() {
	run(|| {
		register_p1();
		let number = appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(BOB, Full) });
		grant(treatment_by(CHEN));
		let refused = || {
			for call in [
				Consent::grant(signed(BOB), P1, treatment_by(MALLORY)),
				Consent::withdraw(signed(BOB), P1, 0),
				Consent::open_care(signed(BOB), P1, CLINIC, NOW + 9 * DAY, DIAZ, sealed_key()),
				Consent::set_policy(signed(BOB), P1, DefaultPolicy::Deny, BreakGlass::Forbidden),
				Consent::remove_consent(signed(BOB), P1, 0),
			] {
				assert_eq!(call, Err(Error::<Test>::NotAuthorized.into()));
			}
			assert_eq!(read_by(BOB).reason, Reason::NoConsent);
		};
		hypothetically!({
			assert_ok!(end_by(ALICE, number));
			refused();
		});
		set_time(NOW + DAY);
		refused();
	});
}

/// Misuse: what an ended guardian permitted.
#[test]
fn what_a_guardian_permitted_ends_with_the_guardianship() {
	run(|| {
		register_p1();
		let number = appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(BOB, Full) });
		let id = grant_by(BOB, P1, treatment_by(CHEN));
		let decision = read_by(CHEN);
		assert_eq!((decision.reason, decision.consent), (Reason::Consent, Some(id)));
		assert_eq!(decision.valid_until, Some(NOW + DAY), "at the end of the authority at the latest");
		// By the patient, and by the guardian.
		for who in [ALICE, BOB] {
			hypothetically!({
				assert_ok!(end_by(who, number));
				assert_eq!(read_by(CHEN).reason, Reason::NoConsent, "in the same block");
			});
		}
		// And by the clock.
		set_time(NOW + DAY - 1);
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
		set_time(NOW + DAY);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		assert_eq!(status_of(id), ConsentStatus::Active, "computed, not stored");
	});
}

#[test]
fn what_a_guardian_permitted_is_not_revived_by_another_appointment() {
	run(|| {
		register_p1();
		let number = appoint(GuardianInput { until: Some(NOW + DAY), ..guardian(BOB, Full) });
		grant_by(BOB, P1, treatment_by(CHEN));
		hypothetically!({
			assert_ok!(end_by(BOB, number));
			appoint(guardian(BOB, Full));
			assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		});
		set_time(NOW + DAY);
		appoint(guardian(BOB, Full));
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		let anew = grant_by(BOB, P1, treatment_by(CHEN));
		assert_eq!(read_by(CHEN).consent, Some(anew));
	});
}

#[test]
fn what_a_guardian_denied_ends_too_and_the_patients_own_consents_do_not() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		let number = appoint(guardian(BOB, ConsentOnly));
		grant_by(BOB, P1, opt_out());
		assert_eq!(read_by(CHEN).reason, Reason::Denied);
		assert_ok!(end_by(BOB, number));
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
	});
}

#[test]
fn a_guardians_withdrawal_is_a_revocation() {
	run(|| {
		register_p1();
		appoint(guardian(BOB, ConsentOnly));
		let (first, second) = (grant(treatment_by(CHEN)), grant_by(BOB, P1, treatment_by(CHEN)));
		assert_ok!(Consent::withdraw(signed(BOB), P1, first));
		let status = ConsentStatus::Revoked;
		assert_last_events(vec![Event::ConsentEnded { patient: P1, consent: first, status }]);
		assert_eq!(status_of(first), status);
		assert_ok!(Consent::withdraw(signed(ALICE), P1, second));
		assert_eq!(status_of(second), ConsentStatus::Withdrawn);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
	});
}

#[test]
fn the_patients_denial_binds_a_guardian() {
	run(|| {
		register_p1();
		appoint(guardian(BOB, Full));
		grant(consent(Effect::Deny, naming(&[ActorRef::Account(BOB)])));
		assert_eq!((read_by(BOB).reason, read_by(ALICE).reason), (Reason::Denied, Reason::Patient));
	});
}

#[test]
fn a_past_membership_does_not_bar_a_guardian_in_authority() {
	run(|| {
		register_p1();
		let number = appoint(guardian(DIAZ, ReadOnly));
		suspend(&DIAZ);
		assert_eq!(read_by(DIAZ).reason, Reason::Guardian);
		assert_ok!(end_by(ALICE, number));
		assert_eq!(read_by(DIAZ).reason, Reason::NotInStanding);
	});
}

#[test]
fn a_guardian_removes_ended_consents_for_their_payers() {
	run(|| {
		register_p1();
		appoint(guardian(BOB, ConsentOnly));
		let before = (held(&ALICE), held(&BOB));
		let (own, theirs) = (grant(treatment_by(CHEN)), grant_by(BOB, P1, treatment_by(CHEN)));
		assert_ok!(Consent::withdraw(signed(BOB), P1, own));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, theirs));
		assert_ok!(Consent::remove_consent(signed(BOB), P1, own));
		assert_ok!(Consent::remove_consent(signed(ALICE), P1, theirs));
		assert_eq!((held(&ALICE), held(&BOB)), before);
	});
}

#[test]
fn a_consent_of_an_ended_guardianship_has_expired_and_gives_its_slot_up() {
	run(|| {
		register_p1();
		let number = appoint(guardian(BOB, ConsentOnly));
		let before = held(&BOB);
		for _ in 0..15 {
			grant_by(BOB, P1, treatment_by(CHEN));
		}
		assert_noop!(try_grant(treatment_by(CHEN)), Error::<Test>::SlotKeptForDenial);
		assert_noop!(Consent::remove_consent(signed(ALICE), P1, 0), Error::<Test>::StillActive);
		assert_ok!(end_by(ALICE, number));
		assert_noop!(Consent::withdraw(signed(ALICE), P1, 0), Error::<Test>::Expired);
		let successor = ConsentInput { supersedes: Some(0), ..treatment_by(CHEN) };
		assert_noop!(try_grant(successor), Error::<Test>::Expired);
		assert_eq!(active_ids().len(), 15);
		let own = grant(treatment_by(CHEN));
		assert_eq!(active_ids(), [own]);
		for id in 0..15 {
			assert_ok!(Consent::remove_consent(signed(ALICE), P1, id));
		}
		assert_eq!(held(&BOB), before);
	});
}
