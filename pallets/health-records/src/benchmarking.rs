//! Benchmarks of every call at its worst.

use super::*;
use alloc::vec;
use frame_benchmarking::v2::*;
use frame_support::{traits::ConstU32, BoundedVec};
use frame_system::RawOrigin;
use salus_primitives::{
	care::{Recipient, MAX_CARE_RULES},
	inputs::MAX_ANCHORS,
	stream::{DeviceClass, Range, MAX_PEAKS},
	Confidentiality, Episode, Month, ResourceType,
};

/// Arranges what other pallets know.
pub trait BenchmarkHelper {
	/// Admits one more provider, and makes an account a member in standing of it, as clinician and gateway, with balance enough
	/// for any deposit. The standing lasts for longer than receipts are kept.
	fn provider(who: &AccountId) -> OrgId;
	/// Makes another account such a member of the same organisation.
	fn colleague(org: OrgId, who: &AccountId);
	/// Registers a patient under a controller, with balance enough for any deposit. No care relationship is open
	/// with the organisation, but consents, as many as can be active, permit its members to collect for treatment.
	fn patient(patient: &PatientId, controller: &AccountId, org: OrgId);
	/// Sets the block's time.
	fn set_time(now: Moment);
}

const NOW: Moment = 1_800_000_000_000;
const PATIENT: PatientId = PatientId([7; 32]);

fn record_id(n: u32) -> RecordId {
	let mut id = [9; 32];
	id[..4].copy_from_slice(&n.to_le_bytes());
	RecordId(id)
}

/// A record of the greatest length.
fn input(n: u32) -> RecordInput {
	RecordInput {
		id: record_id(n),
		resource_type: ResourceType::Observation,
		confidentiality: Confidentiality::Normal,
		labels: 0,
		label_epoch: 0,
		data_from: Month(600),
		data_to: Month(612),
		episode: Some(Episode([3; 16])),
		commitment: H256::repeat_byte(n as u8),
		locator: Locator::truncate_from(vec![b'x'; MAX_LOCATOR as usize]),
	}
}

fn receipt(n: u32, at: Moment) -> Receipt {
	let mut request = [0; 32];
	request[..4].copy_from_slice(&n.to_le_bytes());
	Receipt {
		actor: account("actor", n, 0),
		record: record_id(0),
		version: 1,
		purpose: Purpose::Treat,
		action: Action::Access,
		effect: Effect::Permit,
		reason: Reason::Consent,
		consent: Some(1),
		rule: Some(2),
		at,
		request: H256(request),
	}
}

/// A stream that no writer may be named for.
fn stream_input() -> StreamInput {
	StreamInput {
		nonce: [5; 32],
		device: DeviceClass::Wearable,
		confidentiality: Confidentiality::Normal,
		writer: None,
	}
}

/// Opens a stream of the organisation's and gives it as many batches as complete the most peaks with the next.
fn open_one<T: Config>(stage: &Stage) -> Result<StreamId, BenchmarkError> {
	Pallet::<T>::open_stream(RawOrigin::Signed(stage.caller.clone()).into(), PATIENT, stream_input())
		.map_err(|_| BenchmarkError::Stop("the organisation may collect"))?;
	let id = StreamId::of(&PATIENT, &stream_input().nonce);
	Streams::<T>::mutate(PATIENT, id, |stream| {
		let stream = stream.as_mut().expect("it was opened; qed");
		let peaks = MAX_PEAKS - 1;
		stream.range =
			Range { batches: u64::MAX >> 1, peaks: BoundedVec::truncate_from(vec![H256::zero(); peaks as usize]) };
		stream.last_time = NOW - DAY;
	});
	Ok(id)
}

/// A rule that tells the patient, whom every decision permits.
fn care_rule(stage: &Stage, until: Moment) -> CareRuleInput {
	CareRuleInput {
		commitment: H256::repeat_byte(4),
		evaluator: stage.org,
		tell: Recipient::Account(stage.controller.clone()),
		until,
	}
}

