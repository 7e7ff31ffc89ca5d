//! What guardians may do with records: with full scope and in authority, everything the patient may.

use super::*;
use salus_primitives::consent::GuardianScope;

#[test]
fn a_guardian_with_full_scope_keeps_own_records_for_the_patient() {
	test(|| {
		assert_ok!(HealthRecords::anchor(signed(&GUARDIAN), ADA, input(1)));
		assert_eq!((stored(1).custodian, stored(1).author), (None, GUARDIAN));
		assert_eq!(held(&GUARDIAN), price(HealthRecords::record_footprint()));
		// Guardian and patient keep the same records.
		assert_ok!(HealthRecords::amend(signed(&PATIENT), ADA, input(1)));
		assert_ok!(HealthRecords::amend(signed(&GUARDIAN), ADA, input(1)));
		assert_ok!(HealthRecords::enter_in_error(signed(&GUARDIAN), ADA, rid(1)));
		assert_ok!(HealthRecords::shred(signed(&PATIENT), ADA, rid(1)));
		assert_eq!(held(&GUARDIAN), price(HealthRecords::tombstone_footprint()));
	});
}

#[test]
fn a_guardian_with_full_scope_restricts_and_lifts() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&GUARDIAN), ADA, rid(1)));
		assert_eq!(status(1), RecordStatus::Restricted);
		assert_ok!(HealthRecords::lift_restriction(signed(&GUARDIAN), ADA, rid(1)));
		assert_eq!(status(1), RecordStatus::Active);
	});
}

#[test]
fn a_guardian_with_less_than_full_scope_changes_no_record() {
	test(|| {
		anchored(1);
		anchored_by_patient(2);
		for who in [PROXY, READER] {
			assert_noop!(HealthRecords::anchor(signed(&who), ADA, input(3)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::amend(signed(&who), ADA, input(2)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::enter_in_error(signed(&who), ADA, rid(2)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::shred(signed(&who), ADA, rid(2)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::restrict(signed(&who), ADA, rid(1)), Refusal::NotAuthorized);
			assert_noop!(HealthRecords::lift_restriction(signed(&who), ADA, rid(1)), Refusal::NotAuthorized);
		}
	});
}

#[test]
fn a_guardians_authority_begins_and_ends_by_itself() {
	test(|| {
		anchored(1);
		set_guardian(ADA, &STRANGER, GuardianScope::Full, NOW + 1, Some(NOW + 2));
		let restrict = || HealthRecords::restrict(signed(&STRANGER), ADA, rid(1));
		assert_noop!(restrict(), Refusal::NotAuthorized);
		set_now(NOW + 1);
		hypothetically!({
			assert_ok!(restrict());
		});
		set_now(NOW + 2);
		assert_noop!(restrict(), Refusal::NotAuthorized);
	});
}

#[test]
fn a_guardian_of_one_patient_is_nobody_to_another() {
	test(|| {
		assert_ok!(HealthRecords::anchor(signed(&OTHER_PATIENT), BEN, input(1)));
		assert_noop!(HealthRecords::restrict(signed(&GUARDIAN), BEN, rid(1)), Refusal::NotAuthorized);
		assert_noop!(HealthRecords::anchor(signed(&GUARDIAN), BEN, input(2)), Refusal::NotAuthorized);
		assert_noop!(HealthRecords::restrict(signed(&GUARDIAN), NOBODY, rid(1)), Refusal::UnknownPatient);
	});
}

#[test]
fn a_clinician_who_is_a_guardian_anchors_for_the_patient() {
	test(|| {
		set_guardian(ADA, &CLINICIAN, GuardianScope::Full, 0, None);
		anchored(1);
		assert_eq!(stored(1).custodian, None);
		// With a lesser scope the clinician anchors for the clinic.
		set_guardian(ADA, &CLINICIAN, GuardianScope::ReadOnly, 0, None);
		anchored(2);
		assert_eq!(stored(2).custodian, Some(CLINIC));
	});
}
