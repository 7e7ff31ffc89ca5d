use super::*;
use frame_support::dispatch::{DispatchResultWithPostInfo, GetDispatchInfo};
use salus_primitives::care::Recipient;

fn declared(call: Call<Test>) -> Weight {
	call.get_dispatch_info().call_weight
}

fn spent(result: DispatchResultWithPostInfo) -> Weight {
	result.expect("the call is in order").actual_weight.expect("the call tells what it spent")
}

fn records(n: u8) -> BoundedVec<RecordInput, sp_core::ConstU32<64>> {
	BoundedVec::truncate_from((0..n).map(input).collect())
}

#[test]
fn decisions_that_were_not_needed_are_refunded() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		let worst = declared(Call::anchor { patient: ADA, record: input(1) });
		let by_consent = hypothetically!(spent(HealthRecords::anchor(signed(&HOSPITAL_GATEWAY), ADA, input(1))));
		let in_care = hypothetically!(spent(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(1))));
		let own = hypothetically!(spent(HealthRecords::anchor(signed(&PATIENT), ADA, input(1))));
		assert_eq!(by_consent, worst);
		assert_eq!(in_care, worst - DECIDE);
		assert_eq!(own, in_care - Weight::from_parts(2 * TRAIT_TIME, 0));
	});
}

#[test]
fn a_batchs_decisions_share_the_proof_but_not_the_time() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		let worst = declared(Call::anchor_many { patient: ADA, records: records(10) });
		let by_consent =
			hypothetically!(spent(HealthRecords::anchor_many(signed(&HOSPITAL_GATEWAY), ADA, records(10))));
		let in_care = hypothetically!(spent(HealthRecords::anchor_many(signed(&CLINICIAN), ADA, records(10))));
		assert_eq!(by_consent, worst);
		assert_eq!(worst - in_care, Weight::from_parts(10 * DECIDE.ref_time(), DECIDE.proof_size()));
	});
}

#[test]
fn a_stream_is_charged_a_decision_only_where_one_was_needed() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		let worst = declared(Call::open_stream { patient: ADA, stream: streams::input(1) });
		let open = |who| hypothetically!(spent(HealthRecords::open_stream(signed(who), ADA, streams::input(1))));
		assert_eq!(open(&HOSPITAL_GATEWAY), worst);
		assert_eq!(open(&CLINICIAN), worst - DECIDE);
		assert_eq!(open(&PATIENT), worst - DECIDE - Weight::from_parts(3 * TRAIT_TIME, 0));
		assert_ok!(HealthRecords::open_stream(signed(&HOSPITAL_GATEWAY), ADA, streams::input(1)));
		let batches = || BoundedVec::truncate_from(vec![streams::batch(NOW, NOW); 3]);
		let worst = declared(Call::append_stream { patient: ADA, stream: sid(ADA, 1), batches: batches() });
		let append =
			|who| hypothetically!(spent(HealthRecords::append_stream(signed(who), ADA, sid(ADA, 1), batches())));
		assert_eq!(append(&HOSPITAL_GATEWAY), worst);
		assert_eq!(append(&PATIENT), worst - DECIDE);
		assert!(<()>::append_stream(64).ref_time() > <()>::append_stream(1).ref_time());
	});
}

#[test]
fn every_call_charges_what_the_traits_tell() {
	test(|| {
		let traits = |n| Weight::from_parts(n * TRAIT_TIME, 0);
		let calls = [
			(Call::amend { patient: ADA, record: input(1) }, <()>::amend(), traits(4)),
			(Call::restrict { patient: ADA, record: rid(1) }, <()>::restrict(), traits(3)),
			(Call::lift_restriction { patient: ADA, record: rid(1) }, <()>::lift_restriction(), traits(3)),
			(Call::enter_in_error { patient: ADA, record: rid(1) }, <()>::enter_in_error(), traits(3)),
			(Call::shred { patient: ADA, record: rid(1) }, <()>::shred(), traits(3)),
			(Call::log_access { patient: ADA, receipt: receipt(1, 1) }, <()>::log_access(), traits(1)),
			(
				Call::log_access_batch { root: H256::zero(), count: 1, from: 0, to: 0 },
				<()>::log_access_batch(),
				traits(1),
			),
			(Call::prune_receipts { patient: ADA, from_index: 0, count: 7 }, <()>::prune_receipts(7), traits(1)),
			(Call::prune_batch { index: 0 }, <()>::prune_batch(), traits(1)),
			(Call::offer_custody { patient: ADA, record: rid(1), to: HOSPITAL }, <()>::offer_custody(), traits(2)),
			(Call::approve_custody { patient: ADA, record: rid(1), to: HOSPITAL }, <()>::approve_custody(), traits(2)),
			(
				Call::accept_custody { patient: ADA, record: rid(1), locator: locator(b"x") },
				<()>::accept_custody(),
				traits(2),
			),
			(Call::withdraw_offer { patient: ADA, record: rid(1) }, <()>::withdraw_offer(), traits(2)),
			(
				Call::set_care_rule { patient: ADA, rule: care::rule(Recipient::Org(CLINIC)) },
				<()>::set_care_rule(),
				traits(3),
			),
			(Call::end_care_rule { patient: ADA, rule: 0 }, <()>::end_care_rule(), traits(2)),
			(
				Call::raise_care_alert { patient: ADA, rule: 0, alert: care::alert(0) },
				<()>::raise_care_alert(),
				traits(2) + DECIDE,
			),
			(Call::close_stream { patient: ADA, stream: sid(ADA, 1) }, <()>::close_stream(), traits(2)),
		];
		for (call, own, traits) in calls {
			assert_eq!(declared(call), own + traits);
		}
	});
}

#[test]
fn the_largest_calls_fit_into_a_block() {
	test(|| {
		// Three quarters of two seconds, and of ten mebibytes of proof.
		let block = Weight::from_parts(1_500_000_000_000, 7_500_000);
		assert!(<()>::anchor_many(64).all_lt(block));
		assert!(<()>::prune_receipts(MAX_PRUNE).all_lt(block));
		assert!(<()>::append_stream(MAX_BATCHES).all_lt(block));
	});
}
