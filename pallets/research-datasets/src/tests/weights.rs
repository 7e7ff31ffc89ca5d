use super::*;
use frame_support::dispatch::GetDispatchInfo;

#[test]
fn every_call_charges_what_the_directory_tells() {
	test(|| {
		let declared = |call: Call<Test>| call.get_dispatch_info().call_weight;
		let one = STANDING_WEIGHT;
		let reviewer = STANDING_WEIGHT * 2 + ORGANISATION_WEIGHT * 4;
		let (dataset, group, request, grant) = (0, 0, 0, 0);
		let (pseudonym, evidence, index) = (p(0), h(0), 0);
		let mut asked = ask();
		asked.closures = BoundedVec::truncate_from(vec![closure(1), closure(10)]);
		let release = release(&leaves());
		let calls = [
			(Call::create_dataset { dataset: input(&[gru(), gru()]) }, <()>::create_dataset(2), one),
			(Call::add_group { dataset, terms: gru() }, <()>::add_group(), one),
			(Call::tighten_group { dataset, group, terms: gru() }, <()>::tighten_group(), one),
			(Call::loosen_group { dataset, group, terms: gru() }, <()>::loosen_group(), one),
			(Call::open_dataset { dataset }, <()>::open_dataset(), one),
			(Call::suspend_dataset { dataset }, <()>::suspend_dataset(), one),
			(Call::retire_dataset { dataset }, <()>::retire_dataset(), one),
			(Call::sweep { dataset }, <()>::sweep(), one),
			(Call::set_committee { dataset, members: Default::default() }, <()>::set_committee(), one),
			(Call::contribute { contribution: contribution(0, 0), attestation: None }, <()>::contribute(), one),
			(Call::withdraw_contribution { dataset, pseudonym }, <()>::withdraw_contribution(), one),
			(Call::remove_contribution { dataset, pseudonym }, <()>::remove_contribution(), Weight::zero()),
			(Call::roll { dataset }, <()>::roll(), Weight::zero()),
			(Call::submit_request { request: asked }, <()>::submit_request(2, 0), one + ORGANISATION_WEIGHT),
			(Call::vote { request, reason: VoteReason::Acceptable }, <()>::vote(), reviewer),
			(Call::withdraw_request { request }, <()>::withdraw_request(), Weight::zero()),
			(Call::expire_request { request }, <()>::expire_request(), Weight::zero()),
			(Call::activate { request }, <()>::activate(), one),
			(Call::close_grant { grant, reason: CloseReason::Completed }, <()>::close_grant(), Weight::zero()),
			(Call::revoke_grant { grant, reason: RevokeReason::Misuse }, <()>::revoke_grant(), one),
			(Call::fulfil_obligation { grant, index, evidence }, <()>::fulfil_obligation(), Weight::zero()),
			(Call::waive_obligation { grant, index }, <()>::waive_obligation(), one + ORGANISATION_WEIGHT * 2),
			(Call::miss_obligation { grant, index, evidence }, <()>::miss_obligation(), reviewer),
			(Call::remove_request { request }, <()>::remove_request(), Weight::zero()),
			(
				Call::approve_ethics { document: h(0), researcher: CURIE, until: 0 },
				<()>::approve_ethics(),
				one * 2 + ORGANISATION_WEIGHT * 2,
			),
			(Call::revoke_ethics { document: h(0) }, <()>::revoke_ethics(), one),
			(Call::fund { dataset, amount: 1 }, <()>::fund(), Weight::zero()),
			(Call::claim { dataset, pseudonym }, <()>::claim(), Weight::zero()),
			(Call::set_payee { dataset, pseudonym, payee: CURIE }, <()>::set_payee(), Weight::zero()),
			(Call::post_release { release }, <()>::post_release(), Weight::zero()),
		];
		assert_eq!(calls.len(), 30);
		for (call, own, directory) in calls {
			let name = format!("{call:?}");
			assert_eq!(declared(call), own + directory, "{name}");
		}
	});
}
