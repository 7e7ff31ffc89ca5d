//! Streams: who opens, fills and closes them, and what is refused. The first tests of misuse name the rows that they are of.

use super::*;
use salus_primitives::{
	consent::GuardianScope,
	merkle,
	stream::{range_proof, sample_content, DeviceClass, Metric, Range, Sample, SampleProof},
	views::PatientEvent,
	Confidentiality,
};

pub fn input(n: u8) -> StreamInput {
	StreamInput {
		nonce: [n; 32],
		device: DeviceClass::Wearable,
		confidentiality: Confidentiality::Normal,
		writer: None,
	}
}

/// A batch of [`ADA`]'s under the present revision.
pub fn batch(from: Moment, to: Moment) -> Batch {
	Batch { from, to, count: 24, root: H256::repeat_byte(1), revision: revision(ADA) }
}

fn open(who: &AccountId, input: StreamInput) -> DispatchResultWithPostInfo {
	HealthRecords::open_stream(signed(who), ADA, input)
}

fn append(who: &AccountId, batches: Vec<Batch>) -> DispatchResultWithPostInfo {
	HealthRecords::append_stream(signed(who), ADA, sid(ADA, 1), BoundedVec::truncate_from(batches))
}

fn close(who: &AccountId) -> DispatchResult {
	HealthRecords::close_stream(signed(who), ADA, sid(ADA, 1))
}

fn stream() -> Stream<TicketOf<Test>> {
	Streams::<Test>::get(ADA, sid(ADA, 1)).expect("the stream was opened")
}

#[test]
fn a_patients_stream_starts_empty() {
	test(|| {
		change(ADA).expect("there is such a patient");
		assert_ok!(open(&PATIENT, input(1)));
		let opened = stream();
		assert_eq!((opened.custodian, opened.author, opened.writer), (None, PATIENT, None));
		assert_eq!((opened.range, opened.last_time, opened.revision), (Range::default(), 0, 1));
		assert_eq!(opened.status, StreamStatus::Open);
		assert_eq!(last_event(), Event::StreamOpened { patient: ADA, stream: sid(ADA, 1) });
		assert_eq!(held(&PATIENT), price(HealthRecords::stream_footprint()));
		assert_noop!(open(&PATIENT, input(1)), Refusal::AlreadyExists);
		assert_ok!(open(&PATIENT, input(2)));
	});
}

#[test]
fn batches_leave_nothing_but_peaks() {
	test(|| {
		assert_ok!(open(&PATIENT, input(1)));
		let days: Vec<_> = (0..5).map(|day| batch(NOW - (5 - day) * DAY, NOW - (5 - day) * DAY + DAY / 2)).collect();
		assert_ok!(append(&PATIENT, days[..3].to_vec()));
		assert_eq!(last_event(), Event::StreamGrown { patient: ADA, stream: sid(ADA, 1), batches: 3 });
		assert_ok!(append(&PATIENT, days[3..].to_vec()));
		let leaves: Vec<_> = (0..).zip(&days).map(|(seq, batch)| batch.leaf(&sid(ADA, 1), seq)).collect();
		let grown = stream();
		assert_eq!(grown.range, Range::over(&leaves));
		assert_eq!((grown.range.peaks.len(), grown.last_time), (2, days[4].to));
		// Appending costs no deposit and changes nothing that decisions are made from.
		assert_eq!((held(&PATIENT), revision(ADA)), (price(HealthRecords::stream_footprint()), 0));
	});
}

