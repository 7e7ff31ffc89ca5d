//! Every error that the pallet declares is met by a call.

use super::*;
use salus_primitives::care::{Recipient, MAX_ALERTS_PER_DAY, MAX_CARE_RULES};
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeSet;

/// What a call was refused with.
fn refused(result: impl Into<Result<(), DispatchError>>) -> DispatchError {
	result.into().expect_err("the call is refused")
}

fn plain(result: frame_support::dispatch::DispatchResultWithPostInfo) -> DispatchResult {
	result.map(|_| ()).map_err(|refusal| refusal.error)
}

fn anchor(who: &AccountId, patient: PatientId, input: RecordInput) -> DispatchResult {
	plain(HealthRecords::anchor(signed(who), patient, input))
}

fn log(receipt: Receipt) -> DispatchResult {
	HealthRecords::log_access(signed(&GATEWAY), ADA, receipt)
}

fn offer(to: OrgId) -> DispatchResult {
	HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), to)
}

fn append(batch: Batch) -> DispatchResult {
	assert_ok!(HealthRecords::open_stream(signed(&PATIENT), ADA, streams::input(1)));
	plain(HealthRecords::append_stream(signed(&PATIENT), ADA, sid(ADA, 1), BoundedVec::truncate_from(vec![batch])))
}

/// Raises an alert after `first`, which may raise it, too.
fn alarm(first: impl Fn(&dyn Fn() -> DispatchResult), alert: CareAlert) -> DispatchResult {
	care::arrange();
	let raise = || HealthRecords::raise_care_alert(signed(&GATEWAY), ADA, 0, alert.clone());
	first(&raise);
	raise()
}

/// One refused call for each error, where record 1 is anchored and receipt 1 logged.
fn calls() -> Vec<(Refusal, fn() -> DispatchResult)> {
	vec![
		(Refusal::UnknownPatient, || HealthRecords::restrict(signed(&PATIENT), NOBODY, rid(1))),
		(Refusal::NotFound, || HealthRecords::restrict(signed(&PATIENT), ADA, rid(2))),
		(Refusal::AlreadyExists, || anchor(&CLINICIAN, ADA, input(1))),
		(Refusal::NotAuthorized, || anchor(&STRANGER, ADA, input(2))),
		(Refusal::NotAccredited, || anchor(&CARRIER_GATEWAY, ADA, input(2))),
		(Refusal::NotPermitted, || anchor(&HOSPITAL_GATEWAY, ADA, input(2))),
		(Refusal::WrongLabelEpoch, || anchor(&CLINICIAN, ADA, RecordInput { label_epoch: 1, ..input(2) })),
		(Refusal::InvertedPeriod, || HealthRecords::log_access_batch(signed(&GATEWAY), H256::zero(), 1, NOW, NOW - 1)),
		(Refusal::InvalidLocator, || anchor(&CLINICIAN, ADA, RecordInput { locator: locator(b""), ..input(2) })),
		(Refusal::WrongStatus, || HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1))),
		(Refusal::TooManyVersions, || {
			Records::<Test>::mutate(ADA, rid(1), |record| {
				let record = record.as_mut().expect("it is anchored");
				(record.version, record.status) = (u32::MAX, RecordStatus::Amended);
			});
			HealthRecords::amend(signed(&CLINICIAN), ADA, input(1))
		}),
		(Refusal::InvalidReceipt, || log(Receipt { effect: Effect::Deny, ..receipt(1, 2) })),
		(Refusal::UnknownVersion, || log(Receipt { version: 2, ..receipt(1, 2) })),
		(Refusal::InFuture, || log(Receipt { at: u64::MAX, ..receipt(1, 2) })),
		(Refusal::Expired, || log(Receipt { at: 0, ..receipt(1, 2) })),
		(Refusal::Replayed, || log(receipt(1, 1))),
		(Refusal::Empty, || plain(HealthRecords::anchor_many(signed(&CLINICIAN), ADA, Default::default()))),
		(Refusal::TooMany, || HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, MAX_PRUNE + 1)),
		(Refusal::NothingToPrune, || HealthRecords::prune_receipts(signed(&GATEWAY), ADA, 0, 1)),
		(Refusal::SameCustodian, || offer(CLINIC)),
		(Refusal::NotOffered, || HealthRecords::withdraw_offer(signed(&PATIENT), ADA, rid(1))),
		(Refusal::BackDated, || {
			assert_ok!(append(streams::batch(NOW, NOW)));
			let earlier = BoundedVec::truncate_from(vec![streams::batch(NOW - 1, NOW)]);
			plain(HealthRecords::append_stream(signed(&PATIENT), ADA, sid(ADA, 1), earlier))
		}),
		(Refusal::UnknownRule, || HealthRecords::end_care_rule(signed(&PATIENT), ADA, 0)),
		(Refusal::RuleEnded, || {
			let over = CareRuleInput { until: NOW, ..care::rule(Recipient::Org(CLINIC)) };
			HealthRecords::set_care_rule(signed(&PATIENT), ADA, over)
		}),
		(Refusal::TooManyRules, || {
			let set = || HealthRecords::set_care_rule(signed(&PATIENT), ADA, care::rule(Recipient::Org(CLINIC)));
			for _ in 0..MAX_CARE_RULES {
				assert_ok!(set());
			}
			set()
		}),
		(Refusal::NotRecipient, || alarm(|_| (), CareAlert { clinician: STRANGER, ..care::alert(0) })),
		(Refusal::UnknownBatch, || alarm(|_| (), care::alert(2))),
		(Refusal::TooManyAlerts, || {
			let spend = |raise: &dyn Fn() -> DispatchResult| {
				for _ in 0..MAX_ALERTS_PER_DAY {
					assert_ok!(raise());
				}
			};
			alarm(spend, care::alert(0))
		}),
		(Refusal::Silenced, || alarm(|_| forbid_access(ADA, &CLINICIAN), care::alert(0))),
		(Refusal::StaleRevision, || append(Batch { revision: revision(ADA) + 1, ..streams::batch(NOW, NOW) })),
	]
}

/// Every variant that the metadata tells clients of.
fn declared() -> BTreeSet<&'static str> {
	match Refusal::type_info().type_def {
		TypeDef::Variant(variants) => variants.variants.iter().map(|variant| variant.name).collect(),
		other => panic!("errors are variants, not {other:?}"),
	}
}

#[test]
fn every_declared_error_refuses_some_call() {
	let mut met = BTreeSet::new();
	for (expected, call) in calls() {
		test(|| {
			anchored(1);
			assert_ok!(log(receipt(1, 1)));
			let refusal = refused(call());
			assert_eq!(refusal, expected.into());
			met.insert(<&'static str>::from(refusal));
		});
	}
	assert_eq!(met, declared());
}
