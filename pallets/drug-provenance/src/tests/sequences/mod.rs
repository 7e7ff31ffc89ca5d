//! Random sequences of calls on the pallet and on the reference model, which must agree. `SALUS_PROPTEST_CASES` sets how
//! many sequences are tried.

mod turns;

use super::{
	model::{Model, Place, Unit},
	*,
};
use proptest::{
	prelude::*,
	strategy::ValueTree,
	test_runner::{Config as ProptestConfig, TestRunner},
};
use std::collections::{BTreeMap, BTreeSet};
use turns::{member_of, pick, sequences, Kind, Turn};

/// Calls by name, with what each answered.
type Tried = BTreeSet<(&'static str, Result<(), &'static str>)>;

/// How many batches there may be; the largest has 24 units.
const BATCHES: usize = 4;
const TRADERS: [OrgId; 6] = [MAKER, WHOLESALER, BRANCH, PHARMACY, RIVAL, CARRIER];
const SIGNERS: [AccountId; 13] = [
	INSPECTOR,
	MAKER_STAFF,
	MAKER_QP,
	WHOLESALE_STAFF,
	WHOLESALE_QP,
	BRANCH_STAFF,
	DRIVER,
	PHARMACIST,
	LOCUM,
	PHARMACY_QP,
	RIVAL_PHARMACIST,
	CLERK,
	STRANGER,
];

fn check_place(expected: &Place, holding: &types::Holding) {
	let types::Holding { owner, custodian, source, custody, package, chain } = holding.clone();
	assert_eq!(*expected, Place { owner, custodian, source, custody, package, head: chain.head });
}

fn check_batch(model: &Model, batch: BatchId) {
	let entry = &model.batches[batch as usize];
	let stored: Vec<_> = Parcels::<Test>::iter_prefix(batch).collect();
	let ranges: Vec<_> = stored.iter().map(|(last, parcel)| (parcel.start, last.0)).collect();
	assert_eq!(ranges, model.parcels(batch), "parcels of batch {batch}");
	for (last, parcel) in stored {
		let mut inactive = 0;
		for index in parcel.start..=last.0 {
			let unit = model.unit(batch, index);
			assert_eq!(
				(unit.counted, unit.holds, unit.parent),
				(parcel.counted, parcel.holds, parcel.parent),
				"{index}"
			);
			if index == parcel.start || unit.place != entry.units[index as usize - 1].place {
				// While it is packed, only the chain counts.
				match unit.parent {
					None => check_place(&unit.place, &parcel.holding),
					Some(_) => assert_eq!(unit.place.head, parcel.holding.chain.head),
				}
			}
			inactive += u32::from(unit.status != UnitStatus::Active);
		}
		assert_eq!(parcel.inactive, inactive);
	}
	let bits = Inactive::<Test>::get(batch, 0).unwrap_or([0; 256]);
	let mut kept = vec![None; entry.units.len()];
	for (last, exception) in Exceptions::<Test>::iter_prefix(batch) {
		for index in exception.start..=last.0 {
			kept[index as usize] = Some((exception.status, (exception.org, exception.premises, exception.at)));
		}
	}
	for (index, unit) in entry.units.iter().enumerate() {
		let gone = bits[index / 8] & 1 << (index % 8) != 0;
		assert_eq!(gone, unit.status != UnitStatus::Active, "unit {index}");
		assert_eq!(kept[index], unit.left.map(|left| (unit.status, left)), "unit {index}");
	}
	let stored = Batches::<Test>::get(batch).expect("the model has it");
	assert_eq!((stored.recall, stored.units), (entry.recall, entry.units.len() as u32));
	assert_eq!(stored.retired as usize, entry.units.iter().filter(|unit| unit.retired).count());
	assert_eq!(Recalls::<Test>::get(batch).into_inner(), entry.ranges);
	assert_eq!(Lots::<Test>::get(stored.gtin, &stored.lot).recall, model.lots.get(&(stored.gtin, stored.lot)).copied());
}

