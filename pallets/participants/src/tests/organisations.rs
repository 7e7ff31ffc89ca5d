use crate::{mock::*, Admins, Error, Event, NextOrg, Organisations};
use frame_support::{assert_noop, assert_ok, hypothetically};
use salus_primitives::{inputs::OrganisationInput, time::DAY, views::OrgStatus, OrgRoleSet};
use sp_runtime::{traits::BadOrigin, BoundedVec, DispatchError};

#[test]
fn an_admitted_organisation_is_active_under_the_next_number() {
	test(|| {
		for org in 0..3 {
			assert_ok!(Participants::admit_organisation(root(), hospital(), account(9)));
			assert_eq!(last_event(), Event::OrganisationAdmitted { org, admin: account(9) });
			let view = Participants::organisation_view(org).expect("just admitted");
			assert_eq!((view.id, view.status, view.in_standing), (org, OrgStatus::Active, true));
			assert_eq!(view.name, hospital().name.into_inner());
			assert_eq!((view.country, view.gln), (b"DE".to_vec(), Some(GLN.to_vec())));
			assert_eq!((view.roles, view.non_profit), (hospital().roles, true));
			assert_eq!((view.licence_until, view.requires_agreement), (hospital().licence_until, false));
			assert_eq!(view.admins, vec![account(9)]);
			assert_eq!(Organisations::<Test>::get(org).expect("just admitted").legal_entity, hospital().legal_entity);
		}
		assert_eq!(Participants::organisation_view(3), None);
	});
}

#[test]
fn only_the_consortium_admits_suspends_reinstates_revokes_and_renews() {
	test(|| {
		let org = admit();
		for origin in [signed(&admin()), RuntimeOrigin::none()] {
			assert_noop!(Participants::admit_organisation(origin.clone(), hospital(), admin()), BadOrigin);
			assert_noop!(Participants::suspend_organisation(origin.clone(), org), BadOrigin);
			assert_noop!(Participants::reinstate_organisation(origin.clone(), org), BadOrigin);
			assert_noop!(Participants::revoke_organisation(origin.clone(), org), BadOrigin);
			assert_noop!(Participants::renew_licence(origin, org, NOW + DAY), BadOrigin);
		}
	});
}

#[test]
fn an_application_with_a_wrong_field_is_refused() {
	let refused = |change: fn(&mut OrganisationInput), expected: Error<Test>| {
		let mut application = hospital();
		change(&mut application);
		assert_noop!(Participants::admit_organisation(root(), application, admin()), expected);
	};
	test(|| {
		refused(|org| org.name = BoundedVec::new(), Error::InvalidName);
		refused(|org| org.name = BoundedVec::truncate_from(vec![0xff]), Error::InvalidName);
		refused(|org| org.country = *b"de", Error::InvalidCountry);
		refused(|org| org.country = *b"D1", Error::InvalidCountry);
		refused(|org| org.gln = Some(*b"4012345000008"), Error::InvalidGln);
		refused(|org| org.roles = OrgRoleSet::EMPTY, Error::NoRoles);
		refused(|org| org.roles = OrgRoleSet(1 << 15), Error::UnknownRole);
		refused(|org| org.licence_until = NOW, Error::Expired);
		refused(|org| org.licence_until = 0, Error::Expired);
		assert_eq!(NextOrg::<Test>::get(), 0);
	});
}

#[test]
fn numbers_of_organisations_are_never_given_twice() {
	new_test_ext().execute_with(|| {
		NextOrg::<Test>::put(u32::MAX);
		assert_noop!(
			Participants::admit_organisation(root(), hospital(), admin()),
			Error::<Test>::TooManyOrganisations
		);
	});
}

