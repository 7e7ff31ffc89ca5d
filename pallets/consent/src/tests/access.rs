//! The decision, on what is stored.

use super::*;
use crate::types::Concern;
use salus_primitives::{
	consent::{RecordStatus, Request, Standing},
	RecordId,
};

const RECORD: RecordId = RecordId([9; 32]);

fn anchor(resource: Resource, status: RecordStatus) {
	let mut anchored = Anchored::get();
	anchored.insert((P1, RECORD), (Resource { record: Some(RECORD), ..resource }, status));
	Anchored::set(&anchored);
}

fn read_record_by(actor: AccountId) -> Decision {
	Consent::check_access(AccessQuery { record: Some(RECORD), resource: None, ..query(actor) }).decision
}

#[test]
fn an_answer_tells_the_block_and_time_it_was_made_at() {
	run(|| {
		register_p1();
		System::set_block_number(42);
		set_time(NOW + HOUR);
		let answer = Consent::check_access(query(ALICE));
		assert_eq!((answer.block, answer.now), (42, NOW + HOUR));
		assert_eq!((answer.decision.reason, answer.decision.revision), (Reason::Patient, 1));
	});
}

#[test]
fn an_unknown_patient_is_refused_for_that() {
	run(|| {
		let answer = Consent::check_access(AccessQuery { patient: NOBODY, ..query(CHEN) });
		assert_eq!(answer.decision, Decision::refusal(Reason::UnknownPatient, 0));
		let request =
			Request { actor: CHEN, purpose: Purpose::Treat, action: Action::Access, resource: laboratory_result() };
		let decision = Consent::decide(&NOBODY, &request, RecordStatus::Active, NOW);
		assert_eq!(decision, Decision::refusal(Reason::UnknownPatient, 0));
	});
}

#[test]
fn an_unknown_record_is_refused_for_that() {
	run(|| {
		register_p1();
		let refused = Decision::refusal(Reason::UnknownRecord, 1);
		assert_eq!(read_record_by(ALICE), refused);
		// A description does not stand in for the record.
		let described = AccessQuery { record: Some(RECORD), ..query(ALICE) };
		assert_eq!(Consent::check_access(described).decision, refused);
		let about_nothing = AccessQuery { resource: None, ..query(ALICE) };
		assert_eq!(Consent::check_access(about_nothing).decision, refused);
	});
}

#[test]
fn what_is_known_of_a_record_comes_from_the_chain() {
	run(|| {
		register_p1();
		let root = Conditions { confidentiality: Some(Confidentiality::Normal), ..naming(&[ActorRef::Account(CHEN)]) };
		grant(consent(Effect::Permit, root));
		let secret = Resource { confidentiality: Some(Confidentiality::Restricted), ..laboratory_result() };
		anchor(secret, RecordStatus::Active);
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
		assert_eq!(read_record_by(CHEN).reason, Reason::NoConsent);
		// Neither beside the record nor by naming it can a description say otherwise.
		let beside = AccessQuery { record: Some(RECORD), ..query(CHEN) };
		assert_eq!(Consent::check_access(beside).decision.reason, Reason::NoConsent);
		let claimed = Resource { record: Some(RECORD), ..laboratory_result() };
		let naming = AccessQuery { resource: Some(claimed), ..query(CHEN) };
		assert_eq!(Consent::check_access(naming).decision.reason, Reason::NoConsent);
	});
}

#[test]
fn the_status_of_the_record_counts() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		for (status, to_clinician, to_patient) in [
			(RecordStatus::Active, Reason::Consent, Reason::Patient),
			(RecordStatus::Amended, Reason::Consent, Reason::Patient),
			(RecordStatus::Restricted, Reason::Restricted, Reason::Patient),
			(RecordStatus::EnteredInError, Reason::EnteredInError, Reason::EnteredInError),
			(RecordStatus::Shredded, Reason::Shredded, Reason::Shredded),
		] {
			anchor(laboratory_result(), status);
			assert_eq!((read_record_by(CHEN).reason, read_record_by(ALICE).reason), (to_clinician, to_patient));
		}
	});
}

#[test]
fn the_default_policy_needs_open_care() {
	run(|| {
		let policy = DefaultPolicy::NormalForTreatment;
		assert_ok!(Consent::register_patient(signed(ALICE), P1, policy, BreakGlass::Allowed));
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
		assert_ok!(open_care(HOSPITAL, CHEN, NOW + DAY));
		let decision = read_by(CHEN);
		assert_eq!((decision.reason, decision.valid_until), (Reason::DefaultPolicy, Some(NOW + DAY)));
		assert_eq!(read_by(DIAZ).reason, Reason::NoConsent, "care of another organisation");
		set_time(NOW + DAY);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
	});
}

#[test]
fn a_suspended_clinician_is_refused_though_named_by_account() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		assert!(read_by(CHEN).is_permit());
		suspend(&CHEN);
		assert_eq!(read_by(CHEN).reason, Reason::NotInStanding);
	});
}

#[test]
fn a_past_membership_does_not_bar_patients_from_their_own_records() {
	run(|| {
		register_p1();
		enlist(&ALICE, HOSPITAL, &[MemberRole::Clinician]);
		suspend(&ALICE);
		assert_eq!(read_by(ALICE).reason, Reason::Patient);
	});
}

#[test]
fn who_never_was_a_member_reads_by_account_only() {
	run(|| {
		register_p1();
		let root = naming(&[ActorRef::Org(HOSPITAL), ActorRef::Role(MemberRole::Clinician)]);
		grant(consent(Effect::Permit, root));
		assert_eq!((read_by(CHEN).reason, read_by(STRANGER).reason), (Reason::Consent, Reason::NoConsent));
		grant(treatment_by(STRANGER));
		assert_eq!(read_by(STRANGER).reason, Reason::Consent);
	});
}

