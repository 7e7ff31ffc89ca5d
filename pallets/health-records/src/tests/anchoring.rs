use super::*;
use salus_primitives::{inputs::MAX_ANCHORS, Month, ResourceType};

#[test]
fn a_clinician_anchors_under_an_open_care_relationship() {
	test(|| {
		anchored(1);
		let record = stored(1);
		assert_eq!((record.custodian, &record.author, record.version), (Some(CLINIC), &CLINICIAN, 1));
		assert_eq!(record.status, RecordStatus::Active);
		assert_eq!(revision(ADA), 1);
		let event = Event::RecordAnchored {
			patient: ADA,
			record: rid(1),
			custodian: Some(CLINIC),
			author: CLINICIAN,
			commitment: input(1).commitment,
		};
		assert_eq!(events(), vec![event]);
	});
}

#[test]
fn a_dispenser_anchors_too() {
	test(|| {
		open_care(ADA, PHARMACY, NOW + DAY);
		assert_ok!(HealthRecords::anchor(signed(&PHARMACIST), ADA, input(1)));
		assert_eq!(stored(1).custodian, Some(PHARMACY));
	});
}

#[test]
fn a_patient_anchors_own_records_without_care_or_consent() {
	test(|| {
		assert_ok!(HealthRecords::anchor(signed(&OTHER_PATIENT), BEN, input(1)));
		let record = Records::<Test>::get(BEN, rid(1)).expect("it was anchored");
		assert_eq!((record.custodian, record.author), (None, OTHER_PATIENT));
	});
}

#[test]
fn a_clinician_who_is_the_patient_anchors_an_own_record() {
	test(|| {
		set_controller(ADA, &CLINICIAN);
		anchored(1);
		assert_eq!(stored(1).custodian, None);
	});
}

#[test]
fn without_care_each_record_needs_a_permit_to_collect() {
	test(|| {
		let anchor = |record| HealthRecords::anchor(signed(&HOSPITAL_GATEWAY), ADA, record);
		assert_noop!(anchor(input(1)), Refusal::NotPermitted);
		permit_collection(ADA, HOSPITAL);
		assert_noop!(anchor(RecordInput { resource_type: ResourceType::Condition, ..input(1) }), Refusal::NotPermitted);
		assert_ok!(anchor(input(1)));
		assert_eq!(stored(1).custodian, Some(HOSPITAL));
	});
}

#[test]
fn a_permit_for_one_patient_opens_no_other() {
	test(|| {
		permit_collection(BEN, HOSPITAL);
		assert_noop!(HealthRecords::anchor(signed(&HOSPITAL_GATEWAY), ADA, input(1)), Refusal::NotPermitted);
	});
}

#[test]
fn a_care_relationship_ends_by_itself() {
	test(|| {
		set_now(NOW + DAY - 1);
		hypothetically!(anchored(1));
		set_now(NOW + DAY);
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(1)), Refusal::NotPermitted);
	});
}

#[test]
fn who_is_not_in_standing_anchors_nothing() {
	test(|| {
		for who in [STRANGER, OTHER_PATIENT] {
			assert_noop!(HealthRecords::anchor(signed(&who), ADA, input(1)), Refusal::NotAuthorized);
		}
		suspend(&CLINICIAN);
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(1)), Refusal::NotAuthorized);
	});
}

#[test]
fn a_membership_that_has_ended_counts_for_nothing() {
	test(|| {
		let end = NOW + 365 * DAY;
		open_care(ADA, CLINIC, end + DAY);
		set_now(end - 1);
		hypothetically!(anchored(1));
		set_now(end);
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(1)), Refusal::NotAuthorized);
	});
}

#[test]
fn an_organisation_without_the_accreditation_anchors_nothing() {
	test(|| {
		open_care(ADA, CARRIER, NOW + DAY);
		assert_noop!(HealthRecords::anchor(signed(&CARRIER_GATEWAY), ADA, input(1)), Refusal::NotAccredited);
	});
}

#[test]
fn nobody_but_an_account_anchors() {
	test(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::anchor(origin, ADA, input(1)), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn an_unknown_patient_has_no_records() {
	test(|| {
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), NOBODY, input(1)), Refusal::UnknownPatient);
	});
}

