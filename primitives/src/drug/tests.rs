//! Leaves, proofs, chains of custody, verdicts and codes.

use super::*;
use alloc::{vec, vec::Vec};
use proptest::{prelude::*, sample::Index};
use serde_json::{from_value, json, to_value};

const GTIN: Gtin = Gtin(9_506_000_134_352);

fn lot(text: &[u8]) -> Lot {
	Lot::truncate_from(text.to_vec())
}

// --------------------------------------------------------------------------------------------------------- leaves

/// Written out by hand from the layout, and hashed with Python's `hashlib.blake2b`.
#[test]
fn a_leaf_is_laid_out_as_documented() {
	let mac = H256(core::array::from_fn(|n| n as u8));
	let content = leaf(GTIN, b"L-2609/A", 0x0102, &mac);
	let expected = [
		&[0xd0, 0xe0, 0xc2, 0x49, 0xa5, 0x08, 0x00, 0x00][..],
		&[8],
		b"L-2609/A",
		&[0x02, 0x01],
		&(0..32).collect::<Vec<u8>>(),
	]
	.concat();
	assert_eq!(content, expected);
	let root = format!("{:?}", merkle::root(&[&content]));
	assert_eq!(root, "0xe36c45a0de1307f49178aa5b97aa608b10b14abf4f14898cde460e9eb3719e33");
}

#[test]
fn what_a_keyed_hash_is_over_names_product_serial_lot_and_expiry() {
	let text = unit_text(GTIN, b"S1", b"LOT", 1_800_000_000_000);
	let expected =
		[&GTIN.0.to_le_bytes()[..], &[2 << 2], b"S1", &[3 << 2], b"LOT", &1_800_000_000_000u64.to_le_bytes()];
	assert_eq!(text, expected.concat());
}

#[test]
fn no_two_lots_share_a_leaf_by_where_they_end() {
	let mac = H256::repeat_byte(1);
	// Without the length before it, a run of this lot would be the end of that one.
	assert_ne!(leaf(GTIN, b"AB", u16::from_le_bytes(*b"CD"), &mac), leaf(GTIN, b"ABCD", 0, &mac));
	assert_ne!(leaf(GTIN, b"A", 0, &mac), leaf(GTIN, b"A\0", 0, &mac));
}

/// The leaves of a run.
fn run(units: u32, number: u16) -> Vec<Vec<u8>> {
	(0..units).map(|index| leaf(GTIN, b"LOT", number, &mac(index))).collect()
}

fn mac(index: u32) -> H256 {
	H256::from_low_u64_le(u64::from(index) + 1)
}

fn unit(leaves: &[Vec<u8>], index: u32) -> UnitProof {
	let proof = merkle::proof(leaves, index).expect("the unit is in the run");
	UnitProof { index, mac: mac(index), proof: proof.try_into().expect("at most 20 levels") }
}

fn holds(leaves: &[Vec<u8>], unit: &UnitProof, number: u16) -> bool {
	unit.holds(GTIN, &lot(b"LOT"), number, &merkle::root(leaves), leaves.len() as u32)
}

#[test]
fn a_proof_holds_for_its_unit_of_its_run_alone() {
	let leaves = run(21, 3);
	for index in 0..21 {
		let unit = unit(&leaves, index);
		assert!(holds(&leaves, &unit, 3));
		let (root, units) = (merkle::root(&leaves), 21);
		assert!(!unit.holds(Gtin(GTIN.0 + 1), &lot(b"LOT"), 3, &root, units), "another product");
		assert!(!unit.holds(GTIN, &lot(b"LOU"), 3, &root, units), "another lot");
		assert!(!unit.holds(GTIN, &lot(b"LOT"), 2, &root, units), "another run of the lot");
		assert!(!holds(&run(21, 2), &unit, 2), "another run with the same keyed hashes");
		assert!(!holds(&leaves, &UnitProof { mac: mac(index + 1), ..unit }, 3), "another unit's keyed hash");
	}
}

