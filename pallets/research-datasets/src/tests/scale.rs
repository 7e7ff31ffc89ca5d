//! Many contributors.

use super::*;
use frame_support::storage::transactional::with_storage_layer;

/// Contributions to dataset 0, counted by its configuration, so many.
fn crowd(count: u32) {
	Balances::set_balance(&attester(), u128::MAX / 4);
	opened(&[gru()]);
	contributed(0, count, 0);
	wait(DAY);
	assert_ok!(roll());
}

/// "10,000 contributors with 3 funding rounds and random claims and withdrawals: ledger closes to zero."
#[test]
fn the_ledger_of_ten_thousand_contributors_closes_to_zero() {
	const COUNT: u32 = 10_000;
	bare_ext().execute_with(|| {
		populate();
		let issuance = {
			Balances::set_balance(&SPONSOR, u128::MAX / 4);
			crowd(COUNT);
			pallet_balances::TotalIssuance::<Test>::get()
		};
		let mut seed = 7u32;
		let mut chance = |of: u32| {
			seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
			(seed >> 8) % of == 0
		};
		for amount in [1_000_003, 777_777_777, 123_456_789_123] {
			assert_ok!(fund(amount));
			for n in 0..COUNT {
				if chance(3) {
					let _ = with_storage_layer(|| claim(n));
				}
				if chance(10) {
					let _ = with_storage_layer(|| withdraw(n));
				}
			}
		}
		assert_ok!(ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0));
		let stored = dataset();
		for n in 0..COUNT {
			let _ = with_storage_layer(|| claim(n));
			assert_ok!(remove(n));
		}
		assert_ok!(ResearchDatasets::sweep(signed(&REGISTRAR), 0));
		assert_eq!(Datasets::<Test>::get(0), None);
		assert_eq!(total(&ResearchDatasets::account(0)), 0);
		let paid: u128 = (0..COUNT).map(|n| total(&contributor(n))).sum();
		let funded = 1_000_003 + 777_777_777 + 123_456_789_123;
		assert_eq!(stored.funded, funded);
		assert!(paid <= funded && funded - paid < u128::from(COUNT), "no more is left than less than a unit of each");
		assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issuance);
		assert_eq!(held(&attester(), HoldReason::Storage), 0);
		assert_eq!(Contributions::<Test>::iter().count() + Turns::<Test>::iter().count(), 0);
	});
}

/// Keys that a call writes, and nodes of the state's trie that it reads, with so many contributors; it must succeed.
fn cost(count: u32, prepare: fn(), call: fn() -> DispatchResult) -> (usize, usize) {
	let mut ext = bare_ext();
	ext.execute_with(|| {
		populate();
		crowd(count);
		assert_ok!(fund(u128::from(count) * 100));
		// The events of before would be read and written.
		System::reset_events();
		prepare();
		System::reset_events();
	});
	ext.commit_all().expect("the state is sound");
	let (done, proof) = ext.execute_and_prove(call);
	assert_ok!(done);
	(ext.overlayed_changes().changes().count(), proof.len())
}

/// What each call with a dataset, a contribution or a request touches is the same for 10, 1,000 and 10,000
/// contributors, but for the depth of the trie.
#[test]
fn no_call_costs_more_among_ten_thousand_contributors_than_among_ten() {
	fn asked() {
		contributed(20_000, COHORT, 0);
		wait(DAY);
		assert_ok!(roll());
		assert_ok!(submit(&CURIE, ask()));
	}
	fn nothing() {}
	fn ended() {
		assert_ok!(claim(5));
		assert_ok!(withdraw(5));
	}
	fn due() {
		wait(20 * DAY);
	}
	let calls: [(&str, fn(), fn() -> DispatchResult); 9] = [
		("contribute", nothing, || contribute(contribution(30_000, 0))),
		("withdraw_contribution", nothing, || withdraw(5)),
		("remove_contribution", ended, || remove(5)),
		("claim", nothing, || claim(5)),
		("fund", nothing, || fund(1_000)),
		("roll", due, roll),
		("submit_request", nothing, || submit(&CURIE, ask())),
		("activate", asked, || activate(&CURIE, 0)),
		("retire_dataset", nothing, || ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0)),
	];
	for (name, prepare, call) in calls {
		let costs: Vec<_> = [10, 1_000, 10_000].map(|count| cost(count, prepare, call)).into();
		println!("{name}: keys written and nodes read among 10, 1,000 and 10,000: {costs:?}");
		let (writes, reads) = costs[0];
		for (more_writes, more_reads) in &costs[1..] {
			assert_eq!(*more_writes, writes, "{name} writes as much");
			// A thousand times as many entries are two or three levels more below each key.
			assert!(*more_reads <= 3 * reads, "{name} reads {more_reads} nodes, and {reads} among ten");
		}
	}
}
