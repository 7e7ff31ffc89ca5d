//! Patients who lost the key of their account, and friends who vouch for another.

use super::*;
use crate::{
	types::{Recovery, MAX_FRIENDS},
	Recoveries,
};
use salus_primitives::inputs::Friend;

const DELAY: Moment = 7 * DAY;

fn set_friends(who: AccountId, patient: PatientId, friends: &[Friend], threshold: u8, delay: Moment) -> DispatchResult {
	let friends = friends.to_vec().try_into().expect("few friends");
	Consent::set_friends(signed(who), patient, friends, threshold, delay)
}

fn accounts() -> Vec<Friend> {
	FRIENDS.into_iter().map(Friend::Account).collect()
}

/// ALICE's three friends, two of which must agree.
fn two_of_three() {
	register_p1();
	assert_ok!(set_friends(ALICE, P1, &accounts(), 2, DELAY));
}

fn vouch(who: AccountId, account: AccountId) -> DispatchResult {
	Consent::vouch(signed(who), P1, account)
}

fn finish() -> DispatchResult {
	Consent::finish_recovery(signed(STRANGER), P1)
}

fn stop(who: AccountId) -> DispatchResult {
	Consent::stop_recovery(signed(who), P1)
}

fn due() -> Option<(AccountId, Moment)> {
	Consent::recovery_view(P1).expect("P1 has friends").due
}

#[test]
fn friends_are_chosen_for_a_deposit() {
	run(|| {
		register_p1();
		assert_eq!(Consent::recovery_view(P1), None);
		let before = held(&ALICE);
		assert_ok!(set_friends(ALICE, P1, &accounts(), 2, DELAY));
		assert_last_events(vec![Event::FriendsChanged { patient: P1 }]);
		let size = Recovery::<<Test as crate::Config>::Consideration>::max_encoded_len() as u128;
		assert_eq!(held(&ALICE), before + DEPOSIT_BASE + size);
		let view = Consent::recovery_view(P1).expect("they were just chosen");
		assert_eq!((view.friends, view.threshold, view.delay), (accounts(), 2, DELAY));
		assert_eq!((view.vouches, view.due), (vec![None; 3], None));
	});
}

#[test]
fn friends_are_replaced_and_removed_with_their_deposit() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		assert_noop!(set_friends(ALICE, P1, &[], 0, 0), Error::<Test>::RecoveryNotFound);
		assert_ok!(set_friends(ALICE, P1, &accounts(), 2, DELAY));
		let with_friends = held(&ALICE);
		assert_ok!(set_friends(ALICE, P1, &accounts()[..1], 1, DAY));
		assert_eq!(held(&ALICE), with_friends);
		// A guardian's deposit replaces hers.
		appoint(guardian(BOB, GuardianScope::Full));
		assert_ok!(set_friends(BOB, P1, &accounts(), 3, DELAY));
		assert_eq!((held(&ALICE), held(&BOB)), (before, with_friends - before));
		assert_ok!(set_friends(ALICE, P1, &[], 0, 0));
		assert_eq!((held(&ALICE), held(&BOB)), (before, 0));
		assert_eq!(Consent::recovery_view(P1), None);
	});
}

#[test]
fn friends_that_make_no_sense_are_refused() {
	run(|| {
		register_p1();
		let friends = accounts();
		let twice = [friends[0].clone(), friends[1].clone(), friends[0].clone()];
		assert_noop!(set_friends(ALICE, P1, &twice, 1, DELAY), Error::<Test>::DuplicateFriend);
		for threshold in [0, 4, 255] {
			assert_noop!(set_friends(ALICE, P1, &friends, threshold, DELAY), Error::<Test>::WrongThreshold);
		}
		for delay in [0, DAY - 1, 90 * DAY + 1, Moment::MAX] {
			assert_noop!(set_friends(ALICE, P1, &friends, 2, delay), Error::<Test>::WrongDelay);
		}
		assert_noop!(set_friends(ALICE, P1, &[Friend::Org(NOWHERE)], 1, DELAY), Error::<Test>::OrganisationNotFound);
		for (threshold, delay) in [(1, DAY), (3, 90 * DAY)] {
			hypothetically_ok!(set_friends(ALICE, P1, &friends, threshold, delay));
		}
		let many: Vec<Friend> = (0..MAX_FRIENDS).map(|byte| Friend::Account([byte as u8; 32].into())).collect();
		hypothetically_ok!(set_friends(ALICE, P1, &many, 8, DELAY));
	});
}

