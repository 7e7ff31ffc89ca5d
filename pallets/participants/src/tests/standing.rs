//! What other pallets are told, through the trait.

use crate::mock::*;
use frame_support::{assert_ok, hypothetically};
use salus_primitives::{
	consent::{Membership, Standing},
	time::DAY,
	traits::Directory,
	AccountId, Moment,
};

fn standing(who: &AccountId, now: Moment) -> Standing {
	<Participants as Directory>::standing(who, now)
}

#[test]
fn someone_who_never_was_a_member_has_no_standing_an_administrator_neither() {
	test(|| {
		admit();
		assert_eq!(standing(&admin(), NOW), Standing::Never);
		assert_eq!(standing(&account(5), NOW), Standing::Never);
	});
}

#[test]
fn a_member_in_good_standing_has_one_until_membership_or_licence_ends() {
	test(|| {
		let org = admit();
		let licence_until = hospital().licence_until;
		for (until, ends) in [
			(None, licence_until),
			(Some(NOW + DAY), NOW + DAY),
			(Some(licence_until + DAY), licence_until),
			(Some(Moment::MAX), licence_until),
		] {
			assert_ok!(Participants::add_member(signed(&admin()), org, account(2), clinician(), None, until));
			let membership = Membership { org, roles: clinician(), org_roles: hospital().roles, until: Some(ends) };
			assert_eq!(standing(&account(2), ends - 1), Standing::Active(membership));
			assert_eq!(standing(&account(2), ends), Standing::Inactive);
			assert_eq!(standing(&account(2), Moment::MAX), Standing::Inactive);
		}
	});
}

#[test]
fn removal_suspension_and_revocation_end_standing_at_once() {
	test(|| {
		let org = admit();
		let who = account(2);
		assert_ok!(join(org, &who));
		hypothetically!({
			assert_ok!(Participants::remove_member(signed(&admin()), org, who.clone()));
			assert_eq!(standing(&who, NOW), Standing::Inactive);
		});
		hypothetically!({
			assert_ok!(Participants::revoke_organisation(root(), org));
			assert_eq!(standing(&who, NOW), Standing::Inactive);
		});
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_eq!(standing(&who, NOW), Standing::Inactive);
		assert_ok!(Participants::reinstate_organisation(root(), org));
		assert!(matches!(standing(&who, NOW), Standing::Active(_)));
	});
}

#[test]
fn the_standing_of_an_organisation_follows_status_and_licence() {
	test(|| {
		let org = admit();
		let told = |now| <Participants as Directory>::organisation(org, now).expect("admitted");
		assert_eq!(<Participants as Directory>::organisation(org + 1, NOW), None);
		assert_eq!((told(NOW).roles, told(NOW).licence_until), (hospital().roles, hospital().licence_until));
		assert!(told(hospital().licence_until - 1).active);
		assert!(!told(hospital().licence_until).active);
		assert_ok!(Participants::set_requires_agreement(signed(&admin()), org, true));
		assert!(told(NOW).requires_agreement);
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert!(!told(NOW).active);
	});
}

#[test]
fn name_legal_entity_and_premises_are_told() {
	test(|| {
		let org = admit();
		let told = <Participants as Directory>::organisation(org, NOW).expect("admitted");
		assert_eq!(told.legal_entity, hospital().legal_entity);
		assert_eq!(<Participants as Directory>::name(org), Some(hospital().name.into_inner()));
		assert_eq!(<Participants as Directory>::name(org + 1), None);
		let who = account(2);
		assert_ok!(join(org, &who));
		assert_eq!(<Participants as Directory>::premises(&who), None);
		let add = |premises| Participants::add_member(signed(&admin()), org, who.clone(), clinician(), premises, None);
		assert_ok!(add(Some(GLN)));
		assert_eq!(<Participants as Directory>::premises(&who), Some(GLN));
		// Where a dispense was made is told also after the one who made it has left.
		assert_ok!(Participants::remove_member(signed(&admin()), org, who.clone()));
		assert_eq!(<Participants as Directory>::premises(&who), Some(GLN));
		assert_eq!(<Participants as Directory>::premises(&account(3)), None);
	});
}

#[test]
fn reading_tells_its_weight() {
	let weights = [
		<Participants as Directory>::standing_weight(),
		<Participants as Directory>::organisation_weight(),
		<Participants as Directory>::is_admin_weight(),
		<Participants as Directory>::premises_weight(),
		<Participants as Directory>::agreements_weight(),
	];
	assert!(weights.iter().all(|weight| weight.ref_time() > 0 && weight.proof_size() > 0));
}
