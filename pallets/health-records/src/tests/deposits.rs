use super::*;
use sp_runtime::TokenError;

fn record_price() -> u128 {
	price(HealthRecords::record_footprint())
}

fn tombstone_price() -> u128 {
	price(HealthRecords::tombstone_footprint())
}

fn receipt_price() -> u128 {
	price(HealthRecords::receipt_footprint())
}

#[test]
fn the_author_pays_for_the_longest_record_whatever_the_locator() {
	test(|| {
		assert_ok!(HealthRecords::anchor(signed(&CLINICIAN), ADA, RecordInput { locator: locator(b"x"), ..input(1) }));
		assert_eq!(held(&CLINICIAN), record_price());
		let longest = RecordInput { locator: locator(&[b'x'; MAX_LOCATOR as usize]), ..input(1) };
		assert_ok!(HealthRecords::amend(signed(&GATEWAY), ADA, longest));
		assert_eq!((held(&CLINICIAN), held(&GATEWAY)), (record_price(), 0));
	});
}

#[test]
fn each_record_of_a_batch_is_paid_for() {
	test(|| {
		let records = BoundedVec::truncate_from((0..5).map(input).collect());
		assert_ok!(HealthRecords::anchor_many(signed(&GATEWAY), ADA, records));
		assert_eq!(held(&GATEWAY), 5 * record_price());
	});
}

#[test]
fn changes_of_status_cost_nothing_until_the_record_is_shredded() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::enter_in_error(signed(&GATEWAY), ADA, rid(1)));
		assert_eq!(held(&CLINICIAN), record_price());
		// Another member shreds; the author's deposit shrinks.
		assert_ok!(HealthRecords::shred(signed(&GATEWAY), ADA, rid(1)));
		assert!(tombstone_price() < record_price());
		assert_eq!((held(&CLINICIAN), held(&GATEWAY)), (tombstone_price(), 0));
	});
}

#[test]
fn a_tombstone_is_no_longer_than_what_is_charged_for_it() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::shred(signed(&GATEWAY), ADA, rid(1)));
		let length = codec::Encode::encoded_size(&stored(1)) as u64;
		assert!(length <= HealthRecords::tombstone_footprint().size);
	});
}

#[test]
fn a_receipts_deposit_returns_to_the_gateway_that_logged_it() {
	test(|| {
		anchored(1);
		fund(&PENNILESS);
		assert_ok!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)));
		assert_ok!(HealthRecords::log_access(signed(&PENNILESS), ADA, receipt(1, 2)));
		assert_eq!((held(&GATEWAY), held(&PENNILESS)), (receipt_price(), receipt_price()));
		set_now(NOW + RETENTION);
		// One gateway of the organisation prunes what another logged, and gains nothing by it.
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 1, 1));
		assert_eq!((held(&GATEWAY), held(&PENNILESS)), (receipt_price(), 0));
		assert_ok!(HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 2));
		assert_eq!(held(&GATEWAY), 0);
	});
}

#[test]
fn a_batch_is_paid_for_once_whatever_its_count() {
	test(|| {
		assert_ok!(HealthRecords::log_access_batch(signed(&GATEWAY), H256::zero(), u32::MAX, 0, NOW));
		assert_eq!(held(&GATEWAY), price(HealthRecords::batch_footprint()));
	});
}

#[test]
fn who_cannot_pay_stores_nothing() {
	test(|| {
		anchored(1);
		let refusal = TokenError::FundsUnavailable;
		let penniless = || signed(&PENNILESS);
		assert_noop!(HealthRecords::anchor(penniless(), ADA, input(2)), refusal);
		assert_noop!(HealthRecords::log_access(penniless(), ADA, receipt(1, 1)), refusal);
		assert_noop!(HealthRecords::log_access_batch(penniless(), H256::zero(), 1, NOW, NOW), refusal);
		assert_ok!(HealthRecords::amend(penniless(), ADA, input(1)));
	});
}

#[test]
fn a_batch_that_can_be_paid_for_in_part_is_refused_whole() {
	test(|| {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(&PENNILESS, 2 * record_price() + 1);
		let records = |n| BoundedVec::truncate_from((0..n).map(input).collect());
		assert_noop!(HealthRecords::anchor_many(signed(&PENNILESS), ADA, records(3)), TokenError::FundsUnavailable);
		assert_ok!(HealthRecords::anchor_many(signed(&PENNILESS), ADA, records(2)));
	});
}