#[test]
fn the_patient_and_a_full_guardian_choose_friends_and_nobody_else() {
	run(|| {
		register_p1();
		appoint(guardian(STRANGER, GuardianScope::ConsentOnly));
		for who in [STRANGER, MALLORY, FRIENDS[0].clone()] {
			assert_noop!(set_friends(who, P1, &accounts(), 2, DELAY), Error::<Test>::NotAuthorized);
		}
		assert_noop!(set_friends(ALICE, NOBODY, &accounts(), 2, DELAY), Error::<Test>::PatientNotFound);
		appoint(guardian(PAUPER, GuardianScope::Full));
		let unpaid = set_friends(PAUPER, P1, &accounts(), 2, DELAY);
		assert_noop!(unpaid, sp_runtime::TokenError::FundsUnavailable);
	});
}

#[test]
fn enough_friends_hand_the_records_over_after_the_delay() {
	run(|| {
		two_of_three();
		let [first, second, _] = FRIENDS;
		let account = ALICE_AGAIN;
		assert_ok!(vouch(first, account.clone()));
		assert_last_events(vec![Event::RecoveryVouched { patient: P1, account: account.clone(), due: None }]);
		assert_noop!(finish(), Error::<Test>::NotDue);
		set_time(NOW + HOUR);
		assert_ok!(vouch(second, account.clone()));
		let at = NOW + HOUR + DELAY;
		assert_last_events(vec![Event::RecoveryVouched { patient: P1, account: account.clone(), due: Some(at) }]);
		assert_eq!(due(), Some((account.clone(), at)));
		set_time(at - 1);
		assert_noop!(finish(), Error::<Test>::NotDue);
		assert_eq!((capacity(P1, ALICE), capacity(P1, account.clone())), (Some(Capacity::Patient), None));
		set_time(at);
		let before = revision(P1);
		assert_ok!(finish());
		assert_last_events(vec![Event::ControllerChanged { patient: P1, controller: account.clone() }]);
		assert_eq!((capacity(P1, ALICE), capacity(P1, account.clone())), (None, Some(Capacity::Patient)));
		assert_eq!((revision(P1), due()), (before + 1, None));
		assert_noop!(finish(), Error::<Test>::NotDue);
		assert_noop!(stop(account), Error::<Test>::RecoveryNotFound);
	});
}

#[test]
fn the_lost_key_opens_nothing_after_a_recovery() {
	run(|| {
		two_of_three();
		let consent = grant(treatment_by(CHEN));
		let number = appoint(guardian(BOB, GuardianScope::ReadOnly));
		for friend in &FRIENDS[..2] {
			assert_ok!(vouch(friend.clone(), ALICE_AGAIN));
		}
		set_time(NOW + DELAY);
		assert_ok!(finish());
		assert_eq!((read_by(ALICE).reason, read_by(ALICE_AGAIN).reason), (Reason::NoConsent, Reason::Patient));
		for call in [
			Consent::grant(signed(ALICE), P1, treatment_by(MALLORY)),
			Consent::withdraw(signed(ALICE), P1, consent),
			Consent::appoint_guardian(signed(ALICE), P1, guardian(MALLORY, GuardianScope::Full)),
			Consent::end_guardian(signed(ALICE), P1, number),
			set_friends(ALICE, P1, &[Friend::Account(MALLORY)], 1, DAY),
			stop(ALICE),
		] {
			assert_eq!(call, Err(Error::<Test>::NotAuthorized.into()));
		}
		// What the patient gave remains, and the deposits of the old account return to it.
		assert_eq!(read_by(CHEN).consent, Some(consent));
		let before = held(&ALICE);
		assert_ok!(Consent::withdraw(signed(ALICE_AGAIN), P1, consent));
		assert_ok!(Consent::remove_consent(signed(ALICE_AGAIN), P1, consent));
		assert_ok!(set_friends(ALICE_AGAIN, P1, &[], 0, 0));
		assert!(held(&ALICE) < before && held(&ALICE_AGAIN) == 0);
	});
}

