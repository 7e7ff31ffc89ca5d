use super::*;
use codec::Encode;
use frame_support::{dispatch::GetDispatchInfo, traits::UnfilteredDispatchable};
use salus_primitives::drug::{CHUNK, MAX_DISPENSES, MAX_GOODS, MAX_PACKED, MAX_RANGES, MAX_UNITS};
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
			(Call::pack { unit: lu(1), contents: contents(&[one, one]), event }, <()>::pack(2, 4), directory(0)),
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
				<()>::decommission_range(2, 2),
				PHARMACIST_WEIGHT,
			),
			(Call::destroy { ranges: list(), event }, <()>::destroy(2, 2), PHARMACIST_WEIGHT),
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
fn packing_is_charged_for_what_its_loads_lie_in() {
	let charged =
		|loads: &[Load]| declared(Call::pack { unit: lu(9), contents: contents(loads), event: ev(5) }) - directory(0);
	assert_eq!(charged(&[]), <()>::pack(0, 0));
	assert_eq!(charged(&[units(0, 100)]), <()>::pack(1, 2));
	assert_eq!(charged(&[units(CHUNK - 50, 100)]), <()>::pack(1, 4), "it lies in two entries");
	assert_eq!(charged(&[units(0, CHUNK), units(CHUNK, CHUNK + 1)]), <()>::pack(2, 6));
	assert_eq!(charged(&[logistic(1), logistic(2)]), <()>::pack(2, 0), "no parcel is split");
	assert_eq!(charged(&[units(0, MAX_UNITS)]), <()>::pack(1, MAX_CHUNKS), "no call counts more");
	let all = vec![units(CHUNK - 1, 2); MAX_PACKED as usize];
	assert_eq!(charged(&all), <()>::pack(MAX_PACKED, MAX_CHUNKS));
	for nonsense in [units(5, 0), units(2, u32::MAX), units(u32::MAX, 2)] {
		assert_eq!(charged(&[nonsense]), <()>::pack(1, 0), "{nonsense:?} is refused before anything is counted");
	}
}

/// A batch of twelve entries of status bits, no two alike, each with one unit that has left the market; case 1 holds
/// the last hundred units.
fn gone_everywhere() -> (sp_io::TestExternalities, Vec<Vec<u8>>) {
	let mut ext = bare_ext();
	let bits = ext.execute_with(|| {
		populate();
		commissioned(12 * CHUNK);
		let gone: Vec<_> = (0..12).map(|chunk| (chunk * CHUNK + 200 + chunk, 1)).collect();
		assert_ok!(destroy(&MAKER_STAFF, ranges(&gone), ev(9)));
		assert_ok!(pack(&MAKER_STAFF, lu(1), contents(&[units(12 * CHUNK - 100, 100)]), ev(5)));
		Inactive::<Test>::iter_prefix_values(0).map(|bits| bits.to_vec()).collect::<Vec<_>>()
	});
	assert_eq!(bits.len(), 12);
	ext.commit_all().expect("no transaction is open");
	(ext, bits)
}

/// What a call reads is seen in the proof of its storage that a validator would get.
#[test]
fn what_packing_declares_is_no_less_than_what_it_reads() {
	let end = 12 * CHUNK - 100;
	let one_after_the_other: Vec<_> = (0..MAX_PACKED).map(|case| units(case * 100, 100)).collect();
	let backwards: Vec<_> = (1..=40).map(|case| units(end - case * 100, 100)).collect();
	// Loads, and the entries that are counted; `None` where they are too many.
	let cases: [(&[Load], Option<u32>); 15] = [
		(&[units(0, 100)], Some(1)),
		(&[units(end - 100, 100)], Some(1)),
		(&[units(100, 100)], Some(2)),
		(&[units(CHUNK, 100)], Some(2)),
		(&[units(CHUNK - 50, 100)], Some(3)),
		(&[units(2 * CHUNK - 50, 100)], Some(4)),
		(&[units(0, end)], Some(0)),
		(&[units(0, 10 * CHUNK)], Some(2)),
		(&[units(CHUNK, 5 * CHUNK)], Some(6)),
		(&[logistic(1)], Some(0)),
		(&[logistic(1), units(0, 1)], Some(1)),
		(&one_after_the_other, Some(67)),
		(&backwards, Some(42)),
		// More is left on either side.
		(&[units(5 * CHUNK, 100)], None),
		(&[units(0, 100), units(6 * CHUNK, 100)], None),
	];
	let (mut ext, bits) = gone_everywhere();
	for (loads, counted) in cases {
		let call = || Call::pack { unit: lu(2), contents: contents(loads), event: ev(5) };
		let (done, proof) =
			ext.execute_and_prove(|| hypothetically!(call().dispatch_bypass_filter(signed(&MAKER_STAFF))));
		let read = bits.iter().filter(|bits| proof.iter_nodes().any(|node| contains(node, bits))).count() as u32;
		let loads_len = loads.len() as u32;
		let most = declared(call());
		match counted {
			Some(counted) => {
				let spent = done.expect("the call is in order").actual_weight.expect("the call tells what it spent");
				assert_eq!(spent, <()>::pack(loads_len, counted) + directory(0), "{loads:?}");
				assert!(read <= counted && (read > 0) == (counted > 0), "{loads:?}: {read}");
				assert!(spent.all_lte(most), "{loads:?}");
			}
			None => assert_eq!(done.map_err(|refused| refused.error), Err(Refusal::TooMany.into()), "{loads:?}"),
		}
		assert!((<()>::pack(loads_len, read) + directory(0)).all_lte(most), "{loads:?}: {read}");
		let size = proof.encoded_size() as u64;
		assert!(size <= most.proof_size(), "{loads:?}: {size} B");
	}
	// What is split first is packed.
	ext.execute_with(|| {
		assert_ok!(split(&MAKER_STAFF, range(5 * CHUNK, 100)));
		assert_ok!(pack(&MAKER_STAFF, lu(2), contents(&[units(5 * CHUNK, 100)]), ev(5)));
		assert_eq!(parcel(0).1.inactive + parcel(5 * CHUNK + 100).1.inactive, 12);
		DrugProvenance::do_try_state().expect("what always holds of the storage holds");
	});
}

fn contains(node: &[u8], bits: &[u8]) -> bool {
	node.windows(bits.len()).any(|window| window == bits)
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
