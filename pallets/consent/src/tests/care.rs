//! Care relationships.

use super::*;
use crate::{types::Care, Cares};

fn care_deposit() -> u128 {
	DEPOSIT_BASE + Care::<<Test as crate::Config>::Consideration>::max_encoded_len() as u128
}

#[test]
fn care_is_open_until_its_end_and_needs_no_transaction_to_end() {
	run(|| {
		register_p1();
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		assert_last_events(vec![Event::CareOpened { patient: P1, org: HOSPITAL, until: NOW + DAY }]);
		assert!(Consent::in_care(&P1, HOSPITAL, NOW + DAY - 1));
		assert!(!Consent::in_care(&P1, HOSPITAL, NOW + DAY));
		assert!(!Consent::in_care(&P1, CLINIC, NOW));
	});
}

#[test]
fn the_label_key_is_kept_as_it_was_sealed_with_its_epoch() {
	run(|| {
		register_p1();
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		let care = Consent::care_view(P1, HOSPITAL).expect("it is open");
		assert_eq!((care.org, care.until, care.label_epoch), (HOSPITAL, NOW + DAY, 1));
		assert_eq!((care.recipient, care.sealed_label_key), (CHEN, vec![7; 80]));
		assert_eq!(Consent::label_epoch(&P1), Some(1));
	});
}

#[test]
fn opening_again_prolongs_or_shortens_for_the_same_deposit() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		for days in [1, 30, 2] {
			assert_ok!(open_care(HOSPITAL, CHEN, NOW + days * DAY));
			assert_eq!(held(&ALICE), before + care_deposit());
			assert!(Consent::in_care(&P1, HOSPITAL, NOW + days * DAY - 1));
			assert!(!Consent::in_care(&P1, HOSPITAL, NOW + days * DAY));
		}
	});
}

#[test]
fn a_replaced_relationship_returns_its_deposit_to_who_paid_it() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		Patients::<Test>::mutate(P1, |entry| entry.as_mut().expect("P1 is registered").controller = BOB);
		assert_ok!(Consent::open_care(signed(BOB), P1, HOSPITAL, NOW + DAY, CHEN, sealed_key()));
		assert_eq!((held(&ALICE), held(&BOB)), (before, care_deposit()));
		assert_ok!(Consent::close_care(signed(BOB), P1, HOSPITAL));
		assert_eq!((held(&ALICE), held(&BOB)), (before, 0));
	});
}

#[test]
fn closing_ends_care_at_once_and_returns_the_deposit() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		assert_ok!(Consent::close_care(signed(ALICE), P1, HOSPITAL));
		assert_last_events(vec![Event::CareClosed { patient: P1, org: HOSPITAL }]);
		assert!(!Consent::in_care(&P1, HOSPITAL, NOW));
		assert_eq!(held(&ALICE), before);
		assert_noop!(Consent::close_care(signed(ALICE), P1, HOSPITAL), Error::<Test>::CareNotFound);
	});
}

#[test]
fn care_that_has_ended_can_still_be_closed_for_its_deposit() {
	run(|| {
		register_p1();
		let before = held(&ALICE);
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		set_time(NOW + DAY);
		suspend_org(HOSPITAL);
		assert_ok!(Consent::close_care(signed(ALICE), P1, HOSPITAL));
		assert_eq!(held(&ALICE), before);
	});
}

#[test]
fn care_cannot_end_before_it_begins() {
	run(|| {
		register_p1();
		for until in [0, NOW - 1, NOW] {
			assert_noop!(open_care(HOSPITAL, CHEN, until), Error::<Test>::EndInPast);
		}
		hypothetically_ok!(open_care(HOSPITAL, CHEN, NOW + 1));
		hypothetically_ok!(open_care(HOSPITAL, CHEN, Moment::MAX));
	});
}

#[test]
fn a_sealed_key_of_another_length_is_refused() {
	run(|| {
		register_p1();
		for length in [0, 32, 79] {
			let key: SealedKey = vec![7; length].try_into().expect("short enough");
			assert_noop!(
				Consent::open_care(signed(ALICE), P1, HOSPITAL, NOW + DAY, CHEN, key),
				Error::<Test>::WrongKeyLength
			);
		}
	});
}

#[test]
fn care_needs_an_organisation_in_standing() {
	run(|| {
		register_p1();
		assert_noop!(open_care(NOWHERE, CHEN, NOW + DAY), Error::<Test>::OrganisationNotFound);
		suspend_org(HOSPITAL);
		assert_noop!(open_care(HOSPITAL, CHEN, NOW + DAY), Error::<Test>::OrganisationNotActive);
	});
}

#[test]
fn the_label_key_is_sealed_to_a_member_in_standing_of_that_organisation() {
	run(|| {
		register_p1();
		for outsider in [DIAZ, STRANGER, ALICE] {
			assert_noop!(open_care(HOSPITAL, outsider, NOW + DAY), Error::<Test>::RecipientNotMember);
		}
		suspend(&CHEN);
		assert_noop!(open_care(HOSPITAL, CHEN, NOW + DAY), Error::<Test>::RecipientNotMember);
	});
}

#[test]
fn care_that_cannot_be_paid_does_not_open() {
	run(|| {
		register_p1();
		Patients::<Test>::mutate(P1, |entry| entry.as_mut().expect("P1 is registered").controller = PAUPER);
		let refused = Consent::open_care(signed(PAUPER), P1, HOSPITAL, NOW + DAY, CHEN, sealed_key());
		assert_noop!(refused, sp_runtime::TokenError::FundsUnavailable);
		assert!(!Cares::<Test>::contains_key(P1, HOSPITAL));
	});
}