proptest! {
	#![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn no_unit_opens_under_another_index(units in 1..300u32, index: Index, other: u32, near in 0..512u32) {
		let leaves = run(units, 0);
		let unit = unit(&leaves, index.index(units as usize) as u32);
		prop_assert!(holds(&leaves, &unit, 0));
		for forged in [other, near, unit.index ^ 1, unit.index + units, unit.index | 1 << 31] {
			let opens = holds(&leaves, &UnitProof { index: forged, ..unit.clone() }, 0);
			prop_assert_eq!(opens, forged == unit.index, "{} as {}", unit.index, forged);
		}
	}

	#[test]
	fn no_proof_with_exchanged_or_foreign_nodes_holds(units in 3..300u32, index: Index, at: Index, with: Index) {
		let leaves = run(units, 0);
		let unit = unit(&leaves, index.index(units as usize) as u32);
		let (at, with) = (at.index(unit.proof.len()), with.index(unit.proof.len()));
		let mut swapped = unit.clone();
		(swapped.proof[at], swapped.proof[with]) = (unit.proof[with], unit.proof[at]);
		prop_assert_eq!(holds(&leaves, &swapped, 0), swapped == unit);
		let mut foreign = unit.clone();
		foreign.proof[at] = merkle::root(&leaves);
		prop_assert!(!holds(&leaves, &foreign, 0));
	}

	#[test]
	fn no_shortened_or_lengthened_proof_holds(units in 2..300u32, index: Index, kept: Index, more: [u8; 32]) {
		let leaves = run(units, 0);
		let unit = unit(&leaves, index.index(units as usize) as u32);
		let kept = kept.index(unit.proof.len());
		for part in [&unit.proof[..kept], &unit.proof[kept + 1..]] {
			let proof = part.to_vec().try_into().expect("shorter");
			let shorter = UnitProof { proof, ..unit.clone() };
			prop_assert!(!holds(&leaves, &shorter, 0));
		}
		for node in [H256(more), H256::zero(), merkle::root(&leaves)] {
			let mut longer = unit.clone();
			prop_assert!(longer.proof.try_push(node).is_ok());
			prop_assert!(!holds(&leaves, &longer, 0));
		}
	}
}

/// The children of a node, given as if they were a leaf's content, with what is left of the proof.
#[test]
fn an_inner_node_is_no_unit() {
	let leaves = run(8, 0);
	let (first, root) = (unit(&leaves, 0), merkle::root(&leaves));
	for units in [4, 8] {
		for index in 0..4 {
			let shorter = first.proof[1..].to_vec().try_into().expect("shorter");
			let forged = UnitProof { index, mac: first.proof[0], proof: shorter };
			assert!(!forged.holds(GTIN, &lot(b"LOT"), 0, &root, units));
		}
	}
}

#[test]
fn a_proof_of_a_large_run_is_as_long_as_the_design_says() {
	assert_eq!(merkle::depth(100_000) * 32, 544);
	assert_eq!(merkle::depth(MAX_UNITS), MAX_PROOF);
}

// --------------------------------------------------------------------------------------------------------- custody

fn step(previous: Link, event: u8, via: Option<Link>) -> CustodyStep {
	CustodyStep {
		kind: StepKind::Shipped,
		load: Load::Units(UnitRange { batch: 0, start: 0, len: 1 }),
		from: 0x0102_0304,
		to: 0x0506_0708,
		internal: false,
		at: 1_800_000_000_000,
		event: H256::repeat_byte(event),
		previous,
		via,
	}
}

/// Hashed with Python's `hashlib.blake2b`.
#[test]
fn a_chains_head_is_the_documented_hash() {
	let link = |byte| Link { head: H256::repeat_byte(byte), block: 9 };
	let told = |step: CustodyStep| format!("{:?}", step.head());
	let with_via = "0xe37ab7d86b596a8f36613b790b1b6c47bc936c9482736598ecffb9235709c3d2";
	assert_eq!(told(step(link(0x11), 0x22, Some(link(0x33)))), with_via);
	let without = "0x23a80807834e084cd930acd91c7d654cc26d33f0e29a6dbdc9e464d267dc703e";
	assert_eq!(told(step(link(0x11), 0x22, None)), without);
}

