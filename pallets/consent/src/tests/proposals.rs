//! Consents that organisations ask for, and what patients answer.

use super::*;
use crate::types::{MAX_PROPOSALS, PROPOSAL_LIFE};
use sp_runtime::TokenError;

/// Somebody asks P1 for a consent and gets its number.
fn propose(who: AccountId, input: ConsentInput) -> ConsentId {
	let id = Patients::<Test>::get(P1).expect("P1 is registered").next_consent;
	assert_ok!(Consent::propose(signed(who), P1, input));
	id
}

fn accept(who: AccountId, id: ConsentId) -> DispatchResult {
	Consent::accept(signed(who), P1, id)
}

fn reject(who: AccountId, id: ConsentId) -> DispatchResult {
	Consent::reject(signed(who), P1, id)
}

fn open_proposals() -> Vec<ConsentId> {
	Consent::patient_view(P1).expect("P1 is registered").proposals
}

/// What a consent of this input holds, given by [`ALICE`].
fn deposit_for(id: ConsentId) -> u128 {
	DEPOSIT_BASE + Consents::<Test>::get(P1, id).expect("it is stored").0.encoded_size() as u128
}

#[test]
fn a_clinic_asks_and_nothing_is_permitted_yet() {
	run(|| {
		register_p1();
		let id = propose(DIAZ, treatment_by(DIAZ));
		assert_last_events(vec![Event::ConsentProposed { patient: P1, consent: id, org: CLINIC }]);
		let (stored, _) = Consents::<Test>::get(P1, id).expect("it was just proposed");
		assert_eq!((stored.status, stored.grantor, stored.guardianship), (ConsentStatus::Proposed, DIAZ, None));
		assert_eq!((open_proposals(), active_ids()), (vec![id], vec![]));
		assert_eq!((held(&DIAZ), revision(P1)), (deposit_for(id), 2));
		assert_eq!(read_by(DIAZ).reason, Reason::NoConsent);
	});
}

#[test]
fn what_the_patient_accepts_is_a_consent_of_the_patient() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		let id = propose(DIAZ, treatment_by(DIAZ));
		set_time(NOW + HOUR);
		assert_ok!(accept(ALICE, id));
		assert_last_events(vec![Event::ConsentGranted { patient: P1, consent: id, supersedes: None }]);
		let (stored, _) = Consents::<Test>::get(P1, id).expect("it was just accepted");
		assert_eq!((stored.status, stored.grantor, stored.start), (ConsentStatus::Active, ALICE, NOW + HOUR));
		assert_eq!((open_proposals(), active_ids()), (vec![], vec![id]));
		assert_eq!((held(&DIAZ), held(&ALICE)), (0, before + deposit_for(id)));
		assert_eq!((read_by(DIAZ).reason, read_by(DIAZ).consent), (Reason::Consent, Some(id)));
		assert_noop!(accept(ALICE, id), Error::<Test>::NotProposed);
		assert_ok!(Consent::withdraw(signed(ALICE), P1, id));
	});
}

#[test]
fn a_start_to_come_is_kept_and_an_end_that_passed_is_too_late() {
	run(|| {
		register_p1();
		let later = propose(DIAZ, ConsentInput { start: Some(NOW + DAY), ..treatment_by(DIAZ) });
		let short = propose(DIAZ, ConsentInput { end: Some(NOW + DAY), ..treatment_by(DIAZ) });
		set_time(NOW + DAY - 1);
		hypothetically!({
			assert_ok!(accept(ALICE, later));
			assert_eq!(Consents::<Test>::get(P1, later).expect("it was just accepted").0.start, NOW + DAY);
		});
		hypothetically_ok!(accept(ALICE, short));
		set_time(NOW + DAY);
		assert_noop!(accept(ALICE, short), Error::<Test>::Expired);
		assert_ok!(accept(ALICE, later));
	});
}

#[test]
fn who_may_consent_accepts_and_nobody_else() {
	run(|| {
		register_p1();
		let number = appoint(guardian(BOB, GuardianScope::ConsentOnly));
		appoint(guardian(STRANGER, GuardianScope::ReadOnly));
		let id = propose(DIAZ, treatment_by(DIAZ));
		for who in [DIAZ, CHEN, STRANGER, MALLORY] {
			assert_noop!(accept(who, id), Error::<Test>::NotAuthorized);
		}
		assert_ok!(accept(BOB, id));
		let (stored, _) = Consents::<Test>::get(P1, id).expect("it was just accepted");
		assert_eq!((stored.grantor, stored.guardianship), (BOB, Some(number)));
		assert_eq!(held(&BOB), deposit_for(id));
		assert_ok!(Consent::end_guardian(signed(BOB), P1, number));
		assert_eq!(read_by(DIAZ).reason, Reason::NoConsent);
	});
}

