//! The weight of charging a fee.

use crate::{mock::*, FeeWeights, WeightInfo};
use frame_support::weights::Weight;
use pallet_transaction_payment::WeightInfo as _;
use salus_primitives::traits::Patients;

#[test]
fn charging_a_fee_weighs_what_finding_the_payer_adds() {
	let whole = FeeWeights::<Test, ()>::charge_transaction_payment();
	let parts = <()>::charge_transaction_payment()
		.saturating_add(<() as WeightInfo>::sponsored_fee())
		.saturating_add(<() as WeightInfo>::waived_fee())
		.saturating_add(MockPatients::lookup_weight());
	assert_eq!(whole, parts);
}

#[test]
fn the_weights_of_both_databases_agree() {
	type Runtime = crate::weights::SubstrateWeight<Test>;
	let of = |all: [fn() -> Weight; 6]| all.map(|weight| weight());
	let runtime = of([
		Runtime::set_terms,
		Runtime::enrol,
		Runtime::dismiss,
		Runtime::leave,
		Runtime::sponsored_fee,
		Runtime::waived_fee,
	]);
	let tests = of([
		<()>::set_terms,
		<()>::enrol,
		<()>::dismiss,
		<()>::leave,
		<() as WeightInfo>::sponsored_fee,
		<() as WeightInfo>::waived_fee,
	]);
	// The runtime for tests counts no time for its database.
	for (runtime, tests) in runtime.into_iter().zip(tests) {
		assert_eq!(runtime.proof_size(), tests.proof_size());
		assert!(runtime.ref_time() > 0 && runtime.ref_time() <= tests.ref_time());
	}
}
