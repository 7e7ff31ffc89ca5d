use super::*;
use codec::{Encode, MaxEncodedLen};
use salus_primitives::drug::{RecallReason::Quality, MAX_UNITS};
use sp_runtime::TokenError;

fn parcel_price() -> u128 {
	price(DrugProvenance::parcel_footprint())
}

fn exception_price() -> u128 {
	price(DrugProvenance::exception_footprint())
}

fn rule(quantity: u32) -> Option<ReorderInput> {
	Some(ReorderInput { minimum: 1, quantity, supplier: MAKER })
}

#[test]
fn a_producer_pays_for_the_batch_its_bits_and_its_first_parcel() {
	test(|| {
		let before = held(&MAKER_STAFF);
		commissioned(1_000);
		assert_eq!(held(&MAKER_STAFF) - before, price(DrugProvenance::batch_footprint(1_000)) + parcel_price());
		let difference =
			|units| price(DrugProvenance::batch_footprint(units)) - price(DrugProvenance::batch_footprint(0));
		assert_eq!([1, 8, 9, MAX_UNITS].map(difference), [1, 1, 2, 131_072]);
	});
}

#[test]
fn a_regulator_pays_for_the_products_it_registers() {
	test(|| assert_eq!(held(&INSPECTOR), 3 * price(DrugProvenance::product_footprint())));
}

#[test]
fn who_splits_pays_for_each_new_piece_and_the_old_entry_keeps_its_payer() {
	test(|| {
		commissioned(100);
		sold(units(0, 100), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		let before = held(&MAKER_STAFF);
		assert_eq!(held(&WHOLESALE_STAFF), 0);
		assert_ok!(split(&WHOLESALE_STAFF, range(10, 10)));
		assert_eq!((held(&WHOLESALE_STAFF), held(&MAKER_STAFF)), (2 * parcel_price(), before));
		assert_eq!([0, 10, 20].map(|index| parcel(index).1.by), [WHOLESALE_STAFF, WHOLESALE_STAFF, MAKER_STAFF]);
		assert_ok!(split(&WHOLESALE_QP, range(90, 10)));
		assert_eq!((held(&WHOLESALE_QP), held(&MAKER_STAFF)), (parcel_price(), before));
		assert_eq!([20, 90].map(|index| parcel(index).1.by), [WHOLESALE_QP, MAKER_STAFF]);
		// Merging returns the lower entry's deposit to whoever paid it.
		assert_ok!(merge(&WHOLESALE_QP, 0, 9));
		assert_eq!(held(&WHOLESALE_STAFF), parcel_price());
		assert_ok!(merge(&WHOLESALE_QP, 0, 19));
		assert_eq!((held(&WHOLESALE_STAFF), held(&WHOLESALE_QP)), (0, parcel_price()));
		assert_ok!(merge(&WHOLESALE_STAFF, 0, 89));
		assert_eq!((held(&WHOLESALE_QP), held(&MAKER_STAFF)), (0, before));
	});
}

#[test]
fn moving_all_of_a_parcel_costs_nothing() {
	test(|| {
		at_pharmacy(100);
		assert_eq!((held(&PHARMACIST), held(&WHOLESALE_STAFF)), (0, 0));
		assert_ok!(ship(&PHARMACIST, shipment(units(0, 100), RIVAL)));
		assert_ok!(refuse(&RIVAL_PHARMACIST, units(0, 100), NOW + DAY, ev(4)));
		assert_ok!(receive_all(&PHARMACIST, units(0, 100)));
		assert_eq!((held(&PHARMACIST), held(&RIVAL_PHARMACIST)), (0, 0));
	});
}

#[test]
fn who_says_that_units_are_missing_pays_for_the_pieces() {
	test(|| {
		commissioned(100);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 100), WHOLESALER)));
		let before = held(&MAKER_STAFF);
		assert_ok!(receive(&WHOLESALE_STAFF, units(0, 100), ranges(&[(10, 1), (99, 1)]), ev(3)));
		assert_eq!((held(&WHOLESALE_STAFF), held(&MAKER_STAFF)), (3 * parcel_price(), before));
	});
}

#[test]
fn a_unit_of_logistics_is_paid_for_until_it_is_unpacked() {
	test(|| {
		commissioned(100);
		let before = held(&MAKER_STAFF);
		let case = price(DrugProvenance::logistic_footprint());
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 100)]), ev(5)));
		assert_eq!(held(&MAKER_STAFF) - before, case);
		sold(logistic(1), &MAKER_STAFF, PHARMACY, &PHARMACIST);
		assert_ok!(unpack(&PHARMACIST, lu(1), ev(6)));
		assert_eq!((held(&MAKER_STAFF), held(&PHARMACIST)), (before, 0));
	});
}

#[test]
fn a_dispense_is_paid_for_until_it_is_undone_or_pruned() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 0);
		assert_ok!(dispense(&LOCUM, of(&run, 1)));
		assert_eq!((held(&PHARMACIST), held(&LOCUM)), (exception_price(), exception_price()));
		// Undone by a colleague: the deposit is who paid it's.
		assert_ok!(undo_dispense(&COLLEAGUE, 0, 0));
		assert_eq!((held(&PHARMACIST), held(&COLLEAGUE)), (0, 0));
		wait(UNDO + 1);
		let what = Prunable::Dispenses { batch: 0, units: BoundedVec::truncate_from(vec![1]) };
		assert_ok!(prune(&STRANGER, what));
		assert_eq!((held(&LOCUM), held(&STRANGER)), (0, 0));
		// An alert costs nothing.
		assert_ok!(dispense(&RIVAL_PHARMACIST, of(&run, 1)));
		assert_eq!(held(&RIVAL_PHARMACIST), 0);
	});
}

