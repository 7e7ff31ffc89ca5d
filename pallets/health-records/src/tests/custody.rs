use super::*;
use salus_primitives::views::CustodyOfferView;

fn offered(n: u8, to: OrgId) {
	assert_ok!(HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(n), to));
}

fn approved(n: u8, to: OrgId) {
	assert_ok!(HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(n), to));
}

fn offer(n: u8) -> Option<CustodyOfferView> {
	HealthRecords::custody_offer_view(&ADA, &rid(n))
}

fn view(n: u8, to: OrgId, approved: bool) -> Option<CustodyOfferView> {
	Some(CustodyOfferView { record: rid(n), from: CLINIC, to, approved })
}

fn ended(n: u8, to: OrgId) -> Event<Test> {
	Event::CustodyOfferEnded { patient: ADA, record: rid(n), to }
}

fn vault() -> Locator {
	locator(b"s3://hospital/1")
}

#[test]
fn a_record_moves_when_both_organisations_and_the_patient_agree() {
	test(|| {
		anchored(1);
		let before = stored(1);
		offered(1, HOSPITAL);
		let told = Event::CustodyOffered { patient: ADA, record: rid(1), from: CLINIC, to: HOSPITAL };
		assert_eq!((last_event(), offer(1)), (told, view(1, HOSPITAL, false)));
		approved(1, HOSPITAL);
		let told = Event::CustodyApproved { patient: ADA, record: rid(1), to: HOSPITAL };
		assert_eq!((last_event(), offer(1)), (told, view(1, HOSPITAL, true)));
		assert_ok!(HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault()));
		let told = Event::CustodyChanged { patient: ADA, record: rid(1), from: CLINIC, to: HOSPITAL };
		assert_eq!((last_event(), offer(1)), (told, None));
		assert_eq!(stored(1), Record { custodian: Some(HOSPITAL), locator: vault(), ..before });
	});
}

#[test]
fn only_the_last_step_is_a_change_that_decisions_depend_on() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		assert_eq!(revision(ADA), 1);
		assert_ok!(HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault()));
		assert_eq!(revision(ADA), 2);
	});
}

#[test]
fn the_new_custodian_keeps_the_record_and_the_former_one_does_not() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		assert_ok!(HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault()));
		assert_noop!(HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)), Refusal::NotAuthorized);
		assert_noop!(HealthRecords::log_access(signed(&GATEWAY), ADA, receipt(1, 1)), Refusal::NotAuthorized);
		let back = HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), PHARMACY);
		assert_noop!(back, Refusal::NotAuthorized);
		assert_ok!(HealthRecords::log_access(signed(&HOSPITAL_GATEWAY), ADA, receipt(1, 1)));
		assert_ok!(HealthRecords::amend(signed(&HOSPITAL_GATEWAY), ADA, input(1)));
		assert_ok!(HealthRecords::offer_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), CLINIC));
	});
}

#[test]
fn a_dispenser_may_keep_records_too() {
	test(|| {
		anchored(1);
		offered(1, PHARMACY);
		approved(1, PHARMACY);
		assert_ok!(HealthRecords::accept_custody(signed(&PHARMACIST), ADA, rid(1), vault()));
		assert_eq!(stored(1).custodian, Some(PHARMACY));
	});
}

#[test]
fn a_restricted_record_moves_and_stays_restricted() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		assert_ok!(HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault()));
		assert_eq!(status(1), RecordStatus::Restricted);
	});
}

