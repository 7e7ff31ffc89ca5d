use super::*;
use salus_primitives::drug::MAX_GOODS;

fn packed(n: u8, loads: &[Load]) {
	assert_ok!(pack(&MAKER_STAFF, lu(n), contents(loads), ev(5)));
}

#[test]
fn a_case_holds_what_was_packed_into_it() {
	test(|| {
		commissioned(100);
		let own = holding(10).chain;
		System::set_block_number(4);
		let told = told(|| pack(&MAKER_STAFF, lu(1), contents(&[units(10, 20), units(50, 5)]), ev(5)));
		let case = unit_of(1);
		let step = CustodyStep {
			kind: StepKind::Packed,
			load: logistic(1),
			from: MAKER,
			to: MAKER,
			internal: steps()[0].internal,
			at: NOW,
			event: ev(5),
			previous: Link::default(),
			via: None,
		};
		assert_eq!(told, [Event::Custody { head: step.head(), step }]);
		assert_eq!((case.parent, case.depth, case.parcels), (None, 1, 2));
		assert_eq!(case.contents.into_inner(), [(29), (54)].map(|last| Content::Parcel { batch: 0, last }));
		assert_eq!(case.goods.into_inner(), [(DRUG, 25)]);
		assert_eq!((case.holding.owner, case.holding.custodian, case.holding.custody), (MAKER, MAKER, Custody::Held));
		assert_eq!(case.holding.chain, Link { head: step.head(), block: 4 });
		assert_eq!(parcels(), [(0, 9), (10, 29), (30, 49), (50, 54), (55, 99)]);
		assert_eq!([9, 10, 29, 54].map(|index| parcel(index).1.parent), [None, Some(lu(1)), Some(lu(1)), Some(lu(1))]);
		assert_eq!(holding(10).chain, own, "what is packed has a chain of its own");
		assert_eq!(stock(MAKER), 100, "packing changes nobody's stock");
	});
}

#[test]
fn units_go_into_units_three_levels_deep() {
	test(|| {
		commissioned(100);
		packed(1, &[units(0, 10)]);
		packed(2, &[logistic(1), units(10, 10)]);
		packed(3, &[logistic(2)]);
		assert_eq!([1, 2, 3].map(|n| (unit_of(n).depth, unit_of(n).parcels)), [(1, 1), (2, 2), (3, 2)]);
		assert_eq!([1, 2, 3].map(|n| unit_of(n).goods.into_inner()[0].1), [10, 20, 20]);
		assert_eq!(unit_of(1).parent, Some(lu(2)));
		assert_noop!(pack(&MAKER_STAFF, lu(4), contents(&[logistic(3)]), ev(5)), Refusal::TooMany);
	});
}

#[test]
fn a_unit_has_no_more_than_64_parcels_in_all_its_levels() {
	test(|| {
		commissioned(200);
		let some = |from: u32, count: u32| -> Vec<Load> { (0..count).map(|n| units(from + n, 1)).collect() };
		packed(1, &some(0, 40));
		packed(2, &some(100, 25));
		assert_noop!(pack(&MAKER_STAFF, lu(3), contents(&[logistic(1), logistic(2)]), ev(5)), Refusal::TooMany);
		assert_ok!(unpack(&MAKER_STAFF, lu(2), ev(6)));
		packed(2, &some(100, 24));
		packed(3, &[logistic(1), logistic(2)]);
		assert_eq!(unit_of(3).parcels, 64);
	});
}

#[test]
fn a_unit_has_no_more_than_16_products() {
	test(|| {
		let gtin = |n: u64| {
			let body = 950_600_000_000 + n;
			(0..10).map(|digit| Gtin(body * 10 + digit)).find(Gtin::is_valid).expect("one digit is right")
		};
		let products: Vec<_> = (0..=u64::from(MAX_GOODS)).map(gtin).collect();
		for gtin in &products {
			let product = ProductInput { gtin: *gtin, owner: MAKER, storage: None, device: false };
			assert_ok!(register_product(&INSPECTOR, product));
			assert_ok!(commission(&MAKER_STAFF, Run { gtin: *gtin, ..Run::of(2) }.input()));
		}
		let one = |batch| Load::Units(UnitRange { batch, start: 0, len: 1 });
		let loads: Vec<_> = (0..=MAX_GOODS).map(one).collect();
		assert_noop!(pack(&MAKER_STAFF, lu(1), contents(&loads), ev(5)), Refusal::TooMany);
		packed(1, &loads[1..]);
		assert_eq!(unit_of(1).goods.len() as u32, MAX_GOODS);
	});
}

