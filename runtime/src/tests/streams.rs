//! Streams under the consents that patients really give, and without tokens.

use super::{story::Story, transactions::transaction, *};
use salus_primitives::{
	api::runtime_decl_for_streams_api::StreamsApi,
	inputs::SponsorTerms,
	stream::{Batch, DeviceClass, StreamInput, StreamStatus},
	StreamId,
};
use sp_keyring::Sr25519Keyring::One;

fn input() -> StreamInput {
	StreamInput {
		nonce: [7; 32],
		device: DeviceClass::Wearable,
		confidentiality: Confidentiality::Normal,
		writer: None,
	}
}

fn open(patient: PatientId) -> RuntimeCall {
	pallet_health_records::Call::open_stream { patient, stream: input() }.into()
}

fn batch(patient: PatientId) -> Batch {
	let revision = Runtime::patient(patient).expect("the patient registered").revision;
	Batch { from: NOW, to: NOW, count: 24, root: Hash::repeat_byte(1), revision }
}

fn append(patient: PatientId, batch: Batch) -> RuntimeCall {
	let batches = vec![batch].try_into().expect("one batch");
	pallet_health_records::Call::append_stream { patient, stream: StreamId::of(&patient, &[7; 32]), batches }.into()
}

/// "After-withdrawal": with the consent's end, what was collected under it and not yet anchored stays outside.
#[test]
fn a_hospital_collects_samples_under_consent_and_none_after_its_withdrawal() {
	development(|| {
		type Refusal = pallet_health_records::Error<Runtime>;
		let refused = |call: RuntimeCall, why: Refusal| assert_eq!(dispatch(Eve, call), Err(why.into()));
		let story = Story::until_record();
		refused(open(story.patient), Refusal::NotPermitted);
		let consent = ConsentInput {
			base: Effect::Permit,
			root: Conditions {
				actors: Some(vec![ActorRef::Org(story.second)].try_into().expect("one actor")),
				..Default::default()
			},
			rules: Default::default(),
			start: None,
			end: Some(NOW + 30 * DAY),
			supersedes: None,
			policy: Hash::repeat_byte(2),
			receipt: Hash::repeat_byte(3),
			erase_by: None,
		};
		assert_ok!(dispatch(Ferdie, pallet_consent::Call::grant { patient: story.patient, consent }));
		assert_ok!(dispatch(Eve, open(story.patient)));
		assert_ok!(dispatch(Eve, append(story.patient, batch(story.patient))));
		let before = batch(story.patient);
		assert_ok!(dispatch(Ferdie, pallet_consent::Call::withdraw { patient: story.patient, consent: 0 }));
		refused(append(story.patient, before), Refusal::StaleRevision);
		refused(append(story.patient, batch(story.patient)), Refusal::NotPermitted);
		let streams = Runtime::streams(story.patient, None, 10).items;
		assert_eq!((streams.len(), streams[0].range.batches, streams[0].custodian), (1, 1, Some(story.second)));
		// To close it is the patient's own right, and free.
		let (patient, stream) = (story.patient, streams[0].id);
		let before = Balances::free_balance(Ferdie.to_account_id());
		let close = pallet_health_records::Call::close_stream { patient, stream }.into();
		assert_ok!(Executive::apply_extrinsic(transaction(Ferdie, close)).expect("a transaction that is valid"));
		assert_eq!(Balances::free_balance(Ferdie.to_account_id()), before);
		assert_eq!(Runtime::stream(patient, stream).map(|view| view.status), Some(StreamStatus::Closed));
	})
}

#[test]
fn a_patient_without_tokens_keeps_a_stream() {
	development(|| {
		let patient = PatientId([4; 32]);
		assert_ok!(council(&[Alice, Bob], admission(Dave)));
		let terms = SponsorTerms { per_account: UNIT, per_day: 100 * UNIT };
		assert_ok!(dispatch(Dave, pallet_sponsorship::Call::set_terms { org: 0, terms: Some(terms) }));
		assert_ok!(dispatch(Dave, pallet_sponsorship::Call::enrol { org: 0, account: One.to_account_id() }));
		let apply = |call: RuntimeCall| {
			assert_ok!(Executive::apply_extrinsic(transaction(One, call)).expect("a transaction that is valid"));
		};
		let registration = pallet_consent::Call::register_patient {
			patient,
			default_policy: DefaultPolicy::Deny,
			break_glass: BreakGlass::Allowed,
		};
		apply(registration.into());
		apply(open(patient));
		apply(append(patient, batch(patient)));
		let view = Runtime::stream(patient, StreamId::of(&patient, &[7; 32])).expect("it was opened");
		assert_eq!((view.range.batches, view.author), (1, One.to_account_id()));
		assert_eq!(System::account(One.to_account_id()).data.free, 0);
	})
}
