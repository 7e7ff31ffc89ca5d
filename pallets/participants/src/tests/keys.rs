use crate::{mock::*, Error, Event, HoldReason, Pallet};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::InspectHold, Footprint},
};
use salus_primitives::{views::EncryptionKey, views::KeySuite::HpkeX25519, AccountId, H256};
use sp_runtime::{traits::BadOrigin, DispatchError, TokenError};

fn held(who: &AccountId) -> u128 {
	Balances::balance_on_hold(&HoldReason::EncryptionKey.into(), who)
}

fn key(byte: u8) -> H256 {
	H256::repeat_byte(byte)
}

#[test]
fn anyone_sets_rotates_and_removes_a_key_against_a_deposit() {
	test(|| {
		let who = account(2);
		let Footprint { count, size } = Pallet::<Test>::key_footprint();
		assert_eq!((count, size), (1, 32 + 4 + 1 + 32));
		let deposit = 10 + u128::from(size);

		for epoch in 0..3 {
			assert_ok!(Participants::set_encryption_key(signed(&who), HpkeX25519, key(1 + epoch as u8)));
			assert_eq!(last_event(), Event::EncryptionKeySet { who: who.clone(), epoch });
			assert_eq!(
				Participants::encryption_key(who.clone()),
				Some(EncryptionKey { epoch, suite: HpkeX25519, public_key: key(1 + epoch as u8) })
			);
			assert_eq!(held(&who), deposit);
		}

		assert_ok!(Participants::remove_encryption_key(signed(&who)));
		assert_eq!(last_event(), Event::EncryptionKeyRemoved { who: who.clone() });
		assert_eq!((Participants::encryption_key(who.clone()), held(&who)), (None, 0));
		assert_eq!(Balances::free_balance(&who), ENDOWMENT);
	});
}

#[test]
fn a_key_that_is_useless_or_present_already_is_refused() {
	test(|| {
		let set = |key| Participants::set_encryption_key(signed(&account(2)), HpkeX25519, key);
		assert_noop!(set(H256::zero()), Error::<Test>::InvalidKey);
		assert_ok!(set(key(1)));
		assert_noop!(set(key(1)), Error::<Test>::AlreadyExists);
		// The same key for another account is their business.
		assert_ok!(Participants::set_encryption_key(signed(&account(3)), HpkeX25519, key(1)));
	});
}

#[test]
fn there_is_no_key_to_remove_before_one_is_set() {
	test(|| {
		assert_noop!(Participants::remove_encryption_key(signed(&account(2))), Error::<Test>::NoKey);
	});
}

#[test]
fn a_key_without_funds_for_its_deposit_is_refused() {
	test(|| {
		let poor = account(200);
		assert_noop!(
			Participants::set_encryption_key(signed(&poor), HpkeX25519, key(1)),
			DispatchError::Token(TokenError::FundsUnavailable)
		);
	});
}

#[test]
fn keys_need_a_signature() {
	test(|| {
		assert_noop!(Participants::set_encryption_key(root(), HpkeX25519, key(1)), BadOrigin);
		assert_noop!(Participants::remove_encryption_key(RuntimeOrigin::none()), BadOrigin);
	});
}