#[test]
fn what_is_packed_is_held_and_of_one_owner_and_source() {
	test(|| {
		commissioned(100);
		assert_noop!(pack(&WHOLESALE_STAFF, lu(1), contents(&[units(0, 1)]), ev(5)), Refusal::NotCustodian);
		assert_noop!(pack(&STRANGER, lu(1), contents(&[units(0, 1)]), ev(5)), Refusal::NotAuthorized);
		assert_noop!(pack(&MAKER_STAFF, lu(1), contents(&[]), ev(5)), Refusal::Empty);
		assert_ok!(ship(&MAKER_STAFF, shipment(units(0, 10), WHOLESALER)));
		assert_noop!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)), Refusal::WrongCustody);
		// Sold, and in consignment: two owners in one hand.
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(0, 10)));
		assert_ok!(ship(&MAKER_STAFF, Shipment { sale: false, ..shipment(units(10, 10), WHOLESALER) }));
		assert_ok!(receive_all(&WHOLESALE_STAFF, units(10, 10)));
		assert!(pack(&WHOLESALE_STAFF, lu(1), contents(&[units(0, 10), units(10, 10)]), ev(5)).is_err());
		assert_ok!(pack(&WHOLESALE_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)));
		assert_ok!(pack(&WHOLESALE_STAFF, lu(2), contents(&[units(10, 10)]), ev(5)));
		assert!(pack(&WHOLESALE_STAFF, lu(3), contents(&[logistic(1), logistic(2)]), ev(5)).is_err());
	});
}

#[test]
fn nothing_is_packed_twice_and_no_number_used_twice() {
	test(|| {
		commissioned(100);
		packed(1, &[units(0, 10)]);
		assert_noop!(pack(&MAKER_STAFF, lu(1), contents(&[units(20, 1)]), ev(5)), Refusal::AlreadyExists);
		assert_noop!(pack(&MAKER_STAFF, lu(2), contents(&[units(0, 5)]), ev(5)), Refusal::Packed);
		assert!(pack(&MAKER_STAFF, lu(2), contents(&[units(20, 5), units(20, 5)]), ev(5)).is_err());
		assert!(pack(&MAKER_STAFF, lu(2), contents(&[units(20, 5), units(24, 5)]), ev(5)).is_err());
		assert!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(1), logistic(1)]), ev(5)).is_err());
		assert!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(2)]), ev(5)).is_err());
		packed(2, &[logistic(1)]);
		assert_noop!(pack(&MAKER_STAFF, lu(3), contents(&[logistic(1)]), ev(5)), Refusal::Packed);
		assert_noop!(pack(&MAKER_STAFF, lu(3), contents(&[logistic(9)]), ev(5)), Refusal::NotFound);
	});
}

#[test]
fn what_has_left_the_market_is_not_packed_alone() {
	test(|| {
		commissioned(100);
		assert_ok!(decommission_range(&MAKER_STAFF, ranges(&[(0, 10)]), RemovalKind::Sample, ev(9)));
		assert_noop!(pack(&MAKER_STAFF, lu(1), contents(&[units(0, 10)]), ev(5)), Refusal::NotActive);
		packed(1, &[units(0, 20)]);
		assert_eq!(unit_of(1).goods.into_inner(), [(DRUG, 10)]);
	});
}

