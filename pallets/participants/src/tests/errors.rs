//! The errors as clients see them.

use crate::{mock::*, Error, NextOrg};
use frame_support::assert_ok;
use salus_primitives::{
	inputs::{AgreementInput, OrganisationInput},
	time::DAY,
	views::KeySuite::HpkeX25519,
	MemberRoleSet, OrgId, PurposeSet, H256,
};
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::{BoundedVec, DispatchError, DispatchResult};

/// Every error, in the order of its index: appending is the only change that clients survive.
const ERRORS: [Error<Test>; 28] = [
	Error::NotFound,
	Error::NotAuthorized,
	Error::NotInStanding,
	Error::InvalidStatus,
	Error::InvalidName,
	Error::InvalidCountry,
	Error::InvalidGln,
	Error::NoRoles,
	Error::UnknownRole,
	Error::Expired,
	Error::TooManyOrganisations,
	Error::TooManyAdmins,
	Error::TooManyMembers,
	Error::AlreadyExists,
	Error::NotAdmin,
	Error::LastAdmin,
	Error::NotMember,
	Error::MemberElsewhere,
	Error::NoKey,
	Error::InvalidKey,
	Error::NotParty,
	Error::SameParty,
	Error::EmptySet,
	Error::UnknownCode,
	Error::InvertedPeriod,
	Error::InvalidNotice,
	Error::TooManyAgreements,
	Error::NotAwaited,
];

/// Meets an error, where organisations 0 and 1 are admitted.
fn meet(error: &Error<Test>) -> DispatchResult {
	let by = || signed(&admin());
	let admit_with = |change: fn(&mut OrganisationInput)| {
		let mut application = hospital();
		change(&mut application);
		Participants::admit_organisation(root(), application, admin())
	};
	let member = |roles| Participants::add_member(by(), 0, account(5), MemberRoleSet(roles), None, None);
	let propose = |change: fn(&mut AgreementInput)| {
		let mut proposal = agreement();
		change(&mut proposal);
		Participants::propose_agreement(by(), 0, proposal)
	};
	let accept = |org: OrgId| Participants::accept_agreement(by(), org, 0, 1, 0);
	match error {
		Error::NotFound => Participants::suspend_organisation(root(), 2),
		Error::NotAuthorized => Participants::add_admin(signed(&account(5)), 0, account(5)),
		Error::NotInStanding => {
			assert_ok!(Participants::suspend_organisation(root(), 0));
			Participants::add_admin(by(), 0, account(5))
		}
		Error::InvalidStatus => Participants::reinstate_organisation(root(), 0),
		Error::InvalidName => admit_with(|org| org.name = BoundedVec::new()),
		Error::InvalidCountry => admit_with(|org| org.country = *b"de"),
		Error::InvalidGln => admit_with(|org| org.gln = Some([b'1'; 13])),
		Error::NoRoles => member(0),
		Error::UnknownRole => member(1 << 15),
		Error::Expired => Participants::renew_licence(root(), 0, NOW),
		Error::TooManyOrganisations => {
			NextOrg::<Test>::put(u32::MAX);
			admit_with(|_| ())
		}
		Error::TooManyAdmins => (2..10).try_for_each(|number| Participants::add_admin(by(), 0, account(number))),
		Error::TooManyMembers => (2..10).try_for_each(|number| join(0, &account(number))),
		Error::AlreadyExists => Participants::add_admin(by(), 0, admin()),
		Error::NotAdmin => Participants::remove_admin(by(), 0, account(5)),
		Error::LastAdmin => Participants::remove_admin(by(), 0, admin()),
		Error::NotMember => Participants::remove_member(by(), 0, account(5)),
		Error::MemberElsewhere => (0..2).try_for_each(|org| join(org, &account(5))),
		Error::NoKey => Participants::remove_encryption_key(by()),
		Error::InvalidKey => Participants::set_encryption_key(by(), HpkeX25519, H256::zero()),
		Error::NotParty => propose(|input| input.custodian = 2),
		Error::SameParty => propose(|input| input.recipient = 0),
		Error::EmptySet => propose(|input| input.purposes = Some(PurposeSet::EMPTY)),
		Error::UnknownCode => propose(|input| input.purposes = Some(PurposeSet(1 << 63))),
		Error::InvertedPeriod => propose(|input| (input.start, input.end) = (Some(NOW + DAY), Some(NOW + 1))),
		Error::InvalidNotice => propose(|input| input.notice = 1_000 * DAY),
		Error::TooManyAgreements => (0..5).try_for_each(|_| propose(|_| ())),
		Error::NotAwaited => {
			assert_ok!(propose(|_| ()));
			accept(0)
		}
		Error::__Ignore(..) => unreachable!("it cannot be made"),
	}
}

#[test]
fn errors_keep_their_index() {
	for (index, error) in ERRORS.into_iter().enumerate() {
		let DispatchError::Module(module) = DispatchError::from(error) else { panic!("an error of a pallet") };
		assert_eq!(usize::from(module.error[0]), index, "{:?}", module.message);
	}
}

#[test]
fn every_error_is_met() {
	let TypeDef::Variant(declared) = Error::<Test>::type_info().type_def else { panic!("an enumeration") };
	assert_eq!(declared.variants.len(), ERRORS.len(), "the list here is complete");
	for error in ERRORS {
		new_test_ext().execute_with(|| {
			admit();
			admit();
			assert_eq!(meet(&error), Err(error.into()));
		});
	}
}
