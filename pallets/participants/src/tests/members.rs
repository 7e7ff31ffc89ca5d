use crate::{mock::*, Error, Event, Member, MemberCounts, Members};
use frame_support::{assert_noop, assert_ok, hypothetically};
use salus_primitives::{time::DAY, MemberRole, MemberRoleSet};
use sp_runtime::traits::BadOrigin;

#[test]
fn an_administrator_adds_a_member_and_changes_the_membership() {
	test(|| {
		let org = admit();
		let who = account(2);
		assert_ok!(join(org, &who));
		assert_eq!(last_event(), Event::MemberAdded { org, who: who.clone(), roles: clinician() });

		let roles = MemberRoleSet::of(&[MemberRole::Gateway, MemberRole::Registrar]);
		let until = Some(NOW + DAY);
		assert_ok!(Participants::add_member(signed(&admin()), org, who.clone(), roles, Some(GLN), until));
		assert_eq!(last_event(), Event::MemberUpdated { org, who: who.clone(), roles });
		assert_eq!(Members::<Test>::get(&who), Some(Member { org, roles, premises: Some(GLN), until, removed: false }));
		let view = Participants::member_view(who.clone()).expect("just added");
		assert_eq!((view.account, view.org, view.roles), (who, org, roles));
		assert_eq!((view.premises, view.until, view.in_standing), (Some(GLN.to_vec()), until, true));
		assert_eq!(MemberCounts::<Test>::get(org), 1);
	});
}

#[test]
fn only_an_administrator_of_the_organisation_adds_and_removes_members() {
	test(|| {
		let org = admit();
		let who = account(2);
		assert_ok!(join(org, &who));
		let add = |origin| Participants::add_member(origin, org, account(3), clinician(), None, None);
		assert_noop!(add(signed(&who)), Error::<Test>::NotAuthorized);
		assert_noop!(add(root()), BadOrigin);
		let remove = |origin| Participants::remove_member(origin, org, who.clone());
		assert_noop!(remove(signed(&who)), Error::<Test>::NotAuthorized);
		assert_noop!(remove(root()), BadOrigin);
	});
}

#[test]
fn a_membership_with_a_wrong_field_is_refused() {
	test(|| {
		let org = admit();
		let add = |roles, premises, until| {
			Participants::add_member(signed(&admin()), org, account(2), roles, premises, until)
		};
		assert_noop!(add(MemberRoleSet::EMPTY, None, None), Error::<Test>::NoRoles);
		assert_noop!(add(MemberRoleSet(1 << 12), None, None), Error::<Test>::UnknownRole);
		assert_noop!(add(clinician(), Some(*b"4012345000001"), None), Error::<Test>::InvalidGln);
		assert_noop!(add(clinician(), None, Some(NOW)), Error::<Test>::Expired);
		assert_ok!(add(clinician(), None, Some(NOW + 1)));
	});
}

#[test]
fn an_account_is_a_member_of_one_organisation_at_a_time() {
	test(|| {
		let (org, other) = (admit(), admit());
		let who = account(2);
		assert_ok!(Participants::add_member(signed(&admin()), org, who.clone(), clinician(), None, Some(NOW + DAY)));
		assert_noop!(join(other, &who), Error::<Test>::MemberElsewhere);
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_noop!(join(other, &who), Error::<Test>::MemberElsewhere);

		let moves = || {
			assert_ok!(join(other, &who));
			assert_eq!(last_event(), Event::MemberAdded { org: other, who: who.clone(), roles: clinician() });
			assert_eq!((MemberCounts::<Test>::get(org), MemberCounts::<Test>::get(other)), (0, 1));
			assert_ok!(Participants::do_try_state());
		};
		// Once the membership is removed, has ended, or the organisation is revoked.
		hypothetically!({
			assert_ok!(Participants::remove_member(signed(&admin()), org, who.clone()));
			moves();
		});
		hypothetically!({
			set_time(NOW + DAY - 1);
			assert_noop!(join(other, &who), Error::<Test>::MemberElsewhere);
			set_time(NOW + DAY);
			moves();
		});
		hypothetically!({
			assert_ok!(Participants::revoke_organisation(root(), org));
			moves();
		});
	});
}

#[test]
fn a_removed_member_stays_known_and_can_be_added_again() {
	test(|| {
		let (org, other) = (admit(), admit());
		let who = account(2);
		assert_noop!(Participants::remove_member(signed(&admin()), org, who.clone()), Error::<Test>::NotMember);
		assert_ok!(join(org, &who));
		assert_noop!(Participants::remove_member(signed(&admin()), other, who.clone()), Error::<Test>::NotMember);

		assert_ok!(Participants::remove_member(signed(&admin()), org, who.clone()));
		assert_eq!(last_event(), Event::MemberRemoved { org, who: who.clone() });
		let view = Participants::member_view(who.clone()).expect("stays known");
		assert_eq!((view.org, view.in_standing), (org, false));
		assert_noop!(Participants::remove_member(signed(&admin()), org, who.clone()), Error::<Test>::NotMember);

		assert_ok!(join(org, &who));
		assert_eq!(last_event(), Event::MemberAdded { org, who: who.clone(), roles: clinician() });
		assert!(Participants::member_view(who).expect("added").in_standing);
		assert_eq!(MemberCounts::<Test>::get(org), 1);
	});
}

#[test]
fn present_and_former_members_count_towards_the_quota() {
	test(|| {
		let (org, other) = (admit(), admit());
		for number in 0..MAX_MEMBERS as u8 {
			assert_ok!(join(org, &account(10 + number)));
		}
		assert_noop!(join(org, &account(20)), Error::<Test>::TooManyMembers);
		assert_ok!(Participants::remove_member(signed(&admin()), org, account(10)));
		assert_noop!(join(org, &account(20)), Error::<Test>::TooManyMembers);
		// Those who are counted already can be changed and added again.
		assert_ok!(join(org, &account(11)));
		hypothetically!({
			assert_ok!(join(org, &account(10)));
		});
		// A former member whom another organisation takes on makes room.
		assert_ok!(join(other, &account(10)));
		assert_ok!(join(org, &account(20)));
	});
}
