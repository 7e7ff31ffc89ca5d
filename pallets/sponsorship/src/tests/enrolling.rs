//! Enrolling, dismissing and leaving.

use crate::{
	mock::*,
	types::{Account, Spending},
	Accounts, Error, Event, Sponsors,
};
use frame_support::{assert_noop, assert_ok};
use salus_primitives::{AccountId, MemberRole, OrgId};
use sp_runtime::{transaction_validity::InvalidTransaction, DispatchError, DispatchResult};

fn dismiss(org: OrgId, who: &AccountId) -> DispatchResult {
	Sponsorship::dismiss(signed(&admin(org)), org, who.clone())
}

fn counted(org: OrgId) -> u32 {
	Sponsors::<Test>::get(org).map_or(0, |sponsor| sponsor.enrolled)
}

#[test]
fn an_enrolled_account_exists_without_a_balance() {
	test(|| {
		let who = enrolled();
		assert!(System::account_exists(&who));
		assert_eq!((free(&who), System::sufficients(&who), System::providers(&who)), (0, 1, 0));
		let entry = Account { org: 1, enrolled: true, spent: Spending::default(), storage: 0 };
		assert_eq!(Accounts::<Test>::get(&who), Some(entry));
		assert_eq!(events()[1..], [Event::Enrolled { org: 1, account: who }]);
	});
}

#[test]
fn administrators_and_registrars_enrol_and_dismiss() {
	test(|| {
		sponsor(1, terms());
		sponsor(2, terms());
		join(1, &account(3), MemberRole::Registrar);
		join(1, &account(4), MemberRole::Clinician);
		join(2, &account(5), MemberRole::Registrar);
		let who = account(100);
		let enrol = |number| Sponsorship::enrol(signed(&account(number)), 1, account(100));
		let dismiss = |number| Sponsorship::dismiss(signed(&account(number)), 1, account(100));
		for other in [2, 4, 5, 100] {
			assert_noop!(enrol(other), Error::<Test>::NotAuthorized);
		}
		assert_ok!(enrol(3));
		for other in [2, 4, 5, 100] {
			assert_noop!(dismiss(other), Error::<Test>::NotAuthorized);
		}
		events();
		assert_ok!(dismiss(3));
		assert_eq!(events(), [Event::Dismissed { org: 1, account: who }]);
		assert_ok!(enrol(1));
		assert_ok!(dismiss(1));
		assert_noop!(Sponsorship::enrol(RuntimeOrigin::root(), 1, account(100)), DispatchError::BadOrigin);
		assert_noop!(Sponsorship::dismiss(RuntimeOrigin::root(), 1, account(100)), DispatchError::BadOrigin);
		assert_noop!(Sponsorship::leave(RuntimeOrigin::root()), DispatchError::BadOrigin);
	});
}

#[test]
fn only_an_organisation_that_is_paying_enrols() {
	test(|| {
		let who = account(100);
		assert_noop!(enrol(1, &who), Error::<Test>::NotFound);
		assert_noop!(dismiss(1, &who), Error::<Test>::NotFound);
		admit(1, &admin(1));
		assert_noop!(enrol(1, &who), Error::<Test>::NotSponsoring);
		sponsor(1, terms());
		set_active(1, false);
		assert_noop!(enrol(1, &who), Error::<Test>::NotInStanding);
		set_active(1, true);
		assert_ok!(Sponsorship::set_terms(signed(&admin(1)), 1, None));
		assert_noop!(enrol(1, &who), Error::<Test>::NotSponsoring);
	});
}

#[test]
fn registrars_of_a_suspended_organisation_do_nothing_and_its_administrators_dismiss() {
	test(|| {
		let who = enrolled();
		join(1, &account(3), MemberRole::Registrar);
		set_active(1, false);
		assert_noop!(Sponsorship::dismiss(signed(&account(3)), 1, who.clone()), Error::<Test>::NotAuthorized);
		assert_ok!(dismiss(1, &who));
	});
}

#[test]
fn an_account_has_one_sponsor() {
	test(|| {
		let who = enrolled();
		sponsor(2, terms());
		assert_noop!(enrol(1, &who), Error::<Test>::AlreadyEnrolled);
		assert_noop!(enrol(2, &who), Error::<Test>::AlreadyEnrolled);
		assert_noop!(dismiss(2, &who), Error::<Test>::NotEnrolled);
	});
}

