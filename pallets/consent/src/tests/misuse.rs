//! Attempts of those who may not.
//!
//! Misuse that the design lists is tried here, or where the behaviour is specified:
//!
//! - revoke, then read in the same block: here, and `ending::revoked_consent_refuses_the_next_read`;
//! - bypass through the root or no origin: here; through batch, proxy, multisig or council: in the runtime's tests;
//! - an ended guardian, what they permitted, a self-appointed guardian: `guardians`, and `minors` at majority;
//! - superseding another patient's consent: here;
//! - a denial that does not fit: `granting::a_denial_that_does_not_fit_must_replace_another_consent`;
//! - start = now, end = now, inverted period, `u64::MAX`: `granting`, and `proposals` and `guardians` for theirs;
//! - break-glass spam: `glass`, by a member, by an organisation, and after a review is overdue;
//! - more rules than fit: here;
//! - a suspended clinician named by account: `access::a_suspended_clinician_is_refused_though_named_by_account`;
//! - a request that leaves out its labels: `access::a_request_without_labels_gets_nothing_by_leaving_them_out`;
//! - friends who take over behind the patient's back, and a lost key: `recovery`.

use super::*;
use crate::Call;
use frame_support::traits::{GetCallName, UnfilteredDispatchable};
use salus_primitives::{consent::Finding, inputs::Friend};
use sp_runtime::DispatchError;

/// Every call on P1 that only who acts for P1 may make, and ALICE may; `consent` is active, `ended` is not, `proposal`
/// is a proposal, and an emergency access of CHEN and a recovery are open.
fn calls_on_p1(consent: ConsentId, ended: ConsentId, proposal: ConsentId) -> Vec<Call<Test>> {
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
		Call::appoint_guardian { patient: P1, guardian: guardian(BOB, GuardianScope::Full) },
		Call::end_guardian { patient: P1, number: 0 },
		Call::accept { patient: P1, consent: proposal },
		Call::reject { patient: P1, consent: proposal },
		Call::object_to_glass { patient: P1, actor: CHEN, objection: H256::zero() },
		Call::set_friends { patient: P1, friends: Default::default(), threshold: 0, delay: 0 },
		Call::stop_recovery { patient: P1 },
	]
}

fn prepare() -> Vec<Call<Test>> {
	register_p1();
	register_p2();
	assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
	let (consent, ended) = (grant(treatment_by(DIAZ)), grant(treatment_by(DIAZ)));
	assert_ok!(Consent::withdraw(signed(ALICE), P1, ended));
	let proposal = consent + 2;
	assert_ok!(Consent::propose(signed(RAMOS), P1, treatment_by(RAMOS)));
	appoint(guardian(MOTHER, GuardianScope::ReadOnly));
	assert_ok!(Consent::break_glass(signed(CHEN), P1, EmergencyReason::EmergencyTreatment, H256::zero()));
	let friends = vec![Friend::Account(FRIENDS[0].clone())].try_into().expect("one friend");
	assert_ok!(Consent::set_friends(signed(ALICE), P1, friends, 1, DAY));
	assert_ok!(Consent::vouch(signed(FRIENDS[0].clone()), P1, ALICE_AGAIN));
	calls_on_p1(consent, ended, proposal)
}

/// The other calls, which are made by others than who acts for the patient, or for a patient to come.
fn other_calls(patient: PatientId) -> Vec<Call<Test>> {
	let (default_policy, break_glass) = (DefaultPolicy::Deny, BreakGlass::Allowed);
	let (reason, finding, zero) = (EmergencyReason::EmergencyTreatment, Finding::Justified, H256::zero());
	let (ward, majority, relationship) = (CHILD, MAJORITY, Relationship::Prn);
	vec![
		Call::register_patient { patient: NOBODY, default_policy, break_glass },
		Call::register_minor { patient: NOBODY, default_policy, break_glass, ward, majority, relationship },
		Call::propose { patient, consent: treatment_by(CHEN) },
		Call::break_glass { patient, reason, justification: zero },
		Call::review_glass { patient, actor: CHEN, finding, report: zero },
		Call::remove_glass { patient, actor: CHEN },
		Call::vouch { patient, account: MALLORY },
		Call::finish_recovery { patient },
	]
}

#[test]
fn nobody_else_acts_for_the_patient_whatever_their_standing() {
	run(|| {
		for call in prepare() {
			for who in [BOB, CHEN, DIAZ, STRANGER, QUINN, ADMIN, FRIENDS[0].clone(), ALICE_AGAIN] {
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
		calls.extend(other_calls(P1));
		let every_call = Call::<Test>::get_call_names();
		let named: std::collections::BTreeSet<_> = calls.iter().map(|call| call.get_call_name()).collect();
		assert_eq!(named, every_call.iter().copied().collect());
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
			Consent::appoint_guardian(signed(ALICE), NOBODY, guardian(BOB, GuardianScope::Full)),
			Consent::end_guardian(signed(ALICE), NOBODY, 0),
			Consent::propose(signed(CHEN), NOBODY, treatment_by(CHEN)),
			Consent::accept(signed(ALICE), NOBODY, 0),
			Consent::reject(signed(ALICE), NOBODY, 0),
			Consent::break_glass(signed(CHEN), NOBODY, EmergencyReason::EmergencyTreatment, H256::zero()),
			Consent::review_glass(signed(QUINN), NOBODY, CHEN, Finding::Justified, H256::zero()),
			Consent::object_to_glass(signed(ALICE), NOBODY, CHEN, H256::zero()),
			Consent::remove_glass(signed(CHEN), NOBODY, CHEN),
			Consent::set_friends(signed(ALICE), NOBODY, Default::default(), 0, 0),
			Consent::vouch(signed(ALICE), NOBODY, BOB),
			Consent::stop_recovery(signed(ALICE), NOBODY),
			Consent::finish_recovery(signed(ALICE), NOBODY),
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
