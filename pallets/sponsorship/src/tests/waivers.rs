//! Patients' own rights are free.

use crate::{mock::*, types::day_of, Event, Waivers};
use frame_support::{
	assert_ok,
	dispatch::{DispatchInfo, Pays, PostDispatchInfo},
	weights::Weight,
};
use pallet_transaction_payment::ChargeTransactionPayment;
use salus_primitives::time::DAY;
use sp_runtime::{
	traits::DispatchTransaction,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError,
};

const REFUSED: Result<(), TransactionValidityError> =
	Err(TransactionValidityError::Invalid(InvalidTransaction::Payment));

#[test]
fn a_right_is_free_without_a_sponsor() {
	test(|| {
		let who = account(100);
		act(&who);
		assert_ok!(pay(&who, &right(), 40));
		assert_eq!(events(), [Event::FeeWaived { account: who }]);
		assert_eq!(free(&FeePot::get()), ENDOWMENT);
	});
}

#[test]
fn a_right_is_free_though_the_patient_could_pay() {
	test(|| {
		act(&account(5));
		assert_ok!(pay(&account(5), &right(), 40));
		assert_eq!(free(&account(5)), ENDOWMENT);
	});
}

#[test]
fn a_right_is_free_only_for_who_acts_for_the_patient() {
	test(|| {
		act(&account(100));
		assert_eq!(pay(&account(101), &right(), 40), REFUSED);
		assert_ok!(pay(&account(5), &right(), 40));
		assert_eq!(free(&account(5)), ENDOWMENT - 40);
	});
}

#[test]
fn other_calls_of_a_patient_are_not_free() {
	test(|| {
		act(&account(100));
		assert_eq!(pay(&account(100), &ordinary(), 1), REFUSED);
		assert_eq!(pay(&account(100), &sponsorable(), 1), REFUSED);
	});
}

#[test]
fn rights_are_free_a_number_of_times_a_day() {
	test(|| {
		let who = account(100);
		act(&who);
		for _ in 0..WAIVERS {
			assert_ok!(pay(&who, &right(), 40));
		}
		let midnight = (NOW / DAY + 1) * DAY;
		set_time(midnight - 1);
		assert_eq!(pay(&who, &right(), 40), REFUSED);
		set_time(midnight);
		assert_ok!(pay(&who, &right(), 40));
	});
}

#[test]
fn after_the_last_waiver_the_patient_pays() {
	test(|| {
		let who = account(5);
		act(&who);
		for _ in 0..=WAIVERS {
			assert_ok!(pay(&who, &right(), 40));
		}
		assert_eq!(free(&who), ENDOWMENT - 40);
	});
}

#[test]
fn a_tip_is_not_waived() {
	test(|| {
		act(&account(100));
		assert_eq!(pay_part(&account(100), &right(), 40, 1, used(40)), REFUSED);
		act(&account(5));
		assert_ok!(pay_part(&account(5), &right(), 40, 1, used(40)));
		assert_eq!(free(&account(5)), ENDOWMENT - 41);
		assert_eq!(events(), []);
	});
}

#[test]
fn the_sponsor_pays_before_a_waiver_is_used() {
	test(|| {
		let who = enrolled();
		act(&who);
		assert_ok!(pay(&who, &sponsorable_right(), 100));
		assert_eq!(Sponsorship::sponsorship_view(who.clone()).waivers_left, WAIVERS);
		assert_ok!(pay(&who, &sponsorable_right(), 100));
		assert_eq!(Sponsorship::sponsorship_view(who).waivers_left, WAIVERS - 1);
		assert_eq!(free(&admin(1)), ENDOWMENT - 100);
	});
}

#[test]
fn a_right_stays_free_when_the_sponsor_ceases_to_pay() {
	test(|| {
		let who = enrolled();
		act(&who);
		set_active(1, false);
		assert_ok!(pay(&who, &sponsorable_right(), 40));
		assert_ok!(Sponsorship::dismiss(signed(&admin(1)), 1, who.clone()));
		assert_ok!(pay(&who, &sponsorable_right(), 40));
		assert_eq!(free(&admin(1)), ENDOWMENT);
	});
}

#[test]
fn a_waiver_is_used_up_by_a_call_that_fails_and_by_one_that_turns_out_free() {
	test(|| {
		let who = account(100);
		act(&who);
		let info = DispatchInfo { call_weight: Weight::from_parts(40, 0), ..Default::default() };
		let done = ChargeTransactionPayment::<Test>::from(0)
			.test_run(signed(&who), &right(), &info, 0, 0, |_| Err(DispatchError::CannotLookup.into()))
			.expect("nobody pays");
		assert!(done.is_err());
		assert_eq!(Sponsorship::sponsorship_view(who.clone()).waivers_left, WAIVERS - 1);
		assert_ok!(pay_part(&who, &right(), 40, 0, PostDispatchInfo { actual_weight: None, pays_fee: Pays::No }));
		assert_eq!(Sponsorship::sponsorship_view(who).waivers_left, WAIVERS - 2);
	});
}

#[test]
fn waivers_of_the_past_are_forgotten_faster_than_new_ones_are_kept() {
	test(|| {
		let people: Vec<_> = (100..120).map(account).collect();
		for who in &people {
			act(who);
			assert_ok!(pay(who, &right(), 40));
		}
		assert_eq!(Waivers::<Test>::iter().count(), 20);
		// More than a day in which nobody used any.
		set_time(NOW + 3 * DAY);
		for (index, who) in people.iter().take(10).enumerate() {
			assert_ok!(pay(who, &right(), 40));
			assert_eq!(Waivers::<Test>::iter().count(), 20 - (index + 1));
		}
		let today = day_of(NOW + 3 * DAY).to_be_bytes();
		assert!(Waivers::<Test>::iter_keys().all(|(day, _)| day == today));
		assert_ok!(pay(&account(110), &right(), 40));
		assert_eq!(Waivers::<Test>::iter().count(), 11);
	});
}
