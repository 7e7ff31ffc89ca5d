//! Attempts of those who may not.

use super::*;
use crate::Call;
use frame_support::traits::UnfilteredDispatchable;
use sp_runtime::DispatchError;

/// Every call on P1, each of which ALICE may make; `consent` is active, `ended` is not.
fn calls_on_p1(consent: ConsentId, ended: ConsentId) -> Vec<Call<Test>> {
	vec![
		Call::set_policy {
			patient: P1,
			default_policy: DefaultPolicy::NormalForTreatment,
			break_glass: BreakGlass::Forbidden,
		},
		Call::open_care {
			patient: P1,
			org: HOSPITAL,
			until: NOW + 9 * DAY,
			recipient: CHEN,
			sealed_label_key: sealed_key(),
		},
		Call::grant { patient: P1, consent: treatment_by(CHEN) },
		Call::withdraw { patient: P1, consent },
		Call::enter_consent_in_error { patient: P1, consent },
		Call::remove_consent { patient: P1, consent: ended },
		Call::close_care { patient: P1, org: HOSPITAL },
	]
}

fn prepare() -> Vec<Call<Test>> {
	register_p1();
	register_p2();
	assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
	let (consent, ended) = (grant(treatment_by(DIAZ)), grant(treatment_by(DIAZ)));
	assert_ok!(Consent::withdraw(signed(ALICE), P1, ended));
	calls_on_p1(consent, ended)
}

#[test]
fn nobody_else_acts_for_the_patient_whatever_their_standing() {
	run(|| {
		for call in prepare() {
			for who in [BOB, CHEN, DIAZ, STRANGER] {
				assert_noop!(call.clone().dispatch_bypass_filter(signed(who)), Error::<Test>::NotAuthorized);
			}
			hypothetically_ok!(call.dispatch_bypass_filter(signed(ALICE)));
		}
	});
}

#[test]
fn bypass_via_root_or_an_unsigned_call_is_refused() {
	run(|| {
		let mut calls = prepare();
		calls.push(Call::register_patient {
			patient: NOBODY,
			default_policy: DefaultPolicy::Deny,
			break_glass: BreakGlass::Allowed,
		});
		for call in calls {
			for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
				assert_noop!(call.clone().dispatch_bypass_filter(origin), DispatchError::BadOrigin);
			}
		}
	});
}

#[test]
fn calls_on_an_unknown_patient_are_refused_for_that() {
	run(|| {
		prepare();
		let policy = (DefaultPolicy::Deny, BreakGlass::Allowed);
		let refused: Vec<DispatchResult> = vec![
			Consent::set_policy(signed(ALICE), NOBODY, policy.0, policy.1),
			Consent::open_care(signed(ALICE), NOBODY, HOSPITAL, NOW + DAY, CHEN, sealed_key()),
			Consent::close_care(signed(ALICE), NOBODY, HOSPITAL),
			Consent::grant(signed(ALICE), NOBODY, treatment_by(CHEN)),
			Consent::withdraw(signed(ALICE), NOBODY, 0),
			Consent::enter_consent_in_error(signed(ALICE), NOBODY, 0),
			Consent::remove_consent(signed(ALICE), NOBODY, 0),
		];
		for result in refused {
			assert_eq!(result, Err(Error::<Test>::PatientNotFound.into()));
		}
	});
}

#[test]
fn superseding_another_patients_consent_is_refused() {
	run(|| {
		register_p1();
		register_p2();
		grant(treatment_by(CHEN));
		let theirs = grant(treatment_by(CHEN));
		assert_ok!(Consent::grant(signed(BOB), P2, treatment_by(CHEN)));
		// P2 has one consent; the second number is P1's only.
		let input = ConsentInput { supersedes: Some(theirs), ..treatment_by(DIAZ) };
		assert_noop!(Consent::grant(signed(BOB), P2, input), Error::<Test>::ConsentNotFound);
		assert_eq!(status_of(theirs), ConsentStatus::Active);
		assert_noop!(Consent::withdraw(signed(BOB), P2, theirs), Error::<Test>::ConsentNotFound);
	});
}

#[test]
fn a_consent_of_one_patient_says_nothing_of_another() {
	run(|| {
		register_p1();
		register_p2();
		grant(treatment_by(CHEN));
		let of_p2 = AccessQuery { patient: P2, ..query(CHEN) };
		assert_eq!(Consent::check_access(of_p2).decision.reason, Reason::NoConsent);
	});
}

#[test]
fn a_grant_and_its_withdrawal_in_one_block_leave_nothing_permitted() {
	run(|| {
		register_p1();
		let id = grant(treatment_by(CHEN));
		assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
		assert!(!read_by(CHEN).is_permit());
	});
}

#[test]
fn the_former_controller_has_no_say() {
	run(|| {
		let calls = prepare();
		Patients::<Test>::mutate(P1, |entry| entry.as_mut().expect("P1 is registered").controller = BOB);
		for call in calls {
			assert_noop!(call.dispatch_bypass_filter(signed(ALICE)), Error::<Test>::NotAuthorized);
		}
		assert_eq!((read_by(ALICE).reason, read_by(BOB).reason), (Reason::NoConsent, Reason::Patient));
	});
}

#[test]
fn a_question_changes_nothing() {
	run(|| {
		prepare();
		let before = stored();
		read_by(CHEN);
		Consent::consents_page(P1, None, 100);
		assert_eq!(stored(), before);
	});
}

#[test]
fn more_rules_than_fit_do_not_decode() {
	use codec::{Decode, Encode};
	let rules = vec![permit(Conditions::default()); 17];
	let fitting = with_rules(opt_out(), &rules[..16]);
	assert_eq!(ConsentInput::decode(&mut &fitting.encode()[..]), Ok(fitting.clone()));
	// The same call with one rule more than the bound, as an attacker would encode it.
	let mut bytes = (fitting.base, &fitting.root, rules).encode();
	bytes.extend((fitting.start, fitting.end, fitting.supersedes).encode());
	bytes.extend((fitting.policy, fitting.receipt, fitting.erase_by).encode());
	assert!(ConsentInput::decode(&mut &bytes[..]).is_err());
}