/// As many rules as fit, all until the same moment.
fn fill_plan<T: Config>(stage: &Stage, until: Moment) -> Result<(), BenchmarkError> {
	for _ in 0..MAX_CARE_RULES {
		let origin = RawOrigin::Signed(stage.controller.clone()).into();
		Pallet::<T>::set_care_rule(origin, PATIENT, care_rule(stage, until))?;
	}
	Ok(())
}

struct Stage {
	caller: AccountId,
	controller: AccountId,
	org: OrgId,
}

/// A provider's member and a patient whose consents it needs.
fn stage<T: Config>() -> Stage {
	T::BenchmarkHelper::set_time(NOW);
	let caller: AccountId = whitelisted_caller();
	let controller: AccountId = account("controller", 0, 0);
	let org = T::BenchmarkHelper::provider(&caller);
	T::BenchmarkHelper::patient(&PATIENT, &controller, org);
	Stage { caller, controller, org }
}

fn anchor_one<T: Config>(stage: &Stage) -> Result<(), BenchmarkError> {
	let mut record = input(0);
	record.label_epoch = epoch::<T>();
	Pallet::<T>::anchor(RawOrigin::Signed(stage.caller.clone()).into(), PATIENT, record)
		.map_err(|_| BenchmarkError::Stop("the organisation may collect"))?;
	Ok(())
}

fn log<T: Config>(who: &AccountId, n: u32) -> Result<(), BenchmarkError> {
	Ok(Pallet::<T>::log_access(RawOrigin::Signed(who.clone()).into(), PATIENT, receipt(n, NOW))?)
}

fn epoch<T: Config>() -> u32 {
	T::Patients::label_epoch(&PATIENT).unwrap_or_default()
}

fn assert_last<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

fn assert_status<T: Config>(status: RecordStatus) {
	assert_last::<T>(Event::RecordStatusChanged { patient: PATIENT, record: record_id(0), status });
}

/// The record's status, and that it is on offer no more.
fn assert_ended<T: Config>(status: RecordStatus) {
	assert_eq!(Records::<T>::get(PATIENT, record_id(0)).map(|record| record.status), Some(status));
	assert!(!CustodyOffers::<T>::contains_key(PATIENT, record_id(0)));
}