#[test]
fn only_the_custodian_offers() {
	test(|| {
		anchored(1);
		anchored_by_patient(2);
		suspend(&GATEWAY);
		for who in [PATIENT, GUARDIAN, HOSPITAL_GATEWAY, PHARMACIST, GATEWAY, STRANGER] {
			for n in [1, 2] {
				let offer = HealthRecords::offer_custody(signed(&who), ADA, rid(n), HOSPITAL);
				assert_noop!(offer, Refusal::NotAuthorized);
			}
		}
		let own = HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(2), HOSPITAL);
		assert_noop!(own, Refusal::NotAuthorized);
		let unknown = HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(3), HOSPITAL);
		assert_noop!(unknown, Refusal::NotFound);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::offer_custody(origin, ADA, rid(1), HOSPITAL), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn a_record_is_offered_to_another_organisation_that_may_keep_it() {
	test(|| {
		anchored(1);
		let offer = |to| HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), to);
		assert_noop!(offer(CLINIC), Refusal::SameCustodian);
		for to in [CARRIER, CLOSED, 0, u32::MAX] {
			assert_noop!(offer(to), Refusal::NotAccredited);
		}
		assert_ok!(offer(HOSPITAL));
	});
}

#[test]
fn what_does_not_stand_is_not_offered() {
	test(|| {
		anchored(1);
		assert_ok!(HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(1)));
		let offer = || HealthRecords::offer_custody(signed(&CLINICIAN), ADA, rid(1), HOSPITAL);
		assert_noop!(offer(), Refusal::WrongStatus);
		assert_ok!(HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)));
		assert_noop!(offer(), Refusal::WrongStatus);
	});
}

#[test]
fn another_offer_replaces_the_first_and_its_approval() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		offered(1, PHARMACY);
		assert_eq!(offer(1), view(1, PHARMACY, false));
		let told = events();
		let offered_again = Event::CustodyOffered { patient: ADA, record: rid(1), from: CLINIC, to: PHARMACY };
		assert_eq!(told[told.len() - 2..], [ended(1, HOSPITAL), offered_again]);
		let late = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault());
		assert_noop!(late, Refusal::NotAuthorized);
		let unapproved = HealthRecords::accept_custody(signed(&PHARMACIST), ADA, rid(1), vault());
		assert_noop!(unapproved, Refusal::NotPermitted);
		// The same organisation again needs approval again.
		approved(1, PHARMACY);
		offered(1, PHARMACY);
		assert_eq!(offer(1), view(1, PHARMACY, false));
	});
}

#[test]
fn an_offer_that_changed_is_not_approved_unseen() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		offered(1, PHARMACY);
		let approve = |n, to| HealthRecords::approve_custody(signed(&PATIENT), ADA, rid(n), to);
		assert_noop!(approve(1, HOSPITAL), Refusal::NotOffered);
		assert_noop!(approve(2, PHARMACY), Refusal::NotOffered);
		assert_ok!(approve(1, PHARMACY));
	});
}

#[test]
fn only_the_patient_approves() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		for who in [CLINICIAN, HOSPITAL_GATEWAY, OTHER_PATIENT, PROXY, READER, STRANGER] {
			let approve = HealthRecords::approve_custody(signed(&who), ADA, rid(1), HOSPITAL);
			assert_noop!(approve, Refusal::NotAuthorized);
		}
		let unknown = HealthRecords::approve_custody(signed(&PATIENT), NOBODY, rid(1), HOSPITAL);
		assert_noop!(unknown, Refusal::UnknownPatient);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::approve_custody(origin, ADA, rid(1), HOSPITAL), DispatchError::BadOrigin);
		}
		hypothetically!({
			assert_ok!(HealthRecords::approve_custody(signed(&GUARDIAN), ADA, rid(1), HOSPITAL));
		});
		approved(1, HOSPITAL);
		// Again changes nothing.
		approved(1, HOSPITAL);
		assert_eq!(offer(1), view(1, HOSPITAL, true));
	});
}

#[test]
fn without_the_patients_approval_nothing_moves() {
	test(|| {
		anchored(1);
		let accept = |who| HealthRecords::accept_custody(signed(who), ADA, rid(1), vault());
		assert_noop!(accept(&HOSPITAL_GATEWAY), Refusal::NotOffered);
		offered(1, HOSPITAL);
		assert_noop!(accept(&HOSPITAL_GATEWAY), Refusal::NotPermitted);
		approved(1, HOSPITAL);
		assert_ok!(accept(&HOSPITAL_GATEWAY));
		assert_noop!(accept(&HOSPITAL_GATEWAY), Refusal::NotOffered);
	});
}