#[test]
fn a_rejected_proposal_is_gone() {
	run(|| {
		register_p1();
		let id = propose(DIAZ, treatment_by(DIAZ));
		assert_ok!(reject(ALICE, id));
		assert_last_events(vec![Event::ConsentEnded { patient: P1, consent: id, status: ConsentStatus::Rejected }]);
		assert!(!Consents::<Test>::contains_key(P1, id));
		assert_eq!((open_proposals(), held(&DIAZ)), (vec![], 0));
		assert_noop!(reject(ALICE, id), Error::<Test>::ConsentNotFound);
		assert_noop!(accept(ALICE, id), Error::<Test>::ConsentNotFound);
		assert_eq!(propose(DIAZ, treatment_by(DIAZ)), id + 1, "its number is not given again");
	});
}

#[test]
fn the_organisation_takes_its_proposal_back_and_no_other_does() {
	run(|| {
		register_p1();
		appoint(guardian(BOB, GuardianScope::ConsentOnly));
		appoint(guardian(STRANGER, GuardianScope::ReadOnly));
		let id = propose(CHEN, treatment_by(CHEN));
		for who in [DIAZ, RAMOS, STRANGER, MALLORY, ADMIN] {
			assert_noop!(reject(who, id), Error::<Test>::NotAuthorized);
		}
		for who in [CHEN, EMIN, QUINN, ALICE, BOB] {
			hypothetically_ok!(reject(who, id));
		}
		suspend(&EMIN);
		assert_noop!(reject(EMIN, id), Error::<Test>::NotAuthorized);
	});
}

#[test]
fn only_a_proposal_is_answered() {
	run(|| {
		register_p1();
		let id = grant(treatment_by(CHEN));
		for answer in [accept, reject] {
			assert_noop!(answer(ALICE, id), Error::<Test>::NotProposed);
			assert_noop!(answer(ALICE, id + 1), Error::<Test>::ConsentNotFound);
		}
	});
}

#[test]
fn a_proposal_is_neither_withdrawn_nor_superseded_nor_removed() {
	run(|| {
		register_p1();
		let id = propose(DIAZ, treatment_by(DIAZ));
		assert_noop!(Consent::withdraw(signed(ALICE), P1, id), Error::<Test>::NotActive);
		assert_noop!(Consent::enter_consent_in_error(signed(ALICE), P1, id), Error::<Test>::NotActive);
		assert_noop!(Consent::remove_consent(signed(ALICE), P1, id), Error::<Test>::StillActive);
		let successor = ConsentInput { supersedes: Some(id), ..treatment_by(CHEN) };
		assert_noop!(try_grant(successor), Error::<Test>::NotActive);
	});
}

#[test]
fn a_proposal_is_answered_within_thirty_days() {
	run(|| {
		register_p1();
		let id = propose(DIAZ, treatment_by(DIAZ));
		assert_eq!(PROPOSAL_LIFE, 30 * DAY);
		set_time(NOW + PROPOSAL_LIFE - 1);
		hypothetically_ok!(accept(ALICE, id));
		set_time(NOW + PROPOSAL_LIFE);
		assert_noop!(accept(ALICE, id), Error::<Test>::Expired);
		hypothetically_ok!(reject(ALICE, id));
		hypothetically_ok!(reject(DIAZ, id));
	});
}

#[test]
fn expired_proposals_go_when_another_is_made() {
	run(|| {
		register_p1();
		let (first, second) = (propose(DIAZ, treatment_by(DIAZ)), propose(DIAZ, treatment_by(DIAZ)));
		assert_noop!(Consent::propose(signed(DIAZ), P1, treatment_by(DIAZ)), Error::<Test>::TooManyProposals);
		set_time(NOW + PROPOSAL_LIFE - 1);
		assert_noop!(Consent::propose(signed(DIAZ), P1, treatment_by(DIAZ)), Error::<Test>::TooManyProposals);
		set_time(NOW + PROPOSAL_LIFE);
		let third = propose(CHEN, treatment_by(CHEN));
		assert_last_events(vec![
			Event::ConsentRemoved { patient: P1, consent: first },
			Event::ConsentRemoved { patient: P1, consent: second },
			Event::ConsentProposed { patient: P1, consent: third, org: HOSPITAL },
		]);
		assert_eq!((open_proposals(), held(&DIAZ)), (vec![third], 0));
		assert!(!Consents::<Test>::contains_key(P1, first));
	});
}