#[test]
fn a_head_changes_with_all_that_it_is_over() {
	let plain = step(Link::default(), 1, None);
	let others = [
		CustodyStep { kind: StepKind::Received, ..plain },
		CustodyStep { internal: true, ..plain },
		CustodyStep { from: 1, ..plain },
		CustodyStep { to: 1, ..plain },
		CustodyStep { at: 1, ..plain },
		CustodyStep { event: H256::zero(), ..plain },
		CustodyStep { previous: Link { head: H256::repeat_byte(1), block: 0 }, ..plain },
		CustodyStep { via: Some(Link { head: H256::repeat_byte(1), block: 0 }), ..plain },
	];
	for other in others {
		assert_ne!(other.head(), plain.head(), "{other:?}");
	}
}

/// What was done to two parts of one parcel in one way leaves them equal, so that they can be merged.
#[test]
fn a_head_does_not_name_the_goods() {
	let plain = step(Link::default(), 1, None);
	let sibling = CustodyStep { load: Load::Logistic(H256::zero()), ..plain };
	assert_eq!(sibling.head(), plain.head());
}

/// A chain, from its first step, with the end that it has.
#[derive(Clone, Default)]
struct Chain {
	/// Latest first.
	steps: Vec<TracedStep>,
	end: Link,
}

impl Chain {
	fn add(&mut self, within: Option<UnitId>, event: u8, via: Option<&Chain>) {
		let step = step(self.end, event, via.map(|chain| chain.end));
		self.end = Link { head: step.head(), block: self.end.block + 1 };
		let lower = via.map(|chain| chain.steps.clone()).unwrap_or_default();
		let traced = TracedStep { within, block: self.end.block, step };
		self.steps = [vec![traced], lower, self.steps.clone()].concat();
	}

	fn of(within: Option<UnitId>, events: impl IntoIterator<Item = u8>) -> Self {
		let mut chain = Self::default();
		events.into_iter().for_each(|event| chain.add(within, event, None));
		chain
	}
}

const CASE: UnitId = H256::repeat_byte(0xca);
const PALLET: UnitId = H256::repeat_byte(0xfa);

/// A parcel that was commissioned and shipped, packed into a case that was shipped on a pallet.
fn packed() -> (Vec<H256>, Vec<TracedStep>) {
	let parcel = Chain::of(None, 1..3);
	let case = Chain::of(Some(CASE), 3..5);
	let pallet = Chain::of(Some(PALLET), 5..8);
	let ends = [&parcel, &case, &pallet].map(|chain| chain.end.head).to_vec();
	(ends, [pallet.steps, case.steps, parcel.steps].concat())
}

/// A parcel whose case came off a pallet and was then unpacked itself; then it was shipped on.
fn unpacked() -> Chain {
	let mut case = Chain::of(Some(CASE), 3..5);
	case.add(Some(CASE), 8, Some(&Chain::of(Some(PALLET), 5..8)));
	let mut parcel = Chain::of(None, 1..3);
	parcel.add(None, 9, Some(&case));
	parcel.add(None, 10, None);
	parcel
}

#[test]
fn a_packed_parcels_steps_are_whole_down_to_its_commissioning() {
	let (ends, steps) = packed();
	assert_eq!(steps.len(), 7);
	assert!(is_whole(&ends, &steps));
	assert!(is_whole(&[], &[]));
}

#[test]
fn an_unpacked_parcels_steps_lead_through_the_units_it_was_in() {
	let parcel = unpacked();
	assert_eq!(parcel.steps.len(), 4 + 3 + 3);
	assert!(is_whole(&[parcel.end.head], &parcel.steps));
}