#[test]
fn only_whom_it_was_offered_to_accepts() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		for who in [CLINICIAN, PHARMACIST, PATIENT, RETIRED, STRANGER] {
			let accept = HealthRecords::accept_custody(signed(&who), ADA, rid(1), vault());
			assert_noop!(accept, Refusal::NotAuthorized);
		}
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::accept_custody(origin, ADA, rid(1), vault()), DispatchError::BadOrigin);
		}
		suspend(&HOSPITAL_GATEWAY);
		let accept = || HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault());
		assert_noop!(accept(), Refusal::NotAuthorized);
		// The hospital has lost its accreditation meanwhile.
		enrol(&HOSPITAL_GATEWAY, HOSPITAL, &[MemberRole::Clinician], &[OrgRole::Carrier]);
		assert_noop!(accept(), Refusal::NotAccredited);
		reinstate(&HOSPITAL_GATEWAY);
		assert_ok!(accept());
	});
}

#[test]
fn the_new_custodian_says_where_the_record_is() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		for wrong in [&b""[..], b"s3://a b", b"\xc3\xa9"] {
			let accept = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), locator(wrong));
			assert_noop!(accept, Refusal::InvalidLocator);
		}
	});
}

#[test]
fn each_of_the_three_ends_an_offer_even_when_it_was_approved() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		for who in [CLINICIAN, GATEWAY, HOSPITAL_GATEWAY, PATIENT, GUARDIAN] {
			hypothetically!({
				assert_ok!(HealthRecords::withdraw_offer(signed(&who), ADA, rid(1)));
				assert_eq!((last_event(), offer(1)), (ended(1, HOSPITAL), None));
				let accept = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault());
				assert_noop!(accept, Refusal::NotOffered);
			});
		}
	});
}

#[test]
fn nobody_else_ends_an_offer() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		suspend(&GATEWAY);
		for who in [GATEWAY, PHARMACIST, OTHER_PATIENT, PROXY, READER, STRANGER] {
			assert_noop!(HealthRecords::withdraw_offer(signed(&who), ADA, rid(1)), Refusal::NotAuthorized);
		}
		assert_noop!(HealthRecords::withdraw_offer(signed(&CLINICIAN), ADA, rid(2)), Refusal::NotOffered);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(HealthRecords::withdraw_offer(origin, ADA, rid(1)), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn an_offer_goes_with_the_version_that_was_offered() {
	test(|| {
		anchored(1);
		let change: [fn() -> DispatchResult; 3] = [
			|| HealthRecords::amend(signed(&CLINICIAN), ADA, input(1)),
			|| HealthRecords::enter_in_error(signed(&CLINICIAN), ADA, rid(1)),
			|| HealthRecords::shred(signed(&CLINICIAN), ADA, rid(1)),
		];
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		for change in change {
			hypothetically!({
				assert_ok!(change());
				assert_eq!(offer(1), None);
				assert!(events().contains(&ended(1, HOSPITAL)));
				let accept = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(1), vault());
				assert_noop!(accept, Refusal::NotOffered);
			});
		}
	});
}

#[test]
fn a_restriction_does_not_end_an_offer() {
	test(|| {
		anchored(1);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		assert_ok!(HealthRecords::restrict(signed(&PATIENT), ADA, rid(1)));
		assert_ok!(HealthRecords::lift_restriction(signed(&PATIENT), ADA, rid(1)));
		assert_eq!(offer(1), view(1, HOSPITAL, true));
	});
}

#[test]
fn an_offer_is_of_one_record_only() {
	test(|| {
		anchored(1);
		anchored(2);
		offered(1, HOSPITAL);
		approved(1, HOSPITAL);
		let accept = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), ADA, rid(2), vault());
		assert_noop!(accept, Refusal::NotOffered);
		let of_another = HealthRecords::accept_custody(signed(&HOSPITAL_GATEWAY), BEN, rid(1), vault());
		assert_noop!(of_another, Refusal::NotOffered);
	});
}
