use super::*;
use salus_primitives::{drug::StorageRule, OrgRole};

fn product(gtin: Gtin) -> ProductInput {
	ProductInput { gtin, owner: MAKER, storage: Some(COLD), device: false }
}

#[test]
fn a_regulator_registers_a_product_for_its_owner() {
	test(|| {
		let told = told(|| register_product(&INSPECTOR, product(UNKNOWN)));
		assert_eq!(told, [Event::ProductRegistered { gtin: UNKNOWN, owner: MAKER }]);
		let stored = Products::<Test>::get(UNKNOWN).expect("it is registered");
		assert_eq!((stored.owner, stored.storage, stored.device), (MAKER, Some(COLD), false));
		assert!(stored.delegates.is_empty() && stored.recall.is_none());
	});
}

#[test]
fn nobody_but_a_regulator_registers_products() {
	test(|| {
		for who in [MAKER_QP, MAKER_STAFF, PHARMACIST, STRANGER, RETIRED] {
			assert_noop!(register_product(&who, product(UNKNOWN)), Refusal::NotAuthorized);
		}
		suspend(&INSPECTOR);
		assert_noop!(register_product(&INSPECTOR, product(UNKNOWN)), Refusal::NotAuthorized);
	});
}

#[test]
fn the_owner_is_a_manufacturer_in_standing() {
	test(|| {
		for owner in [WHOLESALER, PHARMACY, NOWHERE] {
			let input = ProductInput { owner, ..product(UNKNOWN) };
			assert_noop!(register_product(&INSPECTOR, input), Refusal::NotAccredited);
		}
		set_active(MAKER, false);
		assert_noop!(register_product(&INSPECTOR, product(UNKNOWN)), Refusal::NotAccredited);
	});
}

#[test]
fn a_number_is_a_gtin_and_registered_once() {
	test(|| {
		for gtin in [Gtin(DRUG.0 + 1), Gtin(100_000_000_000_007), Gtin(u64::MAX)] {
			assert_noop!(register_product(&INSPECTOR, product(gtin)), Refusal::InvalidGtin);
		}
		assert_noop!(register_product(&INSPECTOR, product(DRUG)), Refusal::AlreadyExists);
	});
}

#[test]
fn a_storage_rule_can_be_kept() {
	test(|| {
		let broken = [StorageRule { interval: 0, ..COLD }, StorageRule { min: 80, ..COLD }];
		for rule in broken {
			let input = ProductInput { storage: Some(rule), ..product(UNKNOWN) };
			assert_noop!(register_product(&INSPECTOR, input), Refusal::InvalidRule);
		}
	});
}

#[test]
fn the_owners_quality_lets_a_packer_commission_and_takes_it_back() {
	test(|| {
		assert_noop!(commission(&PACKER_STAFF, Run::of(4).input()), Refusal::NotAuthorized);
		let told_of = told(|| delegate(&MAKER_QP, DRUG, PACKER, true));
		assert_eq!(told_of, [Event::DelegateChanged { gtin: DRUG, org: PACKER, allowed: true }]);
		assert_ok!(commission(&PACKER_STAFF, Run::of(4).input()));
		let told_of = told(|| delegate(&MAKER_QP, DRUG, PACKER, false));
		assert_eq!(told_of, [Event::DelegateChanged { gtin: DRUG, org: PACKER, allowed: false }]);
		assert_noop!(commission(&PACKER_STAFF, Run { run: 1, ..Run::of(4) }.input()), Refusal::NotAuthorized);
		// Delegation is of one product.
		assert_ok!(delegate(&MAKER_QP, DRUG, PACKER, true));
		let vaccine = Run { gtin: VACCINE, ..Run::of(4) };
		assert_noop!(commission(&PACKER_STAFF, vaccine.input()), Refusal::NotAuthorized);
	});
}

#[test]
fn only_the_owners_quality_delegates() {
	test(|| {
		for who in [MAKER_STAFF, PACKER_STAFF, INSPECTOR, WHOLESALE_QP, STRANGER] {
			assert_noop!(delegate(&who, DRUG, PACKER, true), Refusal::NotAuthorized);
		}
		assert_noop!(delegate(&MAKER_QP, UNKNOWN, PACKER, true), Refusal::NotFound);
	});
}

#[test]
fn a_delegate_is_another_manufacturer_in_standing() {
	test(|| {
		for org in [WHOLESALER, CLOSED, NOWHERE] {
			assert_noop!(delegate(&MAKER_QP, DRUG, org, true), Refusal::NotAccredited);
		}
		set_active(PACKER, false);
		assert_noop!(delegate(&MAKER_QP, DRUG, PACKER, true), Refusal::NotAccredited);
		// Who is in standing no more is not kept as a delegate for that.
		set_active(PACKER, true);
		assert_ok!(delegate(&MAKER_QP, DRUG, PACKER, true));
		set_active(PACKER, false);
		assert_ok!(delegate(&MAKER_QP, DRUG, PACKER, false));
	});
}

#[test]
fn a_product_has_eight_delegates() {
	test(|| {
		for org in 200..208 {
			admit(org, &[OrgRole::Manufacturer], H256::zero());
			assert_ok!(delegate(&MAKER_QP, DRUG, org, true));
		}
		assert_noop!(delegate(&MAKER_QP, DRUG, PACKER, true), Refusal::TooMany);
		assert_ok!(delegate(&MAKER_QP, DRUG, 203, false));
		assert_ok!(delegate(&MAKER_QP, DRUG, PACKER, true));
	});
}