#[test]
fn anchoring_again_is_refused_whoever_tries() {
	test(|| {
		anchored(1);
		for who in [CLINICIAN, GATEWAY, PATIENT] {
			assert_noop!(HealthRecords::anchor(signed(&who), ADA, input(1)), Refusal::AlreadyExists);
		}
		assert_ok!(HealthRecords::anchor(signed(&OTHER_PATIENT), BEN, input(1)));
	});
}

#[test]
fn a_shredded_records_identifier_is_never_used_again() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)));
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, input(1)), Refusal::AlreadyExists);
	});
}

#[test]
fn labels_must_be_blinded_with_the_present_key() {
	test(|| {
		set_label_epoch(ADA, 3);
		for label_epoch in [0, 2, 4, u32::MAX] {
			for who in [CLINICIAN, PATIENT] {
				assert_noop!(
					HealthRecords::anchor(signed(&who), ADA, RecordInput { label_epoch, ..input(1) }),
					Refusal::WrongLabelEpoch
				);
			}
		}
		let record = RecordInput { label_epoch: 3, labels: u32::MAX, ..input(1) };
		assert_ok!(HealthRecords::anchor(signed(&CLINICIAN), ADA, record));
	});
}

#[test]
fn data_begins_before_it_ends() {
	test(|| {
		let record = |from, to| RecordInput { data_from: Month(from), data_to: Month(to), ..input(1) };
		assert_noop!(HealthRecords::anchor(signed(&CLINICIAN), ADA, record(601, 600)), Refusal::InvertedPeriod);
		hypothetically!({
			assert_ok!(HealthRecords::anchor(signed(&CLINICIAN), ADA, record(600, 600)));
		});
		assert_ok!(HealthRecords::anchor(signed(&CLINICIAN), ADA, record(i16::MIN, i16::MAX)));
	});
}

#[test]
fn a_locator_is_printable_ascii() {
	test(|| {
		for wrong in [&b""[..], b"s3://a b", b"s3://a\n", b"s3://\xc3\xa9", b"\x7f", b"\0"] {
			assert_noop!(
				HealthRecords::anchor(signed(&CLINICIAN), ADA, RecordInput { locator: locator(wrong), ..input(1) }),
				Refusal::InvalidLocator
			);
		}
		let record = RecordInput { locator: locator(&[b'~'; MAX_LOCATOR as usize]), ..input(1) };
		assert_ok!(HealthRecords::anchor(signed(&CLINICIAN), ADA, record));
	});
}

#[test]
fn a_batch_is_one_change_and_an_event_for_each_record() {
	test(|| {
		let records = BoundedVec::truncate_from((0..MAX_ANCHORS as u8).map(input).collect());
		assert_ok!(HealthRecords::anchor_many(signed(&GATEWAY), ADA, records));
		assert_eq!(Records::<Test>::iter_prefix(ADA).count(), MAX_ANCHORS as usize);
		assert_eq!(revision(ADA), 1);
		let told: Vec<_> = events()
			.into_iter()
			.map(|event| match event {
				Event::RecordAnchored { record, .. } => record,
				other => panic!("unexpected {other:?}"),
			})
			.collect();
		assert_eq!(told, (0..MAX_ANCHORS as u8).map(rid).collect::<Vec<_>>());
	});
}

#[test]
fn one_refused_record_refuses_the_batch() {
	test(|| {
		permit_collection(ADA, HOSPITAL);
		anchored(9);
		let refused = [
			(input(9), Refusal::AlreadyExists),
			(input(1), Refusal::AlreadyExists),
			(RecordInput { label_epoch: 1, ..input(3) }, Refusal::WrongLabelEpoch),
			(RecordInput { data_to: Month(0), ..input(3) }, Refusal::InvertedPeriod),
			(RecordInput { locator: locator(b" "), ..input(3) }, Refusal::InvalidLocator),
			(RecordInput { resource_type: ResourceType::Condition, ..input(3) }, Refusal::NotPermitted),
		];
		for (last, refusal) in refused {
			let records = BoundedVec::truncate_from(vec![input(1), input(2), last]);
			assert_noop!(HealthRecords::anchor_many(signed(&HOSPITAL_GATEWAY), ADA, records), refusal);
		}
	});
}

#[test]
fn an_empty_batch_is_refused() {
	test(|| {
		assert_noop!(HealthRecords::anchor_many(signed(&GATEWAY), ADA, Default::default()), Refusal::Empty);
	});
}