#[test]
fn who_is_not_enrolled_cannot_leave_or_be_dismissed() {
	test(|| {
		sponsor(1, terms());
		let who = account(100);
		assert_noop!(dismiss(1, &who), Error::<Test>::NotEnrolled);
		assert_noop!(Sponsorship::leave(signed(&who)), Error::<Test>::NotEnrolled);
		assert_ok!(enrol(1, &who));
		events();
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_eq!(events(), [Event::Left { org: 1, account: who.clone() }]);
		assert_noop!(Sponsorship::leave(signed(&who)), Error::<Test>::NotEnrolled);
		assert_noop!(dismiss(1, &who), Error::<Test>::NotEnrolled);
	});
}

#[test]
fn an_account_that_left_counts_until_another_takes_it() {
	test(|| {
		let who = enrolled();
		sponsor(2, terms());
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_eq!((counted(1), counted(2)), (1, 0));
		assert_ok!(enrol(1, &who));
		assert_eq!((counted(1), counted(2)), (1, 0));
		assert_ok!(dismiss(1, &who));
		assert_ok!(enrol(2, &who));
		assert_eq!((counted(1), counted(2)), (0, 1));
		assert_noop!(dismiss(1, &who), Error::<Test>::NotEnrolled);
	});
}

#[test]
fn an_account_whose_sponsor_is_not_paying_may_be_taken_over() {
	test(|| {
		let who = enrolled();
		sponsor(2, terms());
		set_active(1, false);
		assert_ok!(enrol(2, &who));
		assert_eq!((counted(1), counted(2)), (0, 1));
		set_active(1, true);
		assert_noop!(enrol(1, &who), Error::<Test>::AlreadyEnrolled);
		assert_ok!(pay(&who, &sponsorable(), 10));
		assert_eq!((free(&admin(1)), free(&admin(2))), (ENDOWMENT, ENDOWMENT - 10));
	});
}

#[test]
fn an_organisation_enrols_as_many_as_its_quota() {
	test(|| {
		sponsor(1, terms());
		sponsor(2, terms());
		for number in 0..MAX_ENROLLED as u8 {
			assert_ok!(enrol(1, &account(100 + number)));
		}
		assert_noop!(enrol(1, &account(110)), Error::<Test>::TooManyEnrolled);
		// Dismissing makes no place, taking over does; and who is known already needs none.
		assert_ok!(dismiss(1, &account(100)));
		assert_noop!(enrol(1, &account(110)), Error::<Test>::TooManyEnrolled);
		assert_ok!(enrol(1, &account(100)));
		assert_ok!(dismiss(1, &account(100)));
		assert_ok!(enrol(2, &account(100)));
		assert_ok!(enrol(1, &account(110)));
	});
}

#[test]
fn an_account_without_balance_sends_transactions_only_once_it_was_enrolled() {
	test(|| {
		let who = account(100);
		let refused = InvalidTransaction::Payment.into();
		assert_eq!(send(&who, 0, sponsorable()), Err(refused));
		let plenty = salus_primitives::inputs::SponsorTerms { per_account: u128::MAX, per_day: u128::MAX };
		sponsor(1, plenty);
		let _ = Balances::force_set_balance(RuntimeOrigin::root(), admin(1), u64::MAX.into());
		assert_ok!(enrol(1, &who));
		assert_eq!(send(&who, 0, sponsorable()), Ok(Ok(())));
		assert_eq!(System::account_nonce(&who), 1);
		assert_eq!(free(&who), 0);
	});
}

#[test]
fn a_nonce_is_never_reset() {
	test(|| {
		let who = account(100);
		let plenty = salus_primitives::inputs::SponsorTerms { per_account: u128::MAX, per_day: u128::MAX };
		for org in [1, 2] {
			sponsor(org, plenty);
			let _ = Balances::force_set_balance(RuntimeOrigin::root(), admin(org), u64::MAX.into());
		}
		assert_ok!(enrol(1, &who));
		assert_eq!(send(&who, 0, sponsorable()), Ok(Ok(())));
		assert_eq!(send(&who, 1, crate::Call::leave {}.into()), Ok(Ok(())));
		assert_eq!(send(&who, 0, sponsorable()), Err(InvalidTransaction::Stale.into()));

		// Tokens come and go, sponsors too: the account stays.
		for org in [2, 1] {
			assert_ok!(Balances::transfer_allow_death(signed(&account(5)), who.clone(), 1_000));
			assert_ok!(Balances::transfer_all(signed(&who), account(5), false));
			assert_eq!((free(&who), System::account_nonce(&who)), (0, 2));
			assert_ok!(enrol(org, &who));
			assert_eq!(System::sufficients(&who), 1, "once and for all");
			assert_ok!(dismiss(org, &who));
			assert_eq!(System::account_nonce(&who), 2);
		}
		assert_eq!(send(&who, 0, sponsorable()), Err(InvalidTransaction::Stale.into()));
	});
}
