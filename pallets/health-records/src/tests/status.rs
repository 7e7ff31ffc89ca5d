use super::*;

fn told(status: RecordStatus) -> Event<Test> {
	Event::RecordStatusChanged { patient: ADA, record: rid(1), status }
}

#[test]
fn the_patient_restricts_and_lifts() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_eq!((status(1), last_event()), (RecordStatus::Restricted, told(RecordStatus::Restricted)));
		assert_ok!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)));
		assert_eq!((status(1), last_event()), (RecordStatus::Active, told(RecordStatus::Active)));
		assert_eq!(revision(ADA), 3);
	});
}

#[test]
fn an_amended_record_is_amended_again_after_a_restriction() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)));
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)));
		assert_eq!(status(1), RecordStatus::Amended);
	});
}

#[test]
fn a_record_amended_while_restricted_comes_back_amended() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)));
		assert_ok!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)));
		assert_eq!(status(1), RecordStatus::Amended);
	});
}

#[test]
fn only_the_patient_restricts_and_lifts() {
	test(|| {
		anchored(1);
		anchored(2);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(2)));
		for who in [CLINICIAN, GATEWAY, OTHER_PATIENT, STRANGER] {
			assert_noop!(HealthRecords::restrict(signed(&who), ADA, rid(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::lift_restriction(signed(&who), ADA, rid(2)), Refusal::NotAuthorized);
		}
		assert_noop!(HealthRecords::restrict(signed(&PATIENT), NOBODY, rid(1)), Refusal::UnknownPatient);
		assert_noop!(HealthRecords::lift_restriction(signed(&PATIENT), NOBODY, rid(1)), Refusal::UnknownPatient);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::restrict(origin.clone(), ADA, rid(1)), DispatchError::BadOrigin);
			assert_noop!(HealthRecords::lift_restriction(origin, ADA, rid(2)), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn the_right_to_restrict_goes_with_the_control_over_the_patient() {
	test(|| {
		anchored(1);
		set_controller(ADA, &STRANGER);
		assert_noop!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)), Refusal::NotAuthorized);
		assert_ok!(HealthRecords::restrict(signed(&STRANGER), ADA, rid(1)));
	});
}

#[test]
fn a_record_entered_in_error_stays_so() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::enter_in_error(signed(&GATEWAY), ADA, rid(1)));
		assert_eq!((status(1), last_event()), (RecordStatus::EnteredInError, told(RecordStatus::EnteredInError)));
		assert_noop!(HealthRecords::enter_in_error(signed(&GATEWAY), ADA, rid(1)), Refusal::WrongStatus);
		assert_noop!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)), Refusal::WrongStatus);
		assert_noop!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)), Refusal::WrongStatus);
	});
}

#[test]
fn a_restricted_record_may_turn_out_to_be_in_error() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(1)));
		assert_eq!(status(1), RecordStatus::EnteredInError);
	});
}

#[test]
fn shredding_leaves_a_tombstone() {
	test(|| {
		anchored(1);
		let before = stored(1);
		assert_ok!(HealthRecords::shred(signed(&GATEWAY), ADA, rid(1)));
		let after = stored(1);
		assert_eq!((after.status, last_event()), (RecordStatus::Shredded, told(RecordStatus::Shredded)));
		assert!(after.locator.is_empty() && after.labels == 0 && after.episode.is_none());
		assert_eq!((after.commitment, after.version), (before.commitment, before.version));
		assert_eq!(revision(ADA), 2);
	});
}

#[test]
fn shredding_is_possible_in_every_state_but_final() {
	test(|| {
		(1..=4).for_each(anchored);
		assert_ok!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(2)));
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(3)));
		assert_ok!(HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(4)));
		for n in 1..=4 {
			assert_ok!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(n)));
			assert_noop!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(n)), Refusal::WrongStatus);
			assert_noop!(HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(n)), Refusal::WrongStatus);
			assert_noop!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(n)), Refusal::WrongStatus);
			assert_noop!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(n)), Refusal::WrongStatus);
		}
	});
}

#[test]
fn only_the_keeper_enters_in_error_and_shreds() {
	test(|| {
		anchored(1);
		anchored_by_patient(2);
		suspend(&GATEWAY);
		let refused =
			[(1, [PATIENT, HOSPITAL_GATEWAY, GATEWAY, STRANGER]), (2, [OTHER_PATIENT, CLINICIAN, GATEWAY, STRANGER])];
		for (n, accounts) in refused {
			for who in accounts {
				assert_noop!(HealthRecords::enter_in_error(signed(&who), ADA, rid(n)), Refusal::NotAuthorized);
				assert_noop!(HealthRecords::shred(signed(&who), ADA, rid(n)), Refusal::NotAuthorized);
			}
		}
		for (n, who) in [(1, CLINICIAN), (2, PATIENT)] {
			assert_ok!(HealthRecords::enter_in_error(signed(&who), ADA, rid(n)));
			assert_ok!(HealthRecords::shred(signed(&who), ADA, rid(n)));
		}
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::enter_in_error(origin.clone(), ADA, rid(1)), DispatchError::BadOrigin);
			assert_noop!(HealthRecords::shred(origin, ADA, rid(1)), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn an_own_record_of_a_forgotten_patient_has_no_keeper() {
	test(|| {
		anchored_by_patient(1);
		forget_patient(ADA);
		assert_noop!(HealthRecords::enter_in_error(signed(&PATIENT), ADA, rid(1)), Refusal::UnknownPatient);
		assert_noop!(HealthRecords::shred(signed(&PATIENT), ADA, rid(1)), Refusal::UnknownPatient);
	});
}

#[test]
fn nothing_happens_to_a_record_that_is_not_there() {
	test(|| {
		assert_noop!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)), Refusal::NotFound);
		assert_noop!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)), Refusal::NotFound);
		assert_noop!(HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(1)), Refusal::NotFound);
		assert_noop!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)), Refusal::NotFound);
	});
}