#[test]
fn unpacking_gives_each_content_the_units_place_and_a_step_of_its_own() {
	test(|| {
		commissioned(100);
		let own = holding(0).chain;
		packed(1, &[units(0, 10)]);
		let inner = unit_of(1).holding.chain;
		packed(2, &[logistic(1), units(50, 10)]);
		System::set_block_number(7);
		sold(logistic(2), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		let outer = unit_of(2).holding.chain;
		let told = told(|| unpack(&WHOLESALE_STAFF, lu(2), ev(6)));
		let expected: Vec<_> = [(logistic(1), inner), (units(50, 10), own)]
			.map(|(load, previous)| {
				let step = CustodyStep {
					kind: StepKind::Unpacked,
					load,
					from: WHOLESALER,
					to: WHOLESALER,
					internal: steps()[0].internal,
					at: NOW,
					event: ev(6),
					previous,
					via: Some(outer),
				};
				Event::Custody { head: step.head(), step }
			})
			.to_vec();
		assert_eq!(told, expected);
		assert!(LogisticUnits::<Test>::get(lu(2)).is_none());
		let case = unit_of(1);
		assert_eq!((case.parent, case.holding.owner, case.holding.source), (None, WHOLESALER, Some(MAKER)));
		let free = parcel(50).1;
		assert_eq!((free.parent, free.holding.owner, free.holding.custodian), (None, WHOLESALER, WHOLESALER));
		assert_eq!((free.holding.source, free.holding.custody), (Some(MAKER), Custody::Held));
		assert_eq!(stock(WHOLESALER), 20);
		// What was inside is packed, still.
		assert_noop!(split(&WHOLESALE_STAFF, range(0, 5)), Refusal::Packed);
		assert_ok!(unpack(&WHOLESALE_STAFF, lu(1), ev(6)));
		assert_ok!(split(&WHOLESALE_STAFF, range(0, 5)));
	});
}

#[test]
fn unpacking_hands_down_what_holds_the_unit_back() {
	test(|| {
		commissioned(100);
		packed(1, &[units(0, 10)]);
		packed(2, &[logistic(1), units(50, 10)]);
		assert_ok!(report_suspect(&PHARMACIST, logistic(2)));
		assert_ok!(unpack(&MAKER_STAFF, lu(2), ev(6)));
		assert_eq!((unit_of(1).holds, holds(50)), (hold_set(&[Hold::Suspect]), hold_set(&[Hold::Suspect])));
		assert_eq!(holds(0), HoldSet::EMPTY);
		assert_ok!(unpack(&MAKER_STAFF, lu(1), ev(6)));
		assert_eq!(holds(0), hold_set(&[Hold::Suspect]));
	});
}

#[test]
fn only_the_holder_unpacks_an_outermost_unit() {
	test(|| {
		commissioned(100);
		packed(1, &[units(0, 10)]);
		packed(2, &[logistic(1)]);
		assert_noop!(unpack(&MAKER_STAFF, lu(1), ev(6)), Refusal::Packed);
		assert_noop!(unpack(&MAKER_STAFF, lu(9), ev(6)), Refusal::NotFound);
		assert_noop!(unpack(&WHOLESALE_STAFF, lu(2), ev(6)), Refusal::NotCustodian);
		assert_noop!(unpack(&CLERK, lu(2), ev(6)), Refusal::NotAuthorized);
		assert_ok!(ship(&MAKER_STAFF, shipment(logistic(2), WHOLESALER)));
		assert_noop!(unpack(&MAKER_STAFF, lu(2), ev(6)), Refusal::WrongCustody);
	});
}

#[test]
fn what_is_packed_moves_with_its_unit_alone() {
	test(|| {
		let run = commissioned(100);
		packed(1, &[units(0, 10)]);
		packed(2, &[logistic(1)]);
		for load in [units(0, 10), units(0, 1), logistic(1)] {
			assert_noop!(ship(&MAKER_STAFF, shipment(load, WHOLESALER)), Refusal::Packed);
			assert_noop!(report_suspect(&PHARMACIST, load), Refusal::Packed);
			assert_noop!(report_stolen(&MAKER_STAFF, load, ev(7)), Refusal::Packed);
			assert_noop!(mark_illegitimate(&INSPECTOR, load), Refusal::Packed);
		}
		assert_noop!(destroy(&MAKER_STAFF, ranges(&[(0, 1)]), ev(7)), Refusal::Packed);
		sold(logistic(2), &MAKER_STAFF, PHARMACY, &PHARMACIST);
		assert_eq!(stock(PHARMACY), 10);
		assert_noop!(dispense(&PHARMACIST, of(&run, 3)), Refusal::Packed);
		assert_ok!(unpack(&PHARMACIST, lu(2), ev(6)));
		assert_noop!(dispense(&PHARMACIST, of(&run, 3)), Refusal::Packed);
		assert_ok!(unpack(&PHARMACIST, lu(1), ev(6)));
		dispensed(&run, 3);
	});
}

#[test]
fn a_unit_of_a_million_units_is_moved_by_one_entry() {
	test(|| {
		assert_ok!(commission(&MAKER_STAFF, BatchInput { units: 1 << 20, ..Run::of(1).input() }));
		packed(1, &[units(0, 1 << 20)]);
		packed(2, &[logistic(1)]);
		let before: Vec<_> = Parcels::<Test>::iter().collect();
		sold(logistic(2), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF);
		assert_eq!(Parcels::<Test>::iter().collect::<Vec<_>>(), before);
		assert_eq!((stock(MAKER), stock(WHOLESALER)), (0, 1 << 20));
	});
}
