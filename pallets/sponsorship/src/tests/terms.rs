//! Beginning to sponsor, changing the terms, and stopping.

use crate::{
	mock::*,
	types::{Offer, Spending},
	Error, Event, Sponsors,
};
use frame_support::{assert_noop, assert_ok};
use salus_primitives::{inputs::SponsorTerms, time::DAY, MemberRole};

fn set_terms(number: u8, terms: Option<SponsorTerms>) -> sp_runtime::DispatchResult {
	Sponsorship::set_terms(signed(&account(number)), 1, terms)
}

#[test]
fn the_administrator_who_sets_terms_pays() {
	test(|| {
		admit(1, &account(1));
		add_admin(1, &account(2));
		assert_ok!(set_terms(1, Some(terms())));
		assert_ok!(set_terms(2, Some(SponsorTerms { per_account: 1, per_day: 2 })));
		let offer = Offer { payer: account(2), terms: SponsorTerms { per_account: 1, per_day: 2 } };
		assert_eq!(Sponsors::<Test>::get(1).and_then(|sponsor| sponsor.offer), Some(offer.clone()));
		let set = |number, terms| Event::TermsSet { org: 1, payer: account(number), terms };
		assert_eq!(events(), [set(1, terms()), set(2, offer.terms)]);
	});
}

#[test]
fn only_administrators_set_terms() {
	test(|| {
		assert_noop!(set_terms(1, Some(terms())), Error::<Test>::NotFound);
		admit(1, &account(1));
		admit(2, &account(2));
		join(1, &account(3), MemberRole::Registrar);
		for other in [2, 3] {
			assert_noop!(set_terms(other, Some(terms())), Error::<Test>::NotAuthorized);
			assert_noop!(set_terms(other, None), Error::<Test>::NotAuthorized);
		}
		assert_noop!(Sponsorship::set_terms(RuntimeOrigin::root(), 1, None), sp_runtime::DispatchError::BadOrigin);
	});
}

#[test]
fn an_organisation_not_in_standing_can_only_stop() {
	test(|| {
		sponsor(1, terms());
		set_active(1, false);
		assert_noop!(set_terms(1, Some(terms())), Error::<Test>::NotInStanding);
		events();
		assert_ok!(set_terms(1, None));
		assert_eq!(events(), [Event::SponsoringEnded { org: 1 }]);
	});
}

#[test]
fn what_was_not_begun_cannot_be_stopped() {
	test(|| {
		admit(1, &account(1));
		assert_noop!(set_terms(1, None), Error::<Test>::NotSponsoring);
		assert_ok!(set_terms(1, Some(terms())));
		assert_ok!(set_terms(1, None));
		assert_noop!(set_terms(1, None), Error::<Test>::NotSponsoring);
	});
}

#[test]
fn stopping_and_beginning_again_wins_no_allowance() {
	test(|| {
		let who = enrolled();
		assert_ok!(pay(&who, &sponsorable(), 90));
		assert_ok!(set_terms(1, None));
		assert!(pay(&who, &sponsorable(), 5).is_err());
		assert_ok!(set_terms(1, Some(terms())));
		let sponsor = Sponsors::<Test>::get(1).expect("set");
		assert_eq!((sponsor.enrolled, sponsor.spent), (1, Spending { day: (NOW / DAY) as u32, amount: 90 }));
		assert!(pay(&who, &sponsorable(), 11).is_err());
		assert_ok!(pay(&who, &sponsorable(), 10));
	});
}

#[test]
fn new_terms_hold_for_what_is_left_of_the_day() {
	test(|| {
		let who = enrolled();
		assert_ok!(pay(&who, &sponsorable(), 90));
		assert_ok!(set_terms(1, Some(SponsorTerms { per_account: 80, per_day: 1_000 })));
		assert!(pay(&who, &sponsorable(), 1).is_err());
		assert_ok!(set_terms(1, Some(SponsorTerms { per_account: 91, per_day: 1_000 })));
		assert_ok!(pay(&who, &sponsorable(), 1));
		assert!(pay(&who, &sponsorable(), 1).is_err());
	});
}

#[test]
fn a_payer_who_is_no_administrator_any_more_pays_no_more() {
	test(|| {
		let who = enrolled();
		add_admin(1, &account(2));
		remove_admin(1, &account(1));
		assert!(pay(&who, &sponsorable(), 10).is_err());
		assert_eq!(free(&account(1)), ENDOWMENT);
		assert_noop!(Sponsorship::enrol(signed(&account(2)), 1, account(101)), Error::<Test>::NotSponsoring);
		assert_ok!(set_terms(2, Some(terms())));
		assert_ok!(pay(&who, &sponsorable(), 10));
		assert_eq!((free(&account(1)), free(&account(2))), (ENDOWMENT, ENDOWMENT - 10));
	});
}
