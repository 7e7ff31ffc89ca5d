use super::*;
use frame_support::{dispatch::GetDispatchInfo, traits::UnfilteredDispatchable};
use salus_primitives::drug::{MAX_DISPENSES, MAX_GOODS, MAX_PACKED, MAX_RANGES};
use types::MAX_CONTENTS;
use units::MAX_CHUNKS;

fn declared(call: Call<Test>) -> Weight {
	call.get_dispatch_info().call_weight
}

fn spent(who: &AccountId, call: Call<Test>) -> Weight {
	let done = call.dispatch_bypass_filter(signed(who)).expect("the call is in order");
	done.actual_weight.expect("the call tells what it spent")
}

/// Weight of the signer's standing and of so many other organisations'.
fn directory(organisations: u64) -> Weight {
	STANDING_WEIGHT + ORGANISATION_WEIGHT * organisations
}

const PHARMACIST_WEIGHT: Weight = Weight::from_parts(301_000, 3_010);

#[test]
fn every_call_charges_what_the_directory_tells() {
	test(|| {
		let run = Run::of(2);
		let (one, event) = (units(0, 1), ev(1));
		let list = || ranges(&[(0, 1), (5, 1)]);
		let c = MAX_CHUNKS;
		let product = ProductInput { gtin: UNKNOWN, owner: MAKER, storage: None, device: false };
		let scope = RecallScope::Batch(0);
		let calls = [
			(Call::register_product { product }, <()>::register_product(), directory(1)),
			(Call::delegate { gtin: DRUG, org: PACKER, allowed: true }, <()>::delegate(), directory(1)),
			(Call::commission { batch: run.input() }, <()>::commission(), directory(0)),
			(Call::split { units: range(0, 1) }, <()>::split(c), directory(0)),
			(Call::merge { batch: 0, last: 0 }, <()>::merge(), directory(0)),
			(Call::pack { unit: lu(1), contents: contents(&[one, one]), event }, <()>::pack(2, c), directory(0)),
			(Call::unpack { unit: lu(1), event }, <()>::unpack(MAX_CONTENTS), directory(0)),
			(Call::ship { shipment: shipment(one, PHARMACY) }, <()>::ship(1, c), directory(6)),
			(Call::ship { shipment: shipment(logistic(1), PHARMACY) }, <()>::ship(MAX_CONTENTS, 0), directory(6)),
			(Call::receive { load: one, missing: list(), event }, <()>::receive(1, 2, c), directory(2)),
			(Call::refuse { load: one, deadline: 0, event }, <()>::refuse(c), directory(2)),
			(Call::retract { load: logistic(1), event }, <()>::retract(MAX_GOODS, 0), directory(1)),
			(Call::dispense { dispense: of(&run, 0) }, <()>::dispense(), PHARMACIST_WEIGHT),
			(
				Call::dispense_many { dispenses: Dispenses::truncate_from(vec![of(&run, 0); 7]) },
				<()>::dispense_many(7),
				PHARMACIST_WEIGHT,
			),
			(Call::undo_dispense { batch: 0, index: 0 }, <()>::undo_dispense(), PHARMACIST_WEIGHT),
			(
				Call::decommission_range { ranges: list(), kind: RemovalKind::Sample, event },
				<()>::decommission_range(2, 4),
				PHARMACIST_WEIGHT,
			),
			(Call::destroy { ranges: list(), event }, <()>::destroy(2, 4), PHARMACIST_WEIGHT),
			(Call::report_stolen { load: one, event }, <()>::report_stolen(1, c), directory(0)),
			(Call::report_lost { load: one, event }, <()>::report_lost(c), directory(0)),
			(Call::return_saleable { load: one, deadline: 0, event }, <()>::return_saleable(1, c), directory(3)),
			(Call::report_suspect { load: one }, <()>::report_suspect(c), directory(0)),
			(Call::clear_suspect { load: one, report: None, unfounded: false }, <()>::clear_suspect(c), directory(0)),
			(Call::mark_illegitimate { load: one }, <()>::mark_illegitimate(1, c), directory(0)),
			(
				Call::recall { scope: scope.clone(), class: RecallClass::I, reason: RecallReason::Quality },
				<()>::recall(),
				directory(0),
			),
			(Call::lift_recall { scope }, <()>::lift_recall(), directory(0)),
			(Call::acknowledge_recall { units: range(0, 1) }, <()>::acknowledge_recall(c), directory(0)),
			(Call::release_quarantine { load: one }, <()>::release_quarantine(1, c), directory(0)),
			(Call::release_excursion { load: one, evidence: event }, <()>::release_excursion(1, c), directory(0)),
			(Call::set_reorder_rule { gtin: DRUG, rule: None }, <()>::set_reorder_rule(), directory(1)),
			(Call::cancel_order { supplier: 0, order: 0 }, <()>::cancel_order(), directory(0)),
			(Call::fulfil_order { supplier: 0, order: 0 }, <()>::fulfil_order(), directory(0)),
			(Call::prune { what: Prunable::Parcel { batch: 0, last: 0 } }, <()>::prune(2), Weight::zero()),
			(Call::dispute_package { load: one, found: event }, <()>::dispute_package(), directory(0)),
		];
		for (call, own, of_directory) in calls {
			let name = format!("{call:?}");
			assert_eq!(declared(call), own + of_directory, "{name}");
		}
	});
}

