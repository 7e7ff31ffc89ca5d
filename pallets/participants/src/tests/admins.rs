use crate::{mock::*, Admins, Error, Event, Members, MAX_ADMINS};
use frame_support::{assert_noop, assert_ok};
use salus_primitives::traits::Directory;
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
fn nobody_else_manages_administrators_not_even_a_member() {
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
		assert_noop!(Participants::add_admin(RuntimeOrigin::none(), org, account(4)), BadOrigin);
		assert_noop!(Participants::remove_admin(RuntimeOrigin::none(), org, admin()), BadOrigin);
		// The consortium names administrators, but takes none away from an organisation that is not suspended.
		assert_noop!(Participants::remove_admin(root(), org, admin()), Error::<Test>::InvalidStatus);
	});
}

#[test]
fn the_consortium_names_an_administrator_where_none_can_sign_any_more() {
	test(|| {
		let org = admit();
		assert_ok!(Participants::add_admin(root(), org, account(4)));
		assert_eq!(last_event(), Event::AdminAdded { org, who: account(4) });
		assert_ok!(Participants::remove_admin(signed(&account(4)), org, admin()));
		assert_noop!(Participants::add_admin(root(), org, account(4)), Error::<Test>::AlreadyExists);
		assert_noop!(Participants::add_admin(root(), org + 1, account(4)), Error::<Test>::NotFound);
	});
}

#[test]
fn the_consortium_names_administrators_whatever_the_status_and_up_to_eight() {
	test(|| {
		let org = admit();
		assert_ok!(Participants::revoke_organisation(root(), org));
		assert_noop!(Participants::add_admin(signed(&admin()), org, account(4)), Error::<Test>::NotInStanding);
		for number in 2..=MAX_ADMINS as u8 {
			assert_ok!(Participants::add_admin(root(), org, account(number)));
		}
		assert_noop!(Participants::add_admin(root(), org, account(20)), Error::<Test>::TooManyAdmins);
	});
}

#[test]
fn other_pallets_are_told_who_is_an_administrator_whatever_the_status() {
	test(|| {
		let (org, other) = (admit(), admit());
		assert_ok!(Participants::add_admin(signed(&admin()), org, account(2)));
		assert_ok!(join(org, &account(3)));
		assert_ok!(Participants::suspend_organisation(root(), org));
		let is_admin = |org, who| <Participants as Directory>::is_admin(org, &who);
		assert!(is_admin(org, admin()) && is_admin(org, account(2)));
		assert!(!is_admin(org, account(3)), "a member is none by that");
		assert!(!is_admin(other, account(2)) && !is_admin(other + 1, admin()));
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
fn whoever_stole_an_administrators_key_removes_nobody_while_the_organisation_is_suspended() {
	test(|| {
		let (org, thief, named) = (admit(), admin(), account(4));
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_ok!(Participants::add_admin(root(), org, named.clone()));
		assert_noop!(Participants::remove_admin(signed(&thief), org, named.clone()), Error::<Test>::InvalidStatus);
		assert_noop!(Participants::remove_admin(root(), org, account(5)), Error::<Test>::NotAdmin);
		assert_noop!(Participants::remove_admin(root(), org + 1, thief.clone()), Error::<Test>::NotFound);
		assert_ok!(Participants::remove_admin(root(), org, thief.clone()));
		assert_noop!(Participants::remove_admin(root(), org, named.clone()), Error::<Test>::LastAdmin);
		assert_ok!(Participants::reinstate_organisation(root(), org));
		assert_noop!(Participants::remove_admin(signed(&thief), org, named.clone()), Error::<Test>::NotAuthorized);
		assert_eq!(Admins::<Test>::get(org).into_inner(), vec![named]);
	});
}

#[test]
fn administrators_of_a_suspended_organisation_can_only_remove_members() {
	test(|| {
		let org = admit();
		assert_ok!(Participants::add_admin(signed(&admin()), org, account(2)));
		assert_ok!(join(org, &account(3)));
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_noop!(Participants::add_admin(signed(&admin()), org, account(4)), Error::<Test>::NotInStanding);
		assert_noop!(join(org, &account(4)), Error::<Test>::NotInStanding);
		assert_noop!(Participants::remove_admin(signed(&admin()), org, account(2)), Error::<Test>::InvalidStatus);
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