#[test]
fn any_sample_is_proved_against_the_stored_peaks() {
	test(|| {
		assert_ok!(open(&PATIENT, input(1)));
		let id = sid(ADA, 1);
		let sample = |day: u64, n: u64| {
			let at = NOW - (7 - day) * DAY + n;
			Sample { metric: Metric::HeartRate, value: 60_000, from: at, to: at }
		};
		let contents: Vec<Vec<_>> = (0..7)
			.map(|day| (0..3).map(|n| sample_content(&id, &[9; 32], &sample(day, n), &H256::zero())).collect())
			.collect();
		let batches: Vec<_> = (0..7)
			.map(|day| {
				let (from, to) = (sample(day, 0).from, sample(day, 2).from);
				Batch { count: 3, root: merkle::root(&contents[day as usize]), ..batch(from, to) }
			})
			.collect();
		assert_ok!(append(&PATIENT, batches.clone()));
		let view = HealthRecords::stream_view(&ADA, &id).expect("it was opened");
		let leaves: Vec<_> = (0..).zip(&batches).map(|(seq, batch)| batch.leaf(&id, seq)).collect();
		for day in 0..7u64 {
			let proof = SampleProof {
				stream: id,
				seq: day,
				batch: batches[day as usize],
				index: 1,
				sample: sample(day, 1),
				salt: H256([9; 32]),
				document: H256::zero(),
				batch_proof: merkle::proof(&contents[day as usize], 1).expect("there are three"),
				range_proof: range_proof(&leaves, day).expect("there are seven"),
			};
			assert!(proof.is_in(&view.range));
			let forged = Sample { value: 90_000, ..proof.sample };
			assert!(!SampleProof { sample: forged, ..proof }.is_in(&view.range));
		}
	});
}

#[test]
fn an_organisation_in_care_opens_and_fills_a_stream() {
	test(|| {
		assert_ok!(open(&GATEWAY, input(1)));
		assert_eq!((stream().custodian, stream().author), (Some(CLINIC), GATEWAY));
		// Any of its members, and the patient, but nobody else.
		assert_ok!(append(&CLINICIAN, vec![batch(NOW - 2, NOW - 2)]));
		assert_ok!(append(&PATIENT, vec![batch(NOW - 1, NOW - 1)]));
		for who in [HOSPITAL_GATEWAY, OTHER_PATIENT, STRANGER, RETIRED, PROXY, READER] {
			assert_noop!(append(&who, vec![batch(NOW, NOW)]), Refusal::NotAuthorized);
		}
		close_care(ADA, CLINIC);
		assert_noop!(append(&CLINICIAN, vec![batch(NOW, NOW)]), Refusal::NotPermitted);
	});
}

#[test]
fn an_organisation_without_care_needs_a_consent_to_collect() {
	test(|| {
		assert_noop!(open(&HOSPITAL_GATEWAY, input(1)), Refusal::NotPermitted);
		permit_collection(ADA, HOSPITAL);
		assert_ok!(open(&HOSPITAL_GATEWAY, input(1)));
		assert_ok!(append(&HOSPITAL_GATEWAY, vec![batch(NOW, NOW)]));
		forbid_collection(ADA, HOSPITAL);
		assert_noop!(append(&HOSPITAL_GATEWAY, vec![batch(NOW, NOW)]), Refusal::NotPermitted);
	});
}

#[test]
fn only_organisations_that_keep_records_open_streams() {
	test(|| {
		open_care(ADA, CARRIER, NOW + DAY);
		open_care(ADA, PHARMACY, NOW + DAY);
		assert_noop!(open(&CARRIER_GATEWAY, input(1)), Refusal::NotAccredited);
		assert_ok!(open(&PHARMACIST, input(1)));
		for who in [STRANGER, RETIRED, OTHER_PATIENT] {
			assert_noop!(open(&who, input(2)), Refusal::NotAuthorized);
		}
		assert_noop!(HealthRecords::open_stream(signed(&PATIENT), NOBODY, input(1)), Refusal::UnknownPatient);
	});
}