#[test]
fn what_a_call_did_not_need_is_refunded() {
	test(|| {
		commissioned(5_000);
		let ship = |load| Call::ship { shipment: shipment(load, PHARMACY) };
		// Nothing has left the market: no status bits are counted.
		assert_eq!(spent(&MAKER_STAFF, Call::split { units: range(10, 10) }), <()>::split(0) + directory(0));
		assert_ok!(destroy(&MAKER_STAFF, ranges(&[(3_000, 1)]), ev(9)));
		// The two shorter parts are counted, of which one lies in two entries.
		assert_eq!(spent(&MAKER_STAFF, Call::split { units: range(2_040, 20) }), <()>::split(3) + directory(0));
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(10, 10), units(2_040, 20)]), ev(5)));
		assert_eq!(spent(&MAKER_STAFF, ship(logistic(1))), <()>::ship(2, 0) + directory(6));
		let receive = Call::receive { load: logistic(1), missing: ranges(&[(12, 2)]), event: ev(3) };
		assert_eq!(spent(&PHARMACIST, receive), <()>::receive(1, 1, 0) + directory(2));
		assert_eq!(spent(&PHARMACIST, Call::unpack { unit: lu(1), event: ev(6) }), <()>::unpack(3) + directory(0));
	});
}

#[test]
fn the_largest_calls_fit_into_a_block() {
	// Three quarters of two seconds, and of ten mebibytes of proof.
	let block = Weight::from_parts(1_500_000_000_000, 7_500_000);
	let c = MAX_CHUNKS;
	for (name, weight) in [
		("pack", <()>::pack(MAX_PACKED, c)),
		("unpack", <()>::unpack(MAX_CONTENTS)),
		("ship", <()>::ship(MAX_CONTENTS, 0)),
		("receive", <()>::receive(MAX_GOODS, MAX_RANGES, c)),
		("return_saleable", <()>::return_saleable(MAX_CONTENTS, 0)),
		("dispense_many", <()>::dispense_many(MAX_DISPENSES)),
		("destroy", <()>::destroy(MAX_RANGES, 64 + 2 * MAX_RANGES)),
		("mark_illegitimate", <()>::mark_illegitimate(MAX_CONTENTS, 0)),
		("prune", <()>::prune(MAX_DISPENSES)),
	] {
		assert!(weight.all_lt(block), "{name}: {weight:?}");
	}
}

/// "≥ 500 single dispenses/s per core by measured weight": by the estimate, as long as nothing was measured.
#[test]
fn five_hundred_packs_are_dispensed_in_a_second() {
	let a_second = 1_000_000_000_000;
	let one = <()>::dispense().ref_time();
	assert!(one * 500 <= a_second, "{} a second", a_second / one);
}

/// "≥ 100,000 units/s decommissioned by range".
#[test]
fn a_hundred_thousand_units_are_decommissioned_in_a_second() {
	let a_second = 1_000_000_000_000;
	let all = <()>::decommission_range(1, 100_000 / 2_048 + 2).ref_time();
	assert!(all <= a_second, "{all}");
}