#[test]
fn a_chain_with_a_step_left_out_added_exchanged_or_forged_is_not_whole() {
	let (packed_ends, packed_steps) = packed();
	let unpacked = unpacked();
	for (ends, steps) in [(packed_ends, packed_steps), (vec![unpacked.end.head], unpacked.steps)] {
		for place in 0..steps.len() {
			let mut shorter = steps.clone();
			let taken = shorter.remove(place);
			assert!(!is_whole(&ends, &shorter), "without step {place}");
			for back in (0..=shorter.len()).filter(|back| *back != place) {
				let mut moved = shorter.clone();
				moved.insert(back, taken.clone());
				assert!(!is_whole(&ends, &moved), "step {place} at {back}");
			}
			let mut doubled = steps.clone();
			doubled.insert(place, taken);
			assert!(!is_whole(&ends, &doubled), "step {place} twice");
			let mut forged = steps.clone();
			forged[place].step.to += 1;
			assert!(!is_whole(&ends, &forged), "step {place} to another");
		}
		assert!(!is_whole(&ends, &[]));
		assert!(!is_whole(&[], &steps));
		assert!(!is_whole(&ends[1..], &steps));
		assert!(!is_whole(&[&ends[..], &[H256::repeat_byte(1)]].concat(), &steps));
	}
}

/// The via of an unpacking is under the hash: it can be neither taken away nor put in.
#[test]
fn what_happened_within_a_unit_cannot_be_left_out() {
	let parcel = unpacked();
	let mut forged = parcel.steps.clone();
	let unpacking = forged.iter().position(|traced| traced.step.via.is_some()).expect("there is one");
	forged[unpacking].step.via = None;
	forged.drain(unpacking + 1..unpacking + 7);
	assert!(!is_whole(&[parcel.end.head], &forged));
}

#[test]
fn the_ends_are_from_the_innermost_to_the_outermost() {
	let (ends, steps) = packed();
	let turned: Vec<_> = ends.into_iter().rev().collect();
	assert!(!is_whole(&turned, &steps));
}

// -------------------------------------------------------------------------------------------------------- verdicts

const NOW: Moment = 1_800_000_000_000;

fn genuine() -> UnitFacts {
	UnitFacts {
		expiry_matches: true,
		expiry: NOW + 1,
		status: UnitStatus::Active,
		recall: None,
		holds: HoldSet::EMPTY,
		custody: Custody::Held,
	}
}

fn transit(deadline: Moment) -> Custody {
	Custody::InTransit { to: 1, carrier: None, sale: true, deadline }
}

/// What calls for each verdict, in the order of precedence.
const CAUSES: [(Verdict, fn(&mut UnitFacts)); 15] = [
	(Verdict::ExpiryMismatch, |facts| facts.expiry_matches = false),
	(Verdict::Stolen, |facts| facts.custody = Custody::Lost { stolen: true }),
	(Verdict::Decommissioned, |facts| facts.status = UnitStatus::Decommissioned),
	(Verdict::Destroyed, |facts| facts.status = UnitStatus::Destroyed),
	(Verdict::Exported, |facts| facts.status = UnitStatus::Exported),
	(Verdict::Sample, |facts| facts.status = UnitStatus::Sample),
	(Verdict::Recalled, |facts| facts.recall = Some(RecallClass::III)),
	(Verdict::AlreadyDispensed, |facts| facts.status = UnitStatus::Dispensed),
	(Verdict::Illegitimate, |facts| facts.holds = facts.holds.with(Hold::Illegitimate)),
	(Verdict::Suspect, |facts| facts.holds = facts.holds.with(Hold::Suspect)),
	(Verdict::Quarantined, |facts| facts.holds = facts.holds.with(Hold::Quarantined)),
	(Verdict::CustodyGap, |facts| facts.custody = Custody::Lost { stolen: false }),
	(Verdict::Expired, |facts| facts.expiry = NOW),
	(Verdict::InTransit, |facts| facts.custody = transit(NOW + 1)),
	(Verdict::Genuine, |_| ()),
];

/// All that nothing of the pack's own facts decides, in front of what does: with these, every verdict is tried.
const OF_THE_QUERY: [Verdict; 4] =
	[Verdict::UnknownProduct, Verdict::UnknownLot, Verdict::LotMismatch, Verdict::NotInRun];

#[test]
fn of_two_causes_the_graver_gives_the_verdict() {
	for (place, (graver, cause)) in CAUSES.iter().enumerate() {
		for (lesser, other) in &CAUSES[place..] {
			// The graver comes last, and so wins where both are of one field.
			let mut facts = genuine();
			other(&mut facts);
			cause(&mut facts);
			assert_eq!(facts.verdict(NOW), *graver, "{graver} beside {lesser}");
		}
	}
	let in_order: Vec<_> = OF_THE_QUERY.into_iter().chain(CAUSES.map(|(verdict, _)| verdict)).collect();
	assert_eq!(in_order, Verdict::ALL, "codes are in the order of precedence, and every one was tried");
}

