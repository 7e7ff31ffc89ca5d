//! `try_state` notices what must not be.

use crate::{mock::*, Accounts, Sponsors, Waivers};
use salus_primitives::time::DAY;

/// Breaks one thing in a state that is right otherwise.
fn notices(message: &'static str, break_it: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		let who = enrolled();
		act(&who);
		assert!(pay(&who, &right(), 1).is_ok() && pay(&who, &sponsorable(), 1).is_ok());
		assert_eq!(Sponsorship::do_try_state(), Ok(()));
		break_it();
		assert_eq!(Sponsorship::do_try_state(), Err(message.into()));
	});
}

fn with_account(change: impl FnOnce(&mut crate::types::Account)) {
	Accounts::<Test>::mutate_extant(account(100), change);
}

#[test]
fn try_state_notices_broken_accounts() {
	notices("enrolled account that could be reaped", || {
		System::dec_sufficients(&account(100));
	});
	notices("more storage than the quota", || with_account(|account| account.storage = STORAGE + 1));
	notices("account that spent in the future", || with_account(|account| account.spent.day += 1));
	notices("wrong count of accounts", || with_account(|account| account.org = 2));
}

#[test]
fn try_state_notices_broken_sponsors() {
	notices("wrong count of accounts", || Sponsors::<Test>::mutate_extant(1, |sponsor| sponsor.enrolled += 1));
	notices("account of an organisation that never sponsored", || Sponsors::<Test>::remove(1));
	notices("sponsor that spent in the future", || {
		Sponsors::<Test>::mutate_extant(1, |sponsor| sponsor.spent.day += 1)
	});
	notices("more accounts than the quota", || {
		let entry = Accounts::<Test>::get(account(100)).expect("enrolled");
		for number in 0..MAX_ENROLLED as u8 {
			System::inc_sufficients(&account(110 + number));
			Accounts::<Test>::insert(account(110 + number), entry.clone());
		}
		Sponsors::<Test>::mutate_extant(1, |sponsor| sponsor.enrolled += MAX_ENROLLED);
	});
}

#[test]
fn try_state_notices_broken_waivers() {
	let today = (NOW / DAY) as u32;
	notices("waiver used in the future", || Waivers::<Test>::insert((today + 1).to_be_bytes(), account(100), 1));
	for wrong in [0, WAIVERS + 1] {
		notices("count of waivers out of range", || Waivers::<Test>::insert(today.to_be_bytes(), account(100), wrong));
	}
}