/// Misuse: friends who take over behind the patient's back.
#[test]
fn the_old_key_stops_a_recovery_that_the_patient_did_not_ask_for() {
	run(|| {
		two_of_three();
		assert_noop!(stop(ALICE), Error::<Test>::RecoveryNotFound);
		let [first, second, _] = FRIENDS;
		assert_ok!(vouch(first.clone(), MALLORY));
		hypothetically_ok!(stop(ALICE));
		assert_ok!(vouch(second.clone(), MALLORY));
		appoint(guardian(BOB, GuardianScope::Full));
		for who in [MALLORY, BOB, first.clone(), STRANGER] {
			assert_noop!(stop(who), Error::<Test>::NotAuthorized);
		}
		set_time(NOW + DELAY - 1);
		assert_ok!(stop(ALICE));
		assert_last_events(vec![Event::RecoveryStopped { patient: P1 }]);
		set_time(NOW + DELAY);
		assert_noop!(finish(), Error::<Test>::NotDue);
		let view = Consent::recovery_view(P1).expect("they remain friends");
		assert_eq!((view.vouches, view.due, view.friends), (vec![None; 3], None, accounts()));
		// They may vouch again, and the delay begins anew.
		assert_ok!(vouch(first, MALLORY));
		assert_ok!(vouch(second, MALLORY));
		assert_eq!(due(), Some((MALLORY, NOW + 2 * DELAY)));
	});
}

#[test]
fn other_friends_cancel_a_recovery() {
	run(|| {
		two_of_three();
		for friend in &FRIENDS[..2] {
			assert_ok!(vouch(friend.clone(), MALLORY));
		}
		assert_ok!(set_friends(ALICE, P1, &accounts(), 2, DELAY));
		set_time(NOW + DELAY);
		assert_noop!(finish(), Error::<Test>::NotDue);
		assert_ok!(set_friends(ALICE, P1, &[], 0, 0));
		assert_noop!(finish(), Error::<Test>::RecoveryNotFound);
		assert_noop!(vouch(FRIENDS[0].clone(), MALLORY), Error::<Test>::RecoveryNotFound);
		assert_noop!(stop(ALICE), Error::<Test>::RecoveryNotFound);
	});
}

#[test]
fn a_friend_has_one_voice_and_may_move_it() {
	run(|| {
		two_of_three();
		let [first, second, third] = FRIENDS;
		assert_ok!(vouch(first.clone(), MALLORY));
		assert_ok!(vouch(first.clone(), MALLORY));
		assert_eq!(due(), None, "the same voice twice");
		assert_ok!(vouch(second.clone(), MALLORY));
		assert_eq!(due(), Some((MALLORY, NOW + DELAY)));
		set_time(NOW + HOUR);
		assert_ok!(vouch(third.clone(), MALLORY));
		assert_eq!(due(), Some((MALLORY, NOW + DELAY)), "a third voice does not begin the delay anew");
		assert_ok!(vouch(third, ALICE_AGAIN));
		assert_eq!(due(), Some((MALLORY, NOW + DELAY)), "two voices are enough still");
		assert_ok!(vouch(second.clone(), ALICE_AGAIN));
		assert_eq!(due(), Some((ALICE_AGAIN, NOW + HOUR + DELAY)));
		// A voice is taken back by vouching for the controller.
		assert_ok!(vouch(second, ALICE));
		assert_last_events(vec![Event::RecoveryVouched { patient: P1, account: ALICE, due: None }]);
		let view = Consent::recovery_view(P1).expect("P1 has friends");
		assert_eq!((view.vouches, view.due), (vec![Some(MALLORY), None, Some(ALICE_AGAIN)], None));
		set_time(NOW + 9 * DELAY);
		assert_noop!(finish(), Error::<Test>::NotDue);
	});
}