fn check_cases(model: &Model) {
	assert_eq!(LogisticUnits::<Test>::iter().count(), model.cases.len());
	for (id, case) in &model.cases {
		let stored = LogisticUnits::<Test>::get(id).expect("the model has it");
		assert_eq!((stored.parent, stored.holds, stored.excursion), (case.parent, case.holds, case.excursion));
		match case.parent {
			None => check_place(&case.place, &stored.holding),
			Some(_) => assert_eq!(case.place.head, stored.holding.chain.head),
		}
		assert!(usize::from(stored.depth) >= model.depth(*id));
		let inside = model.inside(*id);
		assert_eq!(stored.parcels as usize, model.parcels_of(&inside).len());
		let goods = [DRUG, VACCINE].map(|gtin| {
			let sellable = inside.iter().filter(|(batch, index)| {
				let unit = model.unit(*batch, *index);
				model.batches[*batch as usize].run.gtin == gtin && unit.counted && unit.status == UnitStatus::Active
			});
			(gtin, sellable.count() as u32)
		});
		for (gtin, units) in goods {
			let told = stored.goods.iter().find(|(other, _)| *other == gtin).map_or(0, |(_, units)| *units);
			assert_eq!(told, units);
		}
	}
}

fn check_lists(model: &Model) {
	for org in TRADERS {
		for gtin in [DRUG, VACCINE] {
			assert_eq!(Stock::<Test>::get(org, gtin), model.stock(org, gtin), "stock of {org}");
		}
	}
	let orders: BTreeMap<_, _> = Orders::<Test>::iter()
		.map(|(supplier, id, order)| (id, (supplier, (order.buyer, order.gtin, order.quantity, order.at))))
		.collect();
	assert_eq!(orders, model.orders);
	let rules: BTreeMap<_, _> = ReorderRules::<Test>::iter()
		.map(|(org, gtin, rule)| ((org, gtin), (rule.minimum, rule.quantity, rule.supplier, rule.pending)))
		.collect();
	let expected = model.rules.iter();
	let expected: BTreeMap<_, _> =
		expected.map(|(key, rule)| (*key, (rule.minimum, rule.quantity, rule.supplier, rule.pending))).collect();
	assert_eq!(rules, expected);
	let excursions: BTreeMap<_, _> =
		Excursions::<Test>::iter().map(|(batch, last, entry)| ((batch, last.0), entry.excursion)).collect();
	assert_eq!(excursions, model.excursions);
	let acknowledged: BTreeMap<_, _> =
		Acknowledgements::<Test>::iter().map(|(batch, org, entry)| ((batch, org), entry.at)).collect();
	assert_eq!(acknowledged, model.acknowledged);
	let reports: BTreeMap<_, _> =
		Reports::<Test>::iter().map(|(id, report)| (id, (report.load, report.org, report.by))).collect();
	assert_eq!(reports, model.reports);
	let products: BTreeMap<_, _> = Products::<Test>::iter().map(|(gtin, product)| (gtin, product.recall)).collect();
	assert_eq!(products, model.products);
}

/// Every account has on deposit what its entries cost, no more and no less.
fn check_deposits() {
	let mut owed: BTreeMap<AccountId, u128> = BTreeMap::new();
	let mut owe = |by: AccountId, footprint: Footprint| *owed.entry(by).or_default() += price(footprint);
	Products::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::product_footprint()));
	Batches::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::batch_footprint(entry.units)));
	Parcels::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::parcel_footprint()));
	LogisticUnits::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::logistic_footprint()));
	Exceptions::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::exception_footprint()));
	Excursions::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::excursion_footprint()));
	let acknowledgement = DrugProvenance::acknowledgement_footprint();
	Acknowledgements::<Test>::iter_values().for_each(|entry| owe(entry.by, acknowledgement));
	ReorderRules::<Test>::iter_values().for_each(|entry| owe(entry.by, DrugProvenance::rule_footprint()));
	let mut reports: BTreeMap<AccountId, u128> = BTreeMap::new();
	Reports::<Test>::iter_values().for_each(|report| *reports.entry(report.by).or_default() += BOND);
	for who in &SIGNERS {
		assert_eq!(held(who), owed.get(who).copied().unwrap_or_default(), "deposits of {who}");
		assert_eq!(bonded(who), reports.get(who).copied().unwrap_or_default(), "bonds of {who}");
	}
}

fn check(model: &Model) {
	assert_eq!(NextBatch::<Test>::get() as usize, model.batches.len());
	(0..model.batches.len() as BatchId).for_each(|batch| check_batch(model, batch));
	check_cases(model);
	check_lists(model);
	DrugProvenance::do_try_state().expect("what always holds of the storage holds");
}

/// What became of the dispenses of a call, by the events.
fn judged() -> Vec<(u32, Option<Verdict>)> {
	let judged = events().into_iter().filter_map(|event| match event {
		Event::Dispensed { index, .. } => Some((index, None)),
		Event::Alert { index, verdict, .. } => Some((index, Some(verdict))),
		_ => None,
	});
	judged.collect()
}

