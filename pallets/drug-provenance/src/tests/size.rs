//! How much of the state a unit takes.

use super::*;
use codec::Encode;
use salus_primitives::drug::CHUNK;

/// "≤ 0.2 B of state a unit at n = 100,000", keys included, with every status bit written. Parcels and exceptions depend
/// on what happens to a batch, and are apart.
#[test]
fn batch_lot_and_bitmap_take_no_more_than_a_fifth_of_a_byte_a_unit() {
	const UNITS: u32 = 100_000;
	test(|| {
		let run = Run::of(UNITS);
		let leaves = run.leaves();
		assert_ok!(commission(&MAKER_STAFF, run.input()));
		sold(units(0, UNITS), &MAKER_STAFF, PHARMACY, &PHARMACIST);
		// One unit in each entry of bits, and in the last.
		for index in (0..UNITS).step_by(CHUNK as usize).chain([UNITS - 1]) {
			let proof = salus_primitives::merkle::proof(&leaves, index).expect("the unit is in the run");
			let unit = UnitProof { index, mac: run.mac(index), proof: BoundedVec::truncate_from(proof) };
			assert_eq!(unit.proof.encoded_size() - 1, 544);
			assert_ok!(dispense(&PHARMACIST, Dispense { batch: 0, unit, at: None }));
		}
		assert_eq!(Inactive::<Test>::iter_prefix(0).count() as u32, UNITS.div_ceil(CHUNK));

		let batch = Batches::<Test>::hashed_key_for(0).len() + Batches::<Test>::get(0).encoded_size() - 1;
		let lot = Lots::<Test>::hashed_key_for(DRUG, &run.lot).len() + Lots::<Test>::get(DRUG, &run.lot).encoded_size();
		let bits: usize = Inactive::<Test>::iter_prefix(0)
			.map(|(chunk, bits)| Inactive::<Test>::hashed_key_for(0, chunk).len() + bits.encoded_size())
			.sum();
		let a_unit = (batch + lot + bits) as f64 / f64::from(UNITS);
		println!("batch {batch} B, lot {lot} B, bits {bits} B: {a_unit:.4} B a unit");
		assert!(a_unit <= 0.2, "{a_unit} B a unit");
		assert_eq!(parcels(), [(0, UNITS - 1)], "a hundred thousand units in one parcel");
	});
}

#[test]
fn bits_that_are_cleared_leave_no_entry_behind() {
	test(|| {
		let run = at_pharmacy(10);
		dispensed(&run, 3);
		assert_ok!(undo_dispense(&PHARMACIST, 0, 3));
		assert_eq!(Inactive::<Test>::iter().count(), 0);
	});
}
