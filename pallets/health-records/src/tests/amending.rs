use super::*;
use salus_primitives::{views::RecordView, Confidentiality, Month, ResourceType};

fn next_version(n: u8) -> RecordInput {
	RecordInput {
		resource_type: ResourceType::Condition,
		confidentiality: Confidentiality::Restricted,
		labels: 0b10,
		data_from: Month(590),
		data_to: Month(591),
		episode: None,
		commitment: H256::repeat_byte(0xee),
		locator: locator(b"file://vault/2"),
		..input(n)
	}
}

#[test]
fn an_amendment_replaces_everything_but_custodian_and_author() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::amend(signed(&GATEWAY), ADA, next_version(1)));
		let view = HealthRecords::record_view(&ADA, &rid(1)).expect("it is stored");
		let expected = RecordView {
			patient: ADA,
			id: rid(1),
			custodian: Some(CLINIC),
			author: CLINICIAN,
			resource_type: ResourceType::Condition,
			confidentiality: Confidentiality::Restricted,
			labels: 0b10,
			label_epoch: 0,
			data_from: Month(590),
			data_to: Month(591),
			episode: None,
			version: 2,
			commitment: H256::repeat_byte(0xee),
			locator: b"file://vault/2".to_vec(),
			status: RecordStatus::Amended,
		};
		assert_eq!(view, expected);
		assert_eq!(revision(ADA), 2);
	});
}

#[test]
fn the_event_keeps_the_commitment_that_was_replaced() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::amend(signed(&GATEWAY), ADA, next_version(1)));
		let event = Event::RecordAmended {
			patient: ADA,
			record: rid(1),
			version: 2,
			by: GATEWAY,
			replaced: input(1).commitment,
			commitment: H256::repeat_byte(0xee),
		};
		assert_eq!(last_event(), event);
	});
}

#[test]
fn a_custodian_corrects_after_the_care_has_ended() {
	test(|| {
		anchored(1);
		close_care(ADA, CLINIC);
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)));
	});
}

#[test]
fn nobody_else_amends() {
	test(|| {
		anchored(1);
		anchored_by_patient(2);
		for who in [PATIENT, HOSPITAL_GATEWAY, STRANGER] {
			assert_noop!(HealthRecords::amend(signed(&who), ADA, next_version(1)), Refusal::NotAuthorized);
		}
		for who in [OTHER_PATIENT, CLINICIAN, STRANGER] {
			assert_noop!(HealthRecords::amend(signed(&who), ADA, next_version(2)), Refusal::NotAuthorized);
		}
		suspend(&CLINICIAN);
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)), Refusal::NotAuthorized);
		assert_noop!(HealthRecords::amend(RuntimeOrigin::root(), ADA, next_version(1)), DispatchError::BadOrigin);
		assert_ok!(HealthRecords::amend(signed(&PATIENT), ADA, next_version(2)));
	});
}

#[test]
fn only_what_exists_is_amended() {
	test(|| {
		anchored(1);
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(2)), Refusal::NotFound);
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), BEN, next_version(1)), Refusal::NotFound);
		forget_patient(ADA);
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)), Refusal::UnknownPatient);
	});
}

#[test]
fn a_next_version_is_checked_like_the_first() {
	test(|| {
		anchored(1);
		set_label_epoch(ADA, 1);
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)), Refusal::WrongLabelEpoch);
		let record = RecordInput { label_epoch: 1, ..next_version(1) };
		let inverted = RecordInput { data_to: Month(0), ..record.clone() };
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, inverted), Refusal::InvertedPeriod);
		let nowhere = RecordInput { locator: locator(b""), ..record.clone() };
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, nowhere), Refusal::InvalidLocator);
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, record));
	});
}

#[test]
fn a_restricted_record_is_amended_and_stays_restricted() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)));
		assert_eq!((status(1), stored(1).version), (RecordStatus::Restricted, 2));
	});
}

#[test]
fn what_is_in_error_or_shredded_is_not_amended() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(1)));
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)), Refusal::WrongStatus);
		assert_ok!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)));
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)), Refusal::WrongStatus);
	});
}

#[test]
fn versions_do_not_wrap() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)));
		Records::<Test>::mutate(ADA, rid(1), |record| {
			record.as_mut().expect("it is anchored").version = u32::MAX;
		});
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, next_version(1)), Refusal::TooManyVersions);
	});
}