/// Offers the first record to another provider, and tells which, and a member of it.
fn offer_one<T: Config>(stage: &Stage) -> Result<(OrgId, AccountId), BenchmarkError> {
	let receiver = account("receiver", 0, 0);
	let to = T::BenchmarkHelper::provider(&receiver);
	Pallet::<T>::offer_custody(RawOrigin::Signed(stage.caller.clone()).into(), PATIENT, record_id(0), to)?;
	Ok((to, receiver))
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn anchor() -> Result<(), BenchmarkError> {
		let Stage { caller, org, .. } = stage::<T>();
		let record = RecordInput { label_epoch: epoch::<T>(), ..input(0) };

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), PATIENT, record);

		assert_last::<T>(Event::RecordAnchored {
			patient: PATIENT,
			record: record_id(0),
			custodian: Some(org),
			author: caller,
			commitment: input(0).commitment,
		});
		Ok(())
	}

	#[benchmark]
	fn anchor_many(n: Linear<1, { MAX_ANCHORS }>) -> Result<(), BenchmarkError> {
		let Stage { caller, org, .. } = stage::<T>();
		let label_epoch = epoch::<T>();
		let records: BoundedVec<_, ConstU32<MAX_ANCHORS>> =
			BoundedVec::truncate_from((0..n).map(|n| RecordInput { label_epoch, ..input(n) }).collect());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), PATIENT, records);

		assert_last::<T>(Event::RecordAnchored {
			patient: PATIENT,
			record: record_id(n - 1),
			custodian: Some(org),
			author: caller,
			commitment: input(n - 1).commitment,
		});
		Ok(())
	}

	#[benchmark]
	fn amend() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		offer_one::<T>(&stage)?;
		let commitment = H256::repeat_byte(0xaa);
		let record = RecordInput { label_epoch: epoch::<T>(), commitment, ..input(0) };

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller.clone()), PATIENT, record);

		assert_last::<T>(Event::RecordAmended {
			patient: PATIENT,
			record: record_id(0),
			version: 2,
			by: stage.caller,
			replaced: input(0).commitment,
			commitment,
		});
		Ok(())
	}

	#[benchmark]
	fn restrict() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.controller), PATIENT, record_id(0));

		assert_status::<T>(RecordStatus::Restricted);
		Ok(())
	}

	#[benchmark]
	fn lift_restriction() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		Pallet::<T>::restrict(RawOrigin::Signed(stage.controller.clone()).into(), PATIENT, record_id(0))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.controller), PATIENT, record_id(0));

		assert_status::<T>(RecordStatus::Active);
		Ok(())
	}

	#[benchmark]
	fn enter_in_error() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		offer_one::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, record_id(0));

		assert_ended::<T>(RecordStatus::EnteredInError);
		Ok(())
	}

	#[benchmark]
	fn shred() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		offer_one::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, record_id(0));

		assert_ended::<T>(RecordStatus::Shredded);
		Ok(())
	}

	#[benchmark]
	fn log_access() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		// With as many fingerprints as are remembered, all are compared and the oldest gives way.
		(0..types::MAX_RECENT).try_for_each(|n| log::<T>(&stage.caller, n))?;
		let receipt = receipt(types::MAX_RECENT, NOW);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, receipt.clone());

		assert_last::<T>(Event::AccessLogged {
			patient: PATIENT,
			index: types::MAX_RECENT.into(),
			org: stage.org,
			actor: receipt.actor,
			record: receipt.record,
			effect: receipt.effect,
			reason: receipt.reason,
		});
		Ok(())
	}

	#[benchmark]
	fn log_access_batch() -> Result<(), BenchmarkError> {
		let Stage { caller, org, .. } = stage::<T>();
		let (root, count, from, to) = (H256::repeat_byte(1), u32::MAX, NOW - DAY, NOW);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), root, count, from, to);

		assert_last::<T>(Event::AccessBatchLogged { org, index: 0, root, count, from, to });
		Ok(())
	}

	#[benchmark]
	fn prune_receipts(n: Linear<1, { MAX_PRUNE }>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		// Every receipt is another gateway's deposit.
		for i in 0..n {
			let gateway = account("gateway", i, 0);
			T::BenchmarkHelper::colleague(stage.org, &gateway);
			log::<T>(&gateway, i)?;
		}
		T::BenchmarkHelper::set_time(NOW + T::ReceiptRetention::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, 0, n);

		assert_last::<T>(Event::ReceiptsPruned { patient: PATIENT, org: stage.org, from_index: 0, count: n });
		Ok(())
	}

	#[benchmark]
	fn prune_batch() -> Result<(), BenchmarkError> {
		let Stage { caller, org, .. } = stage::<T>();
		// Another gateway's deposit.
		let gateway: AccountId = account("gateway", 0, 0);
		T::BenchmarkHelper::colleague(org, &gateway);
		Pallet::<T>::log_access_batch(RawOrigin::Signed(gateway).into(), H256::repeat_byte(1), 1, NOW, NOW)?;
		T::BenchmarkHelper::set_time(NOW + T::ReceiptRetention::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 0);

		assert_last::<T>(Event::BatchPruned { org, index: 0 });
		Ok(())
	}

	#[benchmark]
	fn offer_custody() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		offer_one::<T>(&stage)?;
		// Another member makes another offer.
		let caller: AccountId = account("colleague", 0, 0);
		T::BenchmarkHelper::colleague(stage.org, &caller);
		let to = T::BenchmarkHelper::provider(&account("other receiver", 0, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), PATIENT, record_id(0), to);

		assert_last::<T>(Event::CustodyOffered { patient: PATIENT, record: record_id(0), from: stage.org, to });
		Ok(())
	}

	#[benchmark]
	fn approve_custody() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		let (to, _) = offer_one::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.controller), PATIENT, record_id(0), to);

		assert_last::<T>(Event::CustodyApproved { patient: PATIENT, record: record_id(0), to });
		Ok(())
	}

	#[benchmark]
	fn accept_custody() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		let (to, receiver) = offer_one::<T>(&stage)?;
		let approver = RawOrigin::Signed(stage.controller).into();
		Pallet::<T>::approve_custody(approver, PATIENT, record_id(0), to)?;
		let locator = Locator::truncate_from(vec![b'y'; MAX_LOCATOR as usize]);

		#[extrinsic_call]
		_(RawOrigin::Signed(receiver), PATIENT, record_id(0), locator);

		assert_last::<T>(Event::CustodyChanged { patient: PATIENT, record: record_id(0), from: stage.org, to });
		Ok(())
	}

	#[benchmark]
	fn withdraw_offer() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		let (to, receiver) = offer_one::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(receiver), PATIENT, record_id(0));

		assert_last::<T>(Event::CustodyOfferEnded { patient: PATIENT, record: record_id(0), to });
		Ok(())
	}

	#[benchmark]
	fn resource() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		anchor_one::<T>(&stage)?;
		let known;

		#[block]
		{
			known = <Pallet<T> as salus_primitives::traits::Records>::resource(&PATIENT, &record_id(0));
		}

		assert!(known.is_some());
		Ok(())
	}

	#[benchmark]
	fn open_stream() -> Result<(), BenchmarkError> {
		let Stage { caller, .. } = stage::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), PATIENT, stream_input());

		let stream = StreamId::of(&PATIENT, &stream_input().nonce);
		assert_last::<T>(Event::StreamOpened { patient: PATIENT, stream });
		Ok(())
	}

	#[benchmark]
	fn append_stream(n: Linear<1, { MAX_BATCHES }>) -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let stream = open_one::<T>(&stage)?;
		let revision = T::Patients::revision(&PATIENT).unwrap_or_default();
		let batch = |n: u32| {
			let at = NOW - DAY + Moment::from(n);
			Batch { from: at, to: at, count: u32::MAX, root: H256::repeat_byte(n as u8), revision }
		};
		let batches: BoundedVec<_, ConstU32<MAX_BATCHES>> = BoundedVec::truncate_from((0..n).map(batch).collect());

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, stream, batches);

		let batches = (u64::MAX >> 1) + u64::from(n);
		assert_last::<T>(Event::StreamGrown { patient: PATIENT, stream, batches });
		Ok(())
	}

	#[benchmark]
	fn close_stream() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let stream = open_one::<T>(&stage)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, stream);

		assert_last::<T>(Event::StreamClosed { patient: PATIENT, stream });
		Ok(())
	}

	#[benchmark]
	fn set_care_rule() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		fill_plan::<T>(&stage, NOW + 1)?;
		T::BenchmarkHelper::set_time(NOW + 1);
		let rule = care_rule(&stage, NOW + DAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.controller), PATIENT, rule);

		assert_last::<T>(Event::CareRuleSet { patient: PATIENT, rule: MAX_CARE_RULES });
		assert_eq!(CarePlans::<T>::get(PATIENT).rules.len(), 1);
		Ok(())
	}

	#[benchmark]
	fn end_care_rule() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		fill_plan::<T>(&stage, NOW + DAY)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.controller), PATIENT, 0);

		assert_last::<T>(Event::CareRuleEnded { patient: PATIENT, rule: 0 });
		Ok(())
	}

	#[benchmark]
	fn raise_care_alert() -> Result<(), BenchmarkError> {
		let stage = stage::<T>();
		let stream = open_one::<T>(&stage)?;
		fill_plan::<T>(&stage, NOW + DAY)?;
		let (rule, org) = (MAX_CARE_RULES - 1, stage.org);
		let alert = CareAlert { stream, seq: 0, clinician: stage.controller.clone(), commitment: H256::repeat_byte(5) };

		#[extrinsic_call]
		_(RawOrigin::Signed(stage.caller), PATIENT, rule, alert.clone());

		assert_last::<T>(Event::CareAlertRaised { patient: PATIENT, rule, org, alert });
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::bare_ext(), crate::mock::Test);
}