#[test]
fn organisations_and_roles_are_matched_as_of_now() {
	run(|| {
		register_p1();
		grant(consent(Effect::Permit, naming(&[ActorRef::Org(CLINIC)])));
		grant(consent(Effect::Permit, naming(&[ActorRef::Role(MemberRole::Pharmacist)])));
		assert_eq!((read_by(CHEN).consent, read_by(DIAZ).consent), (None, Some(0)));
		enlist(&CHEN, CLINIC, &[MemberRole::Clinician]);
		assert_eq!(read_by(CHEN).consent, Some(0));
		enlist(&CHEN, HOSPITAL, &[MemberRole::Pharmacist]);
		assert_eq!(read_by(CHEN).consent, Some(1));
	});
}

#[test]
fn a_request_without_labels_gets_nothing_by_leaving_them_out() {
	run(|| {
		register_p1();
		let labelled = Conditions { labels: 0b100, ..Default::default() };
		let rules = [permit(naming(&[ActorRef::Account(CHEN)])), Rule { effect: Effect::Deny, ..permit(labelled) }];
		grant(with_rules(opt_out(), &rules));
		assert_eq!(read_by(CHEN).reason, Reason::Consent);
		let without = Resource { labels: None, ..laboratory_result() };
		let decision = Consent::check_access(AccessQuery { resource: Some(without), ..query(CHEN) }).decision;
		assert_eq!((decision.reason, decision.rule), (Reason::Denied, Some(1)));
	});
}

#[test]
fn a_custodian_that_requires_agreements_shares_with_others_under_agreements_only() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		grant(treatment_by(DIAZ));
		grant(treatment_by(STRANGER));
		assert_eq!(read_by(DIAZ).reason, Reason::Consent);
		admit(HOSPITAL, true);
		assert_eq!(read_by(DIAZ).reason, Reason::NoAgreement);
		assert_eq!(read_by(CHEN).reason, Reason::Consent, "of the custodian itself");
		assert_eq!(read_by(STRANGER).reason, Reason::Consent, "of no organisation");
	});
}

#[test]
fn a_custodian_that_is_not_known_is_taken_to_require_agreements() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		for custodian in [None, Some(NOWHERE)] {
			let resource = Resource { custodian, ..laboratory_result() };
			let asked = AccessQuery { resource: Some(resource), ..query(CHEN) };
			assert_eq!(Consent::check_access(asked).decision.reason, Reason::NoAgreement);
		}
	});
}

#[test]
fn a_record_that_the_patient_wrote_belongs_to_no_organisation() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		anchor(Resource { custodian: None, author: Some(ALICE), ..laboratory_result() }, RecordStatus::Active);
		assert_eq!(read_record_by(CHEN).reason, Reason::Consent);
	});
}

#[test]
fn emergency_access_is_refused_without_an_open_glass() {
	run(|| {
		register_p1();
		grant(consent(Effect::Permit, naming(&[ActorRef::Account(CHEN)])));
		let emergency = AccessQuery { purpose: Purpose::Btg, ..query(CHEN) };
		assert_eq!(Consent::check_access(emergency).decision.reason, Reason::NoBreakGlass);
	});
}

/// Accounts that share no bit with DIAZ, a clinician of CLINIC.
fn unlike_diaz() -> Vec<AccountId> {
	let diaz = Concern::of_actor(&DIAZ, &Standings::get()[&DIAZ]);
	(100..=255u8)
		.map(|byte| AccountId::new([byte; 32]))
		.filter(|who| !Concern::of_actor(who, &Standing::Never).intersects(diaz))
		.take(15)
		.collect()
}

#[test]
fn a_decision_reads_only_consents_that_can_concern_the_actor() {
	run(|| {
		register_p1();
		let others = unlike_diaz();
		for other in &others[..14] {
			grant(treatment_by(other.clone()));
		}
		let own = grant(treatment_by(DIAZ));
		hypothetically!({
			// Were one of these read, its absence would refuse.
			for id in 0..14 {
				Consents::<Test>::remove(P1, id);
			}
			assert_eq!(read_by(DIAZ).consent, Some(own));
		});
	});
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "an indexed consent is stored"))]
fn an_indexed_consent_that_is_missing_refuses() {
	new_test_ext().execute_with(|| {
		register_p1();
		let denial = grant(opt_out());
		grant(treatment_by(CHEN));
		Consents::<Test>::remove(P1, denial);
		assert_eq!(read_by(CHEN).reason, Reason::NoConsent);
	});
}

#[test]
fn a_part_that_names_nobody_concerns_everybody() {
	run(|| {
		register_p1();
		grant(treatment_by(CHEN));
		let denial = Rule { effect: Effect::Deny, ..permit(Conditions::default()) };
		grant(with_rules(treatment_by(STRANGER), &[denial]));
		assert_eq!(read_by(CHEN).reason, Reason::Denied);
		let entry = Patients::<Test>::get(P1).expect("P1 is registered");
		assert_eq!(entry.active[1].concern, Concern::EVERYBODY);
		assert_ne!(entry.active[0].concern, Concern::EVERYBODY);
	});
}

#[test]
fn other_pallets_are_told_what_each_question_weighs() {
	use crate::WeightInfo;
	use salus_primitives::traits::Directory;
	let directory =
		MockDirectory::standing_weight() + MockDirectory::organisation_weight() + MockDirectory::agreements_weight();
	assert_eq!(Consent::decide_weight(), <() as WeightInfo>::decide(16) + directory);
	assert!(Consent::decide_weight().all_gt(Consent::lookup_weight() + Consent::in_care_weight()));
	assert!(Consent::touch_weight().all_gte(Consent::lookup_weight()));
}