#[test]
fn a_device_that_the_patient_named_appends_with_its_own_account() {
	test(|| {
		assert_ok!(open(&PATIENT, StreamInput { writer: Some(STRANGER), ..input(1) }));
		assert_ok!(append(&STRANGER, vec![batch(NOW, NOW)]));
		assert_noop!(append(&OTHER_PATIENT, vec![batch(NOW, NOW)]), Refusal::NotAuthorized);
		assert_ok!(close(&PATIENT));
		assert_noop!(append(&STRANGER, vec![batch(NOW, NOW)]), Refusal::WrongStatus);
	});
}

#[test]
fn a_named_gateway_needs_what_its_organisation_needs() {
	test(|| {
		assert_ok!(open(&PATIENT, StreamInput { writer: Some(HOSPITAL_GATEWAY), ..input(1) }));
		assert_noop!(append(&HOSPITAL_GATEWAY, vec![batch(NOW, NOW)]), Refusal::NotPermitted);
		permit_collection(ADA, HOSPITAL);
		assert_ok!(append(&HOSPITAL_GATEWAY, vec![batch(NOW, NOW)]));
		suspend(&HOSPITAL_GATEWAY);
		assert_noop!(append(&HOSPITAL_GATEWAY, vec![batch(NOW, NOW)]), Refusal::NotAuthorized);
		// A carrier keeps no health data, whoever names it.
		assert_ok!(open(&PATIENT, StreamInput { writer: Some(CARRIER_GATEWAY), ..input(2) }));
		let batches = BoundedVec::truncate_from(vec![batch(NOW, NOW)]);
		let appended = HealthRecords::append_stream(signed(&CARRIER_GATEWAY), ADA, sid(ADA, 2), batches);
		assert_noop!(appended, Refusal::NotAccredited);
	});
}

#[test]
fn an_organisation_names_no_writer() {
	test(|| {
		let named = StreamInput { writer: Some(STRANGER), ..input(1) };
		assert_noop!(open(&GATEWAY, named), Refusal::NotAuthorized);
	});
}

#[test]
fn a_guardian_with_full_scope_opens_fills_and_closes() {
	test(|| {
		assert_ok!(open(&GUARDIAN, input(1)));
		assert_ok!(append(&GUARDIAN, vec![batch(NOW, NOW)]));
		assert_ok!(append(&PATIENT, vec![batch(NOW, NOW)]));
		for who in [PROXY, READER] {
			assert_noop!(open(&who, input(2)), Refusal::NotAuthorized);
			assert_noop!(close(&who), Refusal::NotAuthorized);
		}
		hypothetically!({
			assert_ok!(close(&GUARDIAN));
		});
		set_guardian(ADA, &GUARDIAN, GuardianScope::Full, 0, Some(NOW));
		assert_noop!(append(&GUARDIAN, vec![batch(NOW, NOW)]), Refusal::NotAuthorized);
		assert_noop!(close(&GUARDIAN), Refusal::NotAuthorized);
	});
}

/// "Back-dated": a stream grows in the order of time, within a call and from call to call.
#[test]
fn a_back_dated_batch_is_refused() {
	test(|| {
		assert_ok!(open(&PATIENT, input(1)));
		assert_ok!(append(&PATIENT, vec![batch(NOW - DAY, NOW - 10)]));
		for from in [0, NOW - DAY, NOW - 11] {
			assert_noop!(append(&PATIENT, vec![batch(from, NOW)]), Refusal::BackDated);
		}
		// One out of order refuses all of them.
		let reordered = vec![batch(NOW - 5, NOW - 4), batch(NOW - 10, NOW - 6)];
		assert_noop!(append(&PATIENT, reordered), Refusal::BackDated);
		assert_ok!(append(&PATIENT, vec![batch(NOW - 10, NOW - 6), batch(NOW - 6, NOW - 4)]));
	});
}

