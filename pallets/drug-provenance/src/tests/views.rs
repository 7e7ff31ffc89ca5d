//! What runtime APIs answer, but for the verdict on a pack.

use super::*;
use salus_primitives::drug::{BatchState, ExcursionView, RecallView};

const OF_ALL: (RecallClass, RecallReason) = (RecallClass::II, RecallReason::Quality);

fn recall_view(class: RecallClass, reason: RecallReason) -> RecallView {
	RecallView { class, reason, by: MAKER, at: NOW }
}

#[test]
fn a_product_is_told_with_its_delegates_and_recall() {
	test(|| {
		assert_ok!(delegate(&MAKER_QP, VACCINE, PACKER, true));
		assert_ok!(recall(&MAKER_QP, RecallScope::Product(VACCINE), OF_ALL.0, OF_ALL.1));
		let product = DrugProvenance::product_view(VACCINE).expect("it is registered");
		assert_eq!((product.gtin, product.owner, product.delegates), (VACCINE, MAKER, vec![PACKER]));
		assert_eq!((product.storage, product.device), (Some(COLD), false));
		assert_eq!(product.recall, Some(recall_view(OF_ALL.0, OF_ALL.1)));
		assert!(DrugProvenance::product_view(DEVICE).is_some_and(|device| device.device));
		assert_eq!(DrugProvenance::product_view(UNKNOWN), None);
	});
}

#[test]
fn a_batch_is_told_with_where_it_is_in_its_life() {
	test(|| {
		let run = at_pharmacy(4);
		let view = || DrugProvenance::batch_view(0).expect("it is commissioned");
		let first = view();
		assert_eq!((first.id, first.gtin, &first.lot, first.run), (0, DRUG, &run.lot, 0));
		assert_eq!((first.expiry, first.units, first.producer, first.retired), (EXPIRY, 4, MAKER, 0));
		assert_eq!((first.root, first.meta, first.block), (run.input().root, run.input().meta, 1));
		assert_eq!((first.state, first.recall), (BatchState::Active, None));
		assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(1, 2)), RecallClass::I, RecallReason::Stability));
		let some = view();
		assert_eq!((some.state, some.recall), (BatchState::Active, None), "some of its units are not all of it");
		let of_some = recall_view(RecallClass::I, RecallReason::Stability);
		assert_eq!(some.recalled_units, [(range(1, 2), of_some)]);
		assert_ok!(recall(&MAKER_QP, RecallScope::Lot(DRUG, run.lot.clone()), OF_ALL.0, OF_ALL.1));
		assert_eq!((view().state, view().recall), (BatchState::Recalled, Some(recall_view(OF_ALL.0, OF_ALL.1))));
		assert_ok!(lift_recall(&MAKER_QP, RecallScope::Lot(DRUG, run.lot.clone())));
		set_now(EXPIRY);
		assert_eq!(view().state, BatchState::Expired);
		assert_ok!(destroy(&PHARMACIST, ranges(&[(0, 4)]), ev(9)));
		assert_ok!(prune(&STRANGER, Prunable::Parcel { batch: 0, last: 3 }));
		assert_eq!((view().state, view().retired), (BatchState::Closed, 4));
		assert_eq!(DrugProvenance::batch_view(1), None);
	});
}

#[test]
fn a_lots_runs_are_told_in_their_order() {
	test(|| {
		let first = commissioned(4);
		commissioned_vaccine(4);
		assert_ok!(commission(&MAKER_STAFF, Run { run: 1, ..Run::of(6) }.input()));
		let runs = DrugProvenance::lot_view(DRUG, &first.lot);
		assert_eq!(runs.iter().map(|batch| (batch.id, batch.run)).collect::<Vec<_>>(), [(0, 0), (2, 1)]);
		assert!(DrugProvenance::lot_view(DRUG, &lot("L9")).is_empty());
	});
}

