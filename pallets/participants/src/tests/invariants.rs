//! Each invariant that `try_state` checks, broken.

use crate::{
	mock::*, Admins, Agreement, Agreements, EncryptionKeys, MemberCounts, Members, NextAgreement, NextOrg,
	Organisations, MAX_NOTICE,
};
use frame_support::{assert_err, assert_ok};
use salus_primitives::{
	views::KeySuite::HpkeX25519, MemberRoleSet, ObligationSet, OrgId, OrgRoleSet, PurposeSet, ResourceTypeSet, H256,
};
use sp_runtime::BoundedVec;

/// Checks that breaking something makes `try_state` fail with this message.
fn broken(message: &'static str, break_it: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		admit();
		assert_ok!(join(0, &account(2)));
		assert_ok!(Participants::set_encryption_key(signed(&account(2)), HpkeX25519, H256::repeat_byte(1)));
		assert_ok!(Participants::do_try_state());
		break_it();
		assert_err!(Participants::do_try_state(), message);
	});
}

fn change_organisation(change: impl FnOnce(&mut crate::Organisation)) {
	Organisations::<Test>::mutate(0, |org| change(org.as_mut().expect("admitted")));
}

fn change_member(change: impl FnOnce(&mut crate::Member)) {
	Members::<Test>::mutate(account(2), |member| change(member.as_mut().expect("added")));
}

#[test]
fn broken_organisations_are_found() {
	broken("organisation with a number not yet given", || NextOrg::<Test>::put(0));
	broken("organisation lost: none is ever removed", || NextOrg::<Test>::put(2));
	broken("organisation without a readable name", || change_organisation(|org| org.name = BoundedVec::new()));
	broken("organisation without a country code", || change_organisation(|org| org.country = [0; 2]));
	broken("organisation with a wrong GLN", || change_organisation(|org| org.gln = Some([0; 13])));
	broken("organisation without known roles", || change_organisation(|org| org.roles = OrgRoleSet::EMPTY));
	broken("organisation without administrators", || Admins::<Test>::remove(0));
	broken("administrator listed twice", || {
		Admins::<Test>::mutate(0, |admins| admins.try_push(admin()).expect("there is room"))
	});
	broken("administrators of nothing", || Admins::<Test>::insert(1, BoundedVec::truncate_from(vec![admin()])));
}

#[test]
fn broken_members_are_found() {
	broken("member of an unknown organisation", || change_member(|member| member.org = 1));
	broken("member without known roles", || change_member(|member| member.roles = MemberRoleSet::EMPTY));
	broken("member with a wrong GLN", || change_member(|member| member.premises = Some([b'1'; 13])));
	broken("wrong count of members", || MemberCounts::<Test>::insert(0, 2));
	broken("more members than the quota", || {
		let member = Members::<Test>::get(account(2)).expect("added");
		(10..10 + MAX_MEMBERS as u8).for_each(|number| Members::<Test>::insert(account(number), member.clone()));
		MemberCounts::<Test>::insert(0, MAX_MEMBERS + 1);
	});
}

#[test]
fn broken_keys_are_found() {
	broken("encryption key of zeros", || {
		EncryptionKeys::<Test>::mutate(account(2), |entry| {
			entry.as_mut().expect("set").0.public_key = H256::zero();
		})
	});
}

#[test]
fn broken_agreements_are_found() {
	/// Breaks one of two agreements between organisations 0 and 1.
	fn broken_agreement(message: &'static str, change: fn(&mut Agreement)) {
		broken_agreements(message, |agreements| change(&mut agreements[1]));
	}
	fn broken_agreements(message: &'static str, change: impl FnOnce(&mut Vec<Agreement>)) {
		broken(message, || {
			admit();
			for _ in 0..2 {
				assert_ok!(Participants::propose_agreement(signed(&admin()), 0, agreement()));
			}
			assert_ok!(Participants::do_try_state());
			Agreements::<Test>::mutate(0, 1, |agreements| {
				let mut list = agreements.to_vec();
				change(&mut list);
				*agreements = BoundedVec::truncate_from(list);
			});
		});
	}
	fn moved(custodian: OrgId, recipient: OrgId) -> impl FnOnce() {
		move || {
			admit();
			assert_ok!(Participants::propose_agreement(signed(&admin()), 0, agreement()));
			Agreements::<Test>::swap(0, 1, custodian, recipient);
		}
	}

	broken("agreement of an organisation with itself", moved(0, 0));
	broken("agreement with an unknown organisation", moved(0, 2));
	broken("agreement with an unknown organisation", moved(2, 1));
	broken("proposal that nobody can accept", || {
		admit();
		moved(0, 2)();
	});
	broken_agreements("empty list of agreements", |agreements| agreements.clear());
	broken_agreements("two agreements with one number", |agreements| agreements[0].id = agreements[1].id);
	broken_agreement("agreement with a number not yet given", |agreement| agreement.id = NextAgreement::<Test>::get());
	broken_agreement("proposal that nobody can accept", |agreement| agreement.awaits = Some(2));
	broken_agreement("agreement with too long a notice", |agreement| agreement.notice = MAX_NOTICE + 1);
	for change in [
		(|agreement| agreement.sharing.purposes = Some(PurposeSet::EMPTY)) as fn(&mut Agreement),
		|agreement| agreement.sharing.purposes = Some(PurposeSet(1 << 63)),
		|agreement| agreement.sharing.resource_types = Some(ResourceTypeSet::EMPTY),
		|agreement| agreement.sharing.resource_types = Some(ResourceTypeSet(1 << 127)),
		|agreement| agreement.sharing.obligations = ObligationSet(1 << 15),
	] {
		broken_agreement("agreement about unknown codes", change);
	}
	broken_agreement("agreement that ends before it starts", |agreement| agreement.sharing.period.until = Some(NOW));
}
