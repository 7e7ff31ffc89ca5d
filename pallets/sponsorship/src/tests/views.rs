//! What the runtime API answers.

use crate::mock::*;
use frame_support::{
	assert_ok,
	traits::{Consideration, Footprint},
};
use salus_primitives::{
	inputs::SponsorTerms,
	time::DAY,
	views::{SponsorView, SponsorshipView},
};

#[test]
fn an_organisation_that_does_not_sponsor_has_no_view() {
	test(|| {
		assert_eq!(Sponsorship::sponsor_view(1), None);
		sponsor(1, terms());
		assert_ok!(Sponsorship::set_terms(signed(&admin(1)), 1, None));
		assert_eq!(Sponsorship::sponsor_view(1), None);
	});
}

#[test]
fn a_sponsor_sees_what_it_spent_today() {
	test(|| {
		let who = enrolled();
		assert_ok!(pay(&who, &sponsorable(), 40));
		let view = SponsorView { org: 1, payer: admin(1), terms: terms(), spent_today: 40, enrolled: 1 };
		assert_eq!(Sponsorship::sponsor_view(1), Some(view.clone()));
		set_time(NOW + DAY);
		assert_eq!(Sponsorship::sponsor_view(1), Some(SponsorView { spent_today: 0, ..view }));
	});
}

#[test]
fn a_stranger_has_waivers_only() {
	test(|| {
		let view =
			SponsorshipView { sponsor: None, left_today: 0, storage: 0, storage_limit: 0, waivers_left: WAIVERS };
		assert_eq!(Sponsorship::sponsorship_view(account(100)), view);
	});
}

#[test]
fn an_account_sees_what_is_left() {
	test(|| {
		let (who, other) = (enrolled(), account(101));
		act(&who);
		assert_ok!(enrol(1, &other));
		assert_ok!(pay(&who, &sponsorable(), 30));
		assert_ok!(pay(&who, &right(), 30));
		assert_ok!(Ticket::new(&who, Footprint::from_parts(1, 15)));
		let mut view = SponsorshipView {
			sponsor: Some(1),
			left_today: 70,
			storage: 25,
			storage_limit: STORAGE,
			waivers_left: WAIVERS - 1,
		};
		assert_eq!(Sponsorship::sponsorship_view(who.clone()), view);
		// The organisation's allowance leaves less.
		assert_ok!(pay(&other, &sponsorable(), 100));
		view.left_today = 20;
		assert_eq!(Sponsorship::sponsorship_view(who.clone()), view);
		// Less than what was spent already.
		let less = SponsorTerms { per_account: 10, per_day: 10 };
		assert_ok!(Sponsorship::set_terms(signed(&admin(1)), 1, Some(less)));
		view.left_today = 0;
		assert_eq!(Sponsorship::sponsorship_view(who.clone()), view);
		// A sponsor that is not paying grants nothing.
		set_active(1, false);
		view.storage_limit = 0;
		assert_eq!(Sponsorship::sponsorship_view(who.clone()), view);
		assert_ok!(Sponsorship::leave(signed(&who)));
		view.sponsor = None;
		assert_eq!(Sponsorship::sponsorship_view(who), view);
	});
}

/// What the view says is left is exactly what can be spent.
#[test]
fn what_is_left_is_what_can_be_spent() {
	test(|| {
		let who = enrolled();
		assert_ok!(pay(&who, &sponsorable(), 33));
		let left = Sponsorship::sponsorship_view(who.clone()).left_today;
		assert!(pay(&who, &sponsorable(), left + 1).is_err());
		assert_ok!(pay(&who, &sponsorable(), left));
	});
}