#[test]
fn a_parcel_is_told_with_all_that_it_is_packed_in() {
	test(|| {
		commissioned(20);
		assert_ok!(decommission_range(&MAKER_STAFF, ranges(&[(6, 2)]), RemovalKind::Sample, ev(9)));
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(5, 10)]), ev(5)));
		assert_ok!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(1)]), ev(5)));
		assert_ok!(report_suspect(&PHARMACIST, logistic(2)));
		let own = holding(5).chain;
		let told = DrugProvenance::parcel_view(0, 7).expect("the unit lies in a parcel");
		assert_eq!((told.units, told.inactive, told.holds), (range(5, 10), 2, hold_set(&[Hold::Suspect])));
		assert_eq!((told.owner, told.custodian, told.source, told.custody), (MAKER, MAKER, None, Custody::Held));
		assert_eq!((told.within, told.chain), (vec![lu(1), lu(2)], own));
		assert_eq!(told.chains, [unit_of(1).holding.chain, unit_of(2).holding.chain]);
		let free = DrugProvenance::parcel_view(0, 0).expect("the unit lies in a parcel");
		assert_eq!((free.units, free.within, free.chains, free.excursion), (range(0, 5), vec![], vec![], None));
		assert_eq!(DrugProvenance::parcel_view(0, 20), None);
		assert_eq!(DrugProvenance::parcel_view(3, 0), None);
	});
}

#[test]
fn a_parcel_is_told_with_the_excursion_on_record() {
	test(|| {
		commissioned_vaccine(20);
		let readings = Readings { min: 20, max: 95, minutes: 12, longest_gap: 10 };
		assert_ok!(log_excursion(&MAKER_STAFF, units(0, 10), readings, ev(8)));
		assert_ok!(split(&MAKER_STAFF, range(0, 4)));
		let excursion = Some(ExcursionView { start: 0, min: 20, max: 95, minutes: 12, evidence: ev(8) });
		let of = |index| DrugProvenance::parcel_view(0, index).and_then(|parcel| parcel.excursion);
		assert_eq!((of(0), of(9), of(10)), (excursion, excursion, None));
	});
}

#[test]
fn parcels_are_told_page_by_page_who_has_how_much() {
	test(|| {
		commissioned(50);
		(0..5).for_each(|n| sold(units(10 * n, 5), &MAKER_STAFF, WHOLESALER, &WHOLESALE_STAFF));
		let (mut cursor, mut all, mut pages) = (None, Vec::new(), 0);
		loop {
			let page = DrugProvenance::parcels_page(0, cursor, 3);
			assert!(page.items.len() <= 3);
			all.extend(page.items);
			pages += 1;
			cursor = page.next;
			if cursor.is_none() {
				break;
			}
		}
		assert_eq!((all.len(), pages), (10, 4));
		assert!(all.windows(2).all(|pair| pair[0].units.start + pair[0].units.len == pair[1].units.start));
		assert_eq!(all.iter().map(|parcel| parcel.units.len).sum::<u32>(), 50);
		let of = |org| all.iter().filter(|parcel| parcel.custodian == org).map(|parcel| parcel.units.len).sum::<u32>();
		assert_eq!((of(MAKER), of(WHOLESALER)), (25, 25));
		assert!(DrugProvenance::parcels_page(1, None, 3).items.is_empty());
		assert_eq!(DrugProvenance::parcels_page(0, None, 0).items.len(), 1, "a page has something");
	});
}

#[test]
fn a_unit_is_told_with_what_became_of_it() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		assert_ok!(recall(&MAKER_QP, RecallScope::Units(range(3, 2)), OF_ALL.0, OF_ALL.1));
		let unit = |index| DrugProvenance::unit_view(0, index);
		let gone = unit(3).expect("there is a fourth");
		assert_eq!((gone.status, gone.recall), (UnitStatus::Dispensed, Some(recall_view(OF_ALL.0, OF_ALL.1))));
		assert_eq!(gone.left.and_then(|left| left.org), Some(PHARMACY));
		let here = unit(5).expect("there is a sixth");
		assert_eq!((here.status, here.left, here.recall), (UnitStatus::Active, None, None));
		assert_eq!(here.parcel.map(|parcel| parcel.custodian), Some(PHARMACY));
		assert_eq!((unit(10), DrugProvenance::unit_view(1, 0)), (None, None));
	});
}

#[test]
fn a_unit_of_logistics_is_told_with_where_the_outermost_is() {
	test(|| {
		commissioned(20);
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(5, 10)]), ev(5)));
		assert_ok!(pack(&MAKER_STAFF, lu(2), contents(&[logistic(1), units(0, 2)]), ev(5)));
		assert_ok!(mark_illegitimate(&MAKER_QP, logistic(2)));
		assert_ok!(report_stolen(&MAKER_STAFF, logistic(2), ev(4)));
		let outer = DrugProvenance::logistic_view(&lu(2)).expect("it is packed");
		assert_eq!((outer.id, outer.parent, outer.goods), (lu(2), None, vec![(DRUG, 12)]));
		assert_eq!(outer.contents, [logistic(1), units(0, 2)]);
		let inner = DrugProvenance::logistic_view(&lu(1)).expect("it is packed");
		assert_eq!((inner.parent, inner.contents, inner.goods), (Some(lu(2)), vec![units(5, 10)], vec![(DRUG, 10)]));
		for told in [(outer.owner, outer.custodian, outer.custody), (inner.owner, inner.custodian, inner.custody)] {
			assert_eq!(told, (MAKER, MAKER, Custody::Lost { stolen: true }));
		}
		assert_eq!((outer.holds, inner.holds), (hold_set(&[Hold::Illegitimate]), hold_set(&[Hold::Illegitimate])));
		assert_eq!((outer.chain, inner.chain), (unit_of(2).holding.chain, unit_of(1).holding.chain));
		assert_eq!(DrugProvenance::logistic_view(&lu(3)), None);
	});
}

