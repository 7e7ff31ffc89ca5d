use super::*;

fn rule(minimum: u32, quantity: u32) -> Option<ReorderInput> {
	Some(ReorderInput { minimum, quantity, supplier: WHOLESALER })
}

fn set(rule: Option<ReorderInput>) -> DispatchResult {
	set_reorder_rule(&PHARMACIST, DRUG, rule)
}

fn placed(order: OrderId, quantity: u32) -> Event<Test> {
	Event::OrderPlaced { order, buyer: PHARMACY, supplier: WHOLESALER, gtin: DRUG, quantity }
}

fn ended(order: OrderId, fulfilled: bool) -> Event<Test> {
	Event::OrderEnded { order, supplier: WHOLESALER, fulfilled }
}

fn pending() -> Option<OrderId> {
	ReorderRules::<Test>::get(PHARMACY, DRUG).expect("there is a rule").pending
}

#[test]
fn stock_that_falls_below_the_minimum_is_ordered_once() {
	test(|| {
		let run = at_pharmacy(10);
		let told_of = told(|| set(rule(9, 100)));
		assert_eq!(told_of, [Event::ReorderRuleSet { org: PHARMACY, gtin: DRUG, rule: rule(9, 100) }]);
		dispensed(&run, 0);
		assert!(Orders::<Test>::iter().next().is_none(), "9 are not fewer than 9");
		let told_of = told(|| dispense(&PHARMACIST, of(&run, 1)));
		let done = |index| Event::Dispensed { batch: 0, index, org: PHARMACY, at: NOW };
		assert_eq!(told_of.len(), 2);
		assert!(told_of.contains(&done(1)) && told_of.contains(&placed(0, 100)));
		assert_eq!(pending(), Some(0));
		let order = Orders::<Test>::get(WHOLESALER, 0).expect("it is under way");
		assert_eq!((order.buyer, order.gtin, order.quantity, order.at), (PHARMACY, DRUG, 100, NOW));
		assert_eq!(told(|| dispense(&PHARMACIST, of(&run, 2))), [done(2)]);
		assert_eq!(Orders::<Test>::iter().count(), 1);
	});
}

#[test]
fn an_order_that_ended_makes_room_for_the_next_fall() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(set(rule(10, 100)));
		dispensed_quietly(&run, 0);
		assert_eq!(told(|| fulfil_order(&PHARMACIST, WHOLESALER, 0)), [ended(0, true)]);
		assert_eq!((pending(), Orders::<Test>::iter().count()), (None, 0));
		assert!(told(|| dispense(&PHARMACIST, of(&run, 1))).contains(&placed(1, 100)));
		assert_eq!(told(|| cancel_order(&WHOLESALE_STAFF, WHOLESALER, 1)), [ended(1, false)]);
		assert!(told(|| dispense(&PHARMACIST, of(&run, 2))).contains(&placed(2, 100)));
	});
}

fn dispensed_quietly(run: &Run, index: u32) {
	assert_ok!(dispense(&PHARMACIST, of(run, index)));
}

#[test]
fn both_sides_end_an_order_and_nobody_else() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(set(rule(10, 100)));
		dispensed_quietly(&run, 0);
		for who in [RIVAL_PHARMACIST, MAKER_STAFF, INSPECTOR, CLERK, STRANGER] {
			assert_noop!(cancel_order(&who, WHOLESALER, 0), Refusal::NotAuthorized);
			assert_noop!(fulfil_order(&who, WHOLESALER, 0), Refusal::NotAuthorized);
		}
		assert_noop!(cancel_order(&PHARMACIST, WHOLESALER, 1), Refusal::NotFound);
		assert_noop!(fulfil_order(&PHARMACIST, MAKER, 0), Refusal::NotFound);
		for who in [PHARMACIST, WHOLESALE_STAFF] {
			would(|| cancel_order(&who, WHOLESALER, 0));
			would(|| fulfil_order(&who, WHOLESALER, 0));
		}
	});
}

#[test]
fn every_way_that_stock_falls_by_the_holders_call_may_order() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(set(rule(10, 100)));
		let orders = |call: &dyn Fn() -> DispatchResult| {
			hypothetically!(assert!(told(call).contains(&placed(0, 100))));
		};
		orders(&|| dispense(&PHARMACIST, of(&run, 0)));
		orders(&|| dispense_many(&PHARMACIST, Dispenses::truncate_from(vec![of(&run, 0)])));
		orders(&|| destroy(&PHARMACIST, ranges(&[(0, 1)]), ev(9)));
		orders(&|| decommission_range(&PHARMACIST, ranges(&[(0, 1)]), RemovalKind::Sample, ev(9)));
		orders(&|| ship(&PHARMACIST, shipment(units(0, 1), RIVAL)));
		orders(&|| return_saleable(&PHARMACIST, units(0, 1), NOW + DAY, ev(4)));
		orders(&|| report_stolen(&PHARMACIST, units(0, 1), ev(4)));
		assert_ok!(recall(&MAKER_QP, RecallScope::Batch(0), RecallClass::I, RecallReason::Quality));
		orders(&|| acknowledge_recall(&PHARMACIST, range(0, 1)));
		// A recall is not the holder's call: recalled stock leaves the count when it is touched.
		assert_eq!((stock(PHARMACY), pending()), (10, None));
	});
}

