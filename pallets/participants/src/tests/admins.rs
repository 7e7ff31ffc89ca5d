use crate::{mock::*, Admins, Error, Event, Members, MAX_ADMINS};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::traits::BadOrigin;

#[test]
fn administrators_add_and_remove_one_another() {
	test(|| {
		let org = admit();
		assert_ok!(Participants::add_admin(signed(&admin()), org, account(2)));
		assert_eq!(last_event(), Event::AdminAdded { org, who: account(2) });
		assert_ok!(Participants::remove_admin(signed(&account(2)), org, admin()));
		assert_eq!(last_event(), Event::AdminRemoved { org, who: admin() });
		assert_eq!(Admins::<Test>::get(org).into_inner(), vec![account(2)]);
		assert_noop!(join(org, &account(3)), Error::<Test>::NotAuthorized);
	});
}

#[test]
fn nobody_else_manages_administrators_not_even_the_consortium_or_a_member() {
	test(|| {
		let (org, other) = (admit(), admit());
		assert_ok!(join(org, &account(2)));
		assert_ok!(Participants::add_admin(signed(&admin()), other, account(3)));
		for stranger in [account(2), account(3), account(4)] {
			assert_noop!(
				Participants::add_admin(signed(&stranger), org, stranger.clone()),
				Error::<Test>::NotAuthorized
			);
			assert_noop!(Participants::remove_admin(signed(&stranger), org, admin()), Error::<Test>::NotAuthorized);
		}
		assert_noop!(Participants::add_admin(root(), org, account(4)), BadOrigin);
		assert_noop!(Participants::remove_admin(root(), org, admin()), BadOrigin);
	});
}

#[test]
fn there_are_at_most_eight_administrators_each_listed_once() {
	test(|| {
		let org = admit();
		assert_noop!(Participants::add_admin(signed(&admin()), org, admin()), Error::<Test>::AlreadyExists);
		for number in 2..=MAX_ADMINS as u8 {
			assert_ok!(Participants::add_admin(signed(&admin()), org, account(number)));
		}
		assert_noop!(Participants::add_admin(signed(&admin()), org, account(20)), Error::<Test>::TooManyAdmins);
	});
}

#[test]
fn the_last_administrator_stays() {
	test(|| {
		let org = admit();
		assert_noop!(Participants::remove_admin(signed(&admin()), org, account(2)), Error::<Test>::NotAdmin);
		assert_noop!(Participants::remove_admin(signed(&admin()), org, admin()), Error::<Test>::LastAdmin);
		assert_ok!(Participants::add_admin(signed(&admin()), org, account(2)));
		assert_ok!(Participants::remove_admin(signed(&admin()), org, admin()));
		assert_noop!(Participants::remove_admin(signed(&account(2)), org, account(2)), Error::<Test>::LastAdmin);
	});
}

#[test]
fn administrators_of_a_suspended_organisation_can_only_remove() {
	test(|| {
		let org = admit();
		assert_ok!(Participants::add_admin(signed(&admin()), org, account(2)));
		assert_ok!(join(org, &account(3)));
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_noop!(Participants::add_admin(signed(&admin()), org, account(4)), Error::<Test>::NotInStanding);
		assert_noop!(join(org, &account(4)), Error::<Test>::NotInStanding);
		assert_ok!(Participants::remove_admin(signed(&admin()), org, account(2)));
		assert_ok!(Participants::remove_member(signed(&admin()), org, account(3)));
	});
}

#[test]
fn an_administrator_is_not_a_member_by_that() {
	test(|| {
		admit();
		assert_eq!(Members::<Test>::get(admin()), None);
		assert_eq!(Participants::member_view(admin()), None);
	});
}