#[test]
fn a_range_that_leaves_the_market_is_one_entry_however_long() {
	test(|| {
		assert_ok!(commission(&MAKER_STAFF, BatchInput { units: MAX_UNITS, ..Run::of(1).input() }));
		let before = held(&MAKER_STAFF);
		assert_ok!(destroy(&MAKER_STAFF, ranges(&[(0, 100_000), (200_000, 1)]), ev(9)));
		assert_eq!(held(&MAKER_STAFF) - before, 2 * exception_price());
	});
}

#[test]
fn a_pruned_parcel_returns_its_deposit_to_who_split_it() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(split(&COLLEAGUE, range(0, 4)));
		assert_ok!(destroy(&PHARMACIST, ranges(&[(0, 4)]), ev(9)));
		assert_eq!(held(&COLLEAGUE), parcel_price());
		set_now(EXPIRY);
		assert_ok!(prune(&STRANGER, Prunable::Parcel { batch: 0, last: 3 }));
		assert_eq!(held(&COLLEAGUE), 0);
	});
}

#[test]
fn an_excursion_is_paid_for_once_by_who_reported_it_first() {
	test(|| {
		commissioned_vaccine(10);
		let before = held(&MAKER_STAFF);
		assert_ok!(ship(&MAKER_STAFF, Shipment { carrier: Some(CARRIER), ..shipment(units(0, 10), PHARMACY) }));
		let hot = Readings { min: 20, max: 200, minutes: 10, longest_gap: 10 };
		assert_ok!(log_excursion(&DRIVER, units(0, 10), hot, ev(8)));
		assert_ok!(log_excursion(&MAKER_STAFF, units(0, 10), hot, ev(8)));
		let record = price(DrugProvenance::excursion_footprint());
		assert_eq!((held(&DRIVER), held(&MAKER_STAFF)), (record, before));
	});
}

#[test]
fn an_acknowledgement_is_paid_for_until_it_is_pruned() {
	test(|| {
		at_pharmacy(10);
		assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, Quality));
		assert_ok!(acknowledge_recall(&PHARMACIST, range(0, 10)));
		assert_eq!(held(&PHARMACIST), price(DrugProvenance::acknowledgement_footprint()));
		assert_ok!(lift_recall(&MAKER_QP, RecallScope::Batch(0)));
		assert_ok!(prune(&STRANGER, Prunable::Acknowledgement { batch: 0, org: PHARMACY }));
		assert_eq!(held(&PHARMACIST), 0);
	});
}

#[test]
fn a_recall_costs_nothing_and_fits_always() {
	test(|| {
		use frame_support::traits::fungible::Mutate;
		commissioned(100);
		Balances::set_balance(&INSPECTOR, 0);
		let before = held(&INSPECTOR);
		for n in 0..16 {
			assert_ok!(recall(&INSPECTOR, RecallScope::Units(range(n, 1)), RecallClass::I, Quality));
		}
		assert_ok!(recall(&INSPECTOR, RecallScope::Product(DRUG), RecallClass::I, Quality));
		assert_eq!(held(&INSPECTOR), before);
	});
}

#[test]
fn a_reorder_rule_is_paid_for_by_who_set_it_last() {
	test(|| {
		let entry = price(DrugProvenance::rule_footprint());
		assert_ok!(set_reorder_rule(&PHARMACIST, DRUG, rule(5)));
		assert_eq!(held(&PHARMACIST), entry);
		assert_ok!(set_reorder_rule(&COLLEAGUE, DRUG, rule(6)));
		assert_eq!((held(&PHARMACIST), held(&COLLEAGUE)), (0, entry));
		assert_ok!(set_reorder_rule(&PHARMACIST, DRUG, None));
		assert_eq!((held(&PHARMACIST), held(&COLLEAGUE)), (0, 0));
	});
}

#[test]
fn who_cannot_pay_stores_nothing() {
	test(|| {
		let run = at_pharmacy(10);
		let refusal = TokenError::FundsUnavailable;
		assert_noop!(split(&PENNILESS, range(0, 5)), refusal);
		assert_noop!(pack(&PENNILESS, lu(1), contents(&[units(0, 10)]), ev(5)), refusal);
		assert_noop!(ship(&PENNILESS, shipment(units(0, 5), RIVAL)), refusal);
		assert_noop!(dispense(&PENNILESS, of(&run, 0)), refusal);
		assert_noop!(dispense_many(&PENNILESS, Dispenses::truncate_from(vec![of(&run, 0)])), refusal);
		assert_noop!(destroy(&PENNILESS, ranges(&[(0, 5)]), ev(9)), refusal);
		assert_noop!(set_reorder_rule(&PENNILESS, DRUG, rule(5)), refusal);
		assert_noop!(report_suspect(&PENNILESS, units(0, 10)), refusal);
		assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, Quality));
		assert_noop!(acknowledge_recall(&PENNILESS, range(0, 10)), refusal);
		assert_ok!(lift_recall(&MAKER_QP, RecallScope::Batch(0)));
		assert_ok!(ship(&PENNILESS, shipment(units(0, 10), RIVAL)));
	});
}

#[test]
fn no_entry_is_longer_than_what_is_charged_for_it() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		let longest_parcel = types::Parcel::<TicketOf<Test>>::max_encoded_len() as u128;
		assert_eq!(parcel_price(), longest_parcel);
		assert!(parcel(0).1.encoded_size() as u128 <= parcel_price());
		let exception = Exceptions::<Test>::get(0, types::Last(3)).expect("it was dispensed");
		assert!(exception.encoded_size() as u128 <= exception_price());
		let batch = Batches::<Test>::get(0).expect("it was commissioned");
		assert!(batch.encoded_size() as u128 <= price(DrugProvenance::batch_footprint(10)));
	});
}