#[test]
fn status_goes_from_active_to_suspended_and_back_and_ends_revoked() {
	test(|| {
		let org = admit();
		let status = || Organisations::<Test>::get(org).expect("admitted").status;

		assert_noop!(Participants::reinstate_organisation(root(), org), Error::<Test>::InvalidStatus);
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_eq!(last_event(), Event::OrganisationSuspended { org });
		assert_eq!(status(), OrgStatus::Suspended);
		assert_noop!(Participants::suspend_organisation(root(), org), Error::<Test>::InvalidStatus);

		hypothetically!({
			assert_ok!(Participants::revoke_organisation(root(), org));
			assert_eq!(status(), OrgStatus::Revoked);
		});

		assert_ok!(Participants::reinstate_organisation(root(), org));
		assert_eq!(last_event(), Event::OrganisationReinstated { org });
		assert_eq!(status(), OrgStatus::Active);

		assert_ok!(Participants::revoke_organisation(root(), org));
		assert_eq!(last_event(), Event::OrganisationRevoked { org });
		assert_eq!(status(), OrgStatus::Revoked);
		for (what, result) in [
			("suspend", Participants::suspend_organisation(root(), org)),
			("reinstate", Participants::reinstate_organisation(root(), org)),
			("revoke", Participants::revoke_organisation(root(), org)),
			("renew", Participants::renew_licence(root(), org, NOW + DAY)),
		] {
			assert_eq!(result, Err(error(Error::InvalidStatus)), "{what}");
		}
	});
}

#[test]
fn an_unknown_organisation_is_not_found() {
	test(|| {
		let missing: Result<(), DispatchError> = Err(error(Error::NotFound));
		assert_eq!(Participants::suspend_organisation(root(), 7), missing);
		assert_eq!(Participants::reinstate_organisation(root(), 7), missing);
		assert_eq!(Participants::revoke_organisation(root(), 7), missing);
		assert_eq!(Participants::renew_licence(root(), 7, NOW + DAY), missing);
		assert_eq!(Participants::set_requires_agreement(signed(&admin()), 7, true), missing);
		assert_eq!(Participants::add_admin(signed(&admin()), 7, account(2)), missing);
		assert_eq!(Participants::remove_admin(signed(&admin()), 7, account(2)), missing);
		assert_eq!(join(7, &account(2)), missing);
		assert_eq!(Participants::remove_member(signed(&admin()), 7, account(2)), missing);
	});
}

#[test]
fn an_expired_licence_counts_as_suspended_until_it_is_renewed() {
	test(|| {
		let org = admit();
		let standing = || Participants::organisation_view(org).expect("admitted").in_standing;
		set_time(hospital().licence_until - 1);
		assert!(standing());
		set_time(hospital().licence_until);
		assert!(!standing());
		assert_noop!(join(org, &account(2)), Error::<Test>::NotInStanding);

		assert_noop!(Participants::renew_licence(root(), org, hospital().licence_until), Error::<Test>::Expired);
		let licence_until = hospital().licence_until + DAY;
		assert_ok!(Participants::renew_licence(root(), org, licence_until));
		assert_eq!(last_event(), Event::LicenceRenewed { org, licence_until });
		assert!(standing());
		assert_ok!(join(org, &account(2)));
	});
}

#[test]
fn renewing_the_licence_of_a_suspended_organisation_does_not_reinstate_it() {
	test(|| {
		let org = admit();
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_ok!(Participants::renew_licence(root(), org, NOW + DAY));
		assert!(!Participants::organisation_view(org).expect("admitted").in_standing);
	});
}

#[test]
fn an_administrator_sets_whether_agreements_are_required() {
	test(|| {
		let org = admit();
		for required in [true, true, false] {
			assert_ok!(Participants::set_requires_agreement(signed(&admin()), org, required));
			assert_eq!(last_event(), Event::RequiresAgreementSet { org, required });
			assert_eq!(Participants::organisation_view(org).expect("admitted").requires_agreement, required);
		}
		assert_noop!(
			Participants::set_requires_agreement(signed(&account(2)), org, true),
			Error::<Test>::NotAuthorized
		);
		assert_noop!(Participants::set_requires_agreement(root(), org, true), BadOrigin);
		assert_ok!(Participants::suspend_organisation(root(), org));
		assert_noop!(Participants::set_requires_agreement(signed(&admin()), org, true), Error::<Test>::NotInStanding);
		assert_eq!(Admins::<Test>::get(org).into_inner(), vec![admin()]);
	});
}