/// Misuse: spam by proposals.
#[test]
fn two_proposals_of_one_organisation_and_eight_of_all_are_open_at_a_time() {
	run(|| {
		register_p1();
		propose(CHEN, treatment_by(CHEN));
		let second = propose(EMIN, treatment_by(EMIN));
		for who in [CHEN, EMIN, QUINN] {
			assert_noop!(Consent::propose(signed(who), P1, opt_out()), Error::<Test>::TooManyProposals);
		}
		for org in 0..3 {
			for member in 0..2 {
				let who = AccountId::new([100 + 10 * org + member; 32]);
				enlist(&who, 50 + OrgId::from(org), &[MemberRole::Researcher]);
				<Helper as crate::BenchmarkHelper>::fund(&who);
				propose(who, treatment_by(CHEN));
			}
		}
		assert_eq!(open_proposals().len(), MAX_PROPOSALS as usize);
		assert_noop!(Consent::propose(signed(DIAZ), P1, treatment_by(DIAZ)), Error::<Test>::TooManyProposals);
		assert_ok!(reject(ALICE, second));
		propose(DIAZ, treatment_by(DIAZ));
	});
}

#[test]
fn who_is_not_in_standing_asks_for_nothing() {
	run(|| {
		register_p1();
		suspend(&CHEN);
		for who in [CHEN, STRANGER, ALICE, ADMIN] {
			assert_noop!(Consent::propose(signed(who), P1, opt_out()), Error::<Test>::NotAuthorized);
		}
		assert_noop!(Consent::propose(signed(DIAZ), NOBODY, opt_out()), Error::<Test>::PatientNotFound);
		enlist(&PAUPER, CLINIC, &[MemberRole::Clinician]);
		assert_noop!(Consent::propose(signed(PAUPER), P1, opt_out()), TokenError::FundsUnavailable);
	});
}

#[test]
fn a_proposal_is_checked_as_a_grant_is_and_replaces_nothing() {
	run(|| {
		register_p1();
		let active = grant(treatment_by(CHEN));
		let input = treatment_by(DIAZ);
		let nobody = Conditions { actors: Some(Default::default()), ..Default::default() };
		let inverted = Conditions { data_from: Some(2), data_to: Some(1), ..Default::default() };
		let rule = Rule { obligations: ObligationSet(1 << 15), ..permit(Conditions::default()) };
		for (refused, error) in [
			(ConsentInput { supersedes: Some(active), ..input.clone() }, Error::<Test>::CannotSupersede),
			(ConsentInput { start: Some(NOW - 1), ..input.clone() }, Error::StartInPast),
			(ConsentInput { end: Some(NOW), ..input.clone() }, Error::EndInPast),
			(ConsentInput { start: Some(NOW + 2), end: Some(NOW + 2), ..input }, Error::EndBeforeStart),
			(consent(Effect::Permit, nobody), Error::EmptySet),
			(consent(Effect::Permit, inverted), Error::InvertedPeriod),
			(with_rules(opt_out(), &[rule]), Error::UnknownCode),
		] {
			assert_noop!(Consent::propose(signed(DIAZ), P1, refused), error);
		}
	});
}

#[test]
fn an_accepted_proposal_needs_a_slot_like_any_consent() {
	run(|| {
		register_p1();
		let (permit, denial) = (propose(DIAZ, treatment_by(DIAZ)), propose(CHEN, opt_out()));
		for _ in 0..15 {
			grant(treatment_by(CHEN));
		}
		assert_noop!(accept(ALICE, permit), Error::<Test>::SlotKeptForDenial);
		hypothetically!({
			assert_ok!(accept(ALICE, denial));
			assert_noop!(accept(ALICE, permit), Error::<Test>::TooManyConsents);
		});
		assert_ok!(Consent::withdraw(signed(ALICE), P1, 7));
		assert_ok!(accept(ALICE, permit));
		assert_eq!(active_ids()[0], permit, "the index stays in order");
	});
}

#[test]
fn who_cannot_pay_accepts_nothing() {
	run(|| {
		register_p1();
		appoint(guardian(PAUPER, GuardianScope::ConsentOnly));
		let id = propose(DIAZ, treatment_by(DIAZ));
		assert_noop!(accept(PAUPER, id), TokenError::FundsUnavailable);
		assert_ok!(reject(PAUPER, id));
	});
}

#[test]
fn who_both_asks_and_answers_pays_once() {
	run(|| {
		register_p1();
		enlist(&ALICE, CLINIC, &[MemberRole::Researcher]);
		let before = held(&ALICE);
		let id = propose(ALICE, treatment_by(CHEN));
		assert_eq!(held(&ALICE), before + deposit_for(id));
		assert_ok!(accept(ALICE, id));
		assert_eq!(held(&ALICE), before + deposit_for(id));
	});
}

#[test]
fn numbers_that_run_out_stop_proposals_too() {
	run(|| {
		register_p1();
		Patients::<Test>::mutate(P1, |entry| {
			let entry = entry.as_mut().expect("P1 is registered");
			entry.next_consent = ConsentId::MAX;
			entry.revision = u64::MAX;
		});
		let refused = Consent::propose(signed(DIAZ), P1, treatment_by(DIAZ));
		assert_noop!(refused, sp_runtime::ArithmeticError::Overflow);
	});
}