#[test]
fn an_excursion_is_a_quarantine() {
	assert_eq!(UnitFacts { holds: HoldSet::of(&[Hold::Excursion]), ..genuine() }.verdict(NOW), Verdict::Quarantined);
}

#[test]
fn every_recall_counts_whatever_its_class() {
	for class in RecallClass::ALL {
		assert_eq!(UnitFacts { recall: Some(*class), ..genuine() }.verdict(NOW), Verdict::Recalled);
	}
}

#[test]
fn deadlines_and_expiry_count_from_their_moment_on() {
	let verdict = |custody, now| UnitFacts { custody, expiry: NOW + 10, ..genuine() }.verdict(now);
	for custody in [transit(NOW), Custody::Returning { to: 1, sale: false, deadline: NOW }] {
		assert_eq!(verdict(custody, NOW - 1), Verdict::InTransit);
		assert_eq!(verdict(custody, NOW), Verdict::CustodyGap);
	}
	assert_eq!(verdict(Custody::Disputed { to: 1, sale: true }, 0), Verdict::CustodyGap);
	assert_eq!(verdict(Custody::Held, NOW + 9), Verdict::Genuine);
	assert_eq!(verdict(Custody::Held, NOW + 10), Verdict::Expired);
}

// ----------------------------------------------------------------------------------------------------------- rules

const COLD: StorageRule = StorageRule { min: 20, max: 80, interval: 10 };
const KEPT: Readings = Readings { min: 20, max: 80, minutes: 0, longest_gap: 20 };

#[test]
fn a_storage_rule_needs_a_range_and_an_interval() {
	assert!(COLD.is_valid());
	for broken in
		[StorageRule { max: 20, ..COLD }, StorageRule { max: 19, ..COLD }, StorageRule { interval: 0, ..COLD }]
	{
		assert!(!broken.is_valid(), "{broken:?}");
	}
}

#[test]
fn readings_break_a_rule_by_heat_cold_time_or_silence() {
	assert!(!COLD.is_broken_by(&KEPT));
	let broken = [
		Readings { min: 19, ..KEPT },
		Readings { max: 81, ..KEPT },
		Readings { minutes: 1, ..KEPT },
		Readings { longest_gap: 21, ..KEPT },
	];
	for readings in broken {
		assert!(COLD.is_broken_by(&readings), "{readings:?}");
	}
	let seldom = StorageRule { interval: u32::MAX, ..COLD };
	assert!(!seldom.is_broken_by(&Readings { longest_gap: u32::MAX, ..KEPT }), "twice as long does not overflow");
}

#[test]
fn a_range_ends_within_its_numbers() {
	let last = |start, len| UnitRange { batch: 0, start, len }.last();
	assert_eq!(last(0, 1), Some(0));
	assert_eq!(last(5, 10), Some(14));
	assert_eq!(last(0, 0), None);
	assert_eq!(last(u32::MAX, 1), Some(u32::MAX));
	assert_eq!(last(u32::MAX, 2), None);
	assert_eq!(last(2, u32::MAX), None);
}

#[test]
fn a_range_says_which_chunks_it_meets() {
	for len in [1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1] {
		for start in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1] {
			let range = UnitRange { batch: 0, start, len };
			let met: std::collections::BTreeSet<_> = (start..start + len).map(|unit| unit / CHUNK).collect();
			assert_eq!(met.len() as u32, range.chunks(), "{range:?}");
		}
	}
	for (start, len) in [(0, 0), (u32::MAX, 2), (2, u32::MAX)] {
		assert_eq!(UnitRange { batch: 0, start, len }.chunks(), 0);
	}
}

// ----------------------------------------------------------------------------------------------------------- codes