/// "After-withdrawal": what was made under an earlier revision does not come in, whoever sends it; and under the present
/// one the permission is gone.
#[test]
fn a_batch_from_before_a_withdrawal_is_refused_after_it() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		assert_ok!(open(&HOSPITAL_GATEWAY, input(1)));
		let before = batch(NOW, NOW);
		forbid_collection(ADA, HOSPITAL);
		change(ADA).expect("there is such a patient");
		assert_noop!(append(&HOSPITAL_GATEWAY, vec![before]), Refusal::StaleRevision);
		assert_noop!(append(&PATIENT, vec![before]), Refusal::StaleRevision);
		assert_noop!(append(&HOSPITAL_GATEWAY, vec![batch(NOW, NOW)]), Refusal::NotPermitted);
		// Neither does one that claims a revision that is still to come.
		let early = Batch { revision: revision(ADA) + 1, ..before };
		assert_noop!(append(&PATIENT, vec![batch(NOW, NOW), early]), Refusal::StaleRevision);
		assert_ok!(append(&PATIENT, vec![batch(NOW, NOW)]));
		assert_eq!(stream().revision, 1);
	});
}

#[test]
fn a_batch_has_samples_and_a_time_that_has_come() {
	test(|| {
		assert_ok!(open(&PATIENT, input(1)));
		assert_noop!(append(&PATIENT, vec![]), Refusal::Empty);
		assert_noop!(append(&PATIENT, vec![Batch { count: 0, ..batch(NOW, NOW) }]), Refusal::Empty);
		assert_noop!(append(&PATIENT, vec![batch(NOW, NOW - 1)]), Refusal::InvertedPeriod);
		for to in [NOW + SAMPLE_AHEAD + 1, u64::MAX] {
			assert_noop!(append(&PATIENT, vec![batch(NOW, to)]), Refusal::InFuture);
		}
		assert_ok!(append(&PATIENT, vec![Batch { count: u32::MAX, ..batch(0, NOW + SAMPLE_AHEAD) }]));
	});
}

#[test]
fn a_stream_takes_as_many_batches_as_can_be_numbered() {
	test(|| {
		assert_ok!(open(&PATIENT, input(1)));
		Streams::<Test>::mutate(ADA, sid(ADA, 1), |stream| {
			let stream = stream.as_mut().expect("it was opened");
			stream.range = Range { batches: u64::MAX - 1, peaks: BoundedVec::truncate_from(vec![H256::zero(); 63]) };
		});
		assert_noop!(append(&PATIENT, vec![batch(NOW, NOW); 2]), Refusal::TooMany);
		assert_ok!(append(&PATIENT, vec![batch(NOW, NOW)]));
		assert_eq!(stream().range.peaks.len(), 64);
		let length = codec::Encode::encoded_size(&stream()) as u64;
		assert!(length <= HealthRecords::stream_footprint().size);
	});
}

#[test]
fn patient_writer_and_custodian_close_a_stream_for_good() {
	test(|| {
		assert_ok!(open(&PATIENT, StreamInput { writer: Some(STRANGER), ..input(1) }));
		for who in [CLINICIAN, OTHER_PATIENT, RETIRED] {
			assert_noop!(close(&who), Refusal::NotAuthorized);
		}
		hypothetically!({
			assert_ok!(close(&STRANGER));
		});
		assert_ok!(append(&PATIENT, vec![batch(NOW, NOW)]));
		assert_ok!(close(&PATIENT));
		assert_eq!(last_event(), Event::StreamClosed { patient: ADA, stream: sid(ADA, 1) });
		assert_noop!(close(&PATIENT), Refusal::WrongStatus);
		assert_noop!(append(&PATIENT, vec![batch(NOW, NOW)]), Refusal::WrongStatus);
		assert_noop!(open(&PATIENT, input(1)), Refusal::AlreadyExists);
		// What it has is still proved.
		assert_eq!(HealthRecords::stream_view(&ADA, &sid(ADA, 1)).map(|view| view.range.batches), Some(1));
		assert_ok!(open(&GATEWAY, input(2)));
		assert_ok!(HealthRecords::close_stream(signed(&CLINICIAN), ADA, sid(ADA, 2)));
	});
}

