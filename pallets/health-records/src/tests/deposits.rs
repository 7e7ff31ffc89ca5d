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
fn a_batchs_deposit_returns_to_the_gateway_that_logged_it() {
	test(|| {
		fund(&PENNILESS);
		assert_ok!(HealthRecords::log_access_batch(signed(&PENNILESS), H256::zero(), 1, NOW, NOW));
		set_now(NOW + RETENTION);
		assert_ok!(HealthRecords::prune_batch(signed(&GATEWAY), 0));
		assert_eq!((held(&PENNILESS), held(&GATEWAY)), (0, 0));
	});
}

#[test]
fn an_offers_deposit_returns_to_who_made_it_however_it_ends() {
	test(|| {
		let offer_price = price(HealthRecords::offer_footprint());
		let offer = |who| HealthRecords::offer_custody(signed(who), ADA, rid(1), HOSPITAL);
		anchored(1);
		assert_ok!(offer(&GATEWAY));
		assert_eq!((held(&GATEWAY), held(&CLINICIAN)), (offer_price, record_price()));
		assert_ok!(HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(1), HOSPITAL));
		assert_eq!(held(&PATIENT), 0);
		let ends: [fn() -> DispatchResult; 6] = [
			|| HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), locator(b"x")),
			|| HealthRecords::withdraw_offer(signed(&PATIENT), ADA, rid(1)),
			|| HealthRecords::withdraw_offer(signed(&HOSPITAL_GATEWAY), ADA, rid(1)),
			|| HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)),
			|| HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(1)),
			|| HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)),
		];
		for end in ends {
			hypothetically!({
				assert_ok!(end());
				assert_eq!((held(&GATEWAY), held(&HOSPITAL_GATEWAY), held(&PATIENT)), (0, 0, 0));
			});
		}
		// Another member's offer in its place is that member's to pay for.
		assert_ok!(offer(&CLINICIAN));
		assert_eq!((held(&GATEWAY), held(&CLINICIAN)), (0, record_price() + offer_price));
	});
}

#[test]
fn a_record_that_moves_stays_its_authors_deposit() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::offer_custody(signed(&GATEWAY), ADA, rid(1), HOSPITAL));
		assert_ok!(HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(1), HOSPITAL));
		assert_ok!(HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), locator(b"x")));
		assert_eq!((held(&CLINICIAN), held(&HOSPITAL_GATEWAY)), (record_price(), 0));
		assert_ok!(HealthRecords::shred(signed(&HOSPITAL_GATEWAY), ADA, rid(1)));
		assert_eq!((held(&CLINICIAN), held(&HOSPITAL_GATEWAY)), (tombstone_price(), 0));
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
		assert_noop!(HealthRecords::offer_custody(penniless(), ADA, rid(1), HOSPITAL), refusal);
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