fn told<C: Copy>(all: &[C], code: impl Fn(C) -> &'static str) -> Vec<&'static str> {
	all.iter().map(|one| code(*one)).collect()
}

/// Codes are appended, never moved or renamed: what is stored and what clients wrote down keep their meaning.
#[test]
fn codes_and_their_order_are_stable() {
	assert_eq!(told(RecallClass::ALL, RecallClass::code), ["I", "II", "III"]);
	assert_eq!(
		told(RecallReason::ALL, RecallReason::code),
		[
			"quality",
			"contamination",
			"labelling",
			"stability",
			"adverse-events",
			"counterfeit",
			"field-safety",
			"documentation",
		]
	);
	assert_eq!(told(RemovalKind::ALL, RemovalKind::code), ["decommissioned", "destroyed", "exported", "sample"]);
	assert_eq!(
		told(UnitStatus::ALL, UnitStatus::code),
		["active", "dispensed", "decommissioned", "destroyed", "exported", "sample"]
	);
	assert_eq!(told(Hold::ALL, Hold::code), ["quarantined", "suspect", "excursion", "illegitimate"]);
	assert_eq!(
		told(StepKind::ALL, StepKind::code),
		[
			"commissioned",
			"packed",
			"unpacked",
			"shipped",
			"received",
			"missing",
			"refused",
			"retracted",
			"returned",
			"stolen",
			"lost",
			"found",
		]
	);
	assert_eq!(told(BatchState::ALL, BatchState::code), ["active", "recalled", "expired", "closed"]);
	assert_eq!(
		told(Verdict::ALL, Verdict::code),
		[
			"unknown-product",
			"unknown-lot",
			"lot-mismatch",
			"not-in-run",
			"expiry-mismatch",
			"stolen",
			"decommissioned",
			"destroyed",
			"exported",
			"sample",
			"recalled",
			"already-dispensed",
			"illegitimate",
			"suspect",
			"quarantined",
			"custody-gap",
			"expired",
			"in-transit",
			"genuine",
		]
	);
}

#[test]
fn a_removal_leaves_the_status_of_its_name() {
	for kind in RemovalKind::ALL {
		assert_eq!(UnitStatus::from(*kind).code(), kind.code());
	}
}

#[test]
fn the_gravest_class_is_the_least() {
	assert_eq!([RecallClass::III, RecallClass::I, RecallClass::II].iter().min(), Some(&RecallClass::I));
}

// ------------------------------------------------------------------------------------------------------------ JSON

#[test]
fn loads_and_custody_have_their_form_in_json() {
	let units = Load::Units(UnitRange { batch: 1, start: 2, len: 3 });
	assert_eq!(to_value(units).expect("JSON"), json!({ "units": { "batch": 1, "start": 2, "len": 3 } }));
	assert_eq!(to_value(Custody::Held).expect("JSON"), json!({ "state": "held" }));
	let moving = json!({ "state": "in-transit", "to": 1, "carrier": null, "sale": true, "deadline": 5 });
	assert_eq!(to_value(transit(5)).expect("JSON"), moving);
	for custody in [Custody::Held, transit(5), Custody::Lost { stolen: true }] {
		assert_eq!(from_value::<Custody>(to_value(custody).expect("JSON")).expect("the same form"), custody);
	}
}

#[test]
fn questions_and_steps_return_from_json() {
	let leaves = run(5, 0);
	let query = UnitQuery { gtin: GTIN, lot: lot(b"LOT"), run: 0, expiry: NOW, unit: unit(&leaves, 3), other: Some(2) };
	let text = to_value(&query).expect("JSON");
	assert_eq!((&text["lot"], &text["index"]), (&json!("LOT"), &json!(3)));
	assert_eq!(from_value::<UnitQuery>(text).expect("the same form"), query);
	for traced in unpacked().steps {
		let text = to_value(&traced).expect("JSON");
		assert_eq!(from_value::<TracedStep>(text).expect("the same form"), traced);
	}
	let left = LeftView { status: UnitStatus::Dispensed, org: None, premises: Some([b'1'; 13]), at: Some(NOW) };
	let text = to_value(&left).expect("JSON");
	assert_eq!(text["premises"], json!("1111111111111"));
	assert_eq!(from_value::<LeftView>(text).expect("the same form"), left);
}
