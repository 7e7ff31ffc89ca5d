//! Fees that sponsors pay, and those that they do not.

use crate::{mock::*, types::Spending, Accounts, Event, Sponsors};
use frame_support::{
	assert_ok,
	dispatch::{Pays, PostDispatchInfo},
};
use salus_primitives::{inputs::SponsorTerms, time::DAY, AccountId};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

const REFUSED: Result<(), TransactionValidityError> =
	Err(TransactionValidityError::Invalid(InvalidTransaction::Payment));

fn spent(who: &AccountId) -> (u128, u128) {
	let today = crate::types::day_of(Timestamp::get());
	let account = Accounts::<Test>::get(who).expect("enrolled").spent;
	let sponsor = Sponsors::<Test>::get(1).expect("it sponsors").spent;
	(account.on(today), sponsor.on(today))
}

#[test]
fn the_sponsor_pays_for_an_account_without_tokens() {
	test(|| {
		let who = enrolled();
		events();
		assert_ok!(pay(&who, &sponsorable(), 40));
		assert_eq!((free(&who), free(&admin(1)), free(&FeePot::get())), (0, ENDOWMENT - 40, ENDOWMENT + 40));
		assert_eq!(spent(&who), (40, 40));
		assert_eq!(events(), [Event::FeeSponsored { org: 1, account: who, fee: 40 }]);
	});
}

#[test]
fn the_event_that_tells_the_payer_comes_right_before_the_one_that_names_the_sender() {
	test(|| {
		let who = enrolled();
		System::reset_events();
		assert_ok!(pay(&who, &sponsorable(), 40));
		let last: Vec<_> = System::events().into_iter().rev().take(2).map(|record| record.event).collect();
		let paid = pallet_transaction_payment::Event::TransactionFeePaid { who: who.clone(), actual_fee: 40, tip: 0 };
		let sponsored = Event::FeeSponsored { org: 1, account: who, fee: 40 };
		assert_eq!(last, [RuntimeEvent::TransactionPayment(paid), RuntimeEvent::Sponsorship(sponsored)]);
	});
}

#[test]
fn a_call_that_is_not_listed_is_paid_by_the_sender() {
	test(|| {
		let who = enrolled();
		assert_eq!(pay(&who, &ordinary(), 40), REFUSED);
		let rich = account(5);
		assert_ok!(enrol(1, &rich));
		events();
		assert_ok!(pay(&rich, &ordinary(), 40));
		assert_eq!((free(&rich), free(&admin(1))), (ENDOWMENT - 40, ENDOWMENT));
		assert_eq!(events(), []);
	});
}

#[test]
fn who_is_not_enrolled_pays() {
	test(|| {
		enrolled();
		assert_ok!(pay(&account(5), &sponsorable(), 40));
		assert_eq!((free(&account(5)), free(&admin(1))), (ENDOWMENT - 40, ENDOWMENT));
	});
}

#[test]
fn who_left_or_was_dismissed_pays() {
	test(|| {
		let who = enrolled();
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		assert_ok!(enrol(1, &who));
		assert_ok!(Sponsorship::dismiss(signed(&admin(1)), 1, who.clone()));
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
	});
}

#[test]
fn a_tip_makes_the_sender_pay_everything() {
	test(|| {
		let who = enrolled();
		assert_eq!(pay_part(&who, &sponsorable(), 40, 1, used(40)), REFUSED);
		let rich = account(5);
		assert_ok!(enrol(1, &rich));
		events();
		assert_ok!(pay_part(&rich, &sponsorable(), 40, 1, used(40)));
		assert_eq!((free(&rich), free(&admin(1))), (ENDOWMENT - 41, ENDOWMENT));
		assert_eq!(spent(&rich), (0, 0));
		assert_eq!(events(), []);
	});
}

#[test]
fn a_wrapped_call_is_not_sponsored() {
	test(|| {
		let who = enrolled();
		act(&who);
		let batch = pallet_utility::Call::batch { calls: vec![sponsorable(), right()] };
		let derivative = pallet_utility::Call::as_derivative { index: 0, call: Box::new(sponsorable_right()) };
		for call in [batch, derivative] {
			assert_eq!(pay(&who, &call.into(), 1), REFUSED);
		}
	});
}

#[test]
fn an_account_has_an_allowance_a_day() {
	test(|| {
		let who = enrolled();
		assert_ok!(pay(&who, &sponsorable(), 99));
		assert_eq!(pay(&who, &sponsorable(), 2), REFUSED);
		assert_ok!(pay(&who, &sponsorable(), 1));
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		assert_eq!(free(&admin(1)), ENDOWMENT - 100);
	});
}

#[test]
fn an_organisation_has_an_allowance_a_day() {
	test(|| {
		let (who, other) = (enrolled(), account(101));
		assert_ok!(enrol(1, &other));
		assert_ok!(pay(&who, &sponsorable(), 90));
		assert_eq!(pay(&other, &sponsorable(), 61), REFUSED);
		assert_ok!(pay(&other, &sponsorable(), 60));
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		assert_eq!(free(&admin(1)), ENDOWMENT - 150);
	});
}

#[test]
fn allowances_begin_anew_with_the_day() {
	test(|| {
		let who = enrolled();
		assert_ok!(pay(&who, &sponsorable(), 100));
		let midnight = (NOW / DAY + 1) * DAY;
		set_time(midnight - 1);
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		set_time(midnight);
		assert_ok!(pay(&who, &sponsorable(), 100));
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		assert_eq!((spent(&who), free(&admin(1))), ((100, 100), ENDOWMENT - 200));
	});
}