#[test]
fn closing_returns_what_the_peaks_of_a_stream_do_not_need() {
	test(|| {
		assert_ok!(open(&CLINICIAN, input(1)));
		assert_ok!(append(&GATEWAY, vec![batch(NOW, NOW); 7]));
		// Another member closes it; the deposit of who opened it shrinks.
		assert_ok!(close(&GATEWAY));
		let (whole, left) = (price(HealthRecords::stream_footprint()), held(&CLINICIAN));
		assert_eq!((whole - left, held(&GATEWAY)), (61 * 32, 0));
		let length = codec::Encode::encoded_size(&stream()) as u128;
		assert!(length <= left);
	});
}

#[test]
fn streams_are_told_by_patient() {
	test(|| {
		assert_noop!(append(&PATIENT, vec![batch(NOW, NOW)]), Refusal::NotFound);
		assert_noop!(close(&PATIENT), Refusal::NotFound);
		(1..=5).for_each(|n| assert!(open(&PATIENT, input(n)).is_ok()));
		assert_ok!(HealthRecords::open_stream(signed(&OTHER_PATIENT), BEN, input(1)));
		// Another patient's stream under the same nonce is another one.
		assert_eq!(HealthRecords::stream_view(&BEN, &sid(ADA, 1)), None);
		let batches = BoundedVec::truncate_from(vec![batch(NOW, NOW)]);
		let misplaced = HealthRecords::append_stream(signed(&OTHER_PATIENT), BEN, sid(ADA, 1), batches);
		assert_noop!(misplaced, Refusal::NotFound);
		let (mut seen, mut cursor) = (Vec::new(), None);
		loop {
			let page = HealthRecords::streams_page(&ADA, cursor, 2);
			assert!(page.items.len() <= 2 && page.items.iter().all(|stream| stream.patient == ADA));
			seen.extend(page.items.iter().map(|stream| stream.id));
			cursor = page.next;
			if cursor.is_none() {
				break;
			}
		}
		seen.sort();
		let mut opened: Vec<_> = (1..=5).map(|n| sid(ADA, n)).collect();
		opened.sort();
		assert_eq!(seen, opened);
		assert_eq!(HealthRecords::streams_page(&ADA, None, 0).items.len(), 1);
	});
}

#[test]
fn a_patients_subscribers_hear_of_streams() {
	test(|| {
		let heard = || HealthRecords::patient_event(&last_event());
		let stream = sid(ADA, 1);
		assert_ok!(open(&PATIENT, input(1)));
		assert_eq!(heard(), Some((ADA, PatientEvent::StreamOpened { stream })));
		assert_ok!(append(&PATIENT, vec![batch(NOW, NOW); 2]));
		assert_eq!(heard(), Some((ADA, PatientEvent::StreamGrown { stream, batches: 2 })));
		assert_ok!(close(&PATIENT));
		assert_eq!(heard(), Some((ADA, PatientEvent::StreamClosed { stream })));
	});
}

#[test]
fn who_cannot_pay_opens_no_stream() {
	test(|| {
		assert_noop!(open(&PENNILESS, input(1)), sp_runtime::TokenError::FundsUnavailable);
	});
}

/// "Bypass through council": a council's origin is nobody's signature.
#[test]
fn root_fills_no_stream() {
	test(|| {
		assert_ok!(open(&PATIENT, input(1)));
		let root = RuntimeOrigin::root;
		let batches = BoundedVec::truncate_from(vec![batch(NOW, NOW)]);
		assert_noop!(HealthRecords::open_stream(root(), ADA, input(2)), DispatchError::BadOrigin);
		assert_noop!(HealthRecords::append_stream(root(), ADA, sid(ADA, 1), batches), DispatchError::BadOrigin);
		assert_noop!(HealthRecords::close_stream(root(), ADA, sid(ADA, 1)), DispatchError::BadOrigin);
	});
}
