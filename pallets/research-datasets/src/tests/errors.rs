//! Every error that the pallet declares is met by a call.

use super::*;
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeSet;

/// One refused call for each error, where dataset 0 has a group for research of any kind, 21 contributors who count,
/// and the university a request for it that was approved.
fn calls() -> Vec<(Refusal, fn() -> DispatchResult)> {
	vec![
		(Refusal::NotFound, || claim(900)),
		(Refusal::AlreadyExists, || contribute(ContributionInput { nullifier: h(0), ..contribution(0, 0) })),
		(Refusal::NotAuthorized, || submit(&STRANGER, ask())),
		(Refusal::NotAccredited, || ResearchDatasets::create_dataset(signed(&DRIVER), input(&[]))),
		(Refusal::WrongState, || ResearchDatasets::open_dataset(signed(&REGISTRAR), 0)),
		(Refusal::InvalidGroup, || contribute(contribution(100, 5))),
		(Refusal::InvalidTerms, || create(&[group(Permission::Ds, &[], &[])])),
		(Refusal::NotTighter, || {
			let terms = group(Permission::Nres, &[], &[]);
			ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, terms)
		}),
		(Refusal::TooMany, || {
			(0..MAX_GROUPS).try_for_each(|_| ResearchDatasets::add_group(signed(&REGISTRAR), 0, gru()))
		}),
		(Refusal::Exhausted, || {
			NextDataset::<Test>::put(u32::MAX);
			create(&[])
		}),
		(Refusal::InvalidPeriod, || submit(&CURIE, RequestInput { days: 0, ..ask() })),
		(Refusal::InvalidAttestation, || contribute(ContributionInput { at: 0, ..contribution(100, 0) })),
		(Refusal::AlreadyContributed, || {
			contribute(ContributionInput { nullifier: contribution(0, 0).nullifier, ..contribution(100, 0) })
		}),
		(Refusal::NotLive, || withdraw(0).and_then(|()| withdraw(0))),
		(Refusal::TooEarly, || ResearchDatasets::expire_request(signed(&STRANGER), 0)),
		(Refusal::Unclaimed, || {
			assert_ok!(fund(2_100));
			assert_ok!(withdraw(0));
			remove(0)
		}),
		(Refusal::RollFirst, || {
			wait(33 * DAY);
			fund(100)
		}),
		(Refusal::NothingDue, roll),
		(Refusal::NoContributors, || {
			assert_ok!(create(&[]));
			ResearchDatasets::fund(signed(&SPONSOR), 1, 100)
		}),
		(Refusal::InvalidAmount, || fund(0)),
		(Refusal::BelowMinimum, || claim(0)),
		(Refusal::Expired, || {
			wait(ACTIVATION);
			activate(&CURIE, 0)
		}),
		(Refusal::InvalidClosure, || {
			let mut request = ask();
			request.purpose.diseases = BoundedVec::truncate_from(vec![mondo(10)]);
			submit(&CURIE, request)
		}),
		(Refusal::UnknownRelease, || {
			let mut request = ask();
			request.purpose.diseases = BoundedVec::truncate_from(vec![mondo(10)]);
			request.closures = BoundedVec::truncate_from(vec![closure(10)]);
			submit(&CURIE, request)
		}),
		(Refusal::InvalidCoSignature, || {
			let signature = sign(&investigator_keys(), &h(1));
			let co_signature = CoSignature { account: STRANGER, signature };
			submit(&CURIE, RequestInput { co_signatures: BoundedVec::truncate_from(vec![co_signature]), ..ask() })
		}),
		(Refusal::UnknownApproval, || submit(&CURIE, RequestInput { ethics: Some(h(1)), ..ask() })),
		(Refusal::ConflictOfInterest, || ResearchDatasets::approve_ethics(signed(&DEAN), h(1), CURIE, now() + DAY)),
		(Refusal::AlreadyVoted, || {
			assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, gru_with(&[Modifier::Irb])));
			let (id, _) = submitted(&CURIE, ask());
			assert_ok!(vote(&REVIEWERS[0], id, VoteReason::Acceptable));
			vote(&REVIEWERS[0], id, VoteReason::Acceptable)
		}),
		(Refusal::PolicyChanged, || {
			assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, gru_with(&[Modifier::Npu])));
			activate(&CURIE, 0)
		}),
		(Refusal::CohortTooSmall, || withdraw(0).and_then(|()| activate(&CURIE, 0))),
		(Refusal::NotActive, || ResearchDatasets::revoke_grant(signed(&REGISTRAR), 0, RevokeReason::Misuse)),
		(Refusal::InvalidReason, || ResearchDatasets::close_grant(signed(&CURIE), 0, CloseReason::Superseded)),
		(Refusal::NotSettled, || {
			let terms = gru_with(&[Modifier::Rtn { deadline: None }]);
			assert_ok!(ResearchDatasets::tighten_group(signed(&REGISTRAR), 0, 0, terms));
			let (id, _) = submitted(&CURIE, ask());
			assert_ok!(activate(&CURIE, id));
			assert_ok!(ResearchDatasets::close_grant(signed(&CURIE), id, CloseReason::Completed));
			ResearchDatasets::remove_request(signed(&CURIE), id)
		}),
		(Refusal::InvalidPurpose, || {
			let mut request = ask();
			request.purpose.uses = UseSet(u16::MAX);
			submit(&CURIE, request)
		}),
		(Refusal::InvalidRelease, || post_release(Release { count: 0, ..release(&leaves()) })),
	]
}

/// Every variant that the metadata tells clients of.
fn declared() -> Vec<&'static str> {
	match Refusal::type_info().type_def {
		TypeDef::Variant(variants) => variants.variants.iter().map(|variant| variant.name).collect(),
		other => panic!("errors are variants, not {other:?}"),
	}
}

#[test]
fn every_declared_error_refuses_some_call() {
	let mut met = BTreeSet::new();
	for (expected, call) in calls() {
		bare_ext().execute_with(|| {
			populate();
			populated(&[gru()], COHORT);
			assert_ok!(submit(&CURIE, ask()));
			let refusal = call().expect_err("the call is refused");
			assert_eq!(refusal, expected.into());
			met.insert(<&'static str>::from(refusal));
		});
	}
	assert_eq!(met, declared().into_iter().collect());
}

/// Clients decode errors by their number: appending is the only change that they survive.
#[test]
fn errors_keep_their_index() {
	for (index, (error, _)) in calls().into_iter().enumerate() {
		let DispatchError::Module(module) = DispatchError::from(error) else { panic!("an error of a pallet") };
		assert_eq!(usize::from(module.error[0]), index, "{:?}", module.message);
	}
}