#[test]
fn what_an_account_spent_counts_whoever_paid() {
	test(|| {
		let who = enrolled();
		sponsor(2, terms());
		assert_ok!(pay(&who, &sponsorable(), 90));
		assert_ok!(Sponsorship::leave(signed(&who)));
		assert_ok!(enrol(2, &who));
		assert_eq!(pay(&who, &sponsorable(), 11), REFUSED);
		assert_ok!(pay(&who, &sponsorable(), 10));
		assert_eq!((free(&admin(1)), free(&admin(2))), (ENDOWMENT - 90, ENDOWMENT - 10));
	});
}

#[test]
fn a_suspended_sponsor_does_not_pay() {
	test(|| {
		let who = enrolled();
		set_active(1, false);
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		set_active(1, true);
		assert_ok!(pay(&who, &sponsorable(), 1));
	});
}

#[test]
fn a_payer_who_cannot_pay_does_not() {
	test(|| {
		let who = enrolled();
		let set = |amount| {
			assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), admin(1), amount));
		};
		// The payer is never reaped.
		set(ED + 39);
		assert_eq!(pay(&who, &sponsorable(), 40), REFUSED);
		let rich = account(5);
		assert_ok!(enrol(1, &rich));
		assert_ok!(pay(&rich, &sponsorable(), 40));
		assert_eq!((free(&rich), free(&admin(1))), (ENDOWMENT - 40, ED + 39));
		set(ED + 40);
		assert_ok!(pay(&who, &sponsorable(), 40));
		assert_eq!(free(&admin(1)), ED);
	});
}

#[test]
fn what_a_call_did_not_use_goes_back_to_the_payer_and_into_the_allowances() {
	test(|| {
		let who = enrolled();
		events();
		assert_ok!(pay_part(&who, &sponsorable(), 100, 0, used(30)));
		assert_eq!((free(&who), free(&admin(1)), free(&FeePot::get())), (0, ENDOWMENT - 30, ENDOWMENT + 30));
		assert_eq!(spent(&who), (30, 30));
		let free_after_all = PostDispatchInfo { actual_weight: None, pays_fee: Pays::No };
		assert_ok!(pay_part(&who, &sponsorable(), 70, 0, free_after_all));
		assert_eq!((spent(&who), free(&admin(1))), ((30, 30), ENDOWMENT - 30));
		assert_ok!(pay(&who, &sponsorable(), 70));
		assert_eq!(pay(&who, &sponsorable(), 1), REFUSED);
		let paid = [30, 0, 70].map(|fee| Event::FeeSponsored { org: 1, account: account(100), fee });
		assert_eq!(events(), paid);
	});
}

#[test]
fn what_was_spent_yesterday_is_not_given_back_today() {
	test(|| {
		let who = enrolled();
		let today = (NOW / DAY) as u32;
		Sponsorship::spend(&who, 1, today, 40);
		Sponsorship::spend(&who, 1, today + 1, 5);
		Sponsorship::give_back(&who, 1, today, 5);
		let spending = Spending { day: today + 1, amount: 5 };
		assert_eq!(Accounts::<Test>::get(&who).map(|account| account.spent), Some(spending));
		assert_eq!(Sponsors::<Test>::get(1).map(|sponsor| sponsor.spent), Some(spending));
		set_time(NOW + DAY);
	});
}

#[test]
fn what_is_free_needs_neither_sponsor_nor_waiver() {
	test(|| {
		let who = enrolled();
		act(&who);
		events();
		for call in [sponsorable(), right(), ordinary()] {
			assert_ok!(pay(&who, &call, 0));
		}
		assert_eq!(events(), []);
		assert_eq!(Sponsorship::sponsorship_view(who).waivers_left, WAIVERS);
	});
}

#[test]
fn a_sponsored_account_can_leave_at_the_sponsors_expense() {
	test(|| {
		let who = account(100);
		sponsor(1, SponsorTerms { per_account: u128::MAX, per_day: u128::MAX });
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), admin(1), u64::MAX.into()));
		assert_ok!(enrol(1, &who));
		assert_eq!(send(&who, 0, crate::Call::leave {}.into()), Ok(Ok(())));
		let account = Accounts::<Test>::get(&who).expect("known for good");
		assert!(!account.enrolled);
		assert_eq!(account.spent.amount, u128::from(u64::MAX) - free(&admin(1)));
	});
}

/// However many transactions are sent, a day costs the organisation its allowance, and the chain the waivers.
#[test]
fn spam_is_bounded() {
	test(|| {
		let people: Vec<_> = (100..100 + MAX_ENROLLED as u8).map(account).collect();
		sponsor(1, terms());
		for who in &people {
			assert_ok!(enrol(1, who));
			act(who);
		}
		let mut accepted = 0;
		for round in 0..100 {
			for who in &people {
				let call = if round % 2 == 0 { sponsorable() } else { sponsorable_right() };
				accepted += u32::from(pay(who, &call, 10).is_ok());
			}
		}
		let sponsored = (terms().per_day / 10) as u32;
		assert_eq!(accepted, sponsored + MAX_ENROLLED * WAIVERS);
		assert_eq!(free(&admin(1)), ENDOWMENT - terms().per_day);
		let waived = events().into_iter().filter(|event| matches!(event, Event::FeeWaived { .. })).count();
		assert_eq!(waived as u32, MAX_ENROLLED * WAIVERS);
	});
}