fn message(error: DispatchError) -> &'static str {
	let DispatchError::Module(module) = error else { panic!("an error of the pallet, not {error:?}") };
	module.message.expect("an error in a native call has its name")
}

fn name(call: &Call<Test>) -> &'static str {
	use frame_support::traits::GetCallName;
	call.get_call_name()
}

/// Orders that a call placed for two products at once are numbered in no order that matters.
fn adopt_numbers(model: &mut Model, before: OrderId) {
	let placed: Vec<_> = model.orders.range(before..).map(|(id, order)| (*id, *order)).collect();
	if placed.len() < 2 {
		return;
	}
	for (id, (_, (buyer, gtin, ..))) in &placed {
		model.orders.remove(id);
		model.rules.get_mut(&(*buyer, *gtin)).expect("an order is a rule's").pending = None;
	}
	for (_, order) in placed {
		let (supplier, (buyer, gtin, ..)) = order;
		let same = |(of, _, stored): &(OrgId, OrderId, types::Order)| {
			*of == supplier && (stored.buyer, stored.gtin) == (buyer, gtin)
		};
		let (_, id, _) = Orders::<Test>::iter().find(same).expect("the order was placed");
		model.orders.insert(id, order);
		model.rules.get_mut(&(buyer, gtin)).expect("an order is a rule's").pending = Some(id);
	}
}

/// Plays a sequence, and returns what was tried with what result.
fn play(turns: Vec<Turn>) -> Tried {
	let mut tried = Tried::new();
	bare_ext().execute_with(|| {
		populate();
		let mut model = Model::new();
		let first = |kind| Turn { kind, aimed: true, signer: None, picks: [0, 0, 1, 1, 20] };
		for turn in [first(Kind::Commission)].into_iter().chain(turns) {
			match turn.kind {
				Kind::Wait => {
					model.now += [1, DAY, DAY, TRIP, UNDO][usize::from(turn.n(0) % 5)];
					set_now(model.now);
					continue;
				}
				Kind::Standing => {
					let org = pick(&TRADERS, turn.n(0)).expect("there are some");
					let active = model.suspended.remove(&org);
					if !active {
						model.suspended.insert(org);
					}
					set_active(org, active);
					continue;
				}
				Kind::Commission if model.batches.len() == BATCHES => continue,
				_ => {}
			}
			let (org, quality, call) = turn.call(&model);
			let who = turn.signer.clone().unwrap_or_else(|| member_of(org, quality));
			let before = model.ordered;
			let expected = model.take(&who, &call);
			System::reset_events();
			let done = take(&who, call.clone());
			match (&done, &expected) {
				(Ok(()), Ok(())) => {
					adopt_numbers(&mut model, before);
					assert_eq!(judged(), model.judged, "{call:?}");
				}
				(Err(error), Err(reasons)) => {
					assert!(reasons.contains(error), "{error:?} is none of {reasons:?}: {call:?} by {who}");
				}
				_ => panic!("{done:?}, not {expected:?}: {call:?} by {who}"),
			}
			tried.insert((name(&call), done.map_err(message)));
			check(&model);
		}
		check_deposits();
	});
	tried
}

/// Sequences to try; `SALUS_PROPTEST_CASES` asks for more.
fn cases() -> u32 {
	std::env::var("SALUS_PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn every_sequence_of_calls_agrees_with_the_model(turns in sequences()) {
		play(turns);
	}
}

/// Were the sequences refused throughout, they would prove little.
#[test]
fn the_sequences_meet_every_call_in_success_and_most_errors() {
	let mut runner = TestRunner::deterministic();
	let mut tried = Tried::new();
	for _ in 0..100 {
		let turns = sequences().new_tree(&mut runner).expect("nothing is filtered away").current();
		tried.extend(play(turns));
	}
	let succeeded: BTreeSet<_> = tried.iter().filter(|(_, result)| result.is_ok()).map(|(name, _)| *name).collect();
	use frame_support::traits::GetCallName;
	let left_out = ["register_product", "delegate", "dispute_package"];
	let missing: Vec<_> = Call::<Test>::get_call_names()
		.iter()
		.filter(|name| !succeeded.contains(*name) && !left_out.contains(name))
		.collect();
	assert!(missing.is_empty(), "never in success: {missing:?}");
	let refusals: BTreeSet<_> = tried.iter().filter_map(|(_, result)| result.err()).collect();
	assert!(refusals.len() >= 28, "met only {refusals:?}");
}