#[test]
fn a_rule_that_is_set_where_stock_is_short_orders_at_once() {
	test(|| {
		let told_of = told(|| set(rule(1, 50)));
		assert!(told_of.contains(&placed(0, 50)));
		assert_eq!(pending(), Some(0));
	});
}

#[test]
fn a_new_rule_keeps_the_order_with_the_same_supplier() {
	test(|| {
		assert_ok!(set(rule(1, 50)));
		let told_of = told(|| set(rule(5, 70)));
		assert_eq!(told_of, [Event::ReorderRuleSet { org: PHARMACY, gtin: DRUG, rule: rule(5, 70) }]);
		assert_eq!((pending(), Orders::<Test>::get(WHOLESALER, 0).map(|order| order.quantity)), (Some(0), Some(50)));
		// From another supplier: the old order is cancelled, and another placed.
		let other = Some(ReorderInput { supplier: MAKER, ..rule(5, 70).expect("a rule") });
		let told_of = told(|| set(other.clone()));
		assert!(told_of.contains(&ended(0, false)));
		let order = Event::OrderPlaced { order: 1, buyer: PHARMACY, supplier: MAKER, gtin: DRUG, quantity: 70 };
		assert!(told_of.contains(&order));
		assert_eq!((pending(), Orders::<Test>::iter().count()), (Some(1), 1));
	});
}

#[test]
fn a_rule_that_is_removed_takes_its_order_with_it() {
	test(|| {
		assert_ok!(set(rule(1, 50)));
		let told_of = told(|| set(None));
		assert!(told_of.contains(&ended(0, false)));
		assert!(told_of.contains(&Event::ReorderRuleSet { org: PHARMACY, gtin: DRUG, rule: None }));
		assert!(ReorderRules::<Test>::get(PHARMACY, DRUG).is_none() && Orders::<Test>::iter().next().is_none());
		assert_noop!(set(None), Refusal::NotFound);
	});
}

#[test]
fn a_rule_names_a_known_product_numbers_and_a_supplier_in_standing() {
	test(|| {
		assert_noop!(set(rule(0, 10)), Refusal::InvalidQuantity);
		assert_noop!(set(rule(10, 0)), Refusal::InvalidQuantity);
		assert_noop!(set_reorder_rule(&PHARMACIST, UNKNOWN, rule(1, 1)), Refusal::NotFound);
		for supplier in [CLOSED, NOWHERE] {
			let unfit = Some(ReorderInput { minimum: 1, quantity: 1, supplier });
			assert_noop!(set(unfit), Refusal::NotAccredited);
		}
		for who in [CLERK, INSPECTOR, STRANGER] {
			assert_noop!(set_reorder_rule(&who, DRUG, rule(1, 1)), Refusal::NotAuthorized);
		}
	});
}

#[test]
fn stock_counts_what_is_held_and_may_be_sold() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 0);
		assert_ok!(destroy(&PHARMACIST, ranges(&[(1, 2)]), ev(9)));
		assert_ok!(ship(&PHARMACIST, shipment(units(8, 2), RIVAL)));
		assert_eq!((stock(PHARMACY), stock(RIVAL)), (5, 0));
		assert_ok!(receive_all(&RIVAL_PHARMACIST, units(8, 2)));
		assert_ok!(pack(&PHARMACIST, lu(1), contents(&[units(0, 8)]), ev(5)));
		assert_eq!((stock(PHARMACY), stock(RIVAL)), (5, 2));
		// Of one product it says nothing of another.
		commissioned_vaccine(5);
		assert_eq!((Stock::<Test>::get(MAKER, VACCINE), stock(MAKER)), (5, 0));
	});
}

#[test]
fn orders_end_with_their_numbers() {
	test(|| {
		let run = at_pharmacy(10);
		NextOrder::<Test>::put(u32::MAX);
		assert_noop!(set(rule(20, 5)), Refusal::Exhausted);
		// Nobody is left without a medicine because numbers are used up.
		assert_ok!(set(rule(10, 5)));
		dispensed(&run, 0);
		assert_eq!((pending(), Orders::<Test>::iter().count()), (None, 0));
		NextOrder::<Test>::put(0);
	});
}
