//! Deposits that count towards a quota, and those of an account's own.

use crate::{mock::*, Accounts};
use core::marker::PhantomData;
use frame_support::{
	assert_err, assert_ok, hypothetically,
	traits::{fungible::InspectHold, Consideration, Footprint},
};
use salus_primitives::AccountId;
use sp_runtime::TokenError;

/// Something that costs this much.
fn worth(price: usize) -> Footprint {
	Footprint::from_parts(1, price - 10)
}

fn stored(who: &AccountId) -> u128 {
	Accounts::<Test>::get(who).map_or(0, |account| account.storage)
}

fn held(who: &AccountId) -> u128 {
	Balances::balance_on_hold(&Hold::Storage, who)
}

#[test]
fn a_sponsored_account_stores_without_a_deposit() {
	test(|| {
		let who = enrolled();
		let ticket = Ticket::new(&who, worth(60)).expect("within the quota");
		assert_eq!(ticket, Ticket::Quota(60, PhantomData));
		assert_eq!((stored(&who), free(&who), free(&admin(1))), (60, 0, ENDOWMENT));
		assert_ok!(ticket.drop(&who));
		assert_eq!(stored(&who), 0);
	});
}

#[test]
fn what_does_not_fit_is_a_deposit_of_the_accounts_own() {
	test(|| {
		let (poor, rich) = (enrolled(), account(5));
		assert_ok!(enrol(1, &rich));
		for who in [&poor, &rich] {
			assert_ok!(Ticket::new(who, worth(60)));
			assert!(matches!(hypothetically!(Ticket::new(who, worth(40))), Ok(Ticket::Quota(40, _))));
		}
		assert_err!(Ticket::new(&poor, worth(41)), TokenError::FundsUnavailable);
		let ticket = Ticket::new(&rich, worth(41)).expect("it has a balance");
		assert!(matches!(ticket, Ticket::Own(_)));
		assert_eq!((stored(&rich), held(&rich)), (60, 41));
		assert_ok!(ticket.drop(&rich));
		assert_eq!((stored(&rich), held(&rich), free(&rich)), (60, 0, ENDOWMENT));
	});
}

#[test]
fn who_has_no_paying_sponsor_makes_deposits() {
	test(|| {
		let (who, stranger) = (enrolled(), account(5));
		assert_ok!(Ticket::new(&stranger, worth(20)));
		assert_eq!((held(&stranger), Accounts::<Test>::get(&stranger)), (20, None));
		hypothetically!({
			set_active(1, false);
			assert_err!(Ticket::new(&who, worth(20)), TokenError::FundsUnavailable);
		});
		hypothetically!({
			remove_admin(1, &admin(1));
			assert_err!(Ticket::new(&who, worth(20)), TokenError::FundsUnavailable);
		});
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_err!(Ticket::new(&who, worth(20)), TokenError::FundsUnavailable);
	});
}

#[test]
fn what_is_stored_stays_when_the_sponsor_goes_and_moves_with_the_account() {
	test(|| {
		let who = enrolled();
		let ticket = Ticket::new(&who, worth(60)).expect("within the quota");
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_eq!(stored(&who), 60);
		sponsor(2, terms());
		assert_ok!(enrol(2, &who));
		assert_eq!(stored(&who), 60);
		assert_err!(Ticket::new(&who, worth(41)), TokenError::FundsUnavailable);
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_ok!(ticket.drop(&who));
		assert_eq!(stored(&who), 0);
	});
}

#[test]
fn a_sponsored_ticket_grows_and_shrinks_within_the_quota() {
	test(|| {
		let who = enrolled();
		assert_ok!(Ticket::new(&who, worth(20)));
		let mut ticket = Ticket::new(&who, worth(30)).expect("within the quota");
		for price in [80, 80, 10, 50] {
			ticket = ticket.update(&who, worth(price)).expect("within the quota");
			assert_eq!(ticket, Ticket::Quota(price as u128, PhantomData));
			assert_eq!(stored(&who), 20 + price as u128);
		}
		assert_err!(ticket.clone().update(&who, worth(81)), TokenError::FundsUnavailable);
		assert_eq!(stored(&who), 70);
		// Without a sponsor it may shrink, but not grow.
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_err!(ticket.clone().update(&who, worth(51)), TokenError::FundsUnavailable);
		let ticket = ticket.update(&who, worth(40)).expect("shrinking costs nothing");
		assert_eq!((ticket, stored(&who)), (Ticket::Quota(40, PhantomData), 60));
	});
}

#[test]
fn a_ticket_that_outgrows_the_quota_becomes_the_accounts_own_and_stays_so() {
	test(|| {
		let who = account(5);
		assert_ok!(enrol(sponsor(1, terms()), &who));
		let ticket = Ticket::new(&who, worth(60)).expect("within the quota");
		let ticket = ticket.update(&who, worth(101)).expect("it has a balance");
		assert_eq!((stored(&who), held(&who)), (0, 101));
		let ticket = ticket.update(&who, worth(30)).expect("it shrinks");
		assert_eq!((stored(&who), held(&who)), (0, 30));
		assert!(matches!(ticket, Ticket::Own(_)));
		assert_ok!(ticket.drop(&who));
		assert_eq!(free(&who), ENDOWMENT);
	});
}

#[test]
fn what_is_burnt_is_not_given_back() {
	test(|| {
		let who = account(5);
		let own = Ticket::new(&who, worth(20)).expect("it has a balance");
		own.burn(&who);
		assert_eq!((held(&who), free(&who)), (0, ENDOWMENT - 20));
		assert_ok!(enrol(sponsor(1, terms()), &who));
		Ticket::new(&who, worth(20)).expect("within the quota").burn(&who);
		assert_eq!(stored(&who), 20);
	});
}

/// Tickets are stored: their form must not change.
#[test]
fn tickets_keep_their_encoding() {
	use codec::{Decode, Encode, MaxEncodedLen};
	test(|| {
		let quota = Ticket::Quota(5, PhantomData);
		assert_eq!(quota.encode(), [vec![1], 5u128.encode()].concat());
		let own = Ticket::new(&account(5), worth(20)).expect("it has a balance");
		assert_eq!(own.encode(), [vec![0], 20u128.encode()].concat());
		for ticket in [quota, own] {
			assert_eq!(Ticket::decode(&mut &ticket.encode()[..]), Ok(ticket));
		}
		assert_eq!(Ticket::max_encoded_len(), 17);
	});
}