#[test]
fn a_step_is_found_among_the_events_by_its_head() {
	test(|| {
		at_wholesaler(10);
		let head = holding(0).chain.head;
		let found: Vec<_> = events().iter().filter_map(|event| DrugProvenance::custody_step_of(event, &head)).collect();
		assert_eq!(found, [last_step()]);
		let none = events().iter().find_map(|event| DrugProvenance::custody_step_of(event, &H256::zero()));
		assert_eq!(none, None);
	});
}

#[test]
fn stock_is_told_with_the_rules_by_product() {
	test(|| {
		commissioned(7);
		commissioned_vaccine(5);
		let set = |gtin| {
			let rule = Some(ReorderInput { minimum: 2, quantity: 9, supplier: WHOLESALER });
			assert_ok!(set_reorder_rule(&MAKER_STAFF, gtin, rule));
		};
		set(DRUG);
		set(DEVICE);
		let (mut cursor, mut all) = (None, Vec::new());
		loop {
			let page = DrugProvenance::stock_page(MAKER, cursor, 1);
			assert_eq!(page.items.len(), 1);
			all.extend(page.items);
			cursor = page.next;
			if cursor.is_none() {
				break;
			}
		}
		all.sort_by_key(|entry| entry.gtin);
		let told: Vec<_> = all.iter().map(|entry| (entry.gtin, entry.units, entry.minimum, entry.pending)).collect();
		// Of the device there is nothing, and so an order under way.
		assert_eq!(told, [(VACCINE, 5, None, None), (DEVICE, 0, Some(2), Some(0)), (DRUG, 7, Some(2), None)]);
		assert_eq!((all[2].quantity, all[2].supplier), (Some(9), Some(WHOLESALER)));
		assert_eq!(DrugProvenance::stock_page(MAKER, None, 10).items.len(), 3);
		assert!(DrugProvenance::stock_page(PHARMACY, None, 10).items.is_empty());
	});
}

#[test]
fn orders_are_told_to_their_supplier() {
	test(|| {
		for (who, gtin) in [(PHARMACIST, DRUG), (PHARMACIST, VACCINE), (RIVAL_PHARMACIST, DRUG)] {
			let rule = Some(ReorderInput { minimum: 2, quantity: 9, supplier: WHOLESALER });
			assert_ok!(set_reorder_rule(&who, gtin, rule));
		}
		let first = DrugProvenance::orders_page(WHOLESALER, None, 2);
		let second = DrugProvenance::orders_page(WHOLESALER, first.next, 2);
		assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
		let mut all = [first.items, second.items].concat();
		all.sort_by_key(|order| order.id);
		let told: Vec<_> = all.iter().map(|order| (order.id, order.buyer, order.gtin)).collect();
		assert_eq!(told, [(0, PHARMACY, DRUG), (1, PHARMACY, VACCINE), (2, RIVAL, DRUG)]);
		assert!(all.iter().all(|order| (order.supplier, order.quantity, order.at) == (WHOLESALER, 9, NOW)));
		assert!(DrugProvenance::orders_page(MAKER, None, 2).items.is_empty());
	});
}

#[test]
fn an_alert_is_told_from_its_event() {
	test(|| {
		let run = at_pharmacy(10);
		assert_ok!(dispense(&RIVAL_PHARMACIST, of(&run, 3)));
		let alerts: Vec<_> = events().iter().filter_map(DrugProvenance::alert_of).collect();
		let [alert] = &alerts[..] else { panic!("one alert: {alerts:?}") };
		assert_eq!((alert.batch, alert.index, alert.verdict), (0, 3, Verdict::Genuine));
		assert_eq!((alert.org, &alert.who, alert.at), (RIVAL, &RIVAL_PHARMACIST, NOW));
	});
}