#[test]
fn who_is_no_friend_vouches_for_nobody() {
	run(|| {
		two_of_three();
		for who in [MALLORY, ALICE, ALICE_AGAIN, ADMIN] {
			assert_noop!(vouch(who, MALLORY), Error::<Test>::NotAuthorized);
		}
		assert_noop!(Consent::vouch(signed(FRIENDS[0].clone()), P2, MALLORY), Error::<Test>::PatientNotFound);
		register_p2();
		assert_noop!(Consent::vouch(signed(FRIENDS[0].clone()), P2, MALLORY), Error::<Test>::RecoveryNotFound);
		assert_noop!(Consent::finish_recovery(signed(MALLORY), NOBODY), Error::<Test>::PatientNotFound);
		assert_noop!(Consent::stop_recovery(signed(ALICE), NOBODY), Error::<Test>::PatientNotFound);
	});
}

#[test]
fn an_organisation_is_a_friend_for_which_its_administrators_speak() {
	run(|| {
		register_p1();
		let friends = [Friend::Org(HOSPITAL), Friend::Account(FRIENDS[0].clone())];
		assert_ok!(set_friends(ALICE, P1, &friends, 2, DELAY));
		for who in [CHEN, QUINN, CLINIC_ADMIN] {
			assert_noop!(vouch(who, ALICE_AGAIN), Error::<Test>::NotAuthorized);
		}
		hypothetically!({
			suspend_org(HOSPITAL);
			assert_noop!(vouch(ADMIN, ALICE_AGAIN), Error::<Test>::NotAuthorized);
		});
		assert_ok!(vouch(ADMIN, ALICE_AGAIN));
		// Another of its administrators has no second voice.
		administer(HOSPITAL, &QUINN);
		assert_ok!(vouch(QUINN, ALICE_AGAIN));
		assert_eq!(due(), None);
		assert_ok!(vouch(FRIENDS[0].clone(), ALICE_AGAIN));
		assert_eq!(due(), Some((ALICE_AGAIN, NOW + DELAY)));
	});
}

#[test]
fn a_minors_ward_is_recovered_too() {
	run(|| {
		register_p3();
		assert_noop!(set_friends(CHILD, P3, &accounts(), 1, DELAY), Error::<Test>::NotAuthorized);
		assert_ok!(set_friends(MOTHER, P3, &accounts(), 1, DELAY));
		let another = ALICE_AGAIN;
		assert_ok!(Consent::vouch(signed(FRIENDS[0].clone()), P3, another.clone()));
		for who in [MOTHER, CHILD] {
			hypothetically_ok!(Consent::stop_recovery(signed(who), P3));
		}
		set_time(NOW + DELAY);
		assert_ok!(Consent::finish_recovery(signed(STRANGER), P3));
		assert_eq!((capacity(P3, another.clone()), capacity(P3, CHILD)), (None, None));
		assert!(capacity(P3, MOTHER).is_some(), "guardians stay");
		set_time(MAJORITY);
		assert_eq!((capacity(P3, another), capacity(P3, CHILD)), (Some(Capacity::Patient), None));
	});
}

#[test]
fn a_recovery_goes_on_in_time_though_the_clock_is_at_its_end() {
	run(|| {
		two_of_three();
		set_time(Moment::MAX - 1);
		for friend in &FRIENDS[..2] {
			assert_ok!(vouch(friend.clone(), ALICE_AGAIN));
		}
		assert_eq!(due(), Some((ALICE_AGAIN, Moment::MAX)));
		assert!(Recoveries::<Test>::contains_key(P1));
	});
}
